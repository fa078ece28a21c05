//! `/tiles` and OGC API – Tiles: the base map and the resources as vector tiles, for whom, how long, and what is refused.

use crate::base_map::town;
use crate::house::House;
use crate::mvt_read::{self, Value};
use axum::http::Method;
use bihu::exchange::osm;
use bihu::network::{FeatureTiles, Layer, MapFeature, Sections, build};
use bihu::service::roads::Roads;
use serde_json::json;
use std::sync::Arc;

const STREET: &str = r#"<osm version="0.6"><node id="1" lat="31.0" lon="121.2"/><node id="2" lat="31.0" lon="121.21"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>"#;

/// The demonstration with a base map under it.
async fn mapped() -> House {
    let house = House::demo().await;
    house.app.lay_roads(Roads::open(Arc::new(network_of(&town()))).expect("roads"));
    house
}

/// A network file of one street with a base map.
fn network_of(features: &[MapFeature]) -> Vec<u8> {
    let extract = osm::read(STREET.as_bytes(), &|_, _| {}).expect("a street");
    let mut sections = Sections::default();
    build(&extract.roads).graph.write(&mut sections);
    FeatureTiles::write(features, &mut sections);
    sections.put(*b"meta    ", br#"{"attribution":"invented"}"#.to_vec());
    sections.to_file()
}

/// The tile of a zoom around the middle of the invented town and of the demonstration district.
fn tile(zoom: u32) -> (u32, u32) {
    let (lon, lat) = (121.215_f64, 31.006_f64.to_radians());
    let side = f64::from(1_u32 << zoom);
    let row = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0 * side;
    (((lon + 180.0) / 360.0 * side) as u32, row as u32)
}

#[tokio::test]
async fn a_tile_of_the_base_map_has_a_tag_and_may_be_kept() {
    let house = mapped().await;
    let (x, y) = tile(14);
    let path = format!("/tiles/base/14/{x}/{y}.mvt");
    let answer = house.get(&path).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/vnd.mapbox-vector-tile");
    assert_eq!(answer.header("cache-control"), "public, max-age=600");
    let layers = mvt_read::tile(&answer.bytes).expect("a tile");
    assert!(layers.iter().any(|layer| layer.name == "building"));
    let tag = answer.header("etag").to_owned();
    let again = house.call(Method::GET, &path, &[("if-none-match", &tag)], None).await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    let ogc = house.get(&format!("/ogc/tiles/WebMercatorQuad/14/{y}/{x}")).await;
    assert_eq!((ogc.status.as_u16(), &ogc.bytes), (200, &answer.bytes), "rows come before columns there");
}

#[tokio::test]
async fn where_nothing_lies_the_answer_is_empty() {
    let house = mapped().await;
    let answer = house.get("/tiles/base/14/0/0.mvt").await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (204, 0));
}

#[tokio::test]
async fn tiles_that_do_not_exist_are_refused_by_name() {
    let house = mapped().await;
    for (path, field) in [
        ("/tiles/base/99/0/0.mvt", "z"),
        ("/tiles/base/-1/0/0.mvt", "z"),
        ("/tiles/base/3/8/0.mvt", "x"),
        ("/tiles/base/3/0/8.mvt", "y"),
        ("/tiles/base/3/0/a.mvt", "y"),
        ("/tiles/base/3/%2B1/0.mvt", "x"),
        ("/tiles/base/3/4294967296/0.mvt", "x"),
        ("/tiles/resources/15/0/0.mvt", "z"),
        ("/ogc/tiles/WebMercatorQuad/3/8/0", "tileRow"),
        ("/ogc/tiles/WebMercatorQuad/3/0/8", "tileCol"),
    ] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.problem(400)["violations"][0]["field"], field, "{path}");
    }
    for path in [
        "/tiles/zoo/0/0/0.mvt",
        "/tiles/base/0/0/0.png",
        "/tiles/zoo.json",
        "/tiles/base",
        "/tiles/styles/pink.json",
        "/ogc/tiles/Moon",
        "/ogc/tileMatrixSets/Moon",
    ] {
        assert_eq!(house.get(path).await.status, 404, "{path}");
    }
    assert_eq!(house.get("/tiles/base/0/0/0.mvt?key=1").await.status, 400);
}

