//! What all formats have in common: the same rows out of each, layers, confirmed columns, progress, a look before.

use crate::exchange_files::{HEADERS, ROWS, SHELTER, assert_rows, every_format, shelters};
use bihu::domain::{Crs, Datum, Kind};
use bihu::exchange::{DecodeError, Format, Reading, Target, decode, decode_with, inspect, proposed};
use std::collections::BTreeMap;
use std::sync::Mutex;

fn columns(pairs: &[(&str, Option<&str>)]) -> Option<BTreeMap<String, Option<String>>> {
    Some(pairs.iter().map(|(header, field)| ((*header).to_owned(), field.map(str::to_owned))).collect())
}

#[test]
fn every_format_is_told_by_its_content_alone_and_gives_the_same_rows() {
    for (format, bytes) in every_format() {
        assert_eq!(Format::detect("upload", &bytes), Ok(format));
        let decoded = shelters(&bytes, format).unwrap_or_else(|error| panic!("{format}: {error}"));
        assert_rows(&decoded);
    }
}

#[test]
fn a_look_before_shows_layers_columns_and_samples() {
    for (format, bytes) in every_format() {
        let seen = inspect("upload", &bytes).unwrap_or_else(|error| panic!("{format}: {error}"));
        assert_eq!(seen.format, format);
        let first = &seen.layers[0];
        assert_eq!(first.rows, ROWS.len(), "{format}");
        let capacity = first.columns.iter().find(|c| c.read_as.as_deref() == Some("capacity")).expect("a capacity");
        assert_eq!(capacity.samples, ["120", "0", "1500"], "{format}");
        let says = match format {
            Format::Csv | Format::GeoJson | Format::Xlsx | Format::Xls => None,
            _ => Some("wgs84"),
        };
        assert_eq!(first.crs_in_file.as_deref(), says, "{format}");
    }
}

#[test]
fn a_file_in_the_clothes_of_another_is_damaged_and_nothing_else() {
    for (_, bytes) in every_format() {
        for format in Format::ALL {
            match shelters(&bytes, *format) {
                Ok(decoded) => assert!(decoded.drafts.len() <= 4, "{format}"),
                Err(error) => assert!(error.to_string().contains(" / "), "{format}: {error}"),
            }
        }
    }
}

#[test]
fn confirmed_columns_win_over_recognised_ones() {
    let bytes = "编码,别名,名称,经度,纬度,x1,容量\nS1,甲,乙,121.2,31.0,70,60\n".as_bytes();
    let reading = Reading {
        columns: columns(&[
            ("别名", Some("name")),
            ("x1", Some("capacity")),
            ("编码", None),
            ("gone", Some("address")),
        ]),
        ..Reading::new(Format::Csv, SHELTER, &Crs::WGS84)
    };
    let decoded = decode_with(bytes, &reading).expect("a table");
    let patch = &decoded.drafts[0].patch;
    assert_eq!((patch["name"].as_str(), patch["capacity"].as_u64()), (Some("甲"), Some(70)));
    assert!(patch["code"].as_str().is_some_and(|code| code.starts_with("auto-")));
    let told = |word: &str| decoded.notes.iter().any(|note| note.contains(word));
    assert!(told("“名称”") && told("“容量”") && told("“gone”"), "{:?}", decoded.notes);
}

#[test]
fn confirmed_columns_are_refused_when_they_name_no_field_or_one_twice() {
    let bytes = "a,b,名称\n1,2,甲\n".as_bytes();
    let read = |pairs: &[(&str, Option<&str>)]| {
        let reading = Reading { columns: columns(pairs), ..Reading::new(Format::Csv, SHELTER, &Crs::WGS84) };
        decode_with(bytes, &reading)
    };
    match read(&[("a", Some("capacitie"))]) {
        Err(DecodeError::UnknownField { field, near, .. }) => assert_eq!((&*field, &*near), ("capacitie", "capacity")),
        other => panic!("{other:?}"),
    }
    assert!(matches!(read(&[("a", Some("name")), ("b", Some("name"))]), Err(DecodeError::AmbiguousColumns { .. })));
    let parts = read(&[("a", Some("hazards.flood")), ("b", Some("contacts.phone"))]).expect("parts");
    assert_eq!(parts.drafts[0].patch["hazards"], serde_json::json!(["flood"]));
    assert!(matches!(read(&[("a", Some("hazards.fun"))]), Err(DecodeError::UnknownField { .. })));
}

