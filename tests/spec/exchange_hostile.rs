//! Files built to exhaust their reader: each is refused in words, soon, and within the memory of a small machine
//! (`exchange_fuzz.rs` runs these again in a child with 2 GiB of address space).

use crate::exchange_files::{compound, dbf, fgb, gpkg_of, gpkg_point, shape_parts, shelters, shp, xlsx, zipped};
use bihu::exchange::{DecodeError, Format};
use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

/// Decodes and returns why it was refused, which may not take long.
fn refused(format: Format, bytes: &[u8]) -> DecodeError {
    let begun = Instant::now();
    let error = shelters(bytes, format).expect_err("a refusal");
    assert!(begun.elapsed() < Duration::from_secs(60), "{format}: {:?}", begun.elapsed());
    assert!(error.to_string().contains(" / "), "in one language: {error}");
    error
}

/// A zip with one entry of blocks that are repeated.
fn blown(name: &str, head: &[u8], block: &[u8], times: usize, others: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().large_file(true);
    zip.start_file(name, options).expect("an entry");
    zip.write_all(head).expect("bytes");
    (0..times).for_each(|_| zip.write_all(block).expect("bytes"));
    for (name, bytes) in others {
        zip.start_file(*name, options).expect("an entry");
        zip.write_all(bytes).expect("bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

/// The parts of a workbook whose sheet is another.
pub fn with_sheet(sheet: &[u8]) -> Vec<u8> {
    with_part("xl/worksheets/sheet1.xml", sheet)
}

fn with_part(replaced: &str, by: &[u8]) -> Vec<u8> {
    with_parts(&[(replaced, by)])
}

fn with_parts(replaced: &[(&str, &[u8])]) -> Vec<u8> {
    let whole = xlsx();
    let mut zip = zip::ZipArchive::new(Cursor::new(&whole[..])).expect("a zip");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..zip.len() {
        let entry = zip.by_index_raw(i).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        match replaced.iter().find(|(other, _)| *other == name) {
            None => out.raw_copy_file(entry).expect("a copy"),
            Some((_, by)) => {
                drop(entry);
                out.start_file(&*name, zip::write::SimpleFileOptions::default()).expect("an entry");
                out.write_all(by).expect("bytes");
            }
        }
    }
    out.finish().expect("a zip").into_inner()
}

#[test]
fn a_zip_that_unpacks_a_thousandfold_is_refused() {
    let block = vec![b' '; 1 << 20];
    for (format, name) in
        [(Format::Kmz, "doc.kml"), (Format::Shapefile, "a.shp"), (Format::Xlsx, "xl/worksheets/sheet1.xml")]
    {
        let content_types = ("[Content_Types].xml", &b"<Types/>"[..]);
        let bomb = blown(name, b"", &block, 64, &[content_types, ("xl/workbook.xml", b"<x/>")]);
        assert!(bomb.len() < 1 << 20);
        assert!(matches!(refused(format, &bomb), DecodeError::Bomb { .. }), "{format}");
    }
}

#[test]
fn an_entry_that_claims_less_than_it_holds_is_refused() {
    let mut bytes = zipped(&[("doc.kml", &vec![b' '; 100_000])]);
    // The size stands in both headers; both lie.
    let size = 100_000_u32.to_le_bytes();
    let places: Vec<usize> = bytes.windows(4).enumerate().filter(|(_, w)| *w == size).map(|(i, _)| i).collect();
    assert!(!places.is_empty());
    places.iter().for_each(|at| bytes[*at..at + 4].copy_from_slice(&10_u32.to_le_bytes()));
    assert!(matches!(refused(Format::Kmz, &bytes), DecodeError::Bomb { .. } | DecodeError::Damaged { .. }));
}

#[test]
fn a_zip_of_a_hundred_thousand_entries_is_refused_before_it_is_listed() {
    let mut entry = b"PK\x01\x02".to_vec();
    entry.resize(46, 0);
    let mut bytes = b"PK\x03\x04".to_vec();
    (0..100_000).for_each(|_| bytes.extend(&entry));
    assert!(matches!(Format::detect("a", &bytes), Err(DecodeError::AboveLimit { limit: 5000, .. })));
}

#[test]
fn names_that_leave_the_zip_and_zips_within_zips_are_refused() {
    let kml = b"<kml/>".as_slice();
    for name in ["../a.kml", "/etc/a.kml", "a/../../b.kml", "c:/a.kml", "..\\a.kml"] {
        assert!(matches!(Format::detect("a", &zipped(&[(name, kml)])), Err(DecodeError::Damaged { .. })), "{name}");
    }
    let inner = zipped(&[("doc.kml", kml)]);
    let nested = zipped(&[("inner.kmz", &inner), ("inner.zip", &inner)]);
    match Format::detect("a.zip", &nested) {
        Err(DecodeError::NothingInZip { names }) => assert!(names.contains("inner.kmz")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn xml_that_expands_or_nests_without_end_is_refused() {
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE kml [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><kml><Placemark><name>&b;</name></Placemark></kml>";
    let outside = "<!DOCTYPE kml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><kml>&x;</kml>";
    let unknown = "<kml><Placemark><name>&nbsp;</name></Placemark></kml>";
    let deep = format!("<kml>{}", "<Folder>".repeat(1_000_000));
    for text in [laughs, outside, unknown, deep.as_str()] {
        for format in [Format::Kml, Format::Gpx] {
            assert!(matches!(refused(format, text.as_bytes()), DecodeError::BadXml { line: 1, .. }), "{text:.80}");
        }
    }
    let columns: String = (0..3000).map(|i| format!("<Data name=\"c{i}\"><value>1</value></Data>")).collect();
    let wide = format!("<kml><Placemark><ExtendedData>{columns}</ExtendedData></Placemark></kml>");
    assert!(matches!(refused(Format::Kml, wide.as_bytes()), DecodeError::TooManyColumns { .. }));
}

#[test]
fn a_sheet_of_ten_million_columns_or_a_million_rows_of_nothing_costs_what_is_in_it() {
    let sheet = |dimension: &str, rows: &str| {
        format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><dimension ref=\"{dimension}\"/>\
             <sheetData>{rows}</sheetData></worksheet>"
        )
    };
    let header = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>名称</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>经度</t></is></c></row>";
    let far = sheet("A1:NTYDH1", &format!("{header}<row r=\"2\"><c r=\"NTYDH2\"><v>1</v></c></row>"));
    assert_eq!(refused(Format::Xlsx, &with_sheet(far.as_bytes())), DecodeError::TooManyColumns { row: 2, limit: 2000 });
    let empty: String = (2..=1_048_576).map(|r| format!("<row r=\"{r}\"><c r=\"A{r}\" s=\"1\"/></row>")).collect();
    let tall = sheet("A1:XFD1048576", &format!("{header}{empty}"));
    let decoded = shelters(&with_sheet(tall.as_bytes()), Format::Xlsx).expect("an empty table");
    assert_eq!(decoded.drafts, []);
    let claimed = sheet("A1:XFD1048576", header);
    assert_eq!(shelters(&with_sheet(claimed.as_bytes()), Format::Xlsx).expect("an empty table").drafts, []);
}

#[test]
fn a_workbook_of_endless_strings_styles_or_one_endless_text_is_refused() {
    let strings = format!("<sst>{}</sst>", "<si/>".repeat(6_000_000));
    assert!(matches!(
        refused(Format::Xlsx, &with_part("xl/sharedStrings.xml", strings.as_bytes())),
        DecodeError::Bomb { .. }
    ));
    let styles = format!("<styleSheet><fills>{}</fills></styleSheet>", "<fill/>".repeat(6_000_000));
    assert!(matches!(refused(Format::Xlsx, &with_part("xl/styles.xml", styles.as_bytes())), DecodeError::Bomb { .. }));
    let text =
        format!("<worksheet><sheetData><row><c><v>{}</v></c></row></sheetData></worksheet>", "1".repeat(20 << 20));
    assert!(matches!(refused(Format::Xlsx, &with_sheet(text.as_bytes())), DecodeError::Bomb { .. }));
    let hidden = format!("<worksheet><sheetData>{}</sheetData></worksheet>", "<![CDATA[<a>]]>".repeat(1000));
    assert!(matches!(refused(Format::Xlsx, &with_sheet(hidden.as_bytes())), DecodeError::Bomb { .. }));
}

#[test]
fn a_workbook_that_claims_more_strings_than_memory_holds_is_refused_before_room_is_made_for_them() {
    for claim in ["uniqueCount=\"4294967295\"", "count='18446744073709551616'", "uniqueCount = \"103079215080\""] {
        let sst = format!(
            "<?xml version=\"1.0\"?><sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" {claim}><si><t>a</t></si></sst>"
        );
        let refusal = refused(Format::Xlsx, &with_part("xl/sharedStrings.xml", sst.as_bytes()));
        assert!(matches!(refusal, DecodeError::Bomb { .. }), "{claim}: {refusal}");
    }
}

#[test]
fn a_ring_that_repeats_a_point_or_two_costs_no_more_than_its_length() {
    for n in [5_000, 60_000] {
        for step in ["121.2,31 ", "121.2,31 121.3,31 "] {
            let ring = format!("{}121.2,31", step.repeat(n));
            let kml = format!(
                "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Placemark><name>a</name><Polygon><outerBoundaryIs><LinearRing>\
                 <coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
            );
            let begun = Instant::now();
            let _ = shelters(kml.as_bytes(), Format::Kml);
            // No measure of speed: the search for a point inside took minutes and gigabytes.
            assert!(begun.elapsed() < Duration::from_secs(60), "{n} × {step}: {:?}", begun.elapsed());
        }
    }
}

#[test]
fn one_long_text_that_every_cell_names_is_not_multiplied() {
    let shared = format!("<sst><si><t>{}</t></si></sst>", "长".repeat(300_000));
    let cells: String = (2..5000).map(|r| format!("<row r=\"{r}\"><c r=\"A{r}\" t=\"s\"><v>0</v></c></row>")).collect();
    let header = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>备注</t></is></c></row>";
    let sheet = format!("<worksheet><sheetData>{header}{cells}</sheetData></worksheet>");
    let parts = [("xl/sharedStrings.xml", shared.as_bytes()), ("xl/worksheets/sheet1.xml", sheet.as_bytes())];
    assert!(matches!(refused(Format::Xlsx, &with_parts(&parts)), DecodeError::AboveLimit { .. }));
}

#[test]
fn compound_files_whose_chains_bite_their_tails_are_refused() {
    let good = compound("Workbook", &[0; 8192]);
    // Every FAT entry points at itself: no chain ends.
    let mut bytes = good.clone();
    for i in 0..128_u32 {
        let at = 512 + i as usize * 4;
        bytes[at..at + 4].copy_from_slice(&i.to_le_bytes());
    }
    assert!(matches!(refused(Format::Xls, &bytes), DecodeError::Damaged { .. }));
    let mut bytes = good.clone();
    bytes[68..72].copy_from_slice(&0_u32.to_le_bytes());
    assert!(matches!(refused(Format::Xls, &bytes), DecodeError::Damaged { .. } | DecodeError::Empty));
    let word = compound("WordDocument", &[0; 4096]);
    assert!(matches!(refused(Format::Xls, &word), DecodeError::Unsupported { .. }));
    assert_eq!(refused(Format::Xls, &compound("EncryptedPackage", &[0; 4096])), DecodeError::Protected);
}

#[test]
fn counts_that_shapes_and_records_claim_are_held_against_their_bytes() {
    let (points, table) = shape_parts(encoding_rs::GBK);
    let mut polygon = shp(&[]);
    let mut content = 5_u32.to_le_bytes().to_vec();
    content.extend([0; 32]);
    content.extend(u32::MAX.to_le_bytes());
    content.extend(u32::MAX.to_le_bytes());
    polygon.extend([1_u32.to_be_bytes(), (content.len() as u32 / 2).to_be_bytes()].concat());
    polygon.extend(content);
    let words = (polygon.len() as u32 / 2).to_be_bytes();
    polygon[24..28].copy_from_slice(&words);
    assert!(matches!(refused(Format::Shapefile, &zipped(&[("a.shp", &polygon)])), DecodeError::Damaged { .. }));
    let mut many = table.clone();
    many[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let zip = zipped(&[("a.shp", &points), ("a.dbf", &many)]);
    assert!(matches!(refused(Format::Shapefile, &zip), DecodeError::Damaged { .. }));
    let fewer = dbf(&[(b"name", b'C', 10)], &[vec![b"x".to_vec()]]);
    let zip = zipped(&[("a.shp", &points), ("a.dbf", &fewer)]);
    assert!(matches!(refused(Format::Shapefile, &zip), DecodeError::Damaged { format: "Shapefile", .. }));
}

#[test]
fn a_flatgeobuf_that_claims_any_size_is_refused() {
    let good = fgb();
    for at in 8..good.len() - 4 {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&[0xff; 4]);
        drop(shelters(&bytes, Format::FlatGeobuf));
    }
    let mut bytes = good.clone();
    bytes[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(refused(Format::FlatGeobuf, &bytes), DecodeError::Damaged { .. }));
}

#[test]
fn a_geopackage_runs_nothing_of_its_own() {
    let endless = "DROP TABLE shelters;
        CREATE VIEW shelters AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS geom, 'x' AS 名称 FROM n;";
    let view = gpkg_of(endless, &[]);
    assert_eq!(refused(Format::GeoPackage, &view), DecodeError::Empty);
    let generated = "DROP TABLE shelters; CREATE TABLE shelters (fid INTEGER PRIMARY KEY, geom BLOB, 编码 TEXT, 名称 TEXT, 容量 INTEGER,
        备注 TEXT AS (hex(zeroblob(10))) VIRTUAL);";
    let decoded = shelters(&gpkg_of(generated, &[(gpkg_point(121.2, 31.0), "S-1", "甲", Some(1))]), Format::GeoPackage);
    let decoded = decoded.expect("a table");
    assert!(decoded.columns.iter().all(|(header, _)| header != "备注"), "{:?}", decoded.columns);
    let odd = "CREATE TABLE \"a\"\"; DROP TABLE shelters; --\" (名称 TEXT);
        INSERT INTO gpkg_contents VALUES ('a\"; DROP TABLE shelters; --', 'attributes', 'x', 0);";
    assert!(shelters(&gpkg_of(odd, &[]), Format::GeoPackage).is_ok());
}

#[test]
fn a_database_that_is_no_geopackage_says_so() {
    use sqlx::Connection;
    let bytes = crate::exchange_files::wait(async {
        let mut database = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
        sqlx::raw_sql("CREATE TABLE t (a)").execute(&mut database).await.expect("a table");
        database.serialize(None).await.expect("bytes").as_ref().to_vec()
    });
    assert!(matches!(refused(Format::GeoPackage, &bytes), DecodeError::Unsupported { .. }));
}

#[test]
fn json_of_more_values_than_memory_is_refused() {
    let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{}0]}}", "0,".repeat(25_000_000));
    assert!(matches!(refused(Format::GeoJson, text.as_bytes()), DecodeError::AboveLimit { .. }));
}
