//! `/api/imports`: a file is brought, looked into, previewed, committed or thrown away; `/api/mappings`, `/api/fields`.
//!
//! The routes that take or write much ([`patient`]) have a body limit and a time of their own.

use super::body::Json as Body;
use super::caller::Caller;
use super::conditional::{edition, json};
use super::params::Params;
use super::problem::Problem;
use super::wire::{CommittedDoc, ImportDoc, MappingBody, PreviewBody, UploadDoc};
use crate::domain::{Crs, Right, Violation, may};
use crate::exchange::Target;
use crate::service::desk::{self, Mapping, RefusedRows, RowFilter, UPLOAD_MAX};
use crate::service::{App, Error, grids};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json as value;
use std::sync::Arc;
use std::time::Duration;
use tower_http::timeout::TimeoutLayer;

/// Longest time that a file may take to arrive, or to be written.
pub(super) const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Rows in a page when the client does not say.
const ROWS: u64 = 100;

/// Returns the routes that may take long and carry much; the limits of the others are not theirs.
pub fn patient() -> Router<Arc<App>> {
    Router::new()
        .route("/api/imports", post(upload))
        .route("/api/imports/{id}/commit", post(commit))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
}

/// 上传文件 — brings a file: the body is its bytes, at most 128 MiB. It is kept for an hour, for the caller alone.
#[utoipa::path(post, path = "/api/imports", tag = "imports",
    params(("name" = String, Query, description = "name of the file")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    security(("bearer" = [])),
    responses((status = 201, body = UploadDoc), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 413, body = Problem)))]
pub async fn upload(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: axum::body::Body,
) -> Result<Response, Problem> {
    // Nobody sends a large file only to be told that he may not.
    let place = app.receive(&caller.0)?;
    let mut params = Params::parse(query.as_deref());
    let name = params.required("name");
    params.finish()?;
    let told = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if told.is_some_and(|bytes| bytes > UPLOAD_MAX as u64) {
        return Err(too_large());
    }
    let bytes = to_bytes(body, UPLOAD_MAX).await.map_err(|error| unreceived(&error))?;
    let upload = app.bring(&caller.0, name.unwrap_or_default(), Arc::from(&*bytes)).await;
    drop((place, bytes));
    let upload = upload?;
    let saved = desk::mappings(&app, &caller.0).await?;
    let mapping = upload.suggested_mapping(&saved).map(str::to_owned);
    Ok(fresh(StatusCode::CREATED, &UploadDoc::of(&upload, mapping)))
}

/// 预览 — begins to work out what the file would do; poll `GET /api/imports/{id}`.
#[utoipa::path(post, path = "/api/imports/{id}/preview", tag = "imports", request_body = PreviewBody,
    params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 202, body = ImportDoc), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn preview(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    body: Result<Body<PreviewBody>, Problem>,
) -> Result<Response, Problem> {
    let upload = app.upload(&caller.0, &id)?;
    let Body(body) = body?;
    let crs = crs(&app, body.datum.as_deref()).await?;
    let asked = body.read(crs).map_err(Error::Invalid)?;
    desk::start(&app, &caller.0, &id, asked)?;
    Ok(fresh(StatusCode::ACCEPTED, &ImportDoc::of(&upload)))
}

/// Returns what a word for a coordinate system stands for. There is no default: a silent WGS84 is how points come to lie
/// half a kilometre off.
async fn crs(app: &App, word: Option<&str>) -> Result<Result<Crs, Vec<Violation>>, Error> {
    let Some(word) = word else { return Ok(Err(vec![Violation::missing("datum")])) };
    match grids::resolve(app, word).await {
        Ok(crs) => Ok(Ok(crs)),
        Err(Error::Invalid(violations)) => Ok(Err(violations)),
        Err(error) => Err(error),
    }
}

/// 进度与报告 — how far an upload has come.
#[utoipa::path(get, path = "/api/imports/{id}", tag = "imports", params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = ImportDoc), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn read(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    Ok(fresh(StatusCode::OK, &ImportDoc::of(&*app.upload(&caller.0, &id)?)))
}

/// 预览的行 — the rows of a preview: class, flags, field by field before and after, what is wrong.
#[utoipa::path(get, path = "/api/imports/{id}/rows", tag = "imports",
    params(
        ("id" = String, Path),
        ("class" = Option<String>, Query, description = "new | changed | same | refused | possible_duplicate | stacked_pin | outside_its_division | outside_district"),
        ("after" = Option<u64>, Query, description = "row number after which to go on"),
        ("limit" = Option<u64>, Query, description = "1–500, default 100"),
    ), security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn rows(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let filter = params.word("class", RowFilter::from_word, RowFilter::choices()).unwrap_or(RowFilter::All);
    let after = params.at_least("after", 0).unwrap_or(0);
    let limit = params.whole("limit", 1, desk::PAGE_MAX as u64).unwrap_or(ROWS);
    params.finish()?;
    let preview = app.upload(&caller.0, &id)?.ready()?;
    let paging = move || desk::page(&preview, filter, usize::try_from(after).unwrap_or(usize::MAX), limit as usize);
    let page = tokio::task::spawn_blocking(paging).await.map_err(Error::internal)?;
    Ok(fresh(StatusCode::OK, &page))
}

