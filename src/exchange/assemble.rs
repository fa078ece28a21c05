//! Cells or properties of one row → a draft: values read, coordinates brought to WGS84, a code found, repeats told.
//!
//! Invariant: a row becomes one draft whatever is wrong with it, and says all that is wrong.

use super::axes::Axes;
use super::columns::{Columns, Slot};
use super::document::{FieldSpec, write_declared};
use super::geometry::{self, Shape};
use super::value::{self, Reading};
use super::{Decoded, Draft, Target};
use crate::domain::{Crs, Declared, LIMITS, LonLat, Violation};
use crate::spatial::crs::{conversion, from_wgs84, to_wgs84};
use crate::spatial::shape::representative_point;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Fields that can not be null: a blank cell says nothing about them.
const NOT_NULL: &[&str] =
    &["id", "kind", "code", "name", "lifecycle", "visibility", "synthetic", "over_capacity", "capacity_quality"];

const HEIGHT_DROPPED: &str = "高程（第三个坐标）未读取 / heights (third numbers of positions) were not read";
const CODE_MADE: &str =
    "缺少编码的行按名称与位置生成编码（auto-…） / rows without a code got one made from name and position (auto-…)";
const AREA_SHIFTED: &str = "面的坐标已转换为 WGS84 / areas were shifted to WGS84";
const POINT_WINS: &str = "位置取自 geometry，不取经纬度列 / positions are read from geometry, not from columns";

/// What stands in one place of a row.
pub(super) enum Cell<'a> {
    /// A text.
    Text(&'a str),
    /// A JSON property; `None` when the feature does not have it.
    Json(Option<&'a Value>),
}

/// What a GeoJSON feature has beside its properties.
pub(super) struct Outline<'a> {
    /// Its geometry, which may be missing.
    pub(super) geometry: Option<&'a Value>,
    /// Its id, as text.
    pub(super) id: Option<String>,
}

/// Turns rows into drafts, one after the other.
pub(super) struct Assembler {
    columns: Columns,
    target: Target,
    crs: Crs,
    axes: Axes,
    conversion: Option<String>,
    codes: HashMap<String, usize>,
}

impl Assembler {
    pub(super) fn new(columns: Columns, target: Target, crs: Crs) -> Self {
        let (axes, conversion) = (Axes::of(&columns.report), conversion(&crs));
        Self { columns, target, crs, axes, conversion, codes: HashMap::new() }
    }

