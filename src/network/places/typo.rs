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

/// Letter of a row, so many behind its first; zero behind its last. Rows are sorted.
type Text<'a> = &'a dyn Fn(usize, usize) -> u8;

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
    pub(super) fn run(&mut self, rows: usize, text: Text<'_>) -> Vec<(Range<usize>, u8)> {
        if self.typed.len() <= LETTERS_MAX {
            let mut row = [0; LETTERS_MAX + 1];
            (0..=self.typed.len()).for_each(|i| row[i] = i as u8);
            self.go(0..rows, &Here { depth: 0, row, above: row, letter: 0 }, text);
        }
        std::mem::take(&mut self.found)
    }

    fn go(&mut self, rows: Range<usize>, here: &Here, text: Text<'_>) {
        let off = here.row[self.typed.len()];
        let least = here.row[..=self.typed.len()].iter().min().copied().unwrap_or(u8::MAX);
        if off <= self.most {
            self.found.push((rows.clone(), off));
        }
        if least > self.most || (off <= self.most && least >= off) {
            return;
        }
        if least < self.most {
            self.every_letter(rows, here, text);
        } else {
            self.right_letters(rows, here, text);
        }
    }

    /// Goes on with every letter that there is: an error may still be made here.
    fn every_letter(&mut self, rows: Range<usize>, here: &Here, text: Text<'_>) {
        let mut at = bound(&rows, |row| text(row, here.depth) == 0);
        while at < rows.end && self.branches < BRANCHES_MAX {
            let letter = text(at, here.depth);
            if !letter.is_ascii() {
                break;
            }
            let end = bound(&(at + 1..rows.end), |row| text(row, here.depth) <= letter);
            // Two errors are looked for only where the first letter is right: few people miss that one twice.
            if self.most < 2 || here.depth > 0 || self.typed.first() == Some(&letter) {
                self.branches += 1;
                self.go(at..end, &self.next(here, letter), text);
            }
            at = end;
        }
    }

    /// Goes on with the letters that make no further error: all have been made.
    fn right_letters(&mut self, rows: Range<usize>, here: &Here, text: Text<'_>) {
        let goes_on = |i: &usize| here.row[*i] <= self.most;
        let right = (0..self.typed.len()).filter(goes_on).map(|i| self.typed[i]);
        let exchanged = |i: &usize| self.typed[*i + 1] == here.letter && here.above[*i] < self.most;
        let exchanged = (0..self.typed.len().saturating_sub(1)).filter(exchanged).map(|i| self.typed[i]);
        let mut letters: Vec<u8> = right.chain(exchanged).collect();
        letters.sort_unstable();
        letters.dedup();
        for letter in letters {
            let first = bound(&rows, |row| text(row, here.depth) < letter);
            let end = bound(&(first..rows.end), |row| text(row, here.depth) <= letter);
            if first < end && self.branches < BRANCHES_MAX {
                self.branches += 1;
                self.go(first..end, &self.next(here, letter), text);
            }
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
