//! An index over names: which of them are, begin with, hold, sound like or are nearly what somebody typed.
//!
//! Every name has keys: itself and its other names, its pinyin, its initials, all folded. Every place in a key where a match
//! may begin is one row of an array sorted by what follows there, so that one binary search finds them all (a suffix array,
//! Manber and Myers 1993, doi 10.1137/0222058, thinned to beginnings of words). Typing errors are found by walking the same
//! array as a tree ([`super::typo`]). Every key ends with a zero, which no folded text holds, so that
//! comparing needs to know of no key. Invariant: rows name bytes within their key; that is checked when a file is read.

use super::fold::{as_written, code, fold, folded};
use super::readings::readings;
use super::typo::Walk;
use crate::domain::words::words;
use crate::network::column::Column;
use crate::network::file::{FileError, NetworkFile, Sections, Tag, damaged, shown};
use bytemuck::{Pod, Zeroable};

const KEYS: Tag = *b"plkeys  ";
const KEY_ROWS: Tag = *b"plkeyrow";
const STARTS: Tag = *b"plstarts";

/// Most bytes of keys; names beyond are left out, which [`super::Kept`] tells.
const KEY_BYTES_MAX: usize = 3 << 30;

/// Below so many names found, typing errors are looked for.
const ENOUGH: usize = 3;

words! {
    /// How a name fits what was typed.
    Matched {
        Exact = "exact", "完全相同", "the very name";
        Prefix = "prefix", "开头相同", "begins so";
        Substring = "substring", "名称包含", "holds it";
        Pinyin = "pinyin", "拼音", "pinyin";
        Initials = "initials", "拼音首字母", "initials of the pinyin";
        Words = "words", "词序不同", "its words in another order";
        Typo = "typo", "拼写相近", "nearly so spelled";
    }
}

/// What a key is of its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Name = 0,
    Pinyin = 1,
    Initials = 2,
    Code = 3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct KeyRow {
    /// First of its bytes.
    first: u32,
    /// Name × 4 plus the [`KeyKind`].
    name: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct StartRow {
    /// Byte of all keys where a match may begin.
    at: u32,
    /// Key that it lies in.
    key: u32,
}

/// A name and what else the same thing goes by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Name<'a> {
    /// The name.
    pub name: &'a str,
    /// Its other name, English; empty where there is none.
    pub other: &'a str,
    /// What it is numbered by; empty where it is not.
    pub code: &'a str,
}

/// A name that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Which name, in the order they were given.
    pub name: u32,
    /// How it fits.
    pub how: Matched,
    /// How badly; 0 is the very name.
    pub penalty: u32,
}

/// Names that can be looked for.
#[derive(Debug, Clone, Default)]
pub struct NameIndex {
    keys: Column<u8>,
    key_rows: Column<KeyRow>,
    starts: Column<StartRow>,
    /// One more than the greatest name.
    names: u32,
}

impl StartRow {
    pub(super) const fn at(self) -> u32 {
        self.at
    }

    pub(super) const fn key(self) -> u32 {
        self.key
    }
}

