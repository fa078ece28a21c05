//! People, counted exactly.
//!
//! Why not `f64`: gridded population comes in fractions, and a sum that depends on the order of adding is not a number
//! to put before a command centre. Invariant: sums are exact, in thousandths of a person.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

/// A number of people, in thousandths of a person. Whole on the wire when it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Population(u64);

impl Population {
    /// Nobody.
    pub const ZERO: Self = Self(0);

    /// Most people one demand point may hold.
    pub const MAX_PER_POINT: f64 = 100_000_000.0;

    /// Returns whole people.
    pub const fn whole(people: u64) -> Self {
        Self(people * 1000)
    }

    /// Returns people rounded to a thousandth; `None` when not finite, negative or above [`Self::MAX_PER_POINT`].
    pub fn from_f64(people: f64) -> Option<Self> {
        let fits = people.is_finite() && (0.0..=Self::MAX_PER_POINT).contains(&people);
        fits.then(|| Self((people * 1000.0).round() as u64))
    }

    /// Returns people as a number, for shares and display.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Returns whether nobody is counted.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Population {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Population {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Population {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Population {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Population {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(1000) { s.serialize_u64(self.0 / 1000) } else { s.serialize_f64(self.as_f64()) }
    }
}

impl<'de> Deserialize<'de> for Population {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let people = f64::deserialize(d)?;
        Self::from_f64(people).ok_or_else(|| serde::de::Error::custom(format!("{people} is not a number of people")))
    }
}
