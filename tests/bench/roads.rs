//! Roads: the hierarchy beside the plain search, in turns, at three sizes of an invented city, and on real extracts where some
//! are at hand (`BIHU_DATA`). Peers are measured on the same arcs by `peers/roads.py` when `BIHU_PYTHON` names a Python that has
//! them; without it that is said.

use crate::city::{Corners, city};
use crate::dice::Dice;
use crate::growth;
use crate::road_peers;
use crate::stopwatch::{Times, time, time_both};
use bihu::domain::{Profile, ProfileSet};
use bihu::network::hierarchy::{Climb, Customized, Hierarchy, Hubs, Walk, Ways};
use bihu::network::{
    Centimetres, Cost, Costs, EdgeId, Field, Graph, Metric, NodeId, Outs, Overlay, Reach, Search, Sections, Snap, Span,
    Stops, TOLERANCE_M, Toward, build, gathered, isochrone, matrix, nearest, route,
};
use rayon::prelude::*;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

pub const MOST: u32 = u32::MAX - 1;
const SEED: u64 = 0xBE_4A0D;
/// One stop for so many nodes.
const NODES_PER_STOP: usize = 400;
pub const K: usize = 5;
const MATRIX: usize = 1000;
/// A tolerance of isochrones as a map of a whole town needs it, metres.
pub const COARSE_M: f64 = 200.0;
/// Rows of the matrix that the plain search is timed on; the whole is told from them.
const ROWS: usize = 8;

/// What is asked of a graph.
pub struct Questions {
    pub origins: Vec<Snap>,
    pub destinations: Vec<Snap>,
    pub stops: Vec<Snap>,
}

/// Prints the figures of three invented cities, the largest left out for a look, of the real extracts, and of one as it grows.
pub fn beside_the_plain_search(rounds: usize) {
    println!("roads: seed {SEED:#x}, by car, shortest time");
    let sides: &[usize] = if rounds == crate::QUICK_ROUNDS { &[140, 440] } else { &[140, 440, 980] };
    for &side in sides {
        let mut dice = Dice::new(SEED);
        let (graph, built_s) = timed(|| build(&city(&mut dice, (side, side), Corners::Uneven)).graph);
        of_graph(&format!("city of {side} × {side} corners"), &graph, built_s, rounds.min(5));
    }
    road_peers::of_extracts(rounds.min(5));
    growth::of_extract();
}

pub fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = Instant::now();
    let made = work();
    (made, began.elapsed().as_secs_f64())
}

/// Returns the questions that are asked of a graph.
pub fn questions(dice: &mut Dice, graph: &Graph) -> Questions {
    let some = |dice: &mut Dice, count: usize| (0..count).map(|_| somewhere(dice, graph)).collect();
    let stops = (graph.node_count() / NODES_PER_STOP).max(20);
    Questions { origins: some(dice, MATRIX), destinations: some(dice, MATRIX), stops: some(dice, stops) }
}

/// A place that a car may use, half-way along its edge.
fn somewhere(dice: &mut Dice, graph: &Graph) -> Snap {
    loop {
        let edge = EdgeId(dice.below(graph.edge_count()) as u32);
        let way = graph.way(edge);
        if way.forward_dkmh[Profile::Car as usize].max(way.backward_dkmh[Profile::Car as usize]) > 0 {
            let offset = Centimetres(graph.length(edge).0 / 2);
            return Snap { edge, offset, position: graph.points(edge)[0].position(), aside_m: 0.0 };
        }
    }
}

/// Prints the figures of a graph.
pub fn of_graph(what: &str, graph: &Graph, built_s: f64, rounds: usize) {
    println!("{what}: {} nodes, {} arcs, graph built in {built_s:.2} s", graph.node_count(), graph.arc_count());
    let (hierarchy, order_s) = timed(|| Arc::new(Hierarchy::build(graph)));
    let none = Overlay::default();
    let costs = Costs { graph, overlay: &none, profile: Profile::Car, metric: Metric::Time };
    print_sizes(graph, &hierarchy, order_s);
    let customizing = time(rounds, || drop(black_box(Customized::new(&hierarchy, &costs))));
    customizing.print("customizing: one profile, one metric", 1);
    let fast = Customized::new(&hierarchy, &costs);
    closures(&costs, &fast, rounds);
    let asked = questions(&mut Dice::new(SEED + 1), graph);
    routes(&costs, &fast, &asked, rounds);
    nearest_of(&costs, &fast, &asked, rounds);
    isochrones(&costs, &fast, &asked, rounds);
    drawn(&costs, &asked);
    coverage(&costs, &fast, &asked, rounds);
    matrices(&costs, &fast, &asked, rounds);
    fields(&costs, &fast, &asked, rounds);
    mended_fields(&costs, &fast, &asked, rounds);
    road_peers::of_arcs(&costs, &fast, &asked);
}

