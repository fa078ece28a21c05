//! Who calls: the bearer of a token, somebody signed in by cookie, or the public.
//!
//! Credentials that do not hold are refused even where the public may read: an answer with less in it than the caller
//! expects would be worse than an error. `Authorization` wins over the cookie, and a bad one never falls back to it.
//! Invariant: whoever came by cookie changes nothing without the session's token and from no other origin.

use super::cookie;
use super::origin::{Client, refuse_foreign};
use super::problem::Problem;
use crate::domain::{Actor, Audience};
use crate::service::accounts::{SignedIn, same_secret};
use crate::service::{App, Error};
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, Method, header, request::Parts};
use std::sync::{Arc, OnceLock};

/// The actor of a request.
pub struct Caller(pub Actor);

impl Caller {
    /// Returns whose eyes the answer is for.
    pub fn audience(&self) -> Audience {
        self.0.audience()
    }

    /// Returns for whom work counts: somebody by name, or the public by address.
    pub fn who(&self, Client(client): &Client) -> String {
        match self.audience() {
            Audience::Staff => format!("staff {}", self.0.name),
            Audience::Public => format!("public {client}"),
        }
    }

    /// Refuses the public before it is told what is wrong with what it sent.
    pub fn signed_in(&self) -> Result<(), Error> {
        match self.audience() {
            Audience::Staff => Ok(()),
            Audience::Public => Err(Error::Unsigned {
                zh: "此操作需要登录或令牌",
                en: "this needs a session or a bearer token",
            }),
        }
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Credentials::of(parts, app).await.map(|credentials| Self(credentials.actor))
    }
}

/// What a request proves of its sender.
pub struct Credentials {
    /// Who.
    pub actor: Actor,
    /// The session, where it came by cookie.
    pub session: Option<SignedIn>,
}

impl FromRequestParts<Arc<App>> for Credentials {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Self::of(parts, app).await
    }
}

impl Credentials {
    /// What a request without any proves.
    pub fn public() -> Self {
        Self { actor: Actor::public(), session: None }
    }

    async fn of(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let found = Self::shown(parts, app).await?;
        if let Some(named) = parts.extensions.get::<Named>() {
            let _ = named.0.set(found.actor.name.clone());
        }
        if let Some(session) = &found.session
            && !is_safe(&parts.method)
        {
            prove(&parts.headers, session)?;
        }
        Ok(found)
    }

    async fn shown(parts: &Parts, app: &App) -> Result<Self, Problem> {
        if let Some(header) = parts.headers.get(header::AUTHORIZATION) {
            let actor = app.bearer(bearer(header.to_str().unwrap_or_default())?).await?;
            return Ok(Self { actor, session: None });
        }
        let Some(secret) = cookie::read(&parts.headers, cookie::SESSION) else {
            return Ok(Self::public());
        };
        let session = app.session(secret).await?.ok_or_else(Problem::session_ended)?;
        Ok(Self { actor: session.actor(), session: Some(session) })
    }

    /// Returns the session; what is asked of it can not be asked of a token.
    pub fn session(self) -> Result<SignedIn, Problem> {
        let unsigned = Error::Unsigned {
            zh: "请先登录（此处不接受令牌）",
            en: "sign in first; a token will not do here",
        };
        self.session.ok_or_else(|| unsigned.into())
    }
}

/// The credentials of a stream that goes on: they may end while it is open.
#[derive(Debug, Clone)]
pub enum Standing {
    /// The public: it has nothing to lose.
    Public,
    /// The bearer of a token.
    Bearer(Arc<str>),
    /// Somebody signed in by cookie.
    Session(Arc<str>),
}

impl Standing {
    /// Returns what a request showed; whether it holds is the matter of [`Caller`].
    pub fn of(headers: &HeaderMap) -> Self {
        if let Some(header) = headers.get(header::AUTHORIZATION) {
            return bearer(header.to_str().unwrap_or_default())
                .map_or(Self::Public, |token| Self::Bearer(token.into()));
        }
        cookie::read(headers, cookie::SESSION).map_or(Self::Public, |secret| Self::Session(secret.into()))
    }

    /// Returns whether it still shows staff. While the store is away what was true last holds on.
    pub async fn holds(&self, app: &App) -> bool {
        match self {
            Self::Public => true,
            Self::Bearer(token) => !matches!(app.bearer(token).await, Err(Error::Unsigned { .. })),
            Self::Session(secret) => !matches!(app.session(secret).await, Ok(None)),
        }
    }
}

/// Told by the front to whoever writes down what was refused: the name behind a request's credentials.
#[derive(Debug, Clone, Default)]
pub struct Named(pub Arc<OnceLock<String>>);

/// Returns whether a method changes nothing (RFC 9110, 9.2.1).
pub fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

fn bearer(text: &str) -> Result<&str, Problem> {
    let token = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let unsigned =
        Error::Unsigned { zh: "Authorization 应为 Bearer 令牌", en: "Authorization must be `Bearer <token>`" };
    token.map(|(_, token)| token.trim()).ok_or_else(|| unsigned.into())
}

/// Holds a write that came by cookie to its proof: the session's token, which only a page of this service can read.
fn prove(headers: &HeaderMap, session: &SignedIn) -> Result<(), Problem> {
    refuse_foreign(headers)?;
    match headers.get("x-csrf-token").map(|value| value.to_str().unwrap_or_default()) {
        Some(given) if same_secret(given, &session.csrf) => Ok(()),
        Some(_) => Err(Problem::csrf(
            "X-CSRF-Token 不对，请刷新页面",
            "X-CSRF-Token does not fit the session: load the page anew",
        )),
        None => Err(Problem::csrf(
            "缺少 X-CSRF-Token（见 GET /api/session 的 csrf）",
            "X-CSRF-Token is missing: it is `csrf` of GET /api/session",
        )),
    }
}
