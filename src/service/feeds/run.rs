//! One run of a feed: take the lease, fetch, plan, judge, write, tell.
//!
//! Invariants: a run is told of in a record whatever became of it; what is written is one batch; the bytes of a run that
//! is held back are kept with it until somebody decides, so that what is released is what was judged.

use super::super::datum::{self, DatumCheck};
use super::super::error::Halt;
use super::super::import::{self, Mode, Plan, Planning, Report, Request};
use super::super::{App, Error, Submission, grids, token};
use super::feed::{Feed, Lease, Missing, Run, RunState, Source};
use super::fetch::{self, Fetched, File, Validators};
use super::keep::{all, busy, check_scope, may_keep, run_key, versioned, write};
use super::{RUNS_KEPT, Trouble};
use crate::domain::{Actor, Change, Edit, Field, Kind, Lifecycle, Proposal, Resource, ResourceId, Revision, permit};
use crate::exchange::{Format, Target};
use crate::store::{Expected, Record, RecordKind};
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
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

/// Attempts at writing what was planned while others write too.
const ATTEMPTS: usize = 3;

/// What somebody decides about a run that is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is written.
    Release,
    /// It is thrown away.
    Discard,
}

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
struct Outcome {
    state: RunState,
    file: Option<File>,
    report: Option<Report>,
    batch: Option<Revision>,
    missing: usize,
    retired: usize,
    problem: Option<String>,
    /// Ids that the file has, when it was applied.
    ids: Option<BTreeSet<String>>,
}

impl Outcome {
    fn of(state: RunState) -> Self {
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
async fn take_lease(app: &App, name: &str) -> Result<Feed, Error> {
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
            let file = reading.await.map_err(|error| error.to_string())?;
            file.map(Fetched::File).map_err(|trouble: Trouble| trouble.to_string())
        }
    }
}

/// Whether a run is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Judging {
    /// It is, and may be held back.
    Strict,
    /// Somebody has looked at it.
    Released,
}

async fn take(
    app: &Arc<App>,
    feed: &Feed,
    file: &File,
    judging: Judging,
    decided_by: Option<&str>,
) -> Result<Outcome, Error> {
    let mut request = request(app, feed, file).await?;
    if judging == Judging::Released {
        // Who lets it go stands by its datum.
        request.confirmed = DatumCheck::Confirmed;
    }
    let before = known_ids(app, &feed.name).await?;
    app.refresh().await?;
    let mut plan = planned(app, feed, &request).await?;
    if judging == Judging::Strict
        && let Some(why) = hold_back(feed, &plan.report)
    {
        return Ok(Outcome { report: Some(plan.report), problem: Some(why), ..Outcome::of(RunState::Quarantined) });
    }
    let reason = reason(feed, file, &plan.report, decided_by);
    for _ in 0..ATTEMPTS {
        let turn = app.turn.lock().await;
        app.catch_up().await?;
        let world = app.world();
        if plan.proposals.iter().all(|p| import::present(&world, &p.change) == p.expected) {
            return applied(app, feed, (plan, before), &world, reason).await;
        }
        drop(turn);
        // Somebody else wrote in between: look again.
        plan = planned(app, feed, &request).await?;
    }
    Err(busy(&feed.name))
}

async fn request(app: &App, feed: &Feed, file: &File) -> Result<Request, Error> {
    let target = Target::from_word(&feed.kind).ok_or_else(|| Error::internal("a feed of no kind"))?;
    let crs = grids::resolve(app, &feed.datum).await?;
    let format = Format::detect(&file.name, &file.bytes)?;
    if let Some(wanted) = feed.format.filter(|wanted| *wanted != format) {
        return Err(Error::Conflict {
            zh: format!("应为 {} 文件，收到的是 {}", wanted.word(), format.word()),
            en: format!("a {} file is expected, and a {} file came", wanted.word(), format.word()),
        });
    }
    if let (Some(name), None) = (&feed.mapping, &feed.columns) {
        return Err(Error::Conflict {
            zh: format!("数据源没有列对应“{name}”的副本；请重新保存一次数据源"),
            en: format!("the feed has no copy of the mapping `{name}`: set the feed once more"),
        });
    }
    Ok(Request {
        file: file.name.clone(),
        bytes: file.bytes.clone(),
        target,
        crs,
        layer: None,
        columns: feed.columns.clone(),
        observed_at: None,
        mode: Mode::Commit,
        confirmed: DatumCheck::Ask,
    })
}

