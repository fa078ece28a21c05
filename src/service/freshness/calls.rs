//! Who rests on old data, and whom to call about it: the resources that say something too old, those first on which most
//! people rest.
//!
//! Too old is older than the days asked for, never observed, or, when no days are asked for, past its half-life or in
//! doubt (confidence below one half). Invariant: the public is told neither contacts nor what is hidden.

use super::people::{People, people};
use super::settings::Versioned;
use crate::analysis::freshness::{Rule, Seen, seen};
use crate::domain::{Audience, DivisionCode, Field, Kind, Population, Resource};
use crate::service::history::View;
use crate::service::{App, Error};
use crate::world::{Kept, World};
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::sync::Arc;

/// Longest list.
pub const LIMIT_MAX: usize = 1000;

/// Confidence below which a figure is too old when no days are asked for.
const HALF: f64 = 0.5;

/// Which resources are looked at.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Days after which a figure is too old.
    pub older_than_days: Option<f64>,
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only within this division.
    pub division: Option<DivisionCode>,
}

/// One resource to call about.
#[derive(Debug, Clone)]
pub struct Stale {
    /// The resource.
    pub row: Kept<Resource>,
    /// The group of fields that is worst off.
    pub field: Field,
    /// When it was last seen to be so.
    pub observed_at: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub age_s: Option<i64>,
    /// Its confidence.
    pub confidence: Option<f64>,
    /// Open reports about the resource.
    pub open_reports: usize,
    /// People for whom it is the nearest shelter that could serve; `None` for other kinds.
    pub people: Option<Population>,
}

/// What is too old, of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The kind.
    pub kind: Kind,
    /// Resources looked at.
    pub resources: usize,
    /// Of which nothing was ever observed.
    pub never_observed: usize,
    /// That say something too old, those never observed among them.
    pub stale: usize,
    /// People for whom one of the stale ones is the nearest shelter; `None` for other kinds.
    pub people: Option<Population>,
}

/// The answer.
pub struct Calls {
    /// The world it speaks of.
    pub world: Arc<World>,
    /// What ages count back from.
    pub at: DateTime<Utc>,
    /// Settings in force.
    pub settings: Arc<Versioned>,
    /// By kind.
    pub summary: Vec<Summary>,
    /// Whom to call, the most people first; at most as many as were asked for.
    pub calls: Vec<Stale>,
    /// How many there are.
    pub total: usize,
    /// Who would go where.
    pub people: Arc<People>,
}

/// Returns who rests on old data.
pub async fn calls(app: &App, audience: Audience, filter: Filter, limit: usize) -> Result<Calls, Error> {
    let (people, settings) = (people(app, audience).await?, app.freshness());
    let View { world, now, .. } = app.view(audience, None).await?;
    let looking = move || look(Look { world, at: now, settings, people, audience }, &filter, limit.min(LIMIT_MAX));
    tokio::task::spawn_blocking(looking).await.map_err(Error::internal)
}

struct Look {
    world: Arc<World>,
    at: DateTime<Utc>,
    settings: Arc<Versioned>,
    people: Arc<People>,
    audience: Audience,
}

impl Look {
    /// Returns whether the audience is told of a group of fields: when contacts were looked at is not for the public.
    fn tells(&self, field: Field) -> bool {
        self.audience == Audience::Staff || field != Field::Contacts
    }
}

fn look(by: Look, filter: &Filter, limit: usize) -> Calls {
    let rule = by.settings.settings.rule();
    let (mut summary, mut calls) = (Vec::new(), Vec::new());
    for kind in Kind::ALL.iter().filter(|kind| filter.kind.is_none_or(|asked| asked == **kind)) {
        let counts_people = *kind == Kind::Shelter;
        let none = counts_people.then_some(Population::ZERO);
        let mut of = Summary { kind: *kind, resources: 0, never_observed: 0, stale: 0, people: none };
        for row in by.world.of_kind(by.audience, *kind, None) {
            if !filter.division.as_ref().is_none_or(|d| row.value.division.as_ref().is_some_and(|c| d.contains(c))) {
                continue;
            }
            of.resources += 1;
            of.never_observed += usize::from(!row.value.observations.keys().any(|field| by.tells(*field)));
            let Some(stale) = stale(&by, &rule, filter, row) else { continue };
            of.stale += 1;
            of.people = of.people.zip(stale.people).map(|(sum, more)| sum + more);
            calls.push(stale);
        }
        summary.push(of);
    }
    let total = calls.len();
    // What was never observed is older than anything.
    calls.sort_by_cached_key(|call| {
        (Reverse(call.people), Reverse(call.age_s.unwrap_or(i64::MAX)), call.row.value.id.clone())
    });
    calls.truncate(limit);
    Calls { world: by.world, at: by.at, settings: by.settings, summary, calls, total, people: by.people }
}

fn stale(by: &Look, rule: &Rule, filter: &Filter, row: &Kept<Resource>) -> Option<Stale> {
    let id = &row.value.id;
    let voices = by.world.voices(by.audience, id);
    let seen = seen(&row.value, &voices, rule, by.at);
    let told = |s: &&Seen<'_>| by.tells(s.field);
    let too_old = |s: &&Seen<'_>| match (filter.older_than_days, s.age_s, s.confidence) {
        (_, None, _) | (_, _, None) => true,
        (Some(days), Some(age_s), _) => age_s as f64 > days * 86_400.0,
        (None, _, Some(confidence)) => confidence < HALF,
    };
    let old = seen.iter().filter(told).filter(too_old);
    let worst = match filter.older_than_days {
        Some(_) => old.max_by_key(|s| s.age_s.unwrap_or(i64::MAX)),
        None => old.min_by(|a, b| a.confidence.unwrap_or(-1.0).total_cmp(&b.confidence.unwrap_or(-1.0))),
    }?;
    Some(Stale {
        field: worst.field,
        observed_at: worst.observed_at,
        age_s: worst.age_s,
        confidence: worst.confidence,
        open_reports: voices.iter().map(Vec::len).sum(),
        people: (row.value.kind() == Kind::Shelter)
            .then(|| by.people.nearest.get(id).copied().unwrap_or(Population::ZERO)),
        row: row.clone(),
    })
}
