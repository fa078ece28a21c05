//! A lattice over the globe, of which the points near streets are marked, in tiles of 64 × 64.
//!
//! Columns are whole parts of 360°, rows of 180°, so a lattice depends on the tolerance and the latitude, never on the place:
//! the meridian of ±180° is its first column and its last. Invariant: a point is marked exactly when it lies within the radius
//! of a line, measured in the plane that touches the ellipsoid there.

use crate::network::plane::degree_m;
use crate::network::source::Point;
use std::collections::HashMap;

/// Most tiles; each has 512 bytes.
const TILES_MAX: usize = 1 << 16;

/// A point of the lattice: column and row.
pub(super) type At = [i32; 2];

/// The lattice and its marked points.
pub(super) struct Raster {
    columns: i32,
    step_deg: [f64; 2],
    radius_m: f64,
    index: HashMap<[i32; 2], usize>,
    tiles: Vec<[u64; 64]>,
    /// The tile used last, for the next is mostly the same.
    last: ([i32; 2], usize),
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
        let spacing_m = tolerance_m / 4.0;
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
            index: HashMap::new(),
            tiles: Vec::new(),
            last: ([i32::MIN; 2], 0),
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
        let step = self.step_deg[1];
        let [mut east_m, mut north_m] = degree_m(a[1]);
        let reach_deg = 1.001 * self.radius_m / north_m;
        let first = ((a[1].min(b[1]) - reach_deg + 90.0) / step).ceil() as i32;
        let last = ((a[1].max(b[1]) + reach_deg + 90.0) / step).floor() as i32;
        for row in first..=last {
            let lat = f64::from(row) * step - 90.0;
            if row & 63 == 0 {
                [east_m, north_m] = degree_m(lat);
            }
            let flat = |p: [f64; 2]| [(p[0] - a[0]) * east_m, (p[1] - lat) * north_m];
            if let Some([west, east]) = chord(flat(a), flat(b), self.radius_m) {
                let column = |x: f64| (a[0] + x / east_m + 180.0) / self.step_deg[0];
                self.fill(row, column(west).ceil() as i32, column(east).floor() as i32)?;
            }
        }
        Some(())
    }

    /// Marks a row from one column to another, on both sides of the meridian of ±180° where it is passed.
    fn fill(&mut self, row: i32, first: i32, last: i32) -> Option<()> {
        for turn in [-self.columns, 0, self.columns] {
            let (first, last) = ((first + turn).max(0), (last + turn).min(self.columns));
            if first > last {
                continue;
            }
            for block in first >> 6..=last >> 6 {
                let low = (first - (block << 6)).clamp(0, 63);
                let high = (last - (block << 6)).clamp(0, 63);
                let bits = (u64::MAX >> (63 - (high - low))) << low;
                let tile = self.tile([block, row >> 6])?;
                self.tiles[tile][(row & 63) as usize] |= bits;
            }
        }
        Some(())
    }

    fn tile(&mut self, block: [i32; 2]) -> Option<usize> {
        if self.last.0 == block {
            return Some(self.last.1);
        }
        let fresh = self.tiles.len();
        let tile = *self.index.entry(block).or_insert(fresh);
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
        let mut blocks: Vec<([i32; 2], usize)> = self.index.iter().map(|([x, y], tile)| ([*y, *x], *tile)).collect();
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
            self.last = (block, self.raster.index.get(&block).copied());
        }
        self.last.1.is_some_and(|tile| self.raster.tiles[tile][(y & 63) as usize] >> (x & 63) & 1 == 1)
    }
}

/// Returns where the x axis lies within `r` of the line from `a` to `b`, in metres.
fn chord(a: [f64; 2], b: [f64; 2], r: f64) -> Option<[f64; 2]> {
    let mut span: Option<[f64; 2]> = None;
    let mut widen = |x: f64| span = Some(span.map_or([x, x], |[low, high]| [low.min(x), high.max(x)]));
    for [x, y] in [a, b] {
        if y.abs() <= r {
            let half = (r * r - y * y).sqrt();
            widen(x - half);
            widen(x + half);
        }
    }
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let long = dx.hypot(dy);
    if long > 0.0 {
        let (nx, ny) = (-dy / long * r, dx / long * r);
        let corners = [[a[0] + nx, a[1] + ny], [b[0] + nx, b[1] + ny], [b[0] - nx, b[1] - ny], [a[0] - nx, a[1] - ny]];
        for i in 0..4 {
            let (p, q) = (corners[i], corners[(i + 1) % 4]);
            if (p[1] > 0.0) != (q[1] > 0.0) {
                widen(p[0] + (q[0] - p[0]) * p[1] / (p[1] - q[1]));
            }
        }
    }
    span
}
