//! What was converted to another coordinate system and back is the same place, though its last digits differ.
//!
//! Invariant: what stands is kept to the last digit when a body or a row in another system says the same to a millimetre,
//! be it a point, an area or where a team was last seen: nobody moved it. In WGS84 every digit counts.

use crate::domain::{Crs, Footprint, LonLat, Resource};
use crate::exchange::geometry::{self, Shape};
use crate::spatial::geodesic::distance_m;
use serde_json::{Map, Value};

/// Two positions this near are one that was converted to another system and back, metres.
const CONVERTED_M: f64 = 0.001;

/// Keeps the place of `base`, and where a team was last seen, if a row in another system says the same.
pub(super) fn keep_place(crs: &Crs, base: &Resource, patch: &mut Map<String, Value>) {
    if crs.is_native() {
        return;
    }
    keep_track(base, patch);
    if is_same_place(base, patch) {
        drop_place(patch);
    }
}

/// Keeps a point, if a row in another system says the same.
pub(super) fn keep_point(crs: &Crs, base: LonLat, patch: &mut Map<String, Value>) {
    let same = |shape: Option<Shape>| match shape {
        None => true,
        Some(Shape::Point(point)) => is_near(point, base),
        Some(Shape::Area(_)) => false,
    };
    if !crs.is_native() && position_of(patch).is_some_and(|at| is_near(at, base)) && same(shape_of(patch)) {
        drop_place(patch);
    }
}

/// Keeps an area, if a row in another system says the same.
pub(super) fn keep_area(crs: &Crs, base: &Footprint, patch: &mut Map<String, Value>) {
    if !crs.is_native() && matches!(shape_of(patch), Some(Shape::Area(area)) if is_one(&area, base)) {
        drop_place(patch);
    }
}

fn drop_place(patch: &mut Map<String, Value>) {
    for name in ["lon", "lat", "geometry", "declared"] {
        patch.remove(name);
    }
}

/// Returns whether what a patch says of the place, brought to WGS84, is where `base` is, to a millimetre.
pub(in crate::service) fn is_same_place(base: &Resource, patch: &Map<String, Value>) -> bool {
    let (at, place) = (position_of(patch), &base.place);
    if at.is_some_and(|at| !is_near(at, place.position)) {
        return false;
    }
    match (shape_of(patch), &place.footprint) {
        // Null takes the area away, which is no echo.
        (None, Some(_)) if patch.get("geometry").is_some_and(Value::is_null) => false,
        (None, _) => at.is_some(),
        (Some(Shape::Point(point)), None) => is_near(point, place.position),
        (Some(Shape::Area(area)), Some(stands)) => is_one(&area, stands),
        _ => false,
    }
}

/// Writes where a team was last seen as it stands, if a patch that was brought to WGS84 says the same, to a millimetre.
pub(in crate::service) fn keep_track(base: &Resource, patch: &mut Map<String, Value>) {
    let Some(stands) = base.team().and_then(|team| team.current.as_ref()).map(|track| track.position) else { return };
    let Some(track) = patch.get_mut("current").and_then(Value::as_object_mut) else { return };
    if position_of(track).is_some_and(|at| is_near(at, stands)) {
        track.insert("lon".to_owned(), stands.lon().into());
        track.insert("lat".to_owned(), stands.lat().into());
    }
}

fn position_of(patch: &Map<String, Value>) -> Option<LonLat> {
    let number = |name: &str| patch.get(name).and_then(Value::as_f64);
    LonLat::new(number("lon")?, number("lat")?).ok()
}

fn shape_of(patch: &Map<String, Value>) -> Option<Shape> {
    geometry::parse(patch.get("geometry")?, &Crs::WGS84).ok().map(|parsed| parsed.shape)
}

fn is_near(a: LonLat, b: LonLat) -> bool {
    distance_m(a, b) <= CONVERTED_M
}

/// Returns whether two areas have the same vertices, to a millimetre.
fn is_one(a: &Footprint, b: &Footprint) -> bool {
    let rings = |area: &Footprint| -> Vec<Vec<LonLat>> {
        let all = area.0.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
        all.map(|ring| ring.0.iter().filter_map(|c| LonLat::new(c.x, c.y).ok()).collect()).collect()
    };
    let (a, b) = (rings(a), rings(b));
    let same =
        |(a, b): (&Vec<LonLat>, &Vec<LonLat>)| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_near(*a, *b));
    a.len() == b.len() && a.iter().zip(&b).all(same)
}
