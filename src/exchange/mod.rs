//! Floor 5: foreign bytes ↔ drafts and documents.
//!
//! Bytes are recognised (format, encoding, delimiter, headers in three languages), decoded into drafts in the words of
//! the flat document, and brought to WGS84 on the way. Knows nothing of the store, and writes nothing.
//! Invariant: every row of a file is accounted for by exactly one draft, whatever is wrong with it.

mod assemble;
mod columns;
mod csv;
pub mod document;
mod encode;
mod encoding;
mod error;
mod geojson;
pub mod geometry;
pub mod osm;
mod value;

pub use encode::{feature_collection_geojson, to_csv, to_feature};
pub use error::DecodeError;

use crate::domain::{Crs, Kind, Violation};
use serde_json::{Map, Value};

/// Format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A text table: comma, tab or semicolon.
    Csv,
    /// GeoJSON, whole or one feature per line.
    GeoJson,
}

impl Format {
    /// Tells the format of a file from its first bytes, and from its name where these leave it open.
    pub fn detect(name: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        let foreign: &[(&[u8], &str)] = &[
            (b"PK\x03\x04", "xlsx/zip"),
            (b"\xd0\xcf\x11\xe0", "xls"),
            (b"SQLite format 3", "GeoPackage/SQLite"),
            (b"%PDF", "PDF"),
            (b"\x00\x00\x27\x0a", "Shapefile"),
            (b"<", "XML/KML/HTML"),
        ];
        if let Some((_, what)) = foreign.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Err(DecodeError::Unsupported { what: (*what).to_owned() });
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let first = text.iter().find(|b| !b.is_ascii_whitespace() && **b != 0x1e);
        let name = name.to_lowercase();
        let named_json = [".geojson", ".json", ".geojsonl", ".ndjson", ".jsonl", ".geojsons"];
        match first {
            Some(b'{') => Ok(Self::GeoJson),
            _ if named_json.iter().any(|ending| name.ends_with(ending)) => Ok(Self::GeoJson),
            None => Err(DecodeError::Empty),
            Some(_) => Ok(Self::Csv),
        }
    }
}

/// What the rows of a file become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Resources of one kind.
    Resource(Kind),
    /// Demand points.
    Demand,
    /// Administrative divisions.
    Division,
}

impl Target {
    /// Returns the word on the command line and in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resource(kind) => kind.word(),
            Self::Demand => "demand",
            Self::Division => "division",
        }
    }

    /// Finds the target of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "demand" => Some(Self::Demand),
            "division" => Some(Self::Division),
            kind => Kind::from_word(kind).map(Self::Resource),
        }
    }

    /// Lists the words.
    pub fn choices() -> String {
        format!("{}, demand, division", Kind::choices())
    }
}

/// One row, read: what it says in the words of the flat document, and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Row as a spreadsheet shows it (the header is row 1), or number of the feature, from 1.
    pub row: usize,
    /// What it says; a blank cell is null where the field can be unknown.
    pub patch: Map<String, Value>,
    /// What was assumed, in words that are the same for every row.
    pub notes: Vec<String>,
    /// What is wrong.
    pub violations: Vec<Violation>,
}

/// A file, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The rows, in order.
    pub drafts: Vec<Draft>,
    /// Each column and the field it was read as; `None` when it was not read.
    pub columns: Vec<(String, Option<String>)>,
    /// Encoding of a text table.
    pub encoding: Option<String>,
    /// What was not read or was assumed, for the whole file.
    pub notes: Vec<String>,
}

/// Decodes a file whose coordinates are in `crs`; drafts are in WGS84.
pub fn decode(bytes: &[u8], format: Format, target: Target, crs: &Crs) -> Result<Decoded, DecodeError> {
    match format {
        Format::Csv => csv::decode(bytes, target, crs),
        Format::GeoJson => geojson::decode(bytes, target, crs),
    }
}
