//! Importing a file: every row accounted for, all of it or nothing.
//!
//! bytes → drafts → compare with what is there → changes → one batch. A row is new, changed, the same, or refused; when
//! one is refused nothing is written. Importing the same file again changes nothing. A file that does not say when its
//! figures were observed does not make them fresh: their age stays unknown.

use super::datum::{self, DatumCheck, DatumReport, Declaration};
use super::{App, Error, Submission, grids, token};
use crate::domain::{
    Actor, Change, Crs, DemandId, DemandPoint, Division, DivisionCode, Edit, Field, Kind, LocalGrid, Observation,
    Proposal, Resource, ResourceId, Violation, changed_fields,
};
use crate::exchange::{Decoded, Draft, Format, Target, decode, document};
use crate::store::Progress;
use crate::world::World;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// Most refused rows that a report lists; how many there were is always told.
pub const REFUSED_LISTED_MAX: usize = 10_000;

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
    /// When its figures were observed, where it does not say so itself.
    pub observed_at: Option<DateTime<Utc>>,
    /// Whether to write.
    pub mode: Mode,
    /// Whether the coordinate system was confirmed against the evidence.
    pub confirmed: DatumCheck,
}

/// Whether to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Say what would happen.
    DryRun,
    /// Write, if no row is refused.
    Commit,
}

/// What came of an import.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Name of the file.
    pub file: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// What its rows are.
    pub kind: String,
    /// Coordinate system declared.
    pub datum: String,
    /// Encoding it was read in, for text tables.
    pub encoding: Option<String>,
    /// Nothing was to be written.
    pub dry_run: bool,
    /// It was written.
    pub committed: bool,
    /// Revision of the store after it.
    pub revision: u64,
    /// Rows in the file: new + changed + same + refused.
    pub rows: usize,
    /// Rows that make something new.
    pub new: usize,
    /// Rows that change something.
    pub changed: usize,
    /// Rows that change nothing.
    pub same: usize,
    /// Rows that can not be taken.
    pub refused: usize,
    /// Columns of the file and the field each was read as; `null` when it was not read.
    pub columns: Vec<(String, Option<String>)>,
    /// Whether the coordinates agree with the system declared; `null` when no row has any.
    pub datum_check: Option<DatumReport>,
    /// What was assumed, derived or left out.
    pub notes: Vec<String>,
    /// The refused rows.
    pub refused_rows: Vec<RefusedRow>,
}

/// A row that can not be taken, and why.
#[derive(Debug, Clone, Serialize)]
pub struct RefusedRow {
    /// Its number as a spreadsheet shows it.
    pub row: usize,
    /// Its field, the first wrong one.
    pub field: String,
    /// Its reason, of the first wrong field.
    pub reason: String,
    /// Everything wrong with it.
    pub violations: Vec<Violation>,
}

/// What a file would do.
pub struct Plan {
    /// The report so far.
    pub report: Report,
    /// The changes.
    pub proposals: Vec<Proposal>,
}

/// Imports a file.
pub async fn run(app: &Arc<App>, actor: &Actor, request: Request, progress: Progress<'_>) -> Result<Report, Error> {
    let _turn = app.turn.lock().await;
    app.catch_up().await?;
    let (world, mode) = (app.world(), request.mode);
    let mut reason = format!("import {}", request.file);
    let grids = grids::kept(app).await?;
    let planned = tokio::task::spawn_blocking(move || plan(&world, &request, &grids)).await.map_err(Error::internal)?;
    let Plan { mut report, proposals } = planned?;
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

impl Report {
    /// Returns whether the import stops because the coordinates contradict the system declared.
    pub fn stops_for_datum(&self) -> bool {
        self.datum_check.as_ref().is_some_and(|check| check.stop)
    }
}

/// Works out what a file would do to a world. `grids` are what it may be in beside the systems that everybody knows.
pub fn plan(world: &World, request: &Request, grids: &[LocalGrid]) -> Result<Plan, Error> {
    let format = Format::detect(&request.file, &request.bytes)?;
    let decoded = decode(&request.bytes, format, request.target, &request.crs)?;
    let (target, crs, confirmed) = (request.target, &request.crs, request.confirmed);
    let mut planner = Planner::new(world, request, format, &decoded);
    planner.report.datum_check = datum::examine(world, &decoded, Declaration { target, crs, grids, confirmed });
    for draft in decoded.drafts {
        planner.take(draft);
    }
    Ok(planner.finish())
}

struct Planner<'a> {
    world: &'a World,
    request: &'a Request,
    format: Format,
    report: Report,
    proposals: Vec<Proposal>,
    notes: HashMap<String, usize>,
    ids: HashMap<String, usize>,
}

