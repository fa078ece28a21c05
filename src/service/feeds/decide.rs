//! A run that was held back is released or thrown away by somebody who has looked at it.
//!
//! Invariant: what is released is the bytes that were judged, whatever the source gives by now.

use super::super::error::Halt;
use super::super::{App, Error};
use super::feed::{Feed, Run, RunState};
use super::fetch::{File, Validators};
use super::judge::{Judging, take};
use super::keep::{check_scope, may_keep, run_key, versioned};
use super::record::{brief, progress, put_ids, put_run};
use super::run::take_lease;
use crate::domain::Actor;
use crate::store::RecordKind;
use std::sync::Arc;

/// What somebody decides about a run that is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is written.
    Release,
    /// It is thrown away.
    Discard,
}

/// Decides about a run that is held back.
pub async fn decide(app: &Arc<App>, actor: &Actor, name: &str, number: u64, decision: Decision) -> Result<Run, Error> {
    may_keep(actor)?;
    let (feed, _) = versioned(app, name).await?;
    check_scope(actor, feed.scope.as_ref())?;
    let (app, name, actor) = (app.clone(), name.to_owned(), actor.clone());
    // A dropped request must not drop a write between commit and fold, nor keep the lease.
    let deciding = tokio::spawn(async move {
        let feed = take_lease(&app, &name).await?;
        let outcome = decided(&app, &actor, &feed, number, decision).await;
        if outcome.is_err() {
            progress(&app, &feed, |_| {}).await?;
        }
        outcome
    });
    deciding.await.map_err(Error::internal)?
}

async fn decided(app: &Arc<App>, actor: &Actor, feed: &Feed, number: u64, decision: Decision) -> Result<Run, Error> {
    let record = app.store.record(RecordKind::FeedRun, &run_key(&feed.name, number)).await?;
    let record = record.ok_or_else(|| Error::not_found(format!("{} run {number}", feed.name)))?;
    let mut run: Run = serde_json::from_str(&record.doc).map_err(Error::internal)?;
    let bytes = match record.blob {
        Some(bytes) if run.state == RunState::Quarantined => bytes,
        _ => {
            return Err(Error::Halted {
                why: Halt::Decided,
                zh: format!("该批次的状态是“{}”，不需要处理", run.state.zh()),
                en: format!("the run is {}: there is nothing to decide", run.state.en()),
            });
        }
    };
    let mut ids = None;
    run.state = RunState::Discarded;
    if decision == Decision::Release {
        let name = run.file.clone().unwrap_or_else(|| "feed".to_owned());
        let file = File { name, bytes: bytes.into(), made_at: None, validators: Validators::default() };
        let outcome = take(app, feed, &file, Judging::Released, Some(&actor.name)).await?;
        run.state = RunState::Released;
        run.batch = outcome.batch.map(|batch| batch.0);
        (run.missing, run.retired) = (outcome.missing, outcome.retired);
        run.report = outcome.report.as_ref().map(brief);
        ids = outcome.ids;
    }
    run.decided_by = Some(actor.name.clone());
    put_run(app, &feed.name, &run, None).await?;
    if let Some(ids) = &ids {
        put_ids(app, &feed.name, ids).await?;
    }
    let rows = run.report.as_ref().and_then(|report| report["rows"].as_u64()).map(|rows| rows as usize);
    progress(app, feed, |now| {
        now.quarantined = now.quarantined.filter(|held| *held != number);
        if run.state == RunState::Released {
            // Whoever lets an older file go says that what follows may be as old.
            (now.good_rows, now.good_made_at) = (rows, None);
        }
    })
    .await?;
    Ok(run)
}
