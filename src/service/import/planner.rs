//! Drafts → rows with a class each, and the changes they propose.
//!
//! A row is about the resource that has its code. One without a code (it then has a made one, `auto-…`) is about the one
//! known resource that has its name, to the letter but for width and blanks, belongs to its town and lies within
//! [`BY_NAME_WITHIN_M`](super::BY_NAME_WITHIN_M), if there is exactly one such, no other row of the file has its code, and
//! no other row without a code has that name: then it keeps its own code, and the row says so. In every other case it is
//! new, and flagged.
//! Invariants: each draft becomes one row; no two rows are about one thing.

use super::by_name::ByName;
use super::matching::{self, Candidate};
use super::planned::{Matched, PlannedRow, Thing, change};
use super::report::{Classes, Report};
use super::whereabouts::Whereabouts;
use super::{Mode, Plan, Request, Steps};
use crate::domain::{Actor, Denial, Proposal, Revision, RowClass, Violation, permit};
use crate::exchange::{Decoded, Draft, Format, Target};
use crate::service::border::keep_within;
use crate::service::token;
use crate::world::World;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Violations kept of all rows together; of rows beyond, the first one.
const VIOLATIONS_KEPT_MAX: usize = 100_000;

/// Sorts the rows of one file.
pub struct Planner<'a> {
    pub(super) world: &'a World,
    actor: &'a Actor,
    pub(super) request: &'a Request,
    pub(super) format: Format,
    /// The report so far.
    pub report: Report,
    pub(super) proposals: Vec<Proposal>,
    pub(super) rows: Vec<PlannedRow>,
    pub(super) notes: HashMap<String, usize>,
    pub(super) ids: HashMap<String, usize>,
    /// Known resources that can be found by name, and only those.
    pub(super) by_name: ByName,
    pub(super) violations: usize,
}

/// What becomes of a row that can be taken.
pub(super) struct Sorted {
    pub(super) before: Option<Thing>,
    pub(super) after: Thing,
    pub(super) expected: Option<Revision>,
    pub(super) matched: Option<Box<Matched>>,
}

