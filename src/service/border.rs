//! Borders on the ground: who is bound to a division puts nothing on the map outside it.
//!
//! `permit` knows a thing by its division code, which its author writes himself; the position is held to the divisions'
//! areas here, as far as the world has any. Only new and moved things are looked at: a figure may be kept true about a
//! place that has lain outside since before.

use crate::domain::{
    Actor, Change, ClosureShape, Denial, Division, DivisionCode, Footprint, Kind, LIMITS, Level, LonLat, Place,
    Resource, Violation,
};
use crate::spatial::area::area_m2;
use crate::spatial::geodesic::{distance_and_azimuth, travel};
use crate::spatial::locate::PreparedArea;
use crate::spatial::reach::{BORDER_M, reaches_out};
use crate::world::World;

/// Returns whether everything that `change` places, moves or draws lies within the actor's own division.
pub(super) fn keep_within(world: &World, actor: &Actor, change: &Change) -> Result<(), Denial> {
    let Some(scope) = &actor.scope else { return Ok(()) };
    match change {
        Change::Resource(e) => {
            let Some(after) = e.after.as_ref().map(|r| &r.place) else { return Ok(()) };
            let before = e.before.as_ref().map(|r| &r.place);
            if before.is_none_or(|b| b.position != after.position) {
                keep_point(world, scope, after.position)?;
            }
            let drawn = after.footprint.as_ref().filter(|_| before.is_none_or(|b| b.footprint != after.footprint));
            drawn.map_or(Ok(()), |area| keep_area(world, scope, (after, area)))
        }
        Change::Demand(e) => match (e.before.as_ref().map(|d| d.position), e.after.as_ref().map(|d| d.position)) {
            (before, Some(after)) if before != Some(after) => keep_point(world, scope, after),
            _ => Ok(()),
        },
        Change::Closure(e) => e.after.as_ref().map_or(Ok(()), |closure| keep_closure(world, scope, &closure.shape)),
        Change::Division(_) | Change::Correction(_) => Ok(()),
    }
}

/// Roads are closed at home: nobody shuts a neighbour's streets.
fn keep_closure(world: &World, scope: &DivisionCode, shape: &ClosureShape) -> Result<(), Denial> {
    match shape {
        ClosureShape::Point(at) => keep_point(world, scope, *at),
        ClosureShape::Lines(lines) => lines.iter().flatten().try_for_each(|at| keep_point(world, scope, *at)),
        ClosureShape::Area(area) => {
            let stray = own_area(world, scope).and_then(|own| reaches_out(area, own));
            stray.map_or(Ok(()), |at| keep_point(world, scope, at))?;
            let corners = area.iter().flat_map(|part| &part.exterior().0).map(|c| LonLat::clamped(c.x, c.y));
            corners.into_iter().try_for_each(|at| keep_point(world, scope, at))
        }
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

fn keep_point(world: &World, scope: &DivisionCode, position: LonLat) -> Result<(), Denial> {
    let Some(elsewhere) = outside(world, scope, position) else { return Ok(()) };
    Err(Denial {
        missing: "scope",
        zh: format!("没有权限：位置在{}，不在管辖范围 {scope} 内（缺少 scope）", elsewhere.zh()),
        en: format!("not permitted: the position lies in {}, outside {scope}: missing right `scope`", elsewhere.en()),
    })
}

/// Distance is measured to the footprint, so who draws one over a neighbour answers for the neighbour's ground.
fn keep_area(world: &World, scope: &DivisionCode, (place, area): (&Place, &Footprint)) -> Result<(), Denial> {
    let stray = match own_area(world, scope) {
        Some(own) => reaches_out(area, own),
        // Without a border of its own, no corner may lie in another one; a little over it is the border's own doubt.
        None => {
            let corners = area.iter().flat_map(|part| &part.exterior().0).map(|c| LonLat::clamped(c.x, c.y));
            let mut strays = corners.filter(|at| {
                let inward = || travel(*at, distance_and_azimuth(*at, place.position).1, BORDER_M);
                outside(world, scope, *at).is_some() && outside(world, scope, inward()).is_some()
            });
            strays.next()
        }
    };
    let Some(stray) = stray else { return Ok(()) };
    let elsewhere = outside(world, scope, stray).unwrap_or(Elsewhere::Unknown);
    Err(Denial {
        missing: "scope",
        zh: format!("没有权限：面（geometry）伸入{}，超出管辖范围 {scope}（缺少 scope）", elsewhere.zh()),
        en: format!(
            "not permitted: the area (geometry) reaches into {}, outside {scope}: missing right `scope`",
            elsewhere.en()
        ),
    })
}

/// Returns the known area of a division, or of the nearest one above it that has one, from the town up.
fn own_area<'w>(world: &'w World, scope: &DivisionCode) -> Option<&'w Footprint> {
    let own = LEVELS.iter().filter_map(|(level, digits)| own_at(scope, *level, *digits));
    own.filter_map(|code| world.division(&code)).find_map(|row| row.value.area.as_ref())
}

/// Returns the area that bounds a division: that of the nearest one above it of which `area_of` knows one.
pub(super) fn bounds_of<'a>(
    division: &Division,
    area_of: impl Fn(&DivisionCode) -> Option<&'a Footprint>,
) -> Option<(DivisionCode, &'a Footprint)> {
    let above = LEVELS.iter().filter(|(level, _)| *level < division.code.level());
    let above = above.filter_map(|(level, digits)| own_at(&division.code, *level, *digits));
    above.into_iter().find_map(|code| area_of(&code).map(|area| (code, area)))
}

/// Returns that a new footprint is larger than the grounds of its kind can be: everything in it would be zero metres
/// away. One that stays as it is was drawn before.
pub(super) fn too_wide(before: Option<&Resource>, after: &Resource) -> Option<Violation> {
    let (old, kind) = (before.and_then(|b| b.place.footprint.as_ref()), after.kind());
    let drawn = after.place.footprint.as_ref().filter(|area| old != Some(*area));
    let area = drawn.filter(|_| matches!(kind, Kind::Shelter | Kind::Warehouse | Kind::StoragePoint))?;
    let (km2, most_km2) = (area_m2(area) / 1e6, LIMITS.footprint_m2 / 1e6);
    (km2 > most_km2).then(|| {
        Violation::new(
            "geometry",
            "too_wide",
            format!("面（geometry）为 {km2:.1} 平方公里，超过上限 {most_km2} 平方公里；请只画场所本身"),
            format!("the area (geometry) is {km2:.1} km², more than {most_km2} km²: draw the grounds alone"),
        )
    })
}

/// Levels that have borders here, the finest first, with the digits of a code that tell them.
const LEVELS: [(Level, usize); 3] = [(Level::Village, 12), (Level::Town, 9), (Level::District, 6)];

/// Returns what a position lies in instead of a division; `None` when it lies within, or when no area tells. A village is
/// often known by its code alone: then its town's border is the one that is held.
fn outside(world: &World, scope: &DivisionCode, position: LonLat) -> Option<Elsewhere> {
    for (level, digits) in LEVELS {
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