enum Sorted {
    Same,
    Change { change: Change, is_new: bool, expected: Option<crate::domain::Revision> },
}

impl<'a> Planner<'a> {
    fn new(world: &'a World, request: &'a Request, format: Format, decoded: &Decoded) -> Self {
        let report = Report {
            file: request.file.clone(),
            sha256: token::hex(&Sha256::digest(&request.bytes)),
            kind: request.target.word().to_owned(),
            datum: request.crs.word(),
            encoding: decoded.encoding.clone(),
            dry_run: request.mode == Mode::DryRun,
            committed: false,
            revision: world.revisions().all.0,
            rows: decoded.drafts.len(),
            new: 0,
            changed: 0,
            same: 0,
            refused: 0,
            columns: decoded.columns.clone(),
            datum_check: None,
            notes: decoded.notes.clone(),
            refused_rows: Vec::new(),
        };
        Self { world, request, format, report, proposals: Vec::new(), notes: HashMap::new(), ids: HashMap::new() }
    }

    fn take(&mut self, draft: Draft) {
        for note in &draft.notes {
            *self.notes.entry(note.clone()).or_default() += 1;
        }
        let row = draft.row;
        match self.sort(draft) {
            Ok(Sorted::Same) => self.report.same += 1,
            Ok(Sorted::Change { change, is_new, expected }) => {
                if is_new {
                    self.report.new += 1
                } else {
                    self.report.changed += 1
                }
                self.proposals.push(Proposal { change, expected });
            }
            Err(violations) => self.refuse(row, violations),
        }
    }

    fn sort(&mut self, mut draft: Draft) -> Result<Sorted, Vec<Violation>> {
        let mut wrong = std::mem::take(&mut draft.violations);
        if wrong.is_empty() {
            return self.sort_readable(draft);
        }
        // What could be read is looked at as well, so that a row is put right in one go. Fields that could not be read
        // are missing from it, which is no fault of their own.
        if let Err(mut more) = self.sort_readable(draft) {
            more.retain(|v| v.reason != "missing" && wrong.iter().all(|w| w.field != v.field));
            wrong.extend(more);
        }
        Err(wrong)
    }

    fn sort_readable(&mut self, draft: Draft) -> Result<Sorted, Vec<Violation>> {
        match self.request.target {
            Target::Resource(kind) => self.sort_resource(kind, draft),
            Target::Demand => self.sort_demand(draft),
            Target::Division => self.sort_division(draft),
        }
    }

    fn sort_resource(&mut self, kind: Kind, draft: Draft) -> Result<Sorted, Vec<Violation>> {
        let code = draft.patch.get("code").and_then(|c| c.as_str()).unwrap_or_default();
        let known = self.world.by_code(kind, code);
        let id = match known {
            Some(row) => row.value.id.clone(),
            None => self.own_id(&draft)?.unwrap_or_else(|| self.mint(kind, code)),
        };
        self.once(id.as_str(), draft.row)?;
        let base = known.map(|row| &*row.value);
        let mut draft = draft;
        if base.is_some() && self.format.blank_says_nothing() {
            // A blank cell says nothing; it does not take away what is known.
            draft.patch.retain(|_, value| !value.is_null());
        }
        let mut after = document::read(Some(kind), Some(id), &draft.patch, base)?;
        self.observe(base, &mut after, &draft);
        match known {
            Some(row) if *row.value == after => Ok(Sorted::Same),
            known => Ok(Sorted::Change {
                is_new: known.is_none(),
                expected: known.map(|row| row.revision),
                change: Change::Resource(Edit {
                    before: known.map(|row| row.value.clone()),
                    after: Some(Arc::new(after)),
                }),
            }),
        }
    }

    /// Returns the id that a row brings along, as exports do, when nothing else has it.
    fn own_id(&self, draft: &Draft) -> Result<Option<ResourceId>, Vec<Violation>> {
        let Some(text) = draft.patch.get("id").and_then(|id| id.as_str()) else { return Ok(None) };
        let id = ResourceId::parse(text).map_err(|violation| vec![violation])?;
        match self.world.resource(&id) {
            None => Ok(Some(id)),
            Some(other) => Err(vec![Violation::new(
                "id",
                "id_taken",
                format!("编号 {id} 已属于 {}（编码 {}）", other.value.name.zh, other.value.code),
                format!("id {id} belongs to {} (code {})", other.value.name.zh, other.value.code),
            )]),
        }
    }

