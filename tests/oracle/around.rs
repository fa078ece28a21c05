//! Around beside its slow twin: every place measured, every word counted by hand.

use crate::dice::{Dice, cut};
use bihu::analysis::Demand;
use bihu::analysis::around::{Around, Item, Known, Question, Region, UNKNOWN, around};
use bihu::domain::{
    Capacity, Detail, Function, Kind, Level, Lifecycle, LonLat, Name, Occupancy, Parties, Place, Population, Resource,
    ResourceId, Shelter, Site, SiteClass, Status, StockLine, Storage, Team, TeamCategory, Tier, Visibility,
};
use bihu::spatial::area::{area_m2, circle_area_m2};
use bihu::spatial::edge::distance_to_footprint_m;
use bihu::spatial::geodesic::distance_m;
use geo::{MultiPolygon, Polygon, Rect};
use std::collections::{BTreeMap, BTreeSet};

fn resource(id: usize, place: Place, level: Option<Level>, detail: Detail) -> Resource {
    let code = format!("{id:04}");
    Resource {
        id: ResourceId::mint(Kind::Site, &code),
        code,
        name: Name { zh: "虚构".to_owned(), en: None },
        division: None,
        address: None,
        place,
        level,
        lifecycle: Lifecycle::InService,
        visibility: Visibility::Public,
        parties: Parties::default(),
        contacts: Vec::new(),
        source: None,
        remarks: None,
        synthetic: true,
        observations: BTreeMap::new(),
        detail,
    }
}

fn maybe<T>(dice: &mut Dice, value: T) -> Option<T> {
    (dice.below(3) > 0).then_some(value)
}

fn detail(dice: &mut Dice) -> Detail {
    let n = dice.below(900) as u32;
    match dice.below(5) {
        0 => Detail::Shelter(Shelter {
            function: maybe(dice, Function::Comprehensive),
            status: maybe(dice, [Status::Open, Status::Full][dice_side(n)]),
            capacity: maybe(dice, n).map_or(Capacity::Unknown, Capacity::Stated),
            occupancy: Occupancy { occupied: maybe(dice, n / 2), ..Occupancy::default() },
            ..Shelter::default()
        }),
        1 | 2 => {
            let line = |dice: &mut Dice| StockLine {
                code: maybe(dice, "1010101".to_owned()),
                name: ["帐篷", "棉被"][dice.below(2)].to_owned(),
                quantity: maybe(dice, dice_amount(n)),
                unit: maybe(dice, "件".to_owned()),
                expires_on: None,
                reserve_mode: None,
            };
            let lines = (0..dice.below(4)).map(|_| line(dice)).collect();
            let storage = Storage { tier: maybe(dice, Tier::Town), stock: maybe(dice, lines), ..Storage::default() };
            if n.is_multiple_of(2) { Detail::Warehouse(storage) } else { Detail::StoragePoint(storage) }
        }
        3 => Detail::Team(Team {
            category: maybe(dice, TeamCategory::Town),
            headcount: maybe(dice, n),
            ..Team::default()
        }),
        _ => Detail::Site(Site { class: maybe(dice, SiteClass::Hospital) }),
    }
}

fn dice_side(n: u32) -> usize {
    (n % 2) as usize
}

fn dice_amount(n: u32) -> f64 {
    f64::from(n) / 4.0
}

fn edge_m(from: LonLat, place: &Place) -> f64 {
    match &place.footprint {
        Some(footprint) => distance_to_footprint_m(from, footprint),
        None => distance_m(from, place.position),
    }
}

struct Case {
    resources: Vec<Resource>,
    demand: Vec<Demand>,
}

impl Case {
    fn random(dice: &mut Dice, middle: LonLat) -> Self {
        let make = |i: usize, dice: &mut Dice| {
            let place = dice.place_near(middle, 0.1, 0.004);
            let level = maybe(dice, Level::ALL[dice_side(i as u32) + 1]);
            resource(i, place, level, detail(dice))
        };
        let person = |dice: &mut Dice| Demand {
            position: dice.near(middle, 0.1),
            population: Population::from_f64(dice.between(0.0, 50.0)).unwrap(),
            division: None,
        };
        Self { resources: (0..200).map(|i| make(i, dice)).collect(), demand: (0..400).map(|_| person(dice)).collect() }
    }

    fn ask(&self, region: Region, limit: usize) -> Around {
        let resources: Vec<&Resource> = self.resources.iter().collect();
        around(&Question { region, resources: &resources, demand: &self.demand, limit })
    }
}

