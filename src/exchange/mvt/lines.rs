//! Lines of the same kind, joined end to end and thinned: far out, a road is one line and not a hundred pieces.

use super::Spot;
use geo::algorithm::simplify_vw::SimplifyVwIdx;
use geo_types::{Coord, LineString};
use std::collections::HashMap;

/// A corner that spans less than so many square units of the tile is left out: half a pixel of 512 in the square.
const CORNER: f64 = 32.0;

/// Returns the lines joined where exactly two of them end, in the order of their first pieces.
pub(super) fn joined(lines: Vec<Vec<Spot>>) -> Vec<Vec<Spot>> {
    let mut ends: HashMap<Spot, Vec<usize>> = HashMap::new();
    for (i, line) in lines.iter().enumerate() {
        for end in line.first().into_iter().chain(line.last()) {
            ends.entry(*end).or_default().push(i);
        }
    }
    let mut open: Vec<Option<Vec<Spot>>> = lines.into_iter().map(Some).collect();
    let mut whole = Vec::new();
    for first in 0..open.len() {
        let Some(mut line) = open[first].take() else { continue };
        for _ in 0..2 {
            while let Some(next) = onward(&line, &ends, &mut open) {
                line.extend_from_slice(&next[1..]);
            }
            line.reverse();
        }
        whole.push(line);
    }
    whole
}

/// The one other line that begins where this one ends, turned so that it does.
fn onward(line: &[Spot], ends: &HashMap<Spot, Vec<usize>>, open: &mut [Option<Vec<Spot>>]) -> Option<Vec<Spot>> {
    let end = line.last()?;
    let [a, b] = ends.get(end)?[..] else { return None };
    let mut next = open[a].take().or_else(|| open[b].take())?;
    if next.first() != Some(end) {
        next.reverse();
    }
    Some(next)
}

/// Returns a line without the corners that nobody sees.
pub(super) fn thinned(line: Vec<Spot>) -> Vec<Spot> {
    if line.len() < 3 {
        return line;
    }
    let shape: LineString = line.iter().map(|p| Coord { x: f64::from(p.0), y: f64::from(p.1) }).collect();
    shape.simplify_vw_idx(CORNER).into_iter().map(|i| line[i]).collect()
}
