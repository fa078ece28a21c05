//! Feeds: what they bring, what they survive, what is held back, who runs them, and what nobody gets to see.

use crate::house::{Answer, House, now};
use crate::origin::{Act, Origin};
use axum::http::Method;
use bihu::domain::{Lifecycle, ResourceId, Role};
use bihu::service::App;
use bihu::service::feeds::{self, Limits, Private, SealKey, Settings, is_public, next_run};
use bihu::store::{RecordKind, Store};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

fn settings() -> Settings {
    let limits = Limits {
        bytes: 200_000,
        connect: Duration::from_secs(1),
        idle: Duration::from_millis(400),
        total: Duration::from_millis(900),
    };
    Settings { private: Private::Allow, folder: None, seal: SealKey::parse(&"7f".repeat(32)).expect("a key"), limits }
}

async fn house() -> House {
    let house = House::empty().await;
    house.app.allow_feeds(settings());
    house
}

/// A table of shelters, one for each number.
fn table(numbers: std::ops::Range<usize>) -> String {
    let row = |n: usize| format!("F-{n},数据源场所{n},121.{:04},31.0\n", 1000 + 10 * n);
    format!("code,name,lon,lat\n{}", numbers.map(row).collect::<String>())
}

fn body(name: &str, url: &str) -> Value {
    json!({"name": name, "source": {"url": url}, "kind": "shelter", "datum": "wgs84", "every_s": 60})
}

async fn call(house: &House, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let bearer = house.bearer();
    house.call(method, path, &[("authorization", &bearer)], body).await
}

