//! The readings of a map file, and what is kept of it.

use super::areas;
use super::classify::{self, Drawn};
use super::file::{File, Progress, Step};
use super::roads::{Roads, Turn};
use super::{Head, Member, OsmError, Part, What};
use crate::domain::Footprint;
use crate::network::rules::{self, Tags};
use crate::network::{
    FeatureShape, Layer, MapFeature, PlaceKind, PlaceSource, Point, Source, SourceNode, SourceWay, Way,
};
use crate::spatial::locate::PreparedArea;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

/// Most ways that a turn restriction is followed along, or goes from and to.
const VIA_MAX: usize = 12;

/// Areas of which a way may be the border, on the average.
const AREA_SHARES: usize = 16;

/// How many things that are not heeded are told one by one, and with how many letters.
const TOLD: usize = 10;
const WORDS_MAX: usize = 200;

/// Most things of one kind in a file.
const THINGS_MAX: u64 = 400_000_000;

/// What was in a file, and what could not be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nodes of the file.
    pub nodes: u64,
    /// Ways of the file.
    pub ways: u64,
    /// Relations of the file.
    pub relations: u64,
    /// Ways that name nodes which are not there, and were cut or left out.
    pub cut_ways: u64,
    /// Rings that do not close, and holes in nothing.
    pub open_rings: u64,
    /// Turn restrictions that hold at some hours only: what they say of those is not heeded.
    pub conditional: u64,
    /// Turn restrictions of more ways than are followed.
    pub restrictions_long: u64,
    /// Turn restrictions without a node or ways between, or with both.
    pub restrictions_garbled: u64,
    /// Turn restrictions about a road that is not kept: nobody may use it, or it lies beyond the bounds.
    pub restrictions_elsewhere: u64,
    /// Ways of which something holds at some hours only: what they say of those is not heeded.
    pub conditional_ways: u64,
}

/// What is kept of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extract {
    /// What it says of itself.
    pub head: Head,
    /// Roads.
    pub roads: Source,
    /// What is drawn.
    pub features: Vec<MapFeature>,
    /// What can be looked for.
    pub places: Vec<PlaceSource>,
    /// Some of the turn restrictions that hold at some hours only: their words, and where.
    pub at_hours: Vec<(String, Point)>,
    /// What was there.
    pub counts: Counts,
}

/// Reads a map file.
pub fn read(bytes: &[u8], progress: Progress<'_>) -> Result<Extract, OsmError> {
    read_within(bytes, None, progress)
}

/// Reads what of a map file lies within an area: ways that have a node in it, whole, and areas that such ways are of.
pub fn read_within(bytes: &[u8], within: Option<&Footprint>, progress: Progress<'_>) -> Result<Extract, OsmError> {
    let mut file = File::of(bytes)?;
    let mut gather = Gather::default();
    let mut steps = vec![(Step::Relations, What::Relation), (Step::Ways, What::Way), (Step::Nodes, What::Node)];
    if let Some(area) = within {
        gather.within =
            Some(Within { area: PreparedArea::new(area).ok_or(OsmError::NoRoadsWithin)?, nodes: Vec::new() });
        steps.insert(0, (Step::Bounds, What::Node));
    }
    for (step, pass) in steps {
        let read = Cell::new(0);
        let mut seen = 0_u64;
        file.each(pass, &read, &mut |part| {
            seen += 1;
            if seen.is_multiple_of(1 << 14) {
                progress(step, read.get());
            }
            if seen > THINGS_MAX {
                return Err(OsmError::Limit { zh: "要素", en: "things", limit: THINGS_MAX });
            }
            match step {
                Step::Bounds => gather.look(part),
                _ => gather.take(part),
            }
            Ok(())
        })?;
        progress(step, bytes.len() as u64);
        gather.after(step);
    }
    gather.finish()
}

/// Street and house number.
type Address = Option<Box<(String, String)>>;

/// A way that waits for its nodes.
struct Waiting {
    id: i64,
    refs: Vec<i64>,
    /// Who may use it.
    rules: Option<Way>,
    /// How it is drawn: layer, class, whether a closed one is an area.
    drawn: Option<(Layer, String, bool)>,
    known: Option<(PlaceKind, String)>,
    address: Address,
    name: String,
    name_en: String,
    number: String,
}

/// An area of several ways.
struct Several {
    outers: Vec<i64>,
    inners: Vec<i64>,
    drawn: Option<(Layer, String)>,
    known: Option<(PlaceKind, String)>,
    address: Address,
    name: String,
    name_en: String,
}

/// Where things are wanted, and which nodes lie there, sorted.
struct Within {
    area: PreparedArea,
    nodes: Vec<i64>,
}

