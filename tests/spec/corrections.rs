//! `/api/corrections`: a report, its receipt, its answer, the inbox, and what nobody else is to learn of it.

use crate::house::{Answer, House, now};
use crate::photos;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bihu::domain::{CorrectionId, Role};
use bihu::store::{EntryQuery, RecordKind};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};

const ONE: &str = "shelter-SJ-BN-0001";

fn report(fault: &str, message: &str) -> Value {
    json!({"resource": ONE, "fault": fault, "message": message})
}

/// Reports from an address.
async fn report_from(house: &House, address: &str, body: &Value) -> Answer {
    let request = Request::post("/api/corrections").header("content-type", "application/json");
    let peer: SocketAddr = address.parse().expect("an address");
    let request = request.extension(ConnectInfo(peer)).body(Body::from(body.to_string())).expect("a request");
    house.send(request).await
}

async fn received(house: &House, address: &str, body: &Value) -> String {
    let answer = report_from(house, address, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["receipt"].as_str().expect("a receipt").to_owned()
}

#[tokio::test]
async fn anybody_reports_and_looks_up_what_became_of_it() {
    let house = House::demo().await;
    let body = json!({
        "resource": ONE, "fault": "moved", "message": "大门在北边", "lon": 121.1944, "lat": 31.0331,
        "contact": "138-0000-0000",
    });
    let answer = house.post("/api/corrections", &body).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let receipt = answer.json()["receipt"].as_str().expect("a receipt").to_owned();
    assert!(CorrectionId::parse(&receipt).is_some_and(|id| id.as_str() == receipt));
    assert_eq!(answer.json()["due_at"], json!(now() + TimeDelta::days(3)));
    let told = house.get(&format!("/api/corrections/{receipt}")).await.json();
    assert_eq!((&told["state"], &told["reply"]), (&json!("open"), &Value::Null));
    assert_eq!(told["resource"], json!({"id": ONE, "name": "示例·方松青禾应急避难场所"}));
    for word in ["contact", "message", "138-0000-0000", "大门", "answered_by"] {
        assert!(!told.to_string().contains(word), "{word} in {told}");
    }
    let typed = receipt.to_lowercase().replace('0', "o").replace('-', "%20");
    assert_eq!(house.get(&format!("/api/corrections/{typed}")).await.json(), told, "as people type it");
    let path = format!("/api/corrections/{receipt}/answer");
    let reply = json!({"state": "accepted", "reply": "已到现场核实，谢谢", "patch": {"address": "北门"}});
    let done = house.post_by(&house.admin, &path, &reply).await.json();
    assert_eq!((&done["state"], &done["reply"]), (&json!("accepted"), &json!("已到现场核实，谢谢")));
    let told = house.get(&format!("/api/corrections/{receipt}")).await.json();
    assert_eq!((&told["state"], &told["answered_at"]), (&json!("accepted"), &json!(now())));
    assert_eq!(house.get(&format!("/api/resources/{ONE}")).await.json()["address"], "北门");
    let batch = done["batch"].as_u64().expect("a batch");
    let lines: Vec<u64> = house.journal(batch - 1).await.iter().map(|entry| entry.batch.0).collect();
    assert_eq!(lines, [batch, batch], "the answer and the change are one batch");
    assert_eq!(done["resource_revision"], batch + 1);
    let again = house.post_by(&house.admin, &path, &reply).await.problem(409);
    assert!(again["detail"].as_str().is_some_and(|d| d.contains("chief")), "{again}");
}

#[tokio::test]
async fn what_is_wrong_with_a_report_is_told_all_at_once() {
    let house = House::demo().await;
    let refused = house.post("/api/corrections", &json!({"fault": "ugly", "lon": 121.2, "datum": "mars"})).await;
    for field in ["resource", "fault", "message", "datum"] {
        refused.violation(422, field);
    }
    let long = json!({"resource": ONE, "fault": "other", "message": "字".repeat(1001), "contact": "x".repeat(201)});
    let refused = house.post("/api/corrections", &long).await;
    refused.violation(422, "message");
    refused.violation(422, "contact");
    house.post("/api/corrections", &report("other", " \u{7} ")).await.violation(422, "message");
    let half = json!({"resource": ONE, "fault": "moved", "message": "在别处", "lon": 121.2});
    house.post("/api/corrections", &half).await.violation(422, "lat");
    let far = json!({"resource": ONE, "fault": "moved", "message": "在别处", "lon": 121.6, "lat": 31.0331});
    let refused = house.post("/api/corrections", &far).await.violation(422, "lon");
    assert!(refused["reason"] == "too_far" && refused["en"].as_str().is_some_and(|en| en.contains("km")), "{refused}");
    let swapped = json!({"resource": ONE, "fault": "moved", "message": "在别处", "lon": 31.0, "lat": 121.2});
    house.post("/api/corrections", &swapped).await.violation(422, "lat");
    house
        .post("/api/corrections", &json!({"resource": ONE, "fault": "other", "message": "一", "name": "甲"}))
        .await
        .violation(422, "name");
    assert_eq!(house.revision(), house.app.world().revisions().public.0, "nothing is written");
    assert_eq!(house.app.world().corrections().count(), 0);
}

#[tokio::test]
async fn a_position_in_another_datum_is_brought_to_wgs84() {
    let house = House::demo().await;
    let place = house.get("/api/nearest?lon=121.19&lat=31.03&k=1").await.json()["results"][0].clone();
    let [lon, lat] = [0, 1].map(|i| place["positions"]["gcj02"][i].as_f64().expect("a number"));
    let body = json!({"resource": place["id"], "fault": "moved", "message": "就在这里", "lon": lon, "lat": lat, "datum": "gcj02"});
    house.post("/api/corrections", &body).await.json();
    let world = house.app.world();
    let kept = world.corrections().next().and_then(|row| row.value.position).expect("a position");
    assert!((kept.lon() - place["lon"].as_f64().expect("lon")).abs() < 1e-7);
    assert!((kept.lat() - place["lat"].as_f64().expect("lat")).abs() < 1e-7);
}

#[tokio::test]
async fn a_hidden_place_and_one_that_never_was_are_reported_to_in_vain_and_in_the_same_words() {
    let house = House::demo().await;
    let world = house.app.world();
    let hidden = world.resources().find(|row| !row.value.is_public()).expect("a hidden one").value.id.to_string();
    let say = |id: &str| json!({"resource": id, "fault": "closed", "message": "关了"});
    let one = house.post("/api/corrections", &say(&hidden)).await;
    let never = house.post("/api/corrections", &say("never")).await;
    assert_eq!((one.status.as_u16(), one.text().replace(&hidden, "never")), (404, never.text()));
    // Staff may report it; of that nothing is public, not even to somebody with the receipt.
    let public = house.get("/api/layers/shelter").await;
    let made = house.post_by(&house.admin, "/api/corrections", &say(&hidden)).await.json();
    let receipt = made["receipt"].as_str().expect("a receipt");
    house.get(&format!("/api/corrections/{receipt}")).await.problem(404);
    assert_eq!(house.get_as_staff(&format!("/api/corrections/{receipt}")).await.json()["resource"]["id"], hidden);
    assert_eq!(house.get("/api/layers/shelter").await.header("etag"), public.header("etag"));
}

#[tokio::test]
async fn what_was_hidden_since_is_not_named_to_the_holder_of_a_receipt() {
    let house = House::demo().await;
    let receipt = received(&house, "192.0.2.1:1", &report("closed", "关了")).await;
    house.patch(ONE, &json!({"visibility": "operational", "name": "改后名"})).await.json();
    let told = house.get(&format!("/api/corrections/{receipt}")).await.json();
    assert_eq!((&told["resource"], &told["state"]), (&Value::Null, &json!("open")));
}

#[tokio::test]
async fn receipts_are_random_and_a_wrong_one_is_the_same_as_none() {
    let house = House::demo().await;
    let mut seen = BTreeSet::new();
    for n in 0..15 {
        let id = format!("shelter-SJ-BN-{:04}", n + 1);
        let body = json!({"resource": id, "fault": "other", "message": "同样的话"});
        let answer = report_from(&house, &format!("192.0.2.{n}:1"), &body).await;
        if answer.status == 201 {
            seen.insert(answer.json()["receipt"].as_str().expect("a receipt").to_owned());
        }
    }
    assert!(seen.len() > 8, "all differ: {seen:?}");
    let heads: BTreeSet<char> = seen.iter().flat_map(|receipt| receipt.chars().next()).collect();
    assert!(heads.len() > 3, "they do not count up: {seen:?}");
    let wrong = house.get("/api/corrections/0000-0000-0000").await;
    for spelled in ["1", "ZZZZ-ZZZZ-ZZZZ", "%E4%BD%A0%E5%A5%BD", "UUUU-UUUU-UUUU"] {
        assert_eq!(house.get(&format!("/api/corrections/{spelled}")).await.text(), wrong.text(), "{spelled}");
    }
    let mut guesses = 5;
    while house.get("/api/corrections/0000-0000-0001").await.status == 404 {
        guesses += 1;
    }
    assert_eq!(guesses, 30, "then it is enough for an hour");
    let barred = house.get("/api/corrections/0000-0000-0002").await;
    assert!(barred.problem(429)["type"] == "urn:bihu:problem:too-many" && !barred.header("retry-after").is_empty());
    let right = seen.first().expect("a receipt");
    let own = house.get(&format!("/api/corrections/{right}")).await;
    assert_eq!(own.status, 200, "whoever shares an address with a guesser still reads his own");
    assert_eq!(house.get_as_staff(&format!("/api/corrections/{right}")).await.status, 200, "staff need not guess");
}

#[tokio::test]
async fn one_address_reports_five_times_an_hour_and_thirty_a_day() {
    static AT: AtomicI64 = AtomicI64::new(1_796_000_000);
    fn clock() -> DateTime<Utc> {
        DateTime::from_timestamp(AT.load(Ordering::Relaxed), 0).expect("a time")
    }
    let house = House::empty_at(clock).await;
    for n in 0..4 {
        let body = json!({"kind": "shelter", "code": format!("T-{n}"), "name": "测试", "lon": 121.2, "lat": 31.0});
        house.create(&format!("s{n}"), &body).await;
    }
    let mut said = 0;
    let mut say = async |address: &str| {
        said += 1;
        let body = json!({"resource": format!("s{}", said % 4), "fault": "other", "message": format!("第 {said} 次")});
        report_from(&house, address, &body).await
    };
    for _ in 0..5 {
        assert_eq!(say("192.0.2.1:1").await.status, 201);
    }
    let refused = say("192.0.2.1:2").await;
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), "3600");
    assert_eq!(say("192.0.2.2:1").await.status, 201, "another address is another reporter");
    assert_eq!(say("[2001:db8::1]:1").await.status, 201);
    AT.fetch_add(3599, Ordering::Relaxed);
    assert_eq!(say("192.0.2.1:1").await.header("retry-after"), "1");
    AT.fetch_add(1, Ordering::Relaxed);
    let mut taken = 5;
    for _ in 0..20 {
        while say("192.0.2.1:1").await.status == 201 {
            taken += 1;
        }
        AT.fetch_add(3600, Ordering::Relaxed);
        let world = house.app.world();
        for row in world.corrections().filter(|row| row.value.is_open()) {
            let path = format!("/api/corrections/{}/answer", row.value.id);
            house.post_by(&house.admin, &path, &json!({"state": "rejected", "reply": "试验"})).await.json();
        }
    }
    assert_eq!(taken, 30);
    AT.fetch_add(86_400, Ordering::Relaxed);
    assert_eq!(say("192.0.2.1:1").await.status, 201, "tomorrow is another day");
    for _ in 0..5 {
        say("[2001:db8:1:1::1]:1").await;
    }
    assert_eq!(say("[2001:db8:1:1:ffff::9]:1").await.status, 429, "a network of IPv6 is one household");
}

