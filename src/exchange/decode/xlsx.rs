//! XLSX → rows.
//!
//! Cells are streamed from the sheet, never laid out as the range it claims, so that a sheet of a million rows and ten
//! million columns costs what is really in it. What calamine keeps whole (strings, styles, names) is measured before it is
//! opened. Invariant: rows come in their order, with the number that a spreadsheet shows.

use super::archive::{Archive, UNPACKED_MAX};
use super::merged::{FILLED, Merged};
use super::sink::Sink;
use super::table::Table;
use super::{CELL_MAX, COLUMNS_MAX, Known, Layered, Take, Verbatim, cell};
use crate::exchange::DecodeError;
use calamine::{Cell, DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};
use std::borrow::Cow;
use std::io::Cursor;

const FORMAT: &str = "XLSX";

/// Most elements beside those of cells, in all parts together: shared strings, styles, names.
const ELEMENTS_MAX: usize = 5_000_000;
/// Largest list of parts, bytes.
const RELATIONS_MAX: u64 = 4 << 20;
/// Elements that are streamed and not kept.
const STREAMED: [&[u8]; 7] = [b"c", b"v", b"f", b"t", b"is", b"r", b"row"];
/// Parts that no reader of cells looks at.
const OPAQUE: [&str; 10] = [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".tiff", ".bin", ".svg"];

/// An open workbook.
pub(super) struct Workbook<'a> {
    book: Xlsx<Cursor<&'a [u8]>>,
    sheets: Vec<(String, bool)>,
    marks: Marks,
}

type Cells<'a, 'b> = XlsxCellReader<'a, Cursor<&'b [u8]>>;

/// Opens a workbook.
pub(super) fn open(bytes: &[u8]) -> Result<Workbook<'_>, DecodeError> {
    let marks = measure(bytes)?;
    let book = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let sheets = sheets.map(|sheet| (sheet.name.clone(), sheet.visible != SheetVisible::Visible)).collect();
    Ok(Workbook { book, sheets, marks })
}

impl Layered for Workbook<'_> {
    fn layers(&self) -> Vec<(String, bool)> {
        self.sheets.clone()
    }

    fn read(&mut self, index: usize, known: Known<'_>, sink: &mut dyn Sink) -> Result<(), DecodeError> {
        let name = self.sheets.get(index).map(|(name, _)| name.as_str()).unwrap_or_default();
        let merges = self.marks.merges.then(|| self.book.merge_cells_by_sheet_name(name)).transpose();
        let merges = merges.map_err(damaged)?.unwrap_or_default();
        let mut merged = Merged::new(merges.iter().map(|range| (range.start, range.end)));
        let mut cells = self.book.worksheet_cells_reader(name).map_err(damaged)?;
        let mut table = Table::new(sink, known, None);
        let mut row: Vec<Cow<'_, str>> = Vec::new();
        let mut at = 0;
        while let Some(found) = next(&mut cells, self.marks)? {
            let (number, column) = found.get_position();
            if number != at {
                settle(&mut row);
                merged.fill(at, &mut row);
                table.row(at as usize + 1, &row)?;
                row.clear();
                if number < at {
                    return Err(DecodeError::damaged(FORMAT, format!("行的次序有误 / rows out of order: {number}")));
                }
                at = number;
            }
            put(&mut row, column as usize, &found)?;
        }
        settle(&mut row);
        merged.fill(at, &mut row);
        table.row(at as usize + 1, &row)?;
        table.finish(merged.has_filled.then_some(FILLED))
    }

    fn each_row(&mut self, index: usize, take: Take<'_>) -> Result<(), DecodeError> {
        let name = self.sheets.get(index).map(|(name, _)| name.as_str()).unwrap_or_default();
        let mut cells = self.book.worksheet_cells_reader(name).map_err(damaged)?;
        let (mut row, mut at): (Vec<Verbatim<'_>>, u32) = (Vec::new(), 0);
        while let Some(found) = cells.next_cell().map_err(damaged)? {
            let (number, column) = (found.get_position().0, found.get_position().1 as usize);
            if number != at {
                take(at as usize + 1, std::mem::take(&mut row));
                at = number;
            }
            if column < COLUMNS_MAX {
                row.resize_with(row.len().max(column + 1), Verbatim::default);
                row[column] = match found.get_value() {
                    DataRef::Int(n) => Verbatim::Number(*n as f64),
                    DataRef::Float(n) => Verbatim::Number(*n),
                    DataRef::Bool(flag) => Verbatim::Flag(*flag),
                    other => Verbatim::Text(cell::text(other)),
                };
            }
        }
        take(at as usize + 1, row);
        Ok(())
    }
}

/// Returns the next cell; a formula without a result gets the mark of one. Formulas are looked at only where there are any.
fn next<'a>(cells: &mut Cells<'a, '_>, marks: Marks) -> Result<Option<Cell<DataRef<'a>>>, DecodeError> {
    if !marks.formulas {
        return cells.next_cell().map_err(damaged);
    }
    let found = cells.next_cell_with_formula_metadata().map_err(damaged)?;
    Ok(found.map(|found| match found.value {
        DataRef::Empty if found.formula.is_some() => {
            Cell::new(found.pos, DataRef::String(cell::UNCALCULATED.to_owned()))
        }
        value => Cell::new(found.pos, value),
    }))
}

/// Lets a row go that has nothing but formulas without results: forms have them ready for rows that nobody filled in.
fn settle(row: &mut Vec<Cow<'_, str>>) {
    if row.iter().all(|cell| cell.is_empty() || *cell == cell::UNCALCULATED) {
        row.clear();
    }
}

