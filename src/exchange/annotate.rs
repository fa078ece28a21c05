//! A copy of a file that was looked at, with the verdict and the reasons beside every row, so that an office can put its own
//! file right.
//!
//! Tables stay tables: a workbook comes back as XLSX with every sheet, a text table as CSV in UTF-8 with a byte-order mark.
//! Everything else comes back as GeoJSON with `_result` and `_reason`. Invariants: every row of the input is in the copy,
//! and under its own number; numbers of positions stay as they were given.

use super::decode::{Sheet, Verbatim, as_features, each_row, sheets};
use super::encode::sheet::{header_look, text_look};
use super::encode::{EncodeError, EncodedFile, FileFormat, harmless};
use super::{DecodeError, Format};
use crate::domain::Crs;
use rust_xlsxwriter::{Color, Format as Look, Workbook, Worksheet, XlsxError};
use std::collections::HashMap;

/// Headers of the two columns that are added.
const ADDED: [&str; 2] = ["处理结果", "原因"];

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowNote {
    /// Its number, as the draft of the row has it.
    pub row: usize,
    /// The verdict in Chinese, e.g. 新增, 变更, 相同, 拒绝.
    pub class_zh: String,
    /// Why, and what else there is to say.
    pub reasons: Vec<String>,
    /// Whether the row was refused; such rows stand out.
    pub refused: bool,
}

/// How a file is to be annotated.
#[derive(Debug, Clone, Copy)]
pub struct Annotation<'a> {
    /// Format of the input.
    pub format: Format,
    /// The layer or sheet that was looked at; `None` is the one that an import reads by itself.
    pub layer: Option<&'a str>,
    /// Coordinate system that was declared for it.
    pub crs: &'a Crs,
    /// The verdicts; a row without one is left as it is.
    pub notes: &'a [RowNote],
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// The input can not be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The copy can not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Returns the copy with the verdicts.
pub fn annotate(bytes: &[u8], annotation: &Annotation<'_>) -> Result<EncodedFile, AnnotateError> {
    let notes: HashMap<usize, &RowNote> = annotation.notes.iter().map(|note| (note.row, note)).collect();
    let (format, bytes) = match annotation.format {
        Format::Csv => (FileFormat::Csv, text_table(bytes, annotation, &notes)?),
        Format::Xlsx | Format::Xls => (FileFormat::Xlsx, workbook(bytes, annotation, &notes)?),
        _ => (FileFormat::GeoJson, features(bytes, annotation, &notes)?),
    };
    let (media, file_name_ending) = (format.media(), format.word());
    Ok(EncodedFile { bytes, media, file_name_ending, rows: annotation.notes.len(), losses: Vec::new() })
}

/// Returns the number of the header: the last of the filled rows above the first row with a verdict.
fn header_row(filled: &[usize], notes: &HashMap<usize, &RowNote>) -> usize {
    let first = notes.keys().min().copied().unwrap_or(usize::MAX);
    let above = filled.iter().copied().take_while(|number| *number < first);
    let header = if notes.is_empty() { filled.first().copied() } else { above.last() };
    header.unwrap_or(1)
}

/// Returns where the added columns begin: behind the longest row.
fn width(sheet: &Sheet) -> usize {
    sheet.rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0)
}

fn added(number: usize, header: usize, notes: &HashMap<usize, &RowNote>) -> [String; 2] {
    match notes.get(&number) {
        Some(note) => [note.class_zh.clone(), note.reasons.join("；")],
        None if number == header => ADDED.map(str::to_owned),
        None => [String::new(), String::new()],
    }
}

fn text_table(
    bytes: &[u8],
    annotation: &Annotation<'_>,
    notes: &HashMap<usize, &RowNote>,
) -> Result<Vec<u8>, AnnotateError> {
    let failed = EncodeError::of(FileFormat::Csv);
    // Once to know how wide it is, once to write it: a table of a hundred thousand rows is never whole in cells.
    let (mut width, mut filled) = (0, Vec::new());
    each_row(annotation.format, bytes, &mut |number, cells| {
        width = width.max(cells.len());
        if cells.iter().any(|cell| *cell != Verbatim::default()) {
            filled.push(number);
        }
    })?;
    let header = header_row(&filled, notes);
    let mut writer =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(b"\xef\xbb\xbf".to_vec());
    let mut outcome = Ok(());
    each_row(annotation.format, bytes, &mut |number, cells| {
        let own = cells.iter().map(|cell| match cell {
            Verbatim::Text(text) => harmless(text.to_string()),
            Verbatim::Number(n) => n.to_string(),
            Verbatim::Flag(flag) => flag.to_string(),
        });
        let blanks = std::iter::repeat_n(String::new(), width - cells.len());
        let record: Vec<String> = own.chain(blanks).chain(added(number, header, notes).map(harmless)).collect();
        if outcome.is_ok() {
            outcome = writer.write_record(record);
        }
    })?;
    outcome.map_err(|error| failed(&error))?;
    Ok(writer.into_inner().map_err(|error| failed(&error.error()))?)
}

