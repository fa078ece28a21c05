//! What a map file names → rows: each name once, the pieces of a street together, houses by street and number.

use super::cluster::{central, clusters};
use super::crossing::crossings;
use super::house::house;
use super::names::{Name, NameIndex};
use super::rank::importance;
use super::{HouseRow, Kept, PlaceIndex, PlaceRow, Sort, Texts};
use crate::network::graph::Graph;
use crate::network::names::most_met;
use crate::network::source::{PlaceKind, PlaceSource, Point};
use std::collections::{BTreeMap, HashMap};

/// Most classes; what has another one is a place of class 0, which is empty.
const CLASSES_MAX: usize = u16::MAX as usize;

impl PlaceIndex {
    /// Returns the index of places, and of the crossings of the graph's named streets; and what became of them.
    pub fn of(places: &[PlaceSource], graph: &Graph) -> (Self, Kept) {
        let names = names(places);
        let numbers: HashMap<&str, u32> = names.keys().enumerate().map(|(i, name)| (*name, i as u32)).collect();
        let number = |place: &PlaceSource| numbers.get(place.name.as_str()).copied();

        let mut classes = Classes::default();
        let mut groups: BTreeMap<(u32, u8), Vec<&PlaceSource>> = BTreeMap::new();
        let mut houses: Vec<(u32, super::house::House, Point)> = Vec::new();
        for place in places {
            let Some(text) = number(place) else { continue };
            if place.kind != PlaceKind::Address {
                groups.entry((text, place.kind as u8)).or_default().push(place);
            } else if let Some(house) = house(&place.house_number) {
                houses.push((text, house, place.position));
            }
        }
        let mut rows = Vec::new();
        for ((text, kind), places) in &groups {
            rows.extend(pieces(places).map(|(class, at)| PlaceRow {
                text: *text,
                at,
                class: classes.number(class),
                kind: *kind,
                spare: 0,
            }));
        }
        rows.sort_unstable_by_key(|row| (row.text, row.kind, row.at));
        let (houses, labels) = house_rows(houses);
        let index = Self {
            names: NameIndex::of(names.iter().map(|(name, en)| Name { name, other: en, code: "" })),
            texts: Texts::of(names.iter().flat_map(|(name, en)| [*name, *en])),
            classes: Texts::of(classes.words()),
            first_place: firsts(names.len(), rows.iter().map(|row| row.text)).into(),
            places: rows.into(),
            first_house: firsts(names.len(), houses.iter().map(|row| row.text)).into(),
            houses: houses.into(),
            labels: Texts::of(labels.iter().map(String::as_str)),
            crossings: crossings(graph, &numbers).into(),
        };
        let kept = Kept {
            names: index.names.len(),
            places: index.places.len(),
            houses: index.houses.len(),
            crossings: index.crossings.len() / 2,
            left_out: numbers.len() - index.names.len(),
        };
        (index, kept)
    }
}

/// Every name with its English one, which is the one that most of what has the name has.
fn names(places: &[PlaceSource]) -> BTreeMap<&str, &str> {
    let mut names: BTreeMap<&str, BTreeMap<&str, u32>> = BTreeMap::new();
    for place in places.iter().filter(|place| !place.name.trim().is_empty()) {
        let english = names.entry(&place.name).or_default();
        if !place.name_en.is_empty() {
            *english.entry(&place.name_en).or_default() += 1;
        }
    }
    names.into_iter().map(|(name, english)| (name, most_met(&english))).collect()
}

/// Returns the things that places of one name and kind are: class and position of each.
fn pieces<'a>(places: &'a [&'a PlaceSource]) -> impl Iterator<Item = (&'a str, Point)> {
    let points: Vec<Point> = places.iter().map(|place| place.position).collect();
    let kind = places.first().map_or(PlaceKind::Point, |place| place.kind);
    let step_m = match kind {
        PlaceKind::Street => 1_500,
        PlaceKind::Settlement => 1_000,
        PlaceKind::Address | PlaceKind::Point => 150,
    };
    let sort = Sort::of(kind);
    clusters(&points, step_m).into_iter().map(move |group| {
        let classes = group.iter().map(|i| places[*i].class.as_str());
        let class = classes.min_by_key(|class| (importance(sort, class), *class)).unwrap_or_default();
        (class, central(&points, &group))
    })
}

fn house_rows(mut houses: Vec<(u32, super::house::House, Point)>) -> (Vec<HouseRow>, Vec<String>) {
    houses.sort_unstable_by(|(a, x, p), (b, y, q)| (a, x.number, &x.label, p).cmp(&(b, y.number, &y.label, q)));
    houses.dedup_by(|(a, x, _), (b, y, _)| a == b && x.label == y.label);
    let row = |(text, house, at): &(u32, super::house::House, Point)| HouseRow {
        text: *text,
        number: house.number,
        last: house.last,
        at: *at,
    };
    (houses.iter().map(row).collect(), houses.into_iter().map(|(_, house, _)| house.label).collect())
}

/// Returns the first row of each name, and the number of rows at the end; rows are sorted by name.
fn firsts(names: usize, of_rows: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut firsts = vec![0_u32; names + 1];
    of_rows.for_each(|name| firsts[name as usize + 1] += 1);
    for name in 1..firsts.len() {
        firsts[name] += firsts[name - 1];
    }
    firsts
}

/// Words of classes, each once.
#[derive(Default)]
struct Classes<'a> {
    numbers: HashMap<&'a str, u16>,
    words: Vec<&'a str>,
}

impl<'a> Classes<'a> {
    fn number(&mut self, class: &'a str) -> u16 {
        if self.words.is_empty() {
            self.words.push("");
        }
        let room = self.words.len() < CLASSES_MAX;
        if let Some(number) = self.numbers.get(class) {
            return *number;
        }
        if !room {
            return 0;
        }
        let number = self.words.len() as u16;
        self.words.push(class);
        self.numbers.insert(class, number);
        number
    }

    fn words(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.words.iter().copied()
    }
}
