//! Ages and confidence: the formula, its settings, who rests on old data.

use crate::house::{House, now};
use axum::http::Method;
use bihu::analysis::freshness::{Rule, least, seen, touched};
use bihu::domain::{Fault, Field, Population, Resource, Role};
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};

const ONE: &str = "shelter-SJ-BN-0001";

proptest! {
    #[test]
    fn confidence_never_grows_with_age_or_with_reports_and_stays_between_nothing_and_one(
        field in prop::sample::select(Field::ALL), age in 0_i64..4_000_000_000, more in 0_i64..4_000_000_000,
        reports in 0_usize..30, factor in 0.0..=1.0_f64, floor in 0.0..=1.0_f64, days in 0.0007..36_500.0_f64,
    ) {
        let rule = Rule { half_life_days: [(field, days)].into(), report_factor: factor, report_floor: floor };
        let young = rule.confidence(field, age, reports);
        prop_assert!((0.0..=1.0).contains(&young));
        prop_assert!(rule.confidence(field, age + more, reports) <= young);
        prop_assert!(rule.confidence(field, age, reports + 1) <= young);
        prop_assert!(rule.confidence(field, age, reports) >= floor * rule.confidence(field, age, 0));
        prop_assert_eq!(rule.confidence(field, 0, 0), 1.0);
        prop_assert!((rule.confidence(field, (days * 86_400.0) as i64, 0) - 0.5).abs() < 0.01);
    }
}

#[tokio::test]
async fn what_was_never_observed_has_no_confidence_which_is_not_zero() {
    let house = House::empty().await;
    house
        .create("s", &json!({"kind": "shelter", "code": "T", "name": "测试", "lon": 1, "lat": 1, "capacity": 5}))
        .await;
    let world = house.app.world();
    let row = world.resources().next().expect("it is there").clone();
    let unseen = Resource { observations: Default::default(), ..(*row.value).clone() };
    let all = seen(&unseen, &[vec![Fault::Other]], &Rule::default(), now());
    assert!(all.iter().all(|s| s.confidence.is_none() && s.age_s.is_none() && s.reports == 1));
    assert_eq!(least(&all), None);
    let fields: Vec<Field> = all.iter().map(|s| s.field).collect();
    assert_eq!(fields, [Field::Record, Field::Position, Field::Capacity], "nothing is said of what nobody has said");
    assert!(Fault::ALL.iter().all(|fault| !touched(*fault).is_empty()));
}

#[tokio::test]
async fn nearest_and_the_document_carry_confidence_beside_ages() {
    let house = House::demo().await;
    let offer = house.get("/api/nearest?lon=121.1944&lat=31.0331&k=1").await.json()["results"][0].clone();
    assert_eq!(offer["id"], ONE);
    let confidence = offer["confidence"].as_f64().expect("a number");
    assert!((0.0..=1.0).contains(&confidence) && offer["observed_at"].is_string(), "{offer}");
    assert_eq!(offer["open_reports"], 0);
    assert!(offer["confidences"].get("contacts").is_none());
    let path = format!("/api/resources/{ONE}");
    let plain = house.get(&path).await;
    assert!(plain.json().get("freshness").is_none(), "ages would break the tag");
    let aged = house.get(&format!("{path}?freshness=true")).await;
    assert_eq!(aged.header("cache-control"), "no-store");
    assert_eq!(aged.header("etag"), format!("W/{}", plain.header("etag")));
    let of = aged.json()["freshness"].clone();
    assert_eq!(of["confidence"], offer["confidence"]);
    assert_eq!(of["fields"]["capacity"]["half_life_days"], 365.0);
    assert!(of["fields"].get("contacts").is_none() && !of.to_string().contains("verifier"));
    let staff = house.get_as_staff(&format!("{path}?freshness=true")).await.json()["freshness"].clone();
    assert_eq!(staff["fields"]["contacts"]["half_life_days"], 180.0);
    assert_eq!(staff["fields"]["record"]["verifier"], "演示核验员07");
    assert_eq!(staff["fields"]["record"]["source"], "shelters.geojson", "an import leaves the name of its file");
    house.patch(ONE, &json!({"occupied": 9})).await.json();
    let fresh = house.get_as_staff(&format!("{path}?freshness=true")).await.json()["freshness"].clone();
    assert_eq!(fresh["fields"]["occupancy"]["confidence"], 1.0);
    assert_eq!(fresh["fields"]["occupancy"]["verifier"], "chief");
    assert!(fresh["fields"]["occupancy"].get("source").is_none(), "an edit comes from no file");
}

