//! Shapefiles: encodings, parts of any case and place, layers, what a .prj says, shapes of every type.

use crate::exchange_files::{PRJ, SHELTER, assert_rows, dbf, layer, shape_parts, shelters, shp, zipped};
use crate::exchange_samples::told;
use bihu::domain::{Crs, Datum};
use bihu::exchange::{DecodeError, Decoded, Format, decode, inspect};
use serde_json::json;
use std::io::Cursor;

fn read(entries: &[(&str, &[u8])]) -> Result<Decoded, DecodeError> {
    shelters(&zipped(entries), Format::Shapefile)
}

fn declared(prj: &str, crs: &Crs) -> Result<Decoded, DecodeError> {
    let (shp, dbf) = shape_parts(encoding_rs::UTF_8);
    decode(&zipped(&[("a.shp", &shp), ("a.dbf", &dbf), ("a.prj", prj.as_bytes())]), Format::Shapefile, SHELTER, crs)
}

/// A .shp of one shape.
fn one<S: shapefile::record::EsriShape>(shape: &S) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let mut writer = shapefile::ShapeWriter::new(&mut out);
    writer.write_shape(shape).expect("a shape");
    writer.finalize().expect("an end");
    drop(writer);
    out.into_inner()
}

fn shape_of(shp: &[u8]) -> Decoded {
    let table = dbf(&[(b"name", b'C', 10)], &[b"x"].map(|name| vec![name.to_vec()]));
    read(&[("a.shp", shp), ("a.dbf", &table)]).expect("a layer")
}

#[test]
fn columns_in_gbk_stay_apart_with_and_without_a_cpg() {
    for (encoding, cpg, name) in [
        (encoding_rs::GBK, None, "gb18030"),
        (encoding_rs::GBK, Some("936"), "gb18030"),
        (encoding_rs::GBK, Some("GBK"), "gb18030"),
        (encoding_rs::GBK, Some("UTF-8"), "gb18030"),
        (encoding_rs::UTF_8, None, "UTF-8"),
        (encoding_rs::UTF_8, Some("UTF-8\r\n"), "UTF-8"),
        (encoding_rs::UTF_8, Some("65001"), "UTF-8"),
    ] {
        let (shp, dbf) = shape_parts(encoding);
        let mut entries = vec![("a.shp", &shp[..]), ("a.dbf", &dbf[..])];
        entries.extend(cpg.map(|cpg| ("a.cpg", cpg.as_bytes())));
        let decoded = read(&entries).expect("a layer");
        assert_rows(&decoded);
        assert_eq!(decoded.columns.len(), 3);
        assert_eq!(decoded.encoding.as_deref(), Some(name), "{cpg:?}");
        let is_wrong = cpg == Some("UTF-8") && encoding == encoding_rs::GBK;
        assert_eq!(decoded.notes.iter().any(|note| note.contains(".cpg")), is_wrong, "{:?}", decoded.notes);
    }
}

#[test]
fn shift_jis_and_big5_are_told_by_their_headers() {
    for (encoding, headers, name) in [
        (encoding_rs::SHIFT_JIS, ["共通ID", "名称", "想定収容人数"], "Shift_JIS"),
        (encoding_rs::BIG5, ["編碼", "名稱", "容量"], "Big5"),
    ] {
        let bytes = |text: &str| encoding.encode(text).0.into_owned();
        let names = headers.map(bytes);
        let cut: Vec<&[u8]> = names.iter().map(|name| &name[..name.len().min(10)]).collect();
        let columns = [(cut[0], b'C', 10), (cut[1], b'C', 40), (cut[2], b'N', 10)];
        let table = dbf(&columns, &[vec![bytes("S-1"), bytes("中央公園"), b"120".to_vec()]]);
        let decoded = read(&[("a.shp", &shp(&[(121.2, 31.0)])), ("a.dbf", &table)]).expect("a layer");
        assert_eq!(decoded.encoding.as_deref(), Some(name));
        assert_eq!(decoded.drafts[0].patch["name"], "中央公園", "{name}");
    }
}

#[test]
fn a_text_cut_within_a_character_loses_that_one_and_says_so() {
    let name = encoding_rs::GBK.encode("避难所所").0.into_owned();
    let header = encoding_rs::GBK.encode("名称").0.into_owned();
    let table = dbf(&[(&header, b'C', 7)], &[vec![name[..7].to_vec()]]);
    let decoded = read(&[("a.shp", &shp(&[(121.2, 31.0)])), ("a.dbf", &table), ("a.cpg", b"GBK")]).expect("a layer");
    assert_eq!(decoded.drafts[0].patch["name"], "避难所");
    assert!(decoded.drafts[0].notes.iter().any(|note| note.contains("截断")));
}

