//! `/api/feeds`: sources that refresh by themselves: set, shown, run, and what is held back decided.

use super::body::Json as Body;
use super::caller::Caller;
use super::imports::{PATIENCE, fresh};
use super::params::Params;
use super::problem::Problem;
use super::wire::{FeedBody, FeedDoc};
use crate::domain::{Actor, Violation};
use crate::service::feeds::{self, Decision, FEEDS_MAX, Feed};
use crate::service::{App, Error};
use crate::store::Expected;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use serde_json::json as value;
use std::sync::Arc;
use tower_http::timeout::TimeoutLayer;

/// Runs in a page when the client does not say.
const RUNS: u64 = 20;

/// Returns the routes that wait for a run to end.
pub fn patient() -> Router<Arc<App>> {
    Router::new()
        .route("/api/feeds/{name}/run", post(run))
        .route("/api/feeds/{name}/runs/{run}/release", post(release))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
}

/// 自动更新源 — the feeds that the caller may keep.
#[utoipa::path(get, path = "/api/feeds", tag = "feeds", security(("bearer" = [])),
    responses((status = 200, body = Object, description = "`{feeds: [FeedDoc], limit}`"), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    let mut shown = Vec::new();
    for feed in feeds::feeds(&app, &caller.0).await? {
        shown.push(doc(&app, &caller.0, feed).await?);
    }
    Ok(fresh(StatusCode::OK, &value!({"feeds": shown, "limit": FEEDS_MAX})))
}

/// 新建数据源 — sets up a feed; it is due at once.
#[utoipa::path(post, path = "/api/feeds", tag = "feeds", request_body = FeedBody, security(("bearer" = [])),
    responses((status = 201, body = FeedDoc), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    body: Result<Body<FeedBody>, Problem>,
) -> Result<Response, Problem> {
    feeds::may_keep(&caller.0)?;
    let Body(body) = body?;
    let name = body.name.clone().ok_or_else(|| Error::invalid(Violation::missing("name")))?;
    put(&app, &caller.0, (&name, body), Expected::New).await
}

/// 数据源 — one feed: what is set, how it is, what the last run came to, when it runs next.
#[utoipa::path(get, path = "/api/feeds/{name}", tag = "feeds", params(("name" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = FeedDoc), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn read(State(app): State<Arc<App>>, caller: Caller, Path(name): Path<String>) -> Result<Response, Problem> {
    let feed = feeds::feed(&app, &caller.0, &name).await?;
    Ok(fresh(StatusCode::OK, &doc(&app, &caller.0, feed).await?))
}

/// 修改数据源 — sets a feed anew. Absent credentials stay, unless the source moves to another host.
#[utoipa::path(put, path = "/api/feeds/{name}", tag = "feeds", request_body = FeedBody, params(("name" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = FeedDoc), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn replace(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    body: Result<Body<FeedBody>, Problem>,
) -> Result<Response, Problem> {
    feeds::may_keep(&caller.0)?;
    let Body(body) = body?;
    if body.name.as_ref().is_some_and(|given| *given != name) {
        return Err(Error::invalid(Violation::new(
            "name",
            "name_fixed",
            format!("名称是 {name}，不能修改；请删除后另建"),
            format!("the name is {name} and can not change: remove the feed and make a new one"),
        ))
        .into());
    }
    put(&app, &caller.0, (&name, body), Expected::At(0)).await
}

/// 删除数据源 — removes a feed and the record of its runs; what it brought stays.
#[utoipa::path(delete, path = "/api/feeds/{name}", tag = "feeds", params(("name" = String, Path)), security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    feeds::remove(&app, &caller.0, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 立即运行 — runs a feed now and waits for the end of it.
#[utoipa::path(post, path = "/api/feeds/{name}/run", tag = "feeds", params(("name" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = Object, description = "the run"), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn run(State(app): State<Arc<App>>, caller: Caller, Path(name): Path<String>) -> Result<Response, Problem> {
    Ok(fresh(StatusCode::OK, &feeds::run_now(&app, &caller.0, &name).await?))
}

/// 运行记录 — runs of a feed, the newest first; the last 100 are kept.
#[utoipa::path(get, path = "/api/feeds/{name}/runs", tag = "feeds",
    params(
        ("name" = String, Path),
        ("before" = Option<u64>, Query, description = "number of a run: only older ones"),
        ("limit" = Option<u64>, Query, description = "1–100, default 20"),
    ), security(("bearer" = [])),
    responses((status = 200, body = Object, description = "`{runs, next, limit}`"), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn runs(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let before = params.at_least("before", 1);
    let limit = params.whole("limit", 1, feeds::RUNS_KEPT).unwrap_or(RUNS);
    params.finish()?;
    let (runs, next) = feeds::runs(&app, &caller.0, &name, before, limit as usize).await?;
    Ok(fresh(StatusCode::OK, &value!({"runs": runs, "next": next, "limit": limit})))
}

/// 放行 — writes a run that was held back.
#[utoipa::path(post, path = "/api/feeds/{name}/runs/{run}/release", tag = "feeds", params(("name" = String, Path), ("run" = u64, Path)), security(("bearer" = [])),
    responses((status = 200, body = Object, description = "the run"), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn release(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((name, run)): Path<(String, String)>,
) -> Result<Response, Problem> {
    decide(&app, &caller.0, (&name, &run), Decision::Release).await
}

/// 丢弃 — throws a run that was held back away.
#[utoipa::path(post, path = "/api/feeds/{name}/runs/{run}/discard", tag = "feeds", params(("name" = String, Path), ("run" = u64, Path)), security(("bearer" = [])),
    responses((status = 200, body = Object, description = "the run"), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn discard(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((name, run)): Path<(String, String)>,
) -> Result<Response, Problem> {
    decide(&app, &caller.0, (&name, &run), Decision::Discard).await
}

async fn decide(
    app: &Arc<App>,
    actor: &Actor,
    (name, run): (&str, &str),
    decision: Decision,
) -> Result<Response, Problem> {
    let number = run.parse().map_err(|_| Error::not_found(format!("{name} run {run}")))?;
    Ok(fresh(StatusCode::OK, &feeds::decide(app, actor, name, number, decision).await?))
}

async fn put(
    app: &Arc<App>,
    actor: &Actor,
    (name, body): (&str, FeedBody),
    expected: Expected,
) -> Result<Response, Problem> {
    let wanted = body.read().map_err(Error::Invalid)?;
    let feed = feeds::put(app, actor, name, wanted, expected).await?;
    let status = if expected == Expected::New { StatusCode::CREATED } else { StatusCode::OK };
    Ok(fresh(status, &doc(app, actor, feed).await?))
}

async fn doc(app: &Arc<App>, actor: &Actor, feed: Feed) -> Result<FeedDoc, Error> {
    let (runs, _) = feeds::runs(app, actor, &feed.name, None, 1).await?;
    Ok(FeedDoc::of(feed, runs.into_iter().next(), app.now()))
}
