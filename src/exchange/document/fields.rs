//! The names a flat document may carry, said once: for request bodies, GeoJSON properties, CSV headers and exporters.
//!
//! Invariant: a name has one form and one meaning whatever the kind; a name outside these lists is refused by name.

use crate::domain::{
    Capability, CapacityQuality, Duration, Facility, Function, Hazard, Kind, Level, Lifecycle, Readiness, ReserveMode,
    SiteClass, Space, Standing, Status, TeamCategory, Tier, Visibility,
};
use crate::exchange::Target;

/// A closed vocabulary of the domain, seen as such.
pub trait Word: Copy + Ord + 'static {
    /// Every value with its wire word, Chinese and English name.
    fn all() -> Vec<(Self, [&'static str; 3])>;
    /// Finds the value of a wire word.
    fn of(word: &str) -> Option<Self>;
    /// Lists the wire words.
    fn choices() -> String;
}

macro_rules! closed {
    ($($name:ident),+) => { $(impl Word for $name {
        fn all() -> Vec<(Self, [&'static str; 3])> {
            Self::ALL.iter().map(|v| (*v, [v.word(), v.zh(), v.en()])).collect()
        }
        fn of(word: &str) -> Option<Self> { Self::from_word(word) }
        fn choices() -> String { Self::choices() }
    })+ };
}
closed!(
    Kind,
    Level,
    Lifecycle,
    Visibility,
    Standing,
    Duration,
    Space,
    Function,
    Hazard,
    Facility,
    Status,
    CapacityQuality,
    Tier,
    ReserveMode,
    TeamCategory,
    Capability,
    Readiness,
    SiteClass
);

/// What a value looks like in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Free text.
    Text,
    /// One word of a closed list.
    Word,
    /// A list of words of a closed list.
    Words,
    /// `true` or `false`.
    Flag,
    /// A whole number, not negative.
    Whole,
    /// Any finite number.
    Number,
    /// RFC 3339 with offset.
    Time,
    /// An object, or a list of objects.
    Nested,
    /// A GeoJSON geometry.
    Geometry,
}

/// One name of the flat document.
#[derive(Debug)]
pub struct FieldSpec {
    /// The name.
    pub name: &'static str,
    /// What its value looks like.
    pub form: Form,
    /// Kinds that have it.
    kinds: &'static [Kind],
}

impl FieldSpec {
    /// Returns whether resources of that kind have it.
    pub fn is_of(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }
}

const fn field(name: &'static str, form: Form, kinds: &'static [Kind]) -> FieldSpec {
    FieldSpec { name, form, kinds }
}

const SHELTER: &[Kind] = &[Kind::Shelter];
const STORES: &[Kind] = &[Kind::Warehouse, Kind::StoragePoint];
const SHELTER_AND_STORES: &[Kind] = &[Kind::Shelter, Kind::Warehouse, Kind::StoragePoint];
const TEAM: &[Kind] = &[Kind::Team];
const SITE: &[Kind] = &[Kind::Site];

/// Names of a resource, in the order in which an export shows them.
const RESOURCE: &[FieldSpec] = &[
    field("id", Form::Text, Kind::ALL),
    field("kind", Form::Word, Kind::ALL),
    field("code", Form::Text, Kind::ALL),
    field("name", Form::Text, Kind::ALL),
    field("name_en", Form::Text, Kind::ALL),
    field("lon", Form::Number, Kind::ALL),
    field("lat", Form::Number, Kind::ALL),
    field("division", Form::Text, Kind::ALL),
    field("address", Form::Text, Kind::ALL),
    field("level", Form::Word, Kind::ALL),
    field("lifecycle", Form::Word, Kind::ALL),
    field("visibility", Form::Word, Kind::ALL),
    field("standing", Form::Word, SHELTER),
    field("duration", Form::Word, SHELTER),
    field("space", Form::Word, SHELTER),
    field("function", Form::Word, SHELTER),
    field("hazards", Form::Words, SHELTER),
    field("tier", Form::Word, STORES),
    field("area_m2", Form::Number, SHELTER_AND_STORES),
    field("volume_m3", Form::Number, STORES),
    field("capacity", Form::Whole, SHELTER),
    field("capacity_quality", Form::Word, SHELTER),
    field("facilities", Form::Words, SHELTER),
    field("accessible", Form::Flag, SHELTER),
    field("pets", Form::Flag, SHELTER),
    field("occupied", Form::Whole, SHELTER),
    field("reserved", Form::Whole, SHELTER),
    field("blocked", Form::Whole, SHELTER),
    field("over_capacity", Form::Flag, SHELTER),
    field("status", Form::Word, SHELTER),
    field("legacy_class", Form::Text, SHELTER),
    field("stock", Form::Nested, STORES),
    field("category", Form::Word, TEAM),
    field("capabilities", Form::Words, TEAM),
    field("headcount", Form::Whole, TEAM),
    field("equipment", Form::Nested, TEAM),
    field("readiness", Form::Word, TEAM),
    field("current", Form::Nested, TEAM),
    field("class", Form::Word, SITE),
    field("administration_department", Form::Text, Kind::ALL),
    field("management_unit", Form::Text, Kind::ALL),
    field("operation_unit", Form::Text, Kind::ALL),
    field("contacts", Form::Nested, Kind::ALL),
    field("source", Form::Text, Kind::ALL),
    field("remarks", Form::Text, Kind::ALL),
    field("synthetic", Form::Flag, Kind::ALL),
    field("observed_at", Form::Time, Kind::ALL),
    field("verifier", Form::Text, Kind::ALL),
    field("geometry", Form::Geometry, Kind::ALL),
    field("declared", Form::Nested, Kind::ALL),
];

/// Names of a division.
const DIVISION: &[FieldSpec] = &[
    field("id", Form::Text, &[]),
    field("code", Form::Text, &[]),
    field("name", Form::Text, &[]),
    field("name_en", Form::Text, &[]),
    field("level", Form::Word, &[]),
    field("source", Form::Text, &[]),
    field("synthetic", Form::Flag, &[]),
    field("geometry", Form::Geometry, &[]),
];

/// Names of a demand point.
const DEMAND: &[FieldSpec] = &[
    field("id", Form::Text, &[]),
    field("code", Form::Text, &[]),
    field("lon", Form::Number, &[]),
    field("lat", Form::Number, &[]),
    field("population", Form::Number, &[]),
    field("division", Form::Text, &[]),
    field("source", Form::Text, &[]),
    field("synthetic", Form::Flag, &[]),
    field("geometry", Form::Geometry, &[]),
];

/// Names that answers add; taken on input without a word, so that what was read can be sent back.
pub const READ_ONLY: &[&str] = &["revision", "free_places", "occupancy_quality", "age_s", "division_name", "observed"];

/// Returns the names that a target may carry, in the order of an export.
pub fn fields_of(target: Target) -> impl Iterator<Item = &'static FieldSpec> {
    let (list, kind) = match target {
        Target::Resource(kind) => (RESOURCE, Some(kind)),
        Target::Division => (DIVISION, None),
        Target::Demand => (DEMAND, None),
    };
    list.iter().filter(move |spec| kind.is_none_or(|k| spec.is_of(k)))
}

