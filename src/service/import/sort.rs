//! A draft → what it is about and what would become of it, or everything that is wrong with it.

use super::by_name::{MATCHED_BY_NAME, by_name};
use super::planned::Thing;
use super::planner::{Planner, Sorted};
use super::same_place::{keep_area, keep_place, keep_point};
use super::uncarried::{Standing, keep_uncarried};
use crate::domain::{
    Audience, DemandId, DemandPoint, Division, DivisionCode, Field, Kind, Observation, Resource, ResourceId, Violation,
    changed_fields,
};
use crate::exchange::{Draft, Target, document, is_made_code, waypoint_of};
use crate::service::border::too_wide;
use crate::world::{Kept, World};
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
            Target::Demand => self.sort_demand(draft),
            Target::Division => self.sort_division(draft),
        }
    }

    fn sort_resource(&mut self, kind: Kind, mut draft: Draft) -> Result<Sorted, Vec<Violation>> {
        let code = draft.patch.get("code").and_then(|c| c.as_str()).unwrap_or_default().to_owned();
        let by_id = named_by_id(self.world, (kind, &code), &draft);
        let (known, matched) = match self.world.by_code(kind, &code).or(by_id) {
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
        if by_id.is_some() || matched.is_some() {
            // The made code was only for want of the one it has.
            draft.patch.remove("code");
        }
        if matched.is_some() {
            *self.notes.entry(MATCHED_BY_NAME.to_owned()).or_default() += 1;
        }
        if base.is_some() && self.format.blank_says_nothing() {
            // A blank cell says nothing; it does not take away what is known.
            draft.patch.retain(|_, value| !value.is_null());
        }
        if let Some(base) = base {
            let inside = base.place.footprint.as_ref().map(|_| base.place.position);
            let standing = || Standing { document: document::write(base, Audience::Staff), inside };
            self.keep_uncarried(standing, &mut draft);
            keep_place(&self.request.crs, base, &mut draft.patch);
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

    /// Takes out of a draft what its format could not carry, and notes that.
    fn keep_uncarried(&mut self, standing: impl FnOnce() -> Standing, draft: &mut Draft) {
        if let Some(note) = keep_uncarried(self.format, standing, draft) {
            *self.notes.entry(note.to_owned()).or_default() += 1;
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
        for field in changed_fields(base, after) {
            match &told {
                Some(observation) => after.observations.insert(field, observation.clone()),
                None => after.observations.remove(&field),
            };
        }
    }

    fn sort_demand(&mut self, mut draft: Draft) -> Result<Sorted, Vec<Violation>> {
        let code = draft.patch.get("code").and_then(|c| c.as_str()).unwrap_or_default();
        let known = self.world.demand_point(&DemandId(code.to_owned()));
        if let Some(known) = known {
            let standing = || Standing { document: document::write_demand(&known.value), inside: None };
            self.keep_uncarried(standing, &mut draft);
            keep_point(&self.request.crs, known.value.position, &mut draft.patch);
        }
        let after: DemandPoint = document::read_demand(&draft.patch, known.map(|row| &*row.value))?;
        self.once(&after.id.0, draft.row)?;
        Ok(Sorted {
            before: known.map(|row| Thing::Demand(row.value.clone())),
            after: Thing::Demand(Arc::new(after)),
            expected: known.map(|row| row.revision),
            matched: None,
        })
    }

    fn sort_division(&mut self, mut draft: Draft) -> Result<Sorted, Vec<Violation>> {
        let code = draft.patch.get("code").and_then(|c| c.as_str()).unwrap_or_default();
        let known = DivisionCode::parse(code).ok().and_then(|code| self.world.division(&code));
        if let Some(known) = known {
            let inside = known.value.area.as_ref().and_then(waypoint_of);
            let standing = || Standing { document: document::write_division(&known.value), inside };
            self.keep_uncarried(standing, &mut draft);
        }
        if let Some(area) = known.and_then(|row| row.value.area.as_ref()) {
            keep_area(&self.request.crs, area, &mut draft.patch);
        }
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

/// Returns the resource of a kind that a row names by its id, as exports do, where its code says nothing: it was made for
/// want of one, or is the id again, as of a feature that has nothing else.
fn named_by_id<'w>(world: &'w World, (kind, code): (Kind, &str), draft: &Draft) -> Option<&'w Kept<Resource>> {
    let id = draft.patch.get("id")?.as_str().filter(|id| *id == code || is_made_code(code))?;
    world.resource(&ResourceId::parse(id).ok()?).filter(|row| row.value.kind() == kind)
}
