//! Crossings: where streets of two names meet, from the graph, and how somebody asks for one.

use super::cluster::{clusters, middle};
use super::fold::fold;
use crate::network::graph::Graph;
use crate::network::source::Point;
use bytemuck::{Pod, Zeroable};
use std::collections::{BTreeMap, HashMap};

/// Corners of one crossing lie within about this of each other, metres.
const CORNERS_M: u32 = 120;

/// Most names that meet at a node; more are no crossing that anybody names.
const NAMES_MAX: usize = 8;

/// Most places that are tried where two streets may be joined in what was typed, by a word, and as many by nothing.
const JOINTS_MAX: usize = 8;

/// Words that end the name of a street and are none by themselves.
const ONLY_AN_END: &[&str] =
    &["路", "街", "道", "大道", "road", "rd", "street", "st", "avenue", "ave", "lane", "lu", "jie", "dao", "dadao"];

/// A crossing, from one of its streets: every one is there twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct CrossingRow {
    /// Name of the street that was asked for first.
    pub(super) of: u32,
    /// Name of the other one.
    pub(super) with: u32,
    pub(super) at: Point,
}

/// Returns the crossings of named streets, sorted; `texts` gives the number of a name.
pub(super) fn crossings(graph: &Graph, texts: &HashMap<&str, u32>) -> Vec<CrossingRow> {
    let mut meet: Vec<(u32, u32)> = Vec::new();
    for edge in graph.edge_ids() {
        if let Some(text) = texts.get(graph.name(edge)) {
            let row = &graph.edges[edge.0 as usize];
            meet.extend([(row.tail, *text), (row.head, *text)]);
        }
    }
    meet.sort_unstable();
    meet.dedup();
    let mut corners: BTreeMap<(u32, u32), Vec<Point>> = BTreeMap::new();
    for names in meet.chunk_by(|a, b| a.0 == b.0).filter(|names| (2..=NAMES_MAX).contains(&names.len())) {
        for (i, (node, of)) in names.iter().enumerate() {
            for (_, with) in &names[i + 1..] {
                corners.entry((*of, *with)).or_default().push(graph.nodes[*node as usize]);
            }
        }
    }
    let mut rows = Vec::new();
    for ((of, with), points) in corners {
        for group in clusters(&points, CORNERS_M) {
            let at = middle(&points, &group);
            rows.extend([CrossingRow { of, with, at }, CrossingRow { of: with, with: of, at }]);
        }
    }
    rows.sort_unstable();
    rows
}

/// Returns the two streets that were asked for, in every way that what was typed can be read as two: first where a word
/// joins them, then where one merely follows the other.
pub(super) fn streets(typed: &str) -> [Vec<(&str, &str)>; 2] {
    let whole = typed.trim().trim_end_matches('处');
    // 桂子大道路口 is the crossing 路口 of 桂子大道, 乐都路口 that of 乐都路: both are tried.
    let crossing = whole.strip_suffix("路口").map(|rest| rest.trim_end_matches(['的', ' ']));
    let corner = whole.trim_end_matches('口').trim_end_matches("交叉").trim_end_matches(['的', ' ']);
    [joined, following].map(|halves| {
        let mut all: Vec<(&str, &str)> = crossing.into_iter().chain([corner]).flat_map(halves).collect();
        all.sort_unstable();
        all.dedup();
        all
    })
}

/// Returns the two sides of every word that joins streets; a street may have one in its own name (Rue A / Gasse B).
fn joined(typed: &str) -> Vec<(&str, &str)> {
    let words =
        [" 与 ", " 和 ", " and ", " at ", "与", "和", "跟", "/", "／", "&", "＆", "+", "@", "×", "、", "，", ","];
    let joints = words.iter().flat_map(|word| typed.match_indices(word));
    both_named(joints.map(|(at, word)| (&typed[..at], &typed[at + word.len()..])))
}

/// Returns both sides of every place where a street may end and another one follow: 人民路乐都路, 人民路 乐都路.
fn following(typed: &str) -> Vec<(&str, &str)> {
    let ends = typed.match_indices(['路', '街', '道', ' ', '\u{3000}']).map(|(at, end)| at + end.len());
    both_named(ends.map(|at| typed.split_at(at)))
}

fn both_named<'a>(halves: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    let is_name = |half: &str| !half.trim().is_empty() && !ONLY_AN_END.contains(&fold(half).as_str());
    halves.filter(|(a, b)| is_name(a) && is_name(b)).take(JOINTS_MAX).collect()
}