    /// Makes the draft of one row.
    pub(super) fn draft(&mut self, row: usize, cells: &[Cell<'_>], outline: Option<&Outline<'_>>) -> Draft {
        let mut draft = Draft { row, patch: Map::new(), raw: None, notes: Vec::new(), violations: Vec::new() };
        self.read_cells(cells, &mut draft);
        if let Some(outline) = outline {
            self.read_outline(outline, &mut draft);
        }
        self.place(&mut draft);
        self.name_and_code(&mut draft);
        draft
    }

    /// Puts the drafts together with what was found out about the file.
    pub(super) fn finish(self, drafts: Vec<Draft>, encoding: Option<String>) -> Decoded {
        Decoded { drafts, columns: self.columns.report, encoding, notes: self.columns.notes }
    }

    fn read_cells(&self, cells: &[Cell<'_>], draft: &mut Draft) {
        let mut hazards = Flags::default();
        let mut contact: Option<Map<String, Value>> = None;
        let mut derived = false;
        for ((slot, cell), (header, _)) in self.columns.slots.iter().zip(cells).zip(&self.columns.report) {
            match slot {
                Slot::Skip => {}
                Slot::Hazard(hazard) => hazards.add(hazard.word(), header, cell, &mut draft.violations),
                Slot::Contact(part) => {
                    let parts = contact.get_or_insert_default();
                    parts.extend(text_of(cell).map(|text| ((*part).to_owned(), text)));
                }
                Slot::Field(spec) => {
                    let Some(reading) = read(spec, header, cell, draft) else { continue };
                    derived |= reading.derived && spec.name == "capacity";
                    draft.notes.extend(reading.note.map(str::to_owned));
                    if !(reading.value.is_null() && self.says_nothing(spec)) {
                        draft.patch.insert(spec.name.to_owned(), reading.value);
                    }
                }
            }
        }
        if derived {
            draft.patch.entry("capacity_quality").or_insert_with(|| "derived".into());
        }
        if let Some(words) = hazards.words() {
            draft.patch.entry("hazards").or_insert(words);
        }
        if let Some(parts) = contact {
            draft.patch.entry("contacts").or_insert_with(|| value::contact_of(&parts));
        }
    }

    /// Returns whether null has no meaning for the field. The level of a division is told by its code.
    fn says_nothing(&self, spec: &FieldSpec) -> bool {
        NOT_NULL.contains(&spec.name) || (spec.name == "level" && self.target == Target::Division)
    }

    fn read_outline(&self, outline: &Outline<'_>, draft: &mut Draft) {
        if let Some(id) = &outline.id
            && !draft.patch.contains_key("code")
        {
            draft.patch.insert("code".to_owned(), id.as_str().into());
        }
        match outline.geometry {
            Some(geometry) if !geometry.is_null() => drop(draft.patch.insert("geometry".to_owned(), geometry.clone())),
            _ if self.target == Target::Division => drop(draft.patch.insert("geometry".to_owned(), Value::Null)),
            _ => draft.violations.push(Violation::new(
                "geometry",
                "missing",
                "要素没有几何（geometry 为空），无法确定位置",
                "the feature has no geometry, so it has no position",
            )),
        }
    }

    /// Brings every coordinate of the row to WGS84, and keeps the numbers as declared where they were others.
    fn place(&self, draft: &mut Draft) {
        let shifts = !self.crs.is_native();
        let mut given = self.own_numbers(draft);
        match draft.patch.get("geometry").filter(|g| !g.is_null()).map(|g| geometry::parse(g, &self.crs)) {
            None => {}
            Some(Err(violation)) => {
                draft.raw = draft.raw.or_else(|| first_numbers(draft.patch.get("geometry")?.get("coordinates")?));
                draft.violations.push(violation);
                draft.patch.remove("geometry");
            }
            Some(Ok(parsed)) => {
                if parsed.dropped_height {
                    draft.notes.push(HEIGHT_DROPPED.to_owned());
                }
                match &parsed.shape {
                    Shape::Point(_) => {
                        let own = point_numbers(draft.patch.get("geometry"));
                        if given.is_some() && given != own {
                            draft.notes.push(POINT_WINS.to_owned());
                        }
                        given = own;
                    }
                    Shape::Area(area) => {
                        if shifts {
                            draft.notes.push(AREA_SHIFTED.to_owned());
                        }
                        // An area of too many vertices is refused for that; it is not looked into before.
                        let vertices: usize = area.iter().map(|part| part.exterior().0.len()).sum();
                        let few = vertices <= LIMITS.vertices || self.target == Target::Division;
                        let inside = if few { representative_point(area) } else { None };
                        let inside = inside.map(|p| from_wgs84(&self.crs, p));
                        draft.raw = draft.raw.or(inside.filter(|(first, _)| first.is_finite()));
                    }
                }
                draft.patch.insert("geometry".to_owned(), geometry::write(&parsed.shape));
            }
        }
        if let Some(given) = given {
            draft.raw = Some(given);
            match to_wgs84(&self.crs, given.0, given.1) {
                Ok(position) => self.put_position(given, position, &mut draft.patch),
                Err(violation) => draft.violations.push(violation),
            }
        }
        if shifts && let Some(current) = draft.patch.get_mut("current").and_then(Value::as_object_mut) {
            let shifted = numbers(current).and_then(|(lon, lat)| to_wgs84(&self.crs, lon, lat).ok());
            if let Some(seen) = shifted {
                current.insert("lon".to_owned(), seen.lon().into());
                current.insert("lat".to_owned(), seen.lat().into());
            }
        }
    }

    /// Returns the numbers of the columns of position, in the order of the system.
    fn own_numbers(&self, draft: &mut Draft) -> Option<(f64, f64)> {
        let Some(given) = numbers(&draft.patch) else {
            refuse_half(draft);
            return None;
        };
        match self.axes.settle(&self.crs, given) {
            Ok((settled, note)) => {
                draft.notes.extend(note.map(str::to_owned));
                Some(settled)
            }
            Err(violation) => {
                draft.violations.push(violation);
                draft.raw = Some(given);
                None
            }
        }
    }

    fn put_position(&self, (first, second): (f64, f64), position: LonLat, patch: &mut Map<String, Value>) {
        if self.target == Target::Division {
            // A division is an area, and has no columns for a point.
            return;
        }
        patch.insert("lon".to_owned(), position.lon().into());
        patch.insert("lat".to_owned(), position.lat().into());
        if !self.crs.is_native() && matches!(self.target, Target::Resource(_)) {
            let conversion = self.conversion.clone();
            let told = Declared { crs: self.crs.clone(), first, second, conversion };
            patch.insert("declared".to_owned(), write_declared(&told));
        }
    }

    fn name_and_code(&mut self, draft: &mut Draft) {
        let text = |draft: &Draft, name: &str| draft.patch.get(name).and_then(Value::as_str).map(str::to_owned);
        let name = text(draft, "name");
        if name.is_none() && self.target != Target::Demand && !draft.violations.iter().any(|v| v.field == "name") {
            draft.violations.push(Violation::missing("name"));
        }
        let given = text(draft, "code").or_else(|| match self.target {
            // A demand point and a division are called by their code alone.
            Target::Demand | Target::Division => text(draft, "id"),
            Target::Resource(_) => None,
        });
        let code = match given {
            Some(code) => code,
            None if self.target == Target::Division => {
                draft.violations.push(Violation::missing("code"));
                return;
            }
            None => {
                let made = made_code(name.as_deref().unwrap_or_default(), &draft.patch);
                draft.patch.insert("code".to_owned(), made.as_str().into());
                draft.notes.push(CODE_MADE.to_owned());
                made
            }
        };
        match self.codes.get(&code) {
            None => drop(self.codes.insert(code, draft.row)),
            Some(first) => draft.violations.push(Violation::new(
                "code",
                "duplicate_code",
                format!("编码与第 {first} 行重复"),
                format!("the code repeats that of row {first}"),
            )),
        }
    }
}

/// Refuses one number of a position without the other: it could be brought to WGS84 by nothing, and would be put together
/// with the other number of the place that stands.
fn refuse_half(draft: &mut Draft) {
    let told = |draft: &Draft, name: &str| draft.patch.get(name).is_some_and(Value::is_number);
    for (name, other) in [("lon", "lat"), ("lat", "lon")] {
        if told(draft, other) && !draft.violations.iter().any(|v| v.field == name) {
            draft.violations.push(Violation::missing(name));
        }
    }
}

fn read(spec: &'static FieldSpec, header: &str, cell: &Cell<'_>, draft: &mut Draft) -> Option<Reading> {
    let read = match cell {
        Cell::Text(text) => value::read_cell(spec, header, text),
        Cell::Json(None) => return None,
        Cell::Json(Some(property)) => value::read_property(spec, header, property),
    };
    read.map_err(|violation| draft.violations.push(violation)).ok()
}

fn text_of(cell: &Cell<'_>) -> Option<Value> {
    match cell {
        Cell::Text(text) => Some(Value::from(text.trim())),
        Cell::Json(Some(Value::String(text))) => Some(Value::from(text.trim())),
        Cell::Json(Some(Value::Number(n))) => Some(Value::from(n.to_string())),
        Cell::Json(_) => None,
    }
}

/// Hazards told by a column each. Blank says nothing; a row of which no flag is set at all leaves hazards unknown.
#[derive(Default)]
struct Flags {
    columns: usize,
    told: usize,
    set: Vec<&'static str>,
}

impl Flags {
    fn add(&mut self, hazard: &'static str, header: &str, cell: &Cell<'_>, out: &mut Vec<Violation>) {
        self.columns += 1;
        let flag = match cell {
            Cell::Json(Some(Value::Bool(flag))) => Some(*flag),
            cell => match text_of(cell) {
                Some(Value::String(text)) if !text.is_empty() => match value::flag_of(&text) {
                    None if !value::says_unknown(&text) => {
                        out.push(Violation::new(
                            "hazards",
                            "not_a_flag",
                            format!("列“{header}”应为是/否（1、○ 或留空）"),
                            format!("column `{header}` must say yes or no (1, ○ or blank)"),
                        ));
                        None
                    }
                    flag => flag,
                },
                _ => None,
            },
        };
        self.told += usize::from(flag.is_some());
        if flag == Some(true) && !self.set.contains(&hazard) {
            self.set.push(hazard);
        }
    }

    fn words(&self) -> Option<Value> {
        match (self.columns, self.told) {
            (0, _) => None,
            (_, 0) => Some(Value::Null),
            _ => Some(json!(self.set)),
        }
    }
}

fn numbers(object: &Map<String, Value>) -> Option<(f64, f64)> {
    Some((object.get("lon")?.as_f64()?, object.get("lat")?.as_f64()?))
}

fn point_numbers(geometry: Option<&Value>) -> Option<(f64, f64)> {
    let numbers = geometry?.get("coordinates")?;
    Some((numbers.get(0)?.as_f64()?, numbers.get(1)?.as_f64()?))
}

/// Returns the first two numbers in nested lists of them.
fn first_numbers(coordinates: &Value) -> Option<(f64, f64)> {
    let list = coordinates.as_array()?;
    match list.first()? {
        Value::Array(_) => first_numbers(list.first()?),
        first => Some((first.as_f64()?, list.get(1)?.as_f64()?)),
    }
}

/// Makes a code that the same name and position (to a decimetre) always give again.
fn made_code(name: &str, patch: &Map<String, Value>) -> String {
    let place = match numbers(patch) {
        Some((lon, lat)) => format!("{lon:.6},{lat:.6}"),
        None => patch.get("geometry").filter(|g| !g.is_null()).map(Value::to_string).unwrap_or_default(),
    };
    let hash = Sha256::digest(format!("{name}\n{place}"));
    let hex: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{MADE}{hex}")
}

/// How made codes begin.
const MADE: &str = "auto-";

/// Returns whether a code was made for want of one.
pub fn is_made_code(code: &str) -> bool {
    code.strip_prefix(MADE).is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}