#[tokio::test]
async fn the_same_words_again_are_the_same_report_and_a_place_takes_twenty() {
    let house = House::demo().await;
    let first = received(&house, "192.0.2.1:1", &report("closed", "关了")).await;
    for _ in 0..9 {
        assert_eq!(received(&house, "192.0.2.1:1", &report("closed", " 关了 ")).await, first, "and it does not count");
    }
    let others = received(&house, "192.0.2.2:1", &report("closed", "关了")).await;
    assert_ne!(others, first, "nobody is given the receipt of somebody else");
    for n in 2..20 {
        received(&house, &format!("198.51.100.{n}:1"), &report("closed", "关了")).await;
    }
    report_from(&house, "203.0.113.1:1", &report("closed", "关了")).await.problem(429);
    assert_eq!(house.app.world().corrections().count(), 20);
}

#[tokio::test]
async fn the_patch_of_an_answer_is_held_to_all_that_a_patch_of_the_place_is() {
    let house = House::demo().await;
    let receipt = received(&house, "192.0.2.1:1", &report("wrong_capacity", "太小了")).await;
    let path = format!("/api/corrections/{receipt}/answer");
    for (field, patch) in [
        ("division", json!({"division": "310117001999"})),
        ("over_capacity", json!({"over_capacity": true})),
        ("free_places", json!({"free_places": 3})),
    ] {
        let answer = json!({"state": "accepted", "reply": "已改", "patch": patch});
        let by_answer = house.post_by(&house.admin, &path, &answer).await.violation(422, field);
        assert_eq!(by_answer, house.patch(ONE, &patch).await.violation(422, field));
    }
    let told = house.get(&format!("/api/corrections/{receipt}")).await.json();
    assert_eq!(told["state"], "open", "the report waits on");
}

