//! What every node costs, without a queue: up from the seeds, then down over all nodes in order of rank.
//!
//! A sweep (PHAST, Delling et al. 2013, doi 10.1016/j.jpdc.2012.02.007) touches each edge of the hierarchy once, from the top
//! down, small trees side by side; below what is too far nothing is looked at. The field of the nearest stops is a sweep in
//! which a node has several labels. Invariant: figures and order are those of the plain search.

use super::climb::Climb;
use super::pair::{NONE, Pair, cost, pair, plus};
use super::tree::{Hierarchy, Rank};
use super::weights::Customized;
use crate::network::ends::ways_in;
use crate::network::{Cost, Costs, Field, Found, NodeId, Stops, Toward};
use rayon::prelude::*;

/// What every node costs, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach(Vec<Option<Cost>>);

impl Reach {
    /// Returns what a node costs; `None` where it is not reached.
    pub fn at(&self, node: NodeId) -> Option<Cost> {
        self.0[node.0 as usize]
    }
}

impl Customized {
    /// Returns what the best way from the seeds to every node costs, or from every node to the seeds, as far as it is within
    /// `most` (of the metric).
    pub fn reach(&self, climb: &mut Climb, toward: Toward, seeds: &[(NodeId, Cost)], most: u32) -> Reach {
        let hierarchy = &*self.hierarchy;
        let mut costs = vec![NONE; hierarchy.node_count()];
        let mut holds_seed = vec![false; hierarchy.node_count()];
        climb.rise(self, toward, seeds.iter().copied());
        climb.line().for_each(|rank| {
            costs[rank as usize] = climb.at(rank);
            holds_seed[rank as usize] = true;
        });
        climb.clear();
        let (_, falling) = self.both(toward);
        let (below, top) = costs.split_at_mut(hierarchy.top() as usize);
        for rank in (hierarchy.top()..hierarchy.node_count() as u32).rev() {
            let (cost, _) = least(hierarchy, falling, rank, |above| top[(above - hierarchy.top()) as usize]);
            let mine = &mut top[(rank - hierarchy.top()) as usize];
            *mine = cost.min(*mine);
        }
        split(hierarchy, below, 1).into_par_iter().for_each(|(start, end, costs)| {
            let mut at = end;
            while at > start {
                at -= 1;
                let known = |above: Rank| match above.checked_sub(hierarchy.top()) {
                    Some(place) => top[place as usize],
                    None => costs[(above - start) as usize],
                };
                let (cost, nearest) = least(hierarchy, falling, at, known);
                if nearest >> 32 > u64::from(most) && !holds_seed[at as usize] {
                    // Whoever comes to this tree comes from further than that.
                    at -= hierarchy.size[at as usize] - 1;
                    continue;
                }
                let mine = &mut costs[(at - start) as usize];
                *mine = cost.min(*mine);
            }
        });
        let told = |rank: &Rank| cost(costs[*rank as usize], self.metric).filter(|cost| cost.by(self.metric) <= most);
        Reach(hierarchy.rank.iter().map(told).collect())
    }

