//! XLSX and XLS: cells of every type, forms with titles above and sums below, sheets.

use crate::exchange_files::{HEADERS, Xls, assert_rows, layer, shelters, xls_of};
use crate::exchange_hostile::with_sheet;
use crate::exchange_samples::told;
use bihu::exchange::document::read;
use bihu::exchange::{DecodeError, Format, inspect};
use calamine::Reader;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Workbook, Worksheet};
use serde_json::{Value, json};
use std::io::Cursor;

fn saved(mut book: Workbook) -> Vec<u8> {
    book.save_to_buffer().expect("a workbook")
}

fn sheet(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    saved(book)
}

fn row(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, cell) in (0..).zip(cells) {
        sheet.write(row, column, *cell).expect("a cell");
    }
}

#[test]
fn typed_cells_are_read_as_what_a_person_would_have_written() {
    let bytes = sheet(|sheet| {
        row(sheet, 0, &["编码", "名称", "经度", "纬度", "容量", "无障碍", "核验时间", "有效面积", "备注"]);
        let day = Style::new().set_num_format("yyyy-mm-dd hh:mm");
        sheet.write(1, 0, 33016).expect("a cell");
        sheet.write(1, 1, "=1+1 号").expect("a cell");
        sheet.write(1, 2, 121.234_567_890_123).expect("a cell");
        sheet.write(1, 3, 31).expect("a cell");
        sheet.write(1, 4, "1.2万").expect("a cell");
        sheet.write(1, 5, true).expect("a cell");
        let at = ExcelDateTime::from_ymd(2024, 5, 1).expect("a day").and_hms(8, 30, 0).expect("a time");
        sheet.write_with_format(1, 6, &at, &day).expect("a cell");
        sheet.write_formula(1, 7, rust_xlsxwriter::Formula::new("=100+0.5").set_result("100.5")).expect("a cell");
        sheet.write(1, 8, "'=x").expect("a cell");
    });
    let decoded = shelters(&bytes, Format::Xlsx).expect("a table");
    let (p, draft) = (&decoded.drafts[0].patch, &decoded.drafts[0]);
    assert_eq!((draft.row, &draft.violations[..]), (2, &[][..]));
    for (field, value) in [
        ("code", json!("33016")),
        ("name", json!("=1+1 号")),
        ("lon", json!(121.234_567_890_123)),
        ("lat", json!(31.0)),
        ("capacity", json!(12000)),
        ("accessible", json!(true)),
        ("observed_at", json!("2024-05-01T08:30:00+08:00")),
        ("area_m2", json!(100.5)),
        ("remarks", json!("'=x")),
    ] {
        assert_eq!(p[field], value, "{field}");
    }
}

