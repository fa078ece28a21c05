//! Files as they stand, for a copy with remarks: every row of every sheet, or every feature with what it says of itself.
//!
//! Nothing is read as a field here. Invariant: numbers of rows and features are those that drafts of the same file carry.

use super::sink::{Head, Item, Kind, Sink};
use super::{Verbatim, guarded, open, read_chosen};
use crate::exchange::assemble::Cell;
use crate::exchange::{DecodeError, Format, columns};
use serde_json::{Map, Value, json};

/// A sheet of a table, as it stands.
pub(in crate::exchange) struct Sheet {
    /// Its name.
    pub(in crate::exchange) name: String,
    /// Its rows with their numbers, blank ones left out.
    pub(in crate::exchange) rows: Vec<(usize, Vec<Verbatim<'static>>)>,
    /// Whether it is the one that an import without a layer reads.
    pub(in crate::exchange) is_first: bool,
}

/// Returns every sheet of a table.
pub(in crate::exchange) fn sheets(format: Format, bytes: &[u8]) -> Result<Vec<Sheet>, DecodeError> {
    guarded(format, || {
        let mut file = open(format, bytes)?;
        let layers = file.layers();
        let mut readable: Vec<usize> = Vec::new();
        for index in 0..layers.len() {
            if file.read(index, &columns::known, &mut Probe).is_ok() {
                readable.push(index);
            }
        }
        let first = readable.into_iter().min_by_key(|index| (layers[*index].1, *index));
        let mut out = Vec::new();
        for (index, (name, _)) in layers.into_iter().enumerate() {
            let mut rows = Vec::new();
            file.each_row(index, &mut |number, cells| {
                if cells.iter().any(|cell| *cell != Verbatim::default()) {
                    rows.push((number, cells.into_iter().map(owned).collect()));
                }
            })?;
            out.push(Sheet { name, rows, is_first: first == Some(index) });
        }
        Ok(out)
    })
}

/// Gives every row of a text table, one after the other.
pub(in crate::exchange) fn each_row(
    format: Format,
    bytes: &[u8],
    take: &mut dyn FnMut(usize, Vec<Verbatim<'_>>),
) -> Result<(), DecodeError> {
    guarded(format, || open(format, bytes)?.each_row(0, take))
}

fn owned(cell: Verbatim<'_>) -> Verbatim<'static> {
    match cell {
        Verbatim::Text(text) => Verbatim::Text(text.into_owned().into()),
        Verbatim::Number(n) => Verbatim::Number(n),
        Verbatim::Flag(flag) => Verbatim::Flag(flag),
    }
}

/// Finds out whether a sheet has a header of which anything is known.
struct Probe;

impl Sink for Probe {
    fn begin(&mut self, head: Head) -> Result<(), DecodeError> {
        let known = head.kind == Kind::Features || head.headers.iter().any(|header| columns::known(header));
        if known { Ok(()) } else { Err(DecodeError::Empty) }
    }

    fn item(&mut self, _: Item<'_>) -> Result<(), DecodeError> {
        Ok(())
    }

    fn note(&mut self, _: String) {}
}

/// Takes features as GeoJSON, each with its number.
pub(in crate::exchange) type AsFeatures<'t> = &'t mut (dyn FnMut(usize, Value) + Send);

/// Gives every feature of a layer, its numbers as they stand.
pub(in crate::exchange) fn as_features(
    format: Format,
    bytes: &[u8],
    layer: Option<&str>,
    take: AsFeatures<'_>,
) -> Result<(), DecodeError> {
    guarded(format, || {
        let mut file = open(format, bytes)?;
        read_chosen(&mut *file, layer, &columns::known, &mut Features { headers: Vec::new(), take })
    })
}

struct Features<'t> {
    headers: Vec<String>,
    take: AsFeatures<'t>,
}

impl Sink for Features<'_> {
    fn begin(&mut self, head: Head) -> Result<(), DecodeError> {
        self.headers = head.headers;
        Ok(())
    }

    fn item(&mut self, item: Item<'_>) -> Result<(), DecodeError> {
        let said = self.headers.iter().zip(&item.cells).filter_map(|(header, cell)| {
            let value = match cell {
                Cell::Text(text) => Value::from(*text),
                Cell::Json(value) => (*value)?.clone(),
            };
            Some((header.clone(), value))
        });
        let properties: Map<String, Value> = said.collect();
        let outline = item.outline.as_ref();
        let geometry = outline.and_then(|o| o.geometry).cloned().unwrap_or(Value::Null);
        let mut feature = json!({"type": "Feature", "geometry": geometry, "properties": properties});
        if let Some(id) = outline.and_then(|o| o.id.as_ref()) {
            feature["id"] = id.as_str().into();
        }
        (self.take)(item.row, feature);
        Ok(())
    }

    fn note(&mut self, _: String) {}
}
