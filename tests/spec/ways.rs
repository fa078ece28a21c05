//! What is told of a way: its maneuvers, and why there is none.

use bihu::domain::{LonLat, Profile, ProfileSet};
use bihu::network::{
    Bytes, Cause, Centimetres, Costs, EdgeId, Graph, ManeuverKind, Metric, NetworkFile, Overlay, Parts, Point, Search,
    Sections, Side, Snap, SnapIndex, Source, SourceNode, SourceRestriction, SourceWay, Span, Via, Way, build, geometry,
    route, steps, why_unreachable, why_unreachable_each,
};
use std::sync::Arc;

/// A map whose nodes lie on a grid of about 100 m.
fn map(nodes: &[(i32, i32)], ways: &[(&str, &[u32], u8, u8)]) -> Source {
    let at = |(x, y): &(i32, i32)| Point { lon_e7: 1_212_000_000 + x * 10_480, lat_e7: 310_000_000 + y * 9_020 };
    let way = |(i, (name, nodes, class, flags)): (usize, &(&str, &[u32], u8, u8))| SourceWay {
        id: i as i64 + 1,
        nodes: nodes.to_vec(),
        way: Way {
            forward_dkmh: [50, 36, 300, 200, 300],
            backward_dkmh: if flags & Way::ROUNDABOUT == 0 { [50, 36, 300, 200, 300] } else { [0; 5] },
            class: *class,
            flags: *flags,
            ..Way::default()
        },
        name: (*name).to_owned(),
        name_en: String::new(),
        number: String::new(),
    };
    Source {
        nodes: nodes.iter().map(|n| SourceNode { at: at(n), ..SourceNode::default() }).collect(),
        ways: ways.iter().enumerate().map(way).collect(),
        restrictions: Vec::new(),
    }
}

/// Brings the nodes of a map to a grid of about 10 m.
fn ten_times_as_small(source: &mut Source) {
    let tenth = |e7: i32, origin: i32| origin + (e7 - origin) / 10;
    for node in &mut source.nodes {
        node.at = Point { lon_e7: tenth(node.at.lon_e7, 1_212_000_000), lat_e7: tenth(node.at.lat_e7, 310_000_000) };
    }
}

fn told(source: &Source, ends: [(i32, i32); 2]) -> Vec<(ManeuverKind, String, String, Option<Side>)> {
    let graph = build(source).graph;
    let overlay = Overlay::default();
    let index = SnapIndex::build(&graph);
    let costs = Costs { graph: &graph, overlay: &overlay, profile: Profile::Car, metric: Metric::Time };
    let at = |(x, y): (i32, i32)| LonLat::clamped(121.2 + f64::from(x) * 1e-5, 31.0 + f64::from(y) * 1e-5);
    let snap = |p| index.snap((&graph, &overlay), Profile::Car, at(p), 500.0).expect("a road");
    let trip = route(&mut Search::default(), &costs, (&snap(ends[0]), &snap(ends[1])), u32::MAX - 1).expect("a way");
    let told = steps(&costs, &trip, Some(at(ends[1])));
    let line = geometry(&graph, &trip);
    assert!(told.iter().all(|m| m.at < line.len()) && told.is_sorted_by_key(|m| m.at));
    assert_eq!(told.iter().map(|m| m.length.0).sum::<u32>(), trip.cost.length.0, "lengths add up");
    assert_eq!(told.iter().map(|m| m.time.0).sum::<u32>(), trip.cost.time.0, "times add up");
    told.into_iter().map(|m| (m.kind, m.zh(), m.en(), m.side)).collect()
}

