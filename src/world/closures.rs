//! Closures of a world, by name and by their end.
//!
//! Why by end as well: the ended stay, for the past is asked about and undone, and they grow without a limit; questions are
//! about those that stand, of which there are few. Invariant: both hold the same rows.

use super::Kept;
use crate::domain::{Closure, ClosureId};
use chrono::{DateTime, Utc};
use imbl::OrdMap;
use std::ops::Bound::{Excluded, Unbounded};

type ById = OrdMap<ClosureId, Kept<Closure>>;

/// All closures that were not lifted, ended ones too.
#[derive(Debug, Clone, Default)]
pub(super) struct Closures {
    by_id: ById,
    /// Those that never end come last.
    by_end: OrdMap<DateTime<Utc>, ById>,
}

impl PartialEq for Closures {
    fn eq(&self, other: &Self) -> bool {
        self.by_id == other.by_id
    }
}

fn end(row: &Kept<Closure>) -> DateTime<Utc> {
    row.value.to.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Closures {
    pub(super) fn insert(&mut self, row: Kept<Closure>) {
        self.remove(&row.value.id);
        self.by_end.entry(end(&row)).or_default().insert(row.value.id.clone(), row.clone());
        self.by_id.insert(row.value.id.clone(), row);
    }

    pub(super) fn remove(&mut self, id: &ClosureId) -> Option<Kept<Closure>> {
        let old = self.by_id.remove(id)?;
        if let Some(beside) = self.by_end.get_mut(&end(&old)) {
            beside.remove(id);
            if beside.is_empty() {
                self.by_end.remove(&end(&old));
            }
        }
        Some(old)
    }

    pub(super) fn get(&self, id: &ClosureId) -> Option<&Kept<Closure>> {
        self.by_id.get(id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Kept<Closure>> {
        self.by_id.values()
    }

    /// Returns those that end after a time or never, in order of name; no other is looked at.
    pub(super) fn standing(&self, at: DateTime<Utc>) -> Vec<&Kept<Closure>> {
        let rest = self.by_end.range((Excluded(at), Unbounded));
        let mut standing: Vec<_> = rest.flat_map(|(_, rows)| rows.values()).collect();
        standing.sort_unstable_by(|a, b| a.value.id.cmp(&b.value.id));
        standing
    }
}
