//! Rows by place: what the nearest search walks.
//!
//! The index keeps small numbers, not rows, so that a change that moves nothing leaves it alone; a number leads to its
//! row in a few steps, where the ordered map would compare a dozen ids for each candidate. Invariant: the index holds
//! exactly the numbers whose row is there.

use super::Kept;
use crate::domain::{LonLat, Resource, ResourceId};
use crate::spatial::index::PlaceIndex;
use imbl::{HashMap, Vector};

/// Numbers that may lie idle before all are given out anew.
const IDLE_MAX: usize = 4096;

/// The rows of a world by place.
#[derive(Clone)]
pub(super) struct Places {
    index: PlaceIndex<u32>,
    rows: Vector<Option<Kept<Resource>>>,
    numbers: HashMap<ResourceId, u32>,
}

impl Places {
    /// Gives numbers to all rows at once.
    pub(super) fn build<'a>(rows: impl Iterator<Item = &'a Kept<Resource>>) -> Self {
        let rows: Vec<Kept<Resource>> = rows.cloned().collect();
        let numbered = || (0u32..).zip(&rows);
        Self {
            index: PlaceIndex::build(numbered().map(|(number, row)| (number, &row.value.place))),
            numbers: numbered().map(|(number, row)| (row.value.id.clone(), number)).collect(),
            rows: rows.iter().cloned().map(Some).collect(),
        }
    }

    /// Puts a row in the place of the one with its id, or as a new one.
    pub(super) fn put(&mut self, row: Kept<Resource>) {
        let number = match self.numbers.get(&row.value.id) {
            Some(number) => *number,
            None => self.next(&row),
        };
        let old = self.rows.set(number as usize, Some(row.clone()));
        if old.is_none_or(|old| old.value.place != row.value.place) {
            self.index.put(number, &row.value.place);
        }
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, id: &ResourceId) {
        let Some(number) = self.numbers.remove(id) else { return };
        self.rows.set(number as usize, None);
        self.index.remove(&number);
        if self.rows.len() > self.numbers.len() + IDLE_MAX {
            let kept: Vec<Kept<Resource>> = self.rows.iter().flatten().cloned().collect();
            *self = Self::build(kept.iter());
        }
    }

    /// Yields rows in order of a lower bound of their distance, like [`PlaceIndex::walk`].
    pub(super) fn walk(&self, from: LonLat) -> impl Iterator<Item = (f64, &Kept<Resource>)> {
        let row = |number: &u32| self.rows.get(*number as usize).and_then(Option::as_ref);
        self.index.walk(from).filter_map(move |(at_least_m, number)| Some((at_least_m, row(number)?)))
    }

    fn next(&mut self, row: &Kept<Resource>) -> u32 {
        let number = self.rows.len() as u32;
        self.rows.push_back(None);
        self.numbers.insert(row.value.id.clone(), number);
        number
    }
}
