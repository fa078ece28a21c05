//! Floor 4: the present as one immutable value.
//!
//! [`World`] holds everything a question needs; [`World::apply`] folds journal entries into the next one and is the only
//! door. Undo, live updates, recovery, as-of views, branches and following another node are the same fold. Invariants:
//! a world never changes once published; `apply` over the whole journal equals [`World::from_tables`] over the tables.

mod apply;
pub mod by_road;
mod closures;
pub mod nearest;
mod past;
mod places;
mod tables;

pub use apply::Gap;
pub use tables::{Row, Tables};

use crate::domain::{
    Audience, Closure, ClosureId, Correction, CorrectionId, DemandId, DemandPoint, Division, DivisionCode, Fault, Kind,
    Level, LonLat, Population, Resource, ResourceId, Revision, Revisions,
};
use crate::spatial::locate::Locator;
use chrono::{DateTime, Utc};
use closures::Closures;
use imbl::{HashMap, OrdMap};
use places::Places;
use std::sync::Arc;

/// A resource in the world, cheap to clone.
pub type Kept<T> = Arc<Row<T>>;

/// Everything a district keeps, at one revision.
#[derive(Clone)]
pub struct World {
    revisions: Revisions,
    resources: OrdMap<ResourceId, Kept<Resource>>,
    kinds: [OrdMap<ResourceId, Kept<Resource>>; Kind::ALL.len()],
    codes: HashMap<(Kind, String), ResourceId>,
    divisions: OrdMap<DivisionCode, Kept<Division>>,
    demand: OrdMap<DemandId, Kept<DemandPoint>>,
    corrections: OrdMap<CorrectionId, Kept<Correction>>,
    closures: Closures,
    /// Open reports about each resource that has any, in order.
    doubts: HashMap<ResourceId, Vec<Doubt>>,
    places: Places,
    locator: Arc<Locator>,
    /// Codes in the order that the locator counts them.
    located: Arc<[DivisionCode]>,
    settled: Arc<Settled>,
}

/// What an open report says of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Doubt {
    /// Whose it is, by their first report.
    voice: CorrectionId,
    fault: Fault,
    /// The public may know of the report.
    public: bool,
}

/// What follows from divisions and demand together and is dear to work out: each demand point's town.
#[derive(Debug, Default)]
pub struct Settled {
    /// Demand points with the town they lie in, in order of id.
    pub points: Vec<SettledPoint>,
}

/// A demand point with its town.
#[derive(Debug, Clone, PartialEq)]
pub struct SettledPoint {
    /// Where.
    pub position: LonLat,
    /// How many.
    pub population: Population,
    /// Town, by declaration or by position; `None` outside all of them.
    pub town: Option<DivisionCode>,
}

impl World {
    /// Returns how far the journal had come.
    pub const fn revisions(&self) -> Revisions {
        self.revisions
    }

    /// Returns the revision that an audience is told: the public is told the last one it can see anything of.
    pub const fn revision_for(&self, audience: Audience) -> Revision {
        match audience {
            Audience::Public => self.revisions.public,
            Audience::Staff => self.revisions.all,
        }
    }

    /// Returns one resource.
    pub fn resource(&self, id: &ResourceId) -> Option<&Kept<Resource>> {
        self.resources.get(id)
    }

    /// Returns one resource if the audience may know of it.
    pub fn resource_for(&self, audience: Audience, id: &ResourceId) -> Option<&Kept<Resource>> {
        self.resources.get(id).filter(|row| visible(audience, &row.value))
    }

    /// Returns the resource of a kind with an official code.
    pub fn by_code(&self, kind: Kind, code: &str) -> Option<&Kept<Resource>> {
        self.codes.get(&(kind, code.to_owned())).and_then(|id| self.resources.get(id))
    }

    /// Yields all resources in order of id.
    pub fn resources(&self) -> impl Iterator<Item = &Kept<Resource>> {
        self.resources.values()
    }

