//! Positions of a body in another coordinate system are brought to WGS84 before the body is read.
//!
//! Invariants: of a body in another system every position is converted, or the body is refused; the numbers as given are
//! kept beside the converted ones, as an import keeps them; a document sent back in the system that it was read in moves
//! nothing, for a place that is the same to a millimetre is kept to the last digit.

use super::edit::Action;
use super::import::{is_same_place, keep_track};
use crate::domain::{Audience, Crs, Declared, LonLat, Resource, Violation};
use crate::exchange::document::{write, write_declared};
use crate::exchange::geometry::{self, Shape};
use crate::spatial::crs::{conversion, to_wgs84};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Names that say where a resource is.
const PLACE: [&str; 4] = ["lon", "lat", "geometry", "declared"];

/// Returns what is to be done with its positions in WGS84, or what is wrong with them.
pub(super) fn brought<'a>(
    action: &'a Action,
    crs: &Crs,
    before: Option<&Resource>,
) -> Result<Cow<'a, Action>, Vec<Violation>> {
    if crs.is_native() {
        return Ok(Cow::Borrowed(action));
    }
    match action {
        Action::Put(body) => converted(body, crs, before).map(|body| Cow::Owned(Action::Put(body))),
        Action::Patch(body) => converted(body, crs, before).map(|body| Cow::Owned(Action::Patch(body))),
        Action::Delete | Action::Restore(_) => Ok(Cow::Borrowed(action)),
    }
}

fn converted(
    body: &Map<String, Value>,
    crs: &Crs,
    before: Option<&Resource>,
) -> Result<Map<String, Value>, Vec<Violation>> {
    let (mut out, mut wrong) = (body.clone(), Vec::new());
    let mut given = own_numbers(body, &mut wrong);
    match body.get("geometry").filter(|g| !g.is_null()).map(|g| geometry::parse(g, crs)) {
        None => {}
        Some(Err(violation)) => wrong.push(violation),
        Some(Ok(parsed)) => {
            if matches!(parsed.shape, Shape::Point(_)) {
                given = given.or_else(|| point_numbers(body.get("geometry")?));
            }
            out.insert("geometry".to_owned(), geometry::write(&parsed.shape));
        }
    }
    if let Some((first, second)) = given {
        match to_wgs84(crs, first, second) {
            Ok(position) => put_position(
                &mut out,
                position,
                Declared { crs: crs.clone(), first, second, conversion: conversion(crs) },
            ),
            Err(violation) => wrong.push(violation),
        }
    }
    if let Some(track) = out.get_mut("current").and_then(Value::as_object_mut)
        && let Err(violation) = convert_track(track, crs)
    {
        wrong.push(violation);
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if let Some(before) = before {
        keep_track(before, &mut out);
        if is_same_place(before, &out) {
            keep_place(before, &mut out);
        }
    }
    Ok(out)
}

/// Returns the two numbers of a body. One alone can not be brought anywhere; what is no number is left to be refused as
/// that when the body is read.
fn own_numbers(body: &Map<String, Value>, wrong: &mut Vec<Violation>) -> Option<(f64, f64)> {
    for (name, other) in [("lon", "lat"), ("lat", "lon")] {
        if body.contains_key(other) && !body.contains_key(name) {
            wrong.push(Violation::missing(name));
        }
    }
    numbers(body)
}

fn numbers(object: &Map<String, Value>) -> Option<(f64, f64)> {
    Some((object.get("lon")?.as_f64()?, object.get("lat")?.as_f64()?))
}

fn point_numbers(point: &Value) -> Option<(f64, f64)> {
    let numbers = point.get("coordinates")?;
    Some((numbers.get(0)?.as_f64()?, numbers.get(1)?.as_f64()?))
}

fn put_position(out: &mut Map<String, Value>, position: LonLat, declared: Declared) {
    if out.contains_key("lon") {
        out.insert("lon".to_owned(), position.lon().into());
        out.insert("lat".to_owned(), position.lat().into());
    }
    out.insert("declared".to_owned(), write_declared(&declared));
}

/// Brings along where a team was last seen.
fn convert_track(track: &mut Map<String, Value>, crs: &Crs) -> Result<(), Violation> {
    let Some((first, second)) = numbers(track) else { return Ok(()) };
    let told = |v: Violation| Violation { field: format!("current.{}", v.field), ..v };
    let position = to_wgs84(crs, first, second).map_err(told)?;
    track.insert("lon".to_owned(), position.lon().into());
    track.insert("lat".to_owned(), position.lat().into());
    Ok(())
}

/// Writes the place that stands over the one that is the same.
fn keep_place(before: &Resource, out: &mut Map<String, Value>) {
    let stands = write(before, Audience::Staff);
    for name in PLACE.into_iter().filter(|name| out.contains_key(*name)).collect::<Vec<_>>() {
        match stands.get(name) {
            Some(value) => drop(out.insert(name.to_owned(), value.clone())),
            None => drop(out.remove(name)),
        }
    }
}
