//! Marked points of a lattice → an area: rings between marked points and others, with as few corners as that allows.
//!
//! A ring is a walk through portals, with the marked points on its left: a portal is the side of a cell between a marked point
//! and an unmarked one. It goes straight through each cell from portal to portal, and its corners are moved along the portals
//! (in small parts, never onto a point of the lattice) until few are left. Invariants: (1) rings are simple, and neither cross
//! nor touch each other, whatever the corners: every portal belongs to one ring; a cell has either two portals, so one ring
//! passes it once, or four, with marked points opposite each other, and then one passage keeps to either side of its diagonal.
//! (2) Areas of more and more marked points lie each within the next: a portal of both is passed by the larger at least one
//! part farther out, as long as there is room (a dozen areas), and any other portal of the one lies wholly inside of the
//! other, or outside; so within a cell no passage crosses another, and they keep apart by more than corners are rounded. A
//! hole that is left out has only such in it that are left out too.

use super::raster::{At, Marks, Raster, Run};
use crate::domain::Footprint;
use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use std::collections::HashMap;

/// Parts of a lattice spacing in which corners are told.
const PARTS: i64 = 32;

/// Portals that one straight line may pass: bounds the work of looking ahead.
const AHEAD_MAX: usize = 512;

/// Where the rings of an area pass its portals: the whole parts from the marked point. The next larger area keeps outside.
#[derive(Debug, Default)]
pub(super) struct Passages(HashMap<Portal, i64>);

/// Returns the area around the marked points, to lie around a smaller one and to leave room for so many larger ones; and where
/// it passes.
pub(super) fn area(raster: &Raster, smaller: &Passages, larger: usize) -> (Footprint, Passages) {
    let most = (PARTS - 1 - 2 * i64::try_from(larger).unwrap_or(PARTS)).max(PARTS / 4);
    let mut passages = Passages::default();
    let runs = raster.runs();
    let mut marks = raster.marks();
    let mut ring_of: Vec<Option<usize>> = vec![None; runs.len()];
    // Which polygon each ring belongs to.
    let mut polygon_of: Vec<usize> = Vec::new();
    let mut polygons: Vec<(LineString<f64>, Vec<LineString<f64>>)> = Vec::new();
    for i in 0..runs.len() {
        if ring_of[i].is_some() {
            continue;
        }
        let ring = Ring::walk(&mut marks, &runs[i]);
        for run in ring.runs_begun(&runs) {
            ring_of[run] = Some(polygon_of.len());
        }
        if ring.is_outer() {
            polygon_of.push(polygons.len());
            let course = ring.course((smaller, most));
            passages.add(&course);
            polygons.push((course.line(raster), Vec::new()));
            continue;
        }
        // This is where the hole is lowest, so what lies left of it in the row is the part that it is a hole of.
        let of = i.checked_sub(1).and_then(|left| ring_of[left]).map_or(0, |ring| polygon_of[ring]);
        polygon_of.push(of);
        if let Some((_, holes)) = polygons.get_mut(of).filter(|_| !ring.is_slit()) {
            let course = ring.course((smaller, most));
            passages.add(&course);
            holes.push(course.line(raster));
        }
    }
    let area = MultiPolygon(polygons.into_iter().map(|(outer, holes)| Polygon::new(outer, holes)).collect());
    (area, passages)
}

impl Passages {
    fn add(&mut self, course: &Course) {
        for pair in course.corners.windows(2) {
            let ((from, part), (to, to_part)) = (pair[0], pair[1]);
            let ends = [course.gates[from].point(part), course.gates[to % course.gates.len()].point(to_part)];
            let passed = course.gates[from..to].iter().map(|gate| (gate.portal, gate.portal.passed_at(ends)));
            self.0.extend(passed);
        }
    }
}

/// The side of a cell between a marked point and an unmarked one beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Portal {
    marked: At,
    /// From the marked point to the other.
    out: At,
}

impl Portal {
    /// Returns the point that lies so many parts from the marked one.
    fn point(&self, part: i64) -> [i64; 2] {
        let at = |i: usize| i64::from(self.marked[i]) * PARTS + i64::from(self.out[i]) * part;
        [at(0), at(1)]
    }

    fn other(&self) -> At {
        [self.marked[0] + self.out[0], self.marked[1] + self.out[1]]
    }

    /// Returns how many whole parts from the marked point a straight line passes that does not run along the portal.
    fn passed_at(&self, [a, b]: [[i64; 2]; 2]) -> i64 {
        let (along, across) = if self.out[0] == 0 { (1, 0) } else { (0, 1) };
        let marked = self.point(0);
        let (deep, gone) = (b[across] - a[across], marked[across] - a[across]);
        let off = (a[along] - marked[along]) * deep + (b[along] - a[along]) * gone;
        let off = off * i64::from(self.out[along]);
        if deep < 0 { (-off).div_euclid(-deep) } else { off.div_euclid(deep.max(1)) }
    }
}

/// A portal, and the parts of it that may be passed.
#[derive(Debug, Clone, Copy)]
struct Gate {
    portal: Portal,
    least: i64,
    most: i64,
}

impl Gate {
    fn point(&self, part: i64) -> [i64; 2] {
        self.portal.point(part)
    }

    fn middle(&self) -> i64 {
        i64::midpoint(self.least, self.most)
    }
}

/// A closed walk through portals.
struct Ring {
    portals: Vec<Portal>,
    /// Turns to the left less turns to the right.
    turns: i64,
}

