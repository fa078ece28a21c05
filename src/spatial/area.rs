//! Areas on the ellipsoid: how large, how far they reach when widened, what two of them share.
//!
//! Shapes are in longitude and latitude (RFC 7946), cut at the antimeridian; sizes and reaches are on WGS84. A buffer is
//! **inscribed**: it never reaches a point farther than its radius, so that nobody is drawn as covered who is not, and
//! it falls short by at most its tolerance. Invariant: results are valid, wound as RFC 7946 asks (outer rings
//! counter-clockwise), and a buffer that can not be drawn so is refused by name, never drawn wrong.
//! Set operations snap to a grid of 2⁻³⁰ of the extent of what is joined: 0.1 mm for a district.

use super::edge::{EARTH_RADIUS_M, RATIO_MAX};
use super::geodesic;
use crate::domain::{Footprint, LonLat, Place};
use geo::algorithm::orient::Direction;
use geo::{BooleanOps, BoundingRect, Intersects, MapCoords, MapCoordsInPlace, Orient, Translate, unary_union};
use geo_types::{Coord, Line, LineString, MultiPolygon, Polygon, Rect};
use geographiclib_rs::{Geodesic, PolygonArea, Winding};
use rayon::prelude::*;
use std::f64::consts::{PI, TAU};

/// How far a buffer may fall short of its radius, metres, unless asked otherwise.
pub const TOLERANCE_M: f64 = 0.1;

/// Fewest and most vertices of a circle. With the most, a circle falls short by 0.1 m at a radius of 10.5 km and by more
/// beyond.
pub const CIRCLE_VERTICES: [usize; 2] = [64, 720];

/// A buffer may reach this share of the way to the nearer pole; beyond, lon/lat-straight edges would leave the circle.
const POLEWARD_SHARE_MAX: f64 = 0.45;

/// Shapes united in one sweep; larger sets are united in parallel and by halves.
const UNION_CHUNK: usize = 128;

/// WGS84: semi-minor axis in metres, first eccentricity and its square.
const B_M: f64 = 6_356_752.314_245_179;
const E: f64 = 0.081_819_190_842_621_49;
const E2: f64 = 0.006_694_379_990_141_317;

/// Nodes and weights of Gauss–Legendre quadrature with five points on [0, 1].
const GAUSS: [(f64, f64); 5] = [
    (0.046_910_077_030_668_0, 0.118_463_442_528_094_54),
    (0.230_765_344_947_158_45, 0.239_314_335_249_683_23),
    (0.5, 0.284_444_444_444_444_44),
    (0.769_234_655_052_841_6, 0.239_314_335_249_683_23),
    (0.953_089_922_969_332, 0.118_463_442_528_094_54),
];

/// Why a buffer is not drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The radius or the tolerance is no number of metres that a buffer can have.
    #[error("a buffer needs a radius of 0 m or more and a tolerance above 0 m")]
    BadRadius,
    /// The buffer would come too near a pole to be drawn in longitude and latitude.
    #[error("the buffer comes too near a pole")]
    NearPole,
    /// The footprint is too wide for one plane at this tolerance.
    #[error("the footprint is too wide to be buffered at this tolerance")]
    TooWide,
}

/// Returns the area in square metres, exact for edges that are straight in longitude and latitude.
///
/// The strip between an edge and the equator is integrated in closed form over latitude and by quadrature along the edge;
/// winding does not matter, holes are taken off.
pub fn area_m2(area: &Footprint) -> f64 {
    let ring = |r: &LineString<f64>| r.lines().map(|l| strip_m2(l.start, l.end)).sum::<f64>().abs();
    let sum: f64 = area.iter().map(|p| ring(p.exterior()) - p.interiors().iter().map(ring).sum::<f64>()).sum();
    // The sum of nothing is −0.
    sum + 0.0
}

