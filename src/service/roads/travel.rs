//! How somebody travels: profile, what is kept small, and how slow everything is now.

use super::{ASIDE_MAX_M, Present, Roads};
use crate::domain::{LonLat, Profile};
use crate::network::speeds::Slowdown;
use crate::network::{Cause, Cost, Costs, Metric, Millis, Overlay, Snap};

/// How somebody travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Travel {
    /// Who.
    pub profile: Profile,
    /// What is kept small.
    pub metric: Metric,
    /// How slow everything is.
    pub slowdown: Slowdown,
}

impl Travel {
    /// Returns the travel of a profile by the shortest time, nothing slowing it.
    pub const fn of(profile: Profile) -> Self {
        Self { profile, metric: Metric::Time, slowdown: Slowdown::NONE }
    }

    /// Returns what a way takes and how long it is: seconds and metres.
    pub fn told(&self, cost: Cost) -> (f64, f64) {
        (self.slowdown.slowed(cost.time).as_seconds(), cost.length.as_metres())
    }

    /// Returns the most that a search by the metric may cost for a limit in seconds (by time) or metres (by length).
    pub fn most(&self, limit: f64) -> u32 {
        match self.metric {
            Metric::Time => self.slowdown.bare(Millis::from_seconds(limit)).0,
            Metric::Length => crate::network::Centimetres::from_metres(limit).0,
        }
    }
}

impl Roads {
    /// Returns what roads cost a travel under an overlay.
    pub fn costs<'a>(&'a self, overlay: &'a Overlay, travel: Travel) -> Costs<'a> {
        Costs { graph: &self.graph, overlay, profile: travel.profile, metric: travel.metric }
    }

    /// Returns the place on the roads of a position: the nearest point of a road for the profile within [`ASIDE_MAX_M`],
    /// whatever is closed: who stands on a closed road is told so, not moved to another street.
    pub fn placed(&self, profile: Profile, position: LonLat) -> Option<Snap> {
        self.snap.snap((&self.graph, &Overlay::default()), profile, position, ASIDE_MAX_M)
    }

    /// Returns why a position has no place on the roads.
    pub fn why_off(&self, profile: Profile, position: LonLat) -> Cause {
        self.snap.why_off(&self.graph, profile, position, ASIDE_MAX_M)
    }
}

impl Present {
    /// Returns the roads and what they cost a travel now.
    pub fn costs<'a>(&'a self, roads: &'a Roads, travel: Travel) -> Costs<'a> {
        roads.costs(&self.shut.overlay, travel)
    }
}
