//! Routes, matrices and isochrones of the present: positions are brought to the roads, the search is asked, people counted.

use super::{Present, Roads, Travel};
use crate::domain::{LonLat, Population};
use crate::network::{
    Band, Cause, Cost, Metric, Reach, Snap, Span, Stops, TOLERANCE_M, Toward, Trip, isochrone, matrix, why_unreachable,
};
use crate::service::lanes::Lane;
use crate::world::by_road::{self, OnRoads};
use crate::world::nearest::{Answer, Request};
use rayon::prelude::*;

/// Most origins or destinations of a matrix.
pub const MATRIX_SIDE_MAX: usize = 1000;

/// The longest a way may be that is looked for: nearly 50 days, nearly 43,000 km.
const UNBOUNDED: u32 = u32::MAX - 1;

/// A route, or none.
#[derive(Debug)]
pub struct Routed {
    /// Where it begins on the roads.
    pub from: Option<Snap>,
    /// Where it ends.
    pub to: Option<Snap>,
    /// The way.
    pub trip: Option<Trip>,
    /// Why there is none.
    pub why_not: Option<Cause>,
}

/// Returns the best way from one position to another.
pub fn routed(present: &Present, roads: &Roads, travel: Travel, (from, to): (LonLat, LonLat)) -> Routed {
    let asked = [from, to];
    let [from, to] = asked.map(|position| roads.placed(travel.profile, position));
    let costs = present.costs(roads, travel);
    let trip = from.as_ref().zip(to.as_ref());
    let trip = trip.and_then(|ends| roads.ask(present, travel, |ways, scratch| ways.route(scratch, ends, UNBOUNDED)));
    let why_not = match trip {
        Some(_) => None,
        None => roads.with_search(|search| why_unreachable(search, &costs, (from.as_ref(), to.as_ref()))),
    };
    let why_not = match (&why_not, &from) {
        (Some(Cause::OffNetwork), None) => Some(roads.why_off(travel.profile, asked[0])),
        (Some(Cause::OffNetwork), Some(_)) => Some(roads.why_off(travel.profile, asked[1])),
        _ => why_not,
    };
    Routed { from, to, trip, why_not }
}

/// The nearest by road; where no road comes near the origin nothing is offered, and everything is refused for that.
#[derive(Debug)]
pub struct NearestByRoad {
    /// Where the origin lies on the roads; `None`: none comes near.
    pub from: Option<Snap>,
    /// Whether the origin itself is shut in.
    pub stuck: Stuck,
    /// The answer.
    pub answer: Answer,
}

/// Whether somebody can leave where he is at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stuck {
    /// He can.
    No,
    /// The road is closed to him right there.
    OnClosedRoad,
    /// The roads at his door lead nowhere else.
    OnIsland,
}

/// Returns the k nearest by road that serve, no farther than `within_s` or, by length, metres.
pub fn nearest_by_road(
    present: &Present,
    (roads, travel): (&Roads, Travel),
    within: Option<f64>,
    request: &Request,
) -> NearestByRoad {
    let from = roads.placed(travel.profile, request.origin);
    let sited = roads.sited(&present.world, travel.profile);
    let why_off = |position| roads.why_off(travel.profile, position);
    let on_roads = OnRoads {
        costs: present.costs(roads, travel),
        from,
        rows: &sited.rows,
        stops: &sited.stops,
        most: within.map_or(UNBOUNDED, |limit| travel.most(limit)),
        why_off: &why_off,
        parts: present.shut.parts(roads, travel.profile),
    };
    let is_open =
        |at: &Snap| present.shut.overlay.lets_pass_part(at.edge, Span::between(at.offset, at.offset), travel.profile);
    let stuck = match &from {
        Some(at) if is_open(at) => Stuck::No,
        Some(_) => Stuck::OnClosedRoad,
        None if why_off(request.origin) == Cause::Island => Stuck::OnIsland,
        None => Stuck::No,
    };
    let answer = roads.with_search(|search| by_road::nearest_by_road(search, request, &on_roads));
    NearestByRoad { from, stuck, answer }
}

/// Most cells and rows of a matrix that is worked out while somebody looks on.
const QUICK_MATRIX: [usize; 2] = [10_000, 50];

