//! Taking times: medians of rounds, two candidates in turns.

use std::time::{Duration, Instant};

/// Times of one thing, one per round.
pub struct Times(Vec<Duration>);

impl Times {
    /// Returns the median.
    fn median(&self) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        sorted[sorted.len() / 2]
    }

    /// Returns the median, over the rounds, of this one's time divided by the other's in the same turn.
    pub fn ratio(&self, other: &Self) -> f64 {
        let turns = self.0.iter().zip(&other.0);
        let mut ratios: Vec<f64> = turns.map(|(one, two)| one.as_secs_f64() / two.as_secs_f64()).collect();
        ratios.sort_by(f64::total_cmp);
        ratios[ratios.len() / 2]
    }

    /// Prints the median of one of `each` operations, with the quickest and the slowest round.
    pub fn print(&self, what: &str, each: usize) {
        let per = |d: &Duration| d.as_secs_f64() * 1e6 / each as f64;
        let (low, high) = (self.0.iter().min().map_or(0.0, per), self.0.iter().max().map_or(0.0, per));
        println!("  {what:<58} {:>11.2} µs   ({low:.2} … {high:.2})", per(&self.median()));
    }
}

/// Times `work` in each of `rounds`, after one round that does not count.
pub fn time(rounds: usize, mut work: impl FnMut()) -> Times {
    work();
    Times((0..rounds).map(|_| once(&mut work)).collect())
}

/// Times two things in turns, after one turn that does not count.
pub fn time_both(rounds: usize, mut one: impl FnMut(), mut two: impl FnMut()) -> (Times, Times) {
    one();
    two();
    let (ones, twos) = (0..rounds).map(|_| (once(&mut one), once(&mut two))).unzip();
    (Times(ones), Times(twos))
}

fn once(work: &mut impl FnMut()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}
