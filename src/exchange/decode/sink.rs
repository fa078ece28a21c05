//! Where readers put what they find: rows of a table or features, one after the other, never all at once.
//!
//! Two things take them: [`Drafts`], which reads them, and the look at a file before anything is decided
//! (`inspect.rs`). Invariant: one [`Item`] becomes exactly one draft.

use super::cell::UNCALCULATED;
use super::{COLUMNS_MAX, ROWS_MAX, Reading};
use crate::domain::{Crs, Datum, SHEET_ERRORS, Violation};
use crate::exchange::assemble::{Assembler, Cell, Outline};
use crate::exchange::columns::{Columns, Slot};
use crate::exchange::{DecodeError, Decoded, Draft, mapping};

/// Rows between two calls of the progress.
const PROGRESS_EVERY: usize = 1000;

/// Most bytes of all cells together. A text that is stored once and named by every cell is otherwise multiplied at will.
const TEXT_MAX: usize = 768 << 20;

/// What a file says of its coordinates.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CrsInFile {
    /// It names one that is known here.
    Known(Crs),
    /// It names another.
    Unknown(String),
    /// Its format knows one only; people put others in all the same.
    Format(Datum),
}

/// What is known of a layer before its first item.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Its columns.
    pub(super) headers: Vec<String>,
    /// Whether its items have a geometry of their own, so that columns are not all there is.
    pub(super) kind: Kind,
    /// Encoding of its texts, where the format leaves that open.
    pub(super) encoding: Option<String>,
    /// What it says of its coordinates.
    pub(super) crs: Option<CrsInFile>,
}

/// What the items of a layer are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rows of cells.
    #[default]
    Table,
    /// Features with a geometry.
    Features,
}

/// One row or feature.
#[derive(Default)]
pub(super) struct Item<'a> {
    /// Its number.
    pub(super) row: usize,
    /// Its cells, one for each header.
    pub(super) cells: Vec<Cell<'a>>,
    /// What a feature has beside them.
    pub(super) outline: Option<Outline<'a>>,
    /// What is wrong with it as such.
    pub(super) violations: Vec<Violation>,
    /// What was left out of it.
    pub(super) notes: Vec<&'static str>,
}

/// Takes a layer.
pub(super) trait Sink: Send {
    /// Takes what is known beforehand; comes once, and first.
    fn begin(&mut self, head: Head) -> Result<(), DecodeError>;
    /// Takes one item.
    fn item(&mut self, item: Item<'_>) -> Result<(), DecodeError>;
    /// Takes what is to be told of the layer as a whole.
    fn note(&mut self, note: String);
}

/// Turns items into drafts.
pub(super) struct Drafts<'r> {
    reading: &'r Reading<'r>,
    assembler: Option<Assembler>,
    is_read: Vec<bool>,
    headers: Vec<String>,
    drafts: Vec<Draft>,
    encoding: Option<String>,
    notes: Vec<String>,
    text: usize,
}

impl<'r> Drafts<'r> {
    pub(super) fn new(reading: &'r Reading<'r>) -> Self {
        Self {
            reading,
            assembler: None,
            is_read: Vec::new(),
            headers: Vec::new(),
            drafts: Vec::new(),
            encoding: None,
            notes: Vec::new(),
            text: 0,
        }
    }

    pub(super) fn finish(self) -> Result<Decoded, DecodeError> {
        let Some(assembler) = self.assembler else { return Err(DecodeError::Empty) };
        if let Some(progress) = self.reading.progress {
            progress(self.drafts.len());
        }
        let mut decoded = assembler.finish(self.drafts, self.encoding);
        decoded.notes.extend(self.notes);
        Ok(decoded)
    }

    fn check_crs(&mut self, said: &CrsInFile) -> Result<(), DecodeError> {
        let given = &self.reading.crs;
        match said {
            CrsInFile::Known(said) if same(said, given) => {}
            CrsInFile::Known(said) => {
                return Err(DecodeError::CrsConflict { in_file: said.word(), given: given.word() });
            }
            CrsInFile::Format(datum) if same(&Crs::Geographic(*datum), given) => {}
            CrsInFile::Format(_) if given.degrees().is_some() => {
                let given = given.word();
                self.notes.push(format!(
                    "该格式规定为 WGS84，按声明的 {given} 读取 / the format means WGS84; read as {given}, as declared"
                ));
            }
            CrsInFile::Format(datum) => {
                return Err(DecodeError::CrsConflict { in_file: datum.word().to_owned(), given: given.word() });
            }
            CrsInFile::Unknown(name) => {
                let (name, given) = (name.chars().take(80).collect::<String>(), given.word());
                self.notes.push(format!("文件写明的坐标系“{name}”无法识别，按声明的 {given} 读取 / the coordinate system `{name}` of the file is not known; read as {given}, as declared"));
            }
        }
        Ok(())
    }
}

