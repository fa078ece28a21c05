//! A packed tree of boxes over rows that are sorted: no pointers, only counts.
//!
//! Every node stands for [`FANOUT`] rows, or nodes, that follow one another; the levels lie one behind the other from the
//! leaves up to the root, so that where a node's children are follows from how many rows there are.

use super::columns::{FeatureRow, TreeRow};
use crate::spatial::tile::{World, WorldBox};
use std::ops::Range;

/// Children of a node.
pub(super) const FANOUT: usize = 16;

/// Returns how many nodes each level has, from the leaves up to the root.
pub(super) fn levels(rows: usize) -> Vec<usize> {
    let mut levels = Vec::new();
    let mut below = rows;
    while below > 0 {
        below = below.div_ceil(FANOUT);
        levels.push(below);
        if below == 1 {
            break;
        }
    }
    levels
}

/// Returns the tree over rows.
pub(super) fn build(rows: &[FeatureRow]) -> Vec<TreeRow> {
    let empty = TreeRow { area: WorldBox::EMPTY, from_zoom: u32::MAX };
    let join = |node: TreeRow, child: TreeRow| TreeRow {
        area: node.area.around(child.area),
        from_zoom: node.from_zoom.min(child.from_zoom),
    };
    let leaf = |row: &FeatureRow| TreeRow { area: row.area, from_zoom: u32::from(row.from_zoom) };
    let mut below: Vec<TreeRow> = rows.iter().map(leaf).collect();
    let mut tree = Vec::new();
    for _ in levels(rows.len()) {
        below = below.chunks(FANOUT).map(|children| children.iter().copied().fold(empty, join)).collect();
        tree.extend_from_slice(&below);
    }
    tree
}

/// Calls with ranges of rows that may lie in a box and be drawn at a zoom; `tree` has as many nodes as [`levels`] says.
pub(super) fn walk(tree: &[TreeRow], rows: usize, wanted: (&WorldBox, u8), each: &mut dyn FnMut(Range<usize>)) {
    let levels = levels(rows);
    let mut starts = Vec::with_capacity(levels.len());
    let mut start = 0;
    for count in &levels {
        starts.push(start);
        start += count;
    }
    let mut open: Vec<(usize, usize)> = levels.len().checked_sub(1).map(|root| (root, 0)).into_iter().collect();
    while let Some((level, node)) = open.pop() {
        let row = &tree[starts[level] + node];
        if row.from_zoom > u32::from(wanted.1) || !row.area.meets(wanted.0) {
            continue;
        }
        let first = node * FANOUT;
        match level.checked_sub(1) {
            None => each(first..(first + FANOUT).min(rows)),
            // The last child first, so that rows come in their order.
            Some(below) => open.extend((first..(first + FANOUT).min(levels[below])).rev().map(|child| (below, child))),
        }
    }
}

/// Returns where along a Hilbert curve of 16 bits a side a position lies.
pub(super) fn hilbert(at: World) -> u32 {
    let (mut x, mut y) = (at.x >> 16, at.y >> 16);
    let mut along = 0;
    for bit in (0..16).rev() {
        let (right, low) = ((x >> bit) & 1, (y >> bit) & 1);
        along = (along << 2) | ((3 * right) ^ low);
        if low == 0 {
            if right == 1 {
                (x, y) = (!x & 0xffff, !y & 0xffff);
            }
            (x, y) = (y, x);
        }
    }
    along
}
