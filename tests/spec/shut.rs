//! From a closure's shape to the parts of roads that it shuts, held to looking at every metre of them.

use crate::on_roads::Dice;
use bihu::domain::{Closure, ClosureCause, ClosureId, ClosureShape, LonLat, Profile, ProfileSet};
use bihu::network::shut::{Part, parts_of};
use bihu::network::{
    Centimetres, Costs, Graph, Leg, Metric, Overlay, Point, Search, Snap, SnapIndex, Source, SourceNode, SourceWay,
    Way, build, points_of, route,
};
use bihu::spatial::geodesic::distance_m;
use chrono::DateTime;
use geo::Contains;
use geo_types::{LineString, MultiPolygon, Polygon};

/// Streets on a grid of about 100 m: name, nodes and flags of each.
fn streets(nodes: &[(i32, i32)], ways: &[(&str, &[u32], u8)]) -> (Graph, SnapIndex) {
    let at = |(x, y): &(i32, i32)| Point { lon_e7: 1_212_000_000 + x * 10_480, lat_e7: 310_000_000 + y * 9_020 };
    let way = |(i, (name, nodes, flags)): (usize, &(&str, &[u32], u8))| SourceWay {
        id: i as i64 + 1,
        nodes: nodes.to_vec(),
        way: Way { forward_dkmh: [50; 5], backward_dkmh: [50; 5], class: 5, flags: *flags, ..Way::default() },
        name: (*name).to_owned(),
        name_en: String::new(),
        number: String::new(),
    };
    let source = Source {
        nodes: nodes.iter().map(|n| SourceNode { at: at(n), ..SourceNode::default() }).collect(),
        ways: ways.iter().enumerate().map(way).collect(),
        restrictions: Vec::new(),
    };
    let graph = build(&source).graph;
    let snap = SnapIndex::build(&graph);
    (graph, snap)
}

/// A place on the grid, in hundreds of metres.
fn at(x: f64, y: f64) -> LonLat {
    LonLat::clamped(121.2 + x * 0.001_048, 31.0 + y * 0.000_902)
}

fn area(corners: &[(f64, f64)]) -> MultiPolygon<f64> {
    let ring: Vec<(f64, f64)> = corners.iter().map(|(x, y)| at(*x, *y).into()).collect();
    MultiPolygon::new(vec![Polygon::new(LineString::from(ring), Vec::new())])
}

fn block(west: f64, south: f64, east: f64, north: f64) -> ClosureShape {
    ClosureShape::Area(area(&[(west, south), (east, south), (east, north), (west, north)]))
}

fn closure(shape: ClosureShape, cause: ClosureCause) -> Closure {
    Closure {
        id: ClosureId::from_bits(1),
        shape,
        profiles: ProfileSet::ALL,
        cause,
        reason: "演练".to_owned(),
        depth_cm: None,
        from: None,
        to: None,
        source: None,
        division: None,
        created_at: DateTime::UNIX_EPOCH,
        synthetic: true,
    }
}

/// Returns what is shut, by name of the street: from how many metres on to how many.
fn shut((graph, snap): &(Graph, SnapIndex), shape: ClosureShape, cause: ClosureCause) -> Vec<(String, i64, i64)> {
    let parts = parts_of(graph, snap, &closure(shape, cause));
    assert!(parts.is_sorted() && parts.windows(2).all(|p| p[0].edge != p[1].edge || p[0].span.to < p[1].span.from));
    let metres = |cm: Centimetres| cm.as_metres().round() as i64;
    parts.iter().map(|p| (graph.name(p.edge).to_owned(), metres(p.span.from), metres(p.span.to))).collect()
}

fn near(found: &[(String, i64, i64)], expected: &[(&str, i64, i64)]) {
    let close =
        |a: &(String, i64, i64), b: &(&str, i64, i64)| a.0 == b.0 && (a.1 - b.1).abs() <= 3 && (a.2 - b.2).abs() <= 3;
    let all = found.len() == expected.len() && expected.iter().all(|e| found.iter().any(|f| close(f, e)));
    assert!(all, "{found:?} is not {expected:?}");
}

/// A street east, a bridge 200 m beside it, and a street north that crosses neither.
fn town() -> (Graph, SnapIndex) {
    streets(
        &[(0, 0), (10, 0), (0, 2), (10, 2), (20, 0), (20, 10)],
        &[("east", &[0, 1], 0), ("bridge", &[2, 3], Way::BRIDGE), ("north", &[4, 5], 0)],
    )
}

