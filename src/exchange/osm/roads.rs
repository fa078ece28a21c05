//! Ways and turn restrictions of a map file, as they are put together into [`Source`].
//!
//! Invariants: nodes get their places in the order in which ways name them; a turn restriction that is not kept is counted, by
//! whether it says nothing that could be read or is about roads that are not there.

use super::gather::Counts;
use super::{Member, What};
use crate::domain::ProfileSet;
use crate::network::{Source, SourceNode, SourceRestriction, SourceWay, Via};
use std::collections::{HashMap, HashSet};

/// A turn restriction as the file has it.
pub(super) struct Turn {
    pub(super) from: i64,
    pub(super) via: Vec<Member>,
    pub(super) to: i64,
    /// Whether it is an `only_…`, and whom it binds.
    pub(super) rule: (bool, ProfileSet),
}

/// Roads in the making.
#[derive(Default)]
pub(super) struct Roads {
    numbers: HashMap<i64, u32>,
    ids: Vec<i64>,
    ways: Vec<SourceWay>,
}

impl Roads {
    pub(super) fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }

    fn number(&mut self, id: i64) -> u32 {
        let fresh = self.ids.len() as u32;
        let number = *self.numbers.entry(id).or_insert(fresh);
        if number == fresh {
            self.ids.push(id);
        }
        number
    }

    /// Adds a way; its nodes are given by their ids in the file.
    pub(super) fn add(&mut self, mut way: SourceWay, refs: &[i64]) {
        way.nodes = refs.iter().map(|id| self.number(*id)).collect();
        self.ways.push(way);
    }

    /// Returns the roads with those turn restrictions that are about them, and counts the others.
    pub(super) fn finish(self, turns: Vec<Turn>, counts: &mut Counts, node: impl Fn(i64) -> SourceNode) -> Source {
        let kept: HashSet<i64> = self.ways.iter().map(|way| way.id).collect();
        let mut restrictions = Vec::new();
        for turn in turns {
            let Turn { from, via, to, rule: (only, binds) } = turn;
            let via = match &via[..] {
                [node] if node.what == What::Node => self.numbers.get(&node.id).copied().map(Via::Node),
                ways if !ways.is_empty() && ways.iter().all(|m| m.what == What::Way) => {
                    let ids: Vec<i64> = ways.iter().map(|m| m.id).collect();
                    ids.iter().all(|id| kept.contains(id)).then_some(Via::Ways(ids))
                }
                _ => {
                    counts.restrictions_garbled += 1;
                    continue;
                }
            };
            match via.filter(|_| kept.contains(&from) && kept.contains(&to)) {
                Some(via) => restrictions.push(SourceRestriction { from, via, to, only, binds }),
                None => counts.restrictions_elsewhere += 1,
            }
        }
        Source { nodes: self.ids.iter().map(|id| node(*id)).collect(), ways: self.ways, restrictions }
    }
}
