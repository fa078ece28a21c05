//! What a format has no room for, and so takes nothing away from what stands: an area in a GPX, the end of a long text in a
//! Shapefile, the last digits of a position that was converted.
//!
//! Invariant: only what an export of the standing record would read like is passed over. A point elsewhere and a text that
//! is not the beginning of the one that stands are changes like any other.

use crate::domain::{Audience, Crs, Footprint, LonLat, Resource};
use crate::exchange::geometry::{self, Shape};
use crate::exchange::{Draft, Format, document, fits_shapefile};
use crate::spatial::geodesic::distance_m;
use serde_json::{Map, Value};

/// Two positions this near are one that was written and read again, metres.
const SAME_M: f64 = 0.01;

/// Rows of a GPX whose area stays.
const AREA_STAYS: &str =
    "GPX 不能带面；点位未变的，原有的面保留 / a GPX can not carry areas: where the point is unchanged the area stays";

/// Rows of a Shapefile of which a text stays whole.
const TEXT_STAYS: &str = "Shapefile 的文字至多 254 字节；与原文开头一致的，保留全文 / a Shapefile takes texts of 254 bytes: where one is the beginning of what stands, the whole stays";

/// Takes out of a draft what its format could not carry of `base`.
pub(super) fn keep_uncarried(format: Format, base: &Resource, draft: &mut Draft) -> Option<&'static str> {
    match format {
        Format::Gpx => keep_area(base, draft).then_some(AREA_STAYS),
        Format::Shapefile => keep_texts(base, draft).then_some(TEXT_STAYS),
        _ => None,
    }
}

/// Two positions this near are one that was converted to another system and back, metres.
pub(in crate::service) const CONVERTED_M: f64 = 0.001;

/// Keeps the place of `base` to the last digit, if a file in another system says the same place to a millimetre: nobody
/// moved it.
pub(super) fn keep_place(crs: &Crs, base: &Resource, draft: &mut Draft) {
    if !crs.is_native() && is_same_place(base, &draft.patch) {
        for name in ["lon", "lat", "geometry", "declared"] {
            draft.patch.remove(name);
        }
    }
}

/// Returns whether what a patch says of the place, brought to WGS84, is where `base` is, to a millimetre.
pub(in crate::service) fn is_same_place(base: &Resource, patch: &Map<String, Value>) -> bool {
    let number = |name: &str| patch.get(name).and_then(Value::as_f64);
    let at = number("lon").zip(number("lat")).and_then(|(lon, lat)| LonLat::new(lon, lat).ok());
    let shape = patch.get("geometry").and_then(|g| geometry::parse(g, &Crs::WGS84).ok()).map(|g| g.shape);
    let place = &base.place;
    if at.is_some_and(|at| distance_m(at, place.position) > CONVERTED_M) {
        return false;
    }
    match (&shape, &place.footprint) {
        (None, _) => at.is_some(),
        (Some(Shape::Point(point)), None) => distance_m(*point, place.position) <= CONVERTED_M,
        (Some(Shape::Area(area)), Some(stands)) => is_one(area, stands),
        _ => false,
    }
}

/// Returns whether two areas have the same vertices, to a millimetre.
fn is_one(a: &Footprint, b: &Footprint) -> bool {
    let rings = |area: &Footprint| -> Vec<Vec<LonLat>> {
        let all = area.0.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
        all.map(|ring| ring.0.iter().filter_map(|c| LonLat::new(c.x, c.y).ok()).collect()).collect()
    };
    let (a, b) = (rings(a), rings(b));
    let near = |(a, b): (&LonLat, &LonLat)| distance_m(*a, *b) <= CONVERTED_M;
    let same = |(a, b): (&Vec<LonLat>, &Vec<LonLat>)| a.len() == b.len() && a.iter().zip(b).all(near);
    a.len() == b.len() && a.iter().zip(&b).all(same)
}

fn keep_area(base: &Resource, draft: &mut Draft) -> bool {
    let number = |name: &str| draft.patch.get(name).and_then(Value::as_f64);
    let Some((lon, lat)) = number("lon").zip(number("lat")) else { return false };
    let stands = base.place.position;
    let near = LonLat::new(lon, lat).is_ok_and(|at| distance_m(at, stands) <= SAME_M);
    let stays = near && base.place.footprint.is_some();
    stays && draft.patch.remove("geometry").is_some()
}

fn keep_texts(base: &Resource, draft: &mut Draft) -> bool {
    let standing = document::write(base, Audience::Staff);
    let before = draft.patch.len();
    draft.patch.retain(|name, value| {
        let Some((given, whole)) = value.as_str().zip(standing.get(name).and_then(|v| v.as_str())) else { return true };
        let cut = fits_shapefile(whole);
        // A table has no blanks at the end of a text.
        cut.len() == whole.len() || cut.trim_end() != given.trim_end()
    });
    draft.patch.len() < before
}
