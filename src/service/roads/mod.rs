//! Roads of the running service: the network file in place, and what stands closed on it at a moment.
//!
//! Invariants: a request takes one [`Present`] and answers from it alone; the overlay is a function of the closures in force
//! and the network, so every process works out the same; without a network file questions by air go on as before.

pub mod ask;
mod fast;
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
use crate::exchange::mvt::base_tile;
use crate::network::features::ZOOM_MAX;
use crate::network::hierarchy::{Hierarchy, Scratch};
use crate::network::{Bytes, FeatureIndex, FileError, Graph, NetworkFile, PlaceIndex, SnapIndex};
use crate::spatial::tile::TileId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, OnceLock};
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
    hierarchy: Option<Arc<Hierarchy>>,
    scratch: Mutex<Vec<Scratch>>,
    first_zoom: OnceLock<u8>,
    fast: fast::Fast,
    fast_from: usize,
    cache: sited::Cache,
    fields: fields::Fields,
}

/// Sets of work arrays that are kept between searches: as many as answer at once on a large machine.
const SCRATCH_KEPT: usize = 8;

/// Features that are looked at to tell from which zoom on there is a base map.
const LOOKED_AT: usize = 100;

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
        let hierarchy = Hierarchy::read(&file, &graph)?.map(Arc::new);
        let (scratch, first_zoom, fast, cache, fields) = Default::default();
        let fast_from = fast::NODES_MIN;
        Ok(Self {
            graph,
            snap,
            places,
            file,
            features,
            meta,
            hierarchy,
            scratch,
            first_zoom,
            fast,
            fast_from,
            cache,
            fields,
        })
    }

    /// Returns the farthest zoom from which on some tile of the base map has anything in it.
    pub fn first_zoom(&self) -> u8 {
        *self.first_zoom.get_or_init(|| {
            let Some(features) = &self.features else { return ZOOM_MAX };
            // What is drawn farthest out comes first, so a few of them tell.
            let has_any = |zoom: &u8| {
                let starts = features.iter().take(LOOKED_AT).filter_map(|feature| {
                    let at = *feature.parts(*zoom).first()?.points.first()?;
                    TileId::at(at, *zoom)
                });
                starts.into_iter().any(|id| !base_tile(features, id).is_empty())
            };
            (0..=ZOOM_MAX).rev().take_while(has_any).last().unwrap_or(ZOOM_MAX)
        })
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
