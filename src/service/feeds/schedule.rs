//! When a feed runs next: a pure function of what it is told, so that two nodes and a test agree.
//!
//! After a good run it waits its interval. After a failure it waits a minute (or its interval, when that is shorter), and
//! twice as long after each further one, up to six hours or its interval, whichever is longer.

use chrono::{DateTime, TimeDelta, Utc};

/// Longest wait after failures, unless the interval itself is longer.
pub const BACKOFF_MAX: TimeDelta = TimeDelta::hours(6);

/// First wait after a failure, unless the interval itself is shorter.
pub const BACKOFF_FIRST: TimeDelta = TimeDelta::minutes(1);

/// Returns when a feed is due: `ended` is when its last run ended (`None`: it never ran, and is due at once), `failures` how
/// many runs have failed in a row.
pub fn next_run(every: TimeDelta, failures: u32, ended: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let Some(ended) = ended else { return DateTime::UNIX_EPOCH };
    let wait = match failures {
        0 => every,
        failures => {
            let doublings = (failures - 1).min(20);
            let wait = every.min(BACKOFF_FIRST) * (1 << doublings);
            wait.min(every.max(BACKOFF_MAX))
        }
    };
    ended.checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
