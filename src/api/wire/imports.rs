//! Imports on the wire: what was found in a file, how it is to be read, how far it has come.

use crate::domain::{Crs, Violation};
use crate::exchange::{Layer, Target, proposed};
use crate::service::datum::DatumCheck;
use crate::service::desk::{Asked, Failure, Inside, State, Upload};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A file on the desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadDoc {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its size, bytes.
    pub bytes: usize,
    /// SHA-256, hex.
    pub sha256: String,
    /// Its format.
    pub format: String,
    /// Encoding of its texts, where the format leaves that open.
    pub encoding: Option<String>,
    /// Its layers or sheets.
    pub layers: Vec<LayerDoc>,
    /// What it probably is.
    pub suggested: SuggestedDoc,
    /// When it is forgotten.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: DateTime<Utc>,
}

/// A layer or sheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct LayerDoc {
    /// Its name, for `layer`.
    pub name: String,
    /// Rows or features.
    pub rows: usize,
    /// What the file says of its coordinates.
    pub crs: Option<String>,
    /// Its columns.
    pub columns: Vec<ColumnDoc>,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnDoc {
    /// Its header.
    pub header: String,
    /// The field it would be read as, for the suggested kind.
    pub field: Option<String>,
    /// Its first filled cells.
    pub samples: Vec<String>,
}

/// What a file probably is.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestedDoc {
    /// What its rows are.
    pub kind: Option<String>,
    /// Name of the saved mapping that fits it.
    pub mapping: Option<String>,
}

impl UploadDoc {
    /// Shows an upload.
    pub fn of(upload: &Upload, mapping: Option<String>) -> Self {
        let found = &upload.facts.inspection;
        let target = upload.facts.kind.and_then(Target::from_word);
        Self {
            id: upload.id.clone(),
            name: upload.name.clone(),
            bytes: upload.size,
            sha256: upload.sha256.clone(),
            format: found.format.word().to_owned(),
            encoding: found.encoding.clone(),
            layers: found.layers.iter().map(|layer| layer_doc(layer, target)).collect(),
            suggested: SuggestedDoc { kind: upload.facts.kind.map(str::to_owned), mapping },
            expires_at: upload.expires_at,
        }
    }
}

fn layer_doc(layer: &Layer, target: Option<Target>) -> LayerDoc {
    let headers: Vec<String> = layer.columns.iter().map(|c| c.header.clone()).collect();
    let fields: Vec<Option<String>> = match target {
        Some(target) => proposed(&headers, target).into_iter().map(|(_, field)| field).collect(),
        None => layer.columns.iter().map(|c| c.read_as.clone()).collect(),
    };
    let columns = layer.columns.iter().zip(fields).map(|(column, field)| ColumnDoc {
        header: column.header.clone(),
        field,
        samples: column.samples.clone(),
    });
    LayerDoc { name: layer.name.clone(), rows: layer.rows, crs: layer.crs_in_file.clone(), columns: columns.collect() }
}

/// How a file is to be read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// shelter | warehouse | storage_point | team | site | demand | division.
    #[serde(default)]
    pub kind: Option<String>,
    /// Coordinate system of its coordinates.
    #[serde(default)]
    pub datum: Option<String>,
    /// The layer or sheet; absent takes the first that is not empty.
    #[serde(default)]
    pub layer: Option<String>,
    /// Header → the field it is read as, or `null` not to read it; other headers are recognised.
    #[serde(default)]
    pub columns: Option<BTreeMap<String, Option<String>>>,
    /// When its figures were observed, where it does not say so itself; RFC 3339.
    #[serde(default)]
    pub observed_at: Option<String>,
    /// The datum is right although the points speak against it; this is written into the journal.
    #[serde(default)]
    pub datum_confirmed: Option<bool>,
}