#[test]
fn a_trip_is_told_where_its_road_changes_and_nowhere_else() {
    // East along one street over a crossing, left into another that bends without a crossing, and over a bridge.
    let source = map(
        &[(0, 0), (10, 0), (20, 0), (20, 10), (21, 20), (10, 10), (30, 0)],
        &[
            ("人民北路", &[0, 1, 2], 5, 0),
            ("", &[1, 5], 6, 0),
            ("新松江路", &[2, 3], 4, 0),
            ("新松江路", &[3, 4], 4, Way::BRIDGE),
            ("人民北路", &[2, 6], 5, 0),
        ],
    );
    let told = told(&source, [(200, 0), (2205, 1700)]);
    let kinds: Vec<ManeuverKind> = told.iter().map(|m| m.0).collect();
    assert_eq!(kinds, [ManeuverKind::Depart, ManeuverKind::Left, ManeuverKind::Arrive]);
    assert_eq!(told[0].1, "沿 人民北路出发，行 1.8 公里");
    assert_eq!(told[1].1, "左转进入 新松江路（经桥梁），行 1.9 公里");
    assert_eq!(told[1].2, "Turn left onto 新松江路 (over a bridge), 1.9 km");
    assert_eq!((told[2].1.as_str(), told[2].3), ("到达目的地，在道路右侧", Some(Side::Right)));
}

#[test]
fn over_the_middle_of_a_dual_carriageway_one_turn_is_told_for_each_that_is_made() {
    // Two carriageways 10 m apart, eastward in the south, and a street across both.
    let nodes = [(-30, 0), (0, 0), (30, 0), (30, 1), (0, 1), (-30, 1), (0, -30), (0, 31)];
    let ways: [(&str, &[u32], u8, u8); 5] = [
        ("大路", &[0, 1, 2], 2, 0),
        ("大路", &[3, 4, 5], 2, 0),
        ("横街", &[6, 1], 5, 0),
        ("横街", &[1, 4], 5, 0),
        ("横街", &[4, 7], 5, 0),
    ];
    let mut source = map(&nodes, &ways);
    ten_times_as_small(&mut source);
    for way in &mut source.ways[..2] {
        way.way.backward_dkmh = [0; 5];
    }
    use ManeuverKind::{Arrive, Depart, Left, Right, UTurn};
    let (south, north, west, east) = ((0, -180), (0, 200), (-210, 0), (210, 0));
    let (westward, further) = ((-210, 9), (-150, 9));
    for (ends, kinds, name) in [
        ([south, westward], [Depart, Left, Arrive].as_slice(), "大路"),
        ([west, north], &[Depart, Left, Arrive], "横街"),
        ([west, further], &[Depart, UTurn, Arrive], "大路"),
        ([south, north], &[Depart, Arrive], "横街"),
        ([south, east], &[Depart, Right, Arrive], "大路"),
        ([north, westward], &[Depart, Right, Arrive], "大路"),
    ] {
        let told = told(&source, ends);
        assert_eq!(told.iter().map(|m| m.0).collect::<Vec<_>>(), kinds, "{ends:?}: {told:?}");
        assert!(told[kinds.len() - 2].1.contains(name), "{told:?}");
    }
}

#[test]
fn a_roundabout_is_one_maneuver_with_its_exit() {
    // A ring of four corners, driven against the clock: in from the west, out to the north as the third way out.
    let source = map(
        &[(-10, 0), (0, 0), (1, -1), (2, 0), (1, 1), (1, -11), (12, 0), (1, 11)],
        &[
            ("西路", &[0, 1], 4, 0),
            ("", &[1, 2, 3, 4, 1], 4, Way::ROUNDABOUT),
            ("南路", &[2, 5], 4, 0),
            ("东路", &[3, 6], 4, 0),
            ("北路", &[4, 7], 4, 0),
        ],
    );
    let told = told(&source, [(-800, 0), (105, 900)]);
    let kinds: Vec<ManeuverKind> = told.iter().map(|m| m.0).collect();
    assert_eq!(kinds, [ManeuverKind::Depart, ManeuverKind::Roundabout, ManeuverKind::Arrive]);
    assert!(told[1].1.starts_with("进入环岛，第 3 出口驶入 北路，行 "), "{}", told[1].1);
    assert!(told[1].2.starts_with("Enter the roundabout, exit 3 onto 北路, "), "{}", told[1].2);
}

fn on(graph: &Graph, name: &str) -> Snap {
    let edge = graph.edge_ids().find(|edge| graph.name(*edge) == name).expect("a road of that name");
    let offset = Centimetres(graph.length(edge).0 / 2);
    Snap { edge, offset, position: graph.points(edge)[0].position(), aside_m: 0.0 }
}

