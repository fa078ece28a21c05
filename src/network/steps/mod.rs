//! A trip as what a driver is told: where to set out, where to turn, onto what, and where to arrive.
//!
//! Invariants: the lengths and times of the maneuvers are those of the trip added up; a maneuver is told where the road taken
//! is not the plain way on: its name changes, one turns at a crossing ([`turn`]), a roundabout, a ferry or steps begin. Two
//! turns the same way with but a few metres between, as over the middle of a dual carriageway, are one.

mod sentence;
mod turn;

use super::cost::{Centimetres, Millis};
use super::graph::{Graph, RoadClass, Way};
use super::plane::Plane;
use super::route::{Leg, Trip, points_of};
use super::search::Costs;
use super::source::Point;
use crate::domain::LonLat;
use crate::domain::words::words;

words! {
    /// What is done at a maneuver.
    ManeuverKind {
        Depart = "depart", "出发", "Set out";
        Continue = "continue", "继续走", "Continue";
        SlightLeft = "slight_left", "向左前方", "Bear left";
        Left = "left", "左转", "Turn left";
        SharpLeft = "sharp_left", "向左后方急转", "Turn sharp left";
        SlightRight = "slight_right", "向右前方", "Bear right";
        Right = "right", "右转", "Turn right";
        SharpRight = "sharp_right", "向右后方急转", "Turn sharp right";
        UTurn = "u_turn", "掉头", "Make a U-turn";
        Roundabout = "roundabout", "进入环岛", "Enter the roundabout";
        Ferry = "ferry", "乘轮渡", "Take the ferry";
        Steps = "steps", "走台阶", "Take the steps";
        Arrive = "arrive", "到达目的地", "Arrive";
    }
}

words! {
    /// On which side of the road a goal lies.
    Side {
        Left = "left", "左侧", "left";
        Right = "right", "右侧", "right";
    }
}

/// One instruction, and the road until the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Maneuver {
    /// What is done.
    pub kind: ManeuverKind,
    /// Name of the road that is gone along afterwards, empty when it has none.
    pub name: String,
    /// Its English name, empty when the map has none.
    pub name_en: String,
    /// Class of that road; a goal has none.
    pub class: Option<RoadClass>,
    /// How far it goes until the next.
    pub length: Centimetres,
    /// How long it takes until the next.
    pub time: Millis,
    /// Where, as a place in [`geometry`].
    pub at: usize,
    /// Which way one goes on, degrees clockwise from north, 0 to below 360.
    pub bearing: f64,
    /// Which way out of a roundabout, from 1; `None` also when the trip ends or turns back on it.
    pub exit: Option<u8>,
    /// Bits of [`Way::BRIDGE`] and [`Way::TUNNEL`] that are passed until the next.
    pub passes: u8,
    /// Of a goal: on which side it lies, when it lies aside.
    pub side: Option<Side>,
}

/// Returns the line of a trip.
pub fn geometry(graph: &Graph, trip: &Trip) -> Vec<Point> {
    lines(graph, trip).0
}

/// Returns the line of a trip, and where in it each leg begins.
fn lines(graph: &Graph, trip: &Trip) -> (Vec<Point>, Vec<usize>) {
    let (mut line, mut starts): (Vec<Point>, Vec<usize>) = Default::default();
    for leg in &trip.legs {
        let points = points_of(graph, leg);
        let known = usize::from(line.last().is_some_and(|last| points.first() == Some(last)));
        starts.push(line.len().saturating_sub(known));
        line.extend(points.into_iter().skip(known));
    }
    (line, starts)
}

/// Longest road between two turns that are one.
const LINK_MAX: Centimetres = Centimetres(3_000);

/// Most degrees of two turns that are one: beyond it the way makes a loop.
const BOTH_MAX_DEG: f64 = 200.0;

/// Returns the maneuvers of a trip; none when it goes nowhere. `goal` is what was asked for, beside the road.
pub fn steps(costs: &Costs<'_>, trip: &Trip, goal: Option<LonLat>) -> Vec<Maneuver> {
    let (line, starts) = lines(costs.graph, trip);
    let (Some(first), Some(last), Some(last_start)) = (trip.legs.first(), trip.legs.last(), starts.last()) else {
        return Vec::new();
    };
    let second = starts.get(1).copied().unwrap_or(line.len() - 1);
    let mut told = Told {
        costs,
        out: Vec::new(),
        heading: line.get(..=second).and_then(turn::bearing).unwrap_or(0.0),
        turned: 0.0,
    };
    told.push(Maneuver::onto(costs.graph, first, ManeuverKind::Depart), (first, 0));
    for (pair, at) in trip.legs.windows(2).zip(&starts[1..]) {
        told.go_on((&pair[0], &pair[1]), *at);
    }
    told.stays_on(last);
    let onto = turn::bearing_back(&line[*last_start..]).or_else(|| turn::bearing_back(&line)).unwrap_or(0.0);
    let mut arrival = Maneuver::onto(costs.graph, last, ManeuverKind::Arrive);
    (arrival.at, arrival.bearing, arrival.class) = (line.len().saturating_sub(1), onto, None);
    arrival.side = goal.zip(line.last()).and_then(|(goal, at)| side(at.position(), onto, goal));
    told.out.push(arrival);
    told.out
}