#[tokio::test]
async fn without_a_network_file_the_way_to_one_is_named() {
    let house = House::demo().await;
    for path in ["/tiles/base/0/0/0.mvt", "/tiles/base.json"] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.problem(404)["detail"].as_str().expect("a detail").contains("bihu serve --network"), "{path}");
    }
    assert_eq!(house.get("/api/meta").await.json()["map"]["vector"], false);
}

#[tokio::test]
async fn tilejson_describes_each_set() {
    let house = mapped().await;
    let base = house.get("/tiles/base.json").await.json();
    assert_eq!((&base["tilejson"], &base["attribution"]), (&json!("3.0.0"), &json!("invented")));
    assert_eq!(base["tiles"], json!(["http://bihu.test/tiles/base/{z}/{x}/{y}.mvt"]));
    let ids: Vec<&str> =
        base["vector_layers"].as_array().expect("layers").iter().filter_map(|l| l["id"].as_str()).collect();
    assert_eq!(ids, ["water", "green", "building", "road", "rail", "boundary", "label"]);
    assert!(base["bounds"][0].as_f64().expect("a bound") > 121.0);
    let resources = house.get("/tiles/resources.json").await.json();
    assert_eq!(resources["maxzoom"], 14);
}

#[tokio::test]
async fn from_the_zoom_that_the_tilejson_names_on_there_is_something_to_see() {
    let house = mapped().await;
    let described = house.get("/tiles/base.json").await.json();
    assert_eq!(described["minzoom"], 0, "the town has a name");
    for zoom in 0..=15 {
        let (x, y) = tile(zoom);
        assert_eq!(house.get(&format!("/tiles/base/{zoom}/{x}/{y}.mvt")).await.status, 200, "zoom {zoom}");
    }
    // Houses alone are drawn from close by, and that is what is said then.
    let houses: Vec<_> = town().into_iter().filter(|f| f.layer == Layer::Building).collect();
    house.app.lay_roads(Roads::open(Arc::new(network_of(&houses))).expect("roads"));
    let described = house.get("/tiles/base.json").await.json();
    let first = described["minzoom"].as_u64().expect("a zoom") as u32;
    assert!((14..=15).contains(&first), "{first}");
    assert_eq!(described["vector_layers"][0]["minzoom"], first);
    let (x, y) = tile(first);
    assert_eq!(house.get(&format!("/tiles/base/{first}/{x}/{y}.mvt")).await.status, 200);
}

#[tokio::test]
async fn the_styles_draw_layers_that_the_tiles_have_and_ask_nobody_else() {
    let house = mapped().await;
    let layers = house.get("/tiles/base.json").await.json()["vector_layers"].clone();
    let ids: Vec<&str> = layers.as_array().expect("layers").iter().filter_map(|l| l["id"].as_str()).collect();
    for name in ["light", "dark", "contrast"] {
        let style = house.get(&format!("/tiles/styles/{name}.json?lang=en")).await.json();
        assert_eq!(style["version"], 8);
        assert!(style.get("glyphs").is_none() && style.get("sprite").is_none(), "{name}");
        assert_eq!(style["sources"]["bihu-base"]["url"], "http://bihu.test/tiles/base.json");
        for layer in style["layers"].as_array().expect("layers") {
            let of = layer["source-layer"].as_str();
            assert!(of.is_none_or(|of| ids.contains(&of)), "{name}: {layer}");
        }
    }
}

fn names(body: &[u8]) -> Vec<String> {
    let layers = mvt_read::tile(body).expect("a tile");
    let name = |f: &mvt_read::Feature| match f.properties.get("name") {
        Some(Value::Text(name)) => Some(name.clone()),
        _ => None,
    };
    layers.iter().flat_map(|layer| layer.features.iter().filter_map(name)).collect()
}

