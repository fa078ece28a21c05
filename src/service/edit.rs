//! Writing one resource: put, patch, remove.
//!
//! The order is the law: take the turn, look at the world, check the precondition, validate, permit, commit, fold,
//! announce, reply. A client that hangs up does not stop a write half-way: the work runs in a task of its own. A retry
//! with the same `Idempotency-Key` gets the first answer again.

use super::border::too_wide;
use super::derived::{refuse_set, settle_over_capacity};
use super::seen::{Told, refuse_future_track, stamp_new, stamp_patch, stamp_put};
use super::{App, Error, Submission, history, inward, token, view};
use crate::domain::{Actor, Audience, Change, Crs, Edit, Proposal, Resource, ResourceId, Revision, Violation};
use crate::exchange::document;
use crate::store::{EntryQuery, Receipt, ReceiptKey};
use crate::world::{Kept, Row, World};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Which version the author looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing was said.
    Absent,
    /// `If-Match` with these revisions.
    AtRevision(Vec<Revision>),
    /// `If-Match: *`: whatever version, but it must be there.
    Exists,
    /// `If-None-Match: *`: it must not be there.
    IsNew,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Replace or create.
    Put(Map<String, Value>),
    /// Merge (RFC 7396).
    Patch(Map<String, Value>),
    /// Remove.
    Delete,
    /// Make it what it was right after a revision; what was removed comes back.
    Restore(Revision),
}

/// A request to write.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which resource.
    pub id: ResourceId,
    /// Which version the author looked at.
    pub precondition: Precondition,
    /// What is to be done.
    pub action: Action,
    /// Coordinate system of the positions in the body.
    pub crs: Crs,
    /// The client's own name for the request.
    pub idempotency_key: Option<String>,
    /// Why, for the journal.
    pub reason: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Revision of the resource now, or of its removal.
    pub revision: Revision,
    /// The resource after the write; `None` when it was removed.
    pub document: Option<Map<String, Value>>,
    /// It did not exist before.
    pub created: bool,
    /// Revision of its division, where that came later (see [`view::division_since`]).
    pub division: Option<Revision>,
}

/// Longest `Idempotency-Key`.
const KEY_MAX: usize = 200;

/// Carries out a write.
pub async fn submit(app: Arc<App>, actor: Actor, request: Request) -> Result<Outcome, Error> {
    // A dropped request must not drop a write between commit and fold.
    tokio::spawn(async move { carry_out(&app, &actor, request).await }).await.map_err(Error::internal)?
}

async fn carry_out(app: &App, actor: &Actor, request: Request) -> Result<Outcome, Error> {
    if actor.role == crate::domain::Role::Public {
        return Err(Error::Unsigned {
            zh: "写入需要登录或令牌", en: "writing needs a session or a bearer token"
        });
    }
    let asked = format!("{:?}", (&request.id, &request.precondition, &request.action, &request.crs, &request.reason));
    let receipt = receipt_key(actor, request.idempotency_key.as_deref(), &asked)?;
    let _turn = app.turn.lock().await;
    if let Some(key) = &receipt
        && let Some(kept) = app.store.receipt(&key.key).await?
    {
        return replay(app, key, kept).await;
    }
    let outcome = match attempt(app, actor, &request, receipt.clone()).await {
        // Another process may have written the row since this one last looked: look again, once.
        Err(Error::Stale { .. } | Error::NotFound { .. } | Error::Conflict { .. }) => {
            app.catch_up().await?;
            attempt(app, actor, &request, receipt.clone()).await
        }
        outcome => outcome,
    };
    // Another process may have carried out a twin of this request in the meantime: its answer is this one's too.
    if let (Some(key), Err(_)) = (&receipt, &outcome)
        && let Ok(Some(kept)) = app.store.receipt(&key.key).await
        && kept.fingerprint == key.fingerprint
    {
        return replay(app, key, kept).await;
    }
    outcome
}

