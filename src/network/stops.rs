//! Places on roads that are looked for: the nearest of them, and costs between many.
//!
//! Invariants: a stop is told once, at its least cost, in order of cost, ties by number; what the caller does not want is
//! passed over inside the search, so that `k` are found whenever `k` can be reached.

use super::cost::{Centimetres, Cost, Metric, Millis};
use super::ends::{straight, ways_in, ways_out};
use super::graph::{EdgeId, NodeId};
use super::search::{Costs, Search, Toward};
use super::snap::Snap;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::ops::ControlFlow;

/// Places on roads, by number.
#[derive(Debug, Clone, Default)]
pub struct Stops {
    places: Vec<Option<Snap>>,
    on_edge: HashMap<EdgeId, Vec<u32>>,
}

impl Stops {
    /// Returns stops numbered as they come; `None` is a place that no road comes near, which is never found.
    pub fn new(places: Vec<Option<Snap>>) -> Self {
        let mut on_edge: HashMap<EdgeId, Vec<u32>> = HashMap::new();
        for (number, place) in (0u32..).zip(&places) {
            if let Some(place) = place {
                on_edge.entry(place.edge).or_default().push(number);
            }
        }
        Self { places, on_edge }
    }

    /// Returns a stop's place on the road.
    pub fn place(&self, stop: u32) -> Option<&Snap> {
        self.places.get(stop as usize).and_then(Option::as_ref)
    }

    /// Yields the stops on an edge.
    pub(super) fn on(&self, edge: EdgeId) -> impl Iterator<Item = u32> + '_ {
        self.on_edge.get(&edge).into_iter().flatten().copied()
    }

    /// Returns how many stops there are, those off the roads included.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// A stop that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found {
    /// Its number.
    pub stop: u32,
    /// What the best way to it costs.
    pub cost: Cost,
}

/// Visits stops in order of the cost of the way to them from a place, until `visit` breaks off or `most` is passed. Returns
/// whether the search ran to its end: `false` when `budget` settled nodes did not suffice.
pub fn nearest(
    search: &mut Search,
    costs: &Costs<'_>,
    (from, stops): (&Snap, &Stops),
    (most, budget): (u32, usize),
    mut visit: impl FnMut(Found) -> ControlFlow<()>,
) -> bool {
    let metric = costs.metric;
    let mut ahead = Ahead::default();
    for stop in stops.on_edge.get(&from.edge).into_iter().flatten() {
        if let Some(cost) = stops.place(*stop).and_then(|place| straight(costs, from, place)) {
            ahead.push(*stop, cost, metric);
        }
    }
    let seeds: Vec<(NodeId, Cost)> = ways_out(costs, from).map(|door| (door.node, door.cost)).collect();
    let mut stopped = false;
    let whole = search.run(costs, Toward::Away, &seeds, (most, budget), |reached| {
        // What is cheaper than the node just settled can not be beaten any more.
        if ahead.tell_below(reached.cost.by(metric), &mut visit).is_break() {
            stopped = true;
            return ControlFlow::Break(());
        }
        for arc in costs.graph.arcs_from(reached.node) {
            let (edge, _) = costs.graph.edge_of(arc);
            for stop in stops.on_edge.get(&edge).into_iter().flatten() {
                let Some(place) = stops.place(*stop) else { continue };
                for door in ways_in(costs, place).filter(|door| door.arc == arc) {
                    ahead.push(*stop, reached.cost + door.cost, metric);
                }
            }
        }
        ControlFlow::Continue(())
    });
    if !stopped && whole {
        let _ = ahead.tell_below(most.saturating_add(1), &mut visit);
    }
    whole
}

/// Stops that were seen and wait until nothing can be cheaper.
#[derive(Default)]
struct Ahead {
    heap: BinaryHeap<Reverse<(u32, u32, u32, u32)>>,
    told: HashSet<u32>,
}

impl Ahead {
    fn push(&mut self, stop: u32, cost: Cost, metric: Metric) {
        self.heap.push(Reverse((cost.by(metric), stop, cost.time.0, cost.length.0)));
    }

    fn tell_below(&mut self, key: u32, visit: &mut impl FnMut(Found) -> ControlFlow<()>) -> ControlFlow<()> {
        while let Some(Reverse((cost, stop, time, length))) = self.heap.peek().copied().filter(|top| top.0.0 < key) {
            self.heap.pop();
            if self.told.insert(stop) {
                let _ = cost;
                visit(Found { stop, cost: Cost { time: Millis(time), length: Centimetres(length) } })?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// Stops by the ways out of them: from which of them can a place be reached.
#[derive(Debug, Clone)]
pub struct Outs {
    by_node: Vec<(NodeId, u32, Cost)>,
}

impl Outs {
    /// Returns the ways out of stops under costs.
    pub fn new(costs: &Costs<'_>, stops: &Stops) -> Self {
        let placed = (0u32..).zip(&stops.places).filter_map(|(stop, place)| Some((stop, place.as_ref()?)));
        let outs = placed.flat_map(|(stop, place)| ways_out(costs, place).map(move |out| (out.node, stop, out.cost)));
        let mut by_node: Vec<(NodeId, u32, Cost)> = outs.collect();
        by_node.sort_by_key(|(node, stop, cost)| (*node, *stop, cost.by(costs.metric)));
        Self { by_node }
    }

    fn at(&self, node: NodeId) -> &[(NodeId, u32, Cost)] {
        let first = self.by_node.partition_point(|out| out.0 < node);
        let end = first + self.by_node[first..].iter().take_while(|out| out.0 == node).count();
        &self.by_node[first..end]
    }
}

/// Returns the stops from which the way to a place costs no more than `most`, in order of number. `outs` are those of the
/// stops under the same costs.
pub fn gathered(
    search: &mut Search,
    costs: &Costs<'_>,
    (to, stops, outs): (&Snap, &Stops, &Outs),
    most: u32,
) -> Vec<u32> {
    let metric = costs.metric;
    let near = stops.on_edge.get(&to.edge).into_iter().flatten().copied();
    let along = |stop: &u32| stops.place(*stop).and_then(|place| straight(costs, place, to));
    let mut found: Vec<u32> = near.filter(|stop| along(stop).is_some_and(|cost| cost.by(metric) <= most)).collect();
    let seeds: Vec<(NodeId, Cost)> = ways_in(costs, to).map(|door| (door.node, door.cost)).collect();
    search.run(costs, Toward::Seeds, &seeds, (most, usize::MAX), |reached| {
        let here = outs.at(reached.node).iter();
        found.extend(here.filter(|(_, _, cost)| (*cost + reached.cost).by(metric) <= most).map(|(_, stop, _)| *stop));
        ControlFlow::Continue(())
    });
    found.sort_unstable();
    found.dedup();
    found
}

/// Returns what the best way from each origin to each destination costs, row by row; `None` where there is none within `most`.
pub fn matrix(
    search: &mut Search,
    costs: &Costs<'_>,
    (origins, destinations): (&[Option<Snap>], &Stops),
    most: u32,
) -> Vec<Vec<Option<Cost>>> {
    let wanted = destinations.places.iter().flatten().count();
    let row = |search: &mut Search, origin: &Option<Snap>| {
        let mut row = vec![None; destinations.len()];
        let mut left = wanted;
        if let Some(origin) = origin {
            nearest(search, costs, (origin, destinations), (most, usize::MAX), |found| {
                row[found.stop as usize] = Some(found.cost);
                left -= 1;
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
        }
        row
    };
    origins.iter().map(|origin| row(search, origin)).collect()
}
