//! House numbers: what one is, and which of a street is meant or lies beside what was asked for.

use super::fold::fold;

/// Greatest house number that is told from a year or a telephone number.
const NUMBER_MAX: u32 = 99_999;

/// Longest label of a house, in characters.
const LABEL_MAX: usize = 40;

/// Signs between the first and the last of several numbers.
const RANGE: [char; 5] = ['-', '–', '~', '～', '－'];

/// A house number as a map has it: `500`, `500号`, `500弄12号`, `12-18`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct House {
    /// Number, or the first of several.
    pub(super) number: u32,
    /// The last of several; the number itself where there is one.
    pub(super) last: u32,
    /// As it is written.
    pub(super) label: String,
}

/// Returns the house of a label; `None` when there is no number in it.
pub(super) fn house(label: &str) -> Option<House> {
    let label: String = label.trim().chars().take(LABEL_MAX).collect();
    let mut numbers = label.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let number = in_reach(numbers.next()?)?;
    let several = label.contains(RANGE);
    let last = numbers.next().filter(|_| several).and_then(in_reach).filter(|last| *last > number);
    Some(House { number, last: last.unwrap_or(number), label })
}

/// What was asked for: a street and a number on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// As it was typed, without the number.
    pub(super) street: String,
    pub(super) number: u32,
    /// Number and what followed it, folded, without a last 号.
    pub(super) label: String,
}

/// Returns street and number of what was typed; `None` when it does not end in a number.
pub(super) fn asked(typed: &str) -> Option<Asked> {
    let (written, typed) = (typed, fold(typed));
    let at = typed.find(|c: char| c.is_ascii_digit()).filter(|at| *at > 0)?;
    // A street may have digits of its own (G60国道 12号): the number is what follows the last word of a street.
    let after_street = ["路", "街", "道", "road", "street", "lu", "jie", "dao"];
    let ends = after_street.iter().filter_map(|word| typed.rfind(word).map(|at| at + word.len()));
    let begins_there = |at: &usize| typed[*at..].starts_with(|c: char| c.is_ascii_digit());
    let at = ends.filter(begins_there).max().unwrap_or(at);
    let (street, label) = typed.split_at(at);
    // 4-6 is four to six: the dash is in what was typed, not in what is left of it.
    let first =
        ending(written, label).unwrap_or(label).split(RANGE).next().map(fold).filter(|first| !first.is_empty())?;
    let digits = first.find(|c: char| !c.is_ascii_digit()).unwrap_or(first.len());
    let number = in_reach(&first[..digits])?;
    Some(Asked { street: street.to_owned(), number, label: plain_label(label) })
}

/// Returns the end of what was typed that folds to a label.
fn ending<'a>(typed: &'a str, label: &str) -> Option<&'a str> {
    let ends = typed.char_indices().rev().map(|(at, _)| &typed[at..]);
    ends.take_while(|end| fold(end).len() <= label.len()).find(|end| fold(end) == label)
}

/// Returns a label folded, without the last 号.
pub(super) fn plain_label(label: &str) -> String {
    let label = fold(label);
    label.strip_suffix('号').map(str::to_owned).unwrap_or(label)
}

fn in_reach(digits: &str) -> Option<u32> {
    digits.parse().ok().filter(|number| *number <= NUMBER_MAX)
}
