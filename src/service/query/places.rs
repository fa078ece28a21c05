//! Places by what somebody types: names, roads, crossings and addresses of the network file; divisions and resources of the
//! world; and coordinates.
//!
//! Invariants: the public's index of the world holds what is public and nothing else, so that nothing hidden can be found,
//! counted, or change how anything else is found. Results follow one order of penalties, ties by kind, name and id.

use super::search::{self, Found};
use crate::domain::{Audience, Datum, DivisionCode, Kind, Level, LonLat, ResourceId, Revision, Visibility};
use crate::network::PlaceIndex;
use crate::network::places::rank::{distance, importance};
use crate::network::places::{Asked, Beside, Matched, Name, NameIndex, PlaceFound, Sort, half_width};
use crate::service::App;
use crate::spatial::datum::to_wgs84;
use crate::spatial::geodesic::distance_m;
use crate::world::{World, visible};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

pub use super::search::{LIMIT_MAX, QUERY_MAX};

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// As it was typed.
    pub typed: String,
    /// Whence, WGS84, for distance to count.
    pub near: Option<LonLat>,
    /// System that coordinates are typed in.
    pub datum: Datum,
    /// Most results.
    pub limit: usize,
    /// Kinds of resources to look for; empty for all.
    pub kinds: Vec<Kind>,
    /// Whose eyes the answer is for.
    pub audience: Audience,
}

/// A place that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// What it is.
    pub sort: Sort,
    /// Kind of a resource, level of a division, otherwise the map's own word.
    pub class: String,
    /// Id of a resource or code of a division.
    pub id: Option<String>,
    /// Code of a resource.
    pub code: Option<String>,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// Where, WGS84.
    pub position: LonLat,
    /// How far it is, when it was said whence.
    pub distance_m: Option<f64>,
    /// Name of the division that it lies in.
    pub division_name: Option<String>,
    /// Address of a resource.
    pub address: Option<String>,
    /// Whether only staff may know of it.
    pub visibility: Visibility,
    /// How its name fits.
    pub how: Matched,
    /// Of a house: how it lies to the number asked for.
    pub beside: Option<Beside>,
    penalty: u32,
}

/// Who a name of the world belongs to.
enum Subject {
    Resource(ResourceId),
    Division(DivisionCode),
}

/// Names of a world, for one audience.
struct Names {
    revision: Revision,
    /// Of everything that is indexed: a figure that changes leaves names as they are.
    fingerprint: u64,
    index: Arc<NameIndex>,
    subjects: Arc<Vec<Subject>>,
}

/// The names of the present world, for the public and for staff.
#[derive(Default)]
pub struct Cache([Mutex<Option<Names>>; 2]);

impl Cache {
    fn get(&self, world: &World, audience: Audience) -> (Arc<NameIndex>, Arc<Vec<Subject>>) {
        let slot = &self.0[usize::from(audience == Audience::Staff)];
        let mut kept = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let revision = world.revision_for(audience);
        if let Some(names) = kept.as_mut() {
            if names.revision != revision && names.fingerprint == fingerprint(world, audience) {
                names.revision = revision;
            }
            if names.revision == revision {
                return (names.index.clone(), names.subjects.clone());
            }
        }
        let (index, subjects) = indexed(world, audience);
        let (index, subjects) = (Arc::new(index), Arc::new(subjects));
        let fingerprint = fingerprint(world, audience);
        *kept = Some(Names { revision, fingerprint, index: index.clone(), subjects: subjects.clone() });
        (index, subjects)
    }
}

