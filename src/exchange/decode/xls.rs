//! XLS (Excel 95 and 97–2003, BIFF5 and BIFF8) → rows. [MS-XLS].
//!
//! Our own, because the reader at hand lays out the range that a sheet claims and copies a shared string for every cell
//! that names it: a small file then asks for any amount of memory. Here cells are a sparse list, and texts are shared.
//! Invariant: what a sheet costs is a multiple of its bytes.

use super::cfb::Compound;
use super::little_endian::{f64_at, u16_at, u32_at};
use super::merged::{FILLED, Merged, Range};
use super::sink::Sink;
use super::table::Table;
use super::{COLUMNS_MAX, Known, Layered, Take, Verbatim, cell, encoding};
use crate::exchange::DecodeError;
use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// Most cells of a sheet.
const CELLS_MAX: usize = 12_000_000;
/// Most sheets.
const SHEETS_MAX: usize = 1000;

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const CONTINUE: u16 = 0x003c;

/// An open workbook.
pub(super) struct Workbook {
    stream: Vec<u8>,
    globals: Globals,
}

#[derive(Default)]
struct Globals {
    is_old: bool,
    is_1904: bool,
    encoding: Option<&'static Encoding>,
    sheets: Vec<(String, bool, usize)>,
    strings: Vec<String>,
    /// Formats that show a moment, by number.
    moments: std::collections::BTreeMap<u16, bool>,
    /// The format of each style.
    styles: Vec<u16>,
}

/// A cell as it is stored.
enum Value {
    Shared(u32),
    Text(String),
    Number(f64, u16),
    Fixed(&'static str),
}

/// Opens a workbook.
pub(super) fn open(bytes: &[u8]) -> Result<Workbook, DecodeError> {
    let file = Compound::open(bytes)?;
    if file.has("EncryptedPackage") {
        return Err(DecodeError::Protected);
    }
    let stream = match file.stream("Workbook")? {
        Some(stream) => stream,
        None => {
            file.stream("Book")?.ok_or(DecodeError::Unsupported { what: "OLE（不是 XLS / no XLS）".to_owned() })?
        }
    };
    let globals = globals(&stream)?;
    Ok(Workbook { stream, globals })
}

/// A record: its type, its data, and where the next begins.
type Record<'a> = (u16, &'a [u8], usize);

/// Returns the record at an offset.
fn record(stream: &[u8], at: usize) -> Result<Option<Record<'_>>, DecodeError> {
    if at >= stream.len() {
        return Ok(None);
    }
    let (Some(kind), Some(len)) = (u16_at(stream, at), u16_at(stream, at + 2)) else { return Ok(None) };
    let next = at + 4 + usize::from(len);
    let data = stream.get(at + 4..next).ok_or_else(|| damaged("a record beyond the end"))?;
    Ok(Some((kind, data, next)))
}

fn globals(stream: &[u8]) -> Result<Globals, DecodeError> {
    let mut out = Globals::default();
    let mut at = 0;
    while let Some((kind, data, next)) = record(stream, at)? {
        match kind {
            BOF => out.is_old = u16_at(data, 0).is_some_and(|version| version < 0x0600),
            EOF => break,
            // FilePass.
            0x002f if u16_at(data, 0) != Some(0) => return Err(DecodeError::Protected),
            // CodePage.
            0x0042 => out.encoding = u16_at(data, 0).and_then(|page| encoding::of_page(&page.to_string())),
            // Date1904.
            0x0022 => out.is_1904 = u16_at(data, 0) == Some(1),
            // Format.
            0x041e => {
                let text =
                    out.text(data.get(2..).unwrap_or_default(), if out.is_old { Length::Byte } else { Length::Word });
                if let (Some(id), Some(text)) = (u16_at(data, 0), text) {
                    out.moments.insert(id, shows_moment(&text));
                }
            }
            // XF.
            0x00e0 => out.styles.push(u16_at(data, 2).unwrap_or(0)),
            // BoundSheet8; other types than 0 are charts and macros.
            0x0085 if data.get(5) == Some(&0) && out.sheets.len() < SHEETS_MAX => {
                let name = out.text(data.get(6..).unwrap_or_default(), Length::Byte).unwrap_or_default();
                let hidden = data.get(4).is_some_and(|state| state & 3 != 0);
                out.sheets.push((name, hidden, u32_at(data, 0).unwrap_or(u32::MAX) as usize));
            }
            // SST, with what continues it.
            0x00fc => {
                let mut parts = vec![data.get(8..).unwrap_or_default()];
                let mut after = next;
                while let Some((CONTINUE, data, next)) = record(stream, after)? {
                    parts.push(data);
                    after = next;
                }
                out.strings = shared_strings(&parts)?;
            }
            _ => {}
        }
        at = next;
    }
    Ok(out)
}

