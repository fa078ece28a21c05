//! What goes over the wire, and how it is made of what the floors below answer. Units end every name of a measure.

mod around;
mod coverage;
mod feeds;
mod imports;
mod map;
mod nearest;

pub use around::{AroundAnswer, AroundBody};
pub use coverage::{CoverageAnswer, CoverageBody};
pub use feeds::{FeedBody, FeedDoc};
pub use imports::{CommittedDoc, ImportDoc, MappingBody, PreviewBody, UploadDoc};
pub use map::{Meta, SearchAnswer};
pub use nearest::{NearestAnswer, Reasoned};

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
