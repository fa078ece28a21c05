//! Chance that can be repeated: SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195) from a printed seed.

/// A source of numbers.
pub struct Dice(u64);

impl Dice {
    /// Returns dice of a fresh seed, or of `BIHU_SEED`; prints it, so that a failure can be repeated.
    pub fn thrown(test: &str) -> Self {
        let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970");
        let seed = std::env::var("BIHU_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(clock.as_nanos() as u64);
        println!("{test}: BIHU_SEED={seed}");
        Self(seed)
    }

    /// Returns dice of a seed that other dice gave.
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.bits() % limit as u64) as usize
    }

    /// Returns a number in `low..high` with all its bits in play.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Returns true once in `n`.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Returns one of the choices.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}
