//! dBASE III tables, as shapefiles carry them.
//!
//! The writer is our own and small, because numbers must come back bit for bit (the crates print a fixed count of
//! decimals) and columns must be as wide as their widest text. Layout: dBASE III+ header of 32 bytes, 32 bytes a field,
//! records of fixed width. Invariant: null is blanks, and `?` for a logical field.

use chrono::{DateTime, Datelike, Utc};

/// Room for any number as Rust prints it without an exponent in the ranges of our fields; GDAL uses the same.
const NUMBER_WIDTH: usize = 24;

/// A column of a table.
#[derive(Debug, Clone)]
pub(super) struct Column {
    name: &'static str,
    letter: u8,
    width: usize,
    decimals: u8,
}

impl Column {
    /// A column of texts; it has room for one byte until [`Column::make_room`] gives it more.
    pub(super) const fn text(name: &'static str) -> Self {
        Self { name, letter: b'C', width: 1, decimals: 0 }
    }

    /// A column of whole numbers.
    pub(super) const fn whole(name: &'static str) -> Self {
        Self { name, letter: b'N', width: 10, decimals: 0 }
    }

    /// A column of numbers.
    pub(super) const fn number(name: &'static str) -> Self {
        Self { name, letter: b'N', width: NUMBER_WIDTH, decimals: 15 }
    }

    /// A column of yes and no.
    pub(super) const fn logical(name: &'static str) -> Self {
        Self { name, letter: b'L', width: 1, decimals: 0 }
    }

    /// Widens a column of texts to so many bytes.
    pub(super) fn make_room(&mut self, bytes: usize) {
        if self.letter == b'C' {
            self.width = self.width.max(bytes).min(254);
        }
    }
}

/// Writes a table.
pub(super) fn write(
    columns: &[Column],
    at: DateTime<Utc>,
    records: impl Iterator<Item = Vec<Option<String>>>,
) -> Vec<u8> {
    let mut out = header(columns, at);
    let mut count: u32 = 0;
    for record in records {
        count += 1;
        out.push(b' ');
        for (column, value) in columns.iter().zip(record) {
            put(column, value.as_deref(), &mut out);
        }
    }
    out.push(0x1a);
    out[4..8].copy_from_slice(&count.to_le_bytes());
    out
}

fn header(columns: &[Column], at: DateTime<Utc>) -> Vec<u8> {
    let size = 32 + 32 * columns.len() + 1;
    let record = 1 + columns.iter().map(|column| column.width).sum::<usize>();
    let byte = |n: u32| u8::try_from(n).unwrap_or(0);
    let year = byte(u32::try_from(at.year() - 1900).unwrap_or(0));
    let mut out = vec![0x03, year, byte(at.month()), byte(at.day()), 0, 0, 0, 0];
    out.extend_from_slice(&u16::try_from(size).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(&u16::try_from(record).unwrap_or(u16::MAX).to_le_bytes());
    // The language byte stays 0: the `.cpg` beside the table says UTF-8.
    out.resize(32, 0);
    for column in columns {
        let mut field = [0; 32];
        let name = column.name.as_bytes();
        field[..name.len().min(10)].copy_from_slice(&name[..name.len().min(10)]);
        field[11] = column.letter;
        field[16] = u8::try_from(column.width).unwrap_or(254);
        field[17] = column.decimals;
        out.extend_from_slice(&field);
    }
    out.push(0x0d);
    out
}

fn put(column: &Column, value: Option<&str>, out: &mut Vec<u8>) {
    let value = match (column.letter, value) {
        (b'L', None) => "?",
        (_, value) => value.unwrap_or_default(),
    };
    let bytes = &value.as_bytes()[..value.len().min(column.width)];
    let blanks = std::iter::repeat_n(b' ', column.width - bytes.len());
    if column.letter == b'N' {
        out.extend(blanks);
        out.extend_from_slice(bytes);
    } else {
        out.extend_from_slice(bytes);
        out.extend(blanks);
    }
}
