//! The nearest resources that really serve, by what the way to them costs on the roads.
//!
//! Stops come in order of cost from one search that passes over what is not wanted, so `k` are found whenever `k` can be
//! reached. What can not be reached is told with its cause where it would be expected: nearer in a straight line than the
//! farthest offer is by road. Ties break by id, for stops are numbered in order of id.

use super::nearest::{Answer, K_MAX, Offer, REJECTED_MAX, Rejection, Request, Unknowns};
use super::{Kept, visible};
use crate::analysis::serving::{Reason, Verdict, judge};
use crate::domain::{LonLat, Resource};
use crate::network::{Cause, Cost, Costs, Found, Parts, Search, Snap, Stops, nearest, why_unreachable_each};
use crate::spatial::index::distance_to_place_m;
use std::ops::ControlFlow;

/// The roads as a question by road needs them.
pub struct OnRoads<'a> {
    /// What arcs cost.
    pub costs: Costs<'a>,
    /// Where the question is asked from, on the roads; `None`: none comes near.
    pub from: Option<Snap>,
    /// Resources in order of id.
    pub rows: &'a [Kept<Resource>],
    /// Their places on the roads, in the same order.
    pub stops: &'a Stops,
    /// Most that a way may cost, by the metric of the costs.
    pub most: u32,
    /// Why a position is brought to no road.
    pub why_off: &'a (dyn Fn(LonLat) -> Cause + Sync),
    /// The main part of the roads under these costs, which settles most questions of whether there is a way at all.
    pub parts: &'a Parts,
}

/// Returns the k nearest that serve.
pub fn nearest_by_road(search: &mut Search, request: &Request, roads: &OnRoads<'_>) -> Answer {
    let mut looking = Looking { request, roads, sure: Vec::new(), doubtful: Vec::new(), refused: Vec::new() };
    let k = request.k.clamp(1, K_MAX);
    let mut told = vec![false; roads.rows.len()];
    if let Some(from) = &roads.from {
        nearest(search, &roads.costs, (from, roads.stops), (roads.most, usize::MAX), |found| {
            told[found.stop as usize] = true;
            looking.look(found);
            if looking.sure.len() == k { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
    looking.finish(search, k, &told)
}

struct Looking<'a> {
    request: &'a Request,
    roads: &'a OnRoads<'a>,
    sure: Vec<Offer>,
    doubtful: Vec<Offer>,
    refused: Vec<Rejection>,
}

impl Looking<'_> {
    fn wanted(&self, row: &Kept<Resource>) -> bool {
        visible(self.request.audience, &row.value) && self.request.kinds.contains(&row.value.kind())
    }

    fn look(&mut self, found: Found) {
        let row = &self.roads.rows[found.stop as usize];
        if !self.wanted(row) {
            return;
        }
        let distance_m = distance_to_place_m(self.request.origin, &row.value.place);
        if self.request.within_m.is_some_and(|most| distance_m > most) {
            return;
        }
        let road = Some(found.cost);
        let offer = |doubts| Offer { row: row.clone(), distance_m, road, doubts };
        let refusal = |reason| Rejection { row: row.clone(), distance_m, road, reason };
        match (judge(&row.value, &self.request.asked), self.request.unknowns) {
            (Verdict::Serves, _) => self.sure.push(offer(Vec::new())),
            (Verdict::Doubtful(doubts), Unknowns::Include) => self.sure.push(offer(doubts)),
            (Verdict::Doubtful(doubts), Unknowns::Last) => self.doubtful.push(offer(doubts)),
            (Verdict::Doubtful(doubts), Unknowns::Exclude) => {
                self.refused.extend(doubts.into_iter().next().map(refusal))
            }
            (Verdict::Refused(reason), _) => self.refused.push(refusal(reason)),
        }
    }

    fn finish(mut self, search: &mut Search, k: usize, told: &[bool]) -> Answer {
        let mut offers = std::mem::take(&mut self.sure);
        let mut doubtful = std::mem::take(&mut self.doubtful).into_iter();
        offers.extend(doubtful.by_ref().take(k - offers.len()));
        let left_over = doubtful.filter_map(|offer| {
            let Offer { row, distance_m, road, doubts } = offer;
            Some(Rejection { row, distance_m, road, reason: doubts.into_iter().next()? })
        });
        self.refused.extend(left_over);
        let full = offers.len() == k;
        let metric = self.roads.costs.metric;
        let key = |road: Option<Cost>| road.map_or(u32::MAX, |cost| cost.by(metric));
        let farthest = offers.iter().map(|offer| key(offer.road)).max().unwrap_or(0);
        let longest_m = offers.iter().filter_map(|o| o.road).map(|c| c.length.as_metres()).fold(0.0, f64::max);
        self.refused.retain(|refused| !full || key(refused.road) <= farthest);
        let reach_m = if full { longest_m } else { f64::INFINITY };
        self.refused.extend(self.out_of_reach(search, reach_m, told));
        self.refused.sort_by(|a, b| {
            let order = |r: &Rejection| (key(r.road), r.distance_m);
            let ((a_key, a_m), (b_key, b_m)) = (order(a), order(b));
            a_key.cmp(&b_key).then(a_m.total_cmp(&b_m)).then_with(|| a.row.value.id.cmp(&b.row.value.id))
        });
        let rejected_total = self.refused.len();
        self.refused.truncate(REJECTED_MAX);
        Answer { offers, rejected: self.refused, rejected_total, complete: true }
    }

    /// Returns what lies within `reach_m` in a straight line and can not be reached.
    fn out_of_reach(&self, search: &mut Search, reach_m: f64, told: &[bool]) -> Vec<Rejection> {
        let OnRoads { costs, from, rows, stops, parts, .. } = self.roads;
        let reach_m = reach_m.min(self.request.within_m.unwrap_or(f64::INFINITY));
        let connected = from.as_ref().is_some_and(|from| parts.reached_by(costs, from));
        let untold = (0u32..).zip(*rows).filter(|(stop, row)| !told[*stop as usize] && self.wanted(row));
        let mut doubtful = Vec::new();
        for (stop, row) in untold {
            let distance_m = distance_to_place_m(self.request.origin, &row.value.place);
            let place = stops.place(stop);
            let sure = connected && place.is_some_and(|place| parts.reaches(costs, place));
            if distance_m <= reach_m && !sure {
                doubtful.push((row, distance_m, place.copied()));
            }
        }
        if doubtful.is_empty() {
            return Vec::new();
        }
        let places: Vec<Option<Snap>> = doubtful.iter().map(|(.., place)| *place).collect();
        let causes = why_unreachable_each(search, costs, (from.as_ref(), &places));
        let refused = doubtful.into_iter().zip(causes);
        // Nobody leaves an origin off the roads, wherever he is going.
        let stuck = if from.is_none() { Some((self.roads.why_off)(self.request.origin)) } else { None };
        let refused = refused.filter_map(|((row, distance_m, place), cause)| {
            let off = || place.is_none().then(|| (self.roads.why_off)(row.value.place.position));
            let cause = stuck.clone().or_else(off).or(cause)?;
            let reason = Reason::Unreachable(cause.word());
            Some(Rejection { row: row.clone(), distance_m, road: None, reason })
        });
        refused.collect()
    }
}
