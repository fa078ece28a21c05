//! Lines and rings cut off at the edge of a tile and its margin.

use super::{MARGIN, Spot};
use crate::spatial::tile::EXTENT;

const LOW: i64 = -(MARGIN as i64);
const HIGH: i64 = (EXTENT + MARGIN) as i64;

/// One side of the square: the axis it stands on, where, and which side is inside.
#[derive(Clone, Copy)]
struct Side {
    axis: fn(Spot) -> i64,
    at: i64,
    sign: i64,
}

const SIDES: [Side; 4] = [
    Side { axis: |p| p.0 as i64, at: LOW, sign: 1 },
    Side { axis: |p| p.0 as i64, at: HIGH, sign: -1 },
    Side { axis: |p| p.1 as i64, at: LOW, sign: 1 },
    Side { axis: |p| p.1 as i64, at: HIGH, sign: -1 },
];

impl Side {
    /// How far inside a place lies; negative outside.
    fn inside(self, p: Spot) -> i64 {
        ((self.axis)(p) - self.at) * self.sign
    }

    /// Where a stretch that passes the side does so, to the nearest unit.
    fn crossing(self, a: Spot, b: Spot) -> Spot {
        let (from, to) = (self.inside(a), self.inside(b));
        let along = |a: i32, b: i32| {
            let (part, whole) = (i128::from(i64::from(b) - i64::from(a)) * i128::from(from), i128::from(from - to));
            let twice = 2 * part + if (part < 0) == (whole < 0) { whole } else { -whole };
            (i128::from(a) + twice / (2 * whole)) as i32
        };
        (along(a.0, b.0), along(a.1, b.1))
    }
}

/// Returns whether nothing of a line needs to be cut.
pub(super) fn fits(points: &[Spot]) -> bool {
    points.iter().all(|p| SIDES.iter().all(|side| side.inside(*p) >= 0))
}

/// Returns the parts of a line that lie inside, each of two points or more.
pub(super) fn line(points: Vec<Spot>) -> Vec<Vec<Spot>> {
    if fits(&points) {
        return vec![points];
    }
    SIDES.iter().fold(vec![points], |lines, side| lines.iter().flat_map(|line| cut(line, *side)).collect())
}

fn cut(points: &[Spot], side: Side) -> Vec<Vec<Spot>> {
    let mut parts = Vec::new();
    let mut open: Vec<Spot> = Vec::new();
    for (i, point) in points.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| points[i]);
        let is_in = side.inside(*point) >= 0;
        match before {
            Some(before) if (side.inside(before) >= 0) != is_in => {
                open.push(side.crossing(before, *point));
                if !is_in {
                    parts.push(std::mem::take(&mut open));
                }
            }
            _ => {}
        }
        if is_in {
            open.push(*point);
        }
    }
    parts.push(open);
    parts.iter_mut().for_each(Vec::dedup);
    parts.retain(|part| part.len() > 1);
    parts
}

/// Returns what of a ring lies inside (Sutherland and Hodgman); parts may hang together along the edge.
pub(super) fn ring(points: Vec<Spot>) -> Vec<Spot> {
    if fits(&points) {
        return points;
    }
    SIDES.iter().fold(points, |points, side| {
        let mut kept = Vec::with_capacity(points.len());
        let Some(mut before) = points.last().copied() else { return kept };
        for point in points {
            if (side.inside(before) >= 0) != (side.inside(point) >= 0) {
                kept.push(side.crossing(before, point));
            }
            if side.inside(point) >= 0 {
                kept.push(point);
            }
            before = point;
        }
        kept
    })
}
