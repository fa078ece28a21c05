//! Questions by road: `GET /api/route`, `POST /api/matrix`, `POST /api/isochrones`.

use super::body::Json as Body;
use super::caller::Caller;
use super::conditional::json;
use super::origin::Client;
use super::outward::Outward;
use super::params::Params;
use super::problem::Problem;
use super::travel::TravelWords;
use super::wire::roads::{IsochroneAnswer, IsochroneBody, MatrixAnswer, MatrixBody, RouteAnswer};
use crate::service::lanes::Lane;
use crate::service::roads::ask::{costs_between, isochrones as spread, lane_of_matrix, routed};
use crate::service::{App, Error};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use std::sync::Arc;

/// 路线 — the best way from one position to another: line, minutes, metres and steps; or why there is none.
#[utoipa::path(get, path = "/api/route", tag = "roads",
    params(
        ("from" = String, Query, description = "`lon,lat` in `datum`"),
        ("to" = String, Query, description = "`lon,lat` in `datum`"),
        ("by" = String, Query, description = "foot, wheelchair, car, truck, emergency"),
        ("metric" = Option<String>, Query, description = "time (default) | length"),
        ("conditions" = Option<String>, Query, description = "rain, night, crowd; comma-separated"),
        ("time_factor" = Option<f64>, Query, description = "a factor of your own on all durations, 0.1–20"),
        ("datum" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09"),
        ("datum_out" = Option<String>, Query, description = "the same, of the answer"),
        ("as_of" = Option<String>, Query, description = "the past: a revision or an RFC 3339 time; the closures of then count"),
    ),
    responses((status = 200, body = RouteAnswer), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 503, body = Problem)))]
pub async fn route(
    State(app): State<Arc<App>>,
    caller: Caller,
    client: Client,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let datum = params.datum();
    let outward = Outward::of(&mut params, "datum_out");
    let ends = (params.pair("from", datum), params.pair("to", datum));
    let travel = match TravelWords::of(&mut params).read() {
        Ok(travel) => Some(travel),
        Err(wrong) => wrong.into_iter().find_map(|violation| params.refuse(violation)),
    };
    let moment = params.as_of();
    params.finish()?;
    let (Some(travel), (Some(from), Some(to))) = (travel, ends) else { return Err(Problem::parameters(Vec::new())) };
    let roads = app.roads_wanted()?;
    let who = caller.who(&client);
    let view = super::conditional::viewed(&app, caller.audience(), moment).await?;
    let asking = app.clone();
    let answering = move || {
        let present = asking.roads_in(view.world.clone(), view.now);
        let found = routed(&present, &roads, travel, (from, to));
        let revision = view.world.revision_for(caller.audience());
        outward.json("application/json", &RouteAnswer::of(&present, &roads, travel, (revision, &found, to)))
    };
    Ok(app.in_lane((Lane::Quick, &who), answering).await?)
}

/// 多点矩阵 — minutes and metres from each origin to each destination.
#[utoipa::path(post, path = "/api/matrix", tag = "roads", request_body = MatrixBody,
    responses((status = 200, body = MatrixAnswer), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn matrix(
    State(app): State<Arc<App>>,
    caller: Caller,
    client: Client,
    Body(body): Body<MatrixBody>,
) -> Result<Response, Problem> {
    let asked = body.read().map_err(Error::Invalid)?;
    let roads = app.roads_wanted()?;
    let (lane, who) = (lane_of_matrix(asked.origins.len(), asked.destinations.len()), caller.who(&client));
    let asking = app.clone();
    let answering = move || {
        let present = asking.present();
        let ends = (asked.origins.as_slice(), asked.destinations.as_slice());
        let costs = costs_between(&present, &roads, asked.travel, ends);
        let revision = present.world.revision_for(caller.audience());
        json("application/json", &MatrixAnswer::of(revision, asked.travel, &costs))
    };
    Ok(app.in_lane((lane, &who), answering).await?)
}

/// 等时圈 — what is reached within times or lengths, or from where: areas that follow the streets, and the people in them.
#[utoipa::path(post, path = "/api/isochrones", tag = "roads", request_body = IsochroneBody,
    responses((status = 200, body = IsochroneAnswer, content_type = "application/geo+json"), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn isochrones(
    State(app): State<Arc<App>>,
    caller: Caller,
    client: Client,
    Body(body): Body<IsochroneBody>,
) -> Result<Response, Problem> {
    let outward = Outward::of_word("datum_out", body.datum_out.as_deref()).map_err(Error::invalid)?;
    let asked = body.read().map_err(Error::Invalid)?;
    let roads = app.roads_wanted()?;
    let (lane, who) = (asked.lane(), caller.who(&client));
    let asking = app.clone();
    let answering = move || {
        let present = asking.present();
        let found = spread(&present, &roads, &asked);
        let revision = present.world.revision_for(caller.audience());
        outward.json("application/geo+json", &IsochroneAnswer::of(&present, &asked, (revision, &found)))
    };
    Ok(app.in_lane((lane, &who), answering).await?)
}
