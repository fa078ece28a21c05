//! Roads beside their slow twin: a search over the map file's own ways that knows nothing of pieces, copies and overlays. It
//! remembers the way it came by and looks every turn restriction up by name.

use super::dice::Dice;
use bihu::domain::{LonLat, Profile, ProfileSet};
use bihu::network::{
    Centimetres, Cost, Costs, Direction, EdgeId, Field, Graph, Metric, NetworkFile, Overlay, Point, Search, Sections,
    Snap, Source, SourceNode, SourceRestriction, SourceWay, Span, Stops, Via, Way, build, matrix, nearest, route,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

const SIZE: usize = 8;
const PROFILES: [Profile; 4] = [Profile::Foot, Profile::Car, Profile::Truck, Profile::Emergency];

/// A town of streets: a grid with gaps, one-ways, barriers, signals and turn restrictions, each street with a name of its own.
fn town(dice: &mut Dice) -> Source {
    let mut source = Source::default();
    for i in 0..SIZE * SIZE {
        let (x, y) = ((i % SIZE) as f64, (i / SIZE) as f64);
        let at = LonLat::clamped(121.2 + x * 0.003 + dice.unit() * 0.001, 31.0 + y * 0.003 + dice.unit() * 0.001);
        let blocks = if dice.below(25) == 0 { ProfileSet::MOTOR } else { ProfileSet::NONE };
        source.nodes.push(SourceNode { at: Point::of(at), blocks, delay_ds: 0 });
    }
    for i in 0..SIZE * SIZE {
        let right = (i % SIZE + 1 < SIZE).then_some(i + 1);
        let up = (i / SIZE + 1 < SIZE).then_some(i + SIZE);
        for to in [right, up].into_iter().flatten().filter(|_| dice.below(8) > 0).collect::<Vec<_>>() {
            let speed = |dice: &mut Dice, base: u16| base + dice.below(usize::from(base)) as u16;
            let mut way = Way { forward_dkmh: [50, 36, 0, 0, 0], backward_dkmh: [50, 36, 0, 0, 0], ..Way::default() };
            for (place, base) in [(2, 300), (3, 200), (4, 400)] {
                let driven = speed(dice, base);
                way.forward_dkmh[place] = driven;
                way.backward_dkmh[place] = driven;
            }
            match dice.below(6) {
                0 => way.backward_dkmh[2..4].fill(0),
                1 => way.forward_dkmh[2..4].fill(0),
                _ => {}
            }
            let id = source.ways.len() as i64 + 1;
            let nodes = vec![i as u32, to as u32];
            source.ways.push(SourceWay { id, nodes, way, name: format!("w{id}"), number: String::new() });
        }
    }
    for _ in 0..12 {
        let node = dice.below(SIZE * SIZE) as u32;
        let meeting: Vec<i64> = source.ways.iter().filter(|w| w.nodes.contains(&node)).map(|w| w.id).collect();
        if meeting.len() < 3 {
            continue;
        }
        let (from, to) = (meeting[dice.below(meeting.len())], meeting[dice.below(meeting.len())]);
        let binds =
            ProfileSet::NONE.with(Profile::Car).with(if dice.below(2) == 0 { Profile::Truck } else { Profile::Car });
        source.restrictions.push(SourceRestriction {
            from,
            via: Via::Node(node),
            to,
            only: dice.below(3) == 0 && from != to,
            binds,
        });
    }
    source
}

/// Where something is: on a way, by its place among the ways, half of the way along it.
type Middle = usize;

/// The slow twin.
struct Twin<'a> {
    source: &'a Source,
    /// Length of each way's edge, and what driving all of it takes, by direction; empty where it is no part of the graph.
    edges: Vec<Option<EdgeId>>,
    graph: &'a Graph,
    closed: BTreeSet<usize>,
    profile: Profile,
}

