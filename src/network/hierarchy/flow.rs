//! The narrowest place of a part of the roads: the least number of edges that hold its two ends together.
//!
//! By unit flow between the first and the last quarter of its nodes in some order (Dinic 1970), in which a flow that grows no
//! more has found its narrowest place. Invariant: the two sides are told apart by edges that all carry flow, so no smaller
//! cut parts the two quarters.

use std::collections::VecDeque;

/// A part of the roads by itself: undirected, nodes numbered from 0, without loops and double edges.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Number of each node in the whole.
    pub(super) nodes: Vec<u32>,
    /// Where each node is, in metres or so.
    pub(super) at: Vec<[f32; 2]>,
    /// First place in `next` of each node, and the number at the end.
    pub(super) first: Vec<u32>,
    /// Neighbours, in order.
    pub(super) next: Vec<u32>,
}

impl Part {
    /// Returns the number of nodes.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Returns the neighbours of a node.
    pub(super) fn around(&self, node: u32) -> &[u32] {
        &self.next[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// Returns what lies between the nodes that are wanted.
    pub(super) fn only(&self, wanted: impl Fn(u32) -> bool) -> Self {
        const OUT: u32 = u32::MAX;
        let mut number = vec![OUT; self.len()];
        let mut part = Self { first: vec![0], ..Self::default() };
        for node in (0..self.len() as u32).filter(|node| wanted(*node)) {
            number[node as usize] = part.nodes.len() as u32;
            part.nodes.push(self.nodes[node as usize]);
            part.at.push(self.at[node as usize]);
        }
        for node in (0..self.len() as u32).filter(|node| number[*node as usize] != OUT) {
            let inside = self.around(node).iter().map(|n| number[*n as usize]).filter(|n| *n != OUT);
            part.next.extend(inside);
            part.first.push(part.next.len() as u32);
        }
        part
    }
}

/// Which nodes are on the side of the first.
pub(super) type Side = Vec<bool>;

/// Flow along the edges of a part.
pub(super) struct Flow<'a> {
    part: &'a Part,
    /// The arc that runs the other way.
    back: Vec<u32>,
    /// One unit along an arc, none, or one against it.
    along: Vec<i8>,
    /// First node: −1, last: 1.
    end: Vec<i8>,
    level: Vec<u32>,
    tried: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

impl<'a> Flow<'a> {
    /// Returns a part through which nothing flows yet.
    pub(super) fn new(part: &'a Part) -> Self {
        let mut back = vec![0; part.next.len()];
        for node in 0..part.len() as u32 {
            let first = part.first[node as usize];
            for (arc, head) in (first..).zip(part.around(node)) {
                let place = part.around(*head).partition_point(|n| *n < node) as u32;
                back[arc as usize] = part.first[*head as usize] + place;
            }
        }
        let (nodes, arcs) = (part.len(), part.next.len());
        Self { part, back, along: vec![0; arcs], end: vec![0; nodes], level: vec![0; nodes], tried: vec![0; nodes] }
    }

    /// Returns the two narrowest cuts between the `ends` first and the `ends` last nodes of an order: the one nearest to the
    /// first, and the one nearest to the last.
    pub(super) fn narrowest(&mut self, order: &[u32], ends: usize) -> [Side; 2] {
        self.along.fill(0);
        self.end.fill(0);
        let (first, last) = (&order[..ends], &order[order.len() - ends..]);
        first.iter().for_each(|node| self.end[*node as usize] = -1);
        last.iter().for_each(|node| self.end[*node as usize] = 1);
        while self.rank_from(first) {
            self.tried.copy_from_slice(&self.part.first[..self.part.len()]);
            first.iter().for_each(|node| self.push_from(*node));
        }
        let reached = self.level.iter().map(|level| *level != UNSEEN).collect();
        let leads_on = self.leads_to(last);
        [reached, leads_on.into_iter().map(|leads| !leads).collect()]
    }

    /// Numbers nodes by how many arcs that can take more lie before them; returns whether a last one is among them.
    fn rank_from(&mut self, first: &[u32]) -> bool {
        self.level.fill(UNSEEN);
        let mut queue: VecDeque<u32> = first.iter().copied().collect();
        first.iter().for_each(|node| self.level[*node as usize] = 0);
        let mut found = UNSEEN;
        while let Some(node) = queue.pop_front() {
            let next = self.level[node as usize] + 1;
            if next > found {
                break;
            }
            for arc in self.part.first[node as usize]..self.part.first[node as usize + 1] {
                let head = self.part.next[arc as usize] as usize;
                if self.along[arc as usize] < 1 && self.level[head] == UNSEEN {
                    self.level[head] = next;
                    if self.end[head] == 1 {
                        found = next;
                    }
                    queue.push_back(head as u32);
                }
            }
        }
        found != UNSEEN
    }

    /// Sends what can be sent from a first node along arcs that lead one level up.
    fn push_from(&mut self, start: u32) {
        let mut path: Vec<u32> = Vec::new();
        let mut at = start;
        loop {
            if self.end[at as usize] == 1 {
                for arc in path.drain(..) {
                    self.along[arc as usize] += 1;
                    self.along[self.back[arc as usize] as usize] -= 1;
                }
                at = start;
            }
            match self.way_up(at) {
                Some(arc) => {
                    path.push(arc);
                    at = self.part.next[arc as usize];
                }
                None => {
                    self.level[at as usize] = UNSEEN;
                    let Some(arc) = path.pop() else { return };
                    at = self.part.next[self.back[arc as usize] as usize];
                }
            }
        }
    }

    fn way_up(&mut self, node: u32) -> Option<u32> {
        let up = self.level[node as usize].checked_add(1)?;
        while self.tried[node as usize] < self.part.first[node as usize + 1] {
            let arc = self.tried[node as usize];
            let head = self.part.next[arc as usize] as usize;
            if self.along[arc as usize] < 1 && self.level[head] == up {
                return Some(arc);
            }
            self.tried[node as usize] += 1;
        }
        None
    }

    fn leads_to(&self, last: &[u32]) -> Vec<bool> {
        let mut leads = vec![false; self.part.len()];
        let mut stack: Vec<u32> = last.to_vec();
        last.iter().for_each(|node| leads[*node as usize] = true);
        while let Some(node) = stack.pop() {
            for arc in self.part.first[node as usize]..self.part.first[node as usize + 1] {
                let tail = self.part.next[arc as usize] as usize;
                if !leads[tail] && self.along[self.back[arc as usize] as usize] < 1 {
                    leads[tail] = true;
                    stack.push(tail as u32);
                }
            }
        }
        leads
    }
}
