//! Layers of a tile as bytes, by the message types of geozero.

use super::rings::Mender;
use super::{Spot, clip};
use crate::spatial::tile::EXTENT;
use geozero::mvt::tile::{Feature, GeomType, Layer};
use geozero::mvt::{Message, TagsBuilder, Tile, TileValue};

/// A property's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Written<'a> {
    /// Text; an empty one is left out.
    Text(&'a str),
    /// Yes; no is left out.
    Is(bool),
    /// A whole number.
    Whole(i64),
}

/// A layer as it grows.
pub struct TileLayer {
    name: &'static str,
    features: Vec<Feature>,
    tags: TagsBuilder,
}

/// Command words of the format.
const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const CLOSE_PATH: u32 = 15;

impl TileLayer {
    /// Returns an empty layer.
    pub fn new(name: &'static str) -> Self {
        Self { name, features: Vec::new(), tags: TagsBuilder::new() }
    }

    /// Adds a point.
    pub fn point(&mut self, id: Option<u64>, at: Spot, properties: &[(&str, Written<'_>)]) {
        let mut pen = Pen::default();
        pen.command(MOVE_TO, &[at]);
        self.add((id, GeomType::Point), pen, properties);
    }

    /// Adds lines, each of two points or more, as one feature.
    pub fn lines(&mut self, id: Option<u64>, lines: &[Vec<Spot>], properties: &[(&str, Written<'_>)]) {
        let mut pen = Pen::default();
        for line in lines.iter().filter(|line| line.len() > 1) {
            pen.command(MOVE_TO, &line[..1]);
            pen.command(LINE_TO, &line[1..]);
        }
        self.add((id, GeomType::Linestring), pen, properties);
    }

    /// Adds polygons as one feature, each its outer ring and then its holes, without the point that closes them.
    pub fn polygons(&mut self, id: Option<u64>, polygons: &[Vec<Vec<Spot>>], properties: &[(&str, Written<'_>)]) {
        let mut pen = Pen::default();
        for ring in polygons.iter().flatten().filter(|ring| ring.len() > 2) {
            pen.command(MOVE_TO, &ring[..1]);
            pen.command(LINE_TO, &ring[1..]);
            pen.words.push(CLOSE_PATH);
        }
        self.add((id, GeomType::Polygon), pen, properties);
    }

    /// Adds a point if it lies in the tile.
    pub fn point_within(&mut self, at: Spot, properties: &[(&str, Written<'_>)]) {
        let range = 0..EXTENT as i32;
        if range.contains(&at.0) && range.contains(&at.1) {
            self.point(None, at, properties);
        }
    }

    /// Adds what of lines lies in the tile and its margin.
    pub fn lines_within(&mut self, lines: Vec<Vec<Spot>>, properties: &[(&str, Written<'_>)]) {
        let lines = lines.into_iter().map(|mut line| {
            line.dedup();
            line
        });
        let cut: Vec<Vec<Spot>> = lines.filter(|line| line.len() > 1).flat_map(clip::line).collect();
        self.lines(None, &cut, properties);
    }

    /// Adds what of polygons, each its outer ring and then its holes, lies in the tile and its margin.
    pub fn polygons_within(&mut self, polygons: Vec<Vec<Vec<Spot>>>, properties: &[(&str, Written<'_>)]) {
        let mut mender = Mender::new();
        let sound: Vec<Vec<Vec<Spot>>> = polygons.into_iter().flat_map(|rings| mender.polygons(rings)).collect();
        self.polygons(None, &sound, properties);
    }

    fn add(&mut self, (id, kind): (Option<u64>, GeomType), pen: Pen, properties: &[(&str, Written<'_>)]) {
        if pen.words.is_empty() {
            return;
        }
        let mut tags = Vec::with_capacity(properties.len() * 2);
        for (key, value) in properties {
            let value = match value {
                Written::Text("") | Written::Is(false) => continue,
                Written::Text(text) => TileValue::Str((*text).to_owned()),
                Written::Is(true) => TileValue::Bool(true),
                Written::Whole(number) => TileValue::Int(*number),
            };
            let (key, value) = self.tags.insert_ref(key, value);
            tags.extend([key, value]);
        }
        self.features.push(Feature { id, tags, r#type: Some(kind as i32), geometry: pen.words });
    }
}

/// Returns the bytes of a tile: none when no layer has anything in it.
pub fn tile(layers: Vec<TileLayer>) -> Vec<u8> {
    let filled = layers.into_iter().filter(|layer| !layer.features.is_empty());
    let layers = filled.map(|layer| {
        let (keys, values) = layer.tags.into_tags();
        let values = values.into_iter().map(Into::into).collect();
        Layer { version: 2, name: layer.name.to_owned(), features: layer.features, keys, values, extent: Some(EXTENT) }
    });
    Tile { layers: layers.collect() }.encode_to_vec()
}

/// A geometry as it is drawn: commands, and steps from where the pen stands.
#[derive(Default)]
struct Pen {
    words: Vec<u32>,
    at: Spot,
}

impl Pen {
    fn command(&mut self, command: u32, points: &[Spot]) {
        self.words.push(command | (points.len() as u32) << 3);
        for point in points {
            let step = |to: i32, from: i32| to.wrapping_sub(from);
            let zigzag = |n: i32| ((n << 1) ^ (n >> 31)) as u32;
            self.words.extend([zigzag(step(point.0, self.at.0)), zigzag(step(point.1, self.at.1))]);
            self.at = *point;
        }
    }
}