fn workbook(
    bytes: &[u8],
    annotation: &Annotation<'_>,
    notes: &HashMap<usize, &RowNote>,
) -> Result<Vec<u8>, AnnotateError> {
    let failed = EncodeError::of(FileFormat::Xlsx);
    let mut workbook = Workbook::new();
    for sheet in sheets(annotation.format, bytes)? {
        let is_meant = annotation.layer.map_or(sheet.is_first, |layer| layer == sheet.name);
        copy(workbook.add_worksheet(), &sheet, is_meant.then_some(notes)).map_err(|error| failed(&error))?;
    }
    Ok(workbook.save_to_buffer().map_err(|error| failed(&error))?)
}

/// Longest text of a cell, in UTF-16 units (ECMA-376 part 1, 18.4.12), less what a cut is marked with.
const TEXT_MAX: usize = 32_700;

/// Writes a sheet as it stands; with verdicts, they come behind its longest row.
fn copy(out: &mut Worksheet, sheet: &Sheet, notes: Option<&HashMap<usize, &RowNote>>) -> Result<(), XlsxError> {
    // A name that a workbook can not have is left to the writer.
    let _ = out.set_name(&sheet.name);
    let looks = [text_look(), refused_look()];
    let filled: Vec<usize> = sheet.rows.iter().map(|(number, _)| *number).collect();
    let (width, header) = (width(sheet), notes.map_or(0, |notes| header_row(&filled, notes)));
    for (number, cells) in &sheet.rows {
        let Ok(line) = u32::try_from(number - 1) else { continue };
        let refused = notes.and_then(|notes| notes.get(number)).is_some_and(|note| note.refused);
        let look = &looks[usize::from(refused)];
        for (at, cell) in (0_u16..).zip(cells) {
            match cell {
                Verbatim::Text(text) if text.is_empty() && !refused => {}
                Verbatim::Text(text) => drop(out.write_string_with_format(line, at, fitting(text), look)?),
                Verbatim::Number(n) if refused => drop(out.write_number_with_format(line, at, *n, look)?),
                Verbatim::Number(n) => drop(out.write_number(line, at, *n)?),
                Verbatim::Flag(flag) => drop(out.write_boolean(line, at, *flag)?),
            }
        }
        if let Some(notes) = notes {
            let beside = u16::try_from(width).unwrap_or(u16::MAX);
            for (at, text) in (beside..).zip(added(*number, header, notes)).filter(|(_, text)| !text.is_empty()) {
                let look = if *number == header { &header_look() } else { look };
                out.write_string_with_format(line, at, fitting(&text), look)?;
            }
        }
    }
    if notes.is_some() {
        let beside = u16::try_from(width).unwrap_or(u16::MAX);
        out.set_column_width(beside, 10)?.set_column_width(beside.saturating_add(1), 60)?;
    }
    Ok(())
}

/// Returns the look of a row that was refused: text on a light red ground, whatever the number format was.
fn refused_look() -> Look {
    text_look().set_num_format("General").set_background_color(Color::RGB(0x00FD_E2E1))
}

fn fitting(text: &str) -> String {
    if text.encode_utf16().count() <= TEXT_MAX {
        text.to_owned()
    } else {
        text.chars().take(TEXT_MAX / 2).chain("…".chars()).collect()
    }
}

fn features(
    bytes: &[u8],
    annotation: &Annotation<'_>,
    notes: &HashMap<usize, &RowNote>,
) -> Result<Vec<u8>, AnnotateError> {
    let datum = serde_json::Value::from(annotation.crs.word());
    let mut out = format!("{{\"type\":\"FeatureCollection\",\"datum\":{datum},\"features\":[\n").into_bytes();
    let mut is_first = true;
    as_features(annotation.format, bytes, annotation.layer, &mut |number, mut feature| {
        if let Some(note) = notes.get(&number) {
            feature["properties"]["_result"] = note.class_zh.as_str().into();
            feature["properties"]["_reason"] = note.reasons.join("；").into();
        }
        if !std::mem::take(&mut is_first) {
            out.extend_from_slice(b",\n");
        }
        out.extend_from_slice(feature.to_string().as_bytes());
    })?;
    out.extend_from_slice(b"\n]}\n");
    Ok(out)
}
