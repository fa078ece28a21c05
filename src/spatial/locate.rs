//! Which division a point lies in.
//!
//! Boxes in longitude and latitude find the candidates (right for containment, where nothing is measured), and an exact
//! even-odd test decides. Invariant: answers do not depend on the order of the divisions, save for the index they name;
//! a point on a shared border belongs to the division of the smallest code.

use super::edge::covered_by_edges;
use crate::domain::{Division, DivisionCode, Footprint, Level, LonLat};
use geo::BoundingRect;
use geo_types::Coord;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use std::cmp::Reverse;

/// Most bands of latitude that the edges of one area are sorted into.
const BANDS_MAX: usize = 65_536;

/// An area made ready for many questions of "inside?": its edges, sorted into bands of latitude.
///
/// The parts of the area do not overlap, as a valid MultiPolygon has it.
#[derive(Debug, Clone)]
pub struct PreparedArea {
    low: Coord<f64>,
    high: Coord<f64>,
    bands: Vec<Vec<(Coord<f64>, Coord<f64>)>>,
}

impl PreparedArea {
    /// Returns the prepared area; `None` when it has no edges.
    pub fn new(area: &Footprint) -> Option<Self> {
        let bounds = area.bounding_rect()?;
        let (low, high) = (bounds.min(), bounds.max());
        let edges: Vec<(Coord<f64>, Coord<f64>)> = area
            .iter()
            .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()))
            .flat_map(|ring| ring.lines().map(|l| (l.start, l.end)))
            .collect();
        // An edge is kept in each band it touches; the count of bands keeps that to a few per edge on average.
        let climb: f64 = edges.iter().map(|(a, b)| (b.y - a.y).abs()).sum();
        let fair = if climb > 0.0 { 3.0 * edges.len() as f64 * (high.y - low.y) / climb } else { 1.0 };
        let mut prepared = Self { low, high, bands: vec![Vec::new(); (fair as usize).clamp(1, BANDS_MAX)] };
        for (a, b) in edges {
            for band in prepared.band(a.y.min(b.y))..=prepared.band(a.y.max(b.y)) {
                prepared.bands[band].push((a, b));
            }
        }
        Some(prepared)
    }

    fn band(&self, lat: f64) -> usize {
        let height = self.high.y - self.low.y;
        let share = if height > 0.0 { (lat - self.low.y) / height } else { 0.0 };
        ((share * self.bands.len() as f64) as usize).min(self.bands.len() - 1)
    }

    /// Returns whether the point is inside or on the edge.
    pub fn covers(&self, point: LonLat) -> bool {
        // The two names of the antimeridian are one place.
        let at = Coord::from(point);
        self.covers_coord(at) || (at.x.abs() == 180.0 && self.covers_coord(Coord { x: -at.x, y: at.y }))
    }

    fn covers_coord(&self, at: Coord<f64>) -> bool {
        let in_box = (self.low.x..=self.high.x).contains(&at.x) && (self.low.y..=self.high.y).contains(&at.y);
        in_box && covered_by_edges(self.bands[self.band(at.y)].iter().copied(), at)
    }
}

/// Many areas, by place.
#[derive(Debug, Clone)]
pub struct AreaIndex {
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    areas: Vec<Option<PreparedArea>>,
}

impl AreaIndex {
    /// Returns an index over the areas in the order given; those that are unknown or empty are never found.
    pub fn new<'a>(areas: impl Iterator<Item = Option<&'a Footprint>>) -> Self {
        let areas: Vec<Option<PreparedArea>> = areas.map(|a| a.and_then(PreparedArea::new)).collect();
        let boxes = areas.iter().enumerate().filter_map(|(i, area)| {
            let [low, high] = area.as_ref().map(|a| [a.low, a.high].map(|c| [c.x, c.y]))?;
            Some(GeomWithData::new(Rectangle::from_corners(low, high), i))
        });
        Self { boxes: RTree::bulk_load(boxes.collect()), areas }
    }

    /// Returns the places in the list of all areas that cover the point, in no order; one may be named twice.
    pub fn covering(&self, point: LonLat) -> impl Iterator<Item = usize> + '_ {
        let twin = (point.lon().abs() == 180.0).then(|| [-point.lon(), point.lat()]);
        let candidates = std::iter::once([point.lon(), point.lat()])
            .chain(twin)
            .flat_map(|at| self.boxes.locate_in_envelope_intersecting(AABB::from_point(at)));
        candidates.map(|found| found.data).filter(move |&i| self.areas[i].as_ref().is_some_and(|a| a.covers(point)))
    }
}

/// Divisions by place.
#[derive(Debug, Clone)]
pub struct Locator {
    areas: AreaIndex,
    names: Vec<(Level, DivisionCode)>,
}

impl Locator {
    /// Returns a locator over `divisions`; those without an area are never found.
    pub fn new(divisions: &[&Division]) -> Self {
        Self {
            areas: AreaIndex::new(divisions.iter().map(|d| d.area.as_ref())),
            names: divisions.iter().map(|d| (d.level, d.code.clone())).collect(),
        }
    }

    /// Returns the index of the division of `level` that the point lies in.
    pub fn find(&self, point: LonLat, level: Level) -> Option<usize> {
        let of_level = self.areas.covering(point).filter(|&i| self.names[i].0 == level);
        of_level.min_by_key(|&i| (&self.names[i].1, i))
    }

    /// Returns the index of the division of the finest level that the point lies in.
    pub fn finest(&self, point: LonLat) -> Option<usize> {
        self.areas.covering(point).min_by_key(|&i| (Reverse(self.names[i].0), &self.names[i].1, i))
    }
}