#[tokio::test]
async fn settings_are_versioned_checked_and_hold_at_once() {
    let house = House::demo().await;
    let read = house.get("/api/settings/freshness").await;
    assert_eq!((read.header("etag"), &read.json()["half_life_days"]["position"]), ("\"v0\"", &json!(1095.0)));
    assert_eq!(read.json()["report_due_days"]["closed"], 1.0);
    let body = json!({"half_life_days": {"status": 2}, "report_factor": 0.25, "report_due_days": {"moved": 10},
        "report_due_days_by_division": {"310117003000": 0.5}});
    let put = async |token: &str, version: &str, body: &Value| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("if-match", version)];
        house.call(Method::PUT, "/api/settings/freshness", &headers, Some(body)).await
    };
    house.call(Method::PUT, "/api/settings/freshness", &[("if-match", "\"v0\"")], Some(&body)).await.problem(401);
    let editor = house.token("editor", Role::Editor, None).await;
    let town = house.token("town", Role::Steward, Some("310117003")).await;
    put(&editor, "\"v0\"", &body).await.problem(403);
    put(&town, "\"v0\"", &body).await.problem(403);
    let kept = put(&house.admin, "\"v0\"", &body).await;
    assert_eq!((kept.status.as_u16(), kept.header("etag")), (200, "\"v1\""));
    assert_eq!(kept.json()["half_life_days"]["capacity"], 365.0, "what is left out takes its default");
    put(&house.admin, "\"v0\"", &body).await.problem(409);
    let wrong = json!({"half_life_days": {"status": 0, "stock": 1e9}, "report_factor": 2, "report_due_days": {"other": -1},
        "report_due_days_by_division": {"31": 1}});
    let refused = put(&house.admin, "\"v1\"", &wrong).await;
    for field in [
        "half_life_days.status",
        "half_life_days.stock",
        "report_factor",
        "report_due_days.other",
        "report_due_days_by_division.31",
    ] {
        refused.violation(422, field);
    }
    let unknown = put(&house.admin, "\"v1\"", &json!({"half_life_days": {"colour": 1}})).await;
    let told = unknown.violation(422, "half_life_days.colour");
    assert!(told["en"].as_str().is_some_and(|en| en.contains("readiness")), "the choices are named: {told}");
    put(&house.admin, "\"v1\"", &json!({"half_lives": {}})).await.violation(422, "half_lives");
    put(&house.admin, "x", &body).await.violation(400, "If-Match");
    let due =
        house.post("/api/corrections", &json!({"resource": ONE, "fault": "moved", "message": "搬了"})).await.json();
    assert_eq!(due["due_at"], json!(now() + TimeDelta::hours(12)), "the division's deadline is the shorter one");
    let neighbour = house.neighbour().await;
    assert_eq!(
        neighbour.get("/api/settings/freshness").await.json(),
        house.get("/api/settings/freshness").await.json()
    );
}

#[tokio::test]
async fn whom_to_call_is_ordered_by_the_people_who_rest_on_it() {
    let house = House::demo().await;
    let told = house.get_as_staff("/api/freshness?older_than_days=3&kind=shelter&limit=1000").await.json();
    let calls = told["calls"].as_array().expect("calls").clone();
    assert!(calls.len() > 10, "{told}");
    let people: Vec<f64> = calls.iter().map(|call| call["people_affected"].as_f64().expect("people")).collect();
    assert!(people.is_sorted_by(|a, b| a >= b), "{people:?}");
    for call in &calls {
        let age_s = call["oldest"]["age_s"].as_i64();
        assert!(age_s.is_none_or(|age| age > 3 * 86_400), "{call}");
        assert!(call["contacts"].is_array());
    }
    let summary = &told["summary"][0];
    assert_eq!((&summary["kind"], &summary["stale"]), (&json!("shelter"), &told["calls_total"]));
    let settled: Population = house.app.world().settled().iter().map(|point| point.population).sum();
    assert_eq!(told["people_total"].as_f64(), Some(settled.as_f64()));
    let public = house.get("/api/freshness?older_than_days=3&limit=1000").await;
    assert_eq!(public.header("cache-control"), "no-store");
    let public_calls = public.json()["calls"].clone();
    assert!(
        public_calls.as_array().is_some_and(|calls| calls.len() > 10) && !public_calls.to_string().contains("contacts")
    );
    let world = house.app.world();
    for row in world.resources().filter(|row| !row.value.is_public()) {
        assert!(!public.text().contains(row.value.id.as_str()));
    }
    let fresh = house.get_as_staff("/api/freshness?older_than_days=36500").await.json();
    let observed = |call: &&Value| call["oldest"]["observed_at"].is_string();
    assert!(fresh["calls"].as_array().is_some_and(|calls| calls.iter().all(|call| !observed(&call))));
    let town = house.get_as_staff("/api/freshness?division=310117003&kind=shelter").await.json();
    assert!(town["summary"][0]["resources"].as_u64() < summary["resources"].as_u64());
    house.get("/api/freshness?older_than_days=-1").await.violation(400, "older_than_days");
    house.get("/api/freshness?kind=castle").await.violation(400, "kind");
}

#[tokio::test]
async fn people_go_to_the_nearest_that_could_serve_as_the_slow_way_says_too() {
    let house = House::demo().await;
    let people = bihu::service::freshness::people(&house.app, bihu::domain::Audience::Staff).await.expect("people");
    let world = house.app.world();
    let serving: Vec<_> = world
        .resources()
        .filter(|row| row.value.shelter().is_some())
        .filter(|row| {
            let verdict = bihu::analysis::serving::judge(&row.value, &bihu::analysis::serving::Asked::default());
            !matches!(verdict, bihu::analysis::serving::Verdict::Refused(_))
        })
        .collect();
    let mut slow = std::collections::HashMap::new();
    for point in world.settled().iter().step_by(40) {
        let away = |row: &bihu::world::Kept<Resource>| {
            bihu::spatial::index::distance_to_place_m(point.position, &row.value.place)
        };
        let nearest =
            serving.iter().min_by(|a, b| away(a).total_cmp(&away(b)).then_with(|| a.value.id.cmp(&b.value.id)));
        *slow.entry(nearest.expect("one").value.id.clone()).or_insert(Population::ZERO) += point.population;
    }
    for (id, some) in slow {
        assert!(people.nearest.get(&id).is_some_and(|all| *all >= some), "{id}");
    }
    let all: Population = people.nearest.values().copied().sum();
    assert_eq!(all + people.without, people.total);
}
