//! What people write in cells, and what is made of it.

use crate::exchange_samples::{shelters, told};
use bihu::domain::{Datum, Kind};
use bihu::exchange::{Draft, Format, Target, decode};
use serde_json::{Value, json};

/// Decodes one cell of a shelter under a header.
fn cell(header: &str, cell: &str) -> Draft {
    let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
    let decoded = shelters(&format!("code,name,lon,lat,{header}\nS1,示例,121.2,31.0,{quoted}\n")).expect("a table");
    assert_eq!(decoded.drafts.len(), 1);
    decoded.drafts.into_iter().next().expect("a row")
}

#[test]
fn figures_are_read_as_people_write_them() {
    for (written, expected) in [
        ("120", json!(120)),
        ("120人", json!(120)),
        ("120 名", json!(120)),
        ("１２０名", json!(120)),
        ("1,200", json!(1200)),
        ("1，200人", json!(1200)),
        ("12,345,678", json!(12_345_678)),
        ("约120", json!(120)),
        ("大约 120 人", json!(120)),
        ("100-200", json!(100)),
        ("100～200人", json!(100)),
        ("100人至200人", json!(100)),
        ("300余人", json!(300)),
        ("300人以上", json!(300)),
        ("≥300", json!(300)),
        ("1.2万", json!(12_000)),
        ("1.2万人", json!(12_000)),
        ("0", json!(0)),
        ("0人", json!(0)),
    ] {
        let draft = cell("capacity", written);
        assert_eq!(draft.violations, [], "{written}");
        assert_eq!(draft.patch["capacity"], expected, "{written}");
    }
}

#[test]
fn a_range_gives_its_lower_bound_marked_as_derived_and_says_so() {
    for written in ["100-200", "不少于100", "100以上", "100余人"] {
        let draft = cell("capacity", written);
        assert_eq!(
            (&draft.patch["capacity"], &draft.patch["capacity_quality"]),
            (&json!(100), &json!("derived")),
            "{written}"
        );
        assert!(draft.notes.iter().any(|n| n.contains("下限")), "{:?}", draft.notes);
    }
    assert_eq!(cell("capacity", "约100").patch["capacity_quality"], "derived");
    assert!(!cell("area_m2", "约100").patch.contains_key("capacity_quality"));
    let draft = cell("occupied", "10-20");
    assert_eq!(told(&draft.violations), [("occupied", "not_a_number")], "people inside are not a range");
}

#[test]
fn what_nobody_knows_becomes_null_and_never_zero() {
    for written in ["", " ", "-", "—", "/", "无", "不详", "未知", "N/A", "n/a", "NULL", "None", "nan", "待核"]
    {
        for header in ["capacity", "occupied", "area_m2", "status", "hazards", "facilities"] {
            let draft = cell(header, written);
            assert_eq!(draft.violations, [], "{header}: {written:?}");
            assert_eq!(draft.patch.get(header), Some(&Value::Null), "{header}: {written:?}");
        }
    }
    assert_eq!(cell("pets", "不详").patch["pets"], Value::Null);
}

#[test]
fn garbage_is_a_violation_that_names_the_column() {
    for (header, field, written, reason) in [
        ("容量（人）", "capacity", "many", "not_a_number"),
        ("容量（人）", "capacity", "12户", "not_a_number"),
        ("容量（人）", "capacity", "inf", "not_a_number"),
        ("容量（人）", "capacity", "1,20", "not_a_number"),
        ("容量（人）", "capacity", "1-2-3", "not_a_number"),
        ("容量（人）", "capacity", "200-100", "not_a_number"),
        ("容量（人）", "capacity", "80%", "percent"),
        ("面积(m²)", "area_m2", "3亩", "not_a_number"),
        ("开放状态", "status", "也许", "not_a_choice"),
        ("适用灾种", "hazards", "洪水、龙卷风", "not_a_choice"),
        ("无障碍", "accessible", "maybe", "not_a_flag"),
        ("更新时间", "observed_at", "昨天", "bad_time"),
        ("geometry", "geometry", "POINT(1 2)", "not_json"),
        ("geometry", "geometry", "{\"type\":", "not_json"),
        ("contacts", "contacts", "甲", "not_json"),
        ("洪水", "hazards", "perhaps", "not_a_flag"),
    ] {
        let draft = cell(header, written);
        assert_eq!(told(&draft.violations), [(field, reason)], "{header}: {written}");
        let v = &draft.violations[0];
        assert!(v.zh.contains(header) && v.en.contains(header), "{header} is not named in {} / {}", v.zh, v.en);
        assert!(!draft.patch.contains_key(field) || draft.patch[field].is_null());
    }
}

