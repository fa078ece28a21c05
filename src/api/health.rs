//! `/healthz` (the process answers), `/readyz` (it is following its store), `/metrics` (Prometheus).
//!
//! Metrics carry no resource counts: they are read without credentials, and a count can tell of a hidden thing.

use super::problem::Problem;
use crate::domain::Audience;
use crate::service::App;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, Router};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

/// Reads what the process has counted.
#[derive(Clone)]
pub struct Gauges(PrometheusHandle);

impl Gauges {
    /// Starts counting for this process; `None` when something else already does.
    pub fn install() -> Option<Self> {
        let seconds = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0];
        let builder =
            PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &seconds).ok()?;
        builder.install_recorder().ok().map(Self)
    }

    /// Counts without being the process's counter, for tests that make many services.
    pub fn detached() -> Self {
        Self(PrometheusBuilder::new().build_recorder().handle())
    }
}

/// Returns the routes.
pub fn routes(gauges: Gauges) -> Router<Arc<App>> {
    Router::new()
        .route("/healthz", axum::routing::get(alive))
        .route("/readyz", axum::routing::get(ready))
        .route("/metrics", axum::routing::get(metrics).layer(Extension(gauges)))
}

/// 存活 — the process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = Object)))]
pub async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// 指标 — what the process has counted, as Prometheus reads it.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, content_type = "text/plain; version=0.0.4; charset=utf-8", body = String)))]
pub async fn metrics(Extension(gauges): Extension<Gauges>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], gauges.0.render()).into_response()
}

/// 就绪 — the service is following its store.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = Object), (status = 503, body = Problem)))]
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    let reachable = app.is_following() && app.store().revisions().await.is_ok();
    if reachable {
        let revision = app.world().revision_for(Audience::Public);
        return Json(json!({ "status": "ready", "revision": revision })).into_response();
    }
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "not-ready",
        "尚未就绪 / Not ready",
        "数据库不可达；查询仍按最近一次数据回答 / the store can not be reached; queries are answered from the last world",
    )
    .into_response()
}

/// Returns the word a method is counted under: an invented one must not make a series of its own for ever.
fn counted_as(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    const WORDS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.iter().position(|known| known == method).map_or("other", |at| WORDS[at])
}

/// Counts requests and times them, by route and status.
pub async fn count(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = counted_as(request.method());
    let begun = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    metrics::counter!("bihu_http_requests_total", "method" => method, "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!("bihu_http_request_duration_seconds", "route" => route).record(begun.elapsed().as_secs_f64());
    response
}
