//! `POST /api/around` (周边分析) and `POST /api/coverage` (服务覆盖).

use super::body::Json as Body;
use super::caller::Caller;
use super::origin::Client;
use super::outward::Outward;
use super::problem::Problem;
use super::wire::{AroundAnswer, AroundBody, CoverageAnswer, CoverageBody};
use crate::service::lanes::Lane;
use crate::service::query::{around as around_query, coverage as coverage_query};
use crate::service::{App, Error};
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;

/// 周边分析 — what lies within a circle or a polygon: counts, places, stock, people, and a list by distance.
#[utoipa::path(post, path = "/api/around", tag = "query", request_body = AroundBody,
    responses((status = 200, body = AroundAnswer), (status = 400, body = Problem), (status = 422, body = Problem)))]
pub async fn around(
    State(app): State<Arc<App>>,
    caller: Caller,
    client: Client,
    Body(body): Body<AroundBody>,
) -> Result<Response, Problem> {
    let audience = caller.audience();
    let world = app.view(audience, body.moment()?).await?.world;
    // Reading is part of the work: a polygon may have many vertices.
    let answering = move || -> Result<Response, Error> {
        let outward = Outward::of_word("datum_out", body.datum_out.as_deref()).map_err(Error::invalid)?;
        let request = body.read(audience).map_err(Error::Invalid)?;
        let answer = AroundAnswer::of(&world, &request, around_query::around(&world, &request));
        Ok(outward.json("application/json", &answer))
    };
    Ok(app.in_lane((Lane::Quick, &caller.who(&client)), answering).await??)
}

/// 服务覆盖 — who is within the service standard of a site and who is not, and where.
#[utoipa::path(post, path = "/api/coverage", tag = "query", request_body = CoverageBody,
    responses((status = 200, body = CoverageAnswer), (status = 400, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn coverage(
    State(app): State<Arc<App>>,
    caller: Caller,
    client: Client,
    Body(body): Body<CoverageBody>,
) -> Result<Response, Problem> {
    let outward = Outward::of_word("datum", body.datum.as_deref()).map_err(Error::invalid)?;
    let (audience, moment) = (caller.audience(), body.moment()?);
    let request = body.read(audience).map_err(Error::Invalid)?;
    if request.travel.is_some() {
        app.roads_wanted()?;
    }
    let view = app.view(audience, moment).await?;
    let present = app.roads_in(view.world, view.now);
    let finding = move || coverage_query::find_in_time(&present, request);
    let found = app.in_lane((Lane::Long, &caller.who(&client)), finding).await??;
    Ok(outward.json("application/json", &CoverageAnswer::of(&found)))
}
