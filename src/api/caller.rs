//! Who calls: the bearer of a token, or the public.
//!
//! A token that does not hold is refused even where the public may read: an answer with less in it than the caller
//! expects would be worse than an error.

use super::problem::Problem;
use crate::domain::{Actor, Audience};
use crate::service::{App, Error};
use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use std::sync::Arc;

/// The actor of a request.
pub struct Caller(pub Actor);

impl Caller {
    /// Returns whose eyes the answer is for.
    pub fn audience(&self) -> Audience {
        self.0.audience()
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
