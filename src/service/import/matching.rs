//! Which rows may be the same place as another one, and which are piled on one point.
//!
//! Two of one kind with different codes are a *possible duplicate* when they lie within [`NEAR_M`] and have a similar
//! name or the same address, or when they have the same name in the same town, however far apart ([`super::names`] says
//! when names are the same and similar). Three or more of one kind with different names or addresses on one position, to
//! [`SAME_POINT_M`], are a *pile*. Retired resources are nobody's duplicate. Invariant: the work grows with the rows and
//! not with their square: points are looked up in the index, what lies on one point is looked up once, and of a crowd
//! only the nearest [`CROWD_MAX`] are compared.

use super::finding::{Finding, Likeness, Party, Pile};
use super::names::{Prefixes, alike};
use crate::domain::{Audience, Kind, Level, Lifecycle, LonLat, Place, Resource, ResourceId};
use crate::spatial::edge::{EARTH_RADIUS_M, unit_vector};
use crate::spatial::geodesic::distance_m;
use crate::spatial::index::PlaceIndex;
use crate::world::World;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Within this distance a similar name or the same address makes a possible duplicate, metres.
pub const NEAR_M: f64 = 100.0;

/// Positions this close are one point, metres.
pub const SAME_POINT_M: f64 = 1.0;

/// Most others around one point that are compared.
pub const CROWD_MAX: usize = 32;

/// Most findings of duplicates for one row.
pub const DUPLICATES_MAX: usize = 4;

/// Most members of a pile that are listed.
pub const PILE_LISTED_MAX: usize = 12;

/// Fewest that make a pile.
const PILE_MIN: usize = 3;

/// A row that can be taken, with what it would make.
pub struct Candidate {
    /// Its number.
    pub row: usize,
    /// What it would make, or leaves as it is.
    pub resource: Arc<Resource>,
}

/// Compared texts of one resource.
struct Words {
    name: String,
    address: Option<String>,
}

/// What lies on one point.
struct Spot {
    at: LonLat,
    /// Candidates on it.
    rows: Vec<usize>,
}

/// Finds possible duplicates and piles; findings are in the order of the candidates. `looked_at` is called once for each.
pub fn examine(world: &World, kind: Kind, rows: &[Candidate], looked_at: &dyn Fn()) -> Vec<Vec<Finding>> {
    let matcher = Matcher::new(world, kind, rows);
    let mut out: Vec<Vec<Finding>> = rows.iter().map(|_| Vec::new()).collect();
    for number in 0..matcher.spots.len() {
        matcher.examine_spot(number, &mut out, looked_at);
    }
    out
}

struct Matcher<'a> {
    world: &'a World,
    kind: Kind,
    rows: &'a [Candidate],
    words: Vec<Words>,
    towns: Vec<Option<String>>,
    prefixes: Prefixes,
    /// Ids that rows of the file are about: there the row stands for the resource.
    claimed: HashSet<&'a ResourceId>,
    spots: Vec<Spot>,
    index: PlaceIndex<usize>,
    /// Same name in the same town: the first few rows and known ones.
    namesakes: HashMap<(String, String), Vec<Party>>,
}

impl<'a> Matcher<'a> {
    fn new(world: &'a World, kind: Kind, rows: &'a [Candidate]) -> Self {
        let prefixes = Prefixes::of(world);
        let words = rows.iter().map(|c| words_of(&prefixes, &c.resource)).collect();
        let towns = rows.iter().map(|c| town_of(world, &c.resource)).collect();
        let spots = spots_of(rows);
        let places: Vec<Place> = spots.iter().map(|spot| Place::point(spot.at)).collect();
        let claimed = rows.iter().map(|c| &c.resource.id).collect();
        let index = PlaceIndex::build(places.iter().enumerate());
        let mut matcher =
            Self { world, kind, rows, words, towns, prefixes, claimed, spots, index, namesakes: HashMap::new() };
        matcher.collect_namesakes();
        matcher
    }

