//! Drafts → rows with a class each, and the changes they propose.
//!
//! A row is about the resource that has its code. One without a code (it then has a made one, `auto-…`) is about the one
//! known resource that has its name, to the letter but for width and blanks, belongs to its town and lies within
//! [`BY_NAME_WITHIN_M`], if there is exactly one such, no other row of the file has its code, and no other row without a
//! code has that name: then it keeps its own code, and the row says so. In every other case it is new, and flagged.
//! Invariants: each draft becomes one row; no two rows are about one thing.

use super::super::border::{bounds_of, keep_within, too_wide};
use super::finding::Finding;
use super::matching::{self, Candidate, town_of};
use super::names::folded;
use super::report::{Classes, FLAGGED_LISTED_MAX, FlaggedRow, REFUSED_LISTED_MAX, RefusedRow, Report};
use super::whereabouts::Whereabouts;
use super::{Mode, Plan, Request, Steps};
use crate::domain::{
    Actor, Change, DemandId, DemandPoint, Denial, Division, DivisionCode, Edit, Field, Kind, LonLat, Observation,
    Proposal, Resource, ResourceId, Revision, RowClass, Violation, changed_fields, permit,
};
use crate::exchange::{Decoded, Draft, Format, Target, document, is_made_code};
use crate::service::token;
use crate::spatial::geodesic::distance_m;
use crate::spatial::reach::{BORDER_M, reaches_out};
use crate::world::{Kept, World};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A row without a code is taken for a known resource of its name at most this far away, metres: the width of a large
/// school, and about what a wrong datum moves a point by.
pub const BY_NAME_WITHIN_M: f64 = 500.0;

/// Violations kept of all rows together; of rows beyond, the first one.
const VIOLATIONS_KEPT_MAX: usize = 100_000;

/// What a row is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Thing {
    /// A resource.
    Resource(Arc<Resource>),
    /// A division.
    Division(Arc<Division>),
    /// A demand point.
    Demand(Arc<DemandPoint>),
}

impl Thing {
    /// Returns its id.
    pub fn id(&self) -> &str {
        match self {
            Self::Resource(r) => r.id.as_str(),
            Self::Division(d) => d.code.as_str(),
            Self::Demand(d) => &d.id.0,
        }
    }

    /// Returns its code.
    pub fn code(&self) -> &str {
        match self {
            Self::Resource(r) => &r.code,
            Self::Division(d) => d.code.as_str(),
            Self::Demand(d) => &d.id.0,
        }
    }

    /// Returns its name; demand points have none.
    pub fn name(&self) -> &str {
        match self {
            Self::Resource(r) => &r.name.zh,
            Self::Division(d) => &d.name,
            Self::Demand(_) => "",
        }
    }

    /// Returns the point that stands for it; a division has none.
    pub fn position(&self) -> Option<LonLat> {
        match self {
            Self::Resource(r) => Some(r.place.position),
            Self::Demand(d) => Some(d.position),
            Self::Division(_) => None,
        }
    }
}

/// That a row was taken for a known resource without having its code.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Matched {
    /// Code that the resource has and keeps.
    pub code: String,
    /// How far the row's point is from where it was, metres.
    pub distance_m: f64,
    /// Chinese sentence.
    pub zh: String,
    /// English sentence.
    pub en: String,
}

/// One row, sorted.
#[derive(Debug, Clone)]
pub struct PlannedRow {
    /// Its number as a spreadsheet shows it.
    pub row: usize,
    /// What it would do.
    pub class: RowClass,
    /// What was there before.
    pub before: Option<Thing>,
    /// What would be there; nothing for a refused row.
    pub after: Option<Thing>,
    /// What was found about it.
    pub findings: Vec<Finding>,
    /// That it was taken for a resource by its name.
    pub matched: Option<Box<Matched>>,
    /// What is wrong with it.
    pub violations: Vec<Violation>,
    /// Code and name that a refused row says, so that it can be told from others.
    pub says: Option<Box<[String; 2]>>,
}

