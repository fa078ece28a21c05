//! Where a document says the resource is: lon and lat, a geometry, and the numbers as its source declared them.
//!
//! Invariants: a footprint always has a position (its own, or a point inside it); declared numbers that do not lead to
//! the position are not kept, so that a moved resource never carries the numbers of its old place.

use super::declared::read_declared;
use super::reader::{Given, Reader};
use crate::domain::{Crs, Declared, Footprint, LIMITS, LonLat, Place, Violation};
use crate::exchange::geometry::{self, Shape};
use crate::spatial::crs::to_wgs84;
use crate::spatial::edge::distance_to_footprint_m;
use crate::spatial::geodesic::distance_m;
use crate::spatial::shape::{representative_point, shape_violations};
use geo::CoordsIter;

/// Declared numbers belong to a position when they lead to within this distance of it.
const SAME_PLACE_M: f64 = 1.0;

/// A point (an entrance, say) may lie this far outside its footprint. Distance is measured to the footprint, so a point
/// moved without it would be answered for where it was.
const OFF_FOOTPRINT_MAX_M: f64 = 500.0;

/// Reads the place; `None` when it can not be told (which was reported).
pub(super) fn read_place(reader: &mut Reader<'_>, base: Option<&Place>) -> Option<Place> {
    let before = reader.violations.len();
    let given = read_position(reader, base);
    let shape = read_shape(reader);
    if reader.violations.len() > before {
        return None;
    }
    let position = match (&shape, given) {
        (Given::Value(Shape::Point(point)), Some(given)) if *point != given => {
            reader.report(conflict(*point, given));
            return None;
        }
        (Given::Value(Shape::Point(point)), _) => Some(*point),
        (_, Some(given)) => Some(given),
        (Given::Value(Shape::Area(area)), None) => representative_point(area),
        (Given::Absent | Given::Null, None) => base.map(|b| b.position),
    };
    let Some(position) = position else {
        reader.report(Violation::missing("lon"));
        reader.report(Violation::missing("lat"));
        return None;
    };
    let footprint: Option<Footprint> = match shape {
        Given::Absent => base.and_then(|b| b.footprint.clone()),
        Given::Null | Given::Value(Shape::Point(_)) => None,
        Given::Value(Shape::Area(area)) => Some(area),
    };
    if let Some(metres) = footprint.as_ref().and_then(|area| far_off(position, area)) {
        reader.report(off_footprint(metres));
        return None;
    }
    let kept = base.filter(|b| b.position == position).and_then(|b| b.declared.clone());
    let declared = read_declared(reader, kept).filter(|d| leads_to(d, position));
    Some(Place { position, footprint, declared })
}

/// Reads lon and lat; one alone is completed from the base, and both absent is `None`.
fn read_position(reader: &mut Reader<'_>, base: Option<&Place>) -> Option<LonLat> {
    let (lon, lat) = (reader.number("lon"), reader.number("lat"));
    if lon == Given::Absent && lat == Given::Absent {
        return None;
    }
    let complete = |given: Given<f64>, kept: Option<f64>| match given {
        Given::Absent => kept,
        given => given.value(),
    };
    let lon = complete(lon, base.map(|b| b.position.lon()));
    let lat = complete(lat, base.map(|b| b.position.lat()));
    for (field, number) in [("lon", lon), ("lat", lat)] {
        if number.is_none() && !reader.violations.iter().any(|v| v.field == field) {
            reader.report(Violation::missing(field));
        }
    }
    match LonLat::new(lon?, lat?) {
        Ok(position) => Some(position),
        Err(violation) => {
            reader.report(violation);
            None
        }
    }
}

fn read_shape(reader: &mut Reader<'_>) -> Given<Shape> {
    let value = match reader.raw("geometry") {
        Given::Absent => return Given::Absent,
        Given::Null => return Given::Null,
        Given::Value(value) => value,
    };
    match geometry::parse(value, &Crs::WGS84).map(|parsed| parsed.shape) {
        Ok(Shape::Area(area)) => {
            checked_area(reader, area, LIMITS.vertices).map_or(Given::Absent, |a| Given::Value(Shape::Area(a)))
        }
        Ok(point) => Given::Value(point),
        Err(violation) => {
            reader.report(violation);
            Given::Absent
        }
    }
}

/// Returns the area turned by the right-hand rule, or reports what is wrong with its shape. One with more than
/// `vertices` is passed on unchecked: the domain refuses it for its size.
pub(super) fn checked_area(reader: &mut Reader<'_>, area: Footprint, vertices: usize) -> Option<Footprint> {
    if area.coords_count() > vertices {
        return Some(area);
    }
    let faults = shape_violations(&area);
    if faults.is_empty() {
        return Some(geometry::right_handed(&area));
    }
    faults.into_iter().for_each(|fault| reader.report(fault));
    None
}

fn leads_to(declared: &Declared, position: LonLat) -> bool {
    to_wgs84(&declared.crs, declared.first, declared.second)
        .is_ok_and(|given| distance_m(given, position) <= SAME_PLACE_M)
}

/// Returns how far a point lies from its footprint, when that is too far. A footprint that runs across the antimeridian
/// uncut is left to the domain, which refuses it.
fn far_off(position: LonLat, area: &Footprint) -> Option<f64> {
    let uncut =
        area.exterior_coords_iter().zip(area.exterior_coords_iter().skip(1)).any(|(a, b)| (b.x - a.x).abs() > 180.0);
    let metres = if uncut || area.0.is_empty() { 0.0 } else { distance_to_footprint_m(position, area) };
    (metres > OFF_FOOTPRINT_MAX_M).then_some(metres)
}

fn off_footprint(metres: f64) -> Violation {
    Violation::new(
        "lon",
        "off_footprint",
        format!(
            "点位距其面（geometry）{metres:.0} 米，超过 {OFF_FOOTPRINT_MAX_M} 米；请同时给出新的 geometry，或以 null 去掉面"
        ),
        format!(
            "the point is {metres:.0} m from its area (geometry), more than {OFF_FOOTPRINT_MAX_M} m: send the new geometry with it, or null to drop the area"
        ),
    )
}

fn conflict(point: LonLat, given: LonLat) -> Violation {
    let (px, py, gx, gy) = (point.lon(), point.lat(), given.lon(), given.lat());
    Violation::new(
        "geometry",
        "conflict",
        format!("“范围”（geometry）的点 ({px}, {py}) 与经纬度 ({gx}, {gy}) 不一致，请只给一个"),
        format!("the point of geometry ({px}, {py}) and lon/lat ({gx}, {gy}) differ: give one of them"),
    )
}