impl<'a> Planner<'a> {
    /// Begins a report.
    pub fn new(world: &'a World, actor: &'a Actor, request: &'a Request, format: Format, decoded: &Decoded) -> Self {
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
            classes: Classes::default(),
            columns: decoded.columns.clone(),
            datum_check: None,
            notes: decoded.notes.clone(),
            refused_rows: Vec::new(),
            flagged_rows: Vec::new(),
        };
        Self {
            world,
            actor,
            request,
            format,
            report,
            proposals: Vec::new(),
            rows: Vec::with_capacity(decoded.drafts.len()),
            notes: HashMap::new(),
            ids: HashMap::new(),
            by_name: ByName::of(world, request.target, &decoded.drafts),
            violations: 0,
        }
    }

    /// Sorts all rows, then looks around each of them.
    pub fn plan(mut self, drafts: Vec<Draft>, steps: Steps<'_>) -> Plan {
        let all = 2 * drafts.len();
        for (done, draft) in drafts.into_iter().enumerate() {
            self.take(draft);
            steps(done + 1, all);
        }
        self.refuse_strays();
        self.look_around(steps, all);
        self.finish()
    }

    fn take(&mut self, mut draft: Draft) {
        for note in std::mem::take(&mut draft.notes) {
            *self.notes.entry(note).or_default() += 1;
        }
        let row = draft.row;
        let says = ["code", "name"].map(|field| said(&draft, field));
        match self.sort(draft).and_then(|sorted| self.permitted(sorted)) {
            Ok(sorted) => self.keep(row, sorted),
            Err(violations) => self.refuse((row, says), violations),
        }
    }

    fn keep(&mut self, row: usize, sorted: Sorted) {
        let Sorted { before, after, expected, matched } = sorted;
        let class = match &before {
            None => RowClass::New,
            Some(before) if *before == after => RowClass::Same,
            Some(_) => RowClass::Changed,
        };
        if class != RowClass::Same {
            self.proposals.push(Proposal { change: change(before.as_ref(), &after), expected });
        }
        let (findings, violations) = (Vec::new(), Vec::new());
        self.rows.push(PlannedRow {
            row,
            class,
            before,
            after: Some(after),
            findings,
            matched,
            violations,
            says: None,
        });
    }

    fn refuse(&mut self, (row, says): (usize, [String; 2]), mut violations: Vec<Violation>) {
        if self.violations + violations.len() > VIOLATIONS_KEPT_MAX {
            violations.truncate(1);
        }
        self.violations += violations.len();
        let (class, findings, says) = (RowClass::Refused, Vec::new(), Some(Box::new(says)));
        self.rows.push(PlannedRow { row, class, before: None, after: None, findings, matched: None, violations, says });
    }

    /// Refuses a change that the actor may not make, and names the missing right.
    fn permitted(&self, sorted: Sorted) -> Result<Sorted, Vec<Violation>> {
        if sorted.before.as_ref() == Some(&sorted.after) {
            return Ok(sorted);
        }
        let change = change(sorted.before.as_ref(), &sorted.after);
        let allowed = permit(self.actor, &change).and_then(|()| keep_within(self.world, self.actor, &change));
        allowed.map(|()| sorted).map_err(|denial| vec![denied(self.actor, denial)])
    }

    /// Finds what somebody should look at. It is done when all rows are sorted, since rows are held against each other.
    fn look_around(&mut self, steps: Steps<'_>, all: usize) {
        let done = std::sync::atomic::AtomicUsize::new(all / 2);
        let looked_at = || steps(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, all);
        if let Target::Resource(kind) = self.request.target {
            let taken: Vec<usize> = (0..self.rows.len()).filter(|i| self.rows[*i].after.is_some()).collect();
            let candidates: Vec<Candidate> = taken.iter().filter_map(|i| candidate(&self.rows[*i])).collect();
            let found = matching::examine(self.world, kind, &candidates, &looked_at);
            for (i, findings) in taken.into_iter().zip(found) {
                self.rows[i].findings = findings;
            }
        }
        let mut whereabouts = Whereabouts::new(self.world);
        for row in &mut self.rows {
            let (position, claimed) = match &row.after {
                Some(Thing::Resource(r)) => (r.place.position, r.division.as_ref()),
                Some(Thing::Demand(d)) => (d.position, d.division.as_ref()),
                _ => continue,
            };
            row.findings.extend(whereabouts.examine(position, claimed));
        }
        steps(all, all);
    }

    fn finish(mut self) -> Plan {
        let mut notes: Vec<_> = self.notes.into_iter().collect();
        notes.sort();
        self.report.notes.extend(notes.into_iter().map(|(note, rows)| format!("{note} ×{rows}")));
        for row in &self.rows {
            self.report.count(row);
        }
        Plan { report: self.report, proposals: self.proposals, rows: self.rows }
    }
}

fn denied(actor: &Actor, denial: Denial) -> Violation {
    if denial.missing != "scope" {
        return Violation::new("", denial.missing, denial.zh, denial.en);
    }
    let scope = actor.scope.as_ref().map_or("", |code| code.as_str());
    Violation::new(
        "division",
        denial.missing,
        format!("{}：只能改动 {scope} 范围内的资源", denial.zh),
        format!("{}: only what lies in {scope} may be changed", denial.en),
    )
}

fn candidate(row: &PlannedRow) -> Option<Candidate> {
    match &row.after {
        Some(Thing::Resource(resource)) => Some(Candidate { row: row.row, resource: resource.clone() }),
        _ => None,
    }
}

/// Longest code or name kept of a refused row, characters.
const SAID_MAX: usize = 100;

fn said(draft: &Draft, field: &str) -> String {
    let text = draft.patch.get(field).and_then(|v| v.as_str()).unwrap_or_default();
    text.chars().take(SAID_MAX).collect()
}
