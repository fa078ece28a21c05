//! Cells merged downwards: forms write the street once beside the ten shelters in it.
//!
//! Invariant: words are said for every row that the cell spans; figures are not, because a capacity written beside three
//! shelters may be that of all three together, and three times it would be made up.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// Most merged ranges of a sheet that are looked at.
const RANGES_MAX: usize = 200_000;

/// Told where words were filled in.
pub(super) const FILLED: &str = "纵向合并单元格的文字已填入所跨各行，数字只算在第一行 / words of cells merged downwards were taken for each row they span, figures for the first only";

/// Rows and columns of a range, both ends in it.
pub(super) type Range = ((u32, u32), (u32, u32));

/// Merged ranges of a sheet, which is walked through row by row.
#[derive(Default)]
pub(super) struct Merged {
    /// First row and column → last row.
    spans: HashMap<(u32, u32), u32>,
    /// Column → last row and words, of the ranges that the walk is in.
    open: BTreeMap<u32, (u32, String)>,
    /// Words were filled in somewhere.
    pub(super) has_filled: bool,
}

impl Merged {
    /// Takes the ranges of one column.
    pub(super) fn new(ranges: impl Iterator<Item = Range>) -> Self {
        let down = ranges.filter(|((top, left), (bottom, right))| left == right && top < bottom).take(RANGES_MAX);
        Self { spans: down.map(|(start, (bottom, _))| (start, bottom)).collect(), ..Self::default() }
    }

    /// Fills a row that is not blank.
    pub(super) fn fill(&mut self, row: u32, cells: &mut Vec<Cow<'_, str>>) {
        if self.spans.is_empty() || cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        self.open.retain(|_, (last, _)| *last >= row);
        for (column, (_, words)) in &self.open {
            let column = *column as usize;
            cells.resize(cells.len().max(column + 1), Cow::Borrowed(""));
            if cells[column].trim().is_empty() {
                cells[column] = Cow::Owned(words.clone());
                self.has_filled = true;
            }
        }
        for (column, cell) in (0..).zip(cells.iter()).filter(|(_, cell)| is_words(cell)) {
            if let Some(last) = self.spans.get(&(row, column)) {
                self.open.insert(column, (*last, cell.to_string()));
            }
        }
    }
}

/// A text that begins with no number is words, 人民路1号 too; so is a number as long as a division code and no other figure.
fn is_words(cell: &str) -> bool {
    let text = cell.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return matches!(text.len(), 9 | 12);
    }
    let bound = ['约', '約', '近', '不', '少', '低', '于', '至', '≥', '>', '=', '~', '～', '-', '+', '(', '（'];
    text.trim_start_matches(bound).chars().next().is_some_and(|first| !first.is_numeric())
}
