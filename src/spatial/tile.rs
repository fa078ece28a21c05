//! Web Mercator in whole numbers, and the tiles it is cut into.
//!
//! The world is a square of 2³² units a side (about a centimetre each at the equator), x to the east and y to the south, as
//! tiles are counted. Invariants: positions beyond ±85.05° of latitude lie on the square's edge; a [`TileId`] exists.

use crate::domain::LonLat;
use std::f64::consts::PI;
use std::ops::RangeInclusive;

/// Units of the world along a side, as a power of two.
const WORLD_BITS: u32 = 32;

/// Units of a tile along a side, as a power of two: 4096, as most tiles have.
pub const EXTENT_BITS: u32 = 12;

/// Units of a tile along a side.
pub const EXTENT: u32 = 1 << EXTENT_BITS;

/// Closest zoom that tiles have here: a place on the other side of the world still fits a tile's numbers then.
pub const ZOOM_MAX: u8 = 18;

/// A position on the square of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct World {
    /// From the antimeridian eastward.
    pub x: u32,
    /// From the northern edge southward.
    pub y: u32,
}

impl World {
    /// Returns where a position lies.
    pub fn of(position: LonLat) -> Self {
        let latitude = position.lat().to_radians();
        let unit = |share: f64| (share * f64::from(u32::MAX)).round().clamp(0.0, f64::from(u32::MAX)) as u32;
        let y = (1.0 - (latitude.tan().asinh()) / PI) / 2.0;
        Self { x: unit((position.lon() + 180.0) / 360.0), y: unit(y) }
    }

    /// Returns the position.
    pub fn position(self) -> LonLat {
        let share = |unit: u32| f64::from(unit) / f64::from(u32::MAX);
        let latitude = (PI * (1.0 - 2.0 * share(self.y))).sinh().atan().to_degrees();
        LonLat::clamped(share(self.x) * 360.0 - 180.0, latitude)
    }
}

/// A box on the square of the world, its edges included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct WorldBox {
    /// Its north-western corner.
    pub low: World,
    /// Its south-eastern corner.
    pub high: World,
}

impl WorldBox {
    /// Holds nothing.
    pub const EMPTY: Self = Self { low: World { x: u32::MAX, y: u32::MAX }, high: World { x: 0, y: 0 } };

    /// Returns the box with a position in it as well.
    pub fn with(self, at: World) -> Self {
        Self {
            low: World { x: self.low.x.min(at.x), y: self.low.y.min(at.y) },
            high: World { x: self.high.x.max(at.x), y: self.high.y.max(at.y) },
        }
    }

    /// Returns the box around both.
    pub fn around(self, other: Self) -> Self {
        Self { low: self.with(other.low).low, high: self.with(other.high).high }
    }

    /// Returns whether the two have a point in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.low.x <= other.high.x
            && other.low.x <= self.high.x
            && self.low.y <= other.high.y
            && other.low.y <= self.high.y
    }

    /// Returns how large it is, in square units of the world.
    pub fn size(&self) -> f64 {
        f64::from(self.high.x.saturating_sub(self.low.x)) * f64::from(self.high.y.saturating_sub(self.low.y))
    }

    /// Returns the middle.
    pub fn middle(&self) -> World {
        let half = |a: u32, b: u32| ((u64::from(a) + u64::from(b)) / 2) as u32;
        World { x: half(self.low.x, self.high.x), y: half(self.low.y, self.high.y) }
    }
}

/// A tile: zoom, column from the west, row from the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileId {
    z: u8,
    x: u32,
    y: u32,
}

impl TileId {
    /// Returns the tile; `None` when the zoom is beyond [`ZOOM_MAX`] or has no such column or row.
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        let exists = z <= ZOOM_MAX && x >> z == 0 && y >> z == 0;
        exists.then_some(Self { z, x, y })
    }

    /// Returns the zoom.
    pub fn zoom(self) -> u8 {
        self.z
    }

    /// Returns the column from the west.
    pub fn column(self) -> u32 {
        self.x
    }

    /// Returns the row from the north.
    pub fn row(self) -> u32 {
        self.y
    }

    /// Returns the tile of a zoom in which a position lies; `None` when the zoom is beyond [`ZOOM_MAX`].
    pub fn at(position: World, z: u8) -> Option<Self> {
        let [columns, rows] = Self::over(WorldBox { low: position, high: position }, z);
        Self::new(z, *columns.start(), *rows.start())
    }

    /// Returns the columns and the rows of a zoom, up to [`ZOOM_MAX`], whose tiles a box meets.
    pub fn over(area: WorldBox, z: u8) -> [RangeInclusive<u32>; 2] {
        let bits = WORLD_BITS - u32::from(z.min(ZOOM_MAX));
        let of = |n: u32| (u64::from(n) >> bits) as u32;
        [of(area.low.x)..=of(area.high.x), of(area.low.y)..=of(area.high.y)]
    }

    fn bits(self) -> u32 {
        WORLD_BITS - u32::from(self.z)
    }

    /// Returns what lies in the tile and within a margin around it, in units of the tile.
    pub fn area(self, margin: u32) -> WorldBox {
        let unit = self.bits() - EXTENT_BITS;
        let margin = u64::from(margin) << unit;
        let low = |n: u32| (u64::from(n) << self.bits()).saturating_sub(margin) as u32;
        let high = |n: u32| (((u64::from(n) + 1) << self.bits()) + margin - 1).min(u64::from(u32::MAX)) as u32;
        WorldBox { low: World { x: low(self.x), y: low(self.y) }, high: World { x: high(self.x), y: high(self.y) } }
    }

    /// Returns where a position lies in units of the tile, from its north-western corner; beyond it when it lies beyond.
    pub fn place(self, at: World) -> (i32, i32) {
        let unit = self.bits() - EXTENT_BITS;
        let place = |of: u32, n: u32| {
            let from = i64::from(of) - (i64::from(n) << self.bits());
            ((from + ((1_i64 << unit) >> 1)) >> unit) as i32
        };
        (place(at.x, self.x), place(at.y, self.y))
    }
}
