//! `/api/live`: what changed, to whom it may be told, from any point on.

use crate::house::House;
use axum::body::Body;
use axum::http::{Method, Request};
use bihu::service::import::{self, Mode};
use futures::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

/// A listener at the other end of the line.
struct Ear {
    body: axum::body::BodyDataStream,
    read: String,
}

/// One event as it came.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    id: u64,
    name: String,
    data: Value,
}

impl Ear {
    async fn new(house: &House, headers: &[(&str, &str)]) -> Self {
        let request = headers.iter().fold(Request::get("/api/live"), |r, (n, v)| r.header(*n, *v));
        let response = house.router.clone().oneshot(request.body(Body::empty()).expect("a request")).await;
        let response = response.expect("the router never fails");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        Self { body: response.into_body().into_data_stream(), read: String::new() }
    }

    /// Returns the next event; `None` when nothing comes for a while.
    async fn hear(&mut self) -> Option<Event> {
        loop {
            if let Some((frame, rest)) = self.read.split_once("\n\n") {
                let event = read(frame);
                self.read = rest.to_owned();
                if event.is_some() {
                    return event;
                }
                continue;
            }
            let chunk = tokio::time::timeout(Duration::from_millis(300), self.body.next()).await.ok()??;
            self.read.push_str(std::str::from_utf8(&chunk.expect("a chunk")).expect("UTF-8"));
        }
    }

    async fn must_hear(&mut self) -> Event {
        self.hear().await.expect("an event")
    }

    async fn all(&mut self) -> Vec<Event> {
        let mut all = Vec::new();
        while let Some(event) = self.hear().await {
            all.push(event);
        }
        all
    }
}

fn read(frame: &str) -> Option<Event> {
    let field = |name: &str| frame.lines().find_map(|l| l.strip_prefix(name)).map(|v| v.trim_start().to_owned());
    let data = serde_json::from_str(&field("data:")?).expect("JSON");
    Some(Event { id: field("id:")?.parse().expect("a revision"), name: field("event:")?, data })
}

/// Returns everything that a listener is told at once, as text.
pub async fn heard(house: &House, headers: &[(&str, &str)]) -> String {
    let mut ear = Ear::new(house, headers).await;
    let mut out = String::new();
    let last = format!("id: {}\n", house.app.world().revisions().public);
    loop {
        // Until the last one has come, it is to come; after it the line is silent.
        let patience = Duration::from_millis(if out.contains(&last) { 60 } else { 5000 });
        match tokio::time::timeout(patience, ear.body.next()).await {
            Ok(Some(chunk)) => out.push_str(&String::from_utf8_lossy(&chunk.expect("a chunk"))),
            _ => break,
        }
    }
    out
}

fn site(code: &str, visibility: &str) -> Value {
    json!({"kind": "site", "code": code, "name": "测试", "lon": 121.2, "lat": 31.0, "visibility": visibility, "synthetic": true})
}

#[tokio::test]
async fn a_stream_begins_with_hello_and_tells_a_change_under_its_revision() {
    let house = House::demo().await;
    let mut ear = Ear::new(&house, &[]).await;
    let public = house.app.world().revisions().public.0;
    let hello = ear.must_hear().await;
    assert_eq!((hello.name.as_str(), hello.id, &hello.data["revision"]), ("hello", public, &json!(public)));
    house.patch("shelter-SJ-BN-0001", &json!({"status": "full"})).await.json();
    let change = ear.must_hear().await;
    assert_eq!((change.name.as_str(), change.id), ("change", house.revision()));
    assert_eq!((&change.data["revision"], &change.data["op"]), (&json!(change.id), &json!("upsert")));
    assert_eq!((&change.data["kind"], &change.data["id"]), (&json!("shelter"), &json!("shelter-SJ-BN-0001")));
    let feature = &change.data["feature"];
    assert_eq!((&feature["type"], &feature["properties"]["status"]), (&json!("Feature"), &json!("full")));
    let layer = house.get("/api/layers/shelter").await.json();
    assert!(layer["features"].as_array().expect("features").contains(feature), "it is the feature of the layer");
    assert!(change.data["at"].is_string());
    house.write(Method::DELETE, "shelter-SJ-BN-0001", &[("if-match", "*")], None).await;
    let removed = ear.must_hear().await.data;
    assert_eq!(
        (&removed["op"], &removed["feature"], &removed["id"]),
        (&json!("remove"), &Value::Null, &json!("shelter-SJ-BN-0001"))
    );
    assert_eq!(ear.hear().await, None);
}

