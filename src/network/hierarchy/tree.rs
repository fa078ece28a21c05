//! The hierarchy without costs: the order of the nodes and the edges that putting them aside in that order brings in.
//!
//! When a node is put aside, those of its neighbours that are left are joined with one another; every edge there ever was,
//! with its lower end named first, makes the hierarchy (Dibbelt, Strasser, Wagner 2016, doi 10.1145/2886843). The lowest
//! upper neighbour of a node is its parent, and all its upper neighbours are ancestors. Invariants, all checked in a file:
//! the neighbours above a node other than its parent are above its parent too; every arc of the graph has its edge; the
//! lower numbers make up whole small trees, one behind the other, and what joins them comes last, so that work splits.

use super::dissect;
use crate::network::column::Column;
use crate::network::file::{FileError, NetworkFile, Sections, Tag, damaged, shown};
use crate::network::{Graph, NodeId};
use std::ops::Range;

const ORDER: Tag = *b"hi.order";
const FIRST_UP: Tag = *b"hi.first";
const UP: Tag = *b"hi.up   ";

/// A node by its place in the order.
pub(super) type Rank = u32;

/// The order of the nodes of a graph and the edges that it brings in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hierarchy {
    /// Node of each rank.
    pub(super) node: Column<u32>,
    /// First edge of each rank, and the number of edges at the end.
    pub(super) first_up: Column<u32>,
    /// Upper end of each edge; those of a rank in order.
    pub(super) up: Column<u32>,
    /// Rank of each node.
    pub(super) rank: Vec<Rank>,
    /// Lower end of each edge.
    pub(super) low: Vec<Rank>,
    /// First place in `down` of each rank, and the number of edges at the end.
    pub(super) first_down: Vec<u32>,
    /// Edges by their upper ends, then in order.
    pub(super) down: Vec<u32>,
    /// How many nodes hang on each rank, itself included; in a small tree they are the ones just below it.
    pub(super) size: Vec<u32>,
    /// The small trees, one behind the other; what is left joins them.
    pub(super) trees: Vec<Range<Rank>>,
}

impl Hierarchy {
    /// Makes the hierarchy of a graph. It takes about half a minute for a million nodes and needs to be done once for a graph.
    pub fn build(graph: &Graph) -> Self {
        let order = dissect::order(graph);
        let (order, edges) = rise(graph, &order);
        let mut first_up = vec![0u32];
        let mut up = Vec::new();
        for above in edges {
            up.extend(above);
            first_up.push(up.len() as u32);
        }
        Self { node: order.into(), first_up: first_up.into(), up: up.into(), ..Self::default() }.derived()
    }

    /// Puts the hierarchy into sections of the file of its graph.
    pub fn write(&self, out: &mut Sections) {
        out.put_column(ORDER, &self.node);
        out.put_column(FIRST_UP, &self.first_up);
        out.put_column(UP, &self.up);
    }

    /// Returns the hierarchy of a file beside its graph; `None` when the file has none.
    pub fn read(file: &NetworkFile, graph: &Graph) -> Result<Option<Self>, FileError> {
        if !file.has(ORDER) {
            return Ok(None);
        }
        let bare = Self {
            node: file.column(ORDER)?,
            first_up: file.column(FIRST_UP)?,
            up: file.column(UP)?,
            ..Self::default()
        };
        bare.check(graph)?;
        let whole = bare.derived();
        let edge_of_each = graph_arcs(graph).all(|(tail, head)| {
            let (tail, head) = (whole.rank[tail as usize], whole.rank[head as usize]);
            tail == head || whole.edge(tail.min(head), tail.max(head)).is_some()
        });
        if edge_of_each { Ok(Some(whole)) } else { Err(damaged(&shown(UP), "an arc is missing")) }
    }

    /// Returns the number of nodes.
    pub fn node_count(&self) -> usize {
        self.node.len()
    }

    /// Returns the number of edges, those of the graph included.
    pub fn edge_count(&self) -> usize {
        self.up.len()
    }

    /// Returns how many bytes it takes in memory, those in a mapped file included.
    pub fn memory_bytes(&self) -> usize {
        4 * (2 * self.up.len() + self.low.len() + 5 * self.node.len())
    }