#[derive(Default)]
struct Gather {
    head: Head,
    within: Option<Within>,
    counts: Counts,
    turns: Vec<Turn>,
    at_hours: Vec<(String, i64)>,
    several: Vec<Several>,
    /// Ways that an area is made of.
    parts: HashSet<i64>,
    ways: Vec<Waiting>,
    /// Nodes that are needed, sorted, and where each is.
    wanted: Vec<i64>,
    at: Vec<Option<Point>>,
    /// What nodes of roads do to who passes.
    passing: HashMap<i64, (crate::domain::ProfileSet, u16)>,
    /// Labels and names of nodes.
    features: Vec<MapFeature>,
    places: Vec<PlaceSource>,
}

impl Gather {
    /// Looks which nodes lie within the bounds.
    fn look(&mut self, part: Part<'_>) {
        if let (Part::Node { id, at, .. }, Some(within)) = (part, &mut self.within)
            && within.area.covers(at.position())
        {
            within.nodes.push(id);
        }
    }

    /// Returns whether a node is wanted.
    fn is_within(&self, id: i64) -> bool {
        self.within.as_ref().is_none_or(|within| within.nodes.binary_search(&id).is_ok())
    }

    fn take(&mut self, part: Part<'_>) {
        match part {
            Part::Head(head) => self.head = head,
            Part::Relation { members, tags } => self.relation(members, Tags(tags)),
            Part::Way { id, refs, tags } => self.way(id, refs, Tags(tags)),
            Part::Node { id, at, tags } => self.node(id, at, Tags(tags)),
        }
    }

    fn relation(&mut self, members: &[Member], tags: Tags<'_>) {
        self.counts.relations += 1;
        let of = |role: &str| members.iter().filter(|m| m.role == role).cloned().collect::<Vec<_>>();
        if let Some(words) = rules::restriction_at_hours(tags) {
            self.counts.conditional += 1;
            if let (true, [via]) = (self.at_hours.len() < TOLD, &of("via")[..]) {
                self.at_hours.push((words.chars().take(WORDS_MAX).collect(), via.id));
            }
        }
        if let Some(rule) = rules::restriction(tags) {
            let (from, via, to) = (of("from"), of("via"), of("to"));
            // `no_entry` has several ways that it comes from, `no_exit` several that it goes to.
            if via.len() <= VIA_MAX && from.len().saturating_mul(to.len()) <= VIA_MAX {
                let pairs = from.iter().flat_map(|from| to.iter().map(move |to| (from.id, to.id)));
                self.turns.extend(pairs.map(|(from, to)| Turn { from, via: via.clone(), to, rule }));
            } else {
                self.counts.restrictions_long += 1;
            }
            return;
        }
        if !classify::is_area(tags) {
            return;
        }
        let drawn = classify::drawn(tags).filter(|d| d.area).map(|d| (d.layer, d.class.to_owned()));
        let name = classify::name(tags).unwrap_or_default().to_owned();
        let known = classify::known_as(tags).filter(|_| !name.is_empty()).map(|(kind, class)| (kind, class.to_owned()));
        let address = address(tags).map(|(street, number)| Box::new((street.to_owned(), number.to_owned())));
        if drawn.is_none() && known.is_none() && address.is_none() {
            return;
        }
        let ways = |inner: bool| {
            members.iter().filter(move |m| m.what == What::Way && (m.role == "inner") == inner).map(|m| m.id)
        };
        let several = Several {
            outers: ways(false).collect(),
            inners: ways(true).collect(),
            drawn,
            known,
            address,
            name,
            name_en: classify::name_en(tags).to_owned(),
        };
        self.parts.extend(several.outers.iter().chain(&several.inners));
        self.several.push(several);
    }

    fn way(&mut self, id: i64, refs: &[i64], tags: Tags<'_>) {
        self.counts.ways += 1;
        if !self.parts.contains(&id) && !refs.iter().any(|id| self.is_within(*id)) {
            return;
        }
        // A square is walked along its edge, as the map file draws it.
        let rules = rules::way(tags);
        self.counts.conditional_ways += u64::from(rules.is_some() && rules::at_hours(tags));
        let address = address(tags).map(|(street, number)| Box::new((street.to_owned(), number.to_owned())));
        let name = classify::name(tags).unwrap_or_default().to_owned();
        let drawn = classify::drawn(tags).map(|Drawn { layer, class, area }| (layer, class.to_owned(), area));
        let known = classify::known_as(tags).filter(|_| !name.is_empty()).map(|(kind, class)| (kind, class.to_owned()));
        if refs.len() < 2
            || (rules.is_none() && drawn.is_none() && known.is_none() && address.is_none() && !self.parts.contains(&id))
        {
            return;
        }
        let number = tags.get("ref").unwrap_or_default().to_owned();
        let name = if rules.is_some() && name == number { String::new() } else { name };
        let name_en = classify::name_en(tags).to_owned();
        self.ways.push(Waiting { id, refs: refs.to_vec(), rules, drawn, known, address, name, name_en, number });
    }

