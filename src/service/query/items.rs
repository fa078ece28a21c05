//! Items of a collection: filtered, in order of id, a page at a time by keyset.
//!
//! A page is the items after an id, so that a change between two pages neither repeats nor skips a third item. Counts
//! and extents are those of the audience.

use crate::domain::{Audience, DemandId, DemandPoint, Division, DivisionCode, Kind, Resource, ResourceId};
use crate::exchange::document;
use crate::exchange::geometry::{write_area, write_point};
use crate::service::view;
use crate::world::{Kept, World};
use chrono::{DateTime, Utc};
use geo::{BoundingRect, Intersects};
use geo_types::{Coord, MultiPolygon, Rect};
use serde_json::{Map, Value, json};

/// Most items of one page.
pub const LIMIT_MAX: usize = 10_000;

/// What is asked of a collection.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Boxes, any of which an item must touch; two when the box crosses the antimeridian. Empty: everywhere.
    pub boxes: Vec<Rect<f64>>,
    /// Observed from, inclusive.
    pub from: Option<DateTime<Utc>>,
    /// Observed until, inclusive.
    pub until: Option<DateTime<Utc>>,
    /// Properties that must have these values, as text.
    pub properties: Vec<(String, String)>,
}

impl Filter {
    fn touches_point(&self, at: Coord<f64>) -> bool {
        self.boxes.is_empty() || self.boxes.iter().any(|b| b.intersects(&at))
    }

    pub(super) fn touches_area(&self, area: &MultiPolygon<f64>) -> bool {
        self.boxes.is_empty() || self.boxes.iter().any(|b| b.intersects(area))
    }

    fn in_time(&self, observed: Option<DateTime<Utc>>) -> bool {
        match (self.from, self.until, observed) {
            (None, None, _) => true,
            // OGC 17-069r4 /req/core/fc-time-response C: what has no time is matched by every time.
            (_, _, None) => true,
            (from, until, Some(at)) => from.is_none_or(|f| at >= f) && until.is_none_or(|u| at <= u),
        }
    }

    fn has_properties(&self, properties: impl Fn() -> Map<String, Value>) -> bool {
        if self.properties.is_empty() {
            return true;
        }
        let document = properties();
        self.properties.iter().all(|(name, asked)| match document.get(name) {
            Some(Value::String(code)) if name == "division" => lies_in(code, asked),
            Some(Value::String(text)) => text == asked,
            Some(Value::Array(items)) => items.iter().any(|i| i.as_str() == Some(asked)),
            Some(Value::Number(n)) => asked.parse::<f64>().is_ok_and(|a| n.as_f64() == Some(a)),
            Some(Value::Bool(b)) => asked == if *b { "true" } else { "false" },
            _ => false,
        })
    }
}

/// Returns whether a division is the one asked for or lies in it; the code asked for may be short.
fn lies_in(code: &str, asked: &str) -> bool {
    match (DivisionCode::parse(code), DivisionCode::parse(asked)) {
        (Ok(code), Ok(asked)) => asked.contains(&code),
        _ => false,
    }
}

/// A page of items.
#[derive(Debug)]
pub struct Page {
    /// The items, as GeoJSON features.
    pub features: Vec<Value>,
    /// How many items fit the filter in all.
    pub matched: usize,
    /// Id to go on after; `None` on the last page.
    pub next: Option<String>,
}

/// A collection of things with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// Resources of a kind.
    Resources(Kind),
    /// Divisions.
    Divisions,
    /// Demand points.
    Demand,
}

/// Returns a page of a collection.
pub fn page(
    world: &World,
    audience: Audience,
    of: Collection,
    filter: &Filter,
    after: Option<&str>,
    limit: usize,
) -> Page {
    let after = after.unwrap_or_default();
    match of {
        Collection::Resources(kind) => {
            let fits = |row: &&Kept<Resource>| fits_resource(world, audience, filter, row);
            let all = world.of_kind(audience, kind, None).filter(fits);
            cut(all, after, limit, |row| row.value.id.to_string(), |row| resource_feature(world, audience, row))
        }
        Collection::Divisions => {
            let all = world.divisions().filter(|row| fits_division(filter, &row.value));
            cut(all, after, limit, |row| row.value.code.to_string(), |row| division_feature(&row.value))
        }
        Collection::Demand => {
            let all = world.demand().filter(|row| fits_demand(filter, &row.value));
            cut(all, after, limit, |row| row.value.id.to_string(), |row| demand_feature(&row.value))
        }
    }
}

