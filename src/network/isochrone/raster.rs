//! A lattice over the globe, of which the points near streets are marked, in tiles of 64 × 64.
//!
//! Columns are whole parts of 360°, rows of 180°, so a lattice depends on the tolerance and the latitude, never on the place:
//! the meridian of ±180° is its first column and its last. Invariant: a point is marked exactly when it lies within the radius
//! of a line, measured in the plane that touches the ellipsoid there, or no more than 2 km north or south of there.

use super::stadium::Stadium;
use crate::network::plane::degree_m;
use crate::network::source::Point;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The lattice's spacing at the most, as a share of the tolerance: the widest at which the radius still reaches the corners of
/// a cell, with a little room.
const SPACING: f64 = 0.35;

/// Coarse areas are drawn on a finer lattice, as a share of the tolerance, but none finer than this: the radius is the greater
/// for it, so that blocks between streets are filled, and the corners are rounder.
const SPACING_OF_COARSE: f64 = 0.2;
const FINEST_OF_COARSE_M: f64 = 21.0;

/// Most tiles; each has 512 bytes.
const TILES_MAX: usize = 1 << 16;

/// A point of the lattice: column and row.
pub(super) type At = [i32; 2];

/// By places of a lattice, packed in a number each.
pub(super) type ByPlace<T> = HashMap<u64, T, BuildHasherDefault<Mix>>;

/// Mixes the bits of one number: the keys are places of roads, which nobody who asks can choose, so nothing is to be warded off.
#[derive(Debug, Default)]
pub(super) struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0 ^ n).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }
}

/// The lattice and its marked points.
pub(super) struct Raster {
    columns: i32,
    step_deg: [f64; 2],
    radius_m: f64,
    index: ByPlace<usize>,
    tiles: Vec<[u64; 64]>,
    /// The tile used last, for the next is mostly the same.
    last: ([i32; 2], usize),
    /// How many rows share a plane, as a power of two.
    shared: u32,
    /// The plane used last: of which rows, and the metres of a degree of longitude and of latitude.
    plane: (i32, [f64; 2]),
}

/// Points in a row, from one column to another, both of them marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    pub(super) row: i32,
    pub(super) first: i32,
    pub(super) last: i32,
}

impl Raster {
    /// Returns an empty lattice for a tolerance, to be used at a latitude and nearer to the poles.
    pub(super) fn new(tolerance_m: f64, lat: f64) -> Self {
        /// What rounding of positions, and the plane, may add.
        const SLACK: f64 = 0.005;
        /// How far south and north rows that share a plane may lie, metres.
        const SHARED_M: f64 = 2000.0;
        let spacing_m = (tolerance_m * SPACING_OF_COARSE).max(FINEST_OF_COARSE_M).min(tolerance_m * SPACING);
        // A whole degree nearer to the equator: wider there, so never wider than the spacing here; and the same for all
        // questions of one region.
        let [east_m, _] = degree_m((lat - 0.01).floor().clamp(0.0, 85.0));
        let [_, north_m] = degree_m(90.0);
        let columns = (360.0 * east_m / spacing_m).ceil();
        let rows = (180.0 * north_m / spacing_m).ceil();
        Self {
            columns: columns as i32,
            step_deg: [360.0 / columns, 180.0 / rows],
            radius_m: tolerance_m * (1.0 - SLACK) - spacing_m * std::f64::consts::SQRT_2,
            index: ByPlace::default(),
            tiles: Vec::new(),
            last: ([i32::MIN; 2], 0),
            shared: (SHARED_M / spacing_m).max(1.0).log2().min(6.0) as u32,
            plane: (i32::MIN, [0.0; 2]),
        }
    }

    /// Returns where a point is of which column and row are given in `parts` of the spacing.
    pub(super) fn position(&self, [x, y]: [i64; 2], parts: i64) -> [f64; 2] {
        // Finer than any road is known: rings of two areas may keep apart by as little as a millimetre.
        let at = |n: i64, step: f64, low: f64| ((low + n as f64 * step / parts as f64) * 1e9).round() / 1e9;
        [at(x, self.step_deg[0], -180.0).clamp(-180.0, 180.0), at(y, self.step_deg[1], -90.0).clamp(-90.0, 90.0)]
    }

    /// Marks what lies near a line; `None` when there would be too many tiles.
    pub(super) fn mark(&mut self, line: &[Point]) -> Option<()> {
        let at = |p: &Point| [f64::from(p.lon_e7) / 1e7, f64::from(p.lat_e7) / 1e7];
        if let [only] = line {
            return self.mark_near(at(only), at(only));
        }
        line.windows(2).try_for_each(|pair| self.mark_near(at(&pair[0]), at(&pair[1])))
    }

