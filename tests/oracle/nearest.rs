//! Nearest against its slow twin: measure everything, judge everything, sort.
//!
//! The slow twin knows no index, no bound and no early stop. Distances to areas are taken from `distance_to_footprint_m`,
//! which has a slow twin of its own.

use crate::dice::Dice;
use crate::serving::{Slow, slow_judge};
use bihu::analysis::serving::{Asked, Need, Openness};
use bihu::domain::*;
use bihu::spatial::index::distance_to_place_m;
use bihu::world::nearest::{REJECTED_MAX, Request, Unknowns, nearest};
use bihu::world::{Row, Tables, World};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Queries on each kind of set; five kinds of set make 10,000.
const QUERIES: usize = 2000;

/// How a set lies on the globe.
#[derive(Debug, Clone, Copy)]
pub enum Ground {
    WorldWide,
    Antimeridian,
    NorthPole,
    SouthPole,
    District,
}

impl Ground {
    fn place(self, dice: &mut Dice) -> LonLat {
        let at = |lon, lat| LonLat::clamped(lon, lat);
        match self {
            Self::WorldWide => dice.place(),
            Self::Antimeridian => {
                let lat = dice.between(-60.0, 60.0);
                dice.near(at(180.0, lat), 3.0)
            }
            Self::NorthPole => at(dice.between(-180.0, 180.0), dice.between(84.0, 90.0)),
            Self::SouthPole => at(dice.between(-180.0, 180.0), dice.between(-90.0, -84.0)),
            Self::District => dice.near(at(121.22, 31.03), 0.15),
        }
    }

    fn width_deg(self) -> f64 {
        match self {
            Self::WorldWide => 1.5,
            Self::Antimeridian | Self::NorthPole | Self::SouthPole => 0.8,
            Self::District => 0.004,
        }
    }
}

pub fn pick<T: Copy>(dice: &mut Dice, all: &[T]) -> T {
    all[dice.below(all.len())]
}

pub fn maybe<T>(dice: &mut Dice, value: impl FnOnce(&mut Dice) -> T) -> Option<T> {
    (dice.below(4) > 0).then(|| value(dice))
}

/// A resource with everything that a verdict depends on drawn at random.
pub fn resource(dice: &mut Dice, ground: Ground, number: usize) -> Resource {
    let position = ground.place(dice);
    let footprint = (dice.below(5) == 0).then(|| dice.area(position, ground.width_deg()));
    // An area of no ground is no area: near a pole a random one may be clipped away.
    let footprint = footprint.filter(|f| !f.0.is_empty());
    let shelter = Shelter {
        hazards: maybe(dice, |d| [Hazard::Flood, Hazard::Earthquake].into_iter().filter(|_| d.below(3) > 0).collect()),
        capacity: pick(dice, &[Capacity::Unknown, Capacity::Stated(20), Capacity::Stated(60), Capacity::Derived(400)]),
        occupancy: Occupancy { occupied: maybe(dice, |d| d.below(30) as u32), ..Occupancy::default() },
        accessible: maybe(dice, |d| d.below(2) == 0),
        status: maybe(dice, |d| pick(d, Status::ALL)),
        ..Shelter::default()
    };
    let detail = match dice.below(6) {
        0 => Detail::Team(Team { readiness: maybe(dice, |d| pick(d, Readiness::ALL)), ..Team::default() }),
        1 => Detail::StoragePoint(Storage::default()),
        _ => Detail::Shelter(shelter),
    };
    Resource {
        id: ResourceId::parse(&format!("r{:05}", dice.below(100_000) * 7 % 99_991 + number)).expect("an id"),
        code: format!("C{number}"),
        name: Name { zh: format!("第{number}处"), en: None },
        division: None,
        address: None,
        place: Place { position, footprint, declared: None },
        level: None,
        lifecycle: if dice.below(10) == 0 { pick(dice, Lifecycle::ALL) } else { Lifecycle::InService },
        visibility: if dice.below(8) == 0 { Visibility::Operational } else { Visibility::Public },
        parties: Parties::default(),
        contacts: Vec::new(),
        source: None,
        remarks: None,
        synthetic: true,
        observations: Default::default(),
        detail,
    }
}