#[tokio::test]
async fn hidden_resources_are_in_staff_tiles_only_and_those_are_kept_by_nobody() {
    let house = House::demo().await;
    let body = json!({"kind": "team", "name": "隐蔽队", "lon": 121.215, "lat": 31.006, "visibility": "operational", "category": "social", "code": "T-1"});
    let (x, y) = tile(14);
    let paths: Vec<String> =
        (0..=14).map(|z| (z, tile(z))).map(|(z, (x, y))| format!("/tiles/resources/{z}/{x}/{y}.mvt")).collect();
    let mut before = Vec::new();
    for path in &paths {
        let answer = house.get(path).await;
        before.push((answer.status, answer.header("etag").to_owned(), answer.bytes.clone()));
    }
    house.create("team-hidden-1", &body).await;
    for (path, before) in paths.iter().zip(before) {
        let answer = house.get(path).await;
        assert_eq!(
            (answer.status, answer.header("etag").to_owned(), answer.bytes.clone()),
            before,
            "{path}: the public sees no trace"
        );
        assert!(answer.status == 204 || answer.header("cache-control") == "public, no-cache", "{path}");
    }
    let staff = house.get_as_staff(&format!("/tiles/resources/14/{x}/{y}.mvt")).await;
    assert_eq!(staff.header("cache-control"), "private, no-store");
    assert!(names(&staff.bytes).contains(&"隐蔽队".to_owned()));
}

#[tokio::test]
async fn far_out_one_point_says_how_many_it_stands_for() {
    let house = House::demo().await;
    let (x, y) = tile(6);
    let layers = mvt_read::tile(&house.get(&format!("/tiles/resources/6/{x}/{y}.mvt")).await.bytes).expect("a tile");
    let counts = house.get("/api/meta").await.json()["counts"].clone();
    for layer in layers {
        let count = |f: &mvt_read::Feature| match f.properties.get("count") {
            Some(Value::Number(n)) => *n as u64,
            _ => 1,
        };
        assert_eq!(
            layer.features.iter().map(count).sum::<u64>(),
            counts[&layer.name].as_u64().expect("a count"),
            "{}",
            layer.name
        );
    }
}

#[tokio::test]
async fn a_closure_is_in_the_publics_tiles_as_long_as_it_stands() {
    let house = mapped().await;
    let (x, y) = tile(14);
    let path = format!("/tiles/resources/14/{x}/{y}.mvt");
    let closures = |bytes: &[u8]| {
        let layers = mvt_read::tile(bytes).expect("a tile");
        layers.into_iter().filter(|layer| layer.name == "closure").flat_map(|layer| layer.features).collect::<Vec<_>>()
    };
    assert!(closures(&house.get(&path).await.bytes).is_empty());
    let ring = [[121.205, 30.998], [121.22, 30.998], [121.22, 31.01], [121.205, 31.01], [121.205, 30.998]];
    let flood = json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"profiles": ["car", "truck"], "cause": "flood", "reason": "下穿积水", "depth_cm": 40, "synthetic": true}});
    let made = house.post_by(&house.admin, "/api/closures", &flood).await.json();
    let drawn = closures(&house.get(&path).await.bytes);
    assert_eq!((drawn.len(), drawn[0].kind), (1, 3));
    assert_eq!(drawn[0].properties.get("reason"), Some(&Value::Text("下穿积水".to_owned())));
    assert_eq!(drawn[0].properties.get("depth_cm"), Some(&Value::Number(40.0)));
    let id = made["id"].as_str().or_else(|| made["closure"]["id"].as_str()).expect("its name");
    let bearer = format!("Bearer {}", house.admin);
    let lifted = house
        .call(Method::DELETE, &format!("/api/closures/{id}"), &[("authorization", &bearer), ("if-match", "*")], None)
        .await;
    assert!(lifted.status.is_success(), "{}", lifted.text());
    assert!(closures(&house.get(&path).await.bytes).is_empty());
}

