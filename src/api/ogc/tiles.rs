//! OGC API – Tiles Part 1 (OGC 20-057): the tilesets of this service in WebMercatorQuad (OGC 17-083r4), under `/ogc`.
//!
//! The vector tileset of the whole dataset is the base map where a network file gives one, and the resources otherwise; each
//! collection of resources has one of its own, and so has the base map, as a collection without items. Rows and columns are
//! counted from the north-western corner; a tile where nothing lies is 204.
//!
//! GDAL: its OGCAPI driver was built without vector tiles before 3.7.1 (OSGeo/gdal#7993) and lists these tilesets without opening
//! them; 3.12 reads them (`-oo API=TILES`), but takes the collection's degrees for metres of the tile matrix set, so that `-oo MINX=`,
//! `MINY=`, `MAXX=` and `MAXY=` in EPSG:3857 have to name the area. Its MVT driver reads `/tiles/{set}/{z}` whatever the version.

use super::collections::{Named, plain};
use super::negotiate::{Base, accept};
use crate::api::caller::Caller;
use crate::api::conditional::fixed;
use crate::api::params::Params;
use crate::api::problem::Problem;
use crate::api::tiles::{MVT, bounds, layers, place, served};
use crate::service::query::items::Collection;
use crate::service::query::tiles::{TileSet, zoom_min};
use crate::service::{App, Error};
use crate::spatial::tile::{TileId, World, WorldBox};
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

const JSON: &str = "application/json";

/// Name and title of the base map as a collection.
const BASE: &str = "base_map";
const BASE_TITLE: &str = "底图 / Base map";

/// Relations of links (OGC 20-057, table 5).
pub const TILESETS: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
const SCHEME: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";

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
    answered((&headers, query.as_deref()), || Ok(listed(&base, &Whose::dataset(&app))))
}

