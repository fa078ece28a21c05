//! `/api/resources/{id}`: read, put, patch, remove one resource.

use super::body::Json;
use super::caller::Caller;
use super::conditional::{precondition, row_tag, tagged, uncached, viewed};
use super::outward::Outward;
use super::params::Params;
use super::problem::Problem;
use super::wire::{FreshnessDoc, PastDoc};
use crate::domain::{Audience, Crs, ResourceId, Violation};
use crate::exchange::document;
use crate::service::edit::{Action, Outcome, Request, submit};
use crate::service::{App, Error, grids, view};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// 读取一个资源 — one resource as a flat document.
#[utoipa::path(get, path = "/api/resources/{id}", tag = "resources",
    params(
        ("id" = String, Path, description = "id of the resource"),
        ("datum" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of the answer, which names it"),
        ("as_of" = Option<String>, Query, description = "the past: a revision or an RFC 3339 time; the answer then has `as_of`"),
        ("freshness" = Option<bool>, Query, description = "add `freshness`: ages and confidence of each group of fields; such an answer is not cached"),
    ),
    responses((status = 200, body = Object, description = "flat document; `ETag` names its version"), (status = 304), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn read(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let (outward, moment, aged) = (Outward::of(&mut params, "datum"), params.as_of(), params.flag("freshness"));
    params.finish()?;
    let audience = caller.audience();
    let seen = viewed(&app, audience, moment).await?;
    let row = ResourceId::parse(&id).ok().and_then(|id| seen.world.resource_for(audience, &id).cloned());
    let row = row.ok_or_else(|| Error::not_found(id))?;
    let tag = row_tag(audience, view::revision_for(audience, &row), view::division_since(&seen.world, &row, audience));
    let mut document = view::document(&seen.world, &row, audience);
    if let Some(past) = seen.past {
        document.insert("as_of".to_owned(), json!(PastDoc::from(past)));
    }
    if !aged {
        return Ok(tagged(&headers, audience, &tag, || outward.json("application/json", &document)));
    }
    let rule = app.freshness().settings.rule();
    document.insert("freshness".to_owned(), json!(FreshnessDoc::of(&seen, &row, &rule, audience)));
    // Ages change by the second, so the tag says only which version this is, and nobody keeps the answer.
    let mut response = uncached(outward.json("application/json", &document));
    if let Ok(tag) = HeaderValue::from_str(&format!("W/{tag}")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// 新建或整体替换 — create (`If-None-Match: *`) or replace (`If-Match`) one resource.
#[utoipa::path(put, path = "/api/resources/{id}", tag = "resources",
    params(
        ("id" = String, Path, description = "id of the resource"),
        ("datum" = Option<String>, Query, description = "coordinate system of the positions in the body: wgs84 (default) | cgcs2000 | gcj02 | bd09 | web_mercator | EPSG:… | local:NAME; the numbers as given are kept as `declared`"),
        ("datum_out" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of the answer, which names it"),
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
    body: Result<Json<Value>, Problem>,
) -> Result<Response, Problem> {
    caller.signed_in()?;
    let Json(body) = body?;
    write_body(app, caller, (&id, query.as_deref(), &headers), (body, Action::Put)).await
}

/// 局部修改 — merge patch (RFC 7396): absent fields stay, `null` makes unknown.
#[utoipa::path(patch, path = "/api/resources/{id}", tag = "resources",
    params(
        ("id" = String, Path, description = "id of the resource"),
        ("datum" = Option<String>, Query, description = "coordinate system of the positions in the body: wgs84 (default) | cgcs2000 | gcj02 | bd09 | web_mercator | EPSG:… | local:NAME; the numbers as given are kept as `declared`"),
        ("datum_out" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of the answer, which names it"),
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
    body: Result<Json<Value>, Problem>,
) -> Result<Response, Problem> {
    caller.signed_in()?;
    let Json(body) = body?;
    write_body(app, caller, (&id, query.as_deref(), &headers), (body, Action::Patch)).await
}

/// 删除 — remove one resource; the journal keeps what it was.
#[utoipa::path(delete, path = "/api/resources/{id}", tag = "resources",
    params(
        ("id" = String, Path, description = "id of the resource"),
        ("If-Match" = Option<String>, Header, description = "version to remove, as its ETag"),
        ("Idempotency-Key" = Option<String>, Header, description = "the client's name for this request; a retry gets the first answer"),
        ("X-Reason" = Option<String>, Header, description = "why, for the journal (percent-encoded UTF-8)"),
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
    Params::parse(query.as_deref()).finish()?;
    let request = request((&id, &headers), Action::Delete, Crs::WGS84)?;
    submit(app, caller.0, request).await.map(|outcome| answer(outcome, Outward::default())).map_err(Problem::from)
}

/// Writes what a body says, its positions in the coordinate system that was asked for.
async fn write_body(
    app: Arc<App>,
    caller: Caller,
    (id, query, headers): (&str, Option<&str>, &HeaderMap),
    (body, action): (Value, fn(Map<String, Value>) -> Action),
) -> Result<Response, Problem> {
    let mut params = Params::parse(query);
    let (word, outward) = (params.text("datum"), Outward::of(&mut params, "datum_out"));
    params.finish()?;
    let crs = match &word {
        None => Crs::WGS84,
        Some(word) => grids::resolve(&app, word).await.map_err(unknown_system)?,
    };
    let body = if word.is_some() { without_datum(body, &crs)? } else { body };
    let request = request((id, headers), action(object(body)?), crs)?;
    submit(app, caller.0, request).await.map(|outcome| answer(outcome, outward)).map_err(Problem::from)
}

fn request((id, headers): (&str, &HeaderMap), action: Action, crs: Crs) -> Result<Request, Problem> {
    Ok(Request {
        id: ResourceId::parse(id).map_err(|v| Problem::parameters(vec![v]))?,
        precondition: precondition(headers)?,
        action,
        crs,
        idempotency_key: text_header(headers, "idempotency-key")?,
        reason: reason(headers)?,
    })
}

/// What is wrong with a parameter is told as that.
fn unknown_system(error: Error) -> Problem {
    match error {
        Error::Invalid(violations) => Problem::parameters(violations),
        error => error.into(),
    }
}

/// Takes out the datum that a shifted document names, when it is the one that the write names too.
fn without_datum(mut body: Value, crs: &Crs) -> Result<Value, Problem> {
    let Some(named) = body.as_object_mut().and_then(|members| members.remove("datum")) else { return Ok(body) };
    if named.as_str().and_then(|word| Crs::parse(word).ok()).is_some_and(|named| named == *crs) {
        return Ok(body);
    }
    let asked = crs.word();
    Err(Error::invalid(Violation::new(
        "datum",
        "conflict",
        format!("正文的 datum 与参数 datum={asked} 不一致，请只给一个或改为相同"),
        format!("the body's datum is not {asked}, the one of the parameter: name one of them, or the same twice"),
    ))
    .into())
}

pub(super) fn answer(outcome: Outcome, outward: Outward) -> Response {
    let Some(document) = outcome.document else { return StatusCode::NO_CONTENT.into_response() };
    let mut response = outward.json("application/json", &document);
    if outcome.created {
        *response.status_mut() = StatusCode::CREATED;
    }
    if let Ok(tag) = HeaderValue::from_str(&row_tag(Audience::Staff, outcome.revision, outcome.division)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    uncached(response)
}

fn object(body: Value) -> Result<Map<String, Value>, Problem> {
    document::flatten(body).map_err(|violations| Problem::from(Error::Invalid(violations)))
}

pub(super) fn text_header(headers: &HeaderMap, name: &'static str) -> Result<Option<String>, Problem> {
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
pub(super) fn reason(headers: &HeaderMap) -> Result<Option<String>, Problem> {
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
