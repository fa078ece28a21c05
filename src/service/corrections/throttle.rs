//! How often one may report, and how often one may guess receipt numbers.
//!
//! Kept in memory, by an opaque name for whoever calls: it need not outlive the process, and it must not become a record
//! of who reported what. Invariants: every map is bounded; time comes from the service's clock.

use super::NewReport;
use crate::domain::{CorrectionId, Resource, ResourceId};
use crate::service::Error;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Most reports of one caller in an hour.
pub const PER_HOUR: usize = 5;

/// Most reports of one caller in a day.
pub const PER_DAY: usize = 30;

/// Most open reports about one resource: one more would tell nobody anything.
pub const OPEN_MAX: usize = 20;

/// Most reports of all callers in an hour, so that many addresses together do not fill the inbox either.
const PER_HOUR_OF_ALL: usize = 600;

/// Most wrong receipt numbers of one caller in an hour.
const MISSES_PER_HOUR: usize = 30;

/// Most callers that are remembered of each sort.
const CALLERS_MAX: usize = 20_000;

/// What was said, hashed.
pub type Said = [u8; 32];

/// What callers did lately.
#[derive(Default)]
pub struct Throttle {
    reports: Mutex<Lately>,
    all: Mutex<VecDeque<DateTime<Utc>>>,
    misses: Mutex<Lately>,
    said: Mutex<HashMap<Said, (CorrectionId, DateTime<Utc>)>>,
    voices: Mutex<HashMap<Said, (CorrectionId, DateTime<Utc>)>>,
}

/// Times of what each caller did.
#[derive(Default)]
struct Lately(HashMap<String, VecDeque<DateTime<Utc>>>);

impl Lately {
    /// Returns what a caller did within a time before now, the oldest first.
    fn within(&self, caller: &str, span: TimeDelta, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let times = self.0.get(caller).into_iter().flatten();
        times.filter(|at| **at > now - span).copied().collect()
    }

    fn add(&mut self, caller: &str, now: DateTime<Utc>) {
        if self.0.len() >= CALLERS_MAX && !self.0.contains_key(caller) {
            self.make_room(now);
        }
        let times = self.0.entry(caller.to_owned()).or_default();
        times.retain(|at| *at > now - TimeDelta::days(1));
        times.push_back(now);
        while times.len() > PER_DAY.max(MISSES_PER_HOUR) {
            times.pop_front();
        }
    }

    /// Forgets who did nothing for a day; when nobody is left over, the half that did something longest ago.
    fn make_room(&mut self, now: DateTime<Utc>) {
        self.0.retain(|_, times| times.back().is_some_and(|at| *at > now - TimeDelta::days(1)));
        if self.0.len() < CALLERS_MAX {
            return;
        }
        let mut last: Vec<_> = self.0.values().filter_map(|times| times.back().copied()).collect();
        let (_, middle, _) = last.select_nth_unstable(CALLERS_MAX / 2);
        let middle = *middle;
        self.0.retain(|_, times| times.back().is_some_and(|at| *at > middle));
    }
}

