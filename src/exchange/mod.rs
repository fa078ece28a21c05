//! Floor 5: foreign bytes ↔ drafts and documents.
//!
//! Bytes are recognised (format, encoding, delimiter, headers in three languages), decoded into drafts in the words of
//! the flat document, and brought to WGS84 on the way. Knows nothing of the store, and writes nothing.
//! Invariant: every row of a file is accounted for by exactly one draft, whatever is wrong with it.

mod annotate;
mod assemble;
mod axes;
mod columns;
mod decode;
pub mod document;
mod encode;
mod error;
mod format;
pub mod geometry;
mod mapping;
pub mod mvt;
pub mod osm;
mod template;
mod unwound;
mod value;

pub use annotate::{AnnotateError, Annotation, RowNote, annotate};
pub use assemble::is_made_code;
pub use decode::{ColumnSample, Inspection, Layer, Reading, decode, decode_with, inspect};
pub use encode::{
    EncodeError, EncodedFile, FileFormat, Item, Loss, Made, Writing, fits_shapefile, to_feature, waypoint_of,
    write_file,
};
pub use error::DecodeError;
pub use format::Format;
pub use mapping::proposed;
pub use template::template;

use crate::domain::{Kind, Violation};
use serde_json::{Map, Value};

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
    /// The two numbers of its position as declared, in the order of the declared system; for an area, of a point that
    /// stands for it.
    pub raw: Option<(f64, f64)>,
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