/// Returns whether numbers in two coordinate systems are the same numbers.
fn same(a: &Crs, b: &Crs) -> bool {
    match (a, b) {
        (Crs::GaussKruger(a), Crs::GaussKruger(b)) => {
            a.central_meridian_deg() == b.central_meridian_deg() && a.false_easting_m() == b.false_easting_m()
        }
        _ => a == b || (a.is_native() && b.is_native()),
    }
}

/// Features without a known property still have a place; each row says for itself what it lacks.
fn nothing_known(headers: &[String]) -> Columns {
    Columns {
        slots: vec![Slot::Skip; headers.len()],
        report: headers.iter().map(|h| (h.clone(), None)).collect(),
        notes: Vec::new(),
    }
}

impl Sink for Drafts<'_> {
    fn begin(&mut self, head: Head) -> Result<(), DecodeError> {
        let Reading { target, crs, columns, .. } = self.reading;
        if head.headers.len() > COLUMNS_MAX {
            return Err(DecodeError::TooManyColumns { row: 0, limit: COLUMNS_MAX });
        }
        if let Some(said) = &head.crs {
            self.check_crs(said)?;
        }
        let columns = match mapping::columns_of(&head.headers, *target, crs, columns.as_ref()) {
            Err(DecodeError::NoKnownColumn { .. }) if head.kind == Kind::Features => nothing_known(&head.headers),
            known => known?,
        };
        self.is_read = columns.slots.iter().map(|slot| !matches!(slot, Slot::Skip)).collect();
        self.assembler = Some(Assembler::new(columns, *target, crs.clone()));
        (self.headers, self.encoding) = (head.headers, head.encoding);
        Ok(())
    }

    fn item(&mut self, mut item: Item<'_>) -> Result<(), DecodeError> {
        if self.drafts.len() == ROWS_MAX {
            return Err(DecodeError::TooManyRows { limit: ROWS_MAX });
        }
        self.text += item.cells.iter().map(length).sum::<usize>();
        if self.text > TEXT_MAX {
            let (zh, en) = ("全部单元格的字节数", "the bytes of all cells are");
            return Err(DecodeError::AboveLimit { zh, en, limit: TEXT_MAX as u64 });
        }
        for ((cell, is_read), header) in item.cells.iter_mut().zip(&self.is_read).zip(&self.headers) {
            let Cell::Text(text) = cell else { continue };
            let fault = match text.trim() {
                UNCALCULATED => uncalculated_formula(header, item.row),
                shown if SHEET_ERRORS.contains(&shown) => failed_formula(header, item.row, shown),
                _ => continue,
            };
            item.violations.extend(is_read.then_some(fault));
            *cell = Cell::Text("");
        }
        let Some(assembler) = &mut self.assembler else { return Err(DecodeError::Empty) };
        let mut draft = assembler.draft(item.row, &item.cells, item.outline.as_ref());
        if item.violations.iter().any(|v| v.reason == "ragged_row") {
            // What a row that lost its columns lacks is no fault of its own.
            draft.violations.retain(|v| v.reason != "missing");
        }
        draft.violations.splice(0..0, item.violations);
        draft.notes.extend(item.notes.into_iter().map(str::to_owned));
        self.drafts.push(draft);
        if let Some(progress) = self.reading.progress
            && self.drafts.len().is_multiple_of(PROGRESS_EVERY)
        {
            progress(self.drafts.len());
        }
        Ok(())
    }

    fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

fn length(cell: &Cell<'_>) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        Cell::Json(Some(serde_json::Value::String(text))) => text.len(),
        Cell::Json(_) => 0,
    }
}

fn uncalculated_formula(header: &str, row: usize) -> Violation {
    Violation::new(
        "",
        "uncalculated_formula",
        format!("第 {row} 行“{header}”列是公式，文件里没有计算结果；请用表格软件打开并保存一次，或改为实际值"),
        format!(
            "row {row}, column `{header}` holds a formula, and the file does not have its result: open and save it in a spreadsheet program, or write the value itself"
        ),
    )
}

fn failed_formula(header: &str, row: usize, shown: &str) -> Violation {
    Violation::new(
        "",
        "failed_formula",
        format!("第 {row} 行“{header}”列是公式错误 {shown}，请改为实际值，或清空该单元格"),
        format!(
            "row {row}, column `{header}` holds the spreadsheet error {shown}: write the value itself, or empty the cell"
        ),
    )
}
