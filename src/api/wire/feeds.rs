//! Feeds on the wire. Credentials go in and never come out.

use super::imports::read_target;
use crate::domain::{DivisionCode, Violation};
use crate::exchange::Format;
use crate::service::feeds::{Credentials, EVERY_LEAST_S, EVERY_MOST_S, Feed, Missing, Run, Source, Wanted};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Share of its rows that a feed may lose when nobody says another.
const SHRINK_MAX_SHARE: f64 = 0.3;

/// Share of its rows that may be refused when nobody says another.
const REFUSED_MAX_SHARE: f64 = 0.2;

/// A feed as somebody sets it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedBody {
    /// Its name: 1–60 letters, digits or `- _ .`.
    #[serde(default)]
    pub name: Option<String>,
    /// `{"url": …}`, or `{"folder": …}` beneath the folder for feeds.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    source: Option<Source>,
    /// Format of its file; absent takes what it is.
    #[serde(default)]
    format: Option<String>,
    /// What its rows are.
    #[serde(default)]
    kind: Option<String>,
    /// Coordinate system of its coordinates.
    #[serde(default)]
    datum: Option<String>,
    /// Name of a saved mapping.
    #[serde(default)]
    mapping: Option<String>,
    /// Seconds between runs, 60 at the least.
    #[serde(default)]
    every_s: Option<u64>,
    /// Share of its rows, 0…1, that it may lose against the last good run; default 0.3.
    #[serde(default)]
    shrink_max_share: Option<f64>,
    /// Share of its rows, 0…1, that may be refused and left out; default 0.2.
    #[serde(default)]
    refused_max_share: Option<f64>,
    /// keep (default) | retire: what becomes of things that vanished from the file.
    #[serde(default)]
    missing: Option<String>,
    /// Whether it runs by itself; default true.
    #[serde(default)]
    enabled: Option<bool>,
    /// Division within which it may write; absent takes the caller's.
    #[serde(default)]
    scope: Option<String>,
    /// `user:password`, `Bearer …`, `Basic …` or a bare token; `null` clears, absent keeps. Never told again.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<String>)]
    credentials: Option<Option<Secret>>,
}

/// A text that `Debug` does not tell.
#[derive(Deserialize)]
#[serde(transparent)]
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Tells `null` from absent.
fn told<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Secret>>, D::Error> {
    Option::<Secret>::deserialize(from).map(Some)
}

impl FeedBody {
    /// Returns what the feed is to be, or everything wrong with it.
    pub fn read(self) -> Result<Wanted, Vec<Violation>> {
        let mut wrong = Vec::new();
        let target = read_target(self.kind.as_deref(), &mut wrong);
        if self.datum.is_none() {
            wrong.push(Violation::missing("datum"));
        }
        if self.source.is_none() {
            wrong.push(Violation::missing("source"));
        }
        let every_s = match self.every_s {
            Some(every_s) if (EVERY_LEAST_S..=EVERY_MOST_S).contains(&every_s) => every_s,
            Some(every_s) => {
                let range = format!("{EVERY_LEAST_S}…{EVERY_MOST_S}");
                wrong.push(Violation::out_of_range("every_s", &every_s.to_string(), &range));
                0
            }
            None => {
                wrong.push(Violation::missing("every_s"));
                0
            }
        };
        let format = word(self.format.as_deref(), "format", (Format::from_word, Format::choices), &mut wrong);
        let missing = word(self.missing.as_deref(), "missing", (Missing::from_word, Missing::choices), &mut wrong);
        let scope = self.scope.as_deref().map(DivisionCode::parse).transpose();
        let scope = scope.unwrap_or_else(|violation| {
            wrong.push(Violation { field: "scope".to_owned(), ..violation });
            None
        });
        match (self.source, target, self.datum) {
            (Some(source), Some(target), Some(datum)) if wrong.is_empty() => Ok(Wanted {
                source,
                format,
                kind: target.word().to_owned(),
                datum,
                mapping: self.mapping,
                every_s,
                shrink_max_share: self.shrink_max_share.unwrap_or(SHRINK_MAX_SHARE),
                refused_max_share: self.refused_max_share.unwrap_or(REFUSED_MAX_SHARE),
                missing: missing.unwrap_or(Missing::Keep),
                enabled: self.enabled.unwrap_or(true),
                scope,
                credentials: match self.credentials {
                    None => Credentials::Keep,
                    Some(None) => Credentials::Clear,
                    Some(Some(Secret(text))) if text.trim().is_empty() => Credentials::Clear,
                    Some(Some(Secret(text))) => Credentials::Header(header(text.trim())),
                },
            }),
            _ => Err(wrong),
        }
    }
}

/// How a word of a closed list is found, and how the list is told.
type List<T> = (fn(&str) -> Option<T>, fn() -> String);

fn word<T>(given: Option<&str>, field: &str, (read, choices): List<T>, wrong: &mut Vec<Violation>) -> Option<T> {
    let found = read(given?);
    if found.is_none() {
        wrong.push(Violation::not_a_choice(field, given?, &choices()));
    }
    found
}

/// Returns the `Authorization` header that somebody means.
fn header(text: &str) -> String {
    match text.split_once(' ').map(|(scheme, _)| scheme.to_ascii_lowercase()).as_deref() {
        Some("bearer" | "basic") => text.to_owned(),
        _ if text.contains(':') => format!("Basic {}", STANDARD.encode(text)),
        _ => format!("Bearer {text}"),
    }
}

/// A feed as it is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedDoc {
    /// Its name.
    pub name: String,
    /// Where it reads from.
    #[schema(value_type = Object)]
    pub source: Source,
    /// Format of its file.
    #[schema(value_type = Option<String>)]
    pub format: Option<Format>,
    /// What its rows are.
    pub kind: String,
    /// Coordinate system of its coordinates.
    pub datum: String,
    /// Name of a saved mapping.
    pub mapping: Option<String>,
    /// Seconds between runs.
    pub every_s: u64,
    /// Share of its rows that it may lose.
    pub shrink_max_share: f64,
    /// Share of its rows that may be refused.
    pub refused_max_share: f64,
    /// What becomes of things that vanished.
    pub missing: &'static str,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// Division within which it may write.
    pub scope: Option<String>,
    /// Who set it last.
    pub by: String,
    /// It has credentials; they are never told.
    pub has_credentials: bool,
    /// well | running | failing | quarantined | paused.
    pub state: &'static str,
    /// The last run.
    #[schema(value_type = Option<Object>)]
    pub last_run: Option<Value>,
    /// When it runs next by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_run_at: Option<DateTime<Utc>>,
    /// Runs that failed in a row.
    pub failures: u32,
    /// Number of the run that is held back.
    pub quarantined_run: Option<u64>,
}

impl FeedDoc {
    /// Shows a feed.
    pub fn of(feed: Feed, last: Option<Run>, now: DateTime<Utc>) -> Self {
        Self {
            state: feed.state(now).word(),
            next_run_at: feed.enabled.then(|| feed.due_at().max(now)),
            last_run: last.map(|run| serde_json::json!(run)),
            failures: feed.progress.failures,
            quarantined_run: feed.progress.quarantined,
            name: feed.name,
            source: feed.source,
            format: feed.format,
            kind: feed.kind,
            datum: feed.datum,
            mapping: feed.mapping,
            every_s: feed.every_s,
            shrink_max_share: feed.shrink_max_share,
            refused_max_share: feed.refused_max_share,
            missing: feed.missing.word(),
            enabled: feed.enabled,
            scope: feed.scope.map(|code| code.to_string()),
            by: feed.by,
            has_credentials: feed.sealed.is_some(),
        }
    }
}
