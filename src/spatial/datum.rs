//! Datum shifts: WGS84/CGCS2000 ↔ GCJ-02 ↔ BD-09.
//!
//! GCJ-02 has no published definition; the formulas in common use are reverse-engineered, on the Krasovsky ellipsoid
//! (a = 6 378 245 m, e² = 0.006 693 421 622 965 943 23), and agree with the services to centimetres. The inverse has no
//! closed form and is iterated until it is good to less than a millimetre; every iteration is bounded. CGCS2000 differs
//! from WGS84 by centimetres and is taken as equal.

use crate::domain::{Datum, LonLat};
use std::f64::consts::PI;

const KRASOVSKY_A_M: f64 = 6_378_245.0;
const KRASOVSKY_E2: f64 = 0.006_693_421_622_965_943;
const BAIDU_PI: f64 = PI * 3000.0 / 180.0;

/// Outside this rectangle (lon, lat in degrees) GCJ-02 equals WGS84, as the services' own converters have it.
const CHINA: [f64; 4] = [72.004, 0.8293, 137.8347, 55.8271];

/// Iterations of the inverse; five are enough inside China, the rest is a guard at the edge of the rectangle.
const ROUNDS_MAX: usize = 30;

/// About 0.01 mm on the ground.
const CLOSE_DEG: f64 = 1e-10;

/// Returns the WGS84 position of numbers given in `datum`.
pub fn to_wgs84(datum: Datum, given: LonLat) -> LonLat {
    match datum {
        Datum::Wgs84 | Datum::Cgcs2000 => given,
        Datum::Gcj02 => invert(given, wgs84_to_gcj02),
        Datum::Bd09 => invert(given, |p| gcj02_to_bd09(wgs84_to_gcj02(p))),
    }
}

/// Returns the numbers in `datum` of a WGS84 position.
pub fn from_wgs84(datum: Datum, position: LonLat) -> LonLat {
    match datum {
        Datum::Wgs84 | Datum::Cgcs2000 => position,
        Datum::Gcj02 => wgs84_to_gcj02(position),
        Datum::Bd09 => gcj02_to_bd09(wgs84_to_gcj02(position)),
    }
}

fn wgs84_to_gcj02(p: LonLat) -> LonLat {
    let (lon, lat) = (p.lon(), p.lat());
    let [west, south, east, north] = CHINA;
    if !(west..=east).contains(&lon) || !(south..=north).contains(&lat) {
        return p;
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let phi = lat.to_radians();
    let magic = 1.0 - KRASOVSKY_E2 * phi.sin().powi(2);
    let meridian = KRASOVSKY_A_M * (1.0 - KRASOVSKY_E2) / (magic * magic.sqrt());
    let parallel = KRASOVSKY_A_M / magic.sqrt() * phi.cos();
    LonLat::clamped(lon + (shift_east(x, y) / parallel).to_degrees(), lat + (shift_north(x, y) / meridian).to_degrees())
}

/// Shift to the north in metres; `x`, `y` in degrees from 105° E, 35° N.
fn shift_north(x: f64, y: f64) -> f64 {
    -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0
}

/// Shift to the east in metres; `x`, `y` in degrees from 105° E, 35° N.
fn shift_east(x: f64, y: f64) -> f64 {
    300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0
}

fn gcj02_to_bd09(p: LonLat) -> LonLat {
    let (x, y) = (p.lon(), p.lat());
    if !(CHINA[0]..=CHINA[2]).contains(&x) || !(CHINA[1]..=CHINA[3]).contains(&y) {
        return p;
    }
    let radius = x.hypot(y) + 0.000_02 * (y * BAIDU_PI).sin();
    let angle = y.atan2(x) + 0.000_003 * (x * BAIDU_PI).cos();
    LonLat::clamped(radius * angle.cos() + 0.0065, radius * angle.sin() + 0.006)
}

/// Finds the position whose image under `forward` is `image`, by fixed-point iteration: the shift changes slowly
/// (its derivative is below 1 %), so each round gains two digits.
fn invert(image: LonLat, forward: impl Fn(LonLat) -> LonLat) -> LonLat {
    let mut guess = image;
    for _ in 0..ROUNDS_MAX {
        let miss = forward(guess);
        let (dx, dy) = (image.lon() - miss.lon(), image.lat() - miss.lat());
        guess = LonLat::clamped(guess.lon() + dx, guess.lat() + dy);
        if dx.abs().max(dy.abs()) < CLOSE_DEG {
            break;
        }
    }
    guess
}
