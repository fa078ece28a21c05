//! `/api/session/oidc`: to the OpenID provider and back. A person's browser comes here by itself, so every end is a page.

use super::cookie::{self, SameSite};
use super::origin::{Client, base};
use super::problem::Problem;
use super::session::{kept_nowhere, put_cookie};
use crate::domain::OidcRefusal;
use crate::service::App;
use crate::service::accounts::oidc::{Arrival, Failure, WITHIN};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::sync::Arc;

/// 统一身份登录 — to the OpenID provider.
#[utoipa::path(get, path = "/api/session/oidc", tag = "accounts",
    responses((status = 303, description = "to the provider, or to `/signin#refused=<word>`"), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn depart(
    State(app): State<Arc<App>>,
    Client(address): Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let base = base(&headers).ok_or_else(|| Problem::bad_request("缺少 Host", "there is no Host header"))?;
    match app.depart(&format!("{base}/api/session/oidc/callback"), &address).await {
        Ok(departure) => {
            let mut response = to(&departure.url);
            let pair = (cookie::OIDC, departure.secret.as_str());
            // Lax: the way back begins at the provider's page.
            if let Some(line) = cookie::set(&headers, pair, SameSite::Lax, WITHIN.num_seconds()) {
                response.headers_mut().append(header::SET_COOKIE, line);
            }
            Ok(response)
        }
        Err(failure) => failed(failure),
    }
}

/// 统一身份登录返回 — from the OpenID provider: signs in and goes to the page.
#[utoipa::path(get, path = "/api/session/oidc/callback", tag = "accounts",
    params(("code" = Option<String>, Query, description = "of the provider"), ("state" = Option<String>, Query, description = "of the provider")),
    responses((status = 303, description = "to `/`, signed in, or to `/signin#refused=<word>`"), (status = 404, body = Problem)))]
pub async fn arrive(
    State(app): State<Arc<App>>,
    Client(address): Client,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Providers add parameters of their own, so unknown ones are let be here.
    let given: BTreeMap<_, _> = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let arrival = Arrival {
        secret: cookie::read(&headers, cookie::OIDC).unwrap_or_default().to_owned(),
        state: given.get("state").cloned().unwrap_or_default(),
        code: given.get("code").cloned().unwrap_or_default(),
        address,
    };
    let mut response = match app.arrive(arrival).await {
        Ok(session) => {
            let mut response = to("/");
            put_cookie(&mut response, &headers, &session);
            response
        }
        Err(failure) => failed(failure)?,
    };
    if let Some(line) = cookie::set(&headers, (cookie::OIDC, ""), SameSite::Lax, 0) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}

fn failed(failure: Failure) -> Result<Response, Problem> {
    match failure {
        Failure::Refused(why) => Ok(refused(why)),
        Failure::Failed(error) => Err(error.into()),
    }
}

/// Sends the browser to the page that says in words why.
fn refused(why: OidcRefusal) -> Response {
    to(&format!("/signin#refused={why}"))
}

fn to(address: &str) -> Response {
    let mut response = kept_nowhere(StatusCode::SEE_OTHER.into_response());
    if let Ok(address) = HeaderValue::from_str(address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}
