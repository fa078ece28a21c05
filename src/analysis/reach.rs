//! Which facilities reach a point, each within its own standard distance.
//!
//! A box in space around every facility, as wide as its standard, finds the candidates; proven bounds settle most of
//! them, and the exact geodesic to the edge settles the rest. Invariant: the answer is that of measuring every pair.

use crate::domain::{LonLat, Place, ResourceId};
use crate::spatial::edge::{Ball, Outline, chord_reaching, unit_vector};
use crate::spatial::geodesic;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

/// A facility and how far it serves.
#[derive(Debug, Clone, Copy)]
pub struct Facility<'a> {
    /// Its id; ties break by it.
    pub id: &'a ResourceId,
    /// Where it is.
    pub place: &'a Place,
    /// Service standard, metres to its edge. One that is negative or not a number serves nobody.
    pub standard_m: f64,
}

/// A facility's place made ready for measuring.
pub(super) struct Shape {
    pub ball: Ball,
    position: LonLat,
    outline: Option<Outline>,
}

impl Shape {
    pub fn of(place: &Place) -> Self {
        let outline = place.footprint.as_ref().map(Outline::of_area);
        match outline.as_ref().and_then(Outline::ball) {
            Some(ball) => Self { ball, position: place.position, outline },
            None => Self { ball: Ball::point(place.position), position: place.position, outline: None },
        }
    }

    /// Geodesic distance to the edge, metres; zero inside.
    pub fn distance_m(&self, from: LonLat) -> f64 {
        match &self.outline {
            Some(outline) => outline.distance_m(from),
            None => geodesic::distance_m(from, self.position),
        }
    }

    /// Whether the edge is within `metres`; `at` is the unit vector of `from`.
    pub fn is_within(&self, from: LonLat, at: [f64; 3], metres: f64) -> bool {
        if self.ball.least_distance_m(at) > metres {
            return false;
        }
        match &self.outline {
            Some(outline) => self.ball.greatest_distance_m(at) < metres || outline.is_within(from, metres),
            None => self.ball.greatest_distance_m(at) < metres || geodesic::distance_m(from, self.position) <= metres,
        }
    }
}

/// Facilities, indexed by whom they reach.
pub struct Reach<'a> {
    facilities: &'a [Facility<'a>],
    shapes: Vec<Shape>,
    boxes: RTree<GeomWithData<Rectangle<[f64; 3]>, usize>>,
}

impl<'a> Reach<'a> {
    /// Indexes the facilities.
    pub fn new(facilities: &'a [Facility<'a>]) -> Self {
        let shapes: Vec<Shape> = facilities.iter().map(|f| Shape::of(f.place)).collect();
        let serving = facilities.iter().zip(&shapes).enumerate().filter(|(_, (f, _))| f.standard_m >= 0.0);
        let boxes = serving.map(|(i, (facility, shape))| {
            let reach = chord_reaching(facility.standard_m) + shape.ball.chord_radius;
            let [low, high] = [-reach, reach].map(|r| shape.ball.centre.map(|x| x + r));
            GeomWithData::new(Rectangle::from_corners(low, high), i)
        });
        Self { facilities, boxes: RTree::bulk_load(boxes.collect()), shapes }
    }

    pub(super) fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// Returns by how many facilities the point is reached, counting no further than `enough`.
    pub fn times(&self, point: LonLat, enough: usize) -> usize {
        self.reaching(point).take(enough).count()
    }

    /// Returns the indexes of the facilities that reach the point, in no order.
    pub fn reaching(&self, point: LonLat) -> impl Iterator<Item = usize> + '_ {
        let at = unit_vector(point);
        let near = self.boxes.locate_in_envelope_intersecting(AABB::from_point(at)).map(|found| found.data);
        near.filter(move |&i| self.shapes[i].is_within(point, at, self.facilities[i].standard_m))
    }

    /// Returns the index of the nearest facility, whatever its standard, and its distance in metres; ties break by id.
    pub fn nearest(&self, from: LonLat) -> Option<(usize, f64)> {
        let at = unit_vector(from);
        let bounds: Vec<f64> = self.shapes.iter().map(|s| s.ball.least_distance_m(at)).collect();
        let likeliest = (0..bounds.len()).min_by(|&a, &b| bounds[a].total_cmp(&bounds[b]))?;
        let ceiling_m = self.shapes[likeliest].distance_m(from);
        let candidates = (0..bounds.len()).filter(|&i| bounds[i] <= ceiling_m);
        let measured = candidates.map(|i| (i, self.shapes[i].distance_m(from)));
        let id = |i: usize| self.facilities[i].id;
        measured.min_by(|a, b| a.1.total_cmp(&b.1).then_with(|| id(a.0).cmp(id(b.0))))
    }
}
