//! Distances on the WGS84 ellipsoid (Karney 2013, doi 10.1007/s00190-012-0578-z, by geographiclib-rs).

use crate::domain::LonLat;
use geographiclib_rs::{DirectGeodesic, Geodesic, InverseGeodesic};
use std::sync::LazyLock;

static WGS84: LazyLock<Geodesic> = LazyLock::new(Geodesic::wgs84);

/// Returns the geodesic distance in metres.
pub fn distance_m(a: LonLat, b: LonLat) -> f64 {
    WGS84.inverse(a.lat(), a.lon(), b.lat(), b.lon())
}

/// Returns the distance in metres and the azimuth at `a` in degrees, clockwise from north.
pub fn distance_and_azimuth(a: LonLat, b: LonLat) -> (f64, f64) {
    let (metres, azimuth, _, _): (f64, f64, f64, f64) = WGS84.inverse(a.lat(), a.lon(), b.lat(), b.lon());
    (metres, azimuth)
}

/// Returns the position reached from `from` after `metres` along `azimuth` degrees.
pub fn travel(from: LonLat, azimuth: f64, metres: f64) -> LonLat {
    let (lat, lon): (f64, f64) = WGS84.direct(from.lat(), from.lon(), azimuth, metres);
    LonLat::clamped(lon, lat)
}
