//! What stands in the way now: closed parts of edges, by profile, beside a graph that knows nothing of them.
//!
//! Why beside: floods close roads while people ask, and a graph is not made anew for each. Invariants: an overlay belongs to
//! one graph; the same closures in any order make the same overlay; with nothing closed, every search is as it was.

use super::cost::Centimetres;
use super::graph::{EdgeId, Graph};
use crate::domain::{Profile, ProfileSet};
use std::collections::BTreeMap;

/// A part of an edge, by offsets from its tail; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Where it begins.
    pub from: Centimetres,
    /// Where it ends.
    pub to: Centimetres,
}

impl Span {
    /// Returns the span between two offsets, whichever comes first.
    pub fn between(a: Centimetres, b: Centimetres) -> Self {
        Self { from: a.min(b), to: a.max(b) }
    }

    /// Returns whether two spans share an offset.
    pub fn meets(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// Closed parts of edges.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overlay {
    /// A bit for each edge and profile: something of the edge is closed. Empty while nothing is.
    shut: [Vec<u64>; Profile::ALL.len()],
    parts: BTreeMap<EdgeId, Vec<(Span, ProfileSet)>>,
}

impl Overlay {
    /// Returns the overlay of a graph on which these parts are closed to these profiles.
    pub fn new(graph: &Graph, closed: impl IntoIterator<Item = (EdgeId, Span, ProfileSet)>) -> Self {
        let mut overlay = Self::default();
        for (edge, span, profiles) in closed {
            if profiles == ProfileSet::NONE || edge.0 as usize >= graph.edge_count() {
                continue;
            }
            overlay.parts.entry(edge).or_default().push((span, profiles));
            for profile in profiles.iter() {
                let bits = &mut overlay.shut[profile as usize];
                bits.resize(graph.edge_count().div_ceil(64), 0);
                bits[edge.0 as usize / 64] |= 1 << (edge.0 % 64);
            }
        }
        for parts in overlay.parts.values_mut() {
            parts.sort_unstable_by_key(|(span, profiles)| (*span, profiles.0));
            parts.dedup();
        }
        overlay
    }

    /// Returns whether nothing is closed to anybody.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Returns whether a profile can go along the whole of an edge.
    pub fn lets_pass(&self, edge: EdgeId, profile: Profile) -> bool {
        let bits = &self.shut[profile as usize];
        bits.get(edge.0 as usize / 64).is_none_or(|word| word & (1 << (edge.0 % 64)) == 0)
    }

    /// Returns whether a profile can go along a part of an edge.
    pub fn lets_pass_part(&self, edge: EdgeId, span: Span, profile: Profile) -> bool {
        if self.lets_pass(edge, profile) {
            return true;
        }
        !self.closed_to(edge, profile).any(|closed| closed.meets(span))
    }

    /// Yields the parts of an edge that are closed to a profile, in order.
    pub fn closed_to(&self, edge: EdgeId, profile: Profile) -> impl Iterator<Item = Span> + '_ {
        let parts = if self.lets_pass(edge, profile) { None } else { self.parts.get(&edge) };
        parts.into_iter().flatten().filter(move |(_, profiles)| profiles.has(profile)).map(|(span, _)| *span)
    }

    /// Yields the closed parts in order.
    pub fn parts(&self) -> impl Iterator<Item = (EdgeId, Span, ProfileSet)> + '_ {
        self.parts.iter().flat_map(|(edge, parts)| parts.iter().map(move |(span, profiles)| (*edge, *span, *profiles)))
    }
}
