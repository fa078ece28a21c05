//! The gap: the area that no facility covers, and the places in it where most people live.
//!
//! Buffers are inscribed, so the gap holds all that is uncovered and at most a strip of the tolerance more. Parts and
//! holes below [`SLIVER_M2`] are dropped, and the count of dropped parts is told. Invariant: the uncovered people of all
//! gaps, before the list is cut to its length, are the uncovered people of the whole.

use super::coverage::{Coverage, Question};
use super::{Demand, Facility, Reach, Watch};
use crate::domain::{Footprint, LonLat, Place, Population};
use crate::spatial::area::{self, Refused};
use crate::spatial::edge::{bounding_ball, chord_reaching, unit_vector};
use crate::spatial::locate::AreaIndex;
use geo_types::MultiPolygon;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

/// Most gaps in the list of the largest.
pub const LARGEST_MAX: usize = 20;

/// Parts and holes of the gap smaller than this are not drawn, square metres.
pub const SLIVER_M2: f64 = 1.0;

/// Most corners of all buffers together; beyond, the tolerance is doubled until they fit.
const CORNERS_MAX: usize = 3_000_000;

/// A buffer may fall short by this share of its standard at the most; one that would by more is refused.
const SHORT_SHARE_MAX: f64 = 0.01;

/// Buffers drawn and united between two looks at the watch.
const CHUNK: usize = 512;

/// The uncovered area.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Its shape, valid by RFC 7946.
    pub area: Footprint,
    /// Its size, square metres.
    pub area_m2: f64,
    /// How far the buffers may fall short, metres: what was asked, or more when there were too many.
    pub tolerance_m: f64,
    /// Parts below [`SLIVER_M2`] that were dropped.
    pub slivers_dropped: usize,
}

/// Why the gap is not drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    /// There is no area to draw it in.
    #[error("there is no study area")]
    NoStudyArea,
    /// The watch asked to stop.
    #[error("stopped before the gap was drawn")]
    Stopped,
    /// The buffer of a facility can not be drawn.
    #[error("the buffer of facility {facility} can not be drawn: {reason}")]
    Buffer {
        /// Index of the facility.
        facility: usize,
        /// Why.
        reason: Refused,
    },
}

/// Uncovered people of one street-town within one part of the gap.
#[derive(Debug, Clone, PartialEq)]
pub struct LargestGap {
    /// Index of the street-town (or of the division where there is none); `None` outside of every division.
    pub division: Option<usize>,
    /// Index of the part of the gap; `None` when the people live outside of the drawn gap.
    pub part: Option<usize>,
    /// Uncovered people.
    pub uncovered: Population,
    /// Size of the part within the division; `None` when the shape of either is unknown.
    pub area_m2: Option<f64>,
    /// The uncovered demand point nearest to the people's centre of mass.
    pub representative: LonLat,
    /// Index of the nearest facility and its distance in metres; `None` when there is none.
    pub nearest: Option<(usize, f64)>,
}

/// Draws the gap.
pub(super) fn draw(question: &Question, reach: &Reach, watch: &Watch) -> Result<Gap, Withheld> {
    let near = facilities_near_study_area(question, reach);
    let tolerance_m = fitting_tolerance_m(question, &near);
    let steps = question.demand.len() + question.facilities.len();
    let mut covered: Vec<Footprint> = Vec::new();
    let mut shortest_m = tolerance_m;
    for (i, chunk) in near.chunks(CHUNK).enumerate() {
        if watch(question.demand.len() + i * CHUNK, steps) == ControlFlow::Break(()) {
            return Err(Withheld::Stopped);
        }
        let buffers: Result<Vec<(Footprint, f64)>, Withheld> = chunk
            .par_iter()
            .map(|&i| {
                let Facility { place, standard_m, .. } = question.facilities[i];
                buffer(place, standard_m, tolerance_m).map_err(|reason| Withheld::Buffer { facility: i, reason })
            })
            .collect();
        let (buffers, short_m): (Vec<Footprint>, Vec<f64>) = buffers?.into_iter().unzip();
        shortest_m = short_m.into_iter().fold(shortest_m, f64::max);
        covered.push(area::union(&buffers));
    }
    let gap = area::difference(question.study_area, &area::union(&covered));
    let (gap, slivers_dropped) = area::without_slivers(gap, SLIVER_M2);
    if watch(steps, steps) == ControlFlow::Break(()) {
        return Err(Withheld::Stopped);
    }
    Ok(Gap { area_m2: area::area_m2(&gap), area: gap, tolerance_m: shortest_m, slivers_dropped })
}

/// Draws a buffer and tells how far it may fall short. Where a wide footprint and a long standard can not be drawn that
/// closely, the tolerance is doubled until they can, up to [`SHORT_SHARE_MAX`] of the standard.
fn buffer(place: &Place, standard_m: f64, tolerance_m: f64) -> Result<(Footprint, f64), Refused> {
    let mut tolerance_m = tolerance_m;
    loop {
        match area::buffer_m(place, standard_m, tolerance_m) {
            Err(Refused::TooWide) if tolerance_m < standard_m * SHORT_SHARE_MAX => tolerance_m *= 2.0,
            Err(reason) => return Err(reason),
            Ok(drawn) => return Ok((drawn, tolerance_m.max(area::sagitta_least_m(standard_m)))),
        }
    }
}

