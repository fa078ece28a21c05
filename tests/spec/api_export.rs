//! `/api/export` and `/api/templates`: who gets what, under which name, and what is refused.

use crate::house::{Answer, House};
use axum::http::Method;
use bihu::domain::Role;
use bihu::exchange::FileFormat;
use serde_json::{Value, json};

fn rows(answer: &Answer) -> usize {
    answer.header("bihu-rows").parse().expect("a number of rows")
}

fn features(answer: &Answer) -> Vec<Value> {
    answer.json()["features"].as_array().cloned().expect("features")
}

#[tokio::test]
async fn every_layer_goes_out_in_every_format_under_a_chinese_name() {
    let house = House::demo().await;
    for layer in ["shelters", "warehouses", "storage_points", "teams", "sites", "divisions", "demand"] {
        for format in FileFormat::ALL {
            let answer = house.get_as_staff(&format!("/api/export/{layer}.{}", format.word())).await;
            assert_eq!(answer.status.as_u16(), 200, "{layer}.{format}: {}", answer.text());
            assert_eq!(answer.header("content-type"), format.media());
            let disposition = answer.header("content-disposition");
            let kept = if *format == FileFormat::Html { "inline" } else { "attachment" };
            let ascii = format!("{kept}; filename=\"{layer}_20261130.{format}\"; filename*=UTF-8''%");
            assert!(disposition.starts_with(&ascii), "{disposition}");
            assert!(rows(&answer) > 0 && !answer.bytes.is_empty());
        }
    }
    let answer = house.get_as_staff("/api/export/shelters.xlsx").await;
    let name = "%E5%BA%94%E6%80%A5%E9%81%BF%E9%9A%BE%E5%9C%BA%E6%89%80_20261130.xlsx";
    assert!(answer.header("content-disposition").ends_with(name), "{}", answer.header("content-disposition"));
}

#[tokio::test]
async fn the_public_gets_no_contacts_no_remarks_and_no_internal_rows() {
    let house = House::demo().await;
    for layer in ["shelters", "warehouses", "storage_points", "teams", "sites"] {
        let path = format!("/api/export/{layer}.geojson");
        let (public, staff) = (house.get(&path).await, house.get_as_staff(&path).await);
        assert!(rows(&public) <= rows(&staff));
        for feature in features(&public) {
            assert_eq!(feature["properties"]["visibility"], "public", "{layer}");
            for hidden in ["contacts", "remarks", "verifier"] {
                assert!(feature["properties"].get(hidden).is_none(), "{layer} {hidden}");
            }
        }
        assert!(features(&staff).iter().any(|f| f["properties"].get("contacts").is_some()), "{layer}");
    }
    let reporter = house.token("reporter", Role::Reporter, None).await;
    let headers = [("authorization", format!("Bearer {reporter}"))];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let answer = house.call(Method::GET, "/api/export/shelters.csv", &headers, None).await;
    assert!(answer.text().contains("contacts"));
}

#[tokio::test]
async fn a_selection_is_taken_and_told() {
    let house = House::demo().await;
    let all = features(&house.get_as_staff("/api/export/shelters.geojson").await);
    let count = |fits: &dyn Fn(&Value) -> bool| all.iter().filter(|f| fits(f)).count();
    let ask = async |query: &str| {
        let answer = house.get_as_staff(&format!("/api/export/shelters.geojson?{query}")).await;
        features(&answer).len()
    };
    let of = |name: &'static str, value: &'static str| move |f: &Value| f["properties"][name] == value;
    assert_eq!(ask("status=open").await, count(&of("status", "open")));
    assert_eq!(ask("level=town").await, count(&of("level", "town")));
    assert_eq!(ask("lifecycle=in_service").await, count(&of("lifecycle", "in_service")));
    let below = |f: &Value| f["properties"]["division"].as_str().is_some_and(|d| d.starts_with("310117003"));
    assert_eq!(ask("division=310117003").await, count(&below));
    assert!(ask("division=310117003").await > 0);
    let named = |f: &Value| f["properties"]["name"].as_str().is_some_and(|n| n.contains("方松"));
    assert_eq!(ask("q=%E6%96%B9%E6%9D%BE").await, count(&named));
    assert_eq!(ask("bbox=0,0,1,1").await, 0);
    assert_eq!(ask("bbox=121,30,122,32").await, all.len());
    assert!(ask("bbox=121.2,31.0,121.25,31.05&level=town").await < all.len());
    let page = house.get_as_staff("/api/export/shelters.html?division=310117003&status=open").await;
    assert!(page.text().contains("筛选 / selection：division=310117003000；status=open（已开放）"));
}

