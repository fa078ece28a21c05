//! The house of the tests on the invented roads of the demonstration district, and what by-road questions are held to: the
//! matrix between every pair, and the judge of who serves.

use crate::house::House;
use bihu::domain::{Kind, Resource};
use bihu::exchange::osm::{Order, make};
use bihu::service::roads::Roads;
use chrono::{DateTime, Utc};
use geo_types::{LineString, MultiPolygon, Polygon};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The invented bridge over the invented river that the tests close, from its south end to its north end.
pub const BRIDGE: [[f64; 2]; 2] = [[121.245397, 30.960053], [121.244654, 30.964434]];
/// A place south of it and one north of it.
pub const BANKS: [[f64; 2]; 2] = [[121.2455, 30.9550], [121.2446, 30.9700]];
/// The middle of a town.
pub const TOWN: [f64; 2] = [121.2530, 31.1193];

fn network() -> &'static [u8] {
    static NETWORK: OnceLock<Vec<u8>> = OnceLock::new();
    NETWORK.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo/roads.osm.gz");
        let bytes = std::fs::read(path).expect("the demonstration's roads");
        let order = Order { source: "roads.osm.gz", within: None, built_at: DateTime::UNIX_EPOCH };
        make(&bytes, &order, &|_, _| {}).expect("a network").file.to_file()
    })
}

fn lay(house: House) -> House {
    house.app.lay_roads(Roads::open(Arc::new(network().to_vec())).expect("roads"));
    house
}

/// Opens a house with the demonstration district and its roads.
pub async fn on_roads() -> House {
    lay(House::demo().await)
}

/// Opens the same house with a clock of its own.
pub async fn on_roads_at(clock: fn() -> DateTime<Utc>) -> House {
    lay(House::with_clock(clock).await)
}

/// Opens a second service over the same store and the same roads.
pub async fn beside(house: &House) -> House {
    lay(house.neighbour().await)
}

/// Which search answers on the invented roads, which are too few for the service to take the hierarchy by itself.
pub enum Answering {
    Plainly,
    ByHierarchy,
}

/// Opens a second service over the same store and the same roads that answers in one way.
pub async fn beside_answering(house: &House, how: Answering) -> House {
    let other = house.neighbour().await;
    let roads = Roads::open(Arc::new(network().to_vec())).expect("roads");
    let from = match how {
        Answering::Plainly => usize::MAX,
        Answering::ByHierarchy => 0,
    };
    other.app.lay_roads(roads.with_hierarchy_from(from));
    other
}

/// Opens a house without resources on two ladders of streets, 10 km apart, that no road connects: around [`LADDERS`].
pub async fn on_two_ladders() -> House {
    let mut map = "<osm version=\"0.6\">".to_owned();
    let ends = |south: f64| (0..40).map(move |i| (121.2 + f64::from(i / 2) * 0.003, south + f64::from(i % 2) * 0.003));
    for (i, (lon, lat)) in ends(31.0).chain(ends(31.1)).enumerate() {
        map += &format!("<node id=\"{}\" lat=\"{lat:.4}\" lon=\"{lon:.4}\"/>", i + 1);
    }
    for i in (1..=80).filter(|i| i % 40 < 39 && i % 40 > 0) {
        let rung = if i % 2 == 1 { format!("<nd ref=\"{}\"/>", i + 1) } else { String::new() };
        map += &format!("<way id=\"{i}\">{rung}<nd ref=\"{i}\"/><nd ref=\"{}\"/>", i + 2);
        map += "<tag k=\"highway\" v=\"residential\"/></way>";
    }
    map += "</osm>";
    let order = Order { source: "ladders.osm", within: None, built_at: DateTime::UNIX_EPOCH };
    let made = make(map.as_bytes(), &order, &|_, _| {}).expect("two ladders");
    let house = House::empty().await;
    house.app.lay_roads(Roads::open(Arc::new(made.file.to_file())).expect("roads"));
    house
}

/// On the roads of either ladder.
pub const LADDERS: [[f64; 2]; 2] = [[121.2255, 31.0], [121.2255, 31.1]];

/// Numbers that look random and are the same each time.
pub struct Dice(pub u64);

