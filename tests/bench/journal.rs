//! A journal of 100,000 lines: turning its pages, the past, and the way back, on a store in a file and, when
//! `BIHU_BENCH_POSTGRES` names an empty database, on PostgreSQL.

use crate::dice::Dice;
use crate::ground::{self, Known};
use crate::stopwatch::time;
use bihu::domain::*;
use bihu::service::App;
use bihu::service::history::{Filter, Moment, Undo, batches, entries, undo};
use bihu::store::{Batch, Store};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::time::Instant;

/// Lines of the first import, of single edits in acts of ten, and of the second import.
const FIRST: usize = 10_000;
const EDITS: usize = 10_000;
const SECOND: usize = 80_000;

fn begin() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn end() -> DateTime<Utc> {
    begin() + TimeDelta::days(100)
}

/// Prints what looking back and taking back cost.
pub fn of_a_hundred_thousand(rounds: usize) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let mut addresses = vec![("sqlite", format!("sqlite:{}", folder.path().join("store.db").display()))];
    addresses.extend(std::env::var("BIHU_BENCH_POSTGRES").ok().map(|url| ("postgres", url)));
    for (name, address) in addresses {
        println!("journal: {} lines on {name}", FIRST + EDITS + SECOND);
        let store = runtime.block_on(bihu::store::open(&address)).expect("a store");
        if runtime.block_on(store.revisions()).expect("the counter").all.0 > 0 {
            println!("  the database is not empty: name another");
            continue;
        }
        let began = Instant::now();
        runtime.block_on(fill(&*store));
        println!("  written in {:.1} s", began.elapsed().as_secs_f64());
        let app = runtime.block_on(App::open(store, end)).expect("an app");
        look_back(&runtime, &app, rounds);
        take_back(&runtime, &app);
    }
}

async fn fill(store: &dyn Store) {
    let all = ground::shelters(&mut Dice::new(0xBE_AC5), FIRST + SECOND, Known::Everything);
    let mut hours = 0;
    let mut commit = async |proposals: Vec<Proposal>, actor: &str| {
        hours += 1;
        let at = begin() + TimeDelta::hours(hours);
        let batch = Batch { actor: actor.to_owned(), at, reason: Some("试验".to_owned()), proposals, receipt: None };
        store.commit(&batch, &|_| {}).await.expect("a commit")
    };
    let born = |resource: &Resource| Proposal {
        change: Change::Resource(Edit { before: None, after: Some(Arc::new(resource.clone())) }),
        expected: None,
    };
    let first = commit(all[..FIRST].iter().map(born).collect(), "import").await;
    let mut rows: Vec<(Revision, Arc<Resource>)> = first
        .entries
        .into_iter()
        .filter_map(|entry| match entry.change {
            Change::Resource(edit) => Some((entry.revision, edit.after?)),
            _ => None,
        })
        .collect();
    for act in 0..EDITS / 10 {
        let from = act * 10 % FIRST;
        let proposals = rows[from..from + 10]
            .iter()
            .map(|(revision, before)| {
                let after = Arc::new(Resource { remarks: Some(format!("第 {act} 次")), ..(**before).clone() });
                let change = Change::Resource(Edit { before: Some(before.clone()), after: Some(after) });
                Proposal { change, expected: Some(*revision) }
            })
            .collect();
        let done = commit(proposals, if act % 10 == 0 { "甲" } else { "乙" }).await;
        for (row, entry) in rows[from..].iter_mut().zip(done.entries) {
            if let Change::Resource(Edit { after: Some(after), .. }) = entry.change {
                *row = (entry.revision, after);
            }
        }
    }
    commit(all[FIRST..].iter().map(born).collect(), "import").await;
}

fn look_back(runtime: &tokio::runtime::Runtime, app: &Arc<App>, rounds: usize) {
    let staff = Actor { name: "bench".to_owned(), role: Role::Admin, scope: None };
    let one = ground::shelters(&mut Dice::new(0xBE_AC5), 1, Known::Everything).remove(0).id;
    let times = Filter {
        from: Some(begin() + TimeDelta::days(10)),
        until: Some(begin() + TimeDelta::days(20)),
        ..Filter::default()
    };
    let asked = [
        ("50 newest lines", Filter::default()),
        ("50 lines from the middle on", Filter { before: Some(Revision(15_000)), ..Filter::default() }),
        ("one resource", Filter { resource: Some(one), ..Filter::default() }),
        ("50 lines of one author", Filter { actor: Some("甲".to_owned()), ..Filter::default() }),
        ("50 lines between two times", times),
    ];
    for (what, filter) in &asked {
        time(rounds, || drop(runtime.block_on(entries(app, &staff, filter, 50)).expect("entries")))
            .print(&format!("history: {what}"), 1);
    }
    for (what, filter) in [&asked[0], &asked[3], &asked[4]] {
        time(rounds, || drop(runtime.block_on(batches(app, &staff, filter, 50)).expect("batches")))
            .print(&format!("duty log: {}", what.replace("lines", "acts")), 1);
    }
    let mut back = (FIRST + EDITS + SECOND) as u64;
    time(rounds, || {
        back -= 1000;
        drop(runtime.block_on(app.world_as_of(Revision(back))).expect("a world"));
    })
    .print("as_of: a world of up to 90,000 that is not kept", 1);
    let kept = Revision(back);
    time(rounds, || drop(runtime.block_on(app.world_as_of(kept)).expect("a world")))
        .print("as_of: one that is kept", 1);
    let moment = Some(Moment::Time(begin() + TimeDelta::hours(500)));
    time(rounds, || drop(runtime.block_on(app.view(Audience::Staff, moment)).expect("a view")))
        .print("as_of: a time whose world is kept", 1);
}

fn take_back(runtime: &tokio::runtime::Runtime, app: &Arc<App>) {
    let staff = Actor { name: "bench".to_owned(), role: Role::Admin, scope: None };
    let act = |what: &str, batch: u64| {
        let began = Instant::now();
        let done = runtime.block_on(undo(app.clone(), staff.clone(), Undo::of(Revision(batch))));
        let said =
            done.map_or_else(|refused| format!("refused: {}", refused.to_string().len()), |d| d.entries.to_string());
        println!("  undo: {what:<52} {:>11.2} s   ({said})", began.elapsed().as_secs_f64());
    };
    act("an act of ten", (FIRST + EDITS - 9) as u64);
    act("an import of 10,000 whose rows were changed since", 1);
    act("an import of 80,000", (FIRST + EDITS + 1) as u64);
    act("that undo", (FIRST + EDITS + SECOND + 11) as u64);
}
