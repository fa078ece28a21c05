//! A change is a value: what a thing was, what it is now. Undo is the same value turned round.
//!
//! Invariants: an [`Edit`] never has both sides empty; both sides, where present, name the same subject.

use super::{
    Closure, ClosureId, Correction, CorrectionId, DemandId, DemandPoint, Division, DivisionCode, Resource, ResourceId,
    Revision,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Before and after of one thing. `before: None` is a birth, `after: None` a removal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit<T> {
    /// What it was.
    pub before: Option<Arc<T>>,
    /// What it is now.
    pub after: Option<Arc<T>>,
}

impl<T> Edit<T> {
    /// Returns the edit that takes this one back.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { before: self.after, after: self.before }
    }

    /// Returns the side that is there, the newer one first.
    pub fn latest(&self) -> Option<&Arc<T>> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

/// Everything that can change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "subject", rename_all = "snake_case")]
pub enum Change {
    /// A shelter, warehouse, storage point, team or site.
    Resource(Edit<Resource>),
    /// An administrative division.
    Division(Edit<Division>),
    /// A demand point.
    Demand(Edit<DemandPoint>),
    /// A report that the map is wrong.
    Correction(Edit<Correction>),
    /// A closure of roads.
    Closure(Edit<Closure>),
}

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A resource.
    Resource(ResourceId),
    /// A division.
    Division(DivisionCode),
    /// A demand point.
    Demand(DemandId),
    /// A report.
    Correction(CorrectionId),
    /// A closure.
    Closure(ClosureId),
}

impl Change {
    /// Returns the subject; `None` only for an edit that breaks the invariant (both sides empty).
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Self::Resource(e) => e.latest().map(|r| Subject::Resource(r.id.clone())),
            Self::Division(e) => e.latest().map(|d| Subject::Division(d.code.clone())),
            Self::Demand(e) => e.latest().map(|d| Subject::Demand(d.id.clone())),
            Self::Correction(e) => e.latest().map(|c| Subject::Correction(c.id.clone())),
            Self::Closure(e) => e.latest().map(|c| Subject::Closure(c.id.clone())),
        }
    }

    /// Returns whether the public can see the difference: the two public views are not the same. Of a report the public
    /// sees that one more or one less is open about a place that it knows, while it knows it.
    pub fn touches_public(&self) -> bool {
        let view = |side: &Option<Arc<Resource>>| side.as_ref().and_then(|r| r.public_view());
        match self {
            Self::Resource(e) => view(&e.before) != view(&e.after),
            Self::Division(_) | Self::Demand(_) | Self::Closure(_) => true,
            Self::Correction(e) => {
                let open = |side: &Option<Arc<Correction>>| side.as_ref().is_some_and(|c| c.public && c.is_open());
                !e.latest().is_some_and(|c| c.hidden) && open(&e.before) != open(&e.after)
            }
        }
    }

    /// Returns the change that takes this one back.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Resource(e) => Self::Resource(e.reversed()),
            Self::Division(e) => Self::Division(e.reversed()),
            Self::Demand(e) => Self::Demand(e.reversed()),
            Self::Correction(e) => Self::Correction(e.reversed()),
            Self::Closure(e) => Self::Closure(e.reversed()),
        }
    }
}

/// A change on its way to the journal, with the revision its author looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What is to change.
    pub change: Change,
    /// Revision of the row it replaces; `None` when the thing must not exist yet.
    pub expected: Option<Revision>,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, without gaps.
    pub revision: Revision,
    /// First revision of the batch that it was committed with.
    pub batch: Revision,
    /// Name of who did it.
    pub actor: String,
    /// When it was committed.
    pub at: DateTime<Utc>,
    /// Why, in the author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What changed.
    pub change: Change,
}
