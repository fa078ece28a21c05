//! One search over the places of a network file: crossings, house numbers and names, best first.

use super::crossing::streets;
use super::fold::is_han;
use super::house::{asked, plain_label};
use super::names::{Match, Matched};
use super::rank::{distance, importance};
use super::traditional::simplified;
use super::{HouseRow, PlaceIndex, PlaceRow, Sort};
use crate::domain::LonLat;
use crate::domain::words::words;
use crate::network::source::{PlaceKind, Point};
use std::collections::BinaryHeap;
use std::ops::Range;

/// What a crossing or an address costs where something else bears the very name that was typed: more than any class matters.
/// A stop may be called 张杨路东方路, which can also be read as two streets.
const ONLY_READ_SO: u32 = 45;

/// Most streets that either half of a crossing, or the street of an address, may be.
const STREETS_MAX: usize = 12;

words! {
    /// How a house that was found lies to the number that was asked for.
    Beside {
        Same = "same", "即所查门牌", "the number asked for";
        Within = "within", "同号门牌", "of the same number";
        Lower = "lower", "较小的最近门牌", "the nearest lower number";
        Higher = "higher", "较大的最近门牌", "the nearest higher number";
    }
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// As it was typed.
    pub typed: &'a str,
    /// Whence, for distance to count.
    pub near: Option<LonLat>,
    /// Most results.
    pub limit: usize,
}

/// A place that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceFound {
    /// What it is.
    pub sort: Sort,
    /// The map's own word for its class.
    pub class: String,
    /// Name.
    pub name: String,
    /// English name, empty when it has none.
    pub name_en: String,
    /// Where.
    pub position: LonLat,
    /// How its name fits.
    pub how: Matched,
    /// Of a house: how it lies to the number asked for.
    pub beside: Option<Beside>,
    /// How badly it fits, all told: the order of results.
    pub penalty: u32,
}

/// What fits, before its words are made; the order is that of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    penalty: u32,
    what: What,
    how: Matched,
    beside: Option<Beside>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Crossing(usize),
    House(usize),
    Place(usize),
    /// A street that only its houses tell of, by the one in its middle.
    StreetOf(usize),
}

impl PlaceIndex {
    /// Returns the places that fit, best first, at most the limit.
    pub fn search(&self, asked: &Asked<'_>) -> Vec<PlaceFound> {
        let mut best = Best { worst_first: BinaryHeap::new(), limit: asked.limit };
        let named = self.names.find(asked.typed);
        let bears_it = |m: &Match| m.how == Matched::Exact && !self.places_called(m.name).is_empty();
        let behind = if named.iter().any(bears_it) { ONLY_READ_SO } else { 0 };
        self.crossings_of(asked, behind, &mut best);
        self.houses_of(asked, behind, &mut best);
        for found in named {
            self.places_of(found, asked.near, &mut best);
        }
        best.worst_first.into_sorted_vec().into_iter().map(|candidate| self.told(candidate)).collect()
    }

