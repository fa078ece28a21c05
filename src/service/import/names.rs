//! When two names or addresses mean the same place, for the eyes of whoever imports a file.
//!
//! The rule, in order: full-width forms, letter case, blanks and punctuation are folded away; names of divisions at the
//! front are taken off (松江区佘山镇…, also without their last word: 佘山…); words that say no more than "shelter" are taken
//! off the end (应急避难场所, 避难所, …). What is left is the same name when it is equal, and a similar one when one holds the
//! other and is at least half as long, or when three of four letter pairs agree (Dice 1945, doi 10.2307/1932409), and
//! the numbers in both are the same: 第一小学 is not 第二小学.

use crate::domain::Level;
use crate::world::World;
use std::collections::HashSet;

/// Words at the end of a name that say no more than what kind of place it is.
const ENDINGS: &[&str] = &[
    "应急避难场所",
    "紧急避难场所",
    "固定避难场所",
    "应急避险场所",
    "应急避难所",
    "避难场所",
    "避险场所",
    "应急安置点",
    "安置点",
    "避难所",
    "指定緊急避難場所",
    "指定避難所",
    "避難場所",
    "避難所",
    "避難收容處所",
    "emergencyshelter",
    "shelter",
];

/// Last words of division names that people leave out.
const DIVISION_ENDINGS: &[&str] = &["街道", "镇", "乡", "区", "县", "市"];

/// Longest name of a division, characters.
const DIVISION_NAME_MAX: usize = 16;

/// A name of fewer characters than this says too little to be held against another one.
const TELLING: usize = 2;

/// Least share of letter pairs that similar names have in common.
const DICE_MIN: f64 = 0.75;

/// What stands at the front of names and addresses: the divisions of a world.
pub struct Prefixes(HashSet<String>);

impl Prefixes {
    /// Returns the names of the divisions that a world knows, with and without their last word.
    pub fn of(world: &World) -> Self {
        let mut names = HashSet::new();
        for row in world.divisions() {
            let name = folded(&row.value.name);
            if row.value.level < Level::Village
                && let Some(short) = DIVISION_ENDINGS.iter().find_map(|ending| name.strip_suffix(ending))
                && short.chars().count() >= TELLING
            {
                names.insert(short.to_owned());
            }
            names.insert(name);
        }
        Self(names)
    }

    /// Takes division names off the front, as long as something is left.
    fn without<'t>(&self, mut text: &'t str) -> &'t str {
        loop {
            let cuts: Vec<usize> =
                text.char_indices().map(|(at, _)| at).skip(TELLING).take(DIVISION_NAME_MAX).collect();
            let Some(cut) = cuts.into_iter().rev().find(|cut| self.0.contains(&text[..*cut])) else { return text };
            text = &text[cut..];
        }
    }

    /// Returns a name as it is compared; what would be empty is left whole.
    pub fn name(&self, name: &str) -> String {
        let whole = folded(name);
        let bare = self.without(&whole);
        let bare = ENDINGS.iter().find_map(|ending| bare.strip_suffix(ending)).unwrap_or(bare);
        if bare.chars().count() < TELLING { whole } else { bare.to_owned() }
    }

    /// Returns an address as it is compared; `None` when it names no house: a road alone is no place.
    pub fn address(&self, address: Option<&str>) -> Option<String> {
        let whole = folded(address?);
        let bare = self.without(&whole).to_owned();
        bare.chars().any(|c| c.is_numeric() || NUMERALS.contains(c)).then_some(bare)
    }
}

/// Numbers as they are written in names.
const NUMERALS: &str = "一二三四五六七八九十百";

/// Folds full-width forms and letter case, and leaves out blanks and punctuation.
pub fn folded(text: &str) -> String {
    let half = text.chars().map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    });
    half.filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns whether two compared names are alike, equal ones too.
pub fn alike(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let numbers = |text: &str| text.chars().filter(|c| c.is_numeric() || NUMERALS.contains(*c)).collect::<String>();
    if numbers(a) != numbers(b) {
        return false;
    }
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let (most, least) = (long.chars().count(), short.chars().count());
    if least > TELLING && 2 * least >= most && long.contains(short) {
        return true;
    }
    least > TELLING && dice(long, short) >= DICE_MIN
}

/// Returns the share of letter pairs that two texts have in common, 0…1.
fn dice(a: &str, b: &str) -> f64 {
    let pairs = |text: &str| -> Vec<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (left, mut right) = (pairs(a), pairs(b));
    let all = left.len() + right.len();
    let mut shared = 0;
    for pair in &left {
        if let Some(at) = right.iter().position(|other| other == pair) {
            right.swap_remove(at);
            shared += 1;
        }
    }
    if all == 0 { 0.0 } else { 2.0 * shared as f64 / all as f64 }
}
