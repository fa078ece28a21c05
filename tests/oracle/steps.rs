//! What is told of a trip, beside the trip: on random towns, and on a real extract where there is one. It looks at streets and
//! the angles between them by formulas of its own, and knows no rule by heart but what a driver can demand: that nothing is told
//! where one can only go on, that nothing is missing where one can go wrong, and that left is left.

use super::dice::Dice;
use super::roads_town::{real_city, town};
use bihu::domain::{LonLat, Profile, ProfileSet};
use bihu::network::{
    Centimetres, Costs, Direction, EdgeId, Graph, Leg, Maneuver, ManeuverKind, Metric, NodeId, Overlay, Point,
    RoadClass, Search, Side, Snap, Source, SourceNode, SourceWay, Trip, Way, build, geometry, route, steps,
};
use bihu::spatial::geodesic::distance_m;
use std::collections::{BTreeSet, HashMap};

const TOWNS: u64 = 3000;

/// Names that streets share; some have none, and some names have no English one.
const NAMES: [(&str, &str); 5] =
    [("人民北路", "North Renmin Road"), ("新松江路", "Xinsongjiang Road"), ("中山路", ""), ("", ""), ("", "")];

/// A town as it is driven through: roads that have names in common and change them at bends, stairs, roundabouts, rings that
/// begin and end at one crossing; and some so small that two turns lie within a few metres.
fn dressed(dice: &mut Dice) -> Source {
    const SIZE: usize = 4;
    let mut source = town(dice, SIZE).source;
    let mut names: HashMap<String, usize> = HashMap::new();
    for way in &mut source.ways {
        let mut name = *names.entry(way.name.clone()).or_insert_with(|| dice.below(NAMES.len()));
        if dice.below(6) == 0 {
            name = dice.below(NAMES.len());
        }
        (way.name, way.name_en) = (NAMES[name].0.to_owned(), NAMES[name].1.to_owned());
        if way.way.class == RoadClass::Residential as u8 && dice.below(12) == 0 {
            way.way.class = [RoadClass::Steps, RoadClass::Service][dice.below(2)] as u8;
        }
    }
    for corner in 0..SIZE * (SIZE - 1) {
        if corner % SIZE + 1 < SIZE && dice.below(6) == 0 {
            let corner = corner as u32;
            roundabout(&mut source, [corner, corner + 1, corner + 1 + SIZE as u32, corner + SIZE as u32]);
        }
    }
    for _ in 0..3 {
        ring(dice, &mut source, (SIZE * SIZE) as u32);
    }
    if dice.below(2) == 0 {
        let shrunk = |e7: i32, origin: i32| origin + (e7 - origin) / 20;
        for SourceNode { at, .. } in &mut source.nodes {
            *at = Point { lon_e7: shrunk(at.lon_e7, 1_212_000_000), lat_e7: shrunk(at.lat_e7, 310_000_000) };
        }
    }
    source
}

/// Makes a block a roundabout, against the clock, where all of its sides are there.
fn roundabout(source: &mut Source, corners: [u32; 4]) {
    let sides = [0, 1, 2, 3].map(|i| [corners[i], corners[(i + 1) % 4]]);
    let joins = |way: &SourceWay, [a, b]: [u32; 2]| {
        let ends = [way.nodes[0], way.nodes[way.nodes.len() - 1]];
        ends == [a, b] || ends == [b, a]
    };
    let whole: Vec<Option<usize>> =
        sides.iter().map(|side| source.ways.iter().position(|way| joins(way, *side))).collect();
    if whole.contains(&None) {
        return;
    }
    for (place, [from, _]) in whole.into_iter().flatten().zip(sides) {
        let way = &mut source.ways[place];
        if way.way.class == RoadClass::Ferry as u8 {
            way.way.class = RoadClass::Residential as u8;
        }
        if way.nodes[0] != from {
            way.nodes.reverse();
        }
        way.way.forward_dkmh[2..4].fill(200);
        way.way.backward_dkmh[2..4].fill(0);
        way.way.flags = Way::ROUNDABOUT;
    }
}

