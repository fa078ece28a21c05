//! Search by name: resources and divisions whose names hold the words asked for.
//!
//! Rank: the whole name, then names that begin so, then names that hold it; shorter names first, ties by id. Letters are
//! compared without case. A district has hundreds of names and a country a hundred thousand: one pass is quick enough.

use crate::domain::{Audience, Division, DivisionCode, Kind, Level, LonLat, Resource, Visibility};
use crate::service::view;
use crate::world::{World, visible};
use geo::InteriorPoint;

/// Most results.
pub const LIMIT_MAX: usize = 50;

/// Longest query, in characters.
pub const QUERY_MAX: usize = 100;

/// One thing found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// `resource` or `division`.
    pub class: &'static str,
    /// Id of the resource or code of the division.
    pub id: String,
    /// Kind of the resource, or `division`.
    pub kind: &'static str,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// Where; `None` for a division without an area.
    pub position: Option<LonLat>,
    /// Level.
    pub level: Option<Level>,
    /// Name of the division that it belongs to, or that a division lies in.
    pub division_name: Option<String>,
    /// Address of the resource.
    pub address: Option<String>,
    /// Whether only staff may know of it.
    pub visibility: Visibility,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Words in the name, or a code.
    pub query: &'a str,
    /// Kinds of resources, besides divisions; empty for all.
    pub kinds: &'a [Kind],
    /// Most results.
    pub limit: usize,
}

/// Returns what is called so, best first, at most the limit.
pub fn search(world: &World, audience: Audience, asked: Search<'_>) -> Vec<Found> {
    let Search { query, kinds, limit } = asked;
    let needle = query.trim().to_lowercase();
    if needle.is_empty() {
        return Vec::new();
    }
    let resources = world.resources().filter(|row| visible(audience, &row.value)).filter_map(|row| {
        if !kinds.is_empty() && !kinds.contains(&row.value.kind()) {
            return None;
        }
        let r = &row.value;
        let rank = rank(&needle, [Some(r.name.zh.as_str()), r.name.en.as_deref(), Some(r.code.as_str())])?;
        Some((rank, resource(world, r)))
    });
    let divisions = world.divisions().filter_map(|row| {
        let d = &row.value;
        let rank = rank(&needle, [Some(d.name.as_str()), d.name_en.as_deref(), None])?;
        Some((rank, division(world, d)))
    });
    let mut all: Vec<_> = divisions.chain(resources).collect();
    all.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.id.cmp(&y.id)));
    all.into_iter().take(limit.min(LIMIT_MAX)).map(|(_, found)| found).collect()
}

/// Returns a resource as it is found.
pub(super) fn resource(world: &World, r: &Resource) -> Found {
    Found {
        class: "resource",
        id: r.id.to_string(),
        kind: r.kind().word(),
        name: r.name.zh.clone(),
        name_en: r.name.en.clone(),
        position: Some(r.place.position),
        level: r.level,
        division_name: view::division_name(world, r),
        address: r.address.clone(),
        visibility: r.visibility,
    }
}

/// Returns a division as it is found.
pub(super) fn division(world: &World, d: &Division) -> Found {
    let inside = d.area.as_ref().and_then(|area| area.interior_point());
    Found {
        class: "division",
        id: d.code.to_string(),
        kind: "division",
        name: d.name.clone(),
        name_en: d.name_en.clone(),
        position: inside.map(|p| LonLat::clamped(p.x(), p.y())),
        level: Some(d.level),
        division_name: above(world, &d.code),
        address: None,
        visibility: Visibility::Public,
    }
}

/// Returns the name of the smallest known division that holds another one.
fn above(world: &World, code: &DivisionCode) -> Option<String> {
    let holding = world.divisions().filter(|row| row.value.code != *code && row.value.code.contains(code));
    holding.max_by_key(|row| row.value.level).map(|row| row.value.name.clone())
}

/// Returns how well the best of the names fits: smaller is better, `None` not at all.
fn rank(needle: &str, names: [Option<&str>; 3]) -> Option<(u8, usize)> {
    let fits = |name: &str| {
        let name = name.to_lowercase();
        let class = if name == needle {
            0
        } else if name.starts_with(needle) {
            1
        } else if name.contains(needle) {
            2
        } else {
            return None;
        };
        Some((class, name.chars().count()))
    };
    names.into_iter().flatten().filter_map(fits).min()
}
