//! Other engines on the same roads, by `peers/roads.py`: libraries that take arcs are given ours, so their costs must be equal;
//! engines that read an extract themselves are asked for the same 500 pairs of positions.

use crate::dice::Dice;
use crate::roads::{K, MOST, Questions, of_graph, timed};
use bihu::domain::{LonLat, Profile};
use bihu::exchange::osm;
use bihu::network::hierarchy::{Climb, Customized, Walk};
use bihu::network::{
    Cost, Costs, EdgeId, Graph, Metric, NodeId, Overlay, Search, Snap, SnapIndex, Stops, Toward, Trip, build, route,
};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/peers/roads.py");
const EXTRACT: &str = "A/osm_shanghai_center/shanghai_center.osm";
const PAIRS: usize = 500;

/// Lets libraries that take arcs answer the same questions on the same arcs.
pub fn of_arcs(costs: &Costs<'_>, fast: &Customized, asked: &Questions) {
    let Some(python) = std::env::var_os("BIHU_PYTHON") else {
        println!("  pandana, igraph, networkx: not run; BIHU_PYTHON names a Python that has them");
        return;
    };
    let graph = costs.graph;
    let nodes: Vec<u8> = (0..graph.node_count() as u32)
        .flat_map(|node| [graph.position(NodeId(node)).lon(), graph.position(NodeId(node)).lat()])
        .flat_map(f64::to_le_bytes)
        .collect();
    let arcs = (0..graph.node_count() as u32).flat_map(|node| graph.arcs_from(NodeId(node)));
    let open = arcs.filter_map(|arc| costs.of(arc).map(|cost| (arc, cost)));
    let row = |(arc, cost): (_, Cost)| [graph.tail(arc).0, graph.head(arc).0, cost.time.0, cost.length.0];
    let arcs: Vec<u8> = open.flat_map(row).flat_map(u32::to_le_bytes).collect();
    let Ok(folder) = tempfile::tempdir() else { return };
    let written = fs::write(folder.path().join("nodes.f64"), nodes)
        .and_then(|()| fs::write(folder.path().join("arcs.u32"), arcs))
        .and_then(|()| fs::write(folder.path().join("asked.json"), node_questions(costs, fast, asked).to_string()));
    if written.is_ok() {
        run(python, &["arcs".into(), folder.path().into()]);
    }
}

/// Returns questions between nodes, with the right answers and how long they took here.
fn node_questions(costs: &Costs<'_>, fast: &Customized, asked: &Questions) -> Value {
    let node = |snap: &Snap| costs.graph.arcs_along(snap.edge).next().map_or(NodeId(0), |arc| costs.graph.head(arc));
    let nodes = |snaps: &[Snap]| snaps.iter().map(node).collect::<Vec<NodeId>>();
    let (from, to, stops) = (nodes(&asked.origins), nodes(&asked.destinations), nodes(&asked.stops));
    let mut climb = Climb::default();
    let seed = |node: NodeId| [(node, Cost::default())];
    let mut pairs = Vec::new();
    for from in from.iter().take(20) {
        let reach = fast.reach(&mut climb, Toward::Away, &seed(*from), MOST);
        pairs.extend(to[..25].iter().map(|to| json!([from.0, to.0, reach.at(*to).map(|cost| cost.time.0)])));
    }
    let (_, reach_s) = timed(|| fast.reach(&mut climb, Toward::Away, &seed(from[0]), 900_000));
    let snaps = |snaps: &[Snap]| snaps.iter().copied().map(Some).collect::<Vec<_>>();
    let targets = Stops::new(snaps(&asked.destinations));
    let (_, matrix_s) = timed(|| fast.matrix(costs, (&snaps(&asked.origins), &targets), MOST));
    let mut walk = Walk::default();
    let (_, routes_s) = timed(|| {
        let ends = asked.origins.iter().zip(&asked.destinations).take(100);
        ends.for_each(|pair| drop(fast.route(&mut walk, costs, pair, MOST)));
    });
    let field_stops = Stops::new(snaps(&asked.stops));
    let field = |k| timed(|| fast.field(costs, &field_stops, k)).1;
    let (_, customize_s) = timed(|| Customized::new(fast.hierarchy(), costs));
    let numbers = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect::<Vec<u32>>();
    json!({
        "pairs": pairs, "from": numbers(&from), "to": numbers(&to), "stops": numbers(&stops), "k": K,
        "ours": {
            "route": routes_s / 100.0, "isochrone": reach_s, "matrix": matrix_s,
            "field_1": field(1), "field_k": field(K), "customize": customize_s,
        },
    })
}

