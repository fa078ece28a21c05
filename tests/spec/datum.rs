//! A file in another coordinate system than declared is stopped before anything is written, and says the way out; one in the
//! system declared is not. Through the command line, and through the plan that every import goes by.

use crate::cli::{Desk, counts, text};
use crate::house::House;
use bihu::domain::{Crs, Datum, GaussKruger, Kind, LonLat};
use bihu::exchange::Target;
use bihu::service::import::{Mode, Request, plan};
use bihu::spatial::crs::from_wgs84;
use bihu::spatial::geodesic::distance_m;
use bihu::store::EntryQuery;
use bihu::world::World;
use serde_json::{Value, json};
use std::fmt::Write;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/demo");

/// A shelter of the demonstration district.
#[derive(Clone)]
struct Site {
    code: String,
    name: String,
    division: String,
    address: String,
    place: LonLat,
}

fn sites(world: &World) -> Vec<Site> {
    let all = world.of_kind(bihu::domain::Audience::Staff, Kind::Shelter, None);
    all.map(|row| Site {
        code: row.value.code.clone(),
        name: row.value.name.zh.clone(),
        division: row.value.division.as_ref().map(ToString::to_string).unwrap_or_default(),
        address: row.value.address.clone().unwrap_or_default(),
        place: row.value.place.position,
    })
    .collect()
}

/// What a list of shelters says about its rows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    /// The codes that are there already.
    Codes,
    /// New codes and the names that are there already.
    Names,
    /// New codes and names, and the division.
    Divisions,
    /// New codes and names, and an address.
    Addresses,
}

fn table(sites: &[Site], crs: &Crs, told: Told) -> String {
    let mut out = "编码,名称,经度,纬度,行政区划代码,地址\n".to_owned();
    for (i, site) in sites.iter().enumerate() {
        let (x, y) = from_wgs84(crs, site.place);
        let code = if told == Told::Codes { site.code.clone() } else { format!("N-{i}") };
        let name = if told == Told::Names { site.name.clone() } else { format!("新址{i}") };
        let division = if told == Told::Divisions { site.division.as_str() } else { "" };
        let address = if told == Told::Addresses { site.address.as_str() } else { "" };
        let _ = writeln!(out, "{code},{name},{x},{y},{division},{address}");
    }
    out
}

fn request(text: String, crs: Crs) -> Request {
    Request { crs, mode: Mode::DryRun, ..Request::of("list.csv", text.into_bytes(), Target::Resource(Kind::Shelter)) }
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn sample(&mut self, sites: &[Site], n: usize) -> Vec<Site> {
        let mut all = sites.to_vec();
        (0..n).map(|_| all.swap_remove(self.below(all.len()))).collect()
    }
}

const DATUMS: [Datum; 3] = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];

#[tokio::test]
async fn wrong_datums_are_caught_in_csv_lists_of_every_sort_and_right_ones_let_through() {
    let demo = House::demo().await.app.world();
    let divisions = World::from_tables(bihu::world::Tables {
        divisions: demo.divisions().map(|row| (**row).clone()).collect(),
        ..Default::default()
    });
    let sites = sites(&demo);
    let seed = 0xC5F;
    let mut dice = Dice(seed);
    for told in [Told::Codes, Told::Names, Told::Divisions, Told::Addresses] {
        let world: &World = if matches!(told, Told::Codes | Told::Names) { &demo } else { &divisions };
        let (mut caught, mut tried) = (0, 0);
        for truth in DATUMS {
            for declared in DATUMS {
                for _ in 0..17 {
                    let n = 50 + dice.below(51);
                    let list = dice.sample(&sites, n);
                    let csv = table(&list, &truth.into(), told);
                    let report = plan(world, &request(csv, declared.into()), &[]).expect("a plan").report;
                    let check = report.datum_check.expect("a check");
                    if truth == declared {
                        assert!(!check.stop, "{told:?} {truth}: {check:?}, seed {seed:#x}");
                    } else {
                        tried += 1;
                        let way = format!("--datum {truth}");
                        caught += usize::from(check.stop && check.likely == truth.word() && check.en.contains(&way));
                    }
                }
            }
        }
        println!("{told:?}: {caught}/{tried}");
        assert!(caught * 100 >= tried * 98, "{told:?}: {caught}/{tried}, seed {seed:#x}");
    }
}

