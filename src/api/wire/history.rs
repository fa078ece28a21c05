//! The journal and the duty log, and what undo and restore are asked.

use super::free_text;
use crate::domain::{Revision, Subject, Violation};
use crate::service::Error;
use crate::service::history::{Batch, FieldChange, LIMIT_MAX, Line, Page, Undone};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Longest reason, in characters.
const REASON_MAX: usize = 900;

/// A page of the journal.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryAnswer {
    /// Lines, the newest first.
    pub entries: Vec<EntryDoc>,
    /// `before` of the next page; null on the last one.
    pub next: Option<u64>,
    /// Lines of a page at most.
    pub limit: usize,
    /// Largest limit.
    pub limit_max: usize,
}

/// One line of the journal.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryDoc {
    /// Its number.
    pub revision: u64,
    /// First revision of its batch.
    pub batch: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: Option<String>,
    /// What about.
    pub subject: SubjectDoc,
    /// created, changed, removed.
    pub op: &'static str,
    /// From what to what.
    pub changes: Vec<ChangeDoc>,
}

/// What a change is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectDoc {
    /// resource, division, demand, correction.
    pub kind: &'static str,
    /// Id, code or receipt number.
    pub id: String,
    /// Its name then; of a report, the id of the resource.
    pub name: Option<String>,
}

/// One field; null is unknown or not there.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeDoc {
    /// Name in the flat document.
    pub field: String,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

impl HistoryAnswer {
    /// Puts a page into wire form.
    pub fn of(page: Page<Line>, limit: usize) -> Self {
        let entries = page.items.into_iter().map(EntryDoc::of).collect();
        Self { entries, next: page.next.map(|r| r.0), limit, limit_max: LIMIT_MAX }
    }
}

impl EntryDoc {
    fn of(line: Line) -> Self {
        let change = |c: FieldChange| ChangeDoc { field: c.field, before: c.before, after: c.after };
        Self {
            revision: line.entry.revision.0,
            batch: line.entry.batch.0,
            at: line.entry.at,
            actor: line.entry.actor,
            reason: line.entry.reason,
            subject: SubjectDoc::of(line.subject, line.name),
            op: line.op.word(),
            changes: line.changes.into_iter().map(change).collect(),
        }
    }
}

impl SubjectDoc {
    fn of(subject: Option<Subject>, name: Option<String>) -> Self {
        let (kind, id) = match subject {
            Some(Subject::Resource(id)) => ("resource", id.to_string()),
            Some(Subject::Division(code)) => ("division", code.to_string()),
            Some(Subject::Demand(id)) => ("demand", id.0),
            Some(Subject::Correction(id)) => ("correction", id.to_string()),
            Some(Subject::Closure(id)) => ("closure", id.to_string()),
            // A report that the reader may not read: its number would open it.
            None => ("correction", String::new()),
        };
        Self { kind, id, name }
    }
}

/// A page of the duty log.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchesAnswer {
    /// Batches, the newest first.
    pub batches: Vec<BatchDoc>,
    /// `before` of the next page; null on the last one.
    pub next: Option<u64>,
    /// Batches of a page at most.
    pub limit: usize,
    /// Largest limit.
    pub limit_max: usize,
}

/// One act of somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchDoc {
    /// First revision; its name.
    pub batch: u64,
    /// Last revision.
    pub last: u64,
    /// How many changes.
    pub entries: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: Option<String>,
    /// What was done how often; null for a batch too long to be counted for a list.
    pub operations: Option<OperationsDoc>,
    /// The first few things it was about, at most 5.
    pub subjects: Vec<SubjectDoc>,
}

/// What was done how often.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationsDoc {
    /// Made.
    pub created: usize,
    /// Changed.
    pub changed: usize,
    /// Taken away.
    pub removed: usize,
}

impl BatchesAnswer {
    /// Puts a page into wire form.
    pub fn of(page: Page<Batch>, limit: usize) -> Self {
        let batches = page.items.into_iter().map(BatchDoc::of).collect();
        Self { batches, next: page.next.map(|r| r.0), limit, limit_max: LIMIT_MAX }
    }
}

impl BatchDoc {
    fn of(batch: Batch) -> Self {
        let head = batch.head;
        Self {
            batch: head.revision.0,
            last: batch.last.0,
            entries: batch.last.0 - head.revision.0 + 1,
            at: head.at,
            actor: head.actor,
            reason: head.reason,
            operations: batch.operations.map(|n| OperationsDoc {
                created: n.created,
                changed: n.changed,
                removed: n.removed,
            }),
            subjects: batch.subjects.into_iter().map(|(s, name)| SubjectDoc::of(s, name)).collect(),
        }
    }
}

/// Why a batch is to be taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoBody {
    /// In words, at most 900 characters; without it the batch's own reason is repeated.
    #[serde(default)]
    reason: Option<String>,
}

impl UndoBody {
    /// Returns the reason, or what is wrong with it.
    pub fn reason(self) -> Result<Option<String>, Error> {
        let reason = self.reason.filter(|reason| !reason.trim().is_empty());
        reason.map(|text| free_text("reason", text, REASON_MAX)).transpose().map_err(Error::invalid)
    }
}

/// What an undo wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoAnswer {
    /// First revision of the new batch.
    pub batch: u64,
    /// Its last revision.
    pub revision: u64,
    /// How many changes it holds.
    pub entries: u64,
}

impl From<Undone> for UndoAnswer {
    fn from(undone: Undone) -> Self {
        Self { batch: undone.batch.0, revision: undone.revision.0, entries: undone.entries }
    }
}

/// What a resource is to be made again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreBody {
    /// What it was right after this revision.
    #[serde(default)]
    #[schema(required)]
    revision: Option<u64>,
}

impl RestoreBody {
    /// Returns the revision, or that it is missing.
    pub fn revision(&self) -> Result<Revision, Error> {
        self.revision.map(Revision).ok_or_else(|| Error::invalid(Violation::missing("revision")))
    }
}