#[tokio::test]
async fn ogc_tiles_lead_from_the_landing_page_to_a_tile() {
    let house = mapped().await;
    let landing = house.get("/ogc").await.json();
    let href = |links: &serde_json::Value, rel: &str| -> String {
        let link = links
            .as_array()
            .expect("links")
            .iter()
            .find(|l| l["rel"] == rel)
            .unwrap_or_else(|| panic!("no link {rel}"));
        link["href"].as_str().expect("an address").strip_prefix("http://bihu.test").expect("our own").to_owned()
    };
    let sets =
        house.get(&href(&landing["links"], "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector")).await.json();
    let set = &sets["tilesets"][0];
    assert_eq!((&set["dataType"], &set["tileMatrixSetId"]), (&json!("vector"), &json!("WebMercatorQuad")));
    let described = house.get(&href(&set["links"], "self")).await.json();
    for limit in described["tileMatrixSetLimits"].as_array().expect("limits") {
        let number = |name: &str| limit[name].as_u64().expect("a number") as u32;
        let zoom = limit["tileMatrix"].as_str().and_then(|zoom| zoom.parse().ok()).expect("a zoom");
        let (x, y) = tile(zoom);
        assert!((number("minTileCol")..=number("maxTileCol")).contains(&x), "{limit}");
        assert!((number("minTileRow")..=number("maxTileRow")).contains(&y), "{limit}");
        assert!(number("maxTileCol") - number("minTileCol") < 6, "{limit}: no more than where the town lies");
    }
    let (x, y) = tile(12);
    let item = href(&described["links"], "item");
    let path =
        item.replace("{tileMatrix}", "12").replace("{tileRow}", &y.to_string()).replace("{tileCol}", &x.to_string());
    assert_eq!(house.get(&path).await.status, 200, "{path}");
    let matrices = house.get(&href(&set["links"], "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme")).await.json();
    let scale = matrices["tileMatrices"][0]["scaleDenominator"].as_f64().expect("a scale");
    assert!((scale - 559_082_264.028_717_8).abs() < 1e-3, "{scale}: OGC 17-083r4, annex D.1");
    let classes = house.get("/ogc/conformance").await.json();
    let uri = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core";
    assert!(classes["conformsTo"].as_array().expect("classes").contains(&json!(uri)));
}

#[tokio::test]
async fn another_servers_tiles_are_named_in_the_policy_of_the_page_and_nowhere_else() {
    use bihu::service::ground::{Ground, Raster, RasterError};
    let house = House::demo().await;
    let before = house.get("/").await.header("content-security-policy").to_owned();
    assert!(before.contains("connect-src 'self';"));
    let raster =
        Raster::parse("https://t0.tiles.test/wmts?x={TileCol}&y={TileRow}&z={TileMatrix}&tk=k").expect("a template");
    house.app.lay_ground(Ground {
        raster: Some(raster),
        approval_number: Some("GS(2026)0000号".to_owned()),
        ..Ground::default()
    });
    let policy = house.get("/").await.header("content-security-policy").to_owned();
    assert!(
        policy.contains("connect-src 'self' https://t0.tiles.test;") && policy.contains("blob: https://t0.tiles.test;"),
        "{policy}"
    );
    assert!(policy.contains("script-src 'self';"));
    let map = house.get("/api/meta").await.json()["map"].clone();
    assert_eq!(map["approval_number"], "GS(2026)0000号");
    assert_eq!(map["raster"]["template"], "https://t0.tiles.test/wmts?x={x}&y={y}&z={z}&tk=k");
    let house = mapped().await;
    house.app.lay_ground(Ground { attribution: Some("某平台".to_owned()), ..Ground::default() });
    let map = house.get("/api/meta").await.json()["map"].clone();
    // Whose data the network file holds is told whatever the operator says of the map.
    assert_eq!((&map["source"], &map["vector_source"]), (&json!("某平台"), &json!("invented")));
    assert_eq!(Raster::parse("ftp://a/{z}/{x}/{y}"), Err(RasterError::NoAddress));
    assert_eq!(Raster::parse("https://a.test'; script-src *; /{z}/{x}/{y}"), Err(RasterError::NoAddress));
    assert_eq!(Raster::parse("https://a.test/{z}/{x}"), Err(RasterError::Lacks("{y}", "{TileRow}")));
    assert!(matches!(
        Raster::parse("https://webrd01.is.autonavi.com/t?x={x}&y={y}&z={z}"),
        Err(RasterError::Shifted(_))
    ));
}