#[tokio::test]
async fn presses_that_come_together_are_one_report_and_twenty_hold_for_many_at_once() {
    let house = House::demo().await;
    let together = async |addresses: Vec<String>| {
        let mut all = tokio::task::JoinSet::new();
        for address in addresses {
            let router = house.router.clone();
            all.spawn(async move {
                let request = Request::post("/api/corrections").header("content-type", "application/json");
                let peer: SocketAddr = address.parse().expect("an address");
                let body = Body::from(report("closed", "关了").to_string());
                let request = request.extension(ConnectInfo(peer)).body(body).expect("a request");
                tower::ServiceExt::oneshot(router, request).await.expect("an answer").status().as_u16()
            });
        }
        all.join_all().await
    };
    let statuses = together(vec!["192.0.2.1:1".to_owned(); 5]).await;
    assert_eq!((statuses, house.app.world().corrections().count()), (vec![201; 5], 1));
    let statuses = together((0..30).map(|n| format!("198.51.100.{n}:1")).collect()).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 19);
    assert_eq!(house.app.world().corrections().count(), 20);
}

#[tokio::test]
async fn what_one_caller_says_of_a_place_again_and_again_counts_once_and_all_together_leave_a_quarter() {
    let house = House::demo().await;
    let path = format!("/api/resources/{ONE}?freshness=true");
    let trust = async || house.get(&path).await.json()["freshness"]["fields"]["position"].clone();
    let whole = trust().await["confidence"].as_f64().expect("a number");
    let left = async || trust().await["confidence"].as_f64().expect("a number") / whole;
    for (n, fault) in ["moved", "closed", "no_access", "other", "moved"].iter().enumerate() {
        received(&house, "192.0.2.1:1", &report(fault, &format!("第 {n} 次"))).await;
        assert!((left().await - 0.5).abs() < 0.01, "{n}: {}", left().await);
    }
    assert_eq!(trust().await["open_reports"], 1, "one voice");
    let open = house.get(&path).await.json()["freshness"]["open_reports"].clone();
    assert_eq!(open, 5, "of five reports");
    for n in 2..8 {
        received(&house, &format!("198.51.100.{n}:1"), &report("moved", "不在这里")).await;
    }
    assert!((left().await - 0.25).abs() < 0.01, "{}", left().await);
}

