//! Roads of the running service: the network file in place, and what stands closed on it at a moment.
//!
//! Invariants: a request takes one [`Present`] and answers from it alone; the overlay is a function of the closures in force
//! and the network, so every process works out the same; without a network file questions by air go on as before.

pub mod ask;
mod fields;
mod sited;
mod standing;
mod travel;

pub use fields::{FIELD_DEPTH, ShelterField};
pub use sited::{Housed, Sited};
pub(super) use standing::Standing;
pub use standing::{Present, Shut};
pub use travel::Travel;

use super::{App, Error};
use crate::network::{Bytes, FeatureIndex, FileError, Graph, NetworkFile, PlaceIndex, Search, SnapIndex};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};
use utoipa::ToSchema;

/// How far a place may lie beside a road that it is reached by, metres.
pub const ASIDE_MAX_M: f64 = 500.0;

/// What a network file says of itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Meta {
    /// Name of the extract that it was built from.
    #[serde(default)]
    pub source: Option<String>,
    /// Whose data it is.
    #[serde(default)]
    pub attribution: Option<String>,
    /// State of the extract, as it says itself.
    #[serde(default)]
    pub timestamp: Option<DateTime<Utc>>,
    /// When it was built.
    #[serde(default)]
    pub built_at: Option<DateTime<Utc>>,
    /// Box around its roads, `[west, south, east, north]` in degrees.
    #[serde(default)]
    pub bounds: Option<[f64; 4]>,
    /// Its roads are invented.
    #[serde(default)]
    pub synthetic: bool,
}

/// A network file, open.
pub struct Roads {
    /// The roads.
    pub graph: Graph,
    /// From positions to roads.
    pub snap: SnapIndex,
    /// Names that can be looked for, if it was made with any.
    pub places: Option<PlaceIndex>,
    /// The file, for its other sections.
    pub file: NetworkFile,
    /// The base map; `None` when the file has none.
    pub features: Option<FeatureIndex>,
    /// What it says of itself.
    pub meta: Meta,
    searches: Mutex<Vec<Search>>,
    cache: sited::Cache,
    fields: fields::Fields,
}

/// Sets of work arrays that are kept between searches: as many as answer at once on a large machine.
const SEARCHES_KEPT: usize = 8;

const META: [u8; 8] = *b"meta    ";

impl Roads {
    /// Opens the bytes of a network file, which are checked whole.
    pub fn open(bytes: Bytes) -> Result<Self, FileError> {
        let file = NetworkFile::read(bytes)?;
        let graph = Graph::read(&file)?;
        let places = PlaceIndex::read(&file)?;
        let snap = SnapIndex::build(&graph);
        let features = FeatureIndex::read(&file)?;
        let meta = serde_json::from_slice(file.section(META)?)
            .map_err(|error| FileError::Damaged { section: "meta".to_owned(), why: error.to_string() })?;
        let (searches, cache, fields) = Default::default();
        Ok(Self { graph, snap, file, features, places, meta, searches, cache, fields })
    }
}

impl App {
    /// Lays roads under the service, once, before it answers.
    pub fn lay_roads(&self, roads: Roads) {
        self.roads.store(Some(Arc::new(roads)));
    }

    /// Returns the roads, if a network file was given.
    pub fn roads(&self) -> Option<Arc<Roads>> {
        self.roads.load_full()
    }

    /// Returns the roads, or an error that names the way to have some.
    pub fn roads_wanted(&self) -> Result<Arc<Roads>, Error> {
        self.roads().ok_or(Error::NoNetwork)
    }
}
