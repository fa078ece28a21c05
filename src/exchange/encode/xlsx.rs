//! Excel workbooks: a sheet of rows under the names on the wire, and a sheet 字段说明 that explains every field, names the
//! coordinate system and says what is left out.
//!
//! Invariants: codes and telephone numbers are texts, so that no leading zero and no twelfth digit is lost; a text is never
//! a formula; a cell that a workbook can not hold is left blank and named as a loss.

use super::loss::Losses;
use super::rows::{Row, Rows};
use super::{EncodeError, FileFormat, Loss, cell};
use crate::exchange::document::{FieldSpec, Form, Label, label_of, vocabulary};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};
use serde_json::Value;

/// Name of the sheet that explains.
pub(in crate::exchange) const NOTES_SHEET: &str = "字段说明";

/// Longest text of a cell, in UTF-16 units (ECMA-376 part 1, 18.4.12).
const TEXT_MAX: usize = 32_767;

pub(super) fn write(rows: &Rows<'_>, mut losses: Vec<Loss>) -> Result<(Vec<u8>, Vec<Loss>), EncodeError> {
    let failed = EncodeError::of(FileFormat::Xlsx);
    let mut workbook = Workbook::new();
    let mut told = Losses::default();
    data_sheet(workbook.add_worksheet(), rows, &mut told).map_err(|error| failed(&error))?;
    losses.extend(told.finish());
    notes_sheet(workbook.add_worksheet(), rows, &losses).map_err(|error| failed(&error))?;
    let bytes = workbook.save_to_buffer().map_err(|error| failed(&error))?;
    Ok((bytes, losses))
}

/// Returns the look of a header.
pub(in crate::exchange) fn header_look() -> Format {
    Format::new()
        .set_bold()
        .set_font_name("Microsoft YaHei")
        .set_font_size(10)
        .set_background_color(Color::RGB(0x00DD_EBF7))
        .set_border_bottom(FormatBorder::Thin)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
}

/// Returns the look of texts: shown as they are, never turned into numbers or dates.
pub(in crate::exchange) fn text_look() -> Format {
    Format::new().set_num_format("@").set_font_name("Microsoft YaHei").set_font_size(10)
}

/// Returns a column's width in characters, wide enough for its header and for what usually stands in it.
pub(in crate::exchange) fn width(spec: &FieldSpec, header: &str) -> f64 {
    let shown: usize = header.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    let usual = match (spec.name, spec.form) {
        ("name" | "address", _) => 32,
        ("code" | "id" | "division", _) => 20,
        ("source" | "remarks" | "stock" | "equipment" | "contacts", _) => 28,
        (_, Form::Words | Form::Time) => 24,
        (_, Form::Nested | Form::Geometry) => 18,
        (_, Form::Text) => 18,
        _ => 12,
    };
    f64::from(u32::try_from(usual.max(shown + 2).min(44)).unwrap_or(44))
}

fn data_sheet(sheet: &mut Worksheet, rows: &Rows<'_>, told: &mut Losses) -> Result<(), XlsxError> {
    sheet.set_name(rows.writing.target.zh())?;
    let (head, text) = (header_look(), text_look());
    for (at, spec) in (0_u16..).zip(&rows.columns) {
        let header = cell::header(spec, &rows.writing.crs);
        sheet.write_string_with_format(0, at, &header, &head)?;
        sheet.set_column_width(at, width(spec, &header))?;
    }
    sheet.set_freeze_panes(1, rows.column("name").and_then(|i| u16::try_from(i + 1).ok()).unwrap_or(0))?;
    sheet.set_row_height(0, 24)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    for (line, row) in (1_u32..).zip(rows.iter()) {
        write_row(sheet, line, (rows, row), (&text, told))?;
    }
    if rows.len() > 0 && !rows.columns.is_empty() {
        let last = u16::try_from(rows.columns.len() - 1).unwrap_or(0);
        sheet.autofilter(0, 0, u32::try_from(rows.len()).unwrap_or(0), last)?;
    }
    Ok(())
}