/// OGC 瓦片集 — the tilesets of one collection.
#[utoipa::path(get, path = "/ogc/collections/{collection}/tiles", tag = "ogc",
    params(("collection" = String, Path, description = "its name"), ("f" = Option<String>, Query, description = "json")),
    responses((status = 200, body = Object), (status = 304), (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn collection_tilesets(
    State(app): State<Arc<App>>,
    base: Base,
    headers: HeaderMap,
    Path(collection): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    answered((&headers, query.as_deref()), || Ok(listed(&base, &Whose::collection(&app, &collection)?)))
}

/// OGC 瓦片集 — one tileset of the whole dataset.
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
    answered((&headers, query.as_deref()), || {
        known(&matrix_set)?;
        described(&app, &base, &Whose::dataset(&app))
    })
}

/// OGC 瓦片集 — one tileset of a collection.
#[utoipa::path(get, path = "/ogc/collections/{collection}/tiles/{tileMatrixSet}", tag = "ogc",
    params(("collection" = String, Path, description = "its name"), ("tileMatrixSet" = String, Path, description = "WebMercatorQuad"),
        ("f" = Option<String>, Query, description = "json")),
    responses((status = 200, body = Object), (status = 304), (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn collection_tileset(
    State(app): State<Arc<App>>,
    base: Base,
    headers: HeaderMap,
    Path((collection, matrix_set)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    answered((&headers, query.as_deref()), || {
        known(&matrix_set)?;
        described(&app, &base, &Whose::collection(&app, &collection)?)
    })
}

/// OGC 瓦片 — one tile of the whole dataset.
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
    wanted(&headers, query.as_deref())?;
    drawn((&app, &caller, &headers), Whose::dataset(&app).set, [&matrix_set, &matrix, &row, &column]).await
}

/// OGC 瓦片 — one tile of a collection.
#[utoipa::path(get, path = "/ogc/collections/{collection}/tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}", tag = "ogc",
    params(("collection" = String, Path, description = "its name"), ("tileMatrixSet" = String, Path, description = "WebMercatorQuad"),
        ("tileMatrix" = String, Path, description = "zoom"), ("tileRow" = String, Path, description = "row from the north"),
        ("tileCol" = String, Path, description = "column from the west"), ("f" = Option<String>, Query, description = "mvt")),
    responses((status = 200, content_type = "application/vnd.mapbox-vector-tile", body = Vec<u8>), (status = 204), (status = 304),
        (status = 400, body = Problem), (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn collection_tile(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path((collection, matrix_set, matrix, row, column)): Path<(String, String, String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    wanted(&headers, query.as_deref())?;
    drawn((&app, &caller, &headers), Whose::collection(&app, &collection)?.set, [&matrix_set, &matrix, &row, &column])
        .await
}

/// Whose tiles are asked for: the dataset's or a collection's.
struct Whose {
    /// Where its tilesets are.
    path: String,
    title: String,
    set: TileSet,
}

impl Whose {
    /// The base map where there is one, the resources otherwise.
    fn dataset(app: &App) -> Self {
        let (set, title) = match app.has_base_tiles() {
            true => (TileSet::Base, BASE_TITLE),
            false => (TileSet::Resources, "资源 / Resources"),
        };
        Self { path: "/ogc/tiles".to_owned(), title: title.to_owned(), set }
    }

    fn collection(app: &App, name: &str) -> Result<Self, Problem> {
        let path = format!("/ogc/collections/{name}/tiles");
        if name == BASE && app.has_base_tiles() {
            return Ok(Self { path, title: BASE_TITLE.to_owned(), set: TileSet::Base });
        }
        match Named::find(name)? {
            Named::Kept(Collection::Resources(kind)) => {
                Ok(Self { path, title: format!("{} / {}", kind.zh(), kind.en()), set: TileSet::Of(kind) })
            }
            _ => Err(Error::not_found(format!("tiles of {name}")).into()),
        }
    }
}

/// Returns the links of a collection that lead to its tiles; none when it has none.
pub fn links(app: &App, base: &Base, name: &str) -> Option<Value> {
    let whose = Whose::collection(app, name).ok()?;
    Some(base.link(&format!("{}?f=json", whose.path), TILESETS, JSON, "its vector tilesets"))
}

/// Returns the base map as a collection without items; `None` where there is none.
pub fn base_collection(app: &App, base: &Base) -> Option<Value> {
    let tiles = links(app, base, BASE)?;
    let bounds = bounds(app, TileSet::Base).ok()?;
    Some(json!({
        "id": BASE, "title": BASE_TITLE, "crs": [CRS84], "dataType": "vector",
        "extent": { "spatial": { "bbox": [bounds], "crs": CRS84 } },
        "links": [base.link(&format!("/ogc/collections/{BASE}?f=json"), "self", JSON, "this collection"), tiles],
    }))
}

/// Returns a document as an answer to a question that may name a format and nothing else.
fn answered(
    (headers, query): (&HeaderMap, Option<&str>),
    document: impl FnOnce() -> Result<Value, Problem>,
) -> Result<Response, Problem> {
    plain(headers, query, &[JSON])?;
    Ok(fixed(headers, JSON, &document()?))
}

/// Returns the tile of a set at a matrix, row and column of a tile matrix set.
async fn drawn(
    (app, caller, headers): (&App, &Caller, &HeaderMap),
    set: TileSet,
    [matrix_set, matrix, row, column]: [&str; 4],
) -> Result<Response, Problem> {
    known(matrix_set)?;
    let id = place(set, [("tileMatrix", matrix), ("tileCol", column), ("tileRow", row)])?;
    served(app, caller.audience(), (set, id), headers).await
}

fn wanted(headers: &HeaderMap, query: Option<&str>) -> Result<(), Problem> {
    let mut params = Params::parse(query);
    let format = params.word("f", |word| (word == "mvt").then_some("mvt"), "mvt".to_owned());
    params.finish()?;
    if format.is_some() { Ok(()) } else { accept(headers, None, &[MVT]) }
}

fn listed(base: &Base, whose: &Whose) -> Value {
    let set = json!({
        "title": whose.title, "dataType": "vector", "crs": QUAD_CRS, "tileMatrixSetURI": QUAD_URI, "tileMatrixSetId": QUAD,
        "links": [
            base.link(&format!("{}/{QUAD}?f=json", whose.path), "self", JSON, "the tileset"),
            base.link(&format!("/ogc/tileMatrixSets/{QUAD}?f=json"), SCHEME, JSON, "its tile matrix set"),
        ],
    });
    json!({ "links": [base.link(&format!("{}?f=json", whose.path), "self", JSON, "this document")], "tilesets": [set] })
}

fn described(app: &App, base: &Base, whose: &Whose) -> Result<Value, Problem> {
    let (set, path) = (whose.set, &whose.path);
    let [west, south, east, north] = bounds(app, set)?;
    let layer = |(id, fields): (&str, &[&str])| {
        let properties: serde_json::Map<String, Value> =
            fields.iter().map(|field| ((*field).to_owned(), json!({}))).collect();
        json!({ "id": id, "dataType": "vector", "minTileMatrix": zoom_min(app, set).to_string(), "maxTileMatrix": set.zoom_max().to_string(),
            "propertiesSchema": { "type": "object", "properties": properties } })
    };
    let mut item =
        base.link(&format!("{path}/{QUAD}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt"), "item", MVT, "vector tiles");
    item["templated"] = json!(true);
    let mut links = vec![
        base.link(&format!("{path}/{QUAD}?f=json"), "self", JSON, "this document"),
        base.link(&format!("/ogc/tileMatrixSets/{QUAD}?f=json"), SCHEME, JSON, "its tile matrix set"),
        item,
    ];
    if TileSet::ALL.contains(&set) {
        links.push(base.link(&format!("/tiles/{}.json", set.word()), "describedby", JSON, "TileJSON 3.0"));
    }
    Ok(json!({
        "title": whose.title, "dataType": "vector", "crs": QUAD_CRS, "tileMatrixSetURI": QUAD_URI, "tileMatrixSetId": QUAD,
        "boundingBox": { "lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84 },
        "tileMatrixSetLimits": limits(app, set), "layers": layers(set).into_iter().map(layer).collect::<Vec<_>>(), "links": links,
    }))
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
    let (low, high) = ([-HALF_SIDE_M, -HALF_SIDE_M], [HALF_SIDE_M, HALF_SIDE_M]);
    Ok(fixed(
        &headers,
        JSON,
        &json!({ "id": QUAD, "title": "Google Maps Compatible for the World", "uri": QUAD_URI, "crs": QUAD_CRS,
            "orderedAxes": ["X", "Y"], "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
            "boundingBox": { "crs": QUAD_CRS, "lowerLeft": low, "upperRight": high, "lowerCorner": low, "upperCorner": high },
            // Names of the standard's first edition (17-083r2), which readers such as GDAL 3.6 still go by.
            "identifier": QUAD, "supportedCRS": QUAD_CRS,
            "tileMatrices": matrices }),
    ))
}

fn matrix(zoom: u8) -> Value {
    let tiles = 1_u32 << zoom;
    let cell = 2.0 * HALF_SIDE_M / (f64::from(tiles) * TILE_PX);
    let corner = [-HALF_SIDE_M, HALF_SIDE_M];
    json!({ "id": zoom.to_string(), "identifier": zoom.to_string(), "topLeftCorner": corner, "scaleDenominator": cell / PIXEL_M, "cellSize": cell, "cornerOfOrigin": "topLeft",
        "pointOfOrigin": corner, "tileWidth": TILE_PX as u32, "tileHeight": TILE_PX as u32,
        "matrixWidth": tiles, "matrixHeight": tiles })
}

/// The tiles of every zoom in which something can lie; beyond them a tile is empty, not missing.
fn limits(app: &App, set: TileSet) -> Vec<Value> {
    let whole = WorldBox { low: World { x: 0, y: 0 }, high: World { x: u32::MAX, y: u32::MAX } };
    let area = app.roads().filter(|_| set == TileSet::Base);
    let area = area.and_then(|roads| roads.features.as_ref()?.area()).unwrap_or(whole);
    let limit = |zoom: u8| {
        let [columns, rows] = TileId::over(area, zoom);
        json!({ "tileMatrix": zoom.to_string(), "minTileRow": rows.start(), "maxTileRow": rows.end(),
            "minTileCol": columns.start(), "maxTileCol": columns.end() })
    };
    (zoom_min(app, set)..=set.zoom_max()).map(limit).collect()
}

fn known(matrix_set: &str) -> Result<(), Problem> {
    if matrix_set == QUAD {
        return Ok(());
    }
    let shown: String = matrix_set.chars().take(60).collect();
    Err(Error::not_found(format!("tile matrix set {shown}（{QUAD}）")).into())
}
