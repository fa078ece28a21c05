//! FlatGeobuf: geometries, columns of every type, what the header says of coordinates.

use crate::exchange_files::{SHELTER, assert_rows, fgb_of, shelters};
use crate::exchange_samples::told;
use bihu::domain::Crs;
use bihu::exchange::{DecodeError, Format, decode};
use flatgeobuf::geozero::{ColumnValue, PropertyProcessor};
use flatgeobuf::{ColumnType, FgbWriter, FgbWriterOptions, GeometryType};
use geo_types::{Geometry, LineString, MultiPolygon, Point, Polygon};
use serde_json::json;

fn square(x: f64) -> Polygon {
    Polygon::new(LineString::from(vec![(x, 31.0), (x + 0.1, 31.0), (x + 0.1, 31.1), (x, 31.0)]), vec![])
}

#[test]
fn geometries_become_what_they_are_or_are_refused_by_name() {
    let two = MultiPolygon(vec![square(121.0), square(121.5)]);
    for (geometry, layer, expected) in [
        (Geometry::from(Point::new(121.2, 31.0)), GeometryType::Point, Ok("Point")),
        (Geometry::from(square(121.0)), GeometryType::Polygon, Ok("Polygon")),
        (Geometry::from(square(121.0)), GeometryType::Unknown, Ok("Polygon")),
        (Geometry::from(two.clone()), GeometryType::MultiPolygon, Ok("MultiPolygon")),
        (Geometry::from(two), GeometryType::Unknown, Ok("MultiPolygon")),
        (
            Geometry::from(LineString::from(vec![(1.0, 2.0), (3.0, 4.0)])),
            GeometryType::LineString,
            Err("geometry_type"),
        ),
    ] {
        for write_index in [false, true] {
            let options = FgbWriterOptions { write_index, promote_to_multi: false, ..Default::default() };
            let mut file = FgbWriter::create_with_options("x", layer, options).expect("a file");
            file.add_column("name", ColumnType::String, |_, _| {});
            let added = file.add_feature_geom(geometry.clone(), |feature| {
                feature.property(0, "name", &ColumnValue::String("甲")).expect("a property");
            });
            added.expect("a feature");
            let mut bytes = Vec::new();
            file.write(&mut bytes).expect("bytes");
            let decoded = shelters(&bytes, Format::FlatGeobuf).expect("a layer");
            let draft = &decoded.drafts[0];
            match expected {
                Ok(kind) => assert_eq!(draft.patch["geometry"]["type"], kind, "{draft:?}"),
                Err(reason) => assert_eq!(told(&draft.violations), [("geometry", reason)]),
            }
        }
    }
}

#[test]
fn columns_of_every_type_are_read() {
    let mut file = FgbWriter::create("x", GeometryType::Point).expect("a file");
    let columns = [
        ("code", ColumnType::Long, ColumnValue::Long(33016)),
        ("name", ColumnType::String, ColumnValue::String("甲")),
        ("area_m2", ColumnType::Float, ColumnValue::Float(0.1)),
        ("accessible", ColumnType::Bool, ColumnValue::Bool(true)),
        ("capacity", ColumnType::Double, ColumnValue::Double(120.0)),
        ("occupied", ColumnType::UShort, ColumnValue::UShort(7)),
        ("reserved", ColumnType::Byte, ColumnValue::Byte(-1)),
        ("blocked", ColumnType::ULong, ColumnValue::ULong(9)),
        ("observed_at", ColumnType::DateTime, ColumnValue::DateTime("2024-05-01T08:00:00Z")),
        ("picture", ColumnType::Binary, ColumnValue::Binary(b"x")),
        ("facilities", ColumnType::Json, ColumnValue::Json("[\"water\"]")),
    ];
    columns.iter().for_each(|(name, kind, _)| file.add_column(name, *kind, |_, _| {}));
    let added = file.add_feature_geom(Geometry::from(Point::new(121.2, 31.0)), |feature| {
        for (i, (name, _, value)) in columns.iter().enumerate() {
            feature.property(i, name, value).expect("a property");
        }
    });
    added.expect("a feature");
    let mut bytes = Vec::new();
    file.write(&mut bytes).expect("bytes");
    let decoded = shelters(&bytes, Format::FlatGeobuf).expect("a layer");
    let p = &decoded.drafts[0].patch;
    assert_eq!((&p["code"], &p["area_m2"], &p["accessible"]), (&json!("33016"), &json!(0.1), &json!(true)));
    assert_eq!((&p["occupied"], &p["reserved"], &p["blocked"]), (&json!(7), &json!(-1), &json!(9)));
    assert_eq!(p["observed_at"], "2024-05-01T08:00:00Z");
}

#[test]
fn the_header_says_what_the_coordinates_are() {
    assert_rows(&shelters(&fgb_of(0), Format::FlatGeobuf).expect("no system says nothing"));
    assert_rows(&shelters(&fgb_of(4490), Format::FlatGeobuf).expect("the same numbers"));
    assert!(matches!(
        shelters(&fgb_of(3857), Format::FlatGeobuf),
        Err(DecodeError::CrsConflict { in_file, .. }) if in_file == "web_mercator"
    ));
    let odd = shelters(&fgb_of(32651), Format::FlatGeobuf).expect("a layer");
    assert!(odd.notes.iter().any(|note| note.contains("EPSG:32651")), "{:?}", odd.notes);
    assert!(decode(&fgb_of(0), Format::FlatGeobuf, SHELTER, &Crs::parse("gcj02").expect("a datum")).is_ok());
}