fn request(dice: &mut Dice, ground: Ground) -> Request {
    let asked = Asked {
        party: maybe(dice, |d| 1 + d.below(80) as u32),
        hazard: (dice.below(2) == 0).then_some(Hazard::Flood),
        needs: if dice.below(3) == 0 { vec![Need::Accessible] } else { Vec::new() },
        openness: if dice.below(3) == 0 { Openness::OpenNow } else { Openness::OpenOrCouldOpen },
    };
    let reach_m = ground.width_deg() * 111_000.0 * 4.0;
    Request {
        origin: if dice.below(20) == 0 { dice.place() } else { ground.place(dice) },
        k: 1 + dice.below(12),
        kinds: if dice.below(3) == 0 { Kind::ALL.to_vec() } else { vec![Kind::Shelter] },
        asked,
        unknowns: pick(dice, &[Unknowns::Last, Unknowns::Include, Unknowns::Exclude]),
        within_m: (dice.below(4) == 0).then(|| dice.between(0.0, reach_m)),
        audience: pick(dice, Audience::ALL),
    }
}

fn world_of(resources: &[Resource]) -> World {
    let row = |(i, r): (usize, &Resource)| Row {
        revision: Revision(i as u64 + 1),
        public_revision: Revision(i as u64 + 1),
        value: Arc::new(r.clone()),
    };
    let revisions = Revisions { all: Revision(resources.len() as u64), public: Revision(resources.len() as u64) };
    World::from_tables(Tables {
        revisions,
        resources: resources.iter().enumerate().map(row).collect(),
        ..Tables::default()
    })
}

type Named = (String, f64);

