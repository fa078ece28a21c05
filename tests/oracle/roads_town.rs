//! Invented towns, and the slow twin of every road search: Dijkstra over the map file's own ways. It remembers the last ways it
//! came by and looks every turn restriction up by name; it knows nothing of edges, copies of nodes, overlays and labels, and
//! works costs out by itself.

use super::dice::Dice;
use bihu::domain::{LonLat, Profile, ProfileSet};
use bihu::network::{Metric, Point, RoadClass, Source, SourceNode, SourceRestriction, SourceWay, Via, Way};
use bihu::spatial::geodesic::distance_m;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// A town: its streets as one thinks of them, and as a map file has them, some cut into several ways.
pub struct Town {
    pub streets: Source,
    pub source: Source,
}

/// Streets on a grid of `size` × `size` crossings with gaps, diagonals, bends, one-ways, ferries, barriers, signals, and turn
/// restrictions over a crossing or along streets; each street has a name of its own.
pub fn town(dice: &mut Dice, size: usize) -> Town {
    let mut streets = Source::default();
    let crossings = size * size;
    for i in 0..crossings {
        let (x, y) = ((i % size) as f64, (i / size) as f64);
        let at = LonLat::clamped(121.2 + x * 0.003 + dice.unit() * 0.001, 31.0 + y * 0.003 + dice.unit() * 0.001);
        let blocks = if dice.below(25) == 0 { ProfileSet::MOTOR } else { ProfileSet::NONE };
        let delay_ds = if dice.below(6) == 0 { 1 + dice.below(200) as u16 } else { 0 };
        streets.nodes.push(SourceNode { at: Point::of(at), blocks, delay_ds });
    }
    for i in 0..crossings {
        let (right, up) = (i % size + 1 < size, i / size + 1 < size);
        let next = [(right, i + 1, 8), (up, i + size, 8), (right && up, i + size + 1, 1)];
        for to in next.into_iter().filter(|(there, _, of_9)| *there && dice.below(9) < *of_9).collect::<Vec<_>>() {
            street(dice, &mut streets, (i as u32, to.1 as u32));
        }
    }
    for _ in 0..3 * size {
        restrict(dice, &mut streets);
    }
    let source = cut(dice, &streets);
    Town { streets, source }
}

fn street(dice: &mut Dice, streets: &mut Source, (from, to): (u32, u32)) {
    let mut nodes = vec![from];
    let [a, b] = [from, to].map(|n| streets.nodes[n as usize].at.position());
    for bend in 1..=dice.below(3) {
        let share = bend as f64 / 3.0;
        let off = |dice: &mut Dice| dice.between(-0.0003, 0.0003);
        let at = LonLat::clamped(
            a.lon() + share * (b.lon() - a.lon()) + off(dice),
            a.lat() + share * (b.lat() - a.lat()) + off(dice),
        );
        nodes.push(streets.nodes.len() as u32);
        let delay_ds = if dice.below(8) == 0 { dice.below(100) as u16 } else { 0 };
        streets.nodes.push(SourceNode { at: Point::of(at), blocks: ProfileSet::NONE, delay_ds });
    }
    nodes.push(to);
    let mut way = Way { forward_dkmh: [50, 36, 0, 0, 0], backward_dkmh: [50, 36, 0, 0, 0], ..Way::default() };
    way.class = RoadClass::Residential as u8;
    for (place, base) in [(2, 300), (3, 200), (4, 400)] {
        let driven = base + dice.below(usize::from(base)) as u16;
        way.forward_dkmh[place] = driven;
        way.backward_dkmh[place] = driven;
    }
    match dice.below(12) {
        0 | 1 => way.backward_dkmh[2..4].fill(0),
        2 | 3 => way.forward_dkmh[2..4].fill(0),
        4 => (way.forward_dkmh[1], way.backward_dkmh[1]) = (0, 0),
        5 => (way.class, way.wait_ds) = (RoadClass::Ferry as u8, dice.below(900) as u16),
        6 | 7 => way.flags = [Way::CARS_END, Way::TRUCKS_END, Way::CARS_END | Way::TRUCKS_END][dice.below(3)],
        _ => {}
    }
    let id = streets.ways.len() as i64 + 1;
    streets.ways.push(SourceWay { id, nodes, way, name: format!("w{id}"), ..SourceWay::default() });
}

