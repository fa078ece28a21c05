//! Promises about outages: when the database is gone or the disk is full, questions are answered, writes are refused
//! clearly, nothing acknowledged is lost, and all of it mends itself.

use crate::acts::{commit_all, create, journal};
use crate::ground::Ground;
use crate::proxy::{Proxy, Wire};
use crate::samples::shelter;
use crate::server::{Answer, Ask, Server, program, token};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Longest time for a refusal, and for the server to notice that the database is gone or back.
const NOTICED: Duration = Duration::from_secs(15);

fn put(code: &str, token: &str) -> Ask {
    let body = json!({ "kind": "shelter", "code": code, "name": "试验", "lon": 121.2, "lat": 31, "synthetic": true });
    Ask::new("PUT", &format!("/api/resources/{code}")).with("if-none-match", "*").by(token).saying(body)
}

/// Asks until the status comes; returns how long it took.
fn wait_for(server: &Server, path: &str, status: u16) -> Duration {
    let began = Instant::now();
    while server.get(path).status != status {
        assert!(began.elapsed() < NOTICED, "{path} is not {status} after {:?}: {}", began.elapsed(), server.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    began.elapsed()
}

/// Public and staff are answered from memory, at once.
fn questions_are_answered(server: &Server, token: &str) {
    let nearest = "/api/nearest?lon=121.2&lat=31&k=100";
    for ask in [Ask::new("GET", nearest), Ask::new("GET", nearest).by(token), Ask::new("GET", "/api/layers/shelter")] {
        let began = Instant::now();
        let answer = server.ask(&ask);
        assert_eq!(answer.status, 200, "{ask:?}: {answer:?}");
        assert!(answer.body.to_string().contains("before"), "{ask:?}: {answer:?}");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(1), "{ask:?} took {took:?}");
    }
}

/// A refusal for want of a store: a problem with an incident id and nothing about the cause.
fn check_refusal(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert!(answer.body["incident"].is_string() && answer.body["detail"].is_null(), "{answer:?}");
}

async fn survives(wire: Wire) {
    let ground = Ground::postgres().await;
    let direct = ground.open().await;
    let proxy = Proxy::to(&ground.url);
    let server = Server::start(&proxy.url);
    let (token, strange) = (token(&ground.url), "bihu_nobody-has-this");
    assert_eq!(server.ask(&put("before", &token)).status, 201);
    let told = server.listen();
    questions_are_answered(&server, &token);

    proxy.set(wire);
    let began = Instant::now();
    check_refusal(&server.ask(&put("during", &token)));
    println!("{wire:?}: a write was refused after {:?}", began.elapsed());
    assert!(began.elapsed() < NOTICED, "refused after {:?}", began.elapsed());
    println!("{wire:?}: not ready after another {:?}", wait_for(&server, "/readyz", 503));
    questions_are_answered(&server, &token);
    check_refusal(&server.ask(&Ask::new("GET", "/api/nearest?lon=121&lat=31").by(strange)));
    assert_eq!(server.get("/healthz").status, 200);
    commit_all(&*direct, vec![create(shelter("elsewhere"))]).await;

    proxy.set(Wire::Whole);
    println!("{wire:?}: ready again after {:?}", wait_for(&server, "/readyz", 200));
    let heard = std::iter::from_fn(|| told.recv_timeout(Duration::from_secs(3)).ok());
    let missed = heard.map(|(_, event)| event).find(|event| event["id"] == "shelter-elsewhere");
    assert!(missed.is_some(), "what was written meanwhile is not told");
    assert_eq!(server.ask(&put("after", &token)).status, 201);
    let rows = direct.load(None).await.expect("tables load").resources;
    let codes: BTreeSet<_> = rows.iter().map(|row| row.value.code.as_str()).collect();
    // What was refused for want of an answer may have been written all the same.
    assert!(codes.is_superset(&BTreeSet::from(["before", "elsewhere", "after"])), "{codes:?}");
    assert_eq!(journal(&*direct).await.len() as u64, direct.revisions().await.expect("the counter reads").all.0);
}

#[tokio::test]
async fn a_server_outlives_a_database_that_stops() {
    survives(Wire::Cut).await;
}

#[tokio::test]
async fn a_server_outlives_a_database_that_falls_silent() {
    survives(Wire::Dead).await;
}

#[tokio::test]
async fn a_server_outlives_connections_that_are_ended() {
    let ground = Ground::postgres().await;
    let server = Server::start(&ground.url);
    let token = token(&ground.url);
    for round in 0..5 {
        assert_eq!(server.ask(&put(&format!("before-{round}"), &token)).status, 201);
        ground.cut().await;
        questions_are_answered(&server, &token);
        assert_eq!(server.ask(&put(&format!("after-{round}"), &token)).status, 201, "{}", server.said());
    }
    wait_for(&server, "/readyz", 200);
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_loses_nothing() {
    const KIB: u32 = 1500;
    let ground = Ground::sqlite().await;
    let server = Server::start(&ground.url);
    let token = token(&ground.url);
    assert_eq!(server.ask(&put("before", &token)).status, 201);
    drop(server);

    let server = Server::start_on_a_small_disk(&ground.url, KIB);
    let mut accepted = 1;
    let refused = loop {
        let answer = server.ask(&put(&format!("filler-{accepted}"), &token));
        if answer.status != 201 {
            break answer;
        }
        accepted += 1;
        assert!(accepted < 5000, "the disk does not fill");
    };
    println!("full after {accepted} writes");
    check_refusal(&refused);
    questions_are_answered(&server, &token);
    assert_eq!(server.get("/healthz").status, 200);
    drop(server);

    let server = Server::start(&ground.url);
    assert_eq!(server.ask(&put("after", &token)).status, 201, "{}", server.said());
    let store = ground.open().await;
    assert_eq!(store.load(None).await.expect("tables load").resources.len(), accepted + 1);
    assert_eq!(journal(&*store).await.len(), accepted + 1);
}

#[tokio::test]
async fn an_import_onto_a_full_disk_says_so_and_writes_nothing() {
    let ground = Ground::sqlite().await;
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("before"))]).await;
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let file = folder.path().join("large.csv");
    let rows: String = (0..8000).map(|i| format!("c{i},试验避难所 {i},121.2,31.0,true\n")).collect();
    std::fs::write(&file, format!("code,name,lon,lat,synthetic\n{rows}")).expect("the table is written");
    let plain = program(&["import", &file.display().to_string(), "--kind", "shelter", "--datum", "wgs84"]);
    let arguments: Vec<_> = plain.get_args().map(|a| a.to_string_lossy().into_owned()).collect();
    let import = std::process::Command::new("bash")
        .args(["-c", "trap '' XFSZ; ulimit -f 3000; exec \"$@\"", "bash", env!("CARGO_BIN_EXE_bihu")])
        .args(arguments)
        .args(["--store", &ground.url])
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&import.stderr);
    println!("{said}");
    assert_eq!(import.status.code(), Some(1), "{said}");
    assert!(!said.contains("panicked") && said.contains("磁盘") && said.contains("disk"), "{said}");
    assert_eq!(journal(&*store).await.len(), 1);
}
