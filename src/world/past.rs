//! The past as the public may be shown it.
//!
//! Invariant: a past view tells the public of a resource only if the public may know of it now and might have known of it
//! then. What was hidden since, or is gone, stays untold: somebody may have had a reason.

use super::World;
use super::places::Places;
use crate::domain::{Audience, ResourceId};

impl World {
    /// Returns this world of the past without the resources that the public may not know of in it or in `now`.
    #[must_use]
    pub fn as_public_in(&self, now: &Self) -> Self {
        let known = |id: &ResourceId| now.resource_for(Audience::Public, id).is_some();
        let untold: Vec<_> =
            self.resources.values().filter(|row| !row.value.is_public() || !known(&row.value.id)).cloned().collect();
        let mut seen = self.clone();
        for row in &untold {
            let (id, kind) = (&row.value.id, row.value.kind());
            seen.resources.remove(id);
            seen.kinds[kind as usize].remove(id);
            seen.codes.remove(&(kind, row.value.code.clone()));
            seen.doubts.remove(id);
        }
        if !untold.is_empty() {
            seen.places = Places::build(seen.resources.values());
        }
        seen
    }
}