/// Returns the area in square metres within `radius_m` of a point; no more than the whole Earth.
pub fn circle_area_m2(centre: LonLat, radius_m: f64) -> f64 {
    const VERTICES: u32 = 720;
    const HALF_WAY_M: f64 = 20_003_931.0;
    let wgs84 = Geodesic::wgs84();
    if radius_m >= HALF_WAY_M {
        return wgs84.area();
    }
    let mut ring = PolygonArea::new(&wgs84, Winding::CounterClockwise);
    for i in (0..VERTICES).rev() {
        let p = geodesic::travel(centre, 360.0 * f64::from(i) / f64::from(VERTICES), radius_m);
        ring.add_point(p.lat(), p.lon());
    }
    // Between each geodesic side and its arc, of length L and geodesic curvature κ = cot ρ / R, lie κL³/12.
    let (step, rho) = (TAU / f64::from(VERTICES), radius_m / EARTH_RADIUS_M);
    let arcs = TAU * step.powi(2) / 12.0 * rho.cos() * rho.sin().powi(2) * EARTH_RADIUS_M.powi(2);
    (ring.compute(false).1 + arcs).min(wgs84.area())
}

/// Returns everything within `metres` of the place, falling short by at most `tolerance_m` (see the module).
pub fn buffer_m(place: &Place, metres: f64, tolerance_m: f64) -> Result<Footprint, Refused> {
    if !(metres >= 0.0 && metres.is_finite() && tolerance_m > 0.0) {
        return Err(Refused::BadRadius);
    }
    match &place.footprint {
        Some(footprint) if !footprint.0.is_empty() => widen(footprint, metres, tolerance_m),
        _ => circle(place.position, metres, tolerance_m),
    }
}

/// Returns the number of vertices that keeps a circle's sagitta within `tolerance_m`, inside [`CIRCLE_VERTICES`].
pub fn circle_vertices(radius_m: f64, tolerance_m: f64) -> usize {
    let [fewest, most] = CIRCLE_VERTICES;
    let half_step = (1.0 - tolerance_m / radius_m.max(tolerance_m)).acos();
    ((PI / half_step).ceil() as usize).clamp(fewest, most)
}

/// Returns how far a circle of this radius falls short at the least, with the most vertices it may have, metres.
pub fn sagitta_least_m(radius_m: f64) -> f64 {
    radius_m * (1.0 - (PI / CIRCLE_VERTICES[1] as f64).cos())
}

/// Returns the union. Inputs may overlap and be wound either way.
pub fn union(areas: &[Footprint]) -> Footprint {
    if astride_seam(areas.iter()) {
        return rewrapped(union_raw(&areas.iter().map(eastward).collect::<Vec<_>>()));
    }
    tidied(union_raw(areas))
}

/// Returns `area` without `taken`.
pub fn difference(area: &Footprint, taken: &Footprint) -> Footprint {
    if astride_seam([area, taken]) {
        return rewrapped(eastward(area).difference(&eastward(taken)));
    }
    tidied(area.difference(taken))
}

/// Returns what two areas share.
pub fn clip(area: &Footprint, within: &Footprint) -> Footprint {
    if astride_seam([area, within]) {
        return rewrapped(eastward(area).intersection(&eastward(within)));
    }
    tidied(rings_near(area, within).intersection(within))
}

/// The polygons and holes of `area` that can matter within the box of `within`: the sweep pays for every corner.
fn rings_near(area: &Footprint, within: &Footprint) -> Footprint {
    let Some(bounds) = within.bounding_rect() else { return MultiPolygon(Vec::new()) };
    let near = |ring: &&LineString<f64>| ring.bounding_rect().is_some_and(|b| b.intersects(&bounds));
    let kept = area.iter().filter(|p| near(&p.exterior()));
    let kept = kept.map(|p| Polygon::new(p.exterior().clone(), p.interiors().iter().filter(near).cloned().collect()));
    MultiPolygon(kept.collect())
}

/// Returns the area without parts and holes below `least_m2`, and how many parts were dropped.
pub fn without_slivers(area: Footprint, least_m2: f64) -> (Footprint, usize) {
    let before = area.0.len();
    let size = |ring: &LineString<f64>| area_m2(&MultiPolygon(vec![Polygon::new(ring.clone(), Vec::new())]));
    let kept = area.into_iter().filter_map(|polygon| {
        let (exterior, interiors) = polygon.into_inner();
        let holes = interiors.into_iter().filter(|hole| size(hole) >= least_m2).collect();
        (size(&exterior) >= least_m2).then(|| Polygon::new(exterior, holes))
    });
    let kept: Vec<Polygon<f64>> = kept.collect();
    let dropped = before - kept.len();
    (MultiPolygon(kept), dropped)
}

