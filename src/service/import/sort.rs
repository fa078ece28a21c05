//! A draft → what it is about and what would become of it, or everything that is wrong with it.

use super::by_name::{MATCHED_BY_NAME, by_name};
use super::planned::Thing;
use super::planner::{Planner, Sorted};
use super::uncarried::{keep_place, keep_uncarried};
use crate::domain::{
    DemandId, DemandPoint, Division, DivisionCode, Field, Kind, Observation, Resource, ResourceId, Violation,
    changed_fields,
};
use crate::exchange::{Draft, Target, document};
use crate::service::border::too_wide;
use std::sync::Arc;

impl Planner<'_> {
    pub(super) fn sort(&mut self, mut draft: Draft) -> Result<Sorted, Vec<Violation>> {
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
        if let Some(note) = base.and_then(|base| keep_uncarried(self.format, base, &mut draft)) {
            *self.notes.entry(note.to_owned()).or_default() += 1;
        }
        if let Some(base) = base {
            keep_place(&self.request.crs, base, &mut draft);
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
}
