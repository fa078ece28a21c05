//! Resources → GeoJSON and CSV that can be imported again and change nothing.
//!
//! Invariant: for the public, resources that it may not know of are left out here, whatever the caller passes.

use super::document::{Form, resource_fields, write};
use super::geometry::{Shape, write as write_geometry};
use crate::domain::{Audience, Kind, Resource};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Names that only staff may see.
const STAFF_ONLY: &[&str] = &["contacts", "remarks", "verifier"];

/// Writes a resource as a GeoJSON Feature: the footprint, or else the point; all other names as properties.
pub fn to_feature(resource: &Resource, audience: Audience) -> Value {
    let mut properties = write(resource, audience);
    let geometry = properties.remove("geometry").unwrap_or_else(|| {
        // The point says where; saying it twice invites two answers.
        properties.remove("lon");
        properties.remove("lat");
        write_geometry(&Shape::Point(resource.place.position))
    });
    json!({"type": "Feature", "id": resource.id.as_str(), "geometry": geometry, "properties": properties})
}

/// Writes resources as a GeoJSON FeatureCollection.
pub fn feature_collection_geojson<'a>(resources: impl IntoIterator<Item = &'a Resource>, audience: Audience) -> Value {
    let features: Vec<Value> = shown_to(resources, audience).map(|r| to_feature(r, audience)).collect();
    json!({"type": "FeatureCollection", "features": features})
}

/// Writes resources as CSV: UTF-8 with a byte-order mark (spreadsheets need it), one column per name that any of their
/// kinds has, lists with semicolons, nested values and footprints as JSON, unknown as blank.
pub fn to_csv<'a>(resources: impl IntoIterator<Item = &'a Resource>, audience: Audience) -> Result<String, csv::Error> {
    let resources: Vec<&Resource> = shown_to(resources, audience).collect();
    let kinds: BTreeSet<Kind> = resources.iter().map(|r| r.kind()).collect();
    let columns: Vec<(&str, Form)> = columns(&kinds, audience);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![0xef, 0xbb, 0xbf]);
    writer.write_record(columns.iter().map(|(name, _)| name))?;
    for resource in resources {
        let document = write(resource, audience);
        writer.write_record(columns.iter().map(|(name, form)| cell(document.get(*name), *form)))?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn shown_to<'a>(
    resources: impl IntoIterator<Item = &'a Resource>,
    audience: Audience,
) -> impl Iterator<Item = &'a Resource> {
    resources.into_iter().filter(move |r| audience == Audience::Staff || r.is_public())
}

fn columns(kinds: &BTreeSet<Kind>, audience: Audience) -> Vec<(&'static str, Form)> {
    resource_fields()
        .filter(|spec| kinds.is_empty() || kinds.iter().any(|kind| spec.is_of(*kind)))
        // The numbers as declared are kept by the store; a table in WGS84 has no use for them.
        .filter(|spec| spec.name != "declared")
        .filter(|spec| audience == Audience::Staff || !STAFF_ONLY.contains(&spec.name))
        .map(|spec| (spec.name, spec.form))
        .collect()
}

fn cell(value: Option<&Value>, form: Form) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => escaped(text),
        Some(Value::Array(items)) if form == Form::Words && !items.is_empty() => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(";")
        }
        Some(other) => other.to_string(),
    }
}

/// Puts an apostrophe before a text that a spreadsheet would run as a formula; the importer takes it off again.
fn escaped(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\'']) { format!("'{text}") } else { text.to_owned() }
}
