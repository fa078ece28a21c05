//! Promises about writing: durable together or not at all, never over somebody else's work.

use crate::acts::*;
use crate::ground::Ground;
use crate::samples::{self, hidden, shelter, with_detail};
use bihu::domain::{Change, Detail, Edit, Proposal, Resource, Revision, Site, Subject};
use bihu::store::{Row, Store, StoreError};
use std::sync::Arc;
use std::sync::Mutex;

/// A birth stands in the tables and in the journal, under the same number.
pub async fn a_created_resource_is_in_the_tables_and_in_the_journal(ground: &Ground) {
    let store = ground.open().await;
    let committed = commit_all(&*store, vec![create(shelter("a"))]).await;
    assert_eq!(committed.revisions.all, Revision(1));
    let row = the_row(&*store, &shelter("a").id).await;
    assert_eq!((row.revision, row.public_revision, &*row.value), (Revision(1), Revision(1), &shelter("a")));
    let journal = journal(&*store).await;
    assert_eq!(journal, committed.entries);
    assert_eq!((journal[0].actor.as_str(), journal[0].reason.as_deref()), ("试验员 tester", Some("试验")));
    assert_eq!((journal[0].at, journal[0].batch), (noon(), Revision(1)));
    assert_eq!(journal[0].change, create(shelter("a")).change);
}

/// A change replaces the row; the journal keeps both sides.
pub async fn a_changed_row_carries_the_revision_that_changed_it(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a")), create(shelter("b"))]).await;
    let before = the_row(&*store, &shelter("a").id).await;
    let after = Resource { address: Some("新址".to_owned()), ..shelter("a") };
    commit_all(&*store, vec![change(&before, after.clone())]).await;
    let row = the_row(&*store, &after.id).await;
    assert_eq!((row.revision, &*row.value), (Revision(3), &after));
    assert_eq!(the_row(&*store, &shelter("b").id).await.revision, Revision(2), "its neighbour is untouched");
    let Change::Resource(edit) = &journal(&*store).await[2].change else { panic!("a resource was changed") };
    assert_eq!((edit.before.as_deref(), edit.after.as_deref()), (Some(&shelter("a")), Some(&after)));
}

/// A removal takes the row and leaves its history; the same thing can be born again.
pub async fn a_deleted_row_is_gone_and_its_history_stays(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a"))]).await;
    let before = the_row(&*store, &shelter("a").id).await;
    commit_all(&*store, vec![remove(&before)]).await;
    assert_eq!(row(&*store, &shelter("a").id).await, None);
    assert_eq!(journal(&*store).await.len(), 2);
    commit_all(&*store, vec![create(shelter("a"))]).await;
    assert_eq!(the_row(&*store, &shelter("a").id).await.revision, Revision(3));
}

/// Divisions and demand points are kept like resources, in one batch with them.
pub async fn a_batch_may_hold_every_kind_of_subject(ground: &Ground) {
    let store = ground.open().await;
    let bare = samples::division("310117002", None);
    let drawn = samples::division("310117001", Some(samples::footprint()));
    let point = samples::demand("格网 1/2 '", 1234.567);
    let proposals = vec![
        create_division(bare.clone()),
        create(shelter("a")),
        create_demand(point.clone()),
        create_division(drawn.clone()),
    ];
    commit_all(&*store, proposals).await;
    let loaded = store.load(None).await.expect("tables load");
    let divisions: Vec<_> = loaded.divisions.iter().map(|r| (r.revision.0, (*r.value).clone())).collect();
    assert_eq!(divisions, [(4, drawn), (1, bare)], "in the order of their codes");
    assert_eq!((loaded.demand.len(), loaded.demand[0].revision), (1, Revision(3)));
    assert_eq!(*loaded.demand[0].value, point);
    assert_eq!(loaded.resources.len(), 1);
}

/// What is there already can not be born.
pub async fn a_birth_of_what_exists_is_refused(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a"))]).await;
    let refusal = refuse(&*store, &batch(vec![create(shelter("a"))])).await;
    assert_stale(&refusal, &shelter("a"), None, Some(Revision(1)));
}

