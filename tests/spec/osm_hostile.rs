//! Map files built to exhaust their reader: each is refused in words, or read, soon and within the memory of a small machine
//! (`osm_fuzz.rs` runs these again in a child with 2 GiB of address space).

use crate::osm_files::{Doc, Form, blob, field, framed, gzipped, number, packed, town};
use bihu::exchange::osm::{Extract, OsmError, read};
use bihu::network::{Built, build};
use std::time::{Duration, Instant};

const ROAD: &[(&str, &str)] = &[("highway", "residential")];

/// Reads, which may not take long.
fn soon<T>(work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    done
}

fn refused(bytes: &[u8]) -> OsmError {
    let error = soon(|| read(bytes, &|_, _| {})).expect_err("a refusal");
    assert!(error.to_string().contains(" / "), "in one language: {error}");
    error
}

fn made(bytes: &[u8]) -> (Extract, Built) {
    soon(|| {
        let extract = read(bytes, &|_, _| {}).expect("a map");
        let built = build(&extract.roads);
        (extract, built)
    })
}

fn header() -> Vec<u8> {
    let mut head = Vec::new();
    field(&mut head, 4, b"OsmSchema-V0.6");
    blob("OSMHeader", &head, false)
}

#[test]
fn a_gzip_that_unpacks_a_thousandfold_is_refused() {
    let mut text = b"<osm>".to_vec();
    text.resize(64 << 20, b' ');
    let bomb = gzipped(&text);
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(refused(&bomb), OsmError::Bomb { .. }));
    let way = "<way id=\"1\"><nd ref=\"1\"/><nd ref=\"2\"/><tag k=\"highway\" v=\"primary\"/></way>";
    let bomb = gzipped(format!("<osm>{}</osm>", way.repeat(1_000_000)).as_bytes());
    assert!(matches!(refused(&bomb), OsmError::Bomb { .. }), "{} bytes", bomb.len());
}

#[test]
fn a_block_that_unpacks_a_thousandfold_is_refused() {
    // Sixteen million empty strings.
    let table: Vec<u8> = [0x0a, 0x00].repeat(15 << 20);
    let mut block = Vec::new();
    field(&mut block, 1, &table);
    let mut file = header();
    file.extend(blob("OSMData", &block, true));
    assert!(file.len() < 1 << 20);
    assert!(matches!(refused(&file), OsmError::Bomb { .. }));
}

#[test]
fn sizes_that_a_block_only_claims_make_no_room() {
    let huge = |length: u32| length.to_be_bytes().to_vec();
    let mut header_of_gigabytes = huge(u32::MAX);
    header_of_gigabytes.extend(b"\x0a\x09OSMHeader");
    assert!(matches!(refused(&header_of_gigabytes), OsmError::Damaged { .. }));
    for size in [u64::MAX, 1 << 40, 1 << 31, (33 << 20) + (64 << 10)] {
        let mut head = Vec::new();
        field(&mut head, 1, b"OSMData");
        number(&mut head, 3, size);
        let mut file = header();
        file.extend(huge(head.len() as u32));
        file.extend(head);
        file.extend([0; 64]);
        assert!(matches!(refused(&file), OsmError::Damaged { .. }), "{size}");
        let mut message = Vec::new();
        number(&mut message, 2, size);
        field(&mut message, 3, &[0x78, 0x9c, 3, 0, 0, 0, 0, 1]);
        let mut file = header();
        file.extend(framed("OSMData", &message));
        assert!(matches!(refused(&file), OsmError::Damaged { .. }), "{size} unpacked");
    }
}

#[test]
fn blocks_packed_as_is_not_read_are_named() {
    for (name, how) in [(4, "lzma"), (6, "lz4"), (7, "zstd")] {
        let mut message = Vec::new();
        number(&mut message, 2, 10);
        field(&mut message, name, &[1, 2, 3]);
        let mut file = header();
        file.extend(framed("OSMData", &message));
        assert!(refused(&file).to_string().contains(how));
    }
    let mut head = Vec::new();
    field(&mut head, 4, b"Sort.Strangely");
    let mut file = blob("OSMHeader", &head, true);
    file.extend(blob("OSMData", &[], true));
    assert!(refused(&file).to_string().contains("Sort.Strangely"));
}

#[test]
fn numbers_that_run_over_or_lead_nowhere_are_refused() {
    let with_way = |keys: Vec<u64>, refs: Vec<u64>| {
        let mut way = Vec::new();
        number(&mut way, 1, 1);
        field(&mut way, 2, &packed(keys.clone()));
        field(&mut way, 3, &packed(keys));
        field(&mut way, 8, &packed(refs));
        let (mut group, mut block) = (Vec::new(), Vec::new());
        field(&mut group, 3, &way);
        field(&mut block, 2, &group);
        let mut file = header();
        file.extend(blob("OSMData", &block, true));
        file
    };
    assert!(matches!(refused(&with_way(vec![7], vec![2, 2])), OsmError::Damaged { .. }), "a string that is not there");
    assert!(matches!(refused(&with_way(vec![], vec![u64::MAX - 1, 2, 2])), OsmError::Damaged { .. }), "ids run over");
    assert!(matches!(refused(&with_way(vec![], vec![2; 150_000])), OsmError::Limit { .. }), "too many nodes");
}

