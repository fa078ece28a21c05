//! Index of places: an R-tree over 3-D balls on the unit sphere.
//!
//! What: a place (point, or the ball around a footprint) with a key; [`PlaceIndex::walk`] yields keys in order of a
//! proven lower bound of their geodesic distance, so a caller that refines each one exactly may stop as soon as the
//! bound passes its worst keeper. Why balls: the bound `|q − c| − r` is the triangle inequality and holds everywhere on
//! the globe; a bound in degrees does not.
//!
//! Invariant: the tree is immutable and shared; changes since it was built lie in a small overlay that is searched in
//! full, and the tree is rebuilt when the overlay outgrows [`OVERLAY_MAX`].

use super::edge::{RATIO_MAX, RATIO_MIN, bounding_ball, least_geodesic_m, unit_vector};
use crate::domain::{LonLat, Place};
use rstar::{AABB, PointDistance, RTree, RTreeObject};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most changes that are kept beside the tree before it is rebuilt.
pub const OVERLAY_MAX: usize = 256;

/// A place as the tree sees it: all of it lies within `radius` (chord) of `centre`.
#[derive(Debug, Clone, PartialEq)]
struct Ball<K> {
    centre: [f64; 3],
    radius: f64,
    key: K,
}

impl<K> Ball<K> {
    fn of(key: K, place: &Place) -> Self {
        match &place.footprint {
            None => Self { centre: unit_vector(place.position), radius: 0.0, key },
            Some(footprint) => match bounding_ball(footprint) {
                Some(ball) => Self { centre: ball.centre, radius: ball.chord_radius, key },
                None => Self { centre: unit_vector(place.position), radius: 0.0, key },
            },
        }
    }

    fn chord_to(&self, point: [f64; 3]) -> f64 {
        let d2: f64 = self.centre.iter().zip(point).map(|(c, p)| (c - p) * (c - p)).sum();
        (d2.sqrt() - self.radius).max(0.0)
    }
}

impl<K> RTreeObject for Ball<K> {
    type Envelope = AABB<[f64; 3]>;
    fn envelope(&self) -> Self::Envelope {
        let [x, y, z] = self.centre;
        let r = self.radius;
        AABB::from_corners([x - r, y - r, z - r], [x + r, y + r, z + r])
    }
}

impl<K> PointDistance for Ball<K> {
    fn distance_2(&self, point: &[f64; 3]) -> f64 {
        let chord = self.chord_to(*point);
        chord * chord
    }
}

/// Keys of places, ordered by distance from anywhere.
#[derive(Debug, Clone)]
pub struct PlaceIndex<K> {
    tree: Arc<RTree<Ball<K>>>,
    added: Vec<Ball<K>>,
    removed: BTreeSet<K>,
}

impl<K: Clone + Ord> PlaceIndex<K> {
    /// Builds the index of all places at once.
    pub fn build<'a>(places: impl Iterator<Item = (K, &'a Place)>) -> Self {
        let balls = places.map(|(key, place)| Ball::of(key, place)).collect();
        Self { tree: Arc::new(RTree::bulk_load(balls)), added: Vec::new(), removed: BTreeSet::new() }
    }

    /// Puts a place under a key, replacing the one that was there.
    pub fn put(&mut self, key: K, place: &Place) {
        self.remove(&key);
        self.added.push(Ball::of(key, place));
        self.settle();
    }

    /// Takes the place of a key out.
    pub fn remove(&mut self, key: &K) {
        self.added.retain(|ball| ball.key != *key);
        self.removed.insert(key.clone());
        self.settle();
    }

    /// Rebuilds the tree once the overlay has outgrown its bound.
    fn settle(&mut self) {
        if self.added.len() + self.removed.len() <= OVERLAY_MAX {
            return;
        }
        let kept = self.tree.iter().filter(|ball| !self.removed.contains(&ball.key)).cloned();
        let balls = kept.chain(self.added.drain(..)).collect();
        self.tree = Arc::new(RTree::bulk_load(balls));
        self.removed.clear();
    }

    /// Yields `(at_least_m, key)` in ascending order of `at_least_m`, which the geodesic distance from `from` to any
    /// point of the place is certain not to be below.
    pub fn walk(&self, from: LonLat) -> impl Iterator<Item = (f64, &K)> {
        let origin = unit_vector(from);
        let mut overlay: Vec<(f64, &K)> = self.added.iter().map(|b| (b.chord_to(origin), &b.key)).collect();
        overlay.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut tree = self
            .tree
            .nearest_neighbor_iter_with_distance_2(origin)
            .filter(|(ball, _)| !self.removed.contains(&ball.key))
            .map(|(ball, chord2)| (chord2.max(0.0).sqrt(), &ball.key))
            .peekable();
        std::iter::from_fn(move || {
            let overlay_first = match (overlay.last(), tree.peek()) {
                (Some(added), Some(kept)) => added.0 <= kept.0,
                (Some(_), None) => true,
                (None, _) => false,
            };
            if overlay_first { overlay.pop() } else { tree.next() }
        })
        .map(|(chord, key)| (surely_at_least_m(chord), key))
    }
}

/// Returns metres that the geodesic is certain not to be shorter than; a micrometre and a part in 10⁹ are given away to
/// rounding.
fn surely_at_least_m(chord: f64) -> f64 {
    (least_geodesic_m(chord) * (1.0 - 1e-9) - 1e-6).max(0.0)
}

/// Returns metres that the distance to a place is certain not to exceed, from the bound that [`PlaceIndex::walk`] gave for
/// it; infinite for an area, whose ball says little. The other end of the same interval: the bound undone, the greatest
/// ratio in place of the least, and the margin for rounding on this side.
pub fn surely_at_most_m(at_least_m: f64, place: &Place) -> f64 {
    match &place.footprint {
        None => (at_least_m + 2e-6) * (RATIO_MAX / RATIO_MIN) * (1.0 + 1e-7),
        Some(_) => f64::INFINITY,
    }
}

/// Returns the exact geodesic distance in metres from a position to a place: to the edge of its footprint (zero
/// inside), or to its point.
pub fn distance_to_place_m(from: LonLat, place: &Place) -> f64 {
    match &place.footprint {
        Some(footprint) => super::edge::distance_to_footprint_m(from, footprint),
        None => super::geodesic::distance_m(from, place.position),
    }
}
