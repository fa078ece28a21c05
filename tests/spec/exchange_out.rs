//! Files that go out: what each format says of itself, what it can not carry, and that nothing in a name gets out of hand.

use crate::exchange_samples::resource;
use crate::exchange_written::{of_target, plain, unpacked, written};
use bihu::domain::*;
use bihu::exchange::{EncodeError, FileFormat, Target, Writing, template, write_file};
use bihu::spatial::datum::from_wgs84;
use serde_json::Value;

fn of_kind(kind: Kind) -> Vec<Resource> {
    (0..400).map(resource).filter(|r| r.kind() == kind).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_format_has_its_own_ending_and_media_type() {
    for format in FileFormat::ALL {
        assert_eq!(FileFormat::from_ending(format.word()), Some(*format));
        let file = write_file(&of_kind(Kind::Shelter), &plain(*format, Kind::Shelter)).expect("a file");
        assert_eq!((file.file_name_ending, file.media), (format.word(), format.media()));
    }
    assert_eq!(FileFormat::from_ending("SHP"), Some(FileFormat::Shapefile));
    assert_eq!(FileFormat::from_ending("exe"), None);
}

#[test]
fn formats_that_are_wgs84_by_their_standard_refuse_anything_else() {
    for format in [FileFormat::Kml, FileFormat::Kmz, FileFormat::Gpx] {
        for word in ["gcj02", "bd09", "web_mercator", "EPSG:4528"] {
            let writing = Writing { crs: Crs::parse(word).expect("a system"), ..plain(format, Kind::Site) };
            let refused = write_file(&[] as &[Resource], &writing);
            assert_eq!(refused, Err(EncodeError::CrsNotCarried { format: format.word(), crs: word.to_owned() }));
        }
        let writing = Writing { crs: Datum::Cgcs2000.into(), ..plain(format, Kind::Site) };
        assert!(write_file(&[] as &[Resource], &writing).is_ok());
    }
    let writing = Writing { crs: Crs::WebMercator, ..plain(FileFormat::GeoJson, Kind::Site) };
    assert!(write_file(&[] as &[Resource], &writing).is_err());
}

#[test]
fn a_file_in_gcj02_says_so_in_itself() {
    let all = of_kind(Kind::Site);
    for format in FileFormat::ALL.iter().filter(|f| !matches!(f, FileFormat::Kml | FileFormat::Kmz | FileFormat::Gpx)) {
        let writing = Writing { crs: Datum::Gcj02.into(), ..plain(*format, Kind::Site) };
        let file = write_file(&all, &writing).expect("a file");
        let inside = unpacked(&file);
        let said = inside.iter().any(|(name, bytes)| {
            let text = text(bytes).to_lowercase();
            text.contains("gcj02") || text.contains("gcj-02") || name.contains("GCJ-02")
        });
        assert!(said, "{format:?}");
        assert!(file.losses.iter().any(|loss| loss.zh.contains("gcj02")), "{format:?}: {:?}", file.losses);
    }
}

#[test]
fn positions_are_in_the_system_asked_for_wherever_they_stand() {
    let mut r = resource(1);
    r.place = Place::point(LonLat::new(121.2281, 31.0322).expect("a position"));
    r.place.footprint =
        Some(geo_types::MultiPolygon(vec![geo_types::Rect::new((121.228, 31.032), (121.229, 31.033)).to_polygon()]));
    let writing = Writing { crs: Datum::Bd09.into(), ..plain(FileFormat::GeoJson, r.kind()) };
    let whole: Value = serde_json::from_str(&written([&r], &writing)).expect("JSON");
    let moved = from_wgs84(Datum::Bd09, r.place.position);
    assert_eq!(whole["datum"], "bd09");
    assert_eq!(whole["features"][0]["properties"]["lon"], moved.lon());
    let corner = &whole["features"][0]["geometry"]["coordinates"][0][0];
    assert!(corner[0].as_f64().is_some_and(|x| (x - 121.228).abs() > 0.005), "{corner}");
    let writing = Writing { crs: Datum::Bd09.into(), ..plain(FileFormat::Csv, r.kind()) };
    let csv = written([&r], &writing);
    let header = csv.lines().next().expect("a header");
    assert!(header.contains("lon(bd09),lat(bd09)") && header.contains("geometry(bd09)"), "{header}");
}

#[test]
fn markup_in_a_name_stays_text() {
    let mut r = resource(2);
    r.visibility = Visibility::Public;
    r.name.zh = "<script>alert(1)</script>&\"'".into();
    r.address = Some("]]></value><x>".into());
    for format in [FileFormat::Html, FileFormat::Kml, FileFormat::Gpx] {
        let out = written([&r], &plain(format, r.kind()));
        assert!(!out.contains("<script>alert") && !out.contains("<x>"), "{format:?}");
        assert!(out.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"), "{format:?}: {out}");
    }
}

#[test]
fn the_page_to_print_marks_invented_data_and_loads_nothing() {
    let mut all = of_kind(Kind::Shelter);
    all.iter_mut().for_each(|r| r.synthetic = false);
    let page = written(&all, &plain(FileFormat::Html, Kind::Shelter));
    assert!(
        !page.contains("演示数据") && !page.contains("http") && !page.contains("<script") && !page.contains("url(")
    );
    for said in ["@page", "A4", "修订 / revision 7", "WGS84", "北京时间", &format!("共 {} 条", all.len())] {
        assert!(page.contains(said), "{said}");
    }
    all[0].synthetic = true;
    let page = written(&all, &plain(FileFormat::Html, Kind::Shelter));
    assert!(page.contains("演示数据：其中 1 条为虚构"));
}

#[test]
fn a_shapefile_names_the_texts_that_it_had_to_cut() {
    let mut r = of_kind(Kind::Warehouse).remove(0);
    r.remarks = Some("备".repeat(300));
    let line = StockLine {
        code: None,
        name: "物资".repeat(60),
        quantity: None,
        unit: None,
        expires_on: None,
        reserve_mode: None,
    };
    r.detail = Detail::Warehouse(Storage { stock: Some(vec![line]), ..Storage::default() });
    let file = write_file([&r], &plain(FileFormat::Shapefile, Kind::Warehouse)).expect("a file");
    let said: Vec<&str> = file.losses.iter().map(|loss| loss.zh.as_str()).collect();
    assert!(said.iter().any(|s| s.starts_with("remarks") && s.contains("1 行")), "{said:?}");
    assert!(said.iter().any(|s| s.starts_with("stock")), "{said:?}");
    let inside = unpacked(&file);
    let named = |ending: &str| inside.iter().find(|(name, _)| name.ends_with(ending)).map(|(_, bytes)| text(bytes));
    let readme = named("README.txt").expect("a README");
    assert!(file.losses.iter().all(|loss| readme.contains(&loss.zh) && readme.contains(&loss.en)), "{readme}");
    assert!(readme.contains("admin_dept = administration_department"));
    let dbf = inside.iter().find(|(name, _)| name.ends_with(".dbf")).map(|(_, b)| b.clone()).expect("a table");
    let records = usize::from(u16::from_le_bytes([dbf[8], dbf[9]]));
    assert!(std::str::from_utf8(&dbf[records..]).is_ok(), "no character is cut in two");
    assert_eq!(named(".cpg").as_deref(), Some("UTF-8"));
}

#[test]
fn a_waypoint_has_its_elements_in_the_order_of_the_schema() {
    let order = ["<name>", "<desc>", "<src>", "<type>", "<extensions>"];
    let gpx = written(&of_kind(Kind::Team), &plain(FileFormat::Gpx, Kind::Team));
    let mut waypoints = 0;
    for waypoint in gpx.split("<wpt ").skip(1) {
        waypoints += 1;
        let places: Vec<usize> = order.iter().filter_map(|tag| waypoint.find(tag)).collect();
        assert!(places.is_sorted() && places.len() >= 2, "{waypoint}");
    }
    assert_eq!(waypoints, of_kind(Kind::Team).len());
    assert!(gpx.find("<metadata>") < gpx.find("<wpt "));
}

#[test]
fn nothing_to_export_is_a_file_of_nothing() {
    for format in FileFormat::ALL {
        for target in [Target::Resource(Kind::Team), Target::Demand, Target::Division] {
            let file = write_file(&[] as &[Resource], &of_target(*format, target)).expect("a file");
            assert_eq!(file.rows, 0, "{format:?}");
            assert!(!file.bytes.is_empty());
        }
    }
}

#[test]
fn a_template_is_made_for_every_target() {
    let kinds = Kind::ALL.iter().map(|kind| Target::Resource(*kind));
    for target in kinds.chain([Target::Demand, Target::Division]) {
        let file = template(target).expect("a template");
        let inside = unpacked(&file);
        let texts: String = inside.iter().map(|(_, bytes)| text(bytes)).collect();
        assert!(texts.contains("dataValidation") || target == Target::Demand, "{target:?}");
        assert!(texts.contains("字段说明") && texts.contains('*'));
    }
}
