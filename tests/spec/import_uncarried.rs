//! What a format can not carry comes back as unchanged, and what was really changed in it as a change.

use crate::house::House;
use bihu::domain::{Actor, Crs, Kind, Role};
use bihu::exchange::Target;
use bihu::service::import::{self, Report, Request};
use serde_json::json;

const ID: &str = "shelter-T-1";

fn admin() -> Actor {
    Actor { name: "tester".to_owned(), role: Role::Admin, scope: None }
}

async fn house() -> House {
    let house = House::empty().await;
    let ring = [[121.2, 31.0], [121.201, 31.0], [121.201, 31.001], [121.2, 31.001], [121.2, 31.0]];
    // 254 bytes end within a character, and the text is longer than that by much.
    let address = format!("a{}", "长".repeat(150));
    let body = json!({"kind": "shelter", "code": "T-1", "name": "大操场", "address": address, "lon": 121.2005,
        "lat": 31.0005, "geometry": {"type": "Polygon", "coordinates": [ring]}});
    house.create(ID, &body).await;
    house
}

async fn exported(house: &House, ending: &str) -> Vec<u8> {
    let answer = house.get_as_staff(&format!("/api/export/shelters.{ending}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.bytes.to_vec()
}

async fn taken(house: &House, file: &str, bytes: Vec<u8>, crs: Crs) -> Report {
    let request = Request { crs, ..Request::of(file, bytes, Target::Resource(Kind::Shelter)) };
    import::run(&house.app, &admin(), request, &|_| {}).await.expect("a report")
}

fn counts(report: &Report) -> [usize; 4] {
    [report.new, report.changed, report.same, report.refused]
}

#[tokio::test]
async fn an_area_stays_when_a_gpx_comes_back_with_its_point_and_goes_when_the_point_moved() {
    let house = house().await;
    let gpx = exported(&house, "gpx").await;
    let report = taken(&house, "a.gpx", gpx.clone(), Crs::WGS84).await;
    assert_eq!(counts(&report), [0, 0, 1, 0], "{:?}", report.notes);
    assert!(report.notes.iter().any(|n| n.contains("GPX 不能带面") && n.ends_with("×1")), "{:?}", report.notes);
    // Another name is a change, and the area is there still.
    let renamed = String::from_utf8(gpx.clone()).expect("UTF-8").replace("大操场", "小操场");
    assert_eq!(counts(&taken(&house, "a.gpx", renamed.into_bytes(), Crs::WGS84).await), [0, 1, 0, 0]);
    let now = house.get_as_staff(&format!("/api/resources/{ID}")).await.json();
    assert_eq!((&now["name"], &now["geometry"]["type"]), (&json!("小操场"), &json!("Polygon")));
    let moved = String::from_utf8(gpx).expect("UTF-8").replace("121.2005", "121.2105");
    assert_eq!(counts(&taken(&house, "a.gpx", moved.into_bytes(), Crs::WGS84).await), [0, 1, 0, 0]);
    let now = house.get_as_staff(&format!("/api/resources/{ID}")).await.json();
    assert_eq!((&now["lon"], &now["geometry"]["type"]), (&json!(121.2105), &serde_json::Value::Null));
}

#[tokio::test]
async fn a_text_that_a_shapefile_had_to_cut_stays_whole_and_another_text_is_a_change() {
    let house = house().await;
    let zip = exported(&house, "shp.zip").await;
    let report = taken(&house, "a.zip", zip.clone(), Crs::WGS84).await;
    assert_eq!(counts(&report), [0, 0, 1, 0], "{:?}", report.notes);
    assert!(report.notes.iter().any(|n| n.contains("254 字节") && n.ends_with("×1")), "{:?}", report.notes);
    let whole = house.get_as_staff(&format!("/api/resources/{ID}")).await;
    let tag = whole.header("etag").to_owned();
    let bearer = house.bearer();
    let asked = [("authorization", bearer.as_str()), ("if-match", tag.as_str())];
    let other = json!({"address": "短".repeat(120)});
    house.call(axum::http::Method::PATCH, &format!("/api/resources/{ID}"), &asked, Some(&other)).await.json();
    assert_eq!(counts(&taken(&house, "a.zip", zip, Crs::WGS84).await), [0, 1, 0, 0]);
}
