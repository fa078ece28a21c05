//! Landing page, conformance, and the collections.

use super::negotiate::{Base, accept};
use super::{CONFORMANCE, OPENAPI_30, tiles};
use crate::api::caller::Caller;
use crate::api::conditional::{fixed, json as answer, tagged, world_tag};
use crate::api::params::Params;
use crate::api::problem::Problem;
use crate::domain::{Audience, Kind};
use crate::service::query::items::{Collection, extent};
use crate::service::{App, Error};
use crate::world::World;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

const JSON: &str = "application/json";
const GEOJSON: &str = "application/geo+json";

/// A collection as OGC names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Kept things.
    Kept(Collection),
    /// The latest coverage gap.
    Gap,
}

/// Every collection: name, what it is, titles.
const COLLECTIONS: [(&str, Named, &str); 8] = [
    ("shelters", Named::Kept(Collection::Resources(Kind::Shelter)), "应急避难场所 / Emergency shelters"),
    ("warehouses", Named::Kept(Collection::Resources(Kind::Warehouse)), "物资仓库 / Material warehouses"),
    (
        "storage_points",
        Named::Kept(Collection::Resources(Kind::StoragePoint)),
        "三级物资储备点 / Three-tier storage points",
    ),
    ("teams", Named::Kept(Collection::Resources(Kind::Team)), "救援队伍 / Rescue teams"),
    ("sites", Named::Kept(Collection::Resources(Kind::Site)), "重要地点 / Sites"),
    ("divisions", Named::Kept(Collection::Divisions), "行政区划 / Administrative divisions"),
    ("demand", Named::Kept(Collection::Demand), "人口需求点 / Demand points (people)"),
    ("gap", Named::Gap, "服务空白区（默认标准，直线） / Coverage gap (default standards, by air)"),
];

impl Named {
    /// Returns the collection of a name, or 404.
    pub fn find(name: &str) -> Result<Self, Problem> {
        let found = COLLECTIONS.iter().find(|(known, ..)| *known == name).map(|(_, named, _)| *named);
        found.ok_or_else(|| Error::not_found(format!("collection {name}")).into())
    }
}

/// OGC 入口 — the landing page.
#[utoipa::path(get, path = "/ogc", tag = "ogc", params(("f" = Option<String>, Query, description = "json")),
    responses((status = 200, body = Object), (status = 304), (status = 400, body = Problem), (status = 406, body = Problem)))]
pub async fn landing(base: Base, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    plain(&headers, query.as_deref(), &[JSON])?;
    Ok(fixed(
        &headers,
        JSON,
        &json!({
            "title": "Bihu 庇护 OGC API – Features, Tiles",
            "description": "应急避难场所与救援资源图层 / Emergency shelters and resources",
            "links": [
                base.link("/ogc?f=json", "self", JSON, "this document"),
                base.link("/ogc/api", "service-desc", OPENAPI_30, "the API definition"),
                base.link("/api/docs/", "service-doc", "text/html", "documentation of the whole API"),
                base.link("/ogc/conformance?f=json", "conformance", JSON, "conformance classes"),
                base.link("/ogc/collections?f=json", "data", JSON, "the collections"),
                base.link("/ogc/tiles?f=json", tiles::TILESETS, JSON, "the vector tilesets"),
                base.link("/ogc/tileMatrixSets?f=json", "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", JSON, "the tile matrix sets"),
            ],
        }),
    ))
}

/// OGC 符合性 — the conformance classes that hold.
#[utoipa::path(get, path = "/ogc/conformance", tag = "ogc", params(("f" = Option<String>, Query, description = "json")),
    responses((status = 200, body = Object), (status = 304), (status = 400, body = Problem), (status = 406, body = Problem)))]
pub async fn conformance(headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    plain(&headers, query.as_deref(), &[JSON])?;
    Ok(fixed(&headers, JSON, &json!({ "conformsTo": CONFORMANCE })))
}

/// OGC 集合 — the collections.
#[utoipa::path(get, path = "/ogc/collections", tag = "ogc", params(("f" = Option<String>, Query, description = "json")),
    responses((status = 200, body = Object), (status = 304), (status = 400, body = Problem), (status = 406, body = Problem)))]
pub async fn collections(
    State(app): State<Arc<App>>,
    caller: Caller,
    base: Base,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    plain(&headers, query.as_deref(), &[JSON])?;
    let (world, audience) = (app.world(), caller.audience());
    // The base map is one more collection: whoever was told of fewer must not be told that nothing has changed.
    let revision = world_tag(audience, world.revision_for(audience));
    let tag = if app.has_base_tiles() { revision.replacen('"', "\"b", 1) } else { revision };
    Ok(tagged(&headers, audience, &tag, || {
        let kept = COLLECTIONS.iter().map(|c| with_tiles(&app, &base, describe(&world, audience, &base, c)));
        let all: Vec<Value> = kept.chain(tiles::base_collection(&app, &base)).collect();
        let links = [base.link("/ogc/collections?f=json", "self", JSON, "this document")];
        answer(JSON, &json!({ "links": links, "collections": all }))
    }))
}

/// OGC 集合 — one collection.
#[utoipa::path(get, path = "/ogc/collections/{collection}", tag = "ogc",
    params(("collection" = String, Path, description = "its name"), ("f" = Option<String>, Query, description = "json")),
    responses((status = 200, body = Object), (status = 304), (status = 400, body = Problem), (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn collection(
    State(app): State<Arc<App>>,
    caller: Caller,
    base: Base,
    headers: HeaderMap,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    plain(&headers, query.as_deref(), &[JSON])?;
    if let Some(map) = tiles::base_collection(&app, &base).filter(|map| map["id"] == name.as_str()) {
        return Ok(fixed(&headers, JSON, &map));
    }
    Named::find(&name)?;
    let (world, audience) = (app.world(), caller.audience());
    let tag = world_tag(audience, world.revision_for(audience));
    let known = COLLECTIONS.iter().find(|(known, ..)| *known == name);
    let found = known.ok_or_else(|| Error::not_found(format!("collection {name}")))?;
    Ok(tagged(&headers, audience, &tag, || {
        answer(JSON, &with_tiles(&app, &base, describe(&world, audience, &base, found)))
    }))
}

/// Adds the way to its tiles, where it has some.
fn with_tiles(app: &App, base: &Base, mut collection: Value) -> Value {
    let name = collection["id"].as_str().map(str::to_owned);
    let link = name.and_then(|name| tiles::links(app, base, &name));
    if let (Some(link), Some(links)) = (link, collection["links"].as_array_mut()) {
        links.push(link);
    }
    collection
}

fn describe(world: &World, audience: Audience, base: &Base, (name, named, title): &(&str, Named, &str)) -> Value {
    let extent = match named {
        Named::Kept(collection) => extent(world, audience, *collection),
        Named::Gap => extent(world, audience, Collection::Divisions),
    };
    let mut described = json!({
        "id": name, "title": title, "itemType": "feature",
        "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
        "links": [
            base.link(&format!("/ogc/collections/{name}?f=json"), "self", JSON, "this collection"),
            base.link(&format!("/ogc/collections/{name}/items?f=json"), "items", GEOJSON, "its items"),
        ],
    });
    if let Some(bounds) = extent {
        described["extent"] = json!({ "spatial": {
            "bbox": [[bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y]],
            "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        }});
    }
    described
}

/// Reads `f` and nothing else.
pub fn plain(headers: &HeaderMap, query: Option<&str>, offered: &[&str]) -> Result<(), Problem> {
    let mut params = Params::parse(query);
    let format = params.text("f");
    params.finish()?;
    accept(headers, format.as_deref(), offered)
}
