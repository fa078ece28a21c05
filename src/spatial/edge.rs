//! Exact distance from a point to the edge of an area or to a line.
//!
//! An edge is straight in longitude and latitude (RFC 7946) and may be long; the distance is the WGS84 geodesic to its
//! nearest point, zero inside an area. The search is branch and bound: a stretch of edge is split, or thrown away by a
//! bound that is proven, and what is left is settled by the derivative of the distance along it.
//!
//! Bounds. On the unit sphere (WGS84 latitude taken as spherical) a stretch strays from its chord by at most ⅛ of the
//! greatest second derivative of its parametrisation; a chord gives a great-circle distance, and the geodesic is between
//! [`RATIO_MIN`] and [`RATIO_MAX`] times that, the extremes of the meridian's radius of curvature over R.
//! Invariant: answers are good to less than a millimetre, on both sides of the antimeridian and at the poles.

use super::geodesic;
use crate::domain::{Footprint, LonLat};
use geo::algorithm::kernels::{Kernel, Orientation, RobustKernel};
use geo_types::{Coord, LineString};
use std::ops::Range;

/// Mean radius of the Earth (IUGG), metres: the sphere on which bounds are drawn.
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Least ratio of WGS84 geodesic to great-circle distance: a(1 − e²) / R = 0.994 417 …
pub const RATIO_MIN: f64 = 0.994_416;

/// Greatest ratio of WGS84 geodesic to great-circle distance: a / (R √(1 − e²)) = 1.004 487 …
pub const RATIO_MAX: f64 = 1.004_488;

/// A stretch is settled by its derivative only when it is no longer than this, in degrees of either coordinate.
const STRETCH_DEG: f64 = 1.0;

/// Below this length (degrees) a stretch is settled even where the distance along it is not proven to have one minimum:
/// a second minimum could then be deeper by less than a tenth of a millimetre.
const SHORTEST_DEG: f64 = 1.0 / 32.0;

/// First eccentricity of WGS84, squared.
const WGS84_E2: f64 = 0.006_694_379_990_141_317;

/// How closely a minimum is bracketed, metres.
const CLOSE_M: f64 = 1e-4;

/// Returns the position as a unit vector, WGS84 latitude taken as spherical latitude.
pub fn unit_vector(p: LonLat) -> [f64; 3] {
    vector_of(Coord::from(p))
}

/// Returns the shortest geodesic that a straight line of `chord` through the unit sphere can stand for, metres.
pub fn least_geodesic_m(chord: f64) -> f64 {
    RATIO_MIN * great_circle_m(chord)
}

/// Returns the longest geodesic that a straight line of `chord` through the unit sphere can stand for, metres.
pub fn greatest_geodesic_m(chord: f64) -> f64 {
    RATIO_MAX * great_circle_m(chord)
}

/// Returns a chord that no two points within `metres` of each other exceed.
pub fn chord_reaching(metres: f64) -> f64 {
    let half = metres / RATIO_MIN / EARTH_RADIUS_M / 2.0;
    if half >= std::f64::consts::FRAC_PI_2 { 2.0 } else { 2.0 * half.sin() + 1e-12 }
}

/// Returns the geodesic distance in metres to the nearest point of `footprint`, zero inside or on its edge.
/// Infinite for a footprint without edges.
pub fn distance_to_footprint_m(from: LonLat, footprint: &Footprint) -> f64 {
    Outline::of_area(footprint).distance_m(from)
}

/// Returns the geodesic distance in metres to the nearest point of `line`. Infinite for a line without points.
pub fn distance_to_line_m(from: LonLat, line: &LineString<f64>) -> f64 {
    Outline::of_line(line).distance_m(from)
}

/// Returns a ball that holds all of `footprint`; `None` when it has no edges.
pub fn bounding_ball(footprint: &Footprint) -> Option<Ball> {
    Outline::of_area(footprint).ball()
}

/// A ball in space that holds a whole footprint, interior included, as it lies on the unit sphere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ball {
    /// Centre, on the unit sphere.
    pub centre: [f64; 3],
    /// Radius: the longest chord from the centre. 2 is the whole sphere.
    pub chord_radius: f64,
}

impl Ball {
    /// Returns a ball of no size.
    pub fn point(at: LonLat) -> Self {
        Self { centre: unit_vector(at), chord_radius: 0.0 }
    }

    /// Returns a distance in metres that nothing in the ball is nearer than.
    pub fn least_distance_m(&self, from: [f64; 3]) -> f64 {
        least_geodesic_m((length(minus(from, self.centre)) - self.chord_radius).max(0.0))
    }

