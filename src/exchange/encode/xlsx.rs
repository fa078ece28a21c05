//! Excel workbooks: a sheet of rows under the names on the wire, and a sheet 字段说明 that explains every field, names the
//! coordinate system and says what is left out.
//!
//! Invariants: codes and telephone numbers are texts, so that no leading zero and no twelfth digit is lost; a text is never
//! a formula; a cell that a workbook can not hold is left blank and named as a loss.

use super::loss::Losses;
use super::rows::{Row, Rows};
use super::sheet::{Explained, NOTES_SHEET, choices, explain, header_look, text_look, width};
use super::{EncodeError, FileFormat, Loss, cell};
use crate::exchange::document::{Form, Label, label_of};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;

/// Longest text of a cell, in UTF-16 units (ECMA-376 part 1, 18.4.12).
const TEXT_MAX: usize = 32_767;

/// Rows above which a sheet is put together in a temporary file: a row takes 4 kB of memory while a workbook is made.
const ROWS_IN_MEMORY: usize = 20_000;

pub(super) fn write(rows: &Rows<'_>, mut losses: Vec<Loss>) -> Result<(Vec<u8>, Vec<Loss>), EncodeError> {
    let failed = EncodeError::of(FileFormat::Xlsx);
    let mut workbook = Workbook::new();
    let mut told = Losses::default();
    let sheet = if rows.len() > ROWS_IN_MEMORY {
        workbook.add_worksheet_with_constant_memory().map_err(|error| failed(&error))?
    } else {
        workbook.add_worksheet()
    };
    data_sheet(sheet, rows, &mut told).map_err(|error| failed(&error))?;
    losses.extend(told.finish());
    notes_sheet(workbook.add_worksheet(), rows, &losses).map_err(|error| failed(&error))?;
    let bytes = workbook.save_to_buffer().map_err(|error| failed(&error))?;
    Ok((bytes, losses))
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
    let explained = rows.columns.iter().map(|spec| {
        let Label { name, zh, en, unit } = label_of(spec.name);
        Explained { name, zh, en, unit, form: choices(spec), example: "" }
    });
    explain(sheet, line + 1, explained)
}