#[tokio::test]
async fn the_answer_about_a_place_that_is_hidden_since_is_no_news_to_the_public() {
    let house = House::demo().await;
    let receipt = received(&house, "192.0.2.1:1", &report("closed", "关了")).await;
    house.patch(ONE, &json!({"visibility": "operational"})).await.json();
    let public = house.app.world().revisions().public;
    let path = format!("/api/corrections/{receipt}/answer");
    let done = house.post_by(&house.admin, &path, &json!({"state": "accepted", "reply": "已核实"})).await.json();
    assert_eq!(house.app.world().revisions().public, public);
    let told = house.get(&format!("/api/corrections/{receipt}")).await.json();
    assert_eq!((&told["state"], &told["resource"]), (&json!("accepted"), &Value::Null), "its reporter is answered");
    let undo = format!("/api/batches/{}/undo", done["batch"]);
    house.post_by(&house.admin, &undo, &json!({})).await.json();
    assert_eq!(house.app.world().revisions().public, public, "nor is taking the answer back");
    house.patch(ONE, &json!({"visibility": "public"})).await.json();
    let public = house.app.world().revisions().public;
    house.post_by(&house.admin, &path, &json!({"state": "accepted", "reply": "已核实"})).await.json();
    assert!(house.app.world().revisions().public > public, "of a place that is there it is");
}