#[test]
fn a_shifted_copy_of_the_district_comes_in_in_every_system_and_a_wrong_word_is_exit_3_with_nothing_written() {
    let desk = Desk::new();
    assert_eq!(desk.import_as("wgs84", &format!("{DEMO}/divisions.geojson"), "division", &[]).0, 0);
    let plain = desk.import_as("wgs84", &format!("{DEMO}/shelters.geojson"), "shelter", &[]).1;
    let revision = plain["revision"].clone();
    let world = world_of(&desk);
    let sites = sites(&world);
    let zone = |code| Crs::GaussKruger(GaussKruger::of_epsg(code).expect("a zone"));
    for (crs, wrong) in [
        (Crs::Geographic(Datum::Gcj02), "wgs84"),
        (Crs::Geographic(Datum::Bd09), "gcj02"),
        (Crs::WGS84, "bd09"),
        (Crs::Geographic(Datum::Cgcs2000), "gcj02"),
        (Crs::WebMercator, "wgs84"),
        (zone(4549), "EPSG:4550"),
        (zone(4528), "EPSG:4549"),
    ] {
        let file = desk.file("list.csv", &table(&sites, &crs, Told::Codes));
        let (code, report) = desk.import_as(wrong, &file, "shelter", &[]);
        let check = &report["datum_check"];
        assert_eq!((code, &report["committed"], &report["revision"]), (3, &json!(false), &revision), "{report:#}");
        let named = if crs == Crs::Geographic(Datum::Cgcs2000) { "wgs84".to_owned() } else { crs.word() };
        assert_eq!((&check["likely"], &check["stop"]), (&json!(named), &json!(true)), "{check:#}");
        let (code, report) = desk.import_as(wrong, &file, "shelter", &["--dry-run"]);
        assert_eq!((code, &report["datum_check"]["judgement"]), (3, &json!("contradicted")));
        let (code, report) = desk.import_as(&crs.word(), &file, "shelter", &["--dry-run"]);
        assert_eq!((code, &report["datum_check"]["judgement"]), (0, &json!("borne_out")), "{report:#}");
    }
    let words = desk.run(&[
        "import",
        &desk.file("l.csv", &table(&sites, &Datum::Gcj02.into(), Told::Codes)),
        "--kind",
        "shelter",
        "--datum",
        "wgs84",
    ]);
    let told = text(&words.stderr);
    assert!(
        told.contains("--datum gcj02") && told.contains("--datum-confirmed") && told.contains("坐标系不符"),
        "{told}"
    );
}

fn world_of(desk: &Desk) -> World {
    let loading = async {
        let store = bihu::store::open(&desk.store()).await.expect("a store");
        let tables = store.load(None).await.expect("its tables");
        store.close().await;
        World::from_tables(tables)
    };
    tokio::runtime::Runtime::new().expect("a runtime").block_on(loading)
}

fn reasons(desk: &Desk) -> Vec<String> {
    let reading = async {
        let store = bihu::store::open(&desk.store()).await.expect("a store");
        let entries = store.entries(&EntryQuery::default(), 100_000).await.expect("the journal");
        store.close().await;
        entries.into_iter().filter_map(|entry| entry.reason).collect()
    };
    tokio::runtime::Runtime::new().expect("a runtime").block_on(reading)
}

#[test]
fn a_confirmed_datum_goes_in_and_the_journal_says_so() {
    let desk = Desk::new();
    desk.import_as("wgs84", &format!("{DEMO}/divisions.geojson"), "division", &[]);
    desk.import_as("wgs84", &format!("{DEMO}/shelters.geojson"), "shelter", &[]);
    let sites = sites(&world_of(&desk));
    let file = desk.file("list.csv", &table(&sites[..60], &Datum::Gcj02.into(), Told::Codes));
    let (code, report) = desk.import_as("wgs84", &file, "shelter", &["--datum-confirmed"]);
    assert_eq!((code, counts(&report)), (0, [60, 0, 60, 0, 0]), "{report:#}");
    assert_eq!((&report["datum_check"]["stop"], &report["datum_check"]["overridden"]), (&json!(false), &json!(true)));
    let last = reasons(&desk).pop().expect("a reason");
    assert!(last.contains("confirmed against evidence for gcj02") && last.contains("list.csv"), "{last}");
    let right = desk.file("right.csv", &table(&sites[60..], &Datum::Gcj02.into(), Told::Codes));
    assert_eq!(desk.import_as("gcj02", &right, "shelter", &["--datum-confirmed"]).0, 0);
    assert!(!reasons(&desk).pop().expect("a reason").contains("confirmed"), "there was nothing to confirm");
}

