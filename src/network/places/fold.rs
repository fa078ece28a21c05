//! Text made comparable: one width, one case, no accents, simplified characters, and no signs.
//!
//! Invariant: folding what is folded changes nothing. Blanks and signs are left out, so `song jiang`, `Song-jiang` and
//! `songjiang` are one; where words began is kept, since a match may begin there.

use super::traditional::simplified;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

/// Text folded, and the places where a match may begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Folded {
    /// What is left.
    pub(super) text: String,
    /// Bytes at which a character of Chinese, or a word or number of anything else, begins.
    pub(super) starts: Vec<u32>,
}

/// What kind of word a character belongs to; a change begins a new word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Nothing,
    Han,
    Letters,
    Digits,
}

/// Returns the text folded.
pub fn fold(text: &str) -> String {
    folded(text).text
}

pub(super) fn folded(text: &str) -> Folded {
    gathered(letters(text).map(simplified))
}

/// Returns the text folded, but in the characters that it is written in: by them it is read aloud (乾 is not read like 干).
pub(super) fn as_written(text: &str) -> String {
    gathered(letters(text)).text
}

/// Returns the words of a text, each folded: what lies between blanks and signs.
pub(super) fn words(text: &str) -> Vec<String> {
    let ends = |c: char| of(half_width(c)) == Of::Nothing && !is_within_word(c);
    text.split(ends).map(fold).filter(|word| !word.is_empty()).collect()
}

/// Returns a code folded with its dashes, by which its parts are told apart; blanks and other signs are left out.
pub(super) fn code(text: &str) -> String {
    let dash = |c: char| if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}') { '-' } else { c };
    letters(text).map(dash).filter(|c| *c == '-' || of(*c) != Of::Nothing).collect()
}

/// Yields the letters of a text in one width and case, without accents.
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfc().flat_map(|c| half_width(c).to_lowercase()).flat_map(spelled)
}

/// Whether a sign lies within a word (People's) and does not end it, as blanks and the rest do.
const fn is_within_word(c: char) -> bool {
    matches!(c, '\'' | '’' | '·' | '\u{300}'..='\u{36f}')
}

fn gathered(letters: impl Iterator<Item = char>) -> Folded {
    let mut out = Folded::default();
    let mut before = Of::Nothing;
    for c in letters {
        let now = of(c);
        if now != Of::Nothing {
            if now == Of::Han || now != before {
                out.starts.push(out.text.len() as u32);
            }
            out.text.push(if c == 'ü' { typed_for_ue(&out.text) } else { c });
            before = now;
        } else if !is_within_word(c) {
            before = Of::Nothing;
        }
    }
    out
}

/// Returns what is typed for a ü: `v` where pinyin has one (lü, nü), otherwise `u` (yü, Zürich).
fn typed_for_ue(before: &str) -> char {
    if before.ends_with(['l', 'n']) { 'v' } else { 'u' }
}

fn of(c: char) -> Of {
    match c {
        _ if is_han(c) => Of::Han,
        _ if c.is_numeric() => Of::Digits,
        _ if c.is_alphabetic() => Of::Letters,
        _ => Of::Nothing,
    }
}

/// Returns whether a character stands for a syllable by itself.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// Returns the letters that stand for one, without its accent: `ss` for ß, `o` for ø. A ü is left as it is.
fn spelled(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'þ' => ('t', Some('h')),
        'đ' | 'ð' => ('d', None),
        'ħ' => ('h', None),
        'ı' => ('i', None),
        'ł' => ('l', None),
        'ø' => ('o', None),
        'ŧ' => ('t', None),
        'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => ('ü', None),
        accented => (bare(accented), None),
    };
    std::iter::once(first).chain(second)
}

/// Returns a Latin or Greek letter without its accents; any other character as it is.
fn bare(c: char) -> char {
    let mut first = None;
    if matches!(c, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}') {
        decompose_canonical(c, |part| first = first.or(Some(part)));
    }
    first.unwrap_or(c)
}

/// Returns the half-width letter, digit or sign for a wide one.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}
