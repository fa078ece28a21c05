//! Any coordinate reference system ↔ WGS84.
//!
//! Degrees go through [`super::datum`], metres through [`super::gauss`]. Invariants: there and back is less than a
//! millimetre; numbers that can not be meant in the system named are refused with the way out, never bent into place.

use super::{datum, gauss, grid};
use crate::domain::{Crs, Datum, GaussKruger, LonLat, Violation};
use std::f64::consts::PI;

/// Radius of the sphere of EPSG:3857, metres.
const WEB_RADIUS_M: f64 = 6_378_137.0;

/// Half the side of the web mercator square, metres.
const WEB_SIDE_M: f64 = WEB_RADIUS_M * PI;

/// Numbers above this can not be degrees, and are hardly ever a slip of the pen: they are metres.
const METRES_AT_LEAST: f64 = 10_000.0;

/// What GCJ-02 and BD-09 conversions are stated to be good to, metres. Measured: two independent public implementations
/// differ by 0.009 m at most (their ellipsoids differ; `tests/oracle/datum.rs`), and the six decimals that map services hand
/// out are 0.11 m. How well the public formulas meet the services' own is documented nowhere; the rest is for that.
pub const OFFSET_UNCERTAINTY_M: f64 = 0.5;

/// Returns the WGS84 position of two numbers given in `crs` (longitude or easting first; a local grid's own order).
pub fn to_wgs84(crs: &Crs, first: f64, second: f64) -> Result<LonLat, Violation> {
    if !first.is_finite() || !second.is_finite() {
        return LonLat::new(first, second);
    }
    match crs {
        Crs::Geographic(_) if first.abs() >= METRES_AT_LEAST && second.abs() >= METRES_AT_LEAST => {
            Err(looks_projected(crs, first, second))
        }
        Crs::Geographic(given) => Ok(datum::to_wgs84(*given, LonLat::new(first, second)?)),
        Crs::WebMercator | Crs::GaussKruger(_) if looks_like_degrees(first, second) => {
            Err(looks_geographic(crs, first, second))
        }
        Crs::WebMercator => web_inverse(first, second),
        Crs::GaussKruger(zone) => zone_inverse(*zone, first, second).ok_or_else(|| outside_zone(*zone, first, second)),
        Crs::Local(local) => grid::to_wgs84(local, first, second).ok_or_else(|| outside_grid(crs, first, second)),
    }
}

/// Returns the numbers in `crs` of a WGS84 position (longitude or easting first; a local grid's own order); not-a-number
/// where the system does not reach ([`reaches`] tells beforehand).
pub fn from_wgs84(crs: &Crs, position: LonLat) -> (f64, f64) {
    const NOWHERE: (f64, f64) = (f64::NAN, f64::NAN);
    match crs {
        Crs::Geographic(wanted) => datum::from_wgs84(*wanted, position).into(),
        Crs::WebMercator if position.lat().abs() > WEB_LAT_MAX => NOWHERE,
        Crs::WebMercator => {
            let north = position.lat().to_radians().tan().asinh();
            (WEB_RADIUS_M * position.lon().to_radians(), WEB_RADIUS_M * north)
        }
        Crs::GaussKruger(zone) => match gauss::forward(zone.central_meridian_deg(), position) {
            Some((east, north)) if in_zone(*zone, east) => (east + zone.false_easting_m(), north),
            _ => NOWHERE,
        },
        Crs::Local(local) => grid::from_wgs84(local, position).unwrap_or(NOWHERE),
    }
}

/// Greatest latitude of the web mercator square, degrees.
const WEB_LAT_MAX: f64 = 85.051_128_779_806_6;

/// Returns nothing when the system can give the numbers of a position, and otherwise what is wrong and the way out.
pub fn reaches(crs: &Crs, position: LonLat) -> Result<(), Violation> {
    if from_wgs84(crs, position).0.is_finite() {
        return Ok(());
    }
    let (lon, lat, word) = (position.lon(), position.lat(), crs.word());
    Err(Violation::new(
        "datum",
        "out_of_reach",
        format!("位置 ({lon:.5}, {lat:.5}) 超出 {word} 的适用范围；请选用当地的带号或经纬度坐标系"),
        format!("({lon:.5}, {lat:.5}) lies beyond the reach of {word}: take the zone of the place, or degrees"),
    ))
}

