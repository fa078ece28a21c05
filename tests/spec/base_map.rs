//! The base map: its section of the network file, and the tiles that are made of it.

use crate::mvt_read::{self, Value, is_simple, twice_area};
use bihu::exchange::mvt::{MARGIN, base_tile};
use bihu::network::features::ZOOM_MAX;
use bihu::network::{FeatureIndex, FeatureShape, FeatureTiles, Layer, MapFeature, NetworkFile, Point, Sections, Way};
use bihu::spatial::tile::{EXTENT, TileId, World};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

const WEST_E7: i32 = 1_212_000_000;
const SOUTH_E7: i32 = 310_000_000;

fn at(east: i32, north: i32) -> Point {
    Point { lon_e7: WEST_E7 + east, lat_e7: SOUTH_E7 + north }
}

fn feature(layer: Layer, class: &str, name: &str, shape: FeatureShape) -> MapFeature {
    MapFeature { layer, class: class.to_owned(), name: name.to_owned(), name_en: String::new(), flags: 0, shape }
}

fn square(east: i32, north: i32, side: i32) -> Vec<Point> {
    [(0, 0), (side, 0), (side, side), (0, side), (0, 0)].map(|(x, y)| at(east + x, north + y)).to_vec()
}

/// An invented town: a lake with an island, a river, a bridge over it, streets in a grid, houses, names.
pub fn town() -> Vec<MapFeature> {
    let mut all = vec![
        feature(
            Layer::Water,
            "lake",
            "镜湖",
            FeatureShape::Area(vec![vec![square(100_000, 100_000, 80_000), square(120_000, 120_000, 20_000)]]),
        ),
        feature(
            Layer::Water,
            "river",
            "小河",
            FeatureShape::Line((0..60).map(|i| at(i * 5_000, 60_000 + i % 7 * 900)).collect()),
        ),
        feature(Layer::Boundary, "6", "", FeatureShape::Line(square(-20_000, -20_000, 360_000))),
        feature(Layer::Rail, "subway", "九号线", FeatureShape::Line(vec![at(0, 0), at(300_000, 300_000)])),
        feature(Layer::Label, "town", "虚构镇", FeatureShape::Point(at(150_000, 50_000))),
        // A bow tie, as careless hands draw them.
        feature(
            Layer::Green,
            "park",
            "蝴蝶园",
            FeatureShape::Area(vec![vec![vec![
                at(0, 200_000),
                at(60_000, 260_000),
                at(60_000, 200_000),
                at(0, 260_000),
                at(0, 200_000),
            ]]]),
        ),
    ];
    let bridge =
        feature(Layer::Road, "primary", "桥路", FeatureShape::Line(vec![at(150_000, 40_000), at(150_000, 90_000)]));
    all.push(MapFeature { flags: Way::BRIDGE, name_en: "Bridge Road".to_owned(), ..bridge });
    for i in 0..20 {
        let class = if i % 5 == 0 { "secondary" } else { "residential" };
        let street = |shape| feature(Layer::Road, class, "街", shape);
        all.push(street(FeatureShape::Line(vec![at(i * 15_000, 0), at(i * 15_000, 150_000)])));
        all.push(street(FeatureShape::Line(vec![at(i * 15_000, 150_000), at(i * 15_000, 300_000)])));
        for j in 0..20 {
            let shape = FeatureShape::Area(vec![vec![square(i * 15_000 + 4_000, j * 15_000 + 4_000, 5_000)]]);
            all.push(feature(Layer::Building, "building", "", shape));
        }
    }
    all
}

/// The bytes of a file with nothing but features.
pub fn file_of(features: &[MapFeature]) -> Vec<u8> {
    let mut sections = Sections::default();
    FeatureTiles::write(features, &mut sections);
    sections.to_file()
}

fn index(features: &[MapFeature]) -> FeatureIndex {
    let file = NetworkFile::read(Arc::new(file_of(features))).expect("a sound file");
    FeatureIndex::read(&file).expect("sound features").expect("features")
}

/// Every tile of a zoom that has something of the box of the features in it.
fn tiles(features: &FeatureIndex, zoom: u8) -> Vec<TileId> {
    let area = features.area().expect("features");
    let shift = 32 - u32::from(zoom);
    let column = |n: u32| if shift == 32 { 0 } else { n >> shift };
    let columns = column(area.low.x)..=column(area.high.x);
    columns
        .flat_map(|x| (column(area.low.y)..=column(area.high.y)).map(move |y| (x, y)))
        .map(|(x, y)| TileId::new(zoom, x, y).expect("a tile"))
        .collect()
}

