//! GeoPackages: layers, tables without geometry, geometries of every type, what a layer says of its coordinates.

use crate::exchange_files::{SHELTER, assert_rows, gpkg, gpkg_of, gpkg_point, layer, shelters};
use crate::exchange_samples::told;
use bihu::domain::Crs;
use bihu::exchange::{DecodeError, Format, decode, inspect};

fn blob(wkb: &[u8]) -> Vec<u8> {
    let mut out = b"GP\x00\x01".to_vec();
    out.extend(4326_i32.to_le_bytes());
    out.extend(wkb);
    out
}

/// Well-known binary, little-endian: a type, and what follows.
fn wkb(kind: u32, rest: &[&[u8]]) -> Vec<u8> {
    [&[1], &kind.to_le_bytes()[..], &rest.concat()].concat()
}

fn numbers(all: &[f64]) -> Vec<u8> {
    all.iter().flat_map(|n| n.to_le_bytes()).collect()
}

const ONE: &[u8] = &1_u32.to_le_bytes();

#[test]
fn geometries_become_what_they_are_or_are_refused_by_name() {
    let ring = [
        &1_u32.to_le_bytes()[..],
        &4_u32.to_le_bytes(),
        &numbers(&[121.0, 31.0, 121.1, 31.0, 121.1, 31.1, 121.0, 31.0]),
    ]
    .concat();
    let point = wkb(1, &[&numbers(&[121.2, 31.0])]);
    let line = wkb(2, &[&2_u32.to_le_bytes(), &numbers(&[121.0, 31.0, 121.1, 31.0])]);
    let polygon = wkb(3, &[&ring]);
    let curve = wkb(10, &[ONE, &wkb(8, &[&[0; 4]])]);
    for (name, wkb, expected) in [
        ("point", point.clone(), Ok("Point")),
        ("big-endian", [&[0, 0, 0, 0, 1], &121.2_f64.to_be_bytes()[..], &31.0_f64.to_be_bytes()].concat(), Ok("Point")),
        ("z", wkb(1001, &[&numbers(&[121.2, 31.0, 9.0])]), Ok("Point")),
        ("ewkb z", wkb(0x8000_0001, &[&numbers(&[121.2, 31.0, 9.0])]), Ok("Point")),
        ("zm", wkb(3001, &[&numbers(&[121.2, 31.0, 9.0, 1.0])]), Ok("Point")),
        ("polygon", polygon.clone(), Ok("Polygon")),
        ("promoted", wkb(6, &[ONE, &polygon]), Ok("Polygon")),
        ("two", wkb(6, &[&2_u32.to_le_bytes(), &polygon, &polygon]), Ok("MultiPolygon")),
        ("promoted point", wkb(4, &[ONE, &point]), Ok("Point")),
        ("collection", wkb(7, &[&2_u32.to_le_bytes(), &point, &polygon]), Ok("Polygon")),
        ("line", line.clone(), Err("geometry_type")),
        ("lines", wkb(5, &[ONE, &line]), Err("geometry_type")),
        ("curve", curve.clone(), Err("geometry_type")),
        ("surfaces", wkb(12, &[ONE, &curve]), Err("geometry_type")),
        ("empty", wkb(1, &[&numbers(&[f64::NAN, f64::NAN])]), Err("missing")),
        ("cut", polygon[..20].to_vec(), Err("bad_geometry")),
        ("deep", (0..20).fold(point, |inner, _| wkb(7, &[ONE, &inner])), Err("bad_geometry")),
        ("claims", wkb(3, &[&u32::MAX.to_le_bytes()]), Err("bad_geometry")),
    ] {
        let bytes = gpkg_of("", &[(blob(&wkb), "S-1", "甲", None)]);
        let decoded = shelters(&bytes, Format::GeoPackage).expect("a layer");
        let draft = &decoded.drafts[0];
        match expected {
            Ok(kind) => assert_eq!(draft.patch["geometry"]["type"], kind, "{name}: {draft:?}"),
            Err(reason) => assert_eq!(told(&draft.violations)[0], ("geometry", reason), "{name}: {draft:?}"),
        }
    }
}

#[test]
fn layers_are_named_and_tables_without_geometry_are_tables() {
    let more = "CREATE TABLE lists (id INTEGER PRIMARY KEY, \"名称\" TEXT, \"经度\" REAL, \"纬度\" REAL);
        INSERT INTO lists VALUES (7, '乙', 121.5, 31.5);
        INSERT INTO gpkg_contents VALUES ('lists', 'attributes', 'lists', NULL);
        CREATE VIEW seen AS SELECT * FROM lists;
        INSERT INTO gpkg_contents VALUES ('seen', 'attributes', 'seen', NULL);";
    let bytes = gpkg_of(more, &[(gpkg_point(121.2, 31.0), "S-1", "甲", None)]);
    let seen = inspect("a", &bytes).expect("a look");
    assert_eq!(seen.layers.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["shelters", "lists"]);
    let lists = layer(&bytes, Format::GeoPackage, "lists").expect("a table");
    assert_eq!((&lists.drafts[0].patch["name"], &lists.drafts[0].violations[..]), (&"乙".into(), &[][..]));
    assert_eq!(lists.drafts[0].patch["lon"], 121.5);
    let first = shelters(&bytes, Format::GeoPackage).expect("a layer");
    assert!(first.notes.iter().any(|note| note.contains("lists")), "{:?}", first.notes);
}

#[test]
fn the_system_of_a_layer_is_that_of_its_geometry_column() {
    let of = |srs: i32| format!("UPDATE gpkg_geometry_columns SET srs_id = {srs};");
    let row = [(gpkg_point(121.2, 31.0), "S-1", "甲", None)];
    let read = |srs: i32, crs: &Crs| decode(&gpkg_of(&of(srs), &row), Format::GeoPackage, SHELTER, crs);
    assert!(read(4326, &Crs::WGS84).is_ok());
    assert!(read(0, &Crs::parse("bd09").expect("a datum")).is_ok(), "undefined says nothing");
    assert!(matches!(read(4549, &Crs::WGS84), Err(DecodeError::CrsConflict { in_file, .. }) if in_file == "EPSG:4549"));
    let odd = read(32651, &Crs::WGS84).expect("a layer");
    assert!(odd.notes.iter().any(|note| note.contains("EPSG:32651")), "{:?}", odd.notes);
}

#[test]
fn a_file_in_write_ahead_mode_is_read_and_the_reader_runs_under_any_runtime() {
    let mut bytes = gpkg();
    bytes[18..20].fill(2);
    assert_rows(&shelters(&bytes, Format::GeoPackage).expect("a layer"));
    crate::exchange_files::wait(async { assert_rows(&shelters(&bytes, Format::GeoPackage).expect("a layer")) });
}

#[test]
fn values_of_any_type_are_read_as_they_are() {
    let bytes = gpkg_of(
        "INSERT INTO shelters (geom, \"编码\", \"名称\", \"容量\") VALUES (NULL, 33016, x'00ff', '约120人');",
        &[(gpkg_point(121.2, 31.0), "S-2", "乙", None)],
    );
    let decoded = shelters(&bytes, Format::GeoPackage).expect("a layer");
    let p = &decoded.drafts[0].patch;
    assert_eq!((&p["code"], &p["capacity"], p.get("name")), (&"33016".into(), &120.into(), None));
    assert_eq!(decoded.drafts[1].patch["capacity"], serde_json::Value::Null);
}
