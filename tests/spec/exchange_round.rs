//! There and back through every format: the same resources, but for what the file itself says that it lost.

use crate::exchange_samples::resource;
use crate::exchange_written::{of_target, plain};
use bihu::domain::*;
use bihu::exchange::document::{read, read_demand, read_division, write};
use bihu::exchange::{
    DecodeError, Draft, EncodedFile, FileFormat, Format, Item, Loss, Reading, Target, Writing, decode, decode_with,
    inspect, write_file,
};
use geo_types::{LineString, MultiPolygon, Polygon};
use serde_json::Value;
use std::collections::BTreeMap;

/// Formats that are read again; a page to print is not.
const BOTH_WAYS: [FileFormat; 9] = [
    FileFormat::Xlsx,
    FileFormat::Csv,
    FileFormat::GeoJson,
    FileFormat::Shapefile,
    FileFormat::GeoPackage,
    FileFormat::Kml,
    FileFormat::Kmz,
    FileFormat::Gpx,
    FileFormat::FlatGeobuf,
];

/// Reads every layer of data of a file.
pub fn drafts(file: &EncodedFile, target: Target, crs: &Crs) -> Result<Vec<Draft>, DecodeError> {
    let name = format!("file.{}", file.file_name_ending);
    let format = Format::detect(&name, &file.bytes)?;
    if format != Format::Shapefile {
        return Ok(decode(&file.bytes, format, target, crs)?.drafts);
    }
    let layers = inspect(&name, &file.bytes)?.layers;
    let one = |layer: &bihu::exchange::Layer| {
        let reading = Reading { layer: Some(layer.name.clone()), ..Reading::new(format, target, crs) };
        decode_with(&file.bytes, &reading).map(|decoded| decoded.drafts)
    };
    Ok(layers.iter().map(one).collect::<Result<Vec<_>, _>>()?.concat())
}

fn returned(all: &[&Resource], writing: &Writing) -> (BTreeMap<String, Resource>, Vec<Loss>) {
    let file = write_file(all.iter().copied(), writing).expect("a file");
    let drafts = drafts(&file, writing.target, &writing.crs)
        .unwrap_or_else(|error| panic!("{:?} {}: {error}", writing.format, writing.target.word()));
    let back = drafts.into_iter().map(|draft| {
        assert!(draft.violations.is_empty(), "{:?}: {:?}", writing.format, draft.violations);
        let r = read(None, None, &with_kind(&draft, writing.target), None)
            .unwrap_or_else(|error| panic!("{:?}: {error:?} in {:?}", writing.format, draft.patch));
        (r.code.clone(), r)
    });
    (back.collect(), file.losses)
}

fn with_kind(draft: &Draft, target: Target) -> serde_json::Map<String, Value> {
    let mut patch = draft.patch.clone();
    patch.entry("kind").or_insert(target.word().into());
    patch
}

/// Holds what came back to what went out: equal, but for fields that a loss names.
fn compare(all: &[&Resource], writing: &Writing) {
    let (back, losses) = returned(all, writing);
    assert_eq!(back.len(), all.len(), "{:?} {}", writing.format, writing.target.word());
    let area_lost = losses.iter().any(|loss| loss.en.contains("areas of"));
    for r in all {
        let (was, now) = (write(r, Audience::Staff), write(&back[&r.code], Audience::Staff));
        for (name, value) in &was {
            let lost = losses.iter().any(|loss| loss.en.starts_with(&format!("{name}: ")));
            let lost = lost || (name == "geometry" && area_lost);
            let same = now.get(name) == Some(value);
            assert!(same || lost, "{:?} {} {name}: {value} came back as {:?}", writing.format, r.code, now.get(name));
        }
    }
    if losses.is_empty() {
        assert!(all.iter().all(|r| **r == back[&r.code]), "{:?}", writing.format);
    }
}

fn of_kind(all: &[Resource], kind: Kind) -> Vec<&Resource> {
    let mut codes = std::collections::BTreeSet::new();
    all.iter().filter(|r| r.kind() == kind && codes.insert(r.code.clone())).collect()
}

#[test]
fn random_resources_of_every_kind_come_back_through_every_format() {
    let all: Vec<Resource> = (0..300).map(resource).collect();
    for kind in Kind::ALL {
        for format in BOTH_WAYS {
            compare(&of_kind(&all, *kind), &plain(format, *kind));
        }
    }
}

