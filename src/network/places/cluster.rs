//! Points of one name that are one thing: the pieces of a street, the corners of a crossing, the two platforms of a stop.

use crate::network::source::Point;
use std::collections::{BTreeMap, BTreeSet};

/// Returns groups of points, each by places in the list, that hang together at steps of about so many metres (up to three
/// times as far); groups in the order of their first point.
pub(super) fn clusters(points: &[Point], step_m: u32) -> Vec<Vec<usize>> {
    // A ten-millionth of a degree is 1.11 cm; cells of equal degrees are narrower in the north, which is good enough here.
    let size = (i64::from(step_m) * 90).max(1);
    let cell = |p: &Point| (i64::from(p.lon_e7).div_euclid(size), i64::from(p.lat_e7).div_euclid(size));
    let mut cells: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
    for (i, point) in points.iter().enumerate() {
        cells.entry(cell(point)).or_default().push(i);
    }
    let mut left: BTreeSet<(i64, i64)> = cells.keys().copied().collect();
    let mut groups = Vec::new();
    while let Some(first) = left.pop_first() {
        let (mut group, mut open) = (Vec::new(), vec![first]);
        while let Some((x, y)) = open.pop() {
            group.extend_from_slice(&cells[&(x, y)]);
            let beside = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
            open.extend(beside.filter(|cell| left.remove(cell)));
        }
        group.sort_unstable();
        groups.push(group);
    }
    groups.sort_unstable();
    groups
}

/// Returns the middle of points of a group.
pub(super) fn middle(points: &[Point], group: &[usize]) -> Point {
    let mean = |of: fn(&Point) -> i32| {
        let sum: i64 = group.iter().map(|i| i64::from(of(&points[*i]))).sum();
        (sum / group.len().max(1) as i64) as i32
    };
    Point { lon_e7: mean(|p| p.lon_e7), lat_e7: mean(|p| p.lat_e7) }
}

/// Returns the point of a group that is nearest its middle: one that lies on the thing itself.
pub(super) fn central(points: &[Point], group: &[usize]) -> Point {
    let middle = middle(points, group);
    let off = |p: &Point| {
        let far = |a: i32, b: i32| (i64::from(a) - i64::from(b)).unsigned_abs().pow(2);
        far(p.lon_e7, middle.lon_e7) + far(p.lat_e7, middle.lat_e7)
    };
    group.iter().map(|i| points[*i]).min_by_key(|p| (off(p), *p)).unwrap_or(middle)
}