impl Twin<'_> {
    fn whole(&self, way: usize, direction: Direction) -> Option<Cost> {
        if self.closed.contains(&way) { None } else { self.graph.cost_along(self.edges[way]?, direction, self.profile) }
    }

    fn half(&self, way: usize, direction: Direction) -> Option<Cost> {
        let edge = self.edges[way]?;
        let length = self.graph.length(edge);
        let middle = Centimetres(length.0 / 2);
        let span = if direction == Direction::Forward { (Centimetres(0), middle) } else { (length, middle) };
        if self.closed.contains(&way) { None } else { self.graph.cost_of_part(edge, span, self.profile) }
    }

    fn rest(&self, way: usize, direction: Direction) -> Option<Cost> {
        let edge = self.edges[way]?;
        let length = self.graph.length(edge);
        let middle = Centimetres(length.0 / 2);
        let span = if direction == Direction::Forward { (middle, length) } else { (middle, Centimetres(0)) };
        if self.closed.contains(&way) { None } else { self.graph.cost_of_part(edge, span, self.profile) }
    }

    fn end(&self, way: usize, direction: Direction) -> u32 {
        self.source.ways[way].nodes[if direction == Direction::Forward { 1 } else { 0 }]
    }

    fn may_turn(&self, from: usize, at: u32, to: usize) -> bool {
        let (from, to) = (self.source.ways[from].id, self.source.ways[to].id);
        let mine = |r: &&SourceRestriction| r.binds.has(self.profile) && r.via == Via::Node(at) && r.from == from;
        self.source.restrictions.iter().filter(mine).all(|r| {
            let reaches = self.source.ways[(r.to - 1) as usize].nodes.contains(&at);
            !reaches || if r.only { to == r.to || to == from } else { to != r.to }
        })
    }

    /// The least cost from the middle of one way to the middle of every other.
    fn from(&self, start: Middle) -> BTreeMap<usize, u32> {
        let both = [Direction::Forward, Direction::Backward];
        let mut best: BTreeMap<usize, u32> = BTreeMap::new();
        let mut done: HashMap<(usize, bool), u32> = HashMap::new();
        let mut heap = BinaryHeap::new();
        if !self.closed.contains(&start) && self.edges[start].is_some() {
            best.insert(start, 0);
        }
        let passes = |node: u32| !self.source.nodes[node as usize].blocks.has(self.profile);
        for direction in both {
            if let Some(cost) = self.rest(start, direction).filter(|_| passes(self.end(start, direction))) {
                heap.push(Reverse((cost.time.0, start, direction == Direction::Forward)));
            }
        }
        while let Some(Reverse((cost, way, forward))) = heap.pop() {
            if done.contains_key(&(way, forward)) {
                continue;
            }
            done.insert((way, forward), cost);
            let node = self.end(way, if forward { Direction::Forward } else { Direction::Backward });
            for (next, street) in self.source.ways.iter().enumerate().filter(|(_, w)| w.nodes.contains(&node)) {
                if self.edges[next].is_none() || !self.may_turn(way, node, next) {
                    continue;
                }
                let direction = if street.nodes[0] == node { Direction::Forward } else { Direction::Backward };
                if let Some(half) = self.half(next, direction) {
                    let total = cost + half.time.0;
                    let known = best.entry(next).or_insert(u32::MAX);
                    *known = (*known).min(total);
                }
                if let Some(whole) = self.whole(next, direction).filter(|_| passes(self.end(next, direction))) {
                    heap.push(Reverse((cost + whole.time.0, next, direction == Direction::Forward)));
                }
            }
        }
        best
    }
}

fn middle_of(graph: &Graph, edge: EdgeId) -> Snap {
    let offset = Centimetres(graph.length(edge).0 / 2);
    Snap { edge, offset, position: graph.points(edge)[0].position(), aside_m: 0.0 }
}

fn by_name(graph: &Graph) -> HashMap<String, EdgeId> {
    graph.edge_ids().map(|edge| (graph.name(edge).to_owned(), edge)).collect()
}