#[test]
fn xml_that_nests_or_expands_without_end_is_refused() {
    let deep = format!("<osm>{}", "<a>".repeat(20_000_000));
    assert!(matches!(refused(deep.as_bytes()), OsmError::Limit { .. }));
    let long = format!(
        "<osm><node id=\"1\" lat=\"1\" lon=\"1\"><tag k=\"name\" v=\"{}\"/></node></osm>",
        "x".repeat(40 << 20)
    );
    assert!(matches!(refused(long.as_bytes()), OsmError::Limit { .. }));
    let comment = format!("<osm><!--{}--></osm>", "x".repeat(40 << 20));
    assert!(matches!(refused(comment.as_bytes()), OsmError::Limit { .. }));
    let tags = format!("<osm><node id=\"1\">{}</node></osm>", "<tag k=\"a\" v=\"b\"/>".repeat(200_000));
    assert!(matches!(refused(tags.as_bytes()), OsmError::Limit { .. }));
    let laughs =
        "<!DOCTYPE osm [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><osm><node id=\"1\" lat=\"&b;\" lon=\"1\"/></osm>";
    assert!(matches!(refused(laughs.as_bytes()), OsmError::Damaged { .. }));
    let unknown = "<osm><way id=\"1\"><tag k=\"highway\" v=\"&nbsp;\"/></way></osm>";
    assert!(matches!(refused(unknown.as_bytes()), OsmError::Damaged { .. }));
}

#[test]
fn things_that_name_themselves_or_the_same_again_and_again_are_read() {
    let mut doc = town();
    doc.relation(9, &[(2, 9, "outer"), (2, 9, "inner")], &[("type", "multipolygon"), ("natural", "water")]);
    let back_and_forth: Vec<i64> = (0..20_000).map(|i| 1 + i % 2).collect();
    doc.way(900, &back_and_forth, ROAD);
    doc.way(901, &[3; 5_000], ROAD);
    let same: Vec<(u64, i64, &str)> = vec![(1, 400, "outer"); 50_000];
    doc.relation(10, &same, &[("type", "multipolygon"), ("natural", "water")]);
    for id in 0..2_000 {
        doc.relation(1_000 + id, &[(1, 900, "outer")], &[("type", "multipolygon"), ("natural", "water")]);
    }
    let (extract, _) = made(&doc.pbf(Form { dense: true, zlib: false }));
    assert!(extract.counts.open_rings > 0);
    assert!(extract.features.len() < 1_000);
}

#[test]
fn a_crossing_of_twenty_thousand_roads_with_as_many_restrictions_is_no_graph_of_gigabytes() {
    let mut doc = Doc::default();
    let count = 20_000;
    doc.node(1, (121.2, 31.0), &[]);
    for i in 0..count {
        let turn = i as f64 / count as f64 * std::f64::consts::TAU;
        doc.node(2 + i, (121.2 + 0.01 * turn.cos(), 31.0 + 0.01 * turn.sin()), &[]);
        doc.way(1 + i, &[1, 2 + i], ROAD);
        let rule = if i % 2 == 0 { "only_straight_on" } else { "no_left_turn" };
        let members = [(1, 1 + i, "from"), (0, 1, "via"), (1, 1 + (i + 1) % count, "to")];
        doc.relation(1 + i, &members, &[("type", "restriction"), ("restriction", rule)]);
    }
    let (_, built) = made(&doc.xml());
    assert_eq!(built.restrictions_unread, count as usize);
    assert_eq!(built.graph.edge_count(), count as usize);
}

#[test]
fn a_chain_of_two_hundred_thousand_ways_becomes_one_edge() {
    let mut doc = Doc::default();
    let count = 200_000_i64;
    for i in 0..=count {
        doc.node(i, (121.0 + i as f64 * 1e-6, 31.0), &[]);
    }
    // The last first, and every other one turned round: no order helps.
    for i in (0..count).rev() {
        let refs = if i % 2 == 0 { [i, i + 1] } else { [i + 1, i] };
        doc.way(i + 1, &refs, ROAD);
    }
    let (_, built) = made(&doc.pbf(Form { dense: true, zlib: false }));
    assert_eq!(built.graph.edge_count(), 1);
}

#[test]
fn thousands_of_holes_and_of_lines_from_one_point_are_put_together_soon() {
    let mut doc = town();
    let mut members: Vec<(u64, i64, &'static str)> = Vec::new();
    for i in 0..20_000_i64 {
        let (x, y) = (121.3 + (i % 150) as f64 * 1e-4, 31.0 + (i / 150) as f64 * 1e-4);
        let size = if i % 2 == 0 { 0.05 } else { 1e-5 };
        let at = [(x, y), (x + size, y), (x, y + size)];
        at.into_iter().enumerate().for_each(|(k, at)| doc.node(10_000 + 3 * i + k as i64, at, &[]));
        let first = 10_000 + 3 * i;
        doc.way(10_000 + i, &[first, first + 1, first + 2, first], &[]);
        members.push((1, 10_000 + i, if i % 2 == 0 { "outer" } else { "inner" }));
    }
    let water = [("type", "multipolygon"), ("natural", "water")];
    doc.relation(11, &members, &water);
    let rays: Vec<(u64, i64, &'static str)> = (0..20_000).map(|i| (1, 50_000 + i, "outer")).collect();
    for i in 0..20_000 {
        doc.way(50_000 + i, &[1, 10_000 + i], &[]);
    }
    doc.relation(12, &rays, &water);
    made(&doc.pbf(Form { dense: true, zlib: false }));
}
