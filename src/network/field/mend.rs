//! A field kept up to date: what rests on what has changed is forgotten, and searched for again from its border.
//!
//! Why: a closure touches a quarter, and a shelter that opens or closes its own surroundings; the rest of a city need not be
//! worked out again. Three steps. What was told only by way of a door or an arc that is no more is dropped, and what was told by
//! way of that, as far as costs add up. What is left can still be gone as it was, so it is offered to the nodes that lost
//! something, beside the new doors and the arcs that have opened. What betters a node is carried on against the arcs.
//! Invariants: more may be dropped than had to be, never less; a way that is left can be gone at just its cost; when nothing
//! betters a node any more the field is that made anew, ties and second figures included.

use super::Field;
use crate::network::cost::{Centimetres, Cost, Metric, Millis};
use crate::network::ends::ways_in;
use crate::network::{ArcId, Costs, EdgeId, Found, NodeId, Stops};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashSet};

/// A field of which more than one in so many of what its nodes know would be dropped is made anew instead.
const DROPPED_SHARE: usize = 4;

/// A way into a stop: its number, the node that is left last, and the cost from there.
type Entrance = (u32, NodeId, Cost);

impl Field {
    /// Returns the field as things stand after a change, the same as [`Field::new`] does; this one must be that of `before`.
    /// `same` tells the number after of each stop before, `None` of one that is gone. Returns `None` when making it anew is the
    /// way: too much rests on what has changed, or the stops, the roads or who moves on them are others altogether.
    pub fn mended(
        &self,
        before: (&Costs<'_>, &Stops),
        after: (&Costs<'_>, &Stops),
        same: &[Option<u32>],
    ) -> Option<Self> {
        let alike = before.0.profile == after.0.profile
            && before.0.metric == after.0.metric
            && before.0.graph.node_count() == after.0.graph.node_count()
            && same.len() == before.1.len()
            && same.iter().flatten().is_sorted_by(|a, b| a < b);
        if !alike {
            return None;
        }
        let mut mended = self.clone();
        if self.k == 0 {
            return Some(mended);
        }
        let entrances = entrances(after);
        let turned = turned_arcs(before.0, after.0);
        let lost = mended.forget(before.0, &gone(before, &entrances, same), &turned)?;
        mended.renumber(same)?;
        mended.recall(after.0, &lost, (&entrances, &turned));
        Some(mended)
    }

    /// Drops what rests on entrances that are gone (by their numbers before) and on arcs that cost something else now. Returns
    /// the nodes that lost something, or `None` when they lost too much.
    fn forget(&mut self, costs: &Costs<'_>, gone: &[Entrance], turned: &[ArcId]) -> Option<Vec<NodeId>> {
        let most = self.found.len() / DROPPED_SHARE;
        let mut dropped: Vec<Entrance> = Vec::new();
        for (stop, node, cost) in gone {
            self.drop_known(*node, Found { stop: *stop, cost: *cost }, &mut dropped);
        }
        // What has been dropped behind such an arc by now is carried on over it below, as over any other.
        for arc in turned {
            let Some(more) = costs.of(*arc) else { continue };
            for found in self.at(costs.graph.head(*arc)).to_vec() {
                self.drop_known(costs.graph.tail(*arc), Found { cost: found.cost + more, ..found }, &mut dropped);
            }
        }
        let mut next = 0;
        while let Some((stop, node, cost)) = dropped.get(next).copied() {
            next += 1;
            if dropped.len() > most {
                return None;
            }
            for arc in costs.graph.arcs_into(node) {
                if let Some(more) = costs.of(arc) {
                    self.drop_known(costs.graph.tail(arc), Found { stop, cost: cost + more }, &mut dropped);
                }
            }
        }
        let nodes: BTreeSet<NodeId> = dropped.into_iter().map(|(_, node, _)| node).collect();
        Some(nodes.into_iter().collect())
    }

    /// Drops a stop of a node if it is known there at just that cost.
    fn drop_known(&mut self, node: NodeId, told: Found, dropped: &mut Vec<Entrance>) {
        let Some(place) = self.at(node).iter().position(|found| *found == told) else { return };
        let first = node.0 as usize * self.k;
        let count = &mut self.count[node.0 as usize];
        let known = &mut self.found[first..first + *count as usize];
        known[place..].rotate_left(1);
        known[known.len() - 1] = Found::default();
        *count -= 1;
        dropped.push((told.stop, node, told.cost));
    }

    /// Gives every stop its number after; `None` if one that is gone is still known.
    fn renumber(&mut self, same: &[Option<u32>]) -> Option<()> {
        if (0u32..).zip(same).all(|(before, after)| *after == Some(before)) {
            return Some(());
        }
        for (count, found) in self.count.iter().zip(self.found.chunks_exact_mut(self.k)) {
            for found in &mut found[..*count as usize] {
                found.stop = (*same.get(found.stop as usize)?)?;
            }
        }
        Some(())
    }

    /// Offers what is known around to the nodes that lost something, all entrances, and what lies behind arcs that have
    /// turned; then carries on what betters a node.
    fn recall(&mut self, costs: &Costs<'_>, lost: &[NodeId], (entrances, turned): (&[Entrance], &[ArcId])) {
        let mut heap = BinaryHeap::new();
        for (stop, node, cost) in entrances {
            self.offer(costs.metric, *node, Found { stop: *stop, cost: *cost }, &mut heap);
        }
        let around = lost.iter().flat_map(|node| costs.graph.arcs_from(*node));
        for arc in around.chain(turned.iter().copied()) {
            let Some(more) = costs.of(arc) else { continue };
            for found in self.at(costs.graph.head(arc)).to_vec() {
                self.offer(costs.metric, costs.graph.tail(arc), Found { cost: found.cost + more, ..found }, &mut heap);
            }
        }
        while let Some(Reverse((_, stop, node, cost))) = heap.pop() {
            let found = Found { stop, cost: Cost { time: Millis(cost.0), length: Centimetres(cost.1) } };
            let node = NodeId(node);
            if !self.at(node).contains(&found) {
                continue;
            }
            for arc in costs.graph.arcs_into(node) {
                if let Some(more) = costs.of(arc) {
                    let further = Found { cost: found.cost + more, ..found };
                    self.offer(costs.metric, costs.graph.tail(arc), further, &mut heap);
                }
            }
        }
    }

    /// Keeps a stop of a node if it is better than what is known, and notes that it is to be carried on.
    fn offer(&mut self, metric: Metric, node: NodeId, new: Found, heap: &mut BinaryHeap<Reverse<Waiting>>) {
        let first = node.0 as usize * self.k;
        let count = self.count[node.0 as usize] as usize;
        let known = &self.found[first..first + count];
        let order = |found: &Found| (found.cost.by(metric), found.stop);
        let place = match known.iter().position(|found| found.stop == new.stop) {
            Some(place) if rank(metric, new.cost) < rank(metric, known[place].cost) => place,
            Some(_) => return,
            None if count < self.k => count,
            None if order(&new) < order(&known[count - 1]) => count - 1,
            None => return,
        };
        self.count[node.0 as usize] = count.max(place + 1) as u32;
        let better = &mut self.found[first..=first + place];
        better[place] = new;
        let to = better[..place].partition_point(|found| order(found) < order(&new));
        better[to..].rotate_right(1);
        heap.push(Reverse((new.cost.by(metric), new.stop, node.0, (new.cost.time.0, new.cost.length.0))));
    }
}

/// What is to be carried on: by the metric, then by number.
type Waiting = (u32, u32, u32, (u32, u32));

/// Returns what of two ways at the same cost by the metric tells the better.
fn rank(metric: Metric, cost: Cost) -> (u32, u32, u32) {
    (cost.by(metric), cost.time.0, cost.length.0)
}

/// Returns the ways into all stops.
fn entrances((costs, stops): (&Costs<'_>, &Stops)) -> Vec<Entrance> {
    let placed = (0..stops.len() as u32).filter_map(|stop| Some((stop, stops.place(stop)?)));
    let doors = placed.flat_map(|(stop, place)| ways_in(costs, place).map(move |door| (stop, door.node, door.cost)));
    doors.collect()
}

/// Returns the entrances before that are none of those after.
fn gone(before: (&Costs<'_>, &Stops), after: &[Entrance], same: &[Option<u32>]) -> Vec<Entrance> {
    let after: HashSet<&Entrance> = after.iter().collect();
    let is_gone = |(stop, node, cost): &Entrance| match same[*stop as usize] {
        Some(now) => !after.contains(&(now, *node, *cost)),
        None => true,
    };
    entrances(before).into_iter().filter(is_gone).collect()
}

/// Returns the arcs that can be gone before or after, and not both.
fn turned_arcs(before: &Costs<'_>, after: &Costs<'_>) -> Vec<ArcId> {
    let closed = before.overlay.parts().chain(after.overlay.parts());
    let edges: BTreeSet<EdgeId> = closed.map(|(edge, ..)| edge).collect();
    let arcs = edges.into_iter().flat_map(|edge| before.graph.arcs_along(edge));
    arcs.filter(|arc| before.of(*arc) != after.of(*arc)).collect()
}
