//! Which observations a write leaves behind: when each group of fields was last seen to be so, and by whom.
//!
//! Invariants: a write makes nothing fresh but what it names or changes; what rested on the record as a whole keeps its
//! age when the record's own is renewed; names that only staff may see leave no trace in what the public is told.

use super::Error;
use crate::domain::{Actor, Audience, Field, Kind, Observation, Resource, Violation, named};
use crate::exchange::document::{READ_ONLY, write};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Clocks differ a little; an observation farther ahead than this is a mistake.
const AHEAD_MAX: Duration = Duration::minutes(10);

/// Longest name of a verifier, in characters.
const VERIFIER_MAX: usize = 200;

/// Names that say nothing about how things are out there.
const SILENT: [&str; 8] = ["id", "kind", "code", "visibility", "source", "synthetic", "remarks", "declared"];

/// What a body says about the look that it reports.
#[derive(Debug, Clone, Default)]
pub struct Told {
    observed_at: Option<DateTime<Utc>>,
    verifier: Option<String>,
}

impl Told {
    /// Takes `observed_at` and `verifier` out of a body: they belong to the fields it names, not to the record.
    pub fn take(body: &mut Map<String, Value>, now: DateTime<Utc>) -> Result<Self, Error> {
        let observed_at = match body.remove("observed_at") {
            None | Some(Value::Null) => None,
            Some(given) => Some(time(&given, now).map_err(Error::invalid)?),
        };
        let verifier = match body.remove("verifier") {
            None | Some(Value::Null) => None,
            Some(given) => Some(verifier(given).map_err(Error::invalid)?),
        };
        Ok(Self { observed_at, verifier })
    }

    /// Leaves out what a whole document only repeats from the version that it replaces.
    fn without_echo(self, before: &Resource) -> Self {
        let record = before.observations.get(&Field::Record);
        Self {
            observed_at: self.observed_at.filter(|at| record.is_none_or(|o| o.observed_at != *at)),
            verifier: self.verifier.filter(|name| record.is_none_or(|o| o.verifier.as_ref() != Some(name))),
        }
    }

    fn observation(&self, actor: &Actor, now: DateTime<Utc>) -> Observation {
        let verifier = self.verifier.clone().unwrap_or_else(|| actor.name.clone());
        Observation { observed_at: self.observed_at.unwrap_or(now), verifier: Some(verifier), source: None }
    }
}

/// Stamps a new record: all of it was seen at once.
pub fn stamp_new(after: &mut Resource, told: &Told, actor: &Actor, now: DateTime<Utc>) {
    after.observations.insert(Field::Record, told.observation(actor, now));
}

/// Stamps a record that a whole document replaced: what differs, or all of it when the document says when.
pub fn stamp_put(
    before: &Resource,
    after: &mut Resource,
    told: Told,
    (actor, now): (&Actor, DateTime<Utc>),
) -> Result<(), Error> {
    after.observations = before.observations.clone();
    let told = told.without_echo(before);
    if told.observed_at.is_some() {
        confirm(after, told.observation(actor, now));
        return Ok(());
    }
    let (old, new) = (write(before, Audience::Staff), write(after, Audience::Staff));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let groups = groups(names.into_iter().filter(|name| old.get(*name) != new.get(*name)));
    if groups.is_empty() {
        return sign(after, told.verifier);
    }
    stamp(after, groups, told.observation(actor, now));
    Ok(())
}

/// Stamps a record that was changed in part: what the body names, for naming a value again is confirming it. A body of
/// nothing but a time confirms all of it; one of nothing but a verifier corrects who vouches for it.
pub fn stamp_patch(
    after: &mut Resource,
    body: &Map<String, Value>,
    told: Told,
    (actor, now): (&Actor, DateTime<Utc>),
) -> Result<(), Error> {
    match (body.is_empty(), told.observed_at) {
        (true, Some(_)) => confirm(after, told.observation(actor, now)),
        (true, None) => return sign(after, told.verifier),
        (false, _) => stamp(after, groups(body.keys()), told.observation(actor, now)),
    }
    Ok(())
}

