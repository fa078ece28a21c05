//! Typing errors: a walk over sorted text as over a tree, which goes on only where few errors are still possible.
//!
//! The distance counts a letter too many, too few, or wrong, and two neighbours exchanged, as one each (optimal string
//! alignment; Damerau 1964, doi 10.1145/363958.363994). What was typed may be the beginning of what is found. Whole ranges of
//! rows share their beginning and are judged once.

use std::ops::Range;

/// Longest word that is looked for; longer ones are not corrected.
const LETTERS_MAX: usize = 40;

/// Most branches that are looked at for one word; a limit on time, reached only by words like nothing there is.
const BRANCHES_MAX: u32 = 30_000;

type Row = [u8; LETTERS_MAX + 1];

/// Text that follows a row, in sorted order.
type Text<'a> = &'a dyn Fn(usize) -> &'a [u8];

/// One search.
pub(super) struct Walk<'a> {
    typed: &'a [u8],
    most: u8,
    branches: u32,
    found: Vec<(Range<usize>, u8)>,
}

/// Where the walk is: how many letters down, and the distances of the two latest rows of the table.
#[derive(Clone, Copy)]
struct Here {
    depth: usize,
    row: Row,
    above: Row,
    letter: u8,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(typed: &'a [u8], most: u8) -> Self {
        Self { typed, most, branches: 0, found: Vec::new() }
    }

    /// Returns ranges of rows, each with the least number of errors known for all of it.
    pub(super) fn run<'t>(&mut self, rows: usize, text: Text<'t>) -> Vec<(Range<usize>, u8)> {
        if self.typed.len() <= LETTERS_MAX {
            let mut row = [0; LETTERS_MAX + 1];
            (0..=self.typed.len()).for_each(|i| row[i] = i as u8);
            self.go(0..rows, &Here { depth: 0, row, above: row, letter: 0 }, text);
        }
        std::mem::take(&mut self.found)
    }

    fn go<'t>(&mut self, rows: Range<usize>, here: &Here, text: Text<'t>) {
        let off = here.row[self.typed.len()];
        let least = here.row[..=self.typed.len()].iter().min().copied().unwrap_or(u8::MAX);
        if off <= self.most {
            self.found.push((rows.clone(), off));
        }
        if least > self.most || (off <= self.most && least >= off) {
            return;
        }
        let mut at = bound(&rows, |row| text(row).len() <= here.depth);
        while at < rows.end && self.branches < BRANCHES_MAX {
            let Some(letter) = text(at).get(here.depth).copied().filter(u8::is_ascii) else { break };
            let same = |row: usize| text(row).get(here.depth).is_none_or(|other| *other <= letter);
            let end = bound(&(at + 1..rows.end), same);
            // Two errors are looked for only where the first letter is right: few people miss that one twice.
            if self.most < 2 || here.depth > 0 || self.typed.first() == Some(&letter) {
                self.branches += 1;
                self.go(at..end, &self.next(here, letter), text);
            }
            at = end;
        }
    }

    fn next(&self, here: &Here, letter: u8) -> Here {
        let mut row = [0; LETTERS_MAX + 1];
        row[0] = here.row[0].saturating_add(1);
        for i in 1..=self.typed.len() {
            let wrong = here.row[i - 1] + u8::from(self.typed[i - 1] != letter);
            let mut least = wrong.min(row[i - 1] + 1).min(here.row[i] + 1);
            let exchanged = here.depth > 0 && i > 1 && self.typed[i - 1] == here.letter && self.typed[i - 2] == letter;
            if exchanged {
                least = least.min(here.above[i - 2] + 1);
            }
            row[i] = least;
        }
        Here { depth: here.depth + 1, row, above: here.row, letter }
    }
}

/// Returns the first row of a range for which a test that holds for its beginning does not hold.
fn bound(rows: &Range<usize>, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (rows.start, rows.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