/// Yields the names that an audience may know of, with who they belong to.
fn named(world: &World, audience: Audience) -> impl Iterator<Item = (Subject, Name<'_>)> {
    let resources = world.resources().filter(move |row| visible(audience, &row.value)).map(|row| {
        let r = &row.value;
        let other = r.name.en.as_deref().unwrap_or_default();
        (Subject::Resource(r.id.clone()), Name { name: &r.name.zh, other, code: r.code.as_str() })
    });
    let divisions = world.divisions().map(|row| {
        let d = &row.value;
        let other = d.name_en.as_deref().unwrap_or_default();
        (Subject::Division(d.code.clone()), Name { name: &d.name, other, code: d.code.as_str() })
    });
    divisions.chain(resources)
}

fn indexed(world: &World, audience: Audience) -> (NameIndex, Vec<Subject>) {
    let mut subjects = Vec::new();
    let index = NameIndex::of(named(world, audience).map(|(subject, name)| {
        subjects.push(subject);
        name
    }));
    (index, subjects)
}

fn fingerprint(world: &World, audience: Audience) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (subject, name) in named(world, audience) {
        match subject {
            Subject::Resource(id) => id.to_string().hash(&mut hasher),
            Subject::Division(code) => code.as_str().hash(&mut hasher),
        }
        (name.name, name.other, name.code).hash(&mut hasher);
    }
    hasher.finish()
}

/// Returns the places that fit, best first, at most the limit, and the revision of the world that answered.
pub fn places(app: &App, request: &Request) -> (Revision, Vec<Place>) {
    let (world, roads) = (app.world(), app.roads());
    let mut found: Vec<Place> = coordinates(&request.typed, request.datum).into_iter().collect();
    found.extend(of_world(app, &world, request));
    if let Some(index) = roads.as_ref().and_then(|roads| roads.places.as_ref()) {
        let others = of_network(index, request).into_iter().filter(|place| !is_told(&world, &found, place));
        let others: Vec<Place> = others.collect();
        found.extend(others);
    }
    found.sort_by(|a, b| {
        let key = |p: &Place| (p.penalty, p.sort);
        key(a).cmp(&key(b)).then_with(|| (&a.name, &a.id).cmp(&(&b.name, &b.id)))
    });
    found.truncate(request.limit.min(LIMIT_MAX));
    for place in &mut found {
        place.distance_m = request.near.map(|near| distance_m(near, place.position));
        if place.division_name.is_none() && place.sort != Sort::Division {
            place.division_name = division_at(&world, place.position);
        }
    }
    (world.revision_for(request.audience), found)
}

/// Returns the name of the town, or else the district, that holds a position.
fn division_at(world: &World, position: LonLat) -> Option<String> {
    let levels = [Level::Town, Level::District];
    levels.iter().find_map(|level| world.division_at(position, *level)).map(|row| row.value.name.clone())
}

/// Returns whether a settlement of the map is a division that was found, by name and by lying within it: one place, once.
fn is_told(world: &World, found: &[Place], place: &Place) -> bool {
    let is_it = |division: &Place| {
        let at = Level::from_word(&division.class).and_then(|level| world.division_at(place.position, level));
        division.name == place.name && at.is_some_and(|row| division.id.as_deref() == Some(row.value.code.as_str()))
    };
    place.sort == Sort::Settlement && found.iter().filter(|other| other.sort == Sort::Division).any(is_it)
}

fn of_network(index: &PlaceIndex, request: &Request) -> Vec<Place> {
    let place = |found: PlaceFound| Place {
        sort: found.sort,
        class: found.class,
        id: None,
        code: None,
        name: found.name,
        name_en: Some(found.name_en).filter(|name| !name.is_empty()),
        position: found.position,
        distance_m: None,
        division_name: None,
        address: None,
        visibility: Visibility::Public,
        how: found.how,
        beside: found.beside,
        penalty: found.penalty,
    };
    let asked = Asked { typed: &request.typed, near: request.near, limit: request.limit.min(LIMIT_MAX) };
    index.search(&asked).into_iter().map(place).collect()
}

