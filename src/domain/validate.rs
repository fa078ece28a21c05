//! What a record must satisfy before it may become a change. Collects every violation.

use super::label::named;
use super::{DemandPoint, Detail, Division, Footprint, Resource, Shelter, StockLine, Storage, Team, Violation};

/// Size limits, stated in every error that reaches one.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Characters in a name or code.
    pub name: usize,
    /// Characters in any other text.
    pub text: usize,
    /// Lines in a list (contacts, stock, equipment).
    pub lines: usize,
    /// Vertices in a footprint.
    pub vertices: usize,
    /// Vertices in a division.
    pub division_vertices: usize,
    /// Most people one shelter may hold.
    pub persons: u32,
    /// Largest area, square metres.
    pub area_m2: f64,
    /// Largest footprint of a shelter, warehouse or storage point, square metres: no grounds are larger than a town.
    pub footprint_m2: f64,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    name: 200,
    text: 4000,
    lines: 500,
    vertices: 5000,
    division_vertices: 200_000,
    persons: 10_000_000,
    area_m2: 1e10,
    footprint_m2: 25e6,
};

/// Returns everything wrong with a resource, besides the shape of its footprint (see `spatial::shape`).
pub fn validate_resource(resource: &Resource) -> Vec<Violation> {
    let mut out = Vec::new();
    text(&mut out, "code", Some(&resource.code), LIMITS.name);
    text(&mut out, "name", Some(&resource.name.zh), LIMITS.name);
    text(&mut out, "name_en", resource.name.en.as_deref(), LIMITS.name);
    text(&mut out, "address", resource.address.as_deref(), LIMITS.text);
    text(&mut out, "source", resource.source.as_deref(), LIMITS.text);
    text(&mut out, "remarks", resource.remarks.as_deref(), LIMITS.text);
    text(&mut out, "administration_department", resource.parties.administration.as_deref(), LIMITS.name);
    text(&mut out, "management_unit", resource.parties.management.as_deref(), LIMITS.name);
    text(&mut out, "operation_unit", resource.parties.operation.as_deref(), LIMITS.name);
    if resource.code.trim().is_empty() {
        out.push(Violation::missing("code"));
    }
    if resource.name.zh.trim().is_empty() {
        out.push(Violation::missing("name"));
    }
    lines(&mut out, "contacts", resource.contacts.len());
    for (i, contact) in resource.contacts.iter().enumerate() {
        text(&mut out, &format!("contacts[{i}].name"), Some(&contact.name), LIMITS.name);
        text(&mut out, &format!("contacts[{i}].role"), contact.role.as_deref(), LIMITS.name);
        text(&mut out, &format!("contacts[{i}].phone"), contact.phone.as_deref(), LIMITS.name);
    }
    if let Some(footprint) = &resource.place.footprint {
        rings(&mut out, "geometry", footprint, LIMITS.vertices);
    }
    match &resource.detail {
        Detail::Shelter(shelter) => validate_shelter(&mut out, shelter),
        Detail::Warehouse(storage) | Detail::StoragePoint(storage) => validate_storage(&mut out, storage),
        Detail::Team(team) => validate_team(&mut out, team),
        Detail::Site(_) => {}
    }
    out
}

/// Returns everything wrong with a division.
pub fn validate_division(division: &Division) -> Vec<Violation> {
    let mut out = Vec::new();
    if division.name.trim().is_empty() {
        out.push(Violation::missing("name"));
    }
    text(&mut out, "name", Some(&division.name), LIMITS.name);
    text(&mut out, "name_en", division.name_en.as_deref(), LIMITS.name);
    if let Some(area) = &division.area {
        rings(&mut out, "geometry", area, LIMITS.division_vertices);
    }
    out
}

/// Returns everything wrong with a demand point.
pub fn validate_demand(point: &DemandPoint) -> Vec<Violation> {
    let mut out = Vec::new();
    if point.id.0.trim().is_empty() {
        out.push(Violation::missing("code"));
    }
    text(&mut out, "code", Some(&point.id.0), LIMITS.name);
    out
}

fn validate_shelter(out: &mut Vec<Violation>, shelter: &Shelter) {
    let taken = shelter.occupancy;
    for (field, count) in [
        ("capacity", shelter.capacity.persons()),
        ("occupied", taken.occupied),
        ("reserved", taken.reserved),
        ("blocked", taken.blocked),
    ] {
        if let Some(n) = count.filter(|n| *n > LIMITS.persons) {
            out.push(Violation::out_of_range(field, &n.to_string(), &format!("0…{}", LIMITS.persons)));
        }
    }
    if let (Some(capacity), Some(occupied)) = (shelter.capacity.persons(), taken.occupied)
        && occupied > capacity
        && !taken.over_capacity
    {
        out.push(Violation::new(
            "occupied",
            "over_capacity",
            format!("在住 {occupied} 人超过容量 {capacity} 人；如确属超员，请同时给出 over_capacity=true"),
            format!("occupied {occupied} exceeds capacity {capacity}; if that is so, send over_capacity=true with it"),
        ));
    }
    quantity(out, "area_m2", shelter.area_m2, LIMITS.area_m2);
    text(out, "legacy_class", shelter.legacy_class.as_deref(), LIMITS.name);
}

fn validate_storage(out: &mut Vec<Violation>, storage: &Storage) {
    quantity(out, "area_m2", storage.area_m2, LIMITS.area_m2);
    quantity(out, "volume_m3", storage.volume_m3, LIMITS.area_m2);
    let stock = storage.stock.as_deref().unwrap_or_default();
    lines(out, "stock", stock.len());
    for (i, line) in stock.iter().enumerate() {
        validate_stock(out, &format!("stock[{i}]."), line);
    }
}

