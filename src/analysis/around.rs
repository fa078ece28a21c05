//! Around (周边分析): what there is within a distance of a point, or inside an area.
//!
//! A resource counts when the geodesic from the point to its edge is no longer than the radius, or when its place and the
//! area have a point in common. Invariant: what nobody has said is counted as unknown, beside the sums and never in
//! them; a sum of which no part is known is `None`, not zero.

use super::Demand;
use super::reach::Shape;
use crate::domain::{Detail, Footprint, Kind, LonLat, Place, Population, Resource, Shelter, StockLine, Storage, Team};
use crate::spatial::area;
use crate::spatial::edge::unit_vector;
use crate::spatial::geodesic;
use crate::spatial::locate::PreparedArea;
use geo::{Centroid, Intersects};
use geo_types::MultiPolygon;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// How distances are measured, for the answer.
pub const METHOD: &str = "wgs84-geodesic-to-edge";

/// Word under which what nobody has said is counted.
pub const UNKNOWN: &str = "unknown";

/// Where is asked about.
#[derive(Debug, Clone, Copy)]
pub enum Region<'a> {
    /// Everything within a distance of a point.
    Circle {
        /// The point.
        centre: LonLat,
        /// The distance, metres.
        radius_m: f64,
    },
    /// Everything inside an area. Distances are from its centroid.
    Area(&'a Footprint),
}

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Where.
    pub region: Region<'a>,
    /// Resources that may be told of.
    pub resources: &'a [&'a Resource],
    /// People.
    pub demand: &'a [Demand],
    /// Most items to list; counts and sums are over all.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Around {
    /// How it was found.
    pub method: &'static str,
    /// False when there are more items than were asked for.
    pub complete: bool,
    /// Size of the region, square metres.
    pub area_m2: f64,
    /// Point from which distances are told; `None` for an area without extent.
    pub origin: Option<LonLat>,
    /// People inside; `None` when no demand point is inside, for then nobody has said.
    pub population: Option<Population>,
    /// Demand points inside.
    pub demand_points: usize,
    /// Resources of each kind that is there.
    pub counts: BTreeMap<Kind, Count>,
    /// Places in the shelters.
    pub places: Places,
    /// What the stores hold, by code, name and unit.
    pub stock: Vec<StockSum>,
    /// Stores that have no list of stock.
    pub stores_without_list: usize,
    /// People in the teams.
    pub headcount: Known,
    /// The resources by distance, then id; at most the limit.
    pub items: Vec<Item>,
    /// How many there are.
    pub items_total: usize,
}

/// Resources of one kind, by words of the field; [`UNKNOWN`] counts those of which nobody has said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    /// All.
    pub total: usize,
    /// By administrative level.
    pub by_level: BTreeMap<&'static str, usize>,
    /// By function (shelters), tier (stores), category (teams) or class (sites).
    pub by_class: BTreeMap<&'static str, usize>,
    /// By status (shelters) or readiness (teams); empty for kinds that have none.
    pub by_status: BTreeMap<&'static str, usize>,
}

/// A sum of what is known, and how many parts are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// Sum of the known parts; `None` when there are parts and none is known.
    pub sum: Option<u64>,
    /// Parts that nobody has said.
    pub unknown: usize,
}

impl Known {
    fn of(parts: impl Iterator<Item = Option<u32>>) -> Self {
        let (mut sum, mut known, mut unknown) = (0, 0, 0);
        for part in parts {
            match part {
                Some(n) => (sum, known) = (sum + u64::from(n), known + 1),
                None => unknown += 1,
            }
        }
        Self { sum: (known > 0 || unknown == 0).then_some(sum), unknown }
    }
}

/// Places in the shelters of the region, in persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Places {
    /// Capacity.
    pub capacity: Known,
    /// Free places; known where the capacity is.
    pub free: Known,
    /// Shelters of known capacity whose occupancy was never reported: their free places are their capacity less what
    /// else is known to be taken.
    pub occupancy_unreported: usize,
}

