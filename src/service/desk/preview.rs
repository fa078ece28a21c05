//! What a file would do, worked out on a thread of its own and kept until it is committed, overtaken or forgotten.

use super::super::datum::DatumCheck;
use super::super::import::{self, Mode, Plan, PlannedRow, Planning, Report, Request};
use super::super::{App, Error, grids};
use super::upload::written;
use super::{Committal, PREVIEW_ROWS_MAX, Upload, busy};
use crate::domain::{Actor, Crs, Proposal, Violation};
use crate::exchange::Target;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far an upload has come.
#[derive(Clone)]
pub enum State {
    /// It lies there.
    Uploaded,
    /// What it would do is being worked out.
    Previewing,
    /// What it would do is known.
    Ready(Arc<Preview>),
    /// It is being written.
    Committing(Arc<Preview>),
    /// It is written.
    Committed(Committal),
    /// It could not be read as was asked.
    Failed(Failure),
}

impl State {
    /// Returns the word of the state.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Previewing => "previewing",
            Self::Ready(_) => "ready",
            Self::Committing(_) => "committing",
            Self::Committed(_) => "committed",
            Self::Failed(_) => "failed",
        }
    }
}

/// Why a preview came to nothing.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What happened and the way out, Chinese / English.
    pub detail: String,
    /// What of the request was wrong, when it was the request.
    pub violations: Vec<Violation>,
    /// Whether the fault lies inside; then the cause was logged.
    pub inside: Inside,
}

/// Where the fault of a failed preview lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    /// In the service.
    Yes,
    /// In the file or in what was asked.
    No,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let told = |detail: String| Self { detail, violations: Vec::new(), inside: Inside::No };
        match error {
            Error::Invalid(violations) => {
                let sentences: Vec<String> = violations.iter().map(|v| format!("{} / {}", v.zh, v.en)).collect();
                Self { violations, ..told(sentences.join("；")) }
            }
            Error::Undecodable(error) => told(error.to_string()),
            Error::TooLarge { zh, en } | Error::Halted { zh, en, .. } | Error::Conflict { zh, en } => {
                told(format!("{zh} / {en}"))
            }
            Error::Denied(denial) => told(format!("{} / {}", denial.zh, denial.en)),
            other => {
                tracing::error!(error = &other as &dyn std::error::Error, "a preview failed");
                Self {
                    inside: Inside::Yes,
                    ..told("服务器内部错误，请稍后重试 / a fault of the server: try again".to_owned())
                }
            }
        }
    }
}

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What its rows are.
    pub target: Target,
    /// Coordinate system of its coordinates.
    pub crs: Crs,
    /// The layer or sheet; `None` takes the first that is not empty.
    pub layer: Option<String>,
    /// Header → the field it is read as, or `None` not to read it.
    pub columns: Option<BTreeMap<String, Option<String>>>,
    /// When its figures were observed, where it does not say so itself.
    pub observed_at: Option<DateTime<Utc>>,
    /// Whether the coordinate system was confirmed against the evidence.
    pub confirmed: DatumCheck,
}

/// What a file would do.
pub struct Preview {
    /// How it was read.
    pub asked: Asked,
    /// The report, as if it had been a dry run.
    pub report: Report,
    /// Every row, in the order of the file.
    pub rows: Vec<PlannedRow>,
    /// The changes that a commit writes, no others.
    pub(super) proposals: Vec<Proposal>,
}

/// Begins to work out what an upload would do; ask [`Upload::state`] how far it has come.
pub fn start(app: &Arc<App>, actor: &Actor, id: &str, asked: Asked) -> Result<(), Error> {
    let upload = app.upload(actor, id)?;
    let before = upload.step(|state| match state {
        State::Previewing | State::Committing(_) => Err(busy()),
        State::Committed(_) => Err(written()),
        _ => Ok(State::Previewing),
    })?;
    // The old preview is given up before the new one is made, not after.
    drop(before);
    upload.tell(0, 0);
    let (app, actor) = (app.clone(), actor.clone());
    tokio::spawn(async move {
        let outcome = work(&app, &actor, &upload, asked).await;
        upload.touch(app.now());
        upload.put(match outcome {
            Ok(preview) => State::Ready(Arc::new(preview)),
            Err(error) => State::Failed(error.into()),
        });
    });
    Ok(())
}

async fn work(app: &Arc<App>, actor: &Actor, upload: &Arc<Upload>, asked: Asked) -> Result<Preview, Error> {
    let _turn = app.imports.jobs.acquire().await.map_err(Error::internal)?;
    let rows: usize = upload.facts.inspection.layers.iter().map(|layer| layer.rows).max().unwrap_or(0);
    if !app.imports.has_room_for(rows) {
        return Err(Error::TooLarge {
            zh: format!("正在预览的行数合计超过 {PREVIEW_ROWS_MAX}，请先提交或删除其他文件"),
            en: format!("previews hold more than {PREVIEW_ROWS_MAX} rows together: commit or delete other files first"),
        });
    }
    app.refresh().await?;
    let request = Request {
        file: upload.name.clone(),
        bytes: upload.bytes()?,
        target: asked.target,
        crs: asked.crs.clone(),
        layer: asked.layer.clone(),
        columns: asked.columns.clone(),
        observed_at: asked.observed_at,
        mode: Mode::DryRun,
        confirmed: asked.confirmed,
    };
    let (world, actor, upload) = (app.world(), actor.clone(), upload.clone());
    let grids = grids::kept(app).await?;
    let planning = move || {
        let steps: &(dyn Fn(usize, usize) + Send + Sync) = &|done, total| upload.tell(done, total);
        import::plan_for(&world, &request, Planning { actor: &actor, grids: &grids, steps })
    };
    let Plan { report, proposals, rows } = tokio::task::spawn_blocking(planning).await.map_err(Error::internal)??;
    Ok(Preview { asked, report, rows, proposals })
}
