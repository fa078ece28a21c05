//! Member ways of a multipolygon → rings → polygons with their holes.
//!
//! Invariants: a ring is closed and has four points or more; what does not close is left out and counted; a hole belongs to
//! the smallest outer ring that holds it.

use crate::network::Point;
use std::collections::HashMap;

/// Rings of an area: each polygon its outer ring and then its holes.
pub(super) type Polygons = Vec<Vec<Vec<Point>>>;

/// Joins lines into closed rings, end to end; returns the rings and how many lines were left over.
pub(super) fn rings(lines: Vec<Vec<Point>>) -> (Vec<Vec<Point>>, usize) {
    let mut rings = Vec::new();
    let mut open: Vec<Option<Vec<Point>>> = Vec::new();
    let mut at: HashMap<Point, Vec<usize>> = HashMap::new();
    for line in lines.into_iter().filter(|line| line.len() > 1) {
        if line.first() == line.last() {
            rings.push(line);
            continue;
        }
        for end in [line[0], line[line.len() - 1]] {
            at.entry(end).or_default().push(open.len());
        }
        open.push(Some(line));
    }
    let mut left = 0;
    for first in 0..open.len() {
        let Some(mut ring) = open[first].take() else { continue };
        while ring.first() != ring.last() {
            let end = ring[ring.len() - 1];
            let next = at.get(&end).into_iter().flatten().copied().find(|i| open[*i].is_some());
            let Some(mut line) = next.and_then(|i| open[i].take()) else { break };
            if line[0] != end {
                line.reverse();
            }
            ring.extend_from_slice(&line[1..]);
        }
        if ring.first() == ring.last() { rings.push(ring) } else { left += 1 }
    }
    rings.retain(|ring| ring.len() >= 4);
    (rings, left)
}

/// Puts holes into the outer rings that hold them; a hole that no ring holds is left out.
pub(super) fn polygons(outers: Vec<Vec<Point>>, inners: Vec<Vec<Point>>) -> Polygons {
    let sizes: Vec<i128> = outers.iter().map(|ring| twice_area(ring).abs()).collect();
    let mut polygons: Polygons = outers.into_iter().map(|ring| vec![ring]).collect();
    for hole in inners {
        let holds = |i: &usize| holds(&polygons[*i][0], hole[0]);
        let smallest = (0..polygons.len()).filter(holds).min_by_key(|i| sizes[*i]);
        if let Some(i) = smallest {
            polygons[i].push(hole);
        }
    }
    polygons
}

fn twice_area(ring: &[Point]) -> i128 {
    let cross = |a: &Point, b: &Point| {
        i128::from(a.lon_e7) * i128::from(b.lat_e7) - i128::from(b.lon_e7) * i128::from(a.lat_e7)
    };
    ring.windows(2).map(|pair| cross(&pair[0], &pair[1])).sum()
}

/// Even-odd, in whole numbers.
fn holds(ring: &[Point], at: Point) -> bool {
    let mut inside = false;
    for pair in ring.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if (a.lat_e7 > at.lat_e7) == (b.lat_e7 > at.lat_e7) {
            continue;
        }
        let (dx, dy) = (i128::from(b.lon_e7) - i128::from(a.lon_e7), i128::from(b.lat_e7) - i128::from(a.lat_e7));
        let left = (i128::from(at.lon_e7) - i128::from(a.lon_e7)) * dy;
        let right = dx * (i128::from(at.lat_e7) - i128::from(a.lat_e7));
        if (left < right) == (dy > 0) {
            inside = !inside;
        }
    }
    inside
}
