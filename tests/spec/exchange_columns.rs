//! Headers: which are known, which fight, and that none is dropped in silence.

use crate::exchange_samples::shelters;
use bihu::domain::{Datum, Kind};
use bihu::exchange::{DecodeError, Decoded, Format, Target, decode};

fn read_as<'a>(decoded: &'a Decoded, header: &str) -> Option<&'a str> {
    decoded.columns.iter().find(|(h, _)| h == header).and_then(|(_, field)| field.as_deref())
}

fn header(text: &str, target: Target, datum: Datum) -> Result<Decoded, DecodeError> {
    decode(format!("{text}\n").as_bytes(), Format::Csv, target, &datum.into())
}

#[test]
fn headers_are_known_in_three_languages_whatever_their_dress() {
    let shelter = Target::Resource(Kind::Shelter);
    for (written, field) in [
        ("code", "code"),
        ("编码", "code"),
        ("共通ID", "code"),
        ("\u{feff}名称", "name"),
        ("施設・場所名", "name"),
        ("经度", "lon"),
        ("経度", "lon"),
        ("Longitude", "lon"),
        ("LNG", "lon"),
        ("ｘ", "lon"),
        ("纬 度", "lat"),
        ("Lat", "lat"),
        ("容量（人）", "capacity"),
        ("可容纳人数 (人)", "capacity"),
        ("有効面積", "area_m2"),
        ("面积(m²)", "area_m2"),
        ("Area-M2", "area_m2"),
        ("name en", "name_en"),
        ("洪水", "hazards.flood"),
        ("崖崩れ、土石流及び地滑り", "hazards.landslide"),
        ("联系电话", "contacts.phone"),
        ("行政区划代码", "division"),
        ("所属街镇", "division"),
        ("街镇名称", "division"),
        ("所在街道", "division"),
        ("所属街道（乡镇）", "division"),
        ("乡镇（街道）", "division"),
        ("名称*", "name"),
        ("经度（必填）", "lon"),
    ] {
        let decoded = header(&format!("\"{written}\",source"), shelter, Datum::Wgs84).expect("a header");
        let shown = written.trim_start_matches('\u{feff}');
        assert_eq!(read_as(&decoded, shown), Some(field), "{written}");
    }
}

#[test]
fn every_canonical_name_is_a_header_of_its_kind() {
    for kind in Kind::ALL {
        let target = Target::Resource(*kind);
        for spec in bihu::exchange::document::fields_of(target) {
            let decoded = header(&format!("{},x1", spec.name), target, Datum::Wgs84).expect("a header");
            assert_eq!(read_as(&decoded, spec.name), Some(spec.name), "{kind}");
        }
    }
}

#[test]
fn a_header_in_another_unit_is_not_taken_for_square_metres() {
    for written in ["面积(亩)", "面积（公顷）", "面积（万平方米）", "容量（户）"] {
        let decoded =
            header(&format!("name,{written}"), Target::Resource(Kind::Shelter), Datum::Wgs84).expect("a header");
        assert_eq!(read_as(&decoded, written), None, "{written}");
    }
}

#[test]
fn columns_that_are_not_read_are_reported_and_never_dropped_in_silence() {
    let decoded = shelters("code,name,lon,lat,天气,人数,free_places\n").expect("a header");
    assert_eq!(decoded.columns.len(), 7);
    for (written, why) in [("天气", "未读取"), ("人数", "不属于该类别"), ("free_places", "由系统计算")]
    {
        assert_eq!(read_as(&decoded, written), None);
        let note = decoded.notes.iter().find(|n| n.contains(written)).expect("a note");
        assert!(note.contains(why), "{note}");
    }
}

#[test]
fn two_columns_for_one_field_are_an_error_that_names_both() {
    for (text, field, first, second) in [
        ("code,name,lon,lat,经度,longitude", "", "", ""),
        ("code,name,lat,经度,longitude", "lon", "经度", "longitude"),
        ("code,name,lon,lat,容量,可容纳人数", "capacity", "容量", "可容纳人数"),
        ("名称,施設名,经度,纬度", "name", "名称", "施設名"),
    ] {
        match shelters(&format!("{text}\n")) {
            Err(DecodeError::AmbiguousColumns { field: f, first: a, second: b }) => {
                assert_eq!((f.as_str(), a.as_str(), b.as_str()), (field, first, second))
            }
            Ok(decoded) => {
                assert_eq!(field, "", "{text} was taken");
                assert_eq!(read_as(&decoded, "lon"), Some("lon"), "the canonical name wins");
                assert!(decoded.notes.iter().any(|n| n.contains("经度")));
            }
            Err(other) => panic!("{text}: {other}"),
        }
    }
}

