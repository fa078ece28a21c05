//! What a map file says of roads, before anything is made of it: nodes, ways with their rules, turn restrictions.
//!
//! Invariant: ways name nodes by their place in [`Source::nodes`]; a node that no way uses need not be there.

use super::graph::Way;
use crate::domain::words::words;
use crate::domain::{LonLat, ProfileSet};

/// A position in ten-millionths of a degree, as OpenStreetMap keeps them (about a centimetre).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Point {
    /// Longitude × 10⁷.
    pub lon_e7: i32,
    /// Latitude × 10⁷.
    pub lat_e7: i32,
}

impl Point {
    /// Returns the nearest such position.
    pub fn of(position: LonLat) -> Self {
        let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
        Self { lon_e7: e7(position.lon()), lat_e7: e7(position.lat()) }
    }

    /// Returns the position.
    pub fn position(self) -> LonLat {
        LonLat::clamped(f64::from(self.lon_e7) / 1e7, f64::from(self.lat_e7) / 1e7)
    }
}

/// A node of the map file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceNode {
    /// Where.
    pub at: Point,
    /// Whom a barrier at the node keeps from passing it.
    pub blocks: ProfileSet,
    /// What passing it takes, in tenths of a second (traffic signals, level crossings), for those with an engine.
    pub delay_ds: u16,
}

/// A way of the map file that somebody may use.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceWay {
    /// Its id in the map file.
    pub id: i64,
    /// Places of its nodes in [`Source::nodes`], two or more.
    pub nodes: Vec<u32>,
    /// Who may use it, and how fast.
    pub way: Way,
    /// Name, empty when it has none.
    pub name: String,
    /// English name, empty when it has none.
    pub name_en: String,
    /// Number of the road (国道 G60, S32 …), empty when it has none.
    pub number: String,
}

/// What lies between the two ways of a turn restriction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// A node, by its place in [`Source::nodes`].
    Node(u32),
    /// Ways, by their ids, in order.
    Ways(Vec<i64>),
}

/// A turn restriction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRestriction {
    /// Id of the way it comes from.
    pub from: i64,
    /// What lies between.
    pub via: Via,
    /// Id of the way it goes to.
    pub to: i64,
    /// `only_…`: every other way on is forbidden. Otherwise `no_…`: this one is.
    pub only: bool,
    /// Whom it binds.
    pub binds: ProfileSet,
}

/// All that a map file says of roads.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Source {
    /// Nodes.
    pub nodes: Vec<SourceNode>,
    /// Ways.
    pub ways: Vec<SourceWay>,
    /// Turn restrictions.
    pub restrictions: Vec<SourceRestriction>,
}

words! {
    /// What a feature of the base map is.
    Layer {
        Water = "water", "水域", "water";
        Green = "green", "绿地", "green";
        Building = "building", "建筑", "building";
        Road = "road", "道路", "road";
        Rail = "rail", "轨道", "railway";
        Boundary = "boundary", "边界", "boundary";
        Label = "label", "注记", "label";
    }
}

/// Shape of a feature, in the map file's own positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeatureShape {
    /// A point.
    Point(Point),
    /// A line of two points or more.
    Line(Vec<Point>),
    /// Polygons: each its outer ring and then its holes; rings are closed.
    Area(Vec<Vec<Vec<Point>>>),
}

/// A feature of the base map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFeature {
    /// What it is.
    pub layer: Layer,
    /// Which of its layer, the tag's own word (`river`, `park`, `primary`, `town`, `hospital` …).
    pub class: String,
    /// Name, empty when it has none.
    pub name: String,
    /// English name, empty when it has none.
    pub name_en: String,
    /// It is a bridge or runs in a tunnel: bits of [`Way::BRIDGE`] and [`Way::TUNNEL`].
    pub flags: u8,
    /// Where.
    pub shape: FeatureShape,
}

words! {
    /// What a name on the map stands for.
    PlaceKind {
        Settlement = "settlement", "地名", "place";
        Street = "street", "道路", "street";
        Address = "address", "门牌", "address";
        Point = "poi", "地点", "point of interest";
    }
}

/// A name that somebody may look for.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceSource {
    /// What it stands for.
    pub kind: PlaceKind,
    /// The tag's own word (`town`, `hospital`, `primary` …).
    pub class: String,
    /// Name; of an address its street, or what else it is known by.
    pub name: String,
    /// English name, empty when it has none.
    pub name_en: String,
    /// House number of an address, empty for anything else.
    pub house_number: String,
    /// Where to look.
    pub position: Point,
}
