//! How somebody moves on roads.
//!
//! Invariant: a [`ProfileSet`] has one bit for each profile, in the order of declaration; the order never changes, for
//! network files keep the bits.

use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// How somebody moves.
    Profile {
        Foot = "foot", "步行", "on foot";
        Wheelchair = "wheelchair", "轮椅", "by wheelchair";
        Car = "car", "小汽车", "by car";
        Truck = "truck", "重载货车", "by heavy truck";
        Emergency = "emergency", "应急车辆", "by emergency vehicle";
    }
}

words! {
    /// Why somebody can not get from one place to another.
    Unreached {
        Closure = "closure", "道路封闭", "roads are closed";
        Island = "island", "路网不连通", "no road connects them";
        OffNetwork = "off_network", "附近没有可通行的道路", "no road that can be used comes near";
    }
}

/// A set of profiles, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProfileSet(pub u8);

impl ProfileSet {
    /// No profile.
    pub const NONE: Self = Self(0);
    /// Every profile.
    pub const ALL: Self = Self(0b1_1111);
    /// Those with an engine.
    pub const MOTOR: Self = Self(0b1_1100);

    /// Returns the set of one.
    pub const fn one(profile: Profile) -> Self {
        Self(1 << profile as u8)
    }

    /// Returns whether the profile is in the set.
    pub const fn has(self, profile: Profile) -> bool {
        self.0 & (1 << profile as u8) != 0
    }

    /// Returns the set with the profile in it.
    #[must_use]
    pub const fn with(self, profile: Profile) -> Self {
        Self(self.0 | 1 << profile as u8)
    }

    /// Returns the set with the profile out of it.
    #[must_use]
    pub const fn without(self, profile: Profile) -> Self {
        Self(self.0 & !(1 << profile as u8))
    }

    /// Returns what is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns what is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Yields the profiles in the set.
    pub fn iter(self) -> impl Iterator<Item = Profile> {
        Profile::ALL.iter().copied().filter(move |p| self.has(*p))
    }
}

impl FromIterator<Profile> for ProfileSet {
    fn from_iter<I: IntoIterator<Item = Profile>>(profiles: I) -> Self {
        profiles.into_iter().fold(Self::NONE, Self::with)
    }
}