/// Checks every count and sum of `found` against the resources that the slow twin found.
fn check(case: &Case, found: &Around, slow: &[Item], what: &str) {
    let there: Vec<&Resource> = slow.iter().map(|item| &case.resources[item.resource]).collect();
    assert_eq!(found.items, slow[..found.items.len()], "{what}");
    assert_eq!(found.items_total, slow.len(), "{what}");
    let kinds: BTreeSet<Kind> = there.iter().map(|r| r.kind()).collect();
    assert_eq!(found.counts.keys().copied().collect::<BTreeSet<_>>(), kinds, "{what}");
    for (kind, count) in &found.counts {
        let of_kind = || there.iter().filter(|r| r.kind() == *kind);
        assert_eq!(count.total, of_kind().count(), "{what}");
        for (word, n) in &count.by_level {
            assert_eq!(*n, of_kind().filter(|r| r.level.map_or(UNKNOWN, Level::word) == *word).count(), "{what}");
        }
        assert_eq!(count.by_level.values().sum::<usize>(), count.total, "{what}: every level is counted");
        assert_eq!(count.by_class.values().sum::<usize>(), count.total, "{what}: every class is counted");
        let has_status = matches!(kind, Kind::Shelter | Kind::Team);
        assert_eq!(count.by_status.values().sum::<usize>(), if has_status { count.total } else { 0 }, "{what}");
    }
    let shelters: Vec<&Shelter> = there.iter().filter_map(|r| r.shelter()).collect();
    let known: Vec<&&Shelter> = shelters.iter().filter(|s| s.capacity.persons().is_some()).collect();
    let total = |f: &dyn Fn(&Shelter) -> u32| known.iter().map(|s| u64::from(f(s))).sum::<u64>();
    let expect = |sum: u64| Known {
        sum: (!known.is_empty() || shelters.is_empty()).then_some(sum),
        unknown: shelters.len() - known.len(),
    };
    assert_eq!(found.places.capacity, expect(total(&|s| s.capacity.persons().unwrap())), "{what}");
    assert_eq!(found.places.free, expect(total(&|s| s.free_places().unwrap())), "{what}");
    let lines: Vec<&StockLine> = there.iter().filter_map(|r| r.storage()?.stock.as_ref()).flatten().collect();
    assert_eq!(found.stock.iter().map(|s| s.lines).sum::<usize>(), lines.len(), "{what}");
    for sum in &found.stock {
        let same = |l: &&&StockLine| l.code == sum.code && l.name == sum.name && l.unit == sum.unit;
        let quantities: Vec<f64> = lines.iter().filter(same).filter_map(|l| l.quantity).collect();
        assert_eq!(sum.lines, lines.iter().filter(same).count(), "{what}");
        assert_eq!(sum.lines_without_quantity, sum.lines - quantities.len(), "{what}");
        // Quarters add up exactly in any order.
        assert_eq!(sum.quantity, (!quantities.is_empty()).then(|| quantities.iter().sum()), "{what}");
    }
    let heads: Vec<Option<u32>> = there.iter().filter_map(|r| r.team()).map(|t| t.headcount).collect();
    assert_eq!(found.headcount.unknown, heads.iter().filter(|h| h.is_none()).count(), "{what}");
    let sum: u64 = heads.iter().flatten().map(|&h| u64::from(h)).sum();
    assert_eq!(found.headcount.sum.unwrap_or(0), sum, "{what}");
}

fn sorted(mut items: Vec<Item>, resources: &[Resource]) -> Vec<Item> {
    items.sort_by(|a, b| {
        let id = |i: &Item| &resources[i.resource].id;
        a.distance_m.total_cmp(&b.distance_m).then_with(|| id(a).cmp(id(b)))
    });
    items
}

