//! Coverage: who lives within the service standard of a facility, and where nobody does.
//!
//! A demand point is covered when the geodesic from it to the edge of some facility is no longer than that facility's
//! standard. People are counted point by point, exactly; the uncovered area is drawn from inscribed buffers and may
//! exceed the truth by its tolerance along its edge. Invariant: covered + uncovered = total, for all people together,
//! for each division and for those outside of every division; nobody is dropped.

use super::gap::{self, Gap, LargestGap, Withheld};
use super::{Demand, Facility, Reach, Stopped, Watch, by_road};
use crate::domain::{Division, Footprint, Population};
use crate::network::hierarchy::Ways;
use crate::network::{Snap, Stops};
use crate::spatial::area;
use crate::spatial::locate::Locator;
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::{AddAssign, ControlFlow};

/// How people are counted and the gap is drawn, in one line for the answer.
pub const METHOD: &str = "wgs84-geodesic-to-edge; gap = study area - union of inscribed geodesic buffers";

/// The same by road.
pub const METHOD_BY_ROAD: &str =
    "road-network from the demand point to the facility; gap = study area - union of isochrones";

/// Demand points between two looks at the watch.
const CHUNK: usize = 4096;

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Facilities that count, each with its standard.
    pub facilities: &'a [Facility<'a>],
    /// People.
    pub demand: &'a [Demand],
    /// Divisions to report, of any levels; a division's people include those of the divisions below it.
    pub divisions: &'a [&'a Division],
    /// Area within which the gap is drawn.
    pub study_area: &'a Footprint,
    /// How far drawn buffers may fall short, metres; a reach by road is drawn with a tolerance of its own.
    pub tolerance_m: f64,
    /// How the way from a demand point to a facility is measured.
    pub means: Means<'a>,
}

/// How the way from a demand point to a facility is measured.
#[derive(Clone, Copy)]
pub enum Means<'a> {
    /// In a straight line to the edge; a facility's standard is metres.
    Air,
    /// By road.
    Road(ByRoad<'a>),
}

/// Facilities and people on the roads.
#[derive(Clone, Copy)]
pub struct ByRoad<'a> {
    /// What arcs cost, and who answers.
    pub ways: Ways<'a>,
    /// Where each facility lies on the roads, in their order; `None`: no road comes near, so nobody comes to it.
    pub facilities: &'a [Option<Snap>],
    /// Most that the way to each facility may cost, by the metric of the costs, in their order.
    pub most: &'a [u32],
    /// The demand points on the roads, in their order.
    pub demand: &'a Stops,
}

/// People, parted by whether they are covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Split {
    /// Demand points that were counted; with none, the sums below say nothing about who lives there.
    pub points: usize,
    /// All.
    pub total: Population,
    /// Covered by one facility or more.
    pub covered: Population,
    /// Covered by none.
    pub uncovered: Population,
}

impl AddAssign<(Population, bool)> for Split {
    fn add_assign(&mut self, (people, covered): (Population, bool)) {
        self.points += 1;
        self.total += people;
        *(if covered { &mut self.covered } else { &mut self.uncovered }) += people;
    }
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// How it was found.
    pub method: &'static str,
    /// False when the gap is withheld though there was a study area; the people are always counted to the last.
    pub complete: bool,
    /// Facilities, demand points and divisions that went in.
    pub inputs: [usize; 3],
    /// All people.
    pub population: Split,
    /// People covered by no facility, by one, by two or more.
    pub multiplicity: [Population; 3],
    /// People of each division, in the order of the divisions given.
    pub divisions: Vec<Split>,
    /// People outside of every division.
    pub outside: Split,
    /// For each demand point how often it is covered, counted up to 2.
    pub times: Vec<u8>,
    /// The uncovered area, or why it is not drawn.
    pub gap: Result<Gap, Withheld>,
    /// Size of the study area; `None` when there is none.
    pub area_m2: Option<f64>,
    /// Where most uncovered people are, most first; at most [`super::LARGEST_MAX`].
    pub largest_gaps: Vec<LargestGap>,
}