    /// Finds an id for a code that is not there yet. The minted one may belong to a resource whose code was changed
    /// since: then a number is put behind.
    fn mint(&self, kind: Kind, code: &str) -> ResourceId {
        let minted = ResourceId::mint(kind, code);
        let free = |id: &ResourceId| self.world.resource(id).is_none();
        if free(&minted) {
            return minted;
        }
        let numbered = (2..).filter_map(|n| ResourceId::parse(&format!("{minted}~{n}")).ok());
        numbered.into_iter().find(free).unwrap_or(minted)
    }

    /// What changed is as old as the file says; when it does not say, nobody knows.
    fn observe(&self, base: Option<&Resource>, after: &mut Resource, draft: &Draft) {
        let source = Some(self.request.file.clone());
        let told = if draft.patch.contains_key("observed_at") {
            after.observations.get(&Field::Record).cloned().map(|told| Observation { source, ..told })
        } else {
            self.request.observed_at.map(|observed_at| Observation { observed_at, verifier: None, source })
        };
        self.restamp(base, after, told);
    }

    fn restamp(&self, base: Option<&Resource>, after: &mut Resource, told: Option<Observation>) {
        for field in changed_fields(base, after) {
            match &told {
                Some(observation) => after.observations.insert(field, observation.clone()),
                None => after.observations.remove(&field),
            };
        }
    }

    fn sort_demand(&mut self, draft: Draft) -> Result<Sorted, Vec<Violation>> {
        let code = draft.patch.get("code").and_then(|c| c.as_str()).unwrap_or_default();
        let known = self.world.demand_point(&DemandId(code.to_owned()));
        let after: DemandPoint = document::read_demand(&draft.patch, known.map(|row| &*row.value))?;
        self.once(&after.id.0, draft.row)?;
        Ok(match known {
            Some(row) if *row.value == after => Sorted::Same,
            known => Sorted::Change {
                is_new: known.is_none(),
                expected: known.map(|row| row.revision),
                change: Change::Demand(Edit {
                    before: known.map(|row| row.value.clone()),
                    after: Some(Arc::new(after)),
                }),
            },
        })
    }

    fn sort_division(&mut self, draft: Draft) -> Result<Sorted, Vec<Violation>> {
        let code = draft.patch.get("code").and_then(|c| c.as_str()).unwrap_or_default();
        let known = DivisionCode::parse(code).ok().and_then(|code| self.world.division(&code));
        let after: Division = document::read_division(&draft.patch, known.map(|row| &*row.value))?;
        self.once(after.code.as_str(), draft.row)?;
        Ok(match known {
            Some(row) if *row.value == after => Sorted::Same,
            known => Sorted::Change {
                is_new: known.is_none(),
                expected: known.map(|row| row.revision),
                change: Change::Division(Edit {
                    before: known.map(|row| row.value.clone()),
                    after: Some(Arc::new(after)),
                }),
            },
        })
    }

    /// Refuses a second row about the same thing.
    fn once(&mut self, id: &str, row: usize) -> Result<(), Vec<Violation>> {
        match self.ids.insert(id.to_owned(), row) {
            None => Ok(()),
            Some(first) => Err(vec![Violation::new(
                "code",
                "duplicate_code",
                format!("编码与第 {first} 行重复"),
                format!("the code repeats that of row {first}"),
            )]),
        }
    }

    fn refuse(&mut self, row: usize, violations: Vec<Violation>) {
        self.report.refused += 1;
        let Some(first) = violations.first() else { return };
        if self.report.refused_rows.len() < REFUSED_LISTED_MAX {
            let (field, reason) = (first.field.clone(), first.reason.clone());
            self.report.refused_rows.push(RefusedRow { row, field, reason, violations });
        }
    }

    fn finish(mut self) -> Plan {
        let mut notes: Vec<_> = self.notes.into_iter().collect();
        notes.sort();
        self.report.notes.extend(notes.into_iter().map(|(note, rows)| format!("{note} ×{rows}")));
        Plan { report: self.report, proposals: self.proposals }
    }
}