/// Who looked at an old revision can neither change nor remove.
pub async fn a_change_and_a_removal_of_an_old_revision_are_refused(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a"))]).await;
    let old = the_row(&*store, &shelter("a").id).await;
    commit_all(&*store, vec![change(&old, hidden("a"))]).await;
    for late in [change(&old, shelter("a")), remove(&old)] {
        let refusal = refuse(&*store, &batch(vec![late])).await;
        assert_stale(&refusal, &shelter("a"), Some(Revision(1)), Some(Revision(2)));
    }
}

/// What is gone can neither be changed nor removed.
pub async fn a_change_and_a_removal_of_what_is_gone_are_refused(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a"))]).await;
    let old = the_row(&*store, &shelter("a").id).await;
    commit_all(&*store, vec![remove(&old)]).await;
    for late in [change(&old, hidden("a")), remove(&old)] {
        let refusal = refuse(&*store, &batch(vec![late])).await;
        assert_stale(&refusal, &shelter("a"), Some(Revision(1)), None);
    }
}

fn assert_stale(error: &StoreError, about: &Resource, looked_at: Option<Revision>, there: Option<Revision>) {
    let StoreError::Stale { subject, expected, found } = error else { panic!("not stale but {error}") };
    assert_eq!((subject, *expected, *found), (&Subject::Resource(about.id.clone()), looked_at, there));
}

/// One bad proposal, wherever it stands and whatever is wrong with it, and nothing of the batch is written.
pub async fn one_bad_proposal_in_the_middle_undoes_the_whole_batch(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a")), create(shelter("b")), create(shelter("c"))]).await;
    let (a, b) = (the_row(&*store, &shelter("a").id).await, the_row(&*store, &shelter("b").id).await);
    let stale = Row { revision: Revision(7), ..b };
    let twin = Resource { id: shelter("twin").id, ..shelter("c") };
    for bad in [change(&stale, hidden("b")), remove(&stale), create(shelter("b")), create(twin)] {
        let mut proposals = vec![change(&a, hidden("a"))];
        proposals.extend((0..1500).map(|i| create(shelter(&format!("x{i}")))));
        proposals.insert(1200, bad);
        refuse(&*store, &batch(proposals)).await;
    }
}

/// Two resources of one kind never share a code; two of different kinds may.
pub async fn a_code_is_unique_within_its_kind(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a")), create(shelter("b"))]).await;
    let twin = Resource { id: shelter("twin").id, ..shelter("a") };
    let b = the_row(&*store, &shelter("b").id).await;
    let renamed = Resource { code: "a".to_owned(), ..shelter("b") };
    for taken in [create(twin), change(&b, renamed)] {
        let refusal = refuse(&*store, &batch(vec![taken])).await;
        assert!(matches!(&refusal, StoreError::CodeTaken { code } if code == "a"), "{refusal}");
    }
    let site = with_detail(shelter("a"), Detail::Site(Site::default()));
    commit_all(&*store, vec![create(site)]).await;
}

/// What counts is the state after the batch: codes may be swapped, and a freed code given away, in any order.
pub async fn codes_can_change_hands_within_a_batch(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a")), create(shelter("b")), create(shelter("c"))]).await;
    let id = |code| shelter(code).id;
    let (a, b, c) =
        (the_row(&*store, &id("a")).await, the_row(&*store, &id("b")).await, the_row(&*store, &id("c")).await);
    let heir = Resource { id: id("heir"), ..shelter("c") };
    let swap = vec![
        change(&a, Resource { code: "b".to_owned(), ..shelter("a") }),
        change(&b, Resource { code: "a".to_owned(), ..shelter("b") }),
        create(heir),
        remove(&c),
    ];
    commit_all(&*store, swap).await;
    assert_eq!(the_row(&*store, &id("a")).await.value.code, "b");
    assert_eq!(the_row(&*store, &id("b")).await.value.code, "a");
    assert_eq!(the_row(&*store, &id("heir")).await.value.code, "c");
}

