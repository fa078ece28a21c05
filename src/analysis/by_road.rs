//! Coverage by road: who can get to a facility within its standard, and where one can not.
//!
//! From each facility one search runs against the roads, no farther than its standard, and meets the ways out of the demand
//! points: the count is that of measuring every pair. The reach that is taken from the study area is drawn with a tolerance
//! that is told; it is wide enough that the blocks between reached streets are not taken for gaps.

use super::coverage::{ByRoad, Question};
use super::gap::{Gap, SLIVER_M2, Withheld};
use super::{Stopped, Watch};
use crate::network::{Outs, Reach, Search, Snap, Toward, gathered, isochrone};
use crate::spatial::area;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// How far the drawn reach may exceed the truth, metres.
pub const TOLERANCE_M: f64 = 200.0;

/// Facilities searched from between two looks at the watch.
const CHUNK: usize = 256;

/// For each demand point how many facilities it gets to within their standards, up to 2.
pub(super) fn count_times(roads: &ByRoad<'_>, points: usize, watch: &Watch) -> Result<Vec<u8>, Stopped> {
    let outs = Outs::new(&roads.costs, roads.demand);
    let mut times = vec![0u8; points];
    let total = roads.facilities.len();
    for (i, chunk) in roads.facilities.chunks(CHUNK).enumerate() {
        let done = i * CHUNK;
        if watch(done, total) == ControlFlow::Break(()) {
            return Err(Stopped { done, total });
        }
        let most = &roads.most[done..done + chunk.len()];
        let one = |search: &mut Search, (facility, most): (&Option<Snap>, &u32)| match facility {
            Some(place) => gathered(search, &roads.costs, (place, roads.demand, &outs), *most),
            None => Vec::new(),
        };
        let found: Vec<Vec<u32>> = chunk.par_iter().zip(most).map_init(Search::default, one).collect();
        for point in found.into_iter().flatten() {
            times[point as usize] = times[point as usize].saturating_add(1).min(2);
        }
    }
    Ok(times)
}

/// Draws what no facility is reached from.
pub(super) fn draw(question: &Question, roads: &ByRoad<'_>, watch: &Watch) -> Result<Gap, Withheld> {
    let mut by_standard: BTreeMap<u32, Vec<Snap>> = BTreeMap::new();
    for (facility, most) in roads.facilities.iter().zip(roads.most) {
        by_standard.entry(*most).or_default().extend(facility.iter().copied());
    }
    let (mut covered, mut tolerance_m) = (Vec::new(), TOLERANCE_M);
    let mut search = Search::default();
    for (done, (most, origins)) in by_standard.iter().enumerate() {
        if watch(done, by_standard.len()) == ControlFlow::Break(()) {
            return Err(Withheld::Stopped);
        }
        let reach = Reach { origins, toward: Toward::Seeds, bands: &[*most], tolerance_m: TOLERANCE_M };
        for band in isochrone(&mut search, &roads.costs, &reach) {
            tolerance_m = tolerance_m.max(band.tolerance_m);
            covered.push(band.area);
        }
    }
    let gap = area::difference(question.study_area, &area::union(&covered));
    let (gap, slivers_dropped) = area::without_slivers(gap, SLIVER_M2);
    if watch(1, 1) == ControlFlow::Break(()) {
        return Err(Withheld::Stopped);
    }
    Ok(Gap { area_m2: area::area_m2(&gap), area: gap, tolerance_m, slivers_dropped })
}