/// Adds a street that ends where it began, at a crossing.
fn ring(dice: &mut Dice, source: &mut Source, crossings: u32) {
    let at = dice.below(crossings as usize) as u32;
    let Point { lon_e7, lat_e7 } = source.nodes[at as usize].at;
    let first = source.nodes.len() as u32;
    for (x, y) in [(6_000, 2_000), (9_000, 9_000), (1_000, 7_000)] {
        let at = Point { lon_e7: lon_e7 + x, lat_e7: lat_e7 + y };
        source.nodes.push(SourceNode { at, ..SourceNode::default() });
    }
    let mut way = SourceWay { id: 1_000_000 + i64::from(first), ..source.ways[0].clone() };
    way.nodes = vec![at, first, first + 1, first + 2, at];
    way.way = Way { forward_dkmh: [50, 36, 300, 200, 400], backward_dkmh: [50, 36, 300, 200, 400], ..Way::default() };
    way.way.class = RoadClass::Residential as u8;
    if dice.below(2) == 0 {
        way.way.backward_dkmh[2..4].fill(0);
    }
    (way.name, way.name_en) = (NAMES[dice.below(NAMES.len())].0.to_owned(), String::new());
    source.ways.push(way);
}

/// Azimuth on the sphere, degrees clockwise from north.
fn azimuth(from: LonLat, to: LonLat) -> f64 {
    let [(l1, p1), (l2, p2)] = [from, to].map(|at| (at.lon().to_radians(), at.lat().to_radians()));
    let east = (l2 - l1).sin() * p2.cos();
    let north = p1.cos() * p2.sin() - p1.sin() * p2.cos() * (l2 - l1).cos();
    east.atan2(north).to_degrees()
}

/// From the first of some points to the next that is 15 m off, or else to the farthest.
fn heading(points: &[LonLat]) -> f64 {
    let away: Vec<f64> = points.iter().map(|at| distance_m(points[0], *at)).collect();
    let far = away.iter().position(|m| *m >= 15.0);
    let far = far.unwrap_or_else(|| (0..away.len()).max_by(|a, b| away[*a].total_cmp(&away[*b])).unwrap_or(0));
    azimuth(points[0], points[far])
}

/// The roads that what is told is looked at beside.
struct Ground<'a> {
    graph: &'a Graph,
    profile: Profile,
    /// Edges that end at a node, and which way along each one leaves it.
    at: HashMap<NodeId, Vec<(EdgeId, Direction)>>,
    /// Whom a barrier stops, by place.
    barriers: HashMap<Point, ProfileSet>,
}

impl<'a> Ground<'a> {
    fn new(source: &Source, graph: &'a Graph, profile: Profile) -> Self {
        let mut at: HashMap<NodeId, Vec<(EdgeId, Direction)>> = HashMap::new();
        for edge in graph.edge_ids() {
            let [head, tail] = [Direction::Forward, Direction::Backward].map(|along| graph.end_node(edge, along));
            at.entry(tail).or_default().push((edge, Direction::Forward));
            at.entry(head).or_default().push((edge, Direction::Backward));
        }
        let barriers = source.nodes.iter().filter(|node| node.blocks.0 != 0).map(|node| (node.at, node.blocks));
        Self { graph, profile, at, barriers: barriers.collect() }
    }

    fn direction(leg: &Leg) -> Direction {
        if leg.from < leg.to { Direction::Forward } else { Direction::Backward }
    }

    fn line(&self, (edge, along): (EdgeId, Direction)) -> Vec<LonLat> {
        let mut line: Vec<LonLat> = self.graph.points(edge).iter().map(|point| point.position()).collect();
        if along == Direction::Backward {
            line.reverse();
        }
        line
    }

    /// Degrees to the right that are turned from one edge to another.
    fn angle(&self, before: &Leg, leg: &Leg) -> f64 {
        let mut came = self.line((before.edge, Self::direction(before)));
        came.reverse();
        let (back, on) = (heading(&came), heading(&self.line((leg.edge, Self::direction(leg)))));
        let right = (on - back - 180.0).rem_euclid(360.0);
        if right > 180.0 { right - 360.0 } else { right }
    }

    fn node(&self, leg: &Leg) -> NodeId {
        self.graph.end_node(leg.edge, Self::direction(leg))
    }

    /// Edges that one could go on along where a leg ends, without turning back.
    fn open(&self, leg: &Leg) -> BTreeSet<EdgeId> {
        let enters = |(edge, along): &(EdgeId, Direction)| {
            let line = self.graph.points(*edge);
            let far = if *along == Direction::Forward { line[line.len() - 1] } else { line[0] };
            let barred = self.barriers.get(&far).is_some_and(|blocks| blocks.has(self.profile));
            *edge != leg.edge && self.graph.way(*edge).speed_dkmh(self.profile, *along).is_some() && !barred
        };
        self.at[&self.node(leg)].iter().filter(|way| enters(way)).map(|(edge, _)| *edge).collect()
    }

