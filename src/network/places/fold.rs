//! Text made comparable: one width, one case, no accents, and nothing but letters, digits and characters.
//!
//! Invariant: folding what is folded changes nothing. Blanks and signs are left out, so `song jiang`, `Song-jiang` and
//! `songjiang` are one; where words began is kept, since a match may begin there.

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
    let mut out = Folded::default();
    let mut before = Of::Nothing;
    for c in text.chars().flat_map(|c| plain(c).to_lowercase()).flat_map(spelled) {
        let now = of(c);
        if now != Of::Nothing {
            // Signs within a word (People's) do not end it; blanks and the rest do.
            if now == Of::Han || now != before {
                out.starts.push(out.text.len() as u32);
            }
            out.text.push(c);
            before = now;
        } else if !matches!(c, '\'' | '’' | '·' | '\u{300}'..='\u{36f}') {
            before = Of::Nothing;
        }
    }
    out
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

/// Returns the letters that stand for one: `ss` for ß, its plain self for any other.
fn spelled(c: char) -> impl Iterator<Item = char> {
    let (first, second) = if c == 'ß' { ('s', Some('s')) } else { (plain(c), None) };
    std::iter::once(first).chain(second)
}

/// Returns the half-width letter, digit or sign for a wide one.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// Returns the half-width, unaccented letter for a wide or accented one; `v` for ü, as keyboards have it.
fn plain(c: char) -> char {
    match half_width(c) {
        'ā' | 'á' | 'ǎ' | 'à' | 'â' | 'ä' | 'Ā' | 'Á' | 'Ǎ' | 'À' => 'a',
        'ē' | 'é' | 'ě' | 'è' | 'ê' | 'ë' | 'Ē' | 'É' | 'Ě' | 'È' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' | 'ï' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' | 'ô' | 'ö' | 'Ō' | 'Ó' | 'Ǒ' | 'Ò' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
        'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' | 'Ü' => 'v',
        half => half,
    }
}
