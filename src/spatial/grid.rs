//! Local grids: metres of a town's own system, brought to a Gauss–Krüger plane by a map fitted to control points.
//!
//! Least squares on centred coordinates, so that eight-digit northings lose no figures. Invariants: a fit is refused
//! rather than made from points that do not determine it; its residuals are told point by point; a grid keeps the order
//! of axes that its control points had, surveyors' X to the north included.

use super::gauss;
use crate::domain::{LocalGrid, LonLat, Violation};

/// Most control points of a fit.
pub const POINTS_MAX: usize = 1_000;

/// Control points nearer together than this, metres, are one.
const APART_LEAST_M: f64 = 10.0;

/// Least breadth of the control points, as a share of their length, for an affine map.
const BREADTH_LEAST: f64 = 0.01;

/// Scales between a grid and the ground that are believed; anything else is feet, kilometres or degrees.
const SCALES: std::ops::RangeInclusive<f64> = 0.98..=1.02;

/// A point is an outlier when it lies this many times farther from the map of all others than these do.
const OUTLIER_TIMES: f64 = 5.0;

/// … and at least this far, metres.
const OUTLIER_LEAST_M: f64 = 0.05;

/// A point known in both systems.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ControlPoint {
    /// First number in the local grid, metres.
    pub x: f64,
    /// Second number, metres.
    pub y: f64,
    /// Where it is.
    pub position: LonLat,
}

/// What the map may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// Shift, turn and one scale (4 parameters); a mirrored order of axes is found by itself.
    Helmert,
    /// Any affine map (6 parameters).
    Affine,
}

impl Model {
    /// Returns the model of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "helmert" => Some(Self::Helmert),
            "affine" => Some(Self::Affine),
            _ => None,
        }
    }

    /// Returns the word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Helmert => "helmert",
            Self::Affine => "affine",
        }
    }

    /// Returns how many points determine the map.
    pub const fn points_least(self) -> usize {
        match self {
            Self::Helmert => 2,
            Self::Affine => 3,
        }
    }
}

/// A fitted grid, and how well it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The grid; its name is the caller's to give.
    pub grid: LocalGrid,
    /// Residual of each point, metres east and north, ground less map.
    pub residuals_m: Vec<(f64, f64)>,
    /// The point that does not go with the others, by its place in the list.
    pub outlier: Option<usize>,
    /// There are more points than the model needs: without, residuals are zero and say nothing.
    pub checked: bool,
    /// Metres on the ground per metre of the grid.
    pub scale: f64,
}

impl Fit {
    /// Returns whether x runs north, as surveyors have it.
    pub fn x_is_north(&self) -> bool {
        x_is_north(&self.grid)
    }
}

/// Returns whether the first number of a grid runs north, as surveyors have it.
pub fn x_is_north(grid: &LocalGrid) -> bool {
    let [a, b, ..] = grid.coefficients;
    b.abs() > a.abs()
}

/// Returns the position of two numbers of a grid; `None` beyond the reach of its plane.
pub fn to_wgs84(grid: &LocalGrid, x: f64, y: f64) -> Option<LonLat> {
    gauss::inverse(grid.central_meridian_deg, apply(&grid.coefficients, x, y))
}

/// Returns the numbers of a position in a grid; `None` beyond the reach of its plane.
pub fn from_wgs84(grid: &LocalGrid, position: LonLat) -> Option<(f64, f64)> {
    let (east, north) = gauss::forward(grid.central_meridian_deg, position)?;
    let [a, b, c, d, e, f] = grid.coefficients;
    let turn = a * e - b * d;
    let (east, north) = (east - c, north - f);
    let numbers = ((e * east - b * north) / turn, (a * north - d * east) / turn);
    (numbers.0.is_finite() && numbers.1.is_finite()).then_some(numbers)
}

fn apply([a, b, c, d, e, f]: &[f64; 6], x: f64, y: f64) -> (f64, f64) {
    (a * x + b * y + c, d * x + e * y + f)
}

