//! Names of roads, each kept once, with the English one beside it.
//!
//! Invariants: number 0 is the empty name; a name has one English name, the one that most of its ways have in the map (ties to
//! the lesser text), so that a slip on one way of many does not show; nothing is romanised: of 长, 重 or 厦 a table of sounds
//! takes one of several, and a sound that is on no sign leads a foreigner astray where the Chinese letters would not.

use super::source::SourceWay;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// Texts as the graph keeps them: the first byte of each and the length of all, and all of them in a row.
pub(super) type Texts = (Vec<u32>, Vec<u8>);

/// Names by number, as they are met.
pub(super) struct Names<'a> {
    numbers: HashMap<&'a str, u32>,
    /// By number: the name, and how many ways have which English name.
    met: Vec<(&'a str, BTreeMap<&'a str, u32>)>,
}

impl Default for Names<'_> {
    fn default() -> Self {
        Self { numbers: HashMap::from([("", 0)]), met: vec![Default::default()] }
    }
}

impl<'a> Names<'a> {
    /// Returns the number of what a way is called: its name, or else the number of its road, which is the same in English.
    pub(super) fn of_way(&mut self, way: &'a SourceWay) -> u32 {
        let name: &str = if way.name.is_empty() { &way.number } else { &way.name };
        let fresh = self.met.len() as u32;
        let number = *self.numbers.entry(name).or_insert(fresh);
        if number == fresh {
            self.met.push((name, BTreeMap::new()));
        }
        if !way.name.is_empty() && !way.name_en.is_empty() {
            *self.met[number as usize].1.entry(&way.name_en).or_default() += 1;
        }
        number
    }

    /// Returns the names and, beside them, the English ones; empty where the map has none.
    pub(super) fn columns(self) -> [Texts; 2] {
        [in_a_row(self.met.iter().map(|(name, _)| *name)), in_a_row(self.met.iter().map(|(_, met)| most_met(met)))]
    }
}

/// Returns which of some texts was met most, of several the least; empty when there is none.
pub(super) fn most_met<'a>(met: &BTreeMap<&'a str, u32>) -> &'a str {
    met.iter().min_by_key(|(text, times)| (Reverse(**times), **text)).map_or("", |(text, _)| *text)
}

fn in_a_row<'a>(texts: impl Iterator<Item = &'a str>) -> Texts {
    let (mut first, mut bytes) = (vec![0], Vec::new());
    for text in texts {
        bytes.extend_from_slice(text.as_bytes());
        first.push(bytes.len() as u32);
    }
    (first, bytes)
}
