//! A trip as what a driver is told: where to set out, where to turn, onto what, and where to arrive.
//!
//! Invariants: the lengths and times of the maneuvers are those of the trip added up; a maneuver is told where the road taken
//! is not the plain way on: its name changes, one turns at a crossing, a roundabout, a ferry or steps begin. Bearings are taken
//! over the first and last metres of an edge, so that a kerb drawn crooked is no turn, and never beyond its end, for there the
//! next turn may be. Two turns the same way with but a few metres between, as over the middle of a dual carriageway, are one.

use super::cost::{Centimetres, Millis};
use super::graph::{Direction, EdgeId, Graph, RoadClass, Way};
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
        Continue = "continue", "直行", "Continue";
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
    /// Which way out of a roundabout, from 1.
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

/// Returns the maneuvers of a trip; none when it goes nowhere. `goal` is what was asked for, beside the road.
pub fn steps(costs: &Costs<'_>, trip: &Trip, goal: Option<LonLat>) -> Vec<Maneuver> {
    let graph = costs.graph;
    let (line, starts) = lines(graph, trip);
    let mut out: Vec<Maneuver> = Vec::new();
    // Degrees to the right of the turn told last.
    let mut turned_before = 0.0;
    for (i, leg) in trip.legs.iter().enumerate() {
        let (start, end) = (starts[i], starts.get(i + 1).copied().unwrap_or(line.len() - 1));
        let onto = bearing(&line[start..=end]).unwrap_or(0.0);
        let before = i.checked_sub(1).map(|before| (&trip.legs[before], &line[starts[before]..=start]));
        let turn = before.and_then(|(_, points)| bearing_back(points)).map_or(0.0, |from| turned(from, onto));
        let before = before.map(|(leg, _)| leg);
        let kind = match before {
            None => Some(ManeuverKind::Depart),
            Some(before) => told(costs, (before, leg), turn),
        };
        let both = turned_before + turn;
        if let (Some(kind), Some(last)) = (kind, out.last_mut())
            && kind.is_turn()
            && last.kind.is_turn()
            && last.length <= LINK_MAX
            && turned_before * turn > 0.0
            && both.abs() <= BOTH_MAX_DEG
        {
            let mut merged = Maneuver::onto(graph, leg, kind_of(both));
            (merged.at, merged.bearing, merged.passes) = (last.at, onto, last.passes);
            (merged.length, merged.time) = (last.length, last.time);
            merged.go_along(costs, leg);
            (*last, turned_before) = (merged, both);
            continue;
        }
        if kind.is_some() {
            turned_before = turn;
        }
        match (kind, out.last_mut()) {
            (None, Some(last)) => {
                let leaves = before.is_some_and(|before| graph.way(before.edge).is(Way::ROUNDABOUT));
                if leaves && !graph.way(leg.edge).is(Way::ROUNDABOUT) {
                    graph.name(leg.edge).clone_into(&mut last.name);
                    last.class = Some(graph.way(leg.edge).road_class());
                }
                last.go_along(costs, leg);
            }
            (kind, _) => {
                let mut maneuver = Maneuver::onto(graph, leg, kind.unwrap_or(ManeuverKind::Depart));
                (maneuver.at, maneuver.bearing) = (start, onto);
                maneuver.go_along(costs, leg);
                out.push(maneuver);
            }
        }
    }
    if let Some(last) = trip.legs.last() {
        let onto = starts.last().and_then(|start| bearing_back(&line[*start..])).or_else(|| bearing_back(&line));
        let onto = onto.unwrap_or(0.0);
        let mut arrival = Maneuver::onto(graph, last, ManeuverKind::Arrive);
        (arrival.at, arrival.bearing, arrival.class) = (line.len().saturating_sub(1), onto, None);
        arrival.side = goal.zip(line.last()).and_then(|(goal, at)| side(at.position(), onto, goal));
        out.push(arrival);
    }
    out
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
            let out = ways_on(costs, leg).into_iter().filter(|edge| !costs.graph.way(*edge).is(Way::ROUNDABOUT));
            *exit = exit.saturating_add(u8::try_from(out.count()).unwrap_or(u8::MAX));
        }
    }
}

