//! Other engines on the same roads, by `peers/roads.py`: libraries that take arcs are given ours, so their costs must be equal;
//! engines that read an extract themselves are asked for the same 500 pairs of positions.

use crate::dice::Dice;
use crate::growth::{flood, flood_ring};
use crate::roads::{COARSE_M, K, MOST, Questions, of_graph, timed};
use bihu::domain::{LonLat, Profile, ProfileSet};
use bihu::exchange::osm;
use bihu::network::hierarchy::{Climb, Customized, Hierarchy, Walk};
use bihu::network::shut::parts_of;
use bihu::network::{
    Centimetres, Cost, Costs, Direction, EdgeId, Graph, Metric, NodeId, Overlay, Reach, Search, Snap, SnapIndex, Span,
    Stops, TOLERANCE_M, Toward, Trip, build, geometry, isochrone, nearest, route,
};
use serde_json::{Value, json};
use std::fs;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/peers/roads.py");
pub const EXTRACT: &str = "A/osm_shanghai_center/shanghai_center.osm";
const EXTRACTS: [(&str, &str); 2] = [
    ("extract of central Shanghai", EXTRACT),
    ("extract of Liechtenstein", "A/osm_small/liechtenstein-2013-08-03.osm.pbf"),
];
const PAIRS: usize = 500;
/// Places that the nearest are looked for among.
const STOPS: usize = 100;

