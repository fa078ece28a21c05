//! Formats that files go out in: their endings, media types, and which coordinate systems each can carry honestly.
//!
//! Invariant: a format that can only be WGS84 refuses everything else; one that can be anything names what it is in the
//! file itself.

use super::EncodeError;
use crate::domain::Crs;

/// A format of a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileFormat {
    /// Excel workbook: the rows, and a sheet that explains the fields.
    Xlsx,
    /// Text table, UTF-8 with a byte-order mark.
    Csv,
    /// GeoJSON, RFC 7946.
    GeoJson,
    /// Shapefiles of points and of areas, zipped.
    Shapefile,
    /// OGC GeoPackage 1.3.
    GeoPackage,
    /// OGC KML 2.2.
    Kml,
    /// KML, zipped.
    Kmz,
    /// GPX 1.1 waypoints.
    Gpx,
    /// FlatGeobuf 3.
    FlatGeobuf,
    /// A page to print, A4.
    Html,
}

impl FileFormat {
    /// Every format, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[
        Self::Xlsx,
        Self::Csv,
        Self::GeoJson,
        Self::Shapefile,
        Self::GeoPackage,
        Self::Kml,
        Self::Kmz,
        Self::Gpx,
        Self::FlatGeobuf,
        Self::Html,
    ];

    /// Returns the ending of a file name, which is the format's word too.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::GeoJson => "geojson",
            Self::Shapefile => "shp.zip",
            Self::GeoPackage => "gpkg",
            Self::Kml => "kml",
            Self::Kmz => "kmz",
            Self::Gpx => "gpx",
            Self::FlatGeobuf => "fgb",
            Self::Html => "html",
        }
    }

    /// Finds the format of an ending; `shp` and `zip` stand for the zipped shapefiles.
    pub fn from_ending(ending: &str) -> Option<Self> {
        let ending = ending.to_ascii_lowercase();
        match ending.as_str() {
            "shp" | "zip" => Some(Self::Shapefile),
            _ => Self::ALL.iter().copied().find(|format| format.ending() == ending),
        }
    }

    /// Lists the endings.
    pub fn choices() -> String {
        Self::ALL.iter().map(|format| format.ending()).collect::<Vec<_>>().join(", ")
    }

    /// Returns the media type.
    pub const fn media(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::GeoJson => "application/geo+json",
            Self::Shapefile => "application/zip",
            Self::GeoPackage => "application/geopackage+sqlite3",
            Self::Kml => "application/vnd.google-earth.kml+xml",
            Self::Kmz => "application/vnd.google-earth.kmz",
            Self::Gpx => "application/gpx+xml",
            Self::FlatGeobuf => "application/flatgeobuf",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    /// Returns whether a row is cells under headers, where the geometry is a cell as well.
    pub(super) const fn is_table(self) -> bool {
        matches!(self, Self::Xlsx | Self::Csv)
    }

    /// Returns whether a row has a geometry beside its values.
    pub(super) const fn has_geometry(self) -> bool {
        !matches!(self, Self::Xlsx | Self::Csv | Self::Html)
    }

    /// Refuses a coordinate system that the format can not carry. KML and GPX are WGS84 by their standards and have no
    /// place to say otherwise; GeoJSON is degrees, and another datum is named by a member of the file; the rest carry
    /// any. CGCS2000 degrees are those of WGS84 to within centimetres and go everywhere.
    pub(super) fn check(self, crs: &Crs) -> Result<(), EncodeError> {
        let carried = match self {
            Self::Kml | Self::Kmz | Self::Gpx => crs.is_native(),
            Self::GeoJson => crs.degrees().is_some(),
            _ => true,
        };
        if carried { Ok(()) } else { Err(EncodeError::CrsNotCarried { format: self.ending(), crs: crs.word() }) }
    }
}
