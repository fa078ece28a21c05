//! A page to print: A4 on its side, a heading that says what, how many, in which datum, as of when, and a table of the
//! columns that somebody with a clipboard needs. The browser makes the PDF.
//!
//! Invariants: nothing is loaded from anywhere; whatever a name holds stays text; invented data is marked on every page.

use super::rows::Rows;
use super::xml::escaped;
use super::{Item, Loss, crs_text};
use crate::domain::{Audience, Kind};
use crate::exchange::Target;
use crate::exchange::document::{label_of, vocabulary};
use serde_json::Value;
use std::fmt::Write as _;

/// Most rows of a page that is to be printed: three hundred sheets.
const ROWS_MAX: usize = 10_000;

const STYLE: &str = "
@page { size: A4 landscape; margin: 14mm 12mm 16mm; @bottom-right { content: counter(page) ' / ' counter(pages); font-size: 9pt; } }
* { box-sizing: border-box; }
body { font: 10pt/1.45 'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif; color: #111; margin: 0 auto; max-width: 273mm; }
h1 { font-size: 17pt; margin: 0 0 1mm; }
.about { margin: 0 0 3mm; color: #333; }
.about span { margin-right: 6mm; white-space: nowrap; }
.demo { background: #fff3cd; border: 1.5px solid #b8860b; padding: 1.5mm 3mm; font-weight: 700; margin: 0 0 3mm; }
.losses { font-size: 8.5pt; color: #444; margin: 0 0 3mm; padding-left: 5mm; }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; }
thead { display: table-header-group; }
th { background: #e8eef4; text-align: left; font-weight: 700; }
th, td { border: 0.5px solid #888; padding: 1mm 1.5mm; vertical-align: top; overflow-wrap: anywhere; }
tr { break-inside: avoid; page-break-inside: avoid; }
.k { white-space: nowrap; }
.l { white-space: pre-line; min-width: 38mm; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead tr.mark th { background: #fff3cd; font-size: 8pt; }
@media screen { body { padding: 8mm; } }
@media print { th { -webkit-print-color-adjust: exact; print-color-adjust: exact; } .demo { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
";

pub(super) fn write(rows: &Rows<'_>, mut losses: Vec<Loss>) -> (Vec<u8>, Vec<Loss>) {
    let columns = columns(rows);
    losses.push(Loss::new(
        "打印页只列主要字段，不能再导入",
        "the page to print lists the main fields and can not be imported",
    ));
    if rows.len() > ROWS_MAX {
        let total = rows.len();
        losses.push(Loss::new(
            format!("共 {total} 行，打印页只列前 {ROWS_MAX} 行；请用条件分批导出"),
            format!("of {total} rows the page to print lists the first {ROWS_MAX}: select fewer"),
        ));
    }
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = page(rows, &columns, &losses, &mut out);
    (out.into_bytes(), losses)
}

/// Places of the columns that are printed, each in the list of all.
fn columns(rows: &Rows<'_>) -> Vec<usize> {
    let of_kind: &[&str] = match rows.writing.target {
        Target::Resource(Kind::Shelter) => &[
            "code",
            "name",
            "address",
            "lon",
            "lat",
            "level",
            "status",
            "hazards",
            "capacity",
            "occupied",
            "management_unit",
            "contacts",
            "observed_at",
        ],
        Target::Resource(Kind::Warehouse | Kind::StoragePoint) => &[
            "code",
            "name",
            "address",
            "lon",
            "lat",
            "level",
            "tier",
            "volume_m3",
            "stock",
            "management_unit",
            "contacts",
            "observed_at",
        ],
        Target::Resource(Kind::Team) => &[
            "code",
            "name",
            "address",
            "lon",
            "lat",
            "category",
            "capabilities",
            "headcount",
            "readiness",
            "contacts",
            "observed_at",
        ],
        Target::Resource(Kind::Site) => {
            &["code", "name", "address", "lon", "lat", "class", "management_unit", "contacts", "observed_at"]
        }
        Target::Demand => &["code", "lon", "lat", "population", "division", "source"],
        Target::Division => &["code", "name", "name_en", "level", "source"],
    };
    of_kind.iter().filter_map(|name| rows.column(name)).collect()
}

fn page(rows: &Rows<'_>, columns: &[usize], losses: &[Loss], out: &mut String) -> std::fmt::Result {
    let (writing, made) = (rows.writing, &rows.writing.made);
    let title = format!("{}一览表", writing.target.zh());
    let synthetic = rows.items().iter().filter(|item| Item::synthetic(**item)).count();
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{}</title><style>{STYLE}</style></head><body>",
        escaped(&title)
    )?;
    writeln!(out, "<h1>{}</h1>", escaped(&title))?;
    let audience = match writing.audience {
        Audience::Public => "公开版 / public",
        Audience::Staff => "内部资料，含联系方式 / for staff, with contacts",
    };
    write!(
        out,
        "<p class=\"about\"><span>共 {} 条 / records</span><span>坐标系 / datum：{}</span><span>修订 / revision {}</span>\
         <span>{}（北京时间 / Beijing time）</span><span>{audience}</span>",
        rows.len(),
        escaped(&crs_text::title(&writing.crs)),
        made.revision,
        made.in_shanghai()
    )?;
    if !made.selection.is_empty() {
        write!(out, "<span>筛选 / selection：{}</span>", escaped(&made.selection))?;
    }
    out.push_str("</p>\n");
    if synthetic > 0 {
        writeln!(
            out,
            "<p class=\"demo\">演示数据：其中 {synthetic} 条为虚构，不得用于实际救援 / DEMONSTRATION: {synthetic} records are invented</p>"
        )?;
    }
    out.push_str("<ul class=\"losses\">");
    losses.iter().try_for_each(|loss| write!(out, "<li>{}</li>", escaped(&loss.both())))?;
    out.push_str("</ul>\n");
    table(rows, columns, synthetic > 0, out)?;
    out.push_str("</body></html>\n");
    Ok(())
}

fn table(rows: &Rows<'_>, columns: &[usize], marked: bool, out: &mut String) -> std::fmt::Result {
    out.push_str("<table><thead>");
    if marked {
        write!(
            out,
            "<tr class=\"mark\"><th colspan=\"{}\">演示数据（含虚构记录） / demonstration data</th></tr>",
            columns.len() + 1
        )?;
    }
    out.push_str("<tr><th>#</th>");
    for at in columns {
        let label = label_of(rows.columns[*at].name);
        write!(out, "<th>{}</th>", escaped(label.zh))?;
    }
    out.push_str("</tr></thead><tbody>\n");
    for (number, row) in (1..=ROWS_MAX).zip(rows.iter()) {
        write!(out, "<tr><td class=\"n\">{number}</td>")?;
        for at in columns {
            let (name, value) = (rows.columns[*at].name, &row.values[*at]);
            let class = match name {
                _ if value.is_number() => " class=\"n\"",
                // A code or a day in three lines is hard to read out on the telephone.
                "code" | "level" | "status" | "readiness" | "tier" | "class" | "division" | "observed_at" => {
                    " class=\"k\""
                }
                "contacts" => " class=\"l\"",
                _ => "",
            };
            write!(out, "<td{class}>{}</td>", escaped(&shown(name, value)))?;
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table>\n");
    Ok(())
}

/// Returns a value as people read it; what nobody knows is a dash, never a zero.
fn shown(name: &str, value: &Value) -> String {
    let zh = |word: &str| {
        let found = vocabulary(name).into_iter().find(|[known, ..]| *known == word);
        found.map_or_else(|| word.to_owned(), |[_, zh, _]| zh.to_owned())
    };
    match value {
        Value::Null => "—".to_owned(),
        Value::Bool(flag) => if *flag { "是" } else { "否" }.to_owned(),
        Value::Number(n) if matches!(name, "lon" | "lat") => decimals(n.as_f64().unwrap_or_default()),
        Value::Number(n) => n.to_string(),
        Value::String(text) if name == "observed_at" => text.chars().take(10).collect(),
        Value::String(text) => zh(text),
        Value::Array(items) if name == "contacts" => {
            items.iter().map(|item| line(item, &zh)).collect::<Vec<_>>().join("\n")
        }
        Value::Array(items) => items.iter().map(|item| line(item, &zh)).collect::<Vec<_>>().join("、"),
        Value::Object(_) => value.to_string(),
    }
}

/// Six decimals of a degree are a decimetre, two of a metre a centimetre.
fn decimals(number: f64) -> String {
    if number.abs() <= 180.0 { format!("{number:.6}") } else { format!("{number:.2}") }
}

/// Returns one item of a list: a word, a contact, or a line of stock.
fn line(item: &Value, zh: &impl Fn(&str) -> String) -> String {
    let part = |name: &str| match item.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(n)) => n.to_string(),
        _ => String::new(),
    };
    match item {
        Value::String(word) => zh(word),
        Value::Object(object) if object.contains_key("phone") => {
            [part("name"), part("phone")].join(" ").trim().to_owned()
        }
        Value::Object(_) => match part("quantity") {
            quantity if quantity.is_empty() => part("name"),
            quantity => format!("{}×{quantity}{}", part("name"), part("unit")),
        },
        other => other.to_string(),
    }
}