/// Fits a grid to control points, on the plane about `central_meridian_deg` or about the middle of the points.
pub fn fit(points: &[ControlPoint], model: Model, central_meridian_deg: Option<f64>) -> Result<Fit, Violation> {
    check(points, model)?;
    let middle = points.iter().map(|p| p.position.lon()).sum::<f64>() / points.len() as f64;
    // To 1e-6 degree, so that the figure can be written down and typed in again.
    let meridian = central_meridian_deg.unwrap_or((middle * 1e6).round() / 1e6);
    let pairs: Option<Vec<Pair>> = points.iter().map(|p| Pair::of(p, meridian)).collect();
    let pairs = pairs.ok_or_else(|| {
        refused(
            "central_meridian_deg",
            "out_of_reach",
            format!("控制点距中央经线 {meridian}° 超过 {}°；请检查经纬度与中央经线", gauss::REACH_DEG),
            format!(
                "a control point is more than {}° from the meridian {meridian}°: check lon, lat and the meridian",
                gauss::REACH_DEG
            ),
        )
    })?;
    let coefficients = solve(&pairs, model)?;
    let residuals_m: Vec<(f64, f64)> = pairs.iter().map(|p| p.residual(&coefficients)).collect();
    let [a, b, _, d, e, _] = coefficients;
    let scale = (a * e - b * d).abs().sqrt();
    if !SCALES.contains(&scale) {
        return Err(refused(
            "points",
            "not_metres",
            format!("拟合得到的比例为 {scale:.4}（应接近 1）；x、y 应以米为单位，经纬度应为 WGS84 或 CGCS2000"),
            format!(
                "the fit gives a scale of {scale:.4}, where about 1 is right: x and y must be metres, lon and lat WGS84 or CGCS2000"
            ),
        ));
    }
    let rms_m = rms(&residuals_m);
    Ok(Fit {
        grid: LocalGrid { name: String::new(), central_meridian_deg: meridian, coefficients, rms_m },
        outlier: outlier(&pairs, model),
        checked: points.len() > model.points_least(),
        residuals_m,
        scale,
    })
}

/// A control point on the plane.
#[derive(Clone, Copy)]
struct Pair {
    x: f64,
    y: f64,
    east: f64,
    north: f64,
}

impl Pair {
    fn of(point: &ControlPoint, meridian: f64) -> Option<Self> {
        let (east, north) = gauss::forward(meridian, point.position)?;
        Some(Self { x: point.x, y: point.y, east, north })
    }

    fn residual(&self, coefficients: &[f64; 6]) -> (f64, f64) {
        let (east, north) = apply(coefficients, self.x, self.y);
        (self.east - east, self.north - north)
    }
}

fn rms(residuals: &[(f64, f64)]) -> f64 {
    let sum: f64 = residuals.iter().map(|(east, north)| east * east + north * north).sum();
    (sum / residuals.len().max(1) as f64).sqrt()
}

fn check(points: &[ControlPoint], model: Model) -> Result<(), Violation> {
    let least = model.points_least();
    if points.len() < least || points.len() > POINTS_MAX {
        let (given, word) = (points.len(), model.word());
        return Err(refused(
            "points",
            if given < least { "too_few_points" } else { "too_many_points" },
            format!(
                "{word} 需要 {least}–{POINTS_MAX} 个控制点，收到 {given} 个（建议至少 {} 个，以便检核）",
                least + 2
            ),
            format!(
                "{word} takes {least}–{POINTS_MAX} control points, not {given} ({} or more can be checked)",
                least + 2
            ),
        ));
    }
    if points.iter().any(|p| !p.x.is_finite() || !p.y.is_finite()) {
        return Err(refused(
            "points",
            "not_finite",
            "控制点的 x、y 必须是有限的数字",
            "x and y of control points must be finite numbers",
        ));
    }
    Ok(())
}