async fn planned(app: &Arc<App>, feed: &Feed, request: &Request) -> Result<Plan, Error> {
    let (world, actor, request) = (app.world(), feed.actor(), request.clone());
    let grids = grids::kept(app).await?;
    let planning =
        move || import::plan_for(&world, &request, Planning { actor: &actor, grids: &grids, steps: &|_, _| {} });
    tokio::task::spawn_blocking(planning).await.map_err(Error::internal)?
}

/// Says why a run must not be written before somebody has looked at it.
fn hold_back(feed: &Feed, report: &Report) -> Option<String> {
    if let Some(check) = report.datum_check.as_ref().filter(|check| check.stop) {
        return Some(format!("{} / {}", check.zh, check.en));
    }
    let (rows, refused) = (report.rows, report.refused);
    if let Some(good) = feed.progress.good_rows
        && (rows as f64) < good as f64 * (1.0 - feed.shrink_max_share)
    {
        let most = feed.shrink_max_share * 100.0;
        return Some(format!(
            "行数从 {good} 降到 {rows}，超过允许的 {most:.0}% / its rows fell from {good} to {rows}, by more than {most:.0} %"
        ));
    }
    if refused as f64 > rows as f64 * feed.refused_max_share {
        let most = feed.refused_max_share * 100.0;
        return Some(format!(
            "{rows} 行中有 {refused} 行被拒绝，超过允许的 {most:.0}% / {refused} of {rows} rows are refused, more than {most:.0} %"
        ));
    }
    None
}

/// Writes what was planned. The caller holds the turn.
async fn applied(
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

fn reason(feed: &Feed, file: &File, report: &Report, decided_by: Option<&str>) -> String {
    let run = feed.progress.runs + 1;
    let mut text = format!("feed {} run {run}; import {}; datum {}", feed.name, file.name, feed.datum);
    if report.refused > 0 {
        text.push_str(&format!("; 略过 {0} 行 / rows left out: {0}", report.refused));
    }
    if let Some(remark) = report.datum_check.as_ref().and_then(datum::remark) {
        text.push_str(&format!("; {remark}"));
    }
    if let Some(name) = decided_by {
        text.push_str(&format!("; 由 {name} 放行 / released by {name}"));
    }
    text
}

/// Says what went wrong, in words for whoever keeps the feed; what lies inside is logged and not told.
fn said(error: &Error) -> String {
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

fn told(app: &App, feed: &Feed, outcome: &Outcome, started_at: DateTime<Utc>) -> Run {
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
fn brief(report: &Report) -> serde_json::Value {
    let mut report = report.clone();
    report.refused_rows.truncate(LISTED_MAX);
    report.flagged_rows.truncate(LISTED_MAX);
    serde_json::to_value(report).unwrap_or_default()
}

/// Keeps the record of a run, then how far the feed has come; with that, the lease is given back.
async fn keep(app: &App, feed: &Feed, outcome: &Outcome, run: &Run) -> Result<(), Error> {
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
async fn progress(app: &App, ran: &Feed, change: impl Fn(&mut super::Progress)) -> Result<(), Error> {
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
        let good = feed.progress.good_rows;
        change(&mut feed.progress);
        if feed.generation != ran.generation {
            (feed.progress.seen_sha256, feed.progress.etag, feed.progress.last_modified) = set;
            feed.progress.good_rows = good;
        }
        feed.progress.lease = None;
        match write(app, &feed, Expected::At(version)).await {
            Err(Error::Conflict { .. }) => {}
            other => return other.map(drop),
        }
    }
}

async fn put_run(app: &App, name: &str, run: &Run, blob: Option<Vec<u8>>) -> Result<(), Error> {
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

async fn put_ids(app: &App, name: &str, ids: &BTreeSet<String>) -> Result<(), Error> {
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

async fn known_ids(app: &App, name: &str) -> Result<BTreeSet<String>, Error> {
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
        let file = File { name, bytes: bytes.into(), validators: Validators::default() };
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
            now.good_rows = rows;
        }
    })
    .await?;
    Ok(run)
}
