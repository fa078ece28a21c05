//! `/api/resources/{id}`: read, put, patch, remove one resource.

use super::body::Json;
use super::caller::Caller;
use super::conditional::{json, precondition, row_tag, tagged};
use super::outward::Outward;
use super::params::Params;
use super::problem::Problem;
use crate::domain::{Audience, ResourceId, Violation};
use crate::exchange::document;
use crate::service::edit::{Action, Outcome, Request, submit};
use crate::service::{App, Error, view};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use std::sync::Arc;

/// 读取一个资源 — one resource as a flat document.
#[utoipa::path(get, path = "/api/resources/{id}", tag = "resources",
    params(("id" = String, Path, description = "id of the resource"),
        ("datum" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of the answer, which names it")),
    responses((status = 200, body = Object, description = "flat document; `ETag` names its version"), (status = 304), (status = 404, body = Problem)))]
pub async fn read(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let outward = Outward::of(&mut params, "datum");
    params.finish()?;
    let audience = caller.audience();
    let world = app.world();
    let row = ResourceId::parse(&id).ok().and_then(|id| world.resource_for(audience, &id).cloned());
    let row = row.ok_or_else(|| Error::not_found(id))?;
    let tag = row_tag(audience, view::revision_for(audience, &row));
    Ok(tagged(&headers, audience, &tag, || outward.json("application/json", &view::document(&world, &row, audience))))
}

/// 新建或整体替换 — create (`If-None-Match: *`) or replace (`If-Match`) one resource.
#[utoipa::path(put, path = "/api/resources/{id}", tag = "resources",
    params(
        ("id" = String, Path, description = "id of the resource"),
        ("If-Match" = Option<String>, Header, description = "version to replace, as its ETag"),
        ("If-None-Match" = Option<String>, Header, description = "`*` to create"),
        ("Idempotency-Key" = Option<String>, Header, description = "the client's name for this request; a retry gets the first answer"),
        ("X-Reason" = Option<String>, Header, description = "why, for the journal (percent-encoded UTF-8)"),
    ),
    request_body(content = Object, description = "flat document or GeoJSON Feature"),
    security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 201, body = Object), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Response, Problem> {
    write(app, caller, (&id, query.as_deref(), &headers), Action::Put(object(body)?)).await
}

/// 局部修改 — merge patch (RFC 7396): absent fields stay, `null` makes unknown.
#[utoipa::path(patch, path = "/api/resources/{id}", tag = "resources",
    params(
        ("id" = String, Path, description = "id of the resource"),
        ("If-Match" = Option<String>, Header, description = "version to change, as its ETag"),
        ("Idempotency-Key" = Option<String>, Header, description = "the client's name for this request; a retry gets the first answer"),
        ("X-Reason" = Option<String>, Header, description = "why, for the journal (percent-encoded UTF-8)"),
    ),
    request_body(content = Object, description = "the fields that change"),
    security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Response, Problem> {
    write(app, caller, (&id, query.as_deref(), &headers), Action::Patch(object(body)?)).await
}

/// 删除 — remove one resource; the journal keeps what it was.
#[utoipa::path(delete, path = "/api/resources/{id}", tag = "resources",
    params(
        ("id" = String, Path, description = "id of the resource"),
        ("If-Match" = Option<String>, Header, description = "version to remove, as its ETag"),
        ("Idempotency-Key" = Option<String>, Header, description = "the client's name for this request; a retry gets the first answer"),
    ),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem), (status = 428, body = Problem)))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    write(app, caller, (&id, query.as_deref(), &headers), Action::Delete).await
}

async fn write(
    app: Arc<App>,
    caller: Caller,
    (id, query, headers): (&str, Option<&str>, &HeaderMap),
    action: Action,
) -> Result<Response, Problem> {
    Params::parse(query).finish()?;
    let request = Request {
        id: ResourceId::parse(id).map_err(|v| Problem::parameters(vec![v]))?,
        precondition: precondition(headers)?,
        action,
        idempotency_key: text_header(headers, "idempotency-key")?,
        reason: reason(headers)?,
    };
    submit(app, caller.0, request).await.map(answer).map_err(Problem::from)
}

fn answer(outcome: Outcome) -> Response {
    let Some(document) = outcome.document else { return StatusCode::NO_CONTENT.into_response() };
    let mut response = json("application/json", &document);
    if outcome.created {
        *response.status_mut() = StatusCode::CREATED;
    }
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&row_tag(Audience::Staff, outcome.revision)) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn object(body: Value) -> Result<Map<String, Value>, Problem> {
    document::flatten(body).map_err(|violations| Problem::from(Error::Invalid(violations)))
}

fn text_header(headers: &HeaderMap, name: &'static str) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    match value.to_str() {
        Ok(text) if text.len() <= 2000 => Ok(Some(text.to_owned())),
        _ => Err(Problem::parameters(vec![Violation::new(
            name,
            "bad_header",
            format!("{name} 应为不超过 2000 个可见 ASCII 字符"),
            format!("{name} takes at most 2000 visible ASCII characters"),
        )])),
    }
}

/// Reads why, percent-decoded: that is how text beyond ASCII travels in a header. What no journal can keep is refused.
fn reason(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(text) = text_header(headers, "x-reason")? else { return Ok(None) };
    let reason = decoded(&text);
    if reason.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(Problem::parameters(vec![Violation::new(
            "x-reason",
            "control_character",
            "X-Reason 含有不可见控制字符",
            "X-Reason holds a control character",
        )]));
    }
    Ok(Some(reason).filter(|r| !r.trim().is_empty()))
}

/// Undoes percent-encoding, and nothing else that forms do.
fn decoded(text: &str) -> String {
    let literal = text.replace('&', "%26").replace('=', "%3D").replace('+', "%2B");
    form_urlencoded::parse(literal.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}