    /// Returns a distance in metres that nothing in the ball is farther than.
    pub fn greatest_distance_m(&self, from: [f64; 3]) -> f64 {
        greatest_geodesic_m(length(minus(from, self.centre)) + self.chord_radius)
    }
}

/// The edges of an area or line, made ready for many questions.
#[derive(Debug, Clone)]
pub struct Outline {
    edges: Vec<Edge>,
    /// Edges of each polygon, for telling inside from outside; empty for a line.
    polygons: Vec<Range<usize>>,
    /// Corners of the lon/lat box.
    low: Coord<f64>,
    high: Coord<f64>,
}

impl Outline {
    /// Returns the outline of an area: all rings, holes included.
    pub fn of_area(area: &Footprint) -> Self {
        let mut outline = Self::empty();
        for polygon in &area.0 {
            let first = outline.edges.len();
            for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                outline.add(ring);
            }
            outline.polygons.push(first..outline.edges.len());
        }
        outline
    }

    /// Returns the outline of a line; a line of one point is that point.
    pub fn of_line(line: &LineString<f64>) -> Self {
        let mut outline = Self::empty();
        outline.add(line);
        outline
    }

    fn empty() -> Self {
        let far = f64::INFINITY;
        Self {
            edges: Vec::new(),
            polygons: Vec::new(),
            low: Coord { x: far, y: far },
            high: Coord { x: -far, y: -far },
        }
    }

    fn add(&mut self, line: &LineString<f64>) {
        if let [only] = line.0[..] {
            self.edges.push(Edge::new(only, only));
        }
        self.edges.extend(line.lines().map(|l| Edge::new(l.start, l.end)));
        for c in &line.0 {
            self.low = Coord { x: self.low.x.min(c.x), y: self.low.y.min(c.y) };
            self.high = Coord { x: self.high.x.max(c.x), y: self.high.y.max(c.y) };
        }
    }

    /// Returns whether the point is inside the area or on its edge; never for a line.
    pub fn covers(&self, point: LonLat) -> bool {
        let at = Coord::from(point);
        // The two names of the antimeridian are one place.
        self.covers_coord(at) || (at.x.abs() == 180.0 && self.covers_coord(Coord { x: -at.x, y: at.y }))
    }

    fn covers_coord(&self, at: Coord<f64>) -> bool {
        if !(self.low.x..=self.high.x).contains(&at.x) || !(self.low.y..=self.high.y).contains(&at.y) {
            return false;
        }
        let lines = |edges: &Range<usize>| self.edges[edges.clone()].iter().map(|e| (e.start, e.end));
        self.polygons.iter().any(|edges| covered_by_edges(lines(edges), at))
    }

    /// Returns the geodesic distance in metres, zero inside an area; infinite without edges.
    pub fn distance_m(&self, from: LonLat) -> f64 {
        self.nearer_than(from, f64::INFINITY).unwrap_or(f64::INFINITY)
    }

    /// Returns the geodesic distance in metres if it is below `ceiling_m`; bounds make "no" cheap.
    pub fn nearer_than(&self, from: LonLat, ceiling_m: f64) -> Option<f64> {
        if self.covers(from) {
            return (ceiling_m > 0.0).then_some(0.0);
        }
        let mut search = Search { from, at: unit_vector(from), best_m: ceiling_m };
        let bound = |e: &Edge| e.least_distance_m(search.at);
        let likeliest = self.edges.iter().min_by(|a, b| bound(a).total_cmp(&bound(b)))?;
        search.settle(likeliest);
        self.edges.iter().for_each(|edge| search.settle(edge));
        (search.best_m < ceiling_m).then_some(search.best_m)
    }

    /// Returns whether the distance is at most `metres`; stops at the first edge that is.
    pub fn is_within(&self, from: LonLat, metres: f64) -> bool {
        if self.covers(from) {
            return metres >= 0.0;
        }
        let above = metres.next_up();
        let mut search = Search { from, at: unit_vector(from), best_m: above };
        self.edges.iter().any(|edge| {
            search.settle(edge);
            search.best_m < above
        })
    }

    /// Returns a ball that holds the outline and, for an area, all that is inside; `None` without edges.
    ///
    /// When the ball holds the outline, the rest of the sphere is connected and holds no edge, so it is all inside or
    /// all outside of the area, and asking at the antipode of the centre tells which.
    pub fn ball(&self) -> Option<Ball> {
        let mut low = self.edges.first()?.a;
        let mut high = low;
        for v in self.edges.iter().flat_map(|e| [e.a, e.b]) {
            for i in 0..3 {
                low[i] = low[i].min(v[i]);
                high[i] = high[i].max(v[i]);
            }
        }
        let middle = [0, 1, 2].map(|i| (low[i] + high[i]) / 2.0);
        let size = length(middle);
        let centre = if size > 1e-9 { middle.map(|x| x / size) } else { self.edges[0].a };
        let chord_radius = self.edges.iter().map(|e| e.greatest_chord(centre)).fold(0.0, f64::max) + 1e-12;
        let antipode = LonLat::clamped((-centre[1]).atan2(-centre[0]).to_degrees(), (-centre[2]).asin().to_degrees());
        let whole = chord_radius >= 2.0 || self.covers(antipode);
        Some(Ball { centre, chord_radius: if whole { 2.0 } else { chord_radius } })
    }
}