fn ends(street: &SourceWay) -> [u32; 2] {
    [street.nodes[0], street.nodes[street.nodes.len() - 1]]
}

/// Adds a restriction, over a crossing or along one street or two.
fn restrict(dice: &mut Dice, streets: &mut Source) {
    let ways = &streets.ways;
    let from = &ways[dice.below(ways.len())];
    let mut node = ends(from)[dice.below(2)];
    let over = node;
    let mut path = vec![from.id];
    for _ in 0..1 + [0, 0, 1, 2][dice.below(4)] {
        let on: Vec<&SourceWay> = ways.iter().filter(|w| ends(w).contains(&node) && !path.contains(&w.id)).collect();
        if on.is_empty() {
            return;
        }
        let next = on[dice.below(on.len())];
        path.push(next.id);
        node = ends(next).into_iter().find(|end| *end != node).unwrap_or(node);
    }
    let [from, via @ .., to] = &path[..] else { return };
    // Now and then turning back is forbidden.
    let to = if via.is_empty() && dice.below(8) == 0 { from } else { to };
    let via = if via.is_empty() { Via::Node(over) } else { Via::Ways(via.to_vec()) };
    let only = dice.below(3) == 0 && to != from;
    let binds = [ProfileSet::MOTOR, ProfileSet::one(Profile::Car), ProfileSet::one(Profile::Truck)][dice.below(3)];
    streets.restrictions.push(SourceRestriction { from: *from, via, to: *to, only, binds });
}

/// Cuts some streets that no restriction names into ways at their bends.
fn cut(dice: &mut Dice, streets: &Source) -> Source {
    let mut named: HashSet<i64> = HashSet::new();
    for r in &streets.restrictions {
        named.extend([r.from, r.to]);
        if let Via::Ways(ways) = &r.via {
            named.extend(ways);
        }
    }
    let mut source = Source { ways: Vec::new(), ..streets.clone() };
    for way in &streets.ways {
        if named.contains(&way.id) || way.nodes.len() == 2 || dice.below(2) == 0 {
            source.ways.push(way.clone());
            continue;
        }
        for (part, pair) in way.nodes.windows(2).enumerate() {
            source.ways.push(SourceWay { id: way.id * 100_000 + part as i64, nodes: pair.to_vec(), ..way.clone() });
        }
    }
    source
}

/// The real centre of Shanghai, where the folder of public test data is there.
pub fn real_city() -> Option<Source> {
    let folder = std::env::var_os("BIHU_DATA").map(std::path::PathBuf::from)?;
    let bytes = std::fs::read(folder.join("A/osm_shanghai_center/shanghai_center.osm")).ok()?;
    Some(bihu::exchange::osm::read(&bytes, &|_, _| {}).expect("an extract").roads)
}

/// A place: a street, by its number, and centimetres from its beginning.
pub type Spot = (usize, u32);

/// A closed part of a street.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shut {
    pub street: usize,
    pub from: u32,
    pub to: u32,
    pub to_whom: ProfileSet,
}

/// The slow twin.
pub struct Twin<'a> {
    pub streets: &'a Source,
    /// Whether a street is there: islands are left out.
    pub there: &'a [bool],
    pub shut: &'a [Shut],
    /// [`Twin::ends_there`], found once.
    pub ends_there: &'a [bool],
    pub profile: Profile,
    pub metric: Metric,
}

/// Ways that the longest restriction looks back on.
const MEMORY: usize = 3;

/// A street in a direction.
type Driven = (usize, bool);

