//! Promises about processes: what was acknowledged survives a kill, and processes on one store see and respect each other.

use crate::acts::journal;
use crate::dice::Dice;
use crate::ground::Ground;
use crate::server::{Answer, Ask, Server, program, run, token};
use bihu::domain::{Change, Entry, Revision};
use bihu::store::Store;
use bihu::world::World;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Rows that the writers fight over.
const ROWS: usize = 6;
/// Writers at a time.
const WRITERS: usize = 6;
/// Rows of an import.
const IMPORTED: usize = 3000;

fn path(id: &str) -> String {
    format!("/api/resources/{id}")
}

/// Returns an invented shelter.
fn body(code: &str) -> Value {
    json!({
        "kind": "shelter", "code": code, "name": format!("试验避难所 {code}"), "lon": 121.22, "lat": 31.03,
        "capacity": 1_000_000, "capacity_quality": "stated", "occupied": 0, "status": "open", "synthetic": true,
    })
}

fn create(id: &str, token: &str) -> Ask {
    Ask::new("PUT", &path(id)).with("if-none-match", "*").by(token).saying(body(id))
}

fn amend(id: &str, revision: u64, token: &str, patch: Value) -> Ask {
    Ask::new("PATCH", &path(id)).with("if-match", &format!("\"r{revision}\"")).by(token).saying(patch)
}

fn created(server: &Server, id: &str, token: &str) -> u64 {
    let answer = server.ask(&create(id, token));
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.revision()
}

/// A write that was acknowledged: to which row, under which revision, of which value.
type Acknowledged = (String, u64, String);

/// What a writer asked for last and got no answer to.
type Unanswered = (String, String, Ask);

/// Writes to random rows until the server is gone; each value is written by nobody else.
fn write_until_killed(
    address: &str,
    token: &str,
    name: &str,
    seed: &mut Dice,
    done: &Mutex<Vec<Acknowledged>>,
) -> Option<Unanswered> {
    for n in 0.. {
        let id = format!("row-{}", seed.below(ROWS));
        let seen = Ask::new("GET", &path(&id)).by(token).of(address).ok()?;
        assert_eq!(seen.status, 200, "{seen:?}");
        let value = format!("{name}-{n}");
        let ask = amend(&id, seen.revision(), token, json!({ "address": value })).with("idempotency-key", &value);
        let Ok(answer) = ask.of(address) else { return Some((id, value, ask)) };
        match answer.status {
            200 => done.lock().expect("not poisoned").push((id, answer.revision(), value)),
            412 => {}
            _ => panic!("{answer:?}"),
        }
    }
    None
}

/// Lets writers run, kills the server once `enough` writes are acknowledged, and returns what was in flight.
fn write_and_kill(
    server: &mut Server,
    token: &str,
    round: usize,
    (dice, enough): (&mut Dice, usize),
    done: &Mutex<Vec<Acknowledged>>,
) -> Vec<Unanswered> {
    let address = server.address.clone();
    let before = done.lock().expect("not poisoned").len();
    let seeds: Vec<u64> = (0..WRITERS).map(|_| dice.bits()).collect();
    thread::scope(|scope| {
        let write = |w: usize| {
            let (mut dice, name, address) = (Dice::from_seed(seeds[w]), format!("v{round}-{w}"), &address);
            scope.spawn(move || write_until_killed(address, token, &name, &mut dice, done))
        };
        let writers: Vec<_> = (0..WRITERS).map(write).collect();
        while done.lock().expect("not poisoned").len() < before + enough {
            thread::sleep(Duration::from_micros(200));
        }
        thread::sleep(Duration::from_micros(dice.below(8000) as u64));
        server.kill();
        writers.into_iter().filter_map(|writer| writer.join().expect("the writer lives")).collect()
    })
}

