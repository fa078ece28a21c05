//! What is kept of a run: its record, the bytes of one that is held back, the ids it brought, how far its feed has come.
//!
//! Invariants: the bytes of a run that is held back are kept with it until somebody decides, so that what is released is
//! what was judged; no run writes over a setting that was changed under it.

use super::super::import::Report;
use super::super::{App, Error, token};
use super::RUNS_KEPT;
use super::feed::{Feed, Lease, Run, RunState};
use super::keep::{run_key, versioned, write};
use super::run::Outcome;
use crate::store::{Expected, Record, RecordKind};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Says what went wrong, in words for whoever keeps the feed; what lies inside is logged and not told.
pub(super) fn said(error: &Error) -> String {
    match error {
        Error::Invalid(violations) => {
            violations.iter().map(|v| format!("{} / {}", v.zh, v.en)).collect::<Vec<_>>().join("；")
        }
        Error::Conflict { zh, en } | Error::TooLarge { zh, en } | Error::Halted { zh, en, .. } => {
            format!("{zh} / {en}")
        }
        Error::Denied(denial) => format!("{} / {}", denial.zh, denial.en),
        Error::Undecodable(error) => error.to_string(),
        other => {
            tracing::error!(error = other as &dyn std::error::Error, "a feed's run failed");
            "服务器内部错误或数据库暂不可用 / a fault of the server, or its store is away".to_owned()
        }
    }
}

pub(super) fn told(app: &App, feed: &Feed, outcome: &Outcome, started_at: DateTime<Utc>) -> Run {
    Run {
        run: feed.progress.runs + 1,
        state: outcome.state,
        started_at,
        finished_at: app.now(),
        asked_by: None,
        file: outcome.file.as_ref().map(|file| file.name.clone()),
        bytes: outcome.file.as_ref().map(|file| file.bytes.len()),
        sha256: outcome.file.as_ref().map(|file| token::hex(&Sha256::digest(&file.bytes))),
        batch: outcome.batch.map(|batch| batch.0),
        missing: outcome.missing,
        retired: outcome.retired,
        problem: outcome.problem.clone(),
        decided_by: None,
        report: outcome.report.as_ref().map(brief),
    }
}

/// Most refused and flagged rows that are kept of a run.
const LISTED_MAX: usize = 50;

/// Returns a report as a run keeps it: the counts whole, the lists short.
pub(super) fn brief(report: &Report) -> serde_json::Value {
    let mut report = report.clone();
    report.refused_rows.truncate(LISTED_MAX);
    report.flagged_rows.truncate(LISTED_MAX);
    serde_json::to_value(report).unwrap_or_default()
}

/// Keeps the record of a run, then how far the feed has come; with that, the lease is given back.
pub(super) async fn keep(app: &App, feed: &Feed, outcome: &Outcome, run: &Run) -> Result<(), Error> {
    let held = outcome.state == RunState::Quarantined;
    let blob = outcome.file.as_ref().filter(|_| held).map(|file| file.bytes.to_vec());
    put_run(app, &feed.name, run, blob).await?;
    if let Some(ids) = &outcome.ids {
        put_ids(app, &feed.name, ids).await?;
    }
    if (held || outcome.state == RunState::Applied)
        && let Some(older) = feed.progress.quarantined
    {
        overtaken(app, &feed.name, older).await?;
    }
    if let Some(old) = run.run.checked_sub(RUNS_KEPT).filter(|old| Some(*old) != feed.progress.quarantined) {
        app.store.drop_record(RecordKind::FeedRun, &run_key(&feed.name, old)).await?;
    }
    progress(app, feed, |now| {
        now.runs = run.run;
        now.ended_at = Some(run.finished_at);
        now.failures = if run.state == RunState::Failed { now.failures.saturating_add(1) } else { 0 };
        match run.state {
            RunState::Applied => {
                now.good_rows = outcome.report.as_ref().map(|report| report.rows);
                // A clock that runs ahead must not make everything after it look old.
                now.good_made_at =
                    outcome.file.as_ref().and_then(|file| file.made_at).map(|at| at.min(run.finished_at));
                // What was held back is overtaken by what came after it.
                now.quarantined = None;
            }
            RunState::Quarantined => now.quarantined = Some(run.run),
            _ => {}
        }
        if let (Some(file), true) = (&outcome.file, run.state != RunState::Failed) {
            now.seen_sha256.clone_from(&run.sha256);
            now.etag.clone_from(&file.validators.etag);
            now.last_modified.clone_from(&file.validators.last_modified);
        }
    })
    .await
}

