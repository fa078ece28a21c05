//! `/api/imports`: a file is brought, looked into, previewed, committed; who may, how much, and what happens in between.

use crate::house::{Answer, House, now};
use axum::body::Body;
use axum::http::{Method, Request};
use bihu::api::{Gauges, router};
use bihu::domain::Role;
use bihu::service::App;
use bihu::service::desk::{IDLE_FOR, KEPT_FOR, UPLOADS_MAX};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};

const GOOD: &str =
    "编码,名称,经度,纬度,行政区划,容量\nN-1,玉兰礼堂,121.2206,31.0335,,120人\nN-2,丁香礼堂,121.2306,31.0335,,\n";

async fn bring_as(house: &House, token: &str, name: &str, bytes: impl Into<Body>) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/api/imports?name={name}"))
        .header("host", "bihu.test")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/octet-stream");
    house.send(request.body(bytes.into()).expect("a request")).await
}

async fn bring(house: &House, name: &str, text: &str) -> String {
    let brought = bring_as(house, &house.admin, name, text.to_owned()).await;
    assert_eq!(brought.status, 201, "{}", brought.text());
    brought.json()["id"].as_str().expect("an id").to_owned()
}

async fn call_as(house: &House, token: &str, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let bearer = format!("Bearer {token}");
    house.call(method, path, &[("authorization", &bearer)], body).await
}

async fn call(house: &House, method: Method, path: &str, body: Option<&Value>) -> Answer {
    call_as(house, &house.admin, method, path, body).await
}

