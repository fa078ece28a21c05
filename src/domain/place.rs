//! Where things are: longitude first, always WGS84 (CGCS2000 within centimetres) inside.
//!
//! Invariant: a [`LonLat`] is finite, −180 ≤ lon ≤ 180 and −90 ≤ lat ≤ 90. Other datums exist only at the edges, as
//! [`Declared`] positions that are kept beside the converted one.

use super::words::words;
use super::{Crs, Violation};
use geo_types::MultiPolygon;
use serde::{Deserialize, Serialize};

/// A position on the WGS84 ellipsoid, in degrees, longitude first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(f64, f64)", into = "(f64, f64)")]
pub struct LonLat {
    lon: f64,
    lat: f64,
}

impl LonLat {
    /// Returns the position, or what is wrong with the numbers; swapped ones are told so.
    pub fn new(lon: f64, lat: f64) -> Result<Self, Violation> {
        if !lon.is_finite() || !lat.is_finite() {
            return Err(Violation::new(
                if lon.is_finite() { "lat" } else { "lon" },
                "not_finite",
                "经纬度必须是有限的数字",
                "longitude and latitude must be finite numbers",
            ));
        }
        let lon_fits = (-180.0..=180.0).contains(&lon);
        let lat_fits = (-90.0..=90.0).contains(&lat);
        if lon_fits && lat_fits {
            return Ok(Self { lon, lat });
        }
        if !lat_fits && (-180.0..=180.0).contains(&lat) && (-90.0..=90.0).contains(&lon) {
            return Err(Violation::new(
                "lat",
                "swapped",
                format!("经度与纬度疑似写反：lon={lon}，lat={lat}；请交换两者（经度在前）"),
                format!("lon={lon} and lat={lat} look swapped: longitude comes first"),
            ));
        }
        let (field, given, range) = if lon_fits { ("lat", lat, "-90…90") } else { ("lon", lon, "-180…180") };
        Err(Violation::out_of_range(field, &given.to_string(), range))
    }

    /// Returns the position with the numbers brought into range; for results of geometry that may stray by rounding.
    pub fn clamped(lon: f64, lat: f64) -> Self {
        let lon = match lon {
            lon if (-180.0..=180.0).contains(&lon) => lon,
            lon if lon.is_finite() => (lon + 540.0).rem_euclid(360.0) - 180.0,
            _ => 0.0,
        };
        Self { lon, lat: if lat.is_finite() { lat.clamp(-90.0, 90.0) } else { 0.0 } }
    }

    /// Returns the longitude in degrees.
    pub const fn lon(self) -> f64 {
        self.lon
    }

    /// Returns the latitude in degrees.
    pub const fn lat(self) -> f64 {
        self.lat
    }
}

impl TryFrom<(f64, f64)> for LonLat {
    type Error = String;
    fn try_from((lon, lat): (f64, f64)) -> Result<Self, String> {
        Self::new(lon, lat).map_err(|v| v.en)
    }
}

impl From<LonLat> for (f64, f64) {
    fn from(p: LonLat) -> Self {
        (p.lon, p.lat)
    }
}

impl From<LonLat> for geo_types::Coord<f64> {
    fn from(p: LonLat) -> Self {
        Self { x: p.lon, y: p.lat }
    }
}

words! {
    /// Datum in which coordinates are given or asked for.
    Datum {
        Wgs84 = "wgs84", "WGS84", "WGS84";
        Cgcs2000 = "cgcs2000", "2000国家大地坐标系", "CGCS2000";
        Gcj02 = "gcj02", "GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)";
        Bd09 = "bd09", "BD-09（百度）", "BD-09 (Baidu)";
    }
}

/// The coordinates as they were given, before any conversion. A local grid is kept with its coefficients, so that what
/// was given can be worked out again when the grid has been fitted anew since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredDeclared")]
pub struct Declared {
    /// Coordinate system that the source declared.
    pub crs: Crs,
    /// First number as given: longitude in degrees, easting in metres, or the local grid's x.
    pub first: f64,
    /// Second number as given.
    pub second: f64,
    /// How the numbers were brought to WGS84, in words; `None` where that was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversion: Option<String>,
}

/// [`Declared`] as the store may hold it.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredDeclared {
    Now {
        crs: Crs,
        first: f64,
        second: f64,
        #[serde(default)]
        conversion: Option<String>,
    },
    /// Before there were other systems than degrees.
    Degrees { datum: Datum, lon: f64, lat: f64 },
}

impl From<StoredDeclared> for Declared {
    fn from(stored: StoredDeclared) -> Self {
        match stored {
            StoredDeclared::Now { crs, first, second, conversion } => Self { crs, first, second, conversion },
            StoredDeclared::Degrees { datum, lon, lat } => {
                Self { crs: datum.into(), first: lon, second: lat, conversion: None }
            }
        }
    }
}

/// An area on the ground. Rings are straight in longitude and latitude (RFC 7946), cut at the antimeridian.
pub type Footprint = MultiPolygon<f64>;

/// Where a resource is: a point to show and, where known, the area it fills.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The point that stands for the resource (entrance or a point inside the footprint).
    pub position: LonLat,
    /// The area it fills; distance is measured to its edge, and is zero inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footprint: Option<Footprint>,
    /// The numbers as declared by the source, when they were converted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
}

impl Place {
    /// Returns a place known by its point alone.
    pub const fn point(position: LonLat) -> Self {
        Self { position, footprint: None, declared: None }
    }
}
