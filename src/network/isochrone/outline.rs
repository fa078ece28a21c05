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

use super::raster::{At, ByPlace, Marks, Raster, Run};
use crate::domain::Footprint;
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

/// Parts of a lattice spacing in which corners are told.
const PARTS: i64 = 32;

/// Portals that one straight line may pass: bounds the work of looking ahead.
const AHEAD_MAX: usize = 512;

/// Where the rings of an area pass its portals: the whole parts from the marked point. The next larger area keeps outside.
#[derive(Debug, Default)]
pub(super) struct Passages(ByPlace<u8>);

/// Returns the area around the marked points, to lie around a smaller one and to leave room for so many larger ones; and where
/// it passes, if there is any larger.
pub(super) fn area(raster: &Raster, smaller: &Passages, larger: usize) -> (Footprint, Passages) {
    let most = (PARTS - 1 - 2 * i64::try_from(larger).unwrap_or(PARTS)).max(PARTS / 4);
    let runs = Runs::of(raster);
    let mut marks = raster.marks();
    let mut drawing =
        Drawing { raster, smaller, most, passages: (larger > 0).then(Passages::default), wedges: Vec::new() };
    let mut ring_of: Vec<Option<u32>> = vec![None; runs.all.len()];
    // Which polygon each ring belongs to.
    let mut polygon_of: Vec<usize> = Vec::new();
    let mut polygons: Vec<(LineString<f64>, Vec<LineString<f64>>)> = Vec::new();
    for i in 0..runs.all.len() {
        if ring_of[i].is_some() {
            continue;
        }
        let ring = Ring::walk(&mut marks, &runs.all[i]);
        let number = u32::try_from(polygon_of.len()).ok();
        runs.begun_at(&ring, |run| ring_of[run] = number);
        if ring.is_outer() {
            polygon_of.push(polygons.len());
            polygons.push((drawing.line(&ring), Vec::new()));
            continue;
        }
        // This is where the hole is lowest, so what lies left of it in the row is the part that it is a hole of.
        let of = i.checked_sub(1).and_then(|left| ring_of[left]).map_or(0, |ring| polygon_of[ring as usize]);
        polygon_of.push(of);
        if let Some((_, holes)) = polygons.get_mut(of).filter(|_| !ring.is_slit()) {
            holes.push(drawing.line(&ring));
        }
    }
    let area = MultiPolygon(polygons.into_iter().map(|(outer, holes)| Polygon::new(outer, holes)).collect());
    (area, drawing.passages.unwrap_or_default())
}

/// Runs of marked points in order, with the first of each row.
struct Runs {
    all: Vec<Run>,
    rows: Vec<usize>,
}

impl Runs {
    fn of(raster: &Raster) -> Self {
        let all = raster.runs();
        let begins = |i: &usize| *i == 0 || all[*i - 1].row != all[*i].row;
        let rows = (0..all.len()).filter(begins).chain([all.len()]).collect();
        Self { all, rows }
    }

    /// Tells the places of the runs that begin at a ring.
    fn begun_at(&self, ring: &Ring, mut each: impl FnMut(usize)) {
        let row_of = |row: usize| self.all[self.rows[row]].row;
        let mut row = 0;
        for portal in ring.portals.iter().filter(|portal| portal.out == [-1, 0]) {
            // A ring goes up and down by one row at a time, so its next row is near; the first is looked for.
            let [column, wanted] = portal.marked;
            if row == 0 {
                row = self.rows[..self.rows.len() - 1].partition_point(|first| self.all[*first].row < wanted);
            }
            while row_of(row) < wanted {
                row += 1;
            }
            while row_of(row) > wanted {
                row -= 1;
            }
            let [first, end] = [self.rows[row], self.rows[row + 1]];
            each(first + self.all[first..end].partition_point(|run| run.first < column));
        }
    }
}

/// What the rings of one area have in common.
struct Drawing<'a> {
    raster: &'a Raster,
    smaller: &'a Passages,
    most: i64,
    passages: Option<Passages>,
    /// Kept between lines.
    wedges: Vec<[[i64; 2]; 2]>,
}

