//! The graph: nodes where ways meet, edges between them, and arcs, which are edges with a direction.
//!
//! A turn restriction is kept by copies of a node: who comes along the restricted arc reaches the copy, which lacks the
//! forbidden arc ([`super::turns`]). So a search needs to know of nodes and arcs only. Invariants: arcs are sorted by their
//! tail; an edge's geometry runs from its tail to its head; copies come behind all true nodes, at the same position.

use super::column::Column;
use super::cost::{Centimetres, Cost, Millis, time_at};
use super::source::Point;
use crate::domain::words::words;
use crate::domain::{LonLat, Profile, ProfileSet};
use bytemuck::{Pod, Zeroable};
use std::ops::Range;

/// A node, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A directed arc, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArcId(pub u32);

/// An edge, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId(pub u32);

/// Which way along an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From its tail to its head.
    Forward,
    /// From its head to its tail.
    Backward,
}

words! {
    /// Class of a road, from the fastest.
    RoadClass {
        Motorway = "motorway", "高速公路", "motorway";
        Trunk = "trunk", "快速路", "trunk road";
        Primary = "primary", "主干路", "primary road";
        Secondary = "secondary", "次干路", "secondary road";
        Tertiary = "tertiary", "支路", "tertiary road";
        Residential = "residential", "居住区道路", "residential street";
        Service = "service", "内部道路", "service road";
        Track = "track", "机耕路", "track";
        Pedestrian = "pedestrian", "步行街", "pedestrian street";
        Path = "path", "小径", "path";
        Steps = "steps", "台阶", "steps";
        Ferry = "ferry", "轮渡", "ferry";
    }
}

/// What holds for a whole way: class, who may use it in either direction, and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Way {
    /// Speed by profile in tenths of km/h, along the way; 0: not allowed.
    pub forward_dkmh: [u16; 5],
    /// The same against the way.
    pub backward_dkmh: [u16; 5],
    /// What entering it takes, in tenths of a second (waiting for a ferry).
    pub wait_ds: u16,
    /// Greatest height in centimetres; 0: no limit known.
    pub max_height_cm: u16,
    /// Greatest weight in hundreds of kilograms; 0: no limit known.
    pub max_weight_hkg: u16,
    /// Place of the class in [`RoadClass::ALL`].
    pub class: u8,
    /// Bits of [`Way::BRIDGE`] and its like.
    pub flags: u8,
}

impl Way {
    /// It is a bridge.
    pub const BRIDGE: u8 = 1;
    /// It is a tunnel or an underpass.
    pub const TUNNEL: u8 = 2;
    /// It is a roundabout.
    pub const ROUNDABOUT: u8 = 4;
    /// It is a ramp of its class.
    pub const RAMP: u8 = 8;
    /// Cars may go there and not through.
    pub const CARS_END: u8 = 16;
    /// Trucks may go there and not through.
    pub const TRUCKS_END: u8 = 32;

    /// Returns the speed in tenths of km/h, `None` where the profile may not go.
    pub const fn speed_dkmh(&self, profile: Profile, direction: Direction) -> Option<u16> {
        let speed = match direction {
            Direction::Forward => self.forward_dkmh[profile as usize],
            Direction::Backward => self.backward_dkmh[profile as usize],
        };
        if speed == 0 { None } else { Some(speed) }
    }

    /// Returns the class.
    pub fn road_class(&self) -> RoadClass {
        RoadClass::ALL.get(usize::from(self.class)).copied().unwrap_or(RoadClass::Path)
    }

    /// Returns who may go along it, in either direction.
    pub fn goers(&self) -> ProfileSet {
        let goes = |p: &Profile| self.forward_dkmh[*p as usize] != 0 || self.backward_dkmh[*p as usize] != 0;
        Profile::ALL.iter().copied().filter(goes).collect()
    }

    /// Returns who may stand on it: nobody on the line of a ferry.
    pub fn users(&self) -> ProfileSet {
        if self.road_class() == RoadClass::Ferry { ProfileSet::NONE } else { self.goers() }
    }

