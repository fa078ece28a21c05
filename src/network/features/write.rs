//! Features → columns.

use super::columns::{self, Columns, FeatureRow, PartRow};
use super::tree;
use super::zooms::{self, ZOOM_MAX};
use crate::network::column::Column;
use crate::network::{FeatureShape, Layer, MapFeature, Point, Sections};
use crate::spatial::tile::{World, WorldBox};
use geo::algorithm::simplify_vw::SimplifyVwIdx;
use geo::algorithm::{InteriorPoint, orient::Direction, orient::Orient};
use geo_types::{Coord, LineString, Polygon};
use std::collections::HashMap;

/// A corner that spans less than so many square pixels of a zoom is left out of it.
const CORNER_PX2: f64 = 0.5;

/// Writes the base map.
#[derive(Debug)]
pub struct FeatureTiles;

impl FeatureTiles {
    /// Puts features into sections of a file. Shapes with fewer points than they need are left out, and so is what is
    /// beyond 2³² points.
    pub fn write(features: &[MapFeature], out: &mut Sections) {
        columns(features).write(out);
    }
}

/// Returns the columns of features.
pub(super) fn columns(features: &[MapFeature]) -> Columns {
    let water = features.iter().filter(|f| f.layer == Layer::Water && !f.name.is_empty());
    let labels: Vec<(MapFeature, f64)> = water.filter_map(label_of).collect();
    let mut sorted: Vec<Ready<'_>> = features
        .iter()
        .filter_map(|feature| Ready::of(feature, 0.0))
        .chain(labels.iter().filter_map(|(feature, area)| Ready::of(feature, *area)))
        .collect();
    bring_forward(&mut sorted);
    sorted.sort_by_key(|ready| (ready.from_zoom, tree::hilbert(ready.area.middle())));
    let mut packing = Packing::default();
    for ready in &sorted {
        if packing.points.len() + ready.parts.iter().map(|(ring, _)| ring.len()).sum::<usize>() >= u32::MAX as usize {
            break;
        }
        packing.add(ready);
    }
    packing.finish()
}

impl Columns {
    /// Puts the columns into sections of a file.
    pub(super) fn write(&self, out: &mut Sections) {
        out.put_column(columns::FEATURES, &self.features);
        out.put_column(columns::PARTS, &self.parts);
        out.put_column(columns::POINTS, &self.points);
        out.put_column(columns::ZOOMS, &self.zooms);
        out.put_column(columns::TREE, &self.tree);
        out.put_column(columns::FIRST_TEXT, &self.first_text);
        out.put_column(columns::TEXT, &self.text);
    }
}

/// Draws the chief water, roads, boundaries and names of a small extract from afar as well. Classes are spread over the zooms for
/// a map of a country, on which a district's chief roads are lesser ones; where the whole fits into a tile nothing is crowded by
/// drawing at every farther zoom what is drawn there first, and without it the map would be bare.
fn bring_forward(all: &mut [Ready<'_>]) {
    let whole = all.iter().fold(WorldBox::EMPTY, |whole, ready| whole.around(ready.area));
    let in_one_tile = zooms::zoom_of_one_tile(&whole);
    for layer in [Layer::Water, Layer::Road, Layer::Boundary, Layer::Label] {
        let chief = all.iter().filter(|ready| ready.feature.layer == layer).map(|ready| ready.from_zoom).min();
        let Some(chief) = chief.filter(|zoom| *zoom <= in_one_tile) else { continue };
        let of_them = all.iter_mut().filter(|ready| ready.feature.layer == layer && ready.from_zoom == chief);
        of_them.for_each(|ready| ready.from_zoom = 0);
    }
}

/// An area that fills less of its box than this is long and winding: the name of a river stands along its line.
const WINDING: f64 = 0.25;

/// Returns the label of an area that has a name, and how large the area is; `None` for a river.
fn label_of(feature: &MapFeature) -> Option<(MapFeature, f64)> {
    let FeatureShape::Area(polygons) = &feature.shape else { return None };
    let area_of = |polygon: &&Vec<Vec<Point>>| polygon.first().map_or(0.0, |ring| twice_area(&line(ring)).abs());
    let largest = polygons.iter().max_by(|a, b| area_of(a).total_cmp(&area_of(b)))?;
    let outline = line(largest.first()?);
    let span = outline.iter().fold(WorldBox::EMPTY, |span, at| span.with(*at));
    if twice_area(&outline).abs() / 2.0 < WINDING * span.size() {
        return None;
    }
    let degrees = |ring: &Vec<Point>| -> LineString {
        ring.iter().map(|p| Coord { x: f64::from(p.lon_e7), y: f64::from(p.lat_e7) }).collect()
    };
    let polygon = Polygon::new(degrees(largest.first()?), largest.iter().skip(1).map(degrees).collect());
    let inside = polygon.orient(Direction::Default).interior_point()?;
    let at = Point { lon_e7: inside.x().round() as i32, lat_e7: inside.y().round() as i32 };
    let label = MapFeature {
        layer: Layer::Label,
        class: "water".to_owned(),
        flags: 0,
        shape: FeatureShape::Point(at),
        name: feature.name.clone(),
        name_en: feature.name_en.clone(),
    };
    Some((label, area_of(&largest) / 2.0))
}

/// A feature on the square of the world.
struct Ready<'a> {
    feature: &'a MapFeature,
    /// Lines, rings without their last point, or the point; and whether each is a hole.
    parts: Vec<(Vec<World>, bool)>,
    area: WorldBox,
    from_zoom: u8,
    rank: u16,
    shape: u8,
}

