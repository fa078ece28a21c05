//! Shapefiles, zipped: one of points and one of areas (a shapefile holds one type of shape), each with `.prj` and `.cpg`,
//! and a `README.txt` that says what ten-byte names and 254-byte texts had to leave out.
//!
//! Invariants: texts are UTF-8 and never cut inside a character; half an object is no object, so JSON that does not fit is
//! left out whole; everything left out is named in the README and told to the caller.

use super::dbf::{self, Column};
use super::loss::Losses;
use super::rows::{Outline, Row, Rows};
use super::{EncodeError, FileFormat, Loss, cell, crs_text};
use crate::exchange::document::{Form, label_of};
use ::shapefile::record::polygon::GenericPolygon;
use ::shapefile::{Point, PolygonRing, ShapeWriter};
use geo_types::{LineString, MultiPolygon};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Names longer than the ten bytes that a dBASE field may have, and what stands for them. The importer knows them by
/// `data/reference/columns.json`.
const SHORT: &[(&str, &str)] = &[
    ("administration_department", "admin_dept"),
    ("management_unit", "mgmt_unit"),
    ("operation_unit", "oper_unit"),
    ("capacity_quality", "cap_qual"),
    ("over_capacity", "over_cap"),
    ("legacy_class", "legacy_cl"),
    ("capabilities", "capab"),
    ("observed_at", "observ_at"),
];

/// Largest text of a field, bytes.
const TEXT_MAX: usize = 254;

/// Returns the name in ten bytes.
fn short_name(name: &'static str) -> &'static str {
    SHORT.iter().find(|(full, _)| *full == name).map_or(name, |(_, short)| short)
}

/// Which of the two files a row goes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Points,
    Areas,
}

impl Part {
    const fn word(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::Areas => "areas",
        }
    }

    fn of(row: &Row) -> Option<Self> {
        match row.outline {
            Outline::Nowhere => None,
            Outline::Point(_) => Some(Self::Points),
            Outline::Area(_) => Some(Self::Areas),
        }
    }
}

pub(super) fn write(rows: &Rows<'_>, mut losses: Vec<Loss>) -> Result<(Vec<u8>, Vec<Loss>), EncodeError> {
    let failed = EncodeError::of(FileFormat::Shapefile);
    let mut zip = Archive { zip: ZipWriter::new(Cursor::new(Vec::new())) };
    let mut told = Losses::default();
    // Areas come second and points first, and an export of nothing is an empty file of points.
    let areas = rows.iter().any(|row| Part::of(&row) == Some(Part::Areas));
    let points = !areas || rows.iter().any(|row| Part::of(&row) == Some(Part::Points));
    for part in [Part::Points, Part::Areas] {
        if (part == Part::Points && points) || (part == Part::Areas && areas) {
            add(&mut zip, rows, part, &mut told)?;
        }
    }
    losses.extend(told.finish());
    zip.file("README.txt", readme(rows, &losses).as_bytes())?;
    let bytes = zip.zip.finish().map_err(|error| failed(&error))?.into_inner();
    Ok((bytes, losses))
}

struct Archive {
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Archive {
    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), EncodeError> {
        let failed = EncodeError::of(FileFormat::Shapefile);
        self.zip.start_file(name, SimpleFileOptions::default()).map_err(|error| failed(&error))?;
        self.zip.write_all(bytes).map_err(|error| failed(&error))
    }
}

/// Returns the name of one of the two, with that of a system which programs do not know.
fn stem(rows: &Rows<'_>, part: Part) -> String {
    let crs = &rows.writing.crs;
    let stem = format!("{}_{}", rows.writing.target.layer(), part.word());
    if crs_text::epsg(crs).is_some() { stem } else { format!("{stem}_{}", crs_text::short(crs).replace(':', "_")) }
}

fn add(zip: &mut Archive, rows: &Rows<'_>, part: Part, told: &mut Losses) -> Result<(), EncodeError> {
    let failed = EncodeError::of(FileFormat::Shapefile);
    let (mut shp, mut shx) = (Vec::new(), Vec::new());
    let mut count = 0;
    {
        let mut shapes = ShapeWriter::with_shx(Cursor::new(&mut shp), Cursor::new(&mut shx));
        for row in rows.iter().filter(|row| Part::of(row) == Some(part)) {
            count += 1;
            let written = match &row.outline {
                Outline::Point(at) => shapes.write_shape(&Point::new(at.x, at.y)),
                Outline::Area(area) => shapes.write_shape(&polygon(area)),
                Outline::Nowhere => Ok(()),
            };
            written.map_err(|error| failed(&error))?;
        }
        shapes.finalize().map_err(|error| failed(&error))?;
    }
    if count == 0 {
        // A file of no points is one of points; the writer knows the type by the first shape only.
        (shp, shx) = (empty_of_points(), empty_of_points());
    }
    let stem = stem(rows, part);
    zip.file(&format!("{stem}.shp"), &shp)?;
    zip.file(&format!("{stem}.shx"), &shx)?;
    zip.file(&format!("{stem}.dbf"), &table(rows, part, told))?;
    zip.file(&format!("{stem}.prj"), crs_text::wkt(&rows.writing.crs).as_bytes())?;
    zip.file(&format!("{stem}.cpg"), b"UTF-8")
}

