//! Text tables: encodings, delimiters, row numbers, limits, and rows that are all accounted for.

use crate::exchange_samples::{for_all, shelters, told};
use bihu::domain::{Datum, Kind};
use bihu::exchange::document::read;
use bihu::exchange::{DecodeError, Decoded, Format, Target, decode};
use bihu::spatial::datum::from_wgs84;
use proptest::prelude::*;
use serde_json::json;

const SHELTER: Target = Target::Resource(Kind::Shelter);
const ZH: &str = "编码,名称,经度,纬度,状态\nS1,示例避难所一号,121.2,31.0,已开放\nS2,示例二,121.3,31.1,未开放\n";

fn bytes(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    decode(bytes, Format::Csv, SHELTER, &Datum::Wgs84.into())
}

fn rows(decoded: &Decoded) -> Vec<usize> {
    decoded.drafts.iter().map(|d| d.row).collect()
}

#[test]
fn tables_are_read_in_every_encoding_in_use() {
    let ja = "共通ID,施設・場所名,経度,緯度,洪水\nE1,麹町小学校,139.7,35.6,1\nE2,九段小学校,139.8,35.7,\n";
    let tw = "code,名稱,name,lon,lat,備考\nT1,示範避難所,示範避難所,121.5,25.0,臺灣省地區測試資料\n";
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    let encoded = |encoding: &'static encoding_rs::Encoding, text: &str| encoding.encode(text).0.into_owned();
    for (bytes_in, name, encoding) in [
        (ZH.as_bytes().to_vec(), "示例避难所一号", "UTF-8"),
        ([b"\xef\xbb\xbf", ZH.as_bytes()].concat(), "示例避难所一号", "UTF-8"),
        (encoded(encoding_rs::GB18030, ZH), "示例避难所一号", "gb18030"),
        (encoded(encoding_rs::SHIFT_JIS, ja), "麹町小学校", "Shift_JIS"),
        (encoded(encoding_rs::BIG5, tw), "示範避難所", "Big5"),
        (utf16(ZH, false), "示例避难所一号", "UTF-16LE"),
        (utf16(ZH, true), "示例避难所一号", "UTF-16BE"),
    ] {
        let decoded = bytes(&bytes_in).unwrap_or_else(|error| panic!("{encoding}: {error}"));
        assert_eq!(decoded.encoding.as_deref(), Some(encoding));
        assert_eq!(decoded.drafts[0].patch["name"], name, "{encoding}");
        assert_eq!(decoded.drafts[0].violations, [], "{encoding}");
    }
}

#[test]
fn short_tables_that_mislead_statistics_are_told_by_their_headers() {
    for (encoding, header) in [
        (encoding_rs::GB18030, "级别,面積"),
        (encoding_rs::GB18030, "連絡先,面積"),
        (encoding_rs::SHIFT_JIS, "担当者,確認者"),
        (encoding_rs::SHIFT_JIS, "経度,救援能力"),
        (encoding_rs::BIG5, "管理者,ペット可"),
    ] {
        let decoded = bytes(&encoding.encode(&format!("{header}\n1,2\n")).0).expect("a table");
        let headers: Vec<&str> = decoded.columns.iter().map(|(header, _)| header.as_str()).collect();
        assert_eq!((decoded.encoding.as_deref(), headers.join(",").as_str()), (Some(encoding.name()), header));
    }
}

#[test]
fn bytes_that_do_not_decode_are_an_error_that_names_their_offset() {
    let mut damaged = ZH.as_bytes().to_vec();
    let at = damaged.len() - 30;
    damaged[at] = 0xff;
    match bytes(&damaged) {
        Err(DecodeError::Undecodable { encoding, offset }) => {
            assert_eq!(encoding, "UTF-8");
            assert!(offset.abs_diff(at) <= 3, "{offset} is not near {at}");
        }
        other => panic!("{other:?}"),
    }
    let cut = &ZH.as_bytes()[..ZH.find("未开放").expect("a word") + 1];
    assert!(matches!(bytes(cut), Err(DecodeError::Undecodable { .. })));
}