impl Ring {
    /// Walks the ring that passes left of a run.
    fn walk(marks: &mut Marks<'_>, from: &Run) -> Self {
        let start = Portal { marked: [from.first, from.row], out: [-1, 0] };
        let mut ring = Self { portals: Vec::new(), turns: 0 };
        let mut at = start;
        loop {
            ring.portals.push(at);
            // Ahead is to the left of outward.
            let ahead = [-at.out[1], at.out[0]];
            let beyond = |p: At| [p[0] + ahead[0], p[1] + ahead[1]];
            let (left, right) = (beyond(at.marked), beyond(at.other()));
            at = if !marks.at(left) {
                ring.turns += 1;
                Portal { marked: at.marked, out: ahead }
            } else if marks.at(right) {
                ring.turns -= 1;
                Portal { marked: right, out: [-ahead[0], -ahead[1]] }
            } else {
                Portal { marked: left, out: at.out }
            };
            if at == start {
                return ring;
            }
        }
    }

    /// Yields the places of the runs that begin at the ring.
    fn runs_begun<'a>(&'a self, runs: &'a [Run]) -> impl Iterator<Item = usize> + 'a {
        let west = self.portals.iter().filter(|portal| portal.out == [-1, 0]);
        west.map(|portal| runs.partition_point(|run| [run.row, run.first] < [portal.marked[1], portal.marked[0]]))
    }

    fn is_outer(&self) -> bool {
        self.turns > 0
    }

    /// Returns whether a hole is one point wide: then all of it is as near to marked points as the cells of a ring are.
    fn is_slit(&self) -> bool {
        let wide = |i: usize| {
            let places = self.portals.iter().map(|portal| portal.other()[i]);
            places.clone().min() != places.max()
        };
        !(wide(0) && wide(1))
    }

    /// Returns the course of the ring around a smaller area: straight on through as many portals as can be passed so.
    fn course(&self, (smaller, most): (&Passages, i64)) -> Course {
        let gate = |portal: &Portal| {
            let least = smaller.0.get(portal).map_or(1, |passed| (passed + 2).min(most));
            Gate { portal: *portal, least, most }
        };
        let mut gates: Vec<Gate> = self.portals.iter().map(gate).collect();
        // Begun anew where the first straight line ends, for the first corner was anywhere.
        let (first, part) = straight_on(&gates, (0, gates[0].middle()), (usize::MAX, 0));
        gates.rotate_left(first % self.portals.len());
        let (n, mut at) = (gates.len(), (0, part));
        let mut corners = Vec::new();
        while at.0 < n {
            corners.push(at);
            at = straight_on(&gates, at, (n, part));
        }
        corners.push((n, part));
        Course { gates, corners }
    }
}

/// Where a ring goes: gates in order, and corners, each as a gate and a part of it; the last is the first again.
struct Course {
    gates: Vec<Gate>,
    corners: Vec<(usize, i64)>,
}

impl Course {
    fn line(&self, raster: &Raster) -> LineString<f64> {
        let coord = |(gate, part): &(usize, i64)| {
            let [x, y] = raster.position(self.gates[gate % self.gates.len()].point(*part), PARTS);
            Coord { x, y }
        };
        LineString(self.corners.iter().map(coord).collect())
    }
}

/// Returns the farthest gate, and where on it, to which a straight line leads through all between; at the end there is one place
/// only.
fn straight_on(gates: &[Gate], (from, part): (usize, i64), (end, end_part): (usize, i64)) -> (usize, i64) {
    let n = gates.len();
    let apex = gates[from].point(part);
    let ray = |p: [i64; 2]| [p[0] - apex[0], p[1] - apex[1]];
    let parts = |i: usize| if i == end { end_part..=end_part } else { gates[i % n].least..=gates[i % n].most };
    let mut wedges: Vec<[[i64; 2]; 2]> = Vec::new();
    for i in from + 1..=end.min(from + AHEAD_MAX).min(from + n - 1).max(from + 1) {
        let gate = &gates[i % n];
        let (left, right) = (ray(gate.point(*parts(i).start())), ray(gate.point(*parts(i).end())));
        let wedge = match wedges.last() {
            None => [left, right],
            Some([l, r]) => {
                [if cross(*l, left) < 0 { left } else { *l }, if cross(*r, right) > 0 { right } else { *r }]
            }
        };
        if cross(wedge[1], wedge[0]) < 0 {
            break;
        }
        wedges.push(wedge);
    }
    while let Some([left, right]) = wedges.pop() {
        let i = from + 1 + wedges.len();
        let (base, out) = (ray(gates[i % n].point(0)), gates[i % n].portal.out.map(i64::from));
        let seen = at_least_zero(parts(i).into_inner(), (cross(base, left), cross(out, left)));
        let (low, high) = at_least_zero(seen, (cross(right, base), cross(right, out)));
        if low <= high {
            return (i, i64::midpoint(low, high));
        }
    }
    // The next portal is a side of the same cell, so it is always seen.
    (from + 1, *parts(from + 1).start())
}

/// Returns the part of a range in which `at_zero + n × slope` is not negative, for whole `n`; low beyond high: none of it.
fn at_least_zero((low, high): (i64, i64), (at_zero, slope): (i64, i64)) -> (i64, i64) {
    match slope {
        0 if at_zero < 0 => (high + 1, high),
        0 => (low, high),
        1.. => (low.max(-at_zero.div_euclid(slope)), high),
        _ => (low, high.min(at_zero.div_euclid(-slope))),
    }
}

fn cross(a: [i64; 2], b: [i64; 2]) -> i64 {
    a[0] * b[1] - a[1] * b[0]
}
