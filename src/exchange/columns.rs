//! Headers in three languages → names of the flat document.
//!
//! The synonyms live in `data/reference/columns.json`. Invariants: every column of a file is accounted for, read as a
//! field or reported as not read; two columns never fight silently for one field.

use super::document::{FieldSpec, READ_ONLY, field_of, label_of};
use super::{DecodeError, Target};
use crate::domain::{Crs, Datum, Hazard, Kind, named};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// What the reference file says.
#[derive(Deserialize)]
pub(super) struct Reference {
    columns: BTreeMap<String, Vec<String>>,
    columns_by_kind: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    hazard_flags: BTreeMap<String, String>,
    rules: Rules,
    /// Headers of columns of metres that say which way they run: letters, easting, northing.
    pub(super) axes: BTreeMap<String, Vec<String>>,
    /// Words for true and false.
    pub(super) booleans: BTreeMap<String, Vec<String>>,
    /// Words for nobody knows.
    pub(super) unknown: Vec<String>,
    /// Characters between the items of a list.
    pub(super) separators: Vec<String>,
    /// Words of closed fields: field → word as written → wire word.
    pub(super) values: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Rules {
    prefer: BTreeMap<String, Vec<String>>,
}

/// The embedded reference file; that it can be read is held by a test.
pub(super) static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/reference/columns.json")).unwrap_or_else(|error| {
        panic!("data/reference/columns.json, embedded in this program, can not be read: {error}")
    })
});

/// Normalised header → the fields it may stand for, in the order of the file.
static FIELDS: LazyLock<HashMap<String, Vec<&'static str>>> = LazyLock::new(|| {
    let mut out: HashMap<String, Vec<&'static str>> = HashMap::new();
    for (field, headers) in &REFERENCE.columns {
        for header in headers.iter().chain([field]) {
            let fields = out.entry(normalise(header)).or_default();
            if !fields.contains(&field.as_str()) {
                fields.push(field);
            }
        }
    }
    out
});

static HAZARDS: LazyLock<HashMap<String, Hazard>> = LazyLock::new(|| {
    let flags = REFERENCE.hazard_flags.iter();
    flags.filter_map(|(header, word)| Some((normalise(header), Hazard::from_word(word)?))).collect()
});

/// What becomes of a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    /// It is a field of the document.
    Field(&'static FieldSpec),
    /// A true value adds the hazard.
    Hazard(Hazard),
    /// It is a part of the one contact of the row.
    Contact(&'static str),
    /// It is not read.
    Skip,
}

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Columns {
    /// What becomes of each column, in the order of the file.
    pub(super) slots: Vec<Slot>,
    /// Each header and what it was read as.
    pub(super) report: Vec<(String, Option<String>)>,
    /// What was not read, and why.
    pub(super) notes: Vec<String>,
}

/// Returns the document name that a header stands for, whatever the kind.
pub(super) fn synonym(header: &str) -> Option<&'static str> {
    let field = FIELDS.get(&normalise(header)).and_then(|fields| fields.first().copied())?;
    Some(if field == "town" { "division" } else { field })
}

/// Returns whether a header says anything: a field, a hazard or a part of a contact.
pub(super) fn known(header: &str) -> bool {
    let normal = normalise(header);
    FIELDS.contains_key(&normal) || HAZARDS.contains_key(&normal)
}

/// Returns the hazard that a header stands for, as the name of its column.
pub(super) fn hazard(header: &str) -> Option<String> {
    HAZARDS.get(&normalise(header)).map(|hazard| format!("hazards.{hazard}"))
}

/// Folds full-width forms and letter case, and trims; the common form in which words are compared.
pub(super) fn fold(text: &str) -> String {
    let half = text.chars().map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        c => c,
    });
    half.filter(|c| *c != '\u{feff}').flat_map(char::to_lowercase).collect::<String>().trim().to_owned()
}

/// Brings a header to the form in which headers are compared.
pub(super) fn normalise(header: &str) -> String {
    let folded = fold(header);
    let bare = match remark(&folded) {
        Some((bare, inside)) if harmless(inside) && !bare.is_empty() => bare,
        _ => &folded,
    };
    bare.chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '"' | '*' | '\t' | '\n' | '\r')).collect()
}

/// Splits a folded header into what stands before its closing parenthesis, and what stands in it.
fn remark(folded: &str) -> Option<(&str, &str)> {
    let body = folded.strip_suffix([')', ']', '】'])?;
    let open = body.rfind(['(', '[', '【'])?;
    let inside = body[open..].trim_start_matches(['(', '[', '【']);
    Some((body[..open].trim(), inside.trim()))
}

