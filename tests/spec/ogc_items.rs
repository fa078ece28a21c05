//! OGC API – Features Part 1: items, pages, filters; GeoJSON as RFC 7946 has it.

use crate::house::House;
use bihu::domain::{Audience, Kind};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ALL: [&str; 8] = ["shelters", "warehouses", "storage_points", "teams", "sites", "divisions", "demand", "gap"];

fn ids(page: &Value) -> Vec<String> {
    let id = |f: &Value| f["id"].as_str().unwrap_or_else(|| panic!("no id: {f}")).to_owned();
    page["features"].as_array().expect("features").iter().map(id).collect()
}

fn next(page: &Value) -> Option<String> {
    let link = page["links"].as_array().expect("links").iter().find(|l| l["rel"] == "next")?;
    Some(link["href"].as_str()?.strip_prefix("http://bihu.test").expect("an absolute link").to_owned())
}

async fn walk(house: &House, path: &str) -> (Vec<String>, Vec<Value>) {
    let (mut all, mut pages, mut path) = (Vec::new(), Vec::new(), Some(path.to_owned()));
    while let Some(now) = path {
        let page = house.get(&now).await.json();
        assert_eq!(page["numberReturned"], page["features"].as_array().map(Vec::len).expect("features"));
        all.extend(ids(&page));
        path = next(&page);
        pages.push(page);
        assert!(pages.len() < 1000, "the links lead in a circle");
    }
    (all, pages)
}

