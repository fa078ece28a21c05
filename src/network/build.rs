//! Source → graph: ways are cut where they meet, chains of degree two are joined again, dead islands are left out and told,
//! turn restrictions become copies of nodes.
//!
//! Invariants: the same source gives the same graph to the last bit; an edge ends only where something meets, where a barrier
//! stands, or where what holds for it changes.

use super::cost::Centimetres;
use super::destinations::{self, Each, FREE, Zone, gates};
use super::forbidden::sequences;
use super::graph::{ArcRow, Direction, EdgeRow, Graph, WaitRow, Way};
use super::islands::{Island, length_m, without_islands};
use super::names::Names;
use super::source::{Point, Source, Via};
use super::turns::{Directed, Machine, State};
use crate::domain::{Profile, ProfileSet};
use crate::spatial::geodesic::distance_m;
use std::collections::{HashMap, HashSet, VecDeque};

/// A graph and what became of its source.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// The graph.
    pub graph: Graph,
    /// Islands that were left out: how many, their edges and their length.
    pub islands: usize,
    /// Edges in them.
    pub island_edges: usize,
    /// Metres in them.
    pub island_length_m: f64,
    /// The largest of them, the longest first.
    pub largest_islands: Vec<Island>,
    /// Turn restrictions that were kept.
    pub restrictions: usize,
    /// Turn restrictions whose members do not meet as they say.
    pub restrictions_unread: usize,
}

/// A part of a way between two places where something meets; later an edge.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Nodes of the source, two or more.
    pub(super) nodes: Vec<u32>,
    pub(super) way: Way,
    name: u32,
    /// Ids of the ways that it is made of.
    pub(super) from: Vec<i64>,
}

impl Piece {
    pub(super) fn tail(&self) -> u32 {
        self.nodes[0]
    }

    pub(super) fn head(&self) -> u32 {
        self.nodes[self.nodes.len() - 1]
    }

    fn reversed(mut self) -> Self {
        self.nodes.reverse();
        std::mem::swap(&mut self.way.forward_dkmh, &mut self.way.backward_dkmh);
        self
    }
}

/// Builds the graph of a source.
pub fn build(source: &Source) -> Built {
    let mut names = Names::default();
    let fixed = junctions(source);
    let pieces = join(source, cut(source, &fixed, &mut names), &kept_apart(source));
    let mut built = Built::default();
    let (pieces, islands) = without_islands(pieces, source, &mut built);
    let (sequences, unread) = sequences(source, &pieces);
    built.restrictions = source.restrictions.len() - unread;
    built.restrictions_unread = unread;
    let machine = Machine::new(&sequences);
    let mut zones = vec![[false; 2]; pieces.len()];
    if destinations::any(&pieces) {
        zones = destinations::zones(&pieces, &assemble(source, &pieces, &machine, &zones));
    }
    let [(first_name, names), (first_name_en, names_en)] = names.columns();
    built.graph = Graph {
        first_name: first_name.into(),
        names: names.into(),
        first_name_en: first_name_en.into(),
        names_en: names_en.into(),
        islands: islands.into(),
        ..assemble(source, &pieces, &machine, &zones)
    };
    built
}

/// Returns the nodes at which a way must be cut, whatever else holds: several ways use it, a way ends there or passes it
/// twice, it blocks somebody, or a turn restriction is about it.
fn junctions(source: &Source) -> Vec<bool> {
    let mut uses = vec![0u8; source.nodes.len()];
    for way in &source.ways {
        for (i, node) in way.nodes.iter().enumerate() {
            let end = i == 0 || i + 1 == way.nodes.len();
            let uses = &mut uses[*node as usize];
            *uses = uses.saturating_add(if end { 2 } else { 1 });
        }
    }
    let mut fixed: Vec<bool> = uses.iter().zip(&source.nodes).map(|(n, at)| *n > 1 || at.blocks.0 != 0).collect();
    for restriction in &source.restrictions {
        if let Via::Node(node) = restriction.via
            && let Some(fixed) = fixed.get_mut(node as usize)
        {
            *fixed = true;
        }
    }
    fixed
}

fn cut<'a>(source: &'a Source, fixed: &[bool], names: &mut Names<'a>) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(source.ways.len());
    for way in &source.ways {
        let name = names.of_way(way);
        let mut nodes: Vec<u32> = Vec::new();
        for node in &way.nodes {
            if nodes.last() == Some(node) {
                continue;
            }
            nodes.push(*node);
            if nodes.len() > 1 && fixed[*node as usize] {
                let from = vec![way.id];
                pieces.push(Piece { nodes: std::mem::replace(&mut nodes, vec![*node]), way: way.way, name, from });
            }
        }
    }
    pieces
}

