//! What stands closed at a moment, as an overlay of the network, worked out once for the same closures.

use super::{Roads, Travel};
use crate::domain::{ClosureId, Profile, Revision};
use crate::network::shut::{Part, parts_of};
use crate::network::{Centimetres, EdgeId, Overlay, Parts};
use crate::service::App;
use crate::world::World;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Overlays that are kept, for the present and for moments of the past.
const KEPT: usize = 8;

/// One version of a closure.
type Version = (ClosureId, Revision);

/// A world and the roads as they stand in it, taken once per request.
#[derive(Clone)]
pub struct Present {
    /// Everything but the roads.
    pub world: Arc<World>,
    /// When it is.
    pub at: DateTime<Utc>,
    /// The roads; `None` without a network file.
    pub roads: Option<Arc<Roads>>,
    /// What is closed.
    pub shut: Arc<Shut>,
}

/// The closures in force at a moment, and the overlay that they make.
#[derive(Debug, Default)]
pub struct Shut {
    /// The overlay.
    pub overlay: Overlay,
    /// Each version of a closure in force, in order of name, with the parts of edges that it shuts.
    pub closures: Vec<(Version, Arc<Vec<Part>>)>,
    parts: [OnceLock<Parts>; Profile::ALL.len()],
}

impl Present {
    /// Returns a world without roads.
    pub fn of(world: Arc<World>) -> Self {
        Self { world, at: DateTime::<Utc>::MIN_UTC, roads: None, shut: Arc::default() }
    }
}

impl Shut {
    /// Returns the closures that shut something of an edge, in order of name.
    pub fn on(&self, edge: EdgeId) -> impl Iterator<Item = &ClosureId> {
        let on_edge = move |parts: &[Part]| parts.binary_search_by_key(&edge, |part| part.edge).is_ok();
        self.closures.iter().filter(move |(_, parts)| on_edge(parts)).map(|((id, _), _)| id)
    }

    /// Returns the parts of edges that a closure shuts; `None` when it is not in force.
    pub fn parts_of(&self, id: &ClosureId) -> Option<&[Part]> {
        let at = self.closures.binary_search_by(|((named, _), _)| named.cmp(id)).ok()?;
        Some(&self.closures[at].1)
    }

    /// Returns the main part of the roads for a profile, as things stand.
    pub fn parts(&self, roads: &Roads, profile: Profile) -> &Parts {
        let costs = roads.costs(&self.overlay, Travel::of(profile));
        self.parts[profile as usize].get_or_init(|| Parts::new(&costs))
    }

    /// Returns the length that a closure shuts.
    pub fn length_of(parts: &[Part]) -> Centimetres {
        parts.iter().fold(Centimetres(0), |sum, part| sum + Centimetres(part.span.to.0 - part.span.from.0))
    }
}

/// What was worked out before.
#[derive(Default)]
pub(in crate::service) struct Known {
    parts: HashMap<Version, Arc<Vec<Part>>>,
    shut: Vec<(Vec<Version>, Arc<Shut>)>,
}

/// What was worked out before, for whoever asks next.
#[derive(Default)]
pub(in crate::service) struct Standing(Mutex<Known>);

impl App {
    /// Returns the present world with the roads as they stand in it.
    pub fn present(&self) -> Present {
        self.roads_in(self.world(), self.now())
    }

    /// Returns a world with the roads as they stood in it at a time.
    pub fn roads_in(&self, world: Arc<World>, at: DateTime<Utc>) -> Present {
        let roads = self.roads();
        let shut = roads.as_ref().map(|roads| self.standing.shut(roads, &world, at)).unwrap_or_default();
        Present { world, at, roads, shut }
    }
}

impl Standing {
    fn shut(&self, roads: &Roads, world: &World, at: DateTime<Utc>) -> Arc<Shut> {
        let in_force: Vec<_> = world.closures().filter(|row| row.value.is_in_force(at)).collect();
        let versions: Vec<Version> = in_force.iter().map(|row| (row.value.id.clone(), row.revision)).collect();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = known.shut.iter().position(|(of, _)| *of == versions) {
            // What is asked about stays: whoever looks through the past must not push the present out, and with it all that
            // was worked out for it.
            known.shut[place..].rotate_left(1);
            return known.shut[known.shut.len() - 1].1.clone();
        }
        let closures: Vec<(Version, Arc<Vec<Part>>)> = in_force
            .iter()
            .zip(versions.iter().cloned())
            .map(|(row, version)| {
                let parts = known.parts.entry(version.clone());
                let parts = parts.or_insert_with(|| Arc::new(parts_of(&roads.graph, &roads.snap, &row.value))).clone();
                (version, parts)
            })
            .collect();
        let closed = in_force.iter().zip(&closures);
        let closed =
            closed.flat_map(|(row, (_, parts))| parts.iter().map(|part| (part.edge, part.span, row.value.profiles)));
        let shut = Arc::new(Shut { overlay: Overlay::new(&roads.graph, closed), closures, parts: Default::default() });
        if known.shut.len() == KEPT {
            known.shut.remove(0);
        }
        known.shut.push((versions, shut.clone()));
        let kept: std::collections::HashSet<Version> =
            known.shut.iter().flat_map(|(versions, _)| versions.iter().cloned()).collect();
        known.parts.retain(|version, _| kept.contains(version));
        shut
    }
}
