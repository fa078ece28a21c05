//! Saved mappings of columns: what a bureau confirmed once for its own spreadsheet and need not confirm again.
//!
//! Invariant: anybody who imports may make one, but only its maker or a steward changes it or takes it away, and only from
//! the version that was looked at: others rely on what they saw.

use super::super::{App, Error};
use super::refused;
use crate::domain::{Actor, Denial, Right, Role, Violation, may};
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
    /// Who made it.
    #[serde(default)]
    pub by: String,
    /// Its version; the store keeps it beside.
    #[serde(default)]
    pub version: u64,
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

/// Saves a mapping: a new one, or one in place of a version that the actor looked at and may change.
pub async fn put_mapping(app: &App, actor: &Actor, mut mapping: Mapping, seen: Expected) -> Result<Mapping, Error> {
    may(actor, Right::Import).map_err(refused)?;
    check(&mapping).map_err(Error::Invalid)?;
    let (by, expected) = match (self::mapping(app, &mapping.name).await?, seen) {
        (None, Expected::New | Expected::Any) => {
            check_room(app).await?;
            (actor.name.clone(), Expected::New)
        }
        (None, Expected::At(_)) => return Err(Error::not_found(mapping.name)),
        (Some(there), Expected::New) => return Err(Error::Outdated { current: there.version }),
        (Some(there), seen) => {
            let version = may_change(actor, &there, seen)?;
            (there.by, Expected::At(version))
        }
    };
    mapping.by = by;
    let kept = Mapping { name: String::new(), version: 0, ..mapping.clone() };
    let record = Record {
        kind: RecordKind::Mapping,
        key: mapping.name.clone(),
        version: 0,
        at: app.now(),
        doc: serde_json::to_string(&kept).map_err(Error::internal)?,
        blob: None,
    };
    mapping.version = app.store.put_record(&record, expected).await?;
    Ok(mapping)
}

/// Deletes a mapping that the actor looked at and may change.
pub async fn drop_mapping(app: &App, actor: &Actor, name: &str, seen: Expected) -> Result<(), Error> {
    may(actor, Right::Import).map_err(refused)?;
    let there = mapping(app, name).await?.ok_or_else(|| Error::not_found(name))?;
    may_change(actor, &there, seen)?;
    app.store.drop_record(RecordKind::Mapping, name).await?;
    Ok(())
}

/// Returns the version at which the actor may change a mapping.
fn may_change(actor: &Actor, there: &Mapping, seen: Expected) -> Result<u64, Error> {
    if there.by != actor.name && !matches!(actor.role, Role::Steward | Role::Admin) {
        let by = &there.by;
        return Err(Error::Denied(Denial {
            missing: "steward",
            zh: format!("没有权限：列对应“{}”由 {by} 保存，只有本人或数据管理员可以改动；请另存一个名称", there.name),
            en: format!(
                "not permitted: the mapping `{}` was made by {by}; only they or a `steward` may change it: save yours under another name",
                there.name
            ),
        }));
    }
    match seen {
        Expected::At(version) if version != there.version => Err(Error::Outdated { current: there.version }),
        _ => Ok(there.version),
    }
}

async fn check_room(app: &App) -> Result<(), Error> {
    if app.store.records(RecordKind::Mapping, "", "", MAPPINGS_MAX).await?.len() < MAPPINGS_MAX {
        return Ok(());
    }
    Err(Error::TooLarge {
        zh: format!("最多保存 {MAPPINGS_MAX} 个列对应，请先删除不用的"),
        en: format!("at most {MAPPINGS_MAX} mappings are kept: delete some first"),
    })
}

fn read(record: Record) -> Result<Mapping, Error> {
    let mapping: Mapping = serde_json::from_str(&record.doc).map_err(Error::internal)?;
    Ok(Mapping { name: record.key, version: record.version, ..mapping })
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
