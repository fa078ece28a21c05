//! A resource: anything a district can send people to, draw from, or send out.

use super::words::words;
use super::{DivisionCode, Field, Level, Observation, Place, ResourceId, Shelter, Site, Storage, Team};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// What kind of resource.
    Kind {
        Shelter = "shelter", "应急避难场所", "emergency shelter";
        Warehouse = "warehouse", "物资仓库", "material warehouse";
        StoragePoint = "storage_point", "物资储备点", "storage point";
        Team = "team", "救援队伍", "rescue team";
        Site = "site", "重要地点", "site";
    }
}

words! {
    /// Where a resource stands in its life.
    Lifecycle {
        Planned = "planned", "规划", "planned";
        UnderConstruction = "under_construction", "在建", "under construction";
        InService = "in_service", "在用", "in service";
        Suspended = "suspended", "停用", "suspended";
        Retired = "retired", "撤销", "retired";
    }
}

words! {
    /// Who may know that the resource exists.
    Visibility {
        Public = "public", "公开", "public";
        Operational = "operational", "内部", "operational";
    }
}

/// Name in Chinese and, where there is one, in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// Chinese name.
    pub zh: String,
    /// English name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

/// The three responsible parties, GB/T 44012-2024 clauses 6.1–6.3.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Parties {
    /// Administration department 管理部门 (6.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub administration: Option<String>,
    /// Management unit 管理单位 (6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub management: Option<String>,
    /// Operation and maintenance unit 运维单位 (6.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// A person to call. Never public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Name of the person.
    pub name: String,
    /// Function, e.g. 值班, 负责人.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Telephone number as dialled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// What only one kind has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Detail {
    /// Emergency shelter 应急避难场所.
    Shelter(Shelter),
    /// Material warehouse 物资仓库.
    Warehouse(Storage),
    /// Storage point 物资储备点 of the three-tier system.
    StoragePoint(Storage),
    /// Rescue team 救援队伍.
    Team(Team),
    /// Another place that matters.
    Site(Site),
}

/// One resource, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Stable id.
    pub id: ResourceId,
    /// Official code, unique within a kind.
    pub code: String,
    /// Name.
    pub name: Name,
    /// Division it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Where it is.
    pub place: Place,
    /// Level 市/区/街镇/居村.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Where it stands in its life.
    pub lifecycle: Lifecycle,
    /// Who may know of it.
    pub visibility: Visibility,
    /// Responsible parties.
    #[serde(default)]
    pub parties: Parties,
    /// People to call; never public.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Where the record comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Free remarks; never public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
    /// The record is invented (demonstration data).
    #[serde(default)]
    pub synthetic: bool,
    /// When each group of fields was last seen to be so.
    #[serde(default)]
    pub observations: BTreeMap<Field, Observation>,
    /// What only its kind has.
    pub detail: Detail,
}

impl Resource {
    /// Returns the kind.
    pub const fn kind(&self) -> Kind {
        match self.detail {
            Detail::Shelter(_) => Kind::Shelter,
            Detail::Warehouse(_) => Kind::Warehouse,
            Detail::StoragePoint(_) => Kind::StoragePoint,
            Detail::Team(_) => Kind::Team,
            Detail::Site(_) => Kind::Site,
        }
    }

    /// Returns the shelter part, if it is one.
    pub const fn shelter(&self) -> Option<&Shelter> {
        match &self.detail {
            Detail::Shelter(shelter) => Some(shelter),
            _ => None,
        }
    }

    /// Returns the storage part of a warehouse or storage point.
    pub const fn storage(&self) -> Option<&Storage> {
        match &self.detail {
            Detail::Warehouse(storage) | Detail::StoragePoint(storage) => Some(storage),
            _ => None,
        }
    }

    /// Returns the team part, if it is one.
    pub const fn team(&self) -> Option<&Team> {
        match &self.detail {
            Detail::Team(team) => Some(team),
            _ => None,
        }
    }

    /// Returns whether the public may know of it.
    pub fn is_public(&self) -> bool {
        self.visibility == Visibility::Public
    }

    /// Returns what the public may know of it; `None` when it may not know that it exists.
    ///
    /// Contacts, remarks, the names of verifiers and of the files they came by are left out, so that two records that differ in nothing else have
    /// equal views and the difference leaves no trace.
    pub fn public_view(&self) -> Option<Self> {
        if !self.is_public() {
            return None;
        }
        let mut view = Self { contacts: Vec::new(), remarks: None, ..self.clone() };
        view.observations.remove(&Field::Contacts);
        for observation in view.observations.values_mut() {
            observation.verifier = None;
            observation.source = None;
        }
        Some(view)
    }

    /// Returns when `field` was last seen to be so, falling back on the whole record.
    pub fn observed_at(&self, field: Field) -> Option<DateTime<Utc>> {
        self.observations.get(&field).or_else(|| self.observations.get(&Field::Record)).map(|o| o.observed_at)
    }

    /// Returns the oldest observation among the fields that an answer about places rests on
    /// (status, occupancy and capacity for a shelter, stock, readiness; the record for others).
    pub fn rests_on(&self) -> Option<DateTime<Utc>> {
        let fields: &[Field] = match self.detail {
            Detail::Shelter(_) => &[Field::Status, Field::Occupancy, Field::Capacity],
            Detail::Warehouse(_) | Detail::StoragePoint(_) => &[Field::Stock],
            Detail::Team(_) => &[Field::Readiness],
            Detail::Site(_) => &[Field::Record],
        };
        fields.iter().filter_map(|f| self.observed_at(*f)).min()
    }
}
