//! Styles of the base map (MapLibre style specification 8), made from one drawing and three palettes.
//!
//! A calm ground for what lies on it: greens, reds, oranges, yellows and blues that are full are left to shelters and
//! warnings. Invariants: nothing is asked of another host, so there are no glyphs and no sprite; text is drawn from the
//! machine's own fonts. Labels never overlap: every one takes part in placement, the more important first.

use super::palette::{Palette, palette};
use crate::domain::words::words;
use serde_json::{Value, json};

words! {
    /// Which style.
    Theme {
        Light = "light", "浅色", "light";
        Dark = "dark", "深色", "dark";
        Contrast = "contrast", "高对比", "high contrast";
    }
}

/// In which language names are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese, or whatever there is.
    Chinese,
    /// English where there is any, or whatever there is.
    English,
}

/// Fonts of the machine, best first.
const FONT: [&str; 4] = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"];

/// Name of the source in the document.
const SOURCE: &str = "bihu-base";

/// Widths of roads in pixels at zooms 6, 10, 12, 14, 16 and 18.
const WIDTHS: [(&[&str], [f64; 6]); 7] = [
    (&["motorway"], [0.9, 1.8, 2.8, 5.0, 12.0, 26.0]),
    (&["trunk"], [0.7, 1.6, 2.6, 4.8, 11.0, 24.0]),
    (&["primary"], [0.5, 1.3, 2.2, 4.4, 10.0, 22.0]),
    (&["secondary"], [0.4, 0.9, 1.7, 3.6, 8.5, 19.0]),
    (&["tertiary", "motorway_link", "trunk_link"], [0.3, 0.6, 1.2, 2.7, 7.0, 17.0]),
    (
        &["unclassified", "residential", "primary_link", "secondary_link", "tertiary_link"],
        [0.2, 0.4, 0.7, 1.9, 5.5, 14.0],
    ),
    (&["living_street", "service", "road", "busway"], [0.1, 0.2, 0.4, 1.0, 3.2, 9.0]),
];

const WIDTH_ZOOMS: [u8; 6] = [6, 10, 12, 14, 16, 18];

/// Ways of those who walk.
const PATHS: [&str; 8] = ["footway", "path", "steps", "cycleway", "track", "pedestrian", "bridleway", "corridor"];

/// Returns the style of the tiles that a source names.
pub fn document(theme: Theme, language: Language, source: Value) -> Value {
    let p = palette(theme);
    let mut layers =
        vec![json!({ "id": "base-ground", "type": "background", "paint": { "background-color": p.land } })];
    layers.extend(ground(p));
    layers.extend(ways(p));
    layers.extend(labels(p, language));
    let mut sources = json!({});
    sources[SOURCE] = source;
    json!({
        "version": 8, "name": format!("庇护底图 {} / Bihu {}", theme.zh(), theme.en()),
        "metadata": { "bihu:theme": theme.word() },
        "sources": sources, "layers": layers,
    })
}

/// A layer of the style over a layer of the tiles.
fn layer(id: &str, kind: &str, of: &str, rest: Value) -> Value {
    let mut layer = json!({ "id": format!("base-{id}"), "type": kind, "source": SOURCE, "source-layer": of });
    if let (Some(into), Value::Object(rest)) = (layer.as_object_mut(), rest) {
        into.extend(rest);
    }
    layer
}

fn is(kind: &str) -> Value {
    json!(["==", ["geometry-type"], kind])
}

/// A width that grows with the zoom: pairs of zoom and pixels.
fn growing(stops: &[(u8, f64)]) -> Value {
    let mut expression = vec![json!("interpolate"), json!(["exponential", 1.5]), json!(["zoom"])];
    stops.iter().for_each(|(zoom, width)| expression.extend([json!(zoom), json!(width)]));
    json!(expression)
}

/// Land, water and houses.
fn ground(p: &Palette) -> Vec<Value> {
    let wood = json!([
        "match",
        ["get", "class"],
        ["forest", "wood", "nature_reserve"],
        p.wood,
        ["farmland", "orchard", "vineyard", "allotments", "plant_nursery"],
        p.farm,
        p.green
    ]);
    vec![
        layer(
            "green",
            "fill",
            "green",
            json!({ "filter": is("Polygon"), "paint": { "fill-color": wood, "fill-antialias": false } }),
        ),
        layer("water", "fill", "water", json!({ "filter": is("Polygon"), "paint": { "fill-color": p.water } })),
        layer(
            "water-edge",
            "line",
            "water",
            json!({ "filter": is("Polygon"), "minzoom": 12, "paint": { "line-color": p.water_edge, "line-width": p.edge } }),
        ),
        layer(
            "stream",
            "line",
            "water",
            json!({
                "filter": is("LineString"), "layout": { "line-cap": "round", "line-join": "round" },
                "paint": { "line-color": p.water, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"],
                    8, ["match", ["get", "class"], "river", 0.8, 0.3], 14, ["match", ["get", "class"], "river", 4.0, "canal", 2.6, 1.0],
                    18, ["match", ["get", "class"], "river", 16.0, "canal", 10.0, 4.0]] },
            }),
        ),
        layer(
            "building",
            "fill",
            "building",
            json!({ "minzoom": 14, "paint": {
            "fill-color": p.building, "fill-outline-color": p.building_edge,
            "fill-opacity": ["interpolate", ["linear"], ["zoom"], 14, 0.5, 15.5, 1.0],
        } }),
        ),
        layer(
            "square",
            "fill",
            "road",
            json!({ "filter": is("Polygon"), "minzoom": 13, "paint": { "fill-color": p.square } }),
        ),
        layer(
            "boundary",
            "line",
            "boundary",
            json!({
                "filter": ["match", ["get", "class"], ["2", "4", "5", "6"], true, false],
                "layout": { "line-join": "round" },
                "paint": { "line-color": p.boundary, "line-dasharray": [4, 2, 1, 2],
                    "line-width": ["interpolate", ["linear"], ["zoom"], 4, ["match", ["get", "class"], ["2", "4"], 1.0, 0.6], 14, ["match", ["get", "class"], ["2", "4"], 2.4, 1.4]] },
            }),
        ),
    ]
}