fn print_sizes(graph: &Graph, hierarchy: &Hierarchy, order_s: f64) {
    let bytes = |write: &dyn Fn(&mut Sections)| {
        let mut out = Sections::default();
        write(&mut out);
        out.to_file().len() as f64 / 1e6
    };
    let (graph_mb, hierarchy_mb) = (bytes(&|out| graph.write(out)), bytes(&|out| hierarchy.write(out)));
    println!(
        "  hierarchy: {} edges, made in {order_s:.1} s; file: graph {graph_mb:.0} MB, hierarchy {hierarchy_mb:.0} MB; \
         in memory: {:.0} MB and {:.0} MB for each customized profile and metric",
        hierarchy.edge_count(),
        hierarchy.memory_bytes() as f64 / 1e6,
        hierarchy.edge_count() as f64 * 16.0 / 1e6,
    );
}

fn told(what: &str, (plain, fast): &(Times, Times), each: usize) {
    plain.print(&format!("{what}: plain"), each);
    fast.print(&format!("{what}: hierarchy"), each);
    println!("    {:.1} times as fast (median of the turns)", plain.ratio(fast));
}

/// Returns the edges within about a kilometre of the middle.
fn flood(graph: &Graph) -> Vec<EdgeId> {
    let middle = graph.position(NodeId(graph.node_count() as u32 / 2));
    let flooded = |edge: &EdgeId| {
        let at = graph.points(*edge)[0].position();
        (at.lon() - middle.lon()).abs() < 0.0105 && (at.lat() - middle.lat()).abs() < 0.009
    };
    graph.edge_ids().filter(flooded).collect()
}

/// Returns the overlay on which these edges are closed to everybody.
fn shut(graph: &Graph, edges: &[EdgeId]) -> Overlay {
    let whole = |edge: &EdgeId| (*edge, Span::between(Centimetres(0), graph.length(*edge)), ProfileSet::ALL);
    Overlay::new(graph, edges.iter().map(whole))
}

/// One edge closed, every edge within about a kilometre of the middle, and one edge of a hundred and of ten all over.
fn closures(costs: &Costs<'_>, fast: &Customized, rounds: usize) {
    let flood = flood(costs.graph);
    let strewn = |one_of: u32| costs.graph.edge_ids().filter(|edge| edge.0 % one_of == 0).collect::<Vec<EdgeId>>();
    let changes = [
        ("closing one edge", flood[..1].to_vec()),
        ("closing 2 km × 2 km", flood),
        ("closing one edge of 100", strewn(100)),
        ("closing one edge of 10", strewn(10)),
    ];
    for (what, edges) in &changes {
        let overlay = shut(costs.graph, edges);
        let closed = Costs { overlay: &overlay, ..*costs };
        let mut now = fast.clone();
        let how = now.update(&closed, edges.iter().copied());
        now.update(costs, edges.iter().copied());
        let both = time_both(
            rounds,
            || drop(black_box(Customized::new(fast.hierarchy(), &closed))),
            || {
                now.update(&closed, edges.iter().copied());
                now.update(costs, edges.iter().copied());
            },
        );
        both.0.print(&format!("{what} ({} edges): customizing anew", edges.len()), 1);
        both.1.print(&format!("{what}: update, {how:?} (half of closing and opening)"), 2);
        println!("    {:.1} times as fast", 2.0 * both.0.ratio(&both.1));
    }
}

fn routes(costs: &Costs<'_>, fast: &Customized, asked: &Questions, rounds: usize) {
    let pairs: Vec<(&Snap, &Snap)> = asked.origins.iter().zip(&asked.destinations).take(60).collect();
    let (mut search, mut walk) = (Search::default(), Walk::default());
    let both = time_both(
        rounds.min(3),
        || pairs.iter().for_each(|pair| drop(black_box(route(&mut search, costs, *pair, MOST)))),
        || pairs.iter().for_each(|pair| drop(black_box(fast.route(&mut walk, costs, *pair, MOST)))),
    );
    told("route with its legs, random pairs", &both, pairs.len());
    let near: Vec<(Snap, Snap)> = pairs.iter().map(|(from, _)| (**from, beside(costs.graph, from))).collect();
    let both = time_both(
        rounds,
        || near.iter().for_each(|(a, b)| drop(black_box(route(&mut search, costs, (a, b), MOST)))),
        || near.iter().for_each(|(a, b)| drop(black_box(fast.route(&mut walk, costs, (a, b), MOST)))),
    );
    told("route to about ten streets away", &both, near.len());
}

