//! A cost as one number: what a search keeps small in the upper half, the other figure in the lower.
//!
//! So one comparison of whole numbers compares by the metric and then by the other figure, as the plain search does.
//! Invariant: either figure of a way is below 2³¹ (24 days, 21,474 km); a way that is longer counts as none, so that no sum
//! runs over from the lower half into the upper.

use crate::network::{Centimetres, Cost, Metric, Millis};

/// Cost by a metric, then by the other figure.
pub(super) type Pair = u64;

/// No way.
pub(super) const NONE: Pair = 0x7fff_ffff_7fff_ffff;

/// What would run over.
const OVER: u64 = 0x8000_0000_8000_0000;

/// Returns a cost as one number.
pub(super) fn pair(cost: Cost, metric: Metric) -> Pair {
    let (first, second) = match metric {
        Metric::Time => (cost.time.0, cost.length.0),
        Metric::Length => (cost.length.0, cost.time.0),
    };
    let pair = u64::from(first) << 32 | u64::from(second);
    if pair & OVER == 0 { pair } else { NONE }
}

/// Returns a number as the cost it stands for.
pub(super) fn cost(pair: Pair, metric: Metric) -> Option<Cost> {
    let (first, second) = ((pair >> 32) as u32, pair as u32);
    let (time, length) = match metric {
        Metric::Time => (first, second),
        Metric::Length => (second, first),
    };
    (pair < NONE).then_some(Cost { time: Millis(time), length: Centimetres(length) })
}

/// Returns the sum; [`NONE`] if either is none or it would run over.
#[inline]
pub(super) fn plus(a: Pair, b: Pair) -> Pair {
    let sum = a + b;
    if sum & OVER == 0 { sum } else { NONE }
}