/// Previews and waits for the end of it.
async fn preview_as(house: &House, token: &str, id: &str, body: &Value) -> Value {
    let begun = call_as(house, token, Method::POST, &format!("/api/imports/{id}/preview"), Some(body)).await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    loop {
        let told = call_as(house, token, Method::GET, &format!("/api/imports/{id}"), None).await.json();
        if told["state"] != "previewing" {
            return told;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

async fn preview(house: &House, id: &str, body: &Value) -> Value {
    preview_as(house, &house.admin, id, body).await
}

async fn rows(house: &House, id: &str, query: &str) -> Value {
    call(house, Method::GET, &format!("/api/imports/{id}/rows{query}"), None).await.json()
}

async fn commit(house: &House, id: &str, query: &str) -> Answer {
    call(house, Method::POST, &format!("/api/imports/{id}/commit{query}"), None).await
}

fn shelters() -> Value {
    json!({"kind": "shelter", "datum": "wgs84"})
}

#[tokio::test]
async fn a_file_goes_from_its_columns_over_a_preview_to_the_map_in_one_batch() {
    let house = House::demo().await;
    let before = house.revision();
    let brought = bring_as(&house, &house.admin, "new-shelters.csv", GOOD).await.json();
    assert_eq!((&brought["format"], &brought["encoding"]), (&json!("csv"), &json!("UTF-8")));
    assert_eq!(brought["suggested"], json!({"kind": "shelter", "mapping": null}));
    let layer = &brought["layers"][0];
    assert_eq!((&layer["rows"], layer["columns"].as_array().map(Vec::len)), (&json!(2), Some(6)));
    assert_eq!(layer["columns"][5], json!({"header": "容量", "field": "capacity", "samples": ["120人"]}));
    let id = brought["id"].as_str().expect("an id").to_owned();

    let told = preview(&house, &id, &shelters()).await;
    assert_eq!(told["state"], "ready", "{told}");
    assert_eq!((&told["report"]["new"], &told["report"]["rows"]), (&json!(2), &json!(2)));
    assert_eq!(told["report"]["classes"]["new"], 2);
    assert_eq!(told["progress"], json!({"done": 4, "total": 4}));
    assert_eq!(house.revision(), before, "a preview writes nothing");

    let page = rows(&house, &id, "?limit=1").await;
    let row = &page["rows"][0];
    assert_eq!(
        (&row["row"], &row["class"], &row["code"], &row["name"]),
        (&json!(2), &json!("new"), &json!("N-1"), &json!("玉兰礼堂"))
    );
    assert_eq!((&row["before"], &row["after"]), (&Value::Null, &json!({"lon": 121.2206, "lat": 31.0335})));
    let change = |field: &str| row["changes"].as_array().into_iter().flatten().find(|c| c["field"] == field).cloned();
    assert_eq!(change("capacity"), Some(json!({"field": "capacity", "before": null, "after": 120})));
    let rest = rows(&house, &id, &format!("?after={}", page["next"])).await;
    assert_eq!((&rest["rows"][0]["code"], &rest["next"]), (&json!("N-2"), &Value::Null));

    let done = commit(&house, &id, "").await.json();
    assert_eq!(
        (&done["batch"], &done["revision"], &done["report"]["committed"]),
        (&json!(before + 1), &json!(before + 2), &json!(true))
    );
    let journal = house.journal(before).await;
    let reason = journal[0].reason.clone().expect("a reason");
    assert!(reason.starts_with("import new-shelters.csv; datum wgs84"), "{reason}");
    assert_eq!((journal.len(), journal[1].batch.0, journal[0].actor.as_str()), (2, before + 1, "chief"));
    // Asked again, it tells what was done and does nothing.
    assert_eq!(commit(&house, &id, "").await.json(), done);
    let told = call(&house, Method::GET, &format!("/api/imports/{id}"), None).await.json();
    assert_eq!((&told["state"], &told["batch"]), (&json!("committed"), &json!(before + 1)));
    assert_eq!(house.revision(), before + 2);
}

#[tokio::test]
async fn a_change_shows_each_field_before_and_after_and_the_way_the_pin_moves() {
    let house = House::demo().await;
    let world = house.app.world();
    let known = world.by_code(bihu::domain::Kind::Shelter, "SJ-BN-0002").expect("a shelter").value.clone();
    let (lon, lat) = (known.place.position.lon() + 0.0005, known.place.position.lat());
    let text = format!("code,name,lon,lat,capacity\nSJ-BN-0002,{},{lon},{lat},9\n", known.name.zh);
    let id = bring(&house, "x.csv", &text).await;
    let told = preview(&house, &id, &shelters()).await;
    let row = &rows(&house, &id, "?class=changed").await["rows"][0];
    assert_eq!(told["report"]["changed"], 1, "{}", rows(&house, &id, "").await);
    assert_eq!(row["before"]["lon"], json!(known.place.position.lon()));
    assert_eq!(row["after"], json!({"lon": lon, "lat": lat}));
    let changes = row["changes"].as_array().expect("changes");
    let changed: Vec<&str> = changes.iter().filter_map(|c| c["field"].as_str()).collect();
    assert_eq!(changed, ["lon", "capacity"]);
    assert_eq!(
        (&changes[1]["before"], &changes[1]["after"]),
        (&json!(known.shelter().and_then(|s| s.capacity.persons())), &json!(9))
    );
}

#[tokio::test]
async fn refused_rows_stop_the_file_until_somebody_says_to_leave_them_out() {
    let house = House::empty().await;
    let text = format!("{GOOD}N-3,无位置,,,,\nN-1,重复编码,121.2,31,,\nN-5,坏数,121.2,31.1,,很多\n");
    let id = bring(&house, "bad.csv", &text).await;
    let told = preview(&house, &id, &shelters()).await;
    let report = &told["report"];
    assert_eq!((&report["new"], &report["refused"], &report["rows"]), (&json!(2), &json!(3), &json!(5)));
    let refused = rows(&house, &id, "?class=refused").await;
    let reasons: Vec<_> = refused["rows"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|r| (r["row"].clone(), r["violations"][0]["field"].clone()))
        .collect();
    assert_eq!((&refused["rows"][0]["code"], &refused["rows"][0]["name"]), (&json!("N-3"), &json!("无位置")));
    assert_eq!(reasons.iter().map(|(row, _)| row.clone()).collect::<Vec<_>>(), [json!(4), json!(5), json!(6)]);
    let copy = call(&house, Method::GET, &format!("/api/imports/{id}/annotated"), None).await;
    let (text, lines) = (copy.text(), copy.text().lines().count());
    assert!(text.contains("N-3,无位置,,,,,拒绝,") && text.contains("120人,新增,"), "{text}");
    assert_eq!((copy.status.as_u16(), lines), (200, 6));
    assert!(copy.header("content-disposition").contains("annotated.csv"), "{:?}", copy.headers);
    let problem = commit(&house, &id, "").await.problem(409);
    assert_eq!(problem["type"], "urn:bihu:problem:refused-rows");
    assert!(problem["detail"].as_str().is_some_and(|d| d.contains("refused=leave_out")), "{problem}");
    assert_eq!(house.revision(), 0);
    let done = commit(&house, &id, "?refused=leave_out").await.json();
    assert_eq!((&done["revision"], &done["report"]["refused"]), (&json!(2), &json!(3)));
    let reason = house.journal(0).await[0].reason.clone().unwrap_or_default();
    assert!(reason.contains("rows left out: 3"), "{reason}");
}

#[tokio::test]
async fn a_preview_that_was_overtaken_writes_nothing_and_can_be_made_again() {
    let house = House::empty().await;
    let id = bring(&house, "a.csv", GOOD).await;
    preview(&house, &id, &shelters()).await;
    commit(&house, &id, "").await.json();
    let change = GOOD.replace("120人", "130");
    let id = bring(&house, "b.csv", &change).await;
    preview(&house, &id, &shelters()).await;
    house.patch("shelter-N-1", &json!({"remarks": "换锁"})).await;
    let revision = house.revision();
    let problem = commit(&house, &id, "").await.problem(409);
    assert_eq!(problem["type"], "urn:bihu:problem:stale-preview");
    assert!(
        problem["detail"].as_str().is_some_and(|d| d.contains("玉兰礼堂") && d.contains("preview again")),
        "{problem}"
    );
    assert_eq!(house.revision(), revision);
    let told = preview(&house, &id, &shelters()).await;
    assert_eq!((&told["report"]["changed"], &told["report"]["same"]), (&json!(1), &json!(1)));
    assert_eq!(commit(&house, &id, "").await.json()["revision"], json!(revision + 1));
    // What another process wrote counts too, also when it made what was new.
    let id = bring(&house, "c.csv", "code,name,lon,lat\nM-1,新点,121.2,31\n").await;
    preview(&house, &id, &shelters()).await;
    let neighbour = house.neighbour().await;
    neighbour
        .create("shelter-M-1", &json!({"kind": "shelter", "code": "M-1", "name": "抢先", "lon": 121.2, "lat": 31.0}))
        .await;
    assert_eq!(commit(&house, &id, "").await.problem(409)["type"], "urn:bihu:problem:stale-preview");
}

#[tokio::test]
async fn a_town_editor_takes_its_own_rows_and_others_are_refused_by_name_of_the_right() {
    let house = House::demo().await;
    let token = house.token("yueyang", Role::Editor, Some("310117001")).await;
    let text = "code,name,lon,lat,division\nE-1,甲,121.2206,31.0135,310117001000\nE-2,乙,121.31,31.11,310117102000\n";
    let id = bring_as(&house, &token, "e.csv", text).await.json()["id"].as_str().expect("an id").to_owned();
    let told = preview_as(&house, &token, &id, &shelters()).await;
    assert_eq!((&told["report"]["new"], &told["report"]["refused"]), (&json!(1), &json!(1)));
    assert_eq!(told["report"]["refused_rows"][0]["reason"], "scope");
    let commit = |query: &'static str| {
        let path = format!("/api/imports/{id}/commit{query}");
        let (house, token) = (&house, &token);
        async move { call_as(house, token, Method::POST, &path, None).await }
    };
    commit("").await.problem(409);
    assert_eq!(commit("?refused=leave_out").await.json()["report"]["new"], 1);
    assert_eq!(house.journal(house.revision() - 1).await[0].actor, "yueyang");
}

#[tokio::test]
async fn an_upload_is_there_for_whoever_brought_it_and_for_nobody_else() {
    let house = House::empty().await;
    let id = bring(&house, "a.csv", GOOD).await;
    let other = house.token("other", Role::Admin, None).await;
    let reporter = house.token("reporter", Role::Reporter, None).await;
    for path in [format!("/api/imports/{id}"), format!("/api/imports/{id}/rows")] {
        call_as(&house, &other, Method::GET, &path, None).await.problem(404);
        call_as(&house, &reporter, Method::GET, &path, None).await.problem(403);
        house.get(&path).await.problem(401);
    }
    for path in [format!("/api/imports/{id}/commit"), format!("/api/imports/{id}/preview")] {
        call_as(&house, &other, Method::POST, &path, Some(&shelters())).await.problem(404);
        call_as(&house, &reporter, Method::POST, &path, Some(&shelters())).await.problem(403);
        house.post(&path, &shelters()).await.problem(401);
    }
    call_as(&house, &other, Method::DELETE, &format!("/api/imports/{id}"), None).await.problem(404);
    let denied = bring_as(&house, &reporter, "a.csv", GOOD).await.problem(403);
    assert!(denied["detail"].as_str().is_some_and(|d| d.contains("`import`")), "{denied}");
    assert_eq!(call(&house, Method::DELETE, &format!("/api/imports/{id}"), None).await.status, 204);
    call(&house, Method::GET, &format!("/api/imports/{id}"), None).await.problem(404);
}

#[tokio::test]
async fn uploads_are_bounded_in_number_and_a_large_one_passes_where_other_bodies_do_not() {
    let house = House::empty().await;
    let mut large = GOOD.to_owned();
    for n in 0..120_000 {
        large.push_str(&format!("L-{n},很长很长很长的名称{n},121.{:05},31.1,,\n", n % 100_000));
    }
    assert!(large.len() > 5 << 20);
    let brought = bring_as(&house, &house.admin, "large.csv", large.clone()).await.json();
    assert_eq!(brought["bytes"], json!(large.len()));
    let told = bring_as(&house, &house.admin, "huge.csv", Body::from(vec![b'a'; (128 << 20) + 1])).await.problem(413);
    assert!(told["detail"].as_str().is_some_and(|d| d.contains("134217728")), "{told}");
    for _ in 1..UPLOADS_MAX[0] {
        bring(&house, "a.csv", GOOD).await;
    }
    let full = bring_as(&house, &house.admin, "a.csv", GOOD).await.problem(413);
    let told = full["detail"].as_str().unwrap_or_default();
    assert!(told.contains("闲置的会自动让位") && told.contains("commit or delete uploads"), "{full}");
}

#[tokio::test]
async fn ten_files_are_brought_and_written_one_after_another() {
    let house = House::empty().await;
    let mut ids = Vec::new();
    for n in 0..10 {
        let id = bring(&house, "a.csv", &GOOD.replace("N-", &format!("F{n}-"))).await;
        preview(&house, &id, &shelters()).await;
        let done = commit(&house, &id, "").await.json();
        assert_eq!((&done["report"]["new"], &done["revision"]), (&json!(2), &json!(2 * (n + 1))));
        assert_eq!(commit(&house, &id, "").await.json(), done);
        ids.push(id);
    }
    // Of what is written the report is kept, of the last eight.
    let told = call(&house, Method::GET, &format!("/api/imports/{}", ids[9]), None).await.json();
    assert_eq!((&told["state"], &told["report"]["new"]), (&json!("committed"), &json!(2)));
    for path in ["rows", "annotated"] {
        let path = format!("/api/imports/{}/{path}", ids[9]);
        assert_eq!(call(&house, Method::GET, &path, None).await.problem(409)["type"], "urn:bihu:problem:committed");
    }
    let mut kept = 0;
    for id in &ids {
        kept += usize::from(call(&house, Method::GET, &format!("/api/imports/{id}"), None).await.status == 200);
    }
    assert_eq!(kept, UPLOADS_MAX[0]);
}

static MINUTES: AtomicI64 = AtomicI64::new(0);

fn passing() -> DateTime<Utc> {
    now() + chrono::TimeDelta::minutes(MINUTES.load(Ordering::Relaxed))
}

#[tokio::test]
async fn a_ninth_file_takes_the_place_of_the_callers_longest_forgotten_one_and_of_no_other() {
    let house = House::empty_at(passing).await;
    let other = house.token("other", Role::Admin, None).await;
    let theirs = bring_as(&house, &other, "a.csv", GOOD).await.json()["id"].as_str().expect("an id").to_owned();
    let mut ids = Vec::new();
    for _ in 0..UPLOADS_MAX[0] {
        ids.push(bring(&house, "a.csv", GOOD).await);
    }
    MINUTES.store(IDLE_FOR.num_minutes() - 1, Ordering::Relaxed);
    bring_as(&house, &house.admin, "a.csv", GOOD).await.problem(413);
    // The first is being looked at, so the second is the longest forgotten one.
    assert_eq!(preview(&house, &ids[0], &shelters()).await["state"], "ready");
    MINUTES.store(IDLE_FOR.num_minutes(), Ordering::Relaxed);
    let ninth = bring(&house, "a.csv", GOOD).await;
    let status = async |id: &str| call(&house, Method::GET, &format!("/api/imports/{id}"), None).await.status.as_u16();
    assert_eq!((status(&ids[0]).await, status(&ninth).await), (200, 200));
    let mut left = Vec::new();
    for id in &ids[1..] {
        left.push(status(id).await);
    }
    assert_eq!(left.iter().filter(|status| **status == 409).count(), 1, "{left:?}");
    call_as(&house, &other, Method::GET, &format!("/api/imports/{theirs}"), None).await.json();
    // Every one was just asked for.
    bring_as(&house, &house.admin, "a.csv", GOOD).await.problem(413);
    assert_eq!(commit(&house, &ids[0], "").await.json()["revision"], 2);
    bring(&house, "a.csv", GOOD).await;
}

static LATER: AtomicI64 = AtomicI64::new(0);

fn going_by() -> DateTime<Utc> {
    now() + chrono::TimeDelta::minutes(LATER.load(Ordering::Relaxed))
}

#[tokio::test]
async fn on_a_desk_that_is_full_for_everybody_the_longest_idle_file_makes_way_and_its_owner_is_told() {
    let house = House::empty_at(going_by).await;
    let mut people = Vec::new();
    for n in 0..UPLOADS_MAX[1] / UPLOADS_MAX[0] {
        people.push(house.token(&format!("p{n}"), Role::Admin, None).await);
    }
    let mut ids = Vec::new();
    for (n, token) in people.iter().cycle().take(UPLOADS_MAX[1]).enumerate() {
        let brought = bring_as(&house, token, &format!("{n}.csv"), GOOD).await.json();
        ids.push(brought["id"].as_str().expect("an id").to_owned());
        LATER.fetch_add(i64::from(n == 0), Ordering::Relaxed);
    }
    let path = |n: usize| format!("/api/imports/{}", ids[n]);
    // One minute after the first, so only that one will be idle long enough.
    LATER.store(IDLE_FOR.num_minutes() - 1, Ordering::Relaxed);
    let told = bring_as(&house, &house.admin, "a.csv", GOOD).await.problem(413);
    assert!(told["detail"].as_str().is_some_and(|d| d.contains("让位") && d.contains("make way")), "{told}");
    LATER.store(IDLE_FOR.num_minutes(), Ordering::Relaxed);
    assert_eq!(bring_as(&house, &house.admin, "a.csv", GOOD).await.status, 201);
    bring_as(&house, &house.admin, "b.csv", GOOD).await.problem(413);
    let gone = call_as(&house, &people[0], Method::GET, &path(0), None).await.problem(409);
    assert_eq!(gone["type"], "urn:bihu:problem:made-way");
    assert!(gone["detail"].as_str().is_some_and(|d| d.contains("0.csv") && d.contains("请重新上传")), "{gone}");
    // Whose it was not is told nothing, and the others are there.
    call_as(&house, &people[1], Method::GET, &path(0), None).await.problem(404);
    for n in 1..ids.len() {
        call_as(&house, &people[n % people.len()], Method::GET, &path(n), None).await.json();
    }
}

#[tokio::test]
async fn what_can_not_be_read_is_told_at_once_or_as_the_state_of_the_preview() {
    let house = House::empty().await;
    bring_as(&house, &house.admin, "a.pdf", "%PDF-1.7").await.problem(400);
    bring_as(&house, &house.admin, "a.csv", "").await.problem(400);
    let id = bring(&house, "a.csv", "foo,bar\n1,2\n").await;
    call(&house, Method::GET, &format!("/api/imports/{id}/rows"), None).await.problem(409);
    assert_eq!(commit(&house, &id, "").await.problem(409)["type"], "urn:bihu:problem:not-previewed");
    let told = preview(&house, &id, &shelters()).await;
    assert_eq!((&told["state"], &told["report"]), (&json!("failed"), &Value::Null));
    assert!(told["problem"]["detail"].as_str().is_some_and(|d| d.contains("no column is known")), "{told}");
    let wrong =
        call(&house, Method::POST, &format!("/api/imports/{id}/preview"), Some(&json!({"kind": "shelters"}))).await;
    wrong.violation(422, "kind");
    wrong.violation(422, "datum");
    // A mapping mends it.
    let columns = json!({"foo": "code", "bar": "name"});
    let told = preview(&house, &id, &json!({"kind": "shelter", "datum": "wgs84", "columns": columns})).await;
    assert_eq!((&told["state"], &told["report"]["refused"]), (&json!("ready"), &json!(1)));
}

#[tokio::test]
async fn a_mapping_is_saved_proposed_for_the_next_file_and_used() {
    let house = House::empty().await;
    let wrong = json!({"kind": "shelter", "columns": {"甲": "nmae"}});
    put_mapping(&house, &house.admin, "x", ("if-none-match", "*"), &wrong).await.violation(422, "columns");
    let mapping = json!({"kind": "shelter", "datum": "wgs84", "columns": {"甲": "code", "乙": "name", "丙": "lon", "丁": "lat", "戊": null}});
    let kept = put_mapping(&house, &house.admin, "%E5%8A%9E", ("if-none-match", "*"), &mapping).await.json();
    assert_eq!((&kept["name"], &kept["by"]), (&json!("办"), &json!("chief")));
    let list = call(&house, Method::GET, "/api/mappings", None).await.json();
    assert_eq!((&list["mappings"][0]["columns"], &list["limit"]), (&mapping["columns"], &json!(500)));
    let text = "甲,乙,丙,丁,戊\nA-1,玉兰,121.2,31.0,x\n";
    let brought = bring_as(&house, &house.admin, "a.csv", text).await.json();
    assert_eq!(brought["suggested"]["mapping"], "办");
    let id = brought["id"].as_str().expect("an id").to_owned();
    let body = json!({"kind": "shelter", "datum": "wgs84", "columns": mapping["columns"]});
    let told = preview(&house, &id, &body).await;
    assert_eq!(told["report"]["new"], 1, "{told}");
    commit(&house, &id, "").await.json();
    let reason = house.journal(0).await[0].reason.clone().unwrap_or_default();
    assert!(reason.contains("乙→name"), "{reason}");
    house.get("/api/mappings").await.problem(401);
    let delete = async |tag: &str| {
        let headers = [("authorization", house.bearer()), ("if-match", tag.to_owned())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        house.call(Method::DELETE, "/api/mappings/%E5%8A%9E", &headers, None).await
    };
    delete("\"v7\"").await.problem(412);
    assert_eq!(delete("\"v1\"").await.status, 204);
    delete("*").await.problem(404);
}

async fn put_mapping(house: &House, token: &str, name: &str, seen: (&str, &str), body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    house.call(Method::PUT, &format!("/api/mappings/{name}"), &[("authorization", &bearer), seen], Some(body)).await
}

#[tokio::test]
async fn a_mapping_is_changed_by_its_maker_or_a_steward_and_from_the_version_that_was_seen() {
    let house = House::demo().await;
    let maker = house.token("maker", Role::Editor, Some("310117001")).await;
    let other = house.token("other", Role::Planner, Some("310117102")).await;
    let steward = house.token("steward", Role::Steward, None).await;
    let body = |field: &str| json!({"kind": "shelter", "columns": {"甲": field}});
    let call = async |token: &str, method: Method, seen: (&str, &str), field: &str| {
        let bearer = format!("Bearer {token}");
        let body = (method == Method::PUT).then(|| body(field));
        house.call(method, "/api/mappings/a", &[("authorization", &bearer), seen], body.as_ref()).await
    };
    let bearer = format!("Bearer {maker}");
    house.call(Method::PUT, "/api/mappings/a", &[("authorization", &bearer)], Some(&body("code"))).await.problem(428);
    let made = call(&maker, Method::PUT, ("if-none-match", "*"), "code").await;
    assert_eq!((made.header("etag"), &made.json()["by"]), ("\"v1\"", &json!("maker")));
    call(&maker, Method::PUT, ("if-none-match", "*"), "name").await.problem(412);
    assert_eq!(call(&other, Method::PUT, ("if-match", "\"v1\""), "name").await.problem(403)["missing"], "steward");
    assert_eq!(call(&other, Method::DELETE, ("if-match", "*"), "").await.problem(403)["missing"], "steward");
    let changed = call(&steward, Method::PUT, ("if-match", "\"v1\""), "name").await.json();
    assert_eq!((&changed["version"], &changed["by"]), (&json!(2), &json!("maker")), "it stays its maker's");
    call(&maker, Method::PUT, ("if-match", "\"v1\""), "code").await.problem(412);
    assert_eq!(call(&maker, Method::DELETE, ("if-match", "\"v2\""), "").await.status, 204);
}

#[tokio::test]
async fn a_village_drawn_into_another_town_is_a_refused_row() {
    let house = House::demo().await;
    let world = house.app.world();
    let centre = |code: &str| {
        let code = bihu::domain::DivisionCode::parse(code).expect("a code");
        let area = world.division(&code).and_then(|row| row.value.area.clone()).expect("an area");
        bihu::spatial::shape::representative_point(&area).expect("a point inside")
    };
    let village = |code: &str, town: &str| {
        let (at, half) = (centre(town), 0.001);
        let (w, e, s, n) = (at.lon() - half, at.lon() + half, at.lat() - half, at.lat() + half);
        json!({"type": "Feature", "properties": {"code": code, "name": "新村", "level": "village"},
            "geometry": {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}})
    };
    let features = [village("310117001901", "310117102"), village("310117001902", "310117001")];
    let file = json!({"type": "FeatureCollection", "features": features});
    let steward = house.token("steward", Role::Steward, Some("310117001")).await;
    let brought = bring_as(&house, &steward, "villages.geojson", file.to_string()).await.json();
    let id = brought["id"].as_str().expect("an id").to_owned();
    let told = preview_as(&house, &steward, &id, &json!({"kind": "division", "datum": "wgs84"})).await;
    let report = &told["report"];
    assert_eq!((&report["refused"], &report["new"]), (&json!(1), &json!(1)), "{told}");
    assert_eq!(report["refused_rows"][0]["reason"], "outside_parent", "{told}");
    let path = format!("/api/imports/{id}/commit?refused=leave_out");
    assert_eq!(call_as(&house, &steward, Method::POST, &path, None).await.status, 200);
    let there =
        |code: &str| house.app.world().division(&bihu::domain::DivisionCode::parse(code).expect("a code")).is_some();
    assert_eq!((there("310117001901"), there("310117001902")), (false, true));
}

#[tokio::test]
async fn the_fields_of_a_kind_are_told_with_their_names_and_words() {
    let house = House::empty().await;
    let fields = house.get("/api/fields?kind=shelter").await.json();
    let field = |name: &str| fields["fields"].as_array().into_iter().flatten().find(|f| f["name"] == name).cloned();
    let status = field("status").expect("a field");
    assert_eq!((&status["zh"], &status["form"]), (&json!("开放状态"), &json!("word")));
    assert!(status["choices"].as_array().is_some_and(|c| c.iter().any(|c| c["word"] == "open")), "{status}");
    assert!(field("hazards.flood").is_some() && field("contacts.phone").is_some() && field("headcount").is_none());
    house.get("/api/fields?kind=ship").await.violation(400, "kind");
    house.get("/api/fields").await.violation(400, "kind");
}

static SECONDS: AtomicI64 = AtomicI64::new(0);

fn moving() -> DateTime<Utc> {
    now() + chrono::TimeDelta::seconds(SECONDS.load(Ordering::Relaxed))
}

#[tokio::test]
async fn an_upload_is_forgotten_after_an_hour() {
    let mut house = House::empty().await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("bihu.db").display());
    house.app = App::open(bihu::store::open(&url).await.expect("a store"), moving).await.expect("an app");
    house.router = router(house.app.clone(), Gauges::detached());
    house.admin = house.token("chief", Role::Admin, None).await;
    let id = bring(&house, "a.csv", GOOD).await;
    SECONDS.store(KEPT_FOR.num_seconds() - 1, Ordering::Relaxed);
    call(&house, Method::GET, &format!("/api/imports/{id}"), None).await.json();
    SECONDS.store(KEPT_FOR.num_seconds(), Ordering::Relaxed);
    call(&house, Method::GET, &format!("/api/imports/{id}"), None).await.problem(404);
}

/// The shelters of the demonstration, moved a little, in GCJ-02.
pub fn shifted(house: &House) -> String {
    let world = house.app.world();
    let shelters = world.of_kind(bihu::domain::Audience::Staff, bihu::domain::Kind::Shelter, None);
    let row = |r: &bihu::domain::Resource| {
        let given = bihu::spatial::datum::from_wgs84(bihu::domain::Datum::Gcj02, r.place.position);
        format!("{},{},{},{}\n", r.code, r.name.zh, given.lon(), given.lat())
    };
    format!("code,name,lon,lat\n{}", shelters.map(|kept| row(&kept.value)).collect::<String>())
}

#[tokio::test]
async fn a_wrong_datum_stops_the_commit_until_it_is_mended_or_confirmed_on_the_record() {
    let house = House::demo().await;
    let before = house.revision();
    let id = bring(&house, "shelters.csv", &shifted(&house)).await;
    let told = preview(&house, &id, &shelters()).await;
    let check = &told["report"]["datum_check"];
    assert_eq!(
        (&told["state"], &check["stop"], &check["likely"]),
        (&json!("ready"), &json!(true), &json!("gcj02")),
        "{told}"
    );
    let problem = commit(&house, &id, "?refused=leave_out").await.problem(409);
    assert_eq!((&problem["type"], house.revision()), (&json!("urn:bihu:problem:datum"), before));
    let mended = preview(&house, &id, &json!({"kind": "shelter", "datum": "gcj02"})).await;
    assert_eq!(mended["report"]["datum_check"]["stop"], false);
    let confirmed = preview(&house, &id, &json!({"kind": "shelter", "datum": "wgs84", "datum_confirmed": true})).await;
    assert_eq!(confirmed["report"]["datum_check"]["overridden"], true);
    assert_eq!(commit(&house, &id, "?refused=leave_out").await.status, 200);
    let reason = house.journal(before).await[0].reason.clone().unwrap_or_default();
    assert!(reason.contains("confirmed against evidence for gcj02"), "{reason}");
    let unknown = json!({"kind": "shelter", "datum": "local:nowhere"});
    call(&house, Method::POST, &format!("/api/imports/{}/preview", bring(&house, "a.csv", GOOD).await), Some(&unknown))
        .await
        .violation(422, "datum");
}

#[tokio::test]
async fn a_workbook_goes_the_same_way_and_comes_back_with_its_verdicts() {
    let house = House::empty().await;
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("上报").expect("a name");
    let rows = [["编码", "名称", "经度", "纬度"], ["X-1", "甲校", "121.2", "31.0"], ["X-2", "乙校", "", ""]];
    for (line, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(line, column, cell).expect("a cell");
        }
    }
    let bytes = book.save_to_buffer().expect("a workbook");
    let brought = bring_as(&house, &house.admin, "list.xlsx", bytes).await.json();
    assert_eq!((&brought["format"], &brought["layers"][0]["name"]), (&json!("xlsx"), &json!("上报")));
    let id = brought["id"].as_str().expect("an id").to_owned();
    let told = preview(&house, &id, &json!({"kind": "shelter", "datum": "wgs84", "layer": "上报"})).await;
    assert_eq!((&told["report"]["new"], &told["report"]["refused"]), (&json!(1), &json!(1)), "{told}");
    let copy = call(&house, Method::GET, &format!("/api/imports/{id}/annotated"), None).await;
    assert!(copy.status == 200 && copy.bytes.starts_with(b"PK"), "{:?}", copy.headers);
    assert_eq!(commit(&house, &id, "?refused=leave_out").await.json()["report"]["new"], 1);
}
