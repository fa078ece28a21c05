//! `/api/grids`: local grids fitted to control points, spoken of as `local:NAME` wherever a file is declared.

use super::body::Json as Body;
use super::caller::Caller;
use super::params::Params;
use super::problem::Problem;
use crate::domain::{Right, may};
use crate::service::grids::{self, FitAnswer, FitRequest, GRIDS_MAX, GridDoc};
use crate::service::{App, Error};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The grids that are kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct GridsAnswer {
    /// In order of name.
    pub grids: Vec<GridDoc>,
    /// Most grids that can be kept.
    pub grids_max: usize,
}

/// 地方格网 — the local grids that are kept.
#[utoipa::path(get, path = "/api/grids", tag = "imports", security(("bearer" = [])),
    responses((status = 200, body = GridsAnswer), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<GridsAnswer>, Problem> {
    Params::parse(query.as_deref()).finish()?;
    may(&caller.0, Right::SeeStaffData).map_err(Error::Denied)?;
    Ok(Json(GridsAnswer { grids: grids::list(&app).await?, grids_max: GRIDS_MAX }))
}

/// 格网试算 — fit a grid to control points and tell the residuals; nothing is kept.
#[utoipa::path(post, path = "/api/grids/fit", tag = "imports", request_body = FitRequest, security(("bearer" = [])),
    responses((status = 200, body = FitAnswer), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn fit(caller: Caller, body: Result<Body<FitRequest>, Problem>) -> Result<Json<FitAnswer>, Problem> {
    may(&caller.0, Right::Import).map_err(Error::Denied)?;
    let Body(request) = body?;
    let fitting = move || grids::fit(&request);
    Ok(Json(tokio::task::spawn_blocking(fitting).await.map_err(Error::internal)??))
}

/// 保存格网 — fit a grid and keep it under a name, in place of the one that is there.
#[utoipa::path(put, path = "/api/grids/{name}", tag = "imports", request_body = FitRequest, security(("bearer" = [])),
    params(("name" = String, Path, description = "1–60 letters, digits, _ - or .")),
    responses((status = 200, body = GridDoc), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    body: Result<Body<FitRequest>, Problem>,
) -> Result<Json<GridDoc>, Problem> {
    // Who may is asked before what was sent is looked at.
    may(&caller.0, Right::KeepSettings).map_err(Error::Denied)?;
    let Body(request) = body?;
    Ok(Json(grids::keep(&app, &caller.0, &name, request).await?))
}

/// 删除格网 — remove a grid; positions converted by it stay as they are.
#[utoipa::path(delete, path = "/api/grids/{name}", tag = "imports", security(("bearer" = [])),
    params(("name" = String, Path, description = "name of the grid")),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    grids::remove(&app, &caller.0, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
