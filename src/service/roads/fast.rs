//! The hierarchy of the running service: brought up to date with what is closed, by profile and metric, when it is first
//! asked for after a change.
//!
//! Why at the first question: most profiles are not asked about between two closures, and bringing one up to date takes
//! milliseconds. Answers do not depend on it, to the last bit (`tests/oracle/hierarchy.rs`). Invariant: nobody waits for its
//! locks on a thread of rayon's, for whoever holds one may wait for those threads.

use super::{Present, Roads, Shut, Travel};
use crate::domain::Profile;
use crate::network::hierarchy::{Customized, Scratch, Ways};
use crate::network::{Metric, Search};
use std::sync::{Arc, Mutex, PoisonError};

/// Graphs of fewer nodes are answered by the plain search, which is as quick there.
pub(super) const NODES_MIN: usize = 20_000;

/// States kept for each profile and metric: before and after a change.
const KEPT: usize = 2;

type Kept = (Arc<Shut>, Arc<Customized>);

/// What was brought up to date last, by profile and metric.
#[derive(Default)]
pub(super) struct Fast([[Mutex<Vec<Kept>>; Metric::ALL.len()]; Profile::ALL.len()]);

impl Roads {
    /// Lets the hierarchy answer on graphs of so many nodes or more, whatever is quicker: so that both can be compared.
    pub fn with_hierarchy_from(mut self, nodes: usize) -> Self {
        self.fast_from = nodes;
        self
    }

    /// Returns the hierarchy as things stand; `None` where the plain search is to answer.
    pub fn fast(&self, present: &Present, travel: Travel) -> Option<Arc<Customized>> {
        let hierarchy = self.hierarchy.as_ref().filter(|_| self.graph.node_count() >= self.fast_from)?;
        let kept = &self.fast.0[travel.profile as usize][travel.metric as usize];
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = kept.iter().position(|(shut, _)| Arc::ptr_eq(shut, &present.shut)) {
            // What was not asked about for longest comes first, and goes first.
            kept[place..].rotate_left(1);
            return kept.last().map(|(_, fast)| fast.clone());
        }
        let costs = present.costs(self, travel);
        let fast = match kept.last() {
            Some((before, fast)) => {
                let mut next = Customized::clone(fast);
                next.follow(&before.overlay, &costs);
                next
            }
            None => Customized::new(hierarchy, &costs),
        };
        let fast = Arc::new(fast);
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((present.shut.clone(), fast.clone()));
        Some(fast)
    }

    /// Answers a question by whichever search is quicker, with work arrays that are kept for the next.
    pub fn ask<T>(&self, present: &Present, travel: Travel, run: impl FnOnce(&Ways<'_>, &mut Scratch) -> T) -> T {
        let fast = self.fast(present, travel);
        let ways = Ways::new(present.costs(self, travel), fast.as_deref());
        self.with_scratch(|scratch| run(&ways, scratch))
    }

    /// Runs a plain search with work arrays that are kept for the next.
    pub fn with_search<T>(&self, run: impl FnOnce(&mut Search) -> T) -> T {
        self.with_scratch(|scratch| run(&mut scratch.search))
    }

    fn with_scratch<T>(&self, run: impl FnOnce(&mut Scratch) -> T) -> T {
        let lent = self.scratch.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = lent.unwrap_or_default();
        let answer = run(&mut scratch);
        let mut kept = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < super::SCRATCH_KEPT {
            kept.push(scratch);
        }
        answer
    }
}