#[test]
fn typed_cells_keep_their_meaning() {
    let columns: [(&[u8], u8, u8); 5] = [
        (b"name", b'C', 10),
        (b"area_m2", b'N', 12),
        (b"accessible", b'L', 1),
        (b"observed", b'D', 8),
        (b"capacity", b'N', 6),
    ];
    let row = |cells: [&[u8]; 5]| cells.map(<[u8]>::to_vec).to_vec();
    let rows = [
        row([b"x", b" 1200.50000", b"T", b"20240501", b"   120"]),
        row([b"y", b"************", b"?", b"00000000", b""]),
    ];
    let decoded = read(&[("a.shp", &shp(&[(121.2, 31.0), (121.3, 31.0)])), ("a.dbf", &dbf(&columns, &rows))]);
    let drafts = decoded.expect("a layer").drafts;
    let p = &drafts[0].patch;
    assert_eq!((&p["area_m2"], &p["accessible"], &p["capacity"]), (&json!(1200.5), &json!(true), &json!(120)));
    let p = &drafts[1].patch;
    assert_eq!((&p["area_m2"], &p["accessible"], &p["capacity"]), (&json!(null), &json!(null), &json!(null)));
}

#[test]
fn several_shapefiles_are_layers_and_parts_may_be_anywhere_in_any_case() {
    let (points, table) = shape_parts(encoding_rs::UTF_8);
    let entries: [(&str, &[u8]); 6] = [
        ("__MACOSX/._b.shp", b"litter"),
        ("数据/A.SHP", &shp(&[])),
        ("数据/a.DBF", &dbf(&[(b"name", b'C', 5)], &[])),
        ("数据/b.shp", &points),
        ("数据/B.dbf", &table),
        ("数据/b.shp.xml", b"<metadata/>"),
    ];
    assert_rows(&layer(&zipped(&entries), Format::Shapefile, "b").expect("a layer"));
    let seen = inspect("a.zip", &zipped(&entries)).expect("a look");
    assert_eq!(seen.layers.iter().map(|l| (l.name.as_str(), l.rows)).collect::<Vec<_>>(), [("A", 0), ("b", 3)]);
    let first = shelters(&zipped(&entries), Format::Shapefile).expect("a layer");
    assert!(first.notes.iter().any(|note| note.contains("未读取：b")), "{:?}", first.notes);
}

#[test]
fn what_a_prj_says_is_understood_in_the_dialects_in_use() {
    let gauss = |name: &str, meridian: f64, easting: f64| {
        format!(
            "PROJCS[\"{name}\",GEOGCS[\"GCS_China_Geodetic_Coordinate_System_2000\",DATUM[\"D_China_2000\",SPHEROID[\"CGCS2000\",6378137.0,298.257222101]],\
             PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"Gauss_Kruger\"],PARAMETER[\"False_Easting\",{easting:.1}],\
             PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",{meridian:.1}],PARAMETER[\"Scale_Factor\",1.0],\
             PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]"
        )
    };
    let mercator = "PROJCS[\"WGS_1984_Web_Mercator_Auxiliary_Sphere\",GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137,298.257223563]],PRIMEM[\"Greenwich\",0],UNIT[\"Degree\",0.017453292519943295]],PROJECTION[\"Mercator_Auxiliary_Sphere\"],PARAMETER[\"False_Easting\",0]]";
    let cgcs = "GEOGCS[\"GCS_China_Geodetic_Coordinate_System_2000\",DATUM[\"D_China_2000\",SPHEROID[\"CGCS2000\",6378137.0,298.257222101]]]";
    let wkt2 = "GEOGCRS[\"WGS 84\",ENSEMBLE[\"World Geodetic System 1984 ensemble\",MEMBER[\"x\"]],CS[ellipsoidal,2]]";
    for (prj, word) in [
        (PRJ.to_owned(), "wgs84"),
        (wkt2.to_owned(), "wgs84"),
        (cgcs.to_owned(), "cgcs2000"),
        (mercator.to_owned(), "web_mercator"),
        (gauss("CGCS2000_3_Degree_GK_CM_120E", 120.0, 500_000.0), "EPSG:4549"),
        (gauss("CGCS2000_3_Degree_GK_Zone_40", 120.0, 40_500_000.0), "EPSG:4528"),
        (gauss("CGCS2000_GK_Zone_21", 123.0, 21_500_000.0), "EPSG:4499"),
        (gauss("上海2000", 121.466_667, 0.0), "上海2000"),
        (PRJ.replace("1984", "1972"), "GCS_WGS_1972"),
    ] {
        let (shp, dbf) = shape_parts(encoding_rs::UTF_8);
        let zip = zipped(&[("a.shp", &shp), ("a.dbf", &dbf), ("a.prj", prj.as_bytes())]);
        let seen = inspect("a.zip", &zip).expect("a look");
        assert_eq!(seen.layers[0].crs_in_file.as_deref(), Some(word), "{prj}");
    }
    assert!(matches!(
        declared(&gauss("x", 120.0, 500_000.0), &Crs::WGS84),
        Err(DecodeError::CrsConflict { in_file, .. }) if in_file == "EPSG:4549"
    ));
    let six = Crs::parse("EPSG:4510").expect("a zone");
    assert!(declared(&gauss("x", 123.0, 500_000.0), &six).is_ok(), "the same numbers as those of 3° zones");
    let odd = declared("LOCAL_CS[\"松江地方坐标系\"]", &Crs::WGS84).expect("a layer");
    assert!(odd.notes.iter().any(|note| note.contains("松江地方坐标系")), "{:?}", odd.notes);
    assert!(declared(PRJ, &Datum::Bd09.into()).is_err());
    assert!(declared(" ", &Datum::Bd09.into()).is_ok(), "a blank .prj says nothing");
}

