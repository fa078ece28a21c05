//! Floor 3: the questions a district asks of its resources.
//!
//! Each takes slices of plain values and gives back a finding that names its parameters and its method and says whether
//! it is complete. Nothing here draws, speaks JSON, keeps time or knows where the values come from.
//! Invariant: a finding depends on its inputs alone, not on their order beyond the indexes it names, nor on threads.

pub mod around;
mod by_road;
pub mod coverage;
pub mod datum_evidence;
pub mod freshness;
mod gap;
mod reach;
pub mod serving;

use crate::domain::{LonLat, Population};
use std::ops::ControlFlow;

pub use gap::{Gap, LARGEST_MAX, LargestGap, SLIVER_M2, Withheld};
pub use reach::{Facility, Reach};

/// People at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// Where.
    pub position: LonLat,
    /// How many people.
    pub population: Population,
    /// Index of the division declared for it, in the slice of divisions; when absent, or out of range, it is found from
    /// the position.
    pub division: Option<usize>,
}

/// Told of progress (done, of how many) now and then, from the asking thread; answering `Break` stops the work. Budgets
/// of time live here, on the caller's side.
pub type Watch<'a> = dyn Fn(usize, usize) -> ControlFlow<()> + 'a;

/// The watch asked to stop before anything could be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped after {done} of {total} steps")]
pub struct Stopped {
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
}
