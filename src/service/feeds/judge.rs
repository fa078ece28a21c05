//! What a feed brought is planned, judged, and written unless it has to wait for somebody.
//!
//! Invariant: a run that speaks against its datum, or would lose or refuse too much, is held back; what is written was
//! planned against the world it is written to.

use super::super::datum::{self, DatumCheck};
use super::super::import::{self, Plan, Planning, Report, Request};
use super::super::{App, Error, grids};
use super::apply::applied;
use super::feed::{Feed, RunState};
use super::fetch::File;
use super::keep::busy;
use super::record::known_ids;
use super::run::Outcome;
use crate::exchange::{Format, Target};
use chrono::TimeDelta;
use std::sync::Arc;

/// Attempts at writing what was planned while others write too.
const ATTEMPTS: usize = 3;

/// By how much a file must be older than the one taken last to be held back: the clocks of a source's machines differ.
const OLDER_LEAST: TimeDelta = TimeDelta::minutes(1);

/// Whether a run is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Judging {
    /// It is, and may be held back.
    Strict,
    /// Somebody has looked at it.
    Released,
}

pub(super) async fn take(
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
        && let Some(why) = hold_back(feed, file, &plan.report)
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
    Ok(Request { crs, columns: feed.columns.clone(), ..Request::of(file.name.clone(), file.bytes.clone(), target) })
}

async fn planned(app: &Arc<App>, feed: &Feed, request: &Request) -> Result<Plan, Error> {
    let (world, actor, request) = (app.world(), feed.actor(), request.clone());
    let grids = grids::kept(app).await?;
    let planning =
        move || import::plan_for(&world, &request, Planning { actor: &actor, grids: &grids, steps: &|_, _| {} });
    tokio::task::spawn_blocking(planning).await.map_err(Error::internal)?
}

/// Says why a run must not be written before somebody has looked at it.
fn hold_back(feed: &Feed, file: &File, report: &Report) -> Option<String> {
    if let (Some(good), Some(made)) = (feed.progress.good_made_at, file.made_at)
        && made + OLDER_LEAST < good
    {
        let (good, made) = (good.format("%FT%RZ"), made.format("%FT%RZ"));
        return Some(format!(
            "文件（{made}）早于上次采用的（{good}），可能是旧数据；确认无误请放行 / the file, made {made}, is older than the one taken last, made {good}: release it if it is right"
        ));
    }
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