impl Twin<'_> {
    /// Length of a street in centimetres.
    pub fn length(streets: &Source, street: usize) -> u32 {
        let at = |n: u32| streets.nodes[n as usize].at.position();
        let metres: f64 = streets.ways[street].nodes.windows(2).map(|p| distance_m(at(p[0]), at(p[1]))).sum();
        (metres * 100.0).round() as u32
    }

    fn speed(&self, (street, forward): Driven) -> Option<u64> {
        let way = &self.streets.ways[street].way;
        let speeds = if forward { way.forward_dkmh } else { way.backward_dkmh };
        Some(u64::from(speeds[self.profile as usize])).filter(|speed| *speed > 0)
    }

    fn whole(&self, driven: Driven) -> Option<u64> {
        let (street, _) = driven;
        let speed = self.speed(driven)?;
        if self.shut.iter().any(|s| s.street == street && s.to_whom.has(self.profile)) {
            return None;
        }
        let length = u64::from(Self::length(self.streets, street));
        if self.metric == Metric::Length {
            return Some(length);
        }
        let way = &self.streets.ways[street];
        let held: u64 = self.waits(street).into_iter().map(|(_, ms)| ms).sum();
        Some((length * 360).div_ceil(speed) + u64::from(way.way.wait_ds) * 100 + held)
    }

    /// Where those with an engine wait on a street, centimetres, and how long, milliseconds: half of an end's time is the
    /// street's.
    fn waits(&self, street: usize) -> Vec<(u32, u64)> {
        if !ProfileSet::MOTOR.has(self.profile) {
            return Vec::new();
        }
        let nodes = &self.streets.ways[street].nodes;
        let at = |n: u32| self.streets.nodes[n as usize].at.position();
        let wait = |i: usize| {
            let whole = u64::from(self.streets.nodes[nodes[i] as usize].delay_ds) * 100;
            if i == 0 || i + 1 == nodes.len() {
                return (if i == 0 { 0 } else { Self::length(self.streets, street) }, whole / 2);
            }
            let metres: f64 = nodes[..=i].windows(2).map(|p| distance_m(at(p[0]), at(p[1]))).sum();
            ((metres * 100.0).round() as u32, whole)
        };
        (0..nodes.len()).map(wait).collect()
    }

    /// What going from one place of a street straight to another costs.
    fn part(&self, street: usize, (from, to): (u32, u32)) -> Option<u64> {
        let (low, high) = (from.min(to), from.max(to));
        let met = |s: &&Shut| s.street == street && s.to_whom.has(self.profile) && s.from <= high && low <= s.to;
        if self.shut.iter().find(met).is_some() {
            return None;
        }
        if from == to {
            return Some(0);
        }
        let speed = self.speed((street, from < to))?;
        let length = u64::from(high - low);
        if self.metric == Metric::Length {
            return Some(length);
        }
        // One waits at what one passes, and at an end that one sets out from or comes to.
        let end = Self::length(self.streets, street);
        let met = |at: u32| {
            if at == 0 {
                low == 0
            } else if at == end {
                high == end
            } else {
                low < at && at < high
            }
        };
        let held: u64 = self.waits(street).into_iter().filter(|(at, _)| met(*at)).map(|(_, ms)| ms).sum();
        Some((length * 360).div_ceil(speed) + held)
    }

    fn end(&self, (street, forward): Driven) -> u32 {
        ends(&self.streets.ways[street])[usize::from(forward)]
    }

    /// Whether no restriction forbids going on from ways just driven, the last one last, to another.
    fn may_turn(&self, driven: &[Driven], next: Driven) -> bool {
        let id = |d: &Driven| self.streets.ways[d.0].id;
        let last = driven[driven.len() - 1];
        let node = self.end(last);
        let back = next == (last.0, !last.1);
        self.streets.restrictions.iter().filter(|r| r.binds.has(self.profile)).all(|r| {
            let mut course = vec![r.from];
            match &r.via {
                Via::Node(via) if *via == node => {}
                Via::Node(_) => return true,
                Via::Ways(ways) => course.extend(ways),
            }
            course.push(r.to);
            // How much of its course may lie behind who stands here: all but the last way, or of an `only_…` any beginning.
            let behind = if r.only { 1..course.len() } else { course.len() - 1..course.len() };
            behind.filter(|n| driven.len() >= *n && self.leads_on(node, &course[*n..])).all(|n| {
                let came = driven[driven.len() - n..].iter().map(id).eq(course[..n].iter().copied());
                // One may turn back on the first way, and not in the middle of a course that is prescribed.
                let allowed = if r.only { id(&next) == course[n] || back && n == 1 } else { id(&next) != course[n] };
                !came || allowed
            })
        })
    }

    /// Whether ways can be gone along one after the other from a node.
    fn leads_on(&self, mut node: u32, ways: &[i64]) -> bool {
        ways.iter().all(|way| {
            let both = ends(&self.streets.ways[(way - 1) as usize]);
            let other = if both[0] == node { both[1] } else { both[0] };
            both.contains(&std::mem::replace(&mut node, other))
        })
    }

    /// Whether whoever drives may go on beyond the end of a street.
    fn passes(&self, driven: Driven) -> bool {
        !self.streets.nodes[self.end(driven) as usize].blocks.has(self.profile)
    }

    /// What one may drive next after ways just driven, by the rules of turning alone.
    fn next(&self, driven: &[Driven]) -> Vec<Driven> {
        let node = self.end(driven[driven.len() - 1]);
        let both = (0..self.streets.ways.len()).flat_map(|i| [(i, true), (i, false)]);
        let begins = |next: &Driven| self.there[next.0] && self.end((next.0, !next.1)) == node;
        both.filter(|next| begins(next) && self.may_turn(driven, *next)).collect()
    }

    /// Of which streets one may only end on them, and not drive through: those that say so, and what touches them, or touches
    /// what does, and can not be driven to from the longest part and back by the others alone.
    pub fn ends_there(&self) -> Vec<bool> {
        let ways = &self.streets.ways;
        let flag = match self.profile {
            Profile::Car => Way::CARS_END,
            Profile::Truck => Way::TRUCKS_END,
            _ => return vec![false; ways.len()],
        };
        let says: Vec<bool> = (0..ways.len()).map(|i| self.there[i] && ways[i].way.is(flag)).collect();
        if !says.contains(&true) {
            return says;
        }
        let main = self.longest_part(&says);
        let goes = |i: usize| self.speed((i, true)).is_some() || self.speed((i, false)).is_some();
        let ends_there: Vec<bool> =
            (0..ways.len()).map(|i| says[i] || self.there[i] && goes(i) && !main.contains(&i)).collect();
        // Outward from those that say so.
        let mut touched = says.clone();
        let mut edge: Vec<usize> = (0..ways.len()).filter(|i| says[*i]).collect();
        while let Some(at) = edge.pop() {
            let meet = |i: usize| ends(&ways[i]).iter().any(|end| ends(&ways[at]).contains(end));
            for next in (0..ways.len()).filter(|i| ends_there[*i] && meet(*i)) {
                if !std::mem::replace(&mut touched[next], true) {
                    edge.push(next);
                }
            }
        }
        touched
    }

    /// The streets of the longest part in which one can drive from every street to every other and back, leaving some out.
    fn longest_part(&self, but: &[bool]) -> HashSet<usize> {
        let may = |next: &Driven| !but[next.0] && self.speed(*next).is_some() && self.passes(*next);
        // Places in the town, as one remembers how one came there, and those one can come to next.
        let both = (0..but.len()).flat_map(|i| [(i, true), (i, false)]).filter(|d| self.there[d.0] && may(d));
        let mut places: Vec<Vec<Driven>> = both.map(|driven| vec![driven]).collect();
        let mut number: HashMap<Vec<Driven>, usize> = places.iter().cloned().zip(0..).collect();
        let mut onward: Vec<Vec<usize>> = Vec::new();
        while onward.len() < places.len() {
            let here = places[onward.len()].clone();
            let mut on = Vec::new();
            for next in self.next(&here).into_iter().filter(may) {
                let all: Vec<Driven> = here.iter().copied().chain([next]).collect();
                let recent = all[all.len().saturating_sub(MEMORY)..].to_vec();
                on.push(*number.entry(recent.clone()).or_insert_with(|| {
                    places.push(recent);
                    places.len() - 1
                }));
            }
            onward.push(on);
        }
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); places.len()];
        for (from, on) in onward.iter().enumerate() {
            on.iter().for_each(|to| back[*to].push(from));
        }
        let spread = |from: usize, links: &[Vec<usize>]| -> HashSet<usize> {
            let (mut seen, mut edge) = (HashSet::from([from]), vec![from]);
            while let Some(at) = edge.pop() {
                edge.extend(links[at].iter().copied().filter(|to| seen.insert(*to)));
            }
            seen
        };
        let mut done: HashSet<usize> = HashSet::new();
        let mut best: (u64, HashSet<usize>) = Default::default();
        for place in 0..places.len() {
            if done.contains(&place) {
                continue;
            }
            let reach = spread(place, &back);
            let part: HashSet<usize> = spread(place, &onward).into_iter().filter(|to| reach.contains(to)).collect();
            let inner = |to: &usize| back[*to].iter().any(|from| part.contains(from));
            let streets: HashSet<usize> =
                part.iter().filter(|to| inner(to)).map(|to| places[*to][places[*to].len() - 1].0).collect();
            let length: u64 = streets.iter().map(|i| u64::from(Self::length(self.streets, *i).max(1))).sum();
            if length > best.0 {
                best = (length, streets);
            }
            done.extend(part);
        }
        best.1
    }

    /// The least costs of coming to each street at either end, from a place.
    pub fn from(&self, start: Spot) -> Costs<'_> {
        let ends_there = self.ends_there;
        let mut least: Vec<[Option<u64>; 2]> = vec![[None; 2]; self.streets.ways.len()];
        let mut done: HashSet<(Vec<Driven>, bool)> = HashSet::new();
        let mut heap = BinaryHeap::new();
        for driven in [(start.0, true), (start.0, false)] {
            let end = if driven.1 { Self::length(self.streets, start.0) } else { 0 };
            let goes = self.there[start.0] && self.speed(driven).is_some() && self.passes(driven);
            if let Some(cost) = self.part(start.0, (start.1, end)).filter(|_| goes) {
                heap.push(Reverse((cost, vec![driven], false)));
            }
        }
        // Beside what was driven: whether one came from elsewhere onto streets where one may only end.
        while let Some(Reverse((cost, driven, came_to_end))) = heap.pop() {
            if !done.insert((driven.clone(), came_to_end)) {
                continue;
            }
            let last = driven[driven.len() - 1];
            for next in self.next(&driven) {
                if came_to_end && !ends_there[next.0] {
                    continue;
                }
                let known = &mut least[next.0][usize::from(next.1)];
                *known = Some(known.map_or(cost, |known| known.min(cost)));
                if let Some(more) = self.whole(next).filter(|_| self.passes(next)) {
                    let all: Vec<Driven> = driven.iter().copied().chain([next]).collect();
                    let from_elsewhere = came_to_end || !ends_there[last.0];
                    let recent = all[all.len().saturating_sub(MEMORY)..].to_vec();
                    heap.push(Reverse((cost + more, recent, ends_there[next.0] && from_elsewhere)));
                }
            }
        }
        Costs { twin: self, start, least }
    }
}

/// What the slow twin found from one place.
pub struct Costs<'a> {
    twin: &'a Twin<'a>,
    start: Spot,
    least: Vec<[Option<u64>; 2]>,
}

impl Costs<'_> {
    /// The least cost to a place.
    pub fn to(&self, goal: Spot) -> Option<u32> {
        let twin = self.twin;
        if !twin.there[goal.0] {
            return None;
        }
        let [backward, forward] = self.least[goal.0];
        let length = Twin::length(twin.streets, goal.0);
        let forward = forward.and_then(|cost| Some(cost + twin.part(goal.0, (0, goal.1))?));
        let backward = backward.and_then(|cost| Some(cost + twin.part(goal.0, (length, goal.1))?));
        let along = if goal.0 == self.start.0 { twin.part(goal.0, (self.start.1, goal.1)) } else { None };
        [forward, backward, along].into_iter().flatten().min().map(|cost| cost as u32)
    }
}