/// How a string tells its length.
#[derive(Clone, Copy)]
enum Length {
    Byte,
    Word,
}

impl Globals {
    /// Reads a string of the workbook's version.
    fn text(&self, data: &[u8], length: Length) -> Option<String> {
        let (len, rest) = match length {
            Length::Byte => (usize::from(*data.first()?), data.get(1..)?),
            Length::Word => (usize::from(u16_at(data, 0)?), data.get(2..)?),
        };
        if self.is_old {
            let bytes = rest.get(..len).unwrap_or(rest);
            return Some(self.encoding.unwrap_or(WINDOWS_1252).decode_without_bom_handling(bytes).0.into_owned());
        }
        let (flags, rest) = rest.split_first()?;
        let size = if flags & 1 == 1 { 2 * len } else { len };
        Some(characters(rest.get(..size).unwrap_or(rest), flags & 1 == 1))
    }

    fn is_moment(&self, style: u16) -> bool {
        let format = self.styles.get(usize::from(style)).copied().unwrap_or(0);
        let built_in = matches!(format, 14..=22 | 27..=36 | 45..=47 | 50..=58);
        self.moments.get(&format).copied().unwrap_or(built_in)
    }

    fn shown<'a>(&'a self, value: &'a Value) -> Cow<'a, str> {
        match value {
            Value::Shared(index) => Cow::Borrowed(self.strings.get(*index as usize).map_or("", String::as_str)),
            Value::Text(text) => Cow::Borrowed(text),
            Value::Number(n, style) if self.is_moment(*style) => Cow::Owned(cell::moment(*n, self.is_1904)),
            Value::Number(n, _) => Cow::Owned(cell::number(*n)),
            Value::Fixed(text) => Cow::Borrowed(text),
        }
    }
}

/// Characters are UTF-16, or its low bytes.
fn characters(bytes: &[u8], wide: bool) -> String {
    if wide {
        UTF_16LE.decode_without_bom_handling(bytes).0.into_owned()
    } else {
        bytes.iter().map(|b| char::from(*b)).collect()
    }
}

/// Returns whether a number format shows a date or a time: one of its letters outside quotes, brackets and escapes.
fn shows_moment(format: &str) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for c in format.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' | '_' | '*' => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' => bracketed = false,
            'y' | 'Y' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'm' | 'M' if !quoted && !bracketed => return true,
            _ => {}
        }
    }
    false
}

/// Reads the shared strings, which may be cut anywhere by a record that continues them.
fn shared_strings(parts: &[&[u8]]) -> Result<Vec<String>, DecodeError> {
    let mut parts = Parts { parts, part: 0, at: 0 };
    let mut out = Vec::new();
    while parts.has_more() {
        let head = parts.bytes(3).ok_or_else(|| damaged("SST"))?;
        let (len, flags) = (usize::from(u16::from_le_bytes([head[0], head[1]])), head[2]);
        let runs = if flags & 8 != 0 { parts.bytes(2).and_then(|b| u16_at(&b, 0)).unwrap_or(0) } else { 0 };
        let more = if flags & 4 != 0 { parts.bytes(4).and_then(|b| u32_at(&b, 0)).unwrap_or(0) } else { 0 };
        out.push(parts.characters(len, flags & 1 == 1));
        parts.skip(usize::from(runs) * 4 + more as usize);
    }
    Ok(out)
}

struct Parts<'a> {
    parts: &'a [&'a [u8]],
    part: usize,
    at: usize,
}

