//! Mapbox Vector Tiles 2.1, written: the base map of a network file, and points and lines of anything else.
//!
//! Invariants: coordinates are whole units of the tile; what lies outside is cut off a little beyond the edge; outer rings
//! have a positive area in the tile's own axes and holes a negative one, no ring touches or crosses itself; no line has one
//! point, no layer is empty, and no key or value stands twice in a layer. The same question gives the same bytes.

mod base;
mod clip;
mod lines;
mod rings;
mod write;

pub use base::{base_layers, base_tile};
pub use write::{TileLayer, Written, tile};

/// A place in units of a tile.
pub type Spot = (i32, i32);

/// How far beyond its edge a tile goes on, in its own units: what is drawn wide must not end at the edge.
pub const MARGIN: u32 = 80;
