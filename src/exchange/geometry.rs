//! GeoJSON geometries ↔ points and footprints (RFC 7946 section 3.1).
//!
//! Invariants: what comes in is longitude first and two-dimensional (a third number is dropped and told); what goes out
//! follows the right-hand rule. Whether rings cross is geometry, and checked in `spatial::shape`.

use crate::domain::{ClosureShape, Crs, Footprint, LonLat, Violation};
use crate::spatial::crs::to_wgs84;
use geo_types::{Coord, LineString, Polygon};
use geojson::GeometryValue;
use serde_json::{Value, json};

/// A geometry of a kind that a resource can have.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A point.
    Point(LonLat),
    /// One or more polygons.
    Area(Footprint),
}

/// A geometry as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What it is.
    pub shape: Shape,
    /// A position had more than two numbers; the rest was dropped.
    pub dropped_height: bool,
}

/// Reads a GeoJSON geometry whose numbers are in `crs` and returns it in WGS84.
pub fn parse(value: &Value, crs: &Crs) -> Result<Parsed, Violation> {
    let Value::Object(object) = value else {
        return Err(fault(
            "wrong_type",
            "“范围”（geometry）应为 GeoJSON 几何对象",
            "geometry must be a GeoJSON geometry object",
        ));
    };
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    let coordinates = object.get("coordinates").unwrap_or(&Value::Null);
    let mut walk = Walk { crs, dropped_height: false };
    let shape = match kind {
        "Point" => Shape::Point(walk.position(coordinates)?),
        "Polygon" => Shape::Area(Footprint::new(vec![walk.polygon(coordinates)?])),
        "MultiPolygon" => {
            let parts = list(coordinates, "MultiPolygon")?;
            Shape::Area(Footprint::new(parts.iter().map(|part| walk.polygon(part)).collect::<Result<_, _>>()?))
        }
        other => return Err(refused_type(other)),
    };
    Ok(Parsed { shape, dropped_height: walk.dropped_height })
}

/// Reads a GeoJSON geometry as the shape of a closure: a point, lines or an area.
pub fn parse_closure(value: &Value, crs: &Crs) -> Result<ClosureShape, Violation> {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    let coordinates = value.get("coordinates").unwrap_or(&Value::Null);
    let mut walk = Walk { crs, dropped_height: false };
    match kind {
        "LineString" => Ok(ClosureShape::Lines(vec![walk.line(coordinates)?])),
        "MultiLineString" => {
            let lines = list(coordinates, "MultiLineString")?;
            Ok(ClosureShape::Lines(lines.iter().map(|line| walk.line(line)).collect::<Result<_, _>>()?))
        }
        "Point" | "Polygon" | "MultiPolygon" => match parse(value, crs)?.shape {
            Shape::Point(at) => Ok(ClosureShape::Point(at)),
            Shape::Area(area) => Ok(ClosureShape::Area(area)),
        },
        _ if !value.is_object() => parse(value, crs).map(|_| ClosureShape::Lines(Vec::new())),
        other => {
            let other: String = other.chars().take(30).collect();
            Err(fault(
                "geometry_type",
                format!("不支持几何类型“{other}”，可用 Point、LineString、MultiLineString、Polygon、MultiPolygon"),
                format!(
                    "geometry type `{other}` is not one of: Point, LineString, MultiLineString, Polygon, MultiPolygon"
                ),
            ))
        }
    }
}

/// Writes the shape of a closure as a GeoJSON geometry.
pub fn write_closure(shape: &ClosureShape) -> Value {
    let pairs = |line: &Vec<LonLat>| line.iter().map(|p| [p.lon(), p.lat()]).collect::<Vec<_>>();
    match shape {
        ClosureShape::Point(at) => write_point(*at),
        ClosureShape::Area(area) => write_area(area),
        ClosureShape::Lines(lines) => match lines.as_slice() {
            [one] => json!({ "type": "LineString", "coordinates": pairs(one) }),
            _ => {
                let lines: Vec<_> = lines.iter().map(pairs).collect();
                json!({ "type": "MultiLineString", "coordinates": lines })
            }
        },
    }
}