impl Parts<'_> {
    fn rest(&mut self) -> &[u8] {
        while self.part + 1 < self.parts.len() && self.at >= self.parts[self.part].len() {
            (self.part, self.at) = (self.part + 1, 0);
        }
        self.parts.get(self.part).and_then(|part| part.get(self.at..)).unwrap_or_default()
    }

    fn has_more(&mut self) -> bool {
        !self.rest().is_empty()
    }

    fn bytes(&mut self, n: usize) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(n);
        while out.len() < n {
            let rest = self.rest();
            let take = rest.len().min(n - out.len());
            if take == 0 {
                return None;
            }
            out.extend_from_slice(&rest[..take]);
            self.at += take;
        }
        Some(out)
    }

    fn skip(&mut self, mut n: usize) {
        while n > 0 {
            let take = self.rest().len().min(n);
            if take == 0 {
                return;
            }
            self.at += take;
            n -= take;
        }
    }

    /// Reads characters; where a record breaks them, the next begins with a byte that says whether they are wide.
    fn characters(&mut self, mut len: usize, mut wide: bool) -> String {
        let mut out = String::new();
        while len > 0 {
            let part = self.part;
            let Some(first) = self.rest().first().copied() else { break };
            if self.part != part {
                wide = first & 1 == 1;
                self.at += 1;
                continue;
            }
            let rest = self.rest();
            let size = if wide { 2 } else { 1 };
            let take = (rest.len() / size).min(len);
            if take == 0 {
                self.at += 1;
                continue;
            }
            out.push_str(&characters(&rest[..take * size], wide));
            self.at += take * size;
            len -= take;
        }
        out
    }
}

impl Layered for Workbook {
    fn layers(&self) -> Vec<(String, bool)> {
        self.globals.sheets.iter().map(|(name, hidden, _)| (name.clone(), *hidden)).collect()
    }

    fn read(&mut self, index: usize, known: Known<'_>, sink: &mut dyn Sink) -> Result<(), DecodeError> {
        let start = self.globals.sheets.get(index).map_or(usize::MAX, |(_, _, start)| *start);
        let (mut cells, merges) = cells(&self.stream, start, &self.globals)?;
        let mut merged = Merged::new(merges.into_iter());
        // The standard wants them in order; a stable sort of what is in order costs nothing.
        cells.sort_by_key(|(row, column, _)| (*row, *column));
        let mut table = Table::new(sink, known, None);
        for row in cells.chunk_by(|a, b| a.0 == b.0) {
            let mut texts: Vec<Cow<'_, str>> = Vec::new();
            for (number, column, value) in row {
                let (column, text) = (usize::from(*column), self.globals.shown(value));
                if column >= COLUMNS_MAX && !text.trim().is_empty() {
                    return Err(DecodeError::TooManyColumns { row: usize::from(*number) + 1, limit: COLUMNS_MAX });
                }
                if column < COLUMNS_MAX {
                    texts.resize(texts.len().max(column + 1), Cow::Borrowed(""));
                    texts[column] = text;
                }
            }
            merged.fill(u32::from(row[0].0), &mut texts);
            table.row(usize::from(row[0].0) + 1, &texts)?;
        }
        table.finish(merged.has_filled.then_some(FILLED))
    }

    fn each_row(&mut self, index: usize, take: Take<'_>) -> Result<(), DecodeError> {
        let start = self.globals.sheets.get(index).map_or(usize::MAX, |(_, _, start)| *start);
        let (mut cells, _) = cells(&self.stream, start, &self.globals)?;
        cells.sort_by_key(|(row, column, _)| (*row, *column));
        for row in cells.chunk_by(|a, b| a.0 == b.0) {
            let mut out: Vec<Verbatim<'_>> = Vec::new();
            for (_, column, value) in row.iter().filter(|(_, column, _)| usize::from(*column) < COLUMNS_MAX) {
                let text = self.globals.shown(value);
                let plain = match value {
                    Value::Number(n, _) if text == cell::number(*n) => Verbatim::Number(*n),
                    _ => Verbatim::Text(text),
                };
                out.resize_with(out.len().max(usize::from(*column) + 1), Verbatim::default);
                out[usize::from(*column)] = plain;
            }
            take(usize::from(row[0].0) + 1, out);
        }
        Ok(())
    }
}

/// Row, column and value of each cell.
type Cells = Vec<(u16, u16, Value)>;

