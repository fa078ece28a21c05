//! What a way costs: whole milliseconds and whole centimetres.
//!
//! Why whole numbers: sums do not depend on the order of adding, ties are ties, and an answer can be compared with its
//! slow twin to the last bit. Invariant: sums saturate at [`u32::MAX`], which is never the cost of a way that was found.

use crate::domain::words::words;
use serde::{Deserialize, Serialize};
use std::ops::Add;

words! {
    /// What a search keeps small.
    Metric {
        Time = "time", "时间最短", "shortest time";
        Length = "length", "路程最短", "shortest length";
    }
}

/// A duration in whole milliseconds; a little over 49 days at the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub u32);

impl Millis {
    /// Returns the duration of `seconds`, saturating; what is not a number is zero.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1000.0).round() as u32)
    }

    /// Returns seconds.
    pub fn as_seconds(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

/// A length in whole centimetres; a little under 43,000 km at the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Centimetres(pub u32);

impl Centimetres {
    /// Returns the length of `metres`, saturating; what is not a number is zero.
    pub fn from_metres(metres: f64) -> Self {
        Self((metres * 100.0).round() as u32)
    }

    /// Returns metres.
    pub fn as_metres(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Add for Centimetres {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Time and length of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Cost {
    /// How long it takes.
    pub time: Millis,
    /// How long it is.
    pub length: Centimetres,
}

impl Cost {
    /// Returns what a search by `metric` keeps small.
    pub const fn by(self, metric: Metric) -> u32 {
        match metric {
            Metric::Time => self.time.0,
            Metric::Length => self.length.0,
        }
    }
}

impl Add for Cost {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { time: self.time + other.time, length: self.length + other.length }
    }
}

/// Returns the time that `length` takes at a speed in tenths of a kilometre per hour, rounded up to a millisecond.
pub(super) fn time_at(length: Centimetres, speed_dkmh: u16) -> Millis {
    // 1 cm at 0.1 km/h takes 360 ms.
    let ms = (u64::from(length.0) * 360).div_ceil(u64::from(speed_dkmh.max(1)));
    Millis(u32::try_from(ms).unwrap_or(u32::MAX))
}