/// One item of stock over all stores of the region.
#[derive(Debug, Clone, PartialEq)]
pub struct StockSum {
    /// 7-digit code of GB/T 38565-2020, where known.
    pub code: Option<String>,
    /// Name of the item.
    pub name: String,
    /// Unit of the quantity.
    pub unit: Option<String>,
    /// Sum of the known quantities; `None` when none is known.
    pub quantity: Option<f64>,
    /// Lines of stock.
    pub lines: usize,
    /// Lines whose quantity nobody has counted.
    pub lines_without_quantity: usize,
}

/// One resource of the region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item {
    /// Index in the resources given.
    pub resource: usize,
    /// Geodesic distance from the origin to its edge, metres.
    pub distance_m: f64,
}

/// Answers the question.
pub fn around(question: &Question) -> Around {
    let scope = Scope::of(question.region);
    let inside = question.resources.par_iter().enumerate();
    let inside = inside.filter_map(|(i, r)| scope.measure(&r.place).map(|m| Item { resource: i, distance_m: m }));
    let mut items: Vec<Item> = inside.collect();
    let resource = |item: &Item| question.resources[item.resource];
    items.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then_with(|| resource(a).id.cmp(&resource(b).id)));
    let found: Vec<&Resource> = items.iter().map(resource).collect();
    let people: Vec<Population> =
        question.demand.par_iter().filter(|d| scope.covers(d.position)).map(|d| d.population).collect();
    let items_total = items.len();
    items.truncate(question.limit);
    let stores: Vec<&Storage> = found.iter().filter_map(|r| r.storage()).collect();
    Around {
        method: METHOD,
        complete: items.len() == items_total,
        area_m2: scope.area_m2(),
        origin: scope.origin(),
        population: (!people.is_empty()).then(|| people.iter().copied().sum()),
        demand_points: people.len(),
        counts: counts(&found),
        places: places(&found.iter().filter_map(|r| r.shelter()).collect::<Vec<_>>()),
        stock: stock(stores.iter().filter_map(|s| s.stock.as_ref()).flatten()),
        stores_without_list: stores.iter().filter(|s| s.stock.is_none()).count(),
        headcount: Known::of(found.iter().filter_map(|r| r.team()).map(|team: &Team| team.headcount)),
        items,
        items_total,
    }
}

/// The region, made ready for asking.
enum Scope<'a> {
    Circle { centre: LonLat, at: [f64; 3], radius_m: f64 },
    Area { shape: &'a Footprint, prepared: Option<PreparedArea>, origin: Option<LonLat> },
}

impl<'a> Scope<'a> {
    fn of(region: Region<'a>) -> Self {
        match region {
            Region::Circle { centre, radius_m } => Self::Circle { centre, at: unit_vector(centre), radius_m },
            Region::Area(shape) => Self::Area { shape, prepared: PreparedArea::new(shape), origin: centroid(shape) },
        }
    }

    fn origin(&self) -> Option<LonLat> {
        match self {
            Self::Circle { centre, .. } => Some(*centre),
            Self::Area { origin, .. } => *origin,
        }
    }

    fn area_m2(&self) -> f64 {
        match self {
            Self::Circle { centre, radius_m, .. } => area::circle_area_m2(*centre, *radius_m),
            Self::Area { shape, .. } => area::area_m2(shape),
        }
    }

    fn covers(&self, point: LonLat) -> bool {
        match self {
            Self::Circle { centre, radius_m, .. } => geodesic::distance_m(*centre, point) <= *radius_m,
            Self::Area { prepared, .. } => prepared.as_ref().is_some_and(|area| area.covers(point)),
        }
    }

    /// Distance from the origin to the edge of a place of the region; `None` when the place is not of the region.
    fn measure(&self, place: &Place) -> Option<f64> {
        let from = self.origin()?;
        if let Self::Circle { at, radius_m, .. } = self {
            let shape = Shape::of(place);
            return shape.is_within(from, *at, *radius_m).then(|| shape.distance_m(from));
        }
        self.touches(place).then(|| Shape::of(place).distance_m(from))
    }