/// Killed in the middle of a thousand acknowledged writes, a server comes back with every one of them; and what was in
/// flight, sent again under its key, is written once.
pub async fn a_killed_server_loses_nothing_acknowledged(ground: &Ground) {
    let mut dice = Dice::thrown("a_killed_server_loses_nothing_acknowledged");
    let mut server = Server::start(&ground.url);
    let token = token(&ground.url);
    (0..ROWS).for_each(|i| {
        created(&server, &format!("row-{i}"), &token);
    });
    let done = Mutex::new(Vec::new());
    let mut retried = Vec::new();
    for round in 0..5 {
        let enough = 190 + dice.below(30);
        let in_flight = write_and_kill(&mut server, &token, round, (&mut dice, enough), &done);
        println!("round {round}: killed after {enough} writes with {} in flight", in_flight.len());
        server = Server::start(&ground.url);
        for (id, value, ask) in in_flight {
            // 412 when somebody else's write came between: then this one was not carried out, and never will be.
            let answer = server.ask(&ask);
            assert!(matches!(answer.status, 200 | 412), "{answer:?}");
            retried.push((id, value, answer.status == 200));
        }
        check_rows(&server, &token, &done.lock().expect("not poisoned"));
    }
    drop(server);
    let done = done.into_inner().expect("not poisoned");
    assert!(done.len() > 900, "{}", done.len());
    let entries = check_journal(&*ground.open().await).await;
    let written = values(&entries);
    for (id, revision, value) in &done {
        assert_eq!(written.get(value), Some(&vec![(id.clone(), *revision)]), "{value}");
    }
    for (_, value, accepted) in &retried {
        assert_eq!(written.get(value).map_or(0, Vec::len), usize::from(*accepted), "{value}");
    }
}

/// Every row is at the last acknowledged revision with its value, or at a later one.
fn check_rows(server: &Server, token: &str, done: &[Acknowledged]) {
    for i in 0..ROWS {
        let id = format!("row-{i}");
        let answer = server.ask(&Ask::new("GET", &path(&id)).by(token));
        let last = done.iter().filter(|(row, _, _)| *row == id).max_by_key(|(_, revision, _)| *revision);
        let Some((_, revision, value)) = last else { continue };
        assert!(answer.revision() >= *revision, "{id} went back: {answer:?}");
        assert!(answer.revision() > *revision || answer.body["address"] == **value, "{answer:?}");
    }
}

/// Returns what each address was written by: row and revision.
fn values(entries: &[Entry]) -> BTreeMap<String, Vec<(String, u64)>> {
    let mut written: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for entry in entries {
        let Change::Resource(edit) = &entry.change else { continue };
        let address = |side: &Option<std::sync::Arc<bihu::domain::Resource>>| side.as_ref()?.address.clone();
        if let Some(value) = address(&edit.after).filter(|_| address(&edit.before) != address(&edit.after)) {
            let id = edit.latest().expect("an edit has a side").id.to_string();
            written.entry(value).or_default().push((id, entry.revision.0));
        }
    }
    written
}

/// The journal has no gap, ends where the counter stands, and folds to the world that the tables hold.
async fn check_journal(store: &dyn Store) -> Vec<Entry> {
    let entries = journal(store).await;
    assert!(entries.iter().map(|e| e.revision.0).eq(1..=entries.len() as u64), "the journal has a gap");
    let counter = store.revisions().await.expect("the counter reads").all;
    assert_eq!(counter, Revision(entries.len() as u64));
    let loaded = World::from_tables(store.load(None).await.expect("tables load"));
    let folded = World::empty().apply(&entries).expect("entries follow one another");
    assert!(folded.same_content(&loaded), "the journal folds to another world than the tables hold");
    entries
}

/// Writes a table of invented shelters; `name` is in every code.
fn table(folder: &Path, name: &str, rows: usize) -> String {
    let file = folder.join(format!("{name}.csv"));
    let mut text = "code,name,lon,lat,capacity,capacity_quality,synthetic\n".to_owned();
    for i in 0..rows {
        let (lon, lat) = (121.0 + (i % 100) as f64 / 250.0, 30.9 + (i / 100) as f64 / 250.0);
        text += &format!("{name}-{i},试验避难所 {name}-{i},{lon},{lat},100,stated,true\n");
    }
    std::fs::write(&file, text).expect("the table is written");
    file.display().to_string()
}

fn import_arguments<'a>(file: &'a str, url: &'a str) -> [&'a str; 8] {
    ["import", file, "--kind", "shelter", "--datum", "wgs84", "--store", url]
}

