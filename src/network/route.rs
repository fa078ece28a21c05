//! From one place to another: the best way, as the parts of edges that it goes along.
//!
//! Invariant: the cost told is that of the legs added up, and no way is better by the metric asked for (`tests/oracle`).

use super::cost::{Centimetres, Cost, Metric};
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

/// Both ends of a way that is looked for, and how it may leave the one and come to the other.
pub(super) struct Ends<'a> {
    from: &'a Snap,
    to: &'a Snap,
    outs: Vec<Door>,
    ins: Vec<Door>,
}

/// A way by its cost and its last door; without one it runs straight along an edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    pub(super) cost: Cost,
    door: Option<Door>,
}

impl<'a> Ends<'a> {
    /// Returns the ends of a way between two places.
    pub(super) fn new(costs: &Costs<'_>, from: &'a Snap, to: &'a Snap) -> Self {
        let mut ins: Vec<Door> = ways_in(costs, to).collect();
        ins.sort_by_key(|door| (door.node, door.arc));
        Self { from, to, outs: ways_out(costs, from).collect(), ins }
    }

    /// Returns the nodes that are come to first, and what reaching them costs.
    pub(super) fn seeds(&self) -> Vec<(NodeId, Cost)> {
        self.outs.iter().map(|door| (door.node, door.cost)).collect()
    }

    /// Returns the best way if the nodes of the last doors cost what `reached` tells.
    pub(super) fn best(&self, costs: &Costs<'_>, mut reached: impl FnMut(NodeId) -> Option<Cost>) -> Option<Choice> {
        let nodes = self.ins.chunk_by(|a, b| a.node == b.node).map(|doors| doors[0].node);
        nodes
            .filter_map(|node| Some((node, reached(node)?)))
            .fold(self.direct(costs), |best, (node, cost)| self.better(costs.metric, best, (node, cost)))
    }

    fn direct(&self, costs: &Costs<'_>) -> Option<Choice> {
        straight(costs, self.from, self.to).map(|cost| Choice { cost, door: None })
    }

    /// Returns the best of what is known and the ways through the doors of a node that was reached: by the metric, then by the
    /// other figure, then straight before round about, then the lower numbers.
    fn better(&self, metric: Metric, best: Option<Choice>, (node, cost): (NodeId, Cost)) -> Option<Choice> {
        let order = |choice: &Choice| {
            let cost = choice.cost;
            (cost.by(metric), cost.time, cost.length, choice.door.map(|door| (door.node, door.arc)))
        };
        let first = self.ins.partition_point(|door| door.node < node);
        let here = self.ins[first..].iter().take_while(|door| door.node == node);
        best.into_iter().chain(here.map(|door| Choice { cost: cost + door.cost, door: Some(*door) })).min_by_key(order)
    }

    /// Returns the trip of a choice; `back` tells the seed and the arcs of the best way to a node.
    pub(super) fn trip(
        &self,
        costs: &Costs<'_>,
        Choice { cost, door }: Choice,
        back: impl FnOnce(NodeId) -> (u32, Vec<ArcId>),
    ) -> Trip {
        let (from, to) = (self.from, self.to);
        let mut legs = Vec::new();
        match door {
            None => legs.push(Leg { edge: from.edge, from: from.offset, to: to.offset, cost }),
            Some(door) => {
                let (seed, path) = back(door.node);
                legs.extend(self.outs.get(seed as usize).map(|out| end_leg(costs, out, from.offset, End::First)));
                legs.extend(path.iter().map(|arc| whole_leg(costs, *arc)));
                legs.push(end_leg(costs, &door, to.offset, End::Last));
            }
        }
        legs.retain(|leg| leg.from != leg.to);
        Trip { cost, legs }
    }
}

/// Returns the best way; `None` when there is none within `most` (of the metric).
pub fn route(search: &mut Search, costs: &Costs<'_>, (from, to): (&Snap, &Snap), most: u32) -> Option<Trip> {
    let metric = costs.metric;
    let ends = Ends::new(costs, from, to);
    let mut best = ends.direct(costs);
    search.run(costs, Toward::Away, &ends.seeds(), (most, usize::MAX), |reached| {
        if best.is_some_and(|best| best.cost.by(metric) < reached.cost.by(metric)) {
            return ControlFlow::Break(());
        }
        best = ends.better(metric, best, (reached.node, reached.cost));
        ControlFlow::Continue(())
    });
    let choice = best.filter(|choice| choice.cost.by(metric) <= most)?;
    Some(ends.trip(costs, choice, |node| {
        let seed = search.settled(node).map_or(0, |reached| reached.step.seed);
        (seed, search.path(costs.graph, Toward::Away, node))
    }))
}

fn whole_leg(costs: &Costs<'_>, arc: ArcId) -> Leg {
    let (edge, _) = costs.graph.edge_of(arc);
    Leg { edge, from: costs.graph.start_of(arc), to: costs.graph.end_of(arc), cost: costs.of(arc).unwrap_or_default() }
}

/// Which end of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

/// Returns the leg from a place to the end of an arc, or from its beginning to a place.
fn end_leg(costs: &Costs<'_>, door: &Door, offset: Centimetres, which: End) -> Leg {
    let (edge, _) = costs.graph.edge_of(door.arc);
    let (from, to) = match which {
        End::First => (offset, costs.graph.end_of(door.arc)),
        End::Last => (costs.graph.start_of(door.arc), offset),
    };
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
