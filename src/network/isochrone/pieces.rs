//! Settled nodes → the parts of edges within a limit.
//!
//! Invariant: an offset is in a piece exactly when the best way between it and an origin costs no more than the limit, by the
//! rules of [`super::super::ends`]: whole numbers, so the last centimetre is right.

use super::Reach;
use crate::domain::Profile;
use crate::network::cost::{Centimetres, Cost, Metric};
use crate::network::graph::{ArcId, Direction, EdgeId, NodeId, RoadClass, WaitRow};
use crate::network::overlay::Span;
use crate::network::search::{Costs, Toward};

/// A part of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// The edge.
    pub edge: EdgeId,
    /// Which part of it.
    pub span: Span,
}

/// Returns the parts of edges within a limit, in order, those that meet joined.
pub(super) fn within(costs: &Costs<'_>, reach: &Reach<'_>, settled: &[(NodeId, Cost)], limit: u32) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for origin in reach.origins {
        for direction in [Direction::Forward, Direction::Backward] {
            pieces.extend(along(costs, (origin.edge, direction), (origin.offset, reach.toward), limit));
        }
    }
    for (node, cost) in settled {
        let Some(left) = limit.checked_sub(cost.by(costs.metric)) else { break };
        match reach.toward {
            Toward::Away => pieces.extend(costs.graph.arcs_from(*node).filter_map(|arc| entered(costs, arc, left))),
            Toward::Seeds => pieces.extend(costs.graph.arcs_into(*node).filter_map(|arc| left_by(costs, arc, left))),
        }
    }
    pieces.retain(|piece| costs.graph.way(piece.edge).road_class() != RoadClass::Ferry);
    joined(pieces)
}

/// Returns the part of an arc's edge that can be driven from its beginning.
fn entered(costs: &Costs<'_>, arc: ArcId, left: u32) -> Option<Piece> {
    if costs.graph.banned_turn(arc).has(costs.profile) {
        return None;
    }
    along(costs, costs.graph.edge_of(arc), (costs.graph.start_of(arc), Toward::Away), left)
}

/// Returns the part of an arc's edge from which its end can be driven to. Who starts within an edge takes the arc of its true
/// node.
fn left_by(costs: &Costs<'_>, arc: ArcId, left: u32) -> Option<Piece> {
    let (edge, direction) = costs.graph.edge_of(arc);
    let first = costs.graph.arcs_of(edge, direction).next();
    if first != Some(arc) || costs.graph.banned(arc).has(costs.profile) {
        return None;
    }
    along(costs, (edge, direction), (costs.graph.end_of(arc), Toward::Seeds), left)
}

/// Returns the part of an edge within `left` of an offset, driving in a direction away from the offset or toward it.
fn along(
    costs: &Costs<'_>,
    (edge, direction): (EdgeId, Direction),
    (at, toward): (Centimetres, Toward),
    left: u32,
) -> Option<Piece> {
    let length = costs.graph.length(edge);
    let up = (direction == Direction::Forward) == (toward == Toward::Away);
    let ahead = if up { length.0.saturating_sub(at.0) } else { at.0 };
    // Where one may not go, the end that one stands at is still reached.
    let far = match costs.graph.way(edge).speed_dkmh(costs.profile, direction) {
        None => 0,
        Some(_) if costs.metric == Metric::Length => left.min(ahead),
        Some(speed) => far_in_time(costs, (edge, speed), (at, up, ahead), left),
    };
    let end = Centimetres(if up { at.0 + far } else { at.0 - far });
    Some(Piece { edge, span: open(costs, edge, (at, end), costs.profile)? })
}

/// Returns how far along an edge one comes in a time, by the rules of [`Graph::cost_of_part`]: no farther than `ahead`, waits
/// that are passed included.
///
/// [`Graph::cost_of_part`]: crate::network::Graph::cost_of_part
fn far_in_time(
    costs: &Costs<'_>,
    (edge, speed): (EdgeId, u16),
    (at, up, ahead): (Centimetres, bool, u32),
    left: u32,
) -> u32 {
    // As far as takes no more, when a part's time is rounded up: 1 cm at 0.1 km/h takes 360 ms.
    let far = |left: u32| u32::try_from(u64::from(left) * u64::from(speed) / 360).unwrap_or(u32::MAX);
    let waits = costs.graph.waits(edge, costs.profile);
    let length = costs.graph.length(edge);
    // At which distance each wait lies ahead; one at the start counts if that is an end.
    let is_end = at.0 == 0 || at == length;
    let distance = |wait: &WaitRow| {
        let away = if up { wait.offset_cm.checked_sub(at.0) } else { at.0.checked_sub(wait.offset_cm) }?;
        (away > 0 || is_end).then_some((away, wait.ms))
    };
    let mut left = left;
    let mut ordered: Vec<(u32, u32)> = waits.iter().filter_map(distance).collect();
    ordered.sort_unstable();
    for (away, ms) in ordered {
        // The last centimetre of an edge is not reached without its wait; any other wait is stood at without it.
        let before = if away == ahead && away > 0 { away - 1 } else { away };
        if far(left) <= before {
            return far(left);
        }
        match left.checked_sub(ms) {
            Some(rest) if far(rest) > before => left = rest,
            _ => return before,
        }
    }
    far(left).min(ahead)
}

/// Returns what can be driven from one offset toward another before something closed is met.
fn open(costs: &Costs<'_>, edge: EdgeId, (at, end): (Centimetres, Centimetres), profile: Profile) -> Option<Span> {
    let (mut low, mut high) = (at.min(end), at.max(end));
    for closed in costs.overlay.closed_to(edge, profile) {
        if closed.meets(Span { from: at, to: at }) {
            return None;
        }
        if closed.from > at {
            high = high.min(Centimetres(closed.from.0 - 1));
        } else {
            low = low.max(Centimetres(closed.to.0 + 1));
        }
    }
    Some(Span { from: low, to: high })
}

fn joined(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.sort_unstable();
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len() / 2);
    for piece in pieces {
        match out.last_mut() {
            Some(last) if last.edge == piece.edge && piece.span.from <= last.span.to => {
                last.span.to = last.span.to.max(piece.span.to);
            }
            _ => out.push(piece),
        }
    }
    out
}