/// Returns the nodes that stay ends of edges even where only two pieces meet: barriers, and where the parts of a turn
/// restriction meet.
fn kept_apart(source: &Source) -> HashSet<u32> {
    let mut apart: HashSet<u32> =
        (0u32..).zip(&source.nodes).filter(|(_, node)| node.blocks.0 != 0).map(|(i, _)| i).collect();
    let mut parts: HashSet<i64> = HashSet::new();
    for restriction in &source.restrictions {
        match &restriction.via {
            Via::Node(node) => drop(apart.insert(*node)),
            Via::Ways(ways) => parts.extend(ways.iter().chain([&restriction.from, &restriction.to])),
        }
    }
    let ways = source.ways.iter().filter(|way| parts.contains(&way.id));
    apart.extend(ways.flat_map(|way| [way.nodes.first(), way.nodes.last()]).flatten());
    apart
}

/// Joins pieces that meet only each other and of which the same holds. Each joined piece runs as the first of its parts in
/// the file, and stands in its place.
fn join(source: &Source, pieces: Vec<Piece>, apart: &HashSet<u32>) -> Vec<Piece> {
    let joints = Joints::of(source, &pieces, apart);
    let mut used = vec![false; pieces.len()];
    let mut out = Vec::with_capacity(pieces.len());
    for first in 0..pieces.len() {
        if used[first] {
            continue;
        }
        used[first] = true;
        let mut chain = VecDeque::from([2 * first as Directed]);
        // Backward along the chain is forward along what is turned round.
        while let Some(before) = joints.after(&pieces, chain[0] ^ 1).filter(|arc| !used[*arc as usize / 2]) {
            used[before as usize / 2] = true;
            chain.push_front(before ^ 1);
        }
        while let Some(after) = joints.after(&pieces, chain[chain.len() - 1]).filter(|arc| !used[*arc as usize / 2]) {
            used[after as usize / 2] = true;
            chain.push_back(after);
        }
        out.push(in_a_row(&pieces, &chain));
    }
    out
}

/// Where two pieces and nothing else meet.
struct Joints {
    /// By node of the source: the pieces that end there, if they are two.
    of_node: Vec<Option<[u32; 2]>>,
}

impl Joints {
    fn of(source: &Source, pieces: &[Piece], apart: &HashSet<u32>) -> Self {
        let mut ends = vec![(0_u8, [0_u32; 2]); source.nodes.len()];
        for (i, piece) in pieces.iter().enumerate() {
            for node in [piece.tail(), piece.head()] {
                let (count, pair) = &mut ends[node as usize];
                if let Some(place) = pair.get_mut(usize::from(*count)) {
                    *place = i as u32;
                }
                *count = count.saturating_add(1);
            }
        }
        let joint = |(node, (count, pair)): (u32, (u8, [u32; 2]))| {
            (count == 2 && pair[0] != pair[1] && !apart.contains(&node)).then_some(pair)
        };
        Self { of_node: (0..).zip(ends).map(joint).collect() }
    }

    /// Returns the directed piece that goes on where this one ends, when the two can be one.
    fn after(&self, pieces: &[Piece], arc: Directed) -> Option<Directed> {
        let piece = &pieces[arc as usize / 2];
        let node = if arc.is_multiple_of(2) { piece.head() } else { piece.tail() };
        let pair = self.of_node[node as usize]?;
        let other = pair[usize::from(pair[0] == arc / 2)];
        let next = &pieces[other as usize];
        let turned = next.tail() != node;
        let same =
            next.name == piece.name && directed(&next.way, turned) == directed(&piece.way, !arc.is_multiple_of(2));
        same.then_some(2 * other + u32::from(turned))
    }
}

/// Returns what holds for a piece as it is gone along.
fn directed(way: &Way, turned: bool) -> Way {
    let mut way = *way;
    if turned {
        std::mem::swap(&mut way.forward_dkmh, &mut way.backward_dkmh);
    }
    way
}

/// Returns pieces that follow one another as one.
fn in_a_row(pieces: &[Piece], chain: &VecDeque<Directed>) -> Piece {
    let of = |arc: Directed| {
        let piece = &pieces[arc as usize / 2];
        if arc.is_multiple_of(2) { piece.clone() } else { piece.clone().reversed() }
    };
    let mut whole = of(chain[0]);
    for arc in chain.iter().skip(1) {
        let part = of(*arc);
        whole.nodes.extend(&part.nodes[1..]);
        whole.from.extend(part.from);
    }
    whole.from.dedup();
    whole
}

