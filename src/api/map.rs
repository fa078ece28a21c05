//! What the map page asks for: `/api/meta`, `/api/layers/{layer}`, `/api/search`.

use super::caller::Caller;
use super::conditional::{tagged, view_tag, viewed};
use super::outward::Outward;
use super::params::Params;
use super::problem::Problem;
use super::wire::{MapApproval, Meta, SearchAnswer};
use crate::domain::{Kind, Violation};
use crate::service::query::layers::{Layer, layer as draw};
use crate::service::query::search::{LIMIT_MAX, QUERY_MAX, Search, search as find};
use crate::service::{App, Error};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;

/// 服务概况 — what this service holds, for whom, at which revision.
#[utoipa::path(get, path = "/api/meta", tag = "map", responses((status = 200, body = Meta)))]
pub async fn meta(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Meta>, Problem> {
    Params::parse(query.as_deref()).finish()?;
    Ok(Json(Meta::of((&app.world(), MapApproval::of(&app)), &caller.0)))
}

/// 图层 — a whole layer for the map: points with few properties, or areas.
#[utoipa::path(get, path = "/api/layers/{layer}", tag = "map",
    params(
        ("layer" = String, Path, description = "shelter | warehouse | storage_point | team | site | divisions | demand"),
        ("datum" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of the answer, which names it"),
        ("as_of" = Option<String>, Query, description = "the past: a revision or an RFC 3339 time"),
    ),
    responses((status = 200, content_type = "application/geo+json", body = Object), (status = 304), (status = 404, body = Problem)))]
pub async fn layer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let (outward, moment) = (Outward::of(&mut params, "datum"), params.as_of());
    params.finish()?;
    let layer = Layer::from_word(&name).ok_or_else(|| Error::not_found(format!("layer {name}")))?;
    let audience = caller.audience();
    let view = viewed(&app, audience, moment).await?;
    let bytes = draw(&app, audience, layer, &view).await?;
    let tag = view_tag(audience, &view);
    Ok(tagged(&headers, audience, &tag, || outward.bytes("application/geo+json", bytes)))
}

/// 按名称查找 — resources and divisions by name or code.
#[utoipa::path(get, path = "/api/search", tag = "map",
    params(("q" = String, Query, description = "words in the name, or a code; at most 100 characters"), ("limit" = Option<u32>, Query, description = "1–50, default 10"),
        ("kind" = Option<String>, Query, description = "kinds of resources to look for besides divisions, comma-separated; default all"),
        ("datum" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of the answer, which names it")),
    responses((status = 200, body = SearchAnswer), (status = 400, body = Problem)))]
pub async fn search(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let outward = Outward::of(&mut params, "datum");
    let limit = params.whole("limit", 1, LIMIT_MAX as u64).unwrap_or(10) as usize;
    let kinds = params.words("kind", Kind::from_word, Kind::choices());
    let words = params.required("q");
    if words.as_ref().is_some_and(|w| w.chars().count() > QUERY_MAX) {
        params.refuse::<()>(Violation::outside(
            "q",
            "…",
            (&format!("1…{QUERY_MAX} 个字符"), &format!("1…{QUERY_MAX} characters")),
        ));
    }
    params.finish()?;
    let (world, audience) = (app.world(), caller.audience());
    let found = find(&world, audience, Search { query: &words.unwrap_or_default(), kinds: &kinds, limit });
    Ok(outward.json("application/json", &SearchAnswer::of(world.revision_for(audience), found)))
}