impl NameIndex {
    /// Indexes names; a name is known by its place among them.
    pub fn of<'a>(names: impl IntoIterator<Item = Name<'a>>) -> Self {
        let mut keys = Keys::default();
        for (number, name) in names.into_iter().enumerate().take(1 << 30) {
            if !keys.add(number as u32, name) {
                break;
            }
        }
        keys.finish()
    }

    /// Returns how many names there are.
    pub const fn len(&self) -> usize {
        self.names as usize
    }

    /// Returns whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.names == 0
    }

    /// Returns every name that fits, in their order, each with the best way it does.
    pub fn find(&self, typed: &str) -> Vec<Match> {
        let (folded, code) = (fold(typed), code(typed));
        let mut best = Best { of: vec![u32::MAX; self.len()], touched: Vec::new() };
        if folded.is_empty() {
            return Vec::new();
        }
        // With a dash in it, what was typed is also looked for as part of a code, dash and all.
        let as_code = Some(&code).filter(|code| code.contains('-'));
        for typed in std::iter::once(&folded).chain(as_code) {
            for start in self.beginning_with(typed.as_bytes()) {
                self.offer(*start, typed.as_bytes(), &mut best);
            }
        }
        self.offer_words(typed, &mut best);
        if best.touched.len() < ENOUGH && folded.len() >= 4 && folded.bytes().all(|b| b.is_ascii_lowercase()) {
            self.offer_nearly(folded.as_bytes(), &mut best);
        }
        best.finish()
    }

    pub(super) fn beginning_with(&self, typed: &[u8]) -> &[StartRow] {
        let head = |row: &StartRow| {
            let at = row.at as usize;
            &self.keys[at..self.keys.len().min(at + typed.len())]
        };
        let first = self.starts.partition_point(|row| head(row) < typed);
        let count = self.starts[first..].partition_point(|row| head(row) == typed);
        &self.starts[first..first + count]
    }

    fn offer(&self, start: StartRow, typed: &[u8], best: &mut Best) {
        let (name, kind, key) = self.key(start.key);
        let at_start = start.at as usize == key.start;
        // One letter or syllable within a name is no reason to show it; a character of Chinese is.
        if typed.len() == 1 && !at_start {
            return;
        }
        let bytes = key.len().saturating_sub(typed.len());
        let left = bytes.div_ceil(if typed[0].is_ascii() { 1 } else { "字".len() });
        let (how, penalty) = match kind {
            KeyKind::Name if at_start && left == 0 => (Matched::Exact, 0),
            KeyKind::Name if at_start => (Matched::Prefix, 44),
            KeyKind::Name => (Matched::Substring, 70),
            KeyKind::Pinyin => (Matched::Pinyin, if !at_start { 85 } else { 20 + 30 * u32::from(left > 0) }),
            KeyKind::Initials => (Matched::Initials, if !at_start { 110 } else { 30 + 35 * u32::from(left > 0) }),
            KeyKind::Code if at_start && left == 0 => (Matched::Exact, 0),
            // Who types a dash where a code has one means the code.
            KeyKind::Code if at_start && typed.contains(&b'-') => (Matched::Prefix, 10),
            // Who types letters only means a name: all codes of a district begin with the same ones.
            KeyKind::Code => {
                let meant = typed.iter().any(|b| b.is_ascii_digit() || *b == b'-');
                let how = if at_start { Matched::Prefix } else { Matched::Substring };
                (how, if meant && at_start { 40 } else { 70 + 60 * u32::from(!meant) })
            }
        };
        let syllable = if kind == KeyKind::Pinyin { 3 } else { 1 };
        best.offer(name, how, penalty + (left.div_ceil(syllable) as u32).min(20) * 2);
    }

    /// Looks for names that are one letter off, and if none is, for long words, two.
    fn offer_nearly(&self, typed: &[u8], best: &mut Best) {
        let most = if typed.len() >= 8 { 2 } else { 1 };
        for distance in 1..=most {
            let mut walk = Walk::new(typed, distance);
            for (range, off) in walk.run(self.starts.len(), &|row, depth| self.letter(row, depth)) {
                for start in &self.starts[range] {
                    let (name, kind, key) = self.key(start.key);
                    if !matches!(kind, KeyKind::Initials | KeyKind::Code) {
                        let inside = if start.at as usize == key.start { 0 } else { 25 };
                        let left = key.len().saturating_sub(typed.len()).min(30) as u32;
                        best.offer(name, Matched::Typo, 60 + 30 * u32::from(off) + inside + left);
                    }
                }
            }
            if !best.touched.is_empty() {
                break;
            }
        }
    }

    /// Returns the letter so far behind where a match may begin; zero at the end of the key.
    fn letter(&self, start: usize, depth: usize) -> u8 {
        self.keys.get(self.starts[start].at as usize + depth).copied().unwrap_or(0)
    }

    pub(super) fn key(&self, key: u32) -> (u32, KeyKind, std::ops::Range<usize>) {
        let row = self.key_rows[key as usize];
        let end = self.key_rows.get(key as usize + 1).map_or(self.keys.len(), |next| next.first as usize);
        let end = end.saturating_sub(1).max(row.first as usize);
        let kind = [KeyKind::Name, KeyKind::Pinyin, KeyKind::Initials, KeyKind::Code][row.name as usize & 3];
        (row.name >> 2, kind, row.first as usize..end)
    }

    /// Puts the index into sections of a file.
    pub(super) fn write(&self, out: &mut Sections) {
        out.put_column(KEYS, &self.keys);
        out.put_column(KEY_ROWS, &self.key_rows);
        out.put_column(STARTS, &self.starts);
    }

    /// Returns the index of a file over so many names.
    pub(super) fn read(file: &NetworkFile, names: u32) -> Result<Self, FileError> {
        let index =
            Self { keys: file.column(KEYS)?, key_rows: file.column(KEY_ROWS)?, starts: file.column(STARTS)?, names };
        let bytes = index.keys.len();
        let rows_hold = index.key_rows.first().is_none_or(|row| row.first == 0)
            && index.key_rows.is_sorted_by_key(|row| row.first)
            && index.key_rows.iter().all(|row| row.first as usize <= bytes && row.name >> 2 < names);
        if !rows_hold || bytes > u32::MAX as usize {
            return Err(damaged(&shown(KEY_ROWS), "a number is out of reach"));
        }
        let start_holds = |start: &StartRow| {
            (start.key as usize) < index.key_rows.len() && index.key(start.key).2.contains(&(start.at as usize))
        };
        if !index.starts.iter().all(start_holds) {
            return Err(damaged(&shown(STARTS), "a number is out of reach"));
        }
        Ok(index)
    }
}