#[test]
fn shapes_become_what_they_are_or_are_refused_by_name() {
    use shapefile::{Multipoint, Point, PointZ, Polygon, PolygonRing, Polyline};
    let square = |x: f64, s: f64| {
        vec![
            Point::new(x, 31.0),
            Point::new(x, 31.0 + s),
            Point::new(x + s, 31.0 + s),
            Point::new(x + s, 31.0),
            Point::new(x, 31.0),
        ]
    };
    let kind = |shp: &[u8]| {
        let decoded = shape_of(shp);
        let draft = &decoded.drafts[0];
        let of = |v: &serde_json::Value| v["type"].as_str().unwrap_or("?").to_owned();
        draft.patch.get("geometry").map(of).unwrap_or_else(|| format!("{:?}", told(&draft.violations)))
    };
    assert_eq!(kind(&one(&Polygon::new(PolygonRing::Outer(square(121.0, 0.1))))), "Polygon");
    let hole: Vec<Point> = square(121.02, 0.05).into_iter().map(|p| Point::new(p.x, p.y + 0.02)).rev().collect();
    let ring = Polygon::with_rings(vec![PolygonRing::Outer(square(121.0, 0.1)), PolygonRing::Inner(hole)]);
    let decoded = shape_of(&one(&ring));
    let rings = decoded.drafts[0].patch["geometry"]["coordinates"].as_array().expect("rings").len();
    assert_eq!((kind(&one(&ring)).as_str(), rings), ("Polygon", 2));
    let two = Polygon::with_rings(vec![PolygonRing::Outer(square(121.0, 0.1)), PolygonRing::Outer(square(121.5, 0.1))]);
    assert_eq!(kind(&one(&two)), "MultiPolygon");
    let line = one(&Polyline::new(vec![Point::new(121.0, 31.0), Point::new(121.1, 31.0)]));
    assert_eq!(kind(&line), "[(\"geometry\", \"geometry_type\"), ...]".replace(", ...", ""));
    assert_eq!(kind(&one(&Multipoint::new(vec![Point::new(121.0, 31.0)]))), "Point");
    let high = shape_of(&one(&PointZ::new(121.0, 31.0, 12.5, 0.0)));
    assert!(high.drafts[0].notes.iter().any(|note| note.contains("高程")), "{high:?}");
}

#[test]
fn a_record_marked_as_deleted_is_refused_by_name() {
    let (shp, mut table) = shape_parts(encoding_rs::UTF_8);
    let first = usize::from(u16::from_le_bytes([table[8], table[9]]));
    table[first] = b'*';
    let decoded = read(&[("a.shp", &shp), ("a.dbf", &table)]).expect("a layer");
    assert_eq!(told(&decoded.drafts[0].violations), [("", "deleted_record")]);
}

#[test]
fn public_files_are_read_or_refused_where_they_are_at_hand() {
    let Ok(folder) = std::env::var("BIHU_FORMATS") else { return };
    let mut seen = 0;
    let mut walk = vec![std::path::PathBuf::from(folder)];
    while let Some(at) = walk.pop() {
        for entry in std::fs::read_dir(at).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("bytes");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let outcome = match Format::detect(&name, &bytes) {
                Ok(format) => shelters(&bytes, format)
                    .map(|d| format!("{format}: {} rows, {:?}", d.drafts.len(), d.notes))
                    .map_err(|e| format!("{format}: {e}")),
                Err(error) => Err(error.to_string()),
            };
            println!("{name}: {outcome:?}");
            seen += 1;
        }
    }
    assert!(seen > 0, "BIHU_FORMATS names an empty folder");
}