/// Values that careless writers and readers spoil.
fn nasty(kind: Kind) -> Vec<Resource> {
    let base = (0..300).map(resource).find(|r| r.kind() == kind).expect("one of every kind");
    let texts = [
        "=1+1",
        "+86 21 0000",
        "-5",
        "@name",
        "'quoted",
        "''",
        "\"a\",\"b\"",
        "two\nlines",
        "tab\there",
        "emoji 🏫👩‍🚒 𠮷",
        "<b>&amp;</b>]]>",
        "1,200",
        "0012",
        "1e5",
        "TRUE",
        "2024-05-01",
        "#N/A 前",
        "_x000D_",
        "结尾有点.",
    ];
    let made = texts.iter().enumerate().map(|(i, text)| Resource {
        id: ResourceId::mint(kind, &format!("00{i:010}")),
        code: format!("00{i:010}"),
        name: Name { zh: (*text).to_owned(), en: Some((*text).to_owned()) },
        address: Some((*text).to_owned()),
        remarks: Some((*text).to_owned()),
        place: Place::point(LonLat::new(121.0 + i as f64 / 7.0, 31.0 + 1.0 / (i as f64 + 3.0)).expect("a position")),
        contacts: vec![Contact { name: (*text).to_owned(), role: None, phone: Some("0086 021".into()) }],
        detail: emptied(&base.detail, i),
        ..base.clone()
    });
    let mut out: Vec<Resource> = made.collect();
    out[0].place = across(&[0.0, 180.0]);
    out[1].place = across(&[-180.0, -179.9]);
    out[2].contacts = Vec::new();
    out[3].remarks = None;
    out
}

/// Unknown in one, known to be nothing in the next.
fn emptied(detail: &Detail, i: usize) -> Detail {
    let known = i.is_multiple_of(2);
    match detail {
        Detail::Shelter(_) => Detail::Shelter(Shelter {
            hazards: known.then(Default::default),
            facilities: known.then(Default::default),
            capacity: if known { Capacity::Stated(0) } else { Capacity::Unknown },
            accessible: known.then_some(false),
            area_m2: known.then_some(0.1 + 0.2),
            ..Shelter::default()
        }),
        Detail::Warehouse(_) => Detail::Warehouse(Storage { stock: known.then(Vec::new), ..Storage::default() }),
        Detail::StoragePoint(_) => Detail::StoragePoint(Storage { stock: known.then(Vec::new), ..Storage::default() }),
        Detail::Team(_) => Detail::Team(Team {
            capabilities: known.then(Default::default),
            equipment: known.then(Vec::new),
            headcount: known.then_some(0),
            ..Team::default()
        }),
        Detail::Site(site) => Detail::Site(site.clone()),
    }
}

/// A footprint with a hole whose parts touch the antimeridian, cut there.
fn across(edges: &[f64; 2]) -> Place {
    let (west, east) = (edges[1] - 0.1, edges[1]);
    let ring = |w: f64, e: f64, s: f64, n: f64| LineString::from(vec![(w, s), (e, s), (e, n), (w, n), (w, s)]);
    let (west, east) = if edges[1] > 0.0 { (west, east) } else { (-180.0, -179.9) };
    let mut hole = ring(west + 0.02, east - 0.02, -0.02, 0.02);
    hole.0.reverse();
    let area = MultiPolygon(vec![Polygon::new(ring(west, east, -0.1, 0.1), vec![hole])]);
    let position = LonLat::new(west + 0.01, 0.05).expect("a position");
    Place { position, footprint: Some(area), declared: None }
}

#[test]
fn nasty_values_come_back_through_every_format() {
    for kind in Kind::ALL {
        let all = nasty(*kind);
        for format in BOTH_WAYS {
            compare(&all.iter().collect::<Vec<_>>(), &plain(format, *kind));
        }
    }
}