    /// Returns whether a bit is set.
    pub const fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// A directed arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct ArcRow {
    /// Node that it leads to, a copy where a restriction begins with it.
    pub(super) head: u32,
    /// Edge × 2, plus 1 when it runs backward.
    pub(super) edge: u32,
    /// Who may not go along the whole of it, a bit each; from bit 8 on, who may not even begin it, after what came before.
    pub(super) banned: u32,
}

impl ArcRow {
    /// Every bit that may be set.
    pub(super) const BANNED_BITS: u32 = ProfileSet::ALL.0 as u32 | (ProfileSet::ALL.0 as u32) << 8;

    /// Returns the packed sets of who may not pass, and of whom a turn restriction keeps from beginning.
    pub(super) const fn banned(passing: ProfileSet, turning: ProfileSet) -> u32 {
        passing.0 as u32 | (turning.0 as u32) << 8
    }
}

/// A straight part of a road that was left out, for it hangs together with nothing large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct IslandRow {
    /// Its ends.
    pub(super) ends: [Point; 2],
    /// Who may use it, a bit each.
    pub(super) users: u32,
}

impl IslandRow {
    /// Returns whether a profile may use it.
    pub(super) fn lets(&self, profile: Profile) -> bool {
        u8::try_from(self.users).is_ok_and(|users| ProfileSet(users).has(profile))
    }
}

/// An edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct EdgeRow {
    /// True node it begins at.
    pub(super) tail: u32,
    /// True node it ends at.
    pub(super) head: u32,
    /// First of its points.
    pub(super) first_point: u32,
    /// Its length.
    pub(super) length_cm: u32,
    /// Its way.
    pub(super) way: u32,
    /// Its name.
    pub(super) name: u32,
    /// What waiting on the whole of it takes, milliseconds, for those with an engine.
    pub(super) delay_ms: u32,
    /// First of its waits; the next row's ends them.
    pub(super) first_wait: u32,
}

/// A wait on an edge, at a signal or a level crossing. What a node at its end takes belongs to it by half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct WaitRow {
    /// How far from the tail.
    pub(super) offset_cm: u32,
    /// How long, milliseconds.
    pub(super) ms: u32,
}

/// Roads, ready to be searched.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// Position of each node; copies stand where their true node stands.
    pub(super) nodes: Column<Point>,
    /// How many nodes are true ones.
    pub(super) true_nodes: u32,
    /// First arc of each node, and the number of arcs at the end.
    pub(super) first_arc: Column<u32>,
    pub(super) arcs: Column<ArcRow>,
    /// First place in `into` of each node, and the number of arcs at the end.
    pub(super) first_into: Column<u32>,
    /// Arcs by the node that they lead to.
    pub(super) into: Column<u32>,
    /// Tail of each arc.
    pub(super) tails: Column<u32>,
    /// First point of each edge stands in its row; one more row ends the last.
    pub(super) edges: Column<EdgeRow>,
    /// First place in `edge_arcs` of each edge, and the number at the end.
    pub(super) first_edge_arc: Column<u32>,
    /// Arcs of each edge, those from true nodes first.
    pub(super) edge_arcs: Column<u32>,
    pub(super) points: Column<Point>,
    pub(super) ways: Column<Way>,
    /// First byte of each name and the length of all at the end; name 0 is empty.
    pub(super) first_name: Column<u32>,
    pub(super) names: Column<u8>,
    /// The same of the English names, one beside each name; both are empty in a file from before they were kept.
    pub(super) first_name_en: Column<u32>,
    pub(super) names_en: Column<u8>,
    /// Waits of the edges, in order of edge and offset.
    pub(super) waits: Column<WaitRow>,
    /// Islands, which nothing leads along: who stands there is not brought to the far bank.
    pub(super) islands: Column<IslandRow>,
}

impl Graph {
    /// Returns the number of nodes, copies included.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Returns the number of edges.
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// Returns the number of arcs.
    pub fn arc_count(&self) -> usize {
        self.arcs.len()
    }

    /// Yields every edge.
    pub fn edge_ids(&self) -> impl Iterator<Item = EdgeId> + use<> {
        (0..self.edges.len() as u32).map(EdgeId)
    }

