//! From one place to another by the hierarchy: the very trip that the plain search finds, to the last leg.
//!
//! The cost of any node from the seeds is found when it is asked for; the way is then walked back over the graph's own arcs
//! with the rule by which the plain search chooses among equals, so that nothing shows which of the two has answered.

use super::pair::{NONE, Pair, cost, pair, plus};
use super::tree::Rank;
use super::weights::Customized;
use crate::network::route::{Ends, Trip};
use crate::network::{ArcId, Cost, Costs, NodeId, Snap};

/// What reaching a rank costs, and from which seed; of equals the lower seed.
type Label = (Pair, u8);

const NOWHERE: Label = (NONE, u8::MAX);

/// Exact costs of nodes from seeds, found as they are asked for.
#[derive(Debug, Default)]
pub struct Walk {
    round: u32,
    /// In which round a rank was climbed to, and in which its exact label was found.
    climbed: Vec<u32>,
    known: Vec<u32>,
    label: Vec<Label>,
}

impl Walk {
    fn begin(&mut self, nodes: usize) {
        if self.label.len() != nodes || self.round == u32::MAX {
            *self = Self { round: 0, climbed: vec![0; nodes], known: vec![0; nodes], label: vec![NOWHERE; nodes] };
        }
        self.round += 1;
    }

    /// Makes room for a rank in this round.
    fn open(&mut self, rank: Rank) -> &mut Label {
        let label = &mut self.label[rank as usize];
        if std::mem::replace(&mut self.climbed[rank as usize], self.round) != self.round {
            *label = NOWHERE;
        }
        label
    }

    fn rise(&mut self, of: &Customized, seeds: &[(NodeId, Cost)]) {
        let hierarchy = &*of.hierarchy;
        self.begin(hierarchy.node_count());
        // One seed after the other: what a later one lowers, it lowers again above.
        for (number, (node, cost)) in (0u8..).zip(seeds) {
            let start = hierarchy.rank[node.0 as usize];
            let label = self.open(start);
            *label = (*label).min((pair(*cost, of.metric), number));
            for rank in hierarchy.line(start) {
                let (cost, seed) = *self.open(rank);
                if cost == NONE {
                    continue;
                }
                for edge in hierarchy.edges_up(rank) {
                    let label = self.open(hierarchy.up[edge]);
                    let sum = plus(cost, of.up[edge]);
                    if sum < NONE {
                        *label = (*label).min((sum, seed));
                    }
                }
            }
        }
    }

    /// Returns the exact label of a rank.
    fn exact(&mut self, of: &Customized, rank: Rank) -> Label {
        let hierarchy = &*of.hierarchy;
        let unknown: Vec<Rank> =
            hierarchy.line(rank).take_while(|rank| self.known[*rank as usize] != self.round).collect();
        for rank in unknown.into_iter().rev() {
            let mut label = *self.open(rank);
            for edge in hierarchy.edges_up(rank) {
                let (cost, seed) = self.label[hierarchy.up[edge] as usize];
                let sum = plus(cost, of.down[edge]);
                if sum < NONE {
                    label = label.min((sum, seed));
                }
            }
            self.label[rank as usize] = label;
            self.known[rank as usize] = self.round;
        }
        self.label[rank as usize]
    }

    /// Returns the arcs of the best way from its seed to a node, in order, and the seed.
    fn back(
        &mut self,
        of: &Customized,
        costs: &Costs<'_>,
        seeds: &[(NodeId, Cost)],
        node: NodeId,
    ) -> (u32, Vec<ArcId>) {
        let rank = |node: NodeId| of.hierarchy.rank[node.0 as usize];
        let mut arcs = Vec::new();
        let mut at = node;
        let (mut cost, seed) = self.exact(of, rank(at));
        while cost < NONE {
            let (start, first) = seeds[usize::from(seed)];
            if at == start && pair(first, of.metric) == cost {
                break;
            }
            let fits = |arc: &ArcId| {
                let Some(more) = costs.of(*arc) else { return false };
                let (before, from) = self.exact(of, rank(costs.graph.tail(*arc)));
                from == seed && plus(before, pair(more, of.metric)) == cost
            };
            // Never empty-handed: a node that is no seed has its cost from an arc.
            let Some(arc) = costs.graph.arcs_into(at).filter(fits).min() else { break };
            arcs.push(arc);
            at = costs.graph.tail(arc);
            cost = self.label[rank(at) as usize].0;
        }
        arcs.reverse();
        (u32::from(seed), arcs)
    }
}

impl Customized {
    /// Returns the best way, the same as [`crate::network::route`] does; `None` when there is none within `most` (of the
    /// metric). `costs` must be those that the hierarchy was customized to.
    pub fn route(&self, walk: &mut Walk, costs: &Costs<'_>, (from, to): (&Snap, &Snap), most: u32) -> Option<Trip> {
        let ends = Ends::new(costs, from, to);
        walk.rise(self, &ends.seeds());
        let reached = |node: NodeId| cost(walk.exact(self, self.hierarchy.rank[node.0 as usize]).0, self.metric);
        let choice = ends.best(costs, reached).filter(|choice| choice.cost.by(costs.metric) <= most)?;
        Some(ends.trip(costs, choice, |node| walk.back(self, costs, &ends.seeds(), node)))
    }
}