#[test]
fn an_area_shuts_what_lies_within_it_and_nothing_that_it_merely_touches() {
    let town = town();
    near(&shut(&town, block(3.0, -1.0, 5.0, 1.0), ClosureCause::Fire), &[("east", 300, 500)]);
    near(
        &shut(&town, block(-1.0, -1.0, 25.0, 11.0), ClosureCause::Fire),
        &[("east", 0, 1000), ("bridge", 0, 1000), ("north", 0, 1000)],
    );
    near(&shut(&town, block(3.0, 0.1, 5.0, 1.0), ClosureCause::Fire), &[]);
    near(&shut(&town, block(10.5, -1.0, 15.0, 1.0), ClosureCause::Fire), &[]);
    let comb =
        area(&[(1.0, -1.0), (6.0, -1.0), (6.0, 1.0), (5.0, 1.0), (5.0, -0.5), (2.0, -0.5), (2.0, 1.0), (1.0, 1.0)]);
    near(&shut(&town, ClosureShape::Area(comb), ClosureCause::Fire), &[("east", 100, 200), ("east", 500, 600)]);
}

#[test]
fn standing_water_spares_bridges_and_whatever_else_there_is_does_not() {
    let town = town();
    let both = || block(3.0, -1.0, 5.0, 3.0);
    near(&shut(&town, both(), ClosureCause::Flood), &[("east", 300, 500)]);
    for cause in ClosureCause::ALL.iter().filter(|cause| **cause != ClosureCause::Flood) {
        near(&shut(&town, both(), *cause), &[("east", 300, 500), ("bridge", 300, 500)]);
    }
}

#[test]
fn a_line_along_a_road_shuts_it_there_and_a_line_across_shuts_it_at_a_place() {
    let town = town();
    let line = |points: &[(f64, f64)]| ClosureShape::Lines(vec![points.iter().map(|(x, y)| at(*x, *y)).collect()]);
    near(&shut(&town, line(&[(2.0, 0.1), (6.0, 0.1)]), ClosureCause::Works), &[("east", 200, 600)]);
    near(&shut(&town, line(&[(6.0, -0.1), (2.0, -0.1)]), ClosureCause::Works), &[("east", 200, 600)]);
    near(&shut(&town, line(&[(4.0, -1.0), (4.0, 1.0)]), ClosureCause::Works), &[("east", 400, 400)]);
    near(
        &shut(&town, line(&[(4.0, -1.0), (4.0, 3.0)]), ClosureCause::Works),
        &[("east", 400, 400), ("bridge", 400, 400)],
    );
    near(&shut(&town, line(&[(4.0, 0.5), (8.0, 0.5)]), ClosureCause::Works), &[]);
    let two = [[(1.0, 0.0), (3.0, 0.0)], [(2.0, 0.0), (5.0, 0.0)]];
    let two = two.map(|line| line.iter().map(|(x, y)| at(*x, *y)).collect::<Vec<_>>()).to_vec();
    near(&shut(&town, ClosureShape::Lines(two), ClosureCause::Works), &[("east", 100, 500)]);
}

#[test]
fn a_point_shuts_the_nearest_road_there_if_one_is_near() {
    let town = town();
    near(&shut(&town, ClosureShape::Point(at(4.0, 0.3)), ClosureCause::Obstacle), &[("east", 400, 400)]);
    near(&shut(&town, ClosureShape::Point(at(4.0, 0.6)), ClosureCause::Obstacle), &[]);
    let walkers = Closure {
        profiles: ProfileSet::one(Profile::Foot),
        ..closure(ClosureShape::Point(at(20.2, 5.0)), ClosureCause::Fire)
    };
    assert_eq!(parts_of(&town.0, &town.1, &walkers).len(), 1);
}

/// Four streets that meet in one place, and a lane that passes 20 m beside it.
fn crossing() -> (Graph, SnapIndex) {
    streets(
        &[(10, 10), (0, 10), (20, 10), (10, 0), (10, 20), (8, 12), (12, 12)],
        &[
            ("west", &[0, 1], 0),
            ("east", &[0, 2], 0),
            ("south", &[0, 3], 0),
            ("north", &[0, 4], 0),
            ("lane", &[5, 6], 0),
        ],
    )
}