/// Reads a tile and holds it to the rules; returns the names of its layers with how many features each has.
fn sound(bytes: &[u8]) -> Vec<(String, usize)> {
    let layers = mvt_read::tile(bytes).expect("a sound tile");
    let reach = -i64::from(MARGIN)..=i64::from(EXTENT + MARGIN);
    for layer in &layers {
        assert!(!layer.features.is_empty(), "{} is empty", layer.name);
        assert_eq!(layer.extent, u64::from(EXTENT));
        let ids: Vec<u64> = layer.features.iter().filter_map(|f| f.id).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids are unique in {}", layer.name);
        for feature in &layer.features {
            for part in &feature.parts {
                assert!(part.iter().all(|p| reach.contains(&p.0) && reach.contains(&p.1)), "{part:?}");
                assert!(feature.kind != 3 || is_simple(part), "{}: {part:?}", layer.name);
            }
        }
    }
    layers.into_iter().map(|layer| (layer.name, layer.features.len())).collect()
}

#[test]
fn what_is_written_is_read_at_the_closest_zoom() {
    let town = town();
    let features = index(&town);
    // The lake has a label of its own besides.
    assert_eq!(features.len(), town.len() + 1);
    let mut seen = Vec::new();
    for tile in tiles(&features, ZOOM_MAX) {
        features
            .visit(tile, 0, &mut |f| seen.push((f.id, f.layer, f.class.to_owned(), f.name.to_owned(), f.is_bridge)));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), features.len(), "every feature lies in some tile");
    let bridge = seen.iter().find(|(.., is_bridge)| *is_bridge).expect("the bridge");
    assert_eq!((&*bridge.2, &*bridge.3), ("primary", "桥路"));
}

#[test]
fn every_tile_of_a_town_is_sound_and_grows_with_the_zoom() {
    let features = index(&town());
    for zoom in 0..=ZOOM_MAX {
        for tile in tiles(&features, zoom) {
            let bytes = base_tile(&features, tile);
            let layers = sound(&bytes);
            assert!(bytes.len() < 100_000, "{tile:?}: {} bytes", bytes.len());
            assert_eq!(
                layers.iter().any(|(name, _)| name == "building"),
                zoom >= 14 && layers.iter().any(|(name, _)| name == "building")
            );
        }
    }
    let near: usize =
        tiles(&features, ZOOM_MAX).into_iter().flat_map(|t| sound(&base_tile(&features, t))).map(|(_, n)| n).sum();
    let far: usize =
        tiles(&features, 9).into_iter().flat_map(|t| sound(&base_tile(&features, t))).map(|(_, n)| n).sum();
    assert!(near > 400 && far < 10, "{near} near, {far} far");
}

#[test]
fn names_bridges_and_holes_arrive() {
    let features = index(&town());
    let middle = World::of(at(150_000, 65_000).position());
    let tile = TileId::new(13, middle.x >> 19, middle.y >> 19).expect("a tile");
    let layers = mvt_read::tile(&base_tile(&features, tile)).expect("a tile");
    let layer = |name: &str| layers.iter().find(|layer| layer.name == name).expect("a layer");
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let bridge = layer("road").features.iter().find(|f| f.properties.contains_key("bridge")).expect("the bridge");
    assert_eq!(bridge.properties.get("bridge"), Some(&Value::Is(true)));
    assert_eq!(bridge.properties.get("name").cloned(), text("桥路"));
    assert_eq!(bridge.properties.get("name_en").cloned(), text("Bridge Road"));
    let lake = layer("water").features.iter().find(|f| f.kind == 3).expect("the lake");
    let areas: Vec<i64> = lake.parts.iter().map(|ring| twice_area(ring).signum()).collect();
    assert_eq!(areas, [1, -1], "an outer ring and its hole");
    let roads = layer("road").features.len();
    assert!(roads > 3, "{roads}");
}