/// What came before: a state of the machine of turn restrictions, and how one stands to the streets for destinations only.
type Past = (State, Each<Zone>);

/// Nodes of the graph as they are found: true ones first, then copies.
struct Nodes {
    of_source: HashMap<u32, u32>,
    positions: Vec<Point>,
    copies: HashMap<(u32, Past), u32>,
    queue: VecDeque<(u32, Past, u32)>,
}

impl Nodes {
    /// Returns the node for who arrives at a true node with a past.
    fn arrived(&mut self, node: u32, past: Past) -> u32 {
        if past == (0, FREE) {
            return node;
        }
        let fresh = self.positions.len() as u32;
        let copy = *self.copies.entry((node, past)).or_insert(fresh);
        if copy == fresh {
            self.positions.push(self.positions[node as usize]);
            self.queue.push_back((node, past, copy));
        }
        copy
    }
}

/// Returns the graph without names and islands.
fn assemble(source: &Source, pieces: &[Piece], machine: &Machine, zones: &[Each<bool>]) -> Graph {
    let mut nodes =
        Nodes { of_source: HashMap::new(), positions: Vec::new(), copies: HashMap::new(), queue: VecDeque::new() };
    for piece in pieces {
        for end in [piece.tail(), piece.head()] {
            let fresh = nodes.positions.len() as u32;
            if *nodes.of_source.entry(end).or_insert(fresh) == fresh {
                nodes.positions.push(source.nodes[end as usize].at);
            }
        }
    }
    let true_nodes = nodes.positions.len() as u32;
    let edges = edges(source, pieces, &nodes.of_source);
    let mut leaving: Vec<Vec<Leaving>> = vec![Vec::new(); true_nodes as usize];
    let gates = gates(zones, &edges.rows, true_nodes);
    for (i, (piece, edge)) in pieces.iter().zip(&edges.rows).enumerate() {
        let barrier = |node: u32| source.nodes[node as usize].blocks;
        let along = |direction, arc, head, node| Leaving {
            arc,
            head,
            shut: shut(&piece.way, direction),
            barrier: barrier(node),
            zone: zones[i],
            gate: gates[head as usize],
        };
        let forward = along(Direction::Forward, 2 * i as Directed, edge.head, piece.head());
        let backward = along(Direction::Backward, 2 * i as Directed + 1, edge.tail, piece.tail());
        leaving[edge.tail as usize].push(forward);
        leaving[edge.head as usize].push(backward);
    }
    let mut rows: Vec<Vec<ArcRow>> = Vec::with_capacity(true_nodes as usize);
    for node in 0..true_nodes {
        rows.push(arcs(&leaving[node as usize], (0, FREE), machine, &mut nodes));
    }
    while let Some((node, past, copy)) = nodes.queue.pop_front() {
        debug_assert_eq!(rows.len(), copy as usize);
        rows.push(arcs(&leaving[node as usize], past, machine, &mut nodes));
    }
    finish(nodes.positions, true_nodes, rows, edges)
}

/// Returns who may not go along a way in a direction at all.
fn shut(way: &Way, direction: Direction) -> ProfileSet {
    Profile::ALL.iter().copied().filter(|p| way.speed_dkmh(*p, direction).is_none()).collect()
}

/// A directed piece that leaves a node.
#[derive(Debug, Clone, Copy)]
struct Leaving {
    arc: Directed,
    head: u32,
    /// Who may not go along it.
    shut: ProfileSet,
    /// Who may not pass the node at its end.
    barrier: ProfileSet,
    /// Who may only end on it.
    zone: Each<bool>,
    /// At whose gate it ends.
    gate: Each<bool>,
}

fn arcs(leaving: &[Leaving], (state, zone): Past, machine: &Machine, nodes: &mut Nodes) -> Vec<ArcRow> {
    let mut rows = Vec::with_capacity(leaving.len());
    for piece in leaving {
        let (through, next_zone) = destinations::on(zone, piece.zone, piece.gate);
        let forbidden = machine.forbids(state, piece.arc).or(through);
        if piece.shut.or(forbidden) == ProfileSet::ALL {
            continue;
        }
        let next = machine.settle(machine.goto(state, piece.arc));
        rows.push(ArcRow {
            head: nodes.arrived(piece.head, (next, next_zone)),
            edge: piece.arc,
            banned: ArcRow::banned(piece.shut.or(forbidden).or(piece.barrier), forbidden),
        });
    }
    rows
}