/// Roads and railways: tunnels, what lies on the ground, bridges; each as casing and filling.
fn ways(p: &Palette) -> Vec<Value> {
    let places = [
        ("tunnel", json!(["==", ["get", "tunnel"], true])),
        ("road", json!(["all", ["!=", ["get", "tunnel"], true], ["!=", ["get", "bridge"], true]])),
        ("bridge", json!(["==", ["get", "bridge"], true])),
    ];
    let mut all = Vec::new();
    for (place, where_) in places {
        all.extend(streets(p, place, &where_));
        if place != "tunnel" {
            all.extend(rails(p, place, &where_));
        }
    }
    all
}

fn streets(p: &Palette, place: &str, where_: &Value) -> Vec<Value> {
    let classes: Vec<&str> = WIDTHS.iter().flat_map(|(classes, _)| classes.iter().copied()).collect();
    let filter = json!(["all", is("LineString"), where_, ["match", ["get", "class"], classes, true, false]]);
    let paths = json!(["all", is("LineString"), where_, ["match", ["get", "class"], PATHS, true, false]]);
    let is_tunnel = place == "tunnel";
    let fill = json!([
        "match",
        ["get", "class"],
        "motorway",
        p.motorway,
        "trunk",
        p.trunk,
        "primary",
        p.primary,
        ["motorway_link", "trunk_link", "primary_link", "secondary"],
        p.secondary,
        p.street
    ]);
    let casing = json!([
        "match",
        ["get", "class"],
        ["motorway", "trunk", "motorway_link", "trunk_link", "primary"],
        p.casing_major,
        p.casing
    ]);
    let mut casing_paint = json!({ "line-color": casing, "line-width": road_width(place == "bridge", p.casing_px) });
    let mut fill_paint = json!({ "line-color": fill, "line-width": road_width(false, 0.0) });
    if is_tunnel {
        casing_paint["line-dasharray"] = json!([1.6, 1.0]);
        casing_paint["line-opacity"] = json!(0.7);
        fill_paint["line-opacity"] = json!(0.55);
    }
    // Flat ends, or a bridge would hang over the street it joins.
    let cap = if place == "road" { "round" } else { "butt" };
    let layout = json!({ "line-cap": cap, "line-join": "round" });
    vec![
        layer(
            &format!("{place}-path"),
            "line",
            "road",
            json!({ "filter": paths, "minzoom": 14, "layout": layout,
            "paint": { "line-color": p.path, "line-dasharray": [2.4, 1.2], "line-width": growing(&[(14, 0.7), (16, 1.4), (18, 3.0)]) } }),
        ),
        layer(
            &format!("{place}-casing"),
            "line",
            "road",
            json!({ "filter": filter, "minzoom": 9, "layout": layout, "paint": casing_paint }),
        ),
        layer(
            &format!("{place}-fill"),
            "line",
            "road",
            json!({ "filter": filter, "layout": layout, "paint": fill_paint }),
        ),
    ]
}

/// The width of a road by class; `casing_px`: what its casing adds on either side.
fn road_width(is_bridge: bool, casing_px: f64) -> Value {
    let mut expression = vec![json!("interpolate"), json!(["exponential", 1.5]), json!(["zoom"])];
    for (i, zoom) in WIDTH_ZOOMS.iter().enumerate() {
        let near = if *zoom >= 16 { 1.4 } else { 1.0 };
        let beside = casing_px * near * if is_bridge { 1.4 } else { 1.0 };
        let added =
            |width: f64| if casing_px > 0.0 { width + 2.0 * beside * (width / 2.0).clamp(0.35, 1.0) } else { width };
        let mut by_class = vec![json!("match"), json!(["get", "class"])];
        for (classes, widths) in WIDTHS {
            by_class.extend([json!(classes), json!((added(widths[i]) * 100.0).round() / 100.0)]);
        }
        by_class.push(json!(0.5));
        expression.extend([json!(zoom), json!(by_class)]);
    }
    json!(expression)
}

