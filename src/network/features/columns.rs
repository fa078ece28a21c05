//! The columns of the base map, and their names in a network file.

use crate::network::column::Column;
use crate::network::file::Tag;
use crate::spatial::tile::{World, WorldBox};
use bytemuck::{Pod, Zeroable};

pub(super) const FEATURES: Tag = *b"mapfeats";
pub(super) const PARTS: Tag = *b"mapparts";
pub(super) const POINTS: Tag = *b"mappoint";
pub(super) const ZOOMS: Tag = *b"mapzooms";
pub(super) const TREE: Tag = *b"maptree ";
pub(super) const FIRST_TEXT: Tag = *b"maptexta";
pub(super) const TEXT: Tag = *b"maptextb";

/// A feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct FeatureRow {
    /// What it covers.
    pub(super) area: WorldBox,
    /// The first of its parts; they end where those of the next row begin.
    pub(super) first_part: u32,
    /// Places of its words among the texts.
    pub(super) class: u32,
    pub(super) name: u32,
    pub(super) name_en: u32,
    /// What is laid first: larger numbers.
    pub(super) rank: u16,
    /// Place of its layer in [`crate::network::Layer::ALL`].
    pub(super) layer: u8,
    /// Place of its kind in [`super::ShapeKind`]: 0 point, 1 line, 2 area.
    pub(super) shape: u8,
    /// Bridge and tunnel.
    pub(super) flags: u8,
    /// First zoom at which it is drawn.
    pub(super) from_zoom: u8,
    pub(super) spare: [u8; 2],
}

/// A line, a ring or a point of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct PartRow {
    /// Its first point; they end where those of the next row begin.
    pub(super) first_point: u32,
    /// 1: it is a hole in the ring before it that is none.
    pub(super) is_hole: u32,
}

/// What lies below a node of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct TreeRow {
    pub(super) area: WorldBox,
    /// The first zoom at which anything of it is drawn.
    pub(super) from_zoom: u32,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Columns {
    pub(super) features: Column<FeatureRow>,
    pub(super) parts: Column<PartRow>,
    pub(super) points: Column<World>,
    /// Of every point the zoom from which it counts.
    pub(super) zooms: Column<u8>,
    pub(super) tree: Column<TreeRow>,
    pub(super) first_text: Column<u32>,
    pub(super) text: Column<u8>,
}