/// Returns one item.
pub fn item(world: &World, audience: Audience, of: Collection, id: &str) -> Option<Value> {
    match of {
        Collection::Resources(kind) => {
            let row = world.resource_for(audience, &ResourceId::parse(id).ok()?)?;
            (row.value.kind() == kind).then(|| resource_feature(world, audience, row))
        }
        Collection::Divisions => {
            let code = DivisionCode::parse(id).ok()?;
            world.division(&code).map(|row| division_feature(&row.value))
        }
        Collection::Demand => world.demand_point(&DemandId(id.to_owned())).map(|row| demand_feature(&row.value)),
    }
}

/// Returns the box around a collection, as an audience sees it.
pub fn extent(world: &World, audience: Audience, of: Collection) -> Option<Rect<f64>> {
    let around = |place: &crate::domain::Place| match &place.footprint {
        Some(area) => area.bounding_rect(),
        None => Some(point_box(place.position.into())),
    };
    let boxes: Box<dyn Iterator<Item = Rect<f64>>> = match of {
        Collection::Resources(kind) => {
            Box::new(world.of_kind(audience, kind, None).filter_map(move |row| around(&row.value.place)))
        }
        Collection::Divisions => Box::new(world.divisions().filter_map(|row| row.value.area.as_ref()?.bounding_rect())),
        Collection::Demand => Box::new(world.demand().map(|row| point_box(row.value.position.into()))),
    };
    boxes.reduce(joined)
}

fn point_box(at: Coord<f64>) -> Rect<f64> {
    Rect::new(at, at)
}

/// Returns the box around two boxes.
pub fn joined(a: Rect<f64>, b: Rect<f64>) -> Rect<f64> {
    Rect::new(
        Coord { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) },
        Coord { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) },
    )
}

/// Counts all, keeps those after `after` up to `limit`.
fn cut<'a, T: 'a>(
    all: impl Iterator<Item = &'a T>,
    after: &str,
    limit: usize,
    id: impl Fn(&T) -> String,
    feature: impl Fn(&T) -> Value,
) -> Page {
    let (mut features, mut matched, mut last, mut more) = (Vec::new(), 0, String::new(), false);
    for row in all {
        matched += 1;
        if more || (features.is_empty() && !after.is_empty() && id(row).as_str() <= after) {
            continue;
        }
        if features.len() == limit {
            more = true;
            continue;
        }
        last = id(row);
        features.push(feature(row));
    }
    Page { features, matched, next: more.then_some(last) }
}

fn fits_resource(world: &World, audience: Audience, filter: &Filter, row: &Kept<Resource>) -> bool {
    let place = &row.value.place;
    let touches = match &place.footprint {
        Some(area) => filter.touches_area(area),
        None => filter.touches_point(place.position.into()),
    };
    touches && filter.in_time(row.value.rests_on()) && filter.has_properties(|| view::document(world, row, audience))
}

fn fits_division(filter: &Filter, division: &Division) -> bool {
    let touches = match &division.area {
        Some(area) => filter.touches_area(area),
        // OGC 17-069r4 /req/core/fc-bbox-response C: what has no place is matched by every box.
        None => true,
    };
    touches && filter.in_time(None) && filter.has_properties(|| document::write_division(division))
}

fn fits_demand(filter: &Filter, point: &DemandPoint) -> bool {
    filter.touches_point(point.position.into())
        && filter.in_time(None)
        && filter.has_properties(|| document::write_demand(point))
}

fn resource_feature(world: &World, audience: Audience, row: &Kept<Resource>) -> Value {
    let mut properties = view::document(world, row, audience);
    let place = &row.value.place;
    let geometry = properties.remove("geometry").filter(|g| !g.is_null());
    let geometry = geometry.unwrap_or_else(|| write_point(place.position));
    json!({ "type": "Feature", "id": row.value.id, "geometry": geometry, "properties": properties })
}

fn division_feature(division: &Division) -> Value {
    let mut properties = document::write_division(division);
    properties.remove("geometry");
    let geometry = division.area.as_ref().map(write_area);
    json!({ "type": "Feature", "id": division.code, "geometry": geometry, "properties": properties })
}

fn demand_feature(point: &DemandPoint) -> Value {
    let geometry = write_point(point.position);
    json!({ "type": "Feature", "id": point.id, "geometry": geometry, "properties": document::write_demand(point) })
}
