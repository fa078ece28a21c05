//! GeoJSON files: what is taken, what is refused and where.

use crate::exchange_samples::{features, for_all, told};
use bihu::domain::{Datum, Kind};
use bihu::exchange::document::{read, read_division};
use bihu::exchange::{DecodeError, Decoded, Format, Target, decode};
use proptest::prelude::*;
use serde_json::{Value, json};

fn text(text: &str) -> Result<Decoded, DecodeError> {
    decode(text.as_bytes(), Format::GeoJson, Target::Resource(Kind::Shelter), &Datum::Wgs84.into())
}

fn point(code: &str) -> Value {
    json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [121.2, 31.0]},
        "properties": {"编码": code, "名称": format!("示例{code}"), "容量": "120人"}})
}

fn collection(items: Vec<Value>) -> Value {
    json!({"type": "FeatureCollection", "features": items})
}

#[test]
fn collections_single_features_and_lines_of_features_are_read_alike() {
    let (a, b) = (point("A"), point("B"));
    let whole = features(&collection(vec![a.clone(), b.clone()])).expect("a collection");
    let lines = text(&format!("{a}\n\n{b}\n")).expect("lines");
    let sequence = text(&format!("\u{1e}{a}\n\u{1e}{b}\n")).expect("a sequence");
    let marked = text(&format!("\u{feff}{}", collection(vec![a.clone(), b]))).expect("a byte-order mark");
    for decoded in [&whole, &lines, &sequence, &marked] {
        let names: Vec<_> = decoded.drafts.iter().map(|d| d.patch["name"].clone()).collect();
        assert_eq!(names, [json!("示例A"), json!("示例B")]);
        assert_eq!(decoded.drafts[0].patch["capacity"], json!(120));
    }
    assert_eq!(whole.drafts.iter().map(|d| d.row).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(lines.drafts.iter().map(|d| d.row).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(features(&a).expect("a feature").drafts.len(), 1);
    assert_eq!(features(&collection(vec![])).expect("an empty collection").drafts, []);
}

#[test]
fn what_is_no_geojson_is_refused_with_the_place_of_the_fault() {
    let whole = collection(vec![point("A"), point("B")]).to_string();
    let cut: String = whole.chars().take(whole.chars().count() - 40).collect();
    assert!(matches!(text(&cut), Err(DecodeError::BadJson { line: 1, column, .. }) if column > 100));
    assert!(matches!(text("{\n \"type\": oops}"), Err(DecodeError::BadJson { line: 2, .. })));
    let deep = format!("{{\"type\":\"Feature\",\"geometry\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(text(&deep), Err(DecodeError::BadJson { .. })));
    let broken_line = format!("{}\n{{\"type\":\n", point("A"));
    assert!(matches!(text(&broken_line), Err(DecodeError::BadJson { line: 2, .. })), "{:?}", text(&broken_line));
    assert_eq!(text(""), Err(DecodeError::Empty));
    assert_eq!(text(" \n"), Err(DecodeError::Empty));
    assert!(matches!(
        decode(b"{\"a\":\"\xff\"}", Format::GeoJson, Target::Demand, &Datum::Wgs84.into()),
        Err(DecodeError::Undecodable { offset: 6, .. })
    ));
    for (given, found) in [
        (json!([1]), "array"),
        (json!("x"), "string"),
        (json!({"type": "Point", "coordinates": [1, 2]}), "Point"),
        (json!({"type": "Topology"}), "Topology"),
        (json!({"features": []}), "object without type"),
        (json!({"type": "FeatureCollection"}), "FeatureCollection without features"),
    ] {
        assert_eq!(features(&given), Err(DecodeError::NotFeatures { found: found.to_owned() }), "{given}");
    }
}

#[test]
fn a_crs_member_is_taken_only_when_it_says_longitude_and_latitude() {
    for (name, fits) in [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", true),
        ("urn:ogc:def:crs:EPSG::4326", true),
        ("EPSG:4326", true),
        ("http://www.opengis.net/def/crs/EPSG/0/4490", true),
        ("urn:ogc:def:crs:EPSG::3857", false),
        ("EPSG:4549", false),
        ("GCJ02", false),
    ] {
        let mut whole = collection(vec![point("A")]);
        whole["crs"] = json!({"type": "name", "properties": {"name": name}});
        match features(&whole) {
            Ok(_) => assert!(fits, "{name}"),
            Err(error @ DecodeError::Crs { .. }) => {
                assert!(!fits, "{name}");
                assert!(error.to_string().contains("--datum"));
            }
            Err(other) => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn features_that_are_none_are_refused_by_row_and_the_others_are_read() {
    let no_place = json!({"type": "Feature", "geometry": null, "properties": {"编码": "C", "名称": "丙"}});
    let line = json!({"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}, "properties": {"编码": "D", "名称": "丁"}});
    let odd = json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [121, 31]}, "properties": 5});
    let decoded =
        features(&collection(vec![point("A"), json!(7), no_place, line, odd, point("A")])).expect("a collection");
    let told: Vec<_> = decoded.drafts.iter().map(|d| told(&d.violations)).collect();
    assert_eq!(decoded.drafts.len(), 6);
    assert_eq!(told[0], []);
    assert_eq!(told[1], [("", "not_a_feature"), ("geometry", "missing"), ("name", "missing")]);
    assert_eq!(told[2], [("geometry", "missing")]);
    assert_eq!(told[3], [("geometry", "geometry_type")]);
    assert_eq!(told[4], [("properties", "wrong_type"), ("name", "missing")]);
    assert_eq!(told[5], [("code", "duplicate_code")]);
}

#[test]
fn a_division_may_come_without_an_area() {
    let feature = json!({"type": "Feature", "geometry": null, "properties": {"code": "310117001", "name": "示例街道"}});
    let decoded = decode(feature.to_string().as_bytes(), Format::GeoJson, Target::Division, &Datum::Wgs84.into())
        .expect("a feature");
    assert_eq!(decoded.drafts[0].violations, []);
    assert_eq!(read_division(&decoded.drafts[0].patch, None).expect("a division").area, None);
}

#[test]
fn heights_are_dropped_and_told_and_the_id_of_a_feature_is_its_code_where_it_has_none() {
    let feature = json!({"type": "Feature", "id": 17, "geometry": {"type": "Point", "coordinates": [121.2, 31.0, 9.5]}, "properties": {"name": "示例"}});
    let decoded = features(&feature).expect("a feature");
    let draft = &decoded.drafts[0];
    assert_eq!((&draft.patch["code"], &draft.patch["lon"]), (&json!("17"), &json!(121.2)));
    assert!(draft.notes.iter().any(|n| n.contains("高程")), "{:?}", draft.notes);
}

#[test]
fn geometry_wins_over_position_columns_and_says_so() {
    let mut feature = point("A");
    feature["properties"]["x"] = json!(40_512_345.6);
    feature["properties"]["y"] = json!(3_456_789.1);
    let draft = &features(&feature).expect("a feature").drafts[0];
    assert_eq!((&draft.patch["lon"], &draft.violations[..]), (&json!(121.2), &[][..]));
    assert!(draft.notes.iter().any(|n| n.contains("geometry")), "{:?}", draft.notes);
}

#[test]
fn numbers_flags_and_lists_of_json_keep_their_type_or_are_refused() {
    let mut feature = point("A");
    feature["properties"] = json!({"code": 33016.0, "name": "示例", "capacity": 12.5, "pets": 1, "hazards": ["洪水", "fire"], "accessible": true, "tier": 1});
    let draft = &features(&feature).expect("a feature").drafts[0];
    assert_eq!(
        (&draft.patch["code"], &draft.patch["pets"], &draft.patch["accessible"]),
        (&json!("33016"), &json!(true), &json!(true))
    );
    assert_eq!(draft.patch["hazards"], json!(["flood", "fire"]));
    let refused = read(Some(Kind::Shelter), None, &draft.patch, None).expect_err("half a person");
    assert_eq!(told(&refused), [("capacity", "not_whole")]);
}

#[test]
fn areas_of_another_datum_are_shifted_vertex_by_vertex() {
    let ring = json!([[[121.2, 31.0], [121.3, 31.0], [121.3, 31.1], [121.2, 31.0]]]);
    let feature = json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": ring}, "properties": {"code": "A", "name": "甲"}});
    let decoded =
        decode(feature.to_string().as_bytes(), Format::GeoJson, Target::Resource(Kind::Shelter), &Datum::Bd09.into())
            .expect("a feature");
    let shifted = &decoded.drafts[0].patch["geometry"]["coordinates"][0];
    for i in 0..4 {
        let given =
            bihu::domain::LonLat::new(ring[0][i][0].as_f64().expect("lon"), ring[0][i][1].as_f64().expect("lat"))
                .expect("a position");
        let at = bihu::spatial::datum::to_wgs84(Datum::Bd09, given);
        assert_eq!(shifted[i], json!([at.lon(), at.lat()]));
    }
}

#[test]
fn mutated_geojson_is_decoded_or_refused_and_never_panics() {
    let whole = collection(vec![point("A"), point("B")]).to_string().into_bytes();
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6);
    for_all("mutated_geojson", 5000, edits, |edits| {
        let mut bytes = whole.clone();
        for (at, byte, how) in edits {
            let i = at.index(bytes.len());
            match how {
                0 => bytes[i] = byte,
                1 => bytes.insert(i, b"{}[],:\"0-e"[usize::from(byte) % 10]),
                _ => drop(bytes.drain(i..(i + usize::from(byte) % 5).min(bytes.len()))),
            }
            if bytes.is_empty() {
                break;
            }
        }
        for target in [Target::Resource(Kind::Shelter), Target::Demand, Target::Division] {
            if let Ok(decoded) = decode(&bytes, Format::GeoJson, target, &Datum::Gcj02.into()) {
                let parsed: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
                if let Some(list) = parsed["features"].as_array() {
                    prop_assert_eq!(decoded.drafts.len(), list.len());
                }
            }
        }
        Ok(())
    });
}