    fn collect_namesakes(&mut self) {
        let mut namesakes: HashMap<(String, String), Vec<Party>> = HashMap::new();
        let mut put = |name: &str, town: &Option<String>, party: Party| {
            let Some(town) = town else { return };
            let same = namesakes.entry((name.to_owned(), town.clone())).or_default();
            if same.len() <= DUPLICATES_MAX {
                same.push(party);
            }
        };
        for (i, candidate) in self.rows.iter().enumerate() {
            put(&self.words[i].name, &self.towns[i], Party::Row(candidate.row, candidate.resource.clone()));
        }
        for row in self.world.of_kind(Audience::Staff, self.kind, None) {
            if self.may_be_other(&row.value) {
                let town = town_of(self.world, &row.value);
                put(&self.prefixes.name(&row.value.name.zh), &town, Party::Known(row.value.clone()));
            }
        }
        // What stands alone has no namesake.
        namesakes.retain(|_, same| same.len() > 1);
        self.namesakes = namesakes;
    }

    /// Returns whether a known resource can be the other party: it is not itself in the file, and not given up.
    fn may_be_other(&self, known: &Resource) -> bool {
        known.kind() == self.kind && known.lifecycle != Lifecycle::Retired && !self.claimed.contains(&known.id)
    }

    fn examine_spot(&self, number: usize, out: &mut [Vec<Finding>], looked_at: &dyn Fn()) {
        let spot = &self.spots[number];
        let around = self.known_around(spot.at);
        let beside = self.rows_around(number);
        for &i in &spot.rows {
            out[i] = self.duplicates(i, &around, &beside);
            looked_at();
        }
        if let Some(pile) = self.pile(spot, &around) {
            let pile = Arc::new(pile);
            spot.rows.iter().for_each(|&i| out[i].push(Finding::StackedPin(pile.clone())));
        }
    }

    /// Returns the nearest known resources that may be the other party, within [`NEAR_M`].
    fn known_around(&self, at: LonLat) -> Vec<Arc<Resource>> {
        let near = self.world.walk(at).take_while(|(at_least_m, _)| *at_least_m <= NEAR_M + SAME_POINT_M);
        let others = near.filter(|(_, row)| self.may_be_other(&row.value)).map(|(_, row)| row.value.clone());
        others.take(CROWD_MAX).collect()
    }

    /// Returns the nearest candidates within [`NEAR_M`] of a spot, its own too; of a pile the first few.
    fn rows_around(&self, number: usize) -> Vec<usize> {
        let at = self.spots[number].at;
        let near = self.index.walk(at).take_while(|(at_least_m, _)| *at_least_m <= NEAR_M + SAME_POINT_M);
        let spots = near.take(CROWD_MAX).map(|(_, spot)| &self.spots[*spot]);
        spots.flat_map(|spot| spot.rows.iter().take(PILE_LISTED_MAX).copied()).take(CROWD_MAX).collect()
    }