/// The slow twin: offers, and what is rejected with its first reason.
fn brute_force(resources: &[Resource], request: &Request) -> (Vec<Named>, Vec<(String, f64, &'static str)>) {
    let (mut sure, mut doubtful, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for resource in resources {
        let hidden = request.audience == Audience::Public && resource.visibility == Visibility::Operational;
        if hidden || !request.kinds.contains(&resource.kind()) {
            continue;
        }
        let distance = distance_to_place_m(request.origin, &resource.place);
        if request.within_m.is_some_and(|most| distance > most) {
            continue;
        }
        let named = (distance, resource.id.to_string());
        let Slow { against, unknown } = slow_judge(resource, &request.asked);
        match (against.first(), unknown.first(), request.unknowns) {
            (Some(why), _, _) | (None, Some(why), Unknowns::Exclude) => refused.push((named, *why)),
            (None, Some(why), Unknowns::Last) => doubtful.push((named, *why)),
            (None, None, _) | (None, Some(_), Unknowns::Include) => sure.push(named),
        }
    }
    sure.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    doubtful.sort_by(|(a, _), (b, _)| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    sure.truncate(request.k);
    let room = request.k - sure.len();
    let left_out = doubtful.split_off(room.min(doubtful.len()));
    let offers: Vec<Named> =
        sure.into_iter().chain(doubtful.into_iter().map(|(n, _)| n)).map(|(d, id)| (id, d)).collect();
    refused.extend(left_out);
    if offers.len() == request.k {
        let farthest = offers.iter().map(|(_, d)| *d).fold(0.0, f64::max);
        refused.retain(|((d, _), _)| *d <= farthest);
    }
    refused.sort_by(|(a, _), (b, _)| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    (offers, refused.into_iter().map(|((d, id), why)| (id, d, why)).collect())
}

fn check(world: &World, resources: &[Resource], request: &Request, context: &str) {
    let answer = nearest(world, request);
    let (offers, mut refused) = brute_force(resources, request);
    assert_eq!(answer.rejected_total, refused.len(), "another count: {context}\n{request:?}");
    refused.truncate(REJECTED_MAX);
    let told: Vec<Named> = answer.offers.iter().map(|o| (o.row.value.id.to_string(), o.distance_m)).collect();
    assert_eq!(told, offers, "offers differ: {context}\n{request:?}");
    let told: Vec<_> =
        answer.rejected.iter().map(|r| (r.row.value.id.to_string(), r.distance_m, r.reason.word())).collect();
    assert_eq!(told, refused, "rejections differ: {context}\n{request:?}");
    assert!(answer.complete);
}

/// Makes ids differ, and lets some share a position so that ties happen.
fn set(dice: &mut Dice, ground: Ground) -> Vec<Resource> {
    let mut resources: Vec<Resource> = (0..150 + dice.below(150)).map(|i| resource(dice, ground, i)).collect();
    for i in 1..resources.len() {
        if dice.below(10) == 0 {
            resources[i].place = resources[i - 1].place.clone();
        }
    }
    let mut seen = BTreeSet::new();
    resources.retain(|r| seen.insert(r.id.clone()));
    resources
}

fn compare_on(ground: Ground, seed: u64) {
    let mut dice = Dice::new(seed);
    for round in 0..20 {
        let resources = set(&mut dice, ground);
        let world = world_of(&resources);
        for query in 0..QUERIES / 20 {
            let request = request(&mut dice, ground);
            check(&world, &resources, &request, &format!("{ground:?} seed {seed:#x} round {round} query {query}"));
        }
    }
}

#[test]
fn nearest_equals_brute_force_world_wide() {
    compare_on(Ground::WorldWide, 0xB1_5EED);
}

#[test]
fn nearest_equals_brute_force_across_the_antimeridian() {
    compare_on(Ground::Antimeridian, 0xB2_5EED);
}

#[test]
fn nearest_equals_brute_force_around_the_north_pole() {
    compare_on(Ground::NorthPole, 0xB3_5EED);
}

#[test]
fn nearest_equals_brute_force_around_the_south_pole() {
    compare_on(Ground::SouthPole, 0xB4_5EED);
}

#[test]
fn nearest_equals_brute_force_in_a_district() {
    compare_on(Ground::District, 0xB5_5EED);
}

#[test]
fn of_thousands_refused_the_nearest_are_told_and_all_are_counted() {
    for (ground, seed) in [(Ground::District, 0xC1_5EED), (Ground::WorldWide, 0xC2_5EED)] {
        let mut dice = Dice::new(seed);
        let resources: Vec<Resource> = (0..12).flat_map(|_| set(&mut dice, ground)).collect();
        let resources: Vec<Resource> = (0..).zip(resources).map(|(i, r)| numbered(r, i)).collect();
        let world = world_of(&resources);
        let mut crowded = 0;
        for query in 0..100 {
            // More than all but a few can show, so that the sure ones are far away.
            let mut request = request(&mut dice, ground);
            request.asked.party = Some(350);
            check(&world, &resources, &request, &format!("{ground:?} seed {seed:#x} query {query}"));
            crowded += usize::from(nearest(&world, &request).rejected_total > REJECTED_MAX);
        }
        println!("{ground:?}: {crowded} of 100 answers refuse more than they tell");
        assert!(crowded > 10);
    }
}

/// Gives a resource an id of its own; of capacity it has little, but for one in three hundred.
fn numbered(mut resource: Resource, number: usize) -> Resource {
    if let Detail::Shelter(shelter) = &mut resource.detail
        && shelter.capacity != Capacity::Unknown
    {
        shelter.capacity = Capacity::Stated(if number.is_multiple_of(300) { 5000 } else { 60 });
    }
    Resource { id: ResourceId::parse(&format!("n{number:05}")).expect("an id"), code: format!("N{number}"), ..resource }
}

/// One random journal entry that follows `world`, and the same change to the plain list.
fn edit(dice: &mut Dice, resources: &mut Vec<Resource>, revision: Revision, number: usize) -> Entry {
    let at = dice.below(resources.len());
    let (before, after) = match dice.below(4) {
        0 => (None, Some(resource(dice, Ground::District, 1_000_000 + number))),
        1 if resources.len() > 50 => (Some(resources.swap_remove(at)), None),
        _ => {
            let before = resources.swap_remove(at);
            let fresh = resource(dice, Ground::District, number);
            let place = if dice.below(2) == 0 { fresh.place } else { before.place.clone() };
            let after = Resource { id: before.id.clone(), code: before.code.clone(), place, ..fresh };
            (Some(before), Some(after))
        }
    };
    resources.extend(after.clone());
    let change = Change::Resource(Edit { before: before.map(Arc::new), after: after.map(Arc::new) });
    let at = chrono::DateTime::UNIX_EPOCH;
    Entry { revision, batch: revision, actor: "试验".to_owned(), at, reason: None, change }
}

#[test]
fn a_world_folded_through_a_thousand_edits_answers_like_one_made_anew() {
    let seed = 0xF01D_5EED;
    let mut dice = Dice::new(seed);
    let mut resources = set(&mut dice, Ground::District);
    let mut world = world_of(&resources);
    for number in 0..1000 {
        let revision = world.revisions().all.next();
        let entry = edit(&mut dice, &mut resources, revision, number);
        world = world.apply(&[entry]).expect("entries follow one another");
        if number % 10 == 0 {
            let request = request(&mut dice, Ground::District);
            check(&world, &resources, &request, &format!("seed {seed:#x} after edit {number}"));
        }
    }
    assert_eq!(world.resources().count(), resources.len());
}

#[test]
fn an_entry_that_does_not_follow_is_refused() {
    let mut dice = Dice::new(1);
    let mut resources = set(&mut dice, Ground::District);
    let world = world_of(&resources);
    let skipped = world.revisions().all.next().next();
    let entry = edit(&mut dice, &mut resources, skipped, 0);
    assert!(world.apply(&[entry]).is_err());
}
