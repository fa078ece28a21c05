//! History: who changed what, when, from what to what and why; the past as it was; and the way back.
//!
//! The journal is the history: nothing here keeps a second one. Looking back reads it, undo and restore add to it.
//! Invariants: nothing that was written is unwritten; the public is not told the journal, and of the past only what it
//! may know then and now.

mod browse;
mod diff;
mod past;
mod undo;

pub use browse::{Batch, Filter, LIMIT_MAX, Line, Operations, Page, batches, entries};
pub use diff::{FieldChange, Op};
pub use past::{Moment, Past, View, WORLDS_KEPT};
pub use undo::{Undo, Undone, undo};

pub(super) use past::Archive;

use super::{App, Error};
use crate::domain::{Change, Entry, Resource, ResourceId, Revision, Subject, Violation};
use crate::store::EntryQuery;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Returns a resource as it was right after a revision.
pub(super) async fn value_at(app: &App, id: &ResourceId, revision: Revision) -> Result<Arc<Resource>, Error> {
    let last = app.world().revisions().all;
    if revision.0 == 0 || revision > last {
        return Err(Error::invalid(Violation::out_of_range("revision", &revision.to_string(), &format!("1…{last}"))));
    }
    let query = EntryQuery {
        up_to: Some(revision),
        subject: Some(Subject::Resource(id.clone())),
        newest_first: true,
        ..EntryQuery::default()
    };
    let entry = app.store.entries(&query, 1).await?.into_iter().next();
    let was = entry.and_then(|entry| match entry.change {
        Change::Resource(edit) => edit.after,
        _ => None,
    });
    was.ok_or_else(|| {
        Error::invalid(Violation::new(
            "revision",
            "was_not_there",
            format!("{id} 在第 {revision} 修订时不存在；请在历史中另选一个"),
            format!("{id} was not there at revision {revision}: choose another from its history"),
        ))
    })
}

/// Returns the newest revision that was committed at or before a time; 0 when there is none.
///
/// The journal is in order of time but for the clocks of several processes, which may differ by moments; where they do,
/// its order is the truth. So the place is found by halving, in some twenty looks, however long the journal is.
pub(super) async fn revision_at(app: &App, at: DateTime<Utc>) -> Result<Revision, Error> {
    let (mut low, mut high) = (0, app.world().revisions().all.0);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        match entry(app, Revision(middle)).await? {
            Some(entry) if entry.at <= at => low = middle,
            _ => high = middle - 1,
        }
    }
    Ok(Revision(low))
}

/// Returns one line of the journal.
pub(super) async fn entry(app: &App, revision: Revision) -> Result<Option<Entry>, Error> {
    let query =
        EntryQuery { after: Revision(revision.0.saturating_sub(1)), up_to: Some(revision), ..EntryQuery::default() };
    Ok(app.store.entries(&query, 1).await?.into_iter().next())
}
