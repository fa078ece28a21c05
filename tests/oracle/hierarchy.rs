//! The hierarchy beside the plain search: every answer is the same to the last bit, second figures, ties and legs included.

use super::city::{Corners, city};
use super::dice::Dice;
use bihu::domain::{Profile, ProfileSet};
use bihu::network::hierarchy::{Climb, Customized, Hierarchy, Hubs, Scratch, Updated, Walk, Ways};
use bihu::network::{
    Centimetres, Cost, Costs, EdgeId, Field, Found, Graph, Metric, NetworkFile, NodeId, Overlay, Search, Sections,
    Snap, Span, Stops, Toward, build, matrix, nearest, route,
};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

const MOST: u32 = u32::MAX - 1;

/// Closed parts of edges, as an overlay takes them.
pub(super) type Closed = Vec<(EdgeId, Span, ProfileSet)>;

fn any_edge(dice: &mut Dice, graph: &Graph) -> EdgeId {
    EdgeId(dice.below(graph.edge_count()) as u32)
}

/// Somewhere on an edge, often right at its end.
pub(super) fn somewhere(dice: &mut Dice, graph: &Graph) -> Snap {
    let edge = any_edge(dice, graph);
    let length = graph.length(edge).0;
    let offset = Centimetres([0, length, dice.below(length as usize + 1) as u32][dice.below(3)]);
    Snap { edge, offset, position: graph.points(edge)[0].position(), aside_m: 0.0 }
}

pub(super) fn closures(dice: &mut Dice, graph: &Graph, count: usize) -> Closed {
    let close = |dice: &mut Dice| {
        let edge = any_edge(dice, graph);
        let from = Centimetres(dice.below(graph.length(edge).0 as usize + 1) as u32);
        let profiles = [ProfileSet::ALL, ProfileSet::MOTOR, ProfileSet::one(Profile::Car)][dice.below(3)];
        (edge, Span::between(from, graph.length(edge)), profiles)
    };
    (0..count).map(|_| close(dice)).collect()
}

fn all_nearest(search: &mut Search, costs: &Costs<'_>, from: &Snap, stops: &Stops, most: u32) -> Vec<Found> {
    let mut found = Vec::new();
    nearest(search, costs, (from, stops), (most, usize::MAX), |f| {
        found.push(f);
        ControlFlow::Continue(())
    });
    found
}

fn all_reached(search: &mut Search, costs: &Costs<'_>, toward: Toward, seeds: &[(NodeId, Cost)], most: u32) {
    search.run(costs, toward, seeds, (most, usize::MAX), |_| ControlFlow::Continue(()));
}

/// What the one door to both answers, as text, for a local question and a far one.
fn one_door(ways: &Ways<'_>, origins: &[Option<Snap>], stops: &Stops, seeds: &[(NodeId, Cost)]) -> String {
    let mut scratch = Scratch::default();
    let mut told = format!("{:?}", ways.matrix(&mut scratch, (origins, stops), MOST));
    for most in [200_000, MOST] {
        let mut reached = Vec::new();
        ways.reach(&mut scratch, (Toward::Away, seeds), most, |node, cost| {
            reached.push((node, cost.time, cost.length))
        });
        reached.sort_unstable();
        told += &format!("{reached:?}");
    }
    if let (Some(from), Some(to)) = (&origins[0], stops.place(0)) {
        told += &format!("{:?}", ways.route(&mut scratch, (from, to), MOST));
        ways.nearest(&mut scratch, (from, stops, None), (MOST, usize::MAX), |found| {
            told += &format!("{found:?}");
            ControlFlow::Continue(())
        });
    }
    told + &format!("{:?}", ways.field(stops, 2))
}

