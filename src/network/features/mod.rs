//! The base map of a network file: what is drawn, kept once, each point with the zoom from which it counts.
//!
//! [`FeatureTiles::write`] puts features into columns: on the square of the world in whole numbers, sorted by the zoom from
//! which they are drawn and then along a Hilbert curve, below a packed tree of boxes. [`FeatureIndex`] reads them in place
//! and walks what lies in a tile. Invariants: every number that leads somewhere is checked when the file is read; what is
//! drawn at a zoom is drawn at every closer one; the same features give the same bytes.

mod columns;
mod read;
mod tree;
mod write;
mod zooms;

pub use read::{Drawn, FeatureIndex, Part, ShapeKind};
pub use write::FeatureTiles;
pub use zooms::ZOOM_MAX;
