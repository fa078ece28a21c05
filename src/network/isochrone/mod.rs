//! Isochrones: what is reached from places, or reaches them, within bands of time or length, as parts of edges and as areas.
//!
//! All bands come of one search. The area is what lies near the reached parts of edges: `raster` marks the points of a lattice
//! within a radius of them, `outline` draws rings between marked points and others. Invariants, with `T` the tolerance told,
//! `c ≤ 0.35 T` the lattice's spacing at the most and `r ≈ T − c√2` the radius: (1) every reached point is inside, for the
//! corners of its cell are at most `c√2 ≤ r` away, so that all four are marked and no ring enters the cell; (2) no point of
//! the area is farther than `T` from a reached one, for its cell has a marked corner, which is at most `c√2` from it and `r`
//! from what is reached, and `r + c√2 ≤ T`; (3) rings neither cross nor touch (see `outline`); (4) the same question has the
//! same answer to the last bit, and the lattice is that of the globe, whatever was asked.
//!
//! Why a lattice and not a union of buffers: a union's sweep pays for every corner of every buffer and must decide whether
//! streets that meet at every junction touch; the lattice decides with whole numbers only.

mod outline;
mod pieces;
mod raster;
mod stadium;

pub use pieces::Piece;

use super::cost::{Centimetres, Cost};
use super::ends::{ways_in, ways_out};
use super::graph::{Graph, NodeId};
use super::route::{Leg, points_of};
use super::search::{Costs, Search, Toward};
use super::snap::Snap;
use crate::domain::Footprint;
use raster::Raster;
use std::ops::ControlFlow;

/// How far an area may reach beyond what is reached, metres, unless asked otherwise.
pub const TOLERANCE_M: f64 = 30.0;

/// Least and greatest tolerance, metres; others are brought within.
pub const TOLERANCES_M: [f64; 2] = [2.0, 2000.0];

/// A question for isochrones.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    /// Places to start from or to come to; the nearest one counts.
    pub origins: &'a [Snap],
    /// Away from the places, or toward them ([`Toward::Seeds`]).
    pub toward: Toward,
    /// Limits by the metric of the search, milliseconds or centimetres.
    pub bands: &'a [u32],
    /// How far an area may reach beyond what is reached, metres.
    pub tolerance_m: f64,
}

/// What is reached within a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The limit, milliseconds or centimetres.
    pub limit: u32,
    /// The area, valid, outer rings counter-clockwise; empty when nothing is reached.
    pub area: Footprint,
    /// How far the area may reach beyond what is reached, metres: more than was asked for where that would be too fine for
    /// an area of that size.
    pub tolerance_m: f64,
    /// The parts of edges that are reached, by edge and offset, apart from each other. Ferries are not told: nobody lives there.
    pub reached: Vec<Piece>,
}

impl Band {
    /// Returns whether a place is reached.
    pub fn reaches(&self, place: &Snap) -> bool {
        let after = self.reached.partition_point(|p| (p.edge, p.span.from) <= (place.edge, place.offset));
        let piece = after.checked_sub(1).map(|i| self.reached[i]);
        piece.is_some_and(|p| p.edge == place.edge && place.offset <= p.span.to)
    }

    /// Returns the length of what is reached, centimetres.
    pub fn reached_cm(&self) -> u64 {
        self.reached.iter().map(|p| u64::from(p.span.to.0 - p.span.from.0)).sum()
    }
}

/// Returns the bands, largest first, each once.
pub fn isochrone(search: &mut Search, costs: &Costs<'_>, reach: &Reach<'_>) -> Vec<Band> {
    let mut limits = reach.bands.to_vec();
    limits.sort_unstable();
    limits.dedup();
    let settled = settle(search, costs, reach, limits.last().copied().unwrap_or(0));
    let reached: Vec<Vec<Piece>> = limits.iter().map(|limit| pieces::within(costs, reach, &settled, *limit)).collect();
    let [least, most] = TOLERANCES_M;
    let mut tolerance_m = if reach.tolerance_m >= least { reach.tolerance_m.min(most) } else { least };
    let areas = loop {
        // This ends: from 16 km on, the lattice of the whole globe has fewer tiles than are allowed.
        match draw(costs.graph, &reached, tolerance_m) {
            Some(areas) => break areas,
            None => tolerance_m *= 2.0,
        }
    };
    let bands = limits.into_iter().zip(reached).zip(areas);
    bands.rev().map(|((limit, reached), area)| Band { limit, area, tolerance_m, reached }).collect()
}

/// Returns the nodes within the largest limit, in order of cost.
fn settle(search: &mut Search, costs: &Costs<'_>, reach: &Reach<'_>, most: u32) -> Vec<(NodeId, Cost)> {
    let mut seeds: Vec<(NodeId, Cost)> = Vec::new();
    for origin in reach.origins {
        match reach.toward {
            Toward::Away => seeds.extend(ways_out(costs, origin).map(|door| (door.node, door.cost))),
            Toward::Seeds => seeds.extend(ways_in(costs, origin).map(|door| (door.node, door.cost))),
        }
    }
    let mut settled = Vec::new();
    search.run(costs, reach.toward, &seeds, (most, usize::MAX), |reached| {
        settled.push((reached.node, reached.cost));
        ControlFlow::Continue(())
    });
    settled
}

/// Draws the areas of bands, each of which lies within the next; `None` when the lattice would be too large.
fn draw(graph: &Graph, bands: &[Vec<Piece>], tolerance_m: f64) -> Option<Vec<Footprint>> {
    let points = bands.last().into_iter().flatten().flat_map(|piece| graph.points(piece.edge));
    let lat_e7 = points.map(|p| p.lat_e7.unsigned_abs()).min().unwrap_or(0);
    let mut raster = Raster::new(tolerance_m, f64::from(lat_e7) / 1e7);
    let (mut drawn, mut passages): (&[Piece], _) = (&[], outline::Passages::default());
    let mut areas = Vec::with_capacity(bands.len());
    for (i, band) in bands.iter().enumerate() {
        for piece in fresh(band, drawn) {
            mark(graph, piece, &mut raster)?;
        }
        let (area, passed) = outline::area(&raster, &passages, bands.len() - 1 - i);
        areas.push(area);
        passages = passed;
        drawn = band;
    }
    Some(areas)
}

/// Yields the pieces of a band that were not in the one before, both in order.
fn fresh<'a>(band: &'a [Piece], before: &'a [Piece]) -> impl Iterator<Item = &'a Piece> {
    let mut before = before.iter().peekable();
    band.iter().filter(move |piece| {
        while before.next_if(|known| *known < *piece).is_some() {}
        before.peek() != Some(piece)
    })
}

fn mark(graph: &Graph, piece: &Piece, raster: &mut Raster) -> Option<()> {
    let whole = piece.span.from == Centimetres(0) && piece.span.to == graph.length(piece.edge);
    if whole {
        return raster.mark(graph.points(piece.edge));
    }
    let leg = Leg { edge: piece.edge, from: piece.span.from, to: piece.span.to, cost: Cost::default() };
    raster.mark(&points_of(graph, &leg))
}