#[test]
fn routes_nearest_matrices_and_fields_are_those_of_the_slow_twin() {
    let mut dice = Dice::new(0x40AD);
    let mut search = Search::default();
    let mut compared = 0;
    for round in 0..120 {
        let source = town(&mut dice);
        let built = build(&source);
        let graph = &built.graph;
        let names = by_name(graph);
        let edges: Vec<Option<EdgeId>> = source.ways.iter().map(|w| names.get(&w.name).copied()).collect();
        let closed: BTreeSet<usize> = (0..dice.below(6)).map(|_| dice.below(source.ways.len())).collect();
        let overlay = Overlay::new(
            graph,
            closed
                .iter()
                .filter_map(|w| edges[*w])
                .map(|edge| (edge, Span::between(Centimetres(0), graph.length(edge)), ProfileSet::ALL)),
        );
        let profile = PROFILES[dice.below(PROFILES.len())];
        let costs = Costs { graph, overlay: &overlay, profile, metric: Metric::Time };
        let twin = Twin { source: &source, edges: edges.clone(), graph, closed: closed.clone(), profile };
        let ways: Vec<usize> = (0..source.ways.len()).filter(|w| edges[*w].is_some()).collect();
        let snaps: Vec<Snap> = ways.iter().filter_map(|w| edges[*w]).map(|edge| middle_of(graph, edge)).collect();
        let stops = Stops::new(snaps.iter().copied().map(Some).collect());
        let field = Field::new(&costs, &stops, 3);
        for _ in 0..4 {
            let start = dice.below(ways.len());
            let want = twin.from(ways[start]);
            let want = |stop: usize| want.get(&ways[stop]).copied().filter(|cost| *cost < u32::MAX);
            let mut found: BTreeMap<usize, u32> = BTreeMap::new();
            let mut last = 0;
            nearest(&mut search, &costs, (&snaps[start], &stops), (u32::MAX - 1, usize::MAX), |f| {
                assert!(f.cost.time.0 >= last, "round {round}: stops come in order");
                last = f.cost.time.0;
                found.insert(f.stop as usize, f.cost.time.0);
                ControlFlow::Continue(())
            });
            let row = &matrix(&mut search, &costs, (&[Some(snaps[start])], &stops), u32::MAX - 1)[0];
            for stop in 0..snaps.len() {
                let trip = route(&mut search, &costs, (&snaps[start], &snaps[stop]), u32::MAX - 1);
                assert_eq!(
                    trip.as_ref().map(|t| t.cost.time.0),
                    want(stop),
                    "round {round}: {profile} {start} to {stop}"
                );
                assert_eq!(
                    found.get(&stop).copied(),
                    want(stop),
                    "round {round}: nearest, {profile} {start} to {stop}"
                );
                assert_eq!(row[stop].map(|c| c.time.0), want(stop), "round {round}: matrix");
                if let Some(trip) = trip {
                    let sum: u64 = trip.legs.iter().map(|leg| u64::from(leg.cost.time.0)).sum();
                    assert_eq!(sum, u64::from(trip.cost.time.0), "round {round}: the legs add up");
                }
                compared += 1;
            }
            let mut order: Vec<u32> = (0..snaps.len()).filter_map(want).collect();
            order.sort_unstable();
            order.truncate(3);
            let of: Vec<u32> = field.of(&costs, &snaps[start], &stops).iter().map(|f| f.cost.time.0).collect();
            assert_eq!(of, order, "round {round}: field, {profile} from {start}");
        }
    }
    assert!(compared > 20_000, "only {compared}");
}

#[test]
fn a_closure_that_is_lifted_leaves_every_answer_as_it_was() {
    let mut dice = Dice::new(0xC105);
    let mut search = Search::default();
    for _ in 0..40 {
        let source = town(&mut dice);
        let graph = build(&source).graph;
        let edges: Vec<EdgeId> = graph.edge_ids().collect();
        let (from, to) = (edges[dice.below(edges.len())], edges[dice.below(edges.len())]);
        let ask = |overlay: &Overlay, search: &mut Search| {
            let costs = Costs { graph: &graph, overlay, profile: Profile::Car, metric: Metric::Time };
            route(search, &costs, (&middle_of(&graph, from), &middle_of(&graph, to)), u32::MAX - 1)
        };
        let before = ask(&Overlay::default(), &mut search);
        let whole = |edge: EdgeId| (edge, Span::between(Centimetres(0), graph.length(edge)), ProfileSet::ALL);
        if let Some(leg) = before.as_ref().and_then(|trip| trip.legs.get(trip.legs.len() / 2)) {
            let during = ask(&Overlay::new(&graph, [whole(leg.edge)]), &mut search);
            assert!(during.is_none_or(|trip| trip.legs.iter().all(|l| l.edge != leg.edge)));
        }
        assert_eq!(ask(&Overlay::new(&graph, []), &mut search), before);
    }
}

#[test]
fn a_network_file_comes_back_as_it_went_and_a_damaged_one_is_refused() {
    let mut dice = Dice::new(0xF11E);
    let graph = build(&town(&mut dice)).graph;
    let mut sections = Sections::default();
    graph.write(&mut sections);
    let bytes = sections.to_file();
    let read = |bytes: Vec<u8>| NetworkFile::read(Arc::new(bytes)).and_then(|file| Graph::read(&file));
    assert_eq!(read(bytes.clone()).expect("a whole file"), graph);
    for _ in 0..3000 {
        let mut damaged = bytes.clone();
        match dice.below(3) {
            0 => damaged.truncate(dice.below(bytes.len())),
            1 => {
                let at = dice.below(bytes.len());
                damaged[at] ^= 1 << dice.below(8);
            }
            _ => {
                let at = dice.below(bytes.len());
                let from = dice.below(bytes.len() - at.min(bytes.len() - 1));
                damaged.drain(at.min(from)..at.max(from));
            }
        }
        // A bit of the padding between sections belongs to nothing.
        if let Ok(same) = read(damaged) {
            assert_eq!(same, graph);
        }
    }
    // Numbers that are out of reach under a checksum that is right: every one is looked at.
    for word in 0..bytes.len() / 4 {
        if word % 7 != 0 {
            continue;
        }
        let mut forged = Sections::default();
        graph.write(&mut forged);
        let mut whole = forged.to_file();
        whole[word * 4..word * 4 + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        drop(read(whole));
    }
}