#[test]
fn a_file_in_another_system_comes_back_to_within_a_millimetre_and_is_refused_as_wgs84() {
    let all: Vec<Resource> = (0..300).map(resource).collect();
    let formats = BOTH_WAYS.into_iter().filter(|f| !matches!(f, FileFormat::Kml | FileFormat::Kmz | FileFormat::Gpx));
    let words = ["gcj02", "bd09", "EPSG:4528", "EPSG:4549", "web_mercator"];
    for (format, word) in formats.flat_map(|format| words.map(|word| (format, word))) {
        let crs = Crs::parse(word).expect("a system");
        if format == FileFormat::GeoJson && crs.degrees().is_none() {
            continue;
        }
        let writing = Writing { crs, ..plain(format, Kind::Site) };
        let mut sites = of_kind(&all, Kind::Site);
        sites.truncate(20);
        let moved: Vec<Resource> = sites
            .iter()
            .enumerate()
            .map(|(i, r)| Resource {
                place: Place::point(LonLat::new(121.0 + i as f64 / 100.0, 31.1).expect("a position")),
                ..(*r).clone()
            })
            .collect();
        let moved: Vec<&Resource> = moved.iter().collect();
        let (back, _) = returned(&moved, &writing);
        for r in &moved {
            let off = bihu::spatial::geodesic::distance_m(r.place.position, back[&r.code].place.position);
            assert!(off < 0.001, "{format:?} {word}: {off} m");
        }
        let file = write_file(moved.iter().copied(), &writing).expect("a file");
        assert!(drafts(&file, writing.target, &Crs::WGS84).is_err(), "{format:?} says that it is {word}");
    }
}

#[test]
fn the_demonstration_comes_back_through_every_format() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo");
    for kind in Kind::ALL {
        let target = Target::Resource(*kind);
        let bytes = std::fs::read(folder.join(format!("{}.geojson", target.layer()))).expect("demonstration data");
        let decoded = decode(&bytes, Format::GeoJson, target, &Crs::WGS84).expect("resources");
        let all: Vec<Resource> = decoded
            .drafts
            .iter()
            .map(|draft| read(Some(*kind), None, &draft.patch, None).expect("a resource"))
            .collect();
        assert!(!all.is_empty());
        for format in BOTH_WAYS {
            compare(&all.iter().collect::<Vec<_>>(), &plain(format, *kind));
        }
    }
}

#[test]
fn divisions_and_demand_come_back_through_every_format_that_has_a_place_for_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo");
    let bytes = std::fs::read(folder.join("divisions.geojson")).expect("demonstration data");
    let decoded = decode(&bytes, Format::GeoJson, Target::Division, &Crs::WGS84).expect("divisions");
    let divisions: Vec<Division> =
        decoded.drafts.iter().map(|d| read_division(&d.patch, None).expect("a division")).collect();
    let bytes = std::fs::read(folder.join("demand.csv")).expect("demonstration data");
    let decoded = decode(&bytes, Format::Csv, Target::Demand, &Crs::WGS84).expect("demand");
    let demand: Vec<DemandPoint> =
        decoded.drafts.iter().map(|d| read_demand(&d.patch, None).expect("demand")).collect();
    for format in BOTH_WAYS {
        let writing = of_target(format, Target::Demand);
        let file = write_file(&demand, &writing).expect("a file");
        let back = drafts(&file, Target::Demand, &Crs::WGS84).expect("demand");
        let mut back: Vec<DemandPoint> =
            back.iter().map(|d| read_demand(&d.patch, None).unwrap_or_else(|e| panic!("{format:?}: {e:?}"))).collect();
        back.sort_by(|a, b| a.id.cmp(&b.id));
        let mut was = demand.clone();
        was.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(back, was, "{format:?}");
        if format == FileFormat::Gpx {
            continue;
        }
        let writing = of_target(format, Target::Division);
        let items = divisions.iter().map(Item::from);
        let file = write_file(items, &writing).expect("a file");
        let left_out = matches!(format, FileFormat::Shapefile | FileFormat::FlatGeobuf);
        let cut = file.losses.iter().any(|loss| loss.en.starts_with("source: "));
        let expected: BTreeMap<String, &Division> =
            divisions.iter().filter(|d| !left_out || d.area.is_some()).map(|d| (d.code.to_string(), d)).collect();
        let back = drafts(&file, Target::Division, &Crs::WGS84).unwrap_or_else(|e| panic!("{format:?}: {e}"));
        assert_eq!(back.len(), expected.len(), "{format:?}");
        for draft in back {
            let mut d = read_division(&draft.patch, None).unwrap_or_else(|e| panic!("{format:?}: {e:?}"));
            let was = expected[d.code.as_str()];
            if cut {
                d.source.clone_from(&was.source);
            }
            assert_eq!(&d, was, "{format:?}");
        }
    }
}
