//! OGC API – Tiles Part 1 (OGC 20-057): the tilesets of this service in WebMercatorQuad (OGC 17-083r4), under `/ogc`.
//!
//! The vector tileset of the whole dataset is the base map where a network file gives one, and the resources otherwise. Rows
//! and columns are counted from the north-western corner; a tile where nothing lies is 204.

use super::collections::plain;
use super::negotiate::{Base, accept};
use crate::api::caller::Caller;
use crate::api::conditional::fixed;
use crate::api::params::Params;
use crate::api::problem::Problem;
use crate::api::tiles::{MVT, bounds, layers, place, served};
use crate::service::query::tiles::TileSet;
use crate::service::{App, Error};
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

const JSON: &str = "application/json";

/// The one tile matrix set.
const QUAD: &str = "WebMercatorQuad";
const QUAD_URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const QUAD_CRS: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// Half the side of the world in Web Mercator, metres.
const HALF_SIDE_M: f64 = 20_037_508.342_789_244;

/// Side of a pixel that a scale is reckoned for (OGC 17-083r4), metres.
const PIXEL_M: f64 = 0.000_28;

/// Pixels of a tile along a side that the scale of a zoom is reckoned for.
const TILE_PX: f64 = 256.0;

/// OGC 瓦片集 — the tilesets of the whole dataset.
#[utoipa::path(get, path = "/ogc/tiles", tag = "ogc", params(("f" = Option<String>, Query, description = "json")),
    responses((status = 200, body = Object), (status = 304), (status = 400, body = Problem), (status = 406, body = Problem)))]
pub async fn tilesets(
    State(app): State<Arc<App>>,
    base: Base,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    plain(&headers, query.as_deref(), &[JSON])?;
    let set = whole(&app);
    let listed = json!({
        "title": title(set), "dataType": "vector", "crs": QUAD_CRS, "tileMatrixSetURI": QUAD_URI, "tileMatrixSetId": QUAD,
        "links": [
            base.link(&format!("/ogc/tiles/{QUAD}?f=json"), "self", JSON, "the tileset"),
            base.link(&format!("/ogc/tileMatrixSets/{QUAD}?f=json"), "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", JSON, "its tile matrix set"),
        ],
    });
    let links = [base.link("/ogc/tiles?f=json", "self", JSON, "this document")];
    Ok(fixed(&headers, JSON, &json!({ "links": links, "tilesets": [listed] })))
}

