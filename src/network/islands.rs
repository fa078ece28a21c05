//! Dead islands: roads that hang together with nothing large are left out of the graph and told.
//!
//! Most are slips of the map, a path that nobody joined to the street beside it; some are islets. So whoever is near one is
//! brought to the road beyond it, but not far beyond: the lines stay in the file for [`super::snap`] to know of.

use super::build::{Built, Piece};
use super::graph::IslandRow;
use super::source::{Point, Source};
use crate::domain::ProfileSet;
use crate::spatial::geodesic::distance_m;
use std::collections::{BTreeMap, HashMap};

/// Islands with fewer edges than this are left out, unless there is nothing larger.
pub const ISLAND_EDGES: usize = 30;

/// How many islands are told one by one.
const ISLANDS_TOLD: usize = 10;

/// Roads that hang together with nothing large, and were left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Island {
    /// Edges.
    pub edges: usize,
    /// Metres.
    pub length_m: f64,
    /// A place on it.
    pub at: Point,
}

/// Leaves out what hangs together with nothing large; its lines are returned beside what is left.
pub(super) fn without_islands(pieces: Vec<Piece>, source: &Source, built: &mut Built) -> (Vec<Piece>, Vec<IslandRow>) {
    let mut parent: HashMap<u32, u32> = HashMap::new();
    for piece in &pieces {
        let (a, b) = (root(&mut parent, piece.tail()), root(&mut parent, piece.head()));
        parent.insert(a.max(b), a.min(b));
    }
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    for piece in &pieces {
        *sizes.entry(root(&mut parent, piece.tail())).or_default() += 1;
    }
    let largest = sizes.values().copied().max().unwrap_or(0);
    let kept = |size: usize| size >= ISLAND_EDGES.min(largest);
    built.islands = sizes.values().filter(|size| !kept(**size)).count();
    let (kept, dropped): (Vec<Piece>, Vec<Piece>) =
        pieces.into_iter().partition(|piece| kept(sizes[&root(&mut parent, piece.tail())]));
    built.island_edges = dropped.len();
    let mut islands: BTreeMap<u32, Island> = BTreeMap::new();
    for piece in &dropped {
        let at = source.nodes[piece.tail() as usize].at;
        let island = islands.entry(root(&mut parent, piece.tail())).or_insert(Island { edges: 0, length_m: 0.0, at });
        island.edges += 1;
        island.length_m += length_m(source, piece);
    }
    // From zero on: the sum of no numbers is −0.
    built.island_length_m = islands.values().fold(0.0, |sum, island| sum + island.length_m);
    let mut largest: Vec<Island> = islands.into_values().collect();
    largest.sort_by(|a, b| b.length_m.total_cmp(&a.length_m));
    largest.truncate(ISLANDS_TOLD);
    built.largest_islands = largest;
    let lines = dropped.iter().flat_map(|piece| lines_of(piece, source)).collect();
    (kept, lines)
}

pub(super) fn root(parent: &mut HashMap<u32, u32>, node: u32) -> u32 {
    let mut at = node;
    while let Some(up) = parent.get(&at).copied().filter(|up| *up != at) {
        at = up;
    }
    let top = at;
    let mut at = node;
    while at != top {
        at = parent.insert(at, top).unwrap_or(top);
    }
    parent.insert(top, top);
    top
}

/// Returns the geodesic length of a piece, metres.
pub(super) fn length_m(source: &Source, piece: &Piece) -> f64 {
    let at = |node: u32| source.nodes[node as usize].at.position();
    piece.nodes.windows(2).map(|pair| distance_m(at(pair[0]), at(pair[1]))).sum()
}

/// Returns the straight parts of a piece, if anybody may use it on foot or wheels.
fn lines_of(piece: &Piece, source: &Source) -> Vec<IslandRow> {
    let ProfileSet(users) = piece.way.users();
    let at = |node: &u32| source.nodes[*node as usize].at;
    let line = |pair: &[u32]| IslandRow { ends: [at(&pair[0]), at(&pair[1])], users: users.into() };
    if users == 0 { Vec::new() } else { piece.nodes.windows(2).map(line).collect() }
}