fn of_world(app: &App, world: &World, request: &Request) -> Vec<Place> {
    let (index, subjects) = app.names.get(world, request.audience);
    let mut matches: Vec<_> = index
        .find(&request.typed)
        .into_iter()
        .filter_map(|found| {
            let subject = &subjects[found.name as usize];
            // The world may have moved on since its names were indexed.
            let (sort, far) = match subject {
                Subject::Resource(id) => {
                    let row = world.resource_for(request.audience, id)?;
                    let wanted = request.kinds.is_empty() || request.kinds.contains(&row.value.kind());
                    if !wanted {
                        return None;
                    }
                    (Sort::Resource, distance(request.near, row.value.place.position))
                }
                // Whoever names a district means all of it, wherever its middle is.
                Subject::Division(code) => world.division(code)?.value.area.as_ref().map(|_| (Sort::Division, 0))?,
            };
            Some((found.penalty + importance(sort, "") + far, found, subject))
        })
        .collect();
    matches.sort_by_key(|(penalty, found, _)| (*penalty, found.name));
    matches.truncate(request.limit.min(LIMIT_MAX));
    let place = |(penalty, how, subject): (u32, Matched, &Subject)| match subject {
        Subject::Resource(id) => {
            let resource = &world.resource_for(request.audience, id)?.value;
            let code = Some(resource.code.to_string());
            let place = told(Sort::Resource, search::resource(world, resource), how);
            place.map(|place| Place { penalty, code, ..place })
        }
        Subject::Division(code) => {
            let place = told(Sort::Division, search::division(world, &world.division(code)?.value), how);
            place.map(|place| Place { penalty, ..place })
        }
    };
    matches.into_iter().filter_map(|(penalty, found, subject)| place((penalty, found.how, subject))).collect()
}

fn told(sort: Sort, found: Found, how: Matched) -> Option<Place> {
    let class = match sort {
        Sort::Division => found.level.map_or("division", Level::word),
        _ => found.kind,
    };
    Some(Place {
        sort,
        class: class.to_owned(),
        id: Some(found.id),
        code: None,
        name: found.name,
        name_en: found.name_en,
        position: found.position?,
        distance_m: None,
        division_name: found.division_name,
        address: found.address,
        visibility: found.visibility,
        how,
        beside: None,
        penalty: 0,
    })
}

/// Returns the two numbers that were typed, if it is two.
fn pair(typed: &str) -> Option<(f64, f64)> {
    // Wide digits and signs, as a Chinese keyboard has them.
    let typed: String = typed.chars().map(half_width).collect();
    let numbers = typed.split([',', ';', ' ', '\t', '、']).filter(|part| !part.is_empty());
    let numbers: Vec<f64> = numbers.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let &[first, second] = &numbers[..] else { return None };
    Some((first, second))
}

/// Returns whether a pair of coordinates was typed, with a comma or semicolon between, one of which is no number (`NaN`) or
/// without end (`inf`, `1e999`): it is neither a place nor a name. With a blank between, `nan 31` may be pinyin.
pub fn is_pair_without_numbers(typed: &str) -> bool {
    let apart = typed.contains([',', '，', ';', '；', '、']);
    apart && pair(typed).is_some_and(|(first, second)| !(first.is_finite() && second.is_finite()))
}

/// Returns the place of coordinates that were typed: longitude and latitude in degrees, in either order where only one can be
/// meant.
fn coordinates(typed: &str, datum: Datum) -> Option<Place> {
    let (first, second) = pair(typed)?;
    let given = LonLat::new(first, second).or_else(|_| LonLat::new(second, first)).ok()?;
    let name = format!("{}, {}", given.lon(), given.lat());
    Some(Place {
        sort: Sort::Coordinate,
        class: datum.word().to_owned(),
        id: None,
        code: None,
        name,
        name_en: None,
        position: to_wgs84(datum, given),
        distance_m: None,
        division_name: None,
        address: None,
        visibility: Visibility::Public,
        how: Matched::Exact,
        beside: None,
        penalty: 0,
    })
}
