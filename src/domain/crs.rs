//! Coordinate reference systems that files come in and go out in: degrees in one of four datums, projected metres, or a
//! grid that was fitted to control points.
//!
//! Invariant: [`Crs::parse`] reads every word that [`Crs::word`] writes, but for a local grid, whose numbers are kept by
//! the service under its name.

use super::{Datum, Violation};
use serde::{Deserialize, Serialize};

/// A coordinate reference system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crs {
    /// Longitude and latitude in degrees.
    Geographic(Datum),
    /// EPSG:3857, metres.
    WebMercator,
    /// CGCS2000 / Gauss–Krüger, metres, easting first.
    GaussKruger(GaussKruger),
    /// A local grid fitted to control points, metres.
    Local(LocalGrid),
}

/// A zone of CGCS2000 / Gauss–Krüger, by its EPSG code: 4491–4501 6° zones 13–23 with the zone before the easting,
/// 4502–4512 6° zones by central meridian 75–135° E, 4513–4533 3° zones 25–45 with the zone before the easting,
/// 4534–4554 3° zones by central meridian 75–135° E.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct GaussKruger(u16);

impl GaussKruger {
    /// Returns the zone of an EPSG code.
    pub fn of_epsg(code: u16) -> Option<Self> {
        (4491..=4554).contains(&code).then_some(Self(code))
    }

    /// Returns the EPSG code.
    pub const fn epsg(self) -> u16 {
        self.0
    }

    /// Returns the central meridian, degrees east.
    pub fn central_meridian_deg(self) -> f64 {
        match self.0 {
            code @ 4491..=4501 => f64::from(code - 4491) * 6.0 + 75.0,
            code @ 4502..=4512 => f64::from(code - 4502) * 6.0 + 75.0,
            code @ 4513..=4533 => f64::from(code - 4513) * 3.0 + 75.0,
            code => f64::from(code - 4534) * 3.0 + 75.0,
        }
    }

    /// Returns the number of the zone that stands before the easting; `None` where none does.
    pub fn prefix(self) -> Option<u16> {
        match self.0 {
            code @ 4491..=4501 => Some(code - 4491 + 13),
            code @ 4513..=4533 => Some(code - 4513 + 25),
            _ => None,
        }
    }

    /// Returns the false easting in metres, the zone's number included.
    pub fn false_easting_m(self) -> f64 {
        500_000.0 + self.prefix().map_or(0.0, |zone| f64::from(zone) * 1_000_000.0)
    }
}

impl TryFrom<u16> for GaussKruger {
    type Error = String;
    fn try_from(code: u16) -> Result<Self, String> {
        Self::of_epsg(code).ok_or_else(|| format!("EPSG:{code} is no CGCS2000 / Gauss–Krüger zone (4491–4554)"))
    }
}

impl From<GaussKruger> for u16 {
    fn from(zone: GaussKruger) -> Self {
        zone.0
    }
}

/// A local grid: metres (x east, y north) that an affine map brings to metres east and north on a Gauss–Krüger plane of
/// CGCS2000 about `central_meridian_deg` with false easting 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LocalGrid {
    /// Name it is kept under.
    pub name: String,
    /// Central meridian of the plane, degrees east.
    pub central_meridian_deg: f64,
    /// `east = a x + b y + c`, `north = d x + e y + f`, in this order.
    pub coefficients: [f64; 6],
    /// Root mean square of the residuals at the control points, metres.
    pub rms_m: f64,
}

impl From<Datum> for Crs {
    fn from(datum: Datum) -> Self {
        Self::Geographic(datum)
    }
}

impl Crs {
    /// Longitude and latitude on WGS84.
    pub const WGS84: Self = Self::Geographic(Datum::Wgs84);

    /// Reads a word: a datum, `web_mercator`, or `EPSG:` and a code. A local grid is looked up by the service.
    pub fn parse(word: &str) -> Result<Self, Violation> {
        let plain = word.trim().to_ascii_lowercase();
        if let Some(datum) = Datum::from_word(&plain) {
            return Ok(Self::Geographic(datum));
        }
        if plain == "web_mercator" {
            return Ok(Self::WebMercator);
        }
        let code = plain.strip_prefix("epsg:").and_then(|code| code.parse::<u16>().ok());
        let known = code.and_then(|code| match code {
            4326 => Some(Self::WGS84),
            4490 => Some(Self::Geographic(Datum::Cgcs2000)),
            3857 => Some(Self::WebMercator),
            code => GaussKruger::of_epsg(code).map(Self::GaussKruger),
        });
        known.ok_or_else(|| {
            let shown: String = word.chars().take(60).collect();
            Violation::new(
                "datum",
                "unknown_datum",
                format!("没有名为“{shown}”的坐标系；可选：{}", Self::CHOICES),
                format!("no coordinate system `{shown}`: one of {}", Self::CHOICES),
            )
        })
    }

    /// What may be written where a coordinate system is asked for.
    pub const CHOICES: &'static str =
        "wgs84, cgcs2000, gcj02, bd09, web_mercator, EPSG:4490, EPSG:4491–4554 (CGCS2000 Gauss–Krüger), local:NAME";

    /// Returns the word on the wire.
    pub fn word(&self) -> String {
        match self {
            Self::Geographic(datum) => datum.word().to_owned(),
            Self::WebMercator => "web_mercator".to_owned(),
            Self::GaussKruger(zone) => format!("EPSG:{}", zone.epsg()),
            Self::Local(grid) => format!("local:{}", grid.name),
        }
    }

    /// Returns the datum, where the numbers are degrees.
    pub const fn degrees(&self) -> Option<Datum> {
        match self {
            Self::Geographic(datum) => Some(*datum),
            _ => None,
        }
    }

    /// Returns whether the numbers are those of WGS84, to within centimetres.
    pub fn is_native(&self) -> bool {
        matches!(self, Self::Geographic(Datum::Wgs84 | Datum::Cgcs2000))
    }
}