    /// Whether a third road of this profile, in whichever direction, meets the two.
    fn third(&self, before: &Leg, leg: &Leg) -> bool {
        let other = |edge: EdgeId| edge != before.edge && edge != leg.edge;
        self.at[&self.node(before)]
            .iter()
            .any(|(edge, _)| other(*edge) && self.graph.way(*edge).goers().has(self.profile))
    }

    fn class(&self, leg: &Leg) -> RoadClass {
        self.graph.way(leg.edge).road_class()
    }

    fn rounds(&self, leg: &Leg) -> bool {
        self.graph.way(leg.edge).is(Way::ROUNDABOUT)
    }
}

/// Angles that a kind may stand for, degrees to the right; `None` when it is no turn.
fn angles(kind: ManeuverKind) -> Option<[f64; 2]> {
    use ManeuverKind::*;
    Some(match kind {
        SlightLeft => [-55.0, -30.0],
        Left => [-125.0, -55.0],
        SharpLeft => [-165.0, -125.0],
        SlightRight => [30.0, 55.0],
        Right => [55.0, 125.0],
        SharpRight => [125.0, 165.0],
        _ => return None,
    })
}

/// How much the two ways to an angle may differ, degrees.
const TOLERANCE_DEG: f64 = 0.5;

fn is_of(kind: ManeuverKind, angle: f64) -> bool {
    match angles(kind) {
        Some([low, high]) => (low - TOLERANCE_DEG..=high + TOLERANCE_DEG).contains(&angle),
        None => kind == ManeuverKind::UTurn && angle.abs() >= 165.0 - TOLERANCE_DEG,
    }
}

fn is_turn(kind: ManeuverKind) -> bool {
    angles(kind).is_some() || kind == ManeuverKind::UTurn
}

/// Where in a trip each leg ends, centimetres.
fn joints(trip: &Trip) -> Vec<u32> {
    trip.legs
        .iter()
        .scan(0, |sum, leg| {
            *sum += leg.cost.length.0;
            Some(*sum)
        })
        .collect()
}

/// What holds of a whole trip: sums, order, places.
fn whole(ground: &Ground<'_>, trip: &Trip, told: &[Maneuver]) {
    assert_eq!(told.iter().map(|m| m.length.0).sum::<u32>(), trip.cost.length.0, "centimetres add up");
    assert_eq!(told.iter().map(|m| m.time.0).sum::<u32>(), trip.cost.time.0, "milliseconds add up");
    let [first, between @ .., last] = told else { panic!("a trip is set out on and comes to an end") };
    assert_eq!((first.kind, last.kind), (ManeuverKind::Depart, ManeuverKind::Arrive));
    assert!(between.iter().all(|m| !matches!(m.kind, ManeuverKind::Depart | ManeuverKind::Arrive)));
    let line = geometry(ground.graph, trip);
    assert_eq!((first.at, last.at, last.length.0), (0, line.len() - 1, 0));
    for pair in told.windows(2) {
        let part = &line[pair[0].at..=pair[1].at];
        let metres: f64 = part.windows(2).map(|p| distance_m(p[0].position(), p[1].position())).sum();
        let off = (metres - pair[0].length.as_metres()).abs();
        assert!(off < 0.1 + 0.02 * part.len() as f64, "{} m are drawn as {metres}: {:?}", pair[0].length.0, pair[0]);
    }
}

/// Every maneuver has a reason.
fn reasons(ground: &Ground<'_>, trip: &Trip, told: &[Maneuver]) {
    use ManeuverKind::{Continue, Ferry, Roundabout, Steps, UTurn};
    let ends = joints(trip);
    let mut come = told[0].length.0;
    for (i, m) in told.iter().enumerate().skip(1).take(told.len() - 2) {
        let j = ends.iter().position(|end| *end == come).expect("something is told where two edges meet");
        let (before, leg) = (&trip.legs[j], &trip.legs[j + 1]);
        let (angle, fork) = (ground.angle(before, leg), ground.open(before).len() > 1);
        let back = before.edge == leg.edge && before.to == leg.from;
        match m.kind {
            Roundabout => assert!(ground.rounds(leg) && !ground.rounds(before)),
            Ferry => assert!(ground.class(leg) == RoadClass::Ferry && ground.class(before) != RoadClass::Ferry),
            Steps => assert!(ground.class(leg) == RoadClass::Steps && ground.class(before) != RoadClass::Steps),
            Continue => {
                let bends = !fork && (angle.abs() < 55.0 + TOLERANCE_DEG || !ground.third(before, leg));
                assert!(angle.abs() < 30.0 + TOLERANCE_DEG || bends, "{angle}° are no going on");
                let before_name = told[i - 1].name.as_str();
                assert!(m.name.is_empty() || m.name != before_name, "straight on along one road is not told");
                let [was, is] = [before, leg].map(|leg| (ground.graph.name(leg.edge), ground.class(leg)));
                assert_ne!(was, is, "nothing changes");
            }
            _ => {
                let sharp = angle.abs() >= 55.0 - TOLERANCE_DEG;
                assert!(back || fork || sharp && ground.third(before, leg), "one can but follow the bend: {m:?}");
                assert!(!back || m.kind == UTurn, "back is back: {m:?}");
                let sums = sums(ground, (trip, &ends), (j, m));
                assert!(sums.iter().any(|sum| is_of(m.kind, *sum)), "{m:?} of {sums:?}");
            }
        }
        come += m.length.0;
    }
}

