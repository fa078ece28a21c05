//! The network file: what it says of itself, and that a damaged or foreign one is refused and never followed, also where its
//! checksums are right.

use crate::osm_files::{every_form, town};
use bihu::domain::{LonLat, Profile};
use bihu::exchange::osm::{Made, Order, OsmError, make, read_within};
use bihu::network::places::Asked;
use bihu::network::{
    Costs, FeatureIndex, FileError, Graph, Metric, NetworkFile, Overlay, PlaceIndex, Search, SnapIndex, Stops, nearest,
    points_of, route,
};
use bihu::spatial::tile::TileId;
use chrono::{DateTime, Utc};
use geo_types::{Rect, coord};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

fn built_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_764_288_000, 0).expect("a time")
}

fn made(bytes: &[u8]) -> Made {
    make(bytes, &Order { source: "town.osm", within: None, built_at: built_at() }, &|_, _| {}).expect("a network")
}

/// Where the sections of a file are, by its table.
fn sections(bytes: &[u8]) -> Vec<(String, Range<usize>)> {
    let number = |at: usize| {
        let eight = bytes.get(at..at + 8).map(|b| u64::from_le_bytes(b.try_into().expect("eight bytes")));
        usize::try_from(eight.unwrap_or_default()).unwrap_or_default()
    };
    let count = bytes.get(12..16).map_or(0, |b| u32::from_le_bytes(b.try_into().expect("four bytes")));
    (0..count.min(100) as usize)
        .map(|i| 24 + 32 * i)
        .filter(|at| at + 32 <= bytes.len())
        .map(|at| {
            let start = number(at + 8);
            (
                String::from_utf8_lossy(&bytes[at..at + 8]).trim().to_owned(),
                start..start.saturating_add(number(at + 16)),
            )
        })
        .collect()
}

/// Returns the file with the checksums of its sections made right.
pub fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    for (i, (_, range)) in sections(&bytes).into_iter().enumerate() {
        if let Some(content) = bytes.get(range) {
            let mut hasher = crc32fast::Hasher::new();
            hasher.update(&bytes[24 + 32 * i..24 + 32 * i + 24]);
            hasher.update(content);
            let crc = u64::from(hasher.finalize()).to_le_bytes();
            bytes[24 + 32 * i + 24..24 + 32 * i + 32].copy_from_slice(&crc);
        }
    }
    bytes
}

fn open(bytes: &[u8]) -> Result<(Graph, Option<FeatureIndex>, Option<PlaceIndex>), FileError> {
    let file = NetworkFile::read(Arc::new(bytes.to_vec()))?;
    Ok((Graph::read(&file)?, FeatureIndex::read(&file)?, PlaceIndex::read(&file)?))
}

/// Opens a network file and asks it everything; returns whether it could be opened.
pub fn ask(bytes: &[u8]) -> bool {
    let (graph, features, places) = match open(bytes) {
        Ok(parts) => parts,
        Err(error) => {
            assert!(error.to_string().contains(" / "), "in one language: {error}");
            return false;
        }
    };
    let (index, overlay, mut search) = (SnapIndex::build(&graph), Overlay::default(), Search::default());
    let at = |x: f64, y: f64| LonLat::new(121.2 + x * 0.016, 31.0 + y * 0.016).expect("a place");
    for profile in Profile::ALL {
        let costs = Costs { graph: &graph, overlay: &overlay, profile: *profile, metric: Metric::Time };
        let snap = |x, y| index.snap((&graph, &overlay), *profile, at(x, y), 5_000.0);
        let (Some(from), to) = (snap(0.1, 0.1), snap(0.9, 0.8)) else { continue };
        if let Some(trip) = to.and_then(|to| route(&mut search, &costs, (&from, &to), u32::MAX)) {
            trip.legs.iter().for_each(|leg| {
                points_of(&graph, leg);
                graph.name(leg.edge);
            });
        }
        let stops = Stops::new(vec![to, snap(0.5, 0.5), None]);
        nearest(&mut search, &costs, (&from, &stops), (u32::MAX, usize::MAX), |_| ControlFlow::Continue(()));
    }
    if let Some(features) = features {
        for tile in [TileId::new(0, 0, 0), TileId::new(10, 856, 418), TileId::new(15, 27_415, 13_399)] {
            let mut drawn = 0;
            features.visit(tile.expect("a tile"), 64, &mut |feature| {
                drawn += feature.parts(14).len() + feature.name.len();
            });
        }
    }
    if let Some(places) = places {
        for typed in ["示例", "slz", "示例1路 8号", "示例1路 示例镇", "Demo Twon", "xyz"] {
            places.search(&Asked { typed, near: Some(at(0.5, 0.5)), limit: 20 });
        }
    }
    true
}

#[test]
fn the_same_town_is_the_same_network_in_every_form() {
    let whole: Vec<Made> = every_form().iter().map(|(_, bytes)| made(bytes)).collect();
    for (i, (name, _)) in every_form().into_iter().enumerate() {
        assert_eq!(whole[i].built.graph, whole[0].built.graph, "{name}");
        let about = &whole[i].about;
        assert_eq!((about.nodes, about.ways, about.relations), (93, 32, 5), "{name}");
        assert_eq!((about.features, about.places), (whole[0].about.features, whole[0].about.places), "{name}");
        assert_eq!(about.timestamp.map(|t| t.to_rfc3339()).as_deref(), Some("2026-11-20T00:00:00+00:00"), "{name}");
        assert!(ask(&whole[i].file.to_file()), "{name}");
    }
}

