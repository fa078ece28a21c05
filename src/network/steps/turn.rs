//! What is told where one leg of a trip ends and the next begins.
//!
//! Invariants: a turn is the angle between two edges where they meet, whatever part of them is gone along. Bearings are taken
//! over the first and last metres of an edge, so that a kerb drawn crooked is no turn, and never beyond its end, for there the
//! next turn may be. Where nothing else meets, a street bends and nobody turns.

use super::ManeuverKind;
use crate::domain::LonLat;
use crate::network::graph::{Direction, EdgeId, Graph, NodeId, RoadClass, Way};
use crate::network::plane::Plane;
use crate::network::route::Leg;
use crate::network::search::Costs;
use crate::network::source::Point;

/// Returns what is told between two legs; `None` where the way just goes on. `turn` is in degrees to the right, and `known_as`
/// the name that was told last.
pub(super) fn told(costs: &Costs<'_>, (before, leg): (&Leg, &Leg), turn: f64, known_as: &str) -> Option<ManeuverKind> {
    use ManeuverKind::{Continue, Ferry, Roundabout, SlightLeft, SlightRight, Steps, UTurn};
    let graph = costs.graph;
    let [was, is] = [before, leg].map(|leg| graph.way(leg.edge));
    let [old, new] = [before, leg].map(|leg| graph.name(leg.edge));
    let begins = |class: RoadClass| is.road_class() == class && was.road_class() != class;
    // Round a street that ends where it began one comes to its beginning again without going back.
    if before.edge == leg.edge && before.to == leg.from {
        return Some(UTurn);
    }
    if begins(RoadClass::Ferry) {
        return Some(Ferry);
    }
    if is.is(Way::ROUNDABOUT) || was.is(Way::ROUNDABOUT) {
        // Leaving one belongs to entering it.
        return (!was.is(Way::ROUNDABOUT)).then_some(Roundabout);
    }
    if begins(RoadClass::Steps) {
        return Some(Steps);
    }
    let same = match new {
        "" => old.is_empty() && was.road_class() == is.road_class(),
        // A piece without a name between two of one road is of it.
        _ => new == old || old.is_empty() && new == known_as,
    };
    let fork = ways_on(costs, before).len() > 1;
    let ashore = was.road_class() == RoadClass::Ferry && is.road_class() != RoadClass::Ferry;
    let goes_on = || (!new.is_empty() || ashore).then_some(Continue);
    match kind_of(turn) {
        Continue if same => None,
        SlightLeft | SlightRight if same && !new.is_empty() => None,
        Continue | SlightLeft | SlightRight if !fork => goes_on().filter(|_| !same),
        _ if !fork && same && !goes_back(turn) => None,
        _ if !fork && nothing_else_meets(costs, (before, leg)) => goes_on().filter(|_| !same),
        kind => Some(kind),
    }
}

fn goes_back(turn: f64) -> bool {
    kind_of(turn) == ManeuverKind::UTurn
}

/// Returns what a turn is called, degrees to the right.
pub(super) fn kind_of(turn: f64) -> ManeuverKind {
    use ManeuverKind::*;
    let (slight, plain, sharp) =
        if turn < 0.0 { (SlightLeft, Left, SharpLeft) } else { (SlightRight, Right, SharpRight) };
    match turn.abs() {
        t if t < 30.0 => Continue,
        t if t < 55.0 => slight,
        t if t < 125.0 => plain,
        t if t < 165.0 => sharp,
        _ => UTurn,
    }
}

fn end_of(graph: &Graph, leg: &Leg) -> NodeId {
    graph.end_node(leg.edge, if leg.to >= leg.from { Direction::Forward } else { Direction::Backward })
}

/// Returns the edges on which one could go on where a leg ends, turning back left out.
pub(super) fn ways_on(costs: &Costs<'_>, leg: &Leg) -> Vec<EdgeId> {
    let arcs = costs.graph.arcs_from(end_of(costs.graph, leg));
    let open = arcs.filter(|arc| !costs.graph.banned(*arc).has(costs.profile));
    let mut edges: Vec<EdgeId> = open.map(|arc| costs.graph.edge_of(arc).0).filter(|edge| *edge != leg.edge).collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Returns whether no third road that the profile may use in either direction meets where one leg ends and the next begins: who
/// comes to a road that only leads towards him turns all the same.
fn nothing_else_meets(costs: &Costs<'_>, (before, leg): (&Leg, &Leg)) -> bool {
    let graph = costs.graph;
    let node = end_of(graph, before);
    let mut edges = graph.arcs_from(node).chain(graph.arcs_into(node)).map(|arc| graph.edge_of(arc).0);
    let third = |edge: EdgeId| edge != before.edge && edge != leg.edge && graph.way(edge).goers().has(costs.profile);
    !edges.any(third)
}

/// Returns the bearing in which an edge is left by who goes along it as a leg does.
pub(super) fn comes_in(graph: &Graph, leg: &Leg) -> Option<f64> {
    let points = graph.points(leg.edge);
    if leg.to >= leg.from { bearing_back(points) } else { bearing(points).map(|back| (back + 180.0) % 360.0) }
}

/// Returns the bearing in which an edge is entered by who goes along it as a leg does.
pub(super) fn goes_out(graph: &Graph, leg: &Leg) -> Option<f64> {
    let points = graph.points(leg.edge);
    if leg.to >= leg.from { bearing(points) } else { bearing_back(points).map(|back| (back + 180.0) % 360.0) }
}

/// Metres over which a bearing is taken.
const BEARING_OVER_M: f64 = 15.0;

/// Returns the bearing in which a line sets out; `None` when it is but a point.
pub(super) fn bearing(line: &[Point]) -> Option<f64> {
    let (first, rest) = line.split_first()?;
    along(first.position(), rest.iter())
}

/// Returns the bearing in which a line comes to its end; `None` when it is but a point.
pub(super) fn bearing_back(line: &[Point]) -> Option<f64> {
    let (last, rest) = line.split_last()?;
    along(last.position(), rest.iter().rev()).map(|back| (back + 180.0) % 360.0)
}

/// Returns the bearing from a place to the first point far enough away, or else to the farthest: a small loop comes back.
fn along<'a>(from: LonLat, points: impl Iterator<Item = &'a Point>) -> Option<f64> {
    let plane = Plane::at(from);
    let (mut best, mut best_m) = (None, 0.0);
    for point in points {
        let [x, y] = plane.metres(point.position());
        let away_m = x.hypot(y);
        if away_m > best_m {
            (best, best_m) = (Some(x.atan2(y).to_degrees().rem_euclid(360.0)), away_m);
        }
        if away_m >= BEARING_OVER_M {
            break;
        }
    }
    best
}

/// Returns the turn from one bearing to another, degrees to the right, −180 to 180.
pub(super) fn turned(from: f64, onto: f64) -> f64 {
    (onto - from + 540.0).rem_euclid(360.0) - 180.0
}
