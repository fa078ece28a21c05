//! Graph ↔ sections of a network file, and the check of every number that is used as an index.

use super::column::Column;
use super::file::{FileError, NetworkFile, Sections, Tag, damaged, shown};
use super::graph::{ArcRow, Graph};
use crate::domain::ProfileSet;

const NODES: Tag = *b"nodes   ";
const FIRST_ARC: Tag = *b"firstarc";
const ARCS: Tag = *b"arcs    ";
const FIRST_INTO: Tag = *b"firstint";
const INTO: Tag = *b"into    ";
const TAILS: Tag = *b"tails   ";
const EDGES: Tag = *b"edges   ";
const FIRST_EDGE_ARC: Tag = *b"firsteda";
const EDGE_ARCS: Tag = *b"edgearcs";
const POINTS: Tag = *b"points  ";
const WAYS: Tag = *b"ways    ";
const FIRST_NAME: Tag = *b"firstnam";
const NAMES: Tag = *b"names   ";
const FIRST_NAME_EN: Tag = *b"firstnen";
const NAMES_EN: Tag = *b"namesen ";
const WAITS: Tag = *b"waits   ";
const ISLANDS: Tag = *b"islands ";
const COUNTS: Tag = *b"counts  ";

impl Graph {
    /// Puts the graph into sections of a file.
    pub fn write(&self, out: &mut Sections) {
        out.put_column(NODES, &self.nodes);
        out.put_column(FIRST_ARC, &self.first_arc);
        out.put_column(ARCS, &self.arcs);
        out.put_column(FIRST_INTO, &self.first_into);
        out.put_column(INTO, &self.into);
        out.put_column(TAILS, &self.tails);
        out.put_column(EDGES, &self.edges);
        out.put_column(FIRST_EDGE_ARC, &self.first_edge_arc);
        out.put_column(EDGE_ARCS, &self.edge_arcs);
        out.put_column(POINTS, &self.points);
        out.put_column(WAYS, &self.ways);
        out.put_column(FIRST_NAME, &self.first_name);
        out.put_column(NAMES, &self.names);
        out.put_column(FIRST_NAME_EN, &self.first_name_en);
        out.put_column(NAMES_EN, &self.names_en);
        out.put_column(WAITS, &self.waits);
        out.put_column(ISLANDS, &self.islands);
        out.put(COUNTS, self.true_nodes.to_le_bytes().to_vec());
    }

    /// Returns the graph of a file, its arrays in place.
    pub fn read(file: &NetworkFile) -> Result<Self, FileError> {
        let counts: Option<[u8; 4]> = file.section(COUNTS)?.try_into().ok();
        let graph = Self {
            nodes: file.column(NODES)?,
            true_nodes: u32::from_le_bytes(counts.ok_or_else(|| damaged("counts", "length"))?),
            first_arc: file.column(FIRST_ARC)?,
            arcs: file.column(ARCS)?,
            first_into: file.column(FIRST_INTO)?,
            into: file.column(INTO)?,
            tails: file.column(TAILS)?,
            edges: file.column(EDGES)?,
            first_edge_arc: file.column(FIRST_EDGE_ARC)?,
            edge_arcs: file.column(EDGE_ARCS)?,
            points: file.column(POINTS)?,
            ways: file.column(WAYS)?,
            first_name: file.column(FIRST_NAME)?,
            names: file.column(NAMES)?,
            first_name_en: if file.has(FIRST_NAME_EN) { file.column(FIRST_NAME_EN)? } else { Column::default() },
            names_en: if file.has(NAMES_EN) { file.column(NAMES_EN)? } else { Column::default() },
            waits: file.column(WAITS)?,
            islands: file.column(ISLANDS)?,
        };
        graph.check()?;
        Ok(graph)
    }