    /// Whether the place and the area have a point in common.
    fn touches(&self, place: &Place) -> bool {
        let Self::Area { shape, .. } = self else { return false };
        match &place.footprint {
            Some(footprint) if !footprint.0.is_empty() => shape.intersects(footprint),
            _ => self.covers(place.position),
        }
    }
}

/// Centre of mass of the area as it lies on the globe, each part weighing what it measures.
fn centroid(shape: &Footprint) -> Option<LonLat> {
    let mut sum = [0.0; 3];
    for polygon in shape {
        let middle = polygon.centroid()?;
        let weight = area::area_m2(&MultiPolygon(vec![polygon.clone()]));
        let v = unit_vector(LonLat::clamped(middle.x(), middle.y()));
        (0..3).for_each(|k| sum[k] += weight * v[k]);
    }
    let [x, y, z] = sum;
    let size = x.hypot(y).hypot(z);
    (size > 0.0).then(|| LonLat::clamped(y.atan2(x).to_degrees(), z.atan2(x.hypot(y)).to_degrees()))
}

fn counts(found: &[&Resource]) -> BTreeMap<Kind, Count> {
    let mut counts: BTreeMap<Kind, Count> = BTreeMap::new();
    for resource in found {
        let count = counts.entry(resource.kind()).or_default();
        let add = |by: &mut BTreeMap<&'static str, usize>, word: Option<&'static str>| {
            *by.entry(word.unwrap_or(UNKNOWN)).or_default() += 1;
        };
        count.total += 1;
        add(&mut count.by_level, resource.level.map(|level| level.word()));
        match &resource.detail {
            Detail::Shelter(shelter) => {
                add(&mut count.by_class, shelter.function.map(|f| f.word()));
                add(&mut count.by_status, shelter.status.map(|s| s.word()));
            }
            Detail::Warehouse(storage) | Detail::StoragePoint(storage) => {
                add(&mut count.by_class, storage.tier.map(|t| t.word()));
            }
            Detail::Team(team) => {
                add(&mut count.by_class, team.category.map(|c| c.word()));
                add(&mut count.by_status, team.readiness.map(|r| r.word()));
            }
            Detail::Site(site) => add(&mut count.by_class, site.class.map(|c| c.word())),
        }
    }
    counts
}

fn places(shelters: &[&Shelter]) -> Places {
    let unreported = |s: &&&Shelter| s.capacity.persons().is_some() && s.occupancy.occupied.is_none();
    Places {
        capacity: Known::of(shelters.iter().map(|s| s.capacity.persons())),
        free: Known::of(shelters.iter().map(|s| s.free_places())),
        occupancy_unreported: shelters.iter().filter(unreported).count(),
    }
}

/// Code, name and unit: what makes two lines of stock the same item.
type StockKey<'a> = (Option<&'a str>, &'a str, Option<&'a str>);

/// Sums stock by item. Quantities are added from small to large, whatever their order.
fn stock<'a>(lines: impl Iterator<Item = &'a StockLine>) -> Vec<StockSum> {
    let mut groups: BTreeMap<StockKey, Vec<Option<f64>>> = BTreeMap::new();
    for line in lines {
        groups.entry((line.code.as_deref(), &line.name, line.unit.as_deref())).or_default().push(line.quantity);
    }
    groups.into_iter().map(|(key, quantities)| stock_sum(key, &quantities)).collect()
}

fn stock_sum((code, name, unit): StockKey, quantities: &[Option<f64>]) -> StockSum {
    let mut known: Vec<f64> = quantities.iter().flatten().copied().collect();
    known.sort_by(f64::total_cmp);
    StockSum {
        code: code.map(str::to_owned),
        name: name.to_owned(),
        unit: unit.map(str::to_owned),
        quantity: (!known.is_empty()).then(|| known.iter().sum()),
        lines: quantities.len(),
        lines_without_quantity: quantities.len() - known.len(),
    }
}