/// 提交 — writes exactly what was previewed, in one batch that can be undone in one act.
#[utoipa::path(post, path = "/api/imports/{id}/commit", tag = "imports",
    params(
        ("id" = String, Path),
        ("refused" = Option<String>, Query, description = "stop (default): refused rows keep the file from being written; leave_out: they are left out"),
    ), security(("bearer" = [])),
    responses((status = 200, body = CommittedDoc), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn commit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let refused = params.word("refused", refused_rows, "stop, leave_out".to_owned()).unwrap_or(RefusedRows::Stop);
    params.finish()?;
    let done = desk::commit(&app, &caller.0, &id, refused).await?;
    let (batch, revision) = (done.batch.map(|b| b.0), done.revision.0);
    Ok(fresh(StatusCode::OK, &CommittedDoc { batch, revision, report: value!(done.report) }))
}

fn refused_rows(word: &str) -> Option<RefusedRows> {
    match word {
        "stop" => Some(RefusedRows::Stop),
        "leave_out" => Some(RefusedRows::LeaveOut),
        _ => None,
    }
}

/// 批注副本 — the file given back, with the verdict and the reasons beside every row.
#[utoipa::path(get, path = "/api/imports/{id}/annotated", tag = "imports", params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>, description = "XLSX, CSV or GeoJSON, as the file was"), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn annotated(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let upload = app.upload(&caller.0, &id)?;
    let preview = upload.ready()?;
    let name = upload.name.clone();
    let copying = move || desk::annotated(&upload, &preview);
    let file = tokio::task::spawn_blocking(copying).await.map_err(Error::internal)??;
    let (stem, ending) = (name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem), file.file_name_ending);
    let names = [format!("{stem}（处理结果）.{ending}"), format!("annotated.{ending}")];
    let mut response = super::export::answer(file, &names);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// 删除上传 — throws an upload away.
#[utoipa::path(delete, path = "/api/imports/{id}", tag = "imports", params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.throw_away(&caller.0, &id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 已存的列对应 — saved mappings of columns.
#[utoipa::path(get, path = "/api/mappings", tag = "imports", security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn mappings(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    let mappings = desk::mappings(&app, &caller.0).await?;
    Ok(fresh(StatusCode::OK, &value!({"mappings": mappings, "limit": desk::MAPPINGS_MAX})))
}

/// 保存列对应 — saves a mapping of columns: a new one, or in place of the version looked at (its maker or a steward).
#[utoipa::path(put, path = "/api/mappings/{name}", tag = "imports", request_body = MappingBody,
    params(
        ("name" = String, Path),
        ("If-Match" = Option<String>, Header, description = "`\"v<version>\"` that was looked at, or `*`"),
        ("If-None-Match" = Option<String>, Header, description = "`*` for a new one"),
    ),
    security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn put_mapping(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Body<MappingBody>, Problem>,
) -> Result<Response, Problem> {
    may(&caller.0, Right::Import).map_err(Error::Denied)?;
    let Body(body) = body?;
    let (kind, columns) = (body.kind.unwrap_or_default(), body.columns.unwrap_or_default());
    let mapping = Mapping { name, kind, datum: body.datum, columns, by: String::new(), version: 0 };
    let kept = desk::put_mapping(&app, &caller.0, mapping, edition(&headers)?).await?;
    let mut response = fresh(StatusCode::OK, &kept);
    if let Ok(tag) = HeaderValue::from_str(&format!("\"v{}\"", kept.version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// 删除列对应 — deletes a saved mapping (its maker or a steward).
#[utoipa::path(delete, path = "/api/mappings/{name}", tag = "imports",
    params(("name" = String, Path), ("If-Match" = Option<String>, Header, description = "`\"v<version>\"` that was looked at, or `*`")),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem), (status = 428, body = Problem)))]
pub async fn delete_mapping(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    may(&caller.0, Right::Import).map_err(Error::Denied)?;
    desk::drop_mapping(&app, &caller.0, &name, edition(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 字段 — the fields that a column may be read as, with their names and words.
#[utoipa::path(get, path = "/api/fields", tag = "imports",
    params(("kind" = String, Query, description = "shelter | warehouse | storage_point | team | site | demand | division")),
    responses((status = 200, body = Object), (status = 400, body = Problem)))]
pub async fn fields(RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let word = params.required("kind");
    let target = word.as_deref().and_then(Target::from_word);
    if let (Some(word), None) = (word, target) {
        params.refuse::<()>(Violation::not_a_choice("kind", &word, &Target::choices()));
    }
    params.finish()?;
    let fields = target.map(desk::fields).unwrap_or_default();
    Ok(json("application/json", &value!({"kind": target.map(Target::word), "fields": fields})))
}

/// An answer that nobody keeps.
pub(super) fn fresh(status: StatusCode, body: &impl serde::Serialize) -> Response {
    let mut response = json("application/json", body);
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.into_response()
}

fn too_large() -> Problem {
    Error::TooLarge {
        zh: format!("文件超过 {UPLOAD_MAX} 字节；更大的文件请用命令行 bihu import"),
        en: format!("the file is larger than {UPLOAD_MAX} bytes: import it with bihu import"),
    }
    .into()
}

/// Tells a body over the limit from one that was cut off.
fn unreceived(error: &axum::Error) -> Problem {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("length limit exceeded") {
            return too_large();
        }
        cause = error.source();
    }
    Problem::bad_request("文件未能完整收到，请重传", "the file did not arrive whole: send it again")
}
