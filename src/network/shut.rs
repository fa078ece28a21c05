//! From a closure's shape to the parts of edges that it shuts.
//!
//! An area shuts what lies within it; standing water spares bridges, which stand above it. A line that runs along roads shuts
//! those roads beside it; any other line shuts each road where it crosses it. A point shuts the nearest road there, at a
//! junction every road that meets there. Edges and shapes alike are straight in longitude and latitude (RFC 7946). Invariants:
//! parts follow from shape and network alone, in order of edge, without overlap; what merely touches an area from outside stays
//! open.

use super::cost::Centimetres;
use super::graph::{EdgeId, Graph, Way};
use super::overlay::{Overlay, Span};
use super::snap::SnapIndex;
use crate::domain::{Closure, ClosureCause, ClosureShape, Footprint, LonLat};
use crate::spatial::edge::{Ball, bounding_ball, chord_reaching, unit_vector};
use crate::spatial::geodesic::{distance_and_azimuth, distance_m, travel};
use crate::spatial::locate::PreparedArea;
use geo::line_intersection::{LineIntersection, line_intersection};
use geo_types::{Coord, Line};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use std::collections::BTreeMap;

/// Part of an edge that a closure shuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The edge.
    pub edge: EdgeId,
    /// From where to where.
    pub span: Span,
}

/// How far beside a drawn line a road may run to be the one that is meant, metres.
pub const BESIDE_M: f64 = 15.0;

/// How far from a point the nearest road may be to be the one that is meant, metres.
pub const NEAR_POINT_M: f64 = 50.0;

/// Roads this near to one another at a point meet there, metres.
const SAME_PLACE_M: f64 = 0.1;

/// Largest angle between a line and a road that it runs along, degrees.
const ALONG_DEG: f64 = 30.0;

/// Between two looks along a line, metres.
const STEP_M: f64 = 5.0;

/// Most looks along one line; a longer one is looked at more coarsely.
const LOOKS_MAX: f64 = 20_000.0;

/// Share of a line that must run beside roads for it to be taken as running along them.
const ALONG_SHARE: f64 = 0.5;

/// Returns the parts that a closure shuts, in order.
pub fn parts_of(graph: &Graph, snap: &SnapIndex, closure: &Closure) -> Vec<Part> {
    let parts = match &closure.shape {
        ClosureShape::Area(area) => {
            let spared = |edge| closure.cause == ClosureCause::Flood && graph.way(edge).is(Way::BRIDGE);
            let near = bounding_ball(area).map(|ball| snap.edges_near(&ball)).unwrap_or_default();
            let near = near.into_iter().filter(|edge| !spared(*edge)).collect::<Vec<_>>();
            within(graph, &near, area)
        }
        ClosureShape::Lines(lines) => lines.iter().flat_map(|line| by_line(graph, snap, line)).collect(),
        ClosureShape::Point(at) => at_point(graph, snap, closure, *at),
    };
    joined(parts)
}

/// Returns the nearest road's place at a point; at a junction that of each road that meets there, for all ways through it are
/// meant.
fn at_point(graph: &Graph, snap: &SnapIndex, closure: &Closure, at: LonLat) -> Vec<Part> {
    let nearest_of = |profile| snap.snap((graph, &Overlay::default()), profile, at, NEAR_POINT_M);
    let nearest = closure.profiles.iter().filter_map(nearest_of);
    let Some(nearest) = nearest.min_by(|a, b| a.aside_m.total_cmp(&b.aside_m).then(a.edge.cmp(&b.edge))) else {
        return Vec::new();
    };
    let ball = Ball { centre: unit_vector(nearest.position), chord_radius: chord_reaching(SAME_PLACE_M) };
    let beside = snap.edges_near(&ball).into_iter().filter_map(|edge| {
        let points = measured(graph, edge);
        let feet = points.windows(2).map(|pair| {
            let [(a, a_m), (b, b_m)] = [pair[0], pair[1]];
            let [a, b] = [a, b].map(|c| LonLat::clamped(c.x, c.y));
            let (aside_m, share) = super::snap::foot_on(a, b, nearest.position);
            (aside_m, a_m + share * (b_m - a_m))
        });
        let (aside_m, offset_m) = feet.min_by(|a, b| a.0.total_cmp(&b.0))?;
        (aside_m <= SAME_PLACE_M && edge != nearest.edge).then(|| span_of(graph, edge, (offset_m, offset_m)))
    });
    let own = Part { edge: nearest.edge, span: Span { from: nearest.offset, to: nearest.offset } };
    std::iter::once(own).chain(beside).collect()
}

