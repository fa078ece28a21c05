//! From which zoom a feature is drawn: by class, and by size for areas.
//!
//! These are choices of design, made so that a tile of any zoom stays small; the numbers are no standard's.

use crate::network::Layer;
use crate::spatial::tile::WorldBox;

/// Closest zoom of the base map; closer looks enlarge it.
pub const ZOOM_MAX: u8 = 15;

/// A pixel's side at zoom 0, in units of the world, as a power of two: tiles are drawn 512 pixels wide.
const PIXEL_BITS: u32 = 32 - 9;

/// Returns a square of so many pixels at a zoom, in square units of the world.
pub(super) fn square_pixels(pixels: f64, zoom: u8) -> f64 {
    pixels * 4_f64.powi(PIXEL_BITS as i32 - i32::from(zoom))
}

/// Returns the first zoom at which an area is as large as so many square pixels.
fn first_zoom(area: f64, pixels: f64) -> u8 {
    (0..=ZOOM_MAX).find(|zoom| area >= square_pixels(pixels, *zoom)).unwrap_or(ZOOM_MAX)
}

/// Returns the closest zoom at which a tile is at least as wide and as high as a box.
pub(super) fn zoom_of_one_tile(area: &WorldBox) -> u8 {
    let span = |low: u32, high: u32| high.saturating_sub(low);
    let longer = span(area.low.x, area.high.x).max(span(area.low.y, area.high.y));
    // A tile of zoom z is 2³²⁻ᶻ units wide.
    (longer.leading_zeros() as u8).min(ZOOM_MAX)
}

/// Returns the first zoom at which a feature is drawn. `area`: its size in square units of the world, 0 for a line or a point.
pub(super) fn from_zoom(layer: Layer, class: &str, area: f64) -> u8 {
    match layer {
        Layer::Water if area > 0.0 => first_zoom(area, 16.0),
        Layer::Water => match class {
            "river" => 8,
            "canal" => 10,
            "tidal_channel" | "stream" => 13,
            _ => 14,
        },
        Layer::Green if area > 0.0 => first_zoom(area, 48.0).max(7),
        Layer::Green => 14,
        Layer::Building => first_zoom(area, 12.0).max(14),
        Layer::Road if area > 0.0 => first_zoom(area, 24.0).max(12),
        Layer::Road => road(class),
        Layer::Rail => match class {
            "rail" => 8,
            "subway" | "light_rail" | "monorail" => 10,
            _ => 12,
        },
        Layer::Boundary => boundary(class),
        Layer::Label => label(class, area),
    }
}

fn road(class: &str) -> u8 {
    match class {
        "motorway" => 5,
        "trunk" => 6,
        "primary" => 8,
        "motorway_link" | "secondary" | "ferry" => 10,
        "tertiary" | "trunk_link" => 11,
        "primary_link" | "unclassified" | "residential" => 12,
        "secondary_link" | "tertiary_link" | "living_street" | "pedestrian" | "road" | "busway" => 13,
        _ => 14,
    }
}

fn boundary(class: &str) -> u8 {
    match class {
        "2" => 0,
        "4" => 3,
        "5" => 6,
        "6" => 8,
        "7" => 10,
        _ => 11,
    }
}

fn label(class: &str, area: f64) -> u8 {
    match class {
        "city" => 4,
        "district" => 7,
        "borough" | "town" => 8,
        "island" | "aerodrome" => 10,
        "suburb" | "village" => 11,
        "quarter" | "university" | "hospital" | "station" => 13,
        "water" | "park" if area > 0.0 => first_zoom(area, 6000.0).max(8),
        _ => 14,
    }
}

/// Returns what is drawn before what: larger numbers are laid first and lie below, and give way to smaller ones.
pub(super) fn rank(layer: Layer, class: &str, area: f64) -> u16 {
    // Of areas the large lie below the small.
    if area > 0.0 && layer != Layer::Label {
        return (area.log2() * 256.0).clamp(0.0, f64::from(u16::MAX)) as u16;
    }
    u16::from(from_zoom(layer, class, area)) * 16 + u16::from(class.ends_with("_link"))
}
