//! From one place to another: the best way, as the parts of edges that it goes along.
//!
//! Invariant: the cost told is that of the legs added up, and no way is better by the metric asked for (`tests/oracle`).

use super::cost::{Centimetres, Cost};
use super::ends::{Door, straight, ways_in, ways_out};
use super::graph::{ArcId, EdgeId, NodeId};
use super::search::{Costs, Search, Toward};
use super::snap::Snap;
use super::source::Point;
use std::ops::ControlFlow;

/// Part of an edge that is gone along, by offsets from its tail; `from > to` runs backward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// The edge.
    pub edge: EdgeId,
    /// Where it is entered.
    pub from: Centimetres,
    /// Where it is left.
    pub to: Centimetres,
    /// What it costs.
    pub cost: Cost,
}

/// A way from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// What it costs.
    pub cost: Cost,
    /// The parts of edges, in order; none when both places are one.
    pub legs: Vec<Leg>,
}

/// Returns the best way; `None` when there is none within `most` (of the metric).
pub fn route(search: &mut Search, costs: &Costs<'_>, (from, to): (&Snap, &Snap), most: u32) -> Option<Trip> {
    let metric = costs.metric;
    let direct = straight(costs, from, to);
    let outs: Vec<Door> = ways_out(costs, from).collect();
    let mut ins: Vec<Door> = ways_in(costs, to).collect();
    ins.sort_by_key(|door| (door.node, door.cost.by(metric), door.arc));
    let seeds: Vec<(NodeId, Cost)> = outs.iter().map(|door| (door.node, door.cost)).collect();
    let mut best: Option<(Cost, Option<Door>)> = direct.map(|cost| (cost, None));
    search.run(costs, Toward::Away, &seeds, (most, usize::MAX), |reached| {
        if best.is_some_and(|(cost, _)| cost.by(metric) <= reached.cost.by(metric)) {
            return ControlFlow::Break(());
        }
        let first = ins.partition_point(|door| door.node < reached.node);
        for door in ins[first..].iter().take_while(|door| door.node == reached.node) {
            let total = reached.cost + door.cost;
            if best.is_none_or(|(cost, _)| total.by(metric) < cost.by(metric)) {
                best = Some((total, Some(*door)));
            }
        }
        ControlFlow::Continue(())
    });
    let (cost, door) = best.filter(|(cost, _)| cost.by(metric) <= most)?;
    let Some(door) = door else {
        let leg = Leg { edge: from.edge, from: from.offset, to: to.offset, cost };
        return Some(Trip { cost, legs: if leg.from == leg.to { Vec::new() } else { vec![leg] } });
    };
    let path = search.path(costs.graph, Toward::Away, door.node);
    let out = outs.get(search.settled(door.node)?.step.seed as usize)?;
    let mut legs = vec![end_leg(costs, out, from.offset, true)];
    legs.extend(path.iter().map(|arc| whole_leg(costs, *arc)));
    legs.push(end_leg(costs, &door, to.offset, false));
    legs.retain(|leg| leg.from != leg.to);
    Some(Trip { cost, legs })
}

fn whole_leg(costs: &Costs<'_>, arc: ArcId) -> Leg {
    let (edge, _) = costs.graph.edge_of(arc);
    Leg { edge, from: costs.graph.start_of(arc), to: costs.graph.end_of(arc), cost: costs.of(arc).unwrap_or_default() }
}

/// Returns the leg from a place to the end of an arc, or from its beginning to a place.
fn end_leg(costs: &Costs<'_>, door: &Door, offset: Centimetres, leaving: bool) -> Leg {
    let (edge, _) = costs.graph.edge_of(door.arc);
    let (start, end) = (costs.graph.start_of(door.arc), costs.graph.end_of(door.arc));
    let (from, to) = if leaving { (offset, end) } else { (start, offset) };
    Leg { edge, from, to, cost: door.cost }
}

/// Returns the points of a part of an edge, in the order they are passed, its two ends included.
pub fn points_of(graph: &super::Graph, leg: &Leg) -> Vec<Point> {
    use crate::spatial::geodesic::distance_m;
    let (low, high) = (leg.from.min(leg.to), leg.from.max(leg.to));
    let points = graph.points(leg.edge);
    let mut out = Vec::new();
    let mut at = 0.0;
    let (low_m, high_m) = (low.as_metres(), high.as_metres());
    let whole_m = graph.length(leg.edge).as_metres();
    for (i, point) in points.iter().enumerate() {
        if let Some(before) = i.checked_sub(1).map(|j| points[j]) {
            let length_m = distance_m(before.position(), point.position());
            for cut in [low_m, high_m] {
                if cut > at && cut < at + length_m && cut < whole_m {
                    out.push((cut, between(before, *point, (cut - at) / length_m)));
                }
            }
            at += length_m;
        }
        let last = i + 1 == points.len();
        if (at >= low_m - 0.005 && at <= high_m + 0.005) || (last && high == graph.length(leg.edge)) {
            out.push((at, *point));
        }
    }
    out.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut line: Vec<Point> = out.into_iter().map(|(_, point)| point).collect();
    line.dedup();
    if leg.from > leg.to {
        line.reverse();
    }
    line
}

fn between(a: Point, b: Point, share: f64) -> Point {
    let mix = |a: i32, b: i32| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as i32;
    Point { lon_e7: mix(a.lon_e7, b.lon_e7), lat_e7: mix(a.lat_e7, b.lat_e7) }
}