/// A batch that contradicts itself, or that could not be read back, is refused before anything is touched.
pub async fn a_batch_that_breaks_its_own_promises_is_refused(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a"))]).await;
    let a = the_row(&*store, &shelter("a").id).await;
    let nothing = Proposal { change: Change::Resource(Edit { before: None, after: None }), expected: None };
    let two_names = propose(Some(Arc::new(shelter("a"))), Some(shelter("b")), Some(Revision(1)));
    let no_look = propose(Some(Arc::new(shelter("a"))), Some(hidden("a")), None);
    let mut endless = samples::every_kind().remove(0);
    endless.place.footprint.as_mut().expect("a footprint").0[0].exterior_mut(|ring| ring.0[1].x = f64::NAN);
    let cases = [
        ("no change", vec![]),
        ("sides are empty", vec![nothing]),
        ("different things", vec![two_names]),
        ("go together", vec![no_look]),
        ("twice", vec![change(&a, hidden("a")), remove(&a)]),
        ("not finite", vec![create(endless)]),
    ];
    for (reason, proposals) in cases {
        let refusal = refuse(&*store, &batch(proposals)).await;
        let said = refusal.to_string();
        assert!(matches!(refusal, StoreError::Refused { .. }) && said.contains(reason), "{reason}: {said}");
    }
}

/// A batch of many statements keeps its order, reports its progress upwards and ends with the whole.
pub async fn a_large_batch_keeps_its_order_and_tells_its_progress(ground: &Ground) {
    let store = ground.open().await;
    let proposals: Vec<_> = (0..2500).map(|i| create(shelter(&format!("{:04}", (i * 7) % 2500)))).collect();
    let told = Mutex::new(Vec::new());
    let committed = store
        .commit(&batch(proposals.clone()), &|n| told.lock().expect("not poisoned").push(n))
        .await
        .expect("the batch is accepted");
    let told = told.into_inner().expect("not poisoned");
    assert!(told.len() > 2 && told.is_sorted() && told.last() == Some(&2500), "{told:?}");
    let journal = journal(&*store).await;
    assert_eq!(journal, committed.entries);
    assert!(journal.iter().zip(&proposals).all(|(entry, proposal)| entry.change == proposal.change));
    assert!(journal.iter().all(|entry| entry.batch == Revision(1)));
    assert_eq!(store.load(None).await.expect("tables load").resources.len(), 2500);
}

/// Eight writers in two processes: every acknowledged number is in the journal, once, without gaps.
pub async fn eight_writers_leave_no_gap(ground: &Ground) {
    const ROUNDS: usize = 8;
    let stores = [ground.open().await, ground.open().await];
    commit_all(&*stores[0], vec![create(shelter("shared"))]).await;
    let writers = (0..8).map(|w| tokio::spawn(write_rounds(stores[w % 2].clone(), w, ROUNDS)));
    let mut acknowledged = vec![1];
    for writer in futures::future::join_all(writers).await {
        acknowledged.extend(writer.expect("the writer lives"));
    }
    acknowledged.sort_unstable();
    let numbers: Vec<u64> = journal(&*stores[1]).await.iter().map(|e| e.revision.0).collect();
    assert_eq!(numbers, (1..=1 + 8 * 2 * ROUNDS as u64).collect::<Vec<_>>());
    assert_eq!(acknowledged, numbers);
    assert_eq!(fold(&journal(&*stores[0]).await), picture(&*stores[0]).await);
}

/// Writes two things in each round, trying again when it comes too late. Two of the writers change the shared shelter;
/// the others touch only what is theirs, so that nothing but the counter stands between them.
async fn write_rounds(store: Arc<dyn Store>, writer: usize, rounds: usize) -> Vec<u64> {
    let mut numbers = Vec::new();
    for round in 0..rounds {
        loop {
            let own = create(shelter(&format!("{writer}-{round}")));
            let other = if writer < 2 {
                let shared = the_row(&*store, &shelter("shared").id).await;
                let after = Resource { remarks: Some(format!("{writer}/{round}")), ..shelter("shared") };
                change(&shared, after)
            } else {
                create(shelter(&format!("{writer}-{round}-second")))
            };
            match commit(&*store, vec![own, other]).await {
                Ok(done) => break numbers.extend(done.entries.iter().map(|e| e.revision.0)),
                Err(StoreError::Stale { .. }) => tokio::task::yield_now().await,
                Err(other) => panic!("writer {writer}: {other}"),
            }
        }
    }
    numbers
}