    fn mark_near(&mut self, a: [f64; 2], b: [f64; 2]) -> Option<()> {
        let (a, b) = if a[1] <= b[1] { (a, b) } else { (b, a) };
        let [step_x, step_y] = self.step_deg;
        let row_of = |lat: f64| (lat + 90.0) / step_y;
        let [_, north_m] = self.plane_at(floor(row_of(a[1])));
        let reach = 1.001 * self.radius_m / north_m / step_y;
        let (mut row, last) = (ceil(row_of(a[1]) - reach), floor(row_of(b[1]) + reach));
        while row <= last {
            let [east_m, north_m] = self.plane_at(row);
            let stadium = Stadium::of([(b[0] - a[0]) * east_m, (b[1] - a[1]) * north_m], self.radius_m);
            let (zero, columns_per_m) = ((a[0] + 180.0) / step_x, 1.0 / (east_m * step_x));
            let end = ((row >> self.shared) + 1) << self.shared;
            while row < end && row <= last {
                let y = (f64::from(row) * step_y - 90.0 - a[1]) * north_m;
                if let Some([west, east]) = stadium.across(y) {
                    self.fill(row, ceil(zero + west * columns_per_m), floor(zero + east * columns_per_m))?;
                }
                row += 1;
            }
        }
        Some(())
    }

    /// Returns the metres of a degree of longitude and of latitude in the plane of a row.
    fn plane_at(&mut self, row: i32) -> [f64; 2] {
        let of = row >> self.shared;
        if self.plane.0 != of {
            let middle = f64::from(of << self.shared) + f64::from((1 << self.shared) - 1) / 2.0;
            self.plane = (of, degree_m(middle * self.step_deg[1] - 90.0));
        }
        self.plane.1
    }

    /// Marks a row from one column to another, on both sides of the meridian of ±180° where it is passed.
    fn fill(&mut self, row: i32, first: i32, last: i32) -> Option<()> {
        if 0 < first && last < self.columns {
            return self.fill_between(row, first, last);
        }
        for turn in [-self.columns, 0, self.columns] {
            self.fill_between(row, (first + turn).max(0), (last + turn).min(self.columns))?;
        }
        Some(())
    }

    fn fill_between(&mut self, row: i32, first: i32, last: i32) -> Option<()> {
        if first > last {
            return Some(());
        }
        for block in first >> 6..=last >> 6 {
            let low = (first - (block << 6)).clamp(0, 63);
            let high = (last - (block << 6)).clamp(0, 63);
            let bits = (u64::MAX >> (63 - (high - low))) << low;
            let tile = self.tile([block, row >> 6])?;
            self.tiles[tile][(row & 63) as usize] |= bits;
        }
        Some(())
    }

    fn tile(&mut self, block: [i32; 2]) -> Option<usize> {
        if self.last.0 == block {
            return Some(self.last.1);
        }
        let fresh = self.tiles.len();
        let tile = *self.index.entry(packed(block)).or_insert(fresh);
        if tile == fresh {
            if fresh == TILES_MAX {
                return None;
            }
            self.tiles.push([0; 64]);
        }
        self.last = (block, tile);
        Some(tile)
    }

    /// Returns a reader of the marks.
    pub(super) fn marks(&self) -> Marks<'_> {
        Marks { raster: self, last: ([i32::MIN; 2], None) }
    }

    /// Returns the runs of marked points, by row and column.
    pub(super) fn runs(&self) -> Vec<Run> {
        let unpacked = |(place, tile): (&u64, &usize)| ([(*place >> 32) as i32, *place as i32], *tile);
        let mut blocks: Vec<([i32; 2], usize)> = self.index.iter().map(unpacked).collect();
        blocks.sort_unstable();
        let mut runs: Vec<Run> = Vec::new();
        for line in blocks.chunk_by(|a, b| a.0[0] == b.0[0]) {
            for row in 0..64 {
                for ([y, x], tile) in line {
                    add_runs(&mut runs, (y << 6) + row, x << 6, self.tiles[*tile][row as usize]);
                }
            }
        }
        runs
    }
}

/// Adds the runs of 64 points, the first joined to the last known where they meet.
fn add_runs(runs: &mut Vec<Run>, row: i32, column: i32, mut bits: u64) {
    while bits != 0 {
        let low = bits.trailing_zeros();
        let long = (bits >> low).trailing_ones();
        let first = column + low as i32;
        let last = first + long as i32 - 1;
        match runs.last_mut() {
            Some(run) if run.row == row && run.last + 1 == first => run.last = last,
            _ => runs.push(Run { row, first, last }),
        }
        bits = if low + long == 64 { 0 } else { bits & (u64::MAX << (low + long)) };
    }
}

/// Reads marks, quickly where they are near each other.
pub(super) struct Marks<'a> {
    raster: &'a Raster,
    last: ([i32; 2], Option<usize>),
}

impl Marks<'_> {
    /// Returns whether a point is marked.
    pub(super) fn at(&mut self, [x, y]: At) -> bool {
        let block = [x >> 6, y >> 6];
        if self.last.0 != block {
            self.last = (block, self.raster.index.get(&packed(block)).copied());
        }
        self.last.1.is_some_and(|tile| self.raster.tiles[tile][(y & 63) as usize] >> (x & 63) & 1 == 1)
    }
}

/// Packs a column and a row, so that rows come first in order.
fn packed([x, y]: [i32; 2]) -> u64 {
    u64::from(y as u32) << 32 | u64::from(x as u32)
}

/// The next whole number below, without a call where the processor is not known to have an instruction for it.
fn floor(x: f64) -> i32 {
    let whole = x as i32;
    whole - i32::from(f64::from(whole) > x)
}

fn ceil(x: f64) -> i32 {
    -floor(-x)
}
