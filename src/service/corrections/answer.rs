//! Answering a report: accepted or not, with words that the reporter reads, and what is changed because of it.
//!
//! Invariant: the answer and the change of the resource are one batch, each with its own permission: a report can not be
//! accepted without the map being put right in the same moment, if that was asked.

use super::inbox::signed_in;
use super::is_hidden;
use crate::domain::{
    Actor, Change, Correction, CorrectionId, CorrectionState, Edit, Proposal, Resource, Revision, permit,
};
use crate::service::edit::{Action, Precondition, patched, settle};
use crate::service::{App, Error, Submission};
use crate::world::{Kept, World};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What is made of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was right.
    Accepted,
    /// It was not, or nothing follows from it.
    Rejected,
}

/// An answer on its way in; its text has been checked for length.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The report.
    pub receipt: String,
    /// What is made of it.
    pub verdict: Verdict,
    /// In words that the reporter reads.
    pub reply: String,
    /// What to change of the resource, as a merge patch.
    pub patch: Option<Map<String, Value>>,
    /// Version of the resource that the author looked at; without one, whatever is there is changed.
    pub precondition: Precondition,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The report with its answer.
    pub report: Kept<Correction>,
    /// First revision of the batch.
    pub batch: Revision,
    /// Revision of the resource, when it was changed with the answer.
    pub resource: Option<Revision>,
}

/// Answers a report.
pub async fn answer(app: Arc<App>, actor: Actor, answer: Answer) -> Result<Answered, Error> {
    signed_in(&actor)?;
    tokio::spawn(async move { carry_out(&app, &actor, &answer).await }).await.map_err(Error::internal)?
}

async fn carry_out(app: &App, actor: &Actor, answer: &Answer) -> Result<Answered, Error> {
    let missing = || Error::not_found("receipt");
    let id = CorrectionId::parse(&answer.receipt).ok_or_else(missing)?;
    let _turn = app.turn.lock().await;
    app.catch_up().await?;
    let world = app.world();
    let row = world.correction(&id).ok_or_else(missing)?;
    let after = Correction {
        state: match answer.verdict {
            Verdict::Accepted => CorrectionState::Accepted,
            Verdict::Rejected => CorrectionState::Rejected,
        },
        reply: Some(answer.reply.clone()),
        answered_at: Some(app.now()),
        answered_by: Some(actor.name.clone()),
        hidden: is_hidden(&world, &row.value),
        ..Correction::clone(&row.value)
    };
    let edit = Edit { before: Some(row.value.clone()), after: Some(Arc::new(after)) };
    let answered = Proposal { change: Change::Correction(edit), expected: Some(row.revision) };
    // Who may not answer it is told so before what became of it.
    permit(actor, &answered.change).map_err(Error::Denied)?;
    refuse_answered(&row.value)?;
    let mut proposals = vec![answered];
    proposals.extend(correction_of_the_map(app, actor, (&world, &row.value), answer)?);
    let with_resource = proposals.len() > 1;
    let reason = Some(format!("correction {id}"));
    let committed = app.write(actor, Submission { proposals, reason, receipt: None }, &|_| {}).await?;
    let first = committed.entries.first().map_or(committed.revisions.all, |entry| entry.revision);
    let world = app.world();
    let report = world.correction(&id).cloned().ok_or_else(missing)?;
    Ok(Answered { report, batch: first, resource: with_resource.then(|| first.next()) })
}

fn refuse_answered(report: &Correction) -> Result<(), Error> {
    if report.is_open() {
        return Ok(());
    }
    let by = report.answered_by.as_deref().unwrap_or_default();
    Err(Error::Conflict {
        zh: format!("该纠错已由 {by} 答复（{}），请刷新", report.state.zh()),
        en: format!("{by} has answered this report ({}): load it again", report.state.en()),
    })
}

/// Returns the change of the resource that goes with the answer; `None` when there is none, or it changes nothing.
fn correction_of_the_map(
    app: &App,
    actor: &Actor,
    (world, report): (&World, &Correction),
    answer: &Answer,
) -> Result<Option<Proposal>, Error> {
    let Some(patch) = &answer.patch else { return Ok(None) };
    let row = world.resource(&report.resource).ok_or(Error::Stale { current: None })?;
    match &answer.precondition {
        Precondition::Absent | Precondition::Exists => {}
        Precondition::AtRevision(seen) if seen.contains(&row.revision) => {}
        _ => return Err(Error::Stale { current: Some(row.revision) }),
    }
    let mut after: Resource = patched(&row.value, patch, actor, app.now())?;
    settle((world, app.now()), &Action::Patch(patch.clone()), Some(row), &mut after)?;
    if *row.value == after {
        return Ok(None);
    }
    let edit = Edit { before: Some(row.value.clone()), after: Some(Arc::new(after)) };
    Ok(Some(Proposal { change: Change::Resource(edit), expected: Some(row.revision) }))
}