    /// Returns the field of the `k` nearest stops of every node, the same as [`Field::new`] does. `costs` must be those that
    /// the hierarchy was customized to.
    pub fn field(&self, costs: &Costs<'_>, stops: &Stops, k: usize) -> Field {
        let hierarchy = &*self.hierarchy;
        let mut field = Field::unknown(hierarchy.node_count(), k);
        if k == 0 {
            return field;
        }
        let mut labels = vec![Label::default(); hierarchy.node_count() * k];
        for stop in 0..stops.len() as u32 {
            let doors = stops.place(stop).into_iter().flat_map(|place| ways_in(costs, place));
            for door in doors {
                let first = hierarchy.rank[door.node.0 as usize] as usize * k;
                offer(&mut labels[first..first + k], Label { cost: pair(door.cost, self.metric), stop });
            }
        }
        for rank in 0..hierarchy.node_count() {
            let (below, above) = labels.split_at_mut((rank + 1) * k);
            for label in below[rank * k..].iter().take_while(|label| label.cost < NONE) {
                for edge in hierarchy.edges_up(rank as u32) {
                    let first = (hierarchy.up[edge] as usize - rank - 1) * k;
                    offer(&mut above[first..first + k], Label { cost: plus(label.cost, self.down[edge]), ..*label });
                }
            }
        }
        let top = hierarchy.top();
        let (below, joining) = labels.split_at_mut(top as usize * k);
        for rank in (top..hierarchy.node_count() as u32).rev() {
            let (mine, above) = joining[(rank - top) as usize * k..].split_at_mut(k);
            self.gather(rank, mine, |other| &above[(other - rank - 1) as usize * k..][..k]);
        }
        split(hierarchy, below, k).into_par_iter().for_each(|(start, end, labels)| {
            for rank in (start..end).rev() {
                let (mine, above) = labels[(rank - start) as usize * k..].split_at_mut(k);
                self.gather(rank, mine, |other| match other.checked_sub(top) {
                    Some(place) => &joining[place as usize * k..][..k],
                    None => &above[(other - rank - 1) as usize * k..][..k],
                });
            }
        });
        for (node, labels) in (0u32..).zip(hierarchy.rank.iter().map(|rank| &labels[*rank as usize * k..][..k])) {
            let found = |label: &Label| Some(Found { stop: label.stop, cost: cost(label.cost, self.metric)? });
            labels.iter().map_while(found).for_each(|found| field.push(NodeId(node), found));
        }
        field
    }

    /// Adds to the stops of a rank those that its upper neighbours know.
    fn gather<'a>(&self, rank: Rank, mine: &mut [Label], known: impl Fn(Rank) -> &'a [Label]) {
        for edge in self.hierarchy.edges_up(rank).filter(|edge| self.up[*edge] < NONE) {
            for label in known(self.hierarchy.up[edge]).iter().take_while(|label| label.cost < NONE) {
                if !offer(mine, Label { cost: plus(label.cost, self.up[edge]), ..*label }) {
                    break;
                }
            }
        }
    }
}

/// A stop and what the way to it costs.
#[derive(Debug, Clone, Copy)]
struct Label {
    cost: Pair,
    stop: u32,
}

impl Default for Label {
    fn default() -> Self {
        Self { cost: NONE, stop: u32::MAX }
    }
}

impl Label {
    /// By the metric, then by number, as the plain search tells stops.
    fn key(&self) -> (u64, u32) {
        (self.cost >> 32, self.stop)
    }
}

/// Keeps a stop if it is among the best, each once at its least cost; returns whether a later one could be.
fn offer(labels: &mut [Label], label: Label) -> bool {
    let last = labels.len() - 1;
    if label.cost >= NONE || label.key() > labels[last].key() {
        return false;
    }
    // The place it leaves: its own from before, or the last.
    let from = labels.iter().position(|known| known.stop == label.stop).unwrap_or(last);
    if labels[from].stop == label.stop && labels[from].cost <= label.cost {
        return true;
    }
    let to = labels[..from].partition_point(|known| known.key() < label.key());
    labels[to..=from].rotate_right(1);
    labels[to] = label;
    true
}

/// Returns the least cost of a rank over its upper neighbours, and that of the nearest of them.
fn least(hierarchy: &Hierarchy, falling: &[Pair], rank: Rank, known: impl Fn(Rank) -> Pair) -> (Pair, Pair) {
    let edges = hierarchy.edges_up(rank);
    let each = hierarchy.up[edges.clone()].iter().zip(&falling[edges]);
    each.fold((NONE, NONE), |(cost, nearest), (above, fall)| {
        let from = known(*above);
        (cost.min(plus(from, *fall)), nearest.min(from))
    })
}

/// Returns the rows of each small tree, `width` for a rank, with its first rank and the one behind its last.
fn split<'a, T>(hierarchy: &Hierarchy, mut rows: &'a mut [T], width: usize) -> Vec<(Rank, Rank, &'a mut [T])> {
    let mut parts = Vec::with_capacity(hierarchy.trees.len());
    for tree in &hierarchy.trees {
        let (part, rest) = rows.split_at_mut(tree.len() * width);
        parts.push((tree.start, tree.end, part));
        rows = rest;
    }
    parts
}
