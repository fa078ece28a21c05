//! `/api/accounts`: who may sign in, for those who keep accounts; `/api/audit`: what was done about it.

use super::body::Json as Body;
use super::caller::Caller;
use super::origin::Client;
use super::params::Params;
use super::problem::Problem;
use super::session::answered;
use super::wire::{
    AccountBody, AccountsAnswer, AmendmentBody, InviteDoc, KeptAccount, LineDoc, MadeAccount, TrailAnswer,
};
use crate::domain::{LoginName, Right, Violation, may};
use crate::service::accounts::audit::LINES_MAX;
use crate::service::accounts::keep::{Keeper, whole_only};
use crate::service::accounts::sweep::TRAIL_KEPT;
use crate::service::{App, Error};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Most accounts of one page.
const PAGE_MAX: u64 = 1000;

/// Accounts of a page when nothing is said.
const PAGE: u64 = 200;

/// 账号列表 — the accounts that the caller may keep, in order of name.
#[utoipa::path(get, path = "/api/accounts", tag = "accounts",
    params(("limit" = Option<u64>, Query, description = "most accounts, 1–1000"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    security(("bearer" = [])),
    responses((status = 200, body = AccountsAnswer), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(State(app): State<Arc<App>>, caller: Caller, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let limit = params.whole("limit", 1, PAGE_MAX).unwrap_or(PAGE) as usize;
    let after = params.text("after").unwrap_or_default();
    params.finish()?;
    let world = app.world();
    let mut rest = app.list_accounts(&caller.0).await?.into_iter().filter(|a| a.name.as_str() > after.as_str());
    let page: Vec<_> = rest.by_ref().take(limit).collect();
    let next = rest.next().and_then(|_| page.last()).map(|last| last.name.to_string());
    let accounts = page.iter().map(|account| KeptAccount::of(account, &world)).collect();
    Ok(answered(StatusCode::OK, &AccountsAnswer { accounts, next, limit }))
}

/// 新建账号 — within the caller's own role and scope; without a password the answer holds an invitation.
#[utoipa::path(post, path = "/api/accounts", tag = "accounts", request_body = AccountBody, security(("bearer" = [])),
    responses((status = 201, body = MadeAccount), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn make(
    State(app): State<Arc<App>>,
    caller: Caller,
    Client(address): Client,
    body: Result<Body<AccountBody>, Problem>,
) -> Result<Response, Problem> {
    let by = keeper(&caller, &address)?;
    let Body(body) = body?;
    let (account, invite) = app.make_account(by, body.read().map_err(Error::Invalid)?).await?;
    let made =
        MadeAccount { account: KeptAccount::of(&account, &app.world()), invite: invite.as_ref().map(InviteDoc::from) };
    Ok(versioned(answered(StatusCode::CREATED, &made), account.edition))
}

/// 修改账号 — absent members stay; ends the account's sessions when role, scope or state change.
#[utoipa::path(patch, path = "/api/accounts/{name}", tag = "accounts", request_body = AmendmentBody,
    params(("name" = String, Path, description = "login name"), ("If-Match" = Option<String>, Header, description = "`\"v<version>\"` that was looked at, or `*`")),
    security(("bearer" = [])),
    responses((status = 200, body = KeptAccount), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Client(address): Client,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Body<AmendmentBody>, Problem>,
) -> Result<Response, Problem> {
    let by = keeper(&caller, &address)?;
    let Body(body) = body?;
    let change = (edition(&headers)?, body.read().map_err(Error::Invalid)?);
    let account = app.change_account(by, &known(&name)?, change).await?;
    let kept = KeptAccount::of(&account, &app.world());
    Ok(versioned(answered(StatusCode::OK, &kept), account.edition))
}

/// 重设密码 — a one-time link for the bearer of the account; the old password works until it is followed.
#[utoipa::path(post, path = "/api/accounts/{name}/reset", tag = "accounts",
    params(("name" = String, Path, description = "login name")), security(("bearer" = [])),
    responses((status = 201, body = InviteDoc), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn reset(
    State(app): State<Arc<App>>,
    caller: Caller,
    Client(address): Client,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let by = keeper(&caller, &address)?;
    let link = app.reset_account(by, &known(&name)?).await?;
    Ok(answered(StatusCode::CREATED, &InviteDoc::from(&link)))
}

/// 删除账号 — its sessions end; what it did stays in the journal.
#[utoipa::path(delete, path = "/api/accounts/{name}", tag = "accounts",
    params(("name" = String, Path, description = "login name")), security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    Client(address): Client,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let by = keeper(&caller, &address)?;
    app.remove_account(by, &known(&name)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// 操作记录 — what was done about accounts, sessions and tokens, and what was denied; the newest first.
#[utoipa::path(get, path = "/api/audit", tag = "accounts",
    params(("limit" = Option<u64>, Query, description = "most lines, 1–500"), ("before" = Option<String>, Query, description = "`next` of the page before")),
    security(("bearer" = [])),
    responses((status = 200, body = TrailAnswer), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn audit(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let limit = params.whole("limit", 1, LINES_MAX as u64).unwrap_or(100) as usize;
    let before = params.text("before").filter(|b| b.len() <= 60);
    params.finish()?;
    whole_only(&caller.0).map_err(Error::Denied)?;
    let mut lines = app.trail(before.as_deref(), limit + 1).await?;
    let more = lines.len() > limit;
    lines.truncate(limit);
    let next = lines.last().filter(|_| more).map(|(id, _)| id.clone());
    let entries = lines.into_iter().map(LineDoc::of).collect();
    Ok(answered(StatusCode::OK, &TrailAnswer { entries, next, limit, kept_days: TRAIL_KEPT.num_days() }))
}

/// Returns who keeps accounts. Who may not is told so first, and not what would be wrong with an account.
fn keeper<'a>(caller: &'a Caller, address: &'a str) -> Result<Keeper<'a>, Error> {
    may(&caller.0, Right::KeepAccounts).map_err(Error::Denied)?;
    Ok(Keeper { actor: &caller.0, address })
}

/// Returns the login name of an address; one that can not be is not there.
fn known(name: &str) -> Result<LoginName, Problem> {
    LoginName::parse(name).map_err(|_| Error::not_found(name).into())
}

/// Reads `If-Match` of a change: the edition that was looked at, or `None` for whatever is there.
fn edition(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let tag = headers.get(header::IF_MATCH).ok_or_else(|| {
        Problem::unconditional(
            "请先读取账号列表，把其中的 version 写成 If-Match: \"v<version>\"；不论版本用 If-Match: *",
            "list the accounts and send the version there as If-Match: \"v<version>\"; to change whatever is there, send If-Match: *",
        )
    })?;
    let text = tag.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let digits = text.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"'));
    let wrong = || {
        let zh = "If-Match 应为 \"v<version>\"，取自列表中的 version";
        Problem::parameters(vec![Violation::new(
            "If-Match",
            "bad_tag",
            zh,
            "If-Match must be \"v<version>\", as listed",
        )])
    };
    digits.and_then(|digits| digits.parse().ok()).map(Some).ok_or_else(wrong)
}

fn versioned(mut response: Response, edition: u64) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"v{edition}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
