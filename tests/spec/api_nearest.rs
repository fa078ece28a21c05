//! `GET /api/nearest`: its shape, its filters, its limits.

use crate::house::{House, now};
use serde_json::{Value, json};

/// The middle of the demonstration district.
const HERE: &str = "lon=121.22&lat=31.03";

fn ids(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().expect("results");
    results.iter().map(|r| r["id"].as_str().expect("an id").to_owned()).collect()
}

fn shelter(code: &str, lon: f64, lat: f64) -> Value {
    json!({"kind": "shelter", "code": code, "name": format!("测试 {code}"), "lon": lon, "lat": lat, "synthetic": true})
}

#[tokio::test]
async fn the_answer_has_the_shape_that_the_issue_fixed() {
    let house = House::demo().await;
    let answer = house.get(&format!("/api/nearest?{HERE}&k=3&explain=true")).await.json();
    for name in ["revision", "method", "complete", "datum", "origin", "results", "rejected", "rejected_total", "limits"]
    {
        assert!(!answer[name].is_null(), "{name}");
    }
    assert_eq!(answer["revision"], house.app.world().revisions().public.0);
    assert_eq!(answer["complete"], true);
    assert_eq!(answer["limits"]["k_max"], 100);
    let results = answer["results"].as_array().expect("results");
    assert_eq!(results.len(), 3);
    let names = [
        "id",
        "code",
        "kind",
        "name",
        "name_en",
        "lon",
        "lat",
        "distance_m",
        "free_places",
        "capacity",
        "capacity_quality",
        "occupancy_quality",
        "status",
        "level",
        "division",
        "division_name",
        "address",
        "lifecycle",
        "accessible",
        "pets",
        "hazards",
        "observed_at",
        "age_s",
        "certain",
        "doubts",
        "synthetic",
        "positions",
    ];
    for result in results {
        let object = result.as_object().expect("an object");
        for name in names {
            assert!(object.contains_key(name), "{name}: unknown is null, not absent");
        }
        assert_eq!(result["synthetic"], true);
        assert_eq!(result["positions"]["gcj02"].as_array().map(Vec::len), Some(2));
    }
    for rejected in answer["rejected"].as_array().expect("rejected") {
        assert!(rejected["id"].is_string() && rejected["name"].is_string() && rejected["distance_m"].is_number());
        assert!(rejected["reason"].is_string());
        assert!(rejected["sentence"]["zh"].is_string() && rejected["sentence"]["en"].is_string());
    }
}

#[tokio::test]
async fn distances_grow_and_every_closer_refusal_is_listed_only_when_asked_for() {
    let house = House::demo().await;
    let asked = format!("/api/nearest?{HERE}&k=20&party=500&hazard=flood");
    let told = house.get(&format!("{asked}&explain=true")).await.json();
    let silent = house.get(&asked).await.json();
    let sure = |a: &Value| -> Vec<f64> {
        let sure = a["results"].as_array().expect("results").iter().filter(|r| r["certain"] == true);
        sure.map(|r| r["distance_m"].as_f64().expect("metres")).collect()
    };
    assert!(sure(&told).windows(2).all(|w| w[0] <= w[1]));
    assert_eq!(told["results"], silent["results"]);
    assert_eq!(silent["rejected"], json!([]));
    assert_eq!(silent["rejected_total"], told["rejected_total"]);
    let rejected = told["rejected"].as_array().expect("rejected");
    assert_eq!(told["rejected_total"], rejected.len());
    assert!(!rejected.is_empty());
    let words = [
        "not_in_service",
        "closed",
        "full",
        "closing",
        "not_open",
        "hazard_unsuited",
        "not_enough_places",
        "need_unmet",
        "capacity_unknown",
        "hazard_unknown",
        "need_unknown",
        "status_unknown",
    ];
    assert!(rejected.iter().all(|r| words.contains(&r["reason"].as_str().expect("a reason"))));
}

#[tokio::test]
async fn what_is_asked_for_holds_of_every_sure_result() {
    let house = House::demo().await;
    let query =
        format!("/api/nearest?{HERE}&k=50&party=30&hazard=flood&needs=accessible,medical&open=true&within_m=9000");
    let answer = house.get(&query).await.json();
    let results = answer["results"].as_array().expect("results");
    assert!(!results.is_empty());
    for r in results.iter().filter(|r| r["certain"] == true) {
        assert!(r["free_places"].as_u64().expect("free places") >= 30, "{r}");
        assert!(r["hazards"].as_array().expect("hazards").contains(&json!("flood")), "{r}");
        assert_eq!(
            (&r["accessible"], &r["status"], &r["lifecycle"]),
            (&json!(true), &json!("open"), &json!("in_service"))
        );
        assert!(r["distance_m"].as_f64().expect("metres") <= 9000.0);
        let whole = house.get(&format!("/api/resources/{}", r["id"].as_str().expect("an id"))).await.json();
        assert!(whole["facilities"].as_array().expect("facilities").contains(&json!("medical")));
    }
}

