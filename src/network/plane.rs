//! The plane that touches the ellipsoid at a place: metres east and north, good to a millimetre over a few hundred metres.

use crate::domain::LonLat;

/// Returns the metres of a degree of longitude and of latitude at a latitude, by the radii of curvature of WGS84 there.
pub(super) fn degree_m(lat: f64) -> [f64; 2] {
    const A_M: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_379_990_141_317;
    let (sin, cos) = lat.to_radians().sin_cos();
    let w = (1.0 - E2 * sin * sin).sqrt();
    let degree = 1f64.to_radians();
    [A_M / w * cos * degree, A_M * (1.0 - E2) / (w * w * w) * degree]
}

/// Metres east and north of a position.
pub(super) struct Plane {
    origin: LonLat,
    degree_m: [f64; 2],
}

impl Plane {
    /// Returns the plane at a position.
    pub(super) fn at(origin: LonLat) -> Self {
        Self { origin, degree_m: degree_m(origin.lat()) }
    }

    /// Returns how far east and north of the origin a position lies, the shorter way round.
    pub(super) fn metres(&self, p: LonLat) -> [f64; 2] {
        let mut dlon = p.lon() - self.origin.lon();
        if dlon.abs() > 180.0 {
            dlon -= 360.0 * dlon.signum();
        }
        [dlon * self.degree_m[0], (p.lat() - self.origin.lat()) * self.degree_m[1]]
    }
}
