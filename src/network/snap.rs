//! From a position to the nearest point of a road that a profile may use: to the edge, not to its ends.
//!
//! Segments lie in an R-tree of 3-D balls on the unit sphere, like the places of [`crate::spatial::index`]: no search in
//! degrees. The foot of the perpendicular is found on the plane that touches the ellipsoid at the position, which for the few
//! hundred metres that matter is good to a millimetre, and the side distance told is the geodesic to that foot. Ties, to that
//! millimetre, go to the edge on which the profile need not end, so that who stands at the mouth of a street for destinations
//! only does not set out within it; then to the edge of the lower number, so answers repeat.
//!
//! Roads that were left out as islands are in the tree as well. Who has one of them at his door, and the nearest other road
//! more than [`BEYOND_ISLAND_M`] farther off, is on an islet or cut off otherwise: he is brought to no road at all, and told so.

use super::cost::Centimetres;
use super::destinations;
use super::graph::{EdgeId, Graph};
use super::overlay::{Overlay, Span};
use super::parts::Cause;
use super::plane::Plane;
use super::source::Point;
use crate::domain::{LonLat, Profile, ProfileSet};
use crate::spatial::edge::{Ball, least_geodesic_m, unit_vector};
use crate::spatial::geodesic::distance_m;
use rstar::{AABB, PointDistance, RTree, RTreeObject};

/// A position brought to a road.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snap {
    /// The edge.
    pub edge: EdgeId,
    /// How far along it, from its tail.
    pub offset: Centimetres,
    /// The point on the road.
    pub position: LonLat,
    /// Geodesic distance from the position asked for.
    pub aside_m: f64,
}

/// A straight part of an edge, within `radius` (chord) of `centre`.
#[derive(Debug, Clone)]
struct Segment {
    centre: [f32; 3],
    radius: f32,
    edge: u32,
    /// Which of the edge's points it begins at.
    at: u32,
}

/// How much farther off than a dead island a road may be that its people are brought to, metres. A default of this project
/// (待核): wider than a slip of the map, narrower than a river.
pub const BEYOND_ISLAND_M: f64 = 100.0;

/// Feet that lie as far aside, to this, lie equally far, metres.
const TIE_M: f64 = 0.001;

/// The edge of a segment that is none: `at` is then its place among the islands.
const ISLAND: u32 = u32::MAX;

/// What rounding a centre to 32 bits can add to a radius, chord.
const ROUNDING: f64 = 2e-7;

impl Segment {
    fn of(edge: u32, at: u32, ends: [Point; 2]) -> Self {
        let [a, b] = ends.map(|p| unit_vector(p.position()));
        let middle: [f64; 3] = std::array::from_fn(|i| (a[i] + b[i]) / 2.0);
        let half = a.iter().zip(&b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt() / 2.0;
        // A line straight in longitude and latitude bulges off the chord by less than half its length squared.
        let radius = (half + half * half + ROUNDING) as f32;
        Self { centre: middle.map(|x| x as f32), radius: radius * 1.000_001, edge, at }
    }

    fn chord_to(&self, point: &[f64; 3]) -> f64 {
        let d2: f64 = self.centre.iter().zip(point).map(|(c, p)| (f64::from(*c) - p).powi(2)).sum();
        (d2.sqrt() - f64::from(self.radius)).max(0.0)
    }
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f64; 3]>;
    fn envelope(&self) -> Self::Envelope {
        let r = f64::from(self.radius);
        AABB::from_corners(self.centre.map(|c| f64::from(c) - r), self.centre.map(|c| f64::from(c) + r))
    }
}

impl PointDistance for Segment {
    fn distance_2(&self, point: &[f64; 3]) -> f64 {
        self.chord_to(point).powi(2)
    }
}

/// All straight parts of the edges of a graph, by place.
#[derive(Debug)]
pub struct SnapIndex {
    tree: RTree<Segment>,
    /// Who may use each edge, in either direction.
    usable: Vec<ProfileSet>,
}

impl SnapIndex {
    /// Builds the index of a graph.
    pub fn build(graph: &Graph) -> Self {
        let segments = graph.edge_ids().flat_map(|edge| {
            let pairs = (0u32..).zip(graph.points(edge).windows(2));
            pairs.map(move |(at, pair)| Segment::of(edge.0, at, [pair[0], pair[1]]))
        });
        let islands = (0u32..).zip(graph.islands.iter()).map(|(at, row)| Segment::of(ISLAND, at, row.ends));
        let usable = graph.edge_ids().map(|edge| graph.way(edge).users()).collect();
        Self { tree: RTree::bulk_load(segments.chain(islands).collect()), usable }
    }