    /// Returns the edges from a rank upwards.
    pub(super) fn edges_up(&self, rank: Rank) -> Range<usize> {
        self.first_up[rank as usize] as usize..self.first_up[rank as usize + 1] as usize
    }

    /// Returns the edges that lead up to a rank, in order of their lower ends.
    pub(super) fn edges_down(&self, rank: Rank) -> &[u32] {
        &self.down[self.first_down[rank as usize] as usize..self.first_down[rank as usize + 1] as usize]
    }

    /// Returns the edge between two ranks.
    pub(super) fn edge(&self, low: Rank, high: Rank) -> Option<usize> {
        let edges = self.edges_up(low);
        self.up[edges.clone()].binary_search(&high).ok().map(|place| edges.start + place)
    }

    /// Returns the parent of a rank.
    pub(super) fn parent(&self, rank: Rank) -> Option<Rank> {
        self.up[self.edges_up(rank)].first().copied()
    }

    /// Yields a rank and its ancestors.
    pub(super) fn line(&self, rank: Rank) -> impl Iterator<Item = Rank> + '_ {
        std::iter::successors(Some(rank), |at| self.parent(*at))
    }

    /// The first rank that joins small trees.
    pub(super) fn top(&self) -> Rank {
        self.trees.last().map_or(0, |tree| tree.end)
    }

    fn check(&self, graph: &Graph) -> Result<(), FileError> {
        let nodes = graph.node_count();
        let mut seen = vec![false; nodes];
        let once = |node: &u32| seen.get_mut(*node as usize).is_some_and(|seen| !std::mem::replace(seen, true));
        if self.node.len() != nodes || !self.node.iter().all(once) {
            return Err(damaged(&shown(ORDER), "no order of the nodes"));
        }
        let offsets = self.first_up.len() == nodes + 1
            && self.first_up.first() == Some(&0)
            && self.first_up.is_sorted()
            && self.first_up.last().is_some_and(|last| *last as usize == self.up.len());
        if !offsets {
            return Err(damaged(&shown(FIRST_UP), "a number is out of reach"));
        }
        let rises = |rank: u32| {
            let above = &self.up[self.edges_up(rank)];
            above.first().is_none_or(|first| *first > rank)
                && above.is_sorted_by(|a, b| a < b)
                && above.last().is_none_or(|last| (*last as usize) < nodes)
        };
        let ranks = 0..nodes as u32;
        if !ranks.clone().all(rises) || !ranks.clone().all(|rank| self.hands_on(rank)) {
            return Err(damaged(&shown(UP), "an edge is out of order"));
        }
        let (_, holds) = trees(&self.sizes(), |rank| self.parent(rank));
        if holds { Ok(()) } else { Err(damaged(&shown(ORDER), "the small trees do not come first")) }
    }

    /// What is above a rank beside its parent is above its parent.
    fn hands_on(&self, rank: Rank) -> bool {
        let above = &self.up[self.edges_up(rank)];
        let Some((parent, rest)) = above.split_first() else { return true };
        let mut of_parent = self.up[self.edges_up(*parent)].iter();
        rest.iter().all(|rank| of_parent.any(|other| other == rank))
    }

    /// Returns how many nodes hang on each rank, itself included.
    fn sizes(&self) -> Vec<u32> {
        let mut sizes = vec![1u32; self.node.len()];
        for rank in 0..self.node.len() as u32 {
            if let Some(parent) = self.parent(rank) {
                sizes[parent as usize] += sizes[rank as usize];
            }
        }
        sizes
    }

    /// Fills in what follows from order and edges.
    fn derived(mut self) -> Self {
        let nodes = self.node.len();
        self.rank = vec![0; nodes];
        (0u32..).zip(self.node.iter()).for_each(|(rank, node)| self.rank[*node as usize] = rank);
        self.low = (0..nodes as u32).flat_map(|rank| std::iter::repeat_n(rank, self.edges_up(rank).len())).collect();
        (self.first_down, self.down) = crate::network::build::grouped(nodes, self.up.iter().copied());
        self.size = self.sizes();
        (self.trees, _) = trees(&self.size, |rank| self.parent(rank));
        self
    }
}

