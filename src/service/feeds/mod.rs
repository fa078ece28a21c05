//! Feeds: sources that refresh by themselves.
//!
//! A feed reads an address or a folder on a schedule; what it brings goes through the same planner as any file, and is
//! written as one batch under its own name. Invariants: one process runs a feed at a time, whatever the number of nodes
//! on the store; a run that would lose too much, or that speaks against its datum, is held back until somebody decides;
//! nothing that vanished from a file is removed; credentials leave the store for the source and for nowhere else.

mod apply;
mod decide;
mod feed;
mod fetch;
mod guard;
mod judge;
mod keep;
mod record;
mod run;
mod schedule;
mod seal;

pub use decide::{Decision, decide};
pub use feed::{Feed, FeedState, Lease, Missing, Progress, Run, RunState, Source};
pub use fetch::{Trouble, parse as parse_address};
pub use guard::is_public;
pub use keep::{Credentials, FEEDS_MAX, Wanted, feed, feeds, may_keep, put, remove, runs};
pub use run::{keep_running, run_due, run_now};
pub use schedule::{BACKOFF_FIRST, BACKOFF_MAX, next_run};
pub use seal::SealKey;

use super::App;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

/// Shortest interval that may be set, seconds.
pub const EVERY_LEAST_S: u64 = 60;

/// Longest interval that may be set, seconds: a month.
pub const EVERY_MOST_S: u64 = 31 * 24 * 3600;

/// Runs of a feed that are kept.
pub const RUNS_KEPT: u64 = 100;

/// Whether feeds may connect to private addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Private {
    /// They may not.
    #[default]
    Refuse,
    /// They may: the sources are on an intranet.
    Allow,
}

/// How much a run may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest file, bytes.
    pub bytes: usize,
    /// Longest time to connect.
    pub connect: Duration,
    /// Longest silence while reading.
    pub idle: Duration,
    /// Longest time for the whole fetch.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { bytes: 128 * 1024 * 1024, connect: seconds(10), idle: seconds(30), total: seconds(300) }
    }
}

/// What a process lets its feeds do.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether they may connect to private addresses.
    pub private: Private,
    /// Folder beneath which they may read files.
    pub folder: Option<PathBuf>,
    /// Key for their credentials.
    pub seal: SealKey,
    /// How much a run may take.
    pub limits: Limits,
}

/// What a process keeps about feeds beside the store.
pub struct Feeds {
    settings: OnceLock<Settings>,
    /// Name of this process in leases.
    node: String,
}

impl Default for Feeds {
    fn default() -> Self {
        let mut bits = [0u8; 8];
        // Without randomness the time of two processes' first breath still differs.
        if getrandom::fill(&mut bits).is_err() {
            bits = chrono::Utc::now().timestamp_nanos_opt().unwrap_or_default().to_be_bytes();
        }
        Self { settings: OnceLock::new(), node: super::token::hex(&bits) }
    }
}

impl App {
    /// Says what feeds may do; the first time counts.
    pub fn allow_feeds(&self, settings: Settings) {
        // A second call would change the rules under runs that are under way.
        let _ = self.feeds.settings.set(settings);
    }

    fn feed_settings(&self) -> &Settings {
        self.feeds.settings.get_or_init(Settings::default)
    }
}
