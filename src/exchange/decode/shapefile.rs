//! A zip of shapefiles → features, one layer for each .shp.
//!
//! Names of parts are matched without regard to case and folder-wise. Invariants: shapes and records go together by their
//! order, and a file in which their numbers differ is refused; only the parts of the layer that is read are unpacked.

use super::archive::{Archive, is_litter};
use super::dbf::{Dbf, Row};
use super::shp::{Record, Records};
use super::sink::{Head, Item, Kind, Sink};
use super::{Known, Layered, wkt};
use crate::domain::Violation;
use crate::exchange::DecodeError;
use crate::exchange::assemble::{Cell, Outline};
use serde_json::Value;

/// Largest .shp or .dbf, unpacked, bytes.
const PART_MAX: u64 = 512 << 20;
/// Largest .prj or .cpg, bytes.
const TEXT_MAX: u64 = 64 << 10;

const CUT: &str = "字段宽度截断了文字，残缺的最后一个字已去掉 / a text was cut by the width of its column; the broken last character was dropped";

/// An open zip.
pub(super) struct Layers<'a> {
    archive: Archive<'a>,
    /// Paths without their ending.
    stems: Vec<String>,
}

/// Opens a zip of shapefiles.
pub(super) fn open(bytes: &[u8]) -> Result<Layers<'_>, DecodeError> {
    let archive = Archive::open(bytes)?;
    let shapes = archive.names.iter().filter(|name| !is_litter(name) && name.to_ascii_lowercase().ends_with(".shp"));
    let stems = shapes.map(|name| name[..name.len() - 4].to_owned()).collect();
    Ok(Layers { archive, stems })
}

impl Layers<'_> {
    fn part(&mut self, stem: &str, ending: &str, limit: u64) -> Result<Option<Vec<u8>>, DecodeError> {
        let wanted = format!("{stem}{ending}").to_lowercase();
        let double = format!("{stem}.shp{ending}").to_lowercase();
        let at = self.archive.names.iter().position(|name| [&wanted, &double].contains(&&name.to_lowercase()));
        at.map(|index| self.archive.unpack(index, limit)).transpose()
    }
}

impl Layered for Layers<'_> {
    fn layers(&self) -> Vec<(String, bool)> {
        let last = |stem: &String| stem.rsplit('/').next().unwrap_or_default().to_owned();
        let names: Vec<String> = self.stems.iter().map(last).collect();
        let is_twice = |name: &String| names.iter().filter(|n| *n == name).count() > 1;
        let name = |(name, stem): (&String, &String)| if is_twice(name) { stem.clone() } else { name.clone() };
        names.iter().zip(&self.stems).map(|pair| (name(pair), false)).collect()
    }

    fn read(&mut self, index: usize, _: Known<'_>, sink: &mut dyn Sink) -> Result<(), DecodeError> {
        let stem = self.stems.get(index).cloned().unwrap_or_default();
        let shp = self.part(&stem, ".shp", PART_MAX)?.unwrap_or_default();
        let dbf = self.part(&stem, ".dbf", PART_MAX)?;
        let text = |bytes: Option<Vec<u8>>| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let prj = text(self.part(&stem, ".prj", TEXT_MAX)?).filter(|prj| !prj.trim().is_empty());
        let cpg = text(self.part(&stem, ".cpg", TEXT_MAX)?);
        let mut shapes = Records::open(&shp)?;
        let mut rows = dbf.as_deref().map(|bytes| Dbf::open(bytes, cpg.as_deref())).transpose()?;
        let headers = rows.as_ref().map(|rows| rows.headers.clone()).unwrap_or_default();
        sink.begin(Head {
            headers: headers.clone(),
            kind: Kind::Features,
            encoding: rows.as_ref().map(|rows| rows.encoding.name().to_owned()),
            crs: prj.as_deref().map(wkt::of_wkt),
        })?;
        tell(sink, rows.as_ref(), prj.is_none());
        let mut number = 0;
        while let Some(shape) = shapes.next()? {
            number += 1;
            let row = match &mut rows {
                Some(rows) => Some(rows.next().ok_or_else(|| mismatch(number))?),
                None => None,
            };
            give(sink, number, shape, row, &headers)?;
        }
        match rows.map_or(0, |rows| rows.len()) {
            0 => Ok(()),
            left => Err(mismatch(number + left)),
        }
    }
}

fn tell(sink: &mut dyn Sink, rows: Option<&Dbf<'_>>, has_no_prj: bool) {
    if has_no_prj {
        sink.note("没有 .prj，坐标系按声明读取 / there is no .prj; coordinates were read as declared".to_owned());
    }
    match rows {
        None => sink.note("没有 .dbf，只读取了图形 / there is no .dbf; only shapes were read".to_owned()),
        Some(rows) if rows.cpg_is_wrong => {
            let name = rows.encoding.name();
            sink.note(format!(
                ".cpg 与内容不符，按 {name} 读取 / the .cpg does not fit the contents, which were read as {name}"
            ));
        }
        Some(_) => {}
    }
}

fn give(
    sink: &mut dyn Sink,
    number: usize,
    shape: Record,
    row: Option<Row>,
    headers: &[String],
) -> Result<(), DecodeError> {
    let row = row.unwrap_or(Row { is_deleted: false, values: Vec::new(), unreadable: Vec::new(), is_cut: false });
    let geometry = match shape {
        Record::Shape(geometry) => geometry,
        Record::Null => Value::Null,
    };
    let mut violations: Vec<Violation> =
        row.unreadable.iter().filter_map(|i| headers.get(*i)).map(|h| unreadable(h)).collect();
    if row.is_deleted {
        let (zh, en) = ("该记录在 .dbf 中标记为已删除", "the record is marked as deleted in the .dbf");
        violations.push(Violation::new("", "deleted_record", zh, en));
    }
    sink.item(Item {
        row: number,
        cells: row.values.iter().map(|value| Cell::Json(Some(value))).collect(),
        outline: Some(Outline { geometry: Some(&geometry), id: None }),
        violations,
        notes: if row.is_cut { vec![CUT] } else { Vec::new() },
    })
}

fn unreadable(header: &str) -> Violation {
    Violation::new(
        "",
        "undecodable",
        format!("列“{header}”的文字编码无法识别，请附上正确的 .cpg"),
        format!("the text of column `{header}` is in no known encoding: add the right .cpg"),
    )
}

fn mismatch(number: usize) -> DecodeError {
    DecodeError::damaged(
        "Shapefile",
        format!(".shp 与 .dbf 的记录数不同 / .shp and .dbf differ in their records, at {number}"),
    )
}