    /// Returns the south-western and the north-eastern corner of the box around all roads; `None` when there are none.
    pub fn bounds(&self) -> Option<(Point, Point)> {
        let first = *self.points.first()?;
        Some(self.points.iter().fold((first, first), |(low, high), at| {
            let low = Point { lon_e7: low.lon_e7.min(at.lon_e7), lat_e7: low.lat_e7.min(at.lat_e7) };
            (low, Point { lon_e7: high.lon_e7.max(at.lon_e7), lat_e7: high.lat_e7.max(at.lat_e7) })
        }))
    }

    /// Returns where a node is.
    pub fn position(&self, node: NodeId) -> LonLat {
        self.nodes[node.0 as usize].position()
    }

    /// Returns the arcs that leave a node.
    pub fn arcs_from(&self, node: NodeId) -> impl Iterator<Item = ArcId> + use<> {
        (self.first_arc[node.0 as usize]..self.first_arc[node.0 as usize + 1]).map(ArcId)
    }

    /// Returns the arcs that lead to a node.
    pub fn arcs_into(&self, node: NodeId) -> impl Iterator<Item = ArcId> + '_ {
        let range = self.first_into[node.0 as usize] as usize..self.first_into[node.0 as usize + 1] as usize;
        self.into[range].iter().map(|arc| ArcId(*arc))
    }

    /// Returns the node that an arc leads to.
    pub fn head(&self, arc: ArcId) -> NodeId {
        NodeId(self.arcs[arc.0 as usize].head)
    }

    /// Returns the node that an arc leaves.
    pub fn tail(&self, arc: ArcId) -> NodeId {
        NodeId(self.tails[arc.0 as usize])
    }

    /// Returns the edge of an arc and which way along it.
    pub fn edge_of(&self, arc: ArcId) -> (EdgeId, Direction) {
        let packed = self.arcs[arc.0 as usize].edge;
        (EdgeId(packed >> 1), if packed & 1 == 0 { Direction::Forward } else { Direction::Backward })
    }

    /// Returns the arcs of an edge in a direction: the one that leaves the true node first, then those of its copies.
    pub fn arcs_of(&self, edge: EdgeId, direction: Direction) -> impl Iterator<Item = ArcId> + '_ {
        self.arcs_along(edge).filter(move |arc| self.edge_of(*arc).1 == direction)
    }

    /// Returns the arcs of an edge in both directions, those that leave a true node first.
    pub fn arcs_along(&self, edge: EdgeId) -> impl Iterator<Item = ArcId> + '_ {
        let range = self.first_edge_arc[edge.0 as usize] as usize..self.first_edge_arc[edge.0 as usize + 1] as usize;
        self.edge_arcs[range].iter().map(|arc| ArcId(*arc))
    }

    /// Returns the true node at which an edge is left by who goes along it in a direction.
    pub fn end_node(&self, edge: EdgeId, direction: Direction) -> NodeId {
        let row = &self.edges[edge.0 as usize];
        NodeId(if direction == Direction::Forward { row.head } else { row.tail })
    }

    /// Returns the length of an edge.
    pub fn length(&self, edge: EdgeId) -> Centimetres {
        Centimetres(self.edges[edge.0 as usize].length_cm)
    }

    /// Returns the offset at which an arc begins.
    pub fn start_of(&self, arc: ArcId) -> Centimetres {
        match self.edge_of(arc) {
            (_, Direction::Forward) => Centimetres(0),
            (edge, Direction::Backward) => self.length(edge),
        }
    }

    /// Returns the offset at which an arc ends.
    pub fn end_of(&self, arc: ArcId) -> Centimetres {
        match self.edge_of(arc) {
            (edge, Direction::Forward) => self.length(edge),
            (_, Direction::Backward) => Centimetres(0),
        }
    }

    /// Returns what holds for the whole way of an edge.
    pub fn way(&self, edge: EdgeId) -> &Way {
        &self.ways[self.edges[edge.0 as usize].way as usize]
    }

    /// Returns the name of the way of an edge, empty when it has none.
    pub fn name(&self, edge: EdgeId) -> &str {
        text(&self.first_name, &self.names, self.edges[edge.0 as usize].name)
    }

    /// Returns the English name of the way of an edge, empty when the map has none.
    pub fn name_en(&self, edge: EdgeId) -> &str {
        text(&self.first_name_en, &self.names_en, self.edges[edge.0 as usize].name)
    }

    /// Returns the points of an edge from its tail to its head.
    pub fn points(&self, edge: EdgeId) -> &[Point] {
        &self.points[self.point_range(edge)]
    }

    fn point_range(&self, edge: EdgeId) -> Range<usize> {
        let first = |i: usize| self.edges.get(i).map_or(self.points.len(), |row| row.first_point as usize);
        first(edge.0 as usize)..first(edge.0 as usize + 1)
    }

    /// Returns who may not go along the whole of an arc: by its way, a barrier at its end, or a turn restriction.
    pub fn banned(&self, arc: ArcId) -> ProfileSet {
        ProfileSet(self.arcs[arc.0 as usize].banned as u8)
    }

    /// Returns whom a turn restriction keeps from turning into an arc, were it only to stop half-way.
    pub fn banned_turn(&self, arc: ArcId) -> ProfileSet {
        ProfileSet((self.arcs[arc.0 as usize].banned >> 8) as u8)
    }

    /// Returns what a whole arc costs a profile without any closure; `None` where it may not go.
    pub fn cost(&self, arc: ArcId, profile: Profile) -> Option<Cost> {
        if self.banned(arc).has(profile) {
            return None;
        }
        let (edge, direction) = self.edge_of(arc);
        self.cost_along(edge, direction, profile)
    }

    /// Returns what a whole edge costs a profile in a direction, without closures, barriers and restrictions.
    pub fn cost_along(&self, edge: EdgeId, direction: Direction, profile: Profile) -> Option<Cost> {
        let row = &self.edges[edge.0 as usize];
        let way = self.way(edge);
        let length = Centimetres(row.length_cm);
        let moving = time_at(length, way.speed_dkmh(profile, direction)?);
        let delay = if ProfileSet::MOTOR.has(profile) { row.delay_ms } else { 0 };
        let waiting = Millis(u32::from(way.wait_ds) * 100) + Millis(delay);
        Some(Cost { time: moving + waiting, length })
    }

    /// Returns the waits of a profile on an edge, in order of offset.
    pub(super) fn waits(&self, edge: EdgeId, profile: Profile) -> &[WaitRow] {
        let first = |edge: usize| self.edges.get(edge).map_or(self.waits.len(), |row| row.first_wait as usize);
        if !ProfileSet::MOTOR.has(profile) {
            return &[];
        }
        &self.waits[first(edge.0 as usize)..first(edge.0 as usize + 1)]
    }

    /// Returns what the part of an edge between two offsets from its tail costs a profile, rounded up: the waits that lie
    /// between, and those of an end that it touches; what boarding a ferry takes is told only of the whole.
    pub fn cost_of_part(&self, edge: EdgeId, (from, to): (Centimetres, Centimetres), profile: Profile) -> Option<Cost> {
        let (direction, length) = if from <= to {
            (Direction::Forward, Centimetres(to.0 - from.0))
        } else {
            (Direction::Backward, Centimetres(from.0 - to.0))
        };
        let moving = time_at(length, self.way(edge).speed_dkmh(profile, direction)?);
        let (low, high, end) = (from.min(to).0, from.max(to).0, self.length(edge).0);
        let passed = |wait: &&WaitRow| match wait.offset_cm {
            0 => low == 0,
            at if at == end => high == end,
            at => low < at && at < high,
        };
        let waiting =
            self.waits(edge, profile).iter().filter(passed).fold(Millis(0), |sum, wait| sum + Millis(wait.ms));
        Some(Cost { time: moving + waiting, length })
    }
}

/// Returns a text of those that stand in a row; an empty one where there is none of that number.
fn text<'a>(first: &[u32], bytes: &'a [u8], number: u32) -> &'a str {
    let ends = first.get(number as usize).zip(first.get(number as usize + 1));
    let text = ends.and_then(|(from, to)| bytes.get(*from as usize..*to as usize));
    text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
}
