//! The Gauss–Krüger (transverse Mercator) projection on the ellipsoid of CGCS2000, there and back.
//!
//! Krüger's series to the sixth order in the third flattening, as in Karney (2011), "Transverse Mercator with an
//! accuracy of a few nanometers", doi 10.1007/s00190-011-0445-3, equations 7–21, 35 and 36. Invariant: within
//! [`REACH_DEG`] of the central meridian there and back is less than a micrometre; farther away nothing is promised, and
//! nothing is answered.

use crate::domain::LonLat;

/// Semi-major axis of CGCS2000, metres (GB/T 17942; the same as WGS84's).
const A_M: f64 = 6_378_137.0;
/// Flattening of CGCS2000.
const F: f64 = 1.0 / 298.257_222_101;
/// Third flattening.
const N: f64 = F / (2.0 - F);

/// Farthest from the central meridian, degrees: half a 6° zone and plenty, where a mistake is far likelier than a use.
pub const REACH_DEG: f64 = 10.0;

/// Most of an easting on either side of the central meridian, metres: [`REACH_DEG`] on the equator.
pub const REACH_M: f64 = 1_119_000.0;

/// Least and most northing, metres: the poles.
pub const NORTHING_M: f64 = 10_001_965.8;

/// Radius of the circle whose circumference is four quarter meridians (equation 14), metres.
fn rectifying_m() -> f64 {
    let n2 = N * N;
    A_M / (1.0 + N) * (1.0 + n2 * (1.0 / 4.0 + n2 * (1.0 / 64.0 + n2 / 256.0)))
}

/// Coefficients of equation 35, from the lowest power of n that they have.
const ALPHA: [&[f64]; 6] = [
    &[1.0 / 2.0, -2.0 / 3.0, 5.0 / 16.0, 41.0 / 180.0, -127.0 / 288.0, 7_891.0 / 37_800.0],
    &[13.0 / 48.0, -3.0 / 5.0, 557.0 / 1_440.0, 281.0 / 630.0, -1_983_433.0 / 1_935_360.0],
    &[61.0 / 240.0, -103.0 / 140.0, 15_061.0 / 26_880.0, 167_603.0 / 181_440.0],
    &[49_561.0 / 161_280.0, -179.0 / 168.0, 6_601_661.0 / 7_257_600.0],
    &[34_729.0 / 80_640.0, -3_418_889.0 / 1_995_840.0],
    &[212_378_941.0 / 319_334_400.0],
];

/// Coefficients of equation 36.
const BETA: [&[f64]; 6] = [
    &[1.0 / 2.0, -2.0 / 3.0, 37.0 / 96.0, -1.0 / 360.0, -81.0 / 512.0, 96_199.0 / 604_800.0],
    &[1.0 / 48.0, 1.0 / 15.0, -437.0 / 1_440.0, 46.0 / 105.0, -1_118_711.0 / 3_870_720.0],
    &[17.0 / 480.0, -37.0 / 840.0, -209.0 / 4_480.0, 5_569.0 / 90_720.0],
    &[4_397.0 / 161_280.0, -11.0 / 504.0, -830_251.0 / 7_257_600.0],
    &[4_583.0 / 161_280.0, -108_847.0 / 3_991_680.0],
    &[20_648_693.0 / 638_668_800.0],
];

/// Sums `c_j trig(2jξ) hyp(2jη)` for both parts; returns what is to be added to ξ and η.
fn series(table: [&[f64]; 6], xi: f64, eta: f64) -> (f64, f64) {
    let (mut dx, mut dn) = (0.0, 0.0);
    for (i, powers) in table.iter().enumerate() {
        let k = 2.0 * (i + 1) as f64;
        let c = powers.iter().rev().fold(0.0, |sum, p| sum * N + p) * N.powi(i as i32 + 1);
        dx += c * (k * xi).sin() * (k * eta).cosh();
        dn += c * (k * xi).cos() * (k * eta).sinh();
    }
    (dx, dn)
}

fn eccentricity() -> f64 {
    (F * (2.0 - F)).sqrt()
}

/// Returns metres east and north of the crossing of the central meridian and the equator; `None` beyond
/// [`REACH_DEG`].
pub fn forward(central_meridian_deg: f64, position: LonLat) -> Option<(f64, f64)> {
    let off = (position.lon() - central_meridian_deg + 540.0).rem_euclid(360.0) - 180.0;
    if off.abs() > REACH_DEG {
        return None;
    }
    let (lambda, tau) = (off.to_radians(), position.lat().to_radians().tan());
    let conformal = conformal_tangent(tau);
    let xi = conformal.atan2(lambda.cos());
    let eta = (lambda.sin() / conformal.hypot(lambda.cos())).asinh();
    let (dx, dn) = series(ALPHA, xi, eta);
    let scale = rectifying_m();
    Some((scale * (eta + dn), scale * (xi + dx)))
}

/// Returns the position of metres east and north; `None` beyond [`REACH_DEG`] or the poles.
pub fn inverse(central_meridian_deg: f64, (east_m, north_m): (f64, f64)) -> Option<LonLat> {
    let far = !(east_m.abs() <= REACH_M && north_m.abs() <= NORTHING_M);
    if far {
        return None;
    }
    let scale = rectifying_m();
    let (xi, eta) = (north_m / scale, east_m / scale);
    let (dx, dn) = series(BETA, xi, eta);
    let (xi, eta) = (xi - dx, eta - dn);
    let conformal = xi.sin() / eta.sinh().hypot(xi.cos());
    let off = eta.sinh().atan2(xi.cos()).to_degrees();
    if off.abs() > REACH_DEG + 1e-9 {
        return None;
    }
    let lon = (central_meridian_deg + off + 540.0).rem_euclid(360.0) - 180.0;
    Some(LonLat::clamped(lon, tangent(conformal).atan().to_degrees()))
}

/// Tangent of the conformal latitude (equations 7–9).
fn conformal_tangent(tau: f64) -> f64 {
    let e = eccentricity();
    let sigma = (e * (e * tau / tau.hypot(1.0)).atanh()).sinh();
    tau * sigma.hypot(1.0) - sigma * tau.hypot(1.0)
}

/// Rounds of Newton's method; two give full precision anywhere, the rest is a guard.
const ROUNDS_MAX: usize = 6;

/// Tangent of the latitude from that of the conformal one (equations 19–21).
fn tangent(conformal: f64) -> f64 {
    let e2 = F * (2.0 - F);
    let mut tau = conformal / (1.0 - e2);
    for _ in 0..ROUNDS_MAX {
        let here = conformal_tangent(tau);
        let step =
            (conformal - here) / here.hypot(1.0) * (1.0 + (1.0 - e2) * tau * tau) / ((1.0 - e2) * tau.hypot(1.0));
        tau += step;
        if step.abs() <= 1e-15 * tau.abs().max(1.0) {
            break;
        }
    }
    tau
}
