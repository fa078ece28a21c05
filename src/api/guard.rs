//! Around every answer: what was denied is written down, and what was answered to credentials stays out of shared caches.

use super::caller::{Named, is_safe};
use super::cookie;
use super::origin::Client;
use crate::domain::Act;
use crate::service::App;
use crate::service::accounts::audit::Mark;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Writes down that a write was denied: to whom, which and from where.
pub async fn write_down(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if is_safe(request.method()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let named = Named::default();
    parts.extensions.insert(named.clone());
    let Client(address) = Client::of(&parts);
    let route = parts.extensions.get::<MatchedPath>().map_or("?", MatchedPath::as_str);
    let target = format!("{} {route}", parts.method);
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status() == StatusCode::FORBIDDEN {
        let actor = named.0.get().map_or("public", String::as_str);
        app.note_often(Mark { actor, act: Act::WriteDenied, target: &target, address: &address }).await;
    }
    response
}

/// Keeps answers to credentials out of shared caches, also those that say nothing about caching themselves.
pub async fn keep_private(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let proven = headers.contains_key(header::AUTHORIZATION) || cookie::read(headers, cookie::SESSION).is_some();
    let asked = request.uri().path();
    let answers = ["/api/", "/ogc", "/tiles"].iter().any(|top| asked.starts_with(top));
    let mut response = next.run(request).await;
    if !answers {
        return response;
    }
    let out = response.headers_mut();
    let said = out.get(header::CACHE_CONTROL).map(HeaderValue::as_bytes);
    if proven && said.is_none_or(|said| said.starts_with(b"public")) {
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    let varies = |value: &HeaderValue| value.to_str().is_ok_and(|v| v.to_ascii_lowercase().contains("cookie"));
    if !out.get_all(header::VARY).iter().any(varies) {
        out.append(header::VARY, HeaderValue::from_static("authorization, cookie"));
    }
    response
}