#[tokio::test]
async fn a_file_in_gcj02_is_shifted_and_told_beside_it_too() {
    let house = House::demo().await;
    let native = features(&house.get("/api/export/sites.geojson").await);
    let answer = house.get("/api/export/sites.geojson?datum=gcj02").await;
    assert!(answer.header("bihu-losses").contains("gcj02"));
    assert!(answer.header("content-disposition").contains("sites_gcj02_"));
    for (one, two) in native.iter().zip(&features(&answer)) {
        let lon = |f: &Value| f["geometry"]["coordinates"][0].as_f64().expect("a longitude");
        assert!((0.003..0.006).contains(&(lon(two) - lon(one))), "{}", lon(two) - lon(one));
    }
    let refused = house.get("/api/export/sites.kml?datum=gcj02").await;
    assert_eq!(refused.violation(422, "datum")["reason"], "not_carried");
}

#[tokio::test]
async fn who_has_the_file_is_not_sent_it_again() {
    let house = House::demo().await;
    let path = "/api/export/teams.csv";
    let first = house.get(path).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\"p"), "{tag}");
    let again = house.call(Method::GET, path, &[("if-none-match", &tag)], None).await;
    assert_eq!(again.status.as_u16(), 304);
    let bearer = house.bearer();
    let staff = [("if-none-match", tag.as_str()), ("authorization", bearer.as_str())];
    assert_eq!(house.call(Method::GET, path, &staff, None).await.status.as_u16(), 200);
}

#[tokio::test]
async fn what_does_not_exist_is_refused_by_name() {
    let house = House::demo().await;
    for name in ["shelters.exe", "shelters", "caves.csv", "gap.geojson", "shelter.csv"] {
        house.get(&format!("/api/export/{name}")).await.problem(404);
    }
    assert_eq!(
        house.get("/api/export/shelters.csv?datum=mars").await.violation(400, "datum")["reason"],
        "unknown_datum"
    );
    house.get("/api/export/shelters.csv?status=sleepy").await.violation(400, "status");
    house.get("/api/export/shelters.csv?division=12").await.violation(400, "division");
    house.get("/api/export/shelters.csv?bbox=1,2").await.violation(400, "bbox");
    house.get("/api/export/shelters.csv?colour=red").await.violation(400, "colour");
    let wrong = house.get("/api/export/teams.csv?status=open").await;
    assert_eq!(wrong.violation(422, "status")["reason"], "not_of_this_layer");
}

#[tokio::test]
async fn templates_are_there_for_every_kind() {
    let house = House::empty().await;
    for kind in ["shelter", "warehouse", "storage_point", "team", "site", "demand", "division"] {
        let answer = house.get(&format!("/api/templates/{kind}.xlsx")).await;
        assert_eq!(answer.status.as_u16(), 200);
        assert!(answer.bytes.starts_with(b"PK"));
        assert!(
            answer.header("content-disposition").starts_with(&format!("attachment; filename=\"{kind}_template.xlsx\""))
        );
    }
    house.get("/api/templates/shelter.csv").await.problem(404);
    house.get("/api/templates/cave.xlsx").await.problem(404);
}

#[tokio::test]
async fn what_the_public_is_not_told_of_is_no_loss_of_its_file() {
    let house = House::empty().await;
    house.create("s", &json!({"kind": "shelter", "code": "T", "name": "测试", "lon": 121.2, "lat": 31.0})).await;
    let before = house.get("/api/export/shelters.geojson").await;
    house.patch("s", &json!({"contacts": [{"name": "甲", "phone": "1"}]})).await.json();
    let after = house.get("/api/export/shelters.geojson").await;
    assert_eq!((after.header("etag"), after.text()), (before.header("etag"), before.text()));
    let staff = house.get_as_staff("/api/export/shelters.geojson").await.text();
    assert_ne!(staff, after.text());
}