impl Dice {
    /// Returns a number from 0 up to 1.
    pub fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Returns a place in the district, or a little beside it.
    pub fn place(&mut self) -> [f64; 2] {
        let round = |x: f64| (x * 1e6).round() / 1e6;
        [round(121.05 + 0.29 * self.share()), round(30.91 + 0.23 * self.share())]
    }
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("not a number: {value}"))
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("not a list: {value}"))
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// What `POST /api/matrix` tells of each pair: milliseconds and centimetres.
pub async fn matrix(
    house: &House,
    (by, metric): (&str, &str),
    (origins, destinations): (&[[f64; 2]], &[[f64; 2]]),
) -> Vec<Vec<Option<(u64, u64)>>> {
    let mut all = Vec::new();
    for origins in origins.chunks(1000) {
        let mut rows: Vec<Vec<Option<(u64, u64)>>> = vec![Vec::new(); origins.len()];
        for destinations in destinations.chunks(1000) {
            let body = json!({"origins": origins, "destinations": destinations, "by": by, "metric": metric});
            let answer = house.post("/api/matrix", &body).await.json();
            let whole = |value: &Value, unit: f64| value.as_f64().map(|x| (x * unit).round() as u64);
            for (i, row) in rows.iter_mut().enumerate() {
                let pairs = list(&answer["durations_s"][i]).iter().zip(list(&answer["lengths_m"][i]));
                row.extend(pairs.map(|(s, m)| whole(s, 1000.0).zip(whole(m, 100.0))));
            }
        }
        all.extend(rows);
    }
    all
}

/// Returns the shelters that the public may know of, in order of id.
pub fn shelters(house: &House) -> Vec<Arc<Resource>> {
    let world = house.app.world();
    let rows = world.resources().filter(|row| row.value.kind() == Kind::Shelter && row.value.is_public());
    let mut all: Vec<Arc<Resource>> = rows.map(|row| row.value.clone()).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

pub fn places(all: &[Arc<Resource>]) -> Vec<[f64; 2]> {
    all.iter().map(|r| [r.place.position.lon(), r.place.position.lat()]).collect()
}

/// Returns the demand points: where and how many people.
pub fn people(house: &House) -> Vec<([f64; 2], f64)> {
    let point = |p: &bihu::world::SettledPoint| {
        let people = serde_json::to_value(p.population).expect("a number");
        ([p.position.lon(), p.position.lat()], number(&people))
    };
    house.app.world().settled().iter().map(point).collect()
}

/// Returns a rectangle as a GeoJSON polygon.
pub fn block([west, south]: [f64; 2], [east, north]: [f64; 2]) -> Value {
    json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]})
}

/// Returns a square about a place, its half side in degrees of latitude.
pub fn square([lon, lat]: [f64; 2], half: f64) -> Value {
    let wide = half / lat.to_radians().cos();
    block([lon - wide, lat - half], [lon + wide, lat + half])
}

/// Returns a closure to be posted.
pub fn closure(geometry: Value, said: Value) -> Value {
    let mut properties = json!({"reason": "演练"});
    let all = properties.as_object_mut().expect("an object");
    all.extend(said.as_object().expect("an object").clone());
    json!({"type": "Feature", "geometry": geometry, "properties": properties})
}

/// Closes roads as the administrator; it must work.
pub async fn close(house: &House, geometry: Value, said: Value) -> Value {
    let made = house.post_by(&house.admin, "/api/closures", &closure(geometry, said)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

/// Opens roads as the administrator; it must work.
pub async fn lift(house: &House, closure: &Value) -> Value {
    let (path, bearer) = (format!("/api/closures/{}", text(&closure["id"])), house.bearer());
    house.call(axum::http::Method::DELETE, &path, &[("authorization", &bearer)], None).await.json()
}

pub fn route_path([from, to]: [[f64; 2]; 2], by: &str) -> String {
    format!("/api/route?from={},{}&to={},{}&by={by}", from[0], from[1], to[0], to[1])
}

pub async fn route(house: &House, ends: [[f64; 2]; 2], by: &str) -> Value {
    house.get(&route_path(ends, by)).await.json()
}

pub fn areas(geometry: &Value) -> MultiPolygon<f64> {
    let polygon = |rings: &Value| {
        let mut rings: Vec<Vec<(f64, f64)>> = serde_json::from_value(rings.clone()).expect("coordinates");
        let holes = rings.split_off(1);
        Polygon::new(LineString::from(rings.remove(0)), holes.into_iter().map(LineString::from).collect())
    };
    match geometry["type"].as_str() {
        Some("Polygon") => MultiPolygon::new(vec![polygon(&geometry["coordinates"])]),
        _ => list(&geometry["coordinates"]).iter().map(polygon).collect(),
    }
}