#[tokio::test]
async fn the_hidden_is_told_to_staff_alone() {
    let house = House::empty().await;
    let bearer = house.bearer();
    let mut public = Ear::new(&house, &[]).await;
    let mut staff = Ear::new(&house, &[("authorization", &bearer)]).await;
    house.create("one", &site("T-1", "operational")).await;
    house.patch("one", &json!({"name": "改名"})).await.json();
    house.patch("one", &json!({"visibility": "public"})).await.json();
    house.patch("one", &json!({"contacts": [{"name": "甲"}]})).await.json();
    house.patch("one", &json!({"visibility": "operational"})).await.json();
    house.write(Method::DELETE, "one", &[("if-match", "*")], None).await;
    let told = |events: Vec<Event>| -> Vec<(u64, String)> {
        events.into_iter().skip(1).map(|e| (e.id, e.data["op"].as_str().expect("op").to_owned())).collect()
    };
    let of =
        |all: &[(u64, &str)]| -> Vec<(u64, String)> { all.iter().map(|(id, op)| (*id, (*op).to_owned())).collect() };
    assert_eq!(told(public.all().await), of(&[(3, "upsert"), (5, "remove")]));
    let everything = [(1, "upsert"), (2, "upsert"), (3, "upsert"), (4, "upsert"), (5, "upsert"), (6, "remove")];
    assert_eq!(told(staff.all().await), of(&everything));
}

#[tokio::test]
async fn who_comes_back_is_told_exactly_what_was_missed() {
    let house = House::empty().await;
    for n in 1..=6 {
        let visibility = if n % 3 == 0 { "operational" } else { "public" };
        house.create(&format!("s{n}"), &site(&format!("T-{n}"), visibility)).await;
    }
    let missed = async |last: &str| -> Vec<u64> {
        let mut ear = Ear::new(&house, &[("last-event-id", last)]).await;
        let events = ear.all().await;
        assert_eq!(
            (events[0].name.as_str(), events[0].id.to_string().as_str()),
            ("hello", last),
            "a line cut now loses nothing"
        );
        assert_eq!(events[0].data["revision"], 5, "the last public one");
        events.into_iter().skip(1).map(|e| e.id).collect()
    };
    assert_eq!(missed("0").await, [1, 2, 4, 5]);
    assert_eq!(missed("2").await, [4, 5]);
    assert_eq!(missed("4").await, [5]);
    assert_eq!(missed("5").await, Vec::<u64>::new());
    let mut by_query = Request::get("/api/live?last_event_id=4").body(Body::empty()).expect("a request");
    by_query.headers_mut().insert("host", "bihu.test".parse().expect("a host"));
    let response = house.router.clone().oneshot(by_query).await.expect("an answer");
    let mut ear = Ear { body: response.into_body().into_data_stream(), read: String::new() };
    assert_eq!(ear.all().await.into_iter().map(|e| e.id).collect::<Vec<_>>(), [4, 5]);
}

