//! The nearest field: for every node the nearest shelters that serve, from one search from all of them against the roads.
//!
//! A field belongs to one world and one set of closures. When it is first asked for after either has changed, the last one is
//! mended where the change reaches, or made anew when that is most of it; it is kept for the next question. Only shelters that
//! the public may know of and that serve anybody at all count: these are the ones that people go to. Invariant: a field that
//! was mended is that made anew, to the last bit (`tests/oracle/field.rs`).

use super::{Present, Roads, Shut, Sited, Travel};
use crate::analysis::serving::{Asked, Verdict, judge};
use crate::domain::{Kind, Profile, Resource};
use crate::network::{Cost, Field, Found, Snap, Stops};
use crate::world::{Kept, World};
use std::sync::{Arc, Mutex, PoisonError};

/// Fields kept for each profile: before and after a change, and a moment of the past.
const KEPT: usize = 3;

/// Nearest shelters that each node of the field knows of.
pub const FIELD_DEPTH: usize = 3;

/// The nearest shelters of every node.
pub struct ShelterField {
    sited: Arc<Sited>,
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

/// A field and what it is of.
type Made = (Arc<World>, Arc<Shut>, Arc<ShelterField>);

/// The fields that were made last, by profile.
#[derive(Default)]
pub(super) struct Fields([Mutex<Vec<Made>>; Profile::ALL.len()]);

impl Roads {
    /// Returns the field of the shelters that serve, for a profile.
    pub fn shelter_field(&self, present: &Present, profile: Profile) -> Arc<ShelterField> {
        let mut kept = self.fields.0[profile as usize].lock().unwrap_or_else(PoisonError::into_inner);
        let same = |(world, shut, _): &&Made| Arc::ptr_eq(world, &present.world) && Arc::ptr_eq(shut, &present.shut);
        if let Some(at) = kept.iter().position(|made| same(&made)) {
            // What was asked for last stays longest: questions about the past do not push the present out.
            let made = kept.remove(at);
            let field = made.2.clone();
            kept.push(made);
            return field;
        }
        let sited = self.sited(&present.world, profile);
        let stops = serving(&sited);
        let mended =
            kept.last().and_then(|(_, shut, before)| self.mended((before, shut), (present, profile), (&sited, &stops)));
        let travel = Travel::of(profile);
        let anew = || self.ask(present, travel, |ways, _| ways.field(&stops, FIELD_DEPTH));
        let field = mended.unwrap_or_else(anew);
        let field = Arc::new(ShelterField { sited, stops, field });
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((present.world.clone(), present.shut.clone(), field.clone()));
        field
    }

    /// Returns the field of the stops of the present, made of one from before; `None` when it is to be made anew.
    fn mended(
        &self,
        (before, shut): (&ShelterField, &Shut),
        (present, profile): (&Present, Profile),
        (sited, stops): (&Sited, &Stops),
    ) -> Option<Field> {
        let travel = Travel::of(profile);
        let (old, new) = (self.costs(&shut.overlay, travel), present.costs(self, travel));
        // Rows are in order of id, before and after.
        let number = |row: &Kept<Resource>| sited.rows.binary_search_by(|other| other.value.id.cmp(&row.value.id)).ok();
        let same: Vec<Option<u32>> =
            before.sited.rows.iter().map(|row| number(row).and_then(|at| u32::try_from(at).ok())).collect();
        before.field.mended((&old, &before.stops), (&new, stops), &same)
    }
}

/// Returns the shelters that serve, as stops by the numbers of their rows.
fn serving(sited: &Sited) -> Stops {
    let serves = |row: &Kept<Resource>| {
        let resource = &row.value;
        let open = resource.kind() == Kind::Shelter && resource.is_public();
        open && matches!(judge(resource, &Asked::default()), Verdict::Serves)
    };
    let places = (0u32..).zip(&sited.rows);
    let places = places.map(|(stop, row)| sited.stops.place(stop).filter(|_| serves(row)).copied());
    Stops::new(places.collect())
}
