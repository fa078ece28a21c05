//! What the search tells can be typed: every label that a network file offers finds the thing that bears it, first.

use bihu::exchange::osm::{Order, make};
use bihu::network::places::{Asked, PlaceFound, Sort, fold};
use bihu::network::{NetworkFile, PlaceIndex};
use chrono::DateTime;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most labels of one sort that are tried in one file; crossings are tried all.
const SAMPLE: usize = 400;

fn index(bytes: &[u8]) -> PlaceIndex {
    let order = Order { source: "map", within: None, built_at: DateTime::UNIX_EPOCH };
    let made = make(bytes, &order, &|_, _| {}).expect("a network").file.to_file();
    let file = NetworkFile::read(Arc::new(made)).expect("a file");
    PlaceIndex::read(&file).expect("sound").expect("places")
}

/// The invented roads of the demonstration, and real extracts where a folder of them is named.
fn indexes() -> Vec<PlaceIndex> {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo/roads.osm.gz");
    let folder = std::env::var_os("BIHU_DATA").map(PathBuf::from);
    let real = [
        "A/osm_shanghai_center/shanghai_center.osm",
        "A/osm_small/gh_monaco.osm.gz",
        "A/osm_small/liechtenstein-2013-08-03.osm.pbf",
    ];
    let real = real.iter().filter_map(|file| folder.as_ref().map(|folder| folder.join(file)));
    let real = real.filter(|file| file.exists());
    std::iter::once(demo).chain(real).map(|file| index(&std::fs::read(file).expect("a map file"))).collect()
}

/// Whether a place that was found is called what was typed, in either language.
fn is_called(place: &PlaceFound, typed: &str) -> bool {
    [&place.name, &place.name_en].iter().any(|name| fold(name) == fold(typed))
}

/// Every so many, so that about [`SAMPLE`] are left.
fn sample(all: Vec<PlaceFound>) -> impl Iterator<Item = PlaceFound> {
    let step = all.len().div_ceil(SAMPLE).max(1);
    all.into_iter().step_by(step)
}

fn labels_that_do_not_find_their_own(index: &PlaceIndex, places: impl Iterator<Item = PlaceFound>) -> Vec<String> {
    let wrong = |place: PlaceFound| {
        let found = index.search(&Asked { typed: &place.name, near: None, limit: 10 });
        let first = found.first().map_or("nothing", |first| first.name.as_str());
        let right = found.first().is_some_and(|first| is_called(first, &place.name));
        (!right).then(|| format!("{} {} finds {first}", place.sort, place.name))
    };
    places.filter_map(wrong).collect()
}

#[test]
fn every_crossing_finds_itself_by_its_own_label() {
    for index in indexes() {
        let crossings: Vec<_> = index.every().filter(|place| place.sort == Sort::Crossing).collect();
        assert!(crossings.len() > 100, "{} crossings", crossings.len());
        let wrong = labels_that_do_not_find_their_own(&index, crossings.into_iter());
        assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[test]
fn streets_places_and_addresses_find_themselves_by_their_own_labels() {
    for index in indexes() {
        for sort in [Sort::Street, Sort::Settlement, Sort::Point, Sort::Address] {
            let all: Vec<_> = index.every().filter(|place| place.sort == sort).collect();
            let wrong = labels_that_do_not_find_their_own(&index, sample(all));
            assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
        }
    }
}

/// Two streets that cross, a house, a town and a stop, named in Latin letters only.
fn abroad() -> PlaceIndex {
    let nodes = [(1, 47.00, 9.00), (2, 47.00, 9.02), (3, 46.99, 9.01), (4, 47.01, 9.01), (5, 47.00, 9.01)];
    let mut map = "<osm version=\"0.6\">".to_owned();
    for (id, lat, lon) in nodes {
        map += &format!("<node id=\"{id}\" lat=\"{lat}\" lon=\"{lon}\"/>");
    }
    let spots = [
        (6, &[("place", "town"), ("name", "Schönegg")][..]),
        (7, &[("addr:street", "Landstraße"), ("addr:housenumber", "4-6")]),
        (8, &[("amenity", "school"), ("name", "École Müller")]),
    ];
    let tags = |tags: &[(&str, &str)]| -> String {
        tags.iter().map(|(k, v)| format!("<tag k=\"{k}\" v=\"{}\"/>", v.replace('\'', "&apos;"))).collect()
    };
    for (id, of) in spots {
        map += &format!("<node id=\"{id}\" lat=\"47.0{id}\" lon=\"9.01\">{}</node>", tags(of));
    }
    for (id, name, nds) in [(1, "Landstraße", [1, 5, 2]), (2, "Rue de l'Église / Kirchgasse", [3, 5, 4])] {
        let nds: String = nds.iter().map(|nd| format!("<nd ref=\"{nd}\"/>")).collect();
        map += &format!("<way id=\"{id}\">{nds}{}</way>", tags(&[("highway", "residential"), ("name", name)]));
    }
    index((map + "</osm>").as_bytes())
}

#[test]
fn what_has_a_latin_name_only_is_told_by_it_and_found_by_it() {
    let index = abroad();
    let every: Vec<_> = index.every().collect();
    let wrong = labels_that_do_not_find_their_own(&index, every.iter().cloned());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let told: Vec<&str> = every.iter().map(|place| place.name.as_str()).collect();
    for label in [
        "Landstraße",
        "Landstraße 4-6",
        "Landstraße / Rue de l'Église / Kirchgasse",
        "Rue de l'Église / Kirchgasse / Landstraße",
        "Schönegg",
        "École Müller",
    ] {
        assert!(told.contains(&label), "{label} is not among {told:?}");
    }
    assert!(every.iter().all(|place| place.name_en.is_empty()), "nothing is made up");
    let first = |typed: &str| {
        let found = index.search(&Asked { typed, near: None, limit: 10 });
        found.first().map(|place| (place.sort, place.name.clone()))
    };
    let asked = [
        ("landstrasse 5", Sort::Address, "Landstraße 4-6"),
        ("kirchgasse landstrasse", Sort::Crossing, "Rue de l'Église / Kirchgasse / Landstraße"),
        ("muller ecole", Sort::Point, "École Müller"),
        ("schonegg", Sort::Settlement, "Schönegg"),
    ];
    for (typed, sort, name) in asked {
        assert_eq!(first(typed), Some((sort, name.to_owned())), "{typed}");
    }
}