#[test]
fn a_circle_finds_what_measuring_every_place_finds() {
    let seed = 501;
    let mut dice = Dice::new(seed);
    for round in 0..30 {
        let middle = LonLat::clamped([121.2, 180.0, -70.0][round % 3], [31.0, -17.0, 64.0][round % 3]);
        let case = Case::random(&mut dice, middle);
        let (centre, radius_m) = (dice.near(middle, 0.1), [0.0, 800.0, 5000.0, 50_000.0][round % 4]);
        let found = case.ask(Region::Circle { centre, radius_m }, 25);
        let all = case.resources.iter().enumerate();
        let all = all.map(|(resource, r)| Item { resource, distance_m: edge_m(centre, &r.place) });
        let slow = sorted(all.filter(|item| item.distance_m <= radius_m).collect(), &case.resources);
        let what = format!("seed {seed}, round {round}");
        check(&case, &found, &slow, &what);
        let people: Vec<&Demand> = case.demand.iter().filter(|d| distance_m(centre, d.position) <= radius_m).collect();
        assert_eq!(found.demand_points, people.len(), "{what}");
        let counted = (!people.is_empty()).then(|| people.iter().map(|d| d.population).sum());
        assert_eq!(found.population, counted, "{what}");
        assert_eq!(found.area_m2, circle_area_m2(centre, radius_m), "{what}");
        assert_eq!(found.complete, slow.len() <= 25, "{what}");
    }
}

/// Whether a place has a point in common with a box, by clipping and by the position.
fn slow_touches(region: &MultiPolygon<f64>, place: &Place) -> bool {
    match &place.footprint {
        Some(footprint) => area_m2(&bihu::spatial::area::clip(footprint, region)) > 0.0,
        None => distance_to_footprint_m(place.position, region) == 0.0,
    }
}

#[test]
fn an_area_finds_what_it_touches_on_both_sides_of_the_antimeridian() {
    let seed = 502;
    let mut dice = Dice::new(seed);
    for round in 0..20 {
        let middle = LonLat::clamped([121.2, 180.0][round % 2], -17.0);
        let case = Case::random(&mut dice, middle);
        let (x, y) = ([121.2, 180.0][round % 2] + dice.between(-0.02, 0.02), -17.0);
        let half = dice.between(0.01, 0.06);
        let region = cut(Polygon::from(Rect::new((x - half, y - half), (x + half, y + half))));
        let found = case.ask(Region::Area(&region), usize::MAX);
        let what = format!("seed {seed}, round {round}");
        let origin = found.origin.unwrap();
        assert!(distance_m(origin, LonLat::clamped(x, y)) < 5.0, "{what}: the centroid is at {origin:?}");
        let all = case.resources.iter().enumerate().filter(|(_, r)| slow_touches(&region, &r.place));
        let slow = all.map(|(resource, r)| Item { resource, distance_m: edge_m(origin, &r.place) }).collect();
        check(&case, &found, &sorted(slow, &case.resources), &what);
        let people: Vec<&Demand> =
            case.demand.iter().filter(|d| distance_to_footprint_m(d.position, &region) == 0.0).collect();
        assert_eq!(found.demand_points, people.len(), "{what}");
        let counted = (!people.is_empty()).then(|| people.iter().map(|d| d.population).sum());
        assert_eq!(found.population, counted, "{what}");
        assert_eq!(found.area_m2, area_m2(&region), "{what}");
        assert!(found.complete, "{what}");
    }
}

#[test]
fn unknown_is_never_counted_as_zero() {
    let at = LonLat::clamped(121.2, 31.0);
    let unknown = resource(1, Place::point(at), None, Detail::Shelter(Shelter::default()));
    let team = resource(2, Place::point(at), None, Detail::Team(Team::default()));
    let store = resource(3, Place::point(at), None, Detail::Warehouse(Storage::default()));
    let case = Case { resources: vec![unknown, team, store], demand: Vec::new() };
    let found = case.ask(Region::Circle { centre: at, radius_m: 10.0 }, 10);
    assert_eq!(found.places.capacity, Known { sum: None, unknown: 1 });
    assert_eq!(found.places.free, Known { sum: None, unknown: 1 });
    assert_eq!(found.headcount, Known { sum: None, unknown: 1 });
    assert_eq!(found.stores_without_list, 1);
    assert_eq!(found.counts[&Kind::Shelter].by_status[UNKNOWN], 1);
    assert_eq!(found.counts[&Kind::Shelter].by_level[UNKNOWN], 1);
}

#[test]
fn an_empty_region_finds_nothing_and_says_so() {
    let case = Case::random(&mut Dice::new(503), LonLat::clamped(121.2, 31.0));
    let found = case.ask(Region::Area(&MultiPolygon(Vec::new())), 10);
    assert_eq!((found.items_total, found.demand_points, found.area_m2), (0, 0, 0.0));
    assert_eq!(found.origin, None);
    assert_eq!(found.places.capacity, Known { sum: Some(0), unknown: 0 });
}
