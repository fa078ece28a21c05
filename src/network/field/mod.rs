//! The field of the nearest stops: for every node, which stops are nearest and what the way to them costs.
//!
//! Invariants: a node knows each stop once, at its least cost, in order of cost, ties by number; a field that was mended
//! ([`Field::mended`]) is that made anew, to the last bit.

mod mend;

use super::cost::{Centimetres, Cost, Millis};
use super::ends::{straight, ways_in, ways_out};
use super::graph::NodeId;
use super::search::Costs;
use super::snap::Snap;
use super::stops::{Found, Stops};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

/// For every node, the nearest stops and what the way to them costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    k: usize,
    /// How many stops each node knows.
    count: Vec<u32>,
    /// Room for `k` stops of each node.
    found: Vec<Found>,
}

impl Field {
    /// Returns the field of the `k` nearest stops by one search from all of them at once, against the arcs.
    pub fn new(costs: &Costs<'_>, stops: &Stops, k: usize) -> Self {
        let metric = costs.metric;
        let mut field = Self::unknown(costs.graph.node_count(), k);
        let mut heap: BinaryHeap<Reverse<(u32, u32, u32, u32, u32)>> = BinaryHeap::new();
        let entry =
            |cost: Cost, stop: u32, node: NodeId| Reverse((cost.by(metric), stop, node.0, cost.time.0, cost.length.0));
        for stop in 0..stops.len() as u32 {
            let Some(place) = stops.place(stop) else { continue };
            ways_in(costs, place).for_each(|door| heap.push(entry(door.cost, stop, door.node)));
        }
        let is_new = |field: &Self, node: NodeId, stop: u32| {
            let known = field.at(node);
            known.len() < k && known.iter().all(|found| found.stop != stop)
        };
        while let Some(Reverse((_, stop, node, time, length))) = heap.pop() {
            let cost = Cost { time: Millis(time), length: Centimetres(length) };
            if !is_new(&field, NodeId(node), stop) {
                continue;
            }
            field.push(NodeId(node), Found { stop, cost });
            for arc in costs.graph.arcs_into(NodeId(node)) {
                let tail = costs.graph.tail(arc);
                if is_new(&field, tail, stop)
                    && let Some(more) = costs.of(arc)
                {
                    heap.push(entry(cost + more, stop, tail));
                }
            }
        }
        field
    }

    /// Returns a field in which no node knows a stop.
    pub(super) fn unknown(nodes: usize, k: usize) -> Self {
        Self { k, count: vec![0; nodes], found: vec![Found::default(); nodes * k] }
    }

    /// Adds the next stop of a node that has room for it.
    pub(super) fn push(&mut self, node: NodeId, found: Found) {
        let count = &mut self.count[node.0 as usize];
        self.found[node.0 as usize * self.k + *count as usize] = found;
        *count += 1;
    }

    /// Returns the nearest stops of a node, in order of cost.
    pub fn at(&self, node: NodeId) -> &[Found] {
        let first = node.0 as usize * self.k;
        &self.found[first..first + self.count[node.0 as usize] as usize]
    }

    /// Returns the nearest stops of a place, in order of cost: through the nodes that it leads to, or along its own edge.
    pub fn of(&self, costs: &Costs<'_>, from: &Snap, stops: &Stops) -> Vec<Found> {
        let along = stops.on(from.edge).filter_map(|stop| {
            let cost = straight(costs, from, stops.place(stop)?)?;
            Some(Found { stop, cost })
        });
        let through = ways_out(costs, from).flat_map(|door| {
            self.at(door.node).iter().map(move |found| Found { stop: found.stop, cost: door.cost + found.cost })
        });
        let mut all: Vec<Found> = along.chain(through).collect();
        all.sort_by_key(|found| (found.cost.by(costs.metric), found.stop, found.cost.time, found.cost.length));
        let mut seen = HashSet::new();
        all.retain(|found| seen.insert(found.stop));
        all.truncate(self.k);
        all
    }
}
