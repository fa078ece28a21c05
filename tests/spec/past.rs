//! `as_of`: answers from the past, and what of it the public may know.

use crate::house::House;
use axum::http::Method;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};

fn shelter(code: &str, visibility: &str) -> Value {
    json!({
        "kind": "shelter", "code": code, "name": format!("测试 {code}"), "lon": 121.2, "lat": 31.0, "level": "village",
        "division": "310117102000", "capacity": 100, "status": "open", "visibility": visibility, "synthetic": true,
    })
}

/// Returns the names of what each kind of read tells, as the public or as staff.
async fn told(house: &House, staff: bool, as_of: &str) -> Vec<Vec<String>> {
    let get = async |path: String| {
        let answer = if staff { house.get_as_staff(&path).await } else { house.get(&path).await };
        answer.json()
    };
    let names = |list: &Value, path: &str| -> Vec<String> {
        let of = |item: &Value| item.pointer(path).and_then(Value::as_str).expect("a name").to_owned();
        let mut names: Vec<String> = list.as_array().expect("a list").iter().map(of).collect();
        names.sort();
        names
    };
    let layer = get(format!("/api/layers/shelter?as_of={as_of}")).await;
    let nearest = get(format!("/api/nearest?lon=121.2&lat=31.0&k=100&as_of={as_of}")).await;
    let items = get(format!("/ogc/collections/shelters/items?as_of={as_of}")).await;
    vec![
        names(&layer["features"], "/properties/name"),
        names(&nearest["results"], "/name"),
        names(&items["features"], "/properties/name"),
    ]
}

#[tokio::test]
async fn every_read_answers_from_the_past_and_names_its_revision() {
    let house = House::empty().await;
    house.create("a", &shelter("A", "public")).await;
    house.create("b", &shelter("B", "public")).await;
    house.patch("a", &json!({"name": "新名", "capacity": 7})).await.json();
    house.write(Method::DELETE, "b", &[("if-match", "*")], None).await;
    for (as_of, names) in [("1", vec!["测试 A"]), ("2", vec!["测试 A", "测试 B"]), ("4", vec!["新名"])] {
        for seen in told(&house, true, as_of).await {
            assert_eq!(seen, names, "as of {as_of}");
        }
    }
    let was = house.get_as_staff("/api/resources/a?as_of=2").await;
    assert_eq!((was.json()["name"].clone(), was.header("etag")), (json!("测试 A"), "\"r1\""));
    assert_eq!(was.json()["as_of"]["revision"], 2);
    assert_eq!(house.get_as_staff("/api/resources/b?as_of=3").await.json()["name"], "测试 B");
    house.get_as_staff("/api/resources/b?as_of=4").await.problem(404);
    let nearest = house.get_as_staff("/api/nearest?lon=121.2&lat=31.0&as_of=2").await.json();
    assert_eq!((&nearest["revision"], &nearest["as_of"]["revision"]), (&json!(2), &json!(2)));
    assert_eq!(house.get_as_staff("/api/nearest?lon=121.2&lat=31.0").await.json()["as_of"], Value::Null);
    let layer = house.get_as_staff("/api/layers/shelter?as_of=2").await;
    assert_eq!((layer.json()["revision"].clone(), layer.header("etag")), (json!(2), "\"s2\""));
    let item = house.get_as_staff("/ogc/collections/shelters/items/a?as_of=2").await.json();
    assert_eq!((&item["properties"]["name"], &item["as_of"]["revision"]), (&json!("测试 A"), &json!(2)));
    let around = json!({"point": [121.2, 31.0], "radius_m": 1000, "as_of": 2});
    let around = house.post_by(&house.admin, "/api/around", &around).await.json();
    assert_eq!((&around["revision"], &around["items_total"]), (&json!(2), &json!(2)));
    let coverage = house.post_by(&house.admin, "/api/coverage", &json!({"as_of": "2"})).await.json();
    assert_eq!(coverage["revision"], 2);
    assert_eq!(house.get("/ogc/collections/gap/items?as_of=3").await.status, 200);
}

#[tokio::test]
async fn the_future_the_time_before_everything_and_nonsense_are_refused_by_name() {
    let house = House::empty().await;
    house.create("a", &shelter("A", "public")).await;
    for (as_of, reason) in [
        ("2", "in_the_future"),
        ("2100-01-01T00:00:00Z", "in_the_future"),
        ("0", "before_everything"),
        ("1999-01-01T00:00:00Z", "before_everything"),
        ("yesterday", "bad_moment"),
        ("-1", "bad_moment"),
    ] {
        for path in ["/api/layers/shelter?", "/api/resources/a?", "/api/nearest?lon=1&lat=1&"] {
            let refused = house.get(&format!("{path}as_of={as_of}")).await.violation(400, "as_of");
            assert_eq!(refused["reason"], reason, "{path} {as_of}");
        }
    }
    let refused = house.post("/api/coverage", &json!({"as_of": 99})).await.violation(422, "as_of");
    assert_eq!(refused["reason"], "in_the_future");
}

