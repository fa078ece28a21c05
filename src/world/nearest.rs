//! The nearest resources that really serve, exact, with every closer one that does not and why.
//!
//! Method: candidates come in order of a proven lower bound of their distance; each is judged, and what may be offered is
//! refined with the exact geodesic; the walk ends when the bound passes the worst of the k best sure ones. Kind,
//! visibility and service are tested inside the walk, so the answer never has fewer than k for want of looking, and
//! never tells the public that something hidden is near. Ties break by id.

use super::{Kept, World, visible};
use crate::analysis::serving::{Asked, Reason, Verdict, judge};
use crate::domain::{Audience, Kind, LonLat, Resource};
use crate::network::Cost;
use crate::spatial::index::{distance_to_place_m, surely_at_most_m};
use std::cmp::Ordering;

/// Most results of one query.
pub const K_MAX: usize = 100;

/// Most rejected candidates that one answer lists; how many there were is always told.
pub const REJECTED_MAX: usize = 1000;

/// Most candidates that one query may look at.
pub const VISITED_MAX: usize = 2_000_000;

/// What to do with sites about which something asked for is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknowns {
    /// Offer them after the sure ones.
    #[default]
    Last,
    /// Rank them among the sure ones.
    Include,
    /// Do not offer them; list them as rejected.
    Exclude,
}

/// A nearest query.
#[derive(Debug, Clone)]
pub struct Request {
    /// From where, WGS84.
    pub origin: LonLat,
    /// How many, 1 to [`K_MAX`].
    pub k: usize,
    /// Which kinds.
    pub kinds: Vec<Kind>,
    /// What is asked of them.
    pub asked: Asked,
    /// What to do with doubtful ones.
    pub unknowns: Unknowns,
    /// No farther than this, metres.
    pub within_m: Option<f64>,
    /// Whose eyes the answer is for.
    pub audience: Audience,
}

/// One that is offered.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The resource.
    pub row: Kept<Resource>,
    /// Geodesic distance, to the edge of a footprint.
    pub distance_m: f64,
    /// What the way costs; `None` when asked by air.
    pub road: Option<Cost>,
    /// What is not known; empty for a sure one.
    pub doubts: Vec<Reason>,
}

/// One that is closer and is not offered.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// The resource.
    pub row: Kept<Resource>,
    /// Geodesic distance.
    pub distance_m: f64,
    /// What the way costs; `None` when asked by air, and when there is none.
    pub road: Option<Cost>,
    /// Why not.
    pub reason: Reason,
}

/// Answer to a nearest query.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Offers: sure ones by distance, then doubtful ones by distance.
    pub offers: Vec<Offer>,
    /// Rejected ones closer than the farthest offer (all within reach when there are fewer than k), by distance, at
    /// most [`REJECTED_MAX`].
    pub rejected: Vec<Rejection>,
    /// How many were rejected in all.
    pub rejected_total: usize,
    /// Whether the search ran to its end.
    pub complete: bool,
}

/// Returns the k nearest that serve.
pub fn nearest(world: &World, request: &Request) -> Answer {
    let mut search = Search::new(request);
    let mut complete = true;
    for (visited, (at_least_m, row)) in world.walk(request.origin).enumerate() {
        if search.done(at_least_m) {
            break;
        }
        if visited >= VISITED_MAX {
            complete = false;
            break;
        }
        if visible(request.audience, &row.value) && request.kinds.contains(&row.value.kind()) {
            search.look(row, at_least_m);
        }
    }
    search.finish(complete)
}

struct Search<'a> {
    request: &'a Request,
    sure: Best<'a>,
    doubtful: Best<'a>,
    /// What is not offered. Most of it is too far away to be told, so it is measured at the end, if at all.
    refused: Vec<Refused<'a>>,
}

/// One that is not offered and need not have been measured.
struct Refused<'a> {
    row: &'a Kept<Resource>,
    at_least_m: f64,
    reason: Reason,
}

impl<'a> Search<'a> {
    fn new(request: &'a Request) -> Self {
        let k = request.k.clamp(1, K_MAX);
        Self { request, sure: Best::new(k), doubtful: Best::new(k), refused: Vec::new() }
    }

    /// Returns whether nothing at `at_least_m` or beyond can change the answer.
    fn done(&self, at_least_m: f64) -> bool {
        self.request.within_m.is_some_and(|most| at_least_m > most) || at_least_m > self.sure.worst_m()
    }

    fn look(&mut self, row: &'a Kept<Resource>, at_least_m: f64) {
        match (judge(&row.value, &self.request.asked), self.request.unknowns) {
            (Verdict::Serves, _) => self.offer(row, Vec::new()),
            (Verdict::Doubtful(doubts), Unknowns::Include) => self.offer(row, doubts),
            (Verdict::Doubtful(doubts), Unknowns::Last) if at_least_m <= self.doubtful.worst_m() => {
                self.offer_last(row, doubts);
            }
            (Verdict::Doubtful(doubts), _) => self.refuse(row, at_least_m, doubts),
            (Verdict::Refused(reason), _) => self.refuse(row, at_least_m, vec![reason]),
        }
    }

