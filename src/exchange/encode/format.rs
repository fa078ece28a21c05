//! Formats that files go out in: their endings, media types, and which coordinate systems each can carry honestly.
//!
//! Invariant: a format that can only be WGS84 refuses everything else; one that can be anything names what it is in the
//! file itself.

use super::EncodeError;
use crate::domain::Crs;
use crate::domain::words::words;

words! {
    /// A format of a file that is written; its word is the ending of the file's name.
    FileFormat {
        Xlsx = "xlsx", "Excel 工作簿", "Excel workbook";
        Csv = "csv", "文本表格（CSV）", "text table (CSV)";
        GeoJson = "geojson", "GeoJSON", "GeoJSON";
        Shapefile = "shp.zip", "Shapefile（zip）", "zipped shapefiles";
        GeoPackage = "gpkg", "GeoPackage", "GeoPackage";
        Kml = "kml", "KML", "KML";
        Kmz = "kmz", "KMZ", "KMZ";
        Gpx = "gpx", "GPX 航点", "GPX waypoints";
        FlatGeobuf = "fgb", "FlatGeobuf", "FlatGeobuf";
        Html = "html", "打印页（HTML）", "page to print (HTML)";
    }
}

impl FileFormat {
    /// Finds the format of an ending; `shp` and `zip` stand for the zipped shapefiles.
    pub fn from_ending(ending: &str) -> Option<Self> {
        match ending.to_ascii_lowercase().as_str() {
            "shp" | "zip" => Some(Self::Shapefile),
            ending => Self::from_word(ending),
        }
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
        if carried { Ok(()) } else { Err(EncodeError::CrsNotCarried { format: self.word(), crs: crs.word() }) }
    }
}