    /// Yields the resources of a kind that the audience may know of, in order of id, after `after`.
    pub fn of_kind<'a>(
        &'a self,
        audience: Audience,
        kind: Kind,
        after: Option<&ResourceId>,
    ) -> impl Iterator<Item = &'a Kept<Resource>> + use<'a> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = after.map_or(Unbounded, |id| Excluded(id.clone()));
        self.kinds[kind as usize]
            .range((from, Unbounded))
            .map(|(_, row)| row)
            .filter(move |row| visible(audience, &row.value))
    }

    /// Returns one division.
    pub fn division(&self, code: &DivisionCode) -> Option<&Kept<Division>> {
        self.divisions.get(code)
    }

    /// Returns whether a code may name a division here: it is one of those that are known, or it lies in one of them at a
    /// level of which none is known (villages often come later), or none is known at all.
    pub fn may_be_division(&self, code: &DivisionCode) -> bool {
        let same_level = |row: &Kept<Division>| row.value.level == code.level();
        self.divisions.is_empty()
            || self.divisions.contains_key(code)
            || (!self.divisions.values().any(same_level) && self.divisions.keys().any(|known| known.contains(code)))
    }

    /// Yields all divisions in order of code.
    pub fn divisions(&self) -> impl Iterator<Item = &Kept<Division>> {
        self.divisions.values()
    }

    /// Yields all demand points in order of id.
    pub fn demand(&self) -> impl Iterator<Item = &Kept<DemandPoint>> {
        self.demand.values()
    }

    /// Returns one demand point.
    pub fn demand_point(&self, id: &DemandId) -> Option<&Kept<DemandPoint>> {
        self.demand.get(id)
    }

    /// Yields all reports in order of receipt number.
    pub fn corrections(&self) -> impl Iterator<Item = &Kept<Correction>> {
        self.corrections.values()
    }

    /// Yields all closures, past and coming ones too, in order of name.
    pub fn closures(&self) -> impl Iterator<Item = &Kept<Closure>> {
        self.closures.all()
    }

    /// Returns the closures that end after a time or never, in order of name; the ended cost nothing.
    pub fn standing_closures(&self, at: DateTime<Utc>) -> Vec<&Kept<Closure>> {
        self.closures.standing(at)
    }

    /// Returns the closures in force at a time, in order of name.
    pub fn closures_in_force(&self, at: DateTime<Utc>) -> impl Iterator<Item = &Kept<Closure>> {
        self.closures.standing(at).into_iter().filter(move |row| row.value.is_in_force(at))
    }

    /// Returns one closure.
    pub fn closure(&self, id: &ClosureId) -> Option<&Kept<Closure>> {
        self.closures.get(id)
    }

    /// Returns one report.
    pub fn correction(&self, id: &CorrectionId) -> Option<&Kept<Correction>> {
        self.corrections.get(id)
    }

    /// Returns how many reports about a resource still wait for an answer.
    pub fn open_corrections(&self, id: &ResourceId) -> usize {
        self.doubts.get(id).map_or(0, Vec::len)
    }

    /// Returns whether a voice still has an open report about a resource.
    pub fn speaks(&self, voice: &CorrectionId, id: &ResourceId) -> bool {
        self.doubts.get(id).into_iter().flatten().any(|doubt| doubt.voice == *voice)
    }

    /// Returns what the open reports about a resource say is wrong, by voice: one fault for each report that the audience
    /// may know of.
    pub fn voices(&self, audience: Audience, id: &ResourceId) -> Vec<Vec<Fault>> {
        let told = move |doubt: &&Doubt| audience == Audience::Staff || doubt.public;
        let told: Vec<&Doubt> = self.doubts.get(id).into_iter().flatten().filter(told).collect();
        told.chunk_by(|a, b| a.voice == b.voice).map(|one| one.iter().map(|doubt| doubt.fault).collect()).collect()
    }

    /// Returns how many demand points there are.
    pub fn demand_len(&self) -> usize {
        self.demand.len()
    }

    /// Returns the demand points with the town of each.
    pub fn settled(&self) -> &[SettledPoint] {
        &self.settled.points
    }

    /// Yields all resources, hidden ones too, in order of a distance in metres that they are certain not to be nearer
    /// than: filter inside the walk.
    pub fn walk(&self, from: LonLat) -> impl Iterator<Item = (f64, &Kept<Resource>)> {
        self.places.walk(from)
    }

    /// Returns the smallest division of a level that holds a position.
    pub fn division_at(&self, position: LonLat, level: Level) -> Option<&Kept<Division>> {
        let at = self.locator.find(position, level)?;
        self.located.get(at).and_then(|code| self.divisions.get(code))
    }

    /// Returns whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.divisions.is_empty() && self.demand.is_empty()
    }

    /// Returns whether two worlds hold the same rows at the same revisions.
    pub fn same_content(&self, other: &Self) -> bool {
        self.revisions == other.revisions
            && self.resources == other.resources
            && self.divisions == other.divisions
            && self.demand == other.demand
            && self.corrections == other.corrections
            && self.closures == other.closures
            && self.doubts == other.doubts
    }
}

/// Returns whether the audience may know of a resource.
pub fn visible(audience: Audience, resource: &Resource) -> bool {
    audience == Audience::Staff || resource.is_public()
}
