//! What lies around a point or within an area, from the world.

use crate::analysis::Demand;
use crate::analysis::around::{Around, Question, Region, around as look};
use crate::domain::{Audience, Footprint, Kind, LonLat, Resource};
use crate::world::{Kept, World};

/// Most items of one list.
pub const LIMIT_MAX: usize = 5000;

/// Largest radius, metres.
pub const RADIUS_MAX_M: f64 = 500_000.0;

/// Where is asked about.
#[derive(Debug, Clone)]
pub enum Within {
    /// A circle.
    Circle {
        /// Centre, WGS84.
        centre: LonLat,
        /// Radius, metres.
        radius_m: f64,
    },
    /// An area.
    Area(Footprint),
}

/// An around question.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where.
    pub within: Within,
    /// Kinds; empty for all.
    pub kinds: Vec<Kind>,
    /// Most items to list.
    pub limit: usize,
    /// Whose eyes the answer is for.
    pub audience: Audience,
}

/// What was found, with the rows that its items name.
#[derive(Debug)]
pub struct Answer {
    /// The finding.
    pub around: Around,
    /// Resources of the items, in their order.
    pub rows: Vec<Kept<Resource>>,
}

/// Returns what lies there.
pub fn around(world: &World, request: &Request) -> Answer {
    let kinds: &[Kind] = if request.kinds.is_empty() { Kind::ALL } else { &request.kinds };
    let rows: Vec<&Kept<Resource>> =
        kinds.iter().flat_map(|kind| world.of_kind(request.audience, *kind, None)).collect();
    let resources: Vec<&Resource> = rows.iter().map(|row| &*row.value).collect();
    let demand: Vec<Demand> = world
        .settled()
        .iter()
        .map(|p| Demand { position: p.position, population: p.population, division: None })
        .collect();
    let region = match &request.within {
        Within::Circle { centre, radius_m } => Region::Circle { centre: *centre, radius_m: *radius_m },
        Within::Area(area) => Region::Area(area),
    };
    let limit = request.limit.min(LIMIT_MAX);
    let around = look(&Question { region, resources: &resources, demand: &demand, limit });
    let rows = around.items.iter().map(|item| rows[item.resource].clone()).collect();
    Answer { around, rows }
}