/// Writes how far a feed has come over whatever its settings are by now, and gives the lease back. A feed that is gone
/// stays gone; of settings that were changed under the run, nothing that it saw counts.
pub(super) async fn progress(app: &App, ran: &Feed, change: impl Fn(&mut super::Progress)) -> Result<(), Error> {
    loop {
        let (mut feed, version) = match versioned(app, &ran.name).await {
            Err(Error::NotFound { .. }) => return Ok(()),
            other => other?,
        };
        let own = |lease: &Lease| Some(lease) == ran.progress.lease.as_ref();
        if !feed.progress.lease.as_ref().is_some_and(own) {
            // The lease ran out and another one has it: its word counts.
            return Ok(());
        }
        let set = (feed.progress.seen_sha256.clone(), feed.progress.etag.clone(), feed.progress.last_modified.clone());
        let good = (feed.progress.good_rows, feed.progress.good_made_at);
        change(&mut feed.progress);
        if feed.generation != ran.generation {
            (feed.progress.seen_sha256, feed.progress.etag, feed.progress.last_modified) = set;
            (feed.progress.good_rows, feed.progress.good_made_at) = good;
        }
        feed.progress.lease = None;
        match write(app, &feed, Expected::At(version)).await {
            Err(Error::Conflict { .. }) => {}
            other => return other.map(drop),
        }
    }
}

pub(super) async fn put_run(app: &App, name: &str, run: &Run, blob: Option<Vec<u8>>) -> Result<(), Error> {
    let record = Record {
        kind: RecordKind::FeedRun,
        key: run_key(name, run.run),
        version: 0,
        at: app.now(),
        doc: serde_json::to_string(run).map_err(Error::internal)?,
        blob,
    };
    app.store.put_record(&record, Expected::Any).await?;
    Ok(())
}

/// Key of the list of ids that the last good run brought; it sorts behind the runs.
fn ids_key(name: &str) -> String {
    format!("{name}/ids")
}

pub(super) async fn put_ids(app: &App, name: &str, ids: &BTreeSet<String>) -> Result<(), Error> {
    let list = ids.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    let record = Record {
        kind: RecordKind::FeedRun,
        key: ids_key(name),
        version: 0,
        at: app.now(),
        doc: "{}".to_owned(),
        blob: Some(list.into_bytes()),
    };
    app.store.put_record(&record, Expected::Any).await?;
    Ok(())
}

pub(super) async fn known_ids(app: &App, name: &str) -> Result<BTreeSet<String>, Error> {
    let record = app.store.record(RecordKind::FeedRun, &ids_key(name)).await?;
    let list = record.and_then(|record| record.blob).unwrap_or_default();
    Ok(String::from_utf8_lossy(&list).lines().map(str::to_owned).collect())
}

/// Marks a run that was held back as overtaken by a newer one.
async fn overtaken(app: &App, name: &str, older: u64) -> Result<(), Error> {
    let Some(record) = app.store.record(RecordKind::FeedRun, &run_key(name, older)).await? else { return Ok(()) };
    let mut run: Run = serde_json::from_str(&record.doc).map_err(Error::internal)?;
    run.state = RunState::Discarded;
    run.decided_by = Some("（被更新的批次取代 / overtaken by a newer run）".to_owned());
    put_run(app, name, &run, None).await
}
