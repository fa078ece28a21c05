//! A row after it was sorted: what it is about, before and after, its class, and what was found.

use super::finding::Finding;
use crate::domain::{Change, DemandPoint, Division, Edit, LonLat, Resource, RowClass, Violation};
use serde::Serialize;
use std::sync::Arc;

/// What a row is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Thing {
    /// A resource.
    Resource(Arc<Resource>),
    /// A division.
    Division(Arc<Division>),
    /// A demand point.
    Demand(Arc<DemandPoint>),
}

impl Thing {
    /// Returns its id.
    pub fn id(&self) -> &str {
        match self {
            Self::Resource(r) => r.id.as_str(),
            Self::Division(d) => d.code.as_str(),
            Self::Demand(d) => &d.id.0,
        }
    }

    /// Returns its code.
    pub fn code(&self) -> &str {
        match self {
            Self::Resource(r) => &r.code,
            Self::Division(d) => d.code.as_str(),
            Self::Demand(d) => &d.id.0,
        }
    }

    /// Returns its name; demand points have none.
    pub fn name(&self) -> &str {
        match self {
            Self::Resource(r) => &r.name.zh,
            Self::Division(d) => &d.name,
            Self::Demand(_) => "",
        }
    }

    /// Returns the point that stands for it; a division has none.
    pub fn position(&self) -> Option<LonLat> {
        match self {
            Self::Resource(r) => Some(r.place.position),
            Self::Demand(d) => Some(d.position),
            Self::Division(_) => None,
        }
    }
}

/// That a row was taken for a known resource without having its code.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Matched {
    /// Code that the resource has and keeps.
    pub code: String,
    /// How far the row's point is from where it was, metres.
    pub distance_m: f64,
    /// Chinese sentence.
    pub zh: String,
    /// English sentence.
    pub en: String,
}

/// One row, sorted.
#[derive(Debug, Clone)]
pub struct PlannedRow {
    /// Its number as a spreadsheet shows it.
    pub row: usize,
    /// What it would do.
    pub class: RowClass,
    /// What was there before.
    pub before: Option<Thing>,
    /// What would be there; nothing for a refused row.
    pub after: Option<Thing>,
    /// What was found about it.
    pub findings: Vec<Finding>,
    /// That it was taken for a resource by its name.
    pub matched: Option<Box<Matched>>,
    /// What is wrong with it.
    pub violations: Vec<Violation>,
    /// Code and name that a refused row says, so that it can be told from others.
    pub says: Option<Box<[String; 2]>>,
}

/// Returns the change from one state of a thing to another.
pub(super) fn change(before: Option<&Thing>, after: &Thing) -> Change {
    match after {
        Thing::Resource(after) => {
            let before = before.and_then(|b| if let Thing::Resource(b) = b { Some(b.clone()) } else { None });
            Change::Resource(Edit { before, after: Some(after.clone()) })
        }
        Thing::Division(after) => {
            let before = before.and_then(|b| if let Thing::Division(b) = b { Some(b.clone()) } else { None });
            Change::Division(Edit { before, after: Some(after.clone()) })
        }
        Thing::Demand(after) => {
            let before = before.and_then(|b| if let Thing::Demand(b) = b { Some(b.clone()) } else { None });
            Change::Demand(Edit { before, after: Some(after.clone()) })
        }
    }
}