/// What has been told so far.
struct Told<'a> {
    costs: &'a Costs<'a>,
    out: Vec<Maneuver>,
    /// The last bearing that is known.
    heading: f64,
    /// Degrees to the right of the turn told last.
    turned: f64,
}

impl Told<'_> {
    fn push(&mut self, mut maneuver: Maneuver, (leg, at): (&Leg, usize)) {
        (maneuver.at, maneuver.bearing) = (at, self.heading);
        maneuver.go_along(self.costs, leg);
        self.out.push(maneuver);
    }

    /// Takes back which exit there is: who is on a roundabout yet and told something else does not leave by it.
    fn stays_on(&mut self, leg: &Leg) {
        if let Some(last) = self.out.last_mut().filter(|_| self.costs.graph.way(leg.edge).is(Way::ROUNDABOUT)) {
            last.exit = None;
        }
    }

    /// Tells what there is to tell between two legs.
    fn go_on(&mut self, (before, leg): (&Leg, &Leg), at: usize) {
        let graph = self.costs.graph;
        let from = turn::comes_in(graph, before).unwrap_or(self.heading);
        self.heading = turn::goes_out(graph, leg).unwrap_or(from);
        let turned = turn::turned(from, self.heading);
        let known_as = self.out.last().map_or("", |last| last.name.as_str());
        let kind = turn::told(self.costs, (before, leg), turned, known_as);
        if graph.way(before.edge).is(Way::ROUNDABOUT) && !graph.way(leg.edge).is(Way::ROUNDABOUT) {
            self.leaves_onto(leg);
        } else if kind.is_some() {
            self.stays_on(before);
        }
        let Some(kind) = kind else {
            return self.out.last_mut().map_or((), |last| last.go_along(self.costs, leg));
        };
        let both = self.turned + turned;
        match self.out.last_mut() {
            Some(last)
                if kind.is_turn()
                    && last.kind.is_turn()
                    && last.length <= LINK_MAX
                    && self.turned * turned > 0.0
                    && both.abs() <= BOTH_MAX_DEG =>
            {
                let mut merged = Maneuver::onto(graph, leg, turn::kind_of(both));
                (merged.at, merged.bearing, merged.passes) = (last.at, self.heading, last.passes);
                (merged.length, merged.time) = (last.length, last.time);
                merged.go_along(self.costs, leg);
                (*last, self.turned) = (merged, both);
            }
            _ => {
                self.turned = turned;
                self.push(Maneuver::onto(graph, leg, kind), (leg, at));
            }
        }
    }

    /// Tells with the entry of a roundabout onto what its exit leads.
    fn leaves_onto(&mut self, leg: &Leg) {
        if let Some(last) = self.out.last_mut() {
            let onto = Maneuver::onto(self.costs.graph, leg, last.kind);
            (last.name, last.name_en, last.class) = (onto.name, onto.name_en, onto.class);
        }
    }
}

impl ManeuverKind {
    const fn is_turn(self) -> bool {
        use ManeuverKind::*;
        matches!(self, SlightLeft | Left | SharpLeft | SlightRight | Right | SharpRight | UTurn)
    }
}

impl Maneuver {
    fn onto(graph: &Graph, leg: &Leg, kind: ManeuverKind) -> Self {
        Self {
            kind,
            name: graph.name(leg.edge).to_owned(),
            name_en: graph.name_en(leg.edge).to_owned(),
            class: Some(graph.way(leg.edge).road_class()),
            length: Centimetres(0),
            time: Millis(0),
            at: 0,
            bearing: 0.0,
            exit: (kind == ManeuverKind::Roundabout).then_some(0),
            passes: 0,
            side: None,
        }
    }

    /// Adds a leg to the road until the next maneuver.
    fn go_along(&mut self, costs: &Costs<'_>, leg: &Leg) {
        self.time = self.time + leg.cost.time;
        self.length = self.length + leg.cost.length;
        let way = costs.graph.way(leg.edge);
        self.passes |= way.flags & (Way::BRIDGE | Way::TUNNEL);
        if let Some(exit) = self.exit.as_mut().filter(|_| way.is(Way::ROUNDABOUT)) {
            let out = turn::ways_on(costs, leg).into_iter().filter(|edge| !costs.graph.way(*edge).is(Way::ROUNDABOUT));
            *exit = exit.saturating_add(u8::try_from(out.count()).unwrap_or(u8::MAX));
        }
    }
}

/// Returns the side on which a goal lies of who comes to a place in a bearing; `None` when it is on the road.
fn side(at: LonLat, bearing: f64, goal: LonLat) -> Option<Side> {
    /// Nearer to the road's middle than this is on it.
    const ASIDE_M: f64 = 3.0;
    let [x, y] = Plane::at(at).metres(goal);
    let (sin, cos) = bearing.to_radians().sin_cos();
    let right_m = x * cos - y * sin;
    match right_m {
        r if r > ASIDE_M => Some(Side::Right),
        r if r < -ASIDE_M => Some(Side::Left),
        _ => None,
    }
}
