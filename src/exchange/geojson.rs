//! GeoJSON (RFC 7946) and newline-delimited GeoJSON (RFC 8142) → drafts.
//!
//! Invariant: every feature becomes exactly one draft; a row is the number of the feature, or its line.

use super::assemble::{Assembler, Cell, Outline};
use super::columns::{self, Columns, Slot};
use super::csv::{COLUMNS_MAX, ROWS_MAX};
use super::{DecodeError, Decoded, Draft, Target};
use crate::domain::{Crs, Violation};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Names of the older `crs` member that mean longitude and latitude on WGS84 or CGCS2000.
const LON_LAT: &[&str] = &["CRS84", "4326", "4490", "WGS84", "WGS 84", "WGS_1984", "GCS_WGS_1984"];

/// Decodes GeoJSON bytes.
pub(super) fn decode(bytes: &[u8], target: Target, crs: &Crs) -> Result<Decoded, DecodeError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| DecodeError::Undecodable { encoding: "UTF-8".to_owned(), offset: error.valid_up_to() })?;
    if text.trim().is_empty() {
        return Err(DecodeError::Empty);
    }
    let features = match lines_of_features(text)? {
        Some(features) => features,
        None => features_of(json(text, 0)?)?,
    };
    if features.len() > ROWS_MAX {
        return Err(DecodeError::TooManyRows { limit: ROWS_MAX });
    }
    let (headers, columns) = recognise(&features, target, crs)?;
    let mut assembler = Assembler::new(columns, target, crs.clone());
    let drafts = features.iter().map(|(row, feature)| draft(&mut assembler, &headers, *row, feature)).collect();
    Ok(assembler.finish(drafts, None))
}

/// Reads one feature per line; `None` when the text is one JSON document.
fn lines_of_features(text: &str) -> Result<Option<Vec<(usize, Value)>>, DecodeError> {
    let lines = || {
        let numbered = text.lines().enumerate().map(|(i, line)| (i, line.trim_start_matches('\u{1e}').trim()));
        numbered.filter(|(_, line)| !line.is_empty())
    };
    let (Some((_, first)), Some(_)) = (lines().next(), lines().nth(1)) else { return Ok(None) };
    if !serde_json::from_str::<Value>(first).is_ok_and(|value| value["type"] == "Feature") {
        return Ok(None);
    }
    lines().map(|(i, line)| Ok((i + 1, json(line, i)?))).collect::<Result<_, _>>().map(Some)
}

fn json(text: &str, lines_before: usize) -> Result<Value, DecodeError> {
    serde_json::from_str(text.trim_start_matches('\u{1e}')).map_err(|error| {
        let (line, column) = (error.line() + lines_before, error.column());
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or_default().to_owned();
        DecodeError::BadJson { line, column, why }
    })
}

fn features_of(value: Value) -> Result<Vec<(usize, Value)>, DecodeError> {
    let Value::Object(mut object) = value else {
        return Err(DecodeError::NotFeatures { found: kind_of(&value).to_owned() });
    };
    check_crs(object.get("crs"))?;
    match object.get("type").and_then(Value::as_str) {
        Some("Feature") => Ok(vec![(1, Value::Object(object))]),
        Some("FeatureCollection") => match object.remove("features") {
            Some(Value::Array(features)) => Ok(features.into_iter().enumerate().map(|(i, f)| (i + 1, f)).collect()),
            _ => Err(DecodeError::NotFeatures { found: "FeatureCollection without features".to_owned() }),
        },
        Some(other) => Err(DecodeError::NotFeatures { found: other.chars().take(30).collect() }),
        None => Err(DecodeError::NotFeatures { found: "object without type".to_owned() }),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true/false",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Takes the older `crs` member only when it says what GeoJSON says anyway.
fn check_crs(crs: Option<&Value>) -> Result<(), DecodeError> {
    let Some(crs) = crs.filter(|crs| !crs.is_null()) else { return Ok(()) };
    let name = crs["properties"]["name"].as_str().unwrap_or("?");
    let last = name.rsplit([':', '/']).next().unwrap_or_default();
    if LON_LAT.iter().any(|known| known.eq_ignore_ascii_case(last)) {
        return Ok(());
    }
    Err(DecodeError::Crs { name: name.chars().take(80).collect() })
}

/// Finds all property names of all features, and what each is.
fn recognise(features: &[(usize, Value)], target: Target, crs: &Crs) -> Result<(Vec<String>, Columns), DecodeError> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (_, feature) in features {
        let properties = feature.get("properties").and_then(Value::as_object);
        names.extend(properties.into_iter().flat_map(Map::keys).map(String::as_str));
        if names.len() > COLUMNS_MAX {
            return Err(DecodeError::TooManyColumns { row: 0, limit: COLUMNS_MAX });
        }
    }
    let headers: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let columns = match columns::recognise(&headers, target, crs) {
        Err(DecodeError::NoKnownColumn { .. }) => nothing_known(&headers),
        recognised => recognised?,
    };
    Ok((headers, columns))
}

/// Features without a known property still have a place; each row says for itself what it lacks.
fn nothing_known(headers: &[String]) -> Columns {
    Columns {
        slots: vec![Slot::Skip; headers.len()],
        report: headers.iter().map(|h| (h.clone(), None)).collect(),
        notes: Vec::new(),
    }
}

fn draft(assembler: &mut Assembler, headers: &[String], row: usize, feature: &Value) -> Draft {
    let no_properties = Map::new();
    let properties = feature.get("properties").and_then(Value::as_object).unwrap_or(&no_properties);
    let cells: Vec<Cell<'_>> = headers.iter().map(|header| Cell::Json(properties.get(header))).collect();
    let id = match feature.get("id") {
        Some(Value::String(id)) if !id.trim().is_empty() => Some(id.trim().to_owned()),
        Some(Value::Number(n)) => Some(n.to_string()),
        _ => None,
    };
    let outline = Outline { geometry: feature.get("geometry"), id };
    let mut draft = assembler.draft(row, &cells, Some(&outline));
    if feature.get("type").and_then(Value::as_str) != Some("Feature") {
        draft.violations.insert(
            0,
            Violation::new("", "not_a_feature", "该项不是 GeoJSON Feature", "this item is not a GeoJSON Feature"),
        );
    }
    if !matches!(feature.get("properties"), None | Some(Value::Null | Value::Object(_))) {
        let (zh, en) = ("properties 应为对象或 null", "properties must be an object or null");
        draft.violations.insert(0, Violation::new("properties", "wrong_type", zh, en));
    }
    draft
}