/// A ladder of streets, and one far away that hangs together with nothing.
fn ladder() -> Graph {
    let mut nodes: Vec<(i32, i32)> = (0..32).map(|i| (i / 2 * 3, i % 2 * 3)).collect();
    let mut ways: Vec<(&str, Vec<u32>)> = Vec::new();
    let names: Vec<String> = (0..90).map(|i| format!("w{i}")).collect();
    for i in 0..15u32 {
        ways.push((&names[ways.len()], vec![2 * i, 2 * i + 2]));
        ways.push((&names[ways.len()], vec![2 * i + 1, 2 * i + 3]));
        ways.push((&names[ways.len()], vec![2 * i, 2 * i + 1]));
    }
    let far = nodes.len() as u32;
    nodes.extend((0..32).map(|i| (i / 2 * 3, 200 + i % 2 * 3)));
    for i in 0..14u32 {
        ways.push((&names[ways.len()], vec![far + 2 * i, far + 2 * i + 2]));
        ways.push((&names[ways.len()], vec![far + 2 * i + 1, far + 2 * i + 3]));
        ways.push((&names[ways.len()], vec![far + 2 * i, far + 2 * i + 1]));
    }
    let ways: Vec<(&str, &[u32], u8, u8)> = ways.iter().map(|(name, nodes)| (*name, &nodes[..], 5, 0)).collect();
    build(&map(&nodes, &ways)).graph
}

#[test]
fn what_can_not_be_reached_is_told_with_its_cause_and_the_closures_to_lift() {
    let graph = ladder();
    let whole = |name: &str| {
        let Snap { edge, .. } = on(&graph, name);
        (edge, Span::between(Centimetres(0), graph.length(edge)), ProfileSet::MOTOR)
    };
    // Both rails between the fifth rung and the sixth.
    let shut = [whole("w15"), whole("w16")];
    let overlay = Overlay::new(&graph, shut);
    let costs = |profile| Costs { graph: &graph, overlay: &overlay, profile, metric: Metric::Length };
    let (near, beyond, island) = (on(&graph, "w2"), on(&graph, "w30"), on(&graph, "w60"));
    let mut search = Search::default();
    let mut why = |profile, to: Option<&Snap>| why_unreachable(&mut search, &costs(profile), (Some(&near), to));
    assert_eq!(why(Profile::Foot, Some(&beyond)), None, "the closure is none for those on foot");
    assert_eq!(why(Profile::Car, None), Some(Cause::OffNetwork));
    assert_eq!(why(Profile::Car, Some(&island)), Some(Cause::Island));
    let Some(Cause::Closure { parts }) = why(Profile::Car, Some(&beyond)) else { panic!("a closure is the cause") };
    // Lifting what is told makes a way.
    let lifted = shut.into_iter().filter(|(edge, span, _)| !parts.contains(&(*edge, *span)));
    let overlay_after = Overlay::new(&graph, lifted);
    let after = Costs { overlay: &overlay_after, ..costs(Profile::Car) };
    assert!(route(&mut search, &after, (&near, &beyond), u32::MAX - 1).is_some());
    let each = [Some(near), None, Some(island), Some(beyond), Some(on(&graph, "w15"))];
    let causes = why_unreachable_each(&mut search, &costs(Profile::Car), (Some(&near), &each));
    let words: Vec<Option<&str>> = causes.iter().map(|cause| cause.as_ref().map(|c| c.word().word())).collect();
    assert_eq!(words, [None, Some("off_network"), Some("island"), Some("closure"), Some("closure")]);
}

