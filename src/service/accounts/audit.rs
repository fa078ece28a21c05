//! The trail: who did what to accounts, when and from where. Accounts are outside the journal, so this is their book.
//!
//! What may come in floods (failed sign-ins, denied writes) is one line an hour for each actor, act, target and address,
//! with a count. Invariant: a line that can not be written is logged and never fails the act itself.

use super::{from_record, secret, to_record};
use crate::domain::Act;
use crate::service::{App, Error, token};
use crate::store::{Expected, RecordKind};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most lines of one answer.
pub const LINES_MAX: usize = 500;

/// Where the trail lies among the settings.
pub(super) const PREFIX: &str = "audit/";

/// A line that counts is written at most this often; what comes in between is added by the next.
const WRITTEN_EVERY: Duration = Duration::from_secs(5);

/// Most counting lines held in memory.
const COUNTED_MAX: usize = 4096;

/// One line of the trail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// When; of a counting line, the hour it counts.
    pub at: DateTime<Utc>,
    /// When it last happened.
    pub last_at: DateTime<Utc>,
    /// How often.
    pub count: u64,
    /// Who: an account, a token, `public`, or `cli` for somebody at the machine itself.
    pub actor: String,
    /// What.
    pub act: Act,
    /// To whom or what; `?` for a login name that is not known, which is not kept.
    pub target: String,
    /// From which address.
    pub address: String,
    /// What was changed, or which right was missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
}

/// What a line is about.
#[derive(Debug, Clone, Copy)]
pub struct Mark<'a> {
    /// Who.
    pub actor: &'a str,
    /// What.
    pub act: Act,
    /// To whom or what.
    pub target: &'a str,
    /// From which address.
    pub address: &'a str,
}

/// Counting lines whose last few counts are not written yet.
#[derive(Default)]
pub(super) struct Trail(Mutex<HashMap<String, Pending>>);

struct Pending {
    written: Instant,
    line: Line,
}

impl Trail {
    /// Counts one more; returns the line when it is time to write it.
    fn count(&self, key: &str, fresh: impl FnOnce() -> Line, now: DateTime<Utc>) -> Option<Line> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= COUNTED_MAX && !map.contains_key(key) {
            map.retain(|_, pending| pending.line.count > 0);
        }
        if map.len() >= COUNTED_MAX && !map.contains_key(key) {
            return Some(fresh());
        }
        let long_ago = Instant::now().checked_sub(WRITTEN_EVERY);
        let pending = map.entry(key.to_owned()).or_insert_with(|| Pending {
            written: long_ago.unwrap_or_else(Instant::now),
            line: Line { count: 0, ..fresh() },
        });
        pending.line.count += 1;
        pending.line.last_at = now;
        (pending.written.elapsed() >= WRITTEN_EVERY).then(|| pending.hand_over())
    }

    /// Returns all lines with counts that are not written yet.
    fn drain(&self) -> Vec<(String, Line)> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = map.drain().filter(|(_, pending)| pending.line.count > 0);
        due.map(|(key, pending)| (key, pending.line)).collect()
    }
}

impl Pending {
    fn hand_over(&mut self) -> Line {
        let line = self.line.clone();
        self.line.count = 0;
        self.written = Instant::now();
        line
    }
}

impl App {
    /// Writes a line.
    pub async fn note(&self, mark: Mark<'_>, detail: Option<Value>) {
        let now = self.now();
        let written = async {
            let key = format!("{PREFIX}{}-{}", newest_first(now), &token::hash(&secret()?)[..12]);
            let record = to_record(RecordKind::Setting, key, now, &line(mark, now, now, detail))?;
            self.store().put_record(&record, Expected::Any).await.map_err(Error::from)
        };
        if let Err(error) = written.await {
            lost(&error, mark.act);
        }
    }

    /// Counts what may come in floods.
    pub async fn note_often(&self, mark: Mark<'_>) {
        let now = self.now();
        let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        let about = format!("{:?}", (mark.actor, mark.act, mark.target, mark.address));
        let key = format!("{PREFIX}{}-{}", newest_first(hour), &token::hash(&about)[..12]);
        if let Some(line) = self.desk.trail.count(&key, || line(mark, hour, now, None), now)
            && let Err(error) = self.add_counts(&key, line).await
        {
            lost(&error, mark.act);
        }
    }

    /// Writes the counts that are held in memory.
    pub(super) async fn write_counts(&self) -> Result<(), Error> {
        for (key, line) in self.desk.trail.drain() {
            self.add_counts(&key, line).await?;
        }
        Ok(())
    }

    async fn add_counts(&self, key: &str, mut line: Line) -> Result<(), Error> {
        if let Some(kept) = self.store().record(RecordKind::Setting, key).await? {
            line.count += from_record::<Line>(&kept)?.count;
        }
        let record = to_record(RecordKind::Setting, key, self.now(), &line)?;
        self.store().put_record(&record, Expected::Any).await?;
        Ok(())
    }

    /// Returns the newest lines with their ids, before `before`.
    pub async fn trail(&self, before: Option<&str>, limit: usize) -> Result<Vec<(String, Line)>, Error> {
        self.write_counts().await?;
        let after = format!("{PREFIX}{}", before.unwrap_or_default());
        let records = self.store().records(RecordKind::Setting, PREFIX, &after, limit).await?;
        let read = |record: &crate::store::Record| Ok((record.key[PREFIX.len()..].to_owned(), from_record(record)?));
        records.iter().map(read).collect()
    }
}

fn line(mark: Mark<'_>, at: DateTime<Utc>, last_at: DateTime<Utc>, detail: Option<Value>) -> Line {
    Line {
        at,
        last_at,
        count: 1,
        actor: mark.actor.to_owned(),
        act: mark.act,
        target: mark.target.to_owned(),
        address: mark.address.to_owned(),
        detail,
    }
}

/// Returns a text that sorts before that of any earlier time.
pub(super) fn newest_first(at: DateTime<Utc>) -> String {
    format!("{:016x}", i64::MAX - at.timestamp_micros().max(0))
}

fn lost(error: &Error, act: Act) {
    tracing::error!(error = error as &dyn std::error::Error, act = act.word(), "the audit trail could not be written");
}
