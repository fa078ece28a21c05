//! What stands closed at a moment, as an overlay of the network, worked out once for the same closures.
//!
//! Invariant: nobody waits here for what he did not ask about. The lock is held to find the place of an answer, never while
//! one is worked out.

use super::{Roads, Travel};
use crate::domain::{Closure, ClosureId, Profile, Revision};
use crate::network::shut::{Part, parts_of};
use crate::network::{Centimetres, EdgeId, Overlay, Parts};
use crate::service::App;
use crate::world::{Kept, World};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
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

/// What was worked out before, or is being worked out: whoever asks for the same waits for that, and for nothing else.
#[derive(Default)]
struct Known {
    parts: HashMap<Version, Place<Vec<Part>>>,
    shut: Vec<(Vec<Version>, Place<Shut>)>,
}

/// Where something is kept once it is worked out.
type Place<T> = Arc<OnceLock<Arc<T>>>;

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
        let in_force: Vec<&Kept<Closure>> = world.closures_in_force(at).collect();
        let versions: Vec<Version> = in_force.iter().map(|row| (row.value.id.clone(), row.revision)).collect();
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shut = known().shut_of(&versions);
        let work_out = || {
            let places = known().parts_of(&versions);
            // Nothing is held from here on but what is worked out: a long line is looked along for seconds.
            let parts = in_force.iter().zip(places).map(|(row, place)| {
                place.get_or_init(|| Arc::new(parts_of(&roads.graph, &roads.snap, &row.value))).clone()
            });
            let parts: Vec<Arc<Vec<Part>>> = parts.collect();
            let closures: Vec<(Version, Arc<Vec<Part>>)> = versions.iter().cloned().zip(parts).collect();
            let closed = in_force
                .iter()
                .zip(&closures)
                .flat_map(|(row, (_, parts))| parts.iter().map(|part| (part.edge, part.span, row.value.profiles)));
            let overlay = Overlay::new(&roads.graph, closed);
            Arc::new(Shut { overlay, closures, parts: Default::default() })
        };
        shut.get_or_init(work_out).clone()
    }
}

impl Known {
    /// Returns where the overlay of these versions is kept once it is worked out.
    fn shut_of(&mut self, versions: &[Version]) -> Place<Shut> {
        if let Some(place) = self.shut.iter().position(|(of, _)| of == versions) {
            // What is asked about stays: whoever looks through the past must not push the present out, and with it all that
            // was worked out for it.
            self.shut[place..].rotate_left(1);
        } else {
            if self.shut.len() == KEPT {
                self.shut.remove(0);
            }
            self.shut.push((versions.to_vec(), Arc::default()));
            let kept: HashSet<&Version> = self.shut.iter().flat_map(|(versions, _)| versions).collect();
            self.parts.retain(|version, _| kept.contains(version));
        }
        self.shut[self.shut.len() - 1].1.clone()
    }

    /// Returns where the parts of each version are kept once they are worked out.
    fn parts_of(&mut self, versions: &[Version]) -> Vec<Place<Vec<Part>>> {
        versions.iter().map(|version| self.parts.entry(version.clone()).or_default().clone()).collect()
    }
}