/// Facilities whose buffer can touch the study area, each place and standard once, neighbours close together.
fn facilities_near_study_area(question: &Question, reach: &Reach) -> Vec<usize> {
    let Some(study) = bounding_ball(question.study_area) else { return Vec::new() };
    let mut seen = HashSet::new();
    let mut near: Vec<usize> = (0..question.facilities.len())
        .filter(|&i| {
            let Facility { place, standard_m, .. } = question.facilities[i];
            let ball = reach.shapes()[i].ball;
            let apart = (0..3).map(|k| (ball.centre[k] - study.centre[k]).powi(2)).sum::<f64>().sqrt();
            let touches = apart <= ball.chord_radius + study.chord_radius + chord_reaching(standard_m);
            let spot = [place.position.lon(), place.position.lat(), standard_m].map(f64::to_bits);
            standard_m >= 0.0 && touches && (place.footprint.is_some() || seen.insert(spot))
        })
        .collect();
    near.sort_by_key(|&i| (z_order(question.facilities[i].place), i));
    near
}

/// Place along a curve that keeps neighbours together (Morton 1966), at 2⁻¹⁶ of the globe.
fn z_order(place: &Place) -> u64 {
    let x = ((place.position.lon() + 180.0) / 360.0 * 65_535.0) as u64;
    let y = ((place.position.lat() + 90.0) / 180.0 * 65_535.0) as u64;
    (0..16).map(|bit| ((x >> bit & 1) << (2 * bit)) | ((y >> bit & 1) << (2 * bit + 1))).sum()
}

fn fitting_tolerance_m(question: &Question, near: &[usize]) -> f64 {
    let mut tolerance_m = question.tolerance_m;
    let corners = |tolerance_m: f64| -> usize {
        near.iter().map(|&i| area::circle_vertices(question.facilities[i].standard_m, tolerance_m)).sum()
    };
    let fewest = near.len() * area::CIRCLE_VERTICES[0];
    while tolerance_m > 0.0 && corners(tolerance_m) > CORNERS_MAX.max(fewest) {
        tolerance_m *= 2.0;
    }
    tolerance_m
}

/// Lists the largest gaps: uncovered people by street-town and part of the gap, most first, then by code and part.
pub(super) fn largest(
    question: &Question,
    reach: &Reach,
    finding: &Coverage,
    towns: &[Option<usize>],
) -> Vec<LargestGap> {
    let parts: Vec<Footprint> = match &finding.gap {
        Ok(gap) => gap.area.iter().map(|polygon| MultiPolygon(vec![polygon.clone()])).collect(),
        Err(_) => Vec::new(),
    };
    let index = AreaIndex::new(parts.iter().map(Some));
    let lacking: Vec<usize> = (0..question.demand.len())
        .filter(|&i| finding.times[i] == 0 && !question.demand[i].population.is_zero())
        .collect();
    let part_of: Vec<Option<usize>> =
        lacking.par_iter().map(|&i| index.covering(question.demand[i].position).min()).collect();
    let mut groups: BTreeMap<(Option<usize>, Option<usize>), Vec<Demand>> = BTreeMap::new();
    for (&i, &part) in lacking.iter().zip(&part_of) {
        groups.entry((towns[i], part)).or_default().push(question.demand[i]);
    }
    let people = |group: &[Demand]| group.iter().map(|d| d.population).sum::<Population>();
    let code = |town: Option<usize>| town.map(|t| &question.divisions[t].code);
    let mut ranked: Vec<_> = groups.into_iter().map(|(key, group)| (people(&group), key, group)).collect();
    ranked.sort_by(|(a, (a_town, a_part), _), (b, (b_town, b_part), _)| {
        let ties = || (a_town.is_none(), code(*a_town), a_part).cmp(&(b_town.is_none(), code(*b_town), b_part));
        b.cmp(a).then_with(ties)
    });
    ranked.truncate(LARGEST_MAX);
    let gap = |(uncovered, (division, part), group): (Population, (Option<usize>, Option<usize>), Vec<Demand>)| {
        let representative = representative(&group);
        let shape = division.and_then(|d| question.divisions[d].area.as_ref());
        let area_m2 = part.zip(shape).map(|(p, shape)| area::area_m2(&area::clip(&parts[p], shape)));
        LargestGap { division, part, uncovered, area_m2, representative, nearest: reach.nearest(representative) }
    };
    ranked.into_par_iter().map(gap).collect()
}

/// The point of the group nearest to its people's centre of mass on the sphere; the first of several. Never empty.
fn representative(group: &[Demand]) -> LonLat {
    let mut centre = [0.0; 3];
    for point in group {
        let (v, weight) = (unit_vector(point.position), point.population.as_f64());
        (0..3).for_each(|k| centre[k] += weight * v[k]);
    }
    let size = centre.iter().map(|x| x * x).sum::<f64>().sqrt();
    let off = |point: &Demand| -> f64 {
        let v = unit_vector(point.position);
        (0..3).map(|k| (v[k] - centre[k] / size).powi(2)).sum()
    };
    let ties = |p: &Demand| (p.position.lon(), p.position.lat());
    let nearest = group.iter().min_by(|a, b| {
        let by_place = || ties(a).partial_cmp(&ties(b)).unwrap_or(std::cmp::Ordering::Equal);
        off(a).total_cmp(&off(b)).then_with(by_place)
    });
    nearest.map_or(LonLat::clamped(0.0, 0.0), |p| p.position)
}