#[test]
fn confirmed_columns_are_found_under_headers_that_nobody_knows() {
    let reading = Reading {
        columns: columns(&[("A列", Some("name")), ("B列", Some("lon")), ("C列", Some("lat"))]),
        ..Reading::new(Format::Csv, SHELTER, &Crs::WGS84)
    };
    let bytes = "某区避难场所一览,,\nA列,B列,C列\n甲,121.2,31.0\n".as_bytes();
    let decoded = decode_with(bytes, &reading).expect("a table");
    assert_eq!((decoded.drafts.len(), decoded.drafts[0].row), (1, 3));
    assert_eq!(decoded.drafts[0].patch["name"], "甲");
}

#[test]
fn a_wizard_is_proposed_a_field_for_each_header_and_never_one_twice() {
    let headers: Vec<String> = ["名称", "施設名", "经度", "天气"].map(str::to_owned).into();
    let fields: Vec<_> = proposed(&headers, Target::Resource(Kind::Shelter)).into_iter().map(|(_, f)| f).collect();
    assert_eq!(fields, [Some("name".to_owned()), None, Some("lon".to_owned()), None]);
}

#[test]
fn progress_is_called_with_growing_numbers_and_the_last_is_the_number_of_rows() {
    let rows: String = (0..2500).map(|i| format!("S{i},示例,121.2,31.0,1\n")).collect();
    let bytes = format!("{}\n{rows}", HEADERS.join(","));
    let seen = Mutex::new(Vec::new());
    let note = |n: usize| seen.lock().expect("a lock").push(n);
    let reading = Reading { progress: Some(&note), ..Reading::new(Format::Csv, SHELTER, &Crs::WGS84) };
    decode_with(bytes.as_bytes(), &reading).expect("a table");
    assert_eq!(*seen.lock().expect("a lock"), [1000, 2000, 2500]);
}

#[test]
fn what_a_file_says_of_its_coordinates_is_held_against_the_declaration() {
    for (format, bytes) in every_format() {
        let read = |crs: Crs| decode(&bytes, format, SHELTER, &crs);
        assert!(read(Datum::Cgcs2000.into()).is_ok(), "{format}: the same numbers to within centimetres");
        match (format, read(Datum::Gcj02.into())) {
            (Format::Shapefile | Format::GeoPackage | Format::FlatGeobuf, Err(error)) => {
                let shown = error.to_string();
                assert!(matches!(error, DecodeError::CrsConflict { .. }), "{format}: {shown}");
                assert!(shown.contains("--datum wgs84") && shown.contains("gcj02"), "{shown}");
            }
            (Format::Kml | Format::Kmz | Format::Gpx, Ok(decoded)) => {
                assert!(decoded.notes.iter().any(|note| note.contains("gcj02")), "{format}: {:?}", decoded.notes);
            }
            (Format::Csv | Format::GeoJson | Format::Xlsx | Format::Xls, Ok(_)) => {}
            (format, other) => panic!("{format}: {other:?}"),
        }
    }
}

#[test]
fn a_layer_that_is_not_there_is_refused_with_those_that_are() {
    for (format, bytes) in every_format() {
        match crate::exchange_files::layer(&bytes, format, "nowhere") {
            Err(DecodeError::NoSuchLayer { given, choices }) => {
                assert!(given == "nowhere" && !choices.is_empty(), "{format}");
                let first = choices.split(", ").next().unwrap_or_default();
                assert_rows(&crate::exchange_files::layer(&bytes, format, first).expect("the first layer"));
            }
            other => panic!("{format}: {other:?}"),
        }
    }
}
