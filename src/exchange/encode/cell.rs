//! A value as it stands in one cell or attribute of a format that has no lists and no objects.
//!
//! Invariant: what the importer reads from the text is the value again; an empty list is `[]` and unknown is nothing, so
//! that they stay apart.

use super::crs_text;
use crate::domain::Crs;
use crate::exchange::document::{FieldSpec, Form};
use serde_json::Value;

/// Returns the text of a value; `None` when nobody knows it.
pub(super) fn text(value: &Value, form: Form) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if form == Form::Words && !items.is_empty() => {
            Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(";"))
        }
        other => Some(other.to_string()),
    }
}

/// Returns the header of a column: the name on the wire, and for coordinates that are not WGS84 the system's name behind
/// it, which the importer holds against the one that is declared. Metres are no longitudes: those of a projection are
/// named by their direction, those of a fitted grid by their order in it.
pub(super) fn header(spec: &FieldSpec, crs: &Crs) -> String {
    let name = match (spec.name, crs) {
        ("lon", Crs::GaussKruger(_) | Crs::WebMercator) => "easting",
        ("lat", Crs::GaussKruger(_) | Crs::WebMercator) => "northing",
        ("lon", Crs::Local(_)) => "x",
        ("lat", Crs::Local(_)) => "y",
        (name, _) => name,
    };
    match spec.name {
        "lon" | "lat" | "geometry" if !crs.is_native() => format!("{name}({})", crs.word()),
        _ => name.to_owned(),
    }
}

/// Returns the sentence that says in which system the coordinates are.
pub(super) fn datum_note(crs: &Crs) -> (String, String) {
    let title = crs_text::title(crs);
    let word = crs.word();
    (format!("坐标系：{title}（导入时声明 {word}）"), format!("coordinates: {title} (declare {word} to import)"))
}
