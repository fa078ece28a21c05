//! Typed cells of spreadsheets → the text that a person would have written.
//!
//! Invariant: a number keeps every digit it has and gets none that it has not; a day is written as ISO 8601.

use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType};
use std::borrow::Cow;

/// Stands for a formula of which the file does not have the result. No XML can hold the character.
pub(super) const UNCALCULATED: &str = "\u{ffff}";

/// Writes a number: whole ones without a point, others with all their digits and no exponent.
pub(super) fn number(n: f64) -> String {
    if n == 0.0 { "0".to_owned() } else { format!("{n}") }
}

/// Writes a serial number of days as a date, a time of day, or both.
pub(super) fn moment(serial: f64, is_1904: bool) -> String {
    written(&ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, is_1904))
}

fn written(at: &ExcelDateTime) -> String {
    let serial = at.as_f64();
    if at.is_duration() || !(0.0..3_000_000.0).contains(&serial) {
        return number(serial);
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let (date, time) = (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}:{second:02}"));
    match serial {
        _ if serial < 1.0 => time,
        _ if serial.fract() == 0.0 => date,
        _ => format!("{date} {time}"),
    }
}

/// Writes a cell of an XLSX.
pub(super) fn text<'a>(value: &DataRef<'a>) -> Cow<'a, str> {
    match value {
        DataRef::Empty => Cow::Borrowed(""),
        DataRef::SharedString(text) => Cow::Borrowed(text),
        DataRef::String(text) | DataRef::DurationIso(text) => Cow::Owned(text.clone()),
        DataRef::DateTimeIso(text) => Cow::Owned(text.trim_end_matches("T00:00:00").replace('T', " ")),
        DataRef::Int(n) => Cow::Owned(n.to_string()),
        DataRef::Float(n) => Cow::Owned(number(*n)),
        DataRef::Bool(true) => Cow::Borrowed("true"),
        DataRef::Bool(false) => Cow::Borrowed("false"),
        DataRef::DateTime(at) => Cow::Owned(written(at)),
        DataRef::Error(error) => Cow::Owned(error.to_string()),
    }
}