/// Yields tail and head of every arc.
fn graph_arcs(graph: &Graph) -> impl Iterator<Item = (u32, u32)> + '_ {
    (0..graph.node_count() as u32)
        .flat_map(move |node| graph.arcs_from(NodeId(node)).map(move |arc| (node, graph.head(arc).0)))
}

/// Puts nodes aside in order; returns the order so that small trees come first, and the upper neighbours of each rank.
fn rise(graph: &Graph, order: &[u32]) -> (Vec<u32>, Vec<Vec<Rank>>) {
    let nodes = order.len();
    let mut rank = vec![0u32; nodes];
    (0u32..).zip(order).for_each(|(place, node)| rank[*node as usize] = place);
    let mut above: Vec<Vec<Rank>> = vec![Vec::new(); nodes];
    for (tail, head) in graph_arcs(graph).filter(|(tail, head)| tail != head) {
        let (a, b) = (rank[tail as usize], rank[head as usize]);
        above[a.min(b) as usize].push(a.max(b));
    }
    for low in 0..nodes {
        let mut mine = std::mem::take(&mut above[low]);
        mine.sort_unstable();
        mine.dedup();
        mine.shrink_to_fit();
        if let Some((parent, rest)) = mine.split_first() {
            above[*parent as usize].extend(rest);
        }
        above[low] = mine;
    }
    let moved = trees_first(&above);
    let mut place = vec![0u32; nodes];
    (0u32..).zip(&moved).for_each(|(new, old)| place[*old as usize] = new);
    let sorted = moved.iter().map(|old| order[*old as usize]).collect();
    let edges = moved.iter().map(|old| above[*old as usize].iter().map(|up| place[*up as usize]).collect()).collect();
    (sorted, edges)
}

/// Returns ranks in an order in which every tree is whole, the small ones come first, and children before their parents.
fn trees_first(above: &[Vec<Rank>]) -> Vec<Rank> {
    let parent = |rank: Rank| above[rank as usize].first().copied();
    let mut sizes = vec![1u32; above.len()];
    for rank in 0..above.len() as u32 {
        if let Some(parent) = parent(rank) {
            sizes[parent as usize] += sizes[rank as usize];
        }
    }
    // From the top down each tree is given its last place and its children theirs, the latest first.
    let small = small(above.len());
    let mut end = vec![0u32; above.len()];
    let mut order = vec![0u32; above.len()];
    let joining = sizes.iter().filter(|size| **size > small).count() as u32;
    let mut free = above.len() as u32 - joining;
    let mut last = above.len() as u32;
    for rank in (0..above.len() as u32).rev() {
        let size = sizes[rank as usize];
        let place = if size > small {
            last -= 1;
            last
        } else {
            // A small tree takes its room below that of its parent's, or from the front when it is a whole one.
            let room = match parent(rank).filter(|parent| sizes[*parent as usize] <= small) {
                Some(parent) => &mut end[parent as usize],
                None => &mut free,
            };
            *room -= size;
            let place = *room + size - 1;
            end[rank as usize] = place;
            place
        };
        order[place as usize] = rank;
    }
    order
}

/// Returns the greatest size of a small tree.
fn small(nodes: usize) -> u32 {
    (nodes / 24).max(256) as u32
}

/// Returns the ranges of the small trees, and whether they come first, each whole.
fn trees(sizes: &[u32], parent: impl Fn(Rank) -> Option<Rank>) -> (Vec<Range<Rank>>, bool) {
    let small = small(sizes.len());
    let is_small = |rank: Rank| sizes[rank as usize] <= small;
    let mut trees: Vec<Range<Rank>> = Vec::new();
    for rank in (0..sizes.len() as u32).filter(|rank| is_small(*rank)) {
        if parent(rank).is_none_or(|parent| !is_small(parent)) {
            trees.push(trees.last().map_or(0, |tree| tree.end)..rank + 1);
        }
    }
    let end = trees.last().map_or(0, |tree| tree.end);
    let belongs = |rank: Rank, root: Rank| is_small(rank) && parent(rank).is_some_and(|parent| parent <= root);
    let whole = |tree: &Range<Rank>| (tree.start..tree.end - 1).all(|rank| belongs(rank, tree.end - 1));
    let holds = trees.iter().all(whole) && (end..sizes.len() as u32).all(|rank| !is_small(rank));
    (trees, holds)
}