#[test]
fn a_preferred_column_wins_and_the_other_is_told() {
    let decoded = shelters("NO,共通ID,编号,名称,経度,緯度\n1,E01,7,示例,139.7,35.7\n").expect("a table");
    assert_eq!(read_as(&decoded, "共通ID"), Some("code"));
    assert_eq!((read_as(&decoded, "NO"), read_as(&decoded, "编号")), (None, None));
    assert_eq!(decoded.drafts[0].patch["code"], "E01");
    assert!(decoded.notes.iter().any(|n| n.contains("共通ID") && n.contains("编号")), "{:?}", decoded.notes);
}

#[test]
fn a_town_beside_a_division_code_gives_way_and_in_a_list_of_divisions_it_is_not_the_code() {
    let shelter = Target::Resource(Kind::Shelter);
    let decoded = header("名称,所属街镇,行政区划代码,街镇", shelter, Datum::Wgs84).expect("a header");
    assert_eq!(["所属街镇", "行政区划代码", "街镇"].map(|h| read_as(&decoded, h)), [None, Some("division"), None]);
    assert!(
        decoded.notes.iter().any(|n| n.contains("“行政区划代码”取自列“行政区划代码”，不取“所属街镇”")),
        "{:?}",
        decoded.notes
    );
    let decoded = header("区划代码,名称,所属街镇", Target::Division, Datum::Wgs84).expect("a header");
    assert_eq!(["区划代码", "所属街镇"].map(|h| read_as(&decoded, h)), [Some("code"), None]);
}

#[test]
fn the_same_header_means_what_the_kind_makes_of_it() {
    let team = header("code,name,lon,lat,状态", Target::Resource(Kind::Team), Datum::Wgs84).expect("a header");
    assert_eq!(read_as(&team, "状态"), Some("readiness"));
    let shelter = header("code,name,lon,lat,状态", Target::Resource(Kind::Shelter), Datum::Wgs84).expect("a header");
    assert_eq!(read_as(&shelter, "状态"), Some("status"));
    let division = header("行政区划代码,名称", Target::Division, Datum::Wgs84).expect("a header");
    assert_eq!(read_as(&division, "行政区划代码"), Some("code"));
    let demand = header("经度,纬度,人口", Target::Demand, Datum::Wgs84).expect("a header");
    assert_eq!(read_as(&demand, "人口"), Some("population"));
}

#[test]
fn a_header_that_names_another_datum_than_declared_is_refused() {
    let shelter = Target::Resource(Kind::Shelter);
    for (text, datum, fits) in [
        ("name,经度(GCJ02),纬度(GCJ02)", Datum::Wgs84, false),
        ("name,经度(GCJ-02),纬度(GCJ-02)", Datum::Gcj02, true),
        ("name,经度（百度）,纬度（百度）", Datum::Gcj02, false),
        ("name,经度(CGCS2000),纬度(CGCS2000)", Datum::Wgs84, true),
        ("name,经度(WGS84),纬度(WGS84)", Datum::Bd09, false),
    ] {
        match header(text, shelter, datum) {
            Ok(_) => assert!(fits, "{text} as {datum}"),
            Err(DecodeError::DatumConflict { given, .. }) => {
                assert!(!fits && given == datum.word(), "{text} as {datum}")
            }
            Err(other) => panic!("{text}: {other}"),
        }
    }
}

#[test]
fn a_table_of_which_nothing_is_known_is_refused_and_shows_what_was_found() {
    match shelters("foo,bar\n1,2\n") {
        Err(DecodeError::NoKnownColumn { headers }) => assert_eq!(headers, "foo, bar"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn traditional_chinese_and_japanese_headers_are_read_too() {
    for header in ["編號,名稱,經度,緯度,容納人數,開放狀態", "コード,施設名,東経,北緯,対象人数,開設状況"]
    {
        let table = format!("{header}\nA1,試驗,121.22,31.03,約100人,開設\n");
        let read =
            decode(table.as_bytes(), Format::Csv, Target::Resource(Kind::Shelter), &Datum::Wgs84.into()).expect(header);
        let draft = &read.drafts[0];
        assert!(draft.violations.is_empty(), "{header}: {:?}", draft.violations);
        for (field, value) in [("code", "A1"), ("name", "試驗"), ("status", "open")] {
            assert_eq!(draft.patch.get(field).and_then(|v| v.as_str()), Some(value), "{header}: {field}");
        }
        assert_eq!(draft.patch.get("capacity").and_then(|v| v.as_f64()), Some(100.0), "{header}");
    }
}