#[tokio::test]
async fn free_places_are_capacity_less_what_is_taken_and_unknown_stays_unknown() {
    let house = House::empty().await;
    let mut full = shelter("A", 121.2, 31.0);
    full["capacity"] = json!(100);
    full["occupied"] = json!(30);
    full["reserved"] = json!(20);
    full["blocked"] = json!(7);
    house.create("a", &full).await;
    house.create("b", &shelter("B", 121.3, 31.0)).await;
    let answer = house.get("/api/nearest?lon=121.2&lat=31.0&party=43").await.json();
    assert_eq!(ids(&answer), ["a", "b"]);
    let [a, b] = [&answer["results"][0], &answer["results"][1]];
    assert_eq!((&a["free_places"], &a["certain"]), (&json!(43), &json!(true)));
    assert_eq!(
        (&b["free_places"], &b["capacity"], &b["capacity_quality"]),
        (&Value::Null, &Value::Null, &json!("unknown"))
    );
    assert_eq!((&b["certain"], &b["doubts"][0]["reason"]), (&json!(false), &json!("capacity_unknown")));
    let too_many = house.get("/api/nearest?lon=121.2&lat=31.0&party=44&explain=true").await.json();
    assert_eq!(ids(&too_many), ["b"]);
    assert_eq!(too_many["rejected"][0]["reason"], "not_enough_places");
}

#[tokio::test]
async fn the_unknown_is_last_or_among_the_others_or_refused_as_asked() {
    let house = House::empty().await;
    house.create("near", &shelter("N", 121.2001, 31.0)).await;
    let mut far = shelter("F", 121.25, 31.0);
    far["capacity"] = json!(50);
    house.create("far", &far).await;
    let ask = |mode: &str| format!("/api/nearest?lon=121.2&lat=31.0&party=1&k=2&explain=true&unknown={mode}");
    assert_eq!(ids(&house.get(&ask("last")).await.json()), ["far", "near"]);
    assert_eq!(ids(&house.get(&ask("include")).await.json()), ["near", "far"]);
    let without = house.get(&ask("exclude")).await.json();
    assert_eq!(ids(&without), ["far"]);
    assert_eq!(without["rejected"][0]["reason"], "capacity_unknown");
    house.get(&ask("perhaps")).await.violation(400, "unknown");
}

#[tokio::test]
async fn ties_break_by_id() {
    let house = House::empty().await;
    for id in ["c", "a", "b"] {
        house.create(id, &shelter(id, 121.5, 31.5)).await;
    }
    let answer = house.get("/api/nearest?lon=121.2&lat=31.0&k=2").await.json();
    assert_eq!(ids(&answer), ["a", "b"]);
    assert_eq!(ids(&house.get("/api/nearest?lon=121.5&lat=31.5&k=3").await.json()), ["a", "b", "c"]);
}

#[tokio::test]
async fn the_same_spot_in_another_datum_gives_the_same_answer() {
    let house = House::demo().await;
    let wgs84 = house.get(&format!("/api/nearest?{HERE}&k=4")).await.json();
    // The spot shifted by the published GCJ-02 and BD-09 formulae.
    let here = bihu::domain::LonLat::new(121.22, 31.03).expect("a position");
    for datum in [bihu::domain::Datum::Gcj02, bihu::domain::Datum::Bd09, bihu::domain::Datum::Cgcs2000] {
        let p = bihu::spatial::datum::from_wgs84(datum, here);
        let query = format!("/api/nearest?lon={}&lat={}&datum={}&k=4", p.lon(), p.lat(), datum.word());
        let answer = house.get(&query).await.json();
        assert_eq!(ids(&answer), ids(&wgs84), "{datum}");
        let moved = (answer["results"][0]["distance_m"].as_f64(), wgs84["results"][0]["distance_m"].as_f64());
        assert!((moved.0.expect("metres") - moved.1.expect("metres")).abs() < 0.5, "{datum}: {moved:?}");
        assert_eq!(answer["datum"], "wgs84");
    }
    house.get(&format!("/api/nearest?{HERE}&datum=wgs_84")).await.violation(400, "datum");
}

#[tokio::test]
async fn kinds_are_a_list_and_only_those_are_offered() {
    let house = House::demo().await;
    let answer = house.get(&format!("/api/nearest?{HERE}&k=60&kind=team,warehouse")).await.json();
    let kinds: std::collections::BTreeSet<&str> =
        answer["results"].as_array().expect("results").iter().filter_map(|r| r["kind"].as_str()).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["team", "warehouse"]);
    let wrong = house.get(&format!("/api/nearest?{HERE}&kind=team,zoo")).await.violation(400, "kind");
    assert!(wrong["en"].as_str().expect("a sentence").contains("zoo"));
}

#[tokio::test]
async fn operational_ones_are_offered_to_staff_alone() {
    let house = House::demo().await;
    let hidden: Vec<String> =
        house.app.world().resources().filter(|r| !r.value.is_public()).map(|r| r.value.id.to_string()).collect();
    assert!(hidden.len() >= 5);
    let query = format!(
        "/api/nearest?{HERE}&k=100&kind=shelter,team,site,storage_point,warehouse&explain=true&within_m=100000"
    );
    let (public, staff) = (house.get(&query).await, house.get_as_staff(&query).await);
    assert!(hidden.iter().all(|id| !public.text().contains(id.as_str())));
    assert!(hidden.iter().any(|id| staff.text().contains(id.as_str())));
}

