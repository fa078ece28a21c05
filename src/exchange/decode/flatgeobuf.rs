//! FlatGeobuf → features.
//!
//! The framing is ours (a length that a file claims is held against its bytes), the tables are those of the crate, verified
//! before they are looked at. Invariant: the count in the header is a hint; features are read to the end of the bytes.

use super::built::{Vertices, areas, collection, geometry, points, polygons_of, position, unread};
use super::little_endian::{f64_at, u16_at, u32_at};
use super::sink::{CrsInFile, Head, Item, Kind, Sink};
use super::{COLUMNS_MAX, Known, Layered, wkt};
use crate::domain::Violation;
use crate::exchange::DecodeError;
use crate::exchange::assemble::{Cell, Outline};
use flatgeobuf::{
    ColumnType, Geometry, GeometryType, Header, size_prefixed_root_as_feature, size_prefixed_root_as_header,
};
use serde_json::{Value, json};

const FORMAT: &str = "FlatGeobuf";
/// Largest header, bytes.
const HEADER_MAX: usize = 10 << 20;
/// Bytes of a node of the index.
const NODE: u64 = 40;
/// Deepest nesting of collections.
const DEPTH_MAX: usize = 8;

/// An open file.
pub(super) struct File<'a> {
    header: Header<'a>,
    features: &'a [u8],
}

/// Opens a file.
pub(super) fn open(bytes: &[u8]) -> Result<File<'_>, DecodeError> {
    if bytes.get(3).is_none_or(|version| *version > 3) {
        return Err(damaged("版本 / version"));
    }
    let (header, rest) = framed(bytes.get(8..).unwrap_or_default(), HEADER_MAX)?;
    let header = size_prefixed_root_as_header(header).map_err(damaged)?;
    let index = index_size(header.features_count(), u64::from(header.index_node_size()));
    let features = index.and_then(|size| rest.get(usize::try_from(size).ok()?..));
    Ok(File { header, features: features.ok_or_else(|| damaged("索引越界 / an index beyond the end"))? })
}

/// Splits off a buffer with its length before it.
fn framed(bytes: &[u8], limit: usize) -> Result<(&[u8], &[u8]), DecodeError> {
    let len = u32_at(bytes, 0).ok_or_else(|| damaged("文件被截断 / cut off"))? as usize;
    if len > limit || len < 8 || len + 4 > bytes.len() {
        return Err(damaged(format!("长度有误 / a length of {len}")));
    }
    Ok(bytes.split_at(len + 4))
}

/// Returns the size of the packed R-tree, bytes; `None` for what can be none.
fn index_size(count: u64, node_size: u64) -> Option<u64> {
    if node_size == 0 || count == 0 {
        return Some(0);
    }
    if node_size < 2 {
        return None;
    }
    let (mut level, mut nodes) = (count, count);
    while level > 1 {
        level = level.div_ceil(node_size);
        nodes = nodes.checked_add(level)?;
    }
    // A tree of one item has a root beside it.
    nodes.checked_add(u64::from(count == 1))?.checked_mul(NODE)
}

impl Layered for File<'_> {
    fn layers(&self) -> Vec<(String, bool)> {
        let name = self.header.name().filter(|name| !name.is_empty());
        vec![(name.unwrap_or("features").to_owned(), false)]
    }

    fn read(&mut self, _: usize, _: Known<'_>, sink: &mut dyn Sink) -> Result<(), DecodeError> {
        let columns: Vec<(ColumnType, &str)> =
            self.header.columns().into_iter().flatten().take(COLUMNS_MAX + 1).map(|c| (c.type_(), c.name())).collect();
        let headers = columns.iter().map(|(_, name)| (*name).to_owned()).collect();
        sink.begin(Head { headers, kind: Kind::Features, encoding: None, crs: crs(&self.header) })?;
        let (mut rest, mut number, mut vertices) = (self.features, 0, Vertices::default());
        let kind = self.header.geometry_type();
        while !rest.is_empty() {
            let (buffer, after) = framed(rest, usize::MAX)?;
            rest = after;
            number += 1;
            let feature = size_prefixed_root_as_feature(buffer).map_err(damaged)?;
            let shape = match feature.geometry() {
                Some(found) => shape(&found, kind, &mut vertices, 0)?,
                None => Value::Null,
            };
            let values = properties(feature.properties().map_or(&[], |p| p.bytes()), &columns);
            give(sink, number, &shape, values, columns.len())?;
        }
        Ok(())
    }
}

fn crs(header: &Header<'_>) -> Option<CrsInFile> {
    let crs = header.crs()?;
    let of_code = (crs.code() > 0).then(|| wkt::of_code(crs.org().unwrap_or("EPSG"), i64::from(crs.code())));
    match (of_code, crs.wkt()) {
        (Some(CrsInFile::Known(known)), _) => Some(CrsInFile::Known(known)),
        (_, Some(text)) if !text.trim().is_empty() => Some(wkt::of_wkt(text)),
        (of_code, _) => of_code.or_else(|| crs.name().map(|name| CrsInFile::Unknown(name.to_owned()))),
    }
}

/// Reads properties; `None` where they do not keep to their columns.
fn properties(bytes: &[u8], columns: &[(ColumnType, &str)]) -> Option<Vec<Option<Value>>> {
    let mut out = vec![None; columns.len()];
    let mut at = 0;
    // A lone byte at the end is met in files of others.
    while at + 1 < bytes.len() {
        let column = usize::from(u16_at(bytes, at)?);
        at += 2;
        let (kind, _) = columns.get(column)?;
        let (value, size) = property(*kind, bytes.get(at..)?)?;
        at += size;
        out[column] = Some(value);
    }
    Some(out)
}

