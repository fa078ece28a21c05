//! The base map of a network file → a tile.

use super::rings::Mender;
use super::write::{TileLayer, Written, tile};
use super::{MARGIN, Spot, clip, lines};
use crate::network::Layer;
use crate::network::features::{Drawn, FeatureIndex, ShapeKind};
use crate::spatial::tile::{EXTENT, TileId};
use std::collections::BTreeMap;

/// Up to this zoom lines of the same kind are joined and thinned.
const JOINED_TO: u8 = 12;

/// A line shorter than this at such a zoom is left out, in units of the tile: a pixel and a half of 512.
const LINE_MIN: i32 = 12;

/// Properties of the features of every layer of the base map, for those who describe it.
pub fn base_layers() -> impl Iterator<Item = (Layer, &'static [&'static str])> {
    let fields = |layer: &Layer| -> &'static [&'static str] {
        match layer {
            Layer::Road => &["class", "name", "name_en", "bridge", "tunnel"],
            Layer::Rail => &["class", "name", "name_en", "bridge", "tunnel"],
            Layer::Label => &["class", "name", "name_en", "rank"],
            Layer::Boundary => &["class"],
            Layer::Water | Layer::Green | Layer::Building => &["class", "name", "name_en"],
        }
    };
    Layer::ALL.iter().map(move |layer| (*layer, fields(layer)))
}

/// Returns the tile of the base map: no bytes when nothing lies in it.
pub fn base_tile(features: &FeatureIndex, id: TileId) -> Vec<u8> {
    let mut seen: Vec<Drawn<'_>> = Vec::new();
    features.visit(id, MARGIN, &mut |feature| seen.push(feature));
    seen.sort_by_key(|feature| (feature.layer, std::cmp::Reverse(feature.rank), feature.id));
    let mut mender = Mender::new();
    let layers = seen.chunk_by(|a, b| a.layer == b.layer).map(|features| layer(features, id, &mut mender)).collect();
    tile(layers)
}

fn layer(features: &[Drawn<'_>], id: TileId, mender: &mut Mender) -> TileLayer {
    let mut out = TileLayer::new(features[0].layer.word());
    let is_joined = id.zoom() <= JOINED_TO;
    for feature in features {
        let said = Said::of(feature, id.zoom());
        let number = Some(feature.id);
        match feature.shape {
            ShapeKind::Point => {
                let inside = |p: &Spot| (0..EXTENT as i32).contains(&p.0) && (0..EXTENT as i32).contains(&p.1);
                let at = spots(feature, id).into_iter().flat_map(|(points, _)| points).find(inside);
                let properties = said.properties(Some(feature.rank));
                at.into_iter().for_each(|at| out.point(number, at, &properties));
            }
            ShapeKind::Line if is_joined => {}
            ShapeKind::Line => {
                let cut = spots(feature, id).into_iter().flat_map(|(points, _)| clip::line(points)).collect::<Vec<_>>();
                out.lines(number, &cut, &said.properties(None));
            }
            ShapeKind::Area => {
                out.polygons(number, &areas(spots(feature, id), mender), &said.properties(None));
            }
        }
    }
    if is_joined {
        join(features, id, &mut out);
    }
    out
}

/// Adds the lines of a layer, those that say the same as one feature; the least important first.
fn join(features: &[Drawn<'_>], id: TileId, out: &mut TileLayer) {
    let mut alike: BTreeMap<(std::cmp::Reverse<u16>, Said<'_>), Vec<Vec<Spot>>> = BTreeMap::new();
    for feature in features.iter().filter(|feature| feature.shape == ShapeKind::Line) {
        let key = (std::cmp::Reverse(feature.rank), Said::of(feature, id.zoom()));
        alike.entry(key).or_default().extend(spots(feature, id).into_iter().map(|(points, _)| points));
    }
    for ((_, said), pieces) in alike {
        let whole = lines::joined(pieces).into_iter().map(lines::thinned).flat_map(clip::line);
        let seen: Vec<Vec<Spot>> = whole.filter(|line| span(line) >= LINE_MIN).collect();
        out.lines(None, &seen, &said.properties(None));
    }
}

fn span(line: &[Spot]) -> i32 {
    let range = |of: fn(&Spot) -> i32| {
        let (low, high) = line.iter().map(of).fold((i32::MAX, i32::MIN), |(low, high), n| (low.min(n), high.max(n)));
        high - low
    };
    range(|p| p.0).max(range(|p| p.1))
}

/// The parts of a feature in units of the tile, none with the same place twice in a row; a ring too small for the tile takes
/// its holes along.
fn spots(feature: &Drawn<'_>, id: TileId) -> Vec<(Vec<Spot>, bool)> {
    let least = feature.shape as usize + 1;
    let mut parts = Vec::new();
    let mut is_outer_there = false;
    for part in feature.parts(id.zoom()) {
        let mut points: Vec<Spot> = part.points.into_iter().map(|at| id.place(at)).collect();
        points.dedup();
        let is_there = points.len() >= least && (is_outer_there || !part.is_hole);
        is_outer_there = is_there || (part.is_hole && is_outer_there);
        if is_there {
            parts.push((points, part.is_hole));
        }
    }
    parts
}

fn areas(parts: Vec<(Vec<Spot>, bool)>, mender: &mut Mender) -> Vec<Vec<Vec<Spot>>> {
    let mut polygons: Vec<Vec<Vec<Spot>>> = Vec::new();
    for (ring, is_hole) in parts {
        match polygons.last_mut().filter(|_| is_hole) {
            Some(polygon) => polygon.push(ring),
            None => polygons.push(vec![ring]),
        }
    }
    polygons.into_iter().flat_map(|rings| mender.polygons(rings)).collect()
}

/// What a feature's properties say at a zoom: names where there is room for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Said<'a> {
    class: &'a str,
    name: &'a str,
    name_en: &'a str,
    is_bridge: bool,
    is_tunnel: bool,
}

impl<'a> Said<'a> {
    fn of(feature: &Drawn<'a>, zoom: u8) -> Self {
        let is_named = match feature.layer {
            Layer::Label => true,
            Layer::Road => zoom >= 12,
            Layer::Water if feature.shape == ShapeKind::Line => zoom >= 10,
            Layer::Rail | Layer::Water => zoom >= 13,
            Layer::Green | Layer::Building => zoom >= 15,
            Layer::Boundary => false,
        };
        let [name, name_en] = [feature.name, feature.name_en].map(|name| if is_named { name } else { "" });
        let is_near = zoom >= 12;
        let (is_bridge, is_tunnel) = (feature.is_bridge && is_near, feature.is_tunnel && is_near);
        Self { class: feature.class, name, name_en, is_bridge, is_tunnel }
    }

    fn properties(&self, rank: Option<u16>) -> Vec<(&'static str, Written<'a>)> {
        let mut properties = vec![
            ("class", Written::Text(self.class)),
            ("name", Written::Text(self.name)),
            ("name_en", Written::Text(self.name_en)),
            ("bridge", Written::Is(self.is_bridge)),
            ("tunnel", Written::Is(self.is_tunnel)),
        ];
        properties.extend(rank.map(|rank| ("rank", Written::Whole(i64::from(rank)))));
        properties
    }
}
