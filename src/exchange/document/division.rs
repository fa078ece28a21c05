//! Administrative divisions as flat documents: code, name, level and, where it is known, the area.

use super::fields::fields_of;
use super::place::checked_area;
use super::reader::{Given, Reader};
use super::resource::add_unreported;
use super::write::text;
use crate::domain::{Crs, Division, DivisionCode, Footprint, LIMITS, Violation, named, validate_division};
use crate::exchange::Target;
use crate::exchange::geometry::{self, Shape};
use serde_json::{Map, Value};

/// Reads a division; absent keeps what `base` has, null clears it. The level defaults to what the code's shape tells.
pub fn read_division(patch: &Map<String, Value>, base: Option<&Division>) -> Result<Division, Vec<Violation>> {
    let mut reader = Reader::new(patch);
    let allowed: Vec<&str> = fields_of(Target::Division).map(|spec| spec.name).chain(["revision"]).collect();
    reader.refuse_unknown(&allowed);
    let code = read_code(&mut reader, base.map(|b| &b.code));
    let mut division = match (base.cloned(), code) {
        (Some(base), _) => base,
        (None, Some(code)) => blank(code),
        (None, None) => return Err(reader.violations),
    };
    match reader.text("name") {
        Given::Absent => {}
        given => division.name = given.value().unwrap_or_default(),
    }
    reader.short_text("name_en").onto(&mut division.name_en);
    division.level = reader.sure_word("level", division.level);
    reader.short_text("source").onto(&mut division.source);
    division.synthetic = reader.sure_flag("synthetic", division.synthetic);
    read_area(&mut reader).onto(&mut division.area);
    let mut out = reader.violations;
    add_unreported(&mut out, validate_division(&division));
    if out.is_empty() { Ok(division) } else { Err(out) }
}

/// Writes a division; `geometry` is there only when the area is known.
pub fn write_division(division: &Division) -> Map<String, Value> {
    let mut doc = Map::new();
    let mut put = |name: &str, value: Value| drop(doc.insert(name.to_owned(), value));
    put("id", division.code.as_str().into());
    put("code", division.code.as_str().into());
    put("name", division.name.as_str().into());
    put("name_en", text(&division.name_en));
    put("level", division.level.word().into());
    put("source", text(&division.source));
    put("synthetic", division.synthetic.into());
    if let Some(area) = &division.area {
        put("geometry", geometry::write_area(area));
    }
    doc
}

fn blank(code: DivisionCode) -> Division {
    let level = code.level();
    Division { code, name: String::new(), name_en: None, level, area: None, source: None, synthetic: false }
}

/// Reads the code, given as `code` or `id`; both, and the base's, must be the same.
fn read_code(reader: &mut Reader<'_>, kept: Option<&DivisionCode>) -> Option<DivisionCode> {
    let mut found = kept.cloned();
    for field in ["code", "id"] {
        let Some(text) = reader.text(field).value() else { continue };
        match DivisionCode::parse(&text) {
            Ok(code) if found.as_ref().is_some_and(|f| *f != code) => reader.report(Violation::new(
                field,
                "code_fixed",
                format!("{}与已有的代码不一致：{code}", named(field)),
                format!("{field} {code} differs from the code that is there"),
            )),
            Ok(code) => found = Some(code),
            Err(violation) => reader.report(Violation { field: field.to_owned(), ..violation }),
        }
    }
    if found.is_none() && !reader.violations.iter().any(|v| v.field == "code" || v.field == "id") {
        reader.report(Violation::missing("code"));
    }
    found
}

fn read_area(reader: &mut Reader<'_>) -> Given<Footprint> {
    let value = match reader.raw("geometry") {
        Given::Absent => return Given::Absent,
        Given::Null => return Given::Null,
        Given::Value(value) => value,
    };
    match geometry::parse(value, &Crs::WGS84).map(|parsed| parsed.shape) {
        Ok(Shape::Area(area)) => {
            checked_area(reader, area, LIMITS.division_vertices).map_or(Given::Absent, Given::Value)
        }
        Ok(Shape::Point(_)) => {
            reader.report(Violation::new(
                "geometry",
                "geometry_type",
                "行政区划的范围应为 Polygon 或 MultiPolygon",
                "the area of a division must be a Polygon or MultiPolygon",
            ));
            Given::Absent
        }
        Err(violation) => {
            reader.report(violation);
            Given::Absent
        }
    }
}
