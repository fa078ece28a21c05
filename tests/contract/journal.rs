//! Promises about the journal: read in order, folded to the present, silent to the public about what is not public.

use crate::acts::*;
use crate::dice::Dice;
use crate::ground::Ground;
use crate::samples::{self, contact, hidden, shelter};
use bihu::domain::{Proposal, Resource, Revision};
use bihu::store::{EntryQuery, Row, Store};

/// A follower reads from where it stands, as much as it asks for.
pub async fn entries_come_in_order_after_a_revision_up_to_a_limit(ground: &Ground) {
    let store = ground.open().await;
    for i in 0..5 {
        commit_all(&*store, vec![create(shelter(&format!("{i}a"))), create(shelter(&format!("{i}b")))]).await;
    }
    let numbers = async |after, limit| -> Vec<u64> {
        let entries = store.entries(&EntryQuery::after(Revision(after)), limit).await.expect("the journal reads");
        entries.iter().map(|e| e.revision.0).collect()
    };
    assert_eq!(numbers(0, 100).await, (1..=10).collect::<Vec<_>>());
    assert_eq!(numbers(3, 4).await, [4, 5, 6, 7]);
    assert_eq!(numbers(9, 100).await, [10]);
    assert!(numbers(10, 100).await.is_empty() && numbers(99, 1).await.is_empty() && numbers(0, 0).await.is_empty());
    let batches: Vec<u64> = journal(&*store).await.iter().map(|e| e.batch.0).collect();
    assert_eq!(batches, [1, 1, 3, 3, 5, 5, 7, 7, 9, 9]);
}

/// What the public can not see moves no public number.
pub async fn a_hidden_change_leaves_the_public_revision_alone(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("open"))]).await;
    assert_eq!(public(&*store, "open").await, (1, 1));
    commit_all(&*store, vec![create(hidden("secret"))]).await;
    assert_eq!(public(&*store, "secret").await, (1, 0));
    amend(&*store, "secret", |r| r.address = Some("内部".to_owned())).await;
    assert_eq!(public(&*store, "secret").await, (1, 0));
    amend(&*store, "open", |r| r.contacts = vec![contact("1")]).await;
    amend(&*store, "open", |r| r.remarks = Some("内部".to_owned())).await;
    assert_eq!(public(&*store, "open").await, (1, 1));
    assert_eq!(store.revisions().await.expect("the counter reads").all, Revision(5));
    amend(&*store, "open", |r| r.address = Some("公开".to_owned())).await;
    assert_eq!(public(&*store, "open").await, (6, 6));
}

/// Hiding and showing are differences that the public sees; removing what it never saw is not.
pub async fn hiding_and_showing_move_the_public_revision(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a")), create(hidden("b"))]).await;
    assert_eq!(store.revisions().await.expect("the counter reads").public, Revision(1));
    amend(&*store, "a", |r| *r = hidden("a")).await;
    assert_eq!(public(&*store, "a").await, (3, 3));
    amend(&*store, "a", |r| r.source = Some("内部".to_owned())).await;
    assert_eq!(public(&*store, "a").await, (3, 3));
    amend(&*store, "b", |r| *r = shelter("b")).await;
    assert_eq!(public(&*store, "b").await, (5, 5));
    let a = the_row(&*store, &shelter("a").id).await;
    commit_all(&*store, vec![remove(&a)]).await;
    assert_eq!(store.revisions().await.expect("the counter reads").public, Revision(5));
}

/// Returns the public revision of the counter and of one row.
async fn public(store: &dyn Store, code: &str) -> (u64, u64) {
    let loaded = store.load(None).await.expect("tables load");
    assert_eq!(loaded.revisions, store.revisions().await.expect("the counter reads"));
    let row = loaded.resources.iter().find(|r| r.value.code == code).expect("the row is there");
    (loaded.revisions.public.0, row.public_revision.0)
}

async fn amend(store: &dyn Store, code: &str, edit: impl Fn(&mut Resource)) {
    let row = the_row(store, &shelter(code).id).await;
    let mut after = (*row.value).clone();
    edit(&mut after);
    commit_all(store, vec![change(&row, after)]).await;
}

/// After any run of births, changes, removals and refusals, the journal folds to what the tables hold.
pub async fn the_journal_folds_to_the_tables(ground: &Ground) {
    let mut dice = Dice::thrown("the_journal_folds_to_the_tables");
    let store = ground.open().await;
    let mut refused = 0;
    for _ in 0..60 {
        let rows = store.load(None).await.expect("tables load").resources;
        let proposals = random_batch(&mut dice, &rows);
        refused += usize::from(commit(&*store, proposals).await.is_err());
    }
    let entries = journal(&*store).await;
    println!("{} entries, {refused} batches refused", entries.len());
    assert!(entries.len() > 60, "most rounds write");
    assert_eq!(fold(&entries), picture(&*store).await);
    let again = ground.open().await;
    assert_eq!(fold(&entries), picture(&*again).await, "and another process sees the same");
}

fn random_batch(dice: &mut Dice, rows: &[Row<Resource>]) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = Vec::new();
    for _ in 0..=dice.below(8) {
        let drawn = samples::random(dice, 12);
        let proposal = match rows.iter().find(|r| r.value.id == drawn.id) {
            None => create(drawn),
            Some(row) if dice.once_in(3) => remove(row),
            Some(row) if dice.once_in(25) => {
                change(&Row { revision: Revision(row.revision.0 + 1), ..row.clone() }, drawn)
            }
            Some(row) => change(row, drawn),
        };
        if proposals.iter().all(|p| p.change.subject() != proposal.change.subject()) {
            proposals.push(proposal);
        }
    }
    if dice.once_in(5) {
        proposals.push(create_demand(samples::demand(&dice.bits().to_string(), dice.between(0.0, 9999.0))));
    }
    proposals
}
