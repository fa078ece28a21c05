//! The ten nearest of 200,000: exact on WGS84, beside a plain R-tree on degrees, which is quick and wrong.

use crate::dice::Dice;
use crate::ground::{self, Known};
use crate::stopwatch::{time, time_both};
use bihu::analysis::serving::{Asked, Need, Openness};
use bihu::domain::*;
use bihu::spatial::index::{PlaceIndex, distance_to_place_m};
use bihu::world::World;
use bihu::world::nearest::{Request, Unknowns, nearest};
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::hint::black_box;

const POINTS: usize = 200_000;
const QUERIES: usize = 1000;
const K: usize = 10;

type Degrees = RTree<GeomWithData<[f64; 2], usize>>;

/// The loop of `world::nearest` without its filters: walk by the bound, refine, stop.
fn exact(index: &PlaceIndex<usize>, places: &[Place], from: LonLat) -> Vec<(f64, usize)> {
    let mut best: Vec<(f64, usize)> = Vec::with_capacity(K + 1);
    for (at_least_m, &key) in index.walk(from) {
        if best.len() == K && at_least_m > best[K - 1].0 {
            break;
        }
        let found = (distance_to_place_m(from, &places[key]), key);
        let at = best.partition_point(|b| b.0.total_cmp(&found.0).then(b.1.cmp(&found.1)).is_lt());
        best.insert(at, found);
        best.truncate(K);
    }
    best
}

fn by_degrees(tree: &Degrees, from: LonLat) -> Vec<usize> {
    tree.nearest_neighbor_iter([from.lon(), from.lat()]).take(K).map(|found| found.data).collect()
}

/// Prints what exactness costs and what it is worth.
pub fn beside_degrees(rounds: usize) {
    println!("nearest: k = {K} of {POINTS} points, {QUERIES} origins");
    let mut dice = Dice::new(0xBE_AC0);
    let mut resources = ground::shelters(&mut dice, POINTS, Known::Everything);
    let places: Vec<Place> = resources.iter().map(|r| Place::point(r.place.position)).collect();
    let origins: Vec<LonLat> = (0..QUERIES).map(|_| ground::position(&mut dice)).collect();
    let index = PlaceIndex::build(places.iter().enumerate());
    let flat = |(i, place): (usize, &Place)| GeomWithData::new([place.position.lon(), place.position.lat()], i);
    let degrees: Degrees = RTree::bulk_load(places.iter().enumerate().map(flat).collect());

    let (ours, plain) = time_both(
        rounds,
        || origins.iter().for_each(|o| drop(black_box(exact(&index, &places, *o)))),
        || origins.iter().for_each(|o| drop(black_box(by_degrees(&degrees, *o)))),
    );
    ours.print("exact: index walk and WGS84 geodesic", QUERIES);
    plain.print("plain: R-tree on degrees, no distance", QUERIES);
    println!("  ratio {:.2} (median of the turns)", ours.ratio(&plain));
    print_wrong(&origins, |o| exact(&index, &places, o), |o| by_degrees(&degrees, o));

    resources.iter_mut().zip(places).for_each(|(resource, place)| resource.place = place);
    let world = World::from_tables(ground::tables(&resources));
    let bare = |o: LonLat| request(o, Asked::default());
    let filtered = |o: LonLat| request(o, strict());
    let ask =
        |make: &dyn Fn(LonLat) -> Request| origins.iter().for_each(|o| drop(black_box(nearest(&world, &make(*o)))));
    time(rounds, || ask(&bare)).print("world::nearest, nothing asked", QUERIES);
    time(rounds, || ask(&filtered)).print("world::nearest, party, hazard, access, open", QUERIES);
}

fn print_wrong(origins: &[LonLat], exact: impl Fn(LonLat) -> Vec<(f64, usize)>, plain: impl Fn(LonLat) -> Vec<usize>) {
    let (mut order, mut first, mut missing) = (0, 0, 0);
    for origin in origins {
        let right: Vec<usize> = exact(*origin).into_iter().map(|(_, key)| key).collect();
        let told = plain(*origin);
        order += usize::from(told != right);
        first += usize::from(told[0] != right[0]);
        missing += usize::from(right.iter().any(|key| !told.contains(key)));
    }
    let all = origins.len();
    println!(
        "  wrong on degrees: the nearest {first}/{all}, a place left out {missing}/{all}, the order {order}/{all}"
    );
}

fn request(origin: LonLat, asked: Asked) -> Request {
    Request {
        origin,
        k: K,
        kinds: vec![Kind::Shelter],
        asked,
        unknowns: Unknowns::Last,
        within_m: None,
        audience: Audience::Public,
    }
}

fn strict() -> Asked {
    Asked { party: Some(30), hazard: Some(Hazard::Flood), needs: vec![Need::Accessible], openness: Openness::OpenNow }
}

/// Prints what it costs that every place is an area of some twenty corners.
pub fn among_areas(rounds: usize) {
    const COUNT: usize = 20_000;
    println!("areas: k = {K} of {COUNT}, each with a footprint");
    let mut dice = Dice::new(0xBE_AC5);
    let mut resources = ground::shelters(&mut dice, COUNT, Known::Everything);
    for resource in &mut resources {
        resource.place.footprint = Some(dice.area(resource.place.position, 0.004));
    }
    let world = World::from_tables(ground::tables(&resources));
    let origins: Vec<LonLat> = (0..QUERIES).map(|_| ground::position(&mut dice)).collect();
    let ask = || origins.iter().for_each(|o| drop(black_box(nearest(&world, &request(*o, Asked::default())))));
    time(rounds, ask).print("world::nearest, distances to edges", QUERIES);
}

/// Prints the worst case: places are asked for and no capacity is known, so that the sure ones are looked for in vain.
pub fn when_nothing_is_known(rounds: usize) {
    const COUNT: usize = 82_557;
    println!("worst: k = {K} of {COUNT}, of none of which anything is known");
    let mut dice = Dice::new(0xBE_AC1);
    let world = World::from_tables(ground::tables(&ground::shelters(&mut dice, COUNT, Known::PositionsOnly)));
    let origins: Vec<LonLat> = (0..5).map(|_| ground::position(&mut dice)).collect();
    let cases = [
        ("a party of 30, unknown last", Unknowns::Last, None),
        ("the same within 20 km", Unknowns::Last, Some(20_000.0)),
        ("the same, unknown excluded", Unknowns::Exclude, None),
        ("the same, unknown included", Unknowns::Include, None),
    ];
    for (what, unknowns, within_m) in cases {
        let asked = Asked { party: Some(30), ..Asked::default() };
        let make = |o: LonLat| Request { unknowns, within_m, ..request(o, asked.clone()) };
        let ask = || origins.iter().for_each(|o| drop(black_box(nearest(&world, &make(*o)))));
        time(rounds, ask).print(what, origins.len());
    }
}
