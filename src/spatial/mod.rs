//! Floor 1: geometry on the globe, exact on the WGS84 ellipsoid.
//!
//! Pure functions and immutable indexes. Nothing here knows what a shelter is beyond its place, and no search is ever
//! done in degrees.

pub mod area;
pub mod crs;
pub mod datum;
pub mod edge;
pub mod gauss;
pub mod geodesic;
pub mod grid;
pub mod index;
pub mod locate;
pub mod reach;
pub mod shape;
pub mod tile;