#[tokio::test]
async fn who_may_not_answer_a_report_learns_from_history_that_it_was_opened_and_answered_and_no_more() {
    let house = House::demo().await;
    let body = json!({"resource": ONE, "fault": "moved", "message": "密语", "lon": 121.1944, "lat": 31.0331});
    let receipt = received(&house, "192.0.2.1:1", &body).await;
    let path = format!("/api/corrections/{receipt}/answer");
    let answer = json!({"state": "accepted", "reply": "回话", "patch": {"address": "北门"}});
    house.post_by(&house.admin, &path, &answer).await.json();
    let other = house.token("other", Role::Editor, Some("310117999")).await;
    let reporter = house.token("reporter", Role::Reporter, None).await;
    for token in [&other, &reporter] {
        for list in ["/api/history?limit=10", "/api/batches?limit=10"] {
            let told = house.get_by(token, list).await;
            let said = told.json().to_string();
            for word in [receipt.as_str(), "密语", "回话", "31.0331"] {
                assert!(!said.contains(word), "{word} in {said}");
            }
            assert!(said.contains("\"correction\""), "{said}");
        }
        let lines = house.get_by(token, "/api/history?limit=10").await.json();
        let first = lines["entries"].as_array().and_then(|l| l.iter().find(|e| e["op"] == "created")).cloned();
        let fields = first.expect("the report")["changes"].clone();
        let fields: Vec<_> = fields.as_array().into_iter().flatten().map(|c| c["field"].clone()).collect();
        assert_eq!(fields, [json!("resource"), json!("state")]);
    }
    let own = house.get_as_staff("/api/history?limit=10").await.json().to_string();
    assert!([receipt.as_str(), "密语", "回话"].iter().all(|word| own.contains(word)), "{own}");
}

#[tokio::test]
async fn a_message_that_nobody_can_see_is_none() {
    let house = House::demo().await;
    for text in ["\u{200b}\u{200d}", "\u{202e}\u{2066}\u{2069}", "\u{feff}", "\u{3164} \u{2800}", "\u{e0041}"] {
        house.post("/api/corrections", &report("other", text)).await.violation(422, "message");
    }
    received(&house, "192.0.2.1:1", &report("other", "门\u{200d}锁了")).await;
}

#[tokio::test]
async fn with_a_report_that_is_undone_goes_its_photograph() {
    let house = House::demo().await;
    let mut body = report("moved", "看图");
    body["photo"] = json!(STANDARD.encode(photos::jpeg()));
    let receipt = received(&house, "192.0.2.1:1", &body).await;
    let kept = async || house.app.store().record(RecordKind::Photo, &receipt).await.expect("a store");
    assert!(kept().await.is_some());
    let undo = format!("/api/batches/{}/undo", house.revision());
    house.post_by(&house.admin, &undo, &json!({})).await.json();
    assert!(kept().await.is_none());
}