#[test]
fn a_failed_formula_is_refused_by_its_row_and_its_column() {
    let bytes = sheet(|sheet| {
        row(sheet, 0, &["编码", "名称", "经度", "纬度", "天气"]);
        for at in 1..3 {
            row(sheet, at, &[["S1", "S2"][at as usize - 1], "甲"]);
            sheet.write(at, 2, 121.2).expect("a cell");
            sheet.write(at, 3, 31.0).expect("a cell");
        }
        sheet.write_formula(1, 1, rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A")).expect("a cell");
        sheet.write_formula(2, 4, rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A")).expect("a cell");
    });
    let decoded = shelters(&bytes, Format::Xlsx).expect("a table");
    assert_eq!(told(&decoded.drafts[0].violations), [("", "failed_formula"), ("name", "missing")]);
    let said = &decoded.drafts[0].violations[0];
    assert!(said.zh.contains("第 2 行“名称”列") && said.zh.contains("清空该单元格"), "{said:?}");
    assert!(said.en.contains("row 2, column `名称`") && said.en.contains("empty the cell"), "{said:?}");
    assert_eq!(decoded.drafts[1].violations, [], "a column that is not read may hold anything");
}

/// A sheet whose formulas have no result, as programs write it that can not calculate.
fn uncalculated() -> Vec<u8> {
    let text = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let header: String = ["编码", "名称", "经度", "纬度", "容量", "天气"]
        .iter()
        .zip('A'..)
        .map(|(h, c)| text(&format!("{c}1"), h))
        .collect();
    let row = |at: usize, more: &str| {
        let (code, name) = (text(&format!("A{at}"), &format!("S{at}")), text(&format!("B{at}"), "甲"));
        let place = format!("<c r=\"C{at}\"><v>121.2</v></c><c r=\"D{at}\"><v>31</v></c>");
        format!("<row r=\"{at}\">{code}{name}{place}{more}</row>")
    };
    let rows = [
        row(2, "<c r=\"E2\"><f>B2*2</f></c>"),
        row(3, "<c r=\"E3\"><f>B3*2</f><v></v></c>"),
        row(4, "<c r=\"E4\"><f t=\"shared\" ref=\"E4:E5\" si=\"0\">B4*2</f><v>80</v></c>"),
        row(5, "<c r=\"E5\"><f t=\"shared\" si=\"0\"/></c>"),
        row(6, "<c r=\"F6\"><f>NOW()</f></c>"),
        row(7, "<c r=\"E7\" s=\"0\"/>"),
        // Made ready for rows that nobody filled in.
        "<row r=\"8\"><c r=\"E8\"><f>B8*2</f></c></row>".to_owned(),
    ];
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\">{header}</row>{}</sheetData></worksheet>",
        rows.concat()
    );
    with_sheet(sheet.as_bytes())
}

#[test]
fn a_formula_without_its_result_is_refused_by_row_and_column_and_never_taken_for_blank() {
    let bytes = uncalculated();
    let decoded = shelters(&bytes, Format::Xlsx).expect("a table");
    let violations: Vec<_> = decoded.drafts.iter().map(|draft| (draft.row, told(&draft.violations))).collect();
    let fault = [("".to_owned(), "uncalculated_formula".to_owned())];
    let fault = |row| (row, fault.iter().map(|(f, r)| (f.as_str(), r.as_str())).collect::<Vec<_>>());
    assert_eq!(violations, [fault(2), fault(3), (4, vec![]), fault(5), (6, vec![]), (7, vec![])]);
    let said = &decoded.drafts[1].violations[0];
    assert!(said.zh.contains("第 3 行“容量”列") && said.en.contains("row 3, column `容量`"), "{said:?}");
    assert_eq!(decoded.drafts[2].patch["capacity"], 80);
    let found = inspect("a.xlsx", &bytes).expect("a look");
    assert_eq!(found.layers[0].columns[4].samples, ["80"]);
}

#[test]
fn a_text_that_looks_like_a_failed_formula_is_no_value_anywhere() {
    let patch = json!({"code": "S1", "name": "#REF!", "lon": 121.2, "lat": 31.0});
    let patch = patch.as_object().expect("an object");
    let wrong = read(Some(bihu::domain::Kind::Shelter), None, patch, None).expect_err("no name");
    assert_eq!(told(&wrong), [("name", "failed_formula")]);
    assert_eq!(wrong[0].zh, "“名称”是电子表格的公式错误 #REF!，请改为实际值");
}

#[test]
fn a_form_with_title_and_unit_above_and_sum_and_remarks_below_is_read() {
    let bytes = sheet(|sheet| {
        let middle = Style::new();
        sheet.merge_range(0, 0, 0, 4, "松江区应急避难场所统计表（虚构）", &middle).expect("a title");
        row(sheet, 1, &["填表单位：某街道", "", "联系人", "张三"]);
        row(sheet, 3, &HEADERS);
        row(sheet, 4, &["S-1", "甲", "121.2", "31.0", "120"]);
        row(sheet, 6, &["S-2", "乙", "121.3", "31.1", "80"]);
        row(sheet, 7, &["合 计", "", "", "", "200"]);
        row(sheet, 8, &["注：数据为虚构"]);
    });
    let decoded = shelters(&bytes, Format::Xlsx).expect("a table");
    let rows: Vec<_> = decoded.drafts.iter().map(|d| (d.row, d.patch["name"].as_str(), d.violations.len())).collect();
    assert_eq!(rows, [(5, Some("甲"), 0), (7, Some("乙"), 0)]);
    let is_told = |word: &str| decoded.notes.iter().any(|note| note.contains(word));
    assert!(is_told("第 4 行") && is_told("2 行合计") && is_told("第 8, 9 行"), "{:?}", decoded.notes);
}

#[test]
fn a_header_of_two_rows_with_merged_cells_is_one_header() {
    let bytes = sheet(|sheet| {
        let plain = Style::new();
        for (column, header) in [(0, "编码"), (1, "名称"), (4, "容量（人）")] {
            sheet.merge_range(0, column, 1, column, header, &plain).expect("a header");
        }
        sheet.merge_range(0, 2, 0, 3, "坐标", &plain).expect("a header");
        sheet.write(1, 2, "经度").expect("a header");
        sheet.write(1, 3, "纬度").expect("a header");
        row(sheet, 2, &["S-1", "甲", "121.2", "31.0", "120人"]);
    });
    let decoded = shelters(&bytes, Format::Xlsx).expect("a table");
    assert_eq!(decoded.drafts.len(), 1);
    let p = &decoded.drafts[0].patch;
    assert_eq!((&p["lon"], &p["lat"], &p["capacity"]), (&json!(121.2), &json!(31.0), &json!(120)));
}

#[test]
fn words_merged_downwards_are_those_of_each_row_and_figures_of_the_first_only() {
    let bytes = sheet(|sheet| {
        row(sheet, 0, &["管理单位", "编码", "名称", "经度", "纬度", "容量"]);
        for (at, code) in [(1, "S-1"), (2, "S-2"), (3, "S-3")] {
            row(sheet, at, &["", code, "甲", "121.2", "31.0"]);
        }
        sheet.merge_range(1, 0, 2, 0, "某街道办事处", &Style::new()).expect("a range");
        sheet.merge_range(1, 5, 3, 5, "300", &Style::new()).expect("a range");
    });
    let decoded = shelters(&bytes, Format::Xlsx).expect("a table");
    let seen: Vec<_> =
        decoded.drafts.iter().map(|d| (d.patch["management_unit"].as_str(), d.patch["capacity"].as_u64())).collect();
    assert_eq!(seen, [(Some("某街道办事处"), Some(300)), (Some("某街道办事处"), None), (None, None)]);
    assert!(decoded.notes.iter().any(|note| note.contains("合并")), "{:?}", decoded.notes);
}

#[test]
fn codes_of_divisions_and_addresses_merged_downwards_are_words_and_bounds_are_figures() {
    let bytes = sheet(|sheet| {
        row(sheet, 0, &["行政区划代码", "编码", "名称", "经度", "纬度", "容量", "地址"]);
        for (at, code) in [(1, "S-1"), (2, "S-2")] {
            row(sheet, at, &["", code, "甲", "121.2", "31.0"]);
        }
        sheet.merge_range(1, 0, 2, 0, "310117103000", &Style::new()).expect("a range");
        sheet.merge_range(1, 5, 2, 5, "约300人", &Style::new()).expect("a range");
        sheet.merge_range(1, 6, 2, 6, "人民路1号", &Style::new()).expect("a range");
    });
    let decoded = shelters(&bytes, Format::Xlsx).expect("a table");
    for (draft, capacity) in decoded.drafts.iter().zip([Some(300), None]) {
        let told = |name: &str| draft.patch.get(name).and_then(|v| v.as_str());
        assert_eq!((told("division"), told("address")), (Some("310117103000"), Some("人民路1号")));
        assert_eq!(draft.patch.get("capacity").and_then(|v| v.as_u64()), capacity);
    }
}

#[test]
fn the_first_sheet_with_known_columns_is_read_and_the_others_are_told() {
    let mut book = Workbook::new();
    row(book.add_worksheet().set_name("填写说明").expect("a name"), 0, &["请逐行填写"]);
    book.add_worksheet().set_name("空").expect("a name");
    let hidden = book.add_worksheet().set_name("旧数据").expect("a name");
    hidden.set_hidden(true);
    row(hidden, 0, &HEADERS);
    row(hidden, 1, &["S-9", "旧", "121.2", "31.0", "1"]);
    let sheet = book.add_worksheet().set_name("避难场所").expect("a name");
    row(sheet, 0, &HEADERS);
    row(sheet, 1, &["S-1", "甲", "121.2", "31.0", "1"]);
    let bytes = saved(book);
    let decoded = shelters(&bytes, Format::Xlsx).expect("a table");
    assert_eq!(decoded.drafts[0].patch["name"], "甲");
    let note = decoded.notes.iter().find(|note| note.contains("避难场所")).expect("a note");
    assert!(note.contains("填写说明") && !note.contains("旧数据"), "{note}");
    assert_eq!(layer(&bytes, Format::Xlsx, "旧数据").expect("a table").drafts[0].patch["name"], "旧");
    let seen = inspect("a.xlsx", &bytes).expect("a look");
    let names: Vec<_> = seen.layers.iter().map(|l| (l.name.as_str(), l.rows)).collect();
    assert_eq!(names, [("填写说明", 0), ("旧数据", 1), ("避难场所", 1)]);
}

#[test]
fn an_xls_is_read_as_another_reader_reads_it() {
    let rows = [
        vec![
            Xls::Text("编码"),
            Xls::Text("名称"),
            Xls::Text("经度"),
            Xls::Text("纬度"),
            Xls::Text("无障碍"),
            Xls::Text("核验时间"),
        ],
        vec![
            Xls::Number(33016.0, 0),
            Xls::Formula("甲𠮷"),
            Xls::Number(121.25, 0),
            Xls::Number(31.0, 0),
            Xls::Flag(true),
            Xls::Number(45413.0, 1),
        ],
        vec![
            Xls::Text("S2"),
            Xls::Error,
            Xls::Number(121.25, 0),
            Xls::Number(31.0, 0),
            Xls::Flag(false),
            Xls::Number(45413.5, 1),
        ],
    ];
    let bytes = xls_of("表", &rows);
    let decoded = shelters(&bytes, Format::Xls).expect("a table");
    let [first, second] = &decoded.drafts[..] else { panic!("{decoded:?}") };
    assert_eq!((first.row, &first.violations[..]), (2, &[][..]));
    let p = &first.patch;
    assert_eq!((&p["code"], &p["name"], &p["accessible"]), (&json!("33016"), &json!("甲𠮷"), &json!(true)));
    assert_eq!(p["observed_at"], json!("2024-05-01T00:00:00+08:00"));
    assert_eq!(second.patch["observed_at"], json!("2024-05-01T12:00:00+08:00"));
    assert_eq!(told(&second.violations), [("", "failed_formula"), ("name", "missing")]);
    let mut other = calamine::Xls::new(Cursor::new(&bytes)).expect("a workbook");
    let range = other.worksheet_range("表").expect("a sheet");
    assert_eq!(range.get_value((1, 1)).map(ToString::to_string).as_deref(), Some("甲𠮷"));
    assert_eq!(range.get_value((1, 0)).map(ToString::to_string).as_deref(), Some("33016"));
}

/// A small workbook of Excel 97 that another program wrote (xlwt), with GBK-era habits: title row, date cell, RK numbers.
const FOREIGN_XLS: &str = include_str!("exchange_sheet.xls.base64");

#[test]
fn an_xls_of_another_program_is_read() {
    use base64::Engine;
    let text: String = FOREIGN_XLS.split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
    assert_eq!(Format::detect("a.csv", &bytes), Ok(Format::Xls));
    let decoded = shelters(&bytes, Format::Xls).expect("a table");
    assert_rows(&decoded);
    assert_eq!(decoded.drafts[0].row, 3);
    assert_eq!(decoded.drafts[0].patch["observed_at"], Value::from("2024-05-01T00:00:00+08:00"));
}

#[test]
fn a_workbook_without_a_table_says_so() {
    assert_eq!(shelters(&saved(Workbook::new()), Format::Xlsx), Err(DecodeError::Empty));
    let odd = sheet(|sheet| row(sheet, 0, &["foo", "bar"]));
    assert!(matches!(shelters(&odd, Format::Xlsx), Err(DecodeError::NoKnownColumn { .. })));
}

#[test]
fn a_template_in_csv_with_a_title_above_is_read_too() {
    let text = "某区应急避难场所一览,,,,\n编码,名称,经度,纬度,容量\nS-1,甲,121.2,31.0,1\n合计,,,,1\n";
    let decoded = shelters(text.as_bytes(), Format::Csv).expect("a table");
    assert_eq!(decoded.drafts.iter().map(|d| d.row).collect::<Vec<_>>(), [3]);
}