#[test]
fn words_flags_and_lists_are_read_in_three_languages() {
    for (header, written, field, expected) in [
        ("status", "open", "status", json!("open")),
        ("状态", "已开放", "status", json!("open")),
        ("開設状況", "開設", "status", json!("open")),
        ("级别", "街镇级", "level", json!("town")),
        ("级别", "村（社区）级", "level", json!("village")),
        ("level", "Village", "level", json!("village")),
        ("无障碍", "是", "accessible", json!(true)),
        ("无障碍", "无", "accessible", json!(false)),
        ("pets", "×", "pets", json!(false)),
        ("pets", "○", "pets", json!(true)),
        ("适用灾种", "洪水；台风、地震", "hazards", json!(["flood", "typhoon", "earthquake"])),
        ("hazards", "flood/typhoon|fire", "hazards", json!(["flood", "typhoon", "fire"])),
        ("hazards", "[\"洪水\",\"fire\"]", "hazards", json!(["flood", "fire"])),
        ("hazards", "[]", "hazards", json!([])),
        ("災害種別", "崖崩れ、土石流及び地滑り", "hazards", json!(["landslide"])),
        ("空间类型", "室内、室外", "space", json!("both")),
        ("面积（平方米）", "1,234.5 ㎡", "area_m2", json!(1234.5)),
        ("更新时间", "2024/5/1 8:30", "observed_at", json!("2024-05-01T08:30:00+08:00")),
        ("更新时间", "2024年5月1日", "observed_at", json!("2024-05-01T00:00:00+08:00")),
        ("observed_at", "2024-05-01T00:00:00Z", "observed_at", json!("2024-05-01T00:00:00Z")),
        ("备注", "-", "remarks", json!("-")),
    ] {
        let draft = cell(header, written);
        assert_eq!(draft.violations, [], "{header}: {written}");
        assert_eq!(draft.patch[field], expected, "{header}: {written}");
    }
}

#[test]
fn a_blank_says_nothing_about_fields_that_can_not_be_unknown() {
    for header in ["lifecycle", "visibility", "synthetic", "over_capacity", "id", "kind"] {
        assert!(!cell(header, "").patch.contains_key(header), "{header}");
    }
}

#[test]
fn lists_of_things_are_split_into_lines_whose_unwritten_quantity_is_unknown() {
    let text = "code,name,lon,lat,装备\nT1,示例队,121.2,31.0,冲锋舟×3、发电机；x光机\n";
    let decoded =
        decode(text.as_bytes(), Format::Csv, Target::Resource(Kind::Team), &Datum::Wgs84.into()).expect("a table");
    assert_eq!(
        decoded.drafts[0].patch["equipment"],
        json!([{"name": "冲锋舟", "quantity": 3}, {"name": "发电机", "quantity": null}, {"name": "x光机", "quantity": null}])
    );
    assert!(decoded.drafts[0].notes.iter().any(|n| n.contains("清单")));
}

#[test]
fn the_columns_of_one_contact_become_one_contact() {
    let text = "code,name,lon,lat,联系人,联系电话\nS1,甲,121.2,31.0,演示人员,000-1\nS2,乙,121.3,31.0,-,\nS3,丙,121.4,31.0,,000-2\n";
    let decoded = shelters(text).expect("a table");
    let contacts: Vec<&Value> = decoded.drafts.iter().map(|d| &d.patch["contacts"]).collect();
    assert_eq!(contacts[0], &json!([{"name": "演示人员", "role": null, "phone": "000-1"}]));
    assert_eq!(contacts[1], &Value::Null);
    assert_eq!(contacts[2][0]["phone"], "000-2");
}
