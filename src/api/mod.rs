//! Floor 7: HTTP. Extract, call one service function, convert; no rule and no SQL lives here.
//!
//! One router, one OpenAPI document made from it, one place where every answer gets its headers. Invariants: every
//! refusal is a problem (RFC 9457); a panic in a handler is a 500 with an incident id and leaves the world as it was.

mod accounts;
mod assets;
mod body;
mod caller;
mod closures;
mod conditional;
mod cookie;
mod corrections;
mod export;
mod feeds;
mod freshness;
mod grids;
mod guard;
mod health;
mod history;
mod imports;
mod live;
mod map;
mod misfit;
mod nearest;
mod ogc;
mod oidc;
mod openapi;
mod origin;
mod outward;
mod params;
mod places;
mod plans;
mod problem;
mod resources;
mod routes;
mod session;
mod tiles;
mod tokens;
mod travel;
mod wire;

pub use health::Gauges;
pub use openapi::document as openapi;
pub use origin::behind;
pub use wire::{CoverageAnswer, NearestAnswer, Reasoned};

use crate::service::App;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use problem::Problem;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

/// Longest time an answer may take before it is given up.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Returns the whole service.
pub fn router(app: Arc<App>, gauges: Gauges) -> Router {
    let answered = Router::new()
        .merge(openapi::routes())
        .merge(ogc::routes())
        .merge(openapi::viewer())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_WITHIN));
    // The live feed does not end, so it has no time to answer within.
    let live = Router::new().route("/api/live", axum::routing::get(live::live));
    let ordinary = answered
        .merge(live)
        .merge(health::routes(gauges))
        .merge(assets::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);
    watched(ordinary, &app)
        // From the inside out. The framework's own limit is lower than the one that is told.
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(body::BODY_MAX))
        // What may carry much and take long has limits of its own.
        .merge(watched(imports::patient().merge(feeds::patient()), &app))
        .layer(axum::middleware::map_response(problems))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(cors())
        .layer(CompressionLayer::new())
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(axum::middleware::map_response(secured))
        .layer(TraceLayer::new_for_http())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .with_state(app)
}

/// Returns routes whose answers are counted, whose denied writes are written down, and whose answers to credentials stay
/// out of shared caches: every route is one of these.
fn watched(routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    routes
        .layer(axum::middleware::from_fn(health::count))
        .layer(axum::middleware::from_fn_with_state(app.clone(), guard::write_down))
        .layer(axum::middleware::from_fn(guard::keep_private))
}

/// Anyone may read from any page, as the public. A foreign page gains nothing from somebody who is signed in: the cookie
/// is SameSite=Strict, so its requests carry none; `Access-Control-Allow-Credentials` is never said, so a browser would
/// not show it an answer to one that did; and a write by cookie needs `X-CSRF-Token`, which is not among the headers that
/// a foreign page may send, and is refused by its origin besides.
/// The headers that may be sent are listed: `*` does not stand for `Authorization` (Fetch, 4.9 CORS-preflight fetch).
fn cors() -> CorsLayer {
    let own = ["idempotency-key", "last-event-id", "x-reason", "x-request-id"].map(HeaderName::from_static);
    let known = [
        header::ACCEPT,
        header::AUTHORIZATION,
        header::CACHE_CONTROL,
        header::CONTENT_TYPE,
        header::IF_MATCH,
        header::IF_NONE_MATCH,
    ];
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(known.into_iter().chain(own).collect::<Vec<_>>())
        .expose_headers(
            [header::ETAG, header::LINK, header::CONTENT_DISPOSITION, HeaderName::from_static("x-request-id")]
                .into_iter()
                .chain(export::TOLD)
                .collect::<Vec<_>>(),
        )
}

/// Sets the headers that every answer carries.
async fn secured(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

/// Turns refusals that the framework made in its own words into problems.
async fn problems(response: Response) -> Response {
    let status = response.status();
    let plain =
        !response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("json"));
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => body::too_large().into_response(),
        StatusCode::SERVICE_UNAVAILABLE => {
            Problem::new(status, "timeout", "处理超时 / Took too long", "请缩小范围后重试 / ask for less and try again")
                .into_response()
        }
        // The one thing that the framework itself finds wrong: an address that can not be decoded.
        StatusCode::BAD_REQUEST => Problem::bad_request(
            "地址中的百分号编码不是有效的 UTF-8",
            "the percent-encoding in the address is not UTF-8",
        )
        .into_response(),
        status => {
            let reason = status.canonical_reason().unwrap_or("refused");
            Problem::new(status, "refused", "请求被拒绝 / Request refused", reason).into_response()
        }
    }
}

async fn not_found(request: Request) -> Problem {
    let path: String = request.uri().path().chars().take(200).collect();
    Problem::new(
        StatusCode::NOT_FOUND,
        "not-found",
        "未找到 / Not found",
        format!("没有地址 {path}；接口目录见 /api/docs / nothing at {path}; the API is listed at /api/docs"),
    )
}

async fn method_not_allowed(request: Request) -> Problem {
    let method = request.method().clone();
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "方法不允许 / Method not allowed",
        format!("该地址不接受 {method} / this address does not take {method}"),
    )
}

fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let message = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("panic")
        .to_owned();
    Problem::from(crate::service::Error::internal(message)).into_response()
}
