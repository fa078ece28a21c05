//! `/api/history`, `/api/batches` (值班日志), undo of a batch, restore of a resource.

use super::body::Json as Body;
use super::caller::Caller;
use super::conditional::precondition;
use super::outward::Outward;
use super::params::Params;
use super::problem::Problem;
use super::resources::{answer, text_header};
use super::wire::{BatchesAnswer, HistoryAnswer, RestoreBody, UndoAnswer, UndoBody};
use crate::domain::{Crs, ResourceId, Revision, Violation};
use crate::service::App;
use crate::service::edit::{Action, Request, submit};
use crate::service::history::{self, Filter, LIMIT_MAX, Undo};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;

/// Lines of a page when the client does not say.
const LIMIT: u64 = 50;

/// 历史 — the journal line by line, the newest first, field by field; for staff.
#[utoipa::path(get, path = "/api/history", tag = "history",
    params(
        ("resource" = Option<String>, Query, description = "id of a resource: only what happened to it"),
        ("batch" = Option<u64>, Query, description = "only this batch"),
        ("actor" = Option<String>, Query, description = "only what this actor did"),
        ("from" = Option<String>, Query, description = "RFC 3339 time, inclusive"),
        ("until" = Option<String>, Query, description = "RFC 3339 time, inclusive"),
        ("before" = Option<u64>, Query, description = "only older than this revision, as `next` has it"),
        ("limit" = Option<u32>, Query, description = "1–200, default 50"),
    ),
    security(("bearer" = [])),
    responses((status = 200, body = HistoryAnswer), (status = 400, body = Problem), (status = 401, body = Problem)))]
pub async fn history(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<HistoryAnswer>, Problem> {
    let mut params = Params::parse(query.as_deref());
    let resource = params.resource("resource");
    let batch = params.whole("batch", 1, u64::MAX).map(Revision);
    let filter = Filter { resource, batch, ..filter(&mut params) };
    let limit = params.whole("limit", 1, LIMIT_MAX as u64).unwrap_or(LIMIT) as usize;
    params.finish()?;
    let page = history::entries(&app, &caller.0, &filter, limit).await?;
    Ok(Json(HistoryAnswer::of(page, limit)))
}

/// 值班日志 — what was done, batch by batch: who, when, why, how many, what about; for staff.
#[utoipa::path(get, path = "/api/batches", tag = "history",
    params(
        ("actor" = Option<String>, Query, description = "only what this actor did"),
        ("from" = Option<String>, Query, description = "RFC 3339 time, inclusive"),
        ("until" = Option<String>, Query, description = "RFC 3339 time, inclusive"),
        ("before" = Option<u64>, Query, description = "only older than this batch, as `next` has it"),
        ("limit" = Option<u32>, Query, description = "1–200, default 50"),
    ),
    security(("bearer" = [])),
    responses((status = 200, body = BatchesAnswer), (status = 400, body = Problem), (status = 401, body = Problem)))]
pub async fn batches(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<BatchesAnswer>, Problem> {
    let mut params = Params::parse(query.as_deref());
    let filter = filter(&mut params);
    let limit = params.whole("limit", 1, LIMIT_MAX as u64).unwrap_or(LIMIT) as usize;
    params.finish()?;
    let page = history::batches(&app, &caller.0, &filter, limit).await?;
    Ok(Json(BatchesAnswer::of(page, limit)))
}

fn filter(params: &mut Params) -> Filter {
    Filter {
        actor: params.text("actor"),
        from: params.time("from"),
        until: params.time("until"),
        before: params.whole("before", 1, u64::MAX).map(Revision),
        ..Filter::default()
    }
}

/// 撤销批次 — every change of a batch turned round, as one new batch; refused when something was changed since.
#[utoipa::path(post, path = "/api/batches/{batch}/undo", tag = "history", request_body = UndoBody,
    params(
        ("batch" = u64, Path, description = "first revision of the batch"),
        ("Idempotency-Key" = Option<String>, Header, description = "the client's name for this request; a retry gets the first answer"),
    ),
    security(("bearer" = [])),
    responses((status = 200, body = UndoAnswer), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`violations` name what was changed since"), (status = 422, body = Problem)))]
pub async fn undo(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(batch): Path<String>,
    headers: HeaderMap,
    body: Result<Body<UndoBody>, Problem>,
) -> Result<Json<UndoAnswer>, Problem> {
    caller.signed_in()?;
    let Body(body) = body?;
    let number = batch.parse().map_err(|_| {
        Problem::parameters(vec![Violation::new(
            "batch",
            "not_a_number",
            "批次应为其首个修订号",
            "a batch is named by its first revision",
        )])
    })?;
    let request = Undo {
        batch: Revision(number),
        reason: body.reason()?,
        idempotency_key: text_header(&headers, "idempotency-key")?,
    };
    Ok(Json(history::undo(app, caller.0, request).await?.into()))
}

/// 恢复 — makes a resource what it was right after a revision; one that was removed comes back with `If-None-Match: *`.
#[utoipa::path(post, path = "/api/resources/{id}/restore", tag = "history", request_body = RestoreBody,
    params(
        ("id" = String, Path, description = "id of the resource"),
        ("If-Match" = Option<String>, Header, description = "version to replace, as its ETag"),
        ("If-None-Match" = Option<String>, Header, description = "`*` to bring back what was removed"),
        ("Idempotency-Key" = Option<String>, Header, description = "the client's name for this request; a retry gets the first answer"),
        ("X-Reason" = Option<String>, Header, description = "why, for the journal (percent-encoded UTF-8)"),
    ),
    security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 201, body = Object), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn restore(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Body<RestoreBody>, Problem>,
) -> Result<Response, Problem> {
    caller.signed_in()?;
    let Body(body) = body?;
    let revision = body.revision()?;
    let reason = super::resources::reason(&headers)?;
    let request = Request {
        id: ResourceId::parse(&id).map_err(|v| Problem::parameters(vec![v]))?,
        precondition: precondition(&headers)?,
        action: Action::Restore(revision),
        crs: Crs::WGS84,
        idempotency_key: text_header(&headers, "idempotency-key")?,
        reason: Some(reason.unwrap_or_else(|| format!("restore to revision {revision}"))),
    };
    Ok(answer(submit(app, caller.0, request).await?, Outward::default()))
}
