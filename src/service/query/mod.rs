//! Questions that need the world and more than one floor below it, answered from one world taken once.

pub mod around;
pub mod coverage;
pub mod items;
pub mod layers;
pub mod places;
pub mod search;
pub mod tiles;