#[test]
fn demand_points_and_divisions_in_a_wrong_datum_are_stopped_too() {
    let desk = Desk::new();
    desk.import_as("wgs84", &format!("{DEMO}/divisions.geojson"), "division", &[]);
    let (code, report) = desk.import_as("gcj02", &format!("{DEMO}/demand.csv"), "demand", &[]);
    assert_eq!((code, &report["datum_check"]["likely"]), (3, &json!("wgs84")), "{}", report["datum_check"]);
    assert_eq!(desk.import_as("wgs84", &format!("{DEMO}/demand.csv"), "demand", &[]).0, 0);
    for datum in ["gcj02", "bd09"] {
        let (code, report) = desk.import_as(datum, &format!("{DEMO}/divisions.geojson"), "division", &[]);
        assert_eq!((code, &report["datum_check"]["likely"]), (3, &json!("wgs84")), "{}", report["datum_check"]);
    }
}

#[test]
fn moved_sites_and_lists_from_elsewhere_are_not_stopped() {
    let desk = Desk::new();
    desk.import_as("wgs84", &format!("{DEMO}/divisions.geojson"), "division", &[]);
    desk.import_as("wgs84", &format!("{DEMO}/shelters.geojson"), "shelter", &[]);
    let mut sites = sites(&world_of(&desk));
    sites.truncate(8);
    for (i, site) in sites.iter_mut().enumerate() {
        site.place = bihu::spatial::geodesic::travel(site.place, 45.0 * i as f64, 200.0 + 30.0 * i as f64);
    }
    let moved = desk.file("moved.csv", &table(&sites, &Crs::WGS84, Told::Codes));
    let (code, report) = desk.import_as("wgs84", &moved, "shelter", &[]);
    assert_eq!((code, &report["datum_check"]["stop"]), (0, &json!(false)), "{report:#}");
    let mut tokyo = "code,name,lon,lat\n".to_owned();
    for i in 0..100 {
        let _ = writeln!(tokyo, "JP-{i},第{i}小学校,{},{}", 139.6 + 0.002 * f64::from(i), 35.6 + 0.001 * f64::from(i));
    }
    let (code, report) = desk.import_as("wgs84", &desk.file("tokyo.csv", &tokyo), "shelter", &[]);
    assert_eq!((code, &report["datum_check"]["judgement"]), (0, &json!("not_enough_evidence")), "{report:#}");
    // Osaka lies where GCJ-02 and BD-09 would move it: a kilometre towards the district, a thousand kilometres away.
    for i in 0..1900 {
        let _ =
            writeln!(tokyo, "OS-{i},第{i}避難所,{},{}", 135.4 + 0.0002 * f64::from(i), 34.6 + 0.0001 * f64::from(i));
    }
    let (code, report) = desk.import_as("wgs84", &desk.file("japan.csv", &tokyo), "shelter", &[]);
    assert_eq!((code, &report["datum_check"]["stop"]), (0, &json!(false)), "{report:#}");
    assert_eq!(report["datum_check"]["rows_known"], 100);
}

#[test]
fn what_was_declared_is_kept_with_the_numbers_and_the_conversion() {
    let desk = Desk::new();
    let at = LonLat::new(121.2, 31.0).expect("a position");
    for (i, word) in ["gcj02", "bd09", "web_mercator", "EPSG:4549", "EPSG:4528"].into_iter().enumerate() {
        let crs = Crs::parse(word).expect("a system");
        let (x, y) = from_wgs84(&crs, at);
        let file = desk.file("one.csv", &format!("code,name,lon,lat\nS{i},甲,{x},{y}\n"));
        assert_eq!(desk.import_as(word, &file, "shelter", &[]).0, 0, "{word}");
    }
    let world = world_of(&desk);
    let all: Vec<_> = world.of_kind(bihu::domain::Audience::Staff, Kind::Shelter, None).collect();
    assert_eq!(all.len(), 5);
    for row in all {
        let declared = row.value.place.declared.as_ref().expect("kept");
        assert_eq!((declared.first, declared.second), from_wgs84(&declared.crs, at), "as given");
        assert!(distance_m(row.value.place.position, at) < 1e-3);
        let document = bihu::exchange::document::write(&row.value, bihu::domain::Audience::Staff);
        let told = &document["declared"];
        let names = if declared.crs.degrees().is_some() { ["lon", "lat"] } else { ["x", "y"] };
        assert_eq!((&told["datum"], &told[names[0]]), (&json!(declared.crs.word()), &json!(declared.first)));
        assert!(told["conversion"].as_str().expect("words").contains("WGS84"), "{told}");
        let id = Some(row.value.id.clone());
        let back = bihu::exchange::document::read(Some(Kind::Shelter), id, &document, None).expect("read back");
        assert_eq!(back.place, row.value.place);
    }
}

