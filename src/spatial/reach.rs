//! Whether one area stays within another, and where it reaches out when it does not.
//!
//! Invariant: a shape that crosses a bay, or covers an enclave, reaches out although all its corners lie inside; so what is
//! left of it outside is looked at, not its corners.

use super::area::{buffer_m, clip, difference, without_slivers};
use super::shape::representative_point;
use crate::domain::{Footprint, LonLat, Place};
use geo::BoundingRect;
use geo_types::{Coord, MultiPolygon, Rect};

/// Borders are drawn this exactly at best, metres: an area may reach so far over one.
pub const BORDER_M: f64 = 50.0;

/// What is left outside below this is rounding, square metres.
const SLIVER_M2: f64 = 1.0;

/// How far a widened border may fall short, metres.
const SHORT_M: f64 = 5.0;

/// Returns a point of `area` that lies more than about [`BORDER_M`] outside of `bounds`; `None` when there is none.
pub fn reaches_out(area: &Footprint, bounds: &Footprint) -> Option<LonLat> {
    let (left, _) = without_slivers(difference(area, bounds), SLIVER_M2);
    let window = window(&left)?;
    let near = clip(bounds, &window);
    let far = match representative_point(&near) {
        None => left,
        Some(position) => {
            let near = Place { position, footprint: Some(near), declared: None };
            // What can not be widened is a border far away: then what is left counts as it is.
            buffer_m(&near, BORDER_M + SHORT_M, SHORT_M).map_or_else(|_| left.clone(), |wide| difference(&left, &wide))
        }
    };
    representative_point(&without_slivers(far, SLIVER_M2).0)
}

/// Returns the box around what is left, wide enough to hold every border that is near it.
fn window(left: &Footprint) -> Option<Footprint> {
    let bounds = left.bounding_rect()?;
    let around_deg = 3.0 * BORDER_M / 111_000.0;
    let around = Coord { x: around_deg / bounds.max().y.abs().min(85.0).to_radians().cos(), y: around_deg };
    Some(MultiPolygon(vec![Rect::new(bounds.min() - around, bounds.max() + around).to_polygon()]))
}
