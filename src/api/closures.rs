//! `/api/closures`: roads that can not be used, from when to when, for whom; what closing them does.

use super::body::Json as Body;
use super::caller::Caller;
use super::conditional::uncached;
use super::outward::Outward;
use super::params::Params;
use super::problem::Problem;
use super::resources::text_header;
use super::wire::closures::{ClosureAnswer, ClosureBody, ClosureFeature, ClosuresAnswer};
use crate::domain::ClosureId;
use crate::service::{App, Error, closures};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// 道路封控列表 — closures in force and to come, each with the roads that it shuts.
#[utoipa::path(get, path = "/api/closures", tag = "roads",
    params(("datum_out" = Option<String>, Query, description = "datum of the answer: wgs84 (default) | cgcs2000 | gcj02 | bd09")),
    responses((status = 200, body = ClosuresAnswer), (status = 400, body = Problem)))]
pub async fn list(State(app): State<Arc<App>>, caller: Caller, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let outward = asked_datum(query.as_deref())?;
    let describing = move || ClosuresAnswer::of(&app.present(), caller.audience());
    let answer = tokio::task::spawn_blocking(describing).await.map_err(Error::internal)?;
    Ok(uncached(outward.json(GEOJSON, &answer)))
}

/// 封控详情 — one closure, also one that is past.
#[utoipa::path(get, path = "/api/closures/{id}", tag = "roads",
    params(("id" = String, Path, description = "name of the closure"),
        ("datum_out" = Option<String>, Query, description = "datum of the answer: wgs84 (default) | cgcs2000 | gcj02 | bd09")),
    responses((status = 200, body = ClosureFeature), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn read(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let outward = asked_datum(query.as_deref())?;
    let id = named(&id)?;
    let present = app.present();
    let row = present.world.closure(&id).ok_or_else(|| Error::not_found(id.to_string()))?;
    Ok(uncached(outward.json(GEOJSON, &ClosureFeature::of(&present, row))))
}

/// 封控道路 — closes roads at once, and tells who and what is cut off or delayed by it.
#[utoipa::path(post, path = "/api/closures", tag = "roads", request_body = ClosureBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "a repetition with the same key makes no second closure")),
    security(("bearer" = [])),
    responses((status = 201, body = ClosureAnswer), (status = 200, body = ClosureAnswer, description = "it was there already"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn close(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Body<ClosureBody>, Problem>,
) -> Result<Response, Problem> {
    caller.signed_in()?;
    let Body(body) = body?;
    let outward = Outward::of_word("properties.datum_out", body.datum_out()).map_err(Error::invalid)?;
    let (new, delayed_over) = body.read().map_err(Error::Invalid)?;
    let key = text_header(&headers, "idempotency-key")?;
    let outcome = closures::close(app, caller.0, new, (key, delayed_over)).await?;
    let status = if outcome.repeated { StatusCode::OK } else { StatusCode::CREATED };
    let place = format!("/api/closures/{}", outcome.closure.value.id);
    let answer = outward.json(GEOJSON, &ClosureAnswer::of(&outcome));
    Ok(uncached((status, [("location", place)], answer).into_response()))
}

/// 解除封控 — opens the roads again, and tells who and what is regained by it.
#[utoipa::path(delete, path = "/api/closures/{id}", tag = "roads",
    params(("id" = String, Path, description = "name of the closure"),
        ("reason" = Option<String>, Query, description = "why, for the journal"),
        ("datum_out" = Option<String>, Query, description = "datum of the answer: wgs84 (default) | cgcs2000 | gcj02 | bd09")),
    security(("bearer" = [])),
    responses((status = 200, body = ClosureAnswer), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn lift(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    caller.signed_in()?;
    let mut params = Params::parse(query.as_deref());
    let reason = params.text("reason");
    let outward = Outward::of(&mut params, "datum_out");
    params.finish()?;
    let outcome = closures::lift(app, caller.0, named(&id)?, reason).await?;
    Ok(uncached(outward.json(GEOJSON, &ClosureAnswer::of(&outcome))))
}

const GEOJSON: &str = "application/geo+json";

fn asked_datum(query: Option<&str>) -> Result<Outward, Problem> {
    let mut params = Params::parse(query);
    let outward = Outward::of(&mut params, "datum_out");
    params.finish()?;
    Ok(outward)
}

fn named(id: &str) -> Result<ClosureId, Problem> {
    Ok(ClosureId::parse(id).ok_or_else(|| Error::not_found(id))?)
}