/// Area between an edge and the equator, positive when it runs west above it; square metres.
fn strip_m2(start: Coord<f64>, end: Coord<f64>) -> f64 {
    const PIECE_DEG: f64 = 10.0;
    let pieces = ((end.y - start.y).abs() / PIECE_DEG).ceil().max(1.0);
    let step = (end - start) / pieces;
    let mut sum = 0.0;
    for i in 0..pieces as usize {
        let from = start.y + step.y * i as f64;
        let mean: f64 = GAUSS.iter().map(|(t, w)| w * below_m2(from + step.y * t)).sum();
        sum -= mean * step.x.to_radians();
    }
    sum
}

/// Area between the equator and a latitude, per radian of longitude; square metres.
fn below_m2(lat: f64) -> f64 {
    let sin = lat.to_radians().sin();
    B_M * B_M / 2.0 * (sin / (1.0 - E2 * sin * sin) + (E * sin).atanh() / E)
}

fn circle(centre: LonLat, radius_m: f64, tolerance_m: f64) -> Result<Footprint, Refused> {
    if radius_m == 0.0 {
        return Ok(MultiPolygon(Vec::new()));
    }
    far_from_poles(centre, radius_m)?;
    let n = circle_vertices(radius_m, tolerance_m);
    let corner = |i: usize| beside(centre, geodesic::travel(centre, -360.0 * i as f64 / n as f64, radius_m));
    let mut ring: Vec<Coord<f64>> = (0..n).map(corner).collect();
    ring.push(ring[0]);
    Ok(cut(Polygon::new(LineString(ring), Vec::new())))
}

/// Widens a footprint in the azimuthal equidistant plane around its middle.
///
/// The plane stretches distances across its rays by up to ρ²/6R² at ρ from the middle; the radius is shortened by that
/// and by what the straightening of edges can add, so that the result stays inscribed.
fn widen(footprint: &Footprint, metres: f64, tolerance_m: f64) -> Result<Footprint, Refused> {
    let plane = Plane::around(footprint);
    let reach_m = plane.reach_m(footprint) + metres;
    far_from_poles(plane.origin, reach_m)?;
    let stretch = 1.1 * metres * (reach_m / EARTH_RADIUS_M).powi(2) / 6.0;
    let bulge_m = tolerance_m / 10.0;
    if stretch > tolerance_m / 5.0 {
        return Err(Refused::TooWide);
    }
    let radius_m = metres - stretch - 2.0 * bulge_m;
    if radius_m <= 0.0 {
        return Ok(tidied(footprint.clone()));
    }
    let flat = plane.flatten(footprint, bulge_m);
    let step = TAU / circle_vertices(radius_m, tolerance_m / 2.0) as f64;
    let mut parts = vec![flat.clone()];
    for ring in flat.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())) {
        parts.extend(fringe(ring, radius_m, step).into_iter().map(MultiPolygon::from));
    }
    // In one sweep: neighbours share edges to the last bit, and a sweep by halves would move them apart.
    let wide = unary_union(&parts);
    Ok(tidied(MultiPolygon(wide.into_iter().flat_map(|polygon| cut(plane.unflatten(&polygon))).collect())))
}

/// What widening adds outside of one ring: a rectangle along each edge, and a fan of corners `step` radians apart where
/// the ring turns outward. A point outside is nearest to the inside of an edge or to such a corner, so this is all.
fn fringe(ring: &LineString<f64>, radius: f64, step: f64) -> Vec<Polygon<f64>> {
    let edges: Vec<Line<f64>> = ring.lines().filter(|l| l.start != l.end).collect();
    // The area lies to the left of its rings, so outward is to the right.
    let outward = |l: &Line<f64>| (-l.dx()).atan2(l.dy());
    let at = |c: Coord<f64>, angle: f64| Coord { x: c.x + radius * angle.cos(), y: c.y + radius * angle.sin() };
    let mut pieces = Vec::new();
    for (i, edge) in edges.iter().enumerate() {
        let angle = outward(edge);
        let (from, to) = (at(edge.start, angle), at(edge.end, angle));
        pieces.push(Polygon::new(LineString(vec![edge.start, from, to, edge.end]), Vec::new()));
        let next = &edges[(i + 1) % edges.len()];
        let turn = (outward(next) - angle).rem_euclid(TAU);
        if turn > 0.0 && turn <= PI {
            let n = (turn / step).ceil() as usize;
            let fan = (1..n).map(|k| at(edge.end, angle + turn * k as f64 / n as f64));
            let corners = [edge.end, to].into_iter().chain(fan).chain([at(next.start, outward(next))]);
            pieces.push(Polygon::new(LineString(corners.collect()), Vec::new()));
        }
    }
    pieces
}