impl Throttle {
    /// Counts a report of a caller, or says when the next one may come.
    pub(super) fn count_report(&self, caller: &str, now: DateTime<Utc>) -> Result<(), Error> {
        let (hour, day) = (TimeDelta::hours(1), TimeDelta::days(1));
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|at| *at > now - hour);
        for (span, most) in [(hour, PER_HOUR), (day, PER_DAY)] {
            let times = reports.within(caller, span, now);
            if times.len() >= most {
                return Err(too_often(times.first().map_or(now, |at| *at) + span - now));
            }
        }
        if all.len() >= PER_HOUR_OF_ALL {
            return Err(too_often(TimeDelta::minutes(10)));
        }
        all.push_back(now);
        reports.add(caller, now);
        Ok(())
    }

    /// Refuses a caller who has tried too many wrong receipt numbers.
    pub(super) fn refuse_guessing(&self, caller: &str, now: DateTime<Utc>) -> Result<(), Error> {
        let misses = self.misses.lock().unwrap_or_else(PoisonError::into_inner);
        let times = misses.within(caller, TimeDelta::hours(1), now);
        match times.first().filter(|_| times.len() >= MISSES_PER_HOUR) {
            None => Ok(()),
            Some(first) => Err(Error::TooMany {
                after_s: seconds(*first + TimeDelta::hours(1) - now),
                zh: "回执号输入错误次数过多，请稍后再试".to_owned(),
                en: "too many wrong receipt numbers: try again later".to_owned(),
            }),
        }
    }

    /// Counts a wrong receipt number.
    pub(super) fn count_miss(&self, caller: &str, now: DateTime<Utc>) {
        self.misses.lock().unwrap_or_else(PoisonError::into_inner).add(caller, now);
    }

    /// Returns the receipt that the same words of the same caller got within a day.
    pub(super) fn said_before(&self, said: &Said, now: DateTime<Utc>) -> Option<CorrectionId> {
        let kept = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(said).filter(|(_, at)| *at > now - TimeDelta::days(1)).map(|(id, _)| id.clone())
    }

    /// Remembers what was said.
    pub(super) fn note(&self, said: Said, id: CorrectionId, now: DateTime<Utc>) {
        remember(&self.said, said, (id, now));
    }

    /// Returns the first report of a voice about a place, while one that it made still waits.
    pub(super) fn spoke(&self, voice: &Said, waits: impl Fn(&CorrectionId) -> bool) -> Option<CorrectionId> {
        let kept = self.voices.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(voice).map(|(first, _)| first.clone()).filter(waits)
    }

    /// Remembers the first report of a voice.
    pub(super) fn note_voice(&self, voice: Said, first: CorrectionId, now: DateTime<Utc>) {
        remember(&self.voices, voice, (first, now));
    }
}

fn remember(
    kept: &Mutex<HashMap<Said, (CorrectionId, DateTime<Utc>)>>,
    said: Said,
    (id, now): (CorrectionId, DateTime<Utc>),
) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= CALLERS_MAX {
        kept.retain(|_, (_, at)| *at > now - TimeDelta::hours(1));
    }
    if kept.len() < CALLERS_MAX || kept.contains_key(&said) {
        kept.insert(said, (id, now));
    }
}

/// Returns what tells the voice of one caller about one place from others.
pub(super) fn voice(caller: &str, place: &ResourceId) -> Said {
    Sha256::digest(format!("{:?}", (caller, place)).as_bytes()).into()
}

/// Returns what tells one report of a caller from another. The receipt of somebody else's same words is not given away.
pub(super) fn fingerprint(caller: &str, new: &NewReport) -> Said {
    let said = (caller, &new.resource, new.fault, new.message.trim(), new.position.map(<(f64, f64)>::from));
    Sha256::digest(format!("{said:?}").as_bytes()).into()
}

/// The refusal of one more report about a place with many.
pub(super) fn enough(place: &Resource) -> Error {
    Error::TooMany {
        after_s: 3600,
        zh: format!("“{}”已有 {OPEN_MAX} 条待核实的纠错，正在处理，谢谢", place.name.zh),
        en: format!(
            "{OPEN_MAX} reports about {} are waiting already and are being looked into; thank you",
            place.name.zh
        ),
    }
}

fn too_often(wait: TimeDelta) -> Error {
    let minutes = (seconds(wait) / 60).max(1);
    Error::TooMany {
        after_s: seconds(wait),
        zh: format!(
            "上报过于频繁（每小时 {PER_HOUR} 条、每天 {PER_DAY} 条），请约 {minutes} 分钟后再试；紧急情况请拨打电话"
        ),
        en: format!(
            "too many reports ({PER_HOUR} an hour, {PER_DAY} a day): try again in about {minutes} minutes; call if it is urgent"
        ),
    }
}

fn seconds(wait: TimeDelta) -> u16 {
    u16::try_from(wait.num_seconds().max(1)).unwrap_or(u16::MAX)
}
