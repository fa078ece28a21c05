//! When each field was last seen to be true, and by whom.
//!
//! Invariant: an observation belongs to a *field*, not to the record: a fresh status does not make an old capacity
//! fresh. A field without one rests on the record's own ([`Field::Record`]).

use super::words::words;
use super::{Detail, Resource};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// Groups of fields that are verified together.
    Field {
        Record = "record", "整条记录", "record";
        Position = "position", "位置", "position";
        Capacity = "capacity", "容量", "capacity";
        Occupancy = "occupancy", "占用", "occupancy";
        Status = "status", "状态", "status";
        Contacts = "contacts", "联系人", "contacts";
        Stock = "stock", "库存", "stock";
        Readiness = "readiness", "备勤", "readiness";
        Track = "track", "实时位置", "current position";
    }
}

impl Field {
    /// Returns the group that a property of the flat document belongs to.
    pub fn of_property(name: &str) -> Self {
        match name {
            "lon" | "lat" | "geometry" => Self::Position,
            "capacity" | "capacity_quality" => Self::Capacity,
            "occupied" | "reserved" | "blocked" | "over_capacity" => Self::Occupancy,
            "status" => Self::Status,
            "contacts" => Self::Contacts,
            "stock" => Self::Stock,
            "readiness" => Self::Readiness,
            "current" => Self::Track,
            _ => Self::Record,
        }
    }
}

/// One act of looking: when, by whom, from which source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// When the field was seen to be so.
    pub observed_at: DateTime<Utc>,
    /// Who vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifier: Option<String>,
    /// What it was read from, where that is not the verifier's own eyes: a file, a feed. Never public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Returns the field groups in which `after` differs from `before`; for a new record, the record as a whole.
pub fn changed_fields(before: Option<&Resource>, after: &Resource) -> Vec<Field> {
    match before {
        None => vec![Field::Record],
        Some(before) => Field::ALL.iter().copied().filter(|f| differs(*f, before, after)).collect(),
    }
}

fn differs(field: Field, a: &Resource, b: &Resource) -> bool {
    match (field, &a.detail, &b.detail) {
        (Field::Record, ..) => a.name != b.name || a.lifecycle != b.lifecycle || a.level != b.level,
        (Field::Position, ..) => a.place != b.place,
        (Field::Contacts, ..) => a.contacts != b.contacts,
        (Field::Capacity, Detail::Shelter(a), Detail::Shelter(b)) => a.capacity != b.capacity,
        (Field::Occupancy, Detail::Shelter(a), Detail::Shelter(b)) => a.occupancy != b.occupancy,
        (Field::Status, Detail::Shelter(a), Detail::Shelter(b)) => a.status != b.status,
        (
            Field::Stock,
            Detail::Warehouse(a) | Detail::StoragePoint(a),
            Detail::Warehouse(b) | Detail::StoragePoint(b),
        ) => a.stock != b.stock,
        (Field::Readiness, Detail::Team(a), Detail::Team(b)) => a.readiness != b.readiness,
        (Field::Track, Detail::Team(a), Detail::Team(b)) => a.current != b.current,
        _ => false,
    }
}
