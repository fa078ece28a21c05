//! How somebody travels, as questions say it: `by`, `metric`, `conditions`, `time_factor`.

use super::params::Params;
use super::wire::roads::AIR;
use crate::domain::{Profile, Violation};
use crate::network::Metric;
use crate::network::speeds::{Condition, Slowdown};
use crate::service::roads::Travel;

/// Returns the words that `by` takes where the straight line is one of them.
pub fn ways() -> String {
    format!("{AIR}, {}", Profile::choices())
}

/// How to travel, in words.
#[derive(Debug, Default)]
pub struct TravelWords {
    /// Profile.
    pub by: Option<String>,
    /// `time` (default) or `length`.
    pub metric: Option<String>,
    /// What makes everybody slower.
    pub conditions: Vec<String>,
    /// A factor of the caller's own on all durations.
    pub time_factor: Option<f64>,
}

impl TravelWords {
    /// Reads them from parameters.
    pub fn of(params: &mut Params) -> Self {
        Self {
            by: params.text("by"),
            metric: params.text("metric"),
            conditions: params.words("conditions", |word| Some(word.to_owned()), String::new()),
            time_factor: params.number("time_factor", LEAST_FACTOR, Slowdown::MOST),
        }
    }

    /// Returns the travel, or everything wrong with the words. `by` must name a profile: the straight line is no road.
    pub fn read(self) -> Result<Travel, Vec<Violation>> {
        self.along(&Profile::choices())
    }

    /// Returns the travel; `None` for the straight line, which is also what silence asks for.
    pub fn by_road(self) -> Result<Option<Travel>, Vec<Violation>> {
        if !matches!(self.by.as_deref(), None | Some(AIR)) {
            return self.along(&ways()).map(Some);
        }
        if self.metric.is_none() && self.conditions.is_empty() && self.time_factor.is_none() {
            return Ok(None);
        }
        let (_, _, mut wrong) = self.manner();
        if wrong.is_empty() {
            wrong.push(Violation::new(
                "by",
                "missing",
                format!("metric、conditions、time_factor 只用于道路；请给出 by（{}）", Profile::choices()),
                format!("metric, conditions and time_factor are about roads: say `by` ({})", Profile::choices()),
            ));
        }
        Err(wrong)
    }

    fn along(self, choices: &str) -> Result<Travel, Vec<Violation>> {
        let (metric, conditions, mut wrong) = self.manner();
        let profile = match self.by.as_deref() {
            None => Err(Violation::missing("by")),
            Some(word) => Profile::from_word(word).ok_or_else(|| Violation::not_a_choice("by", word, choices)),
        };
        match profile {
            Ok(profile) if wrong.is_empty() => {
                let slowdown = Slowdown::of(profile, &conditions, self.time_factor.unwrap_or(1.0));
                Ok(Travel { profile, metric, slowdown })
            }
            Ok(_) => Err(wrong),
            Err(violation) => {
                wrong.insert(0, violation);
                Err(wrong)
            }
        }
    }

    /// Reads all but `by`, with everything that is wrong.
    fn manner(&self) -> (Metric, Vec<Condition>, Vec<Violation>) {
        let mut wrong = Vec::new();
        let metric = self.metric.as_deref().map_or(Some(Metric::Time), |word| {
            let metric = Metric::from_word(word);
            if metric.is_none() {
                wrong.push(Violation::not_a_choice("metric", word, &Metric::choices()));
            }
            metric
        });
        let mut conditions = Vec::new();
        for word in &self.conditions {
            match Condition::from_word(word) {
                Some(condition) if conditions.contains(&condition) => {}
                Some(condition) => conditions.push(condition),
                None => wrong.push(Violation::not_a_choice("conditions", word, &Condition::choices())),
            }
        }
        let own = self.time_factor.unwrap_or(1.0);
        if !(LEAST_FACTOR..=Slowdown::MOST).contains(&own) {
            let range = format!("{LEAST_FACTOR}…{}", Slowdown::MOST);
            wrong.push(Violation::out_of_range("time_factor", &own.to_string(), &range));
        }
        (metric.unwrap_or(Metric::Time), conditions, wrong)
    }
}

/// Least factor on durations.
const LEAST_FACTOR: f64 = 0.1;