/// Builds the real extract, prints its figures, and lets engines that read it themselves go the same ways.
pub fn of_extract(rounds: usize) {
    let Some(file) = std::env::var_os("BIHU_DATA").map(|folder| Path::new(&folder).join(EXTRACT)) else {
        println!("extract: not run; BIHU_DATA names a folder with {EXTRACT}");
        return;
    };
    let Ok(bytes) = fs::read(&file) else {
        println!("extract: {} can not be read", file.display());
        return;
    };
    let (graph, built_s) = timed(|| osm::read(&bytes, &|_, _| ()).map(|extract| build(&extract.roads).graph));
    let Ok(graph) = graph else {
        println!("extract: {} is no extract", file.display());
        return;
    };
    of_graph("extract of central Shanghai", &graph, built_s, rounds);
    let Some(python) = std::env::var_os("BIHU_PYTHON") else {
        println!("  Valhalla, OSRM: not run; BIHU_PYTHON names a Python that has them");
        return;
    };
    let Ok(folder) = tempfile::tempdir() else { return };
    if fs::write(folder.path().join("asked.json"), position_questions(&graph).to_string()).is_ok() {
        run(python, &["extract".into(), folder.path().into(), file]);
    }
}

/// Returns pairs of positions on roads with our length of the shortest way, and time and length of the quickest.
fn position_questions(graph: &Graph) -> Value {
    let mut dice = Dice::new(0x500);
    let (snaps, none) = (SnapIndex::build(graph), Overlay::default());
    let mut search = Search::default();
    let mut pairs = Vec::new();
    // Between two corners: at a junction it would be a matter of taste on which of its streets one stands.
    let position = |dice: &mut Dice| {
        let points = graph.points(EdgeId(dice.below(graph.edge_count()) as u32));
        let [a, b] = [(points.len() - 1) / 2, (points.len() - 1) / 2 + 1].map(|at| points[at].position());
        LonLat::clamped(f64::midpoint(a.lon(), b.lon()), f64::midpoint(a.lat(), b.lat()))
    };
    let lonlat = |at: LonLat| [at.lon(), at.lat()];
    while pairs.len() < PAIRS {
        let ends = [position(&mut dice), position(&mut dice)];
        let places = ends.map(|at| snaps.snap((graph, &none), Profile::Car, at, 100.0));
        let [Some(from), Some(to)] = places else { continue };
        let best = [Metric::Length, Metric::Time].map(|metric| {
            let costs = Costs { graph, overlay: &none, profile: Profile::Car, metric };
            route(&mut search, &costs, (&from, &to), MOST)
        });
        let figures =
            |trip: &Option<Trip>| trip.as_ref().map(|trip| [trip.cost.length.as_metres(), trip.cost.time.as_seconds()]);
        let [shortest, quickest] = &best;
        pairs.push(json!({
            "from": lonlat(from.position), "to": lonlat(to.position),
            "shortest": figures(shortest), "quickest": figures(quickest),
            "turns_back": { "shortest": turns_back(shortest), "quickest": turns_back(quickest) },
        }));
    }
    json!({ "pairs": pairs })
}

/// Whether a trip turns round at the end of a street and goes back along it.
fn turns_back(trip: &Option<Trip>) -> bool {
    trip.iter().flat_map(|trip| trip.legs.windows(2)).any(|legs| legs[0].edge == legs[1].edge)
}

fn run(python: std::ffi::OsString, words: &[PathBuf]) {
    match Command::new(python).arg(SCRIPT).args(words).status() {
        Ok(status) if status.success() => {}
        Ok(status) => println!("  peers: the script ended with {status}"),
        Err(error) => println!("  peers: {error}"),
    }
}
