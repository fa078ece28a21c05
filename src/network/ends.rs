//! Both ends of a way: a position on an edge as a place to start from or to come to.
//!
//! Invariants: who starts within an edge leaves it by an arc of a true node, for nothing came before that a turn restriction
//! could be about; who comes to a place within an edge may come by any arc of it, copies included, unless the turn into it is
//! forbidden; a barrier beyond the place does not matter. A closed part counts if it lies between.

use super::cost::{Centimetres, Cost};
use super::graph::{ArcId, Direction, EdgeId, NodeId};
use super::overlay::Span;
use super::search::Costs;
use super::snap::Snap;

/// A way out of a place or into it: through a node, along part of an arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// The node that is come to first, or left last.
    pub node: NodeId,
    /// The arc of which a part is driven.
    pub arc: ArcId,
    /// What the part costs.
    pub cost: Cost,
}

const BOTH: [Direction; 2] = [Direction::Forward, Direction::Backward];

/// Returns the ways out of a place.
pub fn ways_out(costs: &Costs<'_>, place: &Snap) -> impl Iterator<Item = Door> {
    BOTH.into_iter().filter_map(|direction| {
        let arc = costs.graph.arcs_of(place.edge, direction).next()?;
        let end = match direction {
            Direction::Forward => costs.graph.length(place.edge),
            Direction::Backward => Centimetres(0),
        };
        let passes = !costs.graph.banned(arc).has(costs.profile);
        let cost = part(costs, place.edge, (place.offset, end)).filter(|_| passes)?;
        Some(Door { node: costs.graph.head(arc), arc, cost })
    })
}

/// Returns the ways into a place.
pub fn ways_in<'a>(costs: &'a Costs<'a>, place: &'a Snap) -> impl Iterator<Item = Door> + 'a {
    BOTH.into_iter().flat_map(move |direction| {
        let start = match direction {
            Direction::Forward => Centimetres(0),
            Direction::Backward => costs.graph.length(place.edge),
        };
        let cost = part(costs, place.edge, (start, place.offset));
        let arcs =
            cost.into_iter().flat_map(move |cost| costs.graph.arcs_of(place.edge, direction).map(move |a| (a, cost)));
        arcs.filter(|(arc, _)| !costs.graph.banned_turn(*arc).has(costs.profile)).map(|(arc, cost)| Door {
            node: costs.graph.tail(arc),
            arc,
            cost,
        })
    })
}

/// Returns what going from one place straight along its edge to another costs, if both lie on one edge and one can.
pub fn straight(costs: &Costs<'_>, from: &Snap, to: &Snap) -> Option<Cost> {
    if from.edge != to.edge { None } else { part(costs, from.edge, (from.offset, to.offset)) }
}

/// Returns what part of an edge costs, unless something on it is closed. Standing still costs nothing where one may stand.
fn part(costs: &Costs<'_>, edge: EdgeId, (from, to): (Centimetres, Centimetres)) -> Option<Cost> {
    let open = costs.overlay.lets_pass_part(edge, Span::between(from, to), costs.profile);
    if !open {
        return None;
    }
    if from == to { Some(Cost::default()) } else { costs.graph.cost_of_part(edge, (from, to), costs.profile) }
}
