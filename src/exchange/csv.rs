//! CSV, TSV and semicolon tables → drafts.
//!
//! The reader is our own and small, because rows must be counted as a spreadsheet shows them (blank ones too, quoted
//! line ends not) and a quote that is never closed must be an error, where the csv crate skips blank rows uncounted and
//! swallows the rest of the file. Invariant: every row that is not blank becomes exactly one draft.

use super::assemble::{Assembler, Cell};
use super::{DecodeError, Decoded, Target, columns, encoding};
use crate::domain::{Crs, Violation};
use std::borrow::Cow;

/// Most data rows in one file.
pub const ROWS_MAX: usize = 500_000;
/// Most columns.
pub const COLUMNS_MAX: usize = 2000;
/// Largest cell, bytes.
pub const CELL_MAX: usize = 1 << 20;

/// One row with its number as a spreadsheet shows it.
struct Row<'a> {
    number: usize,
    cells: Vec<Cow<'a, str>>,
}

impl Row<'_> {
    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// Decodes a text table.
pub(super) fn decode(bytes: &[u8], target: Target, crs: &Crs) -> Result<Decoded, DecodeError> {
    let (text, encoding) = encoding::to_text(bytes)?;
    if let Some(offset) = text.bytes().position(|b| b == 0) {
        return Err(DecodeError::Nul { row: 1 + text[..offset].matches('\n').count() });
    }
    let delimiter = detect_delimiter(&text);
    let mut rows = Rows { text: &text, at: 0, number: 0, delimiter };
    let Some(header) = next_filled(&mut rows)? else { return Err(DecodeError::Empty) };
    let headers: Vec<String> =
        header.cells.iter().map(|cell| cell.trim().trim_start_matches('\u{feff}').to_owned()).collect();
    let width = headers.iter().rposition(|h| !h.is_empty()).map_or(0, |last| last + 1);
    let columns = columns::recognise(&headers[..width], target, crs)?;
    let mut assembler = Assembler::new(columns, target, crs.clone());
    let mut drafts = Vec::new();
    while let Some(row) = next_filled(&mut rows)? {
        if drafts.len() == ROWS_MAX {
            return Err(DecodeError::TooManyRows { limit: ROWS_MAX });
        }
        drafts.push(take(&mut assembler, &row, width));
    }
    Ok(assembler.finish(drafts, Some(encoding.to_owned())))
}

fn take(assembler: &mut Assembler, row: &Row<'_>, width: usize) -> super::Draft {
    let cells: Vec<Cell<'_>> = row.cells.iter().take(width).map(|cell| Cell::Text(unescaped(cell))).collect();
    let mut draft = assembler.draft(row.number, &cells, None);
    // Blank cells beyond the header are what spreadsheets leave behind; anything else has lost its column.
    let beyond = row.cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
    if beyond || row.cells.len() < width {
        let found = row.cells.len();
        draft.violations.insert(
            0,
            Violation::new(
                "",
                "ragged_row",
                format!("该行有 {found} 列，表头有 {width} 列；请检查引号与分隔符"),
                format!("the row has {found} cells and the header {width}: check quotes and delimiters"),
            ),
        );
    }
    draft
}

/// An apostrophe before `= + - @ '` keeps spreadsheets from running a text as a formula; it is not part of the text.
fn unescaped(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\'']) => rest,
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

/// Returns the next row that is not blank.
fn next_filled<'a>(rows: &mut Rows<'a>) -> Result<Option<Row<'a>>, DecodeError> {
    while let Some(row) = rows.next_row()? {
        if !row.is_blank() {
            return Ok(Some(row));
        }
    }
    Ok(None)
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
    fn next_row(&mut self) -> Result<Option<Row<'a>>, DecodeError> {
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
            cells.push(cell);
            if cells.len() > COLUMNS_MAX {
                return Err(DecodeError::TooManyColumns { row: self.number, limit: COLUMNS_MAX });
            }
            if matches!(after, After::Row) {
                return Ok(Some(Row { number: self.number, cells }));
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
