//! Half-lives of figures, deadlines of reports, and how long what lies beside them is kept: read, checked, kept.
//!
//! Invariant: what is in force passed [`Settings::check`]; a record that does not is passed over for the defaults.

use crate::analysis::freshness::Rule;
use crate::domain::{Actor, DivisionCode, Fault, Field, Right, Violation, may};
use crate::service::{App, Error};
use crate::store::{Expected, Record, RecordKind};
use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longest half-life, days.
pub const DAYS_MAX: f64 = 36_500.0;

/// Shortest half-life, days: about a minute.
const DAYS_MIN: f64 = 0.0007;

/// Longest deadline, days.
const DUE_DAYS_MAX: f64 = 365.0;

/// Most divisions with a deadline of their own.
const DIVISIONS_MAX: usize = 1000;

/// Days until an answer is due when nothing is set for the fault.
const DUE_DAYS: f64 = 3.0;

/// Longest time that something is kept beside an answered report, days.
const KEPT_DAYS_MAX: f64 = 3650.0;

/// Name of the record.
const KEY: &str = "freshness";

/// Time after which the record is looked at again.
const LOOK_AFTER: Duration = Duration::from_secs(5);

/// Half-lives and deadlines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days after which half the trust in a group of fields is left.
    pub half_life_days: BTreeMap<Field, f64>,
    /// What an open report leaves of the trust in the fields it touches, 0 to 1.
    pub report_factor: f64,
    /// What all open reports together leave of it at least, 0 to 1.
    pub report_floor: f64,
    /// Days until the answer to a report is due, by what is said to be wrong.
    pub report_due_days: BTreeMap<Fault, f64>,
    /// The same by division; the shorter of the two holds.
    pub report_due_days_by_division: BTreeMap<DivisionCode, f64>,
    /// Days after the answer to a report until its photograph is erased.
    pub report_photo_days: f64,
    /// Days after the answer to a report until the reporter's contact is erased.
    pub report_contact_days: f64,
}

impl Default for Settings {
    fn default() -> Self {
        let rule = Rule::default();
        let days = |fault: &Fault| if matches!(fault, Fault::Closed | Fault::NoAccess) { 1.0 } else { DUE_DAYS };
        Self {
            half_life_days: rule.half_life_days,
            report_factor: rule.report_factor,
            report_floor: rule.report_floor,
            report_due_days: Fault::ALL.iter().map(|fault| (*fault, days(fault))).collect(),
            report_due_days_by_division: BTreeMap::new(),
            report_photo_days: 30.0,
            report_contact_days: 7.0,
        }
    }
}

impl Settings {
    /// Returns how fast trust fades.
    pub fn rule(&self) -> Rule {
        let Self { report_factor, report_floor, .. } = *self;
        Rule { half_life_days: self.half_life_days.clone(), report_factor, report_floor }
    }

    /// Returns how long an answer may take.
    pub fn due_within(&self, fault: Fault, division: Option<&DivisionCode>) -> TimeDelta {
        let by_fault = self.report_due_days.get(&fault).copied().unwrap_or(DUE_DAYS);
        let holds = |(code, _): &(&DivisionCode, &f64)| division.is_some_and(|d| code.contains(d));
        let by_division = self.report_due_days_by_division.iter().filter(holds).map(|(_, days)| *days);
        let days = by_division.fold(by_fault, f64::min);
        TimeDelta::seconds((days * 86_400.0).round() as i64)
    }

    /// Returns how long what lies beside a report is kept after its answer.
    pub fn kept_beside(&self, kind: RecordKind) -> TimeDelta {
        let days = if kind == RecordKind::Contact { self.report_contact_days } else { self.report_photo_days };
        TimeDelta::seconds((days * 86_400.0).round() as i64)
    }

