//! Taking a batch back: each of its changes turned round, the newest first, as one new batch.
//!
//! Invariants: all of it or nothing; a thing that was changed since is not overwritten, unless it is as the batch left it;
//! each turned change needs its own permission. An undo is a batch like any other, so it can be undone.

use super::browse::{name, staff_only};
use super::diff::Op;
use crate::domain::{Actor, Change, Entry, Proposal, Revision, Subject, Violation};
use crate::service::corrections::{drop_all, is_hidden};
use crate::service::{App, Error, Submission, edit};
use crate::store::{EntryQuery, ReceiptKey};
use crate::world::World;
use std::sync::Arc;

/// Longest batch that can be taken back at once.
const ENTRIES_MAX: u64 = 500_000;

/// Journal lines read at a time.
const PAGE: usize = 5000;

/// Changed things that a refusal names; how many there are is always told.
const NAMED_MAX: usize = 100;

/// Longest reason, in characters.
const REASON_MAX: usize = 1000;

/// A request to take a batch back.
#[derive(Debug, Clone)]
pub struct Undo {
    /// First revision of the batch.
    pub batch: Revision,
    /// Why; without it, the reason of the batch is repeated.
    pub reason: Option<String>,
    /// The client's own name for the request.
    pub idempotency_key: Option<String>,
}

impl Undo {
    /// Returns the request to take a batch back without more words.
    pub const fn of(batch: Revision) -> Self {
        Self { batch, reason: None, idempotency_key: None }
    }
}

/// What an undo wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undone {
    /// First revision of the new batch.
    pub batch: Revision,
    /// Its last revision.
    pub revision: Revision,
    /// How many changes it holds.
    pub entries: u64,
}

/// Takes a batch back.
pub async fn undo(app: Arc<App>, actor: Actor, request: Undo) -> Result<Undone, Error> {
    staff_only(&actor)?;
    // Once begun it is carried out, whether or not the client still listens.
    tokio::spawn(async move { carry_out(&app, &actor, &request).await }).await.map_err(Error::internal)?
}

async fn carry_out(app: &App, actor: &Actor, request: &Undo) -> Result<Undone, Error> {
    let asked = format!("undo {:?}", (request.batch, &request.reason));
    let receipt = edit::receipt_key(actor, request.idempotency_key.as_deref(), &asked)?;
    let _turn = app.turn.lock().await;
    if let Some(key) = &receipt
        && let Some(kept) = app.store.receipt(&key.key).await?
    {
        edit::refuse_other(key, &kept)?;
        return Ok(Undone { batch: kept.first, revision: kept.last, entries: kept.last.0 - kept.first.0 + 1 });
    }
    app.catch_up().await?;
    let entries = read(app, request.batch).await?;
    match attempt(app, actor, request, (&entries, receipt.clone())).await {
        // Another process may have written in between: what it changed is told by name, or left the way free.
        Err(Error::Stale { .. }) => {
            app.catch_up().await?;
            attempt(app, actor, request, (&entries, receipt)).await
        }
        outcome => outcome,
    }
}

async fn attempt(
    app: &App,
    actor: &Actor,
    request: &Undo,
    (entries, receipt): (&[Entry], Option<ReceiptKey>),
) -> Result<Undone, Error> {
    let proposals = turned(&app.world(), request.batch, entries)?;
    let told = request.reason.as_deref().or(entries.first().and_then(|entry| entry.reason.as_deref()));
    let reason = match told {
        Some(told) => format!("undo of batch {}: {told}", request.batch),
        None => format!("undo of batch {}", request.batch),
    };
    let reason = Some(reason.chars().take(REASON_MAX).collect());
    let committed = app.write(actor, Submission { proposals, reason, receipt }, &|_| {}).await?;
    drop_beside(app, entries).await;
    let batch = committed.entries.first().map_or(committed.revisions.all, |entry| entry.revision);
    Ok(Undone { batch, revision: committed.revisions.all, entries: committed.entries.len() as u64 })
}

/// Drops what lay beside reports that are no longer there.
async fn drop_beside(app: &App, entries: &[Entry]) {
    for entry in entries {
        if let (Op::Created, Some(Subject::Correction(id))) = (Op::of(&entry.change), entry.change.subject()) {
            drop_all(app, &id).await;
        }
    }
}

