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
            // What was taken is dropped from the list, so that many lines from one point are not gone through again and again.
            let mut next = None;
            while let Some(i) = at.get_mut(&end).and_then(Vec::pop) {
                next = open[i].take();
                if next.is_some() {
                    break;
                }
            }
            let Some(mut line) = next else { break };
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

/// Puts holes into the outer rings that hold them; returns how many holes were left out, because no ring holds them or
/// because looking which one does took too long.
pub(super) fn polygons(outers: Vec<Vec<Point>>, inners: Vec<Vec<Point>>) -> (Polygons, usize) {
    /// Points of rings gone through for each point of the area, on the average.
    const EFFORT: usize = 2000;
    let mut effort = EFFORT * (outers.iter().chain(&inners).map(Vec::len).sum::<usize>() + 1000);
    let sizes: Vec<i128> = outers.iter().map(|ring| twice_area(ring).abs()).collect();
    let boxes: Vec<(Point, Point)> = outers.iter().map(|ring| corners(ring)).collect();
    let mut polygons: Polygons = outers.into_iter().map(|ring| vec![ring]).collect();
    let mut left = 0;
    for hole in inners {
        let mut smallest: Option<usize> = None;
        for (i, (low, high)) in boxes.iter().enumerate() {
            let at = hole[0];
            let near =
                (low.lon_e7..=high.lon_e7).contains(&at.lon_e7) && (low.lat_e7..=high.lat_e7).contains(&at.lat_e7);
            let cost = if near { polygons[i][0].len() } else { 1 };
            let Some(rest) = effort.checked_sub(cost) else { break };
            effort = rest;
            if near && smallest.is_none_or(|s| sizes[i] < sizes[s]) && holds(&polygons[i][0], at) {
                smallest = Some(i);
            }
        }
        match smallest {
            Some(i) => polygons[i].push(hole),
            None => left += 1,
        }
    }
    (polygons, left)
}

fn corners(ring: &[Point]) -> (Point, Point) {
    let first = ring.first().copied().unwrap_or_default();
    ring.iter().fold((first, first), |(low, high), at| {
        let low = Point { lon_e7: low.lon_e7.min(at.lon_e7), lat_e7: low.lat_e7.min(at.lat_e7) };
        (low, Point { lon_e7: high.lon_e7.max(at.lon_e7), lat_e7: high.lat_e7.max(at.lat_e7) })
    })
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
