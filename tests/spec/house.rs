//! A service to ask: a store in a temporary folder, the demonstration district in it, a clock that stands still.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bihu::api::{Gauges, router};
use bihu::domain::{DivisionCode, Entry, Revision, Role};
use bihu::service::token::{NewToken, create};
use bihu::service::{App, seed};
use bihu::store::EntryQuery;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use tempfile::TempDir;
use tower::ServiceExt;

/// The time it always is.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_796_000_000, 0).expect("a time in 2026")
}

/// A running service.
pub struct House {
    pub app: Arc<App>,
    pub router: Router,
    /// Token of an administrator.
    pub admin: String,
    folder: Arc<TempDir>,
}

/// The district of demonstration, seeded once and copied for every house.
fn template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().join("demo.db");
        let seeding = async {
            let store = bihu::store::open(&format!("sqlite:{}", path.display())).await.expect("a store");
            let app = App::open(store, now).await.expect("an app");
            assert!(seed::demonstration(&app).await.expect("the demonstration"));
            app.close().await;
        };
        let seeded = std::thread::scope(|scope| {
            scope.spawn(|| tokio::runtime::Runtime::new().expect("a runtime").block_on(seeding)).join()
        });
        seeded.expect("the demonstration is seeded");
        std::fs::read(&path).expect("the whole store in one file")
    })
}

impl House {
    /// Opens a house with the demonstration district.
    pub async fn demo() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("bihu.db"), template()).expect("a copy of the demonstration");
        Self::of(folder).await
    }

    /// Opens a house with nothing in it.
    pub async fn empty() -> Self {
        Self::of(TempDir::new().expect("a temporary folder")).await
    }

    /// Opens a house with nothing in it and a clock of its own.
    pub async fn empty_at(clock: fn() -> DateTime<Utc>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let mut house = Self::over_by(Arc::new(folder), clock).await;
        house.admin = house.token("chief", Role::Admin, None).await;
        house
    }

    /// Opens a house over a store that is there.
    pub async fn over_file(path: PathBuf) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::copy(path, folder.path().join("bihu.db")).expect("a copy of the store");
        Self::of(folder).await
    }

    async fn of(folder: TempDir) -> Self {
        let mut house = Self::over(Arc::new(folder)).await;
        house.admin = house.token("chief", Role::Admin, None).await;
        house
    }

    /// Opens a house with the demonstration district and a clock of its own.
    pub async fn with_clock(clock: fn() -> DateTime<Utc>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("bihu.db"), template()).expect("a copy of the demonstration");
        let mut house = Self::over_by(Arc::new(folder), clock).await;
        house.admin = house.token("chief", Role::Admin, None).await;
        house
    }

    async fn over(folder: Arc<TempDir>) -> Self {
        Self::over_by(folder, now).await
    }

    async fn over_by(folder: Arc<TempDir>, clock: fn() -> DateTime<Utc>) -> Self {
        let url = format!("sqlite:{}", folder.path().join("bihu.db").display());
        let app = App::open(bihu::store::open(&url).await.expect("a store"), clock).await.expect("an app");
        let router = router(app.clone(), Gauges::detached());
        Self { app, router, admin: String::new(), folder }
    }

    /// Opens a second service over the same store, as another process would.
    pub async fn neighbour(&self) -> Self {
        Self { admin: self.admin.clone(), ..Self::over(self.folder.clone()).await }
    }

    /// Makes a token.
    pub async fn token(&self, name: &str, role: Role, scope: Option<&str>) -> String {
        self.token_until(name, role, scope, None).await
    }

    /// Makes a token that ends.
    pub async fn token_until(&self, name: &str, role: Role, scope: Option<&str>, ends: Option<TimeDelta>) -> String {
        let scope = scope.map(|code| DivisionCode::parse(code).expect("a division code"));
        let new = NewToken { name: Some(name.to_owned()), role, scope, expires_at: ends.map(|d| now() + d) };
        create(self.app.store(), new, now()).await.expect("a token")
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a whole body");
        let answer = Answer { status: parts.status, headers: parts.headers, bytes };
        if answer.status.is_client_error() || answer.status.is_server_error() {
            answer.assert_problem();
        }
        answer
    }

    /// Asks as the public.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    /// Asks as the administrator.
    pub async fn get_as_staff(&self, path: &str) -> Answer {
        let bearer = self.bearer();
        self.call(Method::GET, path, &[("authorization", &bearer)], None).await
    }

    /// Asks with a token.
    pub async fn get_by(&self, token: &str, path: &str) -> Answer {
        self.call(Method::GET, path, &[("authorization", &format!("Bearer {token}"))], None).await
    }

    /// Posts JSON with a token.
    pub async fn post_by(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, &[("authorization", &format!("Bearer {token}"))], Some(body)).await
    }

    /// Posts JSON as the public.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    /// Writes as the administrator, with a condition and more headers.
    pub async fn write(&self, method: Method, id: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let bearer = self.bearer();
        let all: Vec<_> = [("authorization", bearer.as_str())].into_iter().chain(headers.iter().copied()).collect();
        self.call(method, &format!("/api/resources/{id}"), &all, body).await
    }

    /// Patches as the administrator whatever version is there.
    pub async fn patch(&self, id: &str, body: &Value) -> Answer {
        self.write(Method::PATCH, id, &[("if-match", "*")], Some(body)).await
    }

    /// Creates as the administrator; it must work.
    pub async fn create(&self, id: &str, body: &Value) -> Answer {
        let made = self.write(Method::PUT, id, &[("if-none-match", "*")], Some(body)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        made
    }

    /// Sends a request of its parts.
    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "bihu.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).expect("a request")).await
    }

    /// Returns the journal after a revision.
    pub async fn journal(&self, after: u64) -> Vec<Entry> {
        self.app.store().entries(&EntryQuery::after(Revision(after)), 100_000).await.expect("the journal")
    }

    /// Returns the last revision of all.
    pub fn revision(&self) -> u64 {
        self.app.world().revisions().all.0
    }

    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.admin)
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Returns the JSON of a good answer.
    pub fn json(&self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.text());
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().expect("ASCII")).unwrap_or_default()
    }

    /// Returns the problem of an answer with that status.
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        serde_json::from_slice(&self.bytes).expect("a problem")
    }

    /// Returns the violation about a field, of an answer with that status.
    pub fn violation(&self, status: u16, field: &str) -> Value {
        let problem = self.problem(status);
        let all = problem["violations"].as_array().cloned().unwrap_or_default();
        let found = all.into_iter().find(|v| v["field"] == field);
        found.unwrap_or_else(|| panic!("no violation about {field}: {problem}"))
    }

    /// Holds a refusal to RFC 9457.
    fn assert_problem(&self) {
        let status = self.status.as_u16();
        assert_eq!(self.header("content-type"), "application/problem+json", "{status} {}", self.text());
        if self.bytes.is_empty() || !self.header("content-encoding").is_empty() {
            return;
        }
        let problem: Value = serde_json::from_slice(&self.bytes).expect("a problem is JSON");
        assert!(problem["type"].as_str().is_some_and(|t| t.starts_with("urn:bihu:problem:")), "{problem}");
        assert!(problem["title"].as_str().is_some_and(|t| t.contains(" / ")), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        let said = |key: &str| problem[key].as_str().is_some_and(|t| !t.is_empty());
        assert!(said("detail") || (status >= 500 && said("incident")), "{problem}");
    }
}
