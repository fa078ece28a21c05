//! Well-known binary, bare or in a GeoPackage blob → GeoJSON geometries. OGC 06-103r4 8.2, OGC 12-128r19 2.1.3.
//!
//! Our own, because a count in a blob is a claim, and readers that reserve room for it can be made to reserve all there is.
//! Invariant: nothing is reserved before the bytes for it are seen; nesting is limited.

use super::built::{Vertices, areas, collection, geometry, points, polygons_of, position, unread};
use crate::exchange::DecodeError;
use serde_json::{Value, json};

/// Deepest nesting of collections.
const DEPTH_MAX: usize = 8;

/// Why a blob is no geometry.
#[derive(Debug)]
pub(super) enum Fault {
    /// It does not keep to the format: its row is refused.
    Damaged,
    /// The layer as a whole is above a limit.
    Limit(DecodeError),
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        Self::Limit(error)
    }
}

/// Returns the geometry of a GeoPackage blob; null when it is empty.
pub(super) fn of_geopackage(blob: &[u8], vertices: &mut Vertices) -> Result<Value, Fault> {
    let flags = *blob.get(3).ok_or(Fault::Damaged)?;
    if !blob.starts_with(b"GP") || flags & 0b10_0000 != 0 {
        return Err(Fault::Damaged);
    }
    if flags & 0b1_0000 != 0 {
        return Ok(Value::Null);
    }
    let envelope = match (flags >> 1) & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err(Fault::Damaged),
    };
    let body = blob.get(8 + envelope..).ok_or(Fault::Damaged)?;
    Walk { bytes: body, at: 0, is_little: true, vertices }.geometry(0)
}

struct Walk<'a, 'v> {
    bytes: &'a [u8],
    at: usize,
    is_little: bool,
    vertices: &'v mut Vertices,
}

/// Numbers of a position.
#[derive(Clone, Copy)]
struct Numbers {
    has_z: bool,
    has_m: bool,
}

impl Walk<'_, '_> {
    fn geometry(&mut self, depth: usize) -> Result<Value, Fault> {
        if depth > DEPTH_MAX {
            return Err(Fault::Damaged);
        }
        self.is_little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            _ => return Err(Fault::Damaged),
        };
        let code = self.u32()?;
        // The high bits are those of the older extended form, which may hold a reference number too.
        let iso = (code & 0x0fff_ffff) / 1000;
        let numbers = Numbers {
            has_z: code & 0x8000_0000 != 0 || matches!(iso, 1 | 3),
            has_m: code & 0x4000_0000 != 0 || matches!(iso, 2 | 3),
        };
        if code & 0x2000_0000 != 0 {
            self.u32()?;
        }
        match (code & 0x0fff_ffff) % 1000 {
            1 => {
                let [x, y] = self.first_two()?;
                let empty = x.is_nan() && y.is_nan();
                let at = self.rest_of(x, y, numbers)?;
                Ok(if empty { Value::Null } else { geometry("Point", at) })
            }
            2 => self.skip_lines(numbers, "LineString"),
            3 => Ok(geometry("Polygon", self.rings(numbers)?)),
            4 => {
                let members = self.members(depth)?;
                Ok(points(members.into_iter().filter_map(|mut m| m.get_mut("coordinates").map(Value::take)).collect()))
            }
            5 => self.members(depth).map(|_| unread("MultiLineString")),
            6 => {
                let members = self.members(depth)?;
                Ok(areas(members.into_iter().filter_map(polygons_of).flatten().collect()))
            }
            7 => Ok(collection(self.members(depth)?)),
            8 => self.skip_lines(numbers, "CircularString"),
            // Members of a curve are geometries of their own; they need not be read for the row to be refused.
            9 => Ok(unread("CompoundCurve")),
            10 => Ok(unread("CurvePolygon")),
            11 => Ok(unread("MultiCurve")),
            12 => Ok(unread("MultiSurface")),
            13..=17 => Ok(unread("Surface")),
            _ => Err(Fault::Damaged),
        }
    }

    fn members(&mut self, depth: usize) -> Result<Vec<Value>, Fault> {
        let count = self.u32()?;
        let mut out = Vec::new();
        for _ in 0..count {
            let member = self.geometry(depth + 1)?;
            let kind = member["type"].as_str().unwrap_or_default();
            // What is not read has an end that is not known: the rest can not be read either, nor need it.
            if matches!(kind, "CompoundCurve" | "CurvePolygon" | "MultiCurve" | "MultiSurface" | "Surface") {
                return Ok(vec![member]);
            }
            out.push(member);
            self.vertices.add(1)?;
        }
        Ok(out)
    }

    fn skip_lines(&mut self, numbers: Numbers, kind: &str) -> Result<Value, Fault> {
        let count = self.u32()? as usize;
        let size = 8 * (2 + usize::from(numbers.has_z) + usize::from(numbers.has_m));
        let end = count.checked_mul(size).and_then(|size| self.at.checked_add(size)).ok_or(Fault::Damaged)?;
        if end > self.bytes.len() {
            return Err(Fault::Damaged);
        }
        self.at = end;
        Ok(unread(kind))
    }

    fn rings(&mut self, numbers: Numbers) -> Result<Value, Fault> {
        let mut rings = Vec::new();
        for _ in 0..self.u32()? {
            let mut ring = Vec::new();
            for _ in 0..self.u32()? {
                let [x, y] = self.first_two()?;
                ring.push(self.rest_of(x, y, numbers)?);
                self.vertices.add(1)?;
            }
            self.vertices.add(1)?;
            rings.push(Value::Array(ring));
        }
        Ok(json!(rings))
    }

    fn first_two(&mut self) -> Result<[f64; 2], Fault> {
        Ok([self.f64()?, self.f64()?])
    }

    fn rest_of(&mut self, x: f64, y: f64, numbers: Numbers) -> Result<Value, Fault> {
        let z = if numbers.has_z { Some(self.f64()?) } else { None };
        if numbers.has_m {
            self.f64()?;
        }
        Ok(position(x, y, z))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let taken = self.bytes.get(self.at..self.at + N).and_then(|b| b.try_into().ok()).ok_or(Fault::Damaged)?;
        self.at += N;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        let bytes = self.take()?;
        Ok(if self.is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn f64(&mut self) -> Result<f64, Fault> {
        let bytes = self.take()?;
        Ok(if self.is_little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }
}