/// Puts parts in order and joins those of one edge that meet.
fn joined(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_unstable();
    let mut out: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match out.last_mut() {
            Some(last) if last.edge == part.edge && part.span.from <= last.span.to => {
                last.span.to = last.span.to.max(part.span.to);
            }
            _ => out.push(part),
        }
    }
    out
}

/// An edge's points with how far along each lies, as coordinates.
fn measured(graph: &Graph, edge: EdgeId) -> Vec<(Coord<f64>, f64)> {
    let mut at_m = 0.0;
    let mut before: Option<LonLat> = None;
    let points = graph.points(edge).iter().map(|point| point.position());
    points
        .map(|here| {
            at_m += before.map_or(0.0, |b| distance_m(b, here));
            before = Some(here);
            (Coord::from(here), at_m)
        })
        .collect()
}

fn span_of(graph: &Graph, edge: EdgeId, (from_m, to_m): (f64, f64)) -> Part {
    let offset = |m: f64| Centimetres::from_metres(m).min(graph.length(edge));
    Part { edge, span: Span::between(offset(from_m), offset(to_m)) }
}

fn within(graph: &Graph, near: &[EdgeId], area: &Footprint) -> Vec<Part> {
    let Some(prepared) = PreparedArea::new(area) else { return Vec::new() };
    let rings = area.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    let sides: Vec<_> = rings
        .flat_map(|ring| ring.lines())
        .map(|side| {
            GeomWithData::new(Rectangle::from_corners([side.start.x, side.start.y], [side.end.x, side.end.y]), side)
        })
        .collect();
    let sides = RTree::bulk_load(sides);
    let mut parts = Vec::new();
    for edge in near {
        for pair in measured(graph, *edge).windows(2) {
            let [(a, a_m), (b, b_m)] = [pair[0], pair[1]];
            let line = Line::new(a, b);
            for (from, to) in inside(&line, &prepared, &sides) {
                let at_m = |share: f64| a_m + share * (b_m - a_m);
                parts.push(span_of(graph, *edge, (at_m(from), at_m(to))));
            }
        }
    }
    parts
}

type Sides = RTree<GeomWithData<Rectangle<[f64; 2]>, Line<f64>>>;

/// Returns the stretches of a line that lie within an area, as shares of it.
fn inside(line: &Line<f64>, area: &PreparedArea, sides: &Sides) -> Vec<(f64, f64)> {
    let reach = AABB::from_corners([line.start.x, line.start.y], [line.end.x, line.end.y]);
    let mut cuts = vec![0.0, 1.0];
    for side in sides.locate_in_envelope_intersecting(reach) {
        match line_intersection(*line, side.data) {
            Some(LineIntersection::SinglePoint { intersection, .. }) => cuts.push(share_of(line, intersection)),
            Some(LineIntersection::Collinear { intersection }) => {
                cuts.extend([intersection.start, intersection.end].map(|c| share_of(line, c)));
            }
            None => {}
        }
    }
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    let middle = |a: f64, b: f64| line.start + (line.end - line.start) * ((a + b) / 2.0);
    let holds = |c: Coord<f64>| area.covers(LonLat::clamped(c.x, c.y));
    cuts.windows(2).filter(|pair| holds(middle(pair[0], pair[1]))).map(|pair| (pair[0], pair[1])).collect()
}

fn share_of(line: &Line<f64>, at: Coord<f64>) -> f64 {
    let (along, to) = (line.end - line.start, at - line.start);
    let long2 = along.x * along.x + along.y * along.y;
    if long2 > 0.0 { ((to.x * along.x + to.y * along.y) / long2).clamp(0.0, 1.0) } else { 0.0 }
}

