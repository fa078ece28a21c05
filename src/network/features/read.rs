//! Columns in place, checked, and what lies in a tile.

use super::columns::{self, Columns, FeatureRow};
use super::tree;
use super::zooms::ZOOM_MAX;
use crate::network::file::{FileError, NetworkFile, damaged, shown};
use crate::network::{Layer, Way};
use crate::spatial::tile::{TileId, World, WorldBox};

/// Kind of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShapeKind {
    /// A point.
    Point,
    /// Lines.
    Line,
    /// Rings: each outer one and then its holes.
    Area,
}

const SHAPES: [ShapeKind; 3] = [ShapeKind::Point, ShapeKind::Line, ShapeKind::Area];

/// The base map of a network file.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureIndex {
    columns: Columns,
}

/// A feature as it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    /// Its number, from 1; the same in every tile of the file.
    pub id: u64,
    /// What it is.
    pub layer: Layer,
    /// Which of its layer.
    pub class: &'a str,
    /// Name, empty when it has none.
    pub name: &'a str,
    /// English name, empty when it has none.
    pub name_en: &'a str,
    /// It is a bridge.
    pub is_bridge: bool,
    /// It runs in a tunnel.
    pub is_tunnel: bool,
    /// What is laid first and lies below: larger numbers.
    pub rank: u16,
    /// Kind of its shape.
    pub shape: ShapeKind,
    /// What it covers.
    pub area: WorldBox,
    columns: &'a Columns,
    number: usize,
}

/// A line, a ring (without its last point, which is its first) or a point, as it is at a zoom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its points.
    pub points: Vec<World>,
    /// It is a hole in the ring before it that is none.
    pub is_hole: bool,
}

impl FeatureIndex {
    /// Returns the base map of a file, its columns in place; `None` when it has none.
    pub fn read(file: &NetworkFile) -> Result<Option<Self>, FileError> {
        if file.section(columns::FEATURES).is_err() {
            return Ok(None);
        }
        let columns = Columns {
            features: file.column(columns::FEATURES)?,
            parts: file.column(columns::PARTS)?,
            points: file.column(columns::POINTS)?,
            zooms: file.column(columns::ZOOMS)?,
            tree: file.column(columns::TREE)?,
            first_text: file.column(columns::FIRST_TEXT)?,
            text: file.column(columns::TEXT)?,
        };
        columns.check()?;
        Ok(Some(Self { columns }))
    }

    /// Returns how many features there are.
    pub fn len(&self) -> usize {
        self.columns.features.len()
    }

    /// Returns whether there is no feature.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the box around all features; `None` when there is none.
    pub fn area(&self) -> Option<WorldBox> {
        self.columns.tree.last().map(|root| root.area)
    }

    /// Calls with every feature that is drawn in a tile or within a margin around it, in units of the tile, in the order in
    /// which they lie in the file.
    pub fn visit<'a>(&'a self, tile: TileId, margin: u32, each: &mut dyn FnMut(Drawn<'a>)) {
        let (wanted, zoom) = (tile.area(margin), tile.zoom().min(ZOOM_MAX));
        let rows = &self.columns.features;
        tree::walk(&self.columns.tree, rows.len(), (&wanted, zoom), &mut |range| {
            for number in range {
                if rows[number].from_zoom <= zoom && rows[number].area.meets(&wanted) {
                    each(self.drawn(number));
                }
            }
        });
    }

    /// Returns every feature in the order of the file: what is drawn farthest out comes first.
    pub fn iter(&self) -> impl Iterator<Item = Drawn<'_>> {
        (0..self.len()).map(|number| self.drawn(number))
    }

    fn drawn(&self, number: usize) -> Drawn<'_> {
        let row = &self.columns.features[number];
        Drawn {
            id: number as u64 + 1,
            layer: Layer::ALL[usize::from(row.layer)],
            class: self.columns.text_of(row.class),
            name: self.columns.text_of(row.name),
            name_en: self.columns.text_of(row.name_en),
            is_bridge: row.flags & Way::BRIDGE != 0,
            is_tunnel: row.flags & Way::TUNNEL != 0,
            rank: row.rank,
            shape: SHAPES[usize::from(row.shape)],
            area: row.area,
            columns: &self.columns,
            number,
        }
    }
}