/// Lets libraries that take arcs answer the same questions on the same arcs.
pub fn of_arcs(costs: &Costs<'_>, fast: &Customized, asked: &Questions) {
    let Some(python) = python("pandana, igraph, networkx") else { return };
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
    let mut search = Search::default();
    let (_, nearest_s) = timed(|| {
        for from in asked.origins.iter().take(100) {
            let mut left = K;
            nearest(&mut search, costs, (from, &field_stops), (MOST, usize::MAX), |_| {
                left -= 1;
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
        }
    });
    let (closed, closure_s) = closed_at_once(costs, fast);
    let numbers = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect::<Vec<u32>>();
    json!({
        "pairs": pairs, "from": numbers(&from), "to": numbers(&to), "stops": numbers(&stops), "k": K,
        "ours": {
            "route": routes_s / 100.0, "isochrone": reach_s, "matrix": matrix_s,
            "field_1": field(1), "field_k": field(K), "customize": customize_s,
            "nearest": nearest_s / 100.0, "closure": closure_s,
        },
        "closed": closed,
    })
}

/// Closes what lies within a kilometre of the middle, and returns the nodes there with how long it takes until all answers
/// heed it.
fn closed_at_once(costs: &Costs<'_>, fast: &Customized) -> (Vec<u32>, f64) {
    let graph = costs.graph;
    let [low, _, high, ..] = flood_ring(graph.position(NodeId(graph.node_count() as u32 / 2)));
    let is_in = |at: LonLat| (low[0]..=high[0]).contains(&at.lon()) && (low[1]..=high[1]).contains(&at.lat());
    let flooded: Vec<EdgeId> = graph.edge_ids().filter(|edge| is_in(graph.points(*edge)[0].position())).collect();
    let mut now = fast.clone();
    let (_, took) = timed(|| {
        let whole = |edge: &EdgeId| (*edge, Span::between(Centimetres(0), graph.length(*edge)), ProfileSet::ALL);
        let overlay = Overlay::new(graph, flooded.iter().map(whole));
        now.update(&Costs { overlay: &overlay, ..*costs }, flooded.iter().copied());
    });
    let nodes = (0..graph.node_count() as u32).filter(|node| is_in(graph.position(NodeId(*node))));
    (nodes.collect(), took)
}

/// Returns a file of the folder of public data, or says that there is none.
pub fn at_hand(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("BIHU_DATA") else {
        println!("NOT RUN: {name}: BIHU_DATA does not name a folder that it is in");
        return None;
    };
    let file = Path::new(&folder).join(name);
    if !file.exists() {
        println!("NOT RUN: {name}: it is not in {}", file.display());
        return None;
    }
    Some(file)
}

/// Builds the real extracts, prints their figures, and lets engines that read extracts themselves go the same ways.
pub fn of_extracts(rounds: usize) {
    for (what, name) in EXTRACTS {
        let Some(file) = at_hand(name) else { continue };
        let Ok(bytes) = fs::read(&file) else {
            println!("NOT RUN: {name}: it can not be read");
            continue;
        };
        let (graph, built_s) = timed(|| osm::read(&bytes, &|_, _| ()).map(|extract| build(&extract.roads).graph));
        let Ok(graph) = graph else {
            println!("NOT RUN: {name}: it is no extract");
            continue;
        };
        of_graph(what, &graph, built_s, rounds);
        let Some(python) = python("Valhalla, OSRM") else { continue };
        let Ok(folder) = tempfile::tempdir() else { continue };
        if fs::write(folder.path().join("asked.json"), position_questions(&graph).to_string()).is_ok() {
            run(python, &["extract".into(), folder.path().into(), file]);
        }
    }
}

/// Returns the Python that has the peers, or says which are not run for want of it.
fn python(peers: &str) -> Option<std::ffi::OsString> {
    let python = std::env::var_os("BIHU_PYTHON");
    if python.is_none() {
        println!("  NOT RUN: {peers}: BIHU_PYTHON does not name a Python that has them");
    }
    python
}

/// Returns pairs of positions on roads with our ways between them, a place to close, and how long all of it takes here: from
/// positions, as it takes the others.
fn position_questions(graph: &Graph) -> Value {
    let mut dice = Dice::new(0x500);
    let (snaps, none) = (SnapIndex::build(graph), Overlay::default());
    let mut search = Search::default();
    let (mut pairs, mut ends) = (Vec::new(), Vec::new());
    while pairs.len() < PAIRS {
        let [from, to] = [between_corners(&mut dice, graph), between_corners(&mut dice, graph)];
        let places = [from, to].map(|at| snaps.snap((graph, &none), Profile::Car, at, 100.0));
        let [Some(a), Some(b)] = places else { continue };
        let best = [Metric::Length, Metric::Time].map(|metric| {
            let costs = Costs { graph, overlay: &none, profile: Profile::Car, metric };
            route(&mut search, &costs, (&a, &b), MOST)
        });
        let figures =
            |trip: &Option<Trip>| trip.as_ref().map(|trip| [trip.cost.length.as_metres(), trip.cost.time.as_seconds()]);
        let line = |trip: &Option<Trip>| {
            let points = trip.as_ref().map(|trip| geometry(graph, trip)).unwrap_or_default();
            points.iter().map(|point| [point.lon_e7, point.lat_e7]).collect::<Vec<_>>()
        };
        let [shortest, quickest] = &best;
        pairs.push(json!({
            "from": lonlat(a.position), "to": lonlat(b.position),
            "shortest": figures(shortest), "quickest": figures(quickest), "line": line(shortest),
            "turns_back": { "shortest": turns_back(shortest), "quickest": turns_back(quickest) },
        }));
        ends.push([a.position, b.position]);
    }
    let stops: Vec<LonLat> = (0..STOPS).map(|_| between_corners(&mut dice, graph)).collect();
    let middle = graph.position(NodeId(graph.node_count() as u32 / 2));
    let ours = ours_from_positions(graph, &snaps, (&ends, &stops), middle);
    let stops: Vec<[f64; 2]> = stops.into_iter().map(lonlat).collect();
    json!({ "pairs": pairs, "stops": stops, "k": K, "flood": flood_ring(middle), "ours": ours, "open": open_to_cars(graph) })
}

/// Returns every stretch between two points of a road that a car may drive, as it may be driven: `[lon, lat, lon, lat]`, 10⁻⁷ of
/// a degree.
fn open_to_cars(graph: &Graph) -> Vec<[i32; 4]> {
    let none = Overlay::default();
    let costs = Costs { graph, overlay: &none, profile: Profile::Car, metric: Metric::Time };
    let arcs = (0..graph.node_count() as u32).flat_map(|node| graph.arcs_from(NodeId(node)));
    let mut stretches = Vec::new();
    for arc in arcs.filter(|arc| costs.of(*arc).is_some()) {
        let (edge, direction) = graph.edge_of(arc);
        let mut points = graph.points(edge).to_vec();
        if direction == Direction::Backward {
            points.reverse();
        }
        stretches.extend(points.windows(2).map(|p| [p[0].lon_e7, p[0].lat_e7, p[1].lon_e7, p[1].lat_e7]));
    }
    stretches
}

fn lonlat(at: LonLat) -> [f64; 2] {
    [at.lon(), at.lat()]
}

/// A position between two corners: at a junction it would be a matter of taste on which of its streets one stands.
fn between_corners(dice: &mut Dice, graph: &Graph) -> LonLat {
    let points = graph.points(EdgeId(dice.below(graph.edge_count()) as u32));
    let [a, b] = [(points.len() - 1) / 2, (points.len() - 1) / 2 + 1].map(|at| points[at].position());
    LonLat::clamped(f64::midpoint(a.lon(), b.lon()), f64::midpoint(a.lat(), b.lat()))
}

/// How long our answers take from positions on, seconds each: brought to the roads, by car and time.
fn ours_from_positions(
    graph: &Graph,
    snaps: &SnapIndex,
    (ends, stops): (&[[LonLat; 2]], &[LonLat]),
    middle: LonLat,
) -> Value {
    let none = Overlay::default();
    let costs = Costs { graph, overlay: &none, profile: Profile::Car, metric: Metric::Time };
    let placed = |at: &LonLat| snaps.snap((graph, &none), Profile::Car, *at, 100.0);
    let mut fast = Customized::new(&Arc::new(Hierarchy::build(graph)), &costs);
    let (mut search, mut walk) = (Search::default(), Walk::default());
    let trip = |walk: &mut Walk, [from, to]: &[LonLat; 2]| -> Option<usize> {
        let trip = fast.route(walk, &costs, (&placed(from)?, &placed(to)?), MOST)?;
        Some(geometry(graph, &trip).len())
    };
    for pair in ends {
        black_box(trip(&mut walk, pair));
    }
    let (_, routes_s) = timed(|| {
        for pair in ends {
            black_box(trip(&mut walk, pair));
        }
    });
    let stops = Stops::new(stops.iter().map(placed).collect());
    let (_, nearest_s) = timed(|| {
        for from in ends.iter().filter_map(|[from, _]| placed(from)) {
            let mut left = K;
            nearest(&mut search, &costs, (&from, &stops), (MOST, usize::MAX), |_| {
                left -= 1;
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
        }
    });
    let (_, table_s) = timed(|| {
        let origins: Vec<Option<Snap>> = ends.iter().map(|[from, _]| placed(from)).collect();
        let targets = Stops::new(ends.iter().map(|[_, to]| placed(to)).collect());
        fast.matrix(&costs, (&origins, &targets), MOST)
    });
    // A peer that tells no tolerance is compared with a fine one and with a coarse one.
    let [fine_s, coarse_s] = [TOLERANCE_M, COARSE_M].map(|tolerance_m| {
        let drawn = timed(|| {
            for from in ends.iter().take(20).filter_map(|[from, _]| placed(from)) {
                let reach = Reach { origins: &[from], toward: Toward::Away, bands: &[900_000], tolerance_m };
                black_box(isochrone(&mut search, &costs, &reach));
            }
        });
        drawn.1 / 20.0
    });
    let (closed, closure_s) = timed(|| {
        let parts = parts_of(graph, snaps, &flood(middle));
        let overlay = Overlay::new(graph, parts.iter().map(|part| (part.edge, part.span, ProfileSet::ALL)));
        fast.update(&Costs { overlay: &overlay, ..costs }, parts.iter().map(|part| part.edge));
        parts.len()
    });
    json!({
        "route": routes_s / ends.len() as f64, "nearest": nearest_s / ends.len() as f64, "table": table_s,
        "isochrones": [[TOLERANCE_M, fine_s], [COARSE_M, coarse_s]], "closure": closure_s, "closed": closed,
    })
}

/// Whether a trip turns round at the end of a street and goes back along it.
fn turns_back(trip: &Option<Trip>) -> bool {
    trip.iter().flat_map(|trip| trip.legs.windows(2)).any(|legs| legs[0].edge == legs[1].edge)
}

fn run(python: std::ffi::OsString, words: &[PathBuf]) {
    match Command::new(python).arg(SCRIPT).args(words).status() {
        Ok(status) if status.success() => {}
        Ok(status) => println!("  NOT RUN: the script of the peers ended with {status}"),
        Err(error) => println!("  NOT RUN: the script of the peers: {error}"),
    }
}
