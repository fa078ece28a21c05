//! GeoJSON (RFC 7946), written feature by feature.
//!
//! GeoJSON is longitude and latitude on WGS84. A file in another datum says so in the foreign member `datum` (RFC 7946
//! section 6.1), which the importer holds against the declared one; losses stand in `losses`.

use super::rows::{Outline, Row, Rows};
use super::{EncodeError, Loss, cell};
use crate::domain::{Audience, Resource};
use crate::exchange::document::write as document;
use crate::exchange::geometry::{Shape, write as write_geometry, write_area};
use serde_json::{Map, Value, json};

/// Writes a resource as a GeoJSON Feature in WGS84: the footprint, or else the point; all other names as properties.
pub fn to_feature(resource: &Resource, audience: Audience) -> Value {
    let mut properties = document(resource, audience);
    let geometry = properties.remove("geometry").unwrap_or_else(|| {
        // The point says where; saying it twice invites two answers.
        properties.remove("lon");
        properties.remove("lat");
        write_geometry(&Shape::Point(resource.place.position))
    });
    json!({"type": "Feature", "id": resource.id.as_str(), "geometry": geometry, "properties": properties})
}

pub(super) fn write(rows: &Rows<'_>, losses: &[Loss]) -> Result<Vec<u8>, EncodeError> {
    let failed = EncodeError::of(rows.writing.format);
    let mut out = Vec::new();
    out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\n");
    for (name, value) in members(rows, losses) {
        let line = format!("{}:{value},\n", Value::from(name));
        out.extend_from_slice(line.as_bytes());
    }
    out.extend_from_slice(b"\"features\":[\n");
    for (i, row) in rows.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b",\n");
        }
        serde_json::to_writer(&mut out, &feature(rows, row)).map_err(|error| failed(&error))?;
    }
    out.extend_from_slice(b"\n]}\n");
    Ok(out)
}

/// Returns what the file says about itself.
fn members(rows: &Rows<'_>, losses: &[Loss]) -> Vec<(&'static str, Value)> {
    let writing = rows.writing;
    let mut out = vec![("name", Value::from(writing.target.layer()))];
    if !writing.crs.is_native() {
        let (zh, en) = cell::datum_note(&writing.crs);
        out.push(("datum", writing.crs.word().into()));
        out.push(("note", format!("{zh}；不是 RFC 7946 规定的 WGS84 / {en}; not WGS84 as RFC 7946 has it").into()));
    }
    out.push(("revision", writing.made.revision.0.into()));
    out.push(("exported_at", writing.made.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true).into()));
    if !losses.is_empty() {
        out.push(("losses", losses.iter().map(Loss::both).collect::<Vec<_>>().into()));
    }
    out
}

fn feature(rows: &Rows<'_>, row: Row) -> Value {
    let at_point = matches!(row.outline, Outline::Point(_));
    let said = rows.columns.iter().zip(row.values);
    let said = said.filter(|(spec, _)| !(at_point && matches!(spec.name, "lon" | "lat")));
    let properties: Map<String, Value> = said.map(|(spec, value)| (spec.name.to_owned(), value)).collect();
    let geometry = match &row.outline {
        Outline::Nowhere => Value::Null,
        Outline::Point(at) => json!({"type": "Point", "coordinates": [at.x, at.y]}),
        Outline::Area(area) => write_area(area),
    };
    json!({"type": "Feature", "id": row.id, "geometry": geometry, "properties": properties})
}