/// Returns how far off a position converted between `crs` and WGS84 may be for the conversion alone, metres; `None` where
/// the conversion is exact, or good to centimetres.
pub fn uncertainty_m(crs: &Crs) -> Option<f64> {
    match crs {
        Crs::Geographic(Datum::Gcj02 | Datum::Bd09) => Some(OFFSET_UNCERTAINTY_M),
        Crs::Local(local) => Some(local.rms_m),
        Crs::Geographic(Datum::Wgs84 | Datum::Cgcs2000) | Crs::WebMercator | Crs::GaussKruger(_) => None,
    }
}

/// Returns whether metres east of the central meridian can be told in a zone: where its number stands before the easting,
/// half a million to either side, or the number would be another's.
fn in_zone(zone: GaussKruger, east_m: f64) -> bool {
    zone.prefix().is_none() || (-500_000.0..500_000.0).contains(&east_m)
}

fn zone_inverse(zone: GaussKruger, easting: f64, northing: f64) -> Option<LonLat> {
    let east_m = easting - zone.false_easting_m();
    gauss::inverse(zone.central_meridian_deg(), (east_m, northing)).filter(|_| in_zone(zone, east_m))
}

/// Returns in words how numbers of a system are brought to WGS84; `None` where they are taken as they are.
pub fn conversion(crs: &Crs) -> Option<String> {
    match crs {
        Crs::Geographic(Datum::Wgs84 | Datum::Cgcs2000) => None,
        Crs::Geographic(datum) => Some(format!(
            "{} → WGS84：公开公式迭代反算，闭合 < 1 毫米 / public formula, inverse iterated to < 1 mm",
            datum.word()
        )),
        Crs::WebMercator => Some("EPSG:3857 → WGS84：球面墨卡托反算 / inverse spherical Mercator".to_owned()),
        Crs::GaussKruger(zone) => Some(format!(
            "EPSG:{} → CGCS2000 = WGS84：高斯–克吕格反算，中央经线 {}° / Gauss–Krüger inverse, n^6 (Karney 2011), central meridian {}°",
            zone.epsg(),
            zone.central_meridian_deg(),
            zone.central_meridian_deg()
        )),
        Crs::Local(grid) => Some(format!(
            "local:{} → CGCS2000 = WGS84：控制点拟合，中误差 {:.3} 米 / fitted to control points, RMS {:.3} m, central meridian {}°",
            grid.name, grid.rms_m, grid.rms_m, grid.central_meridian_deg
        )),
    }
}

fn web_inverse(first: f64, second: f64) -> Result<LonLat, Violation> {
    // The square's own edge comes back from its corner a few nanometres outside.
    let most = WEB_SIDE_M + 1e-6;
    for (field, number) in [("lon", first), ("lat", second)] {
        if number.abs() > most {
            return Err(Violation::out_of_range(field, &number.to_string(), "±20037508.34 m (EPSG:3857)"));
        }
    }
    Ok(LonLat::clamped(
        (first / WEB_RADIUS_M).to_degrees().clamp(-180.0, 180.0),
        (second / WEB_RADIUS_M).sinh().atan().to_degrees(),
    ))
}

fn looks_like_degrees(first: f64, second: f64) -> bool {
    first.abs() <= 180.0 && second.abs() <= 180.0
}

fn looks_geographic(crs: &Crs, first: f64, second: f64) -> Violation {
    let word = crs.word();
    Violation::new(
        "lon",
        "looks_like_degrees",
        format!("坐标 ({first}, {second}) 像是度，而声明的 {word} 以米为单位；请改用 wgs84、cgcs2000、gcj02 或 bd09"),
        format!(
            "({first}, {second}) look like degrees, but {word} is in metres: declare wgs84, cgcs2000, gcj02 or bd09"
        ),
    )
}