#[test]
fn the_main_part_is_the_longest_and_tells_who_is_cut_off() {
    let graph = ladder();
    let open = Overlay::default();
    let costs = Costs { graph: &graph, overlay: &open, profile: Profile::Car, metric: Metric::Time };
    let parts = Parts::new(&costs);
    let length: u64 = graph
        .edge_ids()
        .filter(|e| graph.points(*e)[0].lat_e7 < 311_000_000)
        .map(|e| u64::from(graph.length(e).0))
        .sum();
    assert_eq!(parts.length_cm(), length, "the ladder of fifteen rungs, not the one of fourteen");
    assert!(parts.reaches(&costs, &on(&graph, "w2")) && parts.reached_by(&costs, &on(&graph, "w2")));
    assert!(!parts.reaches(&costs, &on(&graph, "w60")));
    let first: Vec<(EdgeId, Span, ProfileSet)> = ["w0", "w1"]
        .map(|name| (on(&graph, name).edge, Span::between(Centimetres(0), Centimetres(1)), ProfileSet::ALL))
        .to_vec();
    let overlay = Overlay::new(&graph, first);
    let costs = Costs { overlay: &overlay, ..costs };
    let parts = Parts::new(&costs);
    assert!(!parts.reaches(&costs, &on(&graph, "w2")), "the first rung is cut off");
    assert!(parts.reaches(&costs, &on(&graph, "w0")), "the middle of a rail is still come to from its open end");
}

#[test]
fn who_has_a_dead_island_at_his_door_is_not_brought_to_the_road_across_the_water() {
    // Units of 10 m: a long street of 40 pieces, an islet with a path 300 m north of it, a slip of the map 20 m south of it.
    let main: Vec<(i32, i32)> = (0..41).map(|i| (i * 10, 0)).collect();
    let nodes: Vec<(i32, i32)> = main.into_iter().chain([(100, 30), (110, 30), (200, -2), (210, -2)]).collect();
    let street: Vec<[u32; 2]> = (0..40).map(|i| [i, i + 1]).collect();
    let mut ways: Vec<(&str, &[u32], u8, u8)> = street.iter().map(|pair| ("长街", pair.as_slice(), 5, 0)).collect();
    // Side streets keep the pieces of the long one apart.
    let stubs: Vec<(i32, i32)> = (1..40).map(|i| (i * 10, -1)).collect();
    let nodes: Vec<(i32, i32)> = nodes.into_iter().chain(stubs).collect();
    let ends: Vec<[u32; 2]> = (1..40).map(|i| [i, 44 + i]).collect();
    ways.extend(ends.iter().map(|pair| ("", pair.as_slice(), 5, 0)));
    ways.extend([("洲上小路", [41u32, 42].as_slice(), 5, 0), ("断头路", [43u32, 44].as_slice(), 5, 0)]);
    let mut source = map(&nodes, &ways);
    ten_times_as_small(&mut source);
    let built = build(&source);
    assert_eq!((built.islands, built.island_edges), (2, 2));
    let mut file = Sections::default();
    built.graph.write(&mut file);
    let bytes: Bytes = Arc::new(file.to_file());
    let kept = Graph::read(&NetworkFile::read(bytes).expect("a file")).expect("a graph");
    assert_eq!(kept, built.graph, "islands are kept in the file");
    for graph in [&built.graph, &kept] {
        let (index, open) = (SnapIndex::build(graph), Overlay::default());
        let near = |x: f64, y: f64, profile| {
            let at = LonLat::new(121.2 + x * 1.048e-4, 31.0 + y * 0.902e-4).expect("a place");
            index.snap((graph, &open), profile, at, 500.0)
        };
        let ([on_islet, slip], beside) =
            ([near(105.0, 30.0, Profile::Foot), near(205.0, -2.2, Profile::Foot)], near(250.0, 30.0, Profile::Foot));
        assert!(on_islet.is_none(), "the islet is not the bank: {on_islet:?}");
        let why = |x: f64, y: f64| {
            let at = LonLat::new(121.2 + x * 1.048e-4, 31.0 + y * 0.902e-4).expect("a place");
            index.why_off(graph, Profile::Foot, at, 500.0)
        };
        assert_eq!((why(105.0, 30.0), why(105.0, 200.0)), (Cause::Island, Cause::OffNetwork));
        assert!(slip.is_some_and(|snap| snap.aside_m < 30.0), "a slip of the map cuts nobody off");
        assert!(
            beside.is_some_and(|snap| snap.aside_m > 300.0),
            "and who is far from the islet is brought to the street"
        );
    }
}

