//! How likely a row is to lie where a hypothesis puts it: densities per square metre, as logarithms.
//!
//! A density hangs on figures that nobody knows beforehand: the share of rows that break the rule, and how clear of borders
//! sites keep (borders are often rivers and main roads). Each pair of these is a cell; likelihoods are summed over cells.
//! Invariant: every density has a tail heavy enough that one row alone never outweighs a handful of others, which is level
//! where rows are far, and a floor for rows that a hypothesis can not place at all.

use super::Basis;
use super::target::Target;

/// Spread of a site about its known place when it has not moved: GPS and digitising, metres.
const KNOWN_SPREAD_M: f64 = 25.0;

/// Length scale of moves of sites, metres.
const MOVE_M: f64 = 2_000.0;

/// How far outside a border a place may lie by the border's own looseness, metres.
const BORDER_M: f64 = 60.0;

/// Share of the density at a border that its looseness leaves just outside.
const BORDER_SHARE: f64 = 0.5;

/// Length scale of how far a row with a wrong claim lies from what it claims, metres.
const ASTRAY_M: f64 = 8_000.0;

/// Beyond this a row is far, and no farther, metres: that a kilometre brings a thousand rows of another country a little
/// nearer says nothing of their datum, and would say much if it were added up.
const FAR_M: f64 = 30_000.0;

/// Logarithm of the density where a row can not be placed at all: about one in the area of the Earth.
const NOWHERE: f64 = -34.0;

/// Shares of rows that break the rule, with how likely each share is beforehand.
const MOVED: [(f64, f64); 4] = [(0.02, 0.35), (0.1, 0.35), (0.3, 0.2), (0.6, 0.1)];
const MISCLAIMED: [(f64, f64); 4] = [(0.01, 0.3), (0.04, 0.3), (0.12, 0.3), (0.35, 0.1)];
const FOREIGN: [(f64, f64); 4] = [(0.05, 0.25), (0.2, 0.25), (0.5, 0.25), (0.9, 0.25)];

/// How clear of borders sites keep, metres, with how likely that is beforehand.
pub(super) const CLEARANCES: [(f64, f64); 5] = [(0.0, 0.4), (60.0, 0.15), (120.0, 0.15), (180.0, 0.15), (240.0, 0.15)];

/// Density nearer to a border than the clearance, beside that of the middle.
const CLOSE_BY: f64 = 0.05;

/// Returns the density of sites at a depth inside, where sites keep clear of borders by `clearance_m`; 1 in the middle.
pub(super) fn kept_clear(depth_m: f64, clearance_m: f64) -> f64 {
    if clearance_m == 0.0 {
        return 1.0;
    }
    // Noise of 30 m blurs the edge.
    CLOSE_BY + (1.0 - CLOSE_BY) / (1.0 + ((clearance_m - 40.0 - depth_m) / 15.0).exp())
}

/// Cells of the evidence of divisions.
const CELLS: usize = MISCLAIMED.len() * CLEARANCES.len();

/// Logarithms of the densities of all rows of one kind of evidence, cell by cell.
struct Cells<const N: usize> {
    weights: [f64; N],
    rows: Vec<(usize, [f64; N])>,
}

impl<const N: usize> Cells<N> {
    fn sums(&self) -> [f64; N] {
        self.rows.iter().fold([0.0; N], |sums, (_, own)| std::array::from_fn(|i| sums[i] + own[i]))
    }

    /// Returns the logarithm of the likelihood of all rows.
    fn total(&self) -> f64 {
        let sums = self.sums();
        let top = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = sums.iter().zip(self.weights).map(|(ln, weight)| weight * (ln - top).exp()).sum();
        top + sum.ln()
    }

    /// Adds to each row what it says by itself, in the likeliest cell.
    fn each(&self, out: &mut [f64]) {
        let likely = |i: usize| self.sums()[i] + self.weights[i].ln();
        let Some(cell) = (0..N).max_by(|a, b| likely(*a).total_cmp(&likely(*b))) else { return };
        self.rows.iter().for_each(|(row, own)| out[*row] += own[cell]);
    }
}

