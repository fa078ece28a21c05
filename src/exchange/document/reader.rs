//! Reads typed values out of a JSON object and collects what is wrong, each with the path of its field.
//!
//! Invariant: absent, null and a value are three different things all the way; a value of the wrong type counts as
//! absent after it was reported, so that one mistake gives one violation.

use super::fields::Word;
use super::unknown_field::unknown_field;
use crate::domain::{LIMITS, Violation, named};
use crate::exchange::value;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What a document says about one field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given<T> {
    /// Nothing: keep what is there.
    Absent,
    /// That it is unknown.
    Null,
    /// A value.
    Value(T),
}

impl<T> Given<T> {
    /// Writes what was given on `slot`.
    pub(super) fn onto(self, slot: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *slot = None,
            Self::Value(value) => *slot = Some(value),
        }
    }

    /// Returns the value, if there is one.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// A kind of value, in both languages.
type Expected = (&'static str, &'static str);

const STRING: Expected = ("文本", "a string");
const NUMBER: Expected = ("数字", "a number");
const WHOLE: Expected = ("整数", "a whole number");
const FLAG: Expected = ("true 或 false", "true or false");
const LIST: Expected = ("数组", "an array");
const OBJECT: Expected = ("对象", "an object");

/// Years outside these are typing errors, not observations.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// Unknown names that are told one by one; how many more there were is told in one violation.
const UNKNOWN_TOLD_MAX: usize = 50;

/// One JSON object under reading.
pub(super) struct Reader<'a> {
    object: &'a Map<String, Value>,
    prefix: String,
    /// What was wrong so far.
    pub(super) violations: Vec<Violation>,
}

impl<'a> Reader<'a> {
    /// Starts on a whole document.
    pub(super) fn new(object: &'a Map<String, Value>) -> Self {
        Self { object, prefix: String::new(), violations: Vec::new() }
    }

    /// Reports a violation, its field put under the path of this object.
    pub(super) fn report(&mut self, violation: Violation) {
        self.violations.push(violation.under(&self.prefix));
    }