    /// Fills in what was left out, and returns everything wrong with the rest.
    pub fn check(mut self) -> Result<Self, Vec<Violation>> {
        let defaults = Self::default();
        for (field, days) in defaults.half_life_days {
            self.half_life_days.entry(field).or_insert(days);
        }
        for (fault, days) in defaults.report_due_days {
            self.report_due_days.entry(fault).or_insert(days);
        }
        let mut wrong = Vec::new();
        let mut within = |name: String, given: f64, least: f64, most: f64| {
            if !(least..=most).contains(&given) {
                wrong.push(Violation::out_of_range(&name, &given.to_string(), &format!("{least}…{most}")));
            }
        };
        for (field, days) in &self.half_life_days {
            within(format!("half_life_days.{field}"), *days, DAYS_MIN, DAYS_MAX);
        }
        within("report_factor".to_owned(), self.report_factor, 0.0, 1.0);
        within("report_floor".to_owned(), self.report_floor, 0.0, 1.0);
        within("report_photo_days".to_owned(), self.report_photo_days, 0.0, KEPT_DAYS_MAX);
        within("report_contact_days".to_owned(), self.report_contact_days, 0.0, KEPT_DAYS_MAX);
        for (fault, days) in &self.report_due_days {
            within(format!("report_due_days.{fault}"), *days, 0.01, DUE_DAYS_MAX);
        }
        for (code, days) in &self.report_due_days_by_division {
            within(format!("report_due_days_by_division.{code}"), *days, 0.01, DUE_DAYS_MAX);
        }
        let divisions = self.report_due_days_by_division.len();
        if divisions > DIVISIONS_MAX {
            let range = format!("0…{DIVISIONS_MAX} divisions");
            wrong.push(Violation::out_of_range("report_due_days_by_division", &divisions.to_string(), &range));
        }
        for code in self.report_due_days_by_division.keys() {
            if DivisionCode::parse(code.as_str()).ok().as_ref() != Some(code) {
                wrong.push(Violation::new(
                    format!("report_due_days_by_division.{}", code.as_str().chars().take(20).collect::<String>()),
                    "bad_division_code",
                    "行政区划代码应为 12 位数字",
                    "a division code has 12 digits here",
                ));
            }
        }
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }
}

/// Settings with their version.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Versioned {
    /// The settings.
    pub settings: Settings,
    /// Version; 0 while nothing was ever set.
    pub version: u64,
    /// When they were set.
    pub at: Option<DateTime<Utc>>,
}

/// Settings in memory.
#[derive(Default)]
pub struct Kept {
    now: ArcSwap<Versioned>,
    looked: Mutex<Option<Instant>>,
}

impl App {
    /// Returns the settings in force.
    pub fn freshness(&self) -> Arc<Versioned> {
        self.settings.now.load_full()
    }

    /// Looks after the settings, which another process may have changed.
    pub(in crate::service) async fn look_after_settings(&self) -> Result<(), Error> {
        {
            let mut looked = self.settings.looked.lock().unwrap_or_else(PoisonError::into_inner);
            if looked.is_some_and(|at| at.elapsed() < LOOK_AFTER) {
                return Ok(());
            }
            *looked = Some(Instant::now());
        }
        let Some(record) = self.store.record(RecordKind::Setting, KEY).await? else { return Ok(()) };
        match serde_json::from_str::<Settings>(&record.doc).ok().and_then(|settings| settings.check().ok()) {
            Some(settings) => {
                let version = record.version;
                self.settings.now.store(Arc::new(Versioned { settings, version, at: Some(record.at) }));
            }
            None => tracing::error!(version = record.version, "the freshness settings can not be read"),
        }
        Ok(())
    }
}

/// Keeps new settings in the place of `version`.
pub async fn save(app: &App, actor: &Actor, settings: Settings, version: u64) -> Result<Arc<Versioned>, Error> {
    may(actor, Right::KeepSettings).map_err(Error::Denied)?;
    let settings = settings.check().map_err(Error::Invalid)?;
    let at = app.now();
    let doc = serde_json::to_string(&settings).map_err(Error::internal)?;
    let record = Record { kind: RecordKind::Setting, key: KEY.to_owned(), version: 0, at, doc, blob: None };
    let expected = if version == 0 { Expected::New } else { Expected::At(version) };
    let version = app.store.put_record(&record, expected).await?;
    let kept = Arc::new(Versioned { settings, version, at: Some(at) });
    app.settings.now.store(kept.clone());
    Ok(kept)
}