#[test]
fn what_was_kept_before_there_were_projections_still_reads() {
    let old = json!({"datum": "gcj02", "lon": 121.204, "lat": 30.998});
    let declared: bihu::domain::Declared = serde_json::from_value(old).expect("an old document");
    assert_eq!((declared.crs.word(), declared.first, declared.second), ("gcj02".to_owned(), 121.204, 30.998));
    let again: bihu::domain::Declared =
        serde_json::from_value(serde_json::to_value(&declared).expect("JSON")).expect("a document of today");
    assert_eq!(again, declared);
}

#[test]
fn surveyors_columns_are_read_right_whichever_way_round_and_never_in_silence() {
    let at = LonLat::new(121.2, 31.0).expect("a position");
    for word in ["EPSG:4549", "EPSG:4528"] {
        let crs = Crs::parse(word).expect("a zone");
        let (east, north) = from_wgs84(&crs, at);
        for (header, first, second, note) in [
            ("X,Y", north, east, Some("X was read as northing")),
            ("X,Y", east, north, Some("X was read as easting")),
            ("x坐标,y坐标", north, east, Some("X was read as northing")),
            ("X(m),Y(m)", north, east, Some("X was read as northing")),
            ("北坐标,东坐标", north, east, None),
            ("东坐标（米）,北坐标（米）", east, north, None),
            ("纵坐标,横坐标", north, east, None),
            ("northing,easting", north, east, None),
            ("easting,northing", north, east, Some("exchanged")),
            ("X(CGCS2000),Y(CGCS2000)", north, east, Some("X was read as northing")),
        ] {
            let text = format!("编码,名称,{header}\nS1,甲,{first},{second}\n");
            let decoded = bihu::exchange::decode(
                text.as_bytes(),
                bihu::exchange::Format::Csv,
                Target::Resource(Kind::Shelter),
                &crs,
            )
            .expect("a table");
            let draft = &decoded.drafts[0];
            assert!(draft.violations.is_empty(), "{word} {header}: {:?}", draft.violations);
            assert_eq!(draft.raw, Some((east, north)), "{word} {header}");
            let (lon, lat) = (draft.patch["lon"].as_f64().expect("lon"), draft.patch["lat"].as_f64().expect("lat"));
            assert!((lon - 121.2).abs() < 1e-9 && (lat - 31.0).abs() < 1e-9, "{word} {header}: {lon} {lat}");
            let told = draft.notes.iter().find(|n| n.contains(" / ") && n.contains("told by their size"));
            assert_eq!(
                told.map(|n| n.contains(note.unwrap_or("?"))),
                note.map(|_| true),
                "{header}: {:?}",
                draft.notes
            );
        }
    }
    // Near the equator both readings make sense.
    let text = "编码,名称,X,Y\nS1,甲,500000,600000\n";
    let crs = Crs::parse("EPSG:4549").expect("a zone");
    let target = Target::Resource(Kind::Shelter);
    let decoded = bihu::exchange::decode(text.as_bytes(), bihu::exchange::Format::Csv, target, &crs).expect("a table");
    assert_eq!(decoded.drafts[0].violations[0].reason, "ambiguous_axes");
    let named = text.replace("X,Y", "东坐标,北坐标");
    let decoded = bihu::exchange::decode(named.as_bytes(), bihu::exchange::Format::Csv, target, &crs).expect("a table");
    assert_eq!((decoded.drafts[0].raw, decoded.drafts[0].violations.len()), (Some((500_000.0, 600_000.0)), 0));
}

