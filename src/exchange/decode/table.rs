//! Rows of text cells → items: the header is found, blank rows and sums are left out, ragged rows are told.
//!
//! Forms begin with a title and who filled them in, and headers may take two rows (坐标 over 经度 and 纬度). The header is
//! the row, or two rows together, of the first twenty in which most columns are known. Invariant: every row below the
//! header that is neither blank nor a sum nor a remark under the table becomes exactly one item.

use super::sink::{Head, Item, Kind, Sink};
use super::{Known, cell};
use crate::domain::Violation;
use crate::exchange::assemble::Cell;
use crate::exchange::{DecodeError, columns};
use std::borrow::Cow;

/// Filled rows among which the header is looked for.
const LEAD: usize = 20;

/// First cells of rows that add others up.
const SUMS: &[&str] =
    &["合计", "总计", "小计", "共计", "总数", "合計", "總計", "小計", "total", "subtotal", "grandtotal"];

/// Beginnings of remarks under a table, which stand alone in their row.
const REMARKS: &[&str] = &[
    "注:",
    "注1",
    "备注:",
    "说明:",
    "填表说明",
    "填表人",
    "填报人",
    "审核人",
    "单位负责人",
    "制表",
    "联系电话:",
    "※",
    "note:",
];

const BEYOND: &str = "表头之外的单元格未读取 / cells beyond the header were not read";

/// Rows left out of which the numbers are told.
const TOLD: usize = 5;

/// Takes the rows of one table.
pub(super) struct Table<'s> {
    sink: &'s mut dyn Sink,
    known: Known<'s>,
    encoding: Option<String>,
    /// Cells were split out of a text, so that a row of another length has gone wrong; a sheet leaves out blank cells.
    is_split: bool,
    lead: Vec<(usize, Vec<String>)>,
    width: Option<usize>,
    left_out: Vec<usize>,
}

impl<'s> Table<'s> {
    /// Begins a table, of a text if its encoding is told; `known` tells headers from other cells.
    pub(super) fn new(sink: &'s mut dyn Sink, known: Known<'s>, encoding: Option<&str>) -> Self {
        let encoding = encoding.map(str::to_owned);
        Self {
            sink,
            known,
            is_split: encoding.is_some(),
            encoding,
            lead: Vec::new(),
            width: None,
            left_out: Vec::new(),
        }
    }

    /// Takes a row with the number that a spreadsheet shows.
    pub(super) fn row(&mut self, number: usize, cells: &[Cow<'_, str>]) -> Result<(), DecodeError> {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if let Some(width) = self.width {
            return self.body(number, cells, width);
        }
        self.lead.push((number, cells.iter().map(|cell| cell.to_string()).collect()));
        if self.lead.len() == LEAD { self.settle() } else { Ok(()) }
    }

    /// Ends the table; what was done to its cells on the way is told.
    pub(super) fn finish(mut self, told: Option<&str>) -> Result<(), DecodeError> {
        if self.width.is_none() {
            self.settle()?;
        }
        if let Some(told) = told {
            self.sink.note(told.to_owned());
        }
        if !self.left_out.is_empty() {
            let shown: Vec<String> = self.left_out.iter().take(TOLD).map(usize::to_string).collect();
            let (n, shown) = (self.left_out.len(), shown.join(", "));
            self.sink.note(format!(
                "{n} 行合计或附注未作为数据读取（第 {shown} 行…） / {n} rows of sums or remarks were not read as data (row {shown} …)"
            ));
        }
        Ok(())
    }

    /// Finds the header among the first rows, and gives on what stands below it.
    fn settle(&mut self) -> Result<(), DecodeError> {
        let lead = std::mem::take(&mut self.lead);
        let Some((at, rows)) = header_of(&lead, self.known) else { return Err(DecodeError::Empty) };
        let headers = joined(&lead[at..at + rows]);
        let width = headers.iter().rposition(|h| !h.is_empty()).map_or(0, |last| last + 1);
        let head =
            Head { headers: headers[..width].to_vec(), kind: Kind::Table, encoding: self.encoding.take(), crs: None };
        self.sink.begin(head)?;
        self.width = Some(width);
        if at + rows > 1 {
            let number = lead[at + rows - 1].0;
            self.sink.note(format!(
                "表头在第 {number} 行，其上的标题行未作为数据读取 / the header ends in row {number}; what stands above it was not read as data"
            ));
        }
        for (number, cells) in &lead[at + rows..] {
            let cells: Vec<Cow<'_, str>> = cells.iter().map(|cell| Cow::Borrowed(cell.as_str())).collect();
            self.body(*number, &cells, width)?;
        }
        Ok(())
    }

    fn body(&mut self, number: usize, cells: &[Cow<'_, str>], width: usize) -> Result<(), DecodeError> {
        if width > 2 && is_apart(cells) {
            self.left_out.push(number);
            return Ok(());
        }
        // Blank cells beyond the header are what spreadsheets leave behind; anything else has lost its column.
        let beyond = cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
        let is_text = self.is_split;
        let violations = (is_text && (beyond || cells.len() < width)).then(|| ragged(cells.len(), width));
        let notes = if beyond && !is_text { vec![BEYOND] } else { Vec::new() };
        let blanks = std::iter::repeat_n("", width.saturating_sub(cells.len()));
        let cells = cells.iter().take(width).map(|cell| &**cell).chain(blanks.filter(|_| !is_text));
        let cells = cells.map(Cell::Text).collect();
        self.sink.item(Item { row: number, cells, violations: violations.into_iter().collect(), notes, outline: None })
    }
}

fn ragged(found: usize, width: usize) -> Violation {
    Violation::new(
        "",
        "ragged_row",
        format!("该行有 {found} 列，表头有 {width} 列；请检查引号与分隔符"),
        format!("the row has {found} cells and the header {width}: check quotes and delimiters"),
    )
}

/// Returns whether a row is a sum, or a remark alone in its row.
fn is_apart(cells: &[Cow<'_, str>]) -> bool {
    let mut filled = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let Some(first) = filled.next() else { return false };
    let first: String = columns::fold(&first.chars().take(40).collect::<String>()).split_whitespace().collect();
    let bare = first.trim_end_matches([':', '：']);
    SUMS.contains(&bare) || (filled.next().is_none() && REMARKS.iter().any(|remark| first.starts_with(remark)))
}

/// Returns where the header begins and how many rows it takes; the first row when nothing is known anywhere.
fn header_of(lead: &[(usize, Vec<String>)], known: Known<'_>) -> Option<(usize, usize)> {
    let count = |rows: &[(usize, Vec<String>)]| joined(rows).iter().filter(|header| known(header)).count();
    let mut best = (0, 1);
    let mut most = count(lead.get(..1)?);
    for (at, rows) in (0..lead.len()).flat_map(|at| [(at, 1), (at, 2)]) {
        let Some(candidate) = lead.get(at..at + rows) else { continue };
        let found = count(candidate);
        if found > most && found >= 2 {
            (best, most) = ((at, rows), found);
        }
    }
    Some(best)
}

/// Lays header rows over each other: the lower cell where it says anything, else the upper.
fn joined(rows: &[(usize, Vec<String>)]) -> Vec<String> {
    let clean = |text: &String| text.replace(cell::UNCALCULATED, "").trim().trim_start_matches('\u{feff}').to_owned();
    let mut out: Vec<String> = Vec::new();
    for (_, cells) in rows {
        out.resize(out.len().max(cells.len()), String::new());
        for (header, cell) in out.iter_mut().zip(cells.iter().map(clean)).filter(|(_, cell)| !cell.is_empty()) {
            *header = cell;
        }
    }
    out
}
