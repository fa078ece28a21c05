//! When things were seen: a write makes nothing fresh but what it names or changes.

use crate::house::{House, now};
use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

const EARLY: &str = "2026-01-01T00:00:00Z";

async fn house_seen_early() -> House {
    let house = House::empty().await;
    let body = json!({
        "kind": "shelter", "code": "T-1", "name": "测试", "lon": 121.2, "lat": 31.0, "capacity": 100, "status": "open",
        "hazards": ["flood"], "occupied": 3, "observed_at": EARLY, "verifier": "甲", "synthetic": true,
    });
    house.create("one", &body).await;
    house
}

fn time(value: &Value) -> DateTime<Utc> {
    serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{e}: {value}"))
}

#[tokio::test]
async fn a_new_record_is_seen_when_it_says_or_else_now() {
    let house = house_seen_early().await;
    let told = house.get_as_staff("/api/resources/one").await.json();
    assert_eq!((&told["observed_at"], &told["observed"]), (&json!(EARLY), &json!({"record": EARLY})));
    let body = json!({"kind": "site", "code": "T-2", "name": "测试", "lon": 121.2, "lat": 31.0});
    let untold = house.create("two", &body).await.json();
    assert_eq!((time(&untold["observed_at"]), &untold["verifier"]), (now(), &json!("chief")));
}

#[tokio::test]
async fn patching_the_status_stamps_only_the_status() {
    let house = house_seen_early().await;
    let patched = house.patch("one", &json!({"status": "full"})).await.json();
    assert_eq!(time(&patched["observed"]["status"]), now());
    assert_eq!(patched["observed"]["record"], EARLY);
    assert_eq!(patched["observed"].as_object().map(serde_json::Map::len), Some(2), "{patched}");
    assert_eq!(patched["observed_at"], EARLY);
    let offered = house.get("/api/nearest?lon=121.2&lat=31&explain=true").await;
    assert_eq!(offered.json()["results"], json!([]));
}

#[tokio::test]
async fn an_answer_is_as_old_as_the_oldest_figure_it_rests_on() {
    let house = house_seen_early().await;
    house.patch("one", &json!({"status": "open"})).await.json();
    let answer = house.get("/api/nearest?lon=121.2&lat=31").await.json();
    assert_eq!(answer["results"][0]["observed_at"], EARLY, "a fresh status does not make an old capacity fresh");
}

#[tokio::test]
async fn naming_the_same_value_again_confirms_it() {
    let house = house_seen_early().await;
    let told = json!({"occupied": 3, "observed_at": "2026-02-01T08:00:00+08:00", "verifier": "乙"});
    let patched = house.patch("one", &told).await;
    assert_eq!(patched.header("etag"), "\"r2\"");
    assert_eq!(patched.json()["observed"]["occupancy"], "2026-02-01T00:00:00Z");
    assert_eq!(patched.json()["observed_at"], EARLY);
}

#[tokio::test]
async fn a_new_name_does_not_make_old_figures_fresh() {
    let house = house_seen_early().await;
    let renamed = house.patch("one", &json!({"name": "新名"})).await.json();
    assert_eq!(time(&renamed["observed_at"]), now());
    for group in ["capacity", "status", "occupancy", "position"] {
        assert_eq!(renamed["observed"][group], EARLY, "{group}");
    }
    let answer = house.get("/api/nearest?lon=121.2&lat=31").await.json();
    assert_eq!(answer["results"][0]["observed_at"], EARLY);
}

#[tokio::test]
async fn a_time_alone_confirms_the_whole_record() {
    let house = house_seen_early().await;
    house.patch("one", &json!({"status": "open", "observed_at": "2026-01-15T00:00:00Z"})).await.json();
    let confirmed = house.patch("one", &json!({"observed_at": "2026-02-01T00:00:00Z"})).await.json();
    assert_eq!(confirmed["observed"], json!({"record": "2026-02-01T00:00:00Z"}));
    let answer = house.get("/api/nearest?lon=121.2&lat=31").await.json();
    assert_eq!(answer["results"][0]["observed_at"], "2026-02-01T00:00:00Z");
}

#[tokio::test]
async fn a_verifier_alone_corrects_who_vouches_and_not_when() {
    let house = house_seen_early().await;
    let signed = house.patch("one", &json!({"verifier": "丙"})).await.json();
    assert_eq!((&signed["verifier"], &signed["observed_at"]), (&json!("丙"), &json!(EARLY)));
}

#[tokio::test]
async fn a_put_stamps_what_differs_with_now_though_it_repeats_the_old_time() {
    let house = house_seen_early().await;
    let mut whole = house.get_as_staff("/api/resources/one").await.json();
    whole["status"] = json!("full");
    let written = house.write(Method::PUT, "one", &[("if-match", "*")], Some(&whole)).await.json();
    assert_eq!(time(&written["observed"]["status"]), now());
    assert_eq!(written["observed"]["record"], EARLY);
    whole["observed_at"] = json!("2026-03-01T00:00:00Z");
    let written = house.write(Method::PUT, "one", &[("if-match", "*")], Some(&whole)).await.json();
    assert_eq!(written["observed"]["record"], "2026-03-01T00:00:00Z", "a time of its own is about all of it");
}

#[tokio::test]
async fn nobody_has_seen_the_future() {
    let house = house_seen_early().await;
    let soon = (now() + TimeDelta::minutes(9)).to_rfc3339();
    assert_eq!(house.patch("one", &json!({"status": "open", "observed_at": soon})).await.status, 200);
    let later = (now() + TimeDelta::minutes(11)).to_rfc3339();
    for bad in [
        later.as_str(),
        "2126-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "yesterday",
    ] {
        house.patch("one", &json!({"status": "open", "observed_at": bad})).await.violation(422, "observed_at");
    }
    for bad in [json!(1_700_000_000), json!({}), json!(true)] {
        house.patch("one", &json!({"observed_at": bad})).await.violation(422, "observed_at");
    }
    let team = json!({
        "kind": "team", "code": "T-3", "name": "测试", "lon": 121.2, "lat": 31.0,
        "current": {"lon": 121.3, "lat": 31.0, "observed_at": later},
    });
    let refused = house.write(Method::PUT, "team", &[("if-none-match", "*")], Some(&team)).await;
    refused.violation(422, "current.observed_at");
}
