//! What people write in cells → values of the flat document.
//!
//! Invariants: unknown becomes null and never zero; what is neither a value nor a word for unknown is a violation that
//! names its column; nothing is guessed without a note.

use super::columns::{REFERENCE, fold};
use super::document::{FieldSpec, Form, vocabulary};
use crate::domain::Violation;
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Words for unknown in cells of numbers and words, beside those of the reference file (where 无 may mean false).
const NOTHING: &[&str] = &["无", "無", "なし", "--", "——", "暂无", "unknown"];

static UNKNOWN: LazyLock<HashSet<String>> =
    LazyLock::new(|| REFERENCE.unknown.iter().map(|word| fold(word)).chain(NOTHING.iter().map(|w| fold(w))).collect());

static FLAGS: LazyLock<HashMap<String, bool>> = LazyLock::new(|| {
    let words = |name: &str, flag: bool| {
        REFERENCE.booleans.get(name).into_iter().flatten().map(move |word| (fold(word), flag)).collect::<Vec<_>>()
    };
    words("true", true).into_iter().chain(words("false", false)).collect()
});

/// Field → word as people write it → wire word.
static WORDS: LazyLock<HashMap<&'static str, HashMap<String, String>>> = LazyLock::new(|| {
    let mut out: HashMap<&'static str, HashMap<String, String>> = HashMap::new();
    for spec in super::document::resource_fields().filter(|s| matches!(s.form, Form::Word | Form::Words)) {
        let own = vocabulary(spec.name).into_iter().flat_map(|names| names.map(|n| (fold(n), names[0].to_owned())));
        let table = out.entry(spec.name).or_default();
        let written = REFERENCE.values.get(spec.name).into_iter().flatten();
        table.extend(written.map(|(written, word)| (fold(written), word.clone())));
        table.extend(own);
    }
    out
});

/// A value read from a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// The value; null when the cell says that nobody knows.
    pub(super) value: Value,
    /// What was assumed, the same words for every row.
    pub(super) note: Option<&'static str>,
    /// The figure is a bound and not a count.
    pub(super) derived: bool,
}

impl From<Value> for Reading {
    fn from(value: Value) -> Self {
        Self { value, note: None, derived: false }
    }
}

/// Returns whether a text says that the value is unknown.
pub fn says_unknown(text: &str) -> bool {
    UNKNOWN.contains(&fold(text))
}

/// Returns what a cell says when it stands for a flag: `None` when it says neither.
pub(super) fn flag_of(text: &str) -> Option<bool> {
    FLAGS.get(&fold(text)).copied()
}

/// Reads a cell of text.
pub(super) fn read_cell(spec: &FieldSpec, column: &str, cell: &str) -> Result<Reading, Violation> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Ok(Value::Null.into());
    }
    match spec.form {
        // Which texts say unknown is the document's question, but a code of "-" would make all such rows one.
        Form::Text if spec.name == "code" && says_unknown(cell) => Ok(Value::Null.into()),
        Form::Text => Ok(Value::from(cell).into()),
        Form::Flag => read_flag(spec, column, cell),
        _ if says_unknown(cell) => Ok(unknown(spec)),
        Form::Word => word_of(spec, column, cell).map(Reading::from),
        Form::Words => read_words(spec, column, cell),
        Form::Whole | Form::Number => read_figure(spec, column, cell),
        Form::Time => read_time(spec, column, cell),
        Form::Nested | Form::Geometry if cell.starts_with(['[', '{']) => read_json_text(spec, column, cell),
        Form::Nested if matches!(spec.name, "stock" | "equipment") => Ok(read_items(cell)),
        Form::Nested | Form::Geometry => Err(fault(spec, column, "not_json", "JSON", "JSON")),
    }
}