/// The azimuthal equidistant plane around a place: metres east and north along geodesics from it.
struct Plane {
    origin: LonLat,
}

impl Plane {
    /// Around the middle of the footprint, as it lies on the sphere.
    fn around(footprint: &Footprint) -> Self {
        let centre = super::edge::bounding_ball(footprint).map_or([1.0, 0.0, 0.0], |ball| ball.centre);
        let lat = centre[2].clamp(-1.0, 1.0).asin().to_degrees();
        Self { origin: LonLat::clamped(centre[1].atan2(centre[0]).to_degrees(), lat) }
    }

    fn reach_m(&self, footprint: &Footprint) -> f64 {
        let rings = footprint.iter().map(Polygon::exterior);
        let corners = rings.flat_map(|ring| ring.0.iter());
        corners.map(|c| geodesic::distance_m(self.origin, LonLat::clamped(c.x, c.y))).fold(0.0, f64::max)
    }

    fn project(&self, c: Coord<f64>) -> Coord<f64> {
        let (metres, azimuth) = geodesic::distance_and_azimuth(self.origin, LonLat::clamped(c.x, c.y));
        let (sin, cos) = azimuth.to_radians().sin_cos();
        Coord { x: metres * sin, y: metres * cos }
    }

    /// Lays the footprint flat, with corners added until no edge is bent by more than `bulge_m`.
    fn flatten(&self, footprint: &Footprint, bulge_m: f64) -> Footprint {
        let ring = |r: &LineString<f64>| {
            let pieces = r.lines().flat_map(|l| {
                let slope = 1.2 * l.start.y.abs().max(l.end.y.abs()).to_radians().tan() + 0.2;
                let longest_m = (8.0 * bulge_m * EARTH_RADIUS_M / slope).sqrt();
                let (a, b) = (LonLat::clamped(l.start.x, l.start.y), LonLat::clamped(l.end.x, l.end.y));
                let n = (geodesic::distance_m(a, b) / longest_m).ceil().max(1.0);
                (0..n as usize).map(move |i| l.start + (l.end - l.start) * (i as f64 / n))
            });
            let mut flat: Vec<Coord<f64>> = pieces.map(|c| self.project(c)).collect();
            flat.extend(flat.first().copied());
            LineString(flat)
        };
        let polygon = |p: &Polygon<f64>| Polygon::new(ring(p.exterior()), p.interiors().iter().map(ring).collect());
        MultiPolygon(footprint.iter().map(polygon).collect()).orient(Direction::Default)
    }

    /// Puts a flat polygon back on the globe; longitudes run on past ±180.
    fn unflatten(&self, polygon: &Polygon<f64>) -> Polygon<f64> {
        polygon.map_coords(|c| {
            let p = geodesic::travel(self.origin, c.x.atan2(c.y).to_degrees(), c.x.hypot(c.y));
            beside(self.origin, p)
        })
    }
}

fn far_from_poles(centre: LonLat, reach_m: f64) -> Result<(), Refused> {
    let pole_m = (90.0 - centre.lat().abs()).to_radians() * EARTH_RADIUS_M / RATIO_MAX;
    if reach_m < POLEWARD_SHARE_MAX * pole_m { Ok(()) } else { Err(Refused::NearPole) }
}

/// The position with its longitude within half a turn of the origin's, past ±180 where need be.
fn beside(origin: LonLat, p: LonLat) -> Coord<f64> {
    let turns = ((p.lon() - origin.lon()) / 360.0).round();
    Coord { x: p.lon() - 360.0 * turns, y: p.lat() }
}

