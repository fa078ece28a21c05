//! OGC API – Features Part 1 (OGC 17-069r4): core, GeoJSON, OpenAPI 3.0; OGC API – Tiles Part 1 (OGC 20-057); under `/ogc`.
//!
//! One collection per kind, and divisions, demand and the latest gap. Pages are keyset pages with `next` links; unknown
//! parameters are 400; media types that can not be had are 406.

pub mod collections;
pub mod definition;
pub mod items;
mod negotiate;
pub mod tiles;

pub(super) use negotiate::Base;

use crate::service::App;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;

/// Conformance classes that hold.
const CONFORMANCE: [&str; 11] = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
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
        .route("/ogc/collections/{collection}/tiles", get(tiles::collection_tilesets))
        .route("/ogc/collections/{collection}/tiles/{tileMatrixSet}", get(tiles::collection_tileset))
        .route(
            "/ogc/collections/{collection}/tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}",
            get(tiles::collection_tile),
        )
        .route("/ogc/tiles", get(tiles::tilesets))
        .route("/ogc/tiles/{tileMatrixSet}", get(tiles::tileset))
        .route("/ogc/tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}", get(tiles::tile))
        .route("/ogc/tileMatrixSets", get(tiles::matrix_sets))
        .route("/ogc/tileMatrixSets/{tileMatrixSet}", get(tiles::matrix_set))
        .layer(axum::middleware::map_response(varying))
}