fn rails(p: &Palette, place: &str, where_: &Value) -> Vec<Value> {
    let filter = json!(["all", is("LineString"), where_]);
    vec![
        layer(
            &format!("{place}-rail"),
            "line",
            "rail",
            json!({ "filter": filter, "minzoom": 9,
            "paint": { "line-color": p.rail, "line-width": growing(&[(9, 0.6), (14, 1.6), (18, 4.0)]) } }),
        ),
        layer(
            &format!("{place}-rail-ties"),
            "line",
            "rail",
            json!({ "filter": filter, "minzoom": 13,
            "paint": { "line-color": p.rail_ties, "line-dasharray": [4, 4], "line-width": growing(&[(13, 0.7), (14, 0.9), (18, 2.6)]) } }),
        ),
    ]
}

/// Names: of streets and rivers along them, of what is of use in an emergency, of settlements; later ones are placed first.
fn labels(p: &Palette, language: Language) -> Vec<Value> {
    let text = match language {
        Language::Chinese => json!(["get", "name"]),
        Language::English => json!(["coalesce", ["get", "name_en"], ["get", "name"]]),
    };
    let along = |size: Value, spacing: u16| {
        json!({
            "symbol-placement": "line", "symbol-spacing": spacing, "text-field": text, "text-font": FONT, "text-size": size,
            "text-letter-spacing": 0.06, "text-max-angle": 40, "text-padding": 4, "text-pitch-alignment": "viewport",
        })
    };
    let spot = |size: Value| {
        json!({
            "text-field": text, "text-font": FONT, "text-size": size, "text-max-width": 7, "text-padding": 4,
            "text-line-height": 1.15, "symbol-sort-key": ["get", "rank"],
        })
    };
    let paint = |colour: &str| json!({ "text-color": colour, "text-halo-color": p.halo, "text-halo-width": p.halo_px });
    let size = |stops: &[(u8, f64)]| -> Value {
        let mut expression = vec![json!("interpolate"), json!(["linear"]), json!(["zoom"])];
        stops
            .iter()
            .for_each(|(zoom, px)| expression.extend([json!(zoom), json!((px * p.text_scale * 10.0).round() / 10.0)]));
        json!(expression)
    };
    let class = |classes: &[&str]| json!(["match", ["get", "class"], classes, true, false]);
    let named = |filter: Value| json!(["all", ["has", "name"], filter]);
    let street_names = |id: &str, classes: &[&str], from: f64, stops: &[(u8, f64)]| {
        layer(
            id,
            "symbol",
            "road",
            json!({ "filter": named(class(classes)), "minzoom": from, "layout": along(size(stops), 320), "paint": paint(p.street_label) }),
        )
    };
    let spots = |id: &str, classes: &[&str], from: f64, (stops, colour): (&[(u8, f64)], &str)| {
        layer(
            id,
            "symbol",
            "label",
            json!({ "filter": class(classes), "minzoom": from, "layout": spot(size(stops)), "paint": paint(colour) }),
        )
    };
    vec![
        layer(
            "stream-name",
            "symbol",
            "water",
            json!({ "filter": named(is("LineString")), "minzoom": 11, "layout": along(size(&[(11, 11.0), (16, 14.0)]), 420), "paint": paint(p.water_label) }),
        ),
        street_names("path-name", &PATHS, 16.0, &[(16, 10.5), (18, 12.0)]),
        street_names(
            "street-name",
            &["unclassified", "residential", "living_street", "service", "road"],
            15.0,
            &[(15, 10.5), (18, 13.0)],
        ),
        street_names("tertiary-name", &["tertiary"], 13.6, &[(13, 10.5), (18, 14.0)]),
        street_names("main-name", &["motorway", "trunk", "primary", "secondary"], 12.0, &[(12, 10.5), (18, 15.0)]),
        spots(
            "use",
            &["school", "college", "townhall", "park", "stadium"],
            15.0,
            (&[(15, 11.0), (18, 13.0)], p.use_label),
        ),
        spots(
            "station",
            &["station", "university", "hospital", "fire_station", "police", "aerodrome"],
            13.5,
            (&[(13, 11.0), (18, 13.5)], p.use_label),
        ),
        spots("water-name", &["water"], 9.0, (&[(9, 11.0), (16, 14.0)], p.water_label)),
        spots(
            "quarter",
            &["quarter", "neighbourhood", "hamlet", "isolated_dwelling"],
            13.0,
            (&[(13, 11.0), (16, 13.0)], p.place_label),
        ),
        // From which zoom on a settlement is named the tiles say: those of a small extract have its chief ones from afar.
        spots("village", &["village", "suburb", "island"], 0.0, (&[(11, 11.0), (15, 15.0)], p.place_label)),
        spots("town", &["town", "district", "borough"], 0.0, (&[(8, 11.5), (14, 17.0)], p.place_label)),
        spots("city", &["city"], 0.0, (&[(4, 13.0), (11, 20.0)], p.place_label)),
    ]
}
