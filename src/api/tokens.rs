//! `/api/tokens`: bearer tokens for programs, bounded by what their maker is.

use super::body::Json as Body;
use super::caller::Caller;
use super::origin::Client;
use super::params::Params;
use super::problem::Problem;
use super::session::answered;
use super::wire::{MadeToken, TokenBody, TokenDoc, TokensAnswer};
use crate::domain::{Right, may};
use crate::service::accounts::keep::Keeper;
use crate::service::{App, Error};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Most tokens of one page.
const PAGE_MAX: u64 = 1000;

/// Tokens of a page when nothing is said.
const PAGE: u64 = 200;

/// 令牌列表 — the tokens that the caller may keep, the newest first, without their secrets.
#[utoipa::path(get, path = "/api/tokens", tag = "accounts",
    params(("limit" = Option<u64>, Query, description = "most tokens, 1–1000"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    security(("bearer" = [])),
    responses((status = 200, body = TokensAnswer), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(State(app): State<Arc<App>>, caller: Caller, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let limit = params.whole("limit", 1, PAGE_MAX).unwrap_or(PAGE) as usize;
    let after = params.text("after");
    params.finish()?;
    may(&caller.0, Right::KeepAccounts).map_err(Error::Denied)?;
    let mut all = app.list_tokens(&caller.0).await?;
    all.reverse();
    let begin = after.map_or(0, |id| all.iter().position(|token| token.id == id).map_or(all.len(), |at| at + 1));
    let next = all.get(begin + limit).and_then(|_| all.get(begin + limit - 1)).map(|last| last.id.clone());
    let (world, now) = (app.world(), app.now());
    let page = all.into_iter().skip(begin).take(limit);
    let tokens = page.map(|token| TokenDoc::of(token, &world, now)).collect();
    Ok(answered(StatusCode::OK, &TokensAnswer { tokens, next, limit }))
}

/// 新建令牌 — shown this once; within the caller's own role and scope.
#[utoipa::path(post, path = "/api/tokens", tag = "accounts", request_body = TokenBody, security(("bearer" = [])),
    responses((status = 201, body = MadeToken), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn make(
    State(app): State<Arc<App>>,
    caller: Caller,
    Client(address): Client,
    body: Result<Body<TokenBody>, Problem>,
) -> Result<Response, Problem> {
    may(&caller.0, Right::KeepAccounts).map_err(Error::Denied)?;
    let Body(body) = body?;
    let new = body.read(app.now()).map_err(Error::Invalid)?;
    let (token, record) = app.make_token(Keeper { actor: &caller.0, address: &address }, new).await?;
    let kept = TokenDoc::of(record, &app.world(), app.now());
    Ok(answered(StatusCode::CREATED, &MadeToken { token, kept }))
}

/// 撤销令牌 — takes a token back, at once.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "accounts",
    params(("id" = String, Path, description = "id of the token")), security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Client(address): Client,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    may(&caller.0, Right::KeepAccounts).map_err(Error::Denied)?;
    app.revoke_token(Keeper { actor: &caller.0, address: &address }, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