/// What one may have turned by when a turn has been told that begins at a joint: by itself, or with those that follow at once.
fn sums(ground: &Ground<'_>, (trip, ends): (&Trip, &[u32]), (first, told): (usize, &Maneuver)) -> Vec<f64> {
    let angle = |j: usize| ground.angle(&trip.legs[j], &trip.legs[j + 1]);
    let mut sums = vec![angle(first)];
    for j in first + 1..trip.legs.len() - 1 {
        if ends[j] - ends[first] > 3_000 || ends[j] - ends[first] >= told.length.0 {
            break;
        }
        let more: Vec<f64> = sums.iter().filter(|sum| *sum * angle(j) > 0.0).map(|sum| sum + angle(j)).collect();
        sums.extend(more.into_iter().filter(|sum| sum.abs() <= 200.0));
    }
    sums
}

/// Nothing is missing: wherever a trip could be lost, something is told.
fn silences(ground: &Ground<'_>, trip: &Trip, told: &[Maneuver]) {
    let ends = joints(trip);
    let begins: Vec<u32> =
        told.iter().scan(0, |sum, m| Some(std::mem::replace(sum, *sum + m.length.0))).take(told.len() - 1).collect();
    for (j, pair) in trip.legs.windows(2).enumerate() {
        let (before, leg) = (&pair[0], &pair[1]);
        let last = begins.partition_point(|begin| *begin <= ends[j]) - 1;
        if begins[last] == ends[j] {
            continue;
        }
        let m = &told[last];
        let (angle, fork) = (ground.angle(before, leg), ground.open(before).len() > 1);
        assert!(ground.rounds(before) || !ground.rounds(leg), "into a roundabout");
        if ground.rounds(before) || ground.rounds(leg) {
            continue;
        }
        // What follows a turn at once may be part of it.
        if is_turn(m.kind) && ends[j] - begins[last] <= 3_000 {
            continue;
        }
        assert!(before.edge != leg.edge || before.to != leg.from, "going back");
        for class in [RoadClass::Ferry, RoadClass::Steps] {
            assert!(ground.class(leg) != class || ground.class(before) == class, "onto {class}");
        }
        let [was, is] = [before, leg].map(|leg| ground.graph.name(leg.edge));
        assert!(is.is_empty() || is == m.name || is == was, "onto {is} without a word, from {was}");
        let other = if is.is_empty() { was != is || ground.class(before) != ground.class(leg) } else { false };
        let clear = if is.is_empty() { 30.0 } else { 55.0 };
        assert!(!fork || !other, "onto a road without a name, at a fork");
        assert!(!fork || angle.abs() < clear + TOLERANCE_DEG, "{angle}° at a fork");
    }
}

/// A roundabout's exit is the one that is taken, counted as they are passed.
fn exits(ground: &Ground<'_>, trip: &Trip, told: &[Maneuver]) {
    let ends = joints(trip);
    let mut come = 0;
    for m in told {
        if m.kind == ManeuverKind::Roundabout {
            let first = 1 + ends.iter().position(|end| *end == come).expect("where it is entered");
            let round: Vec<&Leg> = trip.legs[first..].iter().take_while(|leg| ground.rounds(leg)).collect();
            let out = |leg: &&Leg| {
                let open = ground.open(leg);
                open.into_iter().filter(|edge| !ground.graph.way(*edge).is(Way::ROUNDABOUT)).count()
            };
            // Who turns back on it does not leave by an exit that could be told.
            let back = round.windows(2).any(|pair| pair[0].edge == pair[1].edge && pair[0].to == pair[1].from);
            let after = trip.legs.get(first + round.len()).filter(|_| !back);
            let passed = after.map(|_| round.iter().map(out).sum::<usize>() as u8);
            assert_eq!(m.exit, passed, "{m:?}");
            let onto = after.map_or("", |leg| ground.graph.name(leg.edge));
            assert!(after.is_none() || m.name == onto, "{m:?} leads onto {onto}");
        }
        come += m.length.0;
    }
}

