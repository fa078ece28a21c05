//! One run of a feed: take the lease, fetch, have it judged and written, tell; and the schedule by which runs begin.
//!
//! Invariant: a run is told of in a record whatever became of it.

use super::super::import::Report;
use super::super::{App, Error, token};
use super::Trouble;
use super::feed::{Feed, Lease, Run, RunState, Source};
use super::fetch::{self, Fetched, File, Validators};
use super::judge::{Judging, take};
use super::keep::{all, busy, versioned, write};
use super::record::{keep, progress, said, told};
use crate::domain::{Actor, Revision};
use crate::store::Expected;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a process may run a feed before another one may take it for dead.
const LEASE: TimeDelta = TimeDelta::minutes(30);

/// How often the schedule is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Feeds that this process runs at once.
const AT_ONCE: usize = 3;

/// Runs feeds when they are due, until the service stops. It returns when the last run has ended.
pub async fn keep_running(app: Arc<App>) {
    let mut ended = app.ended.subscribe();
    loop {
        if let Err(error) = run_due(&app).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the schedule of feeds could not be read");
        }
        tokio::select! {
            _ = ended.wait_for(|ended| *ended) => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Runs every feed that is due now, and returns what came of each that this process ran.
pub async fn run_due(app: &Arc<App>) -> Result<Vec<Run>, Error> {
    let now = app.now();
    let due = all(app).await?.into_iter().filter(|feed| feed.enabled && !feed.is_leased(now) && feed.due_at() <= now);
    let mut waiting: Vec<String> = due.map(|feed| feed.name).collect();
    waiting.reverse();
    let (mut running, mut ran) = (JoinSet::new(), Vec::new());
    loop {
        while running.len() < AT_ONCE && !*app.ended.borrow() {
            let Some(name) = waiting.pop() else { break };
            let app = app.clone();
            running.spawn(async move { run(&app, &name, None).await });
        }
        match running.join_next().await {
            None => return Ok(ran),
            Some(Ok(Ok(run))) => ran.push(run),
            // Another node was quicker, or the feed is gone.
            Some(Ok(Err(Error::Halted { .. } | Error::NotFound { .. }))) => {}
            Some(Ok(Err(error))) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a feed could not be run");
            }
            Some(Err(error)) => tracing::error!(error = &error as &dyn std::error::Error, "a feed's run broke off"),
        }
    }
}

/// Runs a feed now, because somebody asked.
pub async fn run_now(app: &Arc<App>, actor: &Actor, name: &str) -> Result<Run, Error> {
    super::feed(app, actor, name).await?;
    let (app, name, asked_by) = (app.clone(), name.to_owned(), actor.name.clone());
    tokio::spawn(async move { run(&app, &name, Some(asked_by)).await }).await.map_err(Error::internal)?
}

/// What came of a run, before it is kept.
pub(super) struct Outcome {
    pub(super) state: RunState,
    pub(super) file: Option<File>,
    pub(super) report: Option<Report>,
    pub(super) batch: Option<Revision>,
    pub(super) missing: usize,
    pub(super) retired: usize,
    pub(super) problem: Option<String>,
    /// Ids that the file has, when it was applied.
    pub(super) ids: Option<BTreeSet<String>>,
}

impl Outcome {
    pub(super) fn of(state: RunState) -> Self {
        Self { state, file: None, report: None, batch: None, missing: 0, retired: 0, problem: None, ids: None }
    }

    fn failed(problem: String) -> Self {
        Self { problem: Some(problem), ..Self::of(RunState::Failed) }
    }
}

async fn run(app: &Arc<App>, name: &str, asked_by: Option<String>) -> Result<Run, Error> {
    let feed = take_lease(app, name).await?;
    let started_at = app.now();
    let Some(outcome) = work(app, &feed).await else {
        // The service stops: as if it had not begun.
        progress(app, &feed, |_| {}).await?;
        return Err(busy(name));
    };
    let run = told(app, &feed, &outcome, started_at);
    let run = Run { asked_by, ..run };
    keep(app, &feed, &outcome, &run).await?;
    Ok(run)
}

/// Takes the right to run a feed; of two processes that try, one gets it.
pub(super) async fn take_lease(app: &App, name: &str) -> Result<Feed, Error> {
    let (mut feed, version) = versioned(app, name).await?;
    if feed.is_leased(app.now()) {
        return Err(busy(name));
    }
    feed.progress.lease = Some(Lease { node: app.feeds.node.clone(), until: app.now() + LEASE });
    match write(app, &feed, Expected::At(version)).await {
        Ok(_) => Ok(feed),
        Err(Error::Conflict { .. }) => Err(busy(name)),
        Err(error) => Err(error),
    }
}

/// Returns what came of a run; nothing when the service stops while it fetches.
async fn work(app: &Arc<App>, feed: &Feed) -> Option<Outcome> {
    let mut ended = app.ended.subscribe();
    let fetched = tokio::select! {
        _ = ended.wait_for(|ended| *ended) => return None,
        fetched = obtain(app, feed) => fetched,
    };
    let file = match fetched {
        Ok(Fetched::File(file)) => file,
        Ok(Fetched::NotModified) => return Some(Outcome::of(RunState::Unchanged)),
        Err(trouble) => return Some(Outcome::failed(trouble)),
    };
    let sha256 = token::hex(&Sha256::digest(&file.bytes));
    let outcome = if feed.progress.seen_sha256.as_deref() == Some(&sha256) {
        Outcome::of(RunState::Unchanged)
    } else {
        let taken = take(app, feed, &file, Judging::Strict, None).await;
        taken.unwrap_or_else(|error| Outcome::failed(said(&error)))
    };
    Some(Outcome { file: Some(file), ..outcome })
}

async fn obtain(app: &App, feed: &Feed) -> Result<Fetched, String> {
    let settings = app.feed_settings();
    match &feed.source {
        Source::Url(address) => {
            let authorization = match &feed.sealed {
                None => None,
                Some(sealed) => match settings.seal.open(&feed.name, sealed) {
                    Ok(Some(secret)) => Some(secret),
                    Ok(None) | Err(_) => {
                        return Err("封存密钥与保存凭证时不同，请重新填写凭证 / the seal key is not the one that the credentials were sealed with: enter them again".to_owned());
                    }
                },
            };
            let known =
                Validators { etag: feed.progress.etag.clone(), last_modified: feed.progress.last_modified.clone() };
            let fetched = fetch::from_url(settings, address, &known, authorization.as_deref()).await;
            fetched.map_err(|trouble| trouble.to_string())
        }
        Source::Folder(path) => {
            let (settings, path) = (settings.clone(), path.clone());
            let reading = tokio::task::spawn_blocking(move || fetch::from_folder(&settings, &path));
            // A file system that hangs must not keep the other feeds waiting.
            let read = tokio::time::timeout(app.feed_settings().limits.total, reading).await;
            let file = read.map_err(|_| Trouble::Timeout.to_string())?.map_err(|error| error.to_string())?;
            file.map(Fetched::File).map_err(|trouble: Trouble| trouble.to_string())
        }
    }
}