async fn attempt(app: &App, actor: &Actor, request: &Request, receipt: Option<ReceiptKey>) -> Result<Outcome, Error> {
    let world = app.world();
    let before = world.resource(&request.id);
    // Conditions are about a thing that is there (RFC 9110 section 13.2.1); only a put or
    // a restore may make one.
    if before.is_none() && !matches!(request.action, Action::Put(_) | Action::Restore(_)) {
        return Err(Error::not_found(request.id.as_str()));
    }
    check(&request.precondition, before)?;
    let action =
        inward::brought(&request.action, &request.crs, before.map(|row| &*row.value)).map_err(Error::Invalid)?;
    let mut after = match &*action {
        Action::Put(body) => Some(put(request, body, before, actor, app.now())?),
        Action::Patch(body) => {
            let before = before.ok_or_else(|| Error::not_found(request.id.as_str()))?;
            Some(patched(&before.value, body, actor, app.now())?)
        }
        Action::Delete => None,
        Action::Restore(revision) => Some(Resource::clone(&*history::value_at(app, &request.id, *revision).await?)),
    };
    if let Some(after) = &mut after {
        settle((&world, app.now()), &action, before, after)?;
    }
    if let (Some(before), Some(after)) = (before, &after)
        && *before.value == *after
    {
        return Ok(outcome(&world, before, false));
    }
    let created = before.is_none();
    let after = after.map(Arc::new);
    let edit = Edit { before: before.map(|row| row.value.clone()), after: after.clone() };
    let proposal = Proposal { change: Change::Resource(edit), expected: before.map(|row| row.revision) };
    let submission = Submission { proposals: vec![proposal], reason: request.reason.clone(), receipt };
    let committed = app.write(actor, submission, &|_| {}).await?;
    let revision = committed.entries.first().map_or(committed.revisions.all, |entry| entry.revision);
    let world = app.world();
    let Some(value) = after else { return Ok(Outcome { revision, document: None, created: false, division: None }) };
    match world.resource(&request.id).filter(|row| row.revision == revision) {
        Some(row) => Ok(outcome(&world, row, created)),
        // Another process has written it since, and that is folded already: the answer is of what was written here.
        None => Ok(outcome(&world, &Arc::new(Row { revision, public_revision: revision, value }), created)),
    }
}

/// Ends what outlived its cause, and refuses what a write may not say in this world. Every way that lays a body over a
/// resource goes through here.
pub(super) fn settle(
    (world, now): (&World, DateTime<Utc>),
    action: &Action,
    before: Option<&Kept<Resource>>,
    after: &mut Resource,
) -> Result<(), Error> {
    settle_over_capacity(action, before.map(|row| &*row.value), after)?;
    refuse_set((world, now), action, before, after)?;
    if before.is_some_and(|row| *row.value == *after) {
        return Ok(());
    }
    if let Some(wide) = too_wide(before.map(|row| &*row.value), after) {
        return Err(Error::invalid(wide));
    }
    refuse_unknown_division(world, before, after)?;
    refuse_taken_code(world, after)
}

fn outcome(world: &World, row: &Kept<Resource>, created: bool) -> Outcome {
    let document = Some(view::document(world, row, Audience::Staff));
    Outcome { revision: row.revision, document, created, division: view::division_since(world, row, Audience::Staff) }
}

fn check(precondition: &Precondition, before: Option<&Kept<Resource>>) -> Result<(), Error> {
    let current = before.map(|row| row.revision);
    match (precondition, before) {
        (Precondition::Absent, _) => Err(Error::PreconditionRequired),
        (Precondition::IsNew, None) | (Precondition::Exists, Some(_)) => Ok(()),
        (Precondition::AtRevision(seen), Some(row)) if seen.contains(&row.revision) => Ok(()),
        _ => Err(Error::Stale { current }),
    }
}

