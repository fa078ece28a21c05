//! Streets for destinations only: who comes from elsewhere may end there and not drive through.
//!
//! As with turn restrictions ([`super::turns`]), copies of nodes know what came before, so a search knows nodes and arcs only.
//! Invariant: a way is forbidden to a profile exactly when it goes from another road onto streets where that profile may only
//! end, and from them onto another road. Who sets out on them leaves them freely. What hangs together with the rest by such
//! streets alone, in either direction, is taken for one of them: it can be come to and left like they can.

use super::build::Piece;
use super::cost::{Centimetres, Metric};
use super::graph::{EdgeId, EdgeRow, Graph, NodeId, Way};
use super::islands::root;
use super::overlay::{Overlay, Span};
use super::parts::main_part;
use super::search::Costs;
use crate::domain::{Profile, ProfileSet};
use std::collections::{HashMap, HashSet};

/// Whom such streets bind, and the flag of those that do: emergency vehicles are not bound, nor is who walks.
const BOUND: [(Profile, u8); 2] = [(Profile::Car, Way::CARS_END), (Profile::Truck, Way::TRUCKS_END)];

/// Something for each of [`BOUND`].
pub(super) type Each<T> = [T; 2];

/// How who stands at a node came there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Zone {
    /// Anyhow, where it does not matter; or on such streets all the way from where he set out. True nodes are of this kind.
    Free,
    /// On another road, to a node where such a street begins.
    AtGate,
    /// On such streets, from another road.
    Within,
}

/// What true nodes are.
pub(super) const FREE: Each<Zone> = [Zone::Free; 2];

/// Returns whether a way says that a profile may only end on it.
pub(super) fn binds(way: &Way, profile: Profile) -> bool {
    BOUND.iter().any(|(bound, flag)| *bound == profile && way.is(*flag))
}

/// Returns whether there is any such street.
pub(super) fn any(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| BOUND.iter().any(|(_, flag)| piece.way.is(*flag)))
}

/// Returns of whom each piece is a street where he may only end. `graph` has an edge for each piece, in order, and knows
/// nothing of such streets.
pub(super) fn zones(pieces: &[Piece], graph: &Graph) -> Vec<Each<bool>> {
    let of = BOUND.map(|(profile, flag)| zone(pieces, graph, (profile, flag)));
    (0..pieces.len()).map(|piece| [of[0][piece], of[1][piece]]).collect()
}

/// Returns which pieces say that a profile may only end there, and which do not hang together with the main part of the roads,
/// both ways, but through those.
fn zone(pieces: &[Piece], graph: &Graph, (profile, flag): (Profile, u8)) -> Vec<bool> {
    let says: Vec<bool> = pieces.iter().map(|piece| piece.way.is(flag)).collect();
    let whole = |edge: EdgeId| (edge, Span::between(Centimetres(0), graph.length(edge)), ProfileSet::one(profile));
    let said = graph.edge_ids().filter(|edge| says[edge.0 as usize]);
    let overlay = Overlay::new(graph, said.map(whole));
    // Reachability is the same by either metric.
    let costs = Costs { graph, overlay: &overlay, profile, metric: Metric::Length };
    let (main, _) = main_part(&costs);
    let held = |node: NodeId| main[node.0 as usize];
    let in_main = |edge: EdgeId| {
        let mut arcs = graph.arcs_along(edge).filter(|arc| costs.of(*arc).is_some());
        arcs.any(|arc| held(graph.tail(arc)) && held(graph.head(arc)))
    };
    let apart = |edge: EdgeId| graph.way(edge).goers().has(profile) && !in_main(edge);
    let zone: Vec<bool> = graph.edge_ids().map(|edge| says[edge.0 as usize] || apart(edge)).collect();
    near_any(graph, &zone, &says)
}

/// Returns which of some edges hang together, by nodes at which two of them meet, with one of others among them: a stub that
/// nobody drives through anyway needs no gate.
fn near_any(graph: &Graph, some: &[bool], others: &[bool]) -> Vec<bool> {
    let mut parent: HashMap<u32, u32> = HashMap::new();
    let rows = || graph.edges.iter().zip(some).filter(|(_, some)| **some).map(|(row, _)| row);
    for row in rows() {
        let (a, b) = (root(&mut parent, row.tail), root(&mut parent, row.head));
        parent.insert(a.max(b), a.min(b));
    }
    let with = graph.edges.iter().zip(others).filter(|(_, other)| **other);
    let with: HashSet<u32> = with.map(|(row, _)| root(&mut parent, row.tail)).collect();
    let near = |(row, some): (&EdgeRow, &bool)| *some && with.contains(&root(&mut parent, row.tail));
    graph.edges.iter().zip(some).map(near).collect()
}

/// Returns who may not go on from where he stands along an edge, and how who did stands at its end: of whom the edge is such a
/// street, and at whose gate it ends.
pub(super) fn on(from: Each<Zone>, zone: Each<bool>, gate: Each<bool>) -> (ProfileSet, Each<Zone>) {
    let mut through = ProfileSet::NONE;
    let mut next = FREE;
    for (i, (profile, _)) in BOUND.into_iter().enumerate() {
        next[i] = match (from[i], zone[i]) {
            (Zone::Free, true) => Zone::Free,
            (Zone::AtGate | Zone::Within, true) => Zone::Within,
            (before, false) => {
                if before == Zone::Within {
                    through = through.with(profile);
                }
                if gate[i] { Zone::AtGate } else { Zone::Free }
            }
        };
    }
    (through, next)
}

/// Returns at which true nodes such streets and others meet.
pub(super) fn gates(zones: &[Each<bool>], rows: &[EdgeRow], true_nodes: u32) -> Vec<Each<bool>> {
    let mut met = vec![[[false; 2]; 2]; true_nodes as usize];
    for (zone, row) in zones.iter().zip(rows) {
        for node in [row.tail, row.head] {
            for (met, zone) in met[node as usize].iter_mut().zip(zone) {
                met[usize::from(*zone)] = true;
            }
        }
    }
    met.into_iter().map(|each| each.map(|[other, zone]| other && zone)).collect()
}
