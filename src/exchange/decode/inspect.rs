//! A look at a file before anything is decided: its layers, their columns, a few samples.
//!
//! Invariant: what is shown is what decoding would read; nothing is kept of a row but its first samples.

use super::cell::UNCALCULATED;
use super::sink::{CrsInFile, Head, Item, Kind, Sink};
use super::{COLUMNS_MAX, ROWS_MAX, guarded, open};
use crate::exchange::assemble::Cell;
use crate::exchange::{DecodeError, Format, columns};
use serde_json::Value;

/// Samples of a column.
pub const SAMPLES_MAX: usize = 5;
/// Characters of a sample.
const SAMPLE_CHARS: usize = 80;
/// Layers looked into.
pub const LAYERS_MAX: usize = 50;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// Its format.
    pub format: Format,
    /// Encoding of its texts, where the format leaves that open; of the first layer that tells.
    pub encoding: Option<String>,
    /// Its layers or sheets, in the order of the file; at most [`LAYERS_MAX`].
    pub layers: Vec<Layer>,
}

/// One layer, sheet or folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its name, which [`super::Reading::layer`] takes.
    pub name: String,
    /// Rows or features.
    pub rows: usize,
    /// Its columns.
    pub columns: Vec<ColumnSample>,
    /// What the file says of its coordinates: a word of [`crate::domain::Crs`], or the name it gives.
    pub crs_in_file: Option<String>,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnSample {
    /// Its header.
    pub header: String,
    /// Its first filled cells, at most [`SAMPLES_MAX`], cut to 80 characters.
    pub samples: Vec<String>,
    /// The field its header stands for, whatever the kind of the rows.
    pub read_as: Option<String>,
}

/// Looks into a file. A layer that can not be read alone is left out; a file of which none can be read is an error.
pub fn inspect(name: &str, bytes: &[u8]) -> Result<Inspection, DecodeError> {
    let format = Format::detect(name, bytes)?;
    guarded(format, || {
        let mut file = open(format, bytes)?;
        let mut found = Inspection { format, encoding: None, layers: Vec::new() };
        let mut first_error = None;
        for (index, (layer, _)) in file.layers().into_iter().take(LAYERS_MAX).enumerate() {
            let mut sampler = Sampler::new(layer);
            match file.read(index, &columns::known, &mut sampler) {
                Ok(()) => {
                    found.encoding = found.encoding.or(sampler.encoding);
                    found.layers.push(sampler.layer);
                }
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        match first_error {
            Some(error) if found.layers.is_empty() => Err(error),
            _ if found.layers.is_empty() => Err(DecodeError::Empty),
            _ => Ok(found),
        }
    })
}

struct Sampler {
    layer: Layer,
    encoding: Option<String>,
}

impl Sampler {
    fn new(name: String) -> Self {
        let layer = Layer { name, rows: 0, columns: Vec::new(), crs_in_file: None };
        Self { layer, encoding: None }
    }
}

impl Sink for Sampler {
    fn begin(&mut self, head: Head) -> Result<(), DecodeError> {
        if head.headers.len() > COLUMNS_MAX {
            return Err(DecodeError::TooManyColumns { row: 0, limit: COLUMNS_MAX });
        }
        if head.kind == Kind::Table && head.headers.is_empty() {
            return Err(DecodeError::Empty);
        }
        let read_as = |header: &str| columns::synonym(header).map(str::to_owned).or_else(|| columns::hazard(header));
        let column = |header: String| ColumnSample { read_as: read_as(&header), header, samples: Vec::new() };
        self.layer.columns = head.headers.into_iter().map(column).collect();
        self.layer.crs_in_file = head.crs.map(|said| match said {
            CrsInFile::Known(crs) => crs.word(),
            CrsInFile::Unknown(name) => name.chars().take(80).collect(),
            CrsInFile::Format(datum) => datum.word().to_owned(),
        });
        self.encoding = head.encoding;
        Ok(())
    }

    fn item(&mut self, item: Item<'_>) -> Result<(), DecodeError> {
        if self.layer.rows == ROWS_MAX {
            return Err(DecodeError::TooManyRows { limit: ROWS_MAX });
        }
        self.layer.rows += 1;
        for (column, cell) in self.layer.columns.iter_mut().zip(&item.cells) {
            if column.samples.len() < SAMPLES_MAX
                && let Some(text) = shown(cell)
            {
                column.samples.push(text);
            }
        }
        Ok(())
    }

    fn note(&mut self, _: String) {}
}

fn shown(cell: &Cell<'_>) -> Option<String> {
    let text = match cell {
        Cell::Text(text) if *text == UNCALCULATED => return None,
        Cell::Text(text) => (*text).to_owned(),
        Cell::Json(None | Some(Value::Null)) => return None,
        Cell::Json(Some(Value::String(text))) => text.clone(),
        Cell::Json(Some(other)) => other.to_string(),
    };
    let text: String = text.trim().chars().take(SAMPLE_CHARS).collect();
    (!text.is_empty()).then_some(text)
}