/// Gathers the filled cells of a sheet and its merged ranges; streams within it (charts) are passed over.
fn cells(stream: &[u8], start: usize, globals: &Globals) -> Result<(Cells, Vec<Range>), DecodeError> {
    let (mut out, mut merges): (Cells, Vec<Range>) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    let mut at = start;
    let mut of_formula = (0, 0);
    if start >= stream.len() {
        return Err(damaged("a sheet beyond the end"));
    }
    while let Some((kind, data, next)) = record(stream, at)? {
        at = next;
        match kind {
            BOF => depth += 1,
            EOF if depth <= 1 => break,
            EOF => depth -= 1,
            _ if depth > 1 => {}
            // STRING: what the formula before it came to.
            0x0207 => {
                let text = globals.text(data, Length::Word).unwrap_or_default();
                out.push((of_formula.0, of_formula.1, Value::Text(text)));
            }
            // MERGECELLS: count, then rows and columns of each.
            0x00e5 => merges.extend(data.get(2..).unwrap_or_default().chunks_exact(8).filter_map(|range| {
                let at = |i: usize| u16_at(range, i).map(u32::from);
                Some(((at(0)?, at(4)?), (at(2)?, at(6)?)))
            })),
            _ => {
                let (Some(row), Some(column)) = (u16_at(data, 0), u16_at(data, 2)) else { continue };
                of_formula = (row, column);
                gather(kind, data, globals, &mut |column_on, value| {
                    out.push((row, column.saturating_add(column_on), value))
                });
            }
        }
        if out.len() > CELLS_MAX {
            let (zh, en) = ("工作表的单元格数", "the number of cells of the sheet is");
            return Err(DecodeError::AboveLimit { zh, en, limit: CELLS_MAX as u64 });
        }
    }
    Ok((out, merges))
}

fn gather(kind: u16, data: &[u8], globals: &Globals, take: &mut dyn FnMut(u16, Value)) {
    let style = u16_at(data, 4).unwrap_or(0);
    let found = match kind {
        // NUMBER.
        0x0203 => f64_at(data, 6).map(|n| Value::Number(n, style)),
        // RK.
        0x027e => u32_at(data, 6).map(|rk| Value::Number(packed(rk), style)),
        // MULRK.
        0x00bd => {
            let many = data.get(4..data.len().saturating_sub(2)).unwrap_or_default().chunks_exact(6);
            for (on, one) in (0_u16..).zip(many) {
                if let (Some(style), Some(rk)) = (u16_at(one, 0), u32_at(one, 2)) {
                    take(on, Value::Number(packed(rk), style));
                }
            }
            None
        }
        // LABELSST.
        0x00fd => u32_at(data, 6).map(Value::Shared),
        // LABEL, RSTRING.
        0x0204 | 0x00d6 => globals.text(data.get(6..).unwrap_or_default(), Length::Word).map(Value::Text),
        // BOOLERR.
        0x0205 => data.get(6).zip(data.get(7)).map(|(value, is_error)| flag_or_error(*value, *is_error == 1)),
        // FORMULA: a float, or what the last two bytes say.
        0x0006 => match data.get(6..14) {
            Some([1, _, value, .., 0xff, 0xff]) => Some(flag_or_error(*value, false)),
            Some([2, _, value, .., 0xff, 0xff]) => Some(flag_or_error(*value, true)),
            Some([.., 0xff, 0xff]) => None,
            _ => f64_at(data, 6).map(|n| Value::Number(n, style)),
        },
        _ => None,
    };
    if let Some(value) = found {
        take(0, value);
    }
}

/// Unpacks a number of 30 bits: a whole one or the top of a float, perhaps a hundredfold.
fn packed(rk: u32) -> f64 {
    let n = if rk & 2 != 0 { f64::from((rk as i32) >> 2) } else { f64::from_bits(u64::from(rk & 0xffff_fffc) << 32) };
    if rk & 1 != 0 { n / 100.0 } else { n }
}

fn flag_or_error(value: u8, is_error: bool) -> Value {
    Value::Fixed(match (is_error, value) {
        (false, 0) => "false",
        (false, _) => "true",
        (true, 0x00) => "#NULL!",
        (true, 0x07) => "#DIV/0!",
        (true, 0x0f) => "#VALUE!",
        (true, 0x17) => "#REF!",
        (true, 0x1d) => "#NAME?",
        (true, 0x24) => "#NUM!",
        (true, _) => "#N/A",
    })
}

fn damaged(what: &str) -> DecodeError {
    DecodeError::damaged("XLS", what)
}
