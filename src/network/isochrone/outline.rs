//! Marked points of a lattice → an area: rings between marked points and others, with as few corners as that allows.
//!
//! A ring is a walk through portals, with the marked points on its left: a portal is the side of a cell between a marked point
//! and an unmarked one. It goes straight through each cell from portal to portal, and its corners are moved along the portals
//! (in eighths, never onto a point of the lattice) until few are left. Invariant: rings are simple, and neither cross nor touch
//! each other, whatever the corners: every portal belongs to one ring; a cell has either two portals, so one ring passes it
//! once, or four, with marked points opposite each other, and then one passage keeps to either side of its diagonal.

use super::raster::{At, Marks, Raster, Run};
use crate::domain::Footprint;
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

/// Parts of a lattice spacing in which corners are told.
const PARTS: i64 = 8;

/// Portals that one straight line may pass: bounds the work of looking ahead.
const AHEAD_MAX: usize = 512;

/// Returns the area around the marked points.
pub(super) fn area(raster: &Raster) -> Footprint {
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
            polygons.push((ring.line(raster), Vec::new()));
            continue;
        }
        // This is where the hole is lowest, so what lies left of it in the row is the part that it is a hole of.
        let of = i.checked_sub(1).and_then(|left| ring_of[left]).map_or(0, |ring| polygon_of[ring]);
        polygon_of.push(of);
        if let Some((_, holes)) = polygons.get_mut(of).filter(|_| !ring.is_slit()) {
            holes.push(ring.line(raster));
        }
    }
    MultiPolygon(polygons.into_iter().map(|(outer, holes)| Polygon::new(outer, holes)).collect())
}

/// The side of a cell between a marked point and an unmarked one beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// Returns the ring with few corners: straight on through as many portals as can be passed so.
    fn line(&self, raster: &Raster) -> LineString<f64> {
        // Begun anew where the first straight line ends, for the first corner was anywhere.
        let (first, part) = self.straight_on((0, PARTS / 2), (usize::MAX, 0));
        let turned = |i: usize| (first + i) % self.portals.len();
        let portals: Vec<Portal> = (0..self.portals.len()).map(|i| self.portals[turned(i)]).collect();
        let ring = Self { portals, turns: self.turns };
        let mut at = (0, part);
        let mut corners = Vec::new();
        while at.0 < ring.portals.len() {
            corners.push(ring.portals[at.0].point(at.1));
            at = ring.straight_on(at, (ring.portals.len(), part));
        }
        corners.push(ring.portals[0].point(part));
        let coord = |corner: [i64; 2]| {
            let [x, y] = raster.position(corner, PARTS);
            Coord { x, y }
        };
        LineString(corners.into_iter().map(coord).collect())
    }

    /// Returns the farthest portal, and where on it, to which a straight line leads through all between; at the end there is
    /// one place only.
    fn straight_on(&self, (from, part): (usize, i64), (end, end_part): (usize, i64)) -> (usize, i64) {
        let n = self.portals.len();
        let apex = self.portals[from].point(part);
        let ray = |p: [i64; 2]| [p[0] - apex[0], p[1] - apex[1]];
        let parts = |i: usize| if i == end { end_part..=end_part } else { 1..=PARTS - 1 };
        let mut wedges: Vec<[[i64; 2]; 2]> = Vec::new();
        for i in from + 1..=end.min(from + AHEAD_MAX).min(from + n - 1).max(from + 1) {
            let portal = &self.portals[i % n];
            let (left, right) = (ray(portal.point(*parts(i).start())), ray(portal.point(*parts(i).end())));
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
            let seen = |part: &i64| {
                let to = ray(self.portals[i % n].point(*part));
                cross(to, left) >= 0 && cross(right, to) >= 0
            };
            let (low, high) = (parts(i).find(seen), parts(i).rev().find(seen));
            if let (Some(low), Some(high)) = (low, high) {
                return (i, (low + high) / 2);
            }
        }
        // The next portal is a side of the same cell, so it is always seen.
        (from + 1, *parts(from + 1).start())
    }
}

fn cross(a: [i64; 2], b: [i64; 2]) -> i64 {
    a[0] * b[1] - a[1] * b[0]
}
