//! Rows of a preview as they are shown: what each would do, field by field, from where to where, and why not.
//!
//! Documents are written when a page is asked for, so that a preview of 200,000 rows keeps no text of its own.

use super::super::import::finding::{Finding, Flag};
use super::super::import::{Matched, PlannedRow, Thing};
use super::Preview;
use crate::domain::{Audience, LonLat, RowClass, RowFlag, Violation};
use crate::exchange::document::{self, fields_of};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Most rows in one page.
pub const PAGE_MAX: usize = 500;

/// Which rows are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFilter {
    /// Every row.
    All,
    /// Those of one class.
    Class(RowClass),
    /// Those with one flag.
    Flag(RowFlag),
}

impl RowFilter {
    /// Finds the filter of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        RowClass::from_word(word).map(Self::Class).or_else(|| RowFlag::from_word(word).map(Self::Flag))
    }

    /// Lists the words.
    pub fn choices() -> String {
        format!("{}, {}", RowClass::choices(), RowFlag::choices())
    }

    fn takes(self, row: &PlannedRow) -> bool {
        match self {
            Self::All => true,
            Self::Class(class) => row.class == class,
            Self::Flag(flag) => row.findings.iter().any(|f| f.word() == flag),
        }
    }
}

/// Some rows, and where to go on.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// The rows.
    pub rows: Vec<RowDoc>,
    /// `after` of the next page; `None` at the end.
    pub next: Option<usize>,
    /// Most rows in a page as asked.
    pub limit: usize,
}

/// One row as it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct RowDoc {
    /// Its number as a spreadsheet shows it.
    pub row: usize,
    /// What it would do.
    pub class: RowClass,
    /// What somebody should look at.
    pub flags: Vec<Flag>,
    /// That it was taken for a resource by its name.
    pub matched: Option<Matched>,
    /// Id of what it is about.
    pub id: Option<String>,
    /// Its code.
    pub code: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Where it was.
    pub before: Option<Point>,
    /// Where it would be.
    pub after: Option<Point>,
    /// What would change, in the names of the flat document.
    pub changes: Vec<FieldChange>,
    /// What is wrong with it.
    pub violations: Vec<Violation>,
}

/// A position on WGS84, degrees.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Point {
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
}

impl From<LonLat> for Point {
    fn from(at: LonLat) -> Self {
        Self { lon: at.lon(), lat: at.lat() }
    }
}

/// One field before and after. Of a geometry only its kind and the number of its corners.
#[derive(Debug, Clone, Serialize)]
pub struct FieldChange {
    /// Its name.
    pub field: &'static str,
    /// What it was; `null` when it was unknown or the thing was not there.
    pub before: Value,
    /// What it would be.
    pub after: Value,
}

/// Returns the rows after a row number, at most `limit` of them.
pub fn page(preview: &Preview, filter: RowFilter, after: usize, limit: usize) -> Page {
    let start = preview.rows.partition_point(|row| row.row <= after);
    let mut found = preview.rows[start..].iter().filter(|row| filter.takes(row));
    let rows: Vec<RowDoc> = found.by_ref().take(limit).map(|row| told(preview, row)).collect();
    let next = found.next().and(rows.last()).map(|last| last.row);
    Page { rows, next, limit }
}

fn told(preview: &Preview, row: &PlannedRow) -> RowDoc {
    let thing = row.after.as_ref().or(row.before.as_ref());
    let text = |read: fn(&Thing) -> &str| thing.map(|t| read(t).to_owned());
    let said = |at: usize| row.says.as_ref().map(|says| says[at].clone()).filter(|text| !text.is_empty());
    RowDoc {
        row: row.row,
        class: row.class,
        flags: row.findings.iter().map(Finding::told).collect(),
        matched: row.matched.as_deref().cloned(),
        id: text(Thing::id),
        code: text(Thing::code).or_else(|| said(0)),
        name: text(Thing::name).or_else(|| said(1)),
        before: row.before.as_ref().and_then(Thing::position).map(Point::from),
        after: row.after.as_ref().and_then(Thing::position).map(Point::from),
        changes: changes(preview, row),
        violations: row.violations.clone(),
    }
}

fn changes(preview: &Preview, row: &PlannedRow) -> Vec<FieldChange> {
    let Some(after) = row.after.as_ref().filter(|_| row.class != RowClass::Same) else { return Vec::new() };
    let (before, after) = (row.before.as_ref().map(document).unwrap_or_default(), document(after));
    let value = |doc: &Map<String, Value>, name: &str| shortened(name, doc.get(name).unwrap_or(&Value::Null));
    let differs = fields_of(preview.asked.target).filter(|spec| before.get(spec.name) != after.get(spec.name));
    let change = differs.map(|spec| FieldChange {
        field: spec.name,
        before: value(&before, spec.name),
        after: value(&after, spec.name),
    });
    change.filter(|change| change.before != change.after || change.field == "geometry").collect()
}

fn document(thing: &Thing) -> Map<String, Value> {
    match thing {
        Thing::Resource(r) => document::write(r, Audience::Staff),
        Thing::Division(d) => document::write_division(d),
        Thing::Demand(d) => document::write_demand(d),
    }
}

fn shortened(name: &str, value: &Value) -> Value {
    if name != "geometry" || value.is_null() {
        return value.clone();
    }
    json!({"type": value.get("type"), "vertices": corners(value.get("coordinates").unwrap_or(&Value::Null))})
}

fn corners(value: &Value) -> usize {
    match value.as_array() {
        Some(list) if list.first().is_some_and(Value::is_number) => 1,
        Some(list) => list.iter().map(corners).sum(),
        None => 0,
    }
}
