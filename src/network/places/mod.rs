//! Names of the network file: settlements, streets, addresses, points of interest and crossings, and an index over them.
//!
//! [`PlaceIndex::write`] puts what a map file names into sections of its own; [`PlaceIndex::read`] checks every number that is
//! used as an index and then answers in place. A file without these sections has no places, which is no error. The same
//! [`NameIndex`] serves names that lie elsewhere.

mod class;
mod cluster;
mod crossing;
mod fold;
mod gather;
mod house;
mod keep;
mod names;
pub mod rank;
mod readings;
mod search;
mod texts;
mod traditional;
mod typo;
mod words;

pub use class::{class_words, street_words};
pub use fold::{fold, half_width};
pub use names::{Match, Matched, Name, NameIndex};
pub use search::{Asked, Beside, PlaceFound};

use super::column::Column;
use super::source::{PlaceKind, Point};
use crate::domain::words::words;
use bytemuck::{Pod, Zeroable};
use crossing::CrossingRow;
use texts::Texts;

words! {
    /// What a place search finds; the last three come from elsewhere than the network file.
    Sort {
        Settlement = "settlement", "地名", "place";
        Street = "street", "道路", "street";
        Address = "address", "门牌", "address";
        Point = "poi", "地点", "point of interest";
        Crossing = "crossing", "路口", "crossing";
        Division = "division", "行政区划", "division";
        Resource = "resource", "资源", "resource";
        Coordinate = "coordinate", "坐标", "coordinates";
    }
}

impl Sort {
    /// Returns the one that a kind of the map file is.
    pub const fn of(kind: PlaceKind) -> Self {
        match kind {
            PlaceKind::Settlement => Self::Settlement,
            PlaceKind::Street => Self::Street,
            PlaceKind::Address => Self::Address,
            PlaceKind::Point => Self::Point,
        }
    }
}

/// Names that can be looked for.
#[derive(Debug, Clone, Default)]
pub struct PlaceIndex {
    names: NameIndex,
    /// Name and English name of each.
    texts: Texts,
    classes: Texts,
    /// First place of each name, and the number of places at the end.
    first_place: Column<u32>,
    /// Sorted by name.
    places: Column<PlaceRow>,
    /// First house of each name, and the number of houses at the end.
    first_house: Column<u32>,
    /// Sorted by name of the street, then number.
    houses: Column<HouseRow>,
    /// Label of each house.
    labels: Texts,
    /// Sorted by both names.
    crossings: Column<CrossingRow>,
}

/// What an index keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Names, each once.
    pub names: usize,
    /// Places; the pieces of a street are one.
    pub places: usize,
    /// House numbers.
    pub houses: usize,
    /// Crossings.
    pub crossings: usize,
    /// Names that there was no room for.
    pub left_out: usize,
}

/// A place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
struct PlaceRow {
    /// Its name.
    text: u32,
    at: Point,
    class: u16,
    /// Place of its kind in [`PlaceKind::ALL`].
    kind: u8,
    spare: u8,
}

/// A house number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
struct HouseRow {
    /// Name of its street.
    text: u32,
    number: u32,
    /// The last of several numbers; else the number itself.
    last: u32,
    at: Point,
}