    /// Yields everything that is named, as a search tells it: every crossing from either of its streets, every house, every
    /// place.
    pub fn every(&self) -> impl Iterator<Item = PlaceFound> + '_ {
        let crossings = (0..self.crossings.len()).map(What::Crossing);
        let houses = (0..self.houses.len()).map(What::House);
        let all = crossings.chain(houses).chain((0..self.places.len()).map(What::Place));
        all.map(|what| self.told(Candidate { penalty: 0, what, how: Matched::Exact, beside: None }))
    }

    fn places_of(&self, found: Match, near: Option<LonLat>, best: &mut Best) {
        let range = self.places_called(found.name);
        let candidate = |what, penalty| Candidate { penalty, what, how: found.how, beside: None };
        for place in range.clone() {
            let row = &self.places[place];
            let penalty = found.penalty + importance(sort(row), self.classes.get(usize::from(row.class)));
            if best.may_take(penalty) {
                best.take(candidate(What::Place(place), penalty + distance(near, row.at.position())));
            }
        }
        let houses = self.houses_called(found.name);
        if range.is_empty() && !houses.is_empty() {
            let middle = houses.start + houses.len() / 2;
            let penalty = found.penalty + importance(Sort::Street, "");
            best.take(candidate(What::StreetOf(middle), penalty + distance(near, self.houses[middle].at.position())));
        }
    }

    fn crossings_of(&self, asked: &Asked<'_>, behind: u32, best: &mut Best) {
        if self.crossings.is_empty() {
            return;
        }
        let typed: String = asked.typed.chars().map(simplified).collect();
        let [joined, following] = streets(&typed);
        let is_found = self.crossings_between(&joined, (asked.near, behind), best);
        if !is_found {
            self.crossings_between(&following, (asked.near, behind), best);
        }
    }

    /// Takes the crossings of pairs of streets; returns whether there are any.
    fn crossings_between(
        &self,
        pairs: &[(&str, &str)],
        (near, behind): (Option<LonLat>, u32),
        best: &mut Best,
    ) -> bool {
        let mut is_found = false;
        for (one, other) in pairs {
            let (ones, others) = (self.streets(one), self.streets(other));
            for (a, b) in ones.iter().flat_map(|a| others.iter().map(move |b| (a, b))) {
                let first = self.crossings.partition_point(|row| (row.of, row.with) < (a.name, b.name));
                let count = self.crossings[first..].partition_point(|row| (row.of, row.with) == (a.name, b.name));
                is_found |= count > 0;
                for at in first..first + count {
                    let far = distance(near, self.crossings[at].at.position());
                    let penalty = a.penalty + b.penalty + importance(Sort::Crossing, "") + behind + far;
                    best.take(Candidate { penalty, what: What::Crossing(at), how: a.how.max(b.how), beside: None });
                }
            }
        }
        is_found
    }

    fn houses_of(&self, wanted: &Asked<'_>, behind: u32, best: &mut Best) {
        let Some(asked) = asked(wanted.typed) else { return };
        for street in self.streets(&asked.street) {
            let houses = self.houses_called(street.name);
            for (house, beside) in self.beside(houses, &asked) {
                let far = distance(wanted.near, self.houses[house].at.position());
                let off = match beside {
                    Beside::Same => 0,
                    Beside::Within => 5,
                    Beside::Lower | Beside::Higher => 25,
                };
                let penalty = street.penalty + importance(Sort::Address, "") + off + behind + far;
                best.take(Candidate { penalty, what: What::House(house), how: street.how, beside: Some(beside) });
            }
        }
    }

    /// Returns the house asked for; without it those of its number; without them the ones next to it.
    fn beside(&self, houses: Range<usize>, asked: &super::house::Asked) -> Vec<(usize, Beside)> {
        let rows = &self.houses[houses.clone()];
        let holds = |row: &HouseRow| row.number <= asked.number && asked.number <= row.last;
        let of_number: Vec<usize> = houses.clone().filter(|i| holds(&self.houses[*i])).collect();
        let same = |i: &&usize| plain_label(self.labels.get(**i)) == asked.label;
        if let Some(house) = of_number.iter().find(same) {
            return vec![(*house, Beside::Same)];
        }
        if !of_number.is_empty() {
            return of_number.into_iter().take(3).map(|house| (house, Beside::Within)).collect();
        }
        let higher = rows.partition_point(|row| row.number < asked.number);
        let lower = higher.checked_sub(1).map(|at| (houses.start + at, Beside::Lower));
        let higher = (higher < rows.len()).then_some((houses.start + higher, Beside::Higher));
        lower.into_iter().chain(higher).collect()
    }

    /// Returns the best names that streets have.
    fn streets(&self, typed: &str) -> Vec<Match> {
        let is_street = |name: u32| {
            let places = self.places_called(name);
            self.places[places].iter().any(|row| sort(row) == Sort::Street) || !self.houses_called(name).is_empty()
        };
        let mut found = self.names.find(typed);
        found.sort_by_key(|m| (m.penalty, m.name));
        found.into_iter().filter(|m| is_street(m.name)).take(STREETS_MAX).collect()
    }

    fn places_called(&self, name: u32) -> Range<usize> {
        called(&self.first_place, name)
    }

    fn houses_called(&self, name: u32) -> Range<usize> {
        called(&self.first_house, name)
    }

    fn text(&self, name: u32) -> (&str, &str) {
        (self.texts.get(name as usize * 2), self.texts.get(name as usize * 2 + 1))
    }

    fn told(&self, candidate: Candidate) -> PlaceFound {
        let made = |sort, class: &str, (name, name_en): (String, String), at: Point| PlaceFound {
            sort,
            class: class.to_owned(),
            name,
            name_en,
            position: at.position(),
            how: candidate.how,
            beside: candidate.beside,
            penalty: candidate.penalty,
        };
        let own = |name: u32| (self.text(name).0.to_owned(), self.text(name).1.to_owned());
        match candidate.what {
            What::Place(place) => {
                let row = &self.places[place];
                made(sort(row), self.classes.get(usize::from(row.class)), own(row.text), row.at)
            }
            What::StreetOf(house) => made(Sort::Street, "", own(self.houses[house].text), self.houses[house].at),
            What::House(house) => {
                let row = &self.houses[house];
                let ((street, street_en), label) = (self.text(row.text), self.labels.get(house));
                made(Sort::Address, "address", (numbered(street, label), in_english(label, street_en)), row.at)
            }
            What::Crossing(at) => {
                let row = &self.crossings[at];
                let ((a, a_en), (b, b_en)) = (self.text(row.of), self.text(row.with));
                let english =
                    if a_en.is_empty() || b_en.is_empty() { String::new() } else { format!("{a_en} and {b_en}") };
                let han = a.chars().chain(b.chars()).any(is_han);
                let name = if han { format!("{a}与{b}路口") } else { format!("{a} / {b}") };
                made(Sort::Crossing, "crossing", (name, english), row.at)
            }
        }
    }
}