/// Returns the parts that one line shuts.
fn by_line(graph: &Graph, snap: &SnapIndex, line: &[LonLat]) -> Vec<Part> {
    let looks = looks_along(line);
    let mut beside: BTreeMap<EdgeId, Vec<(usize, f64)>> = BTreeMap::new();
    let mut followed = 0;
    for (number, (at, azimuth)) in looks.iter().enumerate() {
        let here = roads_beside(graph, snap, *at, *azimuth);
        followed += usize::from(!here.is_empty());
        here.into_iter().for_each(|(edge, offset_m)| beside.entry(edge).or_default().push((number, offset_m)));
    }
    if followed > 0 && followed as f64 >= ALONG_SHARE * looks.len() as f64 {
        return beside.iter().flat_map(|(edge, looks)| stretches(graph, *edge, looks)).collect();
    }
    line.windows(2).flat_map(|pair| crossed(graph, snap, pair[0], pair[1])).collect()
}

/// Returns places along a line with its azimuth there, at most [`LOOKS_MAX`] or so.
fn looks_along(line: &[LonLat]) -> Vec<(LonLat, f64)> {
    let whole_m: f64 = line.windows(2).map(|pair| distance_m(pair[0], pair[1])).sum();
    let step_m = STEP_M.max(whole_m / LOOKS_MAX);
    let mut looks = Vec::new();
    for pair in line.windows(2) {
        let (length_m, azimuth) = distance_and_azimuth(pair[0], pair[1]);
        let count = (length_m / step_m).ceil().max(1.0) as usize;
        looks.extend((0..=count).map(|i| (travel(pair[0], azimuth, length_m * i as f64 / count as f64), azimuth)));
    }
    looks
}

/// Returns the edges that run beside a place in a direction or against it, with how far along each the place is.
fn roads_beside(graph: &Graph, snap: &SnapIndex, at: LonLat, azimuth: f64) -> Vec<(EdgeId, f64)> {
    let ball = Ball { centre: unit_vector(at), chord_radius: chord_reaching(BESIDE_M) };
    let mut found = Vec::new();
    for edge in snap.edges_near(&ball) {
        let points = measured(graph, edge);
        let feet = points.windows(2).filter_map(|pair| {
            let [(a, a_m), (b, b_m)] = [pair[0], pair[1]];
            let [a, b] = [a, b].map(|c| LonLat::clamped(c.x, c.y));
            let turned = (distance_and_azimuth(a, b).1 - azimuth).rem_euclid(180.0);
            if turned.min(180.0 - turned) > ALONG_DEG {
                return None;
            }
            let (aside_m, share) = super::snap::foot_on(a, b, at);
            (aside_m <= BESIDE_M).then_some((aside_m, a_m + share * (b_m - a_m)))
        });
        found.extend(feet.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, offset_m)| (edge, offset_m)));
    }
    found
}

/// Returns the parts of an edge between looks that follow one another.
fn stretches(graph: &Graph, edge: EdgeId, looks: &[(usize, f64)]) -> Vec<Part> {
    let runs = looks.chunk_by(|a, b| b.0 - a.0 <= 2);
    runs.map(|run| {
        let ends = run.iter().fold((f64::MAX, f64::MIN), |(low, high), (_, m)| (low.min(*m), high.max(*m)));
        span_of(graph, edge, ends)
    })
    .collect()
}

/// Returns the places where a straight line crosses roads.
fn crossed(graph: &Graph, snap: &SnapIndex, from: LonLat, to: LonLat) -> Vec<Part> {
    let middle = LonLat::clamped((from.lon() + to.lon()) / 2.0, (from.lat() + to.lat()) / 2.0);
    let reach_m = distance_m(middle, from).max(distance_m(middle, to));
    let ball = Ball { centre: unit_vector(middle), chord_radius: chord_reaching(reach_m * 1.01) };
    let drawn = Line::new(Coord::from(from), Coord::from(to));
    let mut parts = Vec::new();
    for edge in snap.edges_near(&ball) {
        for (i, pair) in graph.points(edge).windows(2).enumerate() {
            let road = Line::new(Coord::from(pair[0].position()), Coord::from(pair[1].position()));
            if let Some(LineIntersection::SinglePoint { intersection, .. }) = line_intersection(road, drawn) {
                // Few of many are crossed: only those are measured.
                let lengths = measured(graph, edge);
                let (a_m, b_m) = (lengths[i].1, lengths[i + 1].1);
                let at_m = a_m + share_of(&road, intersection) * (b_m - a_m);
                parts.push(span_of(graph, edge, (at_m, at_m)));
            }
        }
    }
    parts
}
