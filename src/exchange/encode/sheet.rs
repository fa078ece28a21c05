//! How workbooks look, and the table in which they explain their fields; for exports, templates and annotated copies.

use crate::exchange::document::{FieldSpec, Form, vocabulary};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

/// Name of the sheet that explains.
pub(in crate::exchange) const NOTES_SHEET: &str = "字段说明";

/// A field as the sheet of notes explains it.
pub(in crate::exchange) struct Explained<'a> {
    /// Name on the wire.
    pub(in crate::exchange) name: &'a str,
    /// Chinese name.
    pub(in crate::exchange) zh: &'a str,
    /// English name.
    pub(in crate::exchange) en: &'a str,
    /// Unit.
    pub(in crate::exchange) unit: &'a str,
    /// What may stand in it.
    pub(in crate::exchange) form: String,
    /// An example; empty where none helps.
    pub(in crate::exchange) example: &'a str,
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

/// Writes the table that explains fields, from a line on. It runs down, so that no reader takes it for a table of data.
pub(in crate::exchange) fn explain<'a>(
    sheet: &mut Worksheet,
    from: u32,
    fields: impl Iterator<Item = Explained<'a>>,
) -> Result<(), XlsxError> {
    let (head, text) = (header_look(), text_look().set_text_wrap().set_align(FormatAlign::Top));
    let titles = [
        ("字段", 28),
        ("中文叫法", 20),
        ("in English", 28),
        ("计量", 18),
        ("形式与可选值 / form and choices", 90),
        ("举例", 28),
    ];
    for (at, (title, wide)) in (0_u16..).zip(titles) {
        sheet.write_string_with_format(from, at, title, &head)?;
        sheet.set_column_width(at, wide)?;
    }
    for (line, field) in (from + 1..).zip(fields) {
        for (at, own) in (0_u16..).zip([field.name, field.zh, field.en, field.unit, &field.form, field.example]) {
            sheet.write_string_with_format(line, at, own, &text)?;
        }
    }
    Ok(())
}

/// Returns what may stand in a field, in words.
pub(in crate::exchange) fn choices(spec: &FieldSpec) -> String {
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
