//! Vector tiles: `/tiles/{set}/{z}/{x}/{y}.mvt`, the TileJSON beside them, and the styles of the base map.
//!
//! The base map is the same for everybody and may be kept for a while; tiles of resources are one audience's, and what staff
//! are shown is kept by nobody.

mod palette;
pub(super) mod style;

use super::caller::Caller;
use super::conditional::{fixed, has_it};
use super::ogc::Base;
use super::params::Params;
use super::problem::Problem;
use crate::domain::{Audience, Violation};
use crate::exchange::mvt::base_layers;
use crate::service::query::tiles::{Made, RESOURCE_FIELDS, RESOURCE_LAYERS, TileSet, tile as make, zoom_min};
use crate::service::{App, Error};
use crate::spatial::tile::TileId;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use style::Theme;

/// Media type of a vector tile.
pub const MVT: &str = "application/vnd.mapbox-vector-tile";

/// 矢量瓦片 — a vector tile (MVT 2.1); 204 where nothing lies.
#[utoipa::path(get, path = "/tiles/{set}/{z}/{x}/{y}", tag = "map",
    params(
        ("set" = String, Path, description = "base | resources"),
        ("z" = u8, Path, description = "zoom, 0–15 (base) or 0–14 (resources)"),
        ("x" = u32, Path, description = "column from the west"),
        ("y" = String, Path, description = "row from the north, with `.mvt`"),
    ),
    responses((status = 200, content_type = "application/vnd.mapbox-vector-tile", body = Vec<u8>), (status = 204), (status = 304),
        (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn tile(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((set, z, x, y)): Path<(String, String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Params::parse(query.as_deref()).finish()?;
    let set = found(&set)?;
    let row = y.strip_suffix(".mvt").or_else(|| y.strip_suffix(".pbf"));
    let row = row.ok_or_else(|| Error::not_found(format!("{y}（应为 / expected: {{y}}.mvt）")))?;
    let id = place(set, [("z", &z), ("x", &x), ("y", row)])?;
    served(&app, caller.audience(), (set, id), &headers).await
}

/// 瓦片说明 — TileJSON 3.0 of a set of tiles.
#[utoipa::path(get, path = "/tiles/{set}", tag = "map",
    params(("set" = String, Path, description = "base.json | resources.json")),
    responses((status = 200, body = Object), (status = 304), (status = 404, body = Problem)))]
pub async fn tilejson(
    State(app): State<Arc<App>>,
    base: Base,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Params::parse(query.as_deref()).finish()?;
    let name = file.strip_suffix(".json").ok_or_else(|| Error::not_found(format!("tiles {file}")))?;
    let set = found(name)?;
    Ok(varying(fixed(&headers, "application/json", &described(&app, &base, set)?)))
}

/// 底图样式 — a MapLibre style of the base map.
#[utoipa::path(get, path = "/tiles/styles/{style}", tag = "map",
    params(("style" = String, Path, description = "light.json | dark.json | contrast.json")),
    responses((status = 200, body = Object), (status = 304), (status = 404, body = Problem)))]
pub async fn style(
    State(app): State<Arc<App>>,
    base: Base,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let english =
        params.word("lang", |word| ["zh", "en"].iter().position(|l| *l == word), "zh, en".to_owned()) == Some(1);
    params.finish()?;
    let theme = file.strip_suffix(".json").and_then(Theme::from_word);
    let theme = theme.ok_or_else(|| Error::not_found(format!("style {file}（{}）", Theme::choices())))?;
    let attribution = app.roads().and_then(|roads| roads.meta.attribution.clone());
    let language = if english { style::Language::English } else { style::Language::Chinese };
    let source = json!({ "type": "vector", "url": base.to("/tiles/base.json"), "attribution": attribution });
    Ok(varying(fixed(&headers, "application/json", &style::document(theme, language, source))))
}

/// Returns the set of a name, or 404.
pub(super) fn found(name: &str) -> Result<TileSet, Problem> {
    let known = TileSet::ALL.map(TileSet::word).join(", ");
    TileSet::from_word(name).ok_or_else(|| Error::not_found(format!("tiles {name}（{known}）")).into())
}

