//! Clearing away what is over: ended sessions, links nobody used, failures long forgotten, a trail older than three years, what
//! lay beside reports that were answered long enough ago.

use super::audit::{PREFIX, newest_first};
use super::from_record;
use super::session::Session;
use crate::service::{App, Error, corrections};
use crate::store::RecordKind;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::time::Duration;

/// Pause between two rounds.
const EVERY: Duration = Duration::from_secs(60);

/// How long the trail is kept.
pub const TRAIL_KEPT: TimeDelta = TimeDelta::days(1096);

/// How long addresses that somebody signed in from are remembered.
const ATTEMPTS_KEPT: TimeDelta = TimeDelta::days(90);

/// Records read at once.
const PAGE: usize = 1000;

/// What everything that ends by itself tells.
#[derive(serde::Deserialize)]
struct Ending {
    expires_at: DateTime<Utc>,
}

impl App {
    /// Clears away for ever what is over. End it by dropping the task.
    pub async fn keep_clear(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EVERY).await;
            // The follower tells when the store is away; what was not cleared now is cleared the next time.
            if let Err(error) = self.clear_away().await {
                tracing::debug!(error = &error as &dyn std::error::Error, "not cleared away");
            }
        }
    }

    /// Clears away what is over, now; returns how many records went.
    pub async fn clear_away(&self) -> Result<usize, Error> {
        self.write_counts().await?;
        let now = self.now();
        let sessions = self.clear(RecordKind::Session, ("", ""), |record| {
            from_record::<Session>(record).is_ok_and(|session| session.ends_at() <= now)
        });
        let links = self.clear(RecordKind::Setup, ("", ""), |record| {
            from_record::<Ending>(record).is_ok_and(|link| link.expires_at <= now)
        });
        let attempts = self.clear(RecordKind::Setting, ("attempt/", ""), |record| record.at + ATTEMPTS_KEPT <= now);
        let oldest: DateTime<Utc> = now - TRAIL_KEPT;
        let from = format!("{PREFIX}{}", newest_first(oldest));
        let trail = self.clear(RecordKind::Setting, (PREFIX, &from), |_| true);
        let beside = corrections::forget(self);
        let gone = sessions.await? + links.await? + attempts.await? + trail.await? + beside.await?;
        // Should somebody be in the way, the next round does it.
        self.store().settle_erasure().await?;
        Ok(gone)
    }

    async fn clear(
        &self,
        kind: RecordKind,
        (prefix, from): (&str, &str),
        over: impl Fn(&crate::store::Record) -> bool,
    ) -> Result<usize, Error> {
        let (mut after, mut gone) = (from.to_owned(), 0);
        loop {
            let page = self.store().records(kind, prefix, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(gone) };
            after.clone_from(&last.key);
            for record in page.iter().filter(|record| over(record)) {
                gone += usize::from(self.store().drop_record(kind, &record.key).await?);
            }
        }
    }
}
