//! OGC API – Features Part 1 (OGC 17-069r4): core, GeoJSON, OpenAPI 3.0, under `/ogc`.
//!
//! One collection per kind, and divisions, demand and the latest gap. Pages are keyset pages with `next` links; unknown
//! parameters are 400; media types that can not be had are 406.

pub mod collections;
pub mod definition;
pub mod items;
mod negotiate;

use crate::service::App;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;

/// Conformance classes that hold.
const CONFORMANCE: [&str; 3] = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
];

/// Media type of an OpenAPI 3.0 document.
const OPENAPI_30: &str = "application/vnd.oai.openapi+json;version=3.0";

/// Links begin with the address that a proxy says it was reached at: a cache must not give one host's links to another.
async fn varying(mut response: Response) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("x-forwarded-host, x-forwarded-proto"));
    response
}

/// Returns the routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/ogc", get(collections::landing))
        .route("/ogc/", get(collections::landing))
        .route("/ogc/conformance", get(collections::conformance))
        .route("/ogc/api", get(definition::definition))
        .route("/ogc/collections", get(collections::collections))
        .route("/ogc/collections/{collection}", get(collections::collection))
        .route("/ogc/collections/{collection}/items", get(items::items))
        .route("/ogc/collections/{collection}/items/{item}", get(items::item))
        .layer(axum::middleware::map_response(varying))
}