/// Returns what is told between two legs; `None` where the way just goes on.
fn told(costs: &Costs<'_>, (before, leg): (&Leg, &Leg), turn: f64) -> Option<ManeuverKind> {
    use ManeuverKind::{Continue, Ferry, Roundabout, SlightLeft, SlightRight, Steps, UTurn};
    let graph = costs.graph;
    let [was, is] = [before, leg].map(|leg| graph.way(leg.edge));
    let [old, new] = [before, leg].map(|leg| graph.name(leg.edge));
    let begins = |class: RoadClass| is.road_class() == class && was.road_class() != class;
    if before.edge == leg.edge {
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
    let same = old == new && (!new.is_empty() || was.road_class() == is.road_class());
    let fork = ways_on(costs, before).len() > 1;
    match kind_of(turn) {
        Continue if same => None,
        SlightLeft | SlightRight if same && (!new.is_empty() || !fork) => None,
        Continue if new.is_empty() && !fork => None,
        kind if same && !fork => (kind == UTurn).then_some(UTurn),
        kind => Some(kind),
    }
}

/// Returns what a turn is called, degrees to the right.
fn kind_of(turn: f64) -> ManeuverKind {
    use ManeuverKind::*;
    let (slight, plain, sharp) =
        if turn < 0.0 { (SlightLeft, Left, SharpLeft) } else { (SlightRight, Right, SharpRight) };
    match turn.abs() {
        t if t < 25.0 => Continue,
        t if t < 55.0 => slight,
        t if t < 125.0 => plain,
        t if t < 165.0 => sharp,
        _ => UTurn,
    }
}

/// Returns the edges on which one could go on where a leg ends, turning back left out.
fn ways_on(costs: &Costs<'_>, leg: &Leg) -> Vec<EdgeId> {
    let direction = if leg.to >= leg.from { Direction::Forward } else { Direction::Backward };
    let arcs = costs.graph.arcs_from(costs.graph.end_node(leg.edge, direction));
    let open = arcs.filter(|arc| !costs.graph.banned(*arc).has(costs.profile));
    let mut edges: Vec<EdgeId> = open.map(|arc| costs.graph.edge_of(arc).0).filter(|edge| *edge != leg.edge).collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Longest road between two turns that are one.
const LINK_MAX: Centimetres = Centimetres(3_000);

/// Most degrees of two turns that are one: beyond it the way makes a loop.
const BOTH_MAX_DEG: f64 = 200.0;

/// Metres over which a bearing is taken.
const BEARING_OVER_M: f64 = 15.0;

/// Returns the bearing in which a line sets out.
fn bearing(line: &[Point]) -> Option<f64> {
    let (first, rest) = line.split_first()?;
    along(first.position(), rest.iter())
}

/// Returns the bearing in which a line comes to its end.
fn bearing_back(line: &[Point]) -> Option<f64> {
    let (last, rest) = line.split_last()?;
    along(last.position(), rest.iter().rev()).map(|back| (back + 180.0) % 360.0)
}

/// Returns the bearing from a place to the first point far enough away, or else to the last.
fn along<'a>(from: LonLat, points: impl Iterator<Item = &'a Point>) -> Option<f64> {
    let plane = Plane::at(from);
    let mut best = None;
    for point in points {
        let [x, y] = plane.metres(point.position());
        let away_m = x.hypot(y);
        if away_m > 0.0 {
            best = Some(x.atan2(y).to_degrees().rem_euclid(360.0));
        }
        if away_m >= BEARING_OVER_M {
            break;
        }
    }
    best
}

/// Returns the turn from one bearing to another, degrees to the right, −180 to 180.
fn turned(from: f64, onto: f64) -> f64 {
    (onto - from + 540.0).rem_euclid(360.0) - 180.0
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

impl Maneuver {
    /// Returns the instruction in Chinese: 左转进入 新松江路，行 350 米.
    pub fn zh(&self) -> String {
        use ManeuverKind::*;
        let road = self.road(RoadClass::zh);
        let what = match self.kind {
            Arrive => {
                return format!("到达目的地{}", self.side.map_or(String::new(), |s| format!("，在道路{}", s.zh())));
            }
            Depart => format!("沿{road}出发"),
            Continue => format!("继续直行进入{road}"),
            Ferry | Steps => format!("{}{}", self.kind.zh(), self.named()),
            Roundabout => format!("进入环岛，第 {} 出口驶入{road}", self.exit.unwrap_or(1).max(1)),
            UTurn => format!("掉头，沿{road}"),
            turn => format!("{}进入{road}", turn.zh()),
        };
        let over = match (self.passes & Way::BRIDGE != 0, self.passes & Way::TUNNEL != 0) {
            (true, true) => "（经桥梁、隧道）",
            (true, false) => "（经桥梁）",
            (false, true) => "（经隧道）",
            (false, false) => "",
        };
        format!("{what}{over}，行 {}", metres_zh(self.length))
    }

    /// Returns the instruction in English: Turn left onto 新松江路, 350 m.
    pub fn en(&self) -> String {
        use ManeuverKind::*;
        let road = self.road(RoadClass::en);
        let what = match self.kind {
            Arrive => {
                return self.side.map_or("Arrive".to_owned(), |s| format!("Arrive, on the {}", s.en()));
            }
            Depart => format!("Set out along{road}"),
            Ferry | Steps => format!("{}{}", self.kind.en(), self.named()),
            Roundabout => format!("Enter the roundabout, exit {} onto{road}", self.exit.unwrap_or(1).max(1)),
            turn => format!("{} onto{road}", turn.en()),
        };
        let over = match (self.passes & Way::BRIDGE != 0, self.passes & Way::TUNNEL != 0) {
            (true, true) => " (by bridge and tunnel)",
            (true, false) => " (over a bridge)",
            (false, true) => " (through a tunnel)",
            (false, false) => "",
        };
        format!("{what}{over}, {}", metres_en(self.length))
    }

    /// Returns the name of the road, or else its class, after a space.
    fn road(&self, class: impl Fn(RoadClass) -> &'static str) -> String {
        if self.name.is_empty() { self.class.map_or(String::new(), |c| format!(" {}", class(c))) } else { self.named() }
    }

    fn named(&self) -> String {
        if self.name.is_empty() { String::new() } else { format!(" {}", self.name) }
    }
}

fn metres_zh(length: Centimetres) -> String {
    shown(length, ["米", "公里"])
}

fn metres_en(length: Centimetres) -> String {
    shown(length, ["m", "km"])
}

/// Returns a length as it is told on the road: to a metre, to ten from 100 m on, to 0.1 km from 1 km on.
fn shown(length: Centimetres, [metre, kilometre]: [&str; 2]) -> String {
    let m = length.as_metres().round() as u32;
    match m {
        0..100 => format!("{m} {metre}"),
        100..995 => format!("{} {metre}", (m + 5) / 10 * 10),
        _ => format!("{:.1} {kilometre}", f64::from(m) / 1000.0),
    }
}
