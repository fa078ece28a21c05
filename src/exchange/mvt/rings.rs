//! Rings in whole units → polygons without a ring that touches, crosses or doubles back on itself.
//!
//! Rounding to a tile's units and cutting at its edge can make a ring meet itself; the crate i_overlay, which reckons in
//! whole numbers, puts that right on the same grid.

use super::{Spot, clip};
use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{IntOverlayOptions, Overlay};
use i_overlay::i_float::int::point::IntPoint;

/// Smallest area of a ring that is kept, in square units of the tile.
const AREA_MIN: u64 = 4;

/// What makes polygons sound; its memory is used again from one to the next.
pub(super) struct Mender(Overlay);

impl Mender {
    pub(super) fn new() -> Self {
        let options = IntOverlayOptions { min_output_area: AREA_MIN, ..IntOverlayOptions::ogc() };
        Self(Overlay::new_custom(64, options, Default::default()))
    }

    /// Returns polygons, each its outer ring (of positive area) and then its holes (of negative), of an outer ring and its
    /// holes, cut off at the edge of the tile.
    pub(super) fn polygons(&mut self, rings: Vec<Vec<Spot>>) -> Vec<Vec<Vec<Spot>>> {
        let cut = rings.into_iter().map(clip::ring).filter(|ring| ring.len() > 2);
        let shape: Vec<Vec<IntPoint>> =
            cut.map(|ring| ring.into_iter().map(|(x, y)| IntPoint::new(x, y)).collect()).collect();
        if shape.is_empty() {
            return Vec::new();
        }
        let mended = self.0.simplify_shape(&shape, FillRule::EvenOdd).unwrap_or_else(|| vec![shape]);
        let spots = |ring: Vec<IntPoint>| -> Vec<Spot> { ring.into_iter().map(|p| (p.x, p.y)).collect() };
        let polygons = mended.into_iter().map(|polygon| polygon.into_iter().map(spots).collect::<Vec<_>>());
        polygons.filter(|polygon| polygon.first().is_some_and(|ring| twice_area(ring) >= 2 * AREA_MIN as i64)).collect()
    }
}

/// Returns twice the area of a ring, positive when it turns as outer rings do.
pub(super) fn twice_area(ring: &[Spot]) -> i64 {
    let next = ring.iter().skip(1).chain(ring.first());
    let cross = |(a, b): (&Spot, &Spot)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1);
    ring.iter().zip(next).map(cross).sum()
}
