//! What a closure does: who can no longer reach any shelter, who takes much longer, which sites are cut off.
//!
//! Both sides are worked out whole, with the roads as they stood before and as they stand after, so the difference is that of
//! two full recomputations. People are those of the demand points, each brought to the roads once; a point that could not
//! reach a shelter before is not newly cut off.

use crate::domain::{Audience, DivisionCode, LonLat, Population, Profile, ProfileSet, Resource};
use crate::network::{Cost, Millis};
use crate::service::roads::{Present, Roads, Travel};
use crate::world::{Kept, visible};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::panic::resume_unwind;

/// Most demand points and sites that one answer lists; how many there are is always told.
pub const LISTED_MAX: usize = 1000;

/// People of a demand point for whom something changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Household {
    /// Where.
    pub position: LonLat,
    /// How many.
    pub people: Population,
    /// Town.
    pub town: Option<DivisionCode>,
    /// What the way to the nearest shelter cost before.
    pub before: Cost,
    /// What it costs after; `None`: there is none.
    pub after: Option<Cost>,
}

/// People for whom something changes, all together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hit {
    /// How many people.
    pub people: Population,
    /// People by town; those outside of every town under `None`.
    pub by_town: BTreeMap<Option<DivisionCode>, Population>,
    /// Demand points, most people first, at most [`LISTED_MAX`].
    pub points: Vec<Household>,
    /// How many demand points there are.
    pub points_total: usize,
}

/// What changes for a profile.
#[derive(Debug, Clone)]
pub struct Effect {
    /// Who moves.
    pub profile: Profile,
    /// People who could reach a shelter and can not any more.
    pub cut_off: Hit,
    /// People whose way to the nearest shelter takes longer by more than was asked about.
    pub delayed: Hit,
    /// Sites that could be reached from the main part of the roads and can not any more, at most [`LISTED_MAX`].
    pub sites: Vec<Kept<Resource>>,
    /// How many such sites there are.
    pub sites_total: usize,
}

/// Returns what changes between two states of the roads, for each profile.
pub fn effects(
    roads: &Roads,
    (before, after): (&Present, &Present),
    (profiles, audience): (ProfileSet, Audience),
    delayed_over: Millis,
) -> Vec<Effect> {
    // Threads of their own: what is kept for a profile is made under its lock by rayon's threads, so one of those that waited
    // for such a lock could be the one that it waits for.
    std::thread::scope(|scope| {
        let effect = |profile| move || effect(roads, (before, after), (profile, audience), delayed_over);
        let working: Vec<_> = profiles.iter().map(|profile| scope.spawn(effect(profile))).collect();
        working.into_iter().map(|work| work.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

fn effect(
    roads: &Roads,
    (before, after): (&Present, &Present),
    (profile, audience): (Profile, Audience),
    delayed_over: Millis,
) -> Effect {
    let housed = roads.housed(&before.world, profile);
    let [old, new] = [before, after]
        .map(|present| roads.shelter_field(present, profile).costs_of(present, roads, profile, &housed.stops));
    let settled = before.world.settled();
    let (mut cut_off, mut delayed) = (Hit::default(), Hit::default());
    for (i, point) in settled.iter().enumerate() {
        let Some(was) = old[i] else { continue };
        let household = || Household {
            position: point.position,
            people: point.population,
            town: point.town.clone(),
            before: was,
            after: new[i],
        };
        match new[i] {
            None => cut_off.count(household()),
            Some(is) if is.time.0.saturating_sub(was.time.0) > delayed_over.0 => delayed.count(household()),
            Some(_) => {}
        }
    }
    let (sites, sites_total) = sites_lost(roads, (before, after), profile, audience);
    Effect { profile, cut_off: cut_off.listed(), delayed: delayed.listed(), sites, sites_total }
}

impl Hit {
    fn count(&mut self, household: Household) {
        self.people += household.people;
        *self.by_town.entry(household.town.clone()).or_insert(Population::ZERO) += household.people;
        self.points_total += 1;
        self.points.push(household);
    }

    fn listed(mut self) -> Self {
        // Sorting is stable: equals stay in the order of their ids.
        self.points.sort_by_key(|point| Reverse(point.people));
        self.points.truncate(LISTED_MAX);
        self
    }
}

fn sites_lost(
    roads: &Roads,
    (before, after): (&Present, &Present),
    profile: Profile,
    audience: Audience,
) -> (Vec<Kept<Resource>>, usize) {
    let sited = roads.sited(&before.world, profile);
    let [old, new] = [before, after].map(|present| present.shut.parts(roads, profile));
    let [old_costs, new_costs] = [before, after].map(|present| present.costs(roads, Travel::of(profile)));
    let lost = |(stop, row): &(u32, &Kept<Resource>)| {
        let place = sited.stops.place(*stop).filter(|_| visible(audience, &row.value));
        place.is_some_and(|place| old.reaches(&old_costs, place) && !new.reaches(&new_costs, place))
    };
    let mut sites: Vec<Kept<Resource>> = (0u32..).zip(&sited.rows).filter(lost).map(|(_, row)| row.clone()).collect();
    let total = sites.len();
    sites.truncate(LISTED_MAX);
    (sites, total)
}