/// Returns the tile at a zoom, column and row, or everything that is wrong with them.
pub(super) fn place(set: TileSet, [z, x, y]: [(&str, &str); 3]) -> Result<TileId, Problem> {
    let number = |(name, text): (&str, &str), most: u32| -> Result<u32, Violation> {
        let shown: String = text.chars().take(40).collect();
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let whole = (&*format!("0…{most}（整数）"), &*format!("0…{most} (whole numbers)"));
        text.parse().ok().filter(|n| digits && *n <= most).ok_or_else(|| Violation::outside(name, &shown, whole))
    };
    let zoom = number(z, u32::from(set.zoom_max()));
    let most = zoom.as_ref().map_or(u32::MAX, |z| (1 << z) - 1);
    let (column, row) = (number(x, most), number(y, most));
    match (&zoom, &column, &row) {
        (Ok(z), Ok(x), Ok(y)) => TileId::new(*z as u8, *x, *y),
        _ => None,
    }
    .ok_or_else(|| Problem::parameters([zoom, column, row].into_iter().filter_map(Result::err).collect()))
}

/// Returns a tile as an answer.
pub(super) async fn served(
    app: &App,
    audience: Audience,
    (set, id): (TileSet, TileId),
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let made = make(app, audience, set, id).await?;
    let caching = match (set, audience) {
        (TileSet::Base, _) => "public, max-age=600",
        (_, Audience::Public) => "public, no-cache",
        (_, Audience::Staff) => "private, no-store",
    };
    Ok(answer(&made, caching, headers))
}

fn answer(made: &Made, caching: &'static str, headers: &HeaderMap) -> Response {
    let mut response = if has_it(headers, &made.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if made.bytes.is_empty() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        ([(header::CONTENT_TYPE, MVT)], made.bytes.clone()).into_response()
    };
    let out = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&made.tag) {
        out.insert(header::ETAG, tag);
    }
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}

/// Links begin with the address that a proxy says it was reached at.
fn varying(mut response: Response) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("x-forwarded-host, x-forwarded-proto"));
    response
}

/// Layers of a set with the properties of their features.
pub(super) fn layers(set: TileSet) -> Vec<(&'static str, &'static [&'static str])> {
    match set {
        TileSet::Base => base_layers().map(|(layer, fields)| (layer.word(), fields)).collect(),
        TileSet::Of(kind) => vec![(kind.word(), RESOURCE_FIELDS[0])],
        TileSet::Resources => {
            let [of_resources, of_closures] = RESOURCE_FIELDS;
            let fields = |name: &str| if name == "closure" { of_closures } else { of_resources };
            RESOURCE_LAYERS.iter().map(|name| (*name, fields(name))).collect()
        }
    }
}

/// Returns `[west, south, east, north]` of a set, degrees.
pub(super) fn bounds(app: &App, set: TileSet) -> Result<[f64; 4], Problem> {
    let whole = [-180.0, -85.051_128, 180.0, 85.051_128];
    if set != TileSet::Base {
        return Ok(whole);
    }
    let roads = app.roads_wanted()?;
    let area = roads.features.as_ref().and_then(|features| features.area());
    Ok(area.map_or(whole, |area| {
        let (north_west, south_east) = (area.low.position(), area.high.position());
        [north_west.lon(), south_east.lat(), south_east.lon(), north_west.lat()].map(|n| (n * 1e6).round() / 1e6)
    }))
}

fn described(app: &App, base: &Base, set: TileSet) -> Result<Value, Problem> {
    let bounds = bounds(app, set)?;
    let meta = app.roads().filter(|_| set == TileSet::Base).map(|roads| roads.meta.clone()).unwrap_or_default();
    let fields =
        |names: &[&str]| -> Map<String, Value> { names.iter().map(|n| ((*n).to_owned(), json!(said(n)))).collect() };
    let first = zoom_min(app, set);
    let layers: Vec<Value> = layers(set)
        .into_iter()
        .map(|(id, names)| json!({ "id": id, "fields": fields(names), "minzoom": first, "maxzoom": set.zoom_max() }))
        .collect();
    let name = match set {
        TileSet::Base => "庇护底图 / Bihu base map",
        TileSet::Resources | TileSet::Of(_) => "庇护资源 / Bihu resources",
    };
    let mut described = json!({
        "tilejson": "3.0.0", "name": name, "version": "1.0.0", "scheme": "xyz",
        "tiles": [base.to(&format!("/tiles/{}/{{z}}/{{x}}/{{y}}.mvt", set.word()))],
        "minzoom": first, "maxzoom": set.zoom_max(), "bounds": bounds,
        "center": [(bounds[0] + bounds[2]) / 2.0, (bounds[1] + bounds[3]) / 2.0, 11],
        "vector_layers": layers,
    });
    if let Some(attribution) = meta.attribution {
        described["attribution"] = json!(attribution);
    }
    Ok(described)
}

/// What a property is, as TileJSON tells it.
fn said(field: &str) -> &'static str {
    match field {
        "bridge" | "tunnel" | "synthetic" => "Boolean",
        "rank" | "capacity" | "free_places" | "tier" | "count" | "depth_cm" => "Number",
        _ => "String",
    }
}
