//! The fold: journal entries into the next world.

use super::places::Places;
use super::{Row, World};
use crate::domain::{Change, Edit, Entry, Resource, Revision};
use std::sync::Arc;

/// An entry does not follow the world it was to be applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("revision {next} does not follow {at}")]
pub struct Gap {
    /// Where the world is.
    pub at: Revision,
    /// The entry that came.
    pub next: Revision,
}

/// From this many moved places on, the index is built anew instead of entry by entry.
const REBUILD_FROM: usize = 200;

impl World {
    /// Returns the world after `entries`, which must follow this one without a gap.
    pub fn apply(&self, entries: &[Entry]) -> Result<Self, Gap> {
        let mut next = self.clone();
        let mut touched = Touched::default();
        let moved = entries.iter().filter(|e| matches!(&e.change, Change::Resource(edit) if moves(edit))).count();
        for entry in entries {
            if entry.revision != next.revisions.all.next() {
                return Err(Gap { at: next.revisions.all, next: entry.revision });
            }
            next.fold(entry, &mut touched, moved < REBUILD_FROM);
        }
        if moved >= REBUILD_FROM {
            next.places = Places::build(next.resources.values());
        }
        if touched.divisions {
            next.relocate();
        } else if touched.demand {
            next.resettle();
        }
        Ok(next)
    }

    fn fold(&mut self, entry: &Entry, touched: &mut Touched, index: bool) {
        let public = entry.change.touches_public();
        self.revisions.all = entry.revision;
        if public {
            self.revisions.public = entry.revision;
        }
        let stamp = Stamp { revision: entry.revision, public };
        match &entry.change {
            Change::Resource(edit) => self.fold_resource(edit, stamp, index),
            Change::Division(edit) => {
                touched.divisions = true;
                let Some(division) = edit.latest() else { return };
                let old = self.divisions.remove(&division.code);
                if let Some(after) = &edit.after {
                    self.divisions.insert(after.code.clone(), stamp.row(after, old.as_deref()));
                }
            }
            Change::Demand(edit) => {
                touched.demand = true;
                let Some(point) = edit.latest() else { return };
                let old = self.demand.remove(&point.id);
                if let Some(after) = &edit.after {
                    self.demand.insert(after.id.clone(), stamp.row(after, old.as_deref()));
                }
            }
            Change::Correction(edit) => {
                let Some(report) = edit.latest() else { return };
                let old = self.drop_correction(&report.id);
                if let Some(after) = &edit.after {
                    self.keep_correction(stamp.row(after, old.as_deref()));
                }
            }
            Change::Closure(edit) => {
                let Some(closure) = edit.latest() else { return };
                let old = self.closures.remove(&closure.id);
                if let Some(after) = &edit.after {
                    self.closures.insert(stamp.row(after, old.as_deref()));
                }
            }
        }
    }

    fn fold_resource(&mut self, edit: &Edit<Resource>, stamp: Stamp, index: bool) {
        let Some(latest) = edit.latest() else { return };
        let old = self.resources.remove(&latest.id);
        if let Some(old) = &old {
            self.kinds[old.value.kind() as usize].remove(&old.value.id);
            self.codes.remove(&(old.value.kind(), old.value.code.clone()));
        }
        match &edit.after {
            Some(after) => {
                let row = stamp.row(after, old.as_deref());
                if index {
                    self.places.put(row.clone());
                }
                self.keep_resource(row);
            }
            None if index => self.places.remove(&latest.id),
            None => {}
        }
    }
}

#[derive(Default)]
struct Touched {
    divisions: bool,
    demand: bool,
}

#[derive(Clone, Copy)]
struct Stamp {
    revision: Revision,
    public: bool,
}

impl Stamp {
    fn row<T>(self, value: &Arc<T>, old: Option<&Row<T>>) -> Arc<Row<T>> {
        let before = old.map_or(Revision::default(), |row| row.public_revision);
        let public_revision = if self.public { self.revision } else { before };
        Arc::new(Row { revision: self.revision, public_revision, value: value.clone() })
    }
}

/// Returns whether an edit changes where a resource is.
fn moves(edit: &Edit<Resource>) -> bool {
    match (&edit.before, &edit.after) {
        (Some(before), Some(after)) => before.place != after.place,
        _ => true,
    }
}