fn put(
    request: &Request,
    body: &Map<String, Value>,
    before: Option<&Kept<Resource>>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Resource, Error> {
    let mut body = body.clone();
    let told = Told::take(&mut body, now)?;
    let kind = before.map(|row| row.value.kind());
    let mut after = document::read(kind, Some(request.id.clone()), &body, None).map_err(Error::Invalid)?;
    refuse_future_track(&after, now)?;
    match before {
        None => stamp_new(&mut after, &told, actor, now),
        Some(before) => stamp_put(&before.value, &mut after, told, (actor, now))?,
    }
    Ok(after)
}

/// Returns a resource with a merge patch laid over it, and with the observations that such a patch leaves.
pub(super) fn patched(
    before: &Resource,
    body: &Map<String, Value>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Resource, Error> {
    let mut body = body.clone();
    let told = Told::take(&mut body, now)?;
    let mut after = document::read(None, Some(before.id.clone()), &body, Some(before)).map_err(Error::Invalid)?;
    refuse_future_track(&after, now)?;
    stamp_patch(&mut after, &body, told, (actor, now))?;
    Ok(after)
}

/// Refuses a division that the world does not know, where it knows any; one that is there already may stay.
fn refuse_unknown_division(world: &World, before: Option<&Kept<Resource>>, after: &Resource) -> Result<(), Error> {
    let Some(code) = &after.division else { return Ok(()) };
    let kept = before.is_some_and(|row| row.value.division.as_ref() == Some(code));
    if kept || world.may_be_division(code) {
        return Ok(());
    }
    Err(Error::invalid(Violation::new(
        "division",
        "unknown_division",
        format!("没有代码为 {code} 的区划；可用的见 /api/meta"),
        format!("there is no division {code}; /api/meta lists those that are there"),
    )))
}

/// Finds a clash of codes before the store does, to name the other resource.
fn refuse_taken_code(world: &World, after: &Resource) -> Result<(), Error> {
    match world.by_code(after.kind(), &after.code) {
        Some(other) if other.value.id != after.id => Err(Error::Conflict {
            zh: format!("编码 {} 已被 {}（{}）使用", after.code, other.value.name.zh, other.value.id),
            en: format!("code `{}` is used by {} ({})", after.code, other.value.name.zh, other.value.id),
        }),
        _ => Ok(()),
    }
}

/// Returns what is kept of a request under the client's own name for it, so that a retry gets the first answer.
pub(super) fn receipt_key(actor: &Actor, key: Option<&str>, asked: &str) -> Result<Option<ReceiptKey>, Error> {
    let Some(key) = key else { return Ok(None) };
    if key.is_empty() || key.len() > KEY_MAX || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::invalid(Violation::new(
            "Idempotency-Key",
            "bad_key",
            "Idempotency-Key 应为 1–200 个可见 ASCII 字符",
            "Idempotency-Key takes 1–200 visible ASCII characters",
        )));
    }
    let fingerprint = token::hex(&Sha256::digest(asked.as_bytes()));
    // The length tells where the name ends, so that no name and key together read like another name and key.
    Ok(Some(ReceiptKey { key: format!("{}:{}:{key}", actor.name.len(), actor.name), fingerprint }))
}

/// Refuses a key that was used for another request.
pub(super) fn refuse_other(key: &ReceiptKey, kept: &Receipt) -> Result<(), Error> {
    if kept.fingerprint == key.fingerprint {
        return Ok(());
    }
    Err(crate::store::StoreError::ReceiptTaken { key: key.key.clone() }.into())
}

/// Returns the first answer again.
async fn replay(app: &App, key: &ReceiptKey, kept: Receipt) -> Result<Outcome, Error> {
    refuse_other(key, &kept)?;
    app.catch_up().await?;
    let before_it = Revision(kept.first.0.saturating_sub(1));
    let entry = app.store.entries(&EntryQuery::after(before_it), 1).await?.into_iter().next();
    let Some(Change::Resource(edit)) = entry.map(|e| e.change) else {
        return Err(Error::internal("a receipt names no entry about a resource"));
    };
    let created = edit.before.is_none();
    let Some(value) = edit.after else {
        return Ok(Outcome { revision: kept.first, document: None, created: false, division: None });
    };
    let row = Arc::new(Row { revision: kept.first, public_revision: kept.first, value });
    Ok(outcome(&app.world(), &row, created))
}