/// A stretch of edge, straight in longitude and latitude.
#[derive(Debug, Clone, Copy)]
struct Edge {
    start: Coord<f64>,
    end: Coord<f64>,
    a: [f64; 3],
    b: [f64; 3],
    /// The stretch is nowhere farther than this from its chord, in radii of the sphere.
    slack: f64,
}

impl Edge {
    fn new(start: Coord<f64>, end: Coord<f64>) -> Self {
        Self::between((start, vector_of(start)), (end, vector_of(end)))
    }

    fn between((start, a): (Coord<f64>, [f64; 3]), (end, b): (Coord<f64>, [f64; 3])) -> Self {
        let (dx, dy) = ((end.x - start.x).to_radians(), (end.y - start.y).to_radians());
        let (high, low) = (steepest(start.y, end.y), flattest(start.y, end.y));
        // ‖γ″‖ of γ(t) = (cos φ cos λ, cos φ sin λ, sin φ) with φ and λ linear in t, term by term.
        let bend = dy * dy + 2.0 * (dx * dy).abs() * high.sin() + dx * dx * low.cos();
        Self { start, end, a, b, slack: bend / 8.0 + 1e-15 }
    }

    /// Longer side of its lon/lat box, degrees.
    fn span_deg(&self) -> f64 {
        (self.end.x - self.start.x).abs().max((self.end.y - self.start.y).abs())
    }

    /// Length of the stretch at most, metres.
    fn length_m(&self) -> f64 {
        let east = (self.end.x - self.start.x).to_radians() * flattest(self.start.y, self.end.y).cos();
        RATIO_MAX * EARTH_RADIUS_M * east.hypot((self.end.y - self.start.y).to_radians())
    }

    fn at(&self, t: f64) -> Coord<f64> {
        match t {
            0.0 => self.start,
            1.0 => self.end,
            _ => self.start + (self.end - self.start) * t,
        }
    }

    fn halves(&self) -> [Self; 2] {
        let middle = self.at(0.5);
        let m = vector_of(middle);
        [Self::between((self.start, self.a), (middle, m)), Self::between((middle, m), (self.end, self.b))]
    }

    /// A distance in metres that no point of the stretch is nearer than.
    fn least_distance_m(&self, from: [f64; 3]) -> f64 {
        least_geodesic_m((chord_to_segment(from, self.a, self.b) - self.slack).max(0.0))
    }

    /// A chord that no point of the stretch is farther than.
    fn greatest_chord(&self, from: [f64; 3]) -> f64 {
        if self.span_deg() > 5.0 {
            return self.halves().iter().map(|h| h.greatest_chord(from)).fold(0.0, f64::max);
        }
        length(minus(self.a, from)).max(length(minus(self.b, from))) + self.slack
    }

    /// Whether the distance along the stretch has one minimum at most, given that no point is farther than `far_m`.
    ///
    /// At a stationary point of the distance d the second derivative is cot(d/R)/R less the curvature of the stretch.
    /// A line straight in lon/lat at latitude φ and azimuth α has geodesic curvature tan φ sin α (1 + cos² α) / R, which
    /// is at most 1.089 tan φ / R. So every stationary point nearer than the focal distance R arccot(1.089 tan φ) is a
    /// minimum, and two minima would need a maximum between them. Margins allow for the ellipsoid.
    fn has_one_minimum(&self, far_m: f64) -> bool {
        let focal_m = EARTH_RADIUS_M * 1f64.atan2(1.12 * steepest(self.start.y, self.end.y).tan());
        far_m < 0.9 * focal_m
    }

    fn sample(&self, from: LonLat, t: f64) -> Sample {
        let c = self.at(t);
        let (metres, azimuth) = geodesic::distance_and_azimuth(LonLat::clamped(c.x, c.y), from);
        let toward = azimuth.to_radians();
        let phi = c.y.to_radians();
        let east = (self.end.x - self.start.x) * phi.cos();
        let north = (self.end.y - self.start.y) * (1.0 - WGS84_E2) / (1.0 - WGS84_E2 * phi.sin().powi(2));
        let speed = east.hypot(north);
        let slope = if speed > 0.0 { -(toward.sin() * east + toward.cos() * north) / speed } else { 0.0 };
        Sample { t, metres, slope }
    }
}

