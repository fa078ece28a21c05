//! Upwards from seeds along the tree of the hierarchy, and down again to exact costs: the third of its three steps.
//!
//! Every best way rises to a highest node and then falls; so what matters of a seed is what its ancestors cost
//! (elimination-tree query, Dibbelt, Strasser, Wagner 2016), and the exact cost of any node follows from its ancestors' (lazy
//! RPHAST, Strasser and Zeitz 2021, doi 10.4230/LIPIcs.SEA.2021.6). Invariants: costs of ancestors along a climb are never
//! below the exact ones, and exact where the best way ceases to rise; work arrays are kept between climbs and cleared by
//! walking them again.

use super::pair::{NONE, Pair, pair, plus};
use super::tree::Rank;
use super::weights::Customized;
use crate::network::{Cost, NodeId, Toward};
use std::collections::BTreeSet;

/// A rank that was come to from the seeds, and at what cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Summit {
    pub(super) rank: Rank,
    pub(super) cost: Pair,
}

/// What a climb needs to remember, to be used again and again.
#[derive(Debug, Default)]
pub struct Climb {
    cost: Vec<Pair>,
    line: Vec<Rank>,
}

impl Customized {
    /// Returns what edges cost in the direction of a search when it rises, and when it falls.
    pub(super) fn both(&self, toward: Toward) -> (&[Pair], &[Pair]) {
        match toward {
            Toward::Away => (&self.up, &self.down),
            Toward::Seeds => (&self.down, &self.up),
        }
    }
}

impl Climb {
    /// Climbs from seeds, so that [`Self::at`] tells what their ancestors cost. To be followed by [`Self::clear`].
    pub(super) fn rise(&mut self, of: &Customized, toward: Toward, seeds: impl Iterator<Item = (NodeId, Cost)>) {
        let hierarchy = &*of.hierarchy;
        self.cost.resize(hierarchy.node_count(), NONE);
        self.line.clear();
        for (node, cost) in seeds {
            let rank = hierarchy.rank[node.0 as usize];
            let least = &mut self.cost[rank as usize];
            *least = (*least).min(pair(cost, of.metric));
            self.line.push(rank);
        }
        self.close(of);
        let (rising, _) = of.both(toward);
        for place in 0..self.line.len() {
            let rank = self.line[place];
            let cost = self.cost[rank as usize];
            if cost == NONE {
                continue;
            }
            for edge in hierarchy.edges_up(rank) {
                let above = &mut self.cost[hierarchy.up[edge] as usize];
                *above = (*above).min(plus(cost, rising[edge]));
            }
        }
    }

    /// Makes of the ranks in line themselves and all their ancestors, each once, in order.
    fn close(&mut self, of: &Customized) {
        let starts = std::mem::take(&mut self.line);
        let mut ahead: BTreeSet<Rank> = starts.into_iter().collect();
        while let Some(rank) = ahead.pop_first() {
            self.line.push(rank);
            if ahead.is_empty() {
                self.line.extend(of.hierarchy.line(rank).skip(1));
                break;
            }
            ahead.extend(of.hierarchy.parent(rank));
        }
    }

    /// Returns what a rank costs along the climb.
    pub(super) fn at(&self, rank: Rank) -> Pair {
        self.cost[rank as usize]
    }

    /// Yields the ranks of the climb in order.
    pub(super) fn line(&self) -> impl Iterator<Item = Rank> + '_ {
        self.line.iter().copied()
    }

    /// Forgets the climb.
    pub(super) fn clear(&mut self) {
        self.line.drain(..).for_each(|rank| self.cost[rank as usize] = NONE);
    }

    /// Returns the ancestors of seeds that the climb comes to at their exact cost: of those one is the highest node of
    /// every best way. In order of their ranks.
    pub(super) fn summits(
        &mut self,
        of: &Customized,
        toward: Toward,
        seeds: impl Iterator<Item = (NodeId, Cost)>,
    ) -> Vec<Summit> {
        self.rise(of, toward, seeds);
        let (_, falling) = of.both(toward);
        let mut summits = Vec::new();
        for rank in self.line.iter().rev().copied() {
            let climbed = self.cost[rank as usize];
            let edges = of.hierarchy.edges_up(rank);
            let above = &of.hierarchy.up[edges.clone()];
            let over = above.iter().zip(&falling[edges]).map(|(above, fall)| plus(self.cost[*above as usize], *fall));
            let over = over.min().unwrap_or(NONE);
            if over < climbed {
                self.cost[rank as usize] = over;
            } else if climbed < NONE {
                summits.push(Summit { rank, cost: climbed });
            }
        }
        self.clear();
        summits.reverse();
        summits
    }
}
