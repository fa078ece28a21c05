//! What hangs together: the main part of the roads, what can be reached from it and what reaches it, and why one place can
//! not be reached from another.
//!
//! Parts are strongly connected components of the nodes (copies included, so that turn restrictions count), found by Tarjan's
//! algorithm (1972, doi 10.1137/0201010) without recursion. Invariants: the main part is the one with the greatest length of
//! edges, ties to the lower node; a cause is told exactly when no way exists, and a closure is the cause exactly when there is
//! a way with nothing closed.

use super::cost::{Centimetres, Cost};
use super::ends::{Door, straight, ways_in, ways_out};
use super::graph::{EdgeId, NodeId};
use super::overlay::{Overlay, Span};
use super::search::{Costs, Search, Toward};
use super::snap::Snap;
use crate::domain::Unreached;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Why a place can not be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// No road comes near one of the two places; where one that was left out does, that is [`Self::Island`], by
    /// [`super::SnapIndex::why_off`].
    OffNetwork,
    /// With nothing closed there is a way; these closed parts lie on the best one. Were they open, it could be gone.
    Closure {
        /// Closed parts, in the order in which the way meets them.
        parts: Vec<(EdgeId, Span)>,
    },
    /// There is no way even with nothing closed.
    Island,
}

impl Cause {
    /// Returns the word for it.
    pub const fn word(&self) -> Unreached {
        match self {
            Self::OffNetwork => Unreached::OffNetwork,
            Self::Closure { .. } => Unreached::Closure,
            Self::Island => Unreached::Island,
        }
    }
}

/// Returns why there is no way from one place to another; `None` when there is one. `None` as a place is one off the roads,
/// snapped without regard to closures.
pub fn why_unreachable(
    search: &mut Search,
    costs: &Costs<'_>,
    (from, to): (Option<&Snap>, Option<&Snap>),
) -> Option<Cause> {
    why_unreachable_each(search, costs, (from, &[to.copied()])).pop().flatten()
}

/// Returns of many places why there is no way to each from one, by two searches in all; `None` for those with a way.
pub fn why_unreachable_each(
    search: &mut Search,
    costs: &Costs<'_>,
    (from, to): (Option<&Snap>, &[Option<Snap>]),
) -> Vec<Option<Cause>> {
    let Some(from) = from else { return vec![Some(Cause::OffNetwork); to.len()] };
    let now = Reachable::from(search, costs, from);
    let shut = to.iter().map(|place| place.as_ref().is_some_and(|place| now.last_door(search, place).is_none()));
    let shut: Vec<bool> = shut.collect();
    let open = Overlay::default();
    let free = shut.contains(&true).then(|| Reachable::from(search, &Costs { overlay: &open, ..*costs }, from));
    let cause = |(place, shut): (&Option<Snap>, &bool)| match (place, &free) {
        (None, _) => Some(Cause::OffNetwork),
        (Some(place), Some(free)) if *shut => Some(match free.best_way(search, place) {
            Some(way) => Cause::Closure { parts: closed_along(costs, &way) },
            None => Cause::Island,
        }),
        _ => None,
    };
    to.iter().zip(&shut).map(cause).collect()
}

/// What one search reached from a place; good until the search is used again.
struct Reachable<'a> {
    costs: Costs<'a>,
    from: Snap,
    outs: Vec<Door>,
}

impl<'a> Reachable<'a> {
    fn from(search: &mut Search, costs: &Costs<'a>, from: &Snap) -> Self {
        let outs: Vec<Door> = ways_out(costs, from).collect();
        let seeds: Vec<(NodeId, Cost)> = outs.iter().map(|door| (door.node, door.cost)).collect();
        search.run(costs, Toward::Away, &seeds, (u32::MAX - 1, usize::MAX), |_| ControlFlow::Continue(()));
        Self { costs: *costs, from: *from, outs }
    }

    /// Returns the last door of the best way to a place, none where it runs along one edge only; `None` without a way.
    fn last_door(&self, search: &Search, to: &Snap) -> Option<Option<Door>> {
        let (costs, from) = (&self.costs, &self.from);
        let total = |door: &Door| search.settled(door.node).map(|reached| (reached.cost + door.cost).by(costs.metric));
        let through = ways_in(costs, to).filter_map(|door| Some((total(&door)?, door)));
        let through = through.min_by_key(|(cost, door)| (*cost, door.arc));
        let along = straight(costs, from, to).map(|cost| cost.by(costs.metric));
        match (through, along) {
            (None, None) => None,
            (Some((cost, door)), along) if along.is_none_or(|along| cost < along) => Some(Some(door)),
            _ => Some(None),
        }
    }

    /// Returns the parts of edges that the best way to a place goes along, in order, its first place at the least.
    fn best_way(&self, search: &Search, to: &Snap) -> Option<Vec<(EdgeId, Span)>> {
        let (graph, from) = (self.costs.graph, &self.from);
        let door = self.last_door(search, to)?;
        let mut way = vec![(from.edge, Span::between(from.offset, from.offset))];
        let Some(door) = door else {
            way.push((from.edge, Span::between(from.offset, to.offset)));
            return Some(way);
        };
        let out = self.outs.get(search.settled(door.node)?.step.seed as usize)?;
        way.push((from.edge, Span::between(from.offset, graph.end_of(out.arc))));
        let whole = search.path(graph, Toward::Away, door.node);
        way.extend(whole.iter().map(|arc| {
            let (edge, _) = graph.edge_of(*arc);
            (edge, Span::between(Centimetres(0), graph.length(edge)))
        }));
        way.push((to.edge, Span::between(graph.start_of(door.arc), to.offset)));
        Some(way)
    }
}