#[tokio::test]
async fn replay_and_live_join_without_seam() {
    let house = House::empty().await;
    house.create("a", &site("T-1", "public")).await;
    house.create("b", &site("T-2", "public")).await;
    let mut ear = Ear::new(&house, &[("last-event-id", "1")]).await;
    house.create("c", &site("T-3", "public")).await;
    house.create("d", &site("T-4", "public")).await;
    assert_eq!(ear.all().await.into_iter().map(|e| e.id).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn too_long_away_or_from_another_store_means_to_load_anew() {
    let house = House::demo().await;
    let public = house.app.world().revisions().public.0;
    assert!(public > 2001, "the demonstration is longer than a replay");
    for last in [0, public - 2001, public + 1, u64::MAX] {
        let mut ear = Ear::new(&house, &[("last-event-id", &last.to_string())]).await;
        ear.must_hear().await;
        let reset = ear.must_hear().await;
        assert_eq!((reset.name.as_str(), reset.id), ("reset", public), "{last}");
        let kinds = reset.data["kinds"].as_array().expect("kinds");
        for layer in ["shelter", "warehouse", "storage_point", "team", "site", "divisions", "demand"] {
            assert!(kinds.contains(&json!(layer)), "{layer}");
        }
        assert_eq!(ear.hear().await, None);
    }
    let mut ear = Ear::new(&house, &[("last-event-id", &(public - 2000).to_string())]).await;
    let told = ear.all().await;
    assert!(told.iter().skip(1).all(|e| e.name == "reset" && e.data["kinds"] != json!([])), "one batch is told as one");
    assert_eq!(told.last().map(|e| e.id), Some(public));
}

#[tokio::test]
async fn a_header_that_is_no_revision_is_400() {
    let house = House::empty().await;
    for bad in ["abc", "-1", "1.5", "", "99999999999999999999999", "r5"] {
        house.call(Method::GET, "/api/live", &[("last-event-id", bad)], None).await.violation(400, "Last-Event-ID");
    }
    house.get("/api/live?last_event_id=abc").await.violation(400, "last_event_id");
    house.get("/api/live?since=5").await.violation(400, "since");
    let wrong = [("authorization", "Bearer wrong")];
    house.call(Method::GET, "/api/live", &wrong, None).await.problem(401);
}

#[tokio::test]
async fn a_slow_listener_is_not_skipped() {
    let house = House::empty().await;
    let mut quick = Ear::new(&house, &[]).await;
    let mut slow = Ear::new(&house, &[]).await;
    assert_eq!((quick.must_hear().await.id, slow.must_hear().await.id), (0, 0));
    house.create("one", &site("T-1", "public")).await;
    for n in 0..400 {
        house.patch("one", &json!({"name": format!("测试 {n}")})).await.json();
        assert_eq!(quick.must_hear().await.id, n + 1);
    }
    assert_eq!(slow.all().await.into_iter().map(|e| e.id).collect::<Vec<_>>(), (1..=401).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_large_import_is_one_reset_of_its_layer() {
    let house = House::empty().await;
    let mut ear = Ear::new(&house, &[]).await;
    ear.must_hear().await;
    let mut file = "code,name,lon,lat\n".to_owned();
    for n in 0..300 {
        file.push_str(&format!("T-{n},测试 {n},121.{n:03},31.0\n"));
    }
    let request = import::Request {
        file: "many.csv".to_owned(),
        bytes: file.into_bytes().into(),
        target: bihu::exchange::Target::Resource(bihu::domain::Kind::Site),
        crs: bihu::domain::Crs::WGS84,
        layer: None,
        columns: None,
        observed_at: None,
        mode: Mode::Commit,
        confirmed: bihu::service::datum::DatumCheck::Ask,
    };
    let actor = bihu::domain::Actor { name: "cli".to_owned(), role: bihu::domain::Role::Admin, scope: None };
    let report = import::run(&house.app, &actor, request, &|_| {}).await.expect("a report");
    assert_eq!(report.new, 300);
    let reset = ear.must_hear().await;
    assert_eq!((reset.name.as_str(), reset.id, &reset.data["kinds"]), ("reset", 300, &json!(["site"])));
    assert_eq!(ear.hear().await, None);
}

#[tokio::test]
async fn what_another_process_wrote_is_told_too() {
    let house = House::empty().await;
    let other = house.neighbour().await;
    let mut ear = Ear::new(&house, &[]).await;
    ear.must_hear().await;
    other.create("one", &site("T-1", "public")).await;
    house.app.refresh().await.expect("the journal");
    assert_eq!(ear.must_hear().await.id, 1);
}

#[tokio::test]
async fn streams_end_when_the_service_stops() {
    let house = House::empty().await;
    let mut ear = Ear::new(&house, &[]).await;
    ear.must_hear().await;
    house.app.stop_telling();
    let end = tokio::time::timeout(Duration::from_secs(2), ear.body.next()).await.expect("it does not hang");
    assert!(end.is_none());
}

#[tokio::test]
async fn a_replay_does_not_tell_what_a_thing_was_before_it_was_hidden() {
    let house = House::demo().await;
    let seen = house.revision().to_string();
    let bunker = json!({"kind": "shelter", "code": "S9", "name": "SecretBunker", "lon": 121.2, "lat": 31.0});
    house.create("shelter-s9", &bunker).await;
    assert_eq!(house.patch("shelter-s9", &json!({"visibility": "operational"})).await.status, 200);
    let told = Ear::new(&house, &[("last-event-id", &seen)]).await.all().await;
    assert!(!format!("{told:?}").contains("SecretBunker"), "{told:?}");
    assert_eq!(
        told.last().map(|e| (e.data["op"].clone(), e.data["id"].clone())),
        Some((json!("remove"), json!("shelter-s9")))
    );
}

#[tokio::test]
async fn a_crowd_of_the_public_is_told_the_limit_and_does_not_shut_staff_out() {
    let house = House::empty().await;
    let mut crowd = Vec::new();
    let refused = loop {
        let request = Request::get("/api/live").body(Body::empty()).expect("a request");
        let response = house.router.clone().oneshot(request).await.expect("the router never fails");
        if response.status() != 200 {
            break response;
        }
        crowd.push(response);
        assert!(crowd.len() <= 10_000, "no limit in sight");
    };
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    Ear::new(&house, &[("authorization", &house.bearer())]).await.must_hear().await;
    drop(crowd);
    Ear::new(&house, &[]).await.must_hear().await;
}