/// The evidence of all rows under one hypothesis.
pub(super) struct Tally {
    known: Cells<4>,
    division: Cells<CELLS>,
    outline: Cells<4>,
}

impl Tally {
    pub(super) fn new() -> Self {
        let weights = |i: usize| MISCLAIMED[i / CLEARANCES.len()].1 * CLEARANCES[i % CLEARANCES.len()].1;
        Self {
            known: Cells { weights: MOVED.map(|(_, weight)| weight), rows: Vec::new() },
            division: Cells { weights: std::array::from_fn(weights), rows: Vec::new() },
            outline: Cells { weights: FOREIGN.map(|(_, weight)| weight), rows: Vec::new() },
        }
    }

    /// Counts a row by how far it lies from its known site.
    pub(super) fn known(&mut self, row: usize, miss_m: Option<f64>) {
        let density = |share: f64| match miss_m {
            Some(m) => ((1.0 - share) * near_site(m) + share * astray(m, MOVE_M)).ln().max(NOWHERE),
            None => NOWHERE,
        };
        self.known.rows.push((row, MOVED.map(|(share, _)| density(share))));
    }

    /// Counts a row by how deep it lies in the division that it claims; negative outside.
    pub(super) fn division(&mut self, row: usize, (target, depth_m): (&Target, Option<f64>), basis: Basis) {
        let density = |i: usize| {
            let (share, _) = MISCLAIMED[i / CLEARANCES.len()];
            // A name in an address may be that of a road or a neighbour.
            let share = if basis == Basis::Name { (0.04 + 1.5 * share).min(0.6) } else { share };
            within((target, i % CLEARANCES.len()), depth_m, share, ASTRAY_M)
        };
        self.division.rows.push((row, std::array::from_fn(density)));
    }

    /// Counts a row that claims nothing, and so ought to lie in the district.
    pub(super) fn outline(&mut self, row: usize, (target, depth_m): (&Target, Option<f64>)) {
        let scale_m = target.radius_m().max(ASTRAY_M);
        self.outline.rows.push((row, FOREIGN.map(|(share, _)| within((target, 0), depth_m, share, scale_m))));
    }

    /// Returns the logarithms of the likelihoods: known sites, divisions, outline.
    pub(super) fn totals(&self) -> [f64; 3] {
        [self.known.total(), self.division.total(), self.outline.total()]
    }

    /// Returns what each of `n` rows says by itself.
    pub(super) fn each(&self, n: usize) -> Vec<f64> {
        let mut out = vec![0.0; n];
        self.known.each(&mut out);
        self.division.each(&mut out);
        self.outline.each(&mut out);
        out
    }
}

/// Student's t in two dimensions with three degrees of freedom.
fn near_site(miss_m: f64) -> f64 {
    let u = miss_m / KNOWN_SPREAD_M;
    (1.0 + u * u / 3.0).powf(-2.5) / (std::f64::consts::TAU * KNOWN_SPREAD_M * KNOWN_SPREAD_M)
}

/// A density over the plane that falls with the third power of distance beyond a scale, as far as [`FAR_M`].
fn astray(distance_m: f64, scale_m: f64) -> f64 {
    (1.0 + distance_m.min(FAR_M) / scale_m).powi(-3) / (std::f64::consts::PI * scale_m * scale_m)
}

/// The density of a row where a share of rows lies elsewhere and the others keep clear of the border by one of
/// [`CLEARANCES`].
fn within((target, clearance): (&Target, usize), depth_m: Option<f64>, share: f64, scale_m: f64) -> f64 {
    let Some(depth) = depth_m else { return NOWHERE };
    let clear = |depth: f64| kept_clear(depth, CLEARANCES[clearance].0) / target.mass_m2(clearance);
    let rule = if depth >= 0.0 { clear(depth) } else { clear(0.0) * BORDER_SHARE * (depth / BORDER_M).exp() };
    ((1.0 - share) * rule + share * astray((-depth).max(0.0), scale_m)).ln().max(NOWHERE)
}