/// Compares every kind of answer from some places; returns how many were compared.
fn compare(dice: &mut Dice, costs: &Costs<'_>, fast: &Customized, what: &str) -> usize {
    let graph = costs.graph;
    let (mut search, mut walk, mut climb) = (Search::default(), Walk::default(), Climb::default());
    let place = |dice: &mut Dice| (dice.below(20) > 0).then(|| somewhere(dice, graph));
    let stops = Stops::new((0..24).map(|_| place(dice)).collect());
    let origins: Vec<Option<Snap>> = (0..8).map(|_| place(dice)).collect();
    let most = [MOST, 400_000, 60_000][dice.below(3)];
    let want = matrix(&mut search, costs, (&origins, &stops), most);
    assert_eq!(fast.matrix(costs, (&origins, &stops), most), want, "{what}: matrix");
    let many = Stops::new((0..120).map(|_| place(dice)).collect());
    let want = matrix(&mut search, costs, (&origins[..1], &many), most);
    assert_eq!(fast.matrix(costs, (&origins[..1], &many), most), want, "{what}: from one to many");
    let hubs = Hubs::new(fast, costs, &stops);
    for from in origins.iter().flatten() {
        let want = all_nearest(&mut search, costs, from, &stops, most);
        let mut found = Vec::new();
        hubs.nearest((fast, &mut climb), costs, (from, &stops), most, |f| {
            found.push(f);
            ControlFlow::Continue(())
        });
        assert_eq!(found, want, "{what}: nearest from {from:?}");
        for to in (0..stops.len() as u32).filter_map(|stop| stops.place(stop)) {
            let want = route(&mut search, costs, (from, to), most);
            assert_eq!(fast.route(&mut walk, costs, (from, to), most), want, "{what}: {from:?} to {to:?}");
        }
    }
    let k = dice.below(5);
    assert_eq!(fast.field(costs, &stops, k), Field::new(costs, &stops, k), "{what}: field of {k}");
    let toward = [Toward::Away, Toward::Seeds][dice.below(2)];
    let first = Cost { time: bihu::network::Millis(dice.below(9000) as u32), length: Centimetres(7) };
    let node = |dice: &mut Dice| NodeId(dice.below(graph.node_count()) as u32);
    let seeds: Vec<(NodeId, Cost)> = (0..1 + dice.below(3)).map(|_| (node(dice), first)).collect();
    all_reached(&mut search, costs, toward, &seeds, most);
    let reach = fast.reach(&mut climb, toward, &seeds, most);
    for node in (0..graph.node_count() as u32).map(NodeId) {
        assert_eq!(reach.at(node), search.settled(node).map(|r| r.cost), "{what}: {toward:?} {seeds:?} {node:?}");
    }
    let ways = [Ways::new(*costs, None), Ways::new(*costs, Some(fast))];
    // One stop is few enough for a search of its own on the larger graphs, many are looked at together.
    let one = Stops::new(vec![somewhere(dice, graph).into()]);
    let places = Stops::new(origins.clone());
    for stops in [&one, &stops] {
        let want: Vec<u8> = matrix(&mut search, costs, (&origins, stops), most)
            .iter()
            .map(|row| row.iter().flatten().filter(|cost| cost.by(costs.metric) <= most).count().min(2) as u8)
            .collect();
        for ways in &ways {
            assert_eq!(ways.reached_from((&places, stops), most, 2), want, "{what}: counted within {most}");
        }
    }
    let told = ways.map(|ways| one_door(&ways, &origins, &stops, &seeds));
    assert!(told[0] == told[1], "{what}: one door, whichever answers");
    origins.len() * stops.len() * 3 + graph.node_count() * 2
}

#[test]
fn every_answer_of_the_hierarchy_is_that_of_the_plain_search() {
    let mut dice = Dice::new(0xCC41);
    let (mut compared, mut graphs) = (0, 0);
    for round in 0..2000 {
        let corners = if round % 3 == 0 { Corners::Even } else { Corners::Uneven };
        let size = if round % 100 == 99 { (34, 40) } else { (2 + dice.below(11), 2 + dice.below(11)) };
        let graph = build(&city(&mut dice, size, corners)).graph;
        if graph.edge_count() == 0 {
            continue;
        }
        let hierarchy = Arc::new(Hierarchy::build(&graph));
        let count = dice.below(8);
        let overlay = Overlay::new(&graph, closures(&mut dice, &graph, count));
        let any = (Profile::ALL[dice.below(Profile::ALL.len())], Metric::ALL[dice.below(2)]);
        for profile in Profile::ALL.iter().copied() {
            for metric in Metric::ALL.iter().copied() {
                // One profile and metric each, all of them now and then.
                if round % 50 != 49 && (profile, metric) != any {
                    continue;
                }
                let costs = Costs { graph: &graph, overlay: &overlay, profile, metric };
                let fast = Customized::new(&hierarchy, &costs);
                compared += compare(&mut dice, &costs, &fast, &format!("round {round} {size:?} {profile} {metric}"));
            }
        }
        graphs += 1;
    }
    assert!(graphs > 1900 && compared > 700_000, "only {compared} on {graphs}");
}