/// OGC 瓦片集 — one tileset.
#[utoipa::path(get, path = "/ogc/tiles/{tileMatrixSet}", tag = "ogc",
    params(("tileMatrixSet" = String, Path, description = "WebMercatorQuad"), ("f" = Option<String>, Query, description = "json")),
    responses((status = 200, body = Object), (status = 304), (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn tileset(
    State(app): State<Arc<App>>,
    base: Base,
    headers: HeaderMap,
    Path(matrix_set): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    plain(&headers, query.as_deref(), &[JSON])?;
    known(&matrix_set)?;
    let set = whole(&app);
    let [west, south, east, north] = bounds(&app, set)?;
    let layers: Vec<Value> = layers(set)
        .into_iter()
        .map(|(id, fields)| {
            let properties: serde_json::Map<String, Value> =
                fields.iter().map(|field| ((*field).to_owned(), json!({}))).collect();
            json!({ "id": id, "dataType": "vector", "minTileMatrix": "0", "maxTileMatrix": set.zoom_max().to_string(),
                "propertiesSchema": { "type": "object", "properties": properties } })
        })
        .collect();
    let template = format!("/ogc/tiles/{QUAD}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt");
    let mut item = base.link(&template, "item", MVT, "vector tiles");
    item["templated"] = json!(true);
    Ok(fixed(
        &headers,
        JSON,
        &json!({
            "title": title(set), "dataType": "vector", "crs": QUAD_CRS, "tileMatrixSetURI": QUAD_URI, "tileMatrixSetId": QUAD,
            "boundingBox": { "lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84 },
            "tileMatrixSetLimits": limits(set), "layers": layers,
            "links": [
                base.link(&format!("/ogc/tiles/{QUAD}?f=json"), "self", JSON, "this document"),
                base.link(&format!("/ogc/tileMatrixSets/{QUAD}?f=json"), "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", JSON, "its tile matrix set"),
                base.link(&format!("/tiles/{}.json", set.word()), "describedby", JSON, "TileJSON 3.0"),
                item,
            ],
        }),
    ))
}

/// OGC 瓦片 — one tile.
#[utoipa::path(get, path = "/ogc/tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}", tag = "ogc",
    params(("tileMatrixSet" = String, Path, description = "WebMercatorQuad"), ("tileMatrix" = String, Path, description = "zoom"),
        ("tileRow" = String, Path, description = "row from the north"), ("tileCol" = String, Path, description = "column from the west"),
        ("f" = Option<String>, Query, description = "mvt")),
    responses((status = 200, content_type = "application/vnd.mapbox-vector-tile", body = Vec<u8>), (status = 204), (status = 304),
        (status = 400, body = Problem), (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn tile(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path((matrix_set, matrix, row, column)): Path<(String, String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let format = params.word("f", |word| (word == "mvt").then_some("mvt"), "mvt".to_owned());
    params.finish()?;
    if format.is_none() {
        accept(&headers, None, &[MVT])?;
    }
    known(&matrix_set)?;
    let set = whole(&app);
    let id = place(set, [("tileMatrix", &matrix), ("tileCol", &column), ("tileRow", &row)])?;
    served(&app, caller.audience(), (set, id), &headers).await
}

/// OGC 瓦片矩阵集 — those that are offered.
#[utoipa::path(get, path = "/ogc/tileMatrixSets", tag = "ogc", params(("f" = Option<String>, Query, description = "json")),
    responses((status = 200, body = Object), (status = 304), (status = 400, body = Problem), (status = 406, body = Problem)))]
pub async fn matrix_sets(base: Base, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    plain(&headers, query.as_deref(), &[JSON])?;
    let links = [base.link(&format!("/ogc/tileMatrixSets/{QUAD}?f=json"), "self", JSON, "its definition")];
    let set = json!({ "id": QUAD, "title": "Google Maps Compatible for the World", "uri": QUAD_URI, "crs": QUAD_CRS, "links": links });
    Ok(fixed(&headers, JSON, &json!({ "tileMatrixSets": [set] })))
}

/// OGC 瓦片矩阵集 — one definition.
#[utoipa::path(get, path = "/ogc/tileMatrixSets/{tileMatrixSet}", tag = "ogc",
    params(("tileMatrixSet" = String, Path, description = "WebMercatorQuad"), ("f" = Option<String>, Query, description = "json")),
    responses((status = 200, body = Object), (status = 304), (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn matrix_set(
    headers: HeaderMap,
    Path(matrix_set): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    plain(&headers, query.as_deref(), &[JSON])?;
    known(&matrix_set)?;
    let most = TileSet::ALL.map(TileSet::zoom_max).into_iter().max().unwrap_or_default();
    let matrices: Vec<Value> = (0..=most).map(matrix).collect();
    Ok(fixed(
        &headers,
        JSON,
        &json!({ "id": QUAD, "title": "Google Maps Compatible for the World", "uri": QUAD_URI, "crs": QUAD_CRS,
            "orderedAxes": ["X", "Y"], "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
            "tileMatrices": matrices }),
    ))
}

fn matrix(zoom: u8) -> Value {
    let tiles = 1_u32 << zoom;
    let cell = 2.0 * HALF_SIDE_M / (f64::from(tiles) * TILE_PX);
    json!({ "id": zoom.to_string(), "scaleDenominator": cell / PIXEL_M, "cellSize": cell, "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-HALF_SIDE_M, HALF_SIDE_M], "tileWidth": TILE_PX as u32, "tileHeight": TILE_PX as u32,
        "matrixWidth": tiles, "matrixHeight": tiles })
}

/// Every tile of every zoom: what lies outside is empty, not missing.
fn limits(set: TileSet) -> Vec<Value> {
    let limit = |zoom: u8| {
        let last = (1_u32 << zoom) - 1;
        json!({ "tileMatrix": zoom.to_string(), "minTileRow": 0, "maxTileRow": last, "minTileCol": 0, "maxTileCol": last })
    };
    (0..=set.zoom_max()).map(limit).collect()
}

/// The base map where there is one, the resources otherwise.
fn whole(app: &App) -> TileSet {
    if app.roads().is_some_and(|roads| roads.features.is_some()) { TileSet::Base } else { TileSet::Resources }
}

fn title(set: TileSet) -> &'static str {
    match set {
        TileSet::Base => "底图 / Base map",
        TileSet::Resources => "资源 / Resources",
    }
}

fn known(matrix_set: &str) -> Result<(), Problem> {
    if matrix_set == QUAD {
        return Ok(());
    }
    let shown: String = matrix_set.chars().take(60).collect();
    Err(Error::not_found(format!("tile matrix set {shown}（{QUAD}）")).into())
}