/// A remark that changes nothing: the unit that the field has anyway, a datum (which is checked), 必填. A unit such as
/// 亩 or 公顷 is no such thing: the header is then not known, rather than read ten thousand times too small.
fn harmless(inside: &str) -> bool {
    const UNITS: &[&str] = &[
        "m²",
        "m2",
        "㎡",
        "平方米",
        "平米",
        "m³",
        "m3",
        "立方米",
        "人",
        "名",
        "位",
        "persons",
        "people",
        "m",
        "米",
        "度",
        "°",
        "deg",
        "degree",
        "degrees",
        "十进制",
        "必填",
        "选填",
        "可选",
        "required",
        "optional",
    ];
    UNITS.contains(&inside) || named_datum(inside).is_some() || is_system(inside)
}

/// Returns whether a remark is the word of a coordinate system, as tables that go out from here have it.
fn is_system(inside: &str) -> bool {
    Crs::parse(inside).is_ok() || inside.starts_with("local:")
}

fn named_datum(inside: &str) -> Option<Datum> {
    let text: String = inside.chars().filter(|c| c.is_alphanumeric()).collect();
    match text.as_str() {
        "wgs84" | "gps" | "epsg4326" => Some(Datum::Wgs84),
        "cgcs2000" | "国家2000" | "2000国家大地坐标系" | "epsg4490" => Some(Datum::Cgcs2000),
        "gcj02" | "gcj" | "火星" | "火星坐标" | "高德" | "腾讯" => Some(Datum::Gcj02),
        "bd09" | "bd09ll" | "百度" | "百度坐标" => Some(Datum::Bd09),
        _ => None,
    }
}

/// Works out what each column of a file is; without `crs`, what headers say of a datum is left alone.
pub(super) fn recognise(headers: &[String], target: Target, crs: Option<&Crs>) -> Result<Columns, DecodeError> {
    let slots = headers.iter().map(|header| slot(header, target)).collect();
    settled(headers, slots, Asked { target, crs, notes: Vec::new() })
}

/// What columns are asked for.
pub(super) struct Asked<'a> {
    pub(super) target: Target,
    /// Coordinate system declared.
    pub(super) crs: Option<&'a Crs>,
    /// What was found out so far.
    pub(super) notes: Vec<String>,
}

/// Checks slots against each other and the declared datum, and tells what is not read.
pub(super) fn settled(headers: &[String], mut slots: Vec<Slot>, asked: Asked<'_>) -> Result<Columns, DecodeError> {
    let Asked { target, crs, mut notes } = asked;
    crs.map_or(Ok(()), |crs| check_datum(headers, &slots, crs))?;
    settle(headers, &mut slots, &mut notes)?;
    if slots.iter().all(|slot| matches!(slot, Slot::Skip)) {
        return Err(DecodeError::NoKnownColumn { headers: shown(headers) });
    }
    let report = headers.iter().zip(&slots).map(|(h, s)| (h.clone(), s.read_as())).collect();
    notes.extend(headers.iter().zip(&slots).filter(|(_, s)| matches!(s, Slot::Skip)).map(|(h, _)| not_read(h, target)));
    notes.dedup();
    Ok(Columns { slots, report, notes })
}

impl Slot {
    pub(super) fn read_as(&self) -> Option<String> {
        match self {
            Self::Field(spec) => Some(spec.name.to_owned()),
            Self::Hazard(hazard) => Some(format!("hazards.{hazard}")),
            Self::Contact(part) => Some(format!("contacts.{part}")),
            Self::Skip => None,
        }
    }
}

pub(super) fn slot(header: &str, target: Target) -> Slot {
    let normal = normalise(header);
    let of_kind = match target {
        Target::Resource(kind) => REFERENCE.columns_by_kind.get(kind.word()),
        Target::Demand | Target::Division => None,
    };
    let special = of_kind.into_iter().flatten().filter(|(_, names)| names.iter().any(|n| normalise(n) == normal));
    let general = FIELDS.get(&normal).into_iter().flatten().copied();
    for name in special.map(|(field, _)| field.as_str()).chain(general) {
        match (name, target) {
            ("contact_name", Target::Resource(_)) => return Slot::Contact("name"),
            ("contact_role", Target::Resource(_)) => return Slot::Contact("role"),
            ("contact_phone", Target::Resource(_)) => return Slot::Contact("phone"),
            _ => {}
        }
        let name = match (name, target) {
            ("division", Target::Division) => "code",
            // In a list of divisions this is the one above, which the code tells.
            ("town", Target::Division) => continue,
            ("town", _) => "division",
            (name, _) => name,
        };
        if let Some(spec) = field_of(target, name) {
            return Slot::Field(spec);
        }
    }
    if let Some(spec) = field_of(target, &normal).or_else(|| field_of(target, header.trim())) {
        return Slot::Field(spec);
    }
    match (HAZARDS.get(&normal), target) {
        (Some(hazard), Target::Resource(Kind::Shelter)) => Slot::Hazard(*hazard),
        _ => Slot::Skip,
    }
}