/// Answers the question; stopped by the watch before all people are counted, it says nothing, later it withholds the gap.
pub fn coverage(question: &Question, watch: &Watch) -> Result<Coverage, Stopped> {
    let Question { facilities, demand, divisions, study_area, .. } = *question;
    let reach = Reach::new(facilities);
    let times = match question.means {
        Means::Air => count_times(question, &reach, watch)?,
        Means::Road(roads) => by_road::count_times(&roads, question.demand.len(), watch)?,
    };
    let homes = find_homes(demand, divisions);
    let ancestors = Ancestors::of(divisions);
    let mut finding = Coverage {
        method: match question.means {
            Means::Air => METHOD,
            Means::Road(_) => METHOD_BY_ROAD,
        },
        complete: true,
        inputs: [facilities.len(), demand.len(), divisions.len()],
        population: Split::default(),
        multiplicity: [Population::ZERO; 3],
        divisions: vec![Split::default(); divisions.len()],
        outside: Split::default(),
        gap: Err(Withheld::NoStudyArea),
        area_m2: None,
        largest_gaps: Vec::new(),
        times,
    };
    for (i, point) in demand.iter().enumerate() {
        let part = (point.population, finding.times[i] > 0);
        finding.population += part;
        finding.multiplicity[usize::from(finding.times[i].min(2))] += point.population;
        match homes[i] {
            Some(home) => ancestors.and_self(home).iter().for_each(|&d| finding.divisions[d] += part),
            None => finding.outside += part,
        }
    }
    if !study_area.0.is_empty() {
        finding.area_m2 = Some(area::area_m2(study_area));
        finding.gap = match question.means {
            Means::Air => gap::draw(question, &reach, watch),
            Means::Road(roads) => by_road::draw(question, &roads, watch),
        };
        finding.complete = finding.gap.is_ok();
    }
    let towns: Vec<Option<usize>> = homes.iter().map(|home| home.map(|h| ancestors.town(h))).collect();
    finding.largest_gaps = gap::largest(question, &reach, &finding, &towns);
    Ok(finding)
}

/// For each demand point how often it is covered, up to 2.
fn count_times(question: &Question, reach: &Reach, watch: &Watch) -> Result<Vec<u8>, Stopped> {
    let total = question.demand.len() + question.facilities.len();
    let mut times = Vec::with_capacity(question.demand.len());
    for chunk in question.demand.chunks(CHUNK) {
        if watch(times.len(), total) == ControlFlow::Break(()) {
            return Err(Stopped { done: times.len(), total });
        }
        times.par_extend(chunk.par_iter().map(|point| reach.times(point.position, 2) as u8));
    }
    Ok(times)
}

/// For each demand point the division it declares or else the finest that it lies in.
fn find_homes(demand: &[Demand], divisions: &[&Division]) -> Vec<Option<usize>> {
    let declared = |point: &Demand| point.division.filter(|&d| d < divisions.len());
    if demand.iter().all(|point| declared(point).is_some()) {
        return demand.iter().map(declared).collect();
    }
    let locator = Locator::new(divisions);
    demand.par_iter().map(|point| declared(point).or_else(|| locator.finest(point.position))).collect()
}

/// For each division itself and those above it, by their codes.
struct Ancestors {
    lines: Vec<Vec<usize>>,
    towns: Vec<usize>,
}

impl Ancestors {
    fn of(divisions: &[&Division]) -> Self {
        let mut by_prefix: HashMap<&str, Vec<usize>> = HashMap::new();
        for (i, division) in divisions.iter().enumerate() {
            by_prefix.entry(division.code.prefix()).or_default().push(i);
        }
        let line = |i: usize| -> Vec<usize> {
            let prefix = divisions[i].code.prefix();
            let above = [2, 4, 6, 9].into_iter().filter(|&n| n < prefix.len());
            let above = above.filter_map(|n| by_prefix.get(&prefix[..n])).flatten().copied();
            above.chain([i]).collect()
        };
        let lines: Vec<Vec<usize>> = (0..divisions.len()).map(line).collect();
        let is_town = |&&d: &&usize| divisions[d].level == crate::domain::Level::Town;
        let towns = lines.iter().enumerate().map(|(i, line)| line.iter().find(is_town).copied().unwrap_or(i));
        Self { towns: towns.collect(), lines }
    }

    fn and_self(&self, division: usize) -> &[usize] {
        &self.lines[division]
    }

    /// The street-town of a division, or itself when it is none and below none.
    fn town(&self, division: usize) -> usize {
        self.towns[division]
    }
}