#[tokio::test]
async fn a_contact_and_a_photograph_are_outside_the_journal_and_erased_by_themselves_after_the_answer() {
    static AT: AtomicI64 = AtomicI64::new(1_796_000_000);
    fn clock() -> DateTime<Utc> {
        DateTime::from_timestamp(AT.load(Ordering::Relaxed), 0).expect("a time")
    }
    let days = |n: i64| AT.fetch_add(n * 86_400, Ordering::Relaxed);
    let house = House::empty_at(clock).await;
    house.create("s", &json!({"kind": "shelter", "code": "T", "name": "测试", "lon": 121.2, "lat": 31.0})).await;
    let mut body = json!({"resource": "s", "fault": "closed", "message": "关了", "contact": "甲 138-0000-0000"});
    body["photo"] = json!(STANDARD.encode(photos::jpeg()));
    let answered = received(&house, "192.0.2.1:1", &body).await;
    let open = received(&house, "192.0.2.2:1", &body).await;
    let entries = house.app.store().entries(&EntryQuery::default(), 100).await.expect("a journal");
    let journal = serde_json::to_string(&entries.iter().map(|e| &e.change).collect::<Vec<_>>()).expect("JSON");
    assert!(!journal.contains("138-0000-0000") && journal.contains("has_contact"), "{journal}");
    let reply = json!({"state": "rejected", "reply": "开着"});
    house.post_by(&house.admin, &format!("/api/corrections/{answered}/answer"), &reply).await.json();
    let told = house.get("/api/settings/freshness").await.json();
    assert_eq!((&told["report_contact_days"], &told["report_photo_days"]), (&json!(7.0), &json!(30.0)));
    let beside = async |receipt: &str| {
        house.app.clear_away().await.expect("cleared");
        let all = house.get_as_staff("/api/corrections").await.json()["reports"].clone();
        let one = all.as_array().expect("reports").iter().find(|r| r["receipt"] == receipt).expect("it").clone();
        (one["contact"].clone(), one["contact_erased"].clone(), one["photo"].clone())
    };
    let whole = (json!("甲 138-0000-0000"), json!(false), json!(true));
    days(6);
    assert_eq!(beside(&answered).await, whole);
    days(1);
    assert_eq!(beside(&answered).await, (Value::Null, json!(true), json!(true)));
    days(22);
    assert_eq!(beside(&answered).await.2, json!(true));
    days(1);
    assert_eq!(beside(&answered).await, (Value::Null, json!(true), json!(false)));
    house.get_as_staff(&format!("/api/corrections/{answered}/photo")).await.problem(404);
    days(365);
    assert_eq!(beside(&open).await, whole, "what waits for an answer keeps what is needed for it");
    for (field, given) in [("report_photo_days", 4000.0), ("report_contact_days", -1.0)] {
        let bearer = house.bearer();
        let asked = [("authorization", bearer.as_str()), ("if-match", "\"v0\"")];
        let answer = house.call(Method::PUT, "/api/settings/freshness", &asked, Some(&json!({field: given}))).await;
        answer.violation(422, field);
    }
    // Kept no longer than set; and what no report claims goes too.
    let bearer = house.bearer();
    let asked = [("authorization", bearer.as_str()), ("if-match", "\"v0\"")];
    let set = json!({"report_contact_days": 0, "report_photo_days": 0});
    house.call(Method::PUT, "/api/settings/freshness", &asked, Some(&set)).await.json();
    house.post_by(&house.admin, &format!("/api/corrections/{open}/answer"), &reply).await.json();
    assert_eq!(beside(&open).await, (Value::Null, json!(true), json!(false)));
    let kept = house.app.store().records(RecordKind::Contact, "", "", 10).await.expect("a store");
    assert!(kept.is_empty(), "{kept:?}");
}

#[tokio::test]
async fn the_inbox_is_for_those_who_may_answer_and_ends_at_their_border() {
    let house = House::demo().await;
    let world = house.app.world();
    let town =
        world.resource(&bihu::domain::ResourceId::parse(ONE).expect("an id")).and_then(|r| r.value.division.clone());
    let town = town.expect("a division").to_string();
    let body = json!({"resource": ONE, "fault": "no_access", "message": "门锁着", "contact": "甲 138-0000-0000"});
    let receipt = received(&house, "192.0.2.1:1", &body).await;
    house.get("/api/corrections").await.problem(401);
    let reporter = house.token("reporter", Role::Reporter, Some(&town)).await;
    assert!(house.get_by(&reporter, "/api/corrections").await.text().contains("answer_reports"));
    let own = house.token("own", Role::Editor, Some(&town)).await;
    let other = house.token("other", Role::Editor, Some("310117999")).await;
    let told = house.get_by(&own, "/api/corrections").await.json();
    assert_eq!((&told["open"], &told["overdue"], &told["next"]), (&json!(1), &json!(0), &Value::Null));
    let one = &told["reports"][0];
    assert_eq!(
        (&one["receipt"], &one["contact"], &one["message"]),
        (&json!(receipt), &json!("甲 138-0000-0000"), &json!("门锁着"))
    );
    assert_eq!((&one["resource"]["id"], &one["overdue"], &one["photo"]), (&json!(ONE), &json!(false), &json!(false)));
    assert_eq!(one["due_at"], json!(now() + TimeDelta::days(1)), "a place that is shut can not wait");
    assert!(one["people_affected"].as_f64().is_some_and(|people| people > 0.0), "{one}");
    assert_eq!(house.get_by(&other, "/api/corrections").await.json()["reports"], json!([]));
    let path = format!("/api/corrections/{receipt}/answer");
    let reply = json!({"state": "rejected", "reply": "门开着"});
    house.post(&path, &reply).await.problem(401);
    house.post_by(&reporter, &path, &reply).await.problem(403);
    house.post_by(&other, &path, &reply).await.problem(403);
    house.get_by(&other, &format!("/api/corrections/{receipt}/photo")).await.problem(404);
    assert!(house.app.world().corrections().all(|row| row.value.is_open()), "nothing was written");
    house.post_by(&own, &path, &reply).await.json();
    assert_eq!(house.get_by(&own, "/api/corrections?state=open").await.json()["reports"], json!([]));
    assert_eq!(house.get_by(&own, "/api/corrections?state=rejected").await.json()["reports"][0]["answered_by"], "own");
    // History tells those who may answer, too, no reporter's contact.
    let history = house.get_by(&own, "/api/history?limit=5").await.text();
    assert!(history.contains("门锁着") && !history.contains("138-0000-0000"), "{history}");
}