#[tokio::test]
async fn ages_count_from_the_oldest_figure_to_now() {
    let house = House::demo().await;
    let answer = house.get(&format!("/api/nearest?{HERE}&k=1")).await.json();
    let first = &answer["results"][0];
    let seen: chrono::DateTime<chrono::Utc> =
        serde_json::from_value(first["observed_at"].clone()).expect("the demonstration has times");
    assert_eq!(first["age_s"], (now() - seen).num_seconds());
}

#[tokio::test]
async fn swapped_coordinates_are_told_so() {
    let house = House::demo().await;
    let violation = house.get("/api/nearest?lon=31.03&lat=121.22").await.violation(400, "lat");
    assert_eq!(violation["reason"], "swapped");
    assert!(violation["zh"].as_str().expect("zh").contains("写反"));
}

#[tokio::test]
async fn every_bad_parameter_is_a_400_that_names_it_and_its_limit() {
    let house = House::demo().await;
    let cases = [
        ("lon=NaN&lat=31", "lon", ""),
        ("lon=121&lat=inf", "lat", ""),
        ("lon=-infinity&lat=31", "lon", ""),
        ("lon=1e400&lat=31", "lon", ""),
        ("lon=&lat=31", "lon", ""),
        ("lat=31", "lon", ""),
        ("lon=181&lat=31", "lon", "-180…180"),
        ("lon=121&lat=-90.0001", "lat", "-90…90"),
        ("lon=121&lat=三十一", "lat", ""),
        ("lon=121,5&lat=31", "lon", ""),
        ("lon=121&lat=31&k=0", "k", "1…100"),
        ("lon=121&lat=31&k=101", "k", "1…100"),
        ("lon=121&lat=31&k=1e9", "k", "1…100"),
        ("lon=121&lat=31&k=99999999999999999999999", "k", "1…100"),
        ("lon=121&lat=31&k=-1", "k", "1…100"),
        ("lon=121&lat=31&k=2.5", "k", "1…100"),
        ("lon=121&lat=31&k=", "k", ""),
        ("lon=121&lat=31&k=five", "k", ""),
        ("lon=121&lat=31&party=0", "party", "1…1000000"),
        ("lon=121&lat=31&party=1000001", "party", "1…1000000"),
        ("lon=121&lat=31&party=", "party", ""),
        ("lon=121&lat=31&within_m=NaN", "within_m", "20037508"),
        ("lon=121&lat=31&within_m=-1", "within_m", "20037508"),
        ("lon=121&lat=31&within_m=1e400", "within_m", "20037508"),
        ("lon=121&lat=31&within_m=99999999", "within_m", "20037508"),
        ("lon=121&lat=31&open=maybe", "open", "true"),
        ("lon=121&lat=31&explain=2", "explain", "true"),
        ("lon=121&lat=31&hazard=dragon", "hazard", "flood"),
        ("lon=121&lat=31&needs=pets,pool", "needs", "accessible"),
        ("lon=121&lat=31&by=road", "by", "air"),
        ("lon=121&lat=31&radius=5", "radius", "within_m"),
        ("lon=121&lat=31&lon=122", "lon", ""),
        ("lon=121&lat=31&datum=GPS", "datum", "wgs84"),
    ];
    for (query, field, limit) in cases {
        let path = format!(
            "/api/nearest?{}",
            query.replace('三', "%E4%B8%89").replace('十', "%E5%8D%81").replace('一', "%E4%B8%80")
        );
        let violation = house.get(&path).await.violation(400, field);
        for language in ["zh", "en"] {
            let sentence = violation[language].as_str().expect("a sentence");
            assert!(sentence.contains(limit), "{query}: {sentence}");
        }
    }
}

#[tokio::test]
async fn everything_wrong_is_told_at_once() {
    let house = House::demo().await;
    let problem = house.get("/api/nearest?lon=x&k=0&party=-3&colour=red").await.problem(400);
    let fields: std::collections::BTreeSet<&str> =
        problem["violations"].as_array().expect("violations").iter().filter_map(|v| v["field"].as_str()).collect();
    assert_eq!(fields.into_iter().collect::<Vec<_>>(), ["colour", "k", "lat", "lon", "party"]);
}

#[tokio::test]
async fn poles_and_the_antimeridian_are_places_like_others() {
    let house = House::demo().await;
    for query in ["lon=0&lat=90", "lon=180&lat=-90", "lon=-180&lat=0", "lon=180&lat=0"] {
        let answer = house.get(&format!("/api/nearest?{query}&k=2")).await.json();
        assert_eq!(answer["results"].as_array().map(Vec::len), Some(2), "{query}");
    }
}

#[tokio::test]
async fn an_empty_store_answers_with_nothing() {
    let house = House::empty().await;
    let answer = house.get("/api/nearest?lon=121&lat=31&explain=true").await.json();
    assert_eq!((&answer["results"], &answer["rejected"]), (&json!([]), &json!([])));
    assert_eq!(answer["complete"], true);
}