/// Returns the names of all resource kinds together, in the order of an export.
pub fn resource_fields() -> impl Iterator<Item = &'static FieldSpec> {
    RESOURCE.iter()
}

/// Returns the field of that name, if the target has it.
pub fn field_of(target: Target, name: &str) -> Option<&'static FieldSpec> {
    fields_of(target).find(|spec| spec.name == name)
}

/// Returns the wire words of a closed field, each with its Chinese and English name; empty for an open field.
pub fn vocabulary(name: &str) -> Vec<[&'static str; 3]> {
    fn names<T: Word>() -> Vec<[&'static str; 3]> {
        T::all().into_iter().map(|(_, names)| names).collect()
    }
    match name {
        "kind" => names::<Kind>(),
        "level" => names::<Level>(),
        "lifecycle" => names::<Lifecycle>(),
        "visibility" => names::<Visibility>(),
        "standing" => names::<Standing>(),
        "duration" => names::<Duration>(),
        "space" => names::<Space>(),
        "function" => names::<Function>(),
        "hazards" => names::<Hazard>(),
        "facilities" => names::<Facility>(),
        "status" => names::<Status>(),
        "capacity_quality" => names::<CapacityQuality>(),
        "tier" => names::<Tier>(),
        "category" => names::<TeamCategory>(),
        "capabilities" => names::<Capability>(),
        "readiness" => names::<Readiness>(),
        "class" => names::<SiteClass>(),
        _ => Vec::new(),
    }
}