/// Returns the closed parts that a way meets, in order.
fn closed_along(costs: &Costs<'_>, way: &[(EdgeId, Span)]) -> Vec<(EdgeId, Span)> {
    let met = way.iter().flat_map(|(edge, gone)| {
        let closed = costs.overlay.closed_to(*edge, costs.profile).filter(|closed| closed.meets(*gone));
        closed.map(|closed| (*edge, closed))
    });
    let mut seen = HashSet::new();
    met.filter(|part| seen.insert(*part)).collect()
}

/// Which nodes belong to the main part of the roads, are reached from it, and reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    main: Vec<bool>,
    from_main: Vec<bool>,
    to_main: Vec<bool>,
    length: u64,
}

impl Parts {
    /// Finds the main part under what is closed now. The metric does not matter.
    pub fn new(costs: &Costs<'_>) -> Self {
        let (main, length) = main_part(costs);
        let from_main = flooded(costs, &main, Toward::Away);
        let to_main = flooded(costs, &main, Toward::Seeds);
        Self { main, from_main, to_main, length }
    }

    /// Returns whether a node belongs to the main part.
    pub fn holds(&self, node: NodeId) -> bool {
        self.main[node.0 as usize]
    }

    /// Returns the length of the edges of the main part, centimetres.
    pub const fn length_cm(&self) -> u64 {
        self.length
    }

    /// Returns whether one can get from the main part to a place. `costs` are those that the parts were made of.
    pub fn reaches(&self, costs: &Costs<'_>, place: &Snap) -> bool {
        ways_in(costs, place).any(|door| self.from_main[door.node.0 as usize])
    }

    /// Returns whether one can get from a place to the main part. `costs` are those that the parts were made of.
    pub fn reached_by(&self, costs: &Costs<'_>, place: &Snap) -> bool {
        ways_out(costs, place).any(|door| self.to_main[door.node.0 as usize])
    }
}

/// Returns which nodes belong to the main part, and the length of its edges, centimetres.
pub(super) fn main_part(costs: &Costs<'_>) -> (Vec<bool>, u64) {
    let component = components(costs);
    let (largest, length) = largest(costs, &component);
    (component.iter().map(|c| Some(*c) == largest).collect(), length)
}

/// Returns the number of the component of each node.
fn components(costs: &Costs<'_>) -> Vec<u32> {
    const UNSEEN: u32 = u32::MAX;
    let graph = costs.graph;
    let n = graph.node_count();
    let (mut order, mut low) = (vec![UNSEEN; n], vec![0u32; n]);
    let mut component = vec![UNSEEN; n];
    let (mut open, mut calls) = (Vec::new(), Vec::new());
    let (mut next, mut found) = (0u32, 0u32);
    for root in 0..n as u32 {
        if order[root as usize] != UNSEEN {
            continue;
        }
        calls.push((root, graph.arcs_from(NodeId(root))));
        while let Some((node, arcs)) = calls.last_mut() {
            let at = *node as usize;
            if order[at] == UNSEEN {
                (order[at], low[at]) = (next, next);
                next += 1;
                open.push(*node);
            }
            let step = arcs.find_map(|arc| costs.of(arc).map(|_| graph.head(arc)));
            match step {
                Some(head) if order[head.0 as usize] == UNSEEN => calls.push((head.0, graph.arcs_from(head))),
                Some(head) if component[head.0 as usize] == UNSEEN => low[at] = low[at].min(order[head.0 as usize]),
                Some(_) => {}
                None => {
                    calls.pop();
                    if let Some((up, _)) = calls.last() {
                        low[*up as usize] = low[*up as usize].min(low[at]);
                    }
                    if low[at] == order[at] {
                        while let Some(member) = open.pop() {
                            component[member as usize] = found;
                            if member as usize == at {
                                break;
                            }
                        }
                        found += 1;
                    }
                }
            }
        }
    }
    component
}

/// Returns the component with the greatest length of edges of which an arc lies within it, and that length.
fn largest(costs: &Costs<'_>, component: &[u32]) -> (Option<u32>, u64) {
    let graph = costs.graph;
    let mut length = vec![0u64; component.len()];
    for edge in graph.edge_ids() {
        let mut within: Vec<u32> = Vec::new();
        for arc in graph.arcs_along(edge).filter(|arc| costs.of(*arc).is_some()) {
            let (tail, head) = (component[graph.tail(arc).0 as usize], component[graph.head(arc).0 as usize]);
            if tail == head && !within.contains(&tail) {
                within.push(tail);
            }
        }
        let Centimetres(more) = graph.length(edge);
        within.iter().for_each(|c| length[*c as usize] += u64::from(more));
    }
    // In the order of nodes, so that a tie goes to the component of the lowest node.
    let best = component.iter().map(|c| (*c, length[*c as usize])).reduce(|a, b| if b.1 > a.1 { b } else { a });
    (best.map(|(component, _)| component), best.map_or(0, |(_, length)| length))
}

/// Returns which nodes are reached from those given, along the arcs or against them.
fn flooded(costs: &Costs<'_>, from: &[bool], toward: Toward) -> Vec<bool> {
    let graph = costs.graph;
    let mut wet = from.to_vec();
    let mut edge: Vec<u32> = (0u32..).zip(from).filter(|(_, wet)| **wet).map(|(node, _)| node).collect();
    while let Some(node) = edge.pop() {
        let mut visit = |arc, beyond: NodeId| {
            if !wet[beyond.0 as usize] && costs.of(arc).is_some() {
                wet[beyond.0 as usize] = true;
                edge.push(beyond.0);
            }
        };
        match toward {
            Toward::Away => graph.arcs_from(NodeId(node)).for_each(|arc| visit(arc, graph.head(arc))),
            Toward::Seeds => graph.arcs_into(NodeId(node)).for_each(|arc| visit(arc, graph.tail(arc))),
        }
    }
    wet
}
