//! Borders on the ground: who is bound to a division puts nothing on the map outside it.
//!
//! `permit` knows a thing by its division code, which its author writes himself; the position is held to the divisions'
//! areas here, as far as the world has any. Only new and moved things are looked at: a figure may be kept true about a
//! place that has lain outside since before.

use crate::domain::{Actor, Change, Denial, DivisionCode, Level, LonLat};
use crate::spatial::locate::PreparedArea;
use crate::world::World;

/// Returns whether everything that `change` places or moves lies within the actor's own division.
pub(super) fn keep_within(world: &World, actor: &Actor, change: &Change) -> Result<(), Denial> {
    let Some(scope) = &actor.scope else { return Ok(()) };
    let placed = match change {
        Change::Resource(e) => {
            let at = |side: &Option<std::sync::Arc<crate::domain::Resource>>| side.as_ref().map(|r| r.place.position);
            (at(&e.before), at(&e.after))
        }
        Change::Demand(e) => {
            let at = |side: &Option<std::sync::Arc<crate::domain::DemandPoint>>| side.as_ref().map(|d| d.position);
            (at(&e.before), at(&e.after))
        }
        Change::Division(_) | Change::Correction(_) | Change::Closure(_) => return Ok(()),
    };
    match placed {
        (before, Some(after)) if before != Some(after) => match outside(world, scope, after) {
            None => Ok(()),
            Some(elsewhere) => Err(Denial {
                missing: "scope",
                zh: format!("没有权限：位置在{}，不在管辖范围 {scope} 内（缺少 scope）", elsewhere.zh()),
                en: format!(
                    "not permitted: the position lies in {}, outside {scope}: missing right `scope`",
                    elsewhere.en()
                ),
            }),
        },
        _ => Ok(()),
    }
}

/// What a position lies in instead of the division that it should.
enum Elsewhere {
    /// Another division, by its name.
    Division(String),
    /// None that is known.
    Unknown,
}

impl Elsewhere {
    fn zh(&self) -> &str {
        match self {
            Self::Division(name) => name,
            Self::Unknown => "已知区划之外",
        }
    }

    fn en(&self) -> &str {
        match self {
            Self::Division(name) => name,
            Self::Unknown => "no division that is known",
        }
    }
}

/// Returns what a position lies in instead of a division; `None` when it lies within, or when no area tells. A village is
/// often known by its code alone: then its town's border is the one that is held.
fn outside(world: &World, scope: &DivisionCode, position: LonLat) -> Option<Elsewhere> {
    for (level, digits) in [(Level::Village, 12), (Level::Town, 9), (Level::District, 6)] {
        let Some(own) = own_at(scope, level, digits) else { continue };
        let found = world.division_at(position, level);
        if found.is_some_and(|found| found.value.code == own) {
            return None;
        }
        // A point on a shared border lies in both, and is named after one: its own area has the last word.
        if let Some(area) = world.division(&own).and_then(|d| d.value.area.as_ref()) {
            let covered = PreparedArea::new(area).is_some_and(|area| area.covers(position));
            let elsewhere = || found.map_or(Elsewhere::Unknown, |d| Elsewhere::Division(d.value.name.clone()));
            return (!covered).then(elsewhere);
        }
        if let Some(other) = found {
            return Some(Elsewhere::Division(other.value.name.clone()));
        }
    }
    None
}

/// Returns the division of a level that a scope is or lies in; `None` for levels below it.
fn own_at(scope: &DivisionCode, level: Level, digits: usize) -> Option<DivisionCode> {
    (level <= scope.level()).then(|| DivisionCode::parse(&scope.as_str()[..digits]).ok())?
}