#[tokio::test]
async fn a_time_means_the_newest_revision_by_then_and_ages_count_back_from_it() {
    static AT: AtomicI64 = AtomicI64::new(1_796_000_000);
    fn clock() -> DateTime<Utc> {
        DateTime::from_timestamp(AT.load(Ordering::Relaxed), 0).expect("a time")
    }
    let house = House::empty_at(clock).await;
    house.create("a", &shelter("A", "public")).await;
    for n in 1..=20 {
        AT.fetch_add(3600, Ordering::Relaxed);
        house.patch("a", &json!({"occupied": n})).await.json();
    }
    let at = |hours: i64, seconds: i64| {
        DateTime::from_timestamp(1_796_000_000 + hours * 3600 + seconds, 0).expect("a time").to_rfc3339()
    };
    for (hours, seconds, occupied) in [(0, 5, Value::Null), (1, 0, json!(1)), (7, 59, json!(7)), (20, 0, json!(20))] {
        let path = format!("/api/resources/a?as_of={}", at(hours, seconds));
        let was = house.get(&path).await.json();
        assert_eq!(was["occupied"], occupied, "{path}");
        assert_eq!(was["as_of"]["revision"], hours + 1);
    }
    let path = format!("/api/nearest?lon=121.2&lat=31.0&as_of={}", at(7, 59));
    let offer = house.get(&path).await.json()["results"][0].clone();
    assert_eq!(offer["free_places"], 93);
    assert_eq!(offer["age_s"], 7 * 3600 + 59, "capacity was seen at the beginning");
    let between = format!("/api/history?from={}&until={}", at(3, 0), at(5, 10)).replace('+', "%2B");
    let told = house.get_as_staff(&between).await.json();
    let seen: Vec<u64> =
        told["entries"].as_array().expect("entries").iter().flat_map(|e| e["revision"].as_u64()).collect();
    assert_eq!(seen, [6, 5, 4]);
    house.get(&format!("/api/resources/a?as_of={}", at(-1, 0))).await.violation(400, "as_of");
}

#[tokio::test]
async fn the_public_is_told_of_the_past_only_what_is_public_then_and_now() {
    let house = House::empty().await;
    house.create("open", &shelter("OPEN", "public")).await;
    house.create("shown", &shelter("SHOWN", "operational")).await;
    house.create("hid", &shelter("HID", "public")).await;
    house.create("gone", &shelter("GONE", "public")).await;
    house.create("never", &shelter("NEVER", "operational")).await;
    house.patch("shown", &json!({"visibility": "public"})).await.json();
    house.patch("hid", &json!({"visibility": "operational"})).await.json();
    house.write(Method::DELETE, "gone", &[("if-match", "*")], None).await;
    for as_of in ["1", "4", "5"] {
        for seen in told(&house, false, as_of).await {
            assert_eq!(seen, ["测试 OPEN"], "as of {as_of}");
        }
    }
    for seen in told(&house, false, "7").await {
        assert_eq!(seen, ["测试 OPEN", "测试 SHOWN"]);
    }
    for seen in told(&house, true, "5").await {
        assert_eq!(seen.len(), 5, "staff see all of it");
    }
    for id in ["shown", "hid", "gone", "never", "nothing"] {
        house.get(&format!("/api/resources/{id}?as_of=5")).await.problem(404);
        house.get(&format!("/ogc/collections/shelters/items/{id}?as_of=5")).await.problem(404);
    }
    let contacts = json!({"contacts": [{"name": "甲"}], "remarks": "内部"});
    house.patch("open", &contacts).await.json();
    let was = house.get("/api/resources/open?as_of=7").await.json();
    assert!(was.get("contacts").is_none() && was.get("remarks").is_none());
}

#[tokio::test]
async fn a_public_answer_about_the_past_names_no_revision_that_the_public_could_not_see() {
    let house = House::empty().await;
    house.create("open", &shelter("OPEN", "public")).await;
    house.create("never", &shelter("NEVER", "operational")).await;
    house.patch("open", &json!({"occupied": 1})).await.json();
    house.patch("never", &json!({"occupied": 1})).await.json();
    let answer = house.get("/api/layers/shelter?as_of=2").await;
    assert_eq!((answer.json()["revision"].clone(), answer.header("etag")), (json!(1), "\"p1.3\""));
    assert_eq!(house.get("/api/resources/open?as_of=2").await.json()["as_of"]["revision"], 1);
    assert_eq!(house.get("/api/layers/shelter?as_of=4").await.violation(400, "as_of")["reason"], "in_the_future");
    let again = house.call(Method::GET, "/api/layers/shelter?as_of=2", &[("if-none-match", "\"p1.3\"")], None).await;
    assert_eq!(again.status, 304);
    house.patch("open", &json!({"visibility": "operational"})).await.json();
    let again = house.call(Method::GET, "/api/layers/shelter?as_of=2", &[("if-none-match", "\"p1.3\"")], None).await;
    assert_eq!(again.json()["features"], json!([]), "what was hidden since is gone from the past as well");
}

#[tokio::test]
async fn a_crowd_that_asks_for_one_past_reads_it_once_and_few_worlds_are_kept() {
    let house = House::demo().await;
    for n in 0..8 {
        house.patch("shelter-SJ-BN-0001", &json!({"occupied": n})).await.json();
    }
    let last = house.revision();
    let crowd = (0..40).map(|_| house.app.world_as_of(bihu::domain::Revision(last - 3)));
    let worlds = futures::future::join_all(crowd).await;
    let first = worlds[0].as_ref().expect("a world");
    assert!(worlds.iter().all(|world| std::sync::Arc::ptr_eq(world.as_ref().expect("a world"), first)));
    for back in 1..=6 {
        house.app.world_as_of(bihu::domain::Revision(last - back)).await.expect("a world");
    }
    let again = house.app.world_as_of(bihu::domain::Revision(last - 1)).await.expect("a world");
    assert!(again.same_content(&house.app.world_as_of(bihu::domain::Revision(last - 1)).await.expect("a world")));
    let reread = house.app.world_as_of(bihu::domain::Revision(last - 3)).await.expect("a world");
    assert!(reread.same_content(first));
}
