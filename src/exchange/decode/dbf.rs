//! A .dbf: the columns and cells beside the shapes, in whatever encoding they are in.
//!
//! Our own, because a reader that decodes names of GBK as UTF-8 lets two columns collapse into one. The encoding is that of
//! the .cpg if the bytes are in it, else that of the header, else found as for text tables. Invariant: every record is given
//! on, those marked as deleted too (the shapes count them), with its mark.

use super::little_endian::{f64_at, u16_at, u32_at};
use super::{COLUMNS_MAX, encoding};
use crate::exchange::DecodeError;
use encoding_rs::Encoding;
use serde_json::Value;

/// Records looked at to tell the encoding.
const SAMPLE: usize = 500;

/// An open .dbf.
pub(super) struct Dbf<'a> {
    /// Names of its columns.
    pub(super) headers: Vec<String>,
    /// Its encoding.
    pub(super) encoding: &'static Encoding,
    /// The .cpg names another, in which it is not.
    pub(super) cpg_is_wrong: bool,
    fields: Vec<Field>,
    records: std::slice::ChunksExact<'a, u8>,
}

struct Field {
    kind: u8,
    at: usize,
    len: usize,
}

/// One record.
pub(super) struct Row {
    /// It is marked as deleted.
    pub(super) is_deleted: bool,
    /// Its values.
    pub(super) values: Vec<Value>,
    /// Columns of which the bytes are in no known encoding.
    pub(super) unreadable: Vec<usize>,
    /// A text was cut within a character, as fields of fixed width are.
    pub(super) is_cut: bool,
}

impl<'a> Dbf<'a> {
    /// Opens a .dbf with what its .cpg says.
    pub(super) fn open(bytes: &'a [u8], cpg: Option<&str>) -> Result<Self, DecodeError> {
        let (header, width) = u16_at(bytes, 8).zip(u16_at(bytes, 10)).ok_or_else(|| damaged("文件头 / header"))?;
        let (header, width) = (usize::from(header), usize::from(width));
        let count = u32_at(bytes, 4).unwrap_or(0) as usize;
        let body =
            bytes.get(header..).filter(|_| header >= 33 && width >= 1).ok_or_else(|| damaged("文件头 / header"))?;
        if count.checked_mul(width).is_none_or(|size| size > body.len()) {
            return Err(damaged(&format!("{count} × {width} > {} bytes", body.len())));
        }
        let (names, fields) = columns(&bytes[..header], width)?;
        let records = body[..count * width].chunks_exact(width);
        let texts = || sample(&names, &fields, records.clone());
        let named = cpg.and_then(encoding::of_page);
        let fits = |encoding: &'static Encoding| texts().all(|text| encoding::decode_cut(encoding, text).is_some());
        let by_header = || of_language(bytes.get(29).copied().unwrap_or(0));
        let encoding = match named.filter(|e| fits(e)).or_else(|| by_header().filter(|e| fits(e))) {
            Some(encoding) => encoding,
            None => encoding::of_texts(texts(), &names),
        };
        let name = |raw: &&[u8]| encoding::decode_cut(encoding, raw).map_or_else(String::new, |(name, _)| name);
        Ok(Self {
            headers: distinct(names.iter().map(|raw| name(raw).trim().to_owned())),
            encoding,
            cpg_is_wrong: named.is_some_and(|named| named != encoding),
            fields,
            records,
        })
    }

    /// Returns the next record.
    pub(super) fn next(&mut self) -> Option<Row> {
        let record = self.records.next()?;
        let mut row = Row {
            is_deleted: record.first() == Some(&b'*'),
            values: Vec::with_capacity(self.fields.len()),
            unreadable: Vec::new(),
            is_cut: false,
        };
        for (i, field) in self.fields.iter().enumerate() {
            let raw = &record[field.at..field.at + field.len];
            row.values.push(match field.kind {
                b'I' | b'+' if field.len == 4 => u32_at(raw, 0).map_or(Value::Null, |n| Value::from(n as i32)),
                b'B' | b'O' if field.len == 8 => f64_at(raw, 0).map_or(Value::Null, Value::from),
                b'I' | b'+' | b'B' | b'O' | b'M' | b'G' | b'P' | b'@' | b'T' | b'Y' | b'0' => Value::Null,
                kind => match encoding::decode_cut(self.encoding, trimmed(raw)) {
                    Some((text, is_cut)) => {
                        row.is_cut |= is_cut;
                        value(kind, &text)
                    }
                    None => {
                        row.unreadable.push(i);
                        Value::Null
                    }
                },
            });
        }
        Some(row)
    }

