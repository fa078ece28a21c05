//! An invented city of any size: wider roads on a grid, fast roads every few of those, and between them quarters of lanes that
//! come out at few gates, with gaps, one-ways, dead ends, barriers and turn restrictions; a river that only wider roads cross.

use super::dice::Dice;
use bihu::domain::{LonLat, Profile, ProfileSet};
use bihu::network::{Point, Source, SourceNode, SourceRestriction, SourceWay, Via, Way};

/// Blocks between wider roads, and between fast ones.
const WIDE: usize = 8;
const FAST: usize = 32;

/// How corners stand: exactly on a grid, so that many ways cost the same, or near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corners {
    Even,
    Uneven,
}

/// Returns the streets of a city of about `columns` × `rows` corners.
pub fn city(dice: &mut Dice, (columns, rows): (usize, usize), corners: Corners) -> Source {
    let mut source = Source::default();
    for i in 0..columns * rows {
        let stray = |dice: &mut Dice| if corners == Corners::Even { 0.0 } else { 0.0004 * dice.unit() };
        let (east, north) = ((i % columns) as f64 * 0.0012 + stray(dice), (i / columns) as f64 * 0.0012 + stray(dice));
        let blocks = if dice.below(60) == 0 { ProfileSet::MOTOR } else { ProfileSet::NONE };
        let at = Point::of(LonLat::clamped(120.6 + east, 30.6 + north));
        source.nodes.push(SourceNode { at, blocks, delay_ds: 10 * dice.below(3) as u16 });
    }
    for i in 0..columns * rows {
        let (x, y) = (i % columns, i / columns);
        if x + 1 < columns {
            street(&mut source, dice, (i, i + 1), (y, x));
        }
        // The river flows from west to east south of the middle row.
        let river = y + 1 == rows / 2 && rows > WIDE && !x.is_multiple_of(WIDE);
        if y + 1 < rows && !river {
            street(&mut source, dice, (i, i + columns), (x, y));
        }
        if dice.below(12) == 0 {
            dead_end(&mut source, dice, i as u32);
        }
    }
    restrict(&mut source, dice);
    source
}

/// Adds the street between two corners, by the number of the row or column that it runs along and by how far along it is.
fn street(source: &mut Source, dice: &mut Dice, (from, to): (usize, usize), (line, place): (usize, usize)) {
    let lane = !line.is_multiple_of(WIDE);
    let at_gate = [place, place + 1].iter().any(|at| at.is_multiple_of(WIDE));
    let kept = if at_gate { 30 } else { 80 };
    if lane && line % WIDE != WIDE / 2 && dice.below(100) >= kept {
        return;
    }
    let driven: u16 = match line {
        _ if line.is_multiple_of(FAST) => 800,
        _ if line.is_multiple_of(WIDE) => 500,
        _ => 200 + 50 * dice.below(3) as u16,
    };
    let walked = if line.is_multiple_of(FAST) && line > 0 { [0, 0] } else { [50, 36] };
    let [foot, wheelchair] = walked;
    let speeds = [foot, wheelchair, driven, driven * 4 / 5, driven * 6 / 5];
    let mut way = Way { forward_dkmh: speeds, backward_dkmh: speeds, ..Way::default() };
    match dice.below(6) {
        0 if lane => way.backward_dkmh[2..4].fill(0),
        1 if lane => way.forward_dkmh[2..4].fill(0),
        _ => {}
    }
    way.wait_ds = if dice.below(50) == 0 { 30 } else { 0 };
    push(source, vec![from as u32, to as u32], way);
}

fn dead_end(source: &mut Source, dice: &mut Dice, from: u32) {
    let at = source.nodes[from as usize].at.position();
    let end = Point::of(LonLat::clamped(at.lon() + 0.0006 * dice.unit(), at.lat() + 0.0003));
    source.nodes.push(SourceNode { at: end, blocks: ProfileSet::NONE, delay_ds: 0 });
    let speeds = [50, 36, 150, 150, 150];
    let to = source.nodes.len() as u32 - 1;
    push(source, vec![from, to], Way { forward_dkmh: speeds, backward_dkmh: speeds, ..Way::default() });
}

fn push(source: &mut Source, nodes: Vec<u32>, way: Way) {
    let id = source.ways.len() as i64 + 1;
    source.ways.push(SourceWay { id, nodes, way, name: format!("w{id}"), ..SourceWay::default() });
}

/// Forbids or orders a turn at one corner in twelve.
fn restrict(source: &mut Source, dice: &mut Dice) {
    let mut meeting: Vec<Vec<i64>> = vec![Vec::new(); source.nodes.len()];
    for way in &source.ways {
        way.nodes.iter().for_each(|node| meeting[*node as usize].push(way.id));
    }
    for (node, ways) in (0u32..).zip(&meeting).filter(|(_, ways)| ways.len() > 2) {
        if dice.below(12) > 0 {
            continue;
        }
        let (from, to) = (ways[dice.below(ways.len())], ways[dice.below(ways.len())]);
        let binds = ProfileSet::one(Profile::Car).with([Profile::Truck, Profile::Foot][dice.below(2)]);
        let only = dice.below(4) == 0 && from != to;
        source.restrictions.push(SourceRestriction { from, via: Via::Node(node), to, only, binds });
    }
}