fn put<'a>(row: &mut Vec<Cow<'a, str>>, column: usize, found: &Cell<DataRef<'a>>) -> Result<(), DecodeError> {
    let text = cell::text(found.get_value());
    if text.trim().is_empty() {
        return Ok(());
    }
    let number = found.get_position().0 as usize + 1;
    if column >= COLUMNS_MAX {
        return Err(DecodeError::TooManyColumns { row: number, limit: COLUMNS_MAX });
    }
    if text.len() > CELL_MAX {
        return Err(DecodeError::CellTooLarge { row: number, limit: CELL_MAX });
    }
    row.resize(row.len().max(column + 1), Cow::Borrowed(""));
    row[column] = text;
    Ok(())
}

fn damaged(error: XlsxError) -> DecodeError {
    match error {
        XlsxError::Password => DecodeError::Protected,
        other => DecodeError::damaged(FORMAT, other),
    }
}

/// Unpacks every part once, keeping nothing, to know what opening it will cost; returns what is in it.
fn measure(bytes: &[u8]) -> Result<Marks, DecodeError> {
    let mut archive = Archive::open(bytes)?;
    let names = archive.names.clone();
    let mut scan = Scan::default();
    for (index, name) in names.iter().enumerate() {
        let name = name.to_ascii_lowercase();
        if OPAQUE.iter().any(|ending| name.ends_with(ending)) {
            archive.each_block(index, UNPACKED_MAX, &mut |_| Ok(()))?;
            continue;
        }
        if name.ends_with("workbook.xml.rels") {
            check_parts(&archive.unpack(index, RELATIONS_MAX)?)?;
            continue;
        }
        scan.since_tag = 0;
        scan.since_end = 0;
        let mut head = Vec::new();
        archive.each_block(index, UNPACKED_MAX, &mut |block| {
            head.extend_from_slice(&block[..block.len().min(HEAD.saturating_sub(head.len()))]);
            scan.take(block)
        })?;
        check_claims(&head)?;
    }
    Ok(scan.marks)
}

/// Bytes at the beginning of a part in which it says how much it holds.
const HEAD: usize = 4096;

/// Refuses a part that says it holds more than a file can: room is made for what is claimed before any of it is read, and
/// room that is not there ends the whole program.
fn check_claims(head: &[u8]) -> Result<(), DecodeError> {
    let text = String::from_utf8_lossy(head);
    let claims = ["count", "Count", "uniqueCount"].iter().flat_map(|name| text.match_indices(name));
    let claimed = claims.filter_map(|(at, name)| {
        let value = text[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let digits: String = value.trim_start_matches(['"', '\'']).chars().take_while(char::is_ascii_digit).collect();
        // A number of more digits than fit is too large as well.
        (!digits.is_empty()).then(|| digits.parse::<usize>().unwrap_or(usize::MAX))
    });
    match claimed.max() {
        Some(most) if most > ELEMENTS_MAX => Err(DecodeError::Bomb { what: format!("> {ELEMENTS_MAX} XML elements") }),
        _ => Ok(()),
    }
}

/// Parts that are read must be XML by name, so that they were measured as such.
fn check_parts(relations: &[u8]) -> Result<(), DecodeError> {
    let text = String::from_utf8_lossy(relations).to_ascii_lowercase();
    let read = text.split('<').filter(|tag| {
        ["/worksheet\"", "/sharedstrings\"", "/styles\"", "/worksheet'", "/sharedstrings'", "/styles'"]
            .iter()
            .any(|kind| tag.contains(kind))
    });
    match read.into_iter().find(|tag| OPAQUE.iter().any(|ending| tag.contains(ending))) {
        Some(_) => Err(DecodeError::damaged(FORMAT, "部件的类型与名称不符 / a part is not what its name says")),
        None => Ok(()),
    }
}

/// Counts elements that will be kept, and refuses texts and tags beyond the size of a cell.
#[derive(Default)]
struct Scan {
    kept: usize,
    since_tag: usize,
    since_end: usize,
    name: Vec<u8>,
    in_name: bool,
    marks: Marks,
}

/// What is somewhere in a workbook.
#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    merges: bool,
    formulas: bool,
}

impl Scan {
    fn take(&mut self, block: &[u8]) -> Result<(), DecodeError> {
        for byte in block {
            self.since_tag += 1;
            self.since_end += 1;
            match byte {
                b'<' => {
                    self.since_tag = 0;
                    self.in_name = true;
                    self.name.clear();
                }
                // What `<!` opens may hold anything, tags too: it counts for a hundredth of all, and no spreadsheet writes it.
                b'!' if self.in_name && self.name.is_empty() => {
                    self.in_name = false;
                    self.kept += ELEMENTS_MAX / 100;
                }
                b':' if self.in_name => self.name.clear(),
                b' ' | b'>' | b'/' | b'\n' | b'\r' | b'\t' if self.in_name => self.end_name(),
                _ if self.in_name && self.name.len() < 8 => self.name.push(*byte),
                _ => {}
            }
            if *byte == b'>' {
                self.since_end = 0;
            }
            if self.since_tag > 2 * CELL_MAX || self.since_end > 2 * CELL_MAX {
                return Err(DecodeError::Bomb { what: format!("> {} MiB", (2 * CELL_MAX) >> 20) });
            }
        }
        if self.kept > ELEMENTS_MAX {
            return Err(DecodeError::Bomb { what: format!("> {ELEMENTS_MAX} XML elements") });
        }
        Ok(())
    }

    fn end_name(&mut self) {
        self.in_name = false;
        // An end tag has no name here: it ended where it began.
        if !self.name.is_empty() && !STREAMED.contains(&self.name.as_slice()) {
            self.kept += 1;
            self.marks.merges |= self.name == b"mergeCel";
        }
        self.marks.formulas |= self.name == b"f";
    }
}
