//! What a format has no room for, and so takes nothing away from what stands: an area in a GPX, the end of a long text in a
//! Shapefile.
//!
//! Invariant: only what an export of the standing record would read like is passed over. A point elsewhere and a text that
//! is not the beginning of the one that stands are changes like any other.

use crate::domain::{Crs, LonLat};
use crate::exchange::geometry::{self, Shape};
use crate::exchange::{Draft, Format, fits_shapefile};
use crate::spatial::geodesic::distance_m;
use serde_json::{Map, Value};

/// Two positions this near are one that was written and read again, metres.
const SAME_M: f64 = 0.01;

/// Rows of a GPX whose area stays.
const AREA_STAYS: &str =
    "GPX 不能带面；点位未变的，原有的面保留 / a GPX can not carry areas: where the point is unchanged the area stays";

/// Rows of a Shapefile of which a text stays whole.
const TEXT_STAYS: &str = "Shapefile 的文字至多 254 字节；与原文开头一致的，保留全文 / a Shapefile takes texts of 254 bytes: where one is the beginning of what stands, the whole stays";

/// What stands, as an export would write it.
pub(super) struct Standing {
    /// Its document.
    pub(super) document: Map<String, Value>,
    /// The point that a format without areas writes for its area, where it has one.
    pub(super) inside: Option<LonLat>,
}

/// Takes out of a draft what its format could not carry of what stands.
pub(super) fn keep_uncarried(
    format: Format,
    standing: impl FnOnce() -> Standing,
    draft: &mut Draft,
) -> Option<&'static str> {
    match format {
        Format::Gpx => keep_area(&standing(), draft).then_some(AREA_STAYS),
        Format::Shapefile => keep_texts(&standing(), draft).then_some(TEXT_STAYS),
        _ => None,
    }
}

fn keep_area(standing: &Standing, draft: &mut Draft) -> bool {
    let Some(inside) = standing.inside else { return false };
    let point = draft.patch.get("geometry").and_then(|g| geometry::parse(g, &Crs::WGS84).ok());
    let near = matches!(point.map(|p| p.shape), Some(Shape::Point(at)) if distance_m(at, inside) <= SAME_M);
    near && draft.patch.remove("geometry").is_some()
}

fn keep_texts(standing: &Standing, draft: &mut Draft) -> bool {
    let before = draft.patch.len();
    draft.patch.retain(|name, value| {
        let whole = standing.document.get(name).and_then(|v| v.as_str());
        let Some((given, whole)) = value.as_str().zip(whole) else { return true };
        let cut = fits_shapefile(whole);
        // A table has no blanks at the end of a text.
        cut.len() == whole.len() || cut.trim_end() != given.trim_end()
    });
    draft.patch.len() < before
}
