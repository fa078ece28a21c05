//! One door to both: the hierarchy where it wins, the plain search where that does.
//!
//! Which of the two answers is decided by measurement (`cargo bench --bench answers -- roads`, figures in
//! `src/ARCHITECTURE.md`) and never shows, for the answers are the same to the last bit. Invariant: without a hierarchy, or with
//! one of another profile or metric, the plain search answers.

use super::climb::Climb;
use super::hubs::Hubs;
use super::walk::Walk;
use super::weights::Customized;
use crate::network::search::Search;
use crate::network::{
    Cost, Costs, Field, Found, Metric, NodeId, Outs, Snap, Stops, Toward, Trip, gathered, matrix, nearest, route,
};
use rayon::prelude::*;
use std::ops::ControlFlow;

/// What is wanted within no more than this is found by the plain search, which ends there: a quarter of an hour, or 10 km.
const fn local(metric: Metric) -> u32 {
    match metric {
        Metric::Time => 900_000,
        Metric::Length => 1_000_000,
    }
}

/// Nodes of a graph whose field takes the hierarchy as long as the plain search takes to find who comes to one place from a
/// quarter of an hour around.
const FIELD_NODES: usize = 20_000;

/// The same where the plain search makes the field.
const PLAIN_FIELD_NODES: usize = 1000;

/// What both kinds of search need to remember, to be used again and again.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Of the plain search.
    pub search: Search,
    /// Of routes.
    pub walk: Walk,
    /// Of everything else.
    pub climb: Climb,
}

/// What arcs cost whom now, with the hierarchy that was customized to just that, if there is one.
#[derive(Debug, Clone, Copy)]
pub struct Ways<'a> {
    costs: Costs<'a>,
    fast: Option<&'a Customized>,
}

impl<'a> Ways<'a> {
    /// Returns the ways by costs. The hierarchy must be up to date with the overlay of the costs.
    pub fn new(costs: Costs<'a>, fast: Option<&'a Customized>) -> Self {
        let fits = |fast: &&Customized| fast.profile == costs.profile && fast.metric == costs.metric;
        Self { costs, fast: fast.filter(fits) }
    }

    /// Returns the costs.
    pub const fn costs(&self) -> &Costs<'a> {
        &self.costs
    }

    /// Returns the best way; `None` when there is none within `most` (of the metric).
    pub fn route(&self, scratch: &mut Scratch, (from, to): (&Snap, &Snap), most: u32) -> Option<Trip> {
        match self.fast {
            Some(fast) => fast.route(&mut scratch.walk, &self.costs, (from, to), most),
            None => route(&mut scratch.search, &self.costs, (from, to), most),
        }
    }

    /// Returns what the best way from each origin to each destination costs, row by row; `None` where there is none within
    /// `most`.
    pub fn matrix(
        &self,
        scratch: &mut Scratch,
        (origins, destinations): (&[Option<Snap>], &Stops),
        most: u32,
    ) -> Vec<Vec<Option<Cost>>> {
        match self.fast {
            Some(fast) => fast.matrix(&self.costs, (origins, destinations), most),
            None => matrix(&mut scratch.search, &self.costs, (origins, destinations), most),
        }
    }

    /// Visits stops in order of the cost of the way to them, as [`nearest`] does. With `hubs` of these stops and costs the
    /// hierarchy answers and needs no budget; without, the plain search, which is quick where stops are many.
    pub fn nearest(
        &self,
        scratch: &mut Scratch,
        (from, stops, hubs): (&Snap, &Stops, Option<&Hubs>),
        (most, budget): (u32, usize),
        visit: impl FnMut(Found) -> ControlFlow<()>,
    ) -> bool {
        match self.fast.zip(hubs) {
            Some((fast, hubs)) => {
                hubs.nearest((fast, &mut scratch.climb), &self.costs, (from, stops), most, visit);
                true
            }
            None => nearest(&mut scratch.search, &self.costs, (from, stops), (most, budget), visit),
        }
    }

    /// Returns the field of the `k` nearest stops of every node.
    pub fn field(&self, stops: &Stops, k: usize) -> Field {
        match self.fast {
            Some(fast) => fast.field(&self.costs, stops, k),
            None => Field::new(&self.costs, stops, k),
        }
    }

    /// Returns to how many of some stops one gets from each place within `most`, counted up to `k`.
    ///
    /// A field of the `k` nearest stops looks at each node once, however many stops there are and however far they serve; a
    /// search from each stop looks at what is near it, which grows with the square of how far it serves.
    pub fn reached_from(&self, (places, stops): (&Stops, &Stops), most: u32, k: u8) -> Vec<u8> {
        let nodes_per_stop = if self.fast.is_some() { FIELD_NODES } else { PLAIN_FIELD_NODES };
        let share = f64::from(most) / f64::from(local(self.costs.metric));
        let looked_at = stops.len() as f64 * nodes_per_stop as f64 * share * share;
        if looked_at <= self.costs.graph.node_count() as f64 {
            return self.gathered_from((places, stops), most, k);
        }
        let field = self.field(stops, usize::from(k));
        let within = |found: &Found| found.cost.by(self.costs.metric) <= most;
        let count = |place: &Snap| field.of(&self.costs, place, stops).iter().filter(|found| within(found)).count();
        let of = |place: u32| places.place(place).map_or(0, |place| u8::try_from(count(place)).unwrap_or(k));
        (0..places.len() as u32).into_par_iter().map(of).collect()
    }

    /// The same by a search from each stop.
    fn gathered_from(&self, (places, stops): (&Stops, &Stops), most: u32, k: u8) -> Vec<u8> {
        let outs = Outs::new(&self.costs, places);
        let one = |search: &mut Search, stop: u32| match stops.place(stop) {
            Some(place) => gathered(search, &self.costs, (place, places, &outs), most),
            None => Vec::new(),
        };
        let found: Vec<Vec<u32>> = (0..stops.len() as u32).into_par_iter().map_init(Search::default, one).collect();
        let mut times = vec![0u8; places.len()];
        for place in found.into_iter().flatten() {
            times[place as usize] = times[place as usize].saturating_add(1).min(k);
        }
        times
    }

    /// Visits every node within `most` of the seeds, in no order that is told, with what it costs.
    pub fn reach(
        &self,
        scratch: &mut Scratch,
        (toward, seeds): (Toward, &[(NodeId, Cost)]),
        most: u32,
        mut visit: impl FnMut(NodeId, Cost),
    ) {
        match self.fast {
            Some(fast) if most > local(self.costs.metric) => {
                let reach = fast.reach(&mut scratch.climb, toward, seeds, most);
                let nodes = (0..self.costs.graph.node_count() as u32).map(NodeId);
                nodes.for_each(|node| reach.at(node).into_iter().for_each(|cost| visit(node, cost)));
            }
            _ => {
                scratch.search.run(&self.costs, toward, seeds, (most, usize::MAX), |reached| {
                    visit(reached.node, reached.cost);
                    ControlFlow::Continue(())
                });
            }
        }
    }
}
