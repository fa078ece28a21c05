//! CSV, TSV and semicolon tables → rows.
//!
//! The reader is our own and small, because rows must be counted as a spreadsheet shows them (blank ones too, quoted
//! line ends not) and a quote that is never closed must be an error, where the csv crate skips blank rows uncounted and
//! swallows the rest of the file. Invariant: every row is given on with its number, blank or not.

use super::sink::Sink;
use super::table;
use super::{CELL_MAX, COLUMNS_MAX, Known, Layered, Take, Verbatim, encoding};
use crate::exchange::DecodeError;
use std::borrow::Cow;

/// Name of the one layer.
const LAYER: &str = "table";

/// The bytes of a text table.
pub(super) struct Table<'a>(pub(super) &'a [u8]);

impl Layered for Table<'_> {
    fn layers(&self) -> Vec<(String, bool)> {
        vec![(LAYER.to_owned(), false)]
    }

    fn read(&mut self, _: usize, known: Known<'_>, sink: &mut dyn Sink) -> Result<(), DecodeError> {
        let (text, encoding) = text_of(self.0)?;
        let mut rows = Rows::of(&text);
        let mut table = table::Table::new(sink, known, Some(encoding));
        while let Some(cells) = rows.next_row()? {
            table.row(rows.number, &cells)?;
        }
        table.finish(None)
    }

    fn each_row(&mut self, _: usize, take: Take<'_>) -> Result<(), DecodeError> {
        let (text, _) = text_of(self.0)?;
        let mut rows = Rows::of(&text);
        while let Some(cells) = rows.next_row()? {
            take(rows.number, cells.into_iter().map(Verbatim::Text).collect());
        }
        Ok(())
    }
}

fn text_of(bytes: &[u8]) -> Result<(String, &'static str), DecodeError> {
    let (text, encoding) = encoding::to_text(bytes)?;
    match text.bytes().position(|b| b == 0) {
        Some(offset) => Err(DecodeError::Nul { row: 1 + text[..offset].matches('\n').count() }),
        None => Ok((text, encoding)),
    }
}

/// An apostrophe before `= + - @ '` keeps spreadsheets from running a text as a formula; it is not part of the text.
fn unescaped(cell: Cow<'_, str>) -> Cow<'_, str> {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\'']) => Cow::Owned(rest.to_owned()),
        _ => cell,
    }
}

/// Takes the delimiter that stands most often in the first row, outside quotes; the comma when none does.
fn detect_delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b'\t', 0), (b';', 0)];
    let mut quoted = false;
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(d, _)| *d == byte).for_each(|(_, n)| *n += 1),
        }
    }
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(0);
    counts.iter().find(|(_, n)| *n == most).map_or(b',', |(d, _)| *d)
}

/// Walks over a text, row by row (RFC 4180, with any line end).
struct Rows<'a> {
    text: &'a str,
    at: usize,
    number: usize,
    delimiter: u8,
}

/// What stood behind a cell.
enum After {
    Cell,
    Row,
}

impl<'a> Rows<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0, number: 0, delimiter: detect_delimiter(text) }
    }

    fn next_row(&mut self) -> Result<Option<Vec<Cow<'a, str>>>, DecodeError> {
        if self.at >= self.text.len() {
            return Ok(None);
        }
        self.number += 1;
        let mut cells = Vec::new();
        loop {
            let (cell, after) = self.next_cell()?;
            if cell.len() > CELL_MAX {
                return Err(DecodeError::CellTooLarge { row: self.number, limit: CELL_MAX });
            }
            cells.push(unescaped(cell));
            if cells.len() > COLUMNS_MAX {
                return Err(DecodeError::TooManyColumns { row: self.number, limit: COLUMNS_MAX });
            }
            if matches!(after, After::Row) {
                return Ok(Some(cells));
            }
        }
    }

    fn next_cell(&mut self) -> Result<(Cow<'a, str>, After), DecodeError> {
        if self.text.as_bytes().get(self.at) == Some(&b'"') { self.quoted() } else { Ok(self.plain()) }
    }

    fn plain(&mut self) -> (Cow<'a, str>, After) {
        let start = self.at;
        let (end, after) = self.find_end(start);
        (Cow::Borrowed(&self.text[start..end]), after)
    }

    fn quoted(&mut self) -> Result<(Cow<'a, str>, After), DecodeError> {
        let mut cell = String::new();
        let mut from = self.at + 1;
        loop {
            let Some(close) = self.text[from..].find('"').map(|i| from + i) else {
                return Err(DecodeError::UnclosedQuote { row: self.number });
            };
            cell.push_str(&self.text[from..close]);
            from = close + 1;
            if self.text.as_bytes().get(from) != Some(&b'"') {
                break;
            }
            cell.push('"');
            from += 1;
        }
        // Text behind a closing quote belongs to no standard; it is kept rather than lost.
        let (end, after) = self.find_end(from);
        cell.push_str(&self.text[from..end]);
        Ok((Cow::Owned(cell), after))
    }

    /// Finds where the cell ends that goes on at `from`, and steps behind what ends it. All three bytes are ASCII, so
    /// the cut is always between characters.
    fn find_end(&mut self, from: usize) -> (usize, After) {
        let bytes = self.text.as_bytes();
        let ends = |b: &u8| *b == self.delimiter || *b == b'\n' || *b == b'\r';
        let end = bytes[from..].iter().position(ends).map_or(bytes.len(), |i| from + i);
        match bytes.get(end) {
            Some(b) if *b == self.delimiter => {
                self.at = end + 1;
                (end, After::Cell)
            }
            Some(b'\r') if bytes.get(end + 1) == Some(&b'\n') => {
                self.at = end + 2;
                (end, After::Row)
            }
            _ => {
                self.at = (end + 1).min(bytes.len());
                (end, After::Row)
            }
        }
    }
}