    /// Measures one, unless it turns out to be farther than was asked for.
    fn measure(&self, row: &'a Kept<Resource>, reasons: Vec<Reason>) -> Option<Found<'a>> {
        let distance_m = distance_to_place_m(self.request.origin, &row.value.place);
        let near = self.request.within_m.is_none_or(|most| distance_m <= most);
        near.then_some(Found { row, distance_m, reasons })
    }

    fn offer(&mut self, row: &'a Kept<Resource>, doubts: Vec<Reason>) {
        if let Some(found) = self.measure(row, doubts) {
            self.sure.push(found);
        }
    }

    /// Keeps a doubtful one for when there are fewer than k sure ones.
    fn offer_last(&mut self, row: &'a Kept<Resource>, doubts: Vec<Reason>) {
        let Some(found) = self.measure(row, doubts) else { return };
        if let Some(out) = self.doubtful.push(found) {
            self.refuse(out.row, out.distance_m, out.reasons);
        }
    }

    /// Keeps one to be told as not offered, for the first of the reasons.
    fn refuse(&mut self, row: &'a Kept<Resource>, at_least_m: f64, reasons: Vec<Reason>) {
        self.refused.extend(reasons.into_iter().next().map(|reason| Refused { row, at_least_m, reason }));
    }

    fn finish(mut self, complete: bool) -> Answer {
        let k = self.sure.size;
        let mut offers = std::mem::take(&mut self.sure.kept);
        let mut doubtful = std::mem::take(&mut self.doubtful.kept).into_iter();
        offers.extend(doubtful.by_ref().take(k - offers.len()));
        doubtful.for_each(|left| self.refuse(left.row, left.distance_m, left.reasons));
        let farthest_m = offers.iter().map(|o| o.distance_m).fold(0.0, f64::max);
        let (rejected, rejected_total) = self.told(if offers.len() == k { farthest_m } else { f64::INFINITY });
        let offers = offers.into_iter().map(Found::offered).collect();
        Answer { offers, rejected, rejected_total, complete }
    }

    /// Returns the nearest of what was refused, and how many there are within `reach_m` and within what was asked for.
    /// One that is surely within and surely not among the nearest is counted without being measured.
    fn told(&mut self, reach_m: f64) -> (Vec<Rejection>, usize) {
        let reach_m = reach_m.min(self.request.within_m.unwrap_or(f64::INFINITY));
        let (mut nearest, mut total) = (Best::new(REJECTED_MAX), 0);
        for Refused { row, at_least_m, reason } in std::mem::take(&mut self.refused) {
            if at_least_m > reach_m {
                continue;
            }
            if at_least_m > nearest.worst_m() && surely_at_most_m(at_least_m, &row.value.place) <= reach_m {
                total += 1;
                continue;
            }
            let Some(found) = self.measure(row, vec![reason]).filter(|f| f.distance_m <= reach_m) else { continue };
            total += 1;
            nearest.push(found);
        }
        (nearest.kept.into_iter().filter_map(Found::rejected).collect(), total)
    }
}

/// One that was measured.
struct Found<'a> {
    row: &'a Kept<Resource>,
    distance_m: f64,
    reasons: Vec<Reason>,
}

impl Found<'_> {
    fn offered(self) -> Offer {
        Offer { row: self.row.clone(), distance_m: self.distance_m, road: None, doubts: self.reasons }
    }

    fn rejected(self) -> Option<Rejection> {
        let reason = self.reasons.into_iter().next()?;
        Some(Rejection { row: self.row.clone(), distance_m: self.distance_m, road: None, reason })
    }

    fn order(&self, other: &Self) -> Ordering {
        let by_distance = self.distance_m.total_cmp(&other.distance_m);
        by_distance.then_with(|| self.row.value.id.cmp(&other.row.value.id))
    }
}

/// The best so far, in order; ties by id.
struct Best<'a> {
    size: usize,
    kept: Vec<Found<'a>>,
}

impl<'a> Best<'a> {
    fn new(size: usize) -> Self {
        Self { size, kept: Vec::new() }
    }

    /// Returns the distance of the last one, infinite while there is room.
    fn worst_m(&self) -> f64 {
        let last = if self.kept.len() < self.size { None } else { self.kept.last() };
        last.map_or(f64::INFINITY, |found| found.distance_m)
    }

    /// Puts one in its place; returns the one that there is no more room for.
    fn push(&mut self, found: Found<'a>) -> Option<Found<'a>> {
        let at = self.kept.partition_point(|kept| kept.order(&found).is_lt());
        self.kept.insert(at, found);
        if self.kept.len() > self.size { self.kept.pop() } else { None }
    }
}