#[test]
fn a_local_grid_is_fitted_from_a_file_and_files_come_in_in_it() {
    let desk = Desk::new();
    let town = bihu::domain::LocalGrid {
        name: String::new(),
        central_meridian_deg: 121.466_666_67,
        // Surveyors' order: x to the north.
        coefficients: [0.0, 1.0, 0.0, 1.0, 0.0, 3_457_000.0],
        rms_m: 0.0,
    };
    let crs = Crs::Local(town);
    let mut control = "x,y,lon,lat\n".to_owned();
    for (lon, lat) in [(121.1, 31.0), (121.3, 31.05), (121.2, 30.92), (121.25, 31.1), (121.15, 31.08)] {
        let (x, y) = from_wgs84(&crs, LonLat::new(lon, lat).expect("a position"));
        let _ = writeln!(control, "{x},{y},{lon},{lat}");
    }
    let file = desk.file("control.csv", &control);
    let missing = desk.run(&["import", &file, "--kind", "shelter", "--datum", "local:shanghai"]);
    assert!(!missing.status.success() && text(&missing.stderr).contains("bihu grid fit"));
    let fitted = desk.run(&["grid", "fit", &file, "--name", "shanghai", "--central-meridian", "121.46666667"]);
    let told = text(&fitted.stdout);
    assert!(fitted.status.success() && told.contains("x runs north") && told.contains("RMS 0.0000 m"), "{told}");
    assert!(text(&desk.run(&["grid", "list"]).stdout).contains("local:shanghai"));
    let at = LonLat::new(121.22, 31.03).expect("a position");
    let (x, y) = from_wgs84(&crs, at);
    for (header, code) in [("X,Y", "S1"), ("北坐标,东坐标", "S2")] {
        let file = desk.file("list.csv", &format!("编码,名称,{header}\n{code},{code},{x},{y}\n"));
        let (exit, report) = desk.import_as("local:shanghai", &file, "shelter", &[]);
        assert_eq!(exit, 0, "{report:#}");
    }
    for row in world_of(&desk).of_kind(bihu::domain::Audience::Staff, Kind::Shelter, None) {
        assert!(distance_m(row.value.place.position, at) < 0.01, "{:?}", row.value.place);
        let declared = row.value.place.declared.as_ref().expect("kept");
        assert!(matches!(&declared.crs, Crs::Local(grid) if grid.name == "shanghai" && grid.rms_m < 1e-3));
    }
    // What is written out in the fitted grid comes back in it as the same.
    let out = desk.path("out.xlsx").display().to_string();
    for (datum, ending) in [("local:shanghai", "xlsx"), ("local:shanghai", "csv"), ("local:shanghai", "gpkg")] {
        let out = out.replace("xlsx", ending);
        let written = desk.run(&["export", "--kind", "shelter", "--out", &out, "--datum", datum]);
        assert!(written.status.success(), "{}", text(&written.stderr));
        let (exit, report) = desk.import_as(datum, &out, "shelter", &[]);
        assert_eq!((exit, &report["same"], &report["rows"]), (0, &json!(2), &json!(2)), "{ending}: {report:#}");
    }
    let line = desk.file("line.csv", "x,y,lon,lat\n0,0,121.1,31.0\n");
    let refused = desk.run(&["grid", "fit", &line, "--name", "bad"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(desk.run(&["grid", "remove", "shanghai"]).status.success());
    assert_eq!(text(&desk.run(&["grid", "list"]).stdout), "");
}

#[test]
fn a_report_says_how_each_system_fares() {
    let desk = Desk::new();
    desk.import_as("wgs84", &format!("{DEMO}/divisions.geojson"), "division", &[]);
    let (_, report) = desk.import_as("gcj02", &format!("{DEMO}/shelters.geojson"), "shelter", &["--dry-run"]);
    let check = &report["datum_check"];
    let first: &Value = &check["hypotheses"][0];
    assert_eq!((&first["datum"], &check["rows_in_division"]), (&json!("wgs84"), &json!(120)), "{check:#}");
    assert!((460.0..510.0).contains(&check["shift_m"].as_f64().expect("metres")), "{check:#}");
    assert_eq!(check["hypotheses"].as_array().expect("a list").len(), 3);
}