    fn check(&self) -> Result<(), FileError> {
        let (nodes, arcs, edges) = (self.nodes.len(), self.arcs.len(), self.edges.len());
        let positions = |p: &super::source::Point| {
            p.lon_e7.unsigned_abs() <= 1_800_000_000 && p.lat_e7.unsigned_abs() <= 900_000_000
        };
        let holds = [
            (
                NODES,
                self.nodes.iter().all(positions) && self.true_nodes as usize <= nodes && nodes <= u32::MAX as usize,
            ),
            (POINTS, self.points.iter().all(positions)),
            (FIRST_ARC, offsets(&self.first_arc, nodes, arcs)),
            (FIRST_INTO, offsets(&self.first_into, nodes, arcs)),
            (FIRST_EDGE_ARC, offsets(&self.first_edge_arc, edges, arcs)),
            (INTO, below(&self.into, arcs) && self.into.len() == arcs),
            (EDGE_ARCS, below(&self.edge_arcs, arcs) && self.edge_arcs.len() == arcs),
            (TAILS, below(&self.tails, nodes) && self.tails.len() == arcs),
            (
                ARCS,
                self.arcs.iter().all(|a| {
                    (a.head as usize) < nodes && (a.edge >> 1) < edges as u32 && a.banned & !ArcRow::BANNED_BITS == 0
                }),
            ),
            (EDGES, self.edges_hold()),
            (WAITS, self.waits_hold()),
            (
                FIRST_NAME,
                self.first_name.len() > 1 && offsets(&self.first_name, self.first_name.len() - 1, self.names.len()),
            ),
            (NAMES, std::str::from_utf8(&self.names).is_ok()),
            (FIRST_NAME_EN, self.names_en_hold()),
            (NAMES_EN, std::str::from_utf8(&self.names_en).is_ok()),
            (
                ISLANDS,
                self.islands.iter().all(|row| row.ends.iter().all(positions) && row.users <= ProfileSet::ALL.0.into()),
            ),
        ];
        if let Some((tag, _)) = holds.iter().find(|(_, holds)| !holds) {
            return Err(damaged(&shown(*tag), "a number is out of reach"));
        }
        // Now that nothing leads out of the arrays: they say the same of the same arcs. A search goes back by tails to where
        // it came from, and would go in circles for ever.
        let arc_of = |number: &u32| &self.arcs[*number as usize];
        let agree = [
            (TAILS, grouped(&self.first_arc, self.tails.iter().copied())),
            (INTO, grouped(&self.first_into, self.into.iter().map(|n| arc_of(n).head))),
            (EDGE_ARCS, grouped(&self.first_edge_arc, self.edge_arcs.iter().map(|n| arc_of(n).edge >> 1))),
        ];
        match agree.iter().find(|(_, agrees)| !agrees) {
            None => Ok(()),
            Some((tag, _)) => Err(damaged(&shown(*tag), "two tables disagree")),
        }
    }

    /// There are as many English names as names, or none at all.
    fn names_en_hold(&self) -> bool {
        let first = &self.first_name_en;
        (first.is_empty() && self.names_en.is_empty())
            || (first.len() == self.first_name.len() && offsets(first, first.len() - 1, self.names_en.len()))
    }

    /// Every edge has its waits, in order and on it, and they add up to what the whole takes.
    fn waits_hold(&self) -> bool {
        let ends = self.edges.iter().skip(1).map(|row| row.first_wait).chain([self.waits.len() as u32]);
        let holds = |(row, end): (&super::graph::EdgeRow, u32)| {
            let Some(waits) = self.waits.get(row.first_wait as usize..end as usize) else { return false };
            waits.is_sorted_by_key(|wait| wait.offset_cm)
                && waits.iter().all(|wait| wait.offset_cm <= row.length_cm)
                && waits.iter().map(|wait| wait.ms).fold(0, u32::saturating_add) == row.delay_ms
        };
        self.edges.first().map_or(self.waits.is_empty(), |row| row.first_wait == 0)
            && self.edges.iter().zip(ends).all(holds)
    }

    /// Every edge has a length and two points or more, and its numbers lead somewhere.
    fn edges_hold(&self) -> bool {
        let ends = self.edges.iter().skip(1).map(|row| row.first_point).chain([self.points.len() as u32]);
        let row_holds = |(row, end): (&super::graph::EdgeRow, u32)| {
            row.tail < self.true_nodes
                && row.head < self.true_nodes
                && (row.way as usize) < self.ways.len()
                && (row.name as usize) + 1 < self.first_name.len()
                && row.length_cm > 0
                && row.first_point.checked_add(2).is_some_and(|two| two <= end)
        };
        self.edges.iter().zip(ends).all(row_holds)
    }
}

/// Whether the members of each group, by where the groups begin, are those that say they belong to it.
fn grouped(first: &[u32], belong_to: impl Iterator<Item = u32>) -> bool {
    let groups = (0_u32..).zip(first.windows(2));
    let wanted = groups.flat_map(|(group, ends)| std::iter::repeat_n(group, (ends[1] - ends[0]) as usize));
    wanted.eq(belong_to)
}

fn below(numbers: &[u32], limit: usize) -> bool {
    numbers.iter().all(|n| (*n as usize) < limit)
}

/// Offsets begin at zero, never fall, end at the end, and there is one more of them than of groups.
pub(super) fn offsets(numbers: &[u32], groups: usize, end: usize) -> bool {
    numbers.len() == groups + 1
        && numbers.first() == Some(&0)
        && numbers.last().is_some_and(|last| *last as usize == end)
        && numbers.is_sorted()
}
