//! The web map, embedded in the binary. Nothing on the page comes from anywhere else, and its policy says so.

use super::conditional::has_it;
use super::problem::Problem;
use crate::service::App;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/web-map/dist"]
struct WebMap;

/// Addresses that the page itself routes.
const PAGES: [&str; 8] =
    ["/", "/receipt", "/receipt/{number}", "/command", "/signin", "/setup", "/data", "/data/{*section}"];

/// Other addresses that people try for them.
const ALIASES: [(&str, &str); 2] = [("/command/", "/command"), ("/index.html", "/")];

/// What the page may load: itself, and tiles of the one server that the operator named.
fn policy(app: &App) -> String {
    let tiles = app.ground().raster.map(|raster| format!(" {}", raster.origin)).unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:{tiles}; \
         worker-src 'self' blob:; connect-src 'self'{tiles}; object-src 'none'; base-uri 'self'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

/// Returns the routes of the page and its files.
pub fn routes() -> Router<Arc<App>> {
    let page = |State(app): State<Arc<App>>, headers: HeaderMap| async move { page(&app, &headers) };
    let routes = PAGES.into_iter().fold(Router::new(), |router, path| router.route(path, axum::routing::get(page)));
    let routes = ALIASES.into_iter().fold(routes, |router, (path, page)| {
        let there = move |request: Request| async move { moved(page, request.uri().query()) };
        router.route(path, axum::routing::get(there))
    });
    routes
        .route("/assets/{*path}", axum::routing::get(file))
        .route("/favicon.ico", axum::routing::get(file))
        .route("/favicon.svg", axum::routing::get(file))
}

fn moved(page: &str, query: Option<&str>) -> Redirect {
    Redirect::permanent(&query.map_or_else(|| page.to_owned(), |query| format!("{page}?{query}")))
}

fn page(app: &App, headers: &HeaderMap) -> Response {
    let Some(index) = WebMap::get("index.html") else { return missing("index.html") };
    let mut response = serve(headers, index, "text/html; charset=utf-8", "no-cache");
    if let Ok(policy) = HeaderValue::from_str(&policy(app)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn file(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let Some(file) = WebMap::get(path) else { return missing(path) };
    // Chromium refuses module workers of any other type; tables of media types do not all know the ending.
    let media = if path.ends_with(".mjs") { "text/javascript".to_owned() } else { file.metadata.mimetype().to_owned() };
    // Names under assets/ carry a hash of their content.
    let caching = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    serve(request.headers(), file, &media, caching)
}

fn serve(headers: &HeaderMap, file: EmbeddedFile, media: &str, caching: &'static str) -> Response {
    let tag = format!("\"{}\"", crate::service::token::hex(&file.metadata.sha256_hash()[..12]));
    let mut response = if has_it(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = file.data.into_owned().into_response();
        if let Ok(media) = HeaderValue::from_str(media) {
            response.headers_mut().insert(header::CONTENT_TYPE, media);
        }
        response
    };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    response
}

fn missing(path: &str) -> Response {
    let shown: String = path.chars().take(200).collect();
    Problem::new(
        StatusCode::NOT_FOUND,
        "not-found",
        "未找到 / Not found",
        format!("没有文件 {shown} / there is no file {shown}"),
    )
    .into_response()
}