/// A trip between two places anywhere.
fn checked(dice: &mut Dice, ground: &Ground<'_>) -> Option<Vec<Maneuver>> {
    let (graph, overlay) = (ground.graph, Overlay::default());
    let costs = Costs { graph, overlay: &overlay, profile: ground.profile, metric: Metric::Time };
    // Now and then within one street.
    let street = (dice.below(6) == 0).then(|| dice.below(graph.edge_count()));
    let mut snap = || {
        let edge = EdgeId(street.unwrap_or_else(|| dice.below(graph.edge_count())) as u32);
        let length = graph.length(edge).0;
        let offset = Centimetres([0, length, dice.below(length as usize + 1) as u32][dice.below(4).min(2)]);
        Snap { edge, offset, position: graph.points(edge)[0].position(), aside_m: 0.0 }
    };
    let trip = route(&mut Search::default(), &costs, (&snap(), &snap()), u32::MAX - 1)?;
    let last = trip.legs.last()?;
    // Someone lives ten metres to the right of where it ends, or to the left.
    let line: Vec<LonLat> = geometry(graph, &trip).iter().rev().map(|point| point.position()).collect();
    let last_m: f64 = line.windows(2).map(|p| distance_m(p[0], p[1])).take(1).sum();
    let right = dice.below(2) == 0;
    let aside = (azimuth(line[0], *line.get(1)?) + if right { 270.0 } else { 90.0 }).to_radians();
    let goal = LonLat::clamped(
        line[0].lon() + 1e-4 * aside.sin() / line[0].lat().to_radians().cos(),
        line[0].lat() + 1e-4 * aside.cos(),
    );
    let told = steps(&costs, &trip, Some(goal));
    whole(ground, &trip, &told);
    reasons(ground, &trip, &told);
    silences(ground, &trip, &told);
    exits(ground, &trip, &told);
    if last_m >= 15.0 && last.cost.length.as_metres() >= 15.0 {
        assert_eq!(told[told.len() - 1].side, Some(if right { Side::Right } else { Side::Left }));
    }
    for m in &told[..told.len() - 1] {
        assert!(m.zh().contains(&m.name) && m.en().contains(&m.name) && m.en().contains(&m.name_en), "{m:?}");
    }
    Some(told)
}

#[test]
fn what_is_told_of_a_trip_is_what_a_driver_meets_and_all_of_it() {
    use rayon::prelude::*;
    const SEED: u64 = 0x57E9;
    let _ = Dice::new(SEED);
    let met: Vec<Vec<ManeuverKind>> = (0..TOWNS)
        .into_par_iter()
        .map(|number| {
            let mut dice = Dice::quiet(SEED ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let source = dressed(&mut dice);
            let graph = build(&source).graph;
            let profile = Profile::ALL[dice.below(Profile::ALL.len())];
            let ground = Ground::new(&source, &graph, profile);
            let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                (0..12).filter_map(|_| checked(&mut dice, &ground)).flatten().map(|m| m.kind).collect()
            }));
            checked.unwrap_or_else(|fault| {
                eprintln!("town {number} of seed {SEED:#x}, {profile}");
                std::panic::resume_unwind(fault);
            })
        })
        .collect();
    for kind in ManeuverKind::ALL {
        let count = met.iter().flatten().filter(|met| *met == kind).count();
        assert!(count > 50, "{kind} was looked at {count} times only");
    }
}

#[test]
fn what_is_told_of_trips_through_a_real_city_holds_as_well() {
    // A town of our own, and a real extract where there is one.
    let mut dice = Dice::new(0x57EA);
    for source in [Some(dressed(&mut dice)), real_city()].into_iter().flatten() {
        let graph = build(&source).graph;
        for profile in [Profile::Car, Profile::Foot, Profile::Emergency] {
            let ground = Ground::new(&source, &graph, profile);
            let told = (0..150).filter_map(|_| checked(&mut dice, &ground)).count();
            assert!(told > 30, "{told} trips by {profile}");
        }
    }
}