/// Reads a whole batch.
async fn read(app: &App, batch: Revision) -> Result<Vec<Entry>, Error> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let after = entries.last().map_or(Revision(batch.0.saturating_sub(1)), |entry| entry.revision);
        let query = EntryQuery { after, batch: Some(batch), ..EntryQuery::default() };
        let page = app.store.entries(&query, PAGE).await?;
        let full = page.len() == PAGE;
        entries.extend(page);
        if entries.len() as u64 > ENTRIES_MAX {
            return Err(Error::TooLarge {
                zh: format!("该批次超过 {ENTRIES_MAX} 条，不能一次撤销"),
                en: format!("the batch holds more than {ENTRIES_MAX} changes and can not be taken back at once"),
            });
        }
        if !full {
            break;
        }
    }
    if entries.is_empty() { Err(Error::not_found(format!("batch {batch}"))) } else { Ok(entries) }
}

/// Returns the changes turned round, the newest first, or everything that was changed since.
fn turned(world: &World, batch: Revision, entries: &[Entry]) -> Result<Vec<Proposal>, Error> {
    let (mut proposals, mut overtaken, mut total) = (Vec::with_capacity(entries.len()), Vec::new(), 0);
    for entry in entries.iter().rev() {
        let (is_as_left, now_at) = compare(world, &entry.change);
        if is_as_left {
            let change = as_seen_now(world, entry.change.clone().reversed());
            proposals.push(Proposal { change, expected: now_at });
            continue;
        }
        total += 1;
        if overtaken.len() < NAMED_MAX {
            overtaken.push(changed_since(entry, now_at));
        }
    }
    if total > overtaken.len() {
        overtaken.push(Violation::new(
            "batch",
            "more_changed_since",
            format!("共有 {total} 项其后被改动，此处列出前 {NAMED_MAX} 项"),
            format!("{total} things were changed after batch {batch}; the first {NAMED_MAX} are listed"),
        ));
    }
    if overtaken.is_empty() { Ok(proposals) } else { Err(Error::Overtaken(overtaken)) }
}

/// Writes into a turned change of a report whether the public knows of its place now, which is what its news hangs on.
fn as_seen_now(world: &World, change: Change) -> Change {
    let Change::Correction(mut edit) = change else { return change };
    if let Some(latest) = edit.after.as_mut().or(edit.before.as_mut()) {
        let hidden = is_hidden(world, latest);
        if latest.hidden != hidden {
            Arc::make_mut(latest).hidden = hidden;
        }
    }
    Change::Correction(edit)
}

/// Returns whether the subject of a change is as the change left it, and the revision it is at now.
fn compare(world: &World, change: &Change) -> (bool, Option<Revision>) {
    match (change, change.subject()) {
        (Change::Resource(edit), Some(Subject::Resource(id))) => {
            let row = world.resource(&id);
            (row.map(|row| &row.value) == edit.after.as_ref(), row.map(|row| row.revision))
        }
        (Change::Division(edit), Some(Subject::Division(code))) => {
            let row = world.division(&code);
            (row.map(|row| &row.value) == edit.after.as_ref(), row.map(|row| row.revision))
        }
        (Change::Demand(edit), Some(Subject::Demand(id))) => {
            let row = world.demand_point(&id);
            (row.map(|row| &row.value) == edit.after.as_ref(), row.map(|row| row.revision))
        }
        (Change::Correction(edit), Some(Subject::Correction(id))) => {
            let row = world.correction(&id);
            (row.map(|row| &row.value) == edit.after.as_ref(), row.map(|row| row.revision))
        }
        (Change::Closure(edit), Some(Subject::Closure(id))) => {
            let row = world.closure(&id);
            (row.map(|row| &row.value) == edit.after.as_ref(), row.map(|row| row.revision))
        }
        _ => (false, None),
    }
}

fn changed_since(entry: &Entry, now_at: Option<Revision>) -> Violation {
    let subject = match entry.change.subject() {
        Some(Subject::Resource(id)) => id.to_string(),
        Some(Subject::Division(code)) => code.to_string(),
        Some(Subject::Demand(id)) => id.0,
        // Its number opens the report, and not everybody who may ask may read it.
        Some(Subject::Correction(_)) => name(&entry.change).unwrap_or_default(),
        Some(Subject::Closure(id)) => id.to_string(),
        None => String::new(),
    };
    let name = name(&entry.change).unwrap_or_else(|| subject.clone());
    let (zh, en) = match now_at {
        Some(now) => (
            format!("“{name}”其后又被改动（第 {now} 修订）；请先撤销后来的改动，或单独恢复"),
            format!("{name} was changed since, at revision {now}: undo that first, or restore it by itself"),
        ),
        None => (
            format!("“{name}”其后已被删除；请先撤销删除，或单独恢复"),
            format!("{name} was removed since: undo that first, or restore it by itself"),
        ),
    };
    Violation::new(subject, "changed_since", zh, en)
}
