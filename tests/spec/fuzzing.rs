//! What the two fuzzers share: how bytes are damaged, how a run is seeded, counted and timed, and that a case which fails is
//! kept. `BIHU_SEED` repeats a run; `BIHU_FUZZ` multiplies its executions.

use std::time::{Duration, Instant};

/// SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n.max(1) as u64) as usize
    }
}

/// Damages bytes a few times: bits, bytes, cuts, words of a list, splices of their own and of others, numbers.
pub fn damage(dice: &mut Dice, bytes: &mut Vec<u8>, words: &[&[u8]], others: &[&[u8]]) {
    for _ in 0..=dice.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = dice.below(bytes.len());
        match dice.below(if others.is_empty() { 8 } else { 9 }) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = dice.bits() as u8,
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..(at + 1 + dice.below(16)).min(bytes.len()))),
            4 => {
                let word = words[dice.below(words.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            5 => {
                let word = words[dice.below(words.len())];
                bytes.iter_mut().skip(at).zip(word).for_each(|(b, w)| *b = *w);
            }
            6 => {
                let (from, len) = (dice.below(bytes.len()), 1 + dice.below(64));
                let part = bytes[from..(from + len).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            7 => {
                let n = (dice.bits() as u32).to_le_bytes();
                bytes.iter_mut().skip(at).zip(n).for_each(|(b, w)| *b = w);
            }
            _ => {
                let other = others[dice.below(others.len())];
                let from = dice.below(other.len());
                let part = other[from..(from + 1 + dice.below(64)).min(other.len())].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
}

/// Returns the seed of a run: that of the environment, or the clock.
pub fn seed() -> u64 {
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970");
    std::env::var("BIHU_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(clock.as_nanos() as u64)
}

/// Returns how many executions a run of so many has.
pub fn executions(base: usize) -> usize {
    let times: f64 = std::env::var("BIHU_FUZZ").ok().and_then(|s| s.parse().ok()).unwrap_or(1.0);
    (base as f64 * times) as usize
}

/// Runs many cases, none of which may panic or take long; one that does is kept. `execute`: whether the case was read.
pub fn run(
    name: &str,
    count: usize,
    mut case: impl FnMut(&mut Dice, usize) -> Vec<u8>,
    execute: impl Fn(&[u8]) -> bool + std::panic::RefUnwindSafe,
) {
    let (seed, count) = (seed(), executions(count));
    println!("fuzz {name}: BIHU_SEED={seed}, {count} executions");
    let mut dice = Dice(seed);
    let mut taken = 0;
    for i in 0..count {
        let bytes = case(&mut Dice(dice.bits()), i);
        let begun = Instant::now();
        match std::panic::catch_unwind(|| execute(&bytes)) {
            Ok(is_read) if begun.elapsed() < Duration::from_secs(10) => taken += usize::from(is_read),
            outcome => {
                let path = std::env::temp_dir().join(format!("bihu-fuzz-{name}"));
                std::fs::write(&path, &bytes).expect("the case kept");
                let (kept, took) = (path.display(), begun.elapsed());
                panic!("{name} with BIHU_SEED={seed}, execution {i}, kept in {kept}: {outcome:?} {took:?}");
            }
        }
    }
    println!("fuzz {name}: {taken} were read, the others refused");
}