fn called(firsts: &[u32], name: u32) -> Range<usize> {
    let first = |at: usize| firsts.get(at).map_or(0, |first| *first as usize);
    first(name as usize)..first(name as usize + 1)
}

fn sort(row: &PlaceRow) -> Sort {
    PlaceKind::ALL.get(usize::from(row.kind)).map_or(Sort::Point, |kind| Sort::of(*kind))
}

/// Returns street and number as an address is written in Chinese, or abroad.
fn numbered(street: &str, label: &str) -> String {
    if !street.chars().any(is_han) {
        return format!("{street} {}", label.trim_end_matches('号'));
    }
    let bare = label.ends_with(|c: char| c.is_ascii_digit());
    format!("{street}{label}{}", if bare { "号" } else { "" })
}

fn in_english(label: &str, street: &str) -> String {
    let number = label.trim_end_matches('号');
    if street.is_empty() || !number.is_ascii() { String::new() } else { format!("{number} {street}") }
}

/// The best candidates so far, the worst on top.
struct Best {
    worst_first: BinaryHeap<Candidate>,
    limit: usize,
}

impl Best {
    /// Whether something of at least this penalty may still be among the best.
    fn may_take(&self, penalty: u32) -> bool {
        self.worst_first.len() < self.limit || self.worst_first.peek().is_some_and(|worst| penalty <= worst.penalty)
    }

    fn take(&mut self, candidate: Candidate) {
        if !self.may_take(candidate.penalty) {
            return;
        }
        match self.worst_first.iter().find(|kept| kept.what == candidate.what).map(|kept| *kept <= candidate) {
            Some(true) => return,
            Some(false) => self.worst_first.retain(|kept| kept.what != candidate.what),
            None => {}
        }
        self.worst_first.push(candidate);
        if self.worst_first.len() > self.limit {
            self.worst_first.pop();
        }
    }
}
