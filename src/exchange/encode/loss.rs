//! What a file could not carry, said in the file or beside it, so that nobody takes a copy for the whole.
//!
//! Invariant: a loss says what is missing and of how many rows; a file without losses gives the same records back.

use super::rows::Rows;
use super::{FileFormat, Item};
use crate::domain::{Audience, Field};

/// One thing that the file does not carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// One Chinese sentence.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Loss {
    /// Builds a loss from its two sentences.
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// Both sentences, Chinese first.
    pub fn both(&self) -> String {
        format!("{} / {}", self.zh, self.en)
    }
}

/// Counts what happens to rows while they are written, and says it once.
#[derive(Debug, Default)]
pub(super) struct Losses {
    told: Vec<(&'static str, String, String, usize)>,
}

impl Losses {
    /// Notes that something of one row, in the field named, is lost.
    pub(super) fn note(&mut self, reason: &'static str, field: &str, (zh, en): (&str, &str)) {
        match self.told.iter_mut().find(|(r, f, ..)| *r == reason && f == field) {
            Some((.., rows)) => *rows += 1,
            None => {
                let said = if field.is_empty() { (zh.into(), en.into()) } else { named(field, zh, en) };
                self.told.push((reason, field.to_owned(), format!("{}\n{}", said.0, said.1), 1));
            }
        }
    }

    /// Returns the losses with their numbers of rows.
    pub(super) fn finish(self) -> Vec<Loss> {
        let said = |(_, _, text, rows): (_, _, String, usize)| {
            let (zh, en) = text.split_once('\n').unwrap_or_default();
            Loss::new(format!("{zh}（{rows} 行）"), format!("{en} ({rows} rows)"))
        };
        self.told.into_iter().map(said).collect()
    }
}

fn named(field: &str, zh: &str, en: &str) -> (String, String) {
    (format!("{field}：{zh}"), format!("{field}: {en}"))
}

/// Returns what any file of these rows leaves out, whatever its format.
pub(super) fn of_any_format(rows: &Rows<'_>) -> Vec<Loss> {
    let mut out = Vec::new();
    // Of what the public is not told, it is not told the loss either: a number that moves would tell.
    let told = |field: Field| rows.writing.audience == Audience::Staff || field != Field::Contacts;
    let finer = |item: &&Item<'_>| match item {
        Item::Resource(r) => r.observations.keys().any(|field| *field != Field::Record && told(*field)),
        Item::Division(_) | Item::Demand(_) => false,
    };
    let finer = rows.items().iter().filter(finer).count();
    if finer > 0 {
        out.push(Loss::new(
            format!("{finer} 行的部分字段另有更近的核验时间，文件只带整条记录的核验时间（observed_at）"),
            format!(
                "{finer} rows have fields seen at other times; the file carries the time of the record (observed_at)"
            ),
        ));
    }
    let crs = &rows.writing.crs;
    if !crs.is_native() {
        out.push(Loss::new(
            format!("坐标已由 WGS84 换算为 {}，换算误差小于 1 毫米；再导入时请声明同一坐标系", crs.word()),
            format!(
                "coordinates were converted from WGS84 to {}, to within 1 mm; import with the same one declared",
                crs.word()
            ),
        ));
    }
    let nowhere = rows.items().iter().filter(|i| i.position().is_none() && i.area().is_none()).count();
    let left_out = matches!(rows.writing.format, FileFormat::Shapefile | FileFormat::FlatGeobuf | FileFormat::Gpx);
    if nowhere > 0 && left_out {
        out.push(Loss::new(
            format!("{nowhere} 行没有位置，该格式不能写出，已略去"),
            format!("{nowhere} rows have no position, which this format can not write: they are left out"),
        ));
    }
    out
}