fn validate_stock(out: &mut Vec<Violation>, prefix: &str, line: &StockLine) {
    if line.name.trim().is_empty() {
        out.push(Violation::missing("name").under(prefix));
    }
    text(out, &format!("{prefix}name"), Some(&line.name), LIMITS.name);
    text(out, &format!("{prefix}unit"), line.unit.as_deref(), LIMITS.name);
    quantity(out, &format!("{prefix}quantity"), line.quantity, 1e12);
    if let Some(code) = line.code.as_deref().filter(|c| c.len() != 7 || !c.bytes().all(|b| b.is_ascii_digit())) {
        let shown: String = code.chars().take(30).collect();
        out.push(Violation::new(
            format!("{prefix}code"),
            "bad_stock_code",
            format!("物资编码“{shown}”应为 7 位数字（GB/T 38565-2020）"),
            format!("stock code `{shown}` must have 7 digits (GB/T 38565-2020)"),
        ));
    }
}

fn validate_team(out: &mut Vec<Violation>, team: &Team) {
    if let Some(n) = team.headcount.filter(|n| *n > LIMITS.persons) {
        out.push(Violation::out_of_range("headcount", &n.to_string(), &format!("0…{}", LIMITS.persons)));
    }
    let equipment = team.equipment.as_deref().unwrap_or_default();
    lines(out, "equipment", equipment.len());
    for (i, item) in equipment.iter().enumerate() {
        text(out, &format!("equipment[{i}].name"), Some(&item.name), LIMITS.name);
    }
}

/// What spreadsheets show where a formula failed.
pub const SHEET_ERRORS: &[&str] =
    &["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"];

fn text(out: &mut Vec<Violation>, field: &str, value: Option<&str>, limit: usize) {
    let Some(value) = value else { return };
    if value.chars().count() > limit {
        out.push(Violation::new(
            field,
            "too_long",
            format!("{}超过 {limit} 个字符", named(field)),
            format!("{field} is longer than {limit} characters"),
        ));
    }
    // Control characters break terminals, CSV and logs; NUL can not be stored by PostgreSQL at all.
    if value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
        out.push(Violation::new(
            field,
            "control_character",
            format!("{}含有不可见控制字符", named(field)),
            format!("{field} holds a control character"),
        ));
    }
    // It would come back from a table as a formula that failed, and is a name or an address to nobody.
    if SHEET_ERRORS.contains(&value) {
        out.push(Violation::new(
            field,
            "failed_formula",
            format!("{}是电子表格的公式错误 {value}，请改为实际值", named(field)),
            format!("{field} is the spreadsheet error {value}: write the value itself"),
        ));
    }
    if value.chars().any(misleads) {
        out.push(Violation::new(
            field,
            "misleading_character",
            format!("{}含有改变显示顺序或不占宽度的字符", named(field)),
            format!("{field} holds a character that reorders the text or takes no width"),
        ));
    }
}

/// Returns whether a character makes a text read as another than it is: bidirectional embeddings, overrides and isolates
/// (Unicode UAX #9, section 2), the zero-width space and the byte-order mark. Two sites must not look alike by these.
const fn misleads(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
}

fn lines(out: &mut Vec<Violation>, field: &str, count: usize) {
    if count > LIMITS.lines {
        let most = LIMITS.lines;
        let range = (&*format!("0…{most} 行"), &*format!("0…{most} lines"));
        out.push(Violation::outside(field, &count.to_string(), range));
    }
}

fn quantity(out: &mut Vec<Violation>, field: &str, value: Option<f64>, most: f64) {
    if let Some(q) = value.filter(|q| !q.is_finite() || !(0.0..=most).contains(q)) {
        out.push(Violation::out_of_range(field, &q.to_string(), &format!("0…{most}")));
    }
}

/// Checks counts, ranges and the antimeridian rule; whether rings cross is geometry and checked in `spatial::shape`.
fn rings(out: &mut Vec<Violation>, field: &str, area: &Footprint, limit: usize) {
    let count: usize =
        area.0.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())).map(|r| r.0.len()).sum();
    if count > limit {
        out.push(Violation::new(
            field,
            "too_many_vertices",
            format!("面的顶点数 {count} 超过上限 {limit}"),
            format!("{count} vertices, the limit is {limit}"),
        ));
        return;
    }
    if area.0.is_empty() || area.0.iter().any(|p| p.exterior().0.len() < 4) {
        out.push(Violation::new(
            field,
            "empty_ring",
            "面至少需要 4 个坐标（首尾相同）",
            "a ring has at least 4 positions, the last equal to the first",
        ));
    }
    let all = area.0.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    for ring in all {
        let bad = ring.0.iter().find(|c| super::LonLat::new(c.x, c.y).is_err());
        if let Some(c) = bad {
            out.extend(super::LonLat::new(c.x, c.y).err().map(|v| Violation { field: field.to_owned(), ..v }));
            return;
        }
        if ring.0.windows(2).any(|w| (w[1].x - w[0].x).abs() > 180.0) {
            out.push(Violation::new(
                field,
                "crosses_antimeridian",
                "边跨越 180° 经线，请在经线处切成多面（RFC 7946 3.1.9）",
                "an edge crosses the antimeridian: cut the polygon there (RFC 7946 section 3.1.9)",
            ));
            return;
        }
    }
}
