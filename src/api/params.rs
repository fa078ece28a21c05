//! Query parameters, read strictly: unknown and repeated ones are refused by name, and every fault is told at once.

use super::problem::Problem;
use crate::domain::{Datum, DivisionCode, LonLat, ResourceId, Violation};
use crate::service::history::Moment;
use crate::spatial::datum::to_wgs84;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// The parameters of one request, and what was found wrong with them so far.
pub struct Params {
    given: BTreeMap<String, String>,
    known: Vec<&'static str>,
    violations: Vec<Violation>,
}

impl Params {
    /// Reads the query part of an address.
    pub fn parse(query: Option<&str>) -> Self {
        let mut given = BTreeMap::new();
        let mut violations = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if given.contains_key(name.as_ref()) {
                violations.push(Violation::new(
                    name.as_ref(),
                    "repeated",
                    format!("参数 {name} 重复"),
                    format!("parameter {name} is given more than once"),
                ));
            }
            given.insert(name.into_owned(), value.into_owned());
        }
        Self { given, known: Vec::new(), violations }
    }

    /// Returns the text of a parameter; an empty one is refused, for nobody can tell what was meant by it.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let text = self.given.get(name)?.trim().to_owned();
        if text.is_empty() { self.refuse(empty(name)) } else { Some(text) }
    }

    /// Returns the text of a parameter that must be there.
    pub fn required(&mut self, name: &'static str) -> Option<String> {
        if self.given.contains_key(name) {
            return self.text(name);
        }
        self.known.push(name);
        self.refuse(Violation::missing(name))
    }

    /// Returns a finite number within a range.
    pub fn number(&mut self, name: &'static str, least: f64, most: f64) -> Option<f64> {
        let text = self.text(name)?;
        match text.parse::<f64>() {
            Ok(n) if (least..=most).contains(&n) => Some(n),
            Ok(_) => self.refuse(Violation::out_of_range(name, &text, &format!("{least}…{most}"))),
            Err(_) => self.refuse(not_a_number(name, &text)),
        }
    }

    /// Returns a whole number within a range.
    pub fn whole(&mut self, name: &'static str, least: u64, most: u64) -> Option<u64> {
        let text = self.text(name)?;
        match text.parse::<u64>() {
            Ok(n) if (least..=most).contains(&n) => Some(n),
            Ok(_) => self.refuse(Violation::out_of_range(name, &text, &format!("{least}…{most}"))),
            Err(_) if text.parse::<f64>().is_ok() => self.refuse(Violation::outside(
                name,
                &text,
                (&format!("{least}…{most}（整数）"), &format!("{least}…{most} (whole numbers)")),
            )),
            Err(_) => self.refuse(not_a_number(name, &text)),
        }
    }

    /// Returns a whole number that may be as large as it likes: above 64 bits it is as good as the largest.
    pub fn at_least(&mut self, name: &'static str, least: u64) -> Option<u64> {
        let text = self.text(name)?;
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse::<u64>() {
            Ok(n) if n >= least => Some(n),
            Err(_) if digits => Some(u64::MAX),
            _ if digits || text.parse::<f64>().is_ok() => self.refuse(Violation::outside(
                name,
                &text,
                (&format!("≥ {least}（整数）"), &format!("≥ {least} (whole numbers)")),
            )),
            _ => self.refuse(not_a_number(name, &text)),
        }
    }

    /// Returns yes or no; absent is no.
    pub fn flag(&mut self, name: &'static str) -> bool {
        match self.text(name).as_deref() {
            None | Some("false" | "0" | "no") => false,
            Some("true" | "1" | "yes") => true,
            Some(other) => {
                let violation = Violation::not_a_choice(name, other, "true, false");
                self.refuse::<()>(violation);
                false
            }
        }
    }

    /// Returns a word of a closed list.
    pub fn word<T>(&mut self, name: &'static str, read: fn(&str) -> Option<T>, choices: String) -> Option<T> {
        let text = self.text(name)?;
        let found = read(&text);
        if found.is_none() {
            self.violations.push(Violation::not_a_choice(name, &text, &choices));
        }
        found
    }

    /// Returns the words of a comma-separated list.
    pub fn words<T>(&mut self, name: &'static str, read: fn(&str) -> Option<T>, choices: String) -> Vec<T> {
        let Some(text) = self.text(name) else { return Vec::new() };
        let mut found = Vec::new();
        for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
            match read(word) {
                Some(value) => found.push(value),
                None => self.violations.push(Violation::not_a_choice(name, word, &choices)),
            }
        }
        found
    }

    /// Returns the id of a resource.
    pub fn resource(&mut self, name: &'static str) -> Option<ResourceId> {
        let text = self.text(name)?;
        self.kept(name, ResourceId::parse(&text))
    }

    /// Returns the code of a division.
    pub fn division(&mut self, name: &'static str) -> Option<DivisionCode> {
        let text = self.text(name)?;
        self.kept(name, DivisionCode::parse(&text))
    }

    /// Returns a time, RFC 3339.
    pub fn time(&mut self, name: &'static str) -> Option<DateTime<Utc>> {
        let text = self.text(name)?;
        // A plus sign that is not encoded arrives as a blank.
        let read = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        let shown: String = text.chars().take(40).collect();
        self.kept(
            name,
            read.map(|at| at.with_timezone(&Utc)).map_err(|_| {
                Violation::new(
                    name,
                    "bad_time",
                    format!("{name} 应为带时区的 RFC 3339 时间，例如 2026-05-01T08:00:00+08:00；收到 {shown}"),
                    format!("{name} takes an RFC 3339 time with an offset, not {shown}"),
                )
            }),
        )
    }

    /// Returns the moment of the past that is asked about: a revision or a time.
    pub fn as_of(&mut self) -> Option<Moment> {
        let text = self.text("as_of")?;
        self.kept("as_of", Moment::parse(&text))
    }

    fn kept<T>(&mut self, name: &str, read: Result<T, Violation>) -> Option<T> {
        read.map_or_else(|v| self.refuse(Violation { field: name.to_owned(), ..v }), Some)
    }

    /// Returns the datum of the question; absent is WGS84.
    pub fn datum(&mut self) -> Datum {
        self.word("datum", Datum::from_word, Datum::choices()).unwrap_or(Datum::Wgs84)
    }

    /// Returns the position of `lon` and `lat` in `datum`, as WGS84.
    pub fn position(&mut self, datum: Datum) -> Option<LonLat> {
        let lon = self.coordinate("lon");
        let lat = self.coordinate("lat");
        match LonLat::new(lon?, lat?) {
            Ok(given) => Some(to_wgs84(datum, given)),
            Err(violation) => self.refuse(violation),
        }
    }

    /// Returns the position of a parameter `lon,lat` that must be there, in `datum`, as WGS84.
    pub fn pair(&mut self, name: &'static str, datum: Datum) -> Option<LonLat> {
        let text = self.required(name)?;
        let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
        match numbers.as_deref() {
            Some([lon, lat]) => match LonLat::new(*lon, *lat) {
                Ok(given) => Some(to_wgs84(datum, given)),
                Err(violation) => self.refuse(Violation { field: name.to_owned(), ..violation }),
            },
            _ => {
                let shown: String = text.chars().take(60).collect();
                self.refuse(Violation::new(
                    name,
                    "bad_position",
                    format!("{name} 应为“经度,纬度”，例如 121.2284,31.0322；收到“{shown}”"),
                    format!("{name} takes `lon,lat`, such as 121.2284,31.0322, not `{shown}`"),
                ))
            }
        }
    }

    /// The same where it may be left out: without `lon` and `lat` there is none, with one of them both are wanted.
    pub fn position_if_any(&mut self, datum: Datum) -> Option<LonLat> {
        if self.given.contains_key("lon") || self.given.contains_key("lat") {
            return self.position(datum);
        }
        self.known.extend(["lon", "lat"]);
        None
    }

    fn coordinate(&mut self, name: &'static str) -> Option<f64> {
        let text = self.required(name)?;
        match text.parse::<f64>() {
            Ok(n) => Some(n),
            Err(_) => self.refuse(not_a_number(name, &text)),
        }
    }

    /// Notes something wrong.
    pub fn refuse<T>(&mut self, violation: Violation) -> Option<T> {
        self.violations.push(violation);
        None
    }

    /// Ends the reading: parameters that nobody asked for are refused by name.
    pub fn finish(mut self) -> Result<(), Problem> {
        let (zh, en) = match self.known.join(", ") {
            none if none.is_empty() => ("此处不接受参数".to_owned(), "none is taken here".to_owned()),
            known => (format!("可用：{known}"), format!("known: {known}")),
        };
        for name in self.given.keys().filter(|name| !self.known.contains(&name.as_str())) {
            let shown: String = name.chars().take(60).collect();
            self.violations.push(Violation::new(
                shown.clone(),
                "unknown_parameter",
                format!("没有参数 {shown}；{zh}"),
                format!("there is no parameter {shown}; {en}"),
            ));
        }
        if self.violations.is_empty() { Ok(()) } else { Err(Problem::parameters(self.violations)) }
    }
}

fn empty(name: &str) -> Violation {
    Violation::new(
        name,
        "empty",
        format!("参数 {name} 为空；不需要时请省略"),
        format!("parameter {name} is empty: leave it out, or give it a value"),
    )
}

fn not_a_number(name: &str, text: &str) -> Violation {
    let shown: String = text.chars().take(40).collect();
    Violation::new(
        name,
        "not_a_number",
        format!("{name} 应为数字，收到“{shown}”"),
        format!("{name} must be a number, not `{shown}`"),
    )
}
