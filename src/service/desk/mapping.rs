//! Saved mappings of columns: what a bureau confirmed once for its own spreadsheet and need not confirm again.

use super::super::{App, Error};
use super::refused;
use crate::domain::{Actor, Right, Violation, may};
use crate::exchange::Target;
use crate::store::{Expected, Record, RecordKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most mappings that are kept.
pub const MAPPINGS_MAX: usize = 500;

/// Most columns of a mapping.
pub const COLUMNS_MAX: usize = 500;

/// Longest name of a mapping or header, characters.
pub const TEXT_MAX: usize = 100;

/// A saved mapping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// Its name; empty in the store, where the key has it.
    #[serde(default)]
    pub name: String,
    /// Word of what the rows are.
    pub kind: String,
    /// Word of the coordinate system, where the bureau's files always have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datum: Option<String>,
    /// Header → the field it is read as, or nothing not to read it.
    pub columns: BTreeMap<String, Option<String>>,
    /// Who saved it.
    #[serde(default)]
    pub by: String,
}

/// Lists the saved mappings in order of name.
pub async fn mappings(app: &App, actor: &Actor) -> Result<Vec<Mapping>, Error> {
    may(actor, Right::Import).map_err(refused)?;
    let records = app.store.records(RecordKind::Mapping, "", "", MAPPINGS_MAX).await?;
    records.into_iter().map(read).collect()
}

/// Returns one mapping.
pub async fn mapping(app: &App, name: &str) -> Result<Option<Mapping>, Error> {
    app.store.record(RecordKind::Mapping, name).await?.map(read).transpose()
}

/// Saves a mapping, in place of the one of its name.
pub async fn put_mapping(app: &App, actor: &Actor, mut mapping: Mapping) -> Result<Mapping, Error> {
    may(actor, Right::Import).map_err(refused)?;
    check(&mapping).map_err(Error::Invalid)?;
    let there = app.store.records(RecordKind::Mapping, "", "", MAPPINGS_MAX).await?;
    if there.len() >= MAPPINGS_MAX && there.iter().all(|record| record.key != mapping.name) {
        return Err(Error::TooLarge {
            zh: format!("最多保存 {MAPPINGS_MAX} 个列对应，请先删除不用的"),
            en: format!("at most {MAPPINGS_MAX} mappings are kept: delete some first"),
        });
    }
    mapping.by = actor.name.clone();
    let kept = Mapping { name: String::new(), ..mapping.clone() };
    let record = Record {
        kind: RecordKind::Mapping,
        key: mapping.name.clone(),
        version: 0,
        at: app.now(),
        doc: serde_json::to_string(&kept).map_err(Error::internal)?,
        blob: None,
    };
    app.store.put_record(&record, Expected::Any).await?;
    Ok(mapping)
}

/// Deletes a mapping.
pub async fn drop_mapping(app: &App, actor: &Actor, name: &str) -> Result<(), Error> {
    may(actor, Right::Import).map_err(refused)?;
    let there = app.store.drop_record(RecordKind::Mapping, name).await?;
    if there { Ok(()) } else { Err(Error::not_found(name)) }
}

fn read(record: Record) -> Result<Mapping, Error> {
    let mapping: Mapping = serde_json::from_str(&record.doc).map_err(Error::internal)?;
    Ok(Mapping { name: record.key, ..mapping })
}

fn check(mapping: &Mapping) -> Result<(), Vec<Violation>> {
    let mut out = Vec::new();
    let fits =
        |text: &str| (1..=TEXT_MAX).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control);
    if !fits(&mapping.name) {
        out.push(bad("name", format!("名称应为 1–{TEXT_MAX} 个字符"), format!("a name takes 1–{TEXT_MAX} characters")));
    }
    if Target::from_word(&mapping.kind).is_none() {
        out.push(Violation::not_a_choice("kind", &mapping.kind, &Target::choices()));
    }
    let columns = &mapping.columns;
    if !(1..=COLUMNS_MAX).contains(&columns.len()) || !columns.keys().all(|header| fits(header)) {
        out.push(bad(
            "columns",
            format!("应有 1–{COLUMNS_MAX} 列，列名为 1–{TEXT_MAX} 个字符"),
            format!("1–{COLUMNS_MAX} columns, each header of 1–{TEXT_MAX} characters"),
        ));
    }
    if let Some(target) = Target::from_word(&mapping.kind) {
        for (header, field) in columns.iter().filter_map(|(header, field)| Some((header, field.as_ref()?))) {
            if !super::fields::is_field(target, field) {
                let shown: String = field.chars().take(60).collect();
                out.push(bad(
                    "columns",
                    format!("列“{header}”对应的字段 {shown} 不存在，可用字段见 /api/fields"),
                    format!("column `{header}`: there is no field `{shown}`; /api/fields lists them"),
                ));
            }
        }
    }
    if out.is_empty() { Ok(()) } else { Err(out) }
}

fn bad(field: &str, zh: String, en: String) -> Violation {
    Violation::new(field, "bad_mapping", zh, en)
}
