//! From many to many, and the nearest of many: every place tells its highest nodes what it costs them, and two places meet
//! there (buckets, Knopp et al. 2007, doi 10.1137/1.9781611972870.4).
//!
//! Invariants: costs and order are those of the plain search; a node that a place comes to above its exact cost is left out,
//! for no best way has it at its top.

use super::climb::{Climb, Summit};
use super::pair::{NONE, Pair, cost, pair, plus};
use super::tree::Rank;
use super::weights::Customized;
use crate::network::ends::{straight, ways_in, ways_out};
use crate::network::{Cost, Costs, Found, Snap, Stops, Toward};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::ops::{ControlFlow, Range};

/// Stops by the nodes at the top of the ways to them, each with its cost from there.
#[derive(Debug, Clone)]
pub struct Hubs {
    /// First place in `stops` of each rank, and the number of places at the end.
    first: Vec<u32>,
    /// Stops of each rank by cost, ties by number.
    stops: Vec<(Pair, u32)>,
}

impl Hubs {
    /// Brings stops to their highest nodes.
    pub fn new(of: &Customized, costs: &Costs<'_>, stops: &Stops) -> Self {
        let summits = |climb: &mut Climb, stop: u32| {
            let doors = stops.place(stop).into_iter().flat_map(|place| ways_in(costs, place));
            let summits = climb.summits(of, Toward::Seeds, doors.map(|door| (door.node, door.cost)));
            summits.into_iter().map(move |summit| (summit, stop)).collect::<Vec<_>>()
        };
        let each = (0..stops.len() as u32).into_par_iter().map_init(Climb::default, summits);
        let mut all: Vec<(Summit, u32)> = each.collect::<Vec<_>>().into_iter().flatten().collect();
        // Within a rank: by the metric, then by number, as the plain search tells them.
        all.par_sort_unstable_by_key(|(summit, stop)| (summit.rank, summit.cost >> 32, *stop, summit.cost));
        let mut first = vec![0u32; of.hierarchy.node_count() + 1];
        all.iter().for_each(|(summit, _)| first[summit.rank as usize + 1] += 1);
        for rank in 1..first.len() {
            first[rank] += first[rank - 1];
        }
        Self { first, stops: all.into_iter().map(|(summit, stop)| (summit.cost, stop)).collect() }
    }

    fn at(&self, rank: Rank) -> Range<usize> {
        self.first[rank as usize] as usize..self.first[rank as usize + 1] as usize
    }

    /// Visits stops in order of the cost of the way to them from a place, as [`crate::network::nearest`] does, until `visit`
    /// breaks off or `most` is passed. `costs` and `stops` must be those that this was made of.
    pub fn nearest(
        &self,
        (of, climb): (&Customized, &mut Climb),
        costs: &Costs<'_>,
        (from, stops): (&Snap, &Stops),
        most: u32,
        mut visit: impl FnMut(Found) -> ControlFlow<()>,
    ) {
        let doors = ways_out(costs, from).map(|door| (door.node, door.cost));
        let summits = climb.summits(of, Toward::Away, doors);
        // The next stop of each node: cost by the metric, number, whole cost, and where it comes from.
        let mut ahead: BinaryHeap<Reverse<(u32, u32, Pair, usize, usize)>> = BinaryHeap::new();
        let next = |from: usize, place: usize| {
            let summit = summits.get(from).filter(|summit| self.at(summit.rank).contains(&place))?;
            let (cost, stop) = self.stops[place];
            let sum = plus(summit.cost, cost);
            Some(Reverse(((sum >> 32) as u32, stop, sum, from, place))).filter(|_| sum < NONE)
        };
        ahead.extend((0..summits.len()).filter_map(|from| next(from, self.at(summits[from].rank).start)));
        for stop in stops.on(from.edge) {
            let along = stops.place(stop).and_then(|place| straight(costs, from, place));
            let sum = along.map_or(NONE, |cost| pair(cost, costs.metric));
            ahead.extend((sum < NONE).then_some(Reverse(((sum >> 32) as u32, stop, sum, usize::MAX, 0))));
        }
        let mut told: HashSet<u32> = HashSet::new();
        while let Some(Reverse((key, stop, sum, from, place))) = ahead.pop().filter(|top| top.0.0 <= most) {
            ahead.extend(next(from, place + 1));
            if let Some(cost) = cost(sum, costs.metric).filter(|_| told.insert(stop))
                && visit(Found { stop, cost }).is_break()
            {
                break;
            }
            debug_assert!(key <= most);
        }
    }

    /// Returns what the best way from a place to each stop costs, by the number of the stop.
    fn row(&self, (of, climb): (&Customized, &mut Climb), costs: &Costs<'_>, from: &Snap, row: &mut [Pair]) {
        let doors = ways_out(costs, from).map(|door| (door.node, door.cost));
        for summit in climb.summits(of, Toward::Away, doors) {
            for (cost, stop) in &self.stops[self.at(summit.rank)] {
                let least = &mut row[*stop as usize];
                *least = (*least).min(plus(summit.cost, *cost));
            }
        }
    }
}

impl Customized {
    /// Returns what the best way from each origin to each destination costs, row by row, as [`crate::network::matrix`] does;
    /// `None` where there is none within `most`. Rows are made side by side.
    pub fn matrix(
        &self,
        costs: &Costs<'_>,
        (origins, destinations): (&[Option<Snap>], &Stops),
        most: u32,
    ) -> Vec<Vec<Option<Cost>>> {
        let hubs = Hubs::new(self, costs, destinations);
        let row = |climb: &mut Climb, origin: &Option<Snap>| {
            let mut row = vec![NONE; destinations.len()];
            if let Some(origin) = origin {
                hubs.row((self, climb), costs, origin, &mut row);
                for stop in destinations.on(origin.edge) {
                    let along = destinations.place(stop).and_then(|place| straight(costs, origin, place));
                    let least = &mut row[stop as usize];
                    *least = (*least).min(along.map_or(NONE, |cost| pair(cost, self.metric)));
                }
            }
            row.into_iter().map(|pair| cost(pair, self.metric).filter(|cost| cost.by(self.metric) <= most)).collect()
        };
        origins.par_iter().map_init(Climb::default, row).collect()
    }
}