async fn create(house: &House, body: &Value) -> Value {
    let made = call(house, Method::POST, "/api/feeds", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

async fn run(house: &House, name: &str) -> Value {
    call(house, Method::POST, &format!("/api/feeds/{name}/run"), None).await.json()
}

async fn feed(house: &House, name: &str) -> Value {
    call(house, Method::GET, &format!("/api/feeds/{name}"), None).await.json()
}

#[tokio::test]
async fn a_feed_runs_by_itself_and_each_run_is_one_batch_under_its_own_name() {
    let house = house().await;
    let origin = Origin::open(Act::Give("ETag: \"one\"\r\n", table(0..10))).await;
    let made = create(&house, &body("city", &origin.url)).await;
    assert_eq!((&made["state"], &made["last_run"], &made["failures"]), (&json!("well"), &Value::Null, &json!(0)));
    let ran = feeds::run_due(&house.app).await.expect("runs");
    assert_eq!((ran.len(), ran[0].state.word(), ran[0].batch), (1, "applied", Some(1)));
    let journal = house.journal(0).await;
    assert_eq!((journal.len(), journal[9].batch.0, journal[0].actor.as_str()), (10, 1, "feed:city"));
    assert_eq!(journal[0].reason.as_deref(), Some("feed city run 1; import list.csv; datum wgs84"));
    // It is not due again before its time, and what it has seen it is asked for by name.
    assert!(feeds::run_due(&house.app).await.expect("runs").is_empty());
    let told = feed(&house, "city").await;
    assert_eq!(
        told["next_run_at"],
        json!((now() + TimeDelta::seconds(60)).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    );
    assert_eq!((&told["last_run"]["report"]["new"], &told["last_run"]["report"]["rows"]), (&json!(10), &json!(10)));
    origin.act(Act::Status(304, String::new()));
    assert_eq!(run(&house, "city").await["state"], "unchanged");
    assert!(origin.asked()[1].contains("if-none-match: \"one\""), "{:?}", origin.asked());
    // The same bytes without a 304 are seen to be the same.
    origin.give(&table(0..10));
    let same = run(&house, "city").await;
    assert_eq!((&same["state"], &same["batch"], house.revision()), (&json!("unchanged"), &Value::Null, 10));
    origin.give(&table(0..11));
    let more = run(&house, "city").await;
    assert_eq!((&more["batch"], &more["report"]["new"], &more["report"]["same"]), (&json!(11), &json!(1), &json!(10)));
    let runs = call(&house, Method::GET, "/api/feeds/city/runs?limit=3", None).await.json();
    let states: Vec<_> =
        runs["runs"].as_array().into_iter().flatten().map(|r| (r["run"].clone(), r["state"].clone())).collect();
    assert_eq!(states, [(json!(4), json!("applied")), (json!(3), json!("unchanged")), (json!(2), json!("unchanged"))]);
    let rest = call(&house, Method::GET, &format!("/api/feeds/city/runs?before={}", runs["next"]), None).await.json();
    assert_eq!((rest["runs"].as_array().map(Vec::len), &rest["next"]), (Some(1), &Value::Null));
}

#[tokio::test]
async fn whatever_a_source_does_the_feed_survives_and_nothing_is_half_written() {
    let house = house().await;
    let origin = Origin::open(Act::Give("", table(0..10))).await;
    create(&house, &body("city", &origin.url)).await;
    run(&house, "city").await;
    let before = house.revision();
    let html = "<!DOCTYPE html><html><body>维护中</body></html>";
    let troubles = [
        (Act::Status(500, String::new()), "HTTP 500"),
        (Act::Status(503, String::new()), "HTTP 503"),
        (Act::Status(204, String::new()), "HTTP 204"),
        (Act::Silence, "did not finish in time"),
        (Act::Drip, "did not finish in time"),
        (Act::CutOff(table(0..20)), "incomplete"),
        (Act::Give("", html.to_owned()), "HTML"),
        (Act::Give("", String::new()), "empty"),
        (Act::Give("", "x".repeat(200_001)), "larger than 200000"),
        (Act::Endless, "larger than 200000"),
        (Act::Status(302, "Location: /again\r\n".to_owned()), "redirects"),
        (Act::Status(302, "Location: file:///etc/passwd\r\n".to_owned()), "only http"),
        (Act::Give("", "foo,bar\n1,2\n".to_owned()), "no column"),
    ];
    for (number, (act, said)) in troubles.into_iter().enumerate() {
        origin.act(act);
        let run = run(&house, "city").await;
        let problem = run["problem"].as_str().unwrap_or_default();
        assert_eq!((run["state"].as_str(), problem.contains(said)), (Some("failed"), true), "{said}: {run}");
        let told = feed(&house, "city").await;
        assert_eq!((&told["state"], &told["failures"]), (&json!("failing"), &json!(number + 1)));
    }
    assert_eq!(house.revision(), before);
    origin.give(&table(0..12));
    assert_eq!(run(&house, "city").await["state"], "applied");
    let told = feed(&house, "city").await;
    assert_eq!((&told["state"], &told["failures"], house.revision()), (&json!("well"), &json!(0), before + 2));
    // Nobody there at all.
    call(&house, Method::PUT, "/api/feeds/city", Some(&body("city", "http://127.0.0.1:9/"))).await.json();
    assert_eq!(run(&house, "city").await["state"], "failed");
}

#[tokio::test]
async fn a_file_shrunk_by_half_is_held_back_until_somebody_decides() {
    let house = house().await;
    let origin = Origin::open(Act::Give("", table(0..20))).await;
    create(&house, &body("city", &origin.url)).await;
    run(&house, "city").await;
    let half = table(5..15).replace("数据源场所7", "改名场所7");
    origin.give(&half);
    let held = run(&house, "city").await;
    assert_eq!((&held["state"], &held["report"]["changed"]), (&json!("quarantined"), &json!(1)));
    assert!(held["problem"].as_str().is_some_and(|p| p.contains("from 20 to 10")), "{held}");
    assert_eq!((house.revision(), feed(&house, "city").await["quarantined_run"].clone()), (20, json!(2)));
    // Looked at once more it is no news, and waits.
    assert_eq!(run(&house, "city").await["state"], "unchanged");
    assert_eq!(feed(&house, "city").await["state"], "quarantined");
    call(&house, Method::POST, "/api/feeds/city/runs/9/release", None).await.problem(404);
    assert_eq!(
        call(&house, Method::POST, "/api/feeds/city/runs/1/release", None).await.problem(409)["type"],
        "urn:bihu:problem:decided"
    );
    let released = call(&house, Method::POST, "/api/feeds/city/runs/2/release", None).await.json();
    assert_eq!(
        (&released["state"], &released["batch"], &released["missing"]),
        (&json!("released"), &json!(21), &json!(10))
    );
    let reason = house.journal(20).await[0].reason.clone().unwrap_or_default();
    assert!(reason.contains("released by chief"), "{reason}");
    // What vanished stays: nothing was said of it.
    assert_eq!(house.app.world().resources().count(), 20);
    assert_eq!(feed(&house, "city").await["state"], "well");
    call(&house, Method::POST, "/api/feeds/city/runs/2/discard", None).await.problem(409);
    // From now on ten is what is usual.
    origin.give(&table(5..13));
    assert_eq!(run(&house, "city").await["state"], "applied");
    // One that is thrown away, and one that a newer one overtakes.
    origin.give(&table(0..2));
    assert_eq!(run(&house, "city").await["state"], "quarantined");
    origin.give(&table(0..3));
    assert_eq!(run(&house, "city").await["state"], "quarantined");
    call(&house, Method::POST, "/api/feeds/city/runs/5/release", None).await.problem(409);
    let gone = call(&house, Method::POST, "/api/feeds/city/runs/6/discard", None).await.json();
    assert_eq!(
        (&gone["state"], &gone["decided_by"], &gone["batch"]),
        (&json!("discarded"), &json!("chief"), &Value::Null)
    );
    assert_eq!(feed(&house, "city").await["quarantined_run"], Value::Null);
}

#[tokio::test]
async fn bad_rows_are_left_out_and_told_and_too_many_of_them_hold_the_run_back() {
    let house = house().await;
    let origin = Origin::open(Act::Give("", format!("{}F-77,坏行,,\n", table(0..9)))).await;
    create(&house, &body("city", &origin.url)).await;
    let ran = run(&house, "city").await;
    assert_eq!(
        (&ran["state"], &ran["report"]["refused"], &ran["report"]["new"]),
        (&json!("applied"), &json!(1), &json!(9))
    );
    assert!(house.journal(0).await[0].reason.as_deref().is_some_and(|r| r.contains("rows left out: 1")));
    origin.give(&format!("{}F-77,坏行,,\nF-78,坏行,,\nF-79,坏行,,\n", table(0..9)));
    let held = run(&house, "city").await;
    assert_eq!(held["state"], "quarantined", "{held}");
    assert!(held["problem"].as_str().is_some_and(|p| p.contains("3 of 12 rows")), "{held}");
}

#[tokio::test]
async fn what_vanished_is_retired_only_where_that_was_chosen_and_never_removed() {
    let house = house().await;
    let origin = Origin::open(Act::Give("", table(0..10))).await;
    let mut wanted = body("city", &origin.url);
    wanted["missing"] = json!("retire");
    create(&house, &wanted).await;
    run(&house, "city").await;
    house.create("other", &json!({"kind": "shelter", "code": "X", "name": "别处", "lon": 121.0, "lat": 31.0})).await;
    origin.give(&table(1..10));
    let ran = run(&house, "city").await;
    assert_eq!((&ran["state"], &ran["missing"], &ran["retired"]), (&json!("applied"), &json!(1), &json!(1)));
    let world = house.app.world();
    let lifecycle = |id: &str| world.resource(&ResourceId::parse(id).expect("an id")).map(|row| row.value.lifecycle);
    assert_eq!(lifecycle("shelter-F-0"), Some(Lifecycle::Retired));
    assert_eq!(
        (lifecycle("shelter-F-1"), lifecycle("other")),
        (Some(Lifecycle::InService), Some(Lifecycle::InService))
    );
    // A row with a typing error is in the file all the same, and what comes back is in service again.
    origin.give(&format!(
        "{}F-1,数据源场所1,xx,31.0\n",
        table(2..10).replace("code,name,lon,lat\n", "code,name,lon,lat\nF-0,数据源场所0,121.1000,31.0\n")
    ));
    let ran = run(&house, "city").await;
    assert_eq!((&ran["state"], &ran["missing"], &ran["retired"]), (&json!("applied"), &json!(0), &json!(0)), "{ran}");
    let world = house.app.world();
    let lifecycle = |id: &str| world.resource(&ResourceId::parse(id).expect("an id")).map(|row| row.value.lifecycle);
    assert_eq!(
        (lifecycle("shelter-F-0"), lifecycle("shelter-F-1")),
        (Some(Lifecycle::InService), Some(Lifecycle::InService))
    );
}

#[tokio::test]
async fn of_two_services_over_one_store_one_runs_a_feed() {
    let house = house().await;
    let other = house.neighbour().await;
    other.app.allow_feeds(settings());
    let origin = Origin::open(Act::Give("", table(0..10))).await;
    create(&house, &body("city", &origin.url)).await;
    let (one, two) = tokio::join!(feeds::run_due(&house.app), feeds::run_due(&other.app));
    assert_eq!(one.expect("runs").len() + two.expect("runs").len(), 1);
    assert_eq!(origin.asked().len(), 1);
    other.app.refresh().await.expect("the journal");
    assert_eq!((other.app.world().resources().count(), house.journal(0).await.len()), (10, 10));
    // While one runs it, the other one says so.
    origin.act(Act::Silence);
    let (slow, busy) = tokio::join!(run(&house, "city"), async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let running = feed(&other, "city").await["state"].clone();
        (running, call(&other, Method::POST, "/api/feeds/city/run", None).await.problem(409))
    });
    assert_eq!(
        (&slow["state"], &busy.0, &busy.1["type"]),
        (&json!("failed"), &json!("running"), &json!("urn:bihu:problem:busy"))
    );
}

static SECONDS: AtomicI64 = AtomicI64::new(0);

fn moving() -> DateTime<Utc> {
    now() + TimeDelta::seconds(SECONDS.load(Ordering::Relaxed))
}

#[tokio::test]
async fn failures_back_off_and_a_dead_process_loses_its_lease() {
    let mut house = House::empty().await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("bihu.db").display());
    let store: Arc<dyn Store> = bihu::store::open(&url).await.expect("a store");
    let app = App::open(store, moving).await.expect("an app");
    app.allow_feeds(settings());
    (house.router, house.app) = (bihu::api::router(app.clone(), bihu::api::Gauges::detached()), app);
    house.admin = house.token("chief", Role::Admin, None).await;
    let origin = Origin::open(Act::Status(500, String::new())).await;
    create(&house, &body("city", &origin.url)).await;
    let mut at = Vec::new();
    for second in 0..1000 {
        SECONDS.store(second, Ordering::Relaxed);
        if second % 10 == 0 && !feeds::run_due(&house.app).await.expect("runs").is_empty() {
            at.push(second);
        }
    }
    assert_eq!(at, [0, 60, 180, 420, 900]);
    // A process that died in the middle of a run holds its lease for half an hour.
    let mut record = house.app.store().record(RecordKind::Feed, "city").await.expect("a store").expect("a feed");
    let mut doc: Value = serde_json::from_str(&record.doc).expect("JSON");
    doc["progress"]["lease"] = json!({"node": "dead", "until": moving() + TimeDelta::minutes(30)});
    record.doc = doc.to_string();
    house.app.store().put_record(&record, bihu::store::Expected::Any).await.expect("a store");
    SECONDS.store(1000 + 1790, Ordering::Relaxed);
    assert!(feeds::run_due(&house.app).await.expect("runs").is_empty());
    SECONDS.store(1000 + 1801, Ordering::Relaxed);
    assert_eq!(feeds::run_due(&house.app).await.expect("runs").len(), 1);
}

#[test]
fn when_a_feed_runs_next_is_told_by_its_interval_and_its_failures_alone() {
    let (minute, day) = (TimeDelta::minutes(1), TimeDelta::days(1));
    let wait = |every: TimeDelta, failures: u32| next_run(every, failures, Some(now())) - now();
    assert!(next_run(day, 3, None) < now(), "what never ran is due");
    assert_eq!((wait(day, 0), wait(minute, 0)), (day, minute));
    // A daily feed is tried again soon; a feed of every minute is left alone for longer and longer.
    assert_eq!([1, 2, 3, 4].map(|n| wait(day, n).num_minutes()), [1, 2, 4, 8]);
    assert_eq!([1, 2, 10, 4_000_000_000].map(|n| wait(minute, n).num_minutes()), [1, 2, 360, 360]);
    assert_eq!(wait(day, 30), day);
    assert_eq!(wait(TimeDelta::seconds(1), 1), TimeDelta::seconds(1));
}

#[test]
fn private_addresses_are_known_in_all_their_forms() {
    let hidden = [
        "127.0.0.1",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "2001::1",
    ];
    for address in hidden {
        assert!(!is_public(address.parse().expect("an address")), "{address}");
    }
    for address in
        ["1.1.1.1", "101.226.4.6", "172.32.0.1", "100.128.0.1", "2400:3200::1", "2606:4700::1", "64:ff9b::101:101"]
    {
        assert!(is_public(address.parse().expect("an address")), "{address}");
    }
}

#[tokio::test]
async fn without_leave_a_feed_reaches_no_private_address_by_number_name_or_redirect() {
    let house = House::empty().await;
    house.app.allow_feeds(Settings { private: Private::Refuse, ..settings() });
    let origin = Origin::open(Act::Give("", table(0..3))).await;
    let port = origin.url.split(':').nth(2).and_then(|rest| rest.split('/').next()).expect("a port").to_owned();
    let addresses = [
        origin.url.clone(),
        format!("http://localhost:{port}/list.csv"),
        format!("http://[::1]:{port}/list.csv"),
        format!("http://[::ffff:127.0.0.1]:{port}/list.csv"),
        format!("http://2130706433:{port}/list.csv"),
        format!("http://0x7f.1:{port}/list.csv"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ];
    for (n, address) in addresses.iter().enumerate() {
        create(&house, &body(&format!("f{n}"), address)).await;
        let run = run(&house, &format!("f{n}")).await;
        assert!(run["problem"].as_str().is_some_and(|p| p.contains("private network")), "{address}: {run}");
    }
    assert!(origin.asked().is_empty(), "nothing was even connected to");
    for (address, field) in [("ftp://a/b", "source"), ("http://u:p@example.com/", "source"), ("nonsense", "source")] {
        call(&house, Method::POST, "/api/feeds", Some(&body("x", address))).await.violation(422, field);
    }
}

#[tokio::test]
async fn credentials_go_to_the_source_and_are_seen_nowhere_else() {
    let house = house().await;
    let elsewhere = Origin::open(Act::Give("", table(0..3))).await;
    let origin = Origin::open(Act::Give("", table(0..3))).await;
    let mut wanted = body("city", &origin.url);
    wanted["credentials"] = json!("clerk:tr0ub4dor-secret");
    let made = call(&house, Method::POST, "/api/feeds", Some(&wanted)).await;
    assert_eq!(made.json()["has_credentials"], true);
    run(&house, "city").await;
    // "clerk:tr0ub4dor-secret" in base64, in small letters as the origin keeps them.
    let basic = "authorization: basic y2xlcms6dhiwdwi0zg9ylxnly3jlda==";
    assert!(origin.asked()[0].contains(basic), "{:?}", origin.asked());
    // Setting something else keeps them; a redirect to another host does not carry them.
    wanted.as_object_mut().expect("an object").remove("credentials");
    wanted["every_s"] = json!(120);
    assert_eq!(call(&house, Method::PUT, "/api/feeds/city", Some(&wanted)).await.json()["has_credentials"], true);
    origin.act(Act::Status(302, format!("Location: {}\r\n", elsewhere.url)));
    run(&house, "city").await;
    assert!(
        origin.asked()[1].contains(basic) && !elsewhere.asked()[0].contains("authorization"),
        "{:?}",
        elsewhere.asked()
    );
    for path in ["/api/feeds", "/api/feeds/city", "/api/feeds/city/runs"] {
        let text = call(&house, Method::GET, path, None).await.text();
        assert!(!text.contains("secret") && !text.contains("Y2xlcms6") && !text.contains("sealed"), "{path}: {text}");
    }
    // The store holds nothing of them in the clear.
    let record = house.app.store().record(RecordKind::Feed, "city").await.expect("a store").expect("a feed");
    assert!(!record.doc.contains("secret") && !record.doc.contains("Y2xlcms6"), "{}", record.doc);
    // What was sealed for one feed opens for no other, and with no other key.
    let key = SealKey::parse(&"7f".repeat(32)).expect("a key");
    let sealed = key.seal("city", "Bearer x").expect("sealed");
    assert_eq!(key.open("city", &sealed).expect("opened").as_deref(), Some("Bearer x"));
    assert_eq!(key.open("town", &sealed).expect("no error"), None);
    assert_eq!(SealKey::parse(&"7e".repeat(32)).expect("a key").open("city", &sealed).expect("no error"), None);
    assert_ne!(key.seal("city", "Bearer x").expect("sealed"), sealed);
    // Moved to another host they are gone.
    assert_eq!(
        call(&house, Method::PUT, "/api/feeds/city", Some(&body("city", "https://example.com/"))).await.json()["has_credentials"],
        false
    );
}

#[tokio::test]
async fn credentials_stay_behind_when_a_feed_moves_to_another_port_or_scheme_of_its_host() {
    let house = house().await;
    for (name, moved, kept) in [
        ("port", "http://feeds.test:8081/list.csv", false),
        ("scheme", "https://feeds.test/list.csv", false),
        ("path", "http://feeds.test:80/other.csv", true),
    ] {
        let mut wanted = body(name, "http://feeds.test/list.csv");
        wanted["credentials"] = json!("Bearer secret");
        create(&house, &wanted).await;
        let put = call(&house, Method::PUT, &format!("/api/feeds/{name}"), Some(&body(name, moved))).await.json();
        assert_eq!(put["has_credentials"], kept, "{name}: {put}");
    }
}

#[tokio::test]
async fn a_feed_reads_by_the_mapping_as_it_was_when_the_feed_was_set() {
    let house = house().await;
    let origin = Origin::open(Act::Give("", "甲,乙,丙,丁\nA-1,玉兰,121.2,31.0\n".to_owned())).await;
    let path = "/api/mappings/bureau";
    let write = async |method: Method, seen: (&str, &str), body: Option<Value>| {
        let answer = house.call(method, path, &[("authorization", &house.bearer()), seen], body.as_ref()).await;
        assert!(answer.status.is_success(), "{}", answer.text());
    };
    let mapping =
        |last: &str| json!({"kind": "shelter", "columns": {"甲": "code", "乙": "name", "丙": "lon", "丁": last}});
    write(Method::PUT, ("if-none-match", "*"), Some(mapping("lat"))).await;
    let mut wanted = body("city", &origin.url);
    wanted["mapping"] = json!("bureau");
    create(&house, &wanted).await;
    write(Method::PUT, ("if-match", "*"), Some(mapping("remarks"))).await;
    assert_eq!(run(&house, "city").await["report"]["new"], 1, "the feed keeps what it was set with");
    write(Method::DELETE, ("if-match", "*"), None).await;
    origin.give("甲,乙,丙,丁\nA-1,玉兰,121.2,31.0\nA-2,白兰,121.21,31.0\n");
    assert_eq!(run(&house, "city").await["report"]["new"], 1, "even when the mapping is gone");
}

#[tokio::test]
async fn without_a_key_credentials_are_refused_and_a_key_file_is_for_its_owner_alone() {
    let house = House::empty().await;
    house.app.allow_feeds(Settings { seal: SealKey::Absent, ..settings() });
    let mut wanted = body("city", "http://127.0.0.1:9/");
    wanted["credentials"] = json!("token");
    let refused = call(&house, Method::POST, "/api/feeds", Some(&wanted)).await;
    assert!(refused.violation(422, "credentials")["zh"].as_str().is_some_and(|zh| zh.contains("BIHU_SEAL_KEY")));
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("seal-key");
    let sealed = SealKey::File(path.clone()).seal("city", "Bearer x").expect("sealed");
    assert_eq!(SealKey::File(path.clone()).open("city", &sealed).expect("opened").as_deref(), Some("Bearer x"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_feed_that_is_switched_off_still_says_that_a_run_is_held_back() {
    let house = house().await;
    let origin = Origin::open(Act::Give("", table(0..20))).await;
    let mut wanted = body("city", &origin.url);
    create(&house, &wanted).await;
    run(&house, "city").await;
    origin.give(&table(0..5));
    assert_eq!(run(&house, "city").await["state"], "quarantined");
    wanted["enabled"] = json!(false);
    let off = call(&house, Method::PUT, "/api/feeds/city", Some(&wanted)).await.json();
    let told = (&off["state"], &off["enabled"], &off["quarantined_run"]);
    assert_eq!(told, (&json!("quarantined"), &json!(false), &json!(2)));
    call(&house, Method::POST, "/api/feeds/city/runs/2/discard", None).await.json();
    assert_eq!(feed(&house, "city").await["state"], "paused");
}

#[tokio::test]
async fn a_folder_gives_its_newest_file_and_nothing_outside_it() {
    let house = House::empty().await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let outside = tempfile::TempDir::new().expect("a folder");
    let root = folder.path();
    std::fs::create_dir(root.join("city")).expect("a folder");
    std::fs::write(outside.path().join("list.csv"), table(0..3)).expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path(), root.join("link")).expect("a link");
    house.app.allow_feeds(Settings { folder: Some(root.to_owned()), ..settings() });
    let mut wanted = body("city", "");
    wanted["source"] = json!({"folder": "city"});
    create(&house, &wanted).await;
    assert!(run(&house, "city").await["problem"].as_str().is_some_and(|p| p.contains("no file")));
    std::fs::write(root.join("city/a.csv"), table(0..3)).expect("a file");
    std::fs::write(root.join("city/.hidden.csv"), table(0..9)).expect("a file");
    std::fs::write(root.join("city/z.csv.part"), "half").expect("a file");
    let first = run(&house, "city").await;
    assert_eq!((&first["state"], &first["file"]), (&json!("applied"), &json!("a.csv")));
    std::fs::write(root.join("city/b.csv"), table(0..4)).expect("a file");
    let newer = std::fs::File::options().write(true).open(root.join("city/b.csv")).expect("a file");
    newer.set_modified(std::time::SystemTime::now() + Duration::from_secs(5)).expect("a time");
    assert_eq!(run(&house, "city").await["file"], "b.csv");
    for path in ["link", "link/list.csv", "/etc/passwd", "nothing"] {
        wanted["source"] = json!({"folder": path});
        let refused = call(&house, Method::PUT, "/api/feeds/city", Some(&wanted)).await.violation(422, "source");
        let told = (refused["zh"].as_str().unwrap_or_default(), refused["en"].as_str().unwrap_or_default());
        assert!(
            told.0.contains("不在数据源文件夹之内") && told.1.contains("not beneath the folder"),
            "{path}: {told:?}"
        );
    }
    assert_eq!(feed(&house, "city").await["source"], json!({"folder": "city"}));
    // What is lost later is told by the run, and such a feed can still be switched off.
    std::fs::rename(root.join("city"), outside.path().join("city")).expect("a rename");
    let run = run(&house, "city").await;
    assert!(run["problem"].as_str().is_some_and(|p| p.contains("not beneath the folder")), "{run}");
    (wanted["source"], wanted["enabled"]) = (json!({"folder": "city"}), json!(false));
    assert_eq!(call(&house, Method::PUT, "/api/feeds/city", Some(&wanted)).await.json()["state"], "paused");
    wanted["source"] = json!({"folder": "../x"});
    call(&house, Method::PUT, "/api/feeds/city", Some(&wanted)).await.violation(422, "source");
}

#[tokio::test]
async fn a_source_that_goes_back_to_an_older_file_is_held_back_until_somebody_lets_it_go() {
    let house = House::empty().await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let put = |name: &str, text: String, minutes: u64| {
        std::fs::write(folder.path().join(name), text).expect("a file");
        let file = std::fs::File::options().write(true).open(folder.path().join(name)).expect("a file");
        let at = std::time::SystemTime::from(now()) - Duration::from_secs(60 * minutes);
        file.set_modified(at).expect("a time");
    };
    house.app.allow_feeds(Settings { folder: Some(folder.path().to_owned()), ..settings() });
    let mut wanted = body("city", "");
    wanted["source"] = json!({"folder": "."});
    create(&house, &wanted).await;
    put("a.csv", table(0..10), 90);
    assert_eq!(run(&house, "city").await["state"], "applied");
    put("b.csv", table(0..10).replace("数据源场所7", "改名场所7"), 30);
    assert_eq!(run(&house, "city").await["state"], "applied");
    let named = async || house.get("/api/search?q=%E6%94%B9%E5%90%8D").await.json()["results"].as_array().map(Vec::len);
    assert_eq!(named().await, Some(1));
    // Somebody deletes the newer one: what is left is not taken for news.
    std::fs::remove_file(folder.path().join("b.csv")).expect("it goes");
    let held = run(&house, "city").await;
    assert_eq!((&held["state"], &held["file"]), (&json!("quarantined"), &json!("a.csv")));
    assert!(held["problem"].as_str().is_some_and(|p| p.contains("older than the one taken last")), "{held}");
    assert_eq!(named().await, Some(1));
    call(&house, Method::POST, "/api/feeds/city/runs/3/release", None).await.json();
    assert_eq!(named().await, Some(0));
    // From now on files as old are taken.
    put("c.csv", table(0..11), 80);
    assert_eq!(run(&house, "city").await["state"], "applied");
}

#[tokio::test]
async fn an_address_that_answers_with_an_older_file_is_held_back_too() {
    let house = house().await;
    let origin = Origin::open(Act::Give("Last-Modified: Fri, 20 Nov 2026 03:00:00 GMT\r\n", table(0..10))).await;
    create(&house, &body("city", &origin.url)).await;
    assert_eq!(run(&house, "city").await["state"], "applied");
    origin.act(Act::Give("Last-Modified: Fri, 20 Nov 2026 02:59:30 GMT\r\n", table(0..11)));
    assert_eq!(run(&house, "city").await["state"], "applied", "clocks differ by as much");
    origin.act(Act::Give("Last-Modified: Thu, 19 Nov 2026 03:00:00 GMT\r\n", table(0..12)));
    assert_eq!(run(&house, "city").await["state"], "quarantined");
    origin.act(Act::Give("", table(0..12).replace("数据源场所7", "改名场所7")));
    assert_eq!(run(&house, "city").await["state"], "applied", "what tells no time is taken as it was");
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_in_the_folder_is_refused_and_keeps_no_other_feed_waiting() {
    let house = House::empty().await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.csv")).status().expect("mkfifo");
    assert!(made.success());
    house.app.allow_feeds(Settings { folder: Some(folder.path().to_owned()), ..settings() });
    let mut wanted = body("city", "");
    wanted["source"] = json!({"folder": "pipe.csv"});
    create(&house, &wanted).await;
    let ran = tokio::time::timeout(Duration::from_secs(20), run(&house, "city")).await.expect("no waiting");
    assert!(ran["problem"].as_str().is_some_and(|p| p.contains("no plain file")), "{ran}");
}

#[tokio::test]
async fn feeds_are_kept_by_stewards_within_their_division() {
    let house = house().await;
    let origin = Origin::open(Act::Give(
        "",
        format!("{}F-9,外镇场所,121.3,31.1\n", table(0..1))
            .replace("lat\n", "lat,division\n")
            .replace("31.0\n", "31.0,310117001000\n")
            .replace("31.1\n", "31.1,310117102000\n"),
    ))
    .await;
    let bearer = |token: String| format!("Bearer {token}");
    let steward = bearer(house.token("s", Role::Steward, Some("310117001")).await);
    let other = bearer(house.token("o", Role::Steward, Some("310117102")).await);
    let editor = bearer(house.token("e", Role::Editor, None).await);
    let mut wanted = body("town", &origin.url);
    wanted["refused_max_share"] = json!(0.5);
    for (token, status) in [(&editor, 403), (&other, 403)] {
        let mut wanted = wanted.clone();
        wanted["scope"] = json!("310117001");
        house.call(Method::POST, "/api/feeds", &[("authorization", token)], Some(&wanted)).await.problem(status);
    }
    house.post("/api/feeds", &wanted).await.problem(401);
    let made = house.call(Method::POST, "/api/feeds", &[("authorization", &steward)], Some(&wanted)).await.json();
    assert_eq!(made["scope"], "310117001000");
    house.call(Method::POST, "/api/feeds", &[("authorization", &steward)], Some(&wanted)).await.problem(409);
    let paths = [
        (Method::GET, "/api/feeds/town"),
        (Method::POST, "/api/feeds/town/run"),
        (Method::DELETE, "/api/feeds/town"),
        (Method::POST, "/api/feeds/town/runs/1/release"),
        (Method::POST, "/api/feeds/town/runs/1/discard"),
        (Method::GET, "/api/feeds/town/runs"),
    ];
    for (method, path) in paths {
        house.call(method.clone(), path, &[("authorization", &other)], None).await.problem(403);
        house.call(method.clone(), path, &[("authorization", &editor)], None).await.problem(403);
        house.call(method, path, &[], None).await.problem(401);
    }
    let list = house.call(Method::GET, "/api/feeds", &[("authorization", &other)], None).await.json();
    assert_eq!(list["feeds"], json!([]));
    // The feed writes within the scope of whoever set it.
    let ran = house.call(Method::POST, "/api/feeds/town/run", &[("authorization", &steward)], None).await.json();
    assert_eq!(
        (&ran["report"]["new"], &ran["report"]["refused"], &ran["asked_by"]),
        (&json!(1), &json!(1), &json!("s"))
    );
    assert_eq!(ran["report"]["refused_rows"][0]["reason"], "scope");
    assert_eq!(house.call(Method::DELETE, "/api/feeds/town", &[("authorization", &steward)], None).await.status, 204);
    let left = house.app.store().records(RecordKind::FeedRun, "", "", 10).await.expect("a store");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_feed_that_changes_its_datum_is_held_back_and_let_go_on_the_record() {
    let house = House::demo().await;
    house.app.allow_feeds(settings());
    let before = house.revision();
    let origin = Origin::open(Act::Give("", crate::api_imports::shifted(&house))).await;
    create(&house, &body("city", &origin.url)).await;
    let held = run(&house, "city").await;
    assert_eq!((&held["state"], house.revision()), (&json!("quarantined"), before), "{held}");
    assert!(held["problem"].as_str().is_some_and(|p| p.contains("gcj02")), "{held}");
    let released = call(&house, Method::POST, "/api/feeds/city/runs/1/release", None).await.json();
    assert_eq!((&released["state"], &released["decided_by"]), (&json!("released"), &json!("chief")));
    let reason = house.journal(before).await[0].reason.clone().unwrap_or_default();
    assert!(reason.contains("confirmed against evidence") && reason.contains("released by chief"), "{reason}");
}
