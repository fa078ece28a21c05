//! Foreign bytes → drafts.
//!
//! A reader turns bytes into rows of a table or features (`sink.rs`) and knows nothing of fields; what these mean is found
//! out in one place for all formats. Every reader is synchronous, pure over bytes, and holds one item at a time where the
//! format lets it. Invariants: files are untrusted, so that no size that a file claims is believed before it is measured;
//! a parser of others that panics is a damaged file and not a crash.

pub(super) mod archive;
mod csv;
mod encoding;
mod geojson;
mod inspect;
mod sink;
mod table;

pub use inspect::{ColumnSample, Inspection, Layer, inspect};

use super::mapping::Override;
use super::{DecodeError, Decoded, Format, Target, columns};
use crate::domain::Crs;
use sink::{Drafts, Sink};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Most data rows in one layer.
pub(super) const ROWS_MAX: usize = 500_000;
/// Most columns.
pub(super) const COLUMNS_MAX: usize = 2000;
/// Largest cell, bytes.
pub(super) const CELL_MAX: usize = 1 << 20;

/// How a file is to be read.
#[derive(Clone)]
pub struct Reading<'a> {
    /// Its format.
    pub format: Format,
    /// What its rows become.
    pub target: Target,
    /// Coordinate system of its coordinates.
    pub crs: Crs,
    /// The layer or sheet; `None` takes the first that is not empty, and tells which others there are.
    pub layer: Option<String>,
    /// Header → the field it is read as, or `None` not to read it; headers that are not named are recognised.
    pub columns: Option<Override>,
    /// Called now and then with the number of rows read so far.
    pub progress: Option<&'a (dyn Fn(usize) + Sync)>,
}

impl Reading<'_> {
    /// Returns a reading without layer, mapping and progress.
    pub fn new(format: Format, target: Target, crs: &Crs) -> Self {
        Self { format, target, crs: crs.clone(), layer: None, columns: None, progress: None }
    }
}

/// Decodes a file whose coordinates are in `crs`; drafts are in WGS84.
pub fn decode(bytes: &[u8], format: Format, target: Target, crs: &Crs) -> Result<Decoded, DecodeError> {
    decode_with(bytes, &Reading::new(format, target, crs))
}

/// Decodes a file as it is to be read; drafts are in WGS84.
pub fn decode_with(bytes: &[u8], reading: &Reading<'_>) -> Result<Decoded, DecodeError> {
    let confirmed = |header: &str| {
        let mapped = reading.columns.as_ref().is_some_and(|columns| columns.contains_key(header.trim()));
        mapped || columns::known(header)
    };
    guarded(reading.format, || {
        let mut drafts = Drafts::new(reading);
        read(reading.format, bytes, reading.layer.as_deref(), &confirmed, &mut drafts)?;
        drafts.finish()
    })
}

/// Turns a panic in a parser that is not ours into an error. Readers share nothing, so nothing is left half-changed.
fn guarded<T>(format: Format, work: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(DecodeError::damaged(format.zh(), "解析程序无法继续 / the parser can not go on")))
}

/// Tells which cells are headers.
type Known<'a> = &'a (dyn Fn(&str) -> bool + Sync);

/// Returns the names of the layers of a file.
fn layers(format: Format, bytes: &[u8]) -> Result<Vec<String>, DecodeError> {
    match format {
        Format::Csv => Ok(vec![csv::LAYER.to_owned()]),
        Format::GeoJson => Ok(vec![geojson::LAYER.to_owned()]),
        _ => Err(DecodeError::Unsupported { what: format.word().to_owned() + &bytes.len().to_string() }),
    }
}

/// Reads one layer of a file into a sink.
fn read(
    format: Format,
    bytes: &[u8],
    layer: Option<&str>,
    known: Known<'_>,
    sink: &mut dyn Sink,
) -> Result<(), DecodeError> {
    match format {
        Format::Csv => only(csv::LAYER, layer).and_then(|()| csv::read(bytes, known, sink)),
        Format::GeoJson => only(geojson::LAYER, layer).and_then(|()| geojson::read(bytes, sink)),
        _ => Err(DecodeError::Unsupported { what: format.word().to_owned() }),
    }
}

/// Takes the one layer of a format that has one.
fn only(there: &str, asked: Option<&str>) -> Result<(), DecodeError> {
    asked.map_or(Ok(0), |asked| position(std::slice::from_ref(&there), asked)).map(drop)
}

/// Finds the layer asked for.
fn position(there: &[&str], asked: &str) -> Result<usize, DecodeError> {
    there.iter().position(|name| *name == asked).ok_or_else(|| {
        let cut = |text: &str| text.chars().take(60).collect::<String>();
        let choices = there.iter().take(20).map(|name| cut(name)).collect::<Vec<_>>().join(", ");
        DecodeError::NoSuchLayer { given: cut(asked), choices }
    })
}
