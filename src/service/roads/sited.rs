//! Resources and people brought to the roads, by profile: done once and mended as things move.

use super::Roads;
use crate::domain::{LonLat, Profile, Resource, ResourceId};
use crate::network::{Snap, Stops};
use crate::world::{Kept, World};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// All resources of a world, hidden ones too, as stops on the roads; stop `i` is row `i`, in order of id.
pub struct Sited {
    /// The resources.
    pub rows: Vec<Kept<Resource>>,
    /// Their places on the roads.
    pub stops: Stops,
}

/// The people of a world as stops on the roads, in the order of [`World::settled`].
pub struct Housed {
    /// Their places on the roads.
    pub stops: Stops,
}

/// What was brought to the roads last, by profile.
#[derive(Default)]
pub(super) struct Cache {
    resources: [Mutex<Option<(Arc<World>, Arc<Sited>, Moved)>>; Profile::ALL.len()],
    people: [Mutex<Option<(Arc<[LonLat]>, Arc<Housed>)>>; Profile::ALL.len()],
}

/// Where each resource was brought from, and to.
type Moved = Arc<HashMap<ResourceId, (LonLat, Option<Snap>)>>;

impl Roads {
    /// Returns the resources of a world as stops for a profile; only what has moved since is brought to the roads anew.
    pub fn sited(&self, world: &Arc<World>, profile: Profile) -> Arc<Sited> {
        let mut kept = self.cache.resources[profile as usize].lock().unwrap_or_else(PoisonError::into_inner);
        // The world itself is the key: the public's past is another world at the same revision.
        if let Some((_, sited, _)) = kept.as_ref().filter(|(of, ..)| Arc::ptr_eq(of, world)) {
            return sited.clone();
        }
        let before = kept.as_ref().map(|(.., moved)| moved.clone()).unwrap_or_default();
        let rows: Vec<Kept<Resource>> = world.resources().cloned().collect();
        let place = |row: &Kept<Resource>| {
            let position = row.value.place.position;
            match before.get(&row.value.id) {
                Some((from, snap)) if *from == position => *snap,
                _ => self.placed(profile, position),
            }
        };
        let places: Vec<Option<Snap>> = rows.par_iter().map(place).collect();
        let moved = rows.iter().zip(&places);
        let moved = moved.map(|(row, snap)| (row.value.id.clone(), (row.value.place.position, *snap))).collect();
        let sited = Arc::new(Sited { stops: Stops::new(places), rows });
        *kept = Some((world.clone(), sited.clone(), Arc::new(moved)));
        sited
    }

    /// Returns the people of a world as stops for a profile.
    pub fn housed(&self, world: &World, profile: Profile) -> Arc<Housed> {
        let settled = world.settled();
        let mut kept = self.cache.people[profile as usize].lock().unwrap_or_else(PoisonError::into_inner);
        let same = |at: &[LonLat]| at.len() == settled.len() && at.iter().zip(settled).all(|(a, b)| *a == b.position);
        if let Some((_, housed)) = kept.as_ref().filter(|(at, _)| same(at)) {
            return housed.clone();
        }
        let at: Arc<[LonLat]> = settled.iter().map(|point| point.position).collect();
        let places = at.par_iter().map(|position| self.placed(profile, *position)).collect();
        let housed = Arc::new(Housed { stops: Stops::new(places) });
        *kept = Some((at, housed.clone()));
        housed
    }
}
