//! How far a figure can still be trusted: the older, the less; less again while somebody says that it is wrong.
//!
//! `confidence = 0.5 ^ (age / half-life of its group of fields) × max(floor, factor ^ (voices that doubt it))`, from 0 to one.
//! The open reports of one caller are one voice, and doubt alone leaves the floor: nobody unasked brings a figure to nothing.
//! Half-lives, factor and floor are a district's own choice, not a norm: the defaults are guesses by how fast things change,
//! and say so where they are shown. A figure that was never observed has no confidence (`None`), which is not zero.
//! Invariant: confidence never grows with age or with reports.

use crate::domain::{Capacity, Detail, Fault, Field, Observation, Resource};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

const DAY_S: f64 = 86_400.0;

/// How fast trust fades.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Days after which half the trust is left, by group of fields; a group that is not named uses that of the record.
    pub half_life_days: BTreeMap<Field, f64>,
    /// What an open report leaves of it, 0 to 1.
    pub report_factor: f64,
    /// What all open reports together leave of it at least, 0 to 1.
    pub report_floor: f64,
}

impl Default for Rule {
    fn default() -> Self {
        let half_life_days = Field::ALL.iter().map(|f| (*f, default_days(*f))).collect();
        Self { half_life_days, report_factor: 0.5, report_floor: 0.25 }
    }
}

const fn default_days(field: Field) -> f64 {
    match field {
        Field::Position => 1095.0,
        Field::Record | Field::Capacity => 365.0,
        Field::Contacts => 180.0,
        Field::Stock => 90.0,
        Field::Status | Field::Readiness => 1.0,
        Field::Occupancy => 0.25,
        Field::Track => 0.02,
    }
}

impl Rule {
    /// Returns the half-life of a group of fields, days.
    pub fn days(&self, field: Field) -> f64 {
        let named = self.half_life_days.get(&field).or_else(|| self.half_life_days.get(&Field::Record));
        named.copied().unwrap_or(default_days(field))
    }

    /// Returns what is left of trust after `age_s` seconds and with `voices` that doubt it.
    pub fn confidence(&self, field: Field, age_s: i64, voices: usize) -> f64 {
        let halvings = age_s.max(0) as f64 / DAY_S / self.days(field);
        let doubted = self.report_factor.powi(i32::try_from(voices).unwrap_or(i32::MAX));
        let doubted = if voices == 0 { 1.0 } else { doubted.max(self.report_floor) };
        (0.5_f64.powf(halvings) * doubted).clamp(0.0, 1.0)
    }
}

/// What is known about one group of fields of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen<'a> {
    /// The group.
    pub field: Field,
    /// Its observation, or that of the whole record.
    pub observation: Option<&'a Observation>,
    /// When it was last seen to be so.
    pub observed_at: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub age_s: Option<i64>,
    /// Voices of open reports that touch it.
    pub reports: usize,
    /// 0 to 1; `None` when it was never observed.
    pub confidence: Option<f64>,
}

/// Returns the groups of fields that a fault casts doubt on. A place that is said to be gone or shut is doubted as a
/// place, too; nobody knows what "something else" is, so it touches everything.
pub const fn touched(fault: Fault) -> &'static [Field] {
    match fault {
        Fault::Moved => &[Field::Position],
        Fault::Closed => &[Field::Status, Field::Position, Field::Record],
        Fault::WrongPhone => &[Field::Contacts],
        Fault::WrongName => &[Field::Record],
        Fault::WrongCapacity => &[Field::Capacity],
        Fault::NoAccess => &[Field::Status, Field::Position],
        Fault::Other => Field::ALL,
    }
}

/// Returns what is known about each group of fields in which a resource says something, in order of group. `voices` are
/// the open reports about it: what each caller says is wrong.
pub fn seen<'a>(resource: &'a Resource, voices: &[Vec<Fault>], rule: &Rule, now: DateTime<Utc>) -> Vec<Seen<'a>> {
    let said = Field::ALL.iter().copied().filter(|field| says(resource, *field));
    said.map(|field| {
        let observation = resource.observations.get(&field).or_else(|| resource.observations.get(&Field::Record));
        let observed_at = match (field, resource.team().and_then(|team| team.current.as_ref())) {
            // A position on its way carries its own time.
            (Field::Track, Some(track)) => Some(track.observed_at),
            _ => observation.map(|o| o.observed_at),
        };
        let age_s = observed_at.map(|at| (now - at).num_seconds().max(0));
        let touches = |fault: &Fault| touched(*fault).contains(&field);
        let reports = voices.iter().filter(|faults| faults.iter().any(touches)).count();
        let confidence = age_s.map(|age_s| rule.confidence(field, age_s, reports));
        Seen { field, observation, observed_at, age_s, reports, confidence }
    })
    .collect()
}

/// Returns the least confidence among the groups that an answer about places rests on: where it is, and what of state,
/// occupancy, capacity, stock or readiness is known. `None` when none of them was ever observed.
pub fn least(seen: &[Seen<'_>]) -> Option<f64> {
    let rests = |seen: &&Seen<'_>| !matches!(seen.field, Field::Record | Field::Contacts | Field::Track);
    seen.iter().filter(rests).filter_map(|seen| seen.confidence).min_by(f64::total_cmp)
}

/// Returns whether a resource says anything in a group of fields.
fn says(resource: &Resource, field: Field) -> bool {
    match (field, &resource.detail) {
        (Field::Record | Field::Position, _) => true,
        (Field::Contacts, _) => !resource.contacts.is_empty(),
        (Field::Capacity, Detail::Shelter(s)) => s.capacity != Capacity::Unknown,
        (Field::Occupancy, Detail::Shelter(s)) => s.occupancy.occupied.is_some(),
        (Field::Status, Detail::Shelter(s)) => s.status.is_some(),
        (Field::Stock, Detail::Warehouse(s) | Detail::StoragePoint(s)) => s.stock.is_some(),
        (Field::Readiness, Detail::Team(t)) => t.readiness.is_some(),
        (Field::Track, Detail::Team(t)) => t.current.is_some(),
        _ => false,
    }
}