/// A place a few streets on.
fn beside(graph: &Graph, from: &Snap) -> Snap {
    let mut at = graph.arcs_along(from.edge).next();
    for _ in 0..10 {
        at = at.and_then(|arc| graph.arcs_from(graph.head(arc)).last()).or(at);
    }
    let edge = at.map_or(from.edge, |arc| graph.edge_of(arc).0);
    Snap { edge, offset: Centimetres(graph.length(edge).0 / 2), ..*from }
}

fn nearest_of(costs: &Costs<'_>, fast: &Customized, asked: &Questions, rounds: usize) {
    let stops = Stops::new(asked.stops.iter().copied().map(Some).collect());
    let (mut search, mut climb) = (Search::default(), Climb::default());
    time(rounds, || drop(black_box(Hubs::new(fast, costs, &stops)))).print("hubs of all stops", 1);
    let hubs = Hubs::new(fast, costs, &stops);
    for k in [K, stops.len() / 4] {
        let origins = &asked.origins[..40];
        let both = time_both(
            rounds.min(3),
            || {
                for from in origins {
                    let mut left = k;
                    nearest(&mut search, costs, (from, &stops), (MOST, usize::MAX), |_| count_down(&mut left));
                }
            },
            || {
                for from in origins {
                    let mut left = k;
                    hubs.nearest((fast, &mut climb), costs, (from, &stops), MOST, |_| count_down(&mut left));
                }
            },
        );
        told(&format!("{k} nearest of {}", stops.len()), &both, origins.len());
    }
}

