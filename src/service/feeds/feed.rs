//! A source that refreshes by itself, as it is kept: what somebody set, and how far it has come.
//!
//! Invariant: what somebody sets and what runs write are in one record under one version, so that a lease taken by one
//! node is seen by all, and no run writes over a setting that was changed under it.

use super::schedule::next_run;
use crate::domain::words::words;
use crate::domain::{Actor, DivisionCode, Role};
use crate::exchange::Format;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

words! {
    /// What a feed does about things that vanished from its file.
    Missing {
        Keep = "keep", "保留", "they stay as they are";
        Retire = "retire", "标为撤销", "they are marked as retired";
    }
}

words! {
    /// How a run ended.
    RunState {
        Applied = "applied", "已写入", "written";
        Unchanged = "unchanged", "无变化", "nothing new";
        Failed = "failed", "失败", "failed";
        Quarantined = "quarantined", "已隔离，待人工处理", "held back until somebody decides";
        Released = "released", "已放行写入", "released and written";
        Discarded = "discarded", "已丢弃", "discarded";
    }
}

words! {
    /// How a feed is.
    FeedState {
        Paused = "paused", "已停用", "switched off";
        Running = "running", "运行中", "running";
        Quarantined = "quarantined", "有待处理的隔离批次", "a run is held back";
        Failing = "failing", "连续失败", "failing";
        Well = "well", "正常", "well";
    }
}

/// Where a feed reads from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An address, http or https.
    Url(String),
    /// A file, or a folder of which the newest file counts, beneath the folder for feeds.
    Folder(String),
}

/// A feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feed {
    /// Its name; in the store, the key has it.
    #[serde(skip)]
    pub name: String,
    /// Where it reads from.
    pub source: Source,
    /// Format of its file; `None` takes what it is.
    pub format: Option<Format>,
    /// Word of what its rows are.
    pub kind: String,
    /// Word of the coordinate system of its coordinates.
    pub datum: String,
    /// Name of the saved mapping of its columns.
    pub mapping: Option<String>,
    /// Its columns when the feed was set: header → field, or nothing not to read it. Whoever changes the mapping later
    /// does not change the feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeMap<String, Option<String>>>,
    /// Seconds between runs.
    pub every_s: u64,
    /// Share of its rows, 0…1, that it may lose against the last good run.
    pub shrink_max_share: f64,
    /// Share of its rows, 0…1, that may be refused; they are left out.
    pub refused_max_share: f64,
    /// What becomes of things that vanished from its file.
    pub missing: Missing,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// Division within which it may write.
    pub scope: Option<DivisionCode>,
    /// Who set it last.
    pub by: String,
    /// Its `Authorization` header, sealed.
    pub sealed: Option<String>,
    /// Counts settings, so that a run knows whether it still runs what is set.
    pub generation: u64,
    /// How far it has come.
    pub progress: Progress,
}

/// How far a feed has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Runs so far.
    pub runs: u64,
    /// Runs that failed in a row.
    pub failures: u32,
    /// When the last run ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Rows of the last run that was applied.
    pub good_rows: Option<usize>,
    /// When the source says that the file of the last run that was applied was made; `None` where it does not say.
    pub good_made_at: Option<DateTime<Utc>>,
    /// SHA-256 of the bytes looked at last, applied or not.
    pub seen_sha256: Option<String>,
    /// `ETag` of those bytes.
    pub etag: Option<String>,
    /// `Last-Modified` of those bytes.
    pub last_modified: Option<String>,
    /// Run that is held back.
    pub quarantined: Option<u64>,
    /// Who runs it now.
    pub lease: Option<Lease>,
}

/// The right of one process to run a feed, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The process.
    pub node: String,
    /// Until when; a process that died loses it then.
    pub until: DateTime<Utc>,
}

impl Feed {
    /// Returns who writes what it brings.
    pub fn actor(&self) -> Actor {
        Actor { name: format!("feed:{}", self.name), role: Role::Steward, scope: self.scope.clone() }
    }

    /// Returns when it is due.
    pub fn due_at(&self) -> DateTime<Utc> {
        let every = TimeDelta::seconds(i64::try_from(self.every_s).unwrap_or(i64::MAX / 1000).min(i64::MAX / 1000));
        next_run(every, self.progress.failures, self.progress.ended_at)
    }

    /// Returns whether some process runs it.
    pub fn is_leased(&self, now: DateTime<Utc>) -> bool {
        self.progress.lease.as_ref().is_some_and(|lease| lease.until > now)
    }

    /// Returns how it is.
    pub fn state(&self, now: DateTime<Utc>) -> FeedState {
        match () {
            () if self.is_leased(now) => FeedState::Running,
            // A run that is held back waits for somebody also when no other follows it.
            () if self.progress.quarantined.is_some() => FeedState::Quarantined,
            () if !self.enabled => FeedState::Paused,
            () if self.progress.failures > 0 => FeedState::Failing,
            () => FeedState::Well,
        }
    }
}

/// One run, as it is kept and told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its number.
    pub run: u64,
    /// How it ended.
    pub state: RunState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// Who asked for it; `None` for the schedule.
    pub asked_by: Option<String>,
    /// Name of the file it read.
    pub file: Option<String>,
    /// Bytes read.
    pub bytes: Option<usize>,
    /// SHA-256 of them, hex.
    pub sha256: Option<String>,
    /// First revision of its batch.
    pub batch: Option<u64>,
    /// Things that vanished from the file since the last good run.
    pub missing: usize,
    /// How many of them were marked as retired.
    pub retired: usize,
    /// Why it failed or was held back, Chinese / English.
    pub problem: Option<String>,
    /// Who decided about a run that was held back.
    pub decided_by: Option<String>,
    /// The report of the import.
    pub report: Option<Value>,
}