    /// Returns how many records are left.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }
}

/// Numbers and days are text of a fixed form; what does not keep to it stays text and is judged as such.
fn value(kind: u8, text: &str) -> Value {
    let text = text.trim();
    match kind {
        _ if text.is_empty() => Value::Null,
        b'N' | b'F' if text.bytes().all(|b| b == b'*') => Value::Null,
        b'L' => match text {
            "T" | "t" | "Y" | "y" => Value::Bool(true),
            "F" | "f" | "N" | "n" => Value::Bool(false),
            "?" => Value::Null,
            other => Value::from(other),
        },
        b'D' if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) => {
            if text == "00000000" {
                Value::Null
            } else {
                Value::from(format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
            }
        }
        b'N' | b'F' if text.contains('.') && !text.contains(['e', 'E']) => {
            // 121.50000 is 121.5: zeros behind the point come with the width of the column.
            Value::from(text.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => Value::from(text),
    }
}

fn columns(header: &[u8], width: usize) -> Result<(Vec<&[u8]>, Vec<Field>), DecodeError> {
    let (mut names, mut fields, mut at) = (Vec::new(), Vec::new(), 1);
    for field in header.get(32..).unwrap_or_default().chunks(32) {
        if field.first().is_none_or(|b| *b == 0x0d || *b == 0) || field.len() < 32 {
            break;
        }
        if names.len() == COLUMNS_MAX {
            return Err(DecodeError::TooManyColumns { row: 0, limit: COLUMNS_MAX });
        }
        // The length of a text may take the byte of the decimals too.
        let wide = if field[11] == b'C' { usize::from(field[17]) << 8 } else { 0 };
        let len = usize::from(field[16]) + wide;
        if at + len > width {
            return Err(damaged("列宽 / width of columns"));
        }
        let name = &field[..11];
        names.push(&name[..name.iter().position(|b| *b == 0).unwrap_or(11)]);
        fields.push(Field { kind: field[11].to_ascii_uppercase(), at, len });
        at += len;
    }
    Ok((names, fields))
}

fn sample<'s>(
    names: &'s [&'s [u8]],
    fields: &'s [Field],
    records: std::slice::ChunksExact<'s, u8>,
) -> impl Iterator<Item = &'s [u8]> {
    let texts = fields.iter().filter(|field| field.kind == b'C');
    let cells = records.take(SAMPLE).flat_map(move |r| texts.clone().map(|f| trimmed(&r[f.at..f.at + f.len])));
    names.iter().copied().chain(cells)
}

fn trimmed(raw: &[u8]) -> &[u8] {
    let end = raw.iter().rposition(|b| !matches!(b, b' ' | 0)).map_or(0, |last| last + 1);
    &raw[..end]
}

/// Language driver of the header.
fn of_language(id: u8) -> Option<&'static Encoding> {
    let page = match id {
        0x4d | 0x7a => "936",
        0x4f | 0x78 => "950",
        0x13 | 0x7b => "932",
        _ => return None,
    };
    encoding::of_page(page)
}

/// Names are cut to ten bytes, so that two may become one: the second says so.
fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    names
        .map(|name| {
            let times = seen.entry(name.clone()).or_default();
            *times += 1;
            if *times == 1 { name } else { format!("{name}_{times}") }
        })
        .collect()
}

fn damaged(what: &str) -> DecodeError {
    DecodeError::damaged(".dbf", what)
}