#[test]
fn a_network_file_says_what_it_was_made_of() {
    let bytes = town().xml();
    let made = made(&bytes);
    assert_eq!(made.file.to_file(), self::made(&bytes).file.to_file(), "the same bytes again");
    let about = &made.about;
    assert_eq!(
        (about.source.as_str(), about.source_bytes, about.source_sha256.len()),
        ("town.osm", bytes.len() as u64, 64)
    );
    assert_eq!((about.restrictions, about.restrictions_unread, about.restrictions_conditional), (3, 0, 1));
    let hours = about.conditional.first().expect("what is not heeded is told");
    assert_eq!(hours.words, "no_left_turn @ (Mo-Fr 07:00-09:00)");
    assert_eq!((about.synthetic, about.bounds), (false, Some([121.2, 31.0, 121.216, 31.016])));
    assert!(about.attribution.contains("OpenStreetMap"));
    assert_eq!(about.houses, 2, "a building and a node");
}

#[test]
fn a_network_file_from_before_english_names_were_kept_is_read() {
    let mut doc = town();
    for (_, _, tags) in doc.ways.iter_mut().filter(|(id, ..)| *id == 100) {
        tags.push(("name:en".to_owned(), "Demo Road".to_owned()));
    }
    let mut bytes = made(&doc.xml()).file.to_file();
    let english = |graph: &Graph| graph.edge_ids().filter(|edge| graph.name_en(*edge) == "Demo Road").count();
    let (new, ..) = open(&bytes).expect("a network");
    assert!(english(&new) > 0);
    for (tag, other) in [(b"firstnen", b"unknown1"), (b"namesen ", b"unknown2")] {
        let at = bytes.windows(8).position(|eight| eight == tag).expect("a section");
        bytes[at..at + 8].copy_from_slice(other);
    }
    let (old, ..) = open(&sealed(bytes)).expect("a network from before");
    assert_eq!((english(&old), old.edge_count()), (0, new.edge_count()));
    assert!(old.edge_ids().all(|edge| old.name(edge) == new.name(edge)));
}

#[test]
fn what_lies_off_the_bounds_is_left_out() {
    let bytes = town().pbf(crate::osm_files::Form { dense: true, zlib: true });
    let within = |x: f64, y: f64| {
        let area = Rect::new(coord! { x: 121.1995, y: 30.9995 }, coord! { x: 121.2 + x, y: 31.0 + y });
        read_within(&bytes, Some(&geo_types::MultiPolygon::new(vec![area.to_polygon()])), &|_, _| {})
    };
    let corner = within(0.0005, 0.0005).expect("a corner");
    assert_eq!(corner.roads.ways.len(), 2, "the two streets that touch it, whole");
    assert!(corner.features.iter().all(|f| f.name != "示例湖"));
    assert!(within(1.0, 1.0).expect("everything").features.iter().any(|f| f.name == "示例湖"));
    let nothing = geo_types::MultiPolygon::new(vec![
        Rect::new(coord! { x: 1.0, y: 1.0 }, coord! { x: 2.0, y: 2.0 }).to_polygon(),
    ]);
    assert!(matches!(read_within(&bytes, Some(&nothing), &|_, _| {}), Err(OsmError::NoRoadsWithin)));
}

#[test]
fn every_byte_of_the_head_and_the_table_counts() {
    let whole = made(&town().xml()).file.to_file();
    let table = 24 + 32 * sections(&whole).len();
    for at in 0..table {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        assert!(open(&bytes).is_err(), "byte {at}");
    }
}

/// Counts what is written, by the longest piece, until it is full.
struct Counter {
    bytes: usize,
    longest: usize,
    full_at: usize,
}

impl std::io::Write for Counter {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        if self.bytes + piece.len() > self.full_at {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.bytes += piece.len();
        self.longest = self.longest.max(piece.len());
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_network_file_is_written_section_by_section_and_a_full_disk_is_told() {
    let made = made(&town().xml());
    let file = NetworkFile::read(Arc::new(made.file.to_file())).expect("a whole file");
    let largest = file.sections().map(|(_, bytes)| bytes).max().expect("a section");
    let mut counter = Counter { bytes: 0, longest: 0, full_at: usize::MAX };
    made.file.write(&mut counter).expect("room");
    assert_eq!(counter.bytes as u64, made.file.file_len(), "as long as it says");
    assert_eq!(counter.longest, largest, "no more than a section at a time");
    let mut full = Counter { full_at: counter.bytes - 1, bytes: 0, longest: 0 };
    let told = made.file.write(&mut full).expect_err("no room");
    assert_eq!(told.kind(), std::io::ErrorKind::StorageFull);
}

#[test]
fn a_network_file_cut_off_anywhere_is_refused() {
    let whole = made(&town().xml()).file.to_file();
    for end in (0..whole.len()).step_by(1 + whole.len() / 500).chain(0..64) {
        assert!(open(&whole[..end]).is_err(), "{end} of {} bytes", whole.len());
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(matches!(open(&longer), Err(FileError::Length { .. })));
    let mut other = whole;
    other[8] += 1;
    assert!(open(&other).expect_err("another version").to_string().contains("bihu network build"));
}

#[test]
fn numbers_that_lead_nowhere_are_refused_though_the_checksum_is_right() {
    let whole = made(&town().xml()).file.to_file();
    let at_once = ["firstarc", "firstint", "firsteda", "into", "edgearcs", "tails", "firstnam"];
    for (name, range) in sections(&whole).into_iter().filter(|(name, _)| name != "meta") {
        for at in range.clone().step_by(4 * (1 + range.len() / 4 / 60)).filter(|at| at + 4 <= range.end) {
            for number in [u32::MAX, 0x7fff_ffff, 1 << 20] {
                let mut bytes = whole.clone();
                bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
                let opened = ask(&sealed(bytes));
                assert!(!(opened && at_once.contains(&name.as_str())), "{name} at {}", at - range.start);
            }
        }
    }
}
