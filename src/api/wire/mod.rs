//! What goes over the wire, and how it is made of what the floors below answer. Units end every name of a measure.

mod around;
mod coverage;
mod map;
mod nearest;

pub use around::{AroundAnswer, AroundBody};
pub use coverage::{CoverageAnswer, CoverageBody};
pub use map::{Meta, SearchAnswer};
pub use nearest::{NearestAnswer, Reasoned};

use crate::domain::{Kind, Resource, Violation};
use serde::Serialize;
use utoipa::ToSchema;

/// A sentence in both languages.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Sentence {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Reads kinds; absent is the default, an empty list is refused: nobody asks about nothing.
fn kinds(given: Option<Vec<String>>, default: &[Kind], wrong: &mut Vec<Violation>) -> Vec<Kind> {
    let Some(words) = given else { return default.to_vec() };
    if words.is_empty() {
        wrong.push(Violation::missing("kinds"));
    }
    let mut kinds = Vec::new();
    for (i, word) in words.iter().enumerate() {
        match Kind::from_word(word) {
            Some(kind) if !kinds.contains(&kind) => kinds.push(kind),
            Some(_) => {}
            None => wrong.push(Violation::not_a_choice(&format!("kinds[{i}]"), word, &Kind::choices())),
        }
    }
    kinds
}

/// Returns the mark of what only staff may know of; the public is never told of one, so never of the mark.
fn operational(resource: &Resource) -> Option<&'static str> {
    (!resource.is_public()).then(|| resource.visibility.word())
}