#[test]
fn names_in_latin_letters_arrive_letter_for_letter_and_without_an_english_name_that_is_empty() {
    let line = |north| FeatureShape::Line(vec![at(140_000, north), at(160_000, north)]);
    let names = ["Landstraße", "Rue de l'Église", "Łódzka ulica", "Straße des 17. Juni"];
    let roads = names.iter().zip([52_000, 54_000, 56_000, 58_000]);
    let mut all: Vec<_> = roads.map(|(name, north)| feature(Layer::Road, "primary", name, line(north))).collect();
    all.push(feature(Layer::Label, "town", "Schöneberg", FeatureShape::Point(at(150_000, 50_000))));
    let features = index(&all);
    let middle = World::of(at(150_000, 55_000).position());
    let tile = TileId::new(14, middle.x >> 18, middle.y >> 18).expect("a tile");
    let layers = mvt_read::tile(&base_tile(&features, tile)).expect("a tile");
    let drawn: Vec<_> = layers.iter().flat_map(|layer| &layer.features).collect();
    let told: BTreeSet<String> = drawn
        .iter()
        .filter_map(|f| match f.properties.get("name") {
            Some(Value::Text(name)) => Some(name.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(told, names.iter().chain(&["Schöneberg"]).map(|name| (*name).to_owned()).collect());
    // An empty one would hide the name from a page in English.
    assert!(drawn.iter().all(|f| !f.properties.contains_key("name_en")), "{drawn:?}");
}

/// The classes of a layer in the tile of a zoom around the invented town.
fn classes(features: &FeatureIndex, zoom: u8, layer: &str) -> BTreeSet<String> {
    let tile = TileId::at(World::of(at(150_000, 65_000).position()), zoom).expect("a tile");
    let layers = mvt_read::tile(&base_tile(features, tile)).expect("a tile");
    let drawn = layers.into_iter().filter(|found| found.name == layer).flat_map(|found| found.features);
    drawn
        .filter_map(|feature| match feature.properties.get("class") {
            Some(Value::Text(class)) => Some(class.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn from_afar_a_small_extract_shows_its_chief_things_and_no_others() {
    // Three kilometres of a town and, so that it is a district, a road to a village thirty kilometres on.
    let mut district = town();
    district.push(feature(
        Layer::Road,
        "primary",
        "",
        FeatureShape::Line(vec![at(150_000, 40_000), at(3_000_000, 1_000_000)]),
    ));
    district.push(feature(Layer::Label, "village", "虚构村", FeatureShape::Point(at(3_000_000, 1_000_000))));
    let features = index(&district);
    let only = |class: &str| BTreeSet::from([class.to_owned()]);
    for zoom in 0..=7 {
        assert_eq!(
            classes(&features, zoom, "label"),
            only("town"),
            "zoom {zoom}: the chief place is named, the village not"
        );
    }
    for zoom in 5..=7 {
        assert_eq!(classes(&features, zoom, "road"), only("primary"), "zoom {zoom}: too small to see before");
    }
    assert!(classes(&features, 9, "road").is_superset(&only("primary")));
    // A country is drawn by the rules for countries.
    let mut country = town();
    country.push(feature(Layer::Road, "primary", "", FeatureShape::Line(vec![at(0, 0), at(90_000_000, 90_000_000)])));
    let features = index(&country);
    for zoom in 0..=6 {
        assert_eq!(classes(&features, zoom, "label"), BTreeSet::new(), "zoom {zoom}");
    }
}

#[test]
fn far_out_a_street_in_pieces_is_one_line() {
    let pieces = (0..50).map(|i| {
        feature(Layer::Road, "motorway", "快速", FeatureShape::Line(vec![at(i * 100_000, 0), at((i + 1) * 100_000, 0)]))
    });
    let features = index(&pieces.collect::<Vec<_>>());
    let tile = tiles(&features, 7)[0];
    let layers = mvt_read::tile(&base_tile(&features, tile)).expect("a tile");
    assert_eq!(layers[0].features.len(), 1);
    assert_eq!(layers[0].features[0].parts.iter().map(Vec::len).collect::<Vec<_>>(), [2], "straight, so two points");
}

#[test]
fn the_same_features_make_the_same_bytes() {
    let (a, b) = (town(), town());
    assert_eq!(file_of(&a), file_of(&b));
    let features = index(&a);
    let tile = tiles(&features, 14)[0];
    assert_eq!(base_tile(&features, tile), base_tile(&index(&b), tile));
}

#[test]
fn a_file_without_a_base_map_says_so_and_an_empty_one_is_empty() {
    let bare = NetworkFile::read(Arc::new(Sections::default().to_file())).expect("a file");
    assert!(FeatureIndex::read(&bare).expect("no fault").is_none());
    let empty = index(&[]);
    assert!(empty.is_empty() && empty.area().is_none());
    assert!(base_tile(&empty, TileId::new(0, 0, 0).expect("the world")).is_empty());
}

#[test]
fn shapes_with_too_few_points_are_left_out() {
    let line = feature(Layer::Road, "primary", "", FeatureShape::Line(vec![at(0, 0), at(0, 0)]));
    let area =
        feature(Layer::Water, "lake", "", FeatureShape::Area(vec![vec![vec![at(0, 0), at(9, 0), at(0, 0)]], vec![]]));
    let none = feature(Layer::Water, "lake", "", FeatureShape::Area(vec![]));
    assert!(index(&[line, area, none]).is_empty());
}

/// Puts other bytes into a section and mends its checksum, as somebody who means harm would.
fn tampered(file: &[u8], section: usize, change: impl Fn(&mut [u8])) -> Option<Vec<u8>> {
    let mut file = file.to_vec();
    let row = 24 + 32 * section;
    let number =
        |file: &[u8], at: usize| u64::from_le_bytes(file[at..at + 8].try_into().expect("eight bytes")) as usize;
    let (start, length) = (number(&file, row + 8), number(&file, row + 16));
    if length == 0 {
        return None;
    }
    change(&mut file[start..start + length]);
    Some(crate::osm_artifact::sealed(file))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_stands_in_the_sections_nothing_panics(section in 0_usize..7, place in any::<prop::sample::Index>(), byte in any::<u8>(), run in 1_usize..9) {
        let whole = file_of(&town()[..60]);
        let Some(bytes) = tampered(&whole, section, |bytes| {
            let start = place.index(bytes.len());
            let end = (start + run).min(bytes.len());
            bytes[start..end].fill(byte);
        }) else { return Ok(()) };
        let file = NetworkFile::read(Arc::new(bytes)).expect("the checksum was mended");
        if let Ok(Some(features)) = FeatureIndex::read(&file) {
            let middle = World::of(at(100_000, 100_000).position());
            for zoom in [0_u8, 8, 13, 15] {
                let shift = 32 - u32::from(zoom);
                let column = |n: u32| if shift == 32 { 0 } else { n >> shift };
                let tile = TileId::new(zoom, column(middle.x), column(middle.y)).expect("a tile");
                let bytes = base_tile(&features, tile);
                prop_assert!(mvt_read::tile(&bytes).is_ok(), "what is drawn of it is a tile all the same");
            }
        }
    }

    #[test]
    fn rings_that_cross_themselves_become_sound(points in prop::collection::vec((0_i32..60_000, 0_i32..60_000), 3..14), zoom in 10_u8..=15) {
        let mut ring: Vec<Point> = points.iter().map(|(x, y)| at(*x, *y)).collect();
        ring.push(ring[0]);
        let wild = feature(Layer::Water, "lake", "", FeatureShape::Area(vec![vec![ring]]));
        let features = index(&[wild]);
        if !features.is_empty() {
            for tile in tiles(&features, zoom) {
                sound(&base_tile(&features, tile));
            }
        }
    }

    #[test]
    fn a_position_comes_back_from_the_square_of_the_world(lon in -180.0_f64..180.0, lat in -85.0_f64..85.0) {
        let position = bihu::domain::LonLat::new(lon, lat).expect("a position");
        let back = World::of(position).position();
        prop_assert!((back.lon() - lon).abs() < 1e-7 && (back.lat() - lat).abs() < 1e-7, "{back:?}");
    }
}

#[test]
fn tiles_exist_only_where_there_are_rows_and_columns() {
    assert!(TileId::new(0, 0, 0).is_some() && TileId::new(3, 7, 7).is_some());
    assert!(TileId::new(3, 8, 0).is_none() && TileId::new(0, 0, 1).is_none() && TileId::new(40, 0, 0).is_none());
}

#[test]
fn the_reader_of_this_test_agrees_with_the_public_fixtures() {
    // Read only when it is there: the folder of public test data.
    let Some(folder) = std::env::var_os("BIHU_DATA").map(|d| std::path::PathBuf::from(d).join("E/mvt")) else { return };
    let Ok(table) = std::fs::read_to_string(folder.join("FIXTURES.md")) else { return };
    let mut wrong = Vec::new();
    for line in table.lines().skip(2) {
        let mut cells = line.split('|');
        let (Some(id), Some(valid)) = (cells.next(), line.rsplit('|').next()) else { continue };
        let Ok(bytes) = std::fs::read(folder.join("fixtures").join(id).join("tile.mvt")) else { continue };
        // A feature of no type, and a command with a count beyond its numbers, count as valid there; here they do not.
        if ["016", "057"].contains(&id) {
            continue;
        }
        let read = mvt_read::tile(&bytes);
        if read.is_ok() != valid.contains("check_mark") {
            wrong.push((id.to_owned(), valid.to_owned(), read.map(|_| ())));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
