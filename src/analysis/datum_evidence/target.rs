//! An area that rows ought to lie in: how deep inside or how far outside a place is, on the flat.
//!
//! Invariant: whether a place is inside is decided exactly; lengths are right to a percent within tens of kilometres, and
//! large where places are far.

use super::densities::{CLEARANCES, kept_clear};
use crate::domain::{Footprint, LonLat};
use crate::spatial::locate::PreparedArea;
use geo::{BoundingRect, LinesIter};

/// Metres of a degree of latitude, about.
const DEGREE_M: f64 = 111_320.0;

/// Places are sounded on a lattice of so many to a side, to learn how much of an area lies how deep.
const SOUNDINGS: usize = 20;

type Flat = (f64, f64);

/// Returns the distance on the flat, metres.
pub(super) fn flat_distance_m(a: LonLat, b: LonLat) -> f64 {
    let p = flatten((a.lon(), a.lat()), b);
    p.0.hypot(p.1)
}

fn flatten(at: (f64, f64), place: LonLat) -> Flat {
    let east = (place.lon() - at.0 + 540.0).rem_euclid(360.0) - 180.0;
    (DEGREE_M * at.1.to_radians().cos() * east, DEGREE_M * (place.lat() - at.1))
}

/// An area made ready.
pub(super) struct Target {
    inside: Option<PreparedArea>,
    edges: Vec<[Flat; 2]>,
    at: (f64, f64),
    radius_m: f64,
    /// Size of the area, each part weighed by how likely sites are there, for each clearance.
    masses_m2: [f64; CLEARANCES.len()],
}

impl Target {
    pub(super) fn new(area: &Footprint) -> Self {
        let bounds = area.bounding_rect();
        let at = bounds.map_or((0.0, 0.0), |b| (b.center().x, b.center().y));
        let flat = |c: geo_types::Coord<f64>| flatten(at, LonLat::clamped(c.x, c.y));
        let edges: Vec<[Flat; 2]> = area.lines_iter().map(|l| [flat(l.start), flat(l.end)]).collect();
        let radius_m = edges.iter().map(|[a, _]| a.0.hypot(a.1)).fold(0.0, f64::max);
        let inside = PreparedArea::new(area);
        let mut target = Self { inside, edges, at, radius_m, masses_m2: [1.0; CLEARANCES.len()] };
        let depths: Vec<f64> = bounds.map(|b| target.soundings([b.min(), b.max()])).unwrap_or_default();
        let size = crate::spatial::area::area_m2(area).max(1.0);
        target.masses_m2 = CLEARANCES.map(|(clearance_m, _)| {
            let share: f64 = depths.iter().map(|d| kept_clear(*d, clearance_m)).sum();
            if depths.is_empty() { size } else { size * share / depths.len() as f64 }
        });
        target
    }

    fn soundings(&self, [low, high]: [geo_types::Coord<f64>; 2]) -> Vec<f64> {
        let step = |low: f64, high: f64, i: usize| low + (high - low) * (i as f64 + 0.5) / SOUNDINGS as f64;
        let lattice = (0..SOUNDINGS * SOUNDINGS).map(|i| (i % SOUNDINGS, i / SOUNDINGS));
        lattice
            .map(|(i, j)| self.depth_m(LonLat::clamped(step(low.x, high.x, i), step(low.y, high.y, j))))
            .filter(|depth| *depth >= 0.0)
            .collect()
    }

    /// Half the breadth of the area, metres, at most.
    pub(super) const fn radius_m(&self) -> f64 {
        self.radius_m
    }

    /// Size of the area as sites fill it, for one of the clearances.
    pub(super) const fn mass_m2(&self, clearance: usize) -> f64 {
        self.masses_m2[clearance]
    }

    /// Returns how deep inside a place lies, metres; negative outside.
    pub(super) fn depth_m(&self, place: LonLat) -> f64 {
        let p = flatten(self.at, place);
        let from_centre = p.0.hypot(p.1);
        if from_centre > 3.0 * self.radius_m + 20_000.0 {
            return self.radius_m - from_centre;
        }
        let to_edge = self.edges.iter().map(|[a, b]| to_segment(p, *a, *b)).fold(f64::INFINITY, f64::min);
        let covered = self.inside.as_ref().is_some_and(|area| area.covers(place));
        if covered { to_edge } else { -to_edge.max(f64::MIN_POSITIVE) }
    }
}

fn to_segment(p: Flat, a: Flat, b: Flat) -> f64 {
    let (along, to) = ((b.0 - a.0, b.1 - a.1), (p.0 - a.0, p.1 - a.1));
    let whole = along.0 * along.0 + along.1 * along.1;
    let t = if whole > 0.0 { ((to.0 * along.0 + to.1 * along.1) / whole).clamp(0.0, 1.0) } else { 0.0 };
    (to.0 - t * along.0).hypot(to.1 - t * along.1)
}
