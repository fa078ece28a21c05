//! The invented roads of the demonstration district: everybody lives near them, they lead everywhere, and a bridge matters.

use bihu::domain::{LonLat, Profile, ProfileSet};
use bihu::exchange::osm::{Made, Order, make};
use bihu::network::{Centimetres, Costs, Graph, Metric, Overlay, Search, Snap, SnapIndex, Span, Trip, Way, route};
use chrono::DateTime;
use serde_json::Value;
use std::path::Path;

const WITHIN_M: f64 = 500.0;

struct Demo {
    made: Made,
    snap: SnapIndex,
}

impl Demo {
    fn new() -> Self {
        let built_at = DateTime::from_timestamp(0, 0).expect("a time");
        let order = Order { source: "roads.osm.gz", within: None, built_at };
        let made = make(&file("roads.osm.gz"), &order, &|_, _| {}).expect("the demonstration's roads");
        let snap = SnapIndex::build(&made.built.graph);
        Self { made, snap }
    }

    fn graph(&self) -> &Graph {
        &self.made.built.graph
    }

    fn place(&self, profile: Profile, at: LonLat) -> Option<Snap> {
        self.snap.snap((self.graph(), &Overlay::default()), profile, at, WITHIN_M)
    }

    fn trip(&self, profile: Profile, overlay: &Overlay, (from, to): (&Snap, &Snap)) -> Option<Trip> {
        let costs = Costs { graph: self.graph(), overlay, profile, metric: Metric::Time };
        route(&mut Search::default(), &costs, (from, to), u32::MAX)
    }
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo").join(name)).expect("a demonstration file")
}

fn demand() -> Vec<LonLat> {
    let text = String::from_utf8(file("demand.csv")).expect("text");
    let number = |field: Option<&str>| field.and_then(|f| f.parse().ok()).expect("a number");
    text.lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split(',').skip(1);
            LonLat::new(number(fields.next()), number(fields.next())).expect("a place")
        })
        .collect()
}

/// Points of the shelters, of an area its first corner.
fn shelters() -> Vec<LonLat> {
    let whole: Value = serde_json::from_slice(&file("shelters.geojson")).expect("JSON");
    let points = whole["features"].as_array().expect("features").iter().map(|feature| {
        let mut at = &feature["geometry"]["coordinates"];
        while at[0].is_array() {
            at = &at[0];
        }
        LonLat::new(at[0].as_f64().expect("longitude"), at[1].as_f64().expect("latitude")).expect("a place")
    });
    points.collect()
}

/// The seed points of some towns on both banks of the river.
const TOWNS: [(&str, f64, f64); 6] = [
    ("岳阳", 121.2223, 31.0246),
    ("泗泾", 121.2530, 31.1193),
    ("佘山", 121.1748, 31.1024),
    ("泖港", 121.1988, 30.9267),
    ("新浜", 121.0611, 30.9311),
    ("叶榭", 121.3075, 30.9409),
];

#[test]
fn the_demonstration_says_that_its_roads_are_invented() {
    let about = Demo::new().made.about;
    assert!(about.synthetic && about.attribution.contains("虚构"), "{}", about.attribution);
    assert_eq!((about.restrictions_unread, about.cut_ways, about.open_rings), (0, 0, 0));
    assert!(about.restrictions >= 15 && about.restrictions_conditional == 1);
    assert!(about.islands > 0, "the path on the islet leads nowhere, and that is told");
}

#[test]
fn every_shelter_and_nearly_everybody_is_near_a_road_to_walk_on() {
    let demo = Demo::new();
    let near = |places: &[LonLat]| places.iter().filter(|at| demo.place(Profile::Foot, **at).is_some()).count();
    let (shelters, people) = (shelters(), demand());
    println!("{} of {} shelters, {} of {} points", near(&shelters), shelters.len(), near(&people), people.len());
    assert_eq!(near(&shelters), shelters.len());
    assert!(near(&people) * 100 >= people.len() * 99);
}

#[test]
fn every_town_can_be_reached_from_every_other() {
    let demo = Demo::new();
    for profile in [Profile::Foot, Profile::Car, Profile::Truck, Profile::Emergency] {
        let places: Vec<Snap> = TOWNS
            .iter()
            .map(|(name, lon, lat)| {
                let at = LonLat::new(*lon, *lat).expect("a place");
                demo.place(profile, at).unwrap_or_else(|| panic!("{name} {profile:?} has no road"))
            })
            .collect();
        for (a, from) in places.iter().enumerate() {
            for (b, to) in places.iter().enumerate().filter(|(b, _)| *b != a) {
                let there = demo.trip(profile, &Overlay::default(), (from, to));
                assert!(there.is_some(), "{profile:?}: from {} to {}", TOWNS[a].0, TOWNS[b].0);
            }
        }
    }
}

#[test]
fn a_bridge_that_is_closed_makes_ways_longer() {
    let demo = Demo::new();
    let graph = demo.graph();
    let bridges = graph.edge_ids().filter(|edge| graph.way(*edge).is(Way::BRIDGE) && graph.name(*edge) == "示例三号桥");
    let whole = |edge| Span::between(Centimetres(0), graph.length(edge));
    let closed: Vec<_> = bridges.map(|edge| (edge, whole(edge), ProfileSet::ALL)).collect();
    assert_eq!(closed.len(), 1, "one edge from bank to bank");
    let shut = Overlay::new(graph, closed);
    let place = |i: usize| {
        let at = LonLat::new(TOWNS[i].1, TOWNS[i].2).expect("a place");
        demo.place(Profile::Car, at).expect("a road")
    };
    let (north, south) = (place(0), place(3));
    let cost = |overlay| demo.trip(Profile::Car, overlay, (&north, &south)).expect("a way").cost;
    let (open, around) = (cost(&Overlay::default()), cost(&shut));
    println!("{open:?} open, {around:?} with the bridge closed");
    assert!(around.time > open.time && around.length > open.length);
}
