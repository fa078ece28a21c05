//! Turn restrictions as a machine that reads the arcs of a path and says which next arc is forbidden.
//!
//! Every restriction is a sequence of arcs that must not be driven in a row (`only_…` forbids every sequence that leaves
//! another way). The sequences make a trie with failure links (Aho and Corasick 1975, doi 10.1145/360825.360855): its state
//! after an arc is the longest tail of the path that begins a forbidden sequence. A state other than the root makes a copy of
//! the node it stands at. Invariant: a path is forbidden by the machine exactly when it holds a forbidden sequence.

use crate::domain::ProfileSet;
use std::collections::{BTreeMap, VecDeque};

/// State of the machine; 0 is the root, in which nothing is begun.
pub(super) type State = u32;

/// A directed edge in the numbering of the builder: edge × 2, plus 1 backward.
pub(super) type Directed = u32;

/// Sequences that must not be driven.
#[derive(Debug, Default)]
pub(super) struct Machine {
    next: Vec<BTreeMap<Directed, State>>,
    fail: Vec<State>,
    /// Whom the sequences that end in a state bind.
    ends: Vec<ProfileSet>,
}

impl Machine {
    /// Returns the machine of sequences, each with whom it binds. Sequences are two arcs long or longer.
    pub(super) fn new(sequences: &[(Vec<Directed>, ProfileSet)]) -> Self {
        let mut machine = Self { next: vec![BTreeMap::new()], fail: vec![0], ends: vec![ProfileSet::NONE] };
        for (sequence, binds) in sequences {
            let mut at = 0;
            for arc in sequence {
                at = machine.step_or_add(at, *arc);
            }
            machine.ends[at as usize] = machine.ends[at as usize].or(*binds);
        }
        machine.link();
        machine
    }

    fn step_or_add(&mut self, at: State, arc: Directed) -> State {
        let fresh = self.next.len() as State;
        let to = *self.next[at as usize].entry(arc).or_insert(fresh);
        if to == fresh {
            self.next.push(BTreeMap::new());
            self.fail.push(0);
            self.ends.push(ProfileSet::NONE);
        }
        to
    }

    /// Gives each state its failure link, breadth first, and what ends in the linked states too.
    fn link(&mut self) {
        let mut queue: VecDeque<State> = self.next[0].values().copied().collect();
        while let Some(state) = queue.pop_front() {
            let children: Vec<(Directed, State)> = self.next[state as usize].iter().map(|(a, s)| (*a, *s)).collect();
            for (arc, child) in children {
                let fail = self.goto(self.fail[state as usize], arc);
                self.fail[child as usize] = fail;
                self.ends[child as usize] = self.ends[child as usize].or(self.ends[fail as usize]);
                queue.push_back(child);
            }
        }
    }

    /// Returns the state after an arc.
    pub(super) fn goto(&self, mut at: State, arc: Directed) -> State {
        loop {
            if let Some(to) = self.next[at as usize].get(&arc) {
                return *to;
            }
            if at == 0 {
                return 0;
            }
            at = self.fail[at as usize];
        }
    }

    /// Returns who may not drive an arc in a state.
    pub(super) fn forbids(&self, at: State, arc: Directed) -> ProfileSet {
        self.ends[self.goto(at, arc) as usize]
    }

    /// Returns the state that goes on as this one does and is nearest to the root: what is begun in a state without a way on
    /// can not be completed.
    pub(super) fn settle(&self, mut at: State) -> State {
        while at != 0 && self.next[at as usize].is_empty() {
            at = self.fail[at as usize];
        }
        at
    }
}