fn write_row(
    sheet: &mut Worksheet,
    line: u32,
    (rows, row): (&Rows<'_>, Row),
    (text, told): (&Format, &mut Losses),
) -> Result<(), XlsxError> {
    for ((at, spec), value) in (0_u16..).zip(&rows.columns).zip(&row.values) {
        match (spec.form, value) {
            (_, Value::Null) => {}
            (Form::Flag, Value::Bool(flag)) => drop(sheet.write_boolean(line, at, *flag)?),
            (Form::Whole | Form::Number, Value::Number(n)) => {
                sheet.write_number(line, at, n.as_f64().unwrap_or_default())?;
            }
            (form, value) => match cell::text(value, form) {
                Some(long) if long.encode_utf16().count() > TEXT_MAX => {
                    let said = (
                        "超过单元格 32767 字符的上限，未写出",
                        "is longer than the 32767 characters of a cell and is left out",
                    );
                    told.note("cell", spec.name, said);
                }
                Some(own) => drop(sheet.write_string_with_format(line, at, own, text)?),
                None => {}
            },
        }
    }
    Ok(())
}

fn notes_sheet(sheet: &mut Worksheet, rows: &Rows<'_>, losses: &[Loss]) -> Result<(), XlsxError> {
    sheet.set_name(NOTES_SHEET)?;
    let (writing, made) = (rows.writing, &rows.writing.made);
    let (zh, en) = cell::datum_note(&writing.crs);
    let mut lines = vec![
        format!("{} / {}：{} 行 / rows", writing.target.zh(), writing.target.en(), rows.len()),
        format!("{zh} / {en}"),
        format!(
            "修订 / revision {}；导出时间 / exported at {}（北京时间 / Beijing time）",
            made.revision,
            made.in_shanghai()
        ),
    ];
    if !made.selection.is_empty() {
        lines.push(format!("筛选 / selection：{}", made.selection));
    }
    if losses.is_empty() {
        lines.push("未能写出的内容 / what is left out：无 / nothing".to_owned());
    }
    lines.extend(losses.iter().map(|loss| format!("未能写出 / left out：{}", loss.both())));
    let mut line = 0;
    for text in lines {
        sheet.write_string(line, 0, text)?;
        line += 1;
    }
    explain(sheet, line + 1, rows.columns.iter().copied())
}

/// Writes the table that explains fields, from a line on.
pub(in crate::exchange) fn explain<'a>(
    sheet: &mut Worksheet,
    from: u32,
    fields: impl Iterator<Item = &'a FieldSpec>,
) -> Result<(), XlsxError> {
    let (head, text) = (header_look(), text_look().set_text_wrap().set_align(FormatAlign::Top));
    for (at, title, wide) in [
        (0, "字段", 28),
        (1, "中文名", 20),
        (2, "English", 28),
        (3, "单位 / unit", 18),
        (4, "形式与可选值 / form and choices", 90),
    ] {
        sheet.write_string_with_format(from, at, title, &head)?;
        sheet.set_column_width(at, wide)?;
    }
    for (line, spec) in (from + 1..).zip(fields) {
        let Label { name, zh, en, unit } = label_of(spec.name);
        for (at, own) in (0_u16..).zip([name, zh, en, unit, &choices(spec)]) {
            sheet.write_string_with_format(line, at, own, &text)?;
        }
    }
    Ok(())
}

/// Returns what may stand in a field, in words.
fn choices(spec: &FieldSpec) -> String {
    let words = || {
        let all = vocabulary(spec.name).into_iter().map(|[word, zh, _]| format!("{word}（{zh}）"));
        all.collect::<Vec<_>>().join("；")
    };
    match spec.form {
        Form::Text => "文字 / text".to_owned(),
        Form::Word => words(),
        Form::Words => format!("多选，用分号隔开 / several, apart by semicolons：{}", words()),
        Form::Flag => "是、否 / TRUE, FALSE".to_owned(),
        Form::Whole => "不小于 0 的整数 / whole number, not negative".to_owned(),
        Form::Number => "数字 / number".to_owned(),
        Form::Time => "带时区的时间，如 2026-05-01T08:00:00+08:00 / time with offset".to_owned(),
        Form::Nested => "JSON".to_owned(),
        Form::Geometry => "GeoJSON 面 / GeoJSON Polygon or MultiPolygon".to_owned(),
    }
}
