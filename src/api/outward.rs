//! Answers in the datum that was asked for. The service answers in WGS84; on the way out positions are brought to another
//! datum, and the answer names it.
//!
//! Invariant: every position of an answer is in the datum that it names, but for `declared` (the numbers of the source) and
//! `positions` (which name their own). A resource read in another datum carries `datum`, which no write takes that does not
//! name the same itself: shifted numbers can not be sent back by mistake.

use super::params::Params;
use super::problem::Problem;
use crate::domain::{Datum, LonLat, Violation};
use crate::spatial::datum::from_wgs84;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

/// Members whose positions are not the answer's own.
const FOREIGN: [&str; 2] = ["declared", "positions"];

/// Arrays of two numbers that are positions.
const PAIRS: [&str; 2] = ["origin", "position"];

/// The datum that an answer is to be in.
#[derive(Debug, Clone, Copy)]
pub struct Outward(Datum);

/// WGS84, as everything is inside.
impl Default for Outward {
    fn default() -> Self {
        Self(Datum::Wgs84)
    }
}

impl Outward {
    /// Reads it from a parameter; WGS84 when it is absent.
    pub fn of(params: &mut Params, name: &'static str) -> Self {
        Self(params.word(name, Datum::from_word, Datum::choices()).unwrap_or(Datum::Wgs84))
    }

    /// Reads it from a member of a body; WGS84 when it is absent.
    pub fn of_word(field: &str, word: Option<&str>) -> Result<Self, Violation> {
        let Some(word) = word else { return Ok(Self(Datum::Wgs84)) };
        Datum::from_word(word).map(Self).ok_or_else(|| Violation::not_a_choice(field, word, &Datum::choices()))
    }

    /// Returns the answer as it is, or with its positions shifted and its datum named.
    pub fn json(self, media: &'static str, answer: &impl Serialize) -> Response {
        if self.0 == Datum::Wgs84 {
            return super::conditional::json(media, answer);
        }
        match serde_json::to_value(answer) {
            Ok(value) => super::conditional::json(media, &self.shifted(value)),
            Err(error) => Problem::from(crate::service::Error::internal(error)).into_response(),
        }
    }

    /// The same for an answer that is written already.
    pub fn bytes(self, media: &'static str, bytes: bytes::Bytes) -> Response {
        if self.0 == Datum::Wgs84 {
            return ([(header::CONTENT_TYPE, media)], bytes).into_response();
        }
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(value) => super::conditional::json(media, &self.shifted(value)),
            Err(error) => Problem::from(crate::service::Error::internal(error)).into_response(),
        }
    }

    fn shifted(self, mut value: Value) -> Value {
        self.shift(&mut value);
        if let Value::Object(object) = &mut value {
            object.insert("datum".to_owned(), self.0.word().into());
        }
        value
    }

    fn shift(self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.shift(item)),
            Value::Object(object) => self.shift_object(object),
            _ => {}
        }
    }

    fn shift_object(self, object: &mut Map<String, Value>) {
        if let (Some(lon), Some(lat)) = (number(object, "lon"), number(object, "lat")) {
            let (lon, lat) = self.place(lon, lat);
            object.insert("lon".to_owned(), lon.into());
            object.insert("lat".to_owned(), lat.into());
        }
        for (name, member) in object.iter_mut() {
            match name.as_str() {
                name if FOREIGN.contains(&name) => {}
                "coordinates" => self.shift_positions(member),
                name if PAIRS.contains(&name) && member.is_array() => self.shift_positions(member),
                _ => self.shift(member),
            }
        }
    }

    /// Shifts a position, or lists of them however deep.
    fn shift_positions(self, value: &mut Value) {
        let Value::Array(items) = value else { return };
        match (items.first().and_then(Value::as_f64), items.get(1).and_then(Value::as_f64)) {
            (Some(lon), Some(lat)) => {
                let (lon, lat) = self.place(lon, lat);
                items[0] = lon.into();
                items[1] = lat.into();
            }
            _ => items.iter_mut().for_each(|item| self.shift_positions(item)),
        }
    }

    fn place(self, lon: f64, lat: f64) -> (f64, f64) {
        LonLat::new(lon, lat).map_or((lon, lat), |position| from_wgs84(self.0, position).into())
    }
}

fn number(object: &Map<String, Value>, name: &str) -> Option<f64> {
    object.get(name).and_then(Value::as_f64)
}
