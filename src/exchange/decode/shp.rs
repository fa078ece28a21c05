//! Records of a .shp → GeoJSON geometries. ESRI Shapefile Technical Description (1998).
//!
//! Our own, because counts in a record are claims: here every one is held against the bytes that are there. Invariant: a
//! record yields one geometry, none (null shape), or what is wrong with it.

use super::built::{Vertices, areas, points, position, unread};
use super::little_endian::{f64_at, u32_at as le_u32};
use crate::exchange::DecodeError;
use serde_json::Value;

const HEADER: usize = 100;

/// A record: its geometry, or why there is none.
pub(super) enum Record {
    /// A geometry.
    Shape(Value),
    /// The null shape.
    Null,
}

/// Walks over the records of a .shp.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    vertices: Vertices,
}

impl<'a> Records<'a> {
    /// Opens a .shp.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if !bytes.starts_with(&[0, 0, 0x27, 0x0a]) || bytes.len() < HEADER {
            return Err(damaged("文件头 / header"));
        }
        // The header tells the length in words of 16 bits; less than that is a file cut off.
        let claimed = be_u32(bytes, 24).unwrap_or(0) as usize * 2;
        if claimed > bytes.len() {
            return Err(damaged(&format!("{} / {claimed} bytes", bytes.len())));
        }
        Ok(Self { bytes: &bytes[..claimed.max(HEADER)], at: HEADER, vertices: Vertices::default() })
    }

    /// Returns the next record.
    pub(super) fn next(&mut self) -> Result<Option<Record>, DecodeError> {
        if self.at == self.bytes.len() {
            return Ok(None);
        }
        let len = be_u32(self.bytes, self.at + 4).ok_or_else(|| damaged("记录头 / record header"))? as usize * 2;
        let start = self.at + 8;
        let content = start.checked_add(len).and_then(|end| self.bytes.get(start..end));
        let content = content.ok_or_else(|| damaged(&format!("记录越界 / a record beyond the end, byte {start}")))?;
        self.at = start + len;
        self.shape(content).map(Some)
    }

    fn shape(&mut self, content: &[u8]) -> Result<Record, DecodeError> {
        let kind = le_u32(content, 0).ok_or_else(|| damaged("图形类型 / shape type"))?;
        Ok(Record::Shape(match kind {
            0 => return Ok(Record::Null),
            1 | 11 | 21 => point(content, (kind == 11).then_some(20)).ok_or_else(|| damaged("Point"))?,
            8 | 18 | 28 => self.many_points(content, kind == 18)?,
            3 | 13 | 23 => unread("LineString"),
            5 | 15 | 25 => self.polygon(content, kind == 15)?,
            31 => unread("MultiPatch"),
            other => return Err(damaged(&format!("图形类型 / shape type {other}"))),
        }))
    }

    fn many_points(&mut self, content: &[u8], has_z: bool) -> Result<Value, DecodeError> {
        let count = le_u32(content, 36).ok_or_else(|| damaged("MultiPoint"))? as usize;
        if count != 1 {
            return Ok(unread("MultiPoint"));
        }
        let z = if has_z { f64_at(content, 40 + 16 + 16) } else { None };
        let (x, y) = f64_at(content, 40).zip(f64_at(content, 48)).ok_or_else(|| damaged("MultiPoint"))?;
        Ok(points(vec![position(x, y, z)]))
    }

    fn polygon(&mut self, content: &[u8], has_z: bool) -> Result<Value, DecodeError> {
        let counts = le_u32(content, 36).zip(le_u32(content, 40)).ok_or_else(|| damaged("Polygon"))?;
        let (parts, count) = (counts.0 as usize, counts.1 as usize);
        let fits = parts.checked_mul(4).zip(count.checked_mul(16)).is_some_and(|(a, b)| 44 + a + b <= content.len());
        if !fits || parts > count {
            return Err(damaged(&format!("Polygon: {parts} parts, {count} points")));
        }
        self.vertices.add(count)?;
        let xy = 44 + parts * 4;
        let z = xy + count * 16 + 16;
        let mut starts: Vec<usize> =
            (0..parts).filter_map(|i| le_u32(content, 44 + i * 4)).map(|start| start as usize).collect();
        if starts.first().is_some_and(|first| *first != 0) || !starts.is_sorted() {
            return Err(damaged("Polygon parts"));
        }
        starts.push(count);
        let rings = starts.windows(2).map(|ends| {
            let at = |i: usize| Some([f64_at(content, xy + i * 16)?, f64_at(content, xy + i * 16 + 8)?]);
            let ring: Option<Vec<Vertex>> = (ends[0]..ends[1].min(count))
                .map(|i| Some(Vertex { xy: at(i)?, z: if has_z { f64_at(content, z + i * 8) } else { None } }))
                .collect();
            ring.ok_or_else(|| damaged("Polygon"))
        });
        Ok(nested(rings.collect::<Result<_, _>>()?))
    }
}

#[derive(Clone, Copy)]
struct Vertex {
    xy: [f64; 2],
    z: Option<f64>,
}

/// Sorts rings into polygons: clockwise ones are exteriors, each other one is a hole of the exterior that holds it.
fn nested(rings: Vec<Vec<Vertex>>) -> Value {
    let (exteriors, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| doubled_area(ring) <= 0.0);
    // A single ring wound the wrong way is met often, and is an area.
    let (exteriors, holes) = if exteriors.is_empty() { (holes, exteriors) } else { (exteriors, holes) };
    let mut polygons: Vec<Vec<Value>> = exteriors.iter().map(|ring| vec![written(ring)]).collect();
    let boxes: Vec<_> = exteriors.iter().map(|ring| bounds(ring)).collect();
    for hole in &holes {
        let Some(first) = hole.first() else { continue };
        let around = |i: &usize| within(boxes[*i], first.xy) && holds(&exteriors[*i], first.xy);
        // A hole in nothing is an area of its own rather than lost.
        match (0..exteriors.len()).find(around) {
            Some(i) => polygons[i].push(written(hole)),
            None => polygons.push(vec![written(hole)]),
        }
    }
    areas(polygons.into_iter().map(Value::Array).collect())
}

fn written(ring: &[Vertex]) -> Value {
    ring.iter().map(|v| position(v.xy[0], v.xy[1], v.z)).collect()
}

/// Twice the signed area (shoelace); negative when clockwise.
fn doubled_area(ring: &[Vertex]) -> f64 {
    ring.windows(2).map(|e| e[0].xy[0] * e[1].xy[1] - e[1].xy[0] * e[0].xy[1]).sum()
}

fn bounds(ring: &[Vertex]) -> [f64; 4] {
    ring.iter().fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |b, v| {
        [b[0].min(v.xy[0]), b[1].min(v.xy[1]), b[2].max(v.xy[0]), b[3].max(v.xy[1])]
    })
}

fn within(b: [f64; 4], [x, y]: [f64; 2]) -> bool {
    b[0] <= x && x <= b[2] && b[1] <= y && y <= b[3]
}

/// Even-odd rule.
fn holds(ring: &[Vertex], [x, y]: [f64; 2]) -> bool {
    ring.windows(2).fold(false, |inside, e| {
        let ([x1, y1], [x2, y2]) = (e[0].xy, e[1].xy);
        inside != ((y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    })
}

fn point(content: &[u8], z: Option<usize>) -> Option<Value> {
    let z = z.and_then(|at| f64_at(content, at));
    Some(points(vec![position(f64_at(content, 4)?, f64_at(content, 12)?, z)]))
}

fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn damaged(what: &str) -> DecodeError {
    DecodeError::damaged(".shp", what)
}
