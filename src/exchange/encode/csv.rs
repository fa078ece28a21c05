//! CSV: UTF-8 with a byte-order mark (spreadsheets need it), one column per name, lists with semicolons, nested values and
//! areas as JSON, unknown as blank.
//!
//! A CSV has no place for remarks: its coordinate system stands in the headers of the coordinates, and losses are told
//! beside it.

use super::rows::Rows;
use super::{EncodeError, cell};

pub(super) fn write(rows: &Rows<'_>) -> Result<Vec<u8>, EncodeError> {
    let failed = EncodeError::of(rows.writing.format);
    let crs = &rows.writing.crs;
    let mut writer =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(b"\xef\xbb\xbf".to_vec());
    let headers = rows.columns.iter().map(|spec| cell::header(spec, crs));
    writer.write_record(headers).map_err(|error| failed(&error))?;
    for row in rows.iter() {
        let cells = row.values.iter().zip(&rows.columns);
        let cells = cells.map(|(value, spec)| {
            let text = cell::text(value, spec.form).unwrap_or_default();
            if value.is_string() { harmless(text) } else { text }
        });
        writer.write_record(cells).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error.error()))
}

/// Puts an apostrophe before a text that a spreadsheet would run as a formula; the importer takes it off again.
pub(in crate::exchange) fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\'']) { format!("'{text}") } else { text }
}
