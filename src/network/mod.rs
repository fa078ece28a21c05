//! Floor 2: roads. Who may move where and how fast, and every search over it.
//!
//! A [`Source`] is what a map file says of roads; [`build`] makes a [`Graph`] of it, which a file keeps and a process maps
//! into memory. Standing closures lie beside the graph in an [`Overlay`] and count at once. Pure: bytes come in and go out,
//! time and budgets are arguments. Costs are whole milliseconds and centimetres, so that the same question has the same
//! answer to the last bit on every machine.

mod build;
mod column;
mod cost;
mod destinations;
mod ends;
pub mod features;
mod field;
pub mod file;
mod forbidden;
mod graph;
pub mod hierarchy;
mod islands;
mod isochrone;
mod keep;
mod names;
mod overlay;
mod parts;
pub mod places;
mod plane;
mod route;
pub mod rules;
mod search;
pub mod shut;
mod snap;
mod source;
pub mod speeds;
mod steps;
mod stops;
mod turns;

pub use build::{Built, build};
pub use column::Bytes;
pub use cost::{Centimetres, Cost, Metric, Millis};
pub use ends::Door;
pub use features::{FeatureIndex, FeatureTiles};
pub use field::Field;
pub use file::{FileError, NetworkFile, Sections};
pub use graph::{ArcId, Direction, EdgeId, Graph, NodeId, RoadClass, Way};
pub use islands::Island;
pub use isochrone::{Band, Piece, Reach, TOLERANCE_M, TOLERANCES_M, isochrone};
pub use overlay::{Overlay, Span};
pub use parts::{Cause, Parts, why_unreachable, why_unreachable_each};
pub use places::PlaceIndex;
pub use route::{Leg, Trip, points_of, route};
pub use search::{Costs, Reached, Search, Step, Toward};
pub use snap::{Snap, SnapIndex};
pub use source::{
    FeatureShape, Layer, MapFeature, PlaceKind, PlaceSource, Point, Source, SourceNode, SourceRestriction, SourceWay,
    Via,
};
pub use steps::{Maneuver, ManeuverKind, Side, geometry, steps};
pub use stops::{Found, Outs, Stops, gathered, matrix, nearest};
