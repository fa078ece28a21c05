//! What a feed brought becomes durable, and what vanished from its file is told or retired.
//!
//! Invariants: what is written is one batch; nothing that vanished from a file is removed; a row that is refused is in the
//! file all the same.

use super::super::import::Plan;
use super::super::{App, Error, Submission};
use super::feed::{Feed, Missing, RunState};
use super::run::Outcome;
use crate::domain::{Actor, Change, Edit, Field, Kind, Lifecycle, Proposal, Resource, ResourceId, permit};
use crate::world::World;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Writes what was planned. The caller holds the turn.
pub(super) async fn applied(
    app: &App,
    feed: &Feed,
    (plan, before): (Plan, BTreeSet<String>),
    world: &World,
    reason: String,
) -> Result<Outcome, Error> {
    let Plan { mut report, mut proposals, rows } = plan;
    let brought = rows.iter().filter_map(|row| row.after.as_ref()).map(|after| after.id().to_owned());
    // A row that is refused for a typing error is in the file all the same: what it is about is not missing.
    let about = rows.iter().filter_map(|row| meant(world, &feed.kind, row.says.as_deref()?));
    let ids: BTreeSet<String> = brought.chain(about).collect();
    drop(rows);
    let gone: Vec<&String> = before.difference(&ids).collect();
    let actor = feed.actor();
    let tells_lifecycle = report.columns.iter().any(|(_, field)| field.as_deref() == Some("lifecycle"));
    if feed.missing == Missing::Retire && !tells_lifecycle {
        let back: Vec<&String> = ids.difference(&before).collect();
        revive(world, &actor, &back, &mut proposals);
    }
    let retiring: Vec<Proposal> = match feed.missing {
        Missing::Keep => Vec::new(),
        Missing::Retire => gone.iter().filter_map(|id| retired(world, &actor, id)).collect(),
    };
    let (missing, retired) = (gone.len(), retiring.len());
    proposals.extend(retiring);
    (report.dry_run, report.committed) = (false, true);
    let mut batch = None;
    if !proposals.is_empty() {
        let submission = Submission { proposals, reason: Some(reason), receipt: None };
        let committed = app.write(&actor, submission, &|_| {}).await?;
        report.revision = committed.revisions.all.0;
        batch = committed.entries.first().map(|entry| entry.batch);
    }
    Ok(Outcome { report: Some(report), batch, missing, retired, ids: Some(ids), ..Outcome::of(RunState::Applied) })
}

/// Returns the id of the known resource that a refused row is about, by the code that it says.
fn meant(world: &World, kind: &str, [code, _]: &[String; 2]) -> Option<String> {
    let kind = Kind::from_word(kind)?;
    world.by_code(kind, code).map(|row| row.value.id.to_string())
}

/// Takes what had vanished, was retired for it and is in the file again back into service.
fn revive(world: &World, actor: &Actor, back: &[&String], proposals: &mut Vec<Proposal>) {
    for id in back {
        let Some(row) = ResourceId::parse(id).ok().and_then(|id| world.resource(&id)) else { continue };
        if row.value.lifecycle != Lifecycle::Retired {
            continue;
        }
        let planned = proposals.iter_mut().find_map(|proposal| match &mut proposal.change {
            Change::Resource(edit) => edit.after.as_mut().filter(|after| after.id == row.value.id),
            _ => None,
        });
        if let Some(after) = planned {
            Arc::make_mut(after).lifecycle = Lifecycle::InService;
            continue;
        }
        let after = Resource { lifecycle: Lifecycle::InService, ..Resource::clone(&row.value) };
        let change = Change::Resource(Edit { before: Some(row.value.clone()), after: Some(Arc::new(after)) });
        if permit(actor, &change).is_ok() {
            proposals.push(Proposal { change, expected: Some(row.revision) });
        }
    }
}

/// Returns the change that marks a resource as retired; nothing for what is not there, is retired, or is not the feed's to
/// change. Nobody has seen that it is so: its record has no age.
fn retired(world: &World, actor: &Actor, id: &str) -> Option<Proposal> {
    let row = world.resource(&ResourceId::parse(id).ok()?)?;
    if row.value.lifecycle == Lifecycle::Retired {
        return None;
    }
    let mut after = Resource::clone(&row.value);
    after.lifecycle = Lifecycle::Retired;
    after.observations.remove(&Field::Record);
    let change = Change::Resource(Edit { before: Some(row.value.clone()), after: Some(Arc::new(after)) });
    permit(actor, &change).ok()?;
    Some(Proposal { change, expected: Some(row.revision) })
}
