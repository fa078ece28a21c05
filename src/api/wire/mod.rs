//! What goes over the wire, and how it is made of what the floors below answer. Units end every name of a measure.

mod accounts;
mod around;
pub mod closures;
mod corrections;
mod coverage;
mod feeds;
mod freshness;
mod history;
mod imports;
mod map;
mod nearest;
mod places;
pub mod roads;
mod session;
mod tokens;

pub use accounts::{
    AccountBody, AccountsAnswer, AmendmentBody, InviteDoc, KeptAccount, LineDoc, MadeAccount, TrailAnswer,
};
pub use around::{AroundAnswer, AroundBody};
pub use corrections::{AnswerBody, AnsweredDoc, InboxAnswer, ReceiptDoc, ReportBody, StatusDoc};
pub use coverage::{CoverageAnswer, CoverageBody};
pub use feeds::{FeedBody, FeedDoc};
pub use freshness::{FreshnessAnswer, FreshnessDoc, SettingsDoc};
pub use history::{BatchesAnswer, HistoryAnswer, RestoreBody, UndoAnswer, UndoBody};
pub use imports::{CommittedDoc, ImportDoc, MappingBody, PreviewBody, UploadDoc};
pub use map::{MapApproval, Meta, SearchAnswer};
pub use nearest::{NearestAnswer, Reasoned};
pub use places::PlacesAnswer;
pub use session::{LinkAnswer, LinkBody, OidcDoc, PasswordBody, SessionAnswer, SetupBody, SignInBody, WhoAnswer};
pub use tokens::{MadeToken, TokenBody, TokenDoc, TokensAnswer};

use crate::domain::{Kind, Resource, Violation};
use crate::service::Error;
use crate::service::history::{Moment, Past};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A sentence in both languages.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Sentence {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// The past that an answer speaks of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PastDoc {
    /// Revision.
    pub revision: u64,
    /// The time asked for, or that of the revision; ages count back from here.
    pub at: DateTime<Utc>,
}

impl From<Past> for PastDoc {
    fn from(past: Past) -> Self {
        Self { revision: past.revision.0, at: past.at }
    }
}

/// Reads `as_of` of a body: a revision, or a time as text.
pub fn moment(given: Option<&Value>) -> Result<Option<Moment>, Error> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Moment::parse(text).map(Some).map_err(Error::invalid),
        Some(other) => Moment::parse(&other.to_string()).map(Some).map_err(Error::invalid),
    }
}

/// Returns free text of 1 to `most` characters without control characters but for line breaks and tabs.
pub fn free_text(field: &str, text: String, most: usize) -> Result<String, Violation> {
    let unfit = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let text = text.trim();
    if text.chars().any(is_seen) && text.chars().count() <= most && !text.chars().any(unfit) {
        return Ok(text.to_owned());
    }
    Err(Violation::new(
        field,
        "bad_text",
        format!("{field} 应为 1–{most} 个字，不含控制字符"),
        format!("{field} takes 1–{most} characters, none of them a control character"),
    ))
}

/// Returns whether a character can be seen: marks of direction, joiners, fillers and tags alone are nobody's words.
const fn is_seen(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(
            c,
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
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
