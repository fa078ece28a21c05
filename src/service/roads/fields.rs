//! The nearest field: for every node the nearest shelters that serve, from one search from all of them against the roads.
//!
//! A field belongs to one world and one set of closures; it is made when it is first asked for after either has changed, and
//! kept for the next question. Only shelters that the public may know of and that serve anybody at all count: these are the
//! ones that people go to.

use super::{Present, Roads, Shut, Travel};
use crate::analysis::serving::{Asked, Verdict, judge};
use crate::domain::{Kind, Profile};
use crate::network::{Cost, Field, Found, Snap, Stops};
use crate::world::World;
use std::sync::{Arc, Mutex, PoisonError};

/// Fields kept for each profile: before and after a change, and a moment of the past.
const KEPT: usize = 3;

/// Nearest shelters that each node of the field knows of.
pub const FIELD_DEPTH: usize = 3;

/// The nearest shelters of every node.
pub struct ShelterField {
    stops: Stops,
    field: Field,
}

impl ShelterField {
    /// Returns the nearest shelters of a place, at most [`FIELD_DEPTH`], as numbers of rows of [`super::Sited`].
    pub fn of(&self, present: &Present, roads: &Roads, profile: Profile, place: &Snap) -> Vec<Found> {
        self.field.of(&present.costs(roads, Travel::of(profile)), place, &self.stops)
    }

    /// Returns what the way to the nearest shelter costs from each place; `None` where there is none.
    pub fn costs_of(&self, present: &Present, roads: &Roads, profile: Profile, places: &Stops) -> Vec<Option<Cost>> {
        use rayon::prelude::*;
        let nearest = |place: &Snap| self.of(present, roads, profile, place).first().map(|found| found.cost);
        (0..places.len() as u32).into_par_iter().map(|stop| places.place(stop).and_then(nearest)).collect()
    }
}

type Kept = (Arc<World>, Arc<Shut>, Arc<ShelterField>);

/// The fields that were made last, by profile.
#[derive(Default)]
pub(super) struct Fields([Mutex<Vec<Kept>>; Profile::ALL.len()]);

impl Roads {
    /// Returns the field of the shelters that serve, for a profile.
    pub fn shelter_field(&self, present: &Present, profile: Profile) -> Arc<ShelterField> {
        let mut kept = self.fields.0[profile as usize].lock().unwrap_or_else(PoisonError::into_inner);
        let same = |(world, shut, _): &&Kept| Arc::ptr_eq(world, &present.world) && Arc::ptr_eq(shut, &present.shut);
        if let Some((.., field)) = kept.iter().find(same) {
            return field.clone();
        }
        let sited = self.sited(&present.world, profile);
        let serves = |row: &crate::world::Kept<crate::domain::Resource>| {
            let resource = &row.value;
            let open = resource.kind() == Kind::Shelter && resource.is_public();
            open && matches!(judge(resource, &Asked::default()), Verdict::Serves)
        };
        let places = (0u32..).zip(&sited.rows);
        let places = places.map(|(stop, row)| sited.stops.place(stop).filter(|_| serves(row)).copied());
        let stops = Stops::new(places.collect());
        let field = Field::new(&present.costs(self, Travel::of(profile)), &stops, FIELD_DEPTH);
        let field = Arc::new(ShelterField { stops, field });
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((present.world.clone(), present.shut.clone(), field.clone()));
        field
    }
}
