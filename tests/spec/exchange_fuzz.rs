//! Damaged files of every format: a mutational fuzzer that runs with the other tests.
//!
//! Each execution takes a valid file, damages it (bits, bytes, interesting numbers, cuts, splices within it and with files of
//! other formats, dictionary words) and decodes it. What is packed is damaged inside and packed again, so that it is the
//! parser that is tried and not the checksum. Nothing may panic out of the decoder, hang, or lose a row. `BIHU_SEED` repeats
//! a run; `BIHU_FUZZ` multiplies its executions. A tenth runs again in a child with 2 GiB of address space.

use crate::exchange_files::{SHELTER, every_format, zipped};
use crate::fuzzing::{self, Dice, damage};
use bihu::domain::Crs;
use bihu::exchange::{Format, decode, inspect};
use std::io::{Cursor, Read};
use std::time::{Duration, Instant};

/// Numbers and words that readers stumble over.
const WORDS: &[&[u8]] = &[
    &[0xff; 4],
    &[0xff, 0xff, 0xff, 0x7f],
    &[0x7f, 0xff, 0xff, 0xff],
    &[0; 8],
    &[0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
    &[0x3c, 0],
    &[0x09, 0x08],
    b"<![CDATA[",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"&a;",
    b"&#0;",
    b"<Placemark>",
    b"</kml>",
    b"<c r=\"XFD1048576\"><v>1</v></c>",
    b"<row r=\"4294967295\">",
    b"\"",
    b"{\"type\":",
    b"1e999",
    b"-",
    "合计".as_bytes(),
    b"\x81",
    b"\xed\xa0\x80",
];

/// Unpacks a zip that is ours.
fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    (0..zip.len())
        .map(|i| {
            let mut entry = zip.by_index(i).expect("an entry");
            let mut out = Vec::new();
            entry.read_to_end(&mut out).expect("bytes");
            (entry.name().expect("a name").into_owned(), out)
        })
        .collect()
}

/// Decodes and looks, and holds what comes out to what every file is held to.
fn execute(format: Format, bytes: &[u8]) -> bool {
    let begun = Instant::now();
    let decoded = decode(bytes, format, SHELTER, &Crs::WGS84);
    if bytes.len().is_multiple_of(8) {
        drop(inspect("upload", bytes));
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{format}: {:?}", begun.elapsed());
    match decoded {
        Ok(decoded) => {
            let rows: Vec<usize> = decoded.drafts.iter().map(|draft| draft.row).collect();
            assert!(rows.is_sorted_by(|a, b| a < b), "{format}: rows are not told apart: {rows:?}");
            for draft in &decoded.drafts {
                let placed = draft.patch.contains_key("lon") || draft.patch.contains_key("geometry");
                let is_table = matches!(format, Format::Csv | Format::Xlsx | Format::Xls);
                assert!(placed || !draft.violations.is_empty() || is_table, "{format}: {draft:?}");
            }
            true
        }
        Err(error) => {
            assert!(error.to_string().contains(" / "), "{format}: in one language: {error}");
            false
        }
    }
}

fn run(format: Format, executions: usize) {
    let corpus = every_format();
    let others: Vec<&[u8]> = corpus.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let whole = &corpus.iter().find(|(f, _)| *f == format).expect("a file").1;
    let parts = match format {
        Format::Xlsx | Format::Shapefile | Format::Kmz => unpacked(whole),
        _ => Vec::new(),
    };
    let case = |dice: &mut Dice, i: usize| {
        if parts.is_empty() || dice.below(8) == 0 {
            let mut bytes = whole.clone();
            damage(dice, &mut bytes, WORDS, &others);
            return bytes;
        }
        let mut parts = parts.clone();
        let n = parts.len();
        damage(dice, &mut parts[i % n].1, WORDS, &others);
        zipped(&parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
    };
    fuzzing::run(format.word(), executions, case, |bytes| execute(format, bytes));
}

#[test]
fn damaged_csv_is_read_or_refused() {
    run(Format::Csv, 20_000);
}

#[test]
fn damaged_geojson_is_read_or_refused() {
    run(Format::GeoJson, 20_000);
}

#[test]
fn damaged_xlsx_is_read_or_refused() {
    run(Format::Xlsx, 1_000);
}

#[test]
fn damaged_xls_is_read_or_refused() {
    run(Format::Xls, 20_000);
}

#[test]
fn damaged_shapefiles_are_read_or_refused() {
    run(Format::Shapefile, 4_000);
}

#[test]
fn damaged_geopackages_are_read_or_refused() {
    run(Format::GeoPackage, 500);
}

#[test]
fn damaged_kml_is_read_or_refused() {
    run(Format::Kml, 20_000);
}

#[test]
fn damaged_kmz_is_read_or_refused() {
    run(Format::Kmz, 2_000);
}

#[test]
fn damaged_gpx_is_read_or_refused() {
    run(Format::Gpx, 20_000);
}

#[test]
fn damaged_flatgeobuf_is_read_or_refused() {
    run(Format::FlatGeobuf, 20_000);
}

#[test]
fn a_file_cut_off_at_any_byte_is_read_up_to_there_or_refused() {
    for (format, bytes) in every_format() {
        let step = if format == Format::GeoPackage { 997 } else { 1 + bytes.len() / 300 };
        for end in (0..bytes.len()).step_by(step) {
            let is_read = execute(format, &bytes[..end]);
            // Text formats have no end of their own to miss.
            let may_be_read = matches!(format, Format::Csv | Format::FlatGeobuf | Format::Xls);
            assert!(!is_read || may_be_read, "{format} was read with {end} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn damaged_files_of_every_format_are_refused_within_two_gibibytes() {
    let own = std::env::current_exe().expect("this program");
    let script = format!(
        "ulimit -v 2097152; BIHU_FUZZ=0.1 exec '{}' --test-threads 1 exchange_fuzz::damaged_ exchange_hostile --skip gibibytes",
        own.display()
    );
    let child = std::process::Command::new("sh").arg("-c").arg(script).output().expect("a child");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}\n{}", String::from_utf8_lossy(&child.stderr));
    assert!(said.contains("test result: ok"), "{said}");
}
