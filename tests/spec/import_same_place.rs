//! What was exported in another coordinate system, or by a format with little room, comes back as the same.

use crate::house::House;
use bihu::domain::{Actor, Crs, Kind, Role};
use bihu::exchange::Target;
use bihu::service::datum::DatumCheck;
use bihu::service::import::{self, Mode, Report, Request};
use serde_json::json;

async fn taken(house: &House, (layer, target): (&str, Target), (ending, crs): (&str, &Crs)) -> Report {
    let path = format!("/api/export/{layer}.{ending}?datum={}", crs.word());
    let answer = house.get_as_staff(&path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let request =
        Request { crs: crs.clone(), ..Request::of(format!("{layer}.{ending}"), answer.bytes.to_vec(), target) };
    let actor = Actor { name: "tester".to_owned(), role: Role::Admin, scope: None };
    import::run(&house.app, &actor, request, &|_| {}).await.expect("a report")
}

fn assert_all_the_same(report: &Report, what: &str) {
    let counts = [report.new, report.changed, report.refused];
    assert!(counts == [0; 3] && report.same > 0, "{what}: {counts:?} {:?}", report.refused_rows.first());
}

#[tokio::test]
async fn teams_divisions_and_demand_exported_in_another_system_come_back_as_the_same() {
    let house = House::demo().await;
    let before = house.revision();
    let layers = [("teams", Target::Resource(Kind::Team)), ("divisions", Target::Division), ("demand", Target::Demand)];
    for word in ["gcj02", "bd09", "web_mercator", "EPSG:4549", "EPSG:4528"] {
        let crs = Crs::parse(word).expect("a system");
        for layer in layers {
            let report = taken(&house, layer, ("csv", &crs)).await;
            assert_all_the_same(&report, &format!("{} in {word}", layer.0));
        }
    }
    assert_eq!(house.revision(), before, "nothing is written");
}

#[tokio::test]
async fn divisions_come_back_as_the_same_from_formats_with_little_room() {
    let house = House::demo().await;
    let before = house.revision();
    // The outline's source is longer than a Shapefile's text, and a waypoint is no area.
    for ending in ["shp.zip", "gpx"] {
        assert_all_the_same(&taken(&house, ("divisions", Target::Division), (ending, &Crs::WGS84)).await, ending);
    }
    assert_eq!(house.revision(), before, "nothing is written");
}

#[tokio::test]
async fn a_waypoint_for_a_division_that_has_no_area_is_refused_for_what_it_is() {
    let house = House::empty().await;
    let text = r#"<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="31.0" lon="121.2"><name>甲镇</name>
        <extensions><code xmlns="urn:bihu:gpx:1">310117999000</code></extensions></wpt></gpx>"#;
    let request = Request::of("a.gpx", text.as_bytes(), Target::Division);
    let report = import::plan(&house.app.world(), &request, &[]).expect("a plan").report;
    let wrong: Vec<_> = report.refused_rows.iter().flat_map(|row| &row.violations).map(|v| v.field.as_str()).collect();
    assert_eq!(wrong, ["geometry"], "and not for columns that its author never wrote");
}

#[tokio::test]
async fn a_row_whose_code_says_nothing_is_the_one_that_its_id_names() {
    let house = House::empty().await;
    let body = json!({"kind": "shelter", "code": "N/A", "name": "不详", "lon": 121.2, "lat": 31.0});
    house.create("shelter-X", &body).await;
    for ending in ["geojson", "csv", "xlsx"] {
        let layer = ("shelters", Target::Resource(Kind::Shelter));
        assert_all_the_same(&taken(&house, layer, (ending, &Crs::WGS84)).await, ending);
    }
    let kept = house.get_as_staff("/api/resources/shelter-X").await.json();
    assert_eq!(kept["code"], "N/A", "the code stays");
}

#[tokio::test]
async fn half_a_position_is_refused_and_not_put_together_with_half_of_what_stands() {
    let house = House::empty().await;
    house.create("shelter-A", &json!({"kind": "shelter", "code": "A", "name": "甲", "lon": 121.2, "lat": 31.0})).await;
    for (word, row) in [("gcj02", "A,甲,,31.0021"), ("wgs84", "A,甲,NaN,31.0021"), ("bd09", "A,甲,121.21,不详")] {
        let request = Request {
            file: "a.csv".to_owned(),
            bytes: format!("编码,名称,经度,纬度\n{row}\n").as_bytes().into(),
            target: Target::Resource(Kind::Shelter),
            crs: Crs::parse(word).expect("a system"),
            layer: None,
            columns: None,
            observed_at: None,
            mode: Mode::Commit,
            confirmed: DatumCheck::Confirmed,
        };
        let report = import::plan(&house.app.world(), &request, &[]).expect("a plan").report;
        let wrong: Vec<_> = report.refused_rows.iter().map(|row| (row.field.as_str(), row.reason.as_str())).collect();
        let missing = if word == "bd09" { "lat" } else { "lon" };
        assert_eq!(wrong, [(missing, "missing")], "{word} {row}");
    }
}
