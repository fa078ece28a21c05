//! Bad input as a value: what is wrong, where, and the way out, in Chinese and English.
//!
//! Invariant: a check collects every violation it can see; it never stops at the first and never panics.

use super::label::named;
use serde::{Deserialize, Serialize};

/// One thing wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Path of the field in the caller's own words, e.g. `stock[2].quantity`.
    pub field: String,
    /// Machine-readable reason, a stable snake_case word.
    pub reason: String,
    /// One Chinese sentence that says what is wrong and what would be right.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Violation {
    /// Builds a violation from its four parts.
    pub fn new(field: impl Into<String>, reason: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.to_owned(), zh: zh.into(), en: en.into() }
    }

    /// A required field that is not there.
    pub fn missing(field: &str) -> Self {
        Self::new(field, "missing", format!("缺少必填项{}", named(field)), format!("{field} is required"))
    }

    /// A word outside a closed list; the message lists the choices.
    pub fn not_a_choice(field: &str, given: &str, choices: &str) -> Self {
        let given = shorten(given);
        Self::new(
            field,
            "not_a_choice",
            format!("{}的值“{given}”无效，可选：{choices}", named(field)),
            format!("{field} `{given}` is not one of: {choices}"),
        )
    }

    /// A number outside its range.
    pub fn out_of_range(field: &str, given: &str, range: &str) -> Self {
        Self::outside(field, given, (range, range))
    }

    /// A number outside its range, where the range takes words: Chinese, English.
    pub fn outside(field: &str, given: &str, (zh, en): (&str, &str)) -> Self {
        let given = shorten(given);
        Self::new(
            field,
            "out_of_range",
            format!("{}的值 {given} 超出范围 {zh}", named(field)),
            format!("{field} {given} is outside {en}"),
        )
    }

    /// Returns the violation with its field path put under `prefix`.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        self.field = format!("{prefix}{}", self.field);
        self
    }
}

/// Cuts a quoted input to 60 characters, so that an error never carries a megabyte back.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 60 { text.to_owned() } else { text.chars().take(60).chain("…".chars()).collect() }
}