#[test]
fn a_point_on_a_junction_shuts_every_street_that_meets_there_and_no_other() {
    let crossing = crossing();
    let arms = [("west", 0, 0), ("east", 0, 0), ("south", 0, 0), ("north", 0, 0)];
    for aside in [(10.0, 10.0), (9.95, 9.95), (10.1, 9.9)] {
        let shape = ClosureShape::Point(at(aside.0, aside.1));
        let found = shut(&crossing, shape, ClosureCause::Collapse);
        if aside == (10.0, 10.0) {
            near(&found, &arms);
        } else {
            assert!(
                found.len() == 1 || found.len() == 4,
                "beside the middle one arm is nearest, or the middle is: {found:?}"
            );
        }
    }
    let parts =
        parts_of(&crossing.0, &crossing.1, &closure(ClosureShape::Point(at(10.0, 10.0)), ClosureCause::Collapse));
    let closed = Overlay::new(&crossing.0, parts.iter().map(|part| (part.edge, part.span, ProfileSet::ALL)));
    let ends = [(1.0, 10.0), (19.0, 10.0), (10.0, 1.0), (10.0, 19.0)].map(|(x, y)| {
        let place = crossing.1.snap((&crossing.0, &Overlay::default()), Profile::Car, at(x, y), 50.0);
        place.expect("a street")
    });
    let way = |overlay: &Overlay, from: &Snap, to: &Snap| {
        let costs = Costs { graph: &crossing.0, overlay, profile: Profile::Car, metric: Metric::Time };
        route(&mut Search::default(), &costs, (from, to), u32::MAX - 1).is_some()
    };
    for (i, from) in ends.iter().enumerate() {
        for (j, to) in ends.iter().enumerate().filter(|(j, _)| *j != i) {
            assert!(way(&Overlay::default(), from, to), "{i} to {j}");
            assert!(!way(&closed, from, to), "{i} to {j}: no way leads through the junction");
        }
    }
}

#[test]
fn any_area_shuts_just_the_metres_within_it() {
    let mut dice = Dice(3);
    let mut looked = 0;
    for _ in 0..200 {
        let nodes: Vec<(i32, i32)> =
            (0..12).map(|_| ((dice.share() * 10.0) as i32, (dice.share() * 10.0) as i32)).collect();
        let pairs: Vec<[u32; 3]> = (0..8).map(|_| [0; 3].map(|_| (dice.share() * 12.0) as u32)).collect();
        let ways: Vec<(&str, &[u32], u8)> = pairs.iter().map(|pair| ("street", pair.as_slice(), 0)).collect();
        let (graph, snap) = streets(&nodes, &ways);
        let corners: Vec<(f64, f64)> = (0..3).map(|_| (dice.share() * 12.0 - 1.0, dice.share() * 12.0 - 1.0)).collect();
        let triangle = area(&corners);
        let parts = parts_of(&graph, &snap, &closure(ClosureShape::Area(triangle.clone()), ClosureCause::Fire));
        for edge in graph.edge_ids() {
            let shut: Vec<&Part> = parts.iter().filter(|part| part.edge == edge).collect();
            for cm in (0..graph.length(edge).0).step_by(777) {
                let here = Centimetres(cm);
                let leg = Leg { edge, from: here, to: here, cost: Default::default() };
                let Some(point) = points_of(&graph, &leg).first().copied() else { continue };
                let rim = shut.iter().any(|p| p.span.from.0.abs_diff(cm) < 100 || p.span.to.0.abs_diff(cm) < 100);
                if rim {
                    continue;
                }
                let (lon, lat) = point.position().into();
                let inside = triangle.contains(&geo_types::Point::new(lon, lat));
                let told = shut.iter().any(|p| p.span.from <= here && here <= p.span.to);
                let on_rim = inside != told && rim_m(&corners, point.position()) < 1.0;
                assert!(inside == told || on_rim, "{corners:?} {cm} cm along: within {inside}, told {told}");
                looked += 1;
            }
        }
    }
    assert!(looked > 10_000, "{looked}");
}

/// Returns about how far a place is from the rim of a triangle, metres.
fn rim_m(corners: &[(f64, f64)], from: LonLat) -> f64 {
    let sides = (0..3).map(|i| (corners[i], corners[(i + 1) % 3]));
    let along = sides.flat_map(|((ax, ay), (bx, by))| {
        (0..=4000).map(move |i| f64::from(i) / 4000.0).map(move |t| at(ax + t * (bx - ax), ay + t * (by - ay)))
    });
    along.map(|rim| distance_m(rim, from)).fold(f64::INFINITY, f64::min)
}