/// The best way each name fits so far: penalty × 8 plus the place of [`Matched`].
pub(super) struct Best {
    of: Vec<u32>,
    touched: Vec<u32>,
}

impl Best {
    pub(super) fn offer(&mut self, name: u32, how: Matched, penalty: u32) {
        let Some(best) = self.of.get_mut(name as usize) else { return };
        match *best {
            u32::MAX => self.touched.push(name),
            // What is spelled right is no typing error.
            found if how == Matched::Typo && found & 7 != how as u32 => return,
            _ => {}
        }
        *best = (*best).min(penalty << 3 | how as u32);
    }

    fn finish(mut self) -> Vec<Match> {
        self.touched.sort_unstable();
        let matched = |name: u32| {
            let packed = self.of[name as usize];
            Match { name, how: Matched::ALL[packed as usize & 7], penalty: packed >> 3 }
        };
        self.touched.iter().map(|name| matched(*name)).collect()
    }
}

/// Keys while they are gathered.
#[derive(Default)]
struct Keys {
    bytes: Vec<u8>,
    rows: Vec<KeyRow>,
    starts: Vec<StartRow>,
    names: u32,
}

impl Keys {
    /// Adds the keys of a name; `false` when there is no room for them.
    fn add(&mut self, number: u32, name: Name<'_>) -> bool {
        if self.bytes.len() > KEY_BYTES_MAX {
            return false;
        }
        self.names = number + 1;
        let own = folded(name.name);
        for reading in readings(&as_written(name.name)) {
            let every: Vec<u32> = reading.initials.char_indices().map(|(at, _)| at as u32).collect();
            self.push(number, KeyKind::Pinyin, (&reading.full, &reading.starts));
            self.push(number, KeyKind::Initials, (&reading.initials, &every));
        }
        let other = folded(name.other);
        if !other.text.is_empty() && other.text != own.text {
            self.push(number, KeyKind::Name, (&other.text, &other.starts));
        }
        if !name.code.is_empty() {
            let plain = folded(name.code);
            self.push(number, KeyKind::Code, (&plain.text, &plain.starts));
            let dashed = code(name.code);
            let parts = dashed.char_indices().filter(|(at, _)| *at == 0 || dashed[..*at].ends_with('-'));
            let parts: Vec<u32> = parts.map(|(at, _)| at as u32).collect();
            if dashed != plain.text {
                self.push(number, KeyKind::Code, (&dashed, &parts));
            }
        }
        self.push(number, KeyKind::Name, (&own.text, &own.starts));
        true
    }

    fn push(&mut self, number: u32, kind: KeyKind, (text, starts): (&str, &[u32])) {
        let (first, key) = (self.bytes.len() as u32, self.rows.len() as u32);
        self.rows.push(KeyRow { first, name: number << 2 | kind as u32 });
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
        self.starts.extend(starts.iter().map(|at| StartRow { at: first + at, key }));
    }

    fn finish(mut self) -> NameIndex {
        // The zero at the end of each key ends the comparison there.
        let (bytes, rows) = (&self.bytes, &self.rows);
        let end = |row: &StartRow| rows.get(row.key as usize + 1).map_or(bytes.len(), |next| next.first as usize);
        let rest = |row: &StartRow| &bytes[row.at as usize..end(row)];
        self.starts.sort_unstable_by(|a, b| rest(a).cmp(rest(b)).then(a.at.cmp(&b.at)));
        NameIndex {
            names: self.names,
            key_rows: std::mem::take(&mut self.rows).into(),
            starts: std::mem::take(&mut self.starts).into(),
            keys: std::mem::take(&mut self.bytes).into(),
        }
    }
}