impl<'a> Ready<'a> {
    /// `named_area`: size of the area that a label names, in square units of the world.
    fn of(feature: &'a MapFeature, named_area: f64) -> Option<Self> {
        let (parts, shape) = match &feature.shape {
            FeatureShape::Point(at) => (vec![(vec![World::of(at.position())], false)], 0),
            FeatureShape::Line(points) => (vec![(line(points), false)], 1),
            FeatureShape::Area(polygons) => (polygons.iter().flat_map(|polygon| rings(polygon)).collect(), 2),
        };
        let enough = [1, 2, 3][usize::from(shape)];
        if parts.is_empty() || parts.iter().any(|(points, _)| points.len() < enough) {
            return None;
        }
        let size = |(ring, is_hole): &(Vec<World>, bool)| if *is_hole { 0.0 } else { twice_area(ring).abs() / 2.0 };
        let size = if shape == 2 { parts.iter().map(size).sum() } else { named_area };
        let area = parts.iter().flat_map(|(points, _)| points).fold(WorldBox::EMPTY, |area, at| area.with(*at));
        let from_zoom = zooms::from_zoom(feature.layer, &feature.class, size);
        Some(Self { feature, parts, area, from_zoom, rank: zooms::rank(feature.layer, &feature.class, size), shape })
    }
}

/// The rings of a polygon that have an area: nothing when the outer one has none.
fn rings(polygon: &[Vec<Point>]) -> Vec<(Vec<World>, bool)> {
    let open = |ring: &Vec<Point>| {
        let mut ring = line(ring);
        while ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        ring
    };
    let rings = polygon.iter().enumerate().map(|(i, ring)| (open(ring), i > 0));
    let mut kept = rings.filter(|(ring, is_hole)| ring.len() >= 3 || !is_hole).peekable();
    if kept.peek().is_none_or(|(outer, _)| outer.len() < 3) { Vec::new() } else { kept.collect() }
}

fn line(points: &[Point]) -> Vec<World> {
    let mut line: Vec<World> = points.iter().map(|point| World::of(point.position())).collect();
    line.dedup();
    line
}

fn twice_area(ring: &[World]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    let at = |p: &World| (f64::from(p.x) - f64::from(origin.x), f64::from(p.y) - f64::from(origin.y));
    ring.windows(2).map(|pair| (at(&pair[0]), at(&pair[1]))).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum()
}

/// Returns of every point the zoom from which it counts: corners that are too small for a zoom are left out of it.
fn zooms_of(points: &[World], shape: u8, from_zoom: u8) -> Vec<u8> {
    let mut zooms = vec![ZOOM_MAX; points.len()];
    let mut kept: Vec<usize> = (0..points.len()).collect();
    for zoom in (from_zoom..ZOOM_MAX).rev() {
        let closing = (shape == 2).then(|| points[0]);
        let at = |p: World| Coord { x: f64::from(p.x), y: f64::from(p.y) };
        let line: LineString = kept.iter().map(|i| points[*i]).chain(closing).map(at).collect();
        let corner = zooms::square_pixels(CORNER_PX2, zoom);
        let left = line.simplify_vw_idx(corner).into_iter().filter_map(|i| kept.get(i).copied());
        kept = left.collect();
        kept.iter().for_each(|i| zooms[*i] = zoom);
    }
    zooms
}

/// Columns as they grow.
#[derive(Default)]
struct Packing<'a> {
    features: Vec<FeatureRow>,
    parts: Vec<PartRow>,
    points: Vec<World>,
    zooms: Vec<u8>,
    texts: HashMap<&'a str, u32>,
    first_text: Vec<u32>,
    text: Vec<u8>,
}

impl<'a> Packing<'a> {
    fn text(&mut self, text: &'a str) -> u32 {
        let fresh = self.texts.len() as u32;
        let place = *self.texts.entry(text).or_insert(fresh);
        if place == fresh {
            self.first_text.push(self.text.len() as u32);
            self.text.extend_from_slice(text.as_bytes());
        }
        place
    }

    fn add(&mut self, ready: &Ready<'a>) {
        let feature = ready.feature;
        let row = FeatureRow {
            area: ready.area,
            first_part: self.parts.len() as u32,
            class: self.text(&feature.class),
            name: self.text(&feature.name),
            name_en: self.text(&feature.name_en),
            rank: ready.rank,
            layer: Layer::ALL.iter().position(|layer| *layer == feature.layer).unwrap_or_default() as u8,
            shape: ready.shape,
            flags: feature.flags,
            from_zoom: ready.from_zoom,
            spare: [0; 2],
        };
        self.features.push(row);
        for (points, is_hole) in &ready.parts {
            self.parts.push(PartRow { first_point: self.points.len() as u32, is_hole: u32::from(*is_hole) });
            self.zooms.extend(zooms_of(points, ready.shape, ready.from_zoom));
            self.points.extend_from_slice(points);
        }
    }

    fn finish(mut self) -> Columns {
        self.first_text.push(self.text.len() as u32);
        Columns {
            tree: Column::from(tree::build(&self.features)),
            features: Column::from(self.features),
            parts: Column::from(self.parts),
            points: Column::from(self.points),
            zooms: Column::from(self.zooms),
            first_text: Column::from(self.first_text),
            text: Column::from(self.text),
        }
    }
}
