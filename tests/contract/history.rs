//! Promises about looking back and taking back, kept on both stores.

use crate::acts::{batch, change, commit, commit_all, create, journal, noon, remove, the_row};
use crate::dice::Dice;
use crate::ground::Ground;
use crate::samples::{contact, hidden, shelter};
use crate::worlds::random_batch;
use bihu::domain::*;
use bihu::service::corrections::{Answer, NewReport, Verdict, answer, look_up, photo_of, report};
use bihu::service::edit::Precondition;
use bihu::service::history::{Filter, Undo, batches, entries, undo};
use bihu::service::{App, Error};
use bihu::store::Batch;
use bihu::world::World;
use chrono::TimeDelta;
use std::collections::BTreeMap;

fn chief() -> Actor {
    Actor { name: "chief".to_owned(), role: Role::Admin, scope: None }
}

/// Everything that a world holds, without the revisions that wrote it.
fn content(world: &World) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    all.extend(world.resources().map(|row| (format!("r {}", row.value.id), format!("{:?}", row.value))));
    all.extend(world.divisions().map(|row| (format!("d {}", row.value.code), format!("{:?}", row.value))));
    all.extend(world.demand().map(|row| (format!("p {}", row.value.id.0), format!("{:?}", row.value))));
    // Whether the public knew of its place is said anew by each write of a report.
    let report = |row: &Correction| format!("{:?}", Correction { hidden: false, ..row.clone() });
    all.extend(world.corrections().map(|row| (format!("c {}", row.value.id), report(&row.value))));
    all
}

/// A random history is looked back into at every revision; the world there is the journal folded so far, for staff and,
/// without what is hidden then or now, for the public.
pub async fn as_of_equals_the_journal_folded_to_that_revision(ground: &Ground) {
    let mut dice = Dice::thrown("as_of_equals_the_journal_folded_to_that_revision");
    let store = ground.open().await;
    for _ in 0..40 {
        let tables = store.load(None).await.expect("tables load");
        let _ = commit(&*store, random_batch(&mut dice, &tables)).await;
    }
    let app = App::open(ground.open().await, noon).await.expect("an app");
    let lines = journal(&*store).await;
    let mut folded = World::empty();
    for line in &lines {
        folded = folded.apply(std::slice::from_ref(line)).expect("entries follow one another");
        let revision = line.revision;
        let looked = app.world_as_of(revision).await.expect("a world");
        assert!(looked.same_content(&folded), "as of {revision}");
        assert_eq!(looked.settled(), folded.settled());
        let public = looked.as_public_in(&app.world());
        for row in looked.resources() {
            let now = app.world().resource(&row.value.id).is_some_and(|row| row.value.is_public());
            let told = public.resource_for(Audience::Public, &row.value.id).is_some();
            assert_eq!(told, now && row.value.is_public(), "{} as of {revision}", row.value.id);
        }
        let near = public.walk(LonLat::clamped(121.2, 31.0)).count();
        assert_eq!(near, public.resources().count(), "the index holds what the tables hold");
    }
    assert!(lines.len() > 60, "{} lines", lines.len());
}

/// Whatever a batch did, its undo leaves the content as it was before, and the undo of that as it was after.
pub async fn an_undo_leaves_everything_as_it_was_before_the_batch(ground: &Ground) {
    let mut dice = Dice::thrown("an_undo_leaves_everything_as_it_was_before_the_batch");
    let store = ground.open().await;
    let app = App::open(ground.open().await, noon).await.expect("an app");
    let mut taken_back = 0;
    for _ in 0..30 {
        let tables = store.load(None).await.expect("tables load");
        let before = content(&app.world());
        let Ok(committed) = commit(&*store, random_batch(&mut dice, &tables)).await else { continue };
        app.refresh().await.expect("the journal reads");
        let after = content(&app.world());
        let first = committed.entries[0].revision;
        if dice.once_in(3) {
            continue;
        }
        let undone = undo(app.clone(), chief(), Undo::of(first)).await.expect("an undo");
        assert_eq!(content(&app.world()), before);
        assert_eq!(undone.entries as usize, committed.entries.len());
        let redone = undo(app.clone(), chief(), Undo::of(undone.batch)).await.expect("an undo of an undo");
        assert_eq!(content(&app.world()), after);
        if dice.once_in(2) {
            undo(app.clone(), chief(), Undo::of(redone.batch)).await.expect("once more");
            assert_eq!(content(&app.world()), before);
        }
        taken_back += 1;
    }
    assert!(taken_back > 5, "{taken_back}");
    let loaded = World::from_tables(store.load(None).await.expect("tables load"));
    assert!(app.world().same_content(&loaded), "and the tables hold the same");
}

/// Codes are unique; that they are handed round in a batch must not keep it from being taken back.
pub async fn a_batch_in_which_codes_changed_hands_is_taken_back(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a")), create(shelter("b"))]).await;
    let (a, b) = (the_row(&*store, &shelter("a").id).await, the_row(&*store, &shelter("b").id).await);
    let with_code = |row: &bihu::store::Row<Resource>, code: &str| {
        change(row, Resource { code: code.to_owned(), ..(*row.value).clone() })
    };
    commit_all(&*store, vec![with_code(&a, "b"), with_code(&b, "a")]).await;
    let app = App::open(ground.open().await, noon).await.expect("an app");
    undo(app.clone(), chief(), Undo::of(Revision(3))).await.expect("an undo");
    assert_eq!(app.world().by_code(Kind::Shelter, "a").map(|row| row.value.id.clone()), Some(shelter("a").id));
    let a = the_row(&*store, &shelter("a").id).await;
    commit_all(&*store, vec![remove(&a)]).await;
    let taken = Resource { id: ResourceId::parse("other").expect("an id"), ..shelter("a") };
    commit_all(&*store, vec![create(taken)]).await;
    let refused = undo(app, chief(), Undo::of(Revision(7))).await.expect_err("its code is another's now");
    assert!(matches!(refused, Error::Conflict { .. }), "{refused}");
}

