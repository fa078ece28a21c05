//! Demand points as flat documents: a position and a number of people.

use super::fields::fields_of;
use super::place::read_place;
use super::reader::{Given, Reader};
use super::resource::{add_unreported, read_division_code};
use super::write::text;
use crate::domain::{DemandId, DemandPoint, LonLat, Place, Population, Violation, named, validate_demand};
use crate::exchange::Target;
use serde_json::{Map, Value};

/// Reads a demand point; absent keeps what `base` has, null clears it. Code, position and population must be there:
/// a demand point of unknown population says nothing, and must not count as nobody.
pub fn read_demand(patch: &Map<String, Value>, base: Option<&DemandPoint>) -> Result<DemandPoint, Vec<Violation>> {
    let mut reader = Reader::new(patch);
    let allowed: Vec<&str> =
        fields_of(Target::Demand).map(|spec| spec.name).chain(["revision", "division_name"]).collect();
    reader.refuse_unknown(&allowed);
    let id = read_code(&mut reader, base.map(|b| &b.id));
    let place = read_place(&mut reader, base.map(|b| Place::point(b.position)).as_ref());
    if place.as_ref().is_some_and(|p| p.footprint.is_some()) {
        reader.report(Violation::new(
            "geometry",
            "geometry_type",
            "需求点应为 Point；面状人口请先转为点",
            "demand is given as a Point; turn areas into points first",
        ));
    }
    let population = read_population(&mut reader, base.map(|b| b.population));
    let mut point = base.cloned().unwrap_or_else(|| DemandPoint {
        id: DemandId(String::new()),
        position: LonLat::clamped(0.0, 0.0),
        population: Population::ZERO,
        division: None,
        source: None,
        synthetic: false,
    });
    point.id = id.unwrap_or(point.id);
    point.position = place.map_or(point.position, |p| p.position);
    point.population = population.unwrap_or(point.population);
    read_division_code(&mut reader, &mut point.division);
    reader.short_text("source").onto(&mut point.source);
    point.synthetic = reader.sure_flag("synthetic", point.synthetic);
    let mut out = reader.violations;
    add_unreported(&mut out, validate_demand(&point));
    if out.is_empty() { Ok(point) } else { Err(out) }
}

/// Writes a demand point.
pub fn write_demand(point: &DemandPoint) -> Map<String, Value> {
    let mut doc = Map::new();
    let mut put = |name: &str, value: Value| drop(doc.insert(name.to_owned(), value));
    put("id", point.id.0.as_str().into());
    put("code", point.id.0.as_str().into());
    put("lon", point.position.lon().into());
    put("lat", point.position.lat().into());
    put("population", number(point.population));
    put("division", point.division.as_ref().map(|d| d.as_str()).into());
    put("source", text(&point.source));
    put("synthetic", point.synthetic.into());
    doc
}

/// Whole on the wire when it is whole.
fn number(population: Population) -> Value {
    let people = population.as_f64();
    if people.fract() == 0.0 { Value::from(people as u64) } else { Value::from(people) }
}

/// Reads the code, given as `code` or `id`; both, and the base's, must be the same.
fn read_code(reader: &mut Reader<'_>, kept: Option<&DemandId>) -> Option<DemandId> {
    let mut found = kept.cloned();
    for field in ["code", "id"] {
        let Some(text) = reader.text(field).value() else { continue };
        if found.as_ref().is_some_and(|f| f.0 != text) {
            reader.report(Violation::new(
                field,
                "code_fixed",
                format!("{}与已有的编号不一致", named(field)),
                format!("{field} differs from the code that is there"),
            ));
        } else {
            found = Some(DemandId(text));
        }
    }
    found
}

fn read_population(reader: &mut Reader<'_>, kept: Option<Population>) -> Option<Population> {
    let given = match reader.number("population") {
        Given::Absent if kept.is_some() => return kept,
        Given::Value(number) => number,
        _ => {
            if !reader.violations.iter().any(|v| v.field == "population") {
                reader.report(Violation::missing("population"));
            }
            return None;
        }
    };
    let population = Population::from_f64(given);
    if population.is_none() {
        let range = format!("0…{}", Population::MAX_PER_POINT);
        reader.report(Violation::out_of_range("population", &given.to_string(), &range));
    }
    population
}