    fn node(&mut self, id: i64, at: Point, tags: Tags<'_>) {
        self.counts.nodes += 1;
        if let Ok(place) = self.wanted.binary_search(&id) {
            self.at[place] = Some(at);
            let (blocks, delay_ds) = rules::node(tags);
            if blocks.0 != 0 || delay_ds != 0 {
                self.passing.insert(id, (blocks, delay_ds));
            }
        }
        if tags.0.is_empty() || !self.is_within(id) {
            return;
        }
        if let Some((street, number)) = address(tags) {
            self.house(street, number, at);
        }
        if let (Some(name), Some((kind, class))) = (classify::name(tags), classify::known_as(tags)) {
            self.known(kind, class, (name, classify::name_en(tags)), at);
        }
    }

    /// Keeps an address.
    fn house(&mut self, street: &str, number: &str, position: Point) {
        self.places.push(PlaceSource {
            kind: PlaceKind::Address,
            class: "address".to_owned(),
            name: street.to_owned(),
            name_en: String::new(),
            house_number: number.to_owned(),
            position,
        });
    }

    /// Keeps a name to look for and, for what is written on the map, its label.
    fn known(&mut self, kind: PlaceKind, class: &str, (name, name_en): (&str, &str), position: Point) {
        self.places.push(PlaceSource {
            kind,
            class: class.to_owned(),
            name: name.to_owned(),
            name_en: name_en.to_owned(),
            house_number: String::new(),
            position,
        });
        if classify::is_label(kind, class) {
            self.features.push(MapFeature {
                layer: Layer::Label,
                class: class.to_owned(),
                name: name.to_owned(),
                name_en: name_en.to_owned(),
                flags: 0,
                shape: FeatureShape::Point(position),
            });
        }
    }

    fn after(&mut self, step: Step) {
        match (step, &mut self.within) {
            (Step::Bounds, Some(within)) => {
                within.nodes.sort_unstable();
                within.nodes.dedup();
            }
            (Step::Ways, _) => self.await_nodes(),
            _ => {}
        }
    }

    /// Lets go what no wanted area is made of, and notes the nodes that everything else waits for.
    fn await_nodes(&mut self) {
        if self.within.is_some() {
            let inside: HashSet<i64> =
                self.ways.iter().filter(|w| w.refs.iter().any(|id| self.is_within(*id))).map(|w| w.id).collect();
            self.several.retain(|area| area.outers.iter().chain(&area.inners).any(|way| inside.contains(way)));
            self.parts = self.several.iter().flat_map(|area| area.outers.iter().chain(&area.inners)).copied().collect();
            self.ways.retain(|way| inside.contains(&way.id) || self.parts.contains(&way.id));
            // The rest of an area is its shape alone.
            let outside = self.ways.iter_mut().filter(|way| !inside.contains(&way.id));
            outside.for_each(|way| (way.rules, way.drawn, way.known, way.address) = (None, None, None, None));
        }
        let mut wanted: Vec<i64> = self.ways.iter().flat_map(|way| &way.refs).copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        self.at = vec![None; wanted.len()];
        self.wanted = wanted;
    }

    fn point(&self, id: i64) -> Option<Point> {
        self.wanted.binary_search(&id).ok().and_then(|place| self.at[place])
    }

    fn finish(mut self) -> Result<Extract, OsmError> {
        let several = std::mem::take(&mut self.several);
        let ways = std::mem::take(&mut self.ways);
        let lines: HashMap<i64, Vec<Point>> = ways
            .iter()
            .filter(|way| self.parts.contains(&way.id))
            .map(|way| (way.id, way.refs.iter().filter_map(|id| self.point(*id)).collect()))
            .collect();
        // A way is the border of an area or two; who names it a thousand times gets no more room for that.
        let mut room = AREA_SHARES * lines.values().map(Vec::len).sum::<usize>();
        for area in several {
            let points = area.outers.iter().chain(&area.inners).filter_map(|id| lines.get(id)).map(Vec::len).sum();
            match room.checked_sub(points) {
                Some(rest) => {
                    room = rest;
                    self.area_of(area, &lines);
                }
                None => self.counts.open_rings += 1,
            }
        }
        let mut roads = Roads::default();
        for way in &ways {
            self.finish_way(way, &mut roads);
        }
        if roads.is_empty() {
            return Err(if self.within.is_some() { OsmError::NoRoadsWithin } else { OsmError::NoRoads });
        }
        let at_hours = std::mem::take(&mut self.at_hours).into_iter();
        let at_hours = at_hours.filter_map(|(words, via)| Some((words, self.point(via)?))).collect();
        let (turns, mut counts) = (std::mem::take(&mut self.turns), self.counts);
        let roads = roads.finish(turns, &mut counts, |id| {
            let (blocks, delay_ds) = self.passing.get(&id).copied().unwrap_or_default();
            SourceNode { at: self.point(id).unwrap_or_default(), blocks, delay_ds }
        });
        Ok(Extract { head: self.head, roads, features: self.features, places: self.places, at_hours, counts })
    }

