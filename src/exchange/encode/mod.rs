//! Resources, divisions and demand points → files in the formats that bureaus, map programs and printers use.
//!
//! Invariants: for the public, resources that it may not know of, contacts, remarks and verifiers are left out here,
//! whatever the caller passes; a file names its coordinate system; what a format can not carry is a named loss; a file
//! without losses, imported again, changes nothing.

mod cell;
mod crs_text;
mod csv;
mod dbf;
mod error;
mod flatgeobuf;
mod format;
mod geojson;
mod geopackage;
mod gpx;
mod html;
mod kml;
mod loss;
mod rows;
mod shapefile;
pub(super) mod sheet;
mod xlsx;
mod xml;

pub(super) use self::csv::harmless;
pub use error::EncodeError;
pub use format::FileFormat;
pub use geojson::to_feature;
pub use gpx::waypoint_of;
pub use loss::Loss;
pub use shapefile::fits_shapefile;

use crate::domain::{Audience, Crs, Declared, DemandPoint, Division, Footprint, Kind, LonLat, Resource, Revision};
use crate::exchange::Target;
use chrono::{DateTime, TimeDelta, Utc};
use rows::Rows;

/// Most rows of one file: as many as an import takes.
pub const ROWS_MAX: usize = super::decode::ROWS_MAX;

/// One thing to write.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// A resource.
    Resource(&'a Resource),
    /// A division.
    Division(&'a Division),
    /// A demand point.
    Demand(&'a DemandPoint),
}

/// What is to be written, for whom and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Writing {
    /// Format of the file.
    pub format: FileFormat,
    /// What the rows are.
    pub target: Target,
    /// Coordinate system of the file.
    pub crs: Crs,
    /// Whose eyes it is for.
    pub audience: Audience,
    /// When, and from which state of the data.
    pub made: Made,
}

/// When a file was made, from what.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The time.
    pub at: DateTime<Utc>,
    /// Revision of the store, as the audience is told it.
    pub revision: Revision,
    /// What was selected, in words; empty for everything.
    pub selection: String,
}

/// A file, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodedFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Media type.
    pub media: &'static str,
    /// Ending of a file name, without the dot.
    pub file_name_ending: &'static str,
    /// How many rows it has.
    pub rows: usize,
    /// What it does not carry; said in the file itself too, where the format has a place for it.
    pub losses: Vec<Loss>,
}

/// Writes a file.
pub fn write_file<'a, T: Into<Item<'a>>>(
    items: impl IntoIterator<Item = T>,
    writing: &'a Writing,
) -> Result<EncodedFile, EncodeError> {
    writing.format.check(&writing.crs)?;
    let rows = Rows::new(items.into_iter().map(Into::into), writing);
    if rows.len() > ROWS_MAX {
        return Err(EncodeError::TooManyRows { rows: rows.len(), limit: ROWS_MAX });
    }
    let losses = loss::of_any_format(&rows);
    let (bytes, losses) = match writing.format {
        FileFormat::Xlsx => xlsx::write(&rows, losses)?,
        FileFormat::Csv => (csv::write(&rows)?, losses),
        FileFormat::GeoJson => (geojson::write(&rows, &losses)?, losses),
        FileFormat::Shapefile => shapefile::write(&rows, losses)?,
        FileFormat::GeoPackage => (geopackage::write(&rows, &losses)?, losses),
        FileFormat::Kml => (kml::write(&rows, &losses)?.into_bytes(), losses),
        FileFormat::Kmz => (kml::zipped(&rows, &losses)?, losses),
        FileFormat::Gpx => gpx::write(&rows, losses),
        FileFormat::FlatGeobuf => (flatgeobuf::write(&rows, &losses)?, losses),
        FileFormat::Html => html::write(&rows, losses),
    };
    let (media, file_name_ending) = (writing.format.media(), writing.format.word());
    Ok(EncodedFile { bytes, media, file_name_ending, rows: rows.len(), losses })
}

impl<'a> From<&'a Resource> for Item<'a> {
    fn from(resource: &'a Resource) -> Self {
        Self::Resource(resource)
    }
}

impl<'a> From<&'a Division> for Item<'a> {
    fn from(division: &'a Division) -> Self {
        Self::Division(division)
    }
}

impl<'a> From<&'a DemandPoint> for Item<'a> {
    fn from(point: &'a DemandPoint) -> Self {
        Self::Demand(point)
    }
}

impl<'a> Item<'a> {
    fn is_for(self, audience: Audience) -> bool {
        match self {
            Self::Resource(resource) => audience == Audience::Staff || resource.is_public(),
            Self::Division(_) | Self::Demand(_) => true,
        }
    }

    fn id(self) -> &'a str {
        match self {
            Self::Resource(resource) => resource.id.as_str(),
            Self::Division(division) => division.code.as_str(),
            Self::Demand(point) => &point.id.0,
        }
    }

    fn name(self) -> &'a str {
        match self {
            Self::Resource(resource) => &resource.name.zh,
            Self::Division(division) => &division.name,
            Self::Demand(point) => &point.id.0,
        }
    }

    fn position(self) -> Option<LonLat> {
        match self {
            Self::Resource(resource) => Some(resource.place.position),
            Self::Division(_) => None,
            Self::Demand(point) => Some(point.position),
        }
    }

    fn area(self) -> Option<&'a Footprint> {
        match self {
            Self::Resource(resource) => resource.place.footprint.as_ref(),
            Self::Division(division) => division.area.as_ref(),
            Self::Demand(_) => None,
        }
    }

    fn declared(self) -> Option<&'a Declared> {
        match self {
            Self::Resource(resource) => resource.place.declared.as_ref(),
            Self::Division(_) | Self::Demand(_) => None,
        }
    }

    fn synthetic(self) -> bool {
        match self {
            Self::Resource(resource) => resource.synthetic,
            Self::Division(division) => division.synthetic,
            Self::Demand(point) => point.synthetic,
        }
    }
}

impl Target {
    /// Returns the name of the layer that holds such things, as OGC collections have it.
    pub const fn layer(self) -> &'static str {
        match self {
            Self::Resource(Kind::Shelter) => "shelters",
            Self::Resource(Kind::Warehouse) => "warehouses",
            Self::Resource(Kind::StoragePoint) => "storage_points",
            Self::Resource(Kind::Team) => "teams",
            Self::Resource(Kind::Site) => "sites",
            Self::Demand => "demand",
            Self::Division => "divisions",
        }
    }

    /// Finds the target of a layer's name.
    pub fn from_layer(name: &str) -> Option<Self> {
        let kinds = Kind::ALL.iter().map(|kind| Self::Resource(*kind));
        kinds.chain([Self::Demand, Self::Division]).find(|target| target.layer() == name)
    }

    /// Returns the Chinese name.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Resource(kind) => kind.zh(),
            Self::Demand => "人口需求点",
            Self::Division => "行政区划",
        }
    }

    /// Returns the English name.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Resource(kind) => kind.en(),
            Self::Demand => "demand point",
            Self::Division => "administrative division",
        }
    }
}

impl Made {
    /// Returns the time in Shanghai, as people there read it.
    pub(super) fn in_shanghai(&self) -> String {
        let shanghai = self.at + TimeDelta::hours(8);
        shanghai.format("%Y-%m-%d %H:%M").to_string()
    }
}
