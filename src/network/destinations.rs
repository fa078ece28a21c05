//! Streets for destinations only: who comes from elsewhere may end there and not drive through.
//!
//! As with turn restrictions ([`super::turns`]), copies of nodes know what came before, so a search knows nodes and arcs only.
//! Invariant: a way is forbidden to a profile exactly when it goes from another road onto streets where that profile may only
//! end, and from them onto another road. Who sets out on them leaves them freely. What hangs together with the rest by such
//! streets alone is taken for one of them: it can be come to like they can.

use super::build::Piece;
use super::graph::{EdgeRow, Way};
use super::islands::root;
use super::source::Source;
use crate::domain::{Profile, ProfileSet};
use std::collections::HashMap;

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

/// Returns of whom each piece is a street where he may only end.
pub(super) fn zones(source: &Source, pieces: &[Piece], rows: &[EdgeRow]) -> Vec<Each<bool>> {
    let mut zones = vec![[false; 2]; pieces.len()];
    for (i, (profile, flag)) in BOUND.into_iter().enumerate() {
        let beyond = beyond(source, (pieces, rows), (profile, flag));
        for ((zone, piece), beyond) in zones.iter_mut().zip(pieces).zip(beyond) {
            zone[i] = piece.way.is(flag) || beyond;
        }
    }
    zones
}

/// Returns which pieces do not hang together with the main part, by length, but through streets where a profile may only end.
fn beyond(source: &Source, (pieces, rows): (&[Piece], &[EdgeRow]), (profile, flag): (Profile, u8)) -> Vec<bool> {
    let open = |piece: &Piece| !piece.way.is(flag) && piece.way.goers().has(profile);
    if !pieces.iter().any(|piece| piece.way.is(flag)) {
        return vec![false; pieces.len()];
    }
    // Nobody goes on through a barrier, so what meets there does not hang together: each such end is a place of its own.
    let mut parent: HashMap<u32, u32> = HashMap::new();
    let passes = |node: u32| !source.nodes[node as usize].blocks.has(profile);
    let place = |piece: usize| rows.len() as u32 * 2 + piece as u32;
    let of = |i: usize| {
        let ends = [(pieces[i].tail(), rows[i].tail), (pieces[i].head(), rows[i].head)];
        ends.into_iter().filter(|(node, _)| passes(*node)).map(|(_, row)| row)
    };
    for i in (0..pieces.len()).filter(|i| open(&pieces[*i])) {
        for end in of(i) {
            let (a, b) = (root(&mut parent, place(i)), root(&mut parent, end));
            parent.insert(a.max(b), a.min(b));
        }
    }
    let mut lengths: HashMap<u32, u64> = HashMap::new();
    let part_of: Vec<Option<u32>> =
        (0..pieces.len()).map(|i| open(&pieces[i]).then(|| root(&mut parent, place(i)))).collect();
    for (part, row) in part_of.iter().zip(rows) {
        if let Some(part) = part {
            *lengths.entry(*part).or_default() += u64::from(row.length_cm);
        }
    }
    let main =
        lengths.into_iter().max_by_key(|(part, length)| (*length, std::cmp::Reverse(*part))).map(|(part, _)| part);
    part_of.into_iter().map(|part| part.is_some() && part != main).collect()
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