impl Drawn<'_> {
    /// Returns its parts as they are at a zoom: lines of two points or more, rings of three or more. A ring that is too
    /// small for the zoom is left out, and its holes with it.
    pub fn parts(&self, zoom: u8) -> Vec<Part> {
        let (zoom, least) = (zoom.min(ZOOM_MAX), self.shape as usize + 1);
        let columns = self.columns;
        let mut parts = Vec::new();
        let mut is_outer_there = false;
        for part in columns.parts_of(self.number) {
            let is_hole = columns.parts[part].is_hole != 0;
            if is_hole && !is_outer_there {
                continue;
            }
            let range = columns.points_of(part);
            let there = columns.points[range.clone()].iter().zip(&columns.zooms[range]);
            let points: Vec<World> = there.filter(|(_, from)| **from <= zoom).map(|(at, _)| *at).collect();
            let is_there = points.len() >= least;
            is_outer_there = is_there || is_hole;
            if is_there {
                parts.push(Part { points, is_hole });
            }
        }
        parts
    }
}

impl Columns {
    fn text_of(&self, place: u32) -> &str {
        let place = place as usize;
        let range = self.first_text[place] as usize..self.first_text[place + 1] as usize;
        // Checked when the file was read.
        std::str::from_utf8(&self.text[range]).unwrap_or_default()
    }

    fn parts_of(&self, number: usize) -> std::ops::Range<usize> {
        let end = self.features.get(number + 1).map_or(self.parts.len(), |row| row.first_part as usize);
        self.features[number].first_part as usize..end
    }

    fn points_of(&self, part: usize) -> std::ops::Range<usize> {
        let end = self.parts.get(part + 1).map_or(self.points.len(), |row| row.first_point as usize);
        self.parts[part].first_point as usize..end
    }

    fn check(&self) -> Result<(), FileError> {
        let holds = [
            (columns::FEATURES, self.features_hold()),
            (columns::PARTS, begins(self.parts.iter().map(|row| row.first_point), self.points.len())),
            (columns::ZOOMS, self.zooms.len() == self.points.len()),
            (columns::TREE, self.tree.len() == tree::levels(self.features.len()).iter().sum::<usize>()),
            (columns::FIRST_TEXT, self.texts_hold()),
        ];
        match holds.iter().find(|(_, holds)| !holds) {
            None => Ok(()),
            Some((tag, _)) => Err(damaged(&shown(*tag), "a number is out of reach")),
        }
    }

    fn features_hold(&self) -> bool {
        let texts = self.first_text.len().saturating_sub(1) as u32;
        let row_holds = |row: &FeatureRow| {
            usize::from(row.layer) < Layer::ALL.len()
                && usize::from(row.shape) < SHAPES.len()
                && row.class < texts
                && row.name < texts
                && row.name_en < texts
        };
        begins(self.features.iter().map(|row| row.first_part), self.parts.len()) && self.features.iter().all(row_holds)
    }

    /// The text as a whole is UTF-8 and no offset cuts a character.
    fn texts_hold(&self) -> bool {
        let Ok(text) = std::str::from_utf8(&self.text) else { return false };
        let offsets = &self.first_text;
        offsets.first() == Some(&0)
            && offsets.last().is_some_and(|last| *last as usize == text.len())
            && offsets.is_sorted()
            && offsets.iter().all(|offset| text.is_char_boundary(*offset as usize))
    }
}

/// Places begin at zero, never fall, and none is beyond the end.
fn begins(mut firsts: impl Iterator<Item = u32>, end: usize) -> bool {
    let Some(first) = firsts.next() else { return end == 0 };
    let mut last = first;
    first == 0 && firsts.all(|next| next >= std::mem::replace(&mut last, next)) && last as usize <= end
}
