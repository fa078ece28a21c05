//! Words in any order: `road renmin` finds Renmin Road, and 医院 松江 the hospital of 松江, behind what holds them as typed.
//!
//! Every word that was typed has to begin where a match may begin, all in one key, and none where another one already lies.

use super::fold::words;
use super::names::{Best, KeyKind, Matched, NameIndex, StartRow};
use std::collections::HashMap;

/// Most words; of more, none are looked for one by one.
const WORDS_MAX: usize = 6;

/// Most places where the rarest word may begin: words that are all so common tell nothing.
const PLACES_MAX: usize = 20_000;

/// What it costs to hold the words in another order: more than it can to hold them as they were typed.
const OTHER_ORDER: u32 = 115;

/// Where words that were found lie in a key: first byte of all keys, and length.
type Taken = Vec<(u32, usize)>;

impl NameIndex {
    /// Offers the names that hold every word that was typed.
    pub(super) fn offer_words(&self, typed: &str, best: &mut Best) {
        let words = words(typed);
        if !(2..=WORDS_MAX).contains(&words.len()) {
            return;
        }
        let mut wanted: Vec<(&str, &[StartRow])> =
            words.iter().map(|word| (word.as_str(), self.beginning_with(word.as_bytes()))).collect();
        wanted.sort_by_key(|(word, rows)| (rows.len(), usize::MAX - word.len()));
        if !wanted.first().is_some_and(|(_, rows)| (1..=PLACES_MAX).contains(&rows.len())) {
            return;
        }
        let mut keys: HashMap<u32, Taken> = HashMap::new();
        for (found, (word, rows)) in wanted.iter().enumerate() {
            for row in *rows {
                if found == 0 {
                    keys.entry(row.key()).or_insert_with(|| vec![(row.at(), word.len())]);
                } else if let Some(taken) = keys.get_mut(&row.key())
                    && taken.len() == found
                    && taken.iter().all(|(at, length)| apart((*at, *length), (row.at(), word.len())))
                {
                    taken.push((row.at(), word.len()));
                }
            }
            keys.retain(|_, taken| taken.len() > found);
        }
        for (key, taken) in keys {
            let (name, kind, bytes) = self.key(key);
            if matches!(kind, KeyKind::Name | KeyKind::Pinyin) {
                let left = bytes.len().saturating_sub(taken.iter().map(|(_, length)| length).sum());
                best.offer(name, Matched::Words, OTHER_ORDER + left.min(20) as u32 * 2);
            }
        }
    }
}

/// Whether two stretches share no byte.
fn apart((a, a_length): (u32, usize), (b, b_length): (u32, usize)) -> bool {
    let (a, b) = (a as usize, b as usize);
    a + a_length <= b || b + b_length <= a
}