impl Drawing<'_> {
    /// Returns the line of a ring, and keeps where it passes.
    fn line(&mut self, ring: &Ring) -> LineString<f64> {
        let course = ring.course((self.smaller, self.most), &mut self.wedges);
        if let Some(passages) = &mut self.passages {
            passages.add(&course);
        }
        course.line(self.raster)
    }
}

impl Passages {
    fn add(&mut self, course: &Course) {
        for pair in course.corners.windows(2) {
            let ((from, part), (to, to_part)) = (pair[0], pair[1]);
            let ends = [course.gates[from].point(part), course.gates[to].point(to_part)];
            // Whole parts of a portal: 0 to 32.
            let passed = |gate: &Gate| (gate.portal.packed(), gate.portal.passed_at(ends) as u8);
            self.0.extend(course.gates[from..to].iter().map(passed));
        }
    }
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

    /// Packs it in a number. A lattice has fewer than 2³⁰ rows and columns.
    fn packed(&self) -> u64 {
        let way = if self.out[1] > 0 { 3 } else { (self.out[0] + 1) as u64 };
        u64::from(self.marked[0] as u32) << 32 | u64::from(self.marked[1] as u32) << 2 & 0xFFFF_FFFC | way
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
    fn course(&self, (smaller, most): (&Passages, i64), wedges: &mut Vec<[[i64; 2]; 2]>) -> Course {
        let least = |portal: &Portal| smaller.0.get(&portal.packed()).map_or(1, |passed| i64::from(*passed) + 2);
        let gate = |portal: &Portal| Gate {
            portal: *portal,
            least: if smaller.0.is_empty() { 1 } else { least(portal).min(most) },
            most,
        };
        let mut gates: Vec<Gate> = Vec::with_capacity(self.portals.len() + 1);
        gates.extend(self.portals.iter().map(gate));
        // Begun anew where the first straight line ends, for the first corner was anywhere.
        let (first, part) = straight_on(&gates, (0, gates[0].middle()), wedges);
        gates.rotate_left(first);
        // It ends where it begins.
        gates.push(Gate { least: part, most: part, ..gates[0] });
        let mut at = (0, part);
        let mut corners = vec![at];
        while at.0 + 1 < gates.len() {
            at = straight_on(&gates, at, wedges);
            corners.push(at);
        }
        Course { gates, corners }
    }
}

/// Where a ring goes: gates in order, and corners, each as a gate and a part of it; the last of both is the first again.
struct Course {
    gates: Vec<Gate>,
    corners: Vec<(usize, i64)>,
}

impl Course {
    fn line(&self, raster: &Raster) -> LineString<f64> {
        let coord = |(gate, part): &(usize, i64)| {
            let [x, y] = raster.position(self.gates[*gate].point(*part), PARTS);
            Coord { x, y }
        };
        LineString(self.corners.iter().map(coord).collect())
    }
}

/// Returns the farthest gate behind one, and where on it, to which a straight line leads through all between.
fn straight_on(gates: &[Gate], (from, part): (usize, i64), wedges: &mut Vec<[[i64; 2]; 2]>) -> (usize, i64) {
    let apex = gates[from].point(part);
    let ray = |p: [i64; 2]| [p[0] - apex[0], p[1] - apex[1]];
    let ahead = &gates[from + 1..gates.len().min(from + 1 + AHEAD_MAX)];
    wedges.clear();
    for gate in ahead {
        let (left, right) = (ray(gate.point(gate.least)), ray(gate.point(gate.most)));
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
        let gate = &ahead[wedges.len()];
        let (base, out) = (ray(gate.point(0)), gate.portal.out.map(i64::from));
        let seen = at_least_zero((gate.least, gate.most), (cross(base, left), cross(out, left)));
        let (low, high) = at_least_zero(seen, (cross(right, base), cross(right, out)));
        if low <= high {
            return (from + 1 + wedges.len(), i64::midpoint(low, high));
        }
    }
    // The next portal is a side of the same cell, so it is always seen.
    (from + 1, ahead.first().map_or(part, |gate| gate.least))
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
