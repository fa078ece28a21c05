//! What authors do: create, change, remove, commit; and what a test looks at afterwards.

use bihu::domain::{
    Change, Closure, Correction, DemandPoint, Division, Edit, Entry, Proposal, Resource, ResourceId, Revision,
    Revisions, Subject,
};
use bihu::store::{Batch, Committed, EntryQuery, Row, Store, StoreError};
use chrono::{DateTime, TimeZone, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Returns the birth of a resource.
pub fn create(resource: Resource) -> Proposal {
    propose(None, Some(resource), None)
}

/// Returns the change of a row into `after`.
pub fn change(row: &Row<Resource>, after: Resource) -> Proposal {
    propose(Some(row.value.clone()), Some(after), Some(row.revision))
}

/// Returns the removal of a row.
pub fn remove(row: &Row<Resource>) -> Proposal {
    propose(Some(row.value.clone()), None, Some(row.revision))
}

/// Returns any edit of a resource, consistent or not.
pub fn propose(before: Option<Arc<Resource>>, after: Option<Resource>, expected: Option<Revision>) -> Proposal {
    Proposal { change: Change::Resource(Edit { before, after: after.map(Arc::new) }), expected }
}

/// Returns the birth of a division.
pub fn create_division(division: Division) -> Proposal {
    Proposal { change: Change::Division(Edit { before: None, after: Some(Arc::new(division)) }), expected: None }
}

/// Returns the birth of a demand point.
pub fn create_demand(point: DemandPoint) -> Proposal {
    Proposal { change: Change::Demand(Edit { before: None, after: Some(Arc::new(point)) }), expected: None }
}

/// Returns a time that no clock is needed for.
pub fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 4, 0, 0).single().expect("a time")
}

/// Returns a batch without receipt.
pub fn batch(proposals: Vec<Proposal>) -> Batch {
    Batch {
        actor: "试验员 tester".to_owned(), at: noon(), reason: Some("试验".to_owned()), proposals, receipt: None
    }
}

/// Commits proposals as one batch.
pub async fn commit(store: &dyn Store, proposals: Vec<Proposal>) -> Result<Committed, StoreError> {
    store.commit(&batch(proposals), &|_| {}).await
}

/// Commits proposals that must be accepted.
pub async fn commit_all(store: &dyn Store, proposals: Vec<Proposal>) -> Committed {
    commit(store, proposals).await.expect("the batch is accepted")
}

/// Returns a resource's row.
pub async fn row(store: &dyn Store, id: &ResourceId) -> Option<Row<Resource>> {
    store.load(None).await.expect("tables load").resources.into_iter().find(|r| r.value.id == *id)
}

/// Returns a resource's row, which must be there.
pub async fn the_row(store: &dyn Store, id: &ResourceId) -> Row<Resource> {
    row(store, id).await.expect("the row is there")
}

/// Returns the whole journal.
pub async fn journal(store: &dyn Store) -> Vec<Entry> {
    store.entries(&EntryQuery::default(), usize::MAX).await.expect("the journal reads")
}

/// A value of any table, with the revisions of its row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A resource.
    Resource(Row<Resource>),
    /// A division.
    Division(Row<Division>),
    /// A demand point.
    Demand(Row<DemandPoint>),
    /// A report.
    Correction(Row<Correction>),
    /// A closure.
    Closure(Row<Closure>),
}

/// Everything that is now, by subject.
pub type Picture = BTreeMap<Subject, Value>;

/// Returns what the tables hold.
pub async fn picture(store: &dyn Store) -> (Revisions, Picture) {
    let loaded = store.load(None).await.expect("tables load");
    let resources = loaded.resources.into_iter().map(|r| (Subject::Resource(r.value.id.clone()), Value::Resource(r)));
    let divisions = loaded.divisions.into_iter().map(|r| (Subject::Division(r.value.code.clone()), Value::Division(r)));
    let demand = loaded.demand.into_iter().map(|r| (Subject::Demand(r.value.id.clone()), Value::Demand(r)));
    let reports =
        loaded.corrections.into_iter().map(|r| (Subject::Correction(r.value.id.clone()), Value::Correction(r)));
    let closures = loaded.closures.into_iter().map(|r| (Subject::Closure(r.value.id.clone()), Value::Closure(r)));
    (loaded.revisions, resources.chain(divisions).chain(demand).chain(reports).chain(closures).collect())
}

/// Returns what the journal says the tables should hold.
pub fn fold(entries: &[Entry]) -> (Revisions, Picture) {
    let mut picture = Picture::new();
    let mut revisions = Revisions::default();
    for entry in entries {
        revisions.all = entry.revision;
        let visible = entry.change.touches_public();
        if visible {
            revisions.public = entry.revision;
        }
        let subject = entry.change.subject().expect("an edit has a side");
        let before = picture.remove(&subject);
        if let Some(value) = follow(before.as_ref(), entry, visible) {
            picture.insert(subject, value);
        }
    }
    (revisions, picture)
}

fn follow(before: Option<&Value>, entry: &Entry, visible: bool) -> Option<Value> {
    let kept = match before {
        Some(Value::Resource(r)) => r.public_revision,
        Some(Value::Division(r)) => r.public_revision,
        Some(Value::Demand(r)) => r.public_revision,
        Some(Value::Correction(r)) => r.public_revision,
        Some(Value::Closure(r)) => r.public_revision,
        None => Revision(0),
    };
    let public_revision = if visible { entry.revision } else { kept };
    let revision = entry.revision;
    match &entry.change {
        Change::Resource(e) => e.after.clone().map(|value| Value::Resource(Row { revision, public_revision, value })),
        Change::Division(e) => e.after.clone().map(|value| Value::Division(Row { revision, public_revision, value })),
        Change::Demand(e) => e.after.clone().map(|value| Value::Demand(Row { revision, public_revision, value })),
        Change::Closure(e) => e.after.clone().map(|value| Value::Closure(Row { revision, public_revision, value })),
        Change::Correction(e) => {
            e.after.clone().map(|value| Value::Correction(Row { revision, public_revision, value }))
        }
    }
}

/// Commits what must be refused, checks that nothing at all was written, and returns the refusal.
pub async fn refuse(store: &dyn Store, batch: &Batch) -> StoreError {
    let (before, lines) = (picture(store).await, journal(store).await);
    let refusal = store.commit(batch, &|_| {}).await.expect_err("the batch is refused");
    assert_eq!(picture(store).await, before, "tables and counter are as they were");
    assert_eq!(journal(store).await, lines, "the journal is as it was");
    if let Some(receipt) = batch.receipt.as_ref().filter(|_| !matches!(refusal, StoreError::ReceiptTaken { .. })) {
        assert_eq!(store.receipt(&receipt.key).await.expect("receipts read"), None, "no receipt is kept");
    }
    refusal
}