/// Writes a shape as a GeoJSON geometry; a footprint of one part is a Polygon.
pub fn write(shape: &Shape) -> Value {
    match shape {
        Shape::Point(point) => write_point(*point),
        Shape::Area(area) => write_area(area),
    }
}

/// Writes a position as a GeoJSON Point.
pub fn write_point(point: LonLat) -> Value {
    written(GeometryValue::new_point([point.lon(), point.lat()]))
}

/// Writes a footprint as a GeoJSON Polygon or MultiPolygon.
pub fn write_area(area: &Footprint) -> Value {
    let area = right_handed(area);
    match area.0.as_slice() {
        [one] => written(GeometryValue::from(one)),
        _ => written(GeometryValue::from(&area)),
    }
}

fn written(value: GeometryValue) -> Value {
    json!(geojson::Geometry::new(value))
}

/// Returns the footprint with exterior rings counter-clockwise and holes clockwise (RFC 7946 section 3.1.6).
pub fn right_handed(area: &Footprint) -> Footprint {
    use geo::orient::{Direction, Orient};
    area.orient(Direction::Default)
}

struct Walk<'a> {
    crs: &'a Crs,
    dropped_height: bool,
}

impl Walk<'_> {
    fn position(&mut self, value: &Value) -> Result<LonLat, Violation> {
        let numbers = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let (Some(lon), Some(lat)) = (numbers.first().and_then(Value::as_f64), numbers.get(1).and_then(Value::as_f64))
        else {
            return Err(fault(
                "bad_position",
                "坐标应为 [经度, 纬度] 两个数字",
                "a position is [longitude, latitude], two numbers",
            ));
        };
        self.dropped_height |= numbers.len() > 2;
        to_wgs84(self.crs, lon, lat).map_err(|v| Violation { field: "geometry".to_owned(), ..v })
    }

    fn line(&mut self, value: &Value) -> Result<Vec<LonLat>, Violation> {
        list(value, "LineString")?.iter().map(|position| self.position(position)).collect()
    }

    fn polygon(&mut self, value: &Value) -> Result<Polygon<f64>, Violation> {
        let mut rings = list(value, "Polygon")?.iter().map(|ring| self.ring(ring));
        let exterior = rings.next().unwrap_or_else(|| Err(empty()))?;
        let interiors = rings.collect::<Result<_, _>>()?;
        Ok(Polygon::new(exterior, interiors))
    }

    fn ring(&mut self, value: &Value) -> Result<LineString<f64>, Violation> {
        let positions = list(value, "ring")?;
        let ring: Vec<Coord<f64>> =
            positions.iter().map(|p| self.position(p).map(Coord::from)).collect::<Result<_, _>>()?;
        if ring.len() < 4 {
            return Err(empty());
        }
        if ring.first() != ring.last() {
            return Err(fault(
                "unclosed_ring",
                "面的环没有闭合：最后一个坐标应与第一个相同",
                "a ring is not closed: its last position must equal the first",
            ));
        }
        Ok(LineString::new(ring))
    }
}

fn list<'a>(value: &'a Value, what: &str) -> Result<&'a [Value], Violation> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| {
        fault(
            "bad_coordinates",
            format!("{what} 的 coordinates 应为数组"),
            format!("the coordinates of a {what} must be an array"),
        )
    })
}

fn empty() -> Violation {
    fault(
        "empty_ring",
        "面至少需要 4 个坐标（首尾相同）",
        "a ring has at least 4 positions, the last equal to the first",
    )
}

fn refused_type(kind: &str) -> Violation {
    let kind: String = kind.chars().take(30).collect();
    fault(
        "geometry_type",
        format!("不支持几何类型“{kind}”，可用 Point、Polygon、MultiPolygon"),
        format!("geometry type `{kind}` is not one of: Point, Polygon, MultiPolygon"),
    )
}

fn fault(reason: &str, zh: impl Into<String>, en: impl Into<String>) -> Violation {
    Violation::new("geometry", reason, zh, en)
}