    /// Returns the edges that may come into a ball, each once, in order; some that do not are among them.
    pub fn edges_near(&self, ball: &Ball) -> Vec<EdgeId> {
        let r = ball.chord_radius;
        let reach = AABB::from_corners(ball.centre.map(|c| c - r), ball.centre.map(|c| c + r));
        let met = self.tree.locate_in_envelope_intersecting(reach).filter(|segment| segment.edge != ISLAND);
        let mut edges: Vec<EdgeId> = met.map(|segment| EdgeId(segment.edge)).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// Returns the nearest point of a road within `within_m` that the profile may use and that is not closed to it; `None` also
    /// where a dead island is much nearer.
    pub fn snap(
        &self,
        (graph, overlay): (&Graph, &Overlay),
        profile: Profile,
        from: LonLat,
        within_m: f64,
    ) -> Option<Snap> {
        let origin = unit_vector(from);
        let (mut best, mut island_m): (Option<Snap>, f64) = (None, f64::INFINITY);
        for (segment, chord2) in self.tree.nearest_neighbor_iter_with_distance_2(origin) {
            let reach_m = best.map_or(within_m, |b| b.aside_m + TIE_M);
            if least_geodesic_m(chord2.max(0.0).sqrt()) > reach_m {
                break;
            }
            if segment.edge == ISLAND {
                let row = &graph.islands[segment.at as usize];
                if row.lets(profile) {
                    let [a, b] = row.ends.map(Point::position);
                    island_m = island_m.min(foot_on(a, b, from).0);
                }
                continue;
            }
            let edge = EdgeId(segment.edge);
            if !self.usable[segment.edge as usize].has(profile) {
                continue;
            }
            let snap = foot(graph, edge, segment.at as usize, from);
            let open = overlay.lets_pass_part(edge, Span::between(snap.offset, snap.offset), profile);
            let nearer = best.is_none_or(|b| rank(graph, profile, &snap) < rank(graph, profile, &b));
            if open && nearer && snap.aside_m <= within_m {
                best = Some(snap);
            }
        }
        best.filter(|snap| snap.aside_m <= island_m + BEYOND_ISLAND_M)
    }

    /// Returns why a position is brought to no road within `within_m` that the profile may use, whatever is closed: a dead
    /// island is nearer than any, or nothing comes near. Only for a position of which [`Self::snap`] says that.
    pub fn why_off(&self, graph: &Graph, profile: Profile, from: LonLat, within_m: f64) -> Cause {
        let near = self.tree.nearest_neighbor_iter_with_distance_2(unit_vector(from));
        let near = near.take_while(|(_, chord2)| least_geodesic_m(chord2.max(0.0).sqrt()) <= within_m);
        let at_door = |at: u32| {
            let row = &graph.islands[at as usize];
            let [a, b] = row.ends.map(Point::position);
            row.lets(profile) && foot_on(a, b, from).0 <= within_m
        };
        let mut islands = near.filter(|(segment, _)| segment.edge == ISLAND);
        if islands.any(|(segment, _)| at_door(segment.at)) { Cause::Island } else { Cause::OffNetwork }
    }
}

/// Returns what decides between two feet: the less goes first.
fn rank(graph: &Graph, profile: Profile, snap: &Snap) -> (u64, bool, EdgeId) {
    ((snap.aside_m / TIE_M).round() as u64, destinations::binds(graph.way(snap.edge), profile), snap.edge)
}

/// Returns the foot of the perpendicular from a position onto the `at`-th straight part of an edge.
fn foot(graph: &Graph, edge: EdgeId, at: usize, from: LonLat) -> Snap {
    let points = graph.points(edge);
    let [a, b] = [points[at], points[at + 1]].map(Point::position);
    let position = along(a, b, share_of_foot(a, b, from));
    Snap { edge, offset: offset_of(graph, edge, at, position), position, aside_m: distance_m(from, position) }
}

/// Returns how far a position lies beside a straight part, metres, and at which share of it.
pub(super) fn foot_on(a: LonLat, b: LonLat, from: LonLat) -> (f64, f64) {
    let share = share_of_foot(a, b, from);
    (distance_m(from, along(a, b, share)), share)
}

fn along(a: LonLat, b: LonLat, share: f64) -> LonLat {
    LonLat::clamped(a.lon() + share * (b.lon() - a.lon()), a.lat() + share * (b.lat() - a.lat()))
}

fn share_of_foot(a: LonLat, b: LonLat, from: LonLat) -> f64 {
    let plane = Plane::at(from);
    let ([ax, ay], [bx, by]) = (plane.metres(a), plane.metres(b));
    let (dx, dy) = (bx - ax, by - ay);
    let long2 = dx * dx + dy * dy;
    if long2 > 0.0 { (-(ax * dx + ay * dy) / long2).clamp(0.0, 1.0) } else { 0.0 }
}

/// Returns how far along an edge a point of its `at`-th straight part lies; never beyond its end.
fn offset_of(graph: &Graph, edge: EdgeId, at: usize, position: LonLat) -> Centimetres {
    let points = graph.points(edge);
    let before: f64 = points[..=at].windows(2).map(|p| distance_m(p[0].position(), p[1].position())).sum();
    Centimetres::from_metres(before + distance_m(points[at].position(), position)).min(graph.length(edge))
}
