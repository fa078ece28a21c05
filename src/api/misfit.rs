//! Which part of a JSON body does not fit, by its path, and what would.
//!
//! Why not serde's own sentence: it names Rust types and the outermost member only.

use super::problem::Problem;
use crate::domain::Violation;
use crate::service::Error;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Longest path or word that is quoted back, in characters.
const QUOTED_MAX: usize = 80;

/// Tells which members of a body do not fit. Each is tried alone: no member of a body is required by its type.
pub fn misfits<T: DeserializeOwned>(members: &Map<String, Value>) -> Problem {
    let alone = |(name, value): (&String, &Value)| {
        let one = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
        let error = serde_path_to_error::deserialize::<_, T>(one).err()?;
        Some(told(&error.path().to_string(), &error.inner().to_string()))
    };
    let mut violations: Vec<Violation> = members.iter().filter_map(alone).collect();
    if violations.is_empty() {
        violations.push(Violation::new("", "wrong_type", "JSON 内容不符", "the JSON does not fit"));
    }
    Error::Invalid(violations).into()
}

/// Puts an error of serde's into words.
fn told(path: &str, why: &str) -> Violation {
    let path: String = path.chars().take(QUOTED_MAX).collect();
    if let Some(missing) = quoted(why, "missing field `") {
        return Violation::missing(&format!("{path}.{missing}"));
    }
    if why.starts_with("unknown field") {
        let known = why.split_once("expected ").map_or("", |(_, known)| known.trim_start_matches("one of "));
        let known = known.replace('`', "").replace(" or ", ", ");
        let shown = path.rsplit('.').next().unwrap_or_default();
        return Violation::new(
            path.clone(),
            "unknown_field",
            format!("没有名为“{shown}”的字段；可用：{known}"),
            format!("there is no field `{shown}`; known: {known}"),
        );
    }
    let expected = why.rsplit_once("expected ").map_or("", |(_, expected)| expected);
    let (zh, en) = expectation(expected);
    Violation::new(path.clone(), "wrong_type", format!("{path} 应为{zh}"), format!("{path} must be {en}"))
}

/// Says what a type of ours looks like in JSON.
fn expectation(expected: &str) -> (&'static str, &'static str) {
    match expected {
        "f64" => ("数字", "a number"),
        "u8" | "u16" | "u32" | "u64" | "usize" => ("不小于 0 的整数", "a whole number of 0 or more"),
        "i32" | "i64" => ("整数", "a whole number"),
        "a string" => ("文本", "a string"),
        "a boolean" => ("true 或 false", "true or false"),
        "a sequence" => ("数组", "an array"),
        "an array of length 2" | "a tuple of size 2" => {
            ("两个数字的数组，如 [121.2, 31.0]", "an array of two numbers, e.g. [121.2, 31.0]")
        }
        other if other.starts_with("struct ") => ("对象", "an object"),
        _ => ("另一种类型，见 /api/docs", "of another type: see /api/docs"),
    }
}

fn quoted<'w>(why: &'w str, before: &str) -> Option<&'w str> {
    why.strip_prefix(before)?.split('`').next()
}
