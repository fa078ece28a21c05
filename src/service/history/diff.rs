//! From what to what: the fields in which two sides of a change differ, by their names in the flat document.
//!
//! Invariants: a field that is on neither side, or the same on both, is not told; figures that follow from others are
//! left out. The reporter's contact is left out too: history is for all staff, a contact for those who answer.

use crate::domain::{Audience, Change, Closure, Correction, DemandPoint, Edit};
use crate::exchange::document::{write, write_demand, write_division};
use crate::exchange::geometry;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

crate::domain::words! {
    /// What became of the thing.
    Op {
        Created = "created", "新建", "created";
        Changed = "changed", "修改", "changed";
        Removed = "removed", "删除", "removed";
    }
}

impl Op {
    /// Returns what a change does to its subject.
    pub fn of(change: &Change) -> Self {
        let (before, after) = match change {
            Change::Resource(edit) => there(edit),
            Change::Division(edit) => there(edit),
            Change::Demand(edit) => there(edit),
            Change::Correction(edit) => there(edit),
            Change::Closure(edit) => there(edit),
        };
        match (before, after) {
            (false, _) => Self::Created,
            (_, false) => Self::Removed,
            _ => Self::Changed,
        }
    }
}

fn there<T>(edit: &Edit<T>) -> (bool, bool) {
    (edit.before.is_some(), edit.after.is_some())
}

/// One field, before and after; null is unknown or not there.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Name in the flat document.
    pub field: String,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// Figures that follow from others.
const DERIVED: [&str; 2] = ["free_places", "occupancy_quality"];

/// Most positions of a geometry that are told one by one.
const POSITIONS_MAX: usize = 100;

/// Returns the fields in which the two sides of a change differ, in order of name.
pub fn changes(change: &Change) -> Vec<FieldChange> {
    let (before, after) = sides(change);
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let side = |doc: &Map<String, Value>, name: &str| doc.get(name).cloned().unwrap_or_default();
    let told = names.into_iter().filter(|name| !DERIVED.contains(&name.as_str())).map(|name| FieldChange {
        field: name.clone(),
        before: side(&before, name),
        after: side(&after, name),
    });
    let mut told: Vec<FieldChange> = told.filter(|change| change.before != change.after).collect();
    for change in told.iter_mut().filter(|change| change.field == "geometry") {
        shorten(&mut change.before);
        shorten(&mut change.after);
    }
    told
}

type Sides = (Option<Map<String, Value>>, Option<Map<String, Value>>);

fn sides(change: &Change) -> Sides {
    match change {
        Change::Resource(edit) => written(edit, |r| write(r, Audience::Staff)),
        Change::Division(edit) => written(edit, write_division),
        Change::Demand(edit) => written(edit, |point: &DemandPoint| write_demand(point)),
        Change::Correction(edit) => written(edit, write_correction),
        Change::Closure(edit) => written(edit, write_closure),
    }
}

fn written<T>(edit: &Edit<T>, write: impl Fn(&T) -> Map<String, Value>) -> Sides {
    (edit.before.as_deref().map(&write), edit.after.as_deref().map(&write))
}

fn write_closure(closure: &Closure) -> Map<String, Value> {
    let doc = json!({
        "geometry": geometry::write_closure(&closure.shape), "cause": closure.cause, "reason": closure.reason, "depth_cm": closure.depth_cm, "from": closure.from,
        "to": closure.to, "source": closure.source, "division": closure.division, "created_at": closure.created_at,
        "profiles": closure.profiles.iter().map(|p| p.word()).collect::<Vec<_>>(), "synthetic": closure.synthetic,
    });
    if let Value::Object(doc) = doc { doc } else { Map::new() }
}

fn write_correction(report: &Correction) -> Map<String, Value> {
    let doc = json!({
        "receipt": report.id, "resource": report.resource, "division": report.division, "fault": report.fault,
        "message": report.message, "lon": report.position.map(|p| p.lon()), "lat": report.position.map(|p| p.lat()),
        "reported_at": report.reported_at, "due_at": report.due_at, "state": report.state, "reply": report.reply,
        "answered_at": report.answered_at, "answered_by": report.answered_by,
    });
    if let Value::Object(doc) = doc { doc } else { Map::new() }
}

/// Puts a long geometry into words: its type and how many positions it has.
fn shorten(geometry: &mut Value) {
    let positions = positions(&geometry["coordinates"]);
    if positions > POSITIONS_MAX {
        *geometry = json!({ "type": geometry["type"], "positions": positions });
    }
}

fn positions(coordinates: &Value) -> usize {
    match coordinates.as_array() {
        Some(parts) if parts.first().is_some_and(Value::is_array) => parts.iter().map(positions).sum(),
        Some(_) => 1,
        None => 0,
    }
}