fn count_down(left: &mut usize) -> ControlFlow<()> {
    *left -= 1;
    if *left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn isochrones(costs: &Costs<'_>, fast: &Customized, asked: &Questions, rounds: usize) {
    let graph = costs.graph;
    let (mut search, mut climb) = (Search::default(), Climb::default());
    for seconds in [300, 900, 3600] {
        let seeds = |from: &Snap| {
            graph.arcs_along(from.edge).next().map(|arc| vec![(graph.head(arc), Cost::default())]).unwrap_or_default()
        };
        let origins: Vec<Vec<(NodeId, Cost)>> = asked.origins.iter().take(5).map(seeds).collect();
        let both = time_both(
            rounds,
            || {
                for seeds in &origins {
                    let on = |_| ControlFlow::Continue(());
                    black_box(search.run(costs, Toward::Away, seeds, (seconds * 1000, usize::MAX), on));
                }
            },
            || {
                for seeds in &origins {
                    black_box(fast.reach(&mut climb, Toward::Away, seeds, seconds * 1000));
                }
            },
        );
        told(&format!("all nodes within {seconds} s"), &both, origins.len());
    }
}

/// Isochrones with their areas, to the tolerance that is usual and to one for a map of a whole town; how much of that is search.
fn drawn(costs: &Costs<'_>, asked: &Questions) {
    let mut search = Search::default();
    let origins = &asked.origins[..3];
    for seconds in [900, 3600] {
        for tolerance_m in [TOLERANCE_M, COARSE_M] {
            let whole = time(1, || {
                for from in origins {
                    let origins = std::slice::from_ref(from);
                    let reach = Reach { origins, toward: Toward::Away, bands: &[seconds * 1000], tolerance_m };
                    black_box(isochrone(&mut search, costs, &reach));
                }
            });
            whole.print(&format!("isochrone of {seconds} s, drawn to {tolerance_m:.0} m"), origins.len());
        }
    }
}

/// Demand points of a coverage question, and its sites with the minutes that they serve.
const DEMAND: usize = 2424;
const SITES: [(usize, u32); 4] = [(60, 5), (60, 15), (60, 30), (600, 5)];

/// How many of some sites each of 2,424 demand points gets to within a standard: a search from each site, and as it is chosen.
fn coverage(costs: &Costs<'_>, fast: &Customized, asked: &Questions, rounds: usize) {
    let some = |from: &[Snap], count: usize| Stops::new(from.iter().copied().cycle().take(count).map(Some).collect());
    let demand = some(&[&asked.destinations[..], &asked.stops[..]].concat(), DEMAND);
    for (sites, minutes) in SITES {
        let (sites, most) = (some(&asked.origins, sites), minutes * 60_000);
        let of = |search: &mut Search, outs: &Outs, site: u32| {
            sites.place(site).map(|site| gathered(search, costs, (site, &demand, outs), most))
        };
        let both = time_both(
            rounds.min(2),
            || {
                let outs = Outs::new(costs, &demand);
                let each = (0..sites.len() as u32).into_par_iter();
                let each = each.map_init(Search::default, |search, site| of(search, &outs, site));
                black_box(each.collect::<Vec<_>>());
            },
            || drop(black_box(Ways::new(*costs, Some(fast)).reached_from((&demand, &sites), most, 2))),
        );
        let what = format!("coverage, {} sites, {minutes} minutes", sites.len());
        both.0.print(&format!("{what}: a search from each site"), 1);
        both.1.print(&format!("{what}: as chosen"), 1);
        println!("    {:.1} times as fast (median of the turns)", both.0.ratio(&both.1));
    }
}

fn matrices(costs: &Costs<'_>, fast: &Customized, asked: &Questions, rounds: usize) {
    let origins: Vec<Option<Snap>> = asked.origins.iter().copied().map(Some).collect();
    let stops = Stops::new(asked.destinations.iter().copied().map(Some).collect());
    let mut search = Search::default();
    let plain = time(1, || drop(black_box(matrix(&mut search, costs, (&origins[..ROWS], &stops), MOST))));
    let whole = time(rounds, || drop(black_box(fast.matrix(costs, (&origins, &stops), MOST))));
    plain.print("matrix, a row of 1000: plain, one thread", ROWS);
    whole.print("matrix 1000 × 1000: hierarchy, a row of it", MATRIX);
    println!("    {:.0} times as fast", plain.ratio(&whole) * MATRIX as f64 / ROWS as f64);
}

fn fields(costs: &Costs<'_>, fast: &Customized, asked: &Questions, rounds: usize) {
    let stops = Stops::new(asked.stops.iter().copied().map(Some).collect());
    for k in [1, 3] {
        let both = time_both(
            rounds.min(3),
            || drop(black_box(Field::new(costs, &stops, k))),
            || drop(black_box(fast.field(costs, &stops, k))),
        );
        told(&format!("field of the {k} nearest of {}", stops.len()), &both, 1);
    }
}

/// The field of the three nearest, mended after a closure or after a stop has gone, beside the one made anew.
fn mended_fields(costs: &Costs<'_>, fast: &Customized, asked: &Questions, rounds: usize) {
    let graph = costs.graph;
    let stops = Stops::new(asked.stops.iter().copied().map(Some).collect());
    let one_less =
        Stops::new(asked.stops.iter().copied().map(Some).enumerate().map(|(i, at)| at.filter(|_| i > 0)).collect());
    let field = fast.field(costs, &stops, 3);
    let same: Vec<Option<u32>> = (0..stops.len() as u32).map(Some).collect();
    let flood = flood(graph);
    let (none, one, many) = (Overlay::default(), shut(graph, &flood[..1]), shut(graph, &flood));
    let changes =
        [("one edge closed", &one, &stops), ("2 km × 2 km closed", &many, &stops), ("a stop gone", &none, &one_less)];
    for (what, overlay, stops_now) in changes {
        let now = Costs { overlay, ..*costs };
        let mut fast_now = fast.clone();
        fast_now.update(&now, flood.iter().copied());
        let mend = || field.mended((costs, &stops), (&now, stops_now), &same);
        let Some(mended) = mend() else {
            println!("  field mended after a change ({what}): to be made anew, for too much has changed");
            continue;
        };
        assert!(mended == fast_now.field(&now, stops_now, 3), "a mended field is the one made anew");
        let both =
            time_both(rounds, || drop(black_box(fast_now.field(&now, stops_now, 3))), || drop(black_box(mend())));
        both.0.print(&format!("field, {what}: made anew by the hierarchy"), 1);
        both.1.print(&format!("field mended after a change ({what})"), 1);
        println!("    {:.1} times as fast (median of the turns)", both.0.ratio(&both.1));
    }
}
