//! GeoJSON (RFC 7946) and newline-delimited GeoJSON (RFC 8142) → items.
//!
//! Invariant: every feature becomes exactly one item; a row is the number of the feature, or its line.

use super::sink::{CrsInFile, Head, Item, Kind, Sink};
use super::{COLUMNS_MAX, Known, Layered, ROWS_MAX};
use crate::domain::{Crs, Violation};
use crate::exchange::DecodeError;
use crate::exchange::assemble::{Cell, Outline};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Name of the one layer.
const LAYER: &str = "features";

/// Most values of a file: a parsed value takes sixteen times the bytes of `[0,0,…`.
const VALUES_MAX: usize = 24_000_000;

/// Names of the older `crs` member that mean longitude and latitude on WGS84 or CGCS2000.
const LON_LAT: &[&str] = &["CRS84", "4326", "4490", "WGS84", "WGS 84", "WGS_1984", "GCS_WGS_1984"];

/// The bytes of a document.
pub(super) struct Document<'a>(pub(super) &'a [u8]);

impl Layered for Document<'_> {
    fn layers(&self) -> Vec<(String, bool)> {
        vec![(LAYER.to_owned(), false)]
    }

    fn read(&mut self, _: usize, _: Known<'_>, sink: &mut dyn Sink) -> Result<(), DecodeError> {
        read(self.0, sink)
    }
}

fn read(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), DecodeError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| DecodeError::Undecodable { encoding: "UTF-8".to_owned(), offset: error.valid_up_to() })?;
    if text.trim().is_empty() {
        return Err(DecodeError::Empty);
    }
    if text.bytes().filter(|b| matches!(b, b',' | b'[' | b'{')).count() > VALUES_MAX {
        let (zh, en) = ("JSON 中的值的个数", "the number of JSON values is");
        return Err(DecodeError::AboveLimit { zh, en, limit: VALUES_MAX as u64 });
    }
    let (features, crs) = match lines_of_features(text)? {
        Some(features) => (features, None),
        None => {
            let whole = json(text, 0)?;
            let crs = said_datum(&whole);
            (features_of(whole)?, crs)
        }
    };
    if features.len() > ROWS_MAX {
        return Err(DecodeError::TooManyRows { limit: ROWS_MAX });
    }
    let headers = names(&features)?;
    sink.begin(Head { headers: headers.clone(), kind: Kind::Features, encoding: None, crs })?;
    // Each feature is let go as soon as it is read.
    features.into_iter().try_for_each(|(row, feature)| give(sink, &headers, row, &feature))
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

/// Returns what a file that went out from here says of its datum: GeoJSON has no place for any but WGS84, so it stands in
/// a member of its own.
fn said_datum(whole: &Value) -> Option<CrsInFile> {
    let word = whole.get("datum")?.as_str()?;
    Some(Crs::parse(word).map_or_else(|_| CrsInFile::Unknown(word.to_owned()), CrsInFile::Known))
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

/// Finds all property names of all features.
fn names(features: &[(usize, Value)]) -> Result<Vec<String>, DecodeError> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (_, feature) in features {
        let properties = feature.get("properties").and_then(Value::as_object);
        names.extend(properties.into_iter().flat_map(Map::keys).map(String::as_str));
        if names.len() > COLUMNS_MAX {
            return Err(DecodeError::TooManyColumns { row: 0, limit: COLUMNS_MAX });
        }
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

fn give(sink: &mut dyn Sink, headers: &[String], row: usize, feature: &Value) -> Result<(), DecodeError> {
    let no_properties = Map::new();
    let properties = feature.get("properties").and_then(Value::as_object).unwrap_or(&no_properties);
    let cells = headers.iter().map(|header| Cell::Json(properties.get(header))).collect();
    let id = match feature.get("id") {
        Some(Value::String(id)) if !id.trim().is_empty() => Some(id.trim().to_owned()),
        Some(Value::Number(n)) => Some(n.to_string()),
        _ => None,
    };
    let outline = Some(Outline { geometry: feature.get("geometry"), id });
    let mut violations = Vec::new();
    if !matches!(feature.get("properties"), None | Some(Value::Null | Value::Object(_))) {
        let (zh, en) = ("properties 应为对象或 null", "properties must be an object or null");
        violations.push(Violation::new("properties", "wrong_type", zh, en));
    }
    if feature.get("type").and_then(Value::as_str) != Some("Feature") {
        let (zh, en) = ("该项不是 GeoJSON Feature", "this item is not a GeoJSON Feature");
        violations.push(Violation::new("", "not_a_feature", zh, en));
    }
    sink.item(Item { row, cells, outline, violations, notes: Vec::new() })
}
