//! What is kept → rows ready to be written: the columns of a target, values in the coordinate system of the file.
//!
//! Rows are made one at a time, so that a file of a hundred thousand needs the room of its bytes and no more. Invariants:
//! what the public may not know never becomes a row or a column; every number of a position is in the file's own system.

use super::{Item, Writing};
use crate::domain::{Audience, Crs, Footprint, LonLat};
use crate::exchange::Target;
use crate::exchange::document::{FieldSpec, fields_of, write, write_demand, write_division};
use crate::exchange::geometry::{right_handed, write_area};
use crate::spatial::crs::from_wgs84;
use geo::MapCoords;
use geo_types::{Coord, MultiPolygon};
use serde_json::{Map, Value};

/// Names that only staff may see.
const STAFF_ONLY: &[&str] = &["contacts", "remarks", "verifier"];

/// Where a row is, in the numbers of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outline {
    /// Nobody knows.
    Nowhere,
    /// At a point.
    Point(Coord<f64>),
    /// An area, wound by the right-hand rule.
    Area(MultiPolygon<f64>),
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Stable id.
    pub(super) id: String,
    /// What it is called.
    pub(super) name: String,
    /// Its values, in the order of the columns.
    pub(super) values: Vec<Value>,
    /// Where it is.
    pub(super) outline: Outline,
}

/// The rows of a file.
pub(super) struct Rows<'a> {
    /// What is written, and how.
    pub(super) writing: &'a Writing,
    /// The columns.
    pub(super) columns: Vec<&'static FieldSpec>,
    items: Vec<Item<'a>>,
}

impl<'a> Rows<'a> {
    /// Takes the items that the audience may know of.
    pub(super) fn new(items: impl Iterator<Item = Item<'a>>, writing: &'a Writing) -> Self {
        let items: Vec<Item<'a>> = items.filter(|item| item.is_for(writing.audience)).collect();
        let columns = columns(&items, writing);
        Self { writing, columns, items }
    }

    /// Returns how many rows there are.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Makes the rows, one after the other.
    pub(super) fn iter(&self) -> impl Iterator<Item = Row> {
        self.items.iter().map(|item| self.row(*item))
    }

    /// Returns the items.
    pub(super) fn items(&self) -> &[Item<'a>] {
        &self.items
    }

    /// Returns the place of a column.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|spec| spec.name == name)
    }

    fn row(&self, item: Item<'_>) -> Row {
        let crs = &self.writing.crs;
        let mut document = document(item, self.writing.audience);
        document.remove("geometry");
        let area = item.area().map(|area| projected(area, crs));
        let at = item.position().map(|position| coord(crs, position));
        if let Some(at) = at {
            document.insert("lon".to_owned(), at.x.into());
            document.insert("lat".to_owned(), at.y.into());
        }
        move_track(&mut document, crs);
        let outline = match (area, at) {
            (Some(area), _) => Outline::Area(area),
            (None, Some(at)) => Outline::Point(at),
            (None, None) => Outline::Nowhere,
        };
        if self.writing.format.is_table() {
            if let Outline::Area(area) = &outline {
                document.insert("geometry".to_owned(), write_area(area));
            }
        } else if let (Outline::Point(_), true) = (&outline, self.writing.format.has_geometry()) {
            // The point says where; saying it twice invites two answers.
            document.remove("lon");
            document.remove("lat");
        }
        let values = self.columns.iter().map(|spec| document.remove(spec.name).unwrap_or(Value::Null)).collect();
        Row { id: item.id().to_owned(), name: item.name().to_owned(), values, outline }
    }
}

/// Writes an item as its flat document, for an audience.
pub(super) fn document(item: Item<'_>, audience: Audience) -> Map<String, Value> {
    match item {
        Item::Resource(resource) => write(resource, audience),
        Item::Division(division) => write_division(division),
        Item::Demand(point) => write_demand(point),
    }
}

fn columns(items: &[Item<'_>], writing: &Writing) -> Vec<&'static FieldSpec> {
    let table = writing.format.is_table();
    let declared = items.iter().any(|item| item.declared().is_some());
    fields_of(writing.target)
        .filter(|spec| writing.audience == Audience::Staff || !STAFF_ONLY.contains(&spec.name))
        .filter(|spec| match spec.name {
            "geometry" => table && writing.target != Target::Demand,
            "declared" => declared,
            _ => true,
        })
        .collect()
}

/// Returns the numbers of a position in a coordinate system.
pub(super) fn coord(crs: &Crs, position: LonLat) -> Coord<f64> {
    let (x, y) = from_wgs84(crs, position);
    Coord { x, y }
}

fn projected(area: &Footprint, crs: &Crs) -> MultiPolygon<f64> {
    let area = right_handed(area);
    if crs.is_native() { area } else { area.map_coords(|c| coord(crs, LonLat::clamped(c.x, c.y))) }
}

/// A team's current position is a position too, and the importer reads it in the file's system.
fn move_track(document: &mut Map<String, Value>, crs: &Crs) {
    let Some(track) = document.get_mut("current").and_then(Value::as_object_mut) else { return };
    let number = |name: &str| track.get(name).and_then(Value::as_f64);
    let position = number("lon").zip(number("lat")).and_then(|(lon, lat)| LonLat::new(lon, lat).ok());
    if let Some(position) = position.filter(|_| !crs.is_native()) {
        let at = coord(crs, position);
        track.insert("lon".to_owned(), at.x.into());
        track.insert("lat".to_owned(), at.y.into());
    }
}
