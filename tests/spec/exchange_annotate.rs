//! The copy with remarks: every row of the input is in it, with the verdict beside it; and templates that are filled in.

use crate::exchange_files::{SHELTER, every_format};
use crate::exchange_written::unpacked;
use bihu::domain::{Crs, Kind};
use bihu::exchange::document::{fields_of, label_of, read, read_demand, read_division};
use bihu::exchange::{
    Annotation, DecodeError, EncodedFile, Format, Reading, RowNote, Target, annotate, decode, decode_with, inspect,
    proposed, template,
};
use rust_xlsxwriter::Workbook;
use serde_json::Value;

fn note(row: usize, class: &str, reasons: &[&str]) -> RowNote {
    let reasons: Vec<String> = reasons.iter().map(|r| (*r).to_owned()).collect();
    RowNote { row, class_zh: class.to_owned(), refused: class == "拒绝", reasons }
}

fn annotated(bytes: &[u8], format: Format, notes: &[RowNote]) -> EncodedFile {
    annotate(bytes, &Annotation { format, layer: None, crs: &Crs::WGS84, notes }).expect("a copy")
}

/// Cells of the first sheet of a workbook, or of another.
fn cells(bytes: &[u8], sheet: usize) -> Vec<Vec<String>> {
    use calamine::{Data, Reader};
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range_at(sheet).expect("a sheet").expect("a sheet");
    let text = |cell: &Data| cell.to_string();
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

#[test]
fn a_text_table_comes_back_in_utf8_with_two_columns_more() {
    let (gbk, _, _) = encoding_rs::GB18030
        .encode("2026 年上报表,,,\r\n编码,名称,经度,纬度\r\n\r\nS-1,一号,121.2,31\r\nS-2,=二号,999,31\r\n");
    let notes = [note(4, "新增", &[]), note(5, "拒绝", &["经度超出范围", "=另一条"])];
    let copy = annotated(&gbk, Format::Csv, &notes);
    let text = String::from_utf8(copy.bytes).expect("UTF-8");
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert!(text.starts_with('\u{feff}'));
    assert_eq!(lines[0], "2026 年上报表,,,,,");
    assert_eq!(lines[1], "编码,名称,经度,纬度,处理结果,原因");
    assert_eq!(lines[3], "S-1,一号,121.2,31,新增,");
    assert_eq!(lines[4], "S-2,'=二号,999,31,拒绝,经度超出范围；=另一条");
}

#[test]
fn a_workbook_comes_back_with_every_sheet_its_numbers_and_the_verdicts() {
    let mut book = Workbook::new();
    let cover = book.add_worksheet().set_name("封面").expect("a name");
    cover.write(0, 0, "请勿修改").expect("a cell");
    let data = book.add_worksheet().set_name("上报").expect("a name");
    for (at, header) in (0..).zip(["编码", "名称", "经度", "纬度", "无障碍"]) {
        data.write(1, at, header).expect("a cell");
    }
    for (line, code) in [(2, "000123456789"), (4, "=S-2")] {
        data.write_string(line, 0, code).expect("a cell");
        data.write_string(line, 1, "示例").expect("a cell");
        data.write_number(line, 2, 121.2).expect("a cell");
        data.write_number(line, 3, 31.0).expect("a cell");
    }
    data.write_boolean(2, 4, true).expect("a cell");
    let bytes = book.save_to_buffer().expect("a workbook");
    let decoded = decode(&bytes, Format::Xlsx, SHELTER, &Crs::WGS84).expect("rows");
    let rows: Vec<usize> = decoded.drafts.iter().map(|d| d.row).collect();
    assert_eq!(rows, [3, 5]);
    let copy = annotated(&bytes, Format::Xlsx, &[note(3, "相同", &[]), note(5, "拒绝", &["编码有误"])]);
    assert_eq!(cells(&copy.bytes, 0), [["请勿修改"]]);
    let sheet = cells(&copy.bytes, 1);
    assert_eq!(sheet[0][5..], ["处理结果", "原因"]);
    assert_eq!(sheet[1], ["000123456789", "示例", "121.2", "31", "true", "相同", ""]);
    assert_eq!(sheet[3], ["=S-2", "示例", "121.2", "31", "", "拒绝", "编码有误"]);
    let styles = unpacked(&copy).into_iter().find(|(name, _)| name.ends_with("styles.xml")).expect("styles").1;
    assert!(String::from_utf8_lossy(&styles).contains("FDE2E1"), "refused rows are light red");
    let again = decode(&copy.bytes, Format::Xlsx, SHELTER, &Crs::WGS84).expect("rows");
    let patches = |d: &bihu::exchange::Decoded| d.drafts.iter().map(|d| d.patch.clone()).collect::<Vec<_>>();
    assert_eq!(patches(&again), patches(&decoded), "the copy imports as the original did");
}

#[test]
fn every_format_comes_back_with_every_row_and_its_verdict() {
    for (format, bytes) in every_format() {
        let decoded = decode(&bytes, format, SHELTER, &Crs::WGS84).expect("rows");
        let notes: Vec<RowNote> = decoded.drafts.iter().map(|d| note(d.row, "拒绝", &["原因如下"])).collect();
        let copy = annotated(&bytes, format, &notes);
        let back = Format::detect(&format!("copy.{}", copy.file_name_ending), &copy.bytes).expect("a format");
        let again = decode(&copy.bytes, back, SHELTER, &Crs::WGS84).unwrap_or_else(|e| panic!("{format}: {e}"));
        assert_eq!(again.drafts.len(), decoded.drafts.len(), "{format}");
        for (one, two) in decoded.drafts.iter().zip(&again.drafts) {
            assert_eq!(one.patch, two.patch, "{format}");
        }
        if back == Format::GeoJson {
            let whole: Value = serde_json::from_slice(&copy.bytes).expect("JSON");
            let features = whole["features"].as_array().expect("features");
            let marked = |f: &&Value| f["properties"]["_result"] == "拒绝" && f["properties"]["_reason"] == "原因如下";
            assert_eq!(features.iter().filter(marked).count(), decoded.drafts.len(), "{format}");
            assert_eq!(whole["datum"], "wgs84");
        }
    }
}

fn targets() -> impl Iterator<Item = Target> {
    Kind::ALL.iter().map(|kind| Target::Resource(*kind)).chain([Target::Demand, Target::Division])
}

#[test]
fn an_empty_template_imports_as_no_rows_whatever_is_explained_in_it() {
    for target in targets() {
        let file = template(target).expect("a template");
        match decode(&file.bytes, Format::Xlsx, target, &Crs::WGS84) {
            Ok(decoded) => {
                assert_eq!(decoded.drafts.len(), 0, "{target:?}: {:?}", decoded.drafts);
                assert!(decoded.columns.iter().all(|(_, field)| field.is_some()), "{:?}", decoded.columns);
            }
            Err(error) => assert_eq!(error, DecodeError::Empty, "{target:?}"),
        }
    }
}

#[test]
fn every_header_of_a_template_is_known_and_no_two_are_one_field() {
    for target in targets() {
        let file = template(target).expect("a template");
        let headers = cells(&file.bytes, 0).remove(0);
        let read_as = proposed(&headers, target);
        for (header, field) in &read_as {
            assert!(field.is_some(), "{target:?} {header}");
        }
        let fields: std::collections::BTreeSet<_> = read_as.iter().map(|(_, field)| field).collect();
        assert_eq!(fields.len(), headers.len(), "{target:?}");
    }
}

#[test]
fn every_field_has_a_name_in_chinese_and_english() {
    for spec in targets().flat_map(fields_of) {
        let label = label_of(spec.name);
        assert!(!label.zh.is_ascii() && label.en != label.zh, "{}", spec.name);
    }
}

#[test]
fn a_template_filled_with_its_own_examples_imports() {
    for target in targets() {
        let file = template(target).expect("a template");
        let headers = cells(&file.bytes, 0).remove(0);
        let notes = cells(&file.bytes, 1);
        let explained = notes.iter().filter(|row| row.len() > 5);
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (at, header) in (0..).zip(&headers) {
            sheet.write_string(0, at, header).expect("a cell");
            let bare = header.trim_end_matches('*');
            let example = explained.clone().find(|row| row[1] == bare).map(|row| row[5].clone()).expect("an example");
            sheet.write_string(1, at, example).expect("a cell");
        }
        let bytes = book.save_to_buffer().expect("a workbook");
        let decoded = decode(&bytes, Format::Xlsx, target, &Crs::WGS84).expect("a row");
        let draft = &decoded.drafts[0];
        assert!(draft.violations.is_empty(), "{target:?}: {:?}", draft.violations);
        let outcome = match target {
            Target::Resource(kind) => read(Some(kind), None, &draft.patch, None).map(drop),
            Target::Demand => read_demand(&draft.patch, None).map(drop),
            Target::Division => read_division(&draft.patch, None).map(drop),
        };
        assert_eq!(outcome, Ok(()), "{target:?}");
    }
}

#[test]
fn the_layer_of_a_workbook_can_be_named() {
    let mut book = Workbook::new();
    for name in ["甲", "乙"] {
        let sheet = book.add_worksheet().set_name(name).expect("a name");
        for (at, (header, value)) in (0..).zip([("编码", name), ("名称", name), ("经度", "121.2"), ("纬度", "31")])
        {
            sheet.write_string(0, at, header).expect("a cell");
            sheet.write_string(1, at, value).expect("a cell");
        }
    }
    let bytes = book.save_to_buffer().expect("a workbook");
    let layers = inspect("a.xlsx", &bytes).expect("a look").layers;
    let reading = Reading { layer: Some(layers[1].name.clone()), ..Reading::new(Format::Xlsx, SHELTER, &Crs::WGS84) };
    assert_eq!(decode_with(&bytes, &reading).expect("a row").drafts[0].patch["code"], "乙");
    let notes = [note(2, "新增", &[])];
    let annotation = Annotation { format: Format::Xlsx, layer: Some("乙"), crs: &Crs::WGS84, notes: &notes };
    let copy = annotate(&bytes, &annotation).expect("a copy");
    assert_eq!(cells(&copy.bytes, 0)[1].len(), 4);
    assert_eq!(cells(&copy.bytes, 1)[1][4], "新增");
}
