//! What the numbers might be instead: every datum for degrees, the zones for metres, either way round.
//!
//! Invariant: the declared system comes first, and no hypothesis is named twice.

use crate::domain::{Crs, Datum, GaussKruger, LocalGrid, LonLat};
use crate::spatial::crs::{to_wgs84, zone_of_prefix};

/// In which order two numbers stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As given.
    AsGiven,
    /// The other way round.
    Swapped,
}

/// A coordinate system and an order that raw numbers may be in.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// Coordinate system.
    pub crs: Crs,
    /// Order of the numbers.
    pub order: Order,
}

impl Hypothesis {
    /// Returns where the hypothesis puts two numbers; `None` when they can not be meant so.
    pub fn place(&self, (first, second): (f64, f64)) -> Option<LonLat> {
        let (first, second) = match self.order {
            Order::AsGiven => (first, second),
            Order::Swapped => (second, first),
        };
        to_wgs84(&self.crs, first, second).ok()
    }
}

/// Share of the rows that a hypothesis must be able to place to be worth looking at.
const PLACED_LEAST: f64 = 0.5;

/// Returns the declared system, and every other that the numbers may be in.
pub fn plausible<'a>(
    declared: &Crs,
    grids: &[LocalGrid],
    raws: impl Iterator<Item = &'a (f64, f64)> + Clone,
) -> Vec<Hypothesis> {
    let mut out = vec![Hypothesis { crs: declared.clone(), order: Order::AsGiven }];
    let numbers = raws.clone().count();
    if numbers == 0 {
        return out;
    }
    let fits = |h: &Hypothesis| {
        let placed = raws.clone().filter(|raw| h.place(**raw).is_some()).count();
        placed as f64 >= PLACED_LEAST * numbers as f64
    };
    for order in [Order::AsGiven, Order::Swapped] {
        for crs in systems(declared, grids, raws.clone(), order) {
            let hypothesis = Hypothesis { crs, order };
            if !out.contains(&hypothesis) && fits(&hypothesis) {
                out.push(hypothesis);
            }
        }
    }
    out
}

fn systems<'a>(
    declared: &Crs,
    grids: &[LocalGrid],
    raws: impl Iterator<Item = &'a (f64, f64)> + Clone,
    order: Order,
) -> Vec<Crs> {
    // WGS84 and CGCS2000 are the same numbers: the declared one stands for both.
    let native = if declared.is_native() { declared.clone() } else { Crs::WGS84 };
    let mut out = vec![native, Datum::Gcj02.into(), Datum::Bd09.into(), Crs::WebMercator];
    out.extend((4534..=4554).filter_map(GaussKruger::of_epsg).map(Crs::GaussKruger));
    let easting = |raw: &(f64, f64)| if order == Order::AsGiven { raw.0 } else { raw.1 };
    let degrees = raws.clone().all(|(first, second)| first.abs() <= 180.0 && second.abs() <= 180.0);
    let mut zones: Vec<GaussKruger> = raws.filter_map(|raw| zone_of_prefix(easting(raw))).collect();
    zones.sort_by_key(|zone| zone.epsg());
    zones.dedup();
    out.extend(zones.into_iter().map(Crs::GaussKruger));
    // Degrees read as metres would put every row on one spot, near the grid's own origin: such numbers are no metres.
    if !degrees {
        out.extend(grids.iter().cloned().map(Crs::Local));
    }
    // A bare zone of 6° is a bare zone of 3° under another code: the declared one stands for both.
    let twin = |crs: &Crs| match (crs, declared) {
        (Crs::GaussKruger(a), Crs::GaussKruger(b)) => {
            a != b && a.false_easting_m() == b.false_easting_m() && a.central_meridian_deg() == b.central_meridian_deg()
        }
        _ => false,
    };
    out.retain(|crs| !twin(crs));
    out
}