/// Refuses a position of a team that nobody can have seen yet.
pub fn refuse_future_track(resource: &Resource, now: DateTime<Utc>) -> Result<(), Error> {
    let seen = resource.team().and_then(|team| team.current.as_ref()).map(|track| track.observed_at);
    match seen.filter(|at| *at > now + AHEAD_MAX) {
        None => Ok(()),
        Some(at) => Err(Error::invalid(in_the_future("current.observed_at", at))),
    }
}

fn groups<'a>(names: impl Iterator<Item = &'a String>) -> BTreeSet<Field> {
    let says = |name: &&String| !SILENT.contains(&name.as_str()) && !READ_ONLY.contains(&name.as_str());
    names.filter(says).map(|name| Field::of_property(name)).collect()
}

fn stamp(after: &mut Resource, groups: BTreeSet<Field>, seen: Observation) {
    for field in groups {
        if field != Field::Record {
            after.observations.insert(field, seen.clone());
        } else if let Some(old) = after.observations.get(&Field::Record).cloned() {
            for resting in resting_on_record(after.kind()) {
                after.observations.entry(*resting).or_insert_with(|| old.clone());
            }
            after.observations.insert(Field::Record, seen.clone());
        }
        // Where nobody knows the age of the record, a new name does not tell it either.
    }
}

/// Writes one observation over everything that was not seen later.
fn confirm(after: &mut Resource, seen: Observation) {
    after.observations.retain(|_, own| own.observed_at > seen.observed_at);
    after.observations.insert(Field::Record, seen);
}

fn sign(after: &mut Resource, verifier: Option<String>) -> Result<(), Error> {
    let Some(verifier) = verifier else { return Ok(()) };
    let Some(record) = after.observations.get_mut(&Field::Record) else {
        return Err(Error::invalid(Violation::new(
            "observed_at",
            "missing",
            "给出 verifier（核实人）时须同时给出 observed_at（核实时间）",
            "a verifier needs observed_at, the time of the look",
        )));
    };
    record.verifier = Some(verifier);
    Ok(())
}

/// Groups of a kind that fall back on the record's observation.
const fn resting_on_record(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Shelter => &[Field::Position, Field::Capacity, Field::Occupancy, Field::Status, Field::Contacts],
        Kind::Warehouse | Kind::StoragePoint => &[Field::Position, Field::Stock, Field::Contacts],
        Kind::Team => &[Field::Position, Field::Readiness, Field::Contacts],
        Kind::Site => &[Field::Position, Field::Contacts],
    }
}

fn verifier(given: Value) -> Result<String, Violation> {
    let fits = |name: &String| {
        !name.trim().is_empty() && name.chars().count() <= VERIFIER_MAX && !name.chars().any(char::is_control)
    };
    let name = if let Value::String(name) = given { Some(name) } else { None };
    name.filter(fits).ok_or_else(|| {
        Violation::new(
            "verifier",
            "wrong_type",
            format!("“核验人”应为不超过 {VERIFIER_MAX} 字的文字，不含控制字符"),
            format!("verifier must be a text of at most {VERIFIER_MAX} characters, none of them a control character"),
        )
    })
}

fn time(given: &Value, now: DateTime<Utc>) -> Result<DateTime<Utc>, Violation> {
    let read = given.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let at = read.map(|at| at.with_timezone(&Utc)).ok_or_else(|| {
        Violation::new(
            "observed_at",
            "bad_time",
            "“核验时间”应为带时区的 RFC 3339 时间，例如 2026-05-01T08:00:00+08:00",
            "observed_at must be RFC 3339 with an offset, e.g. 2026-05-01T08:00:00+08:00",
        )
    })?;
    if at > now + AHEAD_MAX {
        return Err(in_the_future("observed_at", at));
    }
    if at < DateTime::UNIX_EPOCH {
        return Err(Violation::out_of_range("observed_at", &at.to_rfc3339(), "1970…now"));
    }
    Ok(at)
}

fn in_the_future(field: &str, at: DateTime<Utc>) -> Violation {
    let at = at.to_rfc3339();
    Violation::new(
        field,
        "in_the_future",
        format!("{} {at} 晚于当前时间", named(field)),
        format!("{field} {at} lies in the future"),
    )
}