fn property(kind: ColumnType, bytes: &[u8]) -> Option<(Value, usize)> {
    let fixed = |value: Value, size: usize| Some((value, size));
    match kind {
        ColumnType::Byte => fixed(json!(*bytes.first()? as i8), 1),
        ColumnType::UByte => fixed(json!(*bytes.first()?), 1),
        ColumnType::Bool => fixed(json!(*bytes.first()? != 0), 1),
        ColumnType::Short => fixed(json!(u16_at(bytes, 0)? as i16), 2),
        ColumnType::UShort => fixed(json!(u16_at(bytes, 0)?), 2),
        ColumnType::Int => fixed(json!(u32_at(bytes, 0)? as i32), 4),
        ColumnType::UInt => fixed(json!(u32_at(bytes, 0)?), 4),
        ColumnType::Float => fixed(shortest(f32::from_bits(u32_at(bytes, 0)?)), 4),
        ColumnType::Long => fixed(json!(f64_at(bytes, 0)?.to_bits() as i64), 8),
        ColumnType::ULong => fixed(json!(f64_at(bytes, 0)?.to_bits()), 8),
        ColumnType::Double => fixed(json!(f64_at(bytes, 0)?), 8),
        ColumnType::String | ColumnType::Json | ColumnType::DateTime => {
            let len = u32_at(bytes, 0)? as usize;
            let text = std::str::from_utf8(bytes.get(4..)?.get(..len)?).ok()?;
            fixed(json!(text), 4 + len)
        }
        ColumnType::Binary => {
            let len = u32_at(bytes, 0)? as usize;
            bytes.get(4..)?.get(..len)?;
            fixed(Value::Null, 4 + len)
        }
        _ => None,
    }
}

/// A number of 32 bits as it was written: 0.1 and not 0.10000000149.
fn shortest(n: f32) -> Value {
    n.to_string().parse::<f64>().map_or(Value::Null, |n| json!(n))
}

fn give(
    sink: &mut dyn Sink,
    row: usize,
    shape: &Value,
    values: Option<Vec<Option<Value>>>,
    columns: usize,
) -> Result<(), DecodeError> {
    let mut violations = Vec::new();
    if values.is_none() {
        let (zh, en) = ("属性数据已损坏", "the properties are damaged");
        violations.push(Violation::new("properties", "bad_properties", zh, en));
    }
    let values = values.unwrap_or_else(|| vec![None; columns]);
    let cells = values.iter().map(|value| Cell::Json(value.as_ref())).collect();
    let outline = Some(Outline { geometry: Some(shape), id: None });
    sink.item(Item { row, cells, outline, violations, notes: Vec::new() })
}

fn shape(
    found: &Geometry<'_>,
    of_layer: GeometryType,
    vertices: &mut Vertices,
    depth: usize,
) -> Result<Value, DecodeError> {
    // Only layers of mixed types say the type of each; parts of a collection always do.
    let kind = if found.type_() == GeometryType::Unknown { of_layer } else { found.type_() };
    if depth > DEPTH_MAX {
        return Ok(unread("GeometryCollection"));
    }
    let numbers = Numbers { found, len: found.xy().map_or(0, |xy| xy.len() / 2) };
    match kind {
        GeometryType::Point => Ok(numbers.at(0).map_or(Value::Null, |at| geometry("Point", at))),
        GeometryType::MultiPoint => Ok(points((0..numbers.len.min(2)).filter_map(|i| numbers.at(i)).collect())),
        GeometryType::Polygon => Ok(geometry("Polygon", numbers.rings(vertices)?)),
        GeometryType::MultiPolygon => {
            let mut polygons = Vec::new();
            for part in found.parts().into_iter().flatten() {
                vertices.add(1)?;
                // Whatever a part calls itself: some writers give it the type of the whole.
                let numbers = Numbers { found: &part, len: part.xy().map_or(0, |xy| xy.len() / 2) };
                let polygon = geometry("Polygon", numbers.rings(vertices)?);
                polygons.extend(polygons_of(polygon).unwrap_or_default());
            }
            Ok(areas(polygons))
        }
        GeometryType::GeometryCollection => {
            let mut members = Vec::new();
            for part in found.parts().into_iter().flatten() {
                vertices.add(1)?;
                members.push(shape(&part, GeometryType::Unknown, vertices, depth + 1)?);
            }
            Ok(collection(members))
        }
        other => Ok(unread(other.variant_name().unwrap_or("?"))),
    }
}

struct Numbers<'a> {
    found: &'a Geometry<'a>,
    len: usize,
}

impl Numbers<'_> {
    fn at(&self, i: usize) -> Option<Value> {
        let xy = self.found.xy().filter(|_| i < self.len)?;
        let z = self.found.z().filter(|z| i < z.len()).map(|z| z.get(i));
        Some(position(xy.get(2 * i), xy.get(2 * i + 1), z))
    }

    fn rings(&self, vertices: &mut Vertices) -> Result<Value, DecodeError> {
        vertices.add(self.len)?;
        let ends: Vec<usize> = match self.found.ends() {
            Some(ends) if !ends.is_empty() => ends.iter().map(|end| end as usize).collect(),
            _ => vec![self.len],
        };
        vertices.add(ends.len())?;
        if ends.last() != Some(&self.len) || !ends.is_sorted() {
            return Ok(Value::Null);
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let ring = |(start, end): (usize, usize)| (start..end).filter_map(|i| self.at(i)).collect::<Value>();
        Ok(starts.zip(ends.iter().copied()).map(ring).collect())
    }
}

fn damaged(why: impl ToString) -> DecodeError {
    DecodeError::damaged(FORMAT, why)
}