    fn area_of(&mut self, area: Several, lines: &HashMap<i64, Vec<Point>>) {
        let of = |ids: &[i64]| areas::rings(ids.iter().filter_map(|id| lines.get(id)).cloned().collect());
        let ((outers, left), (inners, more)) = (of(&area.outers), of(&area.inners));
        self.counts.open_rings += (left + more) as u64;
        let (polygons, left) = areas::polygons(outers, inners);
        self.counts.open_rings += left as u64;
        let Some(centre) = polygons.first().map(|polygon| middle(&polygon[0])) else { return };
        if let Some(address) = &area.address {
            self.house(&address.0, &address.1, centre);
        }
        if let Some((kind, class)) = &area.known {
            self.known(*kind, class, (&area.name, &area.name_en), centre);
        }
        if let Some((layer, class)) = area.drawn {
            let (name, name_en) = (area.name, area.name_en);
            self.features.push(MapFeature {
                layer,
                class,
                name,
                name_en,
                flags: 0,
                shape: FeatureShape::Area(polygons),
            });
        }
    }

    fn finish_way(&mut self, way: &Waiting, roads: &mut Roads) {
        // A missing node cuts the way: what lies on both sides of it is kept.
        let there: Vec<bool> = way.refs.iter().map(|id| self.point(*id).is_some()).collect();
        if there.contains(&false) {
            self.counts.cut_ways += 1;
        }
        let runs = way.refs.iter().zip(there).collect::<Vec<_>>();
        let runs = runs.split(|(_, there)| !there).filter(|run| run.len() > 1);
        for run in runs {
            let refs: Vec<i64> = run.iter().map(|(id, _)| **id).collect();
            let line: Vec<Point> = refs.iter().filter_map(|id| self.point(*id)).collect();
            if let Some(rules) = way.rules {
                let (name, name_en, number) = (way.name.clone(), way.name_en.clone(), way.number.clone());
                roads.add(SourceWay { id: way.id, nodes: Vec::new(), way: rules, name, name_en, number }, &refs);
                if !way.name.is_empty() {
                    self.places.push(PlaceSource {
                        kind: PlaceKind::Street,
                        class: rules.road_class().word().to_owned(),
                        name: way.name.clone(),
                        name_en: way.name_en.clone(),
                        house_number: String::new(),
                        position: line[line.len() / 2],
                    });
                }
            }
            self.draw(way, line);
        }
    }

    fn draw(&mut self, way: &Waiting, line: Vec<Point>) {
        let closed = line.len() >= 4 && line.first() == line.last();
        if let Some(address) = &way.address {
            self.house(&address.0, &address.1, if closed { middle(&line) } else { line[line.len() / 2] });
        }
        if let Some((kind, class)) = way.known.as_ref().filter(|_| way.rules.is_none()) {
            self.known(
                *kind,
                class,
                (&way.name, &way.name_en),
                if closed { middle(&line) } else { line[line.len() / 2] },
            );
        }
        let Some((layer, class, area)) = &way.drawn else { return };
        let shape = match (area, closed) {
            (true, true) => FeatureShape::Area(vec![vec![line]]),
            (true, false) => return,
            (false, _) => FeatureShape::Line(line),
        };
        let flags = way.rules.map_or(0, |rules| rules.flags & (Way::BRIDGE | Way::TUNNEL));
        let name = if way.name.is_empty() { &way.number } else { &way.name };
        let (class, name, name_en) = (class.clone(), name.clone(), way.name_en.clone());
        self.features.push(MapFeature { layer: *layer, class, name, name_en, flags, shape });
    }
}

/// Returns street (or what else the numbers count along) and house number.
fn address<'a>(tags: Tags<'a>) -> Option<(&'a str, &'a str)> {
    let text = |key: &str| tags.get(key).map(str::trim).filter(|t| !t.is_empty() && t.chars().count() <= 120);
    Some((text("addr:street").or_else(|| text("addr:place"))?, text("addr:housenumber")?))
}

/// The middle of the box around a ring.
fn middle(ring: &[Point]) -> Point {
    let span = |of: fn(&Point) -> i32| {
        let (low, high) = ring.iter().map(of).fold((i32::MAX, i32::MIN), |(low, high), n| (low.min(n), high.max(n)));
        ((i64::from(low) + i64::from(high)) / 2) as i32
    };
    Point { lon_e7: span(|p| p.lon_e7), lat_e7: span(|p| p.lat_e7) }
}
