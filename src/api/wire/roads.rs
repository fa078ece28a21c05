//! Questions by road and their answers: routes, matrices, isochrones.

use super::Sentence;
use crate::domain::LonLat;
use crate::network::Snap;
use crate::service::roads::{ASIDE_MAX_M, Travel};
use serde::Serialize;
use utoipa::ToSchema;

/// The word of `by` for the straight line.
pub const AIR: &str = "air";

/// How the roads were asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoadDoc {
    /// What was kept small: `time` or `length`.
    pub metric: &'static str,
    /// Factor on all durations.
    pub time_factor: f64,
    /// Where the origin lies on the roads; null: none comes near.
    pub origin: Option<OnRoad>,
    /// How far beside a road a place may lie, metres.
    pub aside_max_m: f64,
    /// Why nothing can be reached at all.
    pub unreachable: Option<Sentence>,
}

/// A place on the roads.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnRoad {
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// Distance from the position asked about, metres; durations and lengths do not hold it.
    pub aside_m: f64,
}

impl OnRoad {
    /// Describes a place.
    pub fn of(snap: &Snap) -> Self {
        let (lon, lat) = <(f64, f64)>::from(LonLat::clamped(snap.position.lon(), snap.position.lat()));
        Self { lon, lat, aside_m: (snap.aside_m * 100.0).round() / 100.0 }
    }
}

impl RoadDoc {
    /// Describes how a question went.
    pub fn of(travel: Travel, from: Option<&Snap>) -> Self {
        Self {
            metric: travel.metric.word(),
            time_factor: travel.slowdown.factor(),
            origin: from.map(OnRoad::of),
            aside_max_m: ASIDE_MAX_M,
            unreachable: from.is_none().then(off_network),
        }
    }
}

/// Says that no road comes near a place.
pub fn off_network() -> Sentence {
    Sentence {
        zh: format!("{ASIDE_MAX_M} 米内没有可通行的道路"),
        en: format!("no road that can be used comes within {ASIDE_MAX_M} m"),
    }
}
