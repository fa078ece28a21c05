//! A GeoJSON Feature is taken wherever a flat document is.

use super::unknown_field::unknown_field;
use crate::domain::Violation;
use serde_json::{Map, Value};

/// Members of a Feature that say nothing about the resource.
const PASSED_OVER: &[&str] = &["type", "bbox", "links", "revision"];

/// Returns the flat document of a JSON body: itself, or the properties of a Feature with its geometry and id put in.
pub fn flatten(value: Value) -> Result<Map<String, Value>, Vec<Violation>> {
    let Value::Object(object) = value else {
        return Err(vec![Violation::new("", "wrong_type", "应为 JSON 对象", "a JSON object is expected")]);
    };
    match object.get("type").and_then(Value::as_str) {
        Some("Feature") => feature(object),
        Some(other) => Err(vec![Violation::new(
            "type",
            "not_a_feature",
            format!("type 应为 Feature，而不是“{}”；一次只收一个要素", short(other)),
            format!("type must be Feature, not `{}`; one feature at a time", short(other)),
        )]),
        None => Ok(object),
    }
}

fn feature(mut object: Map<String, Value>) -> Result<Map<String, Value>, Vec<Violation>> {
    let mut out = Vec::new();
    let mut flat = match object.remove("properties") {
        Some(Value::Object(properties)) => properties,
        None | Some(Value::Null) => Map::new(),
        Some(_) => {
            out.push(Violation::new(
                "properties",
                "wrong_type",
                "properties 应为对象或 null",
                "properties must be an object or null",
            ));
            Map::new()
        }
    };
    for (name, value) in object {
        match name.as_str() {
            "id" | "geometry" if flat.get(&name).is_some_and(|own| *own != value) => out.push(Violation::new(
                name.clone(),
                "conflict",
                format!("要素的 {name} 与 properties.{name} 不一致"),
                format!("the feature's {name} and properties.{name} differ"),
            )),
            "id" | "geometry" => drop(flat.insert(name, value)),
            passed if PASSED_OVER.contains(&passed) => {}
            _ => out.push(unknown_field(&name, &["id", "geometry", "properties"])),
        }
    }
    if out.is_empty() { Ok(flat) } else { Err(out) }
}

fn short(text: &str) -> String {
    text.chars().take(30).collect()
}
