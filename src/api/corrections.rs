//! `/api/corrections`: reports that the map is wrong, their answers, and the inbox.

use super::body::Json as Body;
use super::caller::Caller;
use super::conditional::{json, precondition, uncached};
use super::origin::Client;
use super::params::Params;
use super::problem::Problem;
use super::wire::{AnswerBody, AnsweredDoc, InboxAnswer, ReceiptDoc, ReportBody, StatusDoc};
use crate::domain::{CorrectionId, CorrectionState, Right, Violation, may};
use crate::service::corrections::{self, Filter, LIMIT_MAX};
use crate::service::{App, Error};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Reports of a page when the client does not say.
const LIMIT: u64 = 50;

/// 纠错上报 — says that something is wrong about a place; nobody needs an account.
#[utoipa::path(post, path = "/api/corrections", tag = "corrections", request_body = ReportBody,
    responses((status = 201, body = ReceiptDoc), (status = 404, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem, description = "`Retry-After` says when")))]
pub async fn report(
    State(app): State<Arc<App>>,
    caller: Caller,
    Client(client): Client,
    Body(body): Body<ReportBody>,
) -> Result<Response, Problem> {
    let new = body.read().map_err(Error::Invalid)?;
    let receipt = corrections::report(app, caller.0, client, new).await?;
    Ok(uncached((StatusCode::CREATED, Json(ReceiptDoc::from(receipt))).into_response()))
}

/// 查询回执 — what became of a report, to whoever has its receipt number.
#[utoipa::path(get, path = "/api/corrections/{receipt}", tag = "corrections",
    params(("receipt" = String, Path, description = "receipt number; blanks, hyphens and case do not matter")),
    responses((status = 200, body = StatusDoc), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn look_up(
    State(app): State<Arc<App>>,
    caller: Caller,
    Client(client): Client,
    Path(receipt): Path<String>,
) -> Result<Response, Problem> {
    let status = corrections::look_up(&app, &caller.0, &client, &receipt)?;
    Ok(uncached(json("application/json", &StatusDoc::from(status))))
}

/// 纠错收件箱 — reports that the caller may answer, the newest first.
#[utoipa::path(get, path = "/api/corrections", tag = "corrections",
    params(
        ("state" = Option<String>, Query, description = "open, accepted or rejected"),
        ("division" = Option<String>, Query, description = "only of this division"),
        ("resource" = Option<String>, Query, description = "only about this resource"),
        ("before" = Option<String>, Query, description = "only what was reported before this receipt, as `next` has it"),
        ("limit" = Option<u32>, Query, description = "1–200, default 50"),
    ),
    security(("bearer" = [])),
    responses((status = 200, body = InboxAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn inbox(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let filter = Filter {
        state: params.word("state", CorrectionState::from_word, CorrectionState::choices()),
        division: params.division("division"),
        resource: params.resource("resource"),
        before: receipt(&mut params),
    };
    let limit = params.whole("limit", 1, LIMIT_MAX as u64).unwrap_or(LIMIT) as usize;
    params.finish()?;
    let found = corrections::inbox(&app, &caller.0, &filter, limit).await?;
    Ok(uncached(json("application/json", &InboxAnswer::of(&app.world(), found, limit))))
}

fn receipt(params: &mut Params) -> Option<CorrectionId> {
    let text = params.text("before")?;
    CorrectionId::parse(&text).or_else(|| {
        params.refuse(Violation::new("before", "bad_receipt", "before 应为回执号", "before takes a receipt number"))
    })
}

/// 纠错照片 — the photograph of a report, for whoever may answer it.
#[utoipa::path(get, path = "/api/corrections/{receipt}/photo", tag = "corrections",
    params(("receipt" = String, Path, description = "receipt number")),
    security(("bearer" = [])),
    responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn photo(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(receipt): Path<String>,
) -> Result<Response, Problem> {
    let (media, bytes) = corrections::photo_of(&app, &caller.0, &receipt).await?;
    let mut response = uncached(bytes.into_response());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&media).map_err(Error::internal)?);
    // A stranger sent it: whatever it is, it draws a picture and does nothing else.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(response)
}

/// 答复纠错 — accepts or rejects a report with a reply, and with it, in one batch, puts the resource right.
#[utoipa::path(post, path = "/api/corrections/{receipt}/answer", tag = "corrections", request_body = AnswerBody,
    params(
        ("receipt" = String, Path, description = "receipt number"),
        ("If-Match" = Option<String>, Header, description = "version of the resource that `patch` was made for; without it, whatever is there is changed"),
    ),
    security(("bearer" = [])),
    responses((status = 200, body = AnsweredDoc), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
pub async fn answer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(receipt): Path<String>,
    headers: HeaderMap,
    body: Result<Body<AnswerBody>, Problem>,
) -> Result<Json<AnsweredDoc>, Problem> {
    may(&caller.0, Right::AnswerReports).map_err(Error::Denied)?;
    let Body(body) = body?;
    let answer = body.read(receipt, precondition(&headers)?).map_err(Error::Invalid)?;
    Ok(Json(corrections::answer(app, caller.0, answer).await?.into()))
}