/// Metres by the shortest way between two places, in tens of metres on the grid.
fn metres_between(graph: &Graph, profile: Profile, ends: [(f64, f64); 2]) -> Option<i64> {
    let (index, open) = (SnapIndex::build(graph), Overlay::default());
    let [from, to] = ends.map(|(x, y)| {
        let at = LonLat::new(121.2 + x * 1.048e-4, 31.0 + y * 0.902e-4).expect("a place");
        index.snap((graph, &open), profile, at, 50.0).expect("a road")
    });
    let costs = Costs { graph, overlay: &open, profile, metric: Metric::Length };
    let trip = route(&mut Search::default(), &costs, (&from, &to), u32::MAX - 1)?;
    Some(trip.cost.length.as_metres().round() as i64)
}

#[test]
fn a_street_for_destinations_is_come_to_and_left_and_not_driven_through() {
    // A square of streets, its middle crossed by one for destinations only; and a way round three sides.
    let nodes = [(0, 0), (10, 0), (20, 0), (20, 10), (10, 10), (0, 10), (10, 5)];
    let ways: [(&str, &[u32], u8, u8); 6] = [
        ("南街", &[0, 1], 5, 0),
        ("南街", &[1, 2], 5, 0),
        ("东街", &[2, 3, 4], 5, 0),
        ("北街", &[4, 5], 5, 0),
        ("里弄", &[1, 6], 5, Way::CARS_END),
        ("里弄", &[6, 4], 5, Way::CARS_END),
    ];
    let mut source = map(&nodes, &ways);
    ten_times_as_small(&mut source);
    let graph = build(&source).graph;
    let (south, north, lane) = ((9.0, 0.0), (9.0, 10.0), (10.0, 5.5));
    let near = |metres: i64, wanted: i64| (metres - wanted).abs() <= 4;
    for (profile, ends, wanted) in [
        (Profile::Foot, [south, north], 120),
        (Profile::Emergency, [south, north], 120),
        (Profile::Truck, [south, north], 120),
        (Profile::Car, [south, north], 320),
        (Profile::Car, [south, lane], 65),
        (Profile::Car, [lane, north], 55),
        (Profile::Car, [lane, south], 65),
    ] {
        let found = metres_between(&graph, profile, ends).expect("a way");
        assert!(near(found, wanted), "{profile:?} {ends:?}: {found} m, not {wanted}");
    }
}

#[test]
fn an_english_sentence_has_the_maps_own_english_name_before_the_chinese_one() {
    let nodes = [(0, 0), (10, 0), (20, 0), (30, 0), (30, 10), (40, 10), (30, -10)];
    let ways: [(&str, &[u32], u8, u8); 6] = [
        ("新松江路", &[0, 1], 4, 0),
        ("新松江路", &[1, 2], 4, 0),
        ("新松江路", &[2, 3], 4, 0),
        ("人民北路", &[3, 4], 4, 0),
        ("", &[4, 5], 4, 0),
        ("人民北路", &[3, 6], 4, 0),
    ];
    let mut source = map(&nodes, &ways);
    // One of three is a slip.
    for (way, english) in source.ways.iter_mut().zip(["Xinsongjiang Road", "Xinsongjaing Road", "Xinsongjiang Road"]) {
        english.clone_into(&mut way.name_en);
    }
    "G60".clone_into(&mut source.ways[4].number);
    let told = told(&source, [(0, 0), (3900, 900)]);
    let sentences: Vec<[&str; 2]> = told.iter().map(|m| [m.1.as_str(), m.2.as_str()]).collect();
    assert_eq!(sentences[0], ["沿 新松江路出发，行 3.0 公里", "Set out along Xinsongjiang Road 新松江路, 3.0 km"]);
    assert_eq!(
        sentences[1],
        ["左转进入 人民北路，行 1.0 公里", "Turn left onto 人民北路, 1.0 km"],
        "nothing is romanised"
    );
    assert_eq!(sentences[2], ["继续走，进入 G60，行 720 米", "Continue onto G60, 720 m"], "a bend and no fork");
}

