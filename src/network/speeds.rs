//! How fast each profile moves on each class of road, and what each heeds: one readable table.
//!
//! Sources. Walking 5 km/h and level wheelchair 3.6 km/h are planning figures in common use, configurable, no clause of a
//! standard. Motor speeds are free-flow figures for Chinese urban roads, below the legal limits of the classes (the limits of
//! the Road Traffic Safety Law implementing regulations, articles 45 and 78, are 30–120 km/h); a `maxspeed` of the map file
//! takes their place. Water depths are defaults to be confirmed (待核), editable where closures are made.

use super::cost::Millis;
use super::graph::RoadClass;
use crate::domain::Profile;
use crate::domain::words::words;

/// Speed in tenths of km/h where nothing else is known; 0: the class is not for this profile.
pub const fn usual_dkmh(profile: Profile, class: RoadClass) -> u16 {
    use RoadClass::*;
    match profile {
        Profile::Foot => match class {
            Motorway => 0,
            Steps => 25,
            Ferry => 100,
            Track => 45,
            _ => 50,
        },
        Profile::Wheelchair => match class {
            Motorway | Steps => 0,
            Track | Path => 25,
            Ferry => 100,
            _ => 36,
        },
        Profile::Car => match class {
            Motorway => 950,
            Trunk => 650,
            Primary => 450,
            Secondary => 400,
            Tertiary => 350,
            Residential => 250,
            Service => 150,
            Ferry => 100,
            Track | Pedestrian | Path | Steps => 0,
        },
        Profile::Truck => match class {
            Motorway => 750,
            Trunk => 550,
            Primary => 380,
            Secondary => 330,
            Tertiary => 280,
            Residential => 180,
            Service => 100,
            Ferry => 100,
            Track | Pedestrian | Path | Steps => 0,
        },
        Profile::Emergency => match class {
            Motorway => 1000,
            Trunk => 750,
            Primary => 550,
            Secondary => 480,
            Tertiary => 420,
            Residential => 300,
            Service => 200,
            Track => 150,
            Pedestrian => 100,
            Ferry => 100,
            Path | Steps => 0,
        },
    }
}

/// Fastest that a profile goes, whatever a sign allows, tenths of km/h.
pub const fn fastest_dkmh(profile: Profile) -> u16 {
    match profile {
        Profile::Foot => 50,
        Profile::Wheelchair => 36,
        Profile::Car => 1200,
        Profile::Truck => 800,
        Profile::Emergency => 1200,
    }
}

/// Share of a legal limit that is driven on the average, percent: signals, turns and traffic take the rest.
pub const LIMIT_DRIVEN_PERCENT: u32 = 80;

/// Speed of an emergency vehicle against a one-way, percent of its speed along it: with lights on, at a walk past what comes.
pub const AGAINST_ONE_WAY_PERCENT: u32 = 40;

/// Waiting for a ferry whose timetable is not known, tenths of a second.
pub const FERRY_WAIT_DS: u16 = 6000;

/// Passing a traffic signal, on the average, tenths of a second.
pub const SIGNAL_DS: u16 = 120;

/// Height of the vehicle, centimetres.
pub const fn height_cm(profile: Profile) -> u16 {
    match profile {
        Profile::Foot | Profile::Wheelchair => 200,
        Profile::Car => 200,
        Profile::Truck => 400,
        Profile::Emergency => 350,
    }
}

/// Weight of the vehicle, hundreds of kilograms.
pub const fn weight_hkg(profile: Profile) -> u16 {
    match profile {
        Profile::Foot | Profile::Wheelchair => 1,
        Profile::Car => 25,
        Profile::Truck => 310,
        Profile::Emergency => 160,
    }
}

/// Deepest standing water that the profile still passes, centimetres (default, 待核).
pub const fn fording_cm(profile: Profile) -> u16 {
    match profile {
        Profile::Foot => 30,
        Profile::Wheelchair => 5,
        Profile::Car => 15,
        Profile::Truck => 40,
        Profile::Emergency => 40,
    }
}

words! {
    /// What makes everybody slower.
    Condition {
        Rain = "rain", "雨天", "rain";
        Night = "night", "夜间", "night";
        Crowd = "crowd", "人流密集", "crowd";
    }
}

/// How many times longer everything takes, in hundredths (default, 待核: planning figures of this project, no clause of a
/// standard).
pub const fn slower_percent(profile: Profile, condition: Condition) -> u32 {
    match (condition, profile) {
        (Condition::Rain, Profile::Foot) => 120,
        (Condition::Rain, Profile::Wheelchair) => 140,
        (Condition::Rain, Profile::Car | Profile::Truck) => 130,
        (Condition::Rain, Profile::Emergency) => 120,
        (Condition::Night, Profile::Foot | Profile::Wheelchair) => 115,
        (Condition::Night, Profile::Car | Profile::Truck | Profile::Emergency) => 105,
        (Condition::Crowd, Profile::Foot) => 150,
        (Condition::Crowd, Profile::Wheelchair) => 180,
        (Condition::Crowd, Profile::Car | Profile::Truck) => 150,
        (Condition::Crowd, Profile::Emergency) => 130,
    }
}

/// A factor on all durations, in thousandths. It is the same on every road, so it changes no way and no order, only how long
/// things take: searches run on bare times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slowdown(u32);

impl Slowdown {
    /// As fast as the table says.
    pub const NONE: Self = Self(1000);
    /// Greatest factor.
    pub const MOST: f64 = 20.0;

    /// Returns the product of the conditions' factors for a profile and one of the caller's own, at most [`Self::MOST`].
    pub fn of(profile: Profile, conditions: &[Condition], own: f64) -> Self {
        let product = conditions.iter().fold(own, |all, c| all * f64::from(slower_percent(profile, *c)) / 100.0);
        Self((product.clamp(0.05, Self::MOST) * 1000.0).round() as u32)
    }

    /// Returns the factor.
    pub fn factor(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// Returns how long something takes, rounded up to a millisecond.
    pub fn slowed(self, bare: Millis) -> Millis {
        let ms = (u64::from(bare.0) * u64::from(self.0)).div_ceil(1000);
        Millis(u32::try_from(ms).unwrap_or(u32::MAX))
    }

    /// Returns the longest bare time that takes no longer than `limit`.
    pub fn bare(self, limit: Millis) -> Millis {
        let ms = u64::from(limit.0) * 1000 / u64::from(self.0.max(1));
        Millis(u32::try_from(ms).unwrap_or(u32::MAX))
    }
}
