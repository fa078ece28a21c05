//! Geometries of binary and XML formats, built as GeoJSON, which is what all of them feed.
//!
//! Invariants: one that can not become a point or an area keeps its type's name and loses its numbers, so that its row is
//! refused by that name; vertices are counted before they are built.

use crate::exchange::DecodeError;
use serde_json::{Value, json};

/// Most vertices of a layer. A vertex takes a hundred bytes while it is read.
pub(super) const VERTICES_MAX: usize = 4_000_000;

/// Counts the vertices of a layer.
#[derive(Debug, Default)]
pub(super) struct Vertices(usize);

impl Vertices {
    /// Counts some more, and refuses too many.
    pub(super) fn add(&mut self, more: usize) -> Result<(), DecodeError> {
        self.0 = self.0.saturating_add(more);
        if self.0 > VERTICES_MAX {
            let (zh, en) = ("图层的顶点数", "the number of vertices of the layer is");
            return Err(DecodeError::AboveLimit { zh, en, limit: VERTICES_MAX as u64 });
        }
        Ok(())
    }
}

/// Returns a position; a number that is none becomes null, and its row is refused.
pub(super) fn position(x: f64, y: f64, z: Option<f64>) -> Value {
    match z {
        Some(z) => json!([x, y, z]),
        None => json!([x, y]),
    }
}

/// Returns a geometry.
pub(super) fn geometry(kind: &str, coordinates: Value) -> Value {
    json!({"type": kind, "coordinates": coordinates})
}

/// Returns a geometry of a type that is not read; its row is refused by the type's name.
pub(super) fn unread(kind: &str) -> Value {
    json!({"type": kind})
}

/// Returns one point, or as many as there are. One that was promoted to a collection is a point all the same.
pub(super) fn points(mut points: Vec<Value>) -> Value {
    match points.pop() {
        Some(one) if points.is_empty() => geometry("Point", one),
        _ => unread("MultiPoint"),
    }
}

/// Returns an area of polygons, each a list of rings.
pub(super) fn areas(mut polygons: Vec<Value>) -> Value {
    match polygons.pop() {
        Some(one) if polygons.is_empty() => geometry("Polygon", one),
        Some(last) => {
            polygons.push(last);
            geometry("MultiPolygon", Value::Array(polygons))
        }
        None => geometry("MultiPolygon", json!([])),
    }
}

/// Returns the numbers of a part of an area, for putting parts together.
pub(super) fn polygons_of(area: Value) -> Option<Vec<Value>> {
    let Value::Object(mut object) = area else { return None };
    let coordinates = object.remove("coordinates")?;
    match (object.get("type").and_then(Value::as_str), coordinates) {
        (Some("Polygon"), rings) => Some(vec![rings]),
        (Some("MultiPolygon"), Value::Array(polygons)) => Some(polygons),
        _ => None,
    }
}

/// Puts members of a collection together: areas to one area, one point to itself, an area with its label point to the
/// area. Anything else is refused by its name.
pub(super) fn collection(members: Vec<Value>) -> Value {
    let (mut polygons, mut points, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for member in members {
        match member["type"].as_str() {
            Some("Point") => points.push(member),
            Some("Polygon" | "MultiPolygon") => polygons.extend(polygons_of(member).unwrap_or_default()),
            _ => others.push(member),
        }
    }
    match (polygons.is_empty(), points.len(), others.len()) {
        (false, 0 | 1, 0) => areas(polygons),
        (true, 1, 0) => points.swap_remove(0),
        (true, 0, 1) => others.swap_remove(0),
        _ => unread("GeometryCollection"),
    }
}
