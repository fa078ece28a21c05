//! What was previewed becomes durable: exactly that, in one batch, or nothing.
//!
//! A row that somebody changed since is found by its revision, here and again inside the store's transaction; then nothing
//! is written and the preview is to be made again. Undoing an import is undoing its batch.

use super::super::datum;
use super::super::error::Halt;
use super::super::import::{self, Report};
use super::super::{App, Error, Submission};
use super::preview::{Preview, State};
use super::{Upload, busy};
use crate::domain::{Actor, Change, Proposal, Revision};
use std::sync::Arc;

/// What is to become of rows that can not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedRows {
    /// They keep the whole file from being written.
    Stop,
    /// They are left out, and the journal says how many.
    LeaveOut,
}

/// What a commit made durable.
#[derive(Debug, Clone)]
pub struct Committal {
    /// First revision of its batch; `None` when there was nothing to write.
    pub batch: Option<Revision>,
    /// Revision of the store after it.
    pub revision: Revision,
    /// The report.
    pub report: Arc<Report>,
}

/// Writes what was previewed. A second time it tells what the first time did.
pub async fn commit(app: &Arc<App>, actor: &Actor, id: &str, refused: RefusedRows) -> Result<Committal, Error> {
    let upload = app.upload(actor, id)?;
    let before = upload.step(|state| match state {
        State::Ready(preview) => {
            may_go_on(preview, refused)?;
            Ok(State::Committing(preview.clone()))
        }
        State::Committed(_) => Ok(state.clone()),
        State::Previewing | State::Committing(_) => Err(busy()),
        State::Uploaded | State::Failed(_) => Err(halted(
            Halt::NotPreviewed,
            "请先预览（POST …/preview），看过再提交",
            "preview it first (POST …/preview), then commit",
        )),
    })?;
    let preview = match before {
        State::Ready(preview) => preview,
        State::Committed(committal) => return Ok(committal),
        _ => return Err(busy()),
    };
    let (app, actor) = (app.clone(), actor.clone());
    // A dropped request must not drop a write between commit and fold.
    tokio::spawn(async move {
        let outcome = write(&app, &actor, &upload, &preview).await;
        match &outcome {
            Ok(committal) => upload.written(committal.clone()),
            Err(_) => upload.put(State::Ready(preview)),
        }
        upload.touch(app.now());
        outcome
    })
    .await
    .map_err(Error::internal)?
}

fn may_go_on(preview: &Preview, refused: RefusedRows) -> Result<(), Error> {
    if let Some(check) = preview.report.datum_check.as_ref().filter(|check| check.stop) {
        return Err(Error::Halted {
            why: Halt::Datum,
            zh: format!("{}；或在预览时确认（datum_confirmed）", check.zh),
            en: format!("{}; or confirm it with the preview (datum_confirmed)", check.en),
        });
    }
    let left_out = preview.report.refused;
    if left_out > 0 && refused == RefusedRows::Stop {
        return Err(Error::Halted {
            why: Halt::RefusedRows,
            zh: format!(
                "有 {left_out} 行被拒绝，未写入任何内容；请改正后重新上传，或以 ?refused=leave_out 确认略过这些行"
            ),
            en: format!(
                "{left_out} rows are refused and nothing was written: mend and upload again, or say ?refused=leave_out to leave them out"
            ),
        });
    }
    Ok(())
}

async fn write(app: &App, actor: &Actor, upload: &Upload, preview: &Preview) -> Result<Committal, Error> {
    let _turn = app.turn.lock().await;
    app.catch_up().await?;
    let world = app.world();
    if let Some(moved) = preview.proposals.iter().find(|p| import::present(&world, &p.change) != p.expected) {
        return Err(stale(moved));
    }
    let mut report = preview.report.clone();
    (report.dry_run, report.committed, report.revision) = (false, true, world.revisions().all.0);
    let total = preview.proposals.len();
    upload.tell(0, total);
    let mut batch = None;
    if total > 0 {
        let reason = Some(reason(&upload.name, preview));
        let submission = Submission { proposals: preview.proposals.clone(), reason, receipt: None };
        let committed = app.write(actor, submission, &|done| upload.tell(done, total)).await;
        let committed = committed.map_err(|error| match error {
            Error::Stale { .. } => overtaken("某些行"),
            other => other,
        })?;
        batch = committed.entries.first().map(|entry| entry.batch);
        report.revision = committed.revisions.all.0;
    }
    upload.tell(total, total);
    Ok(Committal { batch, revision: Revision(report.revision), report: Arc::new(report) })
}

/// Longest reason, characters.
const REASON_MAX: usize = 500;

/// Says in the journal where the batch comes from, how the file was read, and what was left out.
fn reason(file: &str, preview: &Preview) -> String {
    let asked = &preview.asked;
    let mut parts = vec![format!("import {file}"), format!("datum {}", asked.crs.word())];
    parts.extend(asked.layer.as_ref().map(|layer| format!("layer {layer}")));
    let mapped =
        asked.columns.iter().flatten().filter_map(|(header, field)| Some(format!("{header}→{}", field.as_ref()?)));
    let mapped: Vec<String> = mapped.collect();
    if !mapped.is_empty() {
        parts.push(format!("columns {}", mapped.join(", ")));
    }
    parts.extend(preview.report.datum_check.as_ref().and_then(datum::remark));
    if preview.report.refused > 0 {
        parts.push(format!("略过 {0} 行 / rows left out: {0}", preview.report.refused));
    }
    parts.join("; ").chars().take(REASON_MAX).collect()
}

fn stale(moved: &Proposal) -> Error {
    let name = match &moved.change {
        Change::Resource(e) => e.latest().map(|r| format!("{}（{}）", r.name.zh, r.code)),
        Change::Division(e) => e.latest().map(|d| d.code.to_string()),
        Change::Demand(e) => e.latest().map(|d| d.id.0.clone()),
        Change::Correction(e) => e.latest().map(|c| c.id.to_string()),
        Change::Closure(e) => e.latest().map(|c| c.id.to_string()),
    };
    overtaken(&name.unwrap_or_default())
}

fn overtaken(what: &str) -> Error {
    halted(
        Halt::StalePreview,
        &format!("预览之后 {what} 已被他人修改，未写入任何内容；请重新预览"),
        &format!("{what} was changed by somebody else since the preview, and nothing was written: preview again"),
    )
}

fn halted(why: Halt, zh: &str, en: &str) -> Error {
    Error::Halted { why, zh: zh.to_owned(), en: en.to_owned() }
}