/// Brings a polygon whose longitudes run past ±180 back into range, in parts.
fn cut(polygon: Polygon<f64>) -> Footprint {
    let Some(bounds) = polygon.bounding_rect() else { return MultiPolygon(Vec::new()) };
    if bounds.min().x >= -180.0 && bounds.max().x <= 180.0 {
        return MultiPolygon(vec![polygon]);
    }
    let part = |turn: f64| {
        let (west, east) = (bounds.min().x.max(turn - 180.0), bounds.max().x.min(turn + 180.0));
        if west >= east {
            return Vec::new();
        }
        let band = Polygon::from(Rect::new((west, bounds.min().y - 1.0), (east, bounds.max().y + 1.0)));
        let mut kept = polygon.intersection(&band).translate(-turn, 0.0);
        kept.map_coords_in_place(onto_seam);
        kept.into_iter().map(without_seam_hooks).collect()
    };
    tidied(MultiPolygon([-360.0, 0.0, 360.0].into_iter().flat_map(part).collect()))
}

/// Whether the areas lie close together across ±180, so that the grid of a set operation would be coarse for nothing.
fn astride_seam<'a>(areas: impl IntoIterator<Item = &'a Footprint>) -> bool {
    let bounds = areas.into_iter().flat_map(|a| a.iter()).filter_map(Polygon::bounding_rect);
    let (mut wide, mut east) = ([f64::INFINITY, -f64::INFINITY], [f64::INFINITY, -f64::INFINITY]);
    for b in bounds {
        let turn = if b.max().x <= 0.0 { 360.0 } else { 0.0 };
        wide = [wide[0].min(b.min().x), wide[1].max(b.max().x)];
        east = [east[0].min(b.min().x + turn), east[1].max(b.max().x + turn)];
    }
    wide[1] - wide[0] > 180.0 && east[1] - east[0] < 180.0
}

/// Moves polygons of the western hemisphere one turn to the east.
fn eastward(area: &Footprint) -> Footprint {
    let moved = area.iter().map(|p| {
        let west = p.bounding_rect().is_some_and(|b| b.max().x <= 0.0);
        if west { p.translate(360.0, 0.0) } else { p.clone() }
    });
    MultiPolygon(moved.collect())
}

/// Undoes [`eastward`].
fn rewrapped(area: Footprint) -> Footprint {
    tidied(MultiPolygon(area.into_iter().flat_map(cut).collect()))
}

/// Puts what the grid of the clipping left a hair's breadth (below 0.1 mm) off ±180 onto it.
fn onto_seam(c: Coord<f64>) -> Coord<f64> {
    let near = (c.x.abs() - 180.0).abs() < 1e-9 || c.x.abs() > 180.0;
    Coord { x: if near { 180f64.copysign(c.x) } else { c.x }, y: c.y }
}

fn union_raw(areas: &[Footprint]) -> Footprint {
    if areas.len() <= UNION_CHUNK {
        let wound: Vec<Footprint> = areas.iter().map(|a| a.orient(Direction::Default)).collect();
        return unary_union(&wound);
    }
    let halves: Vec<Footprint> = areas.par_chunks(UNION_CHUNK).map(union_raw).collect();
    union_raw(&halves)
}

/// Drops vertices in the middle of a run along ±180: moving them onto the seam may have folded the run back on itself.
fn without_seam_hooks(polygon: Polygon<f64>) -> Polygon<f64> {
    let ring = |r: &LineString<f64>| {
        let corners = &r.0[..r.0.len().saturating_sub(1)];
        let n = corners.len();
        let on_seam = |i: usize| corners[i % n].x.abs() == 180.0;
        let ends = (0..n).filter(|&i| !(on_seam(i + n - 1) && on_seam(i) && on_seam(i + 1)));
        LineString(ends.map(|i| corners[i]).collect())
    };
    Polygon::new(ring(polygon.exterior()), polygon.interiors().iter().map(ring).collect())
}

/// Winds rings as RFC 7946 asks and drops rings that the grid of the set operation has left without area.
fn tidied(area: Footprint) -> Footprint {
    let sound = |ring: &LineString<f64>| ring.0.len() >= 4 && ring.lines().map(|l| l.determinant()).sum::<f64>() != 0.0;
    let polygons = area.into_iter().filter_map(|polygon| {
        let (exterior, interiors) = polygon.into_inner();
        sound(&exterior).then(|| Polygon::new(exterior, interiors.into_iter().filter(sound).collect()))
    });
    MultiPolygon(polygons.collect()).orient(Direction::Default)
}
