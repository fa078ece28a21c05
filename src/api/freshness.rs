//! `/api/freshness` and `/api/settings/freshness`: who rests on old data, and what counts as old.

use super::body::Json as Body;
use super::caller::Caller;
use super::conditional::{json, uncached};
use super::params::Params;
use super::problem::Problem;
use super::wire::{FreshnessAnswer, SettingsDoc};
use crate::domain::{Kind, Right, Violation, may};
use crate::service::freshness::{DAYS_MAX, Filter, LIMIT_MAX, Settings, Versioned, calls, save};
use crate::service::{App, Error};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use std::sync::Arc;

/// Calls listed when the client does not say.
const LIMIT: u64 = 100;

/// 数据新鲜度 — who rests on data that is too old, and whom to call about it, the most people first.
#[utoipa::path(get, path = "/api/freshness", tag = "freshness",
    params(
        ("older_than_days" = Option<f64>, Query, description = "older than this is too old; without it, past its half-life or in doubt is"),
        ("kind" = Option<String>, Query, description = "shelter, warehouse, storage_point, team or site"),
        ("division" = Option<String>, Query, description = "only within this division"),
        ("limit" = Option<u32>, Query, description = "1–1000, default 100"),
    ),
    responses((status = 200, body = FreshnessAnswer), (status = 400, body = Problem)))]
pub async fn freshness(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let filter = Filter {
        older_than_days: params.number("older_than_days", 0.0, DAYS_MAX),
        kind: params.word("kind", Kind::from_word, Kind::choices()),
        division: params.division("division"),
    };
    let limit = params.whole("limit", 1, LIMIT_MAX as u64).unwrap_or(LIMIT) as usize;
    params.finish()?;
    let audience = caller.audience();
    let found = calls(&app, audience, filter, limit).await?;
    Ok(uncached(json("application/json", &FreshnessAnswer::of(&found, audience, limit))))
}

/// 新鲜度设置 — half-lives and deadlines in force.
#[utoipa::path(get, path = "/api/settings/freshness", tag = "freshness",
    responses((status = 200, body = SettingsDoc, description = "`ETag` is the version, `\"vN\"`")))]
pub async fn settings(State(app): State<Arc<App>>) -> Response {
    versioned(&app.freshness())
}

/// 修改新鲜度设置 — half-lives and deadlines; what is left out takes its default.
#[utoipa::path(put, path = "/api/settings/freshness", tag = "freshness", request_body(content = Object,
    description = "half_life_days, report_factor, report_floor, report_due_days, report_due_days_by_division, report_photo_days, report_contact_days"),
    params(("If-Match" = Option<String>, Header, description = "version to replace, `\"vN\"`; `\"v0\"` when nothing was ever set")),
    security(("bearer" = [])),
    responses((status = 200, body = SettingsDoc), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn put_settings(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Body<Settings>, Problem>,
) -> Result<Response, Problem> {
    caller.signed_in()?;
    may(&caller.0, Right::KeepSettings).map_err(Error::Denied)?;
    let Body(body) = body?;
    let version = version(&headers)?;
    Ok(versioned(&*save(&app, &caller.0, body, version).await?))
}

fn versioned(kept: &Versioned) -> Response {
    let mut response = uncached(json("application/json", &SettingsDoc::of(kept)));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"v{}\"", kept.version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Reads `If-Match: "vN"`.
fn version(headers: &HeaderMap) -> Result<u64, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Err(Error::PreconditionRequired.into()) };
    let text = value.to_str().unwrap_or_default().trim().trim_start_matches("W/");
    let number = text.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"')).and_then(|n| n.parse().ok());
    number.ok_or_else(|| {
        Problem::parameters(vec![Violation::new(
            "If-Match",
            "bad_tag",
            "If-Match 应为 \"v<版本>\"（取自读取时的 ETag）",
            "If-Match must be \"v<version>\", as the ETag of the read gave it",
        )])
    })
}
