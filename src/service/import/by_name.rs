//! Known resources by name and town, for rows without a code.
//!
//! Invariant: a row is taken for a known resource only when exactly one has its name in its town, near by, and neither a
//! code nor another row of the file speaks for something else.

use super::matching::town_of;
use super::names::folded;
use super::planned::Matched;
use crate::domain::{Audience, DivisionCode, Level, LonLat, Resource};
use crate::exchange::{Draft, Target, is_made_code};
use crate::spatial::geodesic::distance_m;
use crate::world::{Kept, World};
use std::collections::{HashMap, HashSet};

/// A row without a code is taken for a known resource of its name at most this far away, metres: the width of a large
/// school, and about what a wrong datum moves a point by.
pub const BY_NAME_WITHIN_M: f64 = 500.0;

/// Told of rows that were taken for a known resource.
pub(super) const MATCHED_BY_NAME: &str = "缺少编码的行按名称与街镇对应到现有资源，编码不变 / rows without a code were taken for a known resource of their name and town, whose code stays";

/// Says of a row which resource it was taken for.
pub(super) fn by_name(known: &Resource, metres: f64) -> Matched {
    let (name, code) = (&known.name.zh, &known.code);
    Matched {
        code: code.clone(),
        distance_m: (metres * 10.0).round() / 10.0,
        zh: format!("本行没有编码；同一街镇内仅有一个同名的“{name}”（编码 {code}），相距 {metres:.0} 米，视为同一资源"),
        en: format!(
            "the row has no code; exactly one `{name}` (code {code}) is known in its town, {metres:.0} m away: taken for the same"
        ),
    }
}

/// Known resources by name and town, for rows without a code. Empty when the file has no such row.
#[derive(Default)]
pub(super) struct ByName {
    known: HashMap<(String, String), Vec<Kept<Resource>>>,
    /// Codes that rows of the file have.
    codes: HashSet<String>,
    /// How many rows without a code have each name.
    rows: HashMap<String, usize>,
}

impl ByName {
    pub(super) fn of(world: &World, target: Target, drafts: &[Draft]) -> Self {
        let Target::Resource(kind) = target else { return Self::default() };
        let mut own = Self::default();
        for draft in drafts {
            let text = |field: &str| draft.patch.get(field).and_then(|v| v.as_str()).unwrap_or_default();
            if is_made_code(text("code")) {
                *own.rows.entry(folded(text("name"))).or_default() += 1;
            }
            own.codes.insert(text("code").to_owned());
        }
        if own.rows.is_empty() {
            return Self::default();
        }
        for row in world.of_kind(Audience::Staff, kind, None) {
            let name = folded(&row.value.name.zh);
            if own.rows.contains_key(&name)
                && let Some(town) = town_of(world, &row.value)
            {
                own.known.entry((name, town)).or_default().push(row.clone());
            }
        }
        own
    }

    /// Returns the one known resource that a row without a code is about, and how far away it is, metres.
    pub(super) fn find<'w>(&self, world: &'w World, draft: &Draft) -> Option<(&'w Kept<Resource>, f64)> {
        let text = |field: &str| draft.patch.get(field).and_then(|v| v.as_str()).unwrap_or_default();
        let name = folded(text("name"));
        if name.is_empty() || !is_made_code(text("code")) || self.rows.get(&name) != Some(&1) {
            return None;
        }
        let number = |field: &str| draft.patch.get(field).and_then(serde_json::Value::as_f64);
        let position = LonLat::new(number("lon")?, number("lat")?).ok()?;
        let claimed = DivisionCode::parse(text("division")).ok().filter(|c| c.level() >= Level::Town);
        let town = match &claimed {
            Some(code) => code.as_str().get(..9)?.to_owned(),
            None => world.division_at(position, Level::Town)?.value.code.as_str().get(..9)?.to_owned(),
        };
        let [only] = self.known.get(&(name, town))?.as_slice() else { return None };
        let metres = distance_m(position, only.value.place.position);
        if metres > BY_NAME_WITHIN_M || self.codes.contains(&only.value.code) {
            return None;
        }
        Some((world.resource(&only.value.id)?, metres))
    }
}