#[test]
fn closures_that_come_and_go_cost_what_customizing_anew_does() {
    let mut dice = Dice::new(0xCC42);
    let mut ways: HashMap<Updated, usize> = HashMap::new();
    for round in 0..24 {
        let graph = build(&city(&mut dice, (12 + round, 14 + round), Corners::Uneven)).graph;
        let hierarchy = Arc::new(Hierarchy::build(&graph));
        let profile = Profile::ALL[dice.below(Profile::ALL.len())];
        let metric = Metric::ALL[dice.below(2)];
        let none = Overlay::default();
        let open = Costs { graph: &graph, overlay: &none, profile, metric };
        let untouched = Customized::new(&hierarchy, &open);
        let mut fast = untouched.clone();
        let mut closed: Closed = Vec::new();
        for step in 0..6 {
            let before = closed.clone();
            if step % 2 == 0 {
                closed.extend(closures(&mut dice, &graph, 1 + 4 * step));
            } else {
                closed.truncate(dice.below(closed.len()));
            }
            let overlay = Overlay::new(&graph, closed.iter().copied());
            let costs = Costs { overlay: &overlay, ..open };
            let how = fast.update(&costs, before.iter().chain(&closed).map(|(edge, ..)| *edge));
            *ways.entry(how).or_default() += 1;
            assert!(fast == Customized::new(&hierarchy, &costs), "round {round}, step {step}");
            let mut following = untouched.clone();
            following.follow(&none, &costs);
            assert!(following == fast, "round {round}, step {step}: one overlay after another");
            if step == 2 {
                compare(&mut dice, &costs, &fast, &format!("round {round}, closed"));
            }
        }
        fast.update(&open, closed.iter().map(|(edge, ..)| *edge));
        assert!(fast == untouched, "round {round}: what is lifted leaves no trace");
        // Strewn edges from few to many: followed to the end, given up on the way, not begun at all.
        for one_of in [400, 100, 40, 18, 3] {
            let strewn: Vec<EdgeId> = graph.edge_ids().filter(|edge| edge.0 % one_of == 0).collect();
            let whole = |edge: &EdgeId| (*edge, Span::between(Centimetres(0), graph.length(*edge)), ProfileSet::ALL);
            let overlay = Overlay::new(&graph, strewn.iter().map(whole));
            let costs = Costs { overlay: &overlay, ..open };
            let mut fast = untouched.clone();
            let how = fast.update(&costs, strewn.iter().copied());
            *ways.entry(how).or_default() += 1;
            assert!(fast == Customized::new(&hierarchy, &costs), "round {round}, one edge of {one_of}, {how:?}");
            assert!(one_of != 3 || how == Updated::Anew, "round {round}: a third of all edges is made anew");
            fast.update(&open, strewn);
            assert!(fast == untouched, "round {round}: one edge of {one_of} lifted");
        }
    }
    assert!(ways[&Updated::Followed] > 40 && ways[&Updated::Anew] > 40, "{ways:?}");
}

/// The demonstration's roads, and real extracts where the folder of public data is at hand.
fn extracts() -> Vec<(String, Graph)> {
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo/roads.osm.gz");
    let real = ["A/osm_shanghai_center/shanghai_center.osm", "A/osm_small/liechtenstein-2013-08-03.osm.pbf"];
    let folder = std::env::var_os("BIHU_DATA").map(std::path::PathBuf::from);
    let real = folder.into_iter().flat_map(|folder| real.map(|name| folder.join(name)));
    std::iter::once(own)
        .chain(real.filter(|file| file.exists()))
        .map(|file| {
            let bytes = std::fs::read(&file).expect("an extract");
            let roads = bihu::exchange::osm::read(&bytes, &|_, _| {}).expect("an extract").roads;
            (file.display().to_string(), build(&roads).graph)
        })
        .collect()
}

