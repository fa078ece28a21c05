//! Resources and closures of a world as a tile.
//!
//! Far out, resources of a kind that lie within a few pixels are one point that says how many they are; at the closest zoom
//! each stands for itself. Only what the audience may know of is looked at, so that not even a number tells of the rest.

use crate::domain::{Audience, Closure, ClosureShape, Kind, LonLat, Resource};
use crate::exchange::mvt::{self, Spot, TileLayer, Written};
use crate::service::view;
use crate::spatial::tile::{EXTENT, TileId, World as Square};
use crate::world::World;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Closest zoom: there every resource stands for itself.
pub const ZOOM_MAX: u8 = 14;

/// Names of the layers, in the order in which they lie in a tile.
pub const LAYERS: [&str; 6] = ["shelter", "warehouse", "storage_point", "team", "site", "closure"];

/// Properties of each layer: of resources, and of closures.
pub const FIELDS: [&[&str]; 2] = [
    &[
        "id",
        "kind",
        "name",
        "name_en",
        "level",
        "lifecycle",
        "visibility",
        "synthetic",
        "status",
        "capacity",
        "free_places",
        "tier",
        "category",
        "readiness",
        "class",
        "count",
    ],
    &["id", "cause", "reason", "depth_cm"],
];

/// Side of the cells in which resources are one point far out, in units of the tile: four pixels of 512.
const CELL: i32 = 32;

/// Returns a number that stands for the closures in force at a time.
pub(super) fn in_force(world: &World, now: DateTime<Utc>) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.closures_in_force(now).for_each(|row| (row.value.id.as_str(), row.revision.0).hash(&mut hasher));
    hasher.finish()
}

/// Returns the tile.
pub(super) fn draw(world: &World, audience: Audience, now: DateTime<Utc>, id: TileId) -> Vec<u8> {
    let kinds = Kind::ALL.iter().map(|kind| layer(world, (audience, *kind), id));
    let mut closures = TileLayer::new("closure");
    world.closures_in_force(now).for_each(|row| write_closure(&mut closures, &row.value, id));
    mvt::tile(kinds.chain([closures]).collect())
}

/// Returns the tile of one kind alone.
pub(super) fn draw_kind(world: &World, of: (Audience, Kind), id: TileId) -> Vec<u8> {
    mvt::tile(vec![layer(world, of, id)])
}

fn layer(world: &World, of: (Audience, Kind), id: TileId) -> TileLayer {
    let mut layer = TileLayer::new(of.1.word());
    for (at, resource, count) in seen(world, of, id) {
        write_resource(&mut layer, at, resource, count);
    }
    layer
}

/// The resources of a kind in a tile, by place: of those that lie in one cell the most important, with how many there are.
fn seen(world: &World, (audience, kind): (Audience, Kind), id: TileId) -> Vec<(Spot, &Resource, i64)> {
    let area = id.area(0);
    let (north_west, south_east) = (area.low.position(), area.high.position());
    let is_near = |at: LonLat| {
        (north_west.lon()..=south_east.lon()).contains(&at.lon())
            && (south_east.lat()..=north_west.lat()).contains(&at.lat())
    };
    let mut cells: BTreeMap<(i32, i32, usize), (Spot, &Resource, i64)> = BTreeMap::new();
    for (number, row) in world.of_kind(audience, kind, None).enumerate() {
        let resource = &row.value;
        if !is_near(resource.place.position) {
            continue;
        }
        let at = id.place(Square::of(resource.place.position));
        // A place on the edge belongs to one tile only.
        if !(0..EXTENT as i32).contains(&at.0) || !(0..EXTENT as i32).contains(&at.1) {
            continue;
        }
        let alone = if id.zoom() == ZOOM_MAX { number } else { 0 };
        let cell = (at.0 / CELL, at.1 / CELL, alone);
        let kept = cells.entry(cell).or_insert((at, resource, 0));
        kept.2 += 1;
        let weight = |resource: &Resource| resource.level.map_or(u8::MAX, |level| level as u8);
        if weight(resource) < weight(kept.1) {
            (kept.0, kept.1) = (at, resource);
        }
    }
    cells.into_values().collect()
}

fn write_resource(layer: &mut TileLayer, at: Spot, resource: &Resource, count: i64) {
    let slim = view::slim(resource);
    let written = slim.iter().filter_map(|(name, value)| {
        let value = match value {
            Value::String(text) => Written::Text(text),
            Value::Bool(is) => Written::Is(*is),
            Value::Number(number) => Written::Whole(number.as_i64()?),
            _ => return None,
        };
        Some((name.as_str(), value))
    });
    let count = (count > 1).then_some(("count", Written::Whole(count)));
    layer.point(None, at, &written.chain(count).collect::<Vec<_>>());
}

fn write_closure(layer: &mut TileLayer, closure: &Closure, id: TileId) {
    let spot = |at: LonLat| id.place(Square::of(at));
    let depth = closure.depth_cm.map(|depth| ("depth_cm", Written::Whole(i64::from(depth))));
    let said = [
        ("id", Written::Text(closure.id.as_str())),
        ("cause", Written::Text(closure.cause.word())),
        ("reason", Written::Text(&closure.reason)),
    ];
    let said: Vec<(&str, Written<'_>)> = said.into_iter().chain(depth).collect();
    match &closure.shape {
        ClosureShape::Point(at) => layer.point_within(spot(*at), &said),
        ClosureShape::Lines(lines) => {
            layer.lines_within(lines.iter().map(|line| line.iter().map(|at| spot(*at)).collect()).collect(), &said);
        }
        ClosureShape::Area(area) => {
            let ring = |ring: &geo_types::LineString| ring.0.iter().map(|c| spot(LonLat::clamped(c.x, c.y))).collect();
            let polygons = area.iter().map(|p| std::iter::once(p.exterior()).chain(p.interiors()).map(ring).collect());
            layer.polygons_within(polygons.collect(), &said);
        }
    }
}