/// Reads a JSON property that stands for a field.
pub(super) fn read_property(spec: &FieldSpec, column: &str, value: &Value) -> Result<Reading, Violation> {
    match (spec.form, value) {
        (_, Value::String(text)) => read_cell(spec, column, text),
        (Form::Text | Form::Word, Value::Number(n)) => read_cell(spec, column, &whole_text(n)),
        (Form::Flag, Value::Number(n)) => read_cell(spec, column, &whole_text(n)),
        (Form::Words, Value::Array(items)) => {
            let words = items.iter().map(|item| match item {
                Value::String(text) => word_of(spec, column, text),
                other => Ok(other.clone()),
            });
            Ok(Value::Array(words.collect::<Result<_, _>>()?).into())
        }
        _ => Ok(value.clone().into()),
    }
}

/// An unknown capacity is known to be unknown; every other field is null.
fn unknown(spec: &FieldSpec) -> Reading {
    if spec.name == "capacity_quality" { Value::from("unknown").into() } else { Value::Null.into() }
}

/// A code that JSON holds as 33016.0 was 33016 in somebody's spreadsheet.
fn whole_text(n: &serde_json::Number) -> String {
    match n.as_f64().filter(|f| n.is_f64() && f.fract() == 0.0 && f.abs() < 1e15) {
        Some(whole) => format!("{whole:.0}"),
        None => n.to_string(),
    }
}

fn read_flag(spec: &FieldSpec, column: &str, cell: &str) -> Result<Reading, Violation> {
    match flag_of(cell) {
        Some(flag) => Ok(Value::from(flag).into()),
        None if says_unknown(cell) => Ok(Value::Null.into()),
        None => Err(fault(spec, column, "not_a_flag", "是/否 或 true/false", "yes/no or true/false")),
    }
}

fn word_of(spec: &FieldSpec, column: &str, cell: &str) -> Result<Value, Violation> {
    if let Some(word) = WORDS.get(spec.name).and_then(|table| table.get(&fold(cell))) {
        return Ok(Value::from(word.as_str()));
    }
    let choices: Vec<String> = vocabulary(spec.name).iter().map(|[word, zh, _]| format!("{word}（{zh}）")).collect();
    let violation = Violation::not_a_choice(spec.name, cell, &choices.join(", "));
    Err(Violation {
        zh: format!("列“{column}”：{}", violation.zh),
        en: format!("column `{column}`: {}", violation.en),
        ..violation
    })
}

fn read_words(spec: &FieldSpec, column: &str, cell: &str) -> Result<Reading, Violation> {
    if cell.starts_with('[') {
        let parsed = read_json_text(spec, column, cell)?;
        return read_property(spec, column, &parsed.value);
    }
    // Some words hold a separator themselves.
    if let Ok(whole) = word_of(spec, column, cell) {
        return Ok(json!([whole]).into());
    }
    let words = items(cell).map(|item| word_of(spec, column, item));
    Ok(Value::Array(words.collect::<Result<_, _>>()?).into())
}

/// Splits a list as people write it.
fn items(cell: &str) -> impl Iterator<Item = &str> {
    let between = |c: char| c == '/' || c == '\n' || REFERENCE.separators.iter().any(|s| s.starts_with(c));
    cell.split(between).map(str::trim).filter(|item| !item.is_empty())
}

/// Reads 冲锋舟×3、发电机 as lines, each with a name and, where it is written, a quantity.
fn read_items(cell: &str) -> Reading {
    let line = |item: &str| {
        let split = item.rsplit_once(['×', '*', ':', '：', 'x', 'X']);
        let counted = split.and_then(|(name, n)| Some((name.trim(), plain(&fold(n))?)));
        match counted.filter(|(name, _)| !name.is_empty()) {
            Some((name, n)) => json!({"name": name, "quantity": number(n)}),
            None => json!({"name": item, "quantity": null}),
        }
    };
    let note = Some(
        "清单按分隔符拆成条目，未写数量的记为未知 / lists were split into lines; quantities not written are unknown",
    );
    Reading { value: items(cell).map(line).collect::<Vec<_>>().into(), note, derived: false }
}

