//! Importing a file: every row accounted for, all of it or nothing.
//!
//! bytes → drafts → compare with what is there → changes → one batch. A row is new, changed, the same, or refused; when
//! one is refused nothing is written, unless somebody says to leave the refused ones out. Importing the same file again
//! changes nothing. A file that does not say when its figures were observed does not make them fresh: their age stays
//! unknown. Beside its class a row may carry flags ([`finding`]): warnings that never keep it from being taken.

mod by_name;
pub mod finding;
mod matching;
pub mod names;
mod planned;
mod planner;
mod report;
mod same_place;
mod sort;
mod strays;
mod towns;
mod uncarried;
mod whereabouts;

pub use by_name::BY_NAME_WITHIN_M;
pub use matching::{CROWD_MAX, DUPLICATES_MAX, NEAR_M, PILE_LISTED_MAX, SAME_POINT_M};
pub use planned::{Matched, PlannedRow, Thing};
pub(super) use same_place::{is_same_place, keep_track};

pub use report::{Classes, FLAGGED_LISTED_MAX, FlaggedRow, REFUSED_LISTED_MAX, RefusedRow, Report};

use super::datum::{self, DatumCheck, Declaration};
use super::{App, Error, Submission, grids};
use crate::domain::{Actor, Change, Crs, LocalGrid, Proposal, Revision, Role};
use crate::exchange::{DecodeError, Decoded, Format, Reading, Target, decode_with};
use crate::store::Progress;
use crate::world::World;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file to import.
#[derive(Debug, Clone)]
pub struct Request {
    /// Name of the file, for the report and the journal.
    pub file: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// What its rows are.
    pub target: Target,
    /// Coordinate system of its coordinates.
    pub crs: Crs,
    /// The layer or sheet; `None` takes the first that is not empty.
    pub layer: Option<String>,
    /// Header → the field it is read as, or `None` not to read it; other headers are recognised.
    pub columns: Option<BTreeMap<String, Option<String>>>,
    /// When its figures were observed, where it does not say so itself.
    pub observed_at: Option<DateTime<Utc>>,
    /// Whether to write.
    pub mode: Mode,
    /// Whether the coordinate system was confirmed against the evidence.
    pub confirmed: DatumCheck,
}

impl Request {
    /// Returns the request to write a file as it is read without being told anything, in WGS84.
    pub fn of(file: impl Into<String>, bytes: impl Into<Arc<[u8]>>, target: Target) -> Self {
        Self {
            file: file.into(),
            bytes: bytes.into(),
            target,
            crs: Crs::WGS84,
            layer: None,
            columns: None,
            observed_at: None,
            mode: Mode::Commit,
            confirmed: DatumCheck::Ask,
        }
    }
}

/// Whether to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Say what would happen.
    DryRun,
    /// Write, if no row is refused.
    Commit,
}

/// What a file would do.
pub struct Plan {
    /// The report so far.
    pub report: Report,
    /// The changes.
    pub proposals: Vec<Proposal>,
    /// Every row, in the order of the file.
    pub rows: Vec<PlannedRow>,
}

/// Called with the steps done and the steps there are: two for each row, one to compare it and one to look around it.
pub type Steps<'a> = &'a (dyn Fn(usize, usize) + Send + Sync);

/// Who plans, against which grids, and who is told how far it has come.
#[derive(Clone, Copy)]
pub struct Planning<'a> {
    /// Whose rights hold: rows that the actor may not take are refused, the missing right named.
    pub actor: &'a Actor,
    /// What a file may be in beside the coordinate systems that everybody knows.
    pub grids: &'a [LocalGrid],
    /// Called with the steps done and the steps there are.
    pub steps: Steps<'a>,
}

/// Imports a file.
pub async fn run(app: &Arc<App>, actor: &Actor, request: Request, progress: Progress<'_>) -> Result<Report, Error> {
    let _turn = app.turn.lock().await;
    app.catch_up().await?;
    let (world, mode) = (app.world(), request.mode);
    let mut reason = format!("import {}", request.file);
    let (grids, author) = (grids::kept(app).await?, actor.clone());
    let planning = move || plan_for(&world, &request, Planning { actor: &author, grids: &grids, steps: &|_, _| {} });
    let planned = tokio::task::spawn_blocking(planning).await.map_err(Error::internal)?;
    let Plan { mut report, proposals, .. } = planned?;
    if mode == Mode::DryRun || report.refused > 0 || report.stops_for_datum() {
        return Ok(report);
    }
    if let Some(remark) = report.datum_check.as_ref().and_then(datum::remark) {
        reason = format!("{reason} · {remark}");
    }
    if !proposals.is_empty() {
        let submission = Submission { proposals, reason: Some(reason), receipt: None };
        let committed = app.write(actor, submission, progress).await?;
        report.revision = committed.revisions.all.0;
    }
    report.committed = true;
    Ok(report)
}

/// Works out what a file would do to a world, by somebody who may do everything.
pub fn plan(world: &World, request: &Request, grids: &[LocalGrid]) -> Result<Plan, Error> {
    let anybody = Actor { name: String::new(), role: Role::Admin, scope: None };
    plan_for(world, request, Planning { actor: &anybody, grids, steps: &|_, _| {} })
}

/// Works out what a file would do to a world.
pub fn plan_for(world: &World, request: &Request, planning: Planning<'_>) -> Result<Plan, Error> {
    let (format, mut decoded) = read(request)?;
    if decoded.drafts.is_empty() {
        return Err(DecodeError::NoRows.into());
    }
    towns::to_codes(world, request.target, &mut decoded.drafts);
    let (target, crs, confirmed) = (request.target, &request.crs, request.confirmed);
    let declaration = Declaration { target, crs, grids: planning.grids, confirmed };
    let datum_check = datum::examine(world, &decoded, declaration);
    let mut planner = planner::Planner::new(world, planning.actor, request, format, &decoded);
    planner.report.datum_check = datum_check;
    Ok(planner.plan(decoded.drafts, planning.steps))
}

fn read(request: &Request) -> Result<(Format, Decoded), Error> {
    let format = Format::detect(&request.file, &request.bytes)?;
    let reading = Reading {
        layer: request.layer.clone(),
        columns: request.columns.clone(),
        ..Reading::new(format, request.target, &request.crs)
    };
    Ok((format, decode_with(&request.bytes, &reading)?))
}

/// Returns the revision of what a change is about; `None` when it is not there.
pub(super) fn present(world: &World, change: &Change) -> Option<Revision> {
    match change {
        Change::Resource(e) => world.resource(&e.latest()?.id).map(|row| row.revision),
        Change::Division(e) => world.division(&e.latest()?.code).map(|row| row.revision),
        Change::Demand(e) => world.demand_point(&e.latest()?.id).map(|row| row.revision),
        Change::Correction(e) => world.correction(&e.latest()?.id).map(|row| row.revision),
        Change::Closure(e) => world.closure(&e.latest()?.id).map(|row| row.revision),
    }
}
