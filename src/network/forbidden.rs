//! Turn restrictions as the sequences of directed pieces that they forbid.
//!
//! `no_…` forbids one sequence. `only_…` is mandatory: who comes from its first way goes on along the whole of it, so at each
//! place where its parts meet every other way on is forbidden, for who came by all that lies before. With ways between (`via`)
//! that holds from the first of them on, as the OpenStreetMap wiki has it ("a valid route must proceed along the restriction
//! relation's geometry") and as Valhalla and GraphHopper read it; OSRM heeds the last turn only. Who sets out on a way between
//! is not bound, for he never came from the first. Invariants: `only_…` does not forbid turning back on its first way, and does
//! on those between, or one would get round it; what a restriction makes is bounded.

use super::build::Piece;
use super::source::{Source, SourceRestriction, Via};
use super::turns::Directed;
use crate::domain::ProfileSet;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Most directed pieces that leave a place where a turn restriction is heeded, and most sequences that one forbids. Real
/// ones have a dozen; without limits a file of a megabyte makes a graph of gigabytes.
const LEAVING_MAX: usize = 64;
const FORBIDDEN_MAX: usize = 256;

/// Pieces of one way that a restriction may run along, and pieces of the way that it comes from where it does.
const PIECES_MAX: usize = 16;
const FROM_MAX: usize = 512;

/// Returns the sequences of directed pieces that turn restrictions forbid, and how many restrictions could not be read.
pub(super) fn sequences(source: &Source, pieces: &[Piece]) -> (Vec<(Vec<Directed>, ProfileSet)>, usize) {
    let ground = Ground::of(source, pieces);
    let mut out = Vec::new();
    let mut unread = 0;
    for restriction in &source.restrictions {
        match ground.read(restriction) {
            Some(sequences) => out.extend(sequences.into_iter().map(|s| (s, restriction.binds))),
            None => unread += 1,
        }
    }
    (out, unread)
}

/// The pieces as restrictions name them.
struct Ground<'a> {
    pieces: &'a [Piece],
    of_way: HashMap<i64, Vec<u32>>,
    /// Directed pieces of a way that leave a node.
    of_way_at: HashMap<(i64, u32), Vec<Directed>>,
    /// All directed pieces that leave a node.
    leaving: HashMap<u32, Vec<Directed>>,
}

impl<'a> Ground<'a> {
    fn of(source: &Source, pieces: &'a [Piece]) -> Self {
        // Only what restrictions are about is looked up.
        let mut named: HashSet<i64> = HashSet::new();
        for restriction in &source.restrictions {
            named.extend([restriction.from, restriction.to]);
            if let Via::Ways(ways) = &restriction.via {
                named.extend(ways);
            }
        }
        let mut ground = Self { pieces, of_way: HashMap::new(), of_way_at: HashMap::new(), leaving: HashMap::new() };
        for (i, piece) in (0_u32..).zip(pieces) {
            let ends = [(piece.tail(), 2 * i), (piece.head(), 2 * i + 1)];
            for (node, arc) in ends {
                ground.leaving.entry(node).or_default().push(arc);
            }
            for way in piece.from.iter().filter(|way| named.contains(way)) {
                ground.of_way.entry(*way).or_default().push(i);
                for (node, arc) in ends {
                    ground.of_way_at.entry((*way, node)).or_default().push(arc);
                }
            }
        }
        ground
    }

    fn ends(&self, arc: Directed) -> (u32, u32) {
        let piece = &self.pieces[arc as usize / 2];
        if arc.is_multiple_of(2) { (piece.tail(), piece.head()) } else { (piece.head(), piece.tail()) }
    }

    /// Returns the directed pieces of a way that leave a node.
    fn away(&self, way: i64, node: u32) -> &[Directed] {
        self.of_way_at.get(&(way, node)).map_or(&[], Vec::as_slice)
    }

    fn read(&self, restriction: &SourceRestriction) -> Option<Vec<Vec<Directed>>> {
        let heads: Vec<Vec<Directed>> = match &restriction.via {
            Via::Node(node) => self.away(restriction.from, *node).iter().map(|arc| vec![arc ^ 1]).collect(),
            Via::Ways(ways) => self.along(restriction.from, ways)?,
        };
        // Whole ones: from the first way to the last.
        let mut whole: Vec<Vec<Directed>> = Vec::new();
        for head in heads {
            let crowded = |arc: &Directed| self.leaving[&self.ends(*arc).1].len() > LEAVING_MAX;
            if head.iter().any(crowded) {
                return None;
            }
            let (_, node) = self.ends(*head.last()?);
            let to = self.away(restriction.to, node);
            whole.extend(to.iter().map(|arc| head.iter().copied().chain([*arc]).collect()));
            if whole.len() > FORBIDDEN_MAX {
                return None;
            }
        }
        let out = if restriction.only { self.all_but(&whole) } else { whole };
        (!out.is_empty() && out.len() <= FORBIDDEN_MAX).then_some(out)
    }

    /// Returns the sequences that leave all of some others: by where they are left, and for whom came by what lies before.
    fn all_but(&self, whole: &[Vec<Directed>]) -> Vec<Vec<Directed>> {
        let mut on: BTreeMap<&[Directed], BTreeSet<Directed>> = BTreeMap::new();
        for sequence in whole {
            for after in 1..sequence.len() {
                on.entry(&sequence[..after]).or_default().insert(sequence[after]);
            }
        }
        let mut out = Vec::new();
        for (before, on) in on {
            let Some(last) = before.last() else { continue };
            let (_, node) = self.ends(*last);
            // Turning back is left out of what `only_` forbids on its first way: at a dead end there would be no way on.
            let back = |arc: &Directed| before.len() == 1 && *arc == last ^ 1;
            let other = self.leaving[&node].iter().filter(|arc| !on.contains(arc) && !back(arc));
            out.extend(other.map(|arc| before.iter().copied().chain([*arc]).collect()));
            if out.len() > FORBIDDEN_MAX {
                break;
            }
        }
        out
    }

    /// Returns the ways to drive from the first way along all of the others, in order; `None` when they are too many.
    fn along(&self, from: i64, via: &[i64]) -> Option<Vec<Vec<Directed>>> {
        let first = self.of_way.get(&from).filter(|pieces| pieces.len() <= FROM_MAX)?;
        let both = first.iter().flat_map(|i| [2 * i, 2 * i + 1]);
        let mut paths: Vec<Vec<Directed>> = both.map(|arc| vec![arc]).collect();
        for way in via {
            let mut longer = Vec::new();
            for path in paths {
                let Some((_, node)) = path.last().map(|arc| self.ends(*arc)) else { continue };
                self.walk(*way, node, path, &mut longer);
                if longer.len() > FORBIDDEN_MAX {
                    return None;
                }
            }
            paths = longer;
        }
        Some(paths)
    }

    /// Adds every path that goes on along a way for one piece or more, without turning back.
    fn walk(&self, way: i64, from: u32, path: Vec<Directed>, out: &mut Vec<Vec<Directed>>) {
        for first in self.away(way, from).iter().take(PIECES_MAX) {
            let mut path: Vec<Directed> = path.iter().copied().chain([*first]).collect();
            out.push(path.clone());
            for _ in 0..PIECES_MAX {
                let Some(last) = path.last().copied() else { break };
                let (_, node) = self.ends(last);
                let mut on = self.away(way, node).iter().copied().filter(|a| *a != last ^ 1);
                let (Some(next), None) = (on.next(), on.next()) else { break };
                if path.contains(&next) {
                    break;
                }
                path.push(next);
                out.push(path.clone());
            }
        }
    }
}