#[tokio::test]
async fn following_next_meets_every_item_once() {
    let house = House::demo().await;
    for (name, limit) in ALL.into_iter().zip([7, 1, 29, 5, 100, 4, 777, 3]) {
        let (all, pages) = walk(&house, &format!("/ogc/collections/{name}/items?limit={limit}")).await;
        let distinct: BTreeSet<&String> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{name}: each once");
        assert!(pages.iter().all(|p| p["numberMatched"] == all.len()), "{name}");
        let whole = house.get(&format!("/ogc/collections/{name}/items?limit=10000")).await.json();
        assert_eq!(ids(&whole), all, "{name}: pages in the order of the whole");
        assert_eq!(next(&whole), None);
        assert!(!all.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn next_carries_the_filters_along() {
    let house = House::demo().await;
    let path = "/ogc/collections/shelters/items?limit=2&level=village&bbox=121.0,30.8,121.5,31.3&hazards=flood&f=json";
    let (all, pages) = walk(&house, path).await;
    assert!(pages.len() > 3);
    let whole = house.get(&path.replace("limit=2", "limit=1000")).await.json();
    assert_eq!(ids(&whole), all);
    assert!(whole["features"].as_array().expect("features").iter().all(|f| f["properties"]["level"] == "village"));
}

#[tokio::test]
async fn a_change_between_two_pages_neither_repeats_nor_skips_a_third_item() {
    let house = House::demo().await;
    let first = house.get("/ogc/collections/teams/items?limit=5").await.json();
    let last = ids(&first)[4].clone();
    let removed = house.write(axum::http::Method::DELETE, &last, &[("if-match", "*")], None).await;
    assert_eq!(removed.status, 204);
    let before: Vec<String> =
        house.app.world().of_kind(Audience::Public, Kind::Team, None).map(|r| r.value.id.to_string()).collect();
    let (rest, _) = walk(&house, &next(&first).expect("a next page")).await;
    assert_eq!(rest, before[4..]);
}

#[tokio::test]
async fn a_limit_is_clamped_above_and_refused_below() {
    let house = House::demo().await;
    for limit in ["10001", "4294967296", "99999999999999999999999999"] {
        let page = house.get(&format!("/ogc/collections/demand/items?limit={limit}")).await.json();
        let returned = page["numberReturned"].as_u64().expect("a count");
        assert!(returned == page["numberMatched"].as_u64().expect("a count") || returned == 10_000, "{limit}");
    }
    for limit in ["0", "-1", "1.5", "ten", "", "NaN", "1e3", "+5x"] {
        house.get(&format!("/ogc/collections/demand/items?limit={limit}")).await.violation(400, "limit");
    }
    assert_eq!(house.get("/ogc/collections/shelters/items").await.json()["numberReturned"], 100);
}

#[tokio::test]
async fn an_item_alone_is_the_item_of_the_page() {
    let house = House::demo().await;
    for name in ALL {
        let page = house.get(&format!("/ogc/collections/{name}/items?limit=2")).await.json();
        for feature in page["features"].as_array().expect("features") {
            let id = feature["id"].as_str().expect("an id");
            let answer = house.get(&format!("/ogc/collections/{name}/items/{id}")).await;
            assert_eq!(answer.header("content-type"), "application/geo+json");
            let mut alone = answer.json();
            let links = alone.as_object_mut().expect("an object").remove("links").expect("links");
            let rels: Vec<&str> = links.as_array().expect("links").iter().filter_map(|l| l["rel"].as_str()).collect();
            assert_eq!(rels, ["self", "collection"]);
            assert_eq!(&alone, feature);
        }
        house.get(&format!("/ogc/collections/{name}/items/none")).await.problem(404);
    }
    let team = "/ogc/collections/shelters/items/team-SJ-DW-0001";
    house.get(team).await.problem(404);
}

#[tokio::test]
async fn a_box_takes_what_it_touches() {
    let house = House::demo().await;
    let world = house.app.world();
    let inside = |w: f64, s: f64, e: f64, n: f64| -> Vec<String> {
        let fits = |r: &&bihu::world::Kept<bihu::domain::Resource>| {
            let p = r.value.place.position;
            (w..=e).contains(&p.lon()) && (s..=n).contains(&p.lat())
        };
        world.of_kind(Audience::Public, Kind::Team, None).filter(fits).map(|r| r.value.id.to_string()).collect()
    };
    let get = async |bbox: &str| {
        ids(&house.get(&format!("/ogc/collections/teams/items?bbox={bbox}&limit=1000")).await.json())
    };
    let some = get("121.1,30.95,121.3,31.1").await;
    assert_eq!(some, inside(121.1, 30.95, 121.3, 31.1));
    assert!(!some.is_empty() && some.len() < 23);
    assert_eq!(get("121.1,30.95,-10,121.3,31.1,500").await, some, "heights are left aside");
    assert_eq!(get("121.1%2C30.95%2C121.3%2C31.1").await, some);
    assert_eq!(get("-180,-90,180,90").await.len(), 23);
    assert_eq!(get("170,-90,-170,90").await, Vec::<String>::new(), "across the antimeridian there is no team");
    assert_eq!(get("121.1,-90,-170,90").await, inside(121.1, -90.0, 180.0, 90.0), "from here eastward over 180°");
}

#[tokio::test]
async fn a_box_across_the_antimeridian_takes_both_sides() {
    let house = House::empty().await;
    for (id, lon) in [("west", 179.5), ("east", -179.5), ("far", 0.0)] {
        let body = json!({"kind": "site", "code": id, "name": id, "lon": lon, "lat": -17.0, "synthetic": true});
        house.create(id, &body).await;
    }
    let get = async |bbox: &str| ids(&house.get(&format!("/ogc/collections/sites/items?bbox={bbox}")).await.json());
    assert_eq!(get("179,-20,-179,-10").await, ["east", "west"]);
    assert_eq!(get("-179.9,-20,179,-10").await, ["east", "far"]);
}

#[tokio::test]
async fn a_footprint_counts_where_it_reaches_and_what_has_no_place_counts_everywhere() {
    let house = House::demo().await;
    let body = json!({
        "kind": "shelter", "code": "T-1", "name": "测试", "synthetic": true,
        "geometry": {"type": "Polygon", "coordinates": [[[10.0, 10.0], [10.04, 10.0], [10.04, 10.04], [10.0, 10.04], [10.0, 10.0]]]},
    });
    house.create("wide", &body).await;
    let get = async |path: &str| ids(&house.get(&format!("/ogc/collections/{path}")).await.json());
    assert_eq!(get("shelters/items?bbox=10.03,10.03,20,20").await, ["wide"]);
    assert_eq!(get("shelters/items?bbox=10.05,10.05,20,20").await, Vec::<String>::new());
    let without_area = house.app.world().divisions().filter(|d| d.value.area.is_none()).count();
    assert_eq!(get("divisions/items?bbox=10,10,11,11&limit=1000").await.len(), without_area);
    let (some, all) =
        (get("gap/items?bbox=121.2,31.0,121.22,31.02&limit=1000").await, get("gap/items?limit=1000").await);
    assert!(some.len() < all.len(), "the gap is filtered too: {} of {}", some.len(), all.len());
    assert_eq!(get("gap/items?bbox=10,10,11,11").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_bad_box_is_400() {
    let house = House::demo().await;
    for bbox in [
        "",
        "1",
        "1,2,3",
        "1,2,3,4,5",
        "1,2,3,4,5,6,7",
        "a,b,c,d",
        "1,2,3,NaN",
        "121,31.5,122,31",
        "31,121,32,122",
        "-181,0,0,1",
        "0,0,inf,1",
        "1;2;3;4",
        ",,,",
    ] {
        house.get(&format!("/ogc/collections/teams/items?bbox={bbox}")).await.violation(400, "bbox");
    }
}

#[tokio::test]
async fn datetime_takes_what_was_observed_then_and_what_has_no_time() {
    let house = House::empty().await;
    for (id, at) in [("old", Some("2020-06-01T00:00:00Z")), ("new", Some("2026-06-01T00:00:00Z"))] {
        let body = json!({"kind": "site", "code": id, "name": id, "lon": 1.0, "lat": 1.0, "observed_at": at});
        house.create(id, &body).await;
    }
    let get = async |datetime: &str| {
        ids(&house.get(&format!("/ogc/collections/sites/items?datetime={datetime}")).await.json())
    };
    assert_eq!(get("2020-06-01T00:00:00Z").await, ["old"]);
    assert_eq!(get("2020-06-01T08:00:00%2B08:00").await, ["old"]);
    assert_eq!(get("2020-06-01T00:00:00Z/2020-06-01T00:00:00Z").await, ["old"], "both ends belong to it");
    assert_eq!(get("2021-01-01T00:00:00Z/..").await, ["new"]);
    assert_eq!(get("../2021-01-01T00:00:00Z").await, ["old"]);
    assert_eq!(get("/2021-01-01T00:00:00Z").await, ["old"]);
    assert_eq!(get("2019-01-01T00:00:00Z/2027-01-01T00:00:00Z").await, ["new", "old"]);
    assert_eq!(get("../..").await.len(), 2);
    assert_eq!(get("2019-01-01t00:00:00z").await, Vec::<String>::new());
    for bad in [
        "",
        "..",
        "/",
        "2020",
        "yesterday",
        "2021-01-01T00:00:00Z/2020-01-01T00:00:00Z",
        "2020-13-01T00:00:00Z",
        "2020-01-01T00:00:00Z/2021-01-01T00:00:00Z/..",
        "2020-01-01T00:00:00",
    ] {
        house.get(&format!("/ogc/collections/sites/items?datetime={bad}")).await.violation(400, "datetime");
    }
    let demo = House::demo().await;
    let divisions = demo.get("/ogc/collections/divisions/items?datetime=1999-01-01T00:00:00Z").await.json();
    assert_eq!(divisions["numberMatched"], demo.app.world().divisions().count(), "what has no time is matched by any");
}

#[tokio::test]
async fn properties_filter_and_only_those_that_are_declared() {
    let house = House::demo().await;
    let get = async |query: &str| house.get(&format!("/ogc/collections/{query}&limit=1000")).await.json();
    for (path, name, value) in [
        ("shelters", "status", "open"),
        ("shelters", "level", "town"),
        ("shelters", "standing", "permanent"),
        ("teams", "category", "fire"),
        ("storage_points", "tier", "3"),
        ("sites", "class", "hospital"),
        ("divisions", "level", "town"),
    ] {
        let page = get(&format!("{path}/items?{name}={value}")).await;
        let features = page["features"].as_array().expect("features");
        assert!(!features.is_empty() && features.iter().all(|f| f["properties"][name] == value), "{path} {name}");
        let all = get(&format!("{path}/items?f=json")).await;
        let fits =
            all["features"].as_array().expect("features").iter().filter(|f| f["properties"][name] == value).count();
        assert_eq!(features.len(), fits);
    }
    let flood = get("shelters/items?hazards=flood").await;
    assert!(
        flood["features"]
            .as_array()
            .expect("features")
            .iter()
            .all(|f| f["properties"]["hazards"].as_array().expect("hazards").contains(&json!("flood")))
    );
    let name =
        house.get("/ogc/collections/shelters/items/shelter-SJ-BN-0001").await.json()["properties"]["name"].clone();
    let encoded: String = form_urlencoded::byte_serialize(name.as_str().expect("a name").as_bytes()).collect();
    assert_eq!(get(&format!("shelters/items?name={encoded}")).await["numberMatched"], 1);
    assert_eq!(get("shelters/items?name=nonsense").await["numberMatched"], 0);
    for bad in ["contacts=1", "remarks=x", "phone=1", "bbox-crs=x", "statuss=open", "verifier=x"] {
        let name = bad.split('=').next().expect("a name");
        house.get(&format!("/ogc/collections/shelters/items?{bad}")).await.violation(400, name);
    }
}

/// Twice the signed area of a ring: positive when it runs counter-clockwise.
fn turning(ring: &Value) -> f64 {
    let at = |p: &Value| (p[0].as_f64().expect("lon"), p[1].as_f64().expect("lat"));
    let ring: Vec<(f64, f64)> = ring.as_array().expect("a ring").iter().map(at).collect();
    assert_eq!(ring.first(), ring.last(), "rings are closed");
    let (x0, y0) = ring[0];
    ring.windows(2).map(|w| (w[0].0 - x0) * (w[1].1 - y0) - (w[1].0 - x0) * (w[0].1 - y0)).sum()
}

fn assert_geometry(geometry: &Value) {
    let polygons: Vec<Value> = match geometry["type"].as_str() {
        Some("Point") => return assert!(geometry["coordinates"].as_array().is_some_and(|c| c.len() == 2)),
        Some("Polygon") => vec![geometry["coordinates"].clone()],
        Some("MultiPolygon") => geometry["coordinates"].as_array().expect("parts").clone(),
        _ => panic!("{geometry}"),
    };
    for polygon in polygons {
        for (i, ring) in polygon.as_array().expect("rings").iter().enumerate() {
            assert!((turning(ring) > 0.0) == (i == 0), "exterior rings run counter-clockwise, holes clockwise");
        }
    }
}

#[tokio::test]
async fn geojson_is_as_rfc_7946_has_it() {
    let house = House::demo().await;
    let layers = ["shelter", "warehouse", "storage_point", "team", "site", "divisions", "demand"];
    let paths = ALL.map(|name| format!("/ogc/collections/{name}/items?limit=300"));
    for path in paths.into_iter().chain(layers.map(|l| format!("/api/layers/{l}"))) {
        let answer = house.get(&path).await;
        assert_eq!(answer.header("content-type"), "application/geo+json", "{path}");
        let body = answer.json();
        assert_eq!((&body["type"], body.get("crs")), (&json!("FeatureCollection"), None), "{path}");
        for feature in body["features"].as_array().expect("features") {
            assert_eq!(feature["type"], "Feature");
            assert!(feature["id"].is_string() && feature["properties"].is_object() && feature.get("crs").is_none());
            let geometry = feature.get("geometry").expect("geometry is there, or null");
            if !geometry.is_null() {
                assert_geometry(geometry);
            }
        }
    }
}

#[tokio::test]
async fn a_filter_that_nothing_can_ever_pass_is_refused_with_the_choices() {
    let house = House::demo().await;
    for (filter, field, choice) in [
        ("level=xyz", "level", "village"),
        ("status=opened", "status", "open"),
        ("hazards=dragon", "hazards", "flood"),
        ("synthetic=maybe", "synthetic", "true"),
        ("division=Songjiang", "division", "310117001000"),
    ] {
        let violation = house.get(&format!("/ogc/collections/shelters/items?{filter}")).await.violation(400, field);
        assert!(violation["en"].as_str().is_some_and(|en| en.contains(choice)), "{violation}");
    }
}