#[tokio::test]
async fn the_inbox_pages_newest_first_and_counts_what_is_overdue() {
    static AT: AtomicI64 = AtomicI64::new(1_796_000_000);
    fn clock() -> DateTime<Utc> {
        DateTime::from_timestamp(AT.load(Ordering::Relaxed), 0).expect("a time")
    }
    let house = House::empty_at(clock).await;
    house.create("s", &json!({"kind": "shelter", "code": "T", "name": "测试", "lon": 121.2, "lat": 31.0})).await;
    let mut made = Vec::new();
    for n in 0..7 {
        let body = json!({"resource": "s", "fault": "closed", "message": format!("{n}")});
        made.push(received(&house, &format!("192.0.2.{n}:1"), &body).await);
        AT.fetch_add(6 * 3600, Ordering::Relaxed);
    }
    made.reverse();
    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let page = house.get_as_staff(&format!("/api/corrections?limit=3{before}")).await.json();
        assert_eq!((&page["open"], &page["overdue"]), (&json!(7), &json!(3)));
        seen.extend(
            page["reports"]
                .as_array()
                .expect("reports")
                .iter()
                .map(|r| r["receipt"].as_str().expect("a receipt").to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(seen, made);
    house.get_as_staff("/api/corrections?before=0000-0000-0000").await.violation(422, "before");
    house.get_as_staff("/api/corrections?before=x").await.violation(400, "before");
}

#[tokio::test]
async fn an_answer_that_may_not_or_can_not_change_the_map_writes_nothing_at_all() {
    let house = House::demo().await;
    let receipt = received(&house, "192.0.2.1:1", &report("wrong_capacity", "只有一百个位置")).await;
    let path = format!("/api/corrections/{receipt}/answer");
    let before = house.revision();
    let dispatcher = house.token("dispatcher", Role::Dispatcher, None).await;
    let reply = |patch: Value| json!({"state": "accepted", "reply": "已改", "patch": patch});
    house.post_by(&dispatcher, &path, &reply(json!({"capacity": 30_000}))).await.problem(403);
    house.post_by(&house.admin, &path, &reply(json!({"capacity": "many"}))).await.violation(422, "capacity");
    let bearer = house.bearer();
    let stale = [("authorization", bearer.as_str()), ("if-match", "\"r1\"")];
    house.call(Method::POST, &path, &stale, Some(&reply(json!({"capacity": 30_000})))).await.problem(412);
    house.post_by(&house.admin, &path, &json!({"state": "maybe"})).await.violation(422, "state");
    house.post_by(&house.admin, &path, &json!({"state": "accepted"})).await.violation(422, "reply");
    house.post_by(&house.admin, "/api/corrections/0000-0000-0000/answer", &reply(json!({}))).await.problem(404);
    assert_eq!(house.revision(), before);
    house.post_by(&dispatcher, &path, &reply(json!({"occupied": 50}))).await.json();
    assert_eq!(house.revision(), before + 2);
}

#[tokio::test]
async fn a_photograph_is_kept_without_what_the_camera_wrote_and_is_for_those_who_may_answer() {
    let house = House::demo().await;
    let mut body = report("no_access", "看照片");
    body["photo"] = json!(format!("data:image/jpeg;base64,{}", STANDARD.encode(photos::jpeg())));
    let receipt = received(&house, "192.0.2.1:1", &body).await;
    let path = format!("/api/corrections/{receipt}/photo");
    house.get(&path).await.problem(401);
    let shown = house.get_as_staff(&path).await;
    assert_eq!((shown.status.as_u16(), shown.header("content-type")), (200, "image/jpeg"));
    assert_eq!(shown.header("content-security-policy"), "default-src 'none'; sandbox");
    assert!(!shown.bytes.windows(6).any(|w| w == b"SECRET"), "no metadata");
    assert_eq!(house.get_as_staff("/api/corrections").await.json()["reports"][0]["photo"], true);
    for (photo, reason) in [
        (STANDARD.encode(b"GIF89a......"), "unknown_format"),
        ("not base64!".to_owned(), "bad_base64"),
        (STANDARD.encode(vec![0xff; 2 * 1024 * 1024 + 3]), "too_large"),
        (STANDARD.encode(&photos::jpeg()[..40]), "broken"),
    ] {
        body["photo"] = json!(photo);
        let refused = report_from(&house, "192.0.2.1:1", &body).await.violation(422, "photo");
        assert_eq!(refused["reason"], reason);
    }
    assert_eq!(house.app.world().corrections().count(), 1);
    let other = house.post("/api/corrections", &report("closed", "无照片")).await.json()["receipt"].clone();
    house.get_as_staff(&format!("/api/corrections/{}/photo", other.as_str().expect("a receipt"))).await.problem(404);
}

#[tokio::test]
async fn an_open_report_lowers_confidence_until_it_is_answered_and_its_undo_lowers_it_again() {
    let house = House::demo().await;
    let position = async || {
        let detail = house.get(&format!("/api/resources/{ONE}?freshness=true")).await.json();
        let of = &detail["freshness"];
        (
            of["fields"]["position"]["confidence"].as_f64().expect("a number"),
            of["open_reports"].as_u64().expect("a count"),
        )
    };
    let (before, none) = position().await;
    assert_eq!(none, 0);
    let receipt = received(&house, "192.0.2.1:1", &report("moved", "搬走了")).await;
    let (doubted, one) = position().await;
    assert!(one == 1 && (doubted - before / 2.0).abs() < 1e-3, "{before} {doubted}");
    let live = house.get(&format!("/api/resources/{ONE}")).await.json();
    assert_eq!(live["name"], "示例·方松青禾应急避难场所", "the live value stays");
    let path = format!("/api/corrections/{receipt}/answer");
    let done = house.post_by(&house.admin, &path, &json!({"state": "rejected", "reply": "没有搬"})).await.json();
    assert_eq!(position().await, (before, 0));
    house.post_by(&house.admin, &format!("/api/batches/{}/undo", done["batch"]), &json!({})).await.json();
    assert_eq!(position().await, (doubted, 1));
}

#[tokio::test]
async fn staff_hear_of_reports_and_the_public_only_that_a_place_it_knows_is_in_doubt() {
    let house = House::demo().await;
    let world = house.app.world();
    let hidden = world.resources().find(|row| !row.value.is_public()).expect("a hidden one").value.id.to_string();
    let last = house.revision().to_string();
    let secret = json!({"resource": hidden, "fault": "closed", "message": "SECRET-A"});
    house.post_by(&house.admin, "/api/corrections", &secret).await.json();
    let receipt = received(
        &house,
        "192.0.2.1:1",
        &json!({"resource": ONE, "fault": "closed", "message": "SECRET-B", "contact": "SECRET-C"}),
    )
    .await;
    let public = crate::live::heard(&house, &[("last-event-id", &last)]).await;
    assert!(public.contains("event: report") && public.contains(ONE), "{public}");
    for word in ["SECRET", &hidden, &receipt] {
        assert!(!public.contains(word), "{word} in {public}");
    }
    let bearer = house.bearer();
    let staff = crate::live::heard(&house, &[("authorization", &bearer), ("last-event-id", &last)]).await;
    assert!(staff.contains(&hidden) && staff.contains(ONE) && !staff.contains("SECRET"), "{staff}");
}
