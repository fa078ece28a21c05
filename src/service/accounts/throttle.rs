//! Slowing down who guesses: each failure after the first few doubles the wait, up to a minute.
//!
//! An attempt counts as a failure from the moment it begins, so that a hundred at once are a hundred. Invariants: the
//! map is bounded; the longest wait is a minute, and a quarter of an hour of quiet forgets everything: nobody can lock
//! somebody else out for good.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Longest wait, seconds.
pub(super) const WAIT_MAX_S: i64 = 60;

/// Quiet after which failures are forgotten.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(15);

/// Most names or addresses watched at once.
const WATCHED_MAX: usize = 10_000;

/// Failures so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tries {
    /// How many.
    pub failures: u32,
    /// When the last one was.
    pub last: DateTime<Utc>,
}

impl Tries {
    fn forgotten(&self, now: DateTime<Utc>) -> bool {
        self.last + FORGOTTEN_AFTER <= now
    }

    /// Returns the seconds still to wait after `free` failures that cost nothing; `None` when there is nothing to wait for.
    fn wait_s(&self, free: u32, now: DateTime<Utc>) -> Option<u64> {
        let beyond = self.failures.checked_sub(free)?;
        if self.forgotten(now) {
            return None;
        }
        let wait_s = 1i64.checked_shl(beyond.min(30)).unwrap_or(WAIT_MAX_S).min(WAIT_MAX_S);
        let left_ms = (self.last + TimeDelta::seconds(wait_s) - now).num_milliseconds();
        (left_ms > 0).then(|| left_ms.unsigned_abs().div_ceil(1000))
    }
}

/// Failures by name or by address.
#[derive(Default)]
pub(super) struct Throttle(Mutex<HashMap<String, Tries>>);

impl Throttle {
    /// Counts an attempt, or returns the seconds to wait before the next. `kept` is what the store remembers of it.
    pub(super) fn begin(&self, key: &str, free: u32, (kept, now): (Tries, DateTime<Utc>)) -> Result<Tries, u64> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut map, now);
        let tries = map.entry(key.to_owned()).or_default();
        if kept.failures > tries.failures {
            *tries = kept;
        }
        if let Some(wait_s) = tries.wait_s(free, now) {
            return Err(wait_s);
        }
        if tries.forgotten(now) {
            tries.failures = 0;
        }
        tries.failures = tries.failures.saturating_add(1);
        tries.last = now;
        Ok(*tries)
    }

    /// Forgets all failures.
    pub(super) fn forget(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// Takes back the one attempt that turned out well; the others still count.
    pub(super) fn take_back(&self, key: &str) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tries) = map.get_mut(key) {
            tries.failures = tries.failures.saturating_sub(1);
        }
    }
}

/// Makes room for one more: what is forgotten anyway first, then the quarter that was quiet the longest.
fn make_room(map: &mut HashMap<String, Tries>, now: DateTime<Utc>) {
    if map.len() < WATCHED_MAX {
        return;
    }
    map.retain(|_, tries| !tries.forgotten(now));
    if map.len() >= WATCHED_MAX {
        let mut lasts: Vec<_> = map.values().map(|t| t.last).collect();
        lasts.sort_unstable();
        let cut = lasts[lasts.len() / 4];
        map.retain(|_, tries| tries.last > cut);
    }
}
