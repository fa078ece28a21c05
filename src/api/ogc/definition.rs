//! `GET /ogc/api`: the OpenAPI 3.0 definition of the OGC part, made from the same tables that serve it.

use super::OPENAPI_30;
use super::collections::{Named, plain};
use super::items::queryables;
use super::negotiate::Base;
use crate::api::conditional::fixed;
use crate::api::problem::Problem;
use crate::domain::Kind;
use crate::service::query::items::{Collection, LIMIT_MAX};
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

/// OGC 接口定义 — OpenAPI 3.0 of the OGC part.
#[utoipa::path(get, path = "/ogc/api", tag = "ogc", params(("f" = Option<String>, Query, description = "json")),
    responses((status = 200, content_type = "application/vnd.oai.openapi+json;version=3.0", body = Object), (status = 304),
        (status = 400, body = Problem), (status = 406, body = Problem)))]
pub async fn definition(base: Base, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    plain(&headers, query.as_deref(), &[OPENAPI_30, "application/json"])?;
    Ok(fixed(&headers, OPENAPI_30, &document(&base)))
}

fn document(base: &Base) -> Value {
    let collection = path_parameter("collection", "name of the collection");
    let item = path_parameter("item", "id of the item");
    let set = path_parameter("tileMatrixSetId", "WebMercatorQuad");
    let spot = [("tileMatrix", "zoom"), ("tileRow", "row from the north"), ("tileCol", "column from the west")];
    let of_tile: Vec<Value> =
        std::iter::once(set.clone()).chain(spot.map(|(name, said)| path_parameter(name, said))).collect();
    let of_collection: Vec<Value> = std::iter::once(collection.clone()).chain(of_tile.iter().cloned()).collect();
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Bihu 庇护 OGC API – Features", "version": env!("CARGO_PKG_VERSION"), "license": { "name": "Apache-2.0" } },
        "servers": [{ "url": base.to("/ogc") }],
        "paths": {
            "/": get("getLandingPage", "landing page", &[], "application/json"),
            "/api": get("getApiDefinition", "this definition", &[], OPENAPI_30),
            "/conformance": get("getConformance", "conformance classes", &[], "application/json"),
            "/collections": get("getCollections", "the collections", &[], "application/json"),
            "/collections/{collection}": get("describeCollection", "one collection", std::slice::from_ref(&collection), "application/json"),
            "/collections/{collection}/items": get("getFeatures", "its items", &items_parameters(&collection), "application/geo+json"),
            "/tileMatrixSets": get(".getTileMatrixSetsList", "tile matrix sets", &[], "application/json"),
            "/tileMatrixSets/{tileMatrixSetId}": get(".getTileMatrixSet", "a tile matrix set", std::slice::from_ref(&set), "application/json"),
            "/tiles": get(".dataset.vector.getTileSetsList", "tilesets", &[], "application/json"),
            "/tiles/{tileMatrixSetId}": get(".dataset.vector.getTileSet", "a tileset", std::slice::from_ref(&set), "application/json"),
            "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": get(".dataset.vector.getTile", "a tile", &of_tile, "application/vnd.mapbox-vector-tile"),
            "/collections/{collection}/tiles": get(".collection.vector.getTileSetsList", "tilesets", std::slice::from_ref(&collection), "application/json"),
            "/collections/{collection}/tiles/{tileMatrixSetId}": get(".collection.vector.getTileSet", "a tileset", &of_collection[..2], "application/json"),
            "/collections/{collection}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": get(".collection.vector.getTile", "a tile", &of_collection, "application/vnd.mapbox-vector-tile"),
            "/collections/{collection}/items/{item}": get("getFeature", "one item", &[collection, item], "application/geo+json"),
        },
        "components": {
            "schemas": { "problem": { "type": "object", "properties": {
                "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" }, "detail": { "type": "string" },
            } } },
        },
    })
}

fn get(id: &str, summary: &str, parameters: &[Value], media: &str) -> Value {
    let mut content = Map::new();
    content.insert(media.to_owned(), json!({ "schema": { "type": "object" } }));
    let problem = |description: &str| json!({ "description": description, "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/problem" } } } });
    json!({ "get": {
        "operationId": id, "summary": summary, "parameters": parameters,
        "responses": { "200": { "description": summary, "content": content }, "400": problem("wrong parameter"),
            "404": problem("not found"), "406": problem("media type not available") },
    } })
}

fn path_parameter(name: &str, description: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": { "type": "string" } })
}

fn items_parameters(collection: &Value) -> Vec<Value> {
    let query = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "query", "required": false, "description": description, "schema": schema, "style": "form", "explode": false });
    let number = json!({ "type": "number" });
    let mut all = vec![
        collection.clone(),
        query(
            "limit",
            "items of a page",
            json!({ "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": 100 }),
        ),
        query(
            "bbox",
            "west,south,east,north; west > east crosses the antimeridian",
            json!({ "type": "array", "items": number, "minItems": 4, "maxItems": 6 }),
        ),
        query(
            "datum",
            "datum of the positions in the answer, which names it; bbox is WGS84 (CRS84) always",
            json!({ "type": "string", "enum": ["wgs84", "cgcs2000", "gcj02", "bd09"], "default": "wgs84" }),
        ),
        query("datetime", "RFC 3339 time or interval, on observed_at", json!({ "type": "string" })),
        query(
            "f",
            "form of the answer, stronger than Accept",
            json!({ "type": "string", "enum": ["json", "geojson"] }),
        ),
        query("cursor", "go on after this id; as the next link has it", json!({ "type": "string" })),
    ];
    let resources = queryables(Named::Kept(Collection::Resources(Kind::Shelter)));
    all.extend(
        resources.iter().map(|name| query(name, "items whose property has this value", json!({ "type": "string" }))),
    );
    all
}