impl PreviewBody {
    /// Returns how to read the file, or everything wrong with it. `crs` is what its `datum` stands for.
    pub fn read(self, crs: Result<Crs, Vec<Violation>>) -> Result<Asked, Vec<Violation>> {
        let mut wrong = Vec::new();
        let target = read_target(self.kind.as_deref(), &mut wrong);
        let crs = crs.map_err(|violations| wrong.extend(violations)).ok();
        let observed_at = self.observed_at.and_then(|text| match DateTime::parse_from_rfc3339(&text) {
            Ok(at) => Some(at.with_timezone(&Utc)),
            Err(_) => {
                wrong.push(Violation::new(
                    "observed_at",
                    "bad_time",
                    "时间应为 RFC 3339 格式，例如 2026-05-01T08:00:00+08:00",
                    "a time in RFC 3339 is expected, e.g. 2026-05-01T08:00:00+08:00",
                ));
                None
            }
        });
        match (target, crs) {
            (Some(target), Some(crs)) if wrong.is_empty() => Ok(Asked {
                target,
                crs,
                layer: self.layer,
                columns: self.columns,
                observed_at,
                confirmed: match self.datum_confirmed {
                    Some(true) => DatumCheck::Confirmed,
                    Some(false) | None => DatumCheck::Ask,
                },
            }),
            _ => Err(wrong),
        }
    }
}

/// Reads what rows are.
pub fn read_target(word: Option<&str>, wrong: &mut Vec<Violation>) -> Option<Target> {
    let Some(word) = word else {
        wrong.push(Violation::missing("kind"));
        return None;
    };
    let target = Target::from_word(word);
    if target.is_none() {
        wrong.push(Violation::not_a_choice("kind", word, &Target::choices()));
    }
    target
}

/// How far an upload has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportDoc {
    /// uploaded | previewing | ready | committing | committed | failed.
    pub state: &'static str,
    /// Steps of the job that runs or ran last.
    pub progress: ProgressDoc,
    /// The report, once there is one.
    #[schema(value_type = Option<Object>)]
    pub report: Option<Value>,
    /// First revision of the batch, once it is written and there was something to write.
    pub batch: Option<u64>,
    /// Why the preview came to nothing.
    #[schema(value_type = Option<Object>)]
    pub problem: Option<Value>,
    /// When the upload is forgotten.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: DateTime<Utc>,
}

/// Steps done and steps there are; 0 of 0 while the file is being read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgressDoc {
    /// Steps done.
    pub done: usize,
    /// Steps there are.
    pub total: usize,
}

impl ImportDoc {
    /// Shows how far an upload has come.
    pub fn of(upload: &Upload) -> Self {
        let state = upload.state();
        let (done, total) = upload.progress();
        let (report, batch, problem) = match &state {
            State::Uploaded | State::Previewing => (None, None, None),
            State::Ready(preview) | State::Committing(preview) => (Some(json!(preview.report)), None, None),
            State::Committed(committal) => (Some(json!(committal.report)), committal.batch.map(|b| b.0), None),
            State::Failed(failure) => (None, None, Some(problem(failure))),
        };
        let progress = ProgressDoc { done, total };
        Self { state: state.word(), progress, report, batch, problem, expires_at: upload.expires_at }
    }
}

fn problem(failure: &Failure) -> Value {
    let (kind, title) = match failure.inside {
        Inside::Yes => ("internal", "内部错误 / Internal error"),
        Inside::No if !failure.violations.is_empty() => ("invalid", "输入有误 / Invalid input"),
        Inside::No => ("unreadable", "文件无法读取 / The file can not be read"),
    };
    json!({
        "type": format!("urn:bihu:problem:{kind}"),
        "title": title,
        "detail": failure.detail,
        "violations": failure.violations,
    })
}

/// What a commit made durable.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommittedDoc {
    /// First revision of its batch, by which it is undone; `null` when there was nothing to write.
    pub batch: Option<u64>,
    /// Revision of the store after it.
    pub revision: u64,
    /// The report.
    #[schema(value_type = Object)]
    pub report: Value,
}

/// A mapping to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingBody {
    /// What the rows are.
    #[serde(default)]
    pub kind: Option<String>,
    /// Coordinate system, where the bureau's files always have the same.
    #[serde(default)]
    pub datum: Option<String>,
    /// Header → the field it is read as, or `null` not to read it.
    #[serde(default)]
    pub columns: Option<BTreeMap<String, Option<String>>>,
}