/// A process that has not heard yet looks before it takes back.
pub async fn what_another_process_changed_since_stands_in_the_way_of_an_undo(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a")), create(hidden("b"))]).await;
    let app = App::open(ground.open().await, noon).await.expect("an app");
    let row = the_row(&*store, &shelter("a").id).await;
    let after = Resource { contacts: vec![contact("1")], ..(*row.value).clone() };
    commit_all(&*store, vec![change(&row, after)]).await;
    let lines = journal(&*store).await.len();
    let refused = undo(app.clone(), chief(), Undo::of(Revision(1))).await.expect_err("it was changed");
    let Error::Overtaken(since) = refused else { panic!("{refused}") };
    assert_eq!(since.iter().map(|v| v.field.as_str()).collect::<Vec<_>>(), [shelter("a").id.as_str()]);
    assert_eq!(journal(&*store).await.len(), lines, "nothing was written");
    let row = the_row(&*store, &shelter("a").id).await;
    commit_all(&*store, vec![change(&row, shelter("a"))]).await;
    undo(app.clone(), chief(), Undo::of(Revision(1))).await.expect("it is as it was left");
    assert!(app.world().is_empty());
}

/// Batches by author and time, newest first, each with its length.
pub async fn the_duty_log_finds_batches_by_actor_and_time(ground: &Ground) {
    let store = ground.open().await;
    for n in 0..12 {
        let proposals = (0..=n % 3).map(|i| create(shelter(&format!("{n}-{i}")))).collect();
        let actor = if n % 4 == 0 { "甲" } else { "乙" };
        let given = Batch { actor: actor.to_owned(), at: noon() + TimeDelta::hours(n), ..batch(proposals) };
        store.commit(&given, &|_| {}).await.expect("a commit");
    }
    let app = App::open(ground.open().await, || noon() + TimeDelta::days(9)).await.expect("an app");
    let chief = chief();
    let all = batches(&app, &chief, &Filter::default(), 100).await.expect("batches");
    let lengths: Vec<u64> = all.items.iter().map(|b| b.last.0 - b.head.revision.0 + 1).collect();
    assert_eq!(lengths, [3, 2, 1, 3, 2, 1, 3, 2, 1, 3, 2, 1]);
    let by = Filter { actor: Some("甲".to_owned()), ..Filter::default() };
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = batches(&app, &chief, &Filter { before, ..by.clone() }, 2).await.expect("batches");
        seen.extend(page.items.iter().map(|b| b.head.at));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [8, 4, 0].map(|n| noon() + TimeDelta::hours(n)));
    let (from, until) = (Some(noon() + TimeDelta::hours(3)), Some(noon() + TimeDelta::hours(5)));
    let between = Filter { from, until, ..Filter::default() };
    let found = batches(&app, &chief, &between, 100).await.expect("batches");
    assert_eq!(found.items.len(), 3, "both ends belong to it");
    let lines = entries(&app, &chief, &between, 100).await.expect("entries");
    assert_eq!(lines.items.len(), 6);
    let refused = entries(&app, &Actor::public(), &between, 100).await.expect_err("not for the public");
    assert!(matches!(refused, Error::Unsigned { .. }));
}

/// A report is in the journal, its photograph in a record, and both are there for the next process.
pub async fn a_report_its_photograph_and_its_answer_survive_a_restart(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a"))]).await;
    let app = App::open(ground.open().await, noon).await.expect("an app");
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x04\0\0\0\x04\x08\x02\0\0\0CRC!\0\0\0\x01IDATxCRC!\0\0\0\0IEND\xae\x42\x60\x82";
    let new = NewReport {
        resource: shelter("a").id,
        fault: Fault::Closed,
        message: "关了 \u{1f512}".to_owned(),
        position: None,
        contact: Some("甲".to_owned()),
        photo: Some(png.to_vec()),
    };
    let receipt = report(app, Actor::public(), "one".to_owned(), new).await.expect("a receipt");
    assert_eq!(receipt.due_at, noon() + TimeDelta::days(1));
    let next = App::open(ground.open().await, noon).await.expect("an app");
    let found = look_up(&next, &Actor::public(), "one", receipt.id.as_str()).expect("a report");
    assert_eq!(
        (found.report.value.message.as_str(), found.report.value.state),
        ("关了 \u{1f512}", CorrectionState::Open)
    );
    let (media, bytes) = photo_of(&next, &chief(), receipt.id.as_str()).await.expect("a photograph");
    assert_eq!((media.as_str(), bytes), ("image/png", png.to_vec()));
    let mut patch = serde_json::Map::new();
    patch.insert("status".to_owned(), "closed".into());
    let reply = Answer {
        receipt: receipt.id.to_string(),
        verdict: Verdict::Accepted,
        reply: "谢谢".to_owned(),
        patch: Some(patch),
        precondition: Precondition::Absent,
    };
    answer(next, chief(), reply).await.expect("an answer");
    let last = App::open(ground.open().await, noon).await.expect("an app");
    let found = look_up(&last, &Actor::public(), "one", receipt.id.as_str()).expect("a report");
    assert_eq!(found.report.value.reply.as_deref(), Some("谢谢"));
    let status = last.world().resource(&shelter("a").id).and_then(|row| row.value.shelter().and_then(|s| s.status));
    assert_eq!(status, Some(Status::Closed));
}