/// Sorts the rows of one file.
pub struct Planner<'a> {
    world: &'a World,
    actor: &'a Actor,
    request: &'a Request,
    format: Format,
    /// The report so far.
    pub report: Report,
    proposals: Vec<Proposal>,
    rows: Vec<PlannedRow>,
    notes: HashMap<String, usize>,
    ids: HashMap<String, usize>,
    /// Known resources that can be found by name, and only those.
    by_name: ByName,
    violations: usize,
}

/// What becomes of a row that can be taken.
struct Sorted {
    before: Option<Thing>,
    after: Thing,
    expected: Option<Revision>,
    matched: Option<Box<Matched>>,
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
            Target::Demand => self.sort_demand(&draft),
            Target::Division => self.sort_division(&draft),
        }
    }

    fn sort_resource(&mut self, kind: Kind, mut draft: Draft) -> Result<Sorted, Vec<Violation>> {
        let code = draft.patch.get("code").and_then(|c| c.as_str()).unwrap_or_default().to_owned();
        let (known, matched) = match self.world.by_code(kind, &code) {
            Some(row) => (Some(row), None),
            None => match self.by_name.find(self.world, &draft) {
                Some((row, metres)) => (Some(row), Some(Box::new(by_name(&row.value, metres)))),
                None => (None, None),
            },
        };
        let id = match known {
            Some(row) => row.value.id.clone(),
            None => self.own_id(&draft)?.unwrap_or_else(|| self.mint(kind, &code)),
        };
        self.once(id.as_str(), draft.row)?;
        let base = known.map(|row| &*row.value);
        if matched.is_some() {
            // The made code was only for want of the one it has.
            draft.patch.remove("code");
            *self.notes.entry(MATCHED_BY_NAME.to_owned()).or_default() += 1;
        }
        if base.is_some() && self.format.blank_says_nothing() {
            // A blank cell says nothing; it does not take away what is known.
            draft.patch.retain(|_, value| !value.is_null());
        }
        let mut after = document::read(Some(kind), Some(id), &draft.patch, base)?;
        if let Some(wide) = too_wide(base, &after) {
            return Err(vec![wide]);
        }
        self.observe(base, &mut after, &draft);
        let after = match known {
            // What is the same is kept once.
            Some(row) if *row.value == after => row.value.clone(),
            _ => Arc::new(after),
        };
        Ok(Sorted {
            before: known.map(|row| Thing::Resource(row.value.clone())),
            after: Thing::Resource(after),
            expected: known.map(|row| row.revision),
            matched,
        })
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
        for field in changed_fields(base, after) {
            match &told {
                Some(observation) => after.observations.insert(field, observation.clone()),
                None => after.observations.remove(&field),
            };
        }
    }

    fn sort_demand(&mut self, draft: &Draft) -> Result<Sorted, Vec<Violation>> {
        let code = draft.patch.get("code").and_then(|c| c.as_str()).unwrap_or_default();
        let known = self.world.demand_point(&DemandId(code.to_owned()));
        let after: DemandPoint = document::read_demand(&draft.patch, known.map(|row| &*row.value))?;
        self.once(&after.id.0, draft.row)?;
        Ok(Sorted {
            before: known.map(|row| Thing::Demand(row.value.clone())),
            after: Thing::Demand(Arc::new(after)),
            expected: known.map(|row| row.revision),
            matched: None,
        })
    }

    fn sort_division(&mut self, draft: &Draft) -> Result<Sorted, Vec<Violation>> {
        let code = draft.patch.get("code").and_then(|c| c.as_str()).unwrap_or_default();
        let known = DivisionCode::parse(code).ok().and_then(|code| self.world.division(&code));
        let after: Division = document::read_division(&draft.patch, known.map(|row| &*row.value))?;
        self.once(after.code.as_str(), draft.row)?;
        Ok(Sorted {
            before: known.map(|row| Thing::Division(row.value.clone())),
            after: Thing::Division(Arc::new(after)),
            expected: known.map(|row| row.revision),
            matched: None,
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

    /// Refuses divisions drawn outside the one above them, as the file has that one or else the world: who may write a
    /// village of his town could draw it into another town, and then act there in its name.
    fn refuse_strays(&mut self) {
        if self.request.target != Target::Division {
            return;
        }
        let drawn = |row: &PlannedRow| match &row.after {
            Some(Thing::Division(after)) => Some(after.clone()),
            _ => None,
        };
        let file: HashMap<DivisionCode, Arc<Division>> =
            self.rows.iter().filter_map(drawn).map(|division| (division.code.clone(), division)).collect();
        let area_of = |code: &DivisionCode| match file.get(code) {
            Some(division) => division.area.as_ref(),
            None => self.world.division(code).and_then(|row| row.value.area.as_ref()),
        };
        let mut strays = Vec::new();
        for (at, row) in self.rows.iter().enumerate().filter(|(_, row)| row.class != RowClass::Same) {
            let Some(after) = drawn(row) else { continue };
            let before = if let Some(Thing::Division(before)) = &row.before { before.area.as_ref() } else { None };
            let area = after.area.as_ref().filter(|area| before != Some(*area));
            let bounds = bounds_of(&after, area_of);
            if let (Some(area), Some((parent, bounds))) = (area, bounds)
                && reaches_out(area, bounds).is_some()
            {
                strays.push((at, after.clone(), stray(&parent)));
            }
        }
        for (at, after, violation) in strays {
            let says = Some(Box::new([after.code.to_string(), after.name.clone()]));
            let subject = Change::Division(Edit { before: None, after: Some(after) }).subject();
            self.proposals.retain(|proposal| proposal.change.subject() != subject);
            self.violations += 1;
            let row = &mut self.rows[at];
            (row.class, row.before, row.after, row.says) = (RowClass::Refused, None, None, says);
            row.violations = vec![violation];
        }
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
            count(&mut self.report, row);
        }
        Plan { report: self.report, proposals: self.proposals, rows: self.rows }
    }
}

const MATCHED_BY_NAME: &str = "缺少编码的行按名称与街镇对应到现有资源，编码不变 / rows without a code were taken for a known resource of their name and town, whose code stays";

fn by_name(known: &Resource, metres: f64) -> Matched {
    let (name, code) = (&known.name.zh, &known.code);
    Matched {
        code: code.clone(),
        distance_m: (metres * 10.0).round() / 10.0,
        zh: format!("本行没有编码；同一街镇内仅有一个同名的“{name}”（编码 {code}），相距 {metres:.0} 米，视为同一资源"),
        en: format!(
            "the row has no code; exactly one `{name}` (code {code}) is known in its town, {metres:.0} m away: taken for the same"
        ),
    }
}

fn stray(parent: &DivisionCode) -> Violation {
    Violation::new(
        "geometry",
        "outside_parent",
        format!("界线伸出上级区划 {parent} 超过 {BORDER_M} 米；请核对代码与界线"),
        format!(
            "the area reaches more than {BORDER_M} m out of {parent}, the division above it: check code and border"
        ),
    )
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

/// Returns the change from one state of a thing to another.
fn change(before: Option<&Thing>, after: &Thing) -> Change {
    match after {
        Thing::Resource(after) => {
            let before = before.and_then(|b| if let Thing::Resource(b) = b { Some(b.clone()) } else { None });
            Change::Resource(Edit { before, after: Some(after.clone()) })
        }
        Thing::Division(after) => {
            let before = before.and_then(|b| if let Thing::Division(b) = b { Some(b.clone()) } else { None });
            Change::Division(Edit { before, after: Some(after.clone()) })
        }
        Thing::Demand(after) => {
            let before = before.and_then(|b| if let Thing::Demand(b) = b { Some(b.clone()) } else { None });
            Change::Demand(Edit { before, after: Some(after.clone()) })
        }
    }
}

/// Counts one row, and lists it while there is room.
fn count(report: &mut Report, row: &PlannedRow) {
    let (total, class) = match row.class {
        RowClass::New => (&mut report.new, &mut report.classes.new),
        RowClass::Changed => (&mut report.changed, &mut report.classes.changed),
        RowClass::Same => (&mut report.same, &mut report.classes.same),
        RowClass::Refused => (&mut report.refused, &mut report.classes.refused),
    };
    *total += 1;
    *class += 1;
    let flags: HashSet<_> = row.findings.iter().map(Finding::word).collect();
    flags.into_iter().for_each(|flag| report.classes.flag(flag));
    if let Some(first) = row.violations.first()
        && report.refused_rows.len() < REFUSED_LISTED_MAX
    {
        let (field, reason) = (first.field.clone(), first.reason.clone());
        report.refused_rows.push(RefusedRow { row: row.row, field, reason, violations: row.violations.clone() });
    }
    if let Some(after) = row.after.as_ref().filter(|_| !row.findings.is_empty())
        && report.flagged_rows.len() < FLAGGED_LISTED_MAX
    {
        let flags = row.findings.iter().map(Finding::told).collect();
        let (id, name) = (after.id().to_owned(), after.name().to_owned());
        report.flagged_rows.push(FlaggedRow { row: row.row, id, name, flags });
    }
}

/// Known resources by name and town, for rows without a code. Empty when the file has no such row.
#[derive(Default)]
struct ByName {
    known: HashMap<(String, String), Vec<Kept<Resource>>>,
    /// Codes that rows of the file have.
    codes: HashSet<String>,
    /// How many rows without a code have each name.
    rows: HashMap<String, usize>,
}

impl ByName {
    fn of(world: &World, target: Target, drafts: &[Draft]) -> Self {
        let Target::Resource(kind) = target else { return Self::default() };
        let mut own = Self::default();
        for draft in drafts {
            let text = |field: &str| draft.patch.get(field).and_then(|v| v.as_str()).unwrap_or_default();
            if is_made_code(text("code")) {
                *own.rows.entry(folded(text("name"))).or_default() += 1;
            }
            own.codes.insert(text("code").to_owned());
        }
        if own.rows.is_empty() {
            return Self::default();
        }
        for row in world.of_kind(crate::domain::Audience::Staff, kind, None) {
            let name = folded(&row.value.name.zh);
            if own.rows.contains_key(&name)
                && let Some(town) = town_of(world, &row.value)
            {
                own.known.entry((name, town)).or_default().push(row.clone());
            }
        }
        own
    }

    /// Returns the one known resource that a row without a code is about, and how far away it is, metres.
    fn find<'w>(&self, world: &'w World, draft: &Draft) -> Option<(&'w Kept<Resource>, f64)> {
        let text = |field: &str| draft.patch.get(field).and_then(|v| v.as_str()).unwrap_or_default();
        let name = folded(text("name"));
        if name.is_empty() || !is_made_code(text("code")) || self.rows.get(&name) != Some(&1) {
            return None;
        }
        let number = |field: &str| draft.patch.get(field).and_then(serde_json::Value::as_f64);
        let position = LonLat::new(number("lon")?, number("lat")?).ok()?;
        let claimed = DivisionCode::parse(text("division")).ok().filter(|c| c.level() >= crate::domain::Level::Town);
        let town = match &claimed {
            Some(code) => code.as_str().get(..9)?.to_owned(),
            None => world.division_at(position, crate::domain::Level::Town)?.value.code.as_str().get(..9)?.to_owned(),
        };
        let [only] = self.known.get(&(name, town))?.as_slice() else { return None };
        let metres = distance_m(position, only.value.place.position);
        if metres > BY_NAME_WITHIN_M || self.codes.contains(&only.value.code) {
            return None;
        }
        Some((world.resource(&only.value.id)?, metres))
    }
}