/// Distance at a place of a stretch, and how it changes there, in metres per metre along the stretch.
#[derive(Clone, Copy)]
struct Sample {
    t: f64,
    metres: f64,
    slope: f64,
}

/// The search for the nearest point: from where, and how near so far.
struct Search {
    from: LonLat,
    at: [f64; 3],
    best_m: f64,
}

impl Search {
    /// Lowers the best distance to that of `edge` where it is nearer.
    fn settle(&mut self, edge: &Edge) {
        if edge.least_distance_m(self.at) >= self.best_m {
            return;
        }
        let span = edge.span_deg();
        if span > STRETCH_DEG {
            return self.split(edge);
        }
        let (start, end) = (edge.sample(self.from, 0.0), edge.sample(self.from, 1.0));
        self.best_m = self.best_m.min(start.metres).min(end.metres);
        let far_m = start.metres.max(end.metres) + edge.length_m();
        if span > SHORTEST_DEG && !edge.has_one_minimum(far_m) {
            self.split(edge);
        } else if start.slope < 0.0 && end.slope > 0.0 {
            self.descend(edge, start, end);
        }
    }

    fn split(&mut self, edge: &Edge) {
        let [one, two] = edge.halves();
        let (near, far) =
            if one.least_distance_m(self.at) <= two.least_distance_m(self.at) { (one, two) } else { (two, one) };
        self.settle(&near);
        self.settle(&far);
    }

    /// Closes in on the one minimum between a falling and a rising place, by secant and bisection in turn.
    /// The distance still to be gained is at most |slope| × width, since the distance is convex near its minimum.
    fn descend(&mut self, edge: &Edge, mut falling: Sample, mut rising: Sample) {
        let length_m = edge.length_m();
        for round in 0..64 {
            let width_m = (rising.t - falling.t) * length_m;
            if width_m < CLOSE_M {
                break;
            }
            let t = if round % 3 == 2 {
                (falling.t + rising.t) / 2.0
            } else {
                (falling.t * rising.slope - rising.t * falling.slope) / (rising.slope - falling.slope)
            };
            let here = edge.sample(self.from, t);
            self.best_m = self.best_m.min(here.metres);
            if here.slope.abs() * width_m < CLOSE_M / 10.0 {
                break;
            }
            if here.slope < 0.0 { falling = here } else { rising = here }
        }
    }
}

/// Returns whether the point is inside the rings made of `edges`, by the even-odd rule, or on one of them. Exact.
pub(super) fn covered_by_edges(edges: impl Iterator<Item = (Coord<f64>, Coord<f64>)>, at: Coord<f64>) -> bool {
    let mut inside = false;
    for (a, b) in edges {
        if a.y.max(b.y) < at.y || a.y.min(b.y) > at.y || a.x.max(b.x) < at.x {
            continue;
        }
        let turn = RobustKernel::orient2d(a, b, at);
        if turn == Orientation::Collinear && a.x.min(b.x) <= at.x {
            return true;
        }
        let upward = a.y <= at.y && at.y < b.y;
        let downward = b.y <= at.y && at.y < a.y;
        if (upward && turn == Orientation::CounterClockwise) || (downward && turn == Orientation::Clockwise) {
            inside = !inside;
        }
    }
    inside
}

/// Greatest |latitude| on the way between two latitudes in degrees; radians.
fn steepest(from: f64, to: f64) -> f64 {
    from.abs().max(to.abs()).min(90.0).to_radians()
}

/// Least |latitude| on the way between two latitudes in degrees; radians.
fn flattest(from: f64, to: f64) -> f64 {
    if from * to <= 0.0 { 0.0 } else { from.abs().min(to.abs()).to_radians() }
}

fn vector_of(c: Coord<f64>) -> [f64; 3] {
    let (lon, lat) = (c.x.to_radians(), c.y.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

fn great_circle_m(chord: f64) -> f64 {
    2.0 * EARTH_RADIUS_M * (chord / 2.0).clamp(0.0, 1.0).asin()
}

fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn length(v: [f64; 3]) -> f64 {
    dot(v, v).sqrt()
}

/// Length from `p` to the nearest point of the straight segment `a`–`b` through space.
fn chord_to_segment(p: [f64; 3], a: [f64; 3], b: [f64; 3]) -> f64 {
    let (along, to) = (minus(b, a), minus(p, a));
    let whole = dot(along, along);
    let t = if whole > 0.0 { (dot(to, along) / whole).clamp(0.0, 1.0) } else { 0.0 };
    length([to[0] - t * along[0], to[1] - t * along[1], to[2] - t * along[2]])
}
