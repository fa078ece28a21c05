//! Streets for destinations only: who comes from elsewhere may end there and not drive through.
//!
//! As with turn restrictions ([`super::turns`]), copies of nodes know what came before, so a search knows nodes and arcs only.
//! Invariant: a way is forbidden to a profile exactly when it goes from another road onto streets where that profile may only
//! end, and from them onto another road. Who sets out on them leaves them freely.

use super::build::Piece;
use super::graph::{EdgeRow, Way};
use crate::domain::{Profile, ProfileSet};

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

/// Returns of whom a way is one where he may only end.
pub(super) fn zone_of(way: &Way) -> Each<bool> {
    BOUND.map(|(_, flag)| way.is(flag))
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
pub(super) fn gates(pieces: &[Piece], rows: &[EdgeRow], true_nodes: u32) -> Vec<Each<bool>> {
    let mut met = vec![[[false; 2]; 2]; true_nodes as usize];
    for (piece, row) in pieces.iter().zip(rows) {
        for node in [row.tail, row.head] {
            for (met, zone) in met[node as usize].iter_mut().zip(zone_of(&piece.way)) {
                met[usize::from(zone)] = true;
            }
        }
    }
    met.into_iter().map(|each| each.map(|[other, zone]| other && zone)).collect()
}
