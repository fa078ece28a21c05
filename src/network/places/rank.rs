//! Which of the places that fit comes first: how well its name fits, how much it matters, how far it is.
//!
//! Everything is a penalty in whole points, so that the same question has the same order everywhere. The weights are ours.

use super::Sort;
use crate::domain::LonLat;

/// Most points that distance costs.
const FAR: u32 = 60;

/// Returns how much a place matters by its class: 0 for a city, more for less.
pub fn importance(sort: Sort, class: &str) -> u32 {
    let order = |classes: &[&str], step: u32, rest: u32| {
        classes.iter().position(|known| *known == class).map_or(rest, |at| at as u32 * step)
    };
    match sort {
        Sort::Settlement => {
            let classes =
                ["city", "district", "borough", "town", "suburb", "quarter", "village", "island", "neighbourhood"];
            order(&classes, 3, 30)
        }
        Sort::Street => {
            let classes =
                ["motorway", "trunk", "primary", "secondary", "tertiary", "residential", "pedestrian", "service"];
            18 + order(&classes, 2, 20)
        }
        Sort::Point => {
            let classes = [
                "aerodrome",
                "station",
                "hospital",
                "university",
                "stadium",
                "townhall",
                "park",
                "college",
                "school",
                "fire_station",
                "police",
                "clinic",
            ];
            20 + order(&classes, 1, 22)
        }
        Sort::Division => 2,
        Sort::Resource => 10,
        Sort::Crossing | Sort::Address | Sort::Coordinate => 5,
    }
}

/// Returns what distance costs: nothing here, 12 points at a kilometre, and as many more each time it doubles.
pub fn distance(near: Option<LonLat>, position: LonLat) -> u32 {
    let Some(near) = near else { return 0 };
    // A flat picture is enough to put in order; what is told is the geodesic.
    let (dx, dy) = (position.lon() - near.lon(), position.lat() - near.lat());
    let km = (dx * near.lat().to_radians().cos()).hypot(dy) * 111.2;
    ((12.0 * (1.0 + km).log2()).round() as u32).min(FAR)
}