#[test]
fn a_mandatory_turn_along_ways_holds_from_its_first_way_to_its_last() {
    // East along three streets, each crossing with a side street to the north, and a way round beyond the last of them.
    let nodes = [(0, 0), (10, 0), (20, 0), (30, 0), (10, 10), (20, 10), (30, 10)];
    let ways: [(&str, &[u32], u8, u8); 8] = [
        ("来路", &[0, 1], 5, 0),
        ("过路", &[1, 2], 5, 0),
        ("去路", &[2, 3], 5, 0),
        ("西侧路", &[1, 4], 5, 0),
        ("东侧路", &[2, 5], 5, 0),
        ("北街", &[4, 5], 5, 0),
        ("后街", &[5, 6], 5, 0),
        ("东街", &[3, 6], 5, 0),
    ];
    let mut source = map(&nodes, &ways);
    ten_times_as_small(&mut source);
    source.ways[2].way.backward_dkmh = [0; 5];
    let binds = ProfileSet::one(Profile::Car);
    source.restrictions = vec![SourceRestriction { from: 1, via: Via::Ways(vec![2]), to: 3, only: true, binds }];
    let built = build(&source);
    assert_eq!((built.restrictions, built.restrictions_unread), (1, 0));
    let open = Overlay::default();
    let metres = |profile, [from, to]: [&str; 2]| {
        let costs = Costs { graph: &built.graph, overlay: &open, profile, metric: Metric::Length };
        let ends = (&on(&built.graph, from), &on(&built.graph, to));
        let trip = route(&mut Search::default(), &costs, ends, u32::MAX - 1).expect("a way");
        trip.cost.length.as_metres().round() as i64
    };
    for (profile, ends, wanted) in [
        (Profile::Car, ["来路", "去路"], 200),
        (Profile::Car, ["来路", "西侧路"], 600),
        (Profile::Car, ["来路", "东侧路"], 500),
        (Profile::Car, ["过路", "东侧路"], 100),
        (Profile::Car, ["西侧路", "东侧路"], 200),
        (Profile::Truck, ["来路", "西侧路"], 100),
        (Profile::Truck, ["来路", "东侧路"], 200),
    ] {
        let found = metres(profile, ends);
        assert!((found - wanted).abs() <= 4, "{profile:?} {ends:?}: {found} m, not {wanted}");
    }
}

#[test]
fn what_lies_behind_a_one_way_street_for_destinations_is_come_to_and_left() {
    // A long street; a yard north of it, with a lane in and another out, both one-way, each for destinations only to some.
    let nodes = [(0, 0), (10, 0), (20, 0), (30, 0), (10, 10), (20, 10), (15, 20)];
    let (lane_in, lane_out) = (Way::CARS_END | Way::ROUNDABOUT, Way::TRUCKS_END | Way::ROUNDABOUT);
    let ways: [(&str, &[u32], u8, u8); 8] = [
        ("里弄", &[1, 4], 5, lane_in),
        ("长街", &[0, 1], 5, 0),
        ("长街", &[1, 2], 5, 0),
        ("长街", &[2, 3], 5, 0),
        ("院路", &[4, 5], 5, 0),
        ("院路", &[5, 6], 5, 0),
        ("院路", &[6, 4], 5, 0),
        ("支弄", &[5, 2], 5, lane_out),
    ];
    let mut source = map(&nodes, &ways);
    ten_times_as_small(&mut source);
    let graph = build(&source).graph;
    let (index, open) = (SnapIndex::build(&graph), Overlay::default());
    let (west, east, yard) = ((5.0, 0.0), (25.0, 0.0), (15.0, 10.0));
    for profile in [Profile::Car, Profile::Truck, Profile::Emergency] {
        for (ends, wanted) in [([west, yard], 200), ([yard, east], 200), ([yard, west], 300), ([west, east], 200)] {
            let found = metres_between(&graph, profile, ends);
            let near = found.is_some_and(|found| (found - wanted).abs() <= 4);
            assert!(near, "{profile:?} {ends:?}: {found:?} m, not {wanted}");
        }
    }
    // Who stands at the mouth of the lane is not within it: straight on along the street, and not through the yard.
    let at_the_mouth = LonLat::new(121.2 + 10.0 * 1.048e-4, 31.0).expect("a place");
    let brought_to = |profile| index.snap((&graph, &open), profile, at_the_mouth, 50.0).expect("a road").edge;
    assert_eq!(graph.name(brought_to(Profile::Car)), "长街");
    assert_eq!(graph.name(brought_to(Profile::Emergency)), "里弄", "of the lower number");
}