    /// Returns the raw value.
    pub(super) fn raw(&self, field: &str) -> Given<&'a Value> {
        match self.object.get(field) {
            None => Given::Absent,
            Some(Value::Null) => Given::Null,
            Some(value) => Given::Value(value),
        }
    }

    /// Reads text, trimmed, line ends made one; empty text is unknown.
    pub(super) fn text(&mut self, field: &str) -> Given<String> {
        self.convert(field, STRING, |value| {
            let text = value.as_str()?.trim();
            Some(if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() })
        })
        .blank_is_unknown()
    }

    /// Reads short text in which a dash, 不详, N/A and the like say that it is unknown.
    pub(super) fn short_text(&mut self, field: &str) -> Given<String> {
        match self.text(field) {
            Given::Value(text) if value::says_unknown(&text) => Given::Null,
            given => given,
        }
    }

    /// Reads a finite number.
    pub(super) fn number(&mut self, field: &str) -> Given<f64> {
        self.convert(field, NUMBER, Value::as_f64)
    }

    /// Reads a whole number of people or things, as large as the domain allows.
    pub(super) fn whole(&mut self, field: &str) -> Given<u32> {
        let number = match self.convert(field, WHOLE, Value::as_f64) {
            Given::Value(number) => number,
            Given::Null => return Given::Null,
            Given::Absent => return Given::Absent,
        };
        if number.fract() != 0.0 {
            self.report(Violation::new(
                field,
                "not_whole",
                format!("{}的值 {number} 不是整数", named(field)),
                format!("{field} {number} is not a whole number"),
            ));
            return Given::Absent;
        }
        if !(0.0..=f64::from(LIMITS.persons)).contains(&number) {
            self.report(Violation::out_of_range(field, &number.to_string(), &format!("0…{}", LIMITS.persons)));
            return Given::Absent;
        }
        Given::Value(number as u32)
    }

    /// Reads `true` or `false`.
    pub(super) fn flag(&mut self, field: &str) -> Given<bool> {
        self.convert(field, FLAG, Value::as_bool)
    }

    /// Reads `true` or `false` where unknown is not an answer; absent keeps `kept`.
    pub(super) fn sure_flag(&mut self, field: &str, kept: bool) -> bool {
        match self.flag(field) {
            Given::Null => {
                self.refuse_null(field, "true, false");
                kept
            }
            given => given.value().unwrap_or(kept),
        }
    }

    /// Reads one word of a closed list.
    pub(super) fn word<T: Word>(&mut self, field: &str) -> Given<T> {
        let word = match self.text(field) {
            Given::Value(word) => word,
            Given::Null => return Given::Null,
            Given::Absent => return Given::Absent,
        };
        match T::of(&word) {
            Some(value) => Given::Value(value),
            None => {
                self.report(Violation::not_a_choice(field, &word, &T::choices()));
                Given::Absent
            }
        }
    }

    /// Reads a word where unknown is not an answer; absent keeps `kept`.
    pub(super) fn sure_word<T: Word>(&mut self, field: &str, kept: T) -> T {
        match self.word(field) {
            Given::Null => {
                self.refuse_null(field, &T::choices());
                kept
            }
            given => given.value().unwrap_or(kept),
        }
    }

    /// Reads a list of words of a closed list; every wrong one is reported by its place.
    pub(super) fn words<T: Word>(&mut self, field: &str) -> Given<BTreeSet<T>> {
        let items = match self.list(field) {
            Given::Absent => return Given::Absent,
            Given::Null => return Given::Null,
            Given::Value(items) => items,
        };
        let mut set = BTreeSet::new();
        for (i, item) in items.iter().enumerate() {
            let path = format!("{field}[{i}]");
            match item.as_str().map(|word| T::of(word).ok_or(word)) {
                Some(Ok(value)) => drop(set.insert(value)),
                Some(Err(word)) => self.report(Violation::not_a_choice(&path, word, &T::choices())),
                None => self.wrong_type(&path, STRING),
            }
        }
        Given::Value(set)
    }

    /// Reads a time: RFC 3339 with offset, in a believable year.
    pub(super) fn time(&mut self, field: &str) -> Given<DateTime<Utc>> {
        let text = match self.text(field) {
            Given::Value(text) => text,
            Given::Null => return Given::Null,
            Given::Absent => return Given::Absent,
        };
        match parse_time(field, &text) {
            Ok(time) => Given::Value(time),
            Err(violation) => {
                self.report(violation);
                Given::Absent
            }
        }
    }

    /// Reads a list of anything, as long as the domain allows lists to be.
    pub(super) fn list(&mut self, field: &str) -> Given<&'a [Value]> {
        match self.raw(field) {
            Given::Absent => Given::Absent,
            Given::Null => Given::Null,
            Given::Value(Value::Array(items)) if items.len() > LIMITS.lines => {
                let most = LIMITS.lines;
                let range = (&*format!("0…{most} 行"), &*format!("0…{most} lines"));
                self.report(Violation::outside(field, &items.len().to_string(), range));
                Given::Absent
            }
            Given::Value(Value::Array(items)) => Given::Value(items),
            Given::Value(_) => {
                self.wrong_type(field, LIST);
                Given::Absent
            }
        }
    }

    /// Reads a list of objects, each by `read`; names outside `allowed` are refused. Items that can not be read are
    /// left out after they were reported.
    pub(super) fn objects<T>(
        &mut self,
        field: &str,
        allowed: &[&str],
        mut read: impl FnMut(&mut Reader<'a>) -> Option<T>,
    ) -> Given<Vec<T>> {
        let items = match self.list(field) {
            Given::Absent => return Given::Absent,
            Given::Null => return Given::Null,
            Given::Value(items) => items,
        };
        let mut out = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            out.extend(self.inside(&format!("{field}[{i}]"), item, allowed, &mut read));
        }
        Given::Value(out)
    }

    /// Reads one object by `read`; names outside `allowed` are refused.
    pub(super) fn object<T>(
        &mut self,
        field: &str,
        allowed: &[&str],
        read: impl FnOnce(&mut Reader<'a>) -> Option<T>,
    ) -> Given<T> {
        match self.raw(field) {
            Given::Absent => Given::Absent,
            Given::Null => Given::Null,
            Given::Value(value) => self.inside(field, value, allowed, read).map_or(Given::Absent, Given::Value),
        }
    }

    /// Reports every name that is not in `allowed`, with the nearest one that is.
    pub(super) fn refuse_unknown(&mut self, allowed: &[&str]) {
        let object = self.object;
        let mut unknown = object.keys().filter(|name| !allowed.contains(&name.as_str()));
        for name in unknown.by_ref().take(UNKNOWN_TOLD_MAX) {
            self.report(unknown_field(name, allowed));
        }
        let more = unknown.count();
        if more > 0 {
            let (zh, en) = (format!("另有 {more} 个未知字段"), format!("{more} more fields are unknown"));
            self.report(Violation::new("", "unknown_field", zh, en));
        }
    }

    /// Reports a null where unknown is not an answer.
    pub(super) fn refuse_null(&mut self, field: &str, choices: &str) {
        self.report(Violation::new(
            field,
            "not_nullable",
            format!("{}不能为 null，可选：{choices}；不改动时请省略", named(field)),
            format!("{field} can not be null: give one of {choices}, or leave it out"),
        ));
    }

    fn inside<T>(
        &mut self,
        path: &str,
        value: &'a Value,
        allowed: &[&str],
        read: impl FnOnce(&mut Reader<'a>) -> Option<T>,
    ) -> Option<T> {
        let Value::Object(object) = value else {
            self.wrong_type(path, OBJECT);
            return None;
        };
        let mut inner = Reader {
            object,
            prefix: format!("{}{path}.", self.prefix),
            violations: std::mem::take(&mut self.violations),
        };
        inner.refuse_unknown(allowed);
        let read = read(&mut inner);
        self.violations = inner.violations;
        read
    }

    fn convert<T>(
        &mut self,
        field: &str,
        expected: Expected,
        as_type: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Given<T> {
        match self.raw(field) {
            Given::Absent => Given::Absent,
            Given::Null => Given::Null,
            Given::Value(value) => match as_type(value) {
                Some(read) => Given::Value(read),
                None => {
                    self.wrong_type(field, expected);
                    Given::Absent
                }
            },
        }
    }

    fn wrong_type(&mut self, field: &str, (zh, en): Expected) {
        self.report(Violation::new(
            field,
            "wrong_type",
            format!("{}的类型不对，应为{zh}", named(field)),
            format!("{field} must be {en}"),
        ));
    }
}

impl Given<String> {
    fn blank_is_unknown(self) -> Self {
        match self {
            Self::Value(text) if text.is_empty() => Self::Null,
            given => given,
        }
    }
}

/// A clock may be this far ahead of ours before a time counts as in the future.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(5);

/// Reads the time of an observation that stands alone; one after `now` is refused, since nobody has seen it yet.
pub fn observed_at(value: &Value, now: DateTime<Utc>) -> Result<DateTime<Utc>, Violation> {
    let field = "observed_at";
    let at = parse_time(field, value.as_str().unwrap_or_default())?;
    if at > now + AHEAD_MAX {
        return Err(Violation::new(field, "in_the_future", "“核验时间”晚于当前时间", "observed_at lies in the future"));
    }
    Ok(at)
}

fn parse_time(field: &str, text: &str) -> Result<DateTime<Utc>, Violation> {
    match DateTime::parse_from_rfc3339(text).map(|t| t.with_timezone(&Utc)) {
        Ok(time) if YEARS.contains(&time.year()) => Ok(time),
        Ok(_) => Err(Violation::out_of_range(field, text, "1900…2100")),
        Err(_) => Err(Violation::new(
            field,
            "bad_time",
            format!("{}应为带时区的 RFC 3339 时间，例如 2024-05-01T08:00:00+08:00", named(field)),
            format!("{field} must be RFC 3339 with an offset, e.g. 2024-05-01T08:00:00+08:00"),
        )),
    }
}