/// The header of a main or index file without records (Esri white paper 1998, table 1): file code, length in 16-bit words,
/// version, shape type 1, an empty box.
fn empty_of_points() -> Vec<u8> {
    let mut out = vec![0; 100];
    out[..4].copy_from_slice(&9994_i32.to_be_bytes());
    out[24..28].copy_from_slice(&50_i32.to_be_bytes());
    out[28..32].copy_from_slice(&1000_i32.to_le_bytes());
    out[32..36].copy_from_slice(&1_i32.to_le_bytes());
    out
}

fn polygon(area: &MultiPolygon<f64>) -> GenericPolygon<Point> {
    let points = |ring: &LineString<f64>| ring.0.iter().map(|c| Point::new(c.x, c.y)).collect::<Vec<_>>();
    // The format wants exteriors clockwise, and the writer turns them.
    let rings = area.0.iter().flat_map(|part| {
        let outer = PolygonRing::Outer(points(part.exterior()));
        std::iter::once(outer).chain(part.interiors().iter().map(move |hole| PolygonRing::Inner(points(hole))))
    });
    GenericPolygon::with_rings(rings.collect())
}

fn table(rows: &Rows<'_>, part: Part, told: &mut Losses) -> Vec<u8> {
    let of_part = || rows.iter().filter(move |row| Part::of(row) == Some(part));
    let mut columns: Vec<Column> = rows
        .columns
        .iter()
        .map(|spec| match spec.form {
            Form::Flag => Column::logical(short_name(spec.name)),
            Form::Whole => Column::whole(short_name(spec.name)),
            Form::Number => Column::number(short_name(spec.name)),
            _ => Column::text(short_name(spec.name)),
        })
        .collect();
    // Texts get the room that they need: a file of a hundred thousand rows of 254 blanks helps nobody.
    for row in of_part() {
        for (column, text) in columns.iter_mut().zip(texts(rows, &row, &mut Losses::default())) {
            column.make_room(text.as_deref().map_or(0, str::len));
        }
    }
    let records = of_part().map(|row| texts(rows, &row, told));
    dbf::write(&columns, rows.writing.made.at, records)
}

/// Returns the values of a row as dBASE has them; `None` is null.
fn texts(rows: &Rows<'_>, row: &Row, told: &mut Losses) -> Vec<Option<String>> {
    let values = rows.columns.iter().zip(&row.values);
    values
        .map(|(spec, value)| match (spec.form, value) {
            (_, Value::Null) => None,
            (Form::Flag, Value::Bool(flag)) => Some(if *flag { "T" } else { "F" }.to_owned()),
            (form, value) => {
                let text = cell::text(value, form)?;
                fitting(spec.name, text, form, told)
            }
        })
        .collect()
}

fn fitting(name: &str, text: String, form: Form, told: &mut Losses) -> Option<String> {
    if text.len() <= TEXT_MAX {
        return Some(text);
    }
    if matches!(form, Form::Nested | Form::Words) {
        let said = ("清单超过 254 字节，未写出", "the list is longer than 254 bytes and is left out");
        told.note("list", name, said);
        return None;
    }
    told.note(
        "text",
        name,
        ("文字超过 254 字节，在字符处截断", "the text is longer than 254 bytes and is cut at a character"),
    );
    Some(fits_shapefile(&text).to_owned())
}

/// Returns what a field of a Shapefile holds of a text: at most 254 bytes, cut at a character.
pub fn fits_shapefile(text: &str) -> &str {
    let end = (0..=TEXT_MAX.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

fn readme(rows: &Rows<'_>, losses: &[Loss]) -> String {
    let (target, made) = (rows.writing.target, &rows.writing.made);
    let (zh, en) = cell::datum_note(&rows.writing.crs);
    let mut out = format!(
        "\u{feff}{} / {}\r\n{} 行 / rows；修订 / revision {}；{}（北京时间 / Beijing time）\r\n{zh} / {en}\r\n编码 / encoding: UTF-8\r\n",
        target.zh(),
        target.en(),
        rows.len(),
        made.revision,
        made.in_shanghai(),
    );
    out.push_str("\r\n未能写出的内容 / What is left out:\r\n");
    if losses.is_empty() {
        out.push_str("  无 / nothing\r\n");
    }
    for loss in losses {
        let _ = write!(out, "  {}\r\n", loss.both());
    }
    out.push_str("\r\n字段 / Fields（dbf 字段名 = 全名：中文名 / English name）:\r\n");
    for spec in &rows.columns {
        let label = label_of(spec.name);
        let unit = if label.unit.is_empty() { String::new() } else { format!("（{}）", label.unit) };
        let _ = write!(out, "  {} = {}: {}{unit} / {}\r\n", short_name(spec.name), spec.name, label.zh, label.en);
    }
    out
}