/// Killed at any moment, an import has written all of its rows or none; a server beside it answers all the while.
pub async fn a_killed_import_leaves_all_or_nothing(ground: &Ground) {
    let mut dice = Dice::thrown("a_killed_import_leaves_all_or_nothing");
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let store = ground.open().await;
    let server = Server::start(&ground.url);
    let began = Instant::now();
    let whole = run(&import_arguments(&table(folder.path(), "whole", IMPORTED), &ground.url));
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    let takes = began.elapsed();
    let (mut seen, mut finished) = (IMPORTED as u64, 0);
    for round in 0..8 {
        let file = table(folder.path(), &format!("part{round}"), IMPORTED);
        let mut import = program(&import_arguments(&file, &ground.url))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program starts");
        let after = takes.mul_f64(dice.between(0.1, 1.0));
        thread::sleep(after);
        assert_eq!(server.get("/api/nearest?lon=121.2&lat=31&k=1").status, 200);
        import.kill().expect("SIGKILL is sent");
        import.wait().expect("it ends");
        let now = settled(&*store).await;
        println!("round {round}: killed after {after:?} of {takes:?}: {seen} → {now}");
        assert!(now == seen || now == seen + IMPORTED as u64, "a part of the import was written");
        finished += usize::from(now > seen);
        seen = now;
    }
    assert!(finished < 8, "nothing was killed in time");
    let last = run(&import_arguments(&table(folder.path(), "last", IMPORTED), &ground.url));
    assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
    check_journal(&*store).await;
    let again = run(&import_arguments(&table(folder.path(), "last", IMPORTED), &ground.url));
    assert!(String::from_utf8_lossy(&again.stdout).contains("same 3000"), "{again:?}");
    assert_eq!(store.revisions().await.expect("the counter reads").all.0, seen + IMPORTED as u64);
}

/// Returns the counter once the database has noticed that a killed writer is gone: a commit that was under way then
/// may still become durable a moment later.
async fn settled(store: &dyn Store) -> u64 {
    let mut last = store.revisions().await.expect("the counter reads").all;
    loop {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let now = store.revisions().await.expect("the counter reads").all;
        if now == last {
            return now.0;
        }
        last = now;
    }
}

/// What another server or an import writes, a running server answers with and tells within two seconds.
pub async fn a_running_server_follows_other_processes(ground: &Ground) {
    let (server, other) = (Server::start(&ground.url), Server::start(&ground.url));
    let token = token(&ground.url);
    let told = server.listen();
    let (_, hello) = told.recv_timeout(Duration::from_secs(5)).expect("a greeting");
    assert_eq!(hello["revision"], 0);
    let mut slowest = Duration::ZERO;
    for round in 0..5 {
        let id = format!("told-{round}");
        let began = Instant::now();
        created(&other, &id, &token);
        let (at, event) = told.recv_timeout(Duration::from_secs(5)).expect("the change is told");
        assert_eq!((event["op"].as_str(), event["id"].as_str()), (Some("upsert"), Some(&*id)), "{event}");
        slowest = slowest.max(at - began);
        let nearest = server.get("/api/nearest?lon=121.22&lat=31.03&k=100");
        let ids: Vec<_> = nearest.body["results"].as_array().expect("results").iter().map(|r| &r["id"]).collect();
        assert!(ids.contains(&&json!(id)), "{nearest:?}");
    }
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let import = run(&import_arguments(&table(folder.path(), "import", 500), &ground.url));
    let began = Instant::now();
    assert!(import.status.success());
    let (at, event) = told.recv_timeout(Duration::from_secs(5)).expect("the import is told");
    assert_eq!(event["kinds"], json!(["shelter"]), "{event}");
    slowest = slowest.max(at.saturating_duration_since(began));
    println!("slowest: {slowest:?}");
    assert!(slowest < Duration::from_secs(2), "told after {slowest:?}");
    let meta = server.get("/api/meta");
    assert_eq!(meta.body["counts"]["shelter"], 505, "{meta:?}");
}

