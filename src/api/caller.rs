//! Who calls: the bearer of a token, or the public.
//!
//! A token that does not hold is refused even where the public may read: an answer with less in it than the caller
//! expects would be worse than an error.

use super::problem::Problem;
use crate::domain::{Actor, Audience};
use crate::service::{App, Error};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::{header, request::Parts};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The actor of a request.
pub struct Caller(pub Actor);

impl Caller {
    /// Returns whose eyes the answer is for.
    pub fn audience(&self) -> Audience {
        self.0.audience()
    }
}

/// An opaque name for the machine that calls, to count by.
pub struct Client(pub String);

/// Returns the name of the machine that calls: its address, or of an IPv6 address the network, which is one household's.
pub fn client_key(parts: &Parts) -> String {
    let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else {
        return "unknown".to_owned();
    };
    match peer.ip().to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(client_key(parts)))
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(header::AUTHORIZATION) else { return Ok(Self(Actor::public())) };
        let text = header.to_str().unwrap_or_default();
        let token = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, token)) = token else {
            return Err(Error::Unsigned {
                zh: "Authorization 应为 Bearer 令牌",
                en: "Authorization must be `Bearer <token>`",
            }
            .into());
        };
        Ok(Self(app.bearer(token.trim()).await?))
    }
}