/// Returns where a matrix of so many origins and destinations waits for its turn.
pub fn lane_of_matrix(origins: usize, destinations: usize) -> Lane {
    let [cells, rows] = QUICK_MATRIX;
    if origins <= rows && origins * destinations <= cells { Lane::Quick } else { Lane::Long }
}

/// Returns what the best way from each origin to each destination costs; `None` where there is none.
pub fn costs_between(
    present: &Present,
    roads: &Roads,
    travel: Travel,
    (origins, destinations): (&[LonLat], &[LonLat]),
) -> Vec<Vec<Option<Cost>>> {
    let placed = |all: &[LonLat]| -> Vec<Option<Snap>> {
        all.par_iter().map(|position| roads.placed(travel.profile, *position)).collect()
    };
    let (origins, stops) = (placed(origins), Stops::new(placed(destinations)));
    if let Some(fast) = roads.fast(present, travel) {
        return fast.matrix(&present.costs(roads, travel), (&origins, &stops), UNBOUNDED);
    }
    let costs = present.costs(roads, travel);
    let row = |origin: &Option<Snap>| {
        roads.with_search(|search| matrix(search, &costs, (std::slice::from_ref(origin), &stops), UNBOUNDED))
    };
    origins.par_iter().flat_map_iter(row).collect()
}

/// Most origins of one isochrone question.
pub const ORIGINS_MAX: usize = 200;

/// Most bands of one isochrone question.
pub const BANDS_MAX: usize = 10;

/// An isochrone question.
#[derive(Debug, Clone)]
pub struct Spread {
    /// Places to start from, or to come to; the nearest counts.
    pub origins: Vec<LonLat>,
    /// Which of the two.
    pub toward: Toward,
    /// Limits: seconds or metres, by the metric of the travel.
    pub limits: Vec<f64>,
    /// How far an area may reach beyond what is reached, metres.
    pub tolerance_m: f64,
    /// How.
    pub travel: Travel,
}

impl Spread {
    /// Returns where it waits for its turn: few bands around few places, of an hour or 20 km, are drawn while somebody looks on.
    pub fn lane(&self) -> Lane {
        const ORIGINS: usize = 10;
        const BANDS: usize = 4;
        let longest = match self.travel.metric {
            Metric::Time => 3600.0,
            Metric::Length => 20_000.0,
        };
        let short = self.limits.iter().all(|limit| *limit <= longest) && self.tolerance_m >= TOLERANCE_M;
        let few = self.origins.len() <= ORIGINS && self.limits.len() <= BANDS;
        if short && few { Lane::Quick } else { Lane::Long }
    }
}

/// Isochrones, largest first.
#[derive(Debug)]
pub struct Isochrones {
    /// Where the origins lie on the roads.
    pub origins: Vec<Option<Snap>>,
    /// Each band with its limit as asked.
    pub bands: Vec<(f64, Band)>,
    /// People of the demand points that each band reaches, in the same order.
    pub people: Vec<Population>,
}

/// Returns what can be reached within limits, and the people who live there.
pub fn isochrones(present: &Present, roads: &Roads, asked: &Spread) -> Isochrones {
    let travel = asked.travel;
    let origins: Vec<Option<Snap>> = asked.origins.iter().map(|at| roads.placed(travel.profile, *at)).collect();
    let on_road: Vec<Snap> = origins.iter().flatten().copied().collect();
    let bands: Vec<u32> = asked.limits.iter().map(|limit| travel.most(*limit)).collect();
    let reach = Reach { origins: &on_road, toward: asked.toward, bands: &bands, tolerance_m: asked.tolerance_m };
    let costs = present.costs(roads, travel);
    let found = roads.with_search(|search| isochrone(search, &costs, &reach));
    let housed = roads.housed(&present.world, travel.profile);
    let settled = present.world.settled();
    let people = |band: &Band| {
        let reached =
            (0u32..).zip(settled).filter(|(stop, _)| housed.stops.place(*stop).is_some_and(|p| band.reaches(p)));
        reached.map(|(_, point)| point.population).sum()
    };
    let people = found.par_iter().map(people).collect();
    let asked_for =
        |band: &Band| asked.limits.iter().zip(&bands).find(|(_, most)| **most == band.limit).map_or(0.0, |(l, _)| *l);
    let bands = found.into_iter().map(|band| (asked_for(&band), band)).collect();
    Isochrones { origins, bands, people }
}