/// Two servers that count up the same rows lose no count: one wins each revision, the other is told 412 and looks again.
pub async fn two_servers_lose_no_update(ground: &Ground) {
    const ROUNDS: usize = 15;
    let servers = [Server::start(&ground.url), Server::start(&ground.url)];
    let token = token(&ground.url);
    let ids = ["count-0", "count-1"];
    for id in ids {
        let revision = created(&servers[0], id, &token);
        caught_up(&servers[1], id, revision, &token);
    }
    let (wins, losses) = (Mutex::new(BTreeSet::new()), Mutex::new(0));
    thread::scope(|scope| {
        for writer in 0..8 {
            let (server, id) = (&servers[writer % 2], ids[writer / 2 % 2]);
            let (token, wins, losses) = (&token, &wins, &losses);
            scope.spawn(move || {
                (0..ROUNDS).for_each(|_| *losses.lock().expect("not poisoned") += count_up(server, id, token, wins));
            });
        }
    });
    let (wins, losses) = (wins.into_inner().expect("not poisoned"), losses.into_inner().expect("not poisoned"));
    println!("{} writes, {losses} came too late", wins.len());
    assert_eq!(wins.len(), 8 * ROUNDS, "a revision was replaced twice");
    assert!(losses > 0, "nobody came too late: this test tested nothing");
    let entries = check_journal(&*ground.open().await).await;
    assert_eq!(entries.len(), 2 + 8 * ROUNDS);
    for (server, id) in servers.iter().flat_map(|s| ids.map(|id| (s, id))) {
        let count = caught_up(server, id, entries.len() as u64, &token);
        assert_eq!(count.body["occupied"], 4 * ROUNDS, "{count:?}");
    }
}

/// Adds one to what is there until it is accepted; keeps the revision it replaced and returns how often it came too late.
fn count_up(server: &Server, id: &str, token: &str, wins: &Mutex<BTreeSet<(String, u64)>>) -> usize {
    for losses in 0.. {
        let seen = server.ask(&Ask::new("GET", &path(id)).by(token));
        let occupied = seen.body["occupied"].as_u64().expect("a count") + 1;
        let answer = server.ask(&amend(id, seen.revision(), token, json!({ "occupied": occupied })));
        match answer.status {
            200 => {
                let new = wins.lock().expect("not poisoned").insert((id.to_owned(), seen.revision()));
                assert!(new, "two writers replaced {id} at {}", seen.revision());
                return losses;
            }
            412 => assert!(answer.body["current"].is_string(), "{answer:?}"),
            _ => panic!("{answer:?}"),
        }
    }
    0
}

/// Returns a resource once the server has come to a revision.
fn caught_up(server: &Server, id: &str, revision: u64, token: &str) -> Answer {
    let began = Instant::now();
    while server.ask(&Ask::new("GET", "/api/meta").by(token)).body["revision"] != revision {
        assert!(began.elapsed() < Duration::from_secs(3), "the server does not catch up");
        thread::sleep(Duration::from_millis(20));
    }
    server.ask(&Ask::new("GET", &path(id)).by(token))
}

/// The same request sent to two servers at once under one key is carried out once, and both give its answer.
pub async fn twins_to_two_servers_get_one_answer(ground: &Ground) {
    let servers = [Server::start(&ground.url), Server::start(&ground.url)];
    let token = token(&ground.url);
    for round in 0..12 {
        let id = format!("twin-{round}");
        let ask = create(&id, &token).with("idempotency-key", &id);
        let start = AtomicBool::new(false);
        let answers: Vec<Answer> = thread::scope(|scope| {
            let twins: Vec<_> = servers
                .iter()
                .map(|server| {
                    let (ask, start) = (&ask, &start);
                    scope.spawn(move || {
                        while !start.load(Ordering::Acquire) {
                            std::hint::spin_loop();
                        }
                        server.ask(ask)
                    })
                })
                .collect();
            start.store(true, Ordering::Release);
            twins.into_iter().map(|twin| twin.join().expect("an answer")).collect()
        });
        let [one, two] = &answers[..] else { panic!("two answers") };
        assert_eq!((one.status, two.status), (201, 201), "{answers:?}");
        assert_eq!((one.revision(), &one.body), (two.revision(), &two.body));
    }
    assert_eq!(check_journal(&*ground.open().await).await.len(), 12);
}