    fn duplicates(&self, i: usize, around: &[Arc<Resource>], beside: &[usize]) -> Vec<Finding> {
        let own = &self.rows[i].resource;
        let mut found: Vec<(f64, Likeness, Party)> = Vec::new();
        for known in around {
            if let Some((metres, likeness)) = self.likeness(i, known, &words_of(&self.prefixes, known)) {
                found.push((metres, likeness, Party::Known(known.clone())));
            }
        }
        for &j in beside.iter().filter(|j| **j != i) {
            let other = &self.rows[j];
            if let Some((metres, likeness)) = self.likeness(i, &other.resource, &self.words[j]) {
                found.push((metres, likeness, Party::Row(other.row, other.resource.clone())));
            }
        }
        let key = self.towns[i].as_ref().map(|town| (self.words[i].name.clone(), town.clone()));
        for party in key.and_then(|key| self.namesakes.get(&key)).into_iter().flatten() {
            let metres = distance_m(own.place.position, party.resource().place.position);
            found.push((metres, Likeness::SameNameInTown, party.clone()));
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut told = HashSet::from([own.id.clone()]);
        let fresh = found.into_iter().filter(|(_, _, other)| told.insert(other.resource().id.clone()));
        let findings =
            fresh.map(|(distance_m, likeness, other)| Finding::PossibleDuplicate { other, distance_m, likeness });
        findings.take(DUPLICATES_MAX).collect()
    }

    fn likeness(&self, i: usize, other: &Resource, words: &Words) -> Option<(f64, Likeness)> {
        let own = &self.words[i];
        let likeness = if alike(&own.name, &words.name) {
            Likeness::SimilarNameNearby
        } else if own.address.is_some() && own.address == words.address {
            Likeness::SameAddressNearby
        } else {
            return None;
        };
        let metres = distance_m(self.rows[i].resource.place.position, other.place.position);
        (metres <= NEAR_M).then_some((metres, likeness))
    }

    fn pile(&self, spot: &Spot, around: &[Arc<Resource>]) -> Option<Pile> {
        let on_it = |known: &&Arc<Resource>| distance_m(spot.at, known.place.position) <= SAME_POINT_M;
        let known: Vec<&Arc<Resource>> = around.iter().filter(on_it).collect();
        let size = spot.rows.len() + known.len();
        if size < PILE_MIN {
            return None;
        }
        let folded = |words: &Words| (words.name.clone(), words.address.clone());
        let different: BTreeSet<_> = spot.rows.iter().map(|&i| folded(&self.words[i])).collect();
        let others = known.iter().map(|known| folded(&words_of(&self.prefixes, known)));
        if different.into_iter().chain(others).collect::<BTreeSet<_>>().len() < PILE_MIN {
            return None;
        }
        let rows = spot.rows.iter().map(|&i| Party::Row(self.rows[i].row, self.rows[i].resource.clone()));
        let known = known.into_iter().map(|known| Party::Known(known.clone()));
        Some(Pile { size, members: rows.chain(known).take(PILE_LISTED_MAX).collect() })
    }
}

fn words_of(prefixes: &Prefixes, resource: &Resource) -> Words {
    Words { name: prefixes.name(&resource.name.zh), address: prefixes.address(resource.address.as_deref()) }
}

/// Returns the digits of the town that a resource belongs to: the one it claims, or else the one it lies in.
pub(super) fn town_of(world: &World, resource: &Resource) -> Option<String> {
    let claimed = resource.division.as_ref().filter(|code| code.level() >= Level::Town);
    let town = |code: &str| code.get(..9).map(str::to_owned);
    match claimed {
        Some(code) => town(code.as_str()),
        None => town(world.division_at(resource.place.position, Level::Town)?.value.code.as_str()),
    }
}

/// Gathers candidates by position, to [`SAME_POINT_M`]: each joins the first spot that near, found through cells of a
/// metre in space.
fn spots_of(rows: &[Candidate]) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::new();
    let mut cells: HashMap<[i64; 3], Vec<usize>> = HashMap::new();
    for (i, candidate) in rows.iter().enumerate() {
        let at = candidate.resource.place.position;
        let cell = unit_vector(at).map(|x| (x * EARTH_RADIUS_M / SAME_POINT_M).floor() as i64);
        let around = (0..27).map(|n| [cell[0] + n % 3 - 1, cell[1] + n / 3 % 3 - 1, cell[2] + n / 9 - 1]);
        let near = around.filter_map(|cell| cells.get(&cell)).flatten().copied();
        match near.into_iter().find(|&spot| distance_m(spots[spot].at, at) <= SAME_POINT_M) {
            Some(spot) => spots[spot].rows.push(i),
            None => {
                cells.entry(cell).or_default().push(spots.len());
                spots.push(Spot { at, rows: vec![i] });
            }
        }
    }
    spots
}