/// Refuses a header that names another datum than the one declared for the file.
fn check_datum(headers: &[String], slots: &[Slot], crs: &Crs) -> Result<(), DecodeError> {
    let native = |a: Datum| matches!(a, Datum::Wgs84 | Datum::Cgcs2000);
    // Projections and fitted grids are on CGCS2000, or WGS84, which is the same.
    let same = |a: Datum| crs.degrees().map_or(native(a), |given| a == given || (native(a) && native(given)));
    for (header, slot) in headers.iter().zip(slots) {
        let folded = fold(header);
        let inside = remark(&folded).map(|(_, inside)| inside);
        let system = inside.filter(|inside| is_system(inside) && named_datum(inside).is_none());
        if let (Slot::Field(_), Some(named)) = (slot, system.filter(|named| *named != crs.word().to_lowercase())) {
            return Err(DecodeError::CrsConflict { in_file: named.to_owned(), given: crs.word() });
        }
        let named = inside.and_then(named_datum);
        match (slot, named) {
            (Slot::Field(_), Some(named)) if !same(named) => {
                return Err(DecodeError::DatumConflict {
                    column: shown(std::slice::from_ref(header)),
                    named,
                    given: crs.word(),
                });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Lets the preferred of several columns have the field; when none is preferred, names two of them.
fn settle(headers: &[String], slots: &mut [Slot], notes: &mut Vec<String>) -> Result<(), DecodeError> {
    let mut claims: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    for (i, slot) in slots.iter().enumerate() {
        match slot {
            Slot::Field(spec) => claims.entry(spec.name).or_default().push(i),
            Slot::Contact(part) => claims.entry(part).or_default().push(i),
            Slot::Hazard(_) | Slot::Skip => {}
        }
    }
    // A contact's name and the name of the row are claimed under one word: they are told apart by their slots.
    for (field, columns) in claims {
        for contact in [false, true] {
            let mut rivals: Vec<(usize, usize)> = columns
                .iter()
                .filter(|i| matches!(slots[**i], Slot::Contact(_)) == contact)
                .map(|i| (rank(field, &headers[*i]), *i))
                .collect();
            rivals.sort_unstable();
            let [(best, winner), rest @ ..] = rivals.as_slice() else { continue };
            if let Some((_, rival)) = rest.iter().find(|(rank, _)| rank == best) {
                return Err(DecodeError::AmbiguousColumns {
                    field: field.to_owned(),
                    first: shown(&headers[*winner..=*winner]),
                    second: shown(&headers[*rival..=*rival]),
                });
            }
            for (_, loser) in rest {
                slots[*loser] = Slot::Skip;
                let (kept, left) = (shown(&headers[*winner..=*winner]), shown(&headers[*loser..=*loser]));
                notes.push(format!(
                    "{}取自列“{kept}”，不取“{left}” / {field} is read from `{kept}`, not from `{left}`",
                    named(field)
                ));
            }
        }
    }
    Ok(())
}

/// Preferred headers come first, in their order; then the field's own name; then all others alike.
fn rank(field: &str, header: &str) -> usize {
    let normal = normalise(header);
    let preferred = REFERENCE.rules.prefer.get(field).map(Vec::as_slice).unwrap_or_default();
    let last = preferred.len();
    let own_name = if normal == normalise(field) { last } else { last + 1 };
    preferred.iter().position(|p| normalise(p) == normal).unwrap_or(own_name)
}

fn not_read(header: &str, target: Target) -> String {
    let shown = shown(&[header.to_owned()]);
    if READ_ONLY.contains(&header.trim()) {
        return format!(
            "列“{shown}”由系统计算，未读取 / column `{shown}` is worked out by the system and was not read"
        );
    }
    match synonym(header).filter(|_| matches!(target, Target::Resource(_))) {
        Some(field) => {
            format!(
                "列“{shown}”（{}）不属于该类别，未读取 / column `{shown}` ({field}) is not of this kind and was not read",
                label_of(field).zh
            )
        }
        None => format!("列“{shown}”未读取 / column `{shown}` was not read"),
    }
}

/// Joins headers for a message, cut to a readable length.
fn shown(headers: &[String]) -> String {
    let joined = headers.join(", ");
    if joined.chars().count() <= 200 { joined } else { joined.chars().take(200).chain("…".chars()).collect() }
}