fn looks_projected(crs: &Crs, first: f64, second: f64) -> Violation {
    let word = crs.word();
    let way = zone_of_prefix(first).or_else(|| zone_of_prefix(second));
    let (zh, en) = match way {
        Some(zone) => (format!("（例如 EPSG:{}）", zone.epsg()), format!(", such as EPSG:{}", zone.epsg())),
        None => (
            "（如 EPSG:4534–4554 的某一带，或 web_mercator）".to_owned(),
            " (one of EPSG:4534–4554, or web_mercator)".to_owned(),
        ),
    };
    Violation::new(
        "lon",
        "looks_projected",
        format!(
            "坐标 ({first}, {second}) 像是以米为单位的投影坐标，而声明的 {word} 以度为单位；请声明其投影坐标系{zh}"
        ),
        format!(
            "({first}, {second}) look like projected metres, but {word} is in degrees: declare their projection{en}"
        ),
    )
}

/// Returns the zone whose number stands before an easting: 13–23 of 6°, 25–45 of 3°.
pub fn zone_of_prefix(easting: f64) -> Option<GaussKruger> {
    let zone = (easting / 1_000_000.0).floor();
    let code = match zone as i64 {
        13..=23 => 4491 + (zone as u16 - 13),
        25..=45 => 4513 + (zone as u16 - 25),
        _ => return None,
    };
    (zone > 0.0).then(|| GaussKruger::of_epsg(code)).flatten()
}

/// Returns the 3° zone without prefix that has a central meridian.
fn bare_zone(central_meridian_deg: f64) -> Option<GaussKruger> {
    let step = (central_meridian_deg - 75.0) / 3.0;
    GaussKruger::of_epsg(4534 + step.round() as u16)
}

/// Says what is wrong with an easting and northing that do not belong to a zone: swapped, without or with a zone's
/// number, another zone's number, or just too far away.
fn outside_zone(zone: GaussKruger, east: f64, north: f64) -> Violation {
    let word = format!("EPSG:{}", zone.epsg());
    let fits = |zone, easting, northing| zone_inverse(zone, easting, northing).is_some();
    if fits(zone, north, east) {
        return Violation::new(
            "lon",
            "swapped",
            format!(
                "东坐标 {east} 与北坐标 {north} 疑似写反（测量中 X 为北、Y 为东）；请交换两列，或用表头“东坐标/北坐标”写明"
            ),
            format!(
                "easting {east} and northing {north} look swapped (surveyors' X is north, Y is east): swap them, or name the columns easting and northing"
            ),
        );
    }
    let other = zone_of_prefix(east).filter(|other| fits(*other, east, north));
    match (zone.prefix(), other) {
        (Some(prefix), None) if (east - 500_000.0).abs() <= gauss::REACH_M => {
            let bare = bare_zone(zone.central_meridian_deg()).map_or(0, GaussKruger::epsg);
            Violation::new(
                "lon",
                "missing_zone_prefix",
                format!(
                    "{word} 的东坐标应带带号 {prefix}（如 {prefix}500000），收到 {east}；不带带号请声明 EPSG:{bare}"
                ),
                format!(
                    "an easting of {word} begins with the zone's number {prefix} (such as {prefix}500000), not {east}: declare EPSG:{bare} for eastings without it"
                ),
            )
        }
        (_, Some(other)) => {
            let (code, meridian) = (other.epsg(), other.central_meridian_deg());
            Violation::new(
                "lon",
                "other_zone",
                format!(
                    "东坐标 {east} 带有带号，属中央经线 {meridian}° 的 EPSG:{code}，与声明的 {word} 不符；请改用 EPSG:{code}"
                ),
                format!(
                    "easting {east} carries the number of the zone about {meridian}° E, EPSG:{code}, not of {word}: declare EPSG:{code}"
                ),
            )
        }
        _ => Violation::new(
            "lon",
            "out_of_reach",
            format!(
                "({east}, {north}) 距 {word} 的中央经线超过 {}°，或超出两极；请检查带号、单位（米）与列的顺序",
                gauss::REACH_DEG
            ),
            format!(
                "({east}, {north}) is more than {}° from the central meridian of {word}, or beyond a pole: check the zone, the unit (metres) and the order of the columns",
                gauss::REACH_DEG
            ),
        ),
    }
}

fn outside_grid(crs: &Crs, first: f64, second: f64) -> Violation {
    let word = crs.word();
    Violation::new(
        "lon",
        "out_of_reach",
        format!("({first}, {second}) 超出格网 {word} 的适用范围；请检查单位（米）与列的顺序，或重新拟合格网"),
        format!(
            "({first}, {second}) lies beyond the reach of {word}: check the unit (metres) and the order, or fit the grid again"
        ),
    )
}