#[test]
fn on_whole_extracts_every_answer_is_that_of_the_plain_search_with_closures_put_on_and_lifted() {
    let mut dice = Dice::new(0xCC44);
    for (file, graph) in extracts() {
        assert!(graph.node_count() > 3000, "{file}");
        let hierarchy = Arc::new(Hierarchy::build(&graph));
        let none = Overlay::default();
        for (profile, metric) in
            [(Profile::Car, Metric::Time), (Profile::Foot, Metric::Length), (Profile::Emergency, Metric::Time)]
        {
            let what = |when: &str| format!("{file}, {profile} by {metric}, {when}");
            let open = Costs { graph: &graph, overlay: &none, profile, metric };
            let untouched = Customized::new(&hierarchy, &open);
            let compared = compare(&mut dice, &open, &untouched, &what("open"));
            assert!(compared > 2 * graph.node_count());
            let mut fast = untouched.clone();
            // A handful of edges, and a flood of all around a place.
            let middle = graph.position(NodeId(dice.below(graph.node_count()) as u32));
            let flooded = graph.edge_ids().filter(|edge| {
                let at = graph.points(*edge)[0].position();
                (at.lon() - middle.lon()).abs() < 0.0105 && (at.lat() - middle.lat()).abs() < 0.009
            });
            let whole = |edge: EdgeId| (edge, Span::between(Centimetres(0), graph.length(edge)), ProfileSet::ALL);
            let flood: Closed = flooded.map(whole).collect();
            let some = closures(&mut dice, &graph, 12);
            for (when, closed) in [("some closed", some), ("under a flood", flood)] {
                let overlay = Overlay::new(&graph, closed.iter().copied());
                let costs = Costs { overlay: &overlay, ..open };
                let edges = || closed.iter().map(|(edge, ..)| *edge);
                fast.update(&costs, edges());
                compare(&mut dice, &costs, &fast, &what(when));
                fast.update(&open, edges());
                assert!(fast == untouched, "{}", what("lifted"));
            }
        }
    }
}

#[test]
fn the_hierarchy_stands_in_the_file_of_its_graph_and_a_damaged_one_is_refused() {
    let mut dice = Dice::new(0xCC43);
    let graph = build(&city(&mut dice, (20, 24), Corners::Uneven)).graph;
    let hierarchy = Hierarchy::build(&graph);
    let mut sections = Sections::default();
    graph.write(&mut sections);
    let without = NetworkFile::read(Arc::new(sections.to_file())).expect("a whole file");
    assert_eq!(Hierarchy::read(&without, &graph), Ok(None), "an older file is without one");
    hierarchy.write(&mut sections);
    let bytes = sections.to_file();
    let read = |bytes: Vec<u8>| NetworkFile::read(Arc::new(bytes)).and_then(|file| Hierarchy::read(&file, &graph));
    assert!(read(bytes.clone()).expect("a whole file").is_some_and(|read| read == hierarchy));
    for _ in 0..600 {
        // Numbers that are wrong under a checksum that is right.
        let mut forged = Sections::default();
        let tag = [*b"hi.order", *b"hi.first", *b"hi.up   "][dice.below(3)];
        for own in [*b"hi.order", *b"hi.first", *b"hi.up   "] {
            let file = NetworkFile::read(Arc::new(bytes.clone())).expect("a whole file");
            let mut section = file.section(own).expect("a section").to_vec();
            if own == tag {
                let at = 4 * dice.below(section.len() / 4);
                let word = [u32::MAX, 0, dice.below(graph.node_count()) as u32][dice.below(3)];
                section[at..at + 4].copy_from_slice(&word.to_le_bytes());
                if dice.below(4) == 0 {
                    section.truncate(4 * dice.below(section.len() / 4));
                }
            }
            forged.put(own, section);
        }
        if let Ok(Some(read)) = read(forged.to_file()) {
            // What passes the checks answers rightly, whatever its order.
            let overlay = Overlay::default();
            let costs = Costs { graph: &graph, overlay: &overlay, profile: Profile::Car, metric: Metric::Time };
            compare(&mut dice, &costs, &Customized::new(&Arc::new(read), &costs), "forged");
        }
    }
}