fn solve(pairs: &[Pair], model: Model) -> Result<[f64; 6], Violation> {
    let n = pairs.len() as f64;
    let mean = |of: fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (x0, y0, e0, n0) = (mean(|p| p.x), mean(|p| p.y), mean(|p| p.east), mean(|p| p.north));
    let centred: Vec<Pair> =
        pairs.iter().map(|p| Pair { x: p.x - x0, y: p.y - y0, east: p.east - e0, north: p.north - n0 }).collect();
    let sum = |of: fn(&Pair) -> f64| centred.iter().map(of).sum::<f64>();
    let (xx, xy, yy) = (sum(|p| p.x * p.x), sum(|p| p.x * p.y), sum(|p| p.y * p.y));
    if ((xx + yy) / n).sqrt() < APART_LEAST_M {
        return Err(refused(
            "points",
            "coincident",
            format!("控制点几乎重合（相距不足 {APART_LEAST_M} 米），无法拟合；请选取分布在全域的点"),
            format!(
                "the control points lie within {APART_LEAST_M} m of one another: take points from all over the area"
            ),
        ));
    }
    let (xe, xn) = (sum(|p| p.x * p.east), sum(|p| p.x * p.north));
    let (ye, yn) = (sum(|p| p.y * p.east), sum(|p| p.y * p.north));
    let linear = match model {
        Model::Helmert => helmert(&centred, [xe, xn, ye, yn].map(|s| s / (xx + yy))),
        Model::Affine => {
            let (half, spread) = ((xx + yy) / 2.0, ((xx - yy) / 2.0).hypot(xy));
            if ((half - spread).max(0.0) / (half + spread)).sqrt() < BREADTH_LEAST {
                return Err(refused(
                    "points",
                    "collinear",
                    "控制点几乎在一条直线上，无法确定六参数；请补充线外的点，或改用 helmert（四参数）",
                    "the control points lie on a line and do not determine an affine map: add points off the line, or use helmert",
                ));
            }
            let whole = xx * yy - xy * xy;
            let solve = |gx: f64, gy: f64| ((gx * yy - gy * xy) / whole, (gy * xx - gx * xy) / whole);
            let ((a, b), (d, e)) = (solve(xe, ye), solve(xn, yn));
            [a, b, d, e]
        }
    };
    let [a, b, d, e] = linear;
    Ok([a, b, e0 - a * x0 - b * y0, d, e, n0 - d * x0 - e * y0])
}

/// The similarity, or the mirrored one where that fits better: x to the north is a mirror of x to the east.
fn helmert(centred: &[Pair], [xe, xn, ye, yn]: [f64; 4]) -> [f64; 4] {
    let plain = [xe + yn, ye - xn, xn - ye, xe + yn];
    let mirrored = [xe - yn, ye + xn, xn + ye, yn - xe];
    let miss = |[a, b, d, e]: [f64; 4]| {
        let map = [a, b, 0.0, d, e, 0.0];
        rms(&centred.iter().map(|p| p.residual(&map)).collect::<Vec<_>>())
    };
    // Two points fit both ways: a mirror is taken only when it is plainly better.
    if miss(mirrored) < miss(plain) / 2.0 && centred.len() > 2 { mirrored } else { plain }
}

/// Finds the point that the map of all others misses by far more than it misses these.
fn outlier(pairs: &[Pair], model: Model) -> Option<usize> {
    let redundant = |n: usize| 2 * n - 2 * model.points_least();
    if pairs.len() < model.points_least() + 2 {
        return None;
    }
    let odd = |i: usize| {
        let others: Vec<Pair> = pairs.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, p)| *p).collect();
        let map = solve(&others, model).ok()?;
        let among: Vec<(f64, f64)> = others.iter().map(|p| p.residual(&map)).collect();
        let spread = rms(&among) * (2.0 * others.len() as f64 / redundant(others.len()) as f64).sqrt();
        let (east, north) = pairs[i].residual(&map);
        let miss = east.hypot(north);
        (miss > OUTLIER_LEAST_M.max(OUTLIER_TIMES * spread)).then_some((miss, i))
    };
    (0..pairs.len()).filter_map(odd).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, i)| i)
}

fn refused(field: &str, reason: &str, zh: impl Into<String>, en: impl Into<String>) -> Violation {
    Violation::new(field, reason, zh, en)
}