fn read_json_text(spec: &FieldSpec, column: &str, cell: &str) -> Result<Reading, Violation> {
    serde_json::from_str::<Value>(cell).map(Reading::from).map_err(|error| {
        let v = fault(spec, column, "not_json", "JSON", "JSON");
        Violation { en: format!("{} ({error})", v.en), ..v }
    })
}

/// Reads a time: RFC 3339, or a date (and time) as spreadsheets show it, taken as Beijing time.
fn read_time(spec: &FieldSpec, column: &str, cell: &str) -> Result<Reading, Violation> {
    if chrono::DateTime::parse_from_rfc3339(cell).is_ok() {
        return Ok(Value::from(cell).into());
    }
    let text = fold(cell).replace(['/', '.', '年', '月'], "-").replace('日', "");
    let text = text.trim().replace('t', " ");
    let at = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"].iter().find_map(|f| NaiveDateTime::parse_from_str(&text, f).ok());
    let at = at.or_else(|| NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().map(|day| day.into()));
    let Some(at) = at else {
        let example = "2024-05-01T08:00:00+08:00";
        return Err(fault(
            spec,
            column,
            "bad_time",
            &format!("时间，例如 {example}"),
            &format!("a time, e.g. {example}"),
        ));
    };
    let note = Some("未写时区的时间按北京时间读取 / times without an offset were read as Beijing time (+08:00)");
    Ok(Reading { value: Value::from(at.format("%Y-%m-%dT%H:%M:%S+08:00").to_string()), note, derived: false })
}

const PEOPLE: &[&str] = &["人次", "人", "名", "位", "个床位", "床位", "床", "张", "个", "persons", "people", "pax"];
const AREA: &[&str] = &["平方米", "平米", "㎡", "m²", "m2", "m^2", "sqm"];
const VOLUME: &[&str] = &["立方米", "立方", "m³", "m3", "m^3"];
const COORDINATE: &[&str] = &["°", "度", "米", "m"];

fn units(field: &str) -> &'static [&'static str] {
    match field {
        "area_m2" => AREA,
        "volume_m3" => VOLUME,
        "lon" | "lat" => COORDINATE,
        _ => PEOPLE,
    }
}

/// Figures of which a bound is worth more than nothing. A bound of people inside, or of a position, is not.
fn may_be_bound(field: &str) -> bool {
    matches!(field, "capacity" | "headcount" | "area_m2" | "volume_m3")
}

fn read_figure(spec: &FieldSpec, column: &str, cell: &str) -> Result<Reading, Violation> {
    let text: String = fold(cell).chars().filter(|c| !c.is_whitespace()).collect();
    if text.contains(['%', '‰']) {
        let (zh, en) = ("数字，而不是百分比", "a number, not a percentage");
        return Err(fault(spec, column, "percent", zh, en));
    }
    let figure = figure_of(&text, units(spec.name));
    match figure {
        Some(Figure { low, bound: Bound::Exact }) => Ok(number(low).into()),
        Some(Figure { low, bound: Bound::About }) => {
            let note = Some(
                "“约”数按所写数字读取，容量按推算值计 / figures written as `about` were read as they stand; capacities so read are derived",
            );
            Ok(Reading { value: number(low), note, derived: true })
        }
        Some(Figure { low, bound: Bound::AtLeast }) if may_be_bound(spec.name) => {
            let note = Some(
                "区间取下限，容量按推算值计 / ranges were read as their lower bound; capacities so read are derived",
            );
            Ok(Reading { value: number(low), note, derived: true })
        }
        _ => Err(fault(spec, column, "not_a_number", "数字", "a number")),
    }
}

struct Figure {
    low: f64,
    bound: Bound,
}

#[derive(PartialEq)]
enum Bound {
    Exact,
    About,
    AtLeast,
}

