//! The one search loop: Dijkstra's over whole costs, forward from a place or backward toward it, from one seed or many,
//! with closures looked at as arcs are.
//!
//! Everything exact is made of it or compared with it: routes, nearest by road, fields, isochrones, the oracle of the
//! hierarchy. Invariants: nodes are settled in order of cost, ties by number; a search has a budget of settled nodes and says
//! when it is spent; work arrays are kept between searches and cleared by counting up.

use super::cost::{Cost, Metric};
use super::graph::{ArcId, Graph, NodeId};
use super::overlay::Overlay;
use crate::domain::Profile;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

/// Which way a search follows arcs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// From the seeds outwards: costs are of the way from a seed to a node.
    Away,
    /// Against the arcs: costs are of the way from a node to a seed.
    Seeds,
}

/// What arcs cost whom, now.
#[derive(Debug, Clone, Copy)]
pub struct Costs<'a> {
    /// The roads.
    pub graph: &'a Graph,
    /// What is closed.
    pub overlay: &'a Overlay,
    /// Who moves.
    pub profile: Profile,
    /// What is kept small.
    pub metric: Metric,
}

impl Costs<'_> {
    /// Returns what a whole arc costs; `None` where one can not go.
    pub fn of(&self, arc: ArcId) -> Option<Cost> {
        let (edge, _) = self.graph.edge_of(arc);
        if self.overlay.lets_pass(edge, self.profile) { self.graph.cost(arc, self.profile) } else { None }
    }
}

/// How a node was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The arc that it was reached by, `None` for a seed.
    pub arc: Option<ArcId>,
    /// The seed that it belongs to, by its place among the seeds.
    pub seed: u32,
}

/// A settled node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub node: NodeId,
    /// At what cost; by the metric of the search it is the least.
    pub cost: Cost,
    /// How.
    pub step: Step,
}

#[derive(Debug, Clone, Copy, Default)]
struct Label {
    round: u32,
    settled: bool,
    cost: Cost,
    arc: u32,
    seed: u32,
}

const NO_ARC: u32 = u32::MAX;

/// A search and its work arrays, to be used again and again.
#[derive(Debug, Default)]
pub struct Search {
    labels: Vec<Label>,
    round: u32,
    heap: BinaryHeap<Reverse<(u32, u32)>>,
}

impl Search {
    /// Searches from seeds (a node and what reaching it has cost) until `visit` breaks off, the costs pass `most`, or nothing
    /// is left. Returns whether it ran to its end: `false` when `budget` settled nodes did not suffice.
    pub fn run(
        &mut self,
        costs: &Costs<'_>,
        toward: Toward,
        seeds: &[(NodeId, Cost)],
        (most, budget): (u32, usize),
        mut visit: impl FnMut(Reached) -> ControlFlow<()>,
    ) -> bool {
        self.begin(costs.graph.node_count());
        for (number, (node, cost)) in (0u32..).zip(seeds) {
            self.offer(costs.metric, *node, *cost, (NO_ARC, number));
        }
        let mut settled = 0;
        while let Some(Reverse((key, node))) = self.heap.pop() {
            let label = &mut self.labels[node as usize];
            if label.settled || label.cost.by(costs.metric) != key {
                continue;
            }
            if key > most {
                break;
            }
            if settled == budget {
                return false;
            }
            settled += 1;
            label.settled = true;
            let (cost, seed) = (label.cost, label.seed);
            let reached = self.reached(NodeId(node));
            if visit(reached).is_break() {
                break;
            }
            match toward {
                Toward::Away => {
                    for arc in costs.graph.arcs_from(NodeId(node)) {
                        if let Some(more) = costs.of(arc) {
                            self.offer(costs.metric, costs.graph.head(arc), cost + more, (arc.0, seed));
                        }
                    }
                }
                Toward::Seeds => {
                    for arc in costs.graph.arcs_into(NodeId(node)) {
                        if let Some(more) = costs.of(arc) {
                            self.offer(costs.metric, costs.graph.tail(arc), cost + more, (arc.0, seed));
                        }
                    }
                }
            }
        }
        true
    }

    fn begin(&mut self, nodes: usize) {
        self.labels.resize(nodes, Label::default());
        self.heap.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.labels.fill(Label::default());
            self.round = 1;
        }
    }

    /// Keeps a way to a node if it is better than the one known: cheaper, or as cheap and lower in seed, arc and length.
    fn offer(&mut self, metric: Metric, node: NodeId, cost: Cost, (arc, seed): (u32, u32)) {
        let round = self.round;
        let label = &mut self.labels[node.0 as usize];
        if label.round == round {
            let order = |cost: Cost, arc: u32, seed: u32| (cost.by(metric), cost.time, cost.length, seed, arc);
            if label.settled || order(cost, arc, seed) >= order(label.cost, label.arc, label.seed) {
                return;
            }
        }
        *label = Label { round, settled: false, cost, arc, seed };
        self.heap.push(Reverse((cost.by(metric), node.0)));
    }

    fn reached(&self, node: NodeId) -> Reached {
        let label = &self.labels[node.0 as usize];
        let arc = (label.arc != NO_ARC).then_some(ArcId(label.arc));
        Reached { node, cost: label.cost, step: Step { arc, seed: label.seed } }
    }

    /// Returns how a node was reached by the last search, if it was settled.
    pub fn settled(&self, node: NodeId) -> Option<Reached> {
        let label = self.labels.get(node.0 as usize)?;
        (label.round == self.round && label.settled).then(|| self.reached(node))
    }

    /// Returns the arcs between a seed of the last search and a settled node, in the order they are driven.
    pub fn path(&self, graph: &Graph, toward: Toward, node: NodeId) -> Vec<ArcId> {
        let mut arcs = Vec::new();
        let mut at = node;
        while let Some(arc) = self.settled(at).and_then(|reached| reached.step.arc) {
            arcs.push(arc);
            at = if toward == Toward::Away { graph.tail(arc) } else { graph.head(arc) };
        }
        if toward == Toward::Away {
            arcs.reverse();
        }
        arcs
    }
}
