//! Damaged map files and network files: a mutational fuzzer that runs with the other tests.
//!
//! Each execution takes a valid file and damages it; what is packed is damaged inside and packed again, and a network file's
//! checksums are made right again, so that it is the reader that is tried and not the checksum. Nothing may panic or hang;
//! what is read is also built and asked. `BIHU_SEED` repeats a run; `BIHU_FUZZ` multiplies its executions. A tenth runs again in
//! a child with 2 GiB of address space.

use crate::fuzzing::{self, Dice};
use crate::osm_artifact::{ask, sealed};
use crate::osm_files::{Form, blob, every_form, gzipped, town};
use bihu::exchange::osm::{Order, make, read};
use bihu::network::build;
use chrono::DateTime;

/// Numbers and words that readers stumble over.
const WORDS: &[&[u8]] = &[
    &[0xff; 4],
    &[0xff; 10],
    &[0xff, 0xff, 0xff, 0x7f],
    &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    &[0; 8],
    b"OSMData",
    b"<way id=\"1\">",
    b"</way>",
    b"<relation id=\"1\">",
    b"<member type=\"way\" ref=\"101\" role=\"from\"/>",
    b"<nd ref=\"1\"/>",
    b"<tag k=\"highway\" v=\"primary\"/>",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"&a;",
    b"&#0;",
    b"<![CDATA[",
    b"1e999",
    b"-",
    b"nan",
    b"only_straight_on",
    "示".as_bytes(),
    b"\x81",
];

fn damage(dice: &mut Dice, bytes: &mut Vec<u8>) {
    fuzzing::damage(dice, bytes, WORDS, &[]);
}

/// Runs many cases; one that panics is kept.
fn run(name: &str, count: usize, mut case: impl FnMut(&mut Dice) -> Vec<u8>, execute: fn(&[u8]) -> bool) {
    fuzzing::run(name, count, |dice, _| case(dice), execute);
}

/// Reads and builds.
fn execute(bytes: &[u8]) -> bool {
    match read(bytes, &|_, _| {}) {
        Ok(extract) => {
            let built = build(&extract.roads);
            assert!(built.graph.edge_count() > 0 || built.islands > 0 || extract.roads.ways.len() < 3);
            true
        }
        Err(error) => {
            assert!(error.to_string().contains(" / "), "in one language: {error}");
            false
        }
    }
}

#[test]
fn damaged_xml_is_read_or_refused() {
    let whole = town().xml();
    let case = |dice: &mut Dice| {
        let mut bytes = whole.clone();
        damage(dice, &mut bytes);
        if dice.below(4) == 0 { gzipped(&bytes) } else { bytes }
    };
    run("osm", 3_000, case, execute);
}

#[test]
fn damaged_pbf_is_read_or_refused() {
    let forms = [Form { dense: true, zlib: false }, Form { dense: false, zlib: false }].map(|form| town().pbf(form));
    let case = |dice: &mut Dice| {
        let mut bytes = forms[dice.below(2)].clone();
        damage(dice, &mut bytes);
        bytes
    };
    run("pbf", 6_000, case, execute);
}

#[test]
fn a_damaged_block_that_is_packed_well_is_read_or_refused() {
    let forms = [Form { dense: true, zlib: false }, Form { dense: false, zlib: false }].map(|form| town().pbf(form));
    // The second blob's content lies behind its header and the head of its one field.
    let case = |dice: &mut Dice| {
        let whole = &forms[dice.below(2)];
        let at = whole.windows(7).position(|w| w == b"OSMData").expect("a block") + 7;
        let content = whole[at..].windows(2).position(|w| w[0] == 0x0a).map(|skip| at + skip).expect("a field");
        let mut block = whole[content + 4..].to_vec();
        damage(dice, &mut block);
        let mut file = whole[..at - 15].to_vec();
        file.extend(blob("OSMData", &block, dice.below(2) == 0));
        file
    };
    run("block", 6_000, case, execute);
}

#[test]
fn a_map_file_cut_off_at_any_byte_is_refused() {
    for (name, bytes) in every_form() {
        let step = 1 + bytes.len() / 400;
        let rest = if name.ends_with("pbf") { 1 } else { 6 };
        for end in (0..bytes.len() - rest).step_by(step) {
            let read = read(&bytes[..end], &|_, _| {});
            assert!(read.is_err(), "{name} was read with {end} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn damaged_network_files_are_read_or_refused() {
    let order = Order { source: "town", within: None, built_at: DateTime::from_timestamp(0, 0).expect("a time") };
    let whole = make(&town().xml(), &order, &|_, _| {}).expect("a network").file.to_file();
    let case = |dice: &mut Dice| {
        let mut bytes = whole.clone();
        for _ in 0..=dice.below(4) {
            let at = dice.below(bytes.len());
            match dice.below(4) {
                0 => bytes[at] ^= 1 << dice.below(8),
                1 => bytes[at] = dice.bits() as u8,
                2 => bytes.iter_mut().skip(at).take(4).for_each(|b| *b = 0xff),
                _ => {
                    let n = (dice.below(4096) as u32).to_le_bytes();
                    bytes.iter_mut().skip(at & !3).zip(n).for_each(|(b, w)| *b = w);
                }
            }
        }
        if dice.below(8) == 0 { bytes } else { sealed(bytes) }
    };
    run("bihunet", 3_000, case, ask);
}

#[test]
fn damaged_map_and_network_files_are_refused_within_two_gibibytes() {
    let own = std::env::current_exe().expect("this program");
    let script = format!(
        "ulimit -v 2097152; BIHU_FUZZ=0.1 exec '{}' --test-threads 1 osm_fuzz::damaged_ osm_hostile --skip gibibytes",
        own.display()
    );
    let child = std::process::Command::new("sh").arg("-c").arg(script).output().expect("a child");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}\n{}", String::from_utf8_lossy(&child.stderr));
    assert!(said.contains("test result: ok"), "{said}");
}