#[test]
fn delimiters_and_line_ends_of_every_system_are_read() {
    for (delimiter, end) in [(",", "\n"), ("\t", "\r\n"), (";", "\r"), (",", "\r\n")] {
        let text = ZH.replace(',', delimiter).replace('\n', end);
        let decoded = shelters(&text).expect("a table");
        assert_eq!(rows(&decoded), [2, 3], "{delimiter:?} {end:?}");
        assert_eq!(decoded.drafts[1].patch["status"], "closed");
    }
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_shows_them() {
    let text = "\n编码,名称,经度,纬度,备注\nS1,甲,121.2,31.0,\"两\n行\"\n\n,,,,\nS2,乙,121.3,31.0,\nS3,丙,121.4,31.0,x";
    assert_eq!(rows(&shelters(text).expect("a table")), [3, 6, 7]);
}

#[test]
fn quotes_are_read_by_rfc_4180() {
    let text = "code,name,lon,lat,remarks\nS1,\"a, \"\"b\"\"\",121.2,31.0,\"x\r\ny\"\nS2,b\"c,121.3,31.0,\"\"\n";
    let decoded = shelters(text).expect("a table");
    assert_eq!(decoded.drafts[0].patch["name"], "a, \"b\"");
    assert_eq!(decoded.drafts[0].patch["remarks"], "x\r\ny");
    assert_eq!(decoded.drafts[1].patch["name"], "b\"c");
}

#[test]
fn ragged_rows_are_violations_and_blank_cells_beyond_the_header_are_not() {
    let text = "code,name,lon,lat\nS1,甲,121.2\nS2,乙,121.3,31.0,extra\nS3,丙,121.4,31.0,,\n";
    let decoded = shelters(text).expect("a table");
    let reasons: Vec<_> = decoded.drafts.iter().map(|d| told(&d.violations)).collect();
    assert_eq!(reasons, [vec![("", "ragged_row")], vec![("", "ragged_row")], vec![]]);
}

#[test]
fn what_is_no_table_is_refused_with_a_clear_error() {
    let wide = format!("code,{}\n", vec!["c"; 2001].join(","));
    let long = format!("code,name\nS1,{}\n", "x".repeat((1 << 20) + 1));
    let open = "code,name\nS1,甲\nS2,\"never closed\nS3,丙\n";
    assert_eq!(bytes(b""), Err(DecodeError::Empty));
    assert_eq!(bytes(b"\n , \n"), Err(DecodeError::Empty));
    assert_eq!(bytes(b"code,name\nS1,a\x00b\n"), Err(DecodeError::Nul { row: 2 }));
    assert_eq!(shelters(&wide), Err(DecodeError::TooManyColumns { row: 1, limit: 2000 }));
    assert_eq!(shelters(&long), Err(DecodeError::CellTooLarge { row: 2, limit: 1 << 20 }));
    assert_eq!(shelters(open), Err(DecodeError::UnclosedQuote { row: 3 }));
    let many = format!("code,name\n{}", "S,x\n".repeat(500_001));
    assert_eq!(shelters(&many), Err(DecodeError::TooManyRows { limit: 500_000 }));
}

#[test]
fn the_format_is_told_by_content_first_and_by_name_where_that_leaves_it_open() {
    for (name, content, expected) in [
        ("a.csv", "code,name", Ok(Format::Csv)),
        ("a.txt", "code\tname", Ok(Format::Csv)),
        ("a.geojson", "{\"type\":", Ok(Format::GeoJson)),
        ("a.json", "", Ok(Format::GeoJson)),
        ("a.csv", " {\"type\":\"Feature\"}", Ok(Format::GeoJson)),
        ("a.GEOJSON", "garbage", Ok(Format::GeoJson)),
        ("a.csv", "", Err(DecodeError::Empty)),
        ("a.csv", "SQLite format 3\0", Ok(Format::GeoPackage)),
        ("a.csv", "fgb\u{3}fgb\0", Ok(Format::FlatGeobuf)),
        ("a.txt", "<?xml version=\"1.0\"?>\n<!-- a note -->\n<kml xmlns=\"x\">", Ok(Format::Kml)),
        ("a.kml", "\u{feff}<gpx:gpx>", Ok(Format::Gpx)),
        ("a.xls", "<html><table>", Err(DecodeError::Unsupported { what: "HTML".into() })),
        ("a.kml", "<?xml", Err(DecodeError::Unsupported { what: "XML".into() })),
        ("a.dbf", "\u{3}", Err(DecodeError::PartOfShapefile)),
        ("a.shp", "\0\0\u{27}\u{a}", Err(DecodeError::PartOfShapefile)),
        ("a.pdf", "%PDF-1.4", Err(DecodeError::Unsupported { what: "PDF".into() })),
    ] {
        assert_eq!(Format::detect(name, content.as_bytes()), expected, "{name} {content:?}");
    }
}

#[test]
fn positions_of_another_datum_are_shifted_and_kept_as_declared() {
    for datum in Datum::ALL {
        let at = bihu::domain::LonLat::new(121.2, 31.0).expect("a position");
        let given = from_wgs84(*datum, at);
        let text = format!("code,name,lon,lat\nS1,甲,{},{}\n", given.lon(), given.lat());
        let decoded = decode(text.as_bytes(), Format::Csv, SHELTER, &(*datum).into()).expect("a table");
        let r = read(Some(Kind::Shelter), None, &decoded.drafts[0].patch, None).expect("a shelter");
        assert!(bihu::spatial::geodesic::distance_m(r.place.position, at) < 0.001, "{datum}");
        let shifted = matches!(datum, Datum::Gcj02 | Datum::Bd09);
        assert_eq!(r.place.declared.map(|d| (d.crs, d.first)), shifted.then_some(((*datum).into(), given.lon())));
    }
}

#[test]
fn a_row_without_a_code_gets_the_same_one_every_time() {
    let decoded = shelters("名称,经度,纬度\n示例,121.2,31.0\n示例,121.3,31.0\n").expect("a table");
    let again = shelters("纬度,经度,名称\n31.0,121.2000000001,示例\n").expect("a table");
    let code = |d: &Decoded, i: usize| d.drafts[i].patch["code"].as_str().expect("a code").to_owned();
    assert!(code(&decoded, 0).starts_with("auto-"));
    assert_ne!(code(&decoded, 0), code(&decoded, 1));
    assert_eq!(code(&decoded, 0), code(&again, 0));
    assert!(decoded.drafts[0].notes.iter().any(|n| n.contains("auto-")));
}

#[test]
fn rows_without_a_name_or_with_a_code_of_an_earlier_row_are_refused() {
    let text =
        "code,name,lon,lat\nS1,甲,121.2,31.0\nS2,,121.2,31.0\nS1,丙,121.3,31.0\n-,丁,121.4,31.0\n-,戊,121.4,31.0\n";
    let decoded = shelters(text).expect("a table");
    let told: Vec<_> = decoded.drafts.iter().map(|d| told(&d.violations)).collect();
    assert_eq!(told, [vec![], vec![("name", "missing")], vec![("code", "duplicate_code")], vec![], vec![]]);
    assert!(decoded.drafts[2].violations[0].en.contains("row 2"));
}

#[test]
fn swapped_and_impossible_positions_are_told_on_their_row() {
    let text = "code,name,lon,lat\nS1,甲,31.0,121.2\nS2,乙,200,31\nS3,丙,,31\nS4,丁,121.2,31\n";
    let decoded = shelters(text).expect("a table");
    assert_eq!(told(&decoded.drafts[0].violations), [("lat", "swapped")]);
    assert_eq!(told(&decoded.drafts[1].violations), [("lon", "out_of_range")]);
    let unknown = read(Some(Kind::Shelter), None, &decoded.drafts[2].patch, None).expect_err("no longitude");
    assert_eq!(told(&unknown), [("lon", "missing")]);
}

#[test]
fn hazard_columns_become_a_set_and_say_nothing_when_all_are_blank() {
    let text = "共通ID,施設・場所名,経度,緯度,洪水,高潮,地震\nA,a,139,35,1,,1\nB,b,139,35,,,\nC,c,139,35,0,,\n";
    let decoded = shelters(text).expect("a table");
    let hazards: Vec<_> = decoded.drafts.iter().map(|d| d.patch["hazards"].clone()).collect();
    assert_eq!(hazards, [json!(["flood", "earthquake"]), json!(null), json!([])]);
}

#[test]
fn a_geometry_column_carries_footprints_in_every_datum() {
    let ring = json!({"type": "Polygon", "coordinates": [[[121.2, 31.0, 5.0], [121.3, 31.0], [121.3, 31.1], [121.2, 31.0, 5.0]]]});
    let text = format!("code,name,geometry\nS1,甲,\"{}\"\n", ring.to_string().replace('"', "\"\""));
    let decoded = decode(text.as_bytes(), Format::Csv, SHELTER, &Datum::Gcj02.into()).expect("a table");
    let draft = &decoded.drafts[0];
    assert!(
        draft.notes.iter().any(|n| n.contains("高程")) && draft.notes.iter().any(|n| n.contains("WGS84")),
        "{:?}",
        draft.notes
    );
    let r = read(Some(Kind::Shelter), None, &draft.patch, None).expect("a shelter");
    let corner = r.place.footprint.expect("a footprint").0[0].exterior().0[0];
    let moved = ((corner.x - 121.2).powi(2) + (corner.y - 31.0).powi(2)).sqrt();
    assert!((0.002..0.01).contains(&moved), "moved by {moved} degrees");
}

#[test]
fn any_bytes_are_decoded_or_refused_and_never_panic() {
    let soup = prop::collection::vec(any::<u8>(), 0..200);
    let mutated = (any::<prop::sample::Index>(), any::<u8>(), any::<prop::sample::Index>(), 0..3_u8);
    for_all("any_bytes", 3000, (soup, mutated), |(soup, (at, byte, cut, how))| {
        for target in [SHELTER, Target::Resource(Kind::Warehouse), Target::Demand, Target::Division] {
            drop(decode(&soup, Format::Csv, target, &Datum::Gcj02.into()));
            drop(decode(&soup, Format::GeoJson, target, &Datum::Bd09.into()));
        }
        let mut table = ZH.as_bytes().to_vec();
        let i = at.index(table.len());
        match how {
            0 => table[i] = byte,
            1 => table.insert(i, byte),
            _ => table.truncate(cut.index(table.len())),
        }
        if let Ok(decoded) = bytes(&table) {
            prop_assert!(decoded.drafts.windows(2).all(|w| w[0].row < w[1].row));
            prop_assert!(decoded.drafts.iter().all(|d| d.row >= 2));
        }
        Ok(())
    });
}

#[test]
fn every_row_of_a_table_is_accounted_for_once() {
    let cell =
        prop_oneof!["[a-z\"',; \t-]{0,6}", "[0-9.,-]{0,6}", "(是|无|已开放|洪水|N/A|S1|\n)", Just(String::new())];
    let row = prop::collection::vec(cell, 1..7);
    for_all("accounted", 2000, prop::collection::vec(row, 0..20), |rows| {
        let mut text = "code,name,lon,lat,status,hazards\n".to_owned();
        let mut filled = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            let quoted: Vec<String> = row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
            text.push_str(&quoted.join(","));
            text.push('\n');
            if row.iter().any(|c| !c.trim().is_empty()) {
                filled.push(i + 2);
            }
        }
        let decoded = shelters(&text).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(decoded.drafts.iter().map(|d| d.row).collect::<Vec<_>>(), filled);
        Ok(())
    });
}

#[test]
fn a_hundred_thousand_rows_are_decoded_in_seconds() {
    let mut text = ZH.lines().next().expect("a header").to_owned();
    for i in 0..100_000 {
        text.push_str(&format!("\nS{i},示例避难所第{i}号,{},{},已开放", 121.0 + f64::from(i) * 1e-6, 31.0));
    }
    let started = std::time::Instant::now();
    let decoded = shelters(&text).expect("a table");
    println!("100 000 rows in {:?}", started.elapsed());
    assert_eq!(decoded.drafts.len(), 100_000);
    assert!(decoded.drafts.iter().all(|d| d.violations.is_empty()));
    assert!(started.elapsed().as_secs() < 20, "took {:?}", started.elapsed());
}
