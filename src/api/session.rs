//! `/api/session`: sign in and out, who asks, another password; `/api/setup`: one-time links.

use super::body::Json as Body;
use super::caller::Credentials;
use super::conditional::json;
use super::cookie::{self, SameSite};
use super::origin::{Client, refuse_foreign};
use super::params::Params;
use super::problem::Problem;
use super::wire::{LinkAnswer, LinkBody, OidcDoc, PasswordBody, SessionAnswer, SetupBody, SignInBody, WhoAnswer};
use crate::service::App;
use crate::service::accounts::NewSession;
use crate::service::accounts::attempt::Attempt;
use crate::service::accounts::link::Follower;
use crate::service::accounts::session::AT_MOST;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;

/// 登录 — a new session; its secret is in the cookie alone.
#[utoipa::path(post, path = "/api/session", tag = "accounts", request_body = SignInBody,
    responses((status = 200, body = SessionAnswer), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub async fn sign_in(
    State(app): State<Arc<App>>,
    Client(address): Client,
    headers: HeaderMap,
    Body(body): Body<SignInBody>,
) -> Result<Response, Problem> {
    refuse_foreign(&headers)?;
    let session = app.sign_in(Attempt { name: body.name, password: body.password, address }).await?;
    Ok(opened(&app, &headers, &session))
}

/// 当前登录 — who asks, what they may, and how to sign in.
#[utoipa::path(get, path = "/api/session", tag = "accounts",
    responses((status = 200, body = WhoAnswer), (status = 401, body = Problem)))]
pub async fn who(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    credentials: Result<Credentials, Problem>,
) -> Result<Response, Problem> {
    Params::parse(query.as_deref()).finish()?;
    let (credentials, ended) = match credentials {
        // Here the answer itself says that nobody is signed in.
        Err(problem) if problem.kind == super::problem::SESSION_ENDED => (Credentials::public(), true),
        other => (other?, false),
    };
    // While the store is away nobody can be set up; who asks is answered all the same.
    let setup_open = app.has_accounts().await.is_ok_and(|any| !any);
    let oidc = app.oidc_label().map(|label| OidcDoc { label: label.to_owned() });
    let who = WhoAnswer::of((&credentials.actor, credentials.session.as_ref()), &app.world());
    let mut response = answered(StatusCode::OK, &WhoAnswer { oidc, setup_open, ..who });
    if ended {
        cookie::clear(response.headers_mut());
    }
    Ok(response)
}

/// 退出登录 — ends this session, or with `everywhere=true` all of this account's.
#[utoipa::path(delete, path = "/api/session", tag = "accounts",
    params(("everywhere" = Option<bool>, Query, description = "end every session of the account")),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn sign_out(
    State(app): State<Arc<App>>,
    credentials: Credentials,
    Client(address): Client,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let everywhere = params.flag("everywhere");
    params.finish()?;
    let session = credentials.session()?;
    if everywhere {
        app.sign_out_everywhere(&session, &address).await?;
    }
    app.sign_out(&session, &address).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookie::clear(response.headers_mut());
    Ok(response)
}

/// 修改密码 — ends all sessions of the account and opens a new one here.
#[utoipa::path(post, path = "/api/session/password", tag = "accounts", request_body = PasswordBody,
    responses((status = 200, body = SessionAnswer), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn password(
    State(app): State<Arc<App>>,
    credentials: Credentials,
    Client(address): Client,
    headers: HeaderMap,
    body: Result<Body<PasswordBody>, Problem>,
) -> Result<Response, Problem> {
    let session = credentials.session()?;
    let Body(body) = body?;
    let session = app.change_password(&session, (&body.current, &body.new), &address).await?;
    Ok(opened(&app, &headers, &session))
}

/// 查看一次性链接 — what a link is for; it is not used up by this.
#[utoipa::path(post, path = "/api/setup/link", tag = "accounts", request_body = LinkBody,
    responses((status = 200, body = LinkAnswer), (status = 401, body = Problem)))]
pub async fn link(State(app): State<Arc<App>>, Body(body): Body<LinkBody>) -> Result<Response, Problem> {
    let found = app.link(&body.secret).await?;
    Ok(kept_nowhere(json("application/json", &LinkAnswer::of(&found, &app.world()))))
}

/// 首次设置、受邀或重设密码 — follows a one-time link and signs in.
#[utoipa::path(post, path = "/api/setup", tag = "accounts", request_body = SetupBody,
    responses((status = 200, body = SessionAnswer), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn setup(
    State(app): State<Arc<App>>,
    Client(address): Client,
    headers: HeaderMap,
    Body(body): Body<SetupBody>,
) -> Result<Response, Problem> {
    refuse_foreign(&headers)?;
    let SetupBody { secret, name, password, display_name } = body;
    let session = app.follow_link(Follower { secret, name, password, display_name, address }).await?;
    Ok(opened(&app, &headers, &session))
}

/// Returns the answer that opens a session: its secret goes into the cookie and nowhere else.
fn opened(app: &App, headers: &HeaderMap, session: &NewSession) -> Response {
    let answer = SessionAnswer::of(&session.signed_in, &app.world());
    let mut response = kept_nowhere(json("application/json", &answer));
    put_cookie(&mut response, headers, session);
    response
}

/// Sets the cookie of a session.
pub fn put_cookie(response: &mut Response, headers: &HeaderMap, session: &NewSession) {
    let line = cookie::set(headers, (cookie::SESSION, &session.secret), SameSite::Strict, AT_MOST.num_seconds());
    if let Some(line) = line {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

/// Keeps an answer out of every cache.
pub fn kept_nowhere(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns an answer of a status, kept out of every cache.
pub fn answered(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = kept_nowhere(json("application/json", body));
    *response.status_mut() = status;
    response
}
