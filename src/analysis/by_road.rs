//! Coverage by road: who can get to a facility within its standard, and where one can not.
//!
//! Facilities of one standard are looked at together, from each demand point the two nearest: the count is that of measuring
//! every pair, for nobody is counted more than twice. The reach that is taken from the study area is drawn with a tolerance
//! that is told; it is wide enough that the blocks between reached streets are not taken for gaps.

use super::coverage::{ByRoad, Question};
use super::gap::{Gap, SLIVER_M2, Withheld};
use super::{Stopped, Watch};
use crate::network::{Reach, Search, Snap, Stops, Toward, isochrone};
use crate::spatial::area;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// How far the drawn reach may exceed the truth, metres.
pub const TOLERANCE_M: f64 = 200.0;

/// For each demand point how many facilities it gets to within their standards, up to 2.
pub(super) fn count_times(roads: &ByRoad<'_>, points: usize, watch: &Watch) -> Result<Vec<u8>, Stopped> {
    let by_standard = by_standard(roads);
    let mut times = vec![0u8; points];
    for (done, (most, places)) in by_standard.iter().enumerate() {
        if watch(done, by_standard.len()) == ControlFlow::Break(()) {
            return Err(Stopped { done, total: by_standard.len() });
        }
        let stops = Stops::new(places.iter().copied().map(Some).collect());
        let more = roads.ways.reached_from((roads.demand, &stops), *most, 2);
        times.iter_mut().zip(more).for_each(|(times, more)| *times = (*times + more).min(2));
    }
    Ok(times)
}

/// Returns where the facilities lie, by how far they serve; those that no road comes near serve nobody.
fn by_standard(roads: &ByRoad<'_>) -> BTreeMap<u32, Vec<Snap>> {
    let mut by_standard: BTreeMap<u32, Vec<Snap>> = BTreeMap::new();
    for (facility, most) in roads.facilities.iter().zip(roads.most) {
        by_standard.entry(*most).or_default().extend(facility.iter().copied());
    }
    by_standard
}

/// Draws what no facility is reached from.
pub(super) fn draw(question: &Question, roads: &ByRoad<'_>, watch: &Watch) -> Result<Gap, Withheld> {
    let by_standard = by_standard(roads);
    let (mut covered, mut tolerance_m) = (Vec::new(), TOLERANCE_M);
    let mut search = Search::default();
    for (done, (most, origins)) in by_standard.iter().enumerate() {
        if watch(done, by_standard.len()) == ControlFlow::Break(()) {
            return Err(Withheld::Stopped);
        }
        let reach = Reach { origins, toward: Toward::Seeds, bands: &[*most], tolerance_m: TOLERANCE_M };
        for band in isochrone(&mut search, roads.ways.costs(), &reach) {
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