fn edges(source: &Source, pieces: &[Piece], of_source: &HashMap<u32, u32>) -> Edges {
    let mut ways: Vec<Way> = Vec::new();
    let mut numbers: HashMap<Way, u32> = HashMap::new();
    let (mut points, mut waits): (Vec<Point>, Vec<WaitRow>) = Default::default();
    let mut rows = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let way = *numbers.entry(piece.way).or_insert_with(|| {
            ways.push(piece.way);
            ways.len() as u32 - 1
        });
        let first_point = points.len() as u32;
        points.extend(piece.nodes.iter().map(|node| source.nodes[*node as usize].at));
        // Never nothing: with every arc costing something, the best way by cost and then by the other figure is one.
        let length_cm = Centimetres::from_metres(length_m(source, piece)).0.max(1);
        let first_wait = waits.len();
        waits.extend(waits_of(source, piece, length_cm));
        rows.push(EdgeRow {
            tail: of_source[&piece.tail()],
            head: of_source[&piece.head()],
            first_point,
            length_cm,
            way,
            name: piece.name,
            delay_ms: waits[first_wait..].iter().map(|wait| wait.ms).fold(0, u32::saturating_add),
            first_wait: first_wait as u32,
        });
    }
    Edges { rows, points, ways, waits }
}

/// Returns where one waits on a piece, and how long: half of what a junction takes belongs to the edge that comes, half to the
/// one that goes.
fn waits_of(source: &Source, piece: &Piece, length_cm: u32) -> Vec<WaitRow> {
    let node = |node: u32| &source.nodes[node as usize];
    let last = piece.nodes.len() - 1;
    let mut away_m = 0.0;
    let mut waits = Vec::new();
    for (i, here) in piece.nodes.iter().enumerate() {
        if let Some(before) = i.checked_sub(1) {
            away_m += distance_m(node(piece.nodes[before]).at.position(), node(*here).at.position());
        }
        let (offset_cm, share_ms) = match i {
            0 => (0, 50),
            _ if i == last => (length_cm, 50),
            // Between the ends, however near to one.
            _ => (Centimetres::from_metres(away_m).0.clamp(1, length_cm.saturating_sub(1).max(1)), 100),
        };
        let ms = u32::from(node(*here).delay_ds) * share_ms;
        if ms > 0 {
            waits.push(WaitRow { offset_cm, ms });
        }
    }
    waits
}

/// Edges and what belongs to them.
struct Edges {
    rows: Vec<EdgeRow>,
    points: Vec<Point>,
    ways: Vec<Way>,
    waits: Vec<WaitRow>,
}

fn finish(nodes: Vec<Point>, true_nodes: u32, rows: Vec<Vec<ArcRow>>, edges: Edges) -> Graph {
    let mut first_arc = vec![0u32];
    let mut arcs: Vec<ArcRow> = Vec::new();
    let mut tails: Vec<u32> = Vec::new();
    for (node, of_node) in (0u32..).zip(rows) {
        tails.extend(std::iter::repeat_n(node, of_node.len()));
        arcs.extend(of_node);
        first_arc.push(arcs.len() as u32);
    }
    let (first_into, into) = grouped(nodes.len(), arcs.iter().map(|arc| arc.head));
    let Edges { rows: edges, points, ways, waits } = edges;
    let (first_edge_arc, edge_arcs) = grouped(edges.len(), arcs.iter().map(|arc| arc.edge >> 1));
    Graph {
        nodes: nodes.into(),
        true_nodes,
        first_arc: first_arc.into(),
        arcs: arcs.into(),
        first_into: first_into.into(),
        into: into.into(),
        tails: tails.into(),
        edges: edges.into(),
        first_edge_arc: first_edge_arc.into(),
        edge_arcs: edge_arcs.into(),
        points: points.into(),
        ways: ways.into(),
        waits: waits.into(),
        ..Graph::default()
    }
}

/// Returns the numbers 0, 1, … grouped by the group that each is in, in order, and where each group begins.
pub(super) fn grouped(groups: usize, of: impl Iterator<Item = u32> + Clone) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0u32; groups + 1];
    of.clone().for_each(|group| first[group as usize + 1] += 1);
    for i in 1..first.len() {
        first[i] += first[i - 1];
    }
    let mut at = first.clone();
    let mut members = vec![0u32; first[groups] as usize];
    for (member, group) in (0u32..).zip(of) {
        members[at[group as usize] as usize] = member;
        at[group as usize] += 1;
    }
    (first, members)
}