/// Reads a folded text without white space as a figure: 120人, 约120, 100-200, 100以上, 1.2万.
fn figure_of(text: &str, units: &[&str]) -> Option<Figure> {
    if let Some(low) = measured(text, units) {
        return Some(Figure { low, bound: Bound::Exact });
    }
    for about in ["大约", "大約", "约为", "約為", "约", "約", "近", "～", "≈", "approx.", "approx", "about", "ca."]
    {
        if let Some(rest) = text.strip_prefix(about) {
            return figure_of(rest, units).map(|f| match f.bound {
                Bound::Exact => Figure { bound: Bound::About, ..f },
                _ => f,
            });
        }
    }
    for least in ["不少于", "不低于", "至少", ">=", "≥", ">"] {
        if let Some(low) = text.strip_prefix(least).and_then(|rest| measured(rest, units)) {
            return Some(Figure { low, bound: Bound::AtLeast });
        }
    }
    let bare = text.strip_suffix("以上").or_else(|| text.strip_suffix('+'));
    let bare = bare.or_else(|| strip_unit(text, units).strip_suffix(['余', '多']));
    if let Some(low) = bare.and_then(|bare| measured(bare, units)) {
        return Some(Figure { low, bound: Bound::AtLeast });
    }
    // A minus in front is a sign and not a range.
    let at =
        text.char_indices().skip(1).find(|(_, c)| matches!(c, '-' | '~' | '—' | '–' | '至' | '到' | '～' | '〜'))?;
    let (low, high) = (&text[..at.0], text[at.0..].trim_start_matches(['-', '~', '—', '–', '至', '到', '～', '〜']));
    let (low, high) = (measured(low, units)?, measured(high, units)?);
    (low <= high).then_some(Figure { low, bound: Bound::AtLeast })
}

fn measured(text: &str, units: &[&str]) -> Option<f64> {
    let bare = strip_unit(text, units);
    match bare.strip_suffix('万') {
        Some(ten_thousands) => plain(ten_thousands).map(|n| (n * 10_000.0 * 1000.0).round() / 1000.0),
        None => plain(bare),
    }
}

fn strip_unit<'a>(text: &'a str, units: &[&str]) -> &'a str {
    units.iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text)
}

/// Reads a plain decimal number, with thousands apart by commas or not. No infinities, no words.
fn plain(text: &str) -> Option<f64> {
    let digits = if text.contains(',') { without_thousands(text)? } else { text.to_owned() };
    let first = digits.trim_start_matches(['-', '+']).bytes().next()?;
    let fits = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e'));
    if !fits || !(first.is_ascii_digit() || first == b'.') {
        return None;
    }
    digits.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// Takes the commas out of 1,234,567.8; any other comma makes it no number.
fn without_thousands(text: &str) -> Option<String> {
    let (whole, rest) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let first = groups.next()?;
    let proper = (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3);
    let digits = whole.replace(',', "");
    proper.then(|| rest.map_or(digits.clone(), |rest| format!("{digits}.{rest}")))
}

/// A whole number stays whole on the wire.
fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 && !(n == 0.0 && n.is_sign_negative()) {
        Value::from(n as i64)
    } else {
        Value::from(n)
    }
}

fn fault(spec: &FieldSpec, column: &str, reason: &str, zh: &str, en: &str) -> Violation {
    Violation::new(spec.name, reason, format!("列“{column}”应为{zh}"), format!("column `{column}` must be {en}"))
}

/// Gathers the parts of the one contact that a row names.
pub(super) fn contact_of(parts: &Map<String, Value>) -> Value {
    let part = |name: &str| parts.get(name).and_then(Value::as_str).filter(|text| !says_unknown(text));
    if parts.is_empty() || ["name", "role", "phone"].iter().all(|name| part(name).is_none()) {
        return Value::Null;
    }
    json!([{"name": part("name").unwrap_or("未列名"), "role": part("role"), "phone": part("phone")}])
}
