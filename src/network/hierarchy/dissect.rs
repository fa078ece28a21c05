//! The order in which nodes are put aside: nested dissection, which needs to know of no cost.
//!
//! A part of the roads is cut where it is narrowest (inertial flow, Schild and Sommer 2015, doi 10.1007/978-3-319-20086-6_22):
//! its nodes are lined up in four directions, the least cut between the first and the last quarter is found in each, and the
//! best of them by its width beside the smaller side is taken. The nodes along the cut come last, the two sides before them,
//! each in the same manner. Dead ends come first of all. Invariant: the same graph gives the same order.

use super::flow::{Flow, Part, Side};
use crate::network::{Graph, NodeId};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Parts of no more nodes than this are put in order by how few neighbours a node has.
const SMALL: usize = 48;

/// Directions in which nodes are lined up, east and north.
const DIRECTIONS: [[f32; 2]; 4] = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]];

/// Returns the nodes of a graph in the order in which they are put aside.
pub(super) fn order(graph: &Graph) -> Vec<u32> {
    let whole = whole(graph);
    let (mut order, gone) = dead_ends(&whole);
    order.extend(dissected(&whole.only(|node| !gone[node as usize])));
    order
}

/// Returns the undirected graph of all nodes.
fn whole(graph: &Graph) -> Part {
    let nodes = graph.node_count() as u32;
    let middle = if nodes > 0 { graph.position(NodeId(nodes / 2)).lat() } else { 0.0 };
    let narrow = middle.to_radians().cos();
    let at = |node: u32| {
        let position = graph.position(NodeId(node));
        [(position.lon() * narrow * 1e5) as f32, (position.lat() * 1e5) as f32]
    };
    let mut part = Part { nodes: (0..nodes).collect(), at: (0..nodes).map(at).collect(), first: vec![0], next: vec![] };
    let mut around: Vec<u32> = Vec::new();
    for node in 0..nodes {
        let out = graph.arcs_from(NodeId(node)).map(|arc| graph.head(arc).0);
        let into = graph.arcs_into(NodeId(node)).map(|arc| graph.tail(arc).0);
        around.clear();
        around.extend(out.chain(into).filter(|other| *other != node));
        around.sort_unstable();
        around.dedup();
        part.next.extend(&around);
        part.first.push(part.next.len() as u32);
    }
    part
}

/// Returns the nodes that hang on one neighbour only, again and again, and which those are.
fn dead_ends(part: &Part) -> (Vec<u32>, Vec<bool>) {
    let mut degree: Vec<usize> = (0..part.len() as u32).map(|node| part.around(node).len()).collect();
    let mut gone = vec![false; part.len()];
    let mut order = Vec::new();
    for start in 0..part.len() as u32 {
        let mut at = start;
        while !gone[at as usize] && degree[at as usize] <= 1 {
            gone[at as usize] = true;
            order.push(at);
            let Some(on) = part.around(at).iter().copied().find(|n| !gone[*n as usize]) else { break };
            degree[on as usize] -= 1;
            at = on;
        }
    }
    (order, gone)
}

fn dissected(part: &Part) -> Vec<u32> {
    if part.len() <= SMALL {
        return by_degree(part);
    }
    let (side, along) = parted(part);
    let one = part.only(|node| side[node as usize] && !along.contains(&node));
    let other = part.only(|node| !side[node as usize] && !along.contains(&node));
    let (mut order, then) = rayon::join(|| dissected(&one), || dissected(&other));
    order.extend(then);
    order.extend(along.iter().map(|node| part.nodes[*node as usize]));
    order
}

/// A cut: its width beside its smaller side, one side, and the nodes along it.
type Cut = (u64, Side, BTreeSet<u32>);

/// Returns one side of the best cut, and the nodes along it.
fn parted(part: &Part) -> (Side, BTreeSet<u32>) {
    let cuts = DIRECTIONS.into_par_iter().map(|direction| cut(part, direction)).collect::<Vec<Option<Cut>>>();
    // Of equals the first, whichever was found first.
    let best = cuts.into_iter().flatten().min_by_key(|(width, ..)| *width);
    best.map(|(_, side, along)| (side, along)).unwrap_or_default()
}

/// Returns the better of the least cuts between the first and the last quarter of the nodes lined up in a direction.
fn cut(part: &Part, [east, north]: [f32; 2]) -> Option<Cut> {
    let mut line: Vec<u32> = (0..part.len() as u32).collect();
    let key = |node: &u32| part.at[*node as usize][0] * east + part.at[*node as usize][1] * north;
    line.sort_unstable_by(|a, b| key(a).total_cmp(&key(b)).then(a.cmp(b)));
    let cuts = Flow::new(part).narrowest(&line, part.len() / 4).into_iter().map(|side| {
        let along = along(part, &side);
        let first = side.iter().filter(|of| **of).count();
        let smaller = first.min(part.len() - first).max(1) as u64;
        // A whole number, so that it compares alike everywhere.
        (((along.len() as u64 + 1) << 32) / smaller, side, along)
    });
    cuts.min_by_key(|(width, ..)| *width)
}

/// Returns the nodes along a cut on the side that has fewer of them.
fn along(part: &Part, side: &Side) -> BTreeSet<u32> {
    let touches = |node: &u32| part.around(*node).iter().any(|n| side[*n as usize] != side[*node as usize]);
    let (inner, outer): (BTreeSet<u32>, BTreeSet<u32>) =
        (0..part.len() as u32).filter(touches).partition(|node| side[*node as usize]);
    if inner.len() <= outer.len() { inner } else { outer }
}

/// Returns a small part in order of how few neighbours each node has when its turn comes, where who goes joins its neighbours.
fn by_degree(part: &Part) -> Vec<u32> {
    let bits = |node: u32| part.around(node).iter().fold(0u64, |bits, n| bits | 1 << n);
    let mut around: Vec<u64> = (0..part.len() as u32).map(bits).collect();
    let mut left: Vec<usize> = (0..part.len()).collect();
    let mut order = Vec::with_capacity(part.len());
    while let Some(place) = (0..left.len()).min_by_key(|i| (around[left[*i]].count_ones(), left[*i])) {
        let node = left.remove(place);
        order.push(part.nodes[node]);
        let of = around[node];
        for other in left.iter().copied().filter(|other| of & (1 << other) != 0) {
            around[other] = (around[other] | of) & !(1 << node) & !(1 << other);
        }
    }
    order
}
