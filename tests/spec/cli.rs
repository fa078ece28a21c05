//! The command line: exit codes, reports, and a server that starts, says so, and stops.

use crate::house::House;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder with a store in it.
pub struct Desk(TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn store(&self) -> String {
        format!("sqlite:{}", self.path("bihu.db").display())
    }

    pub fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).expect("a file");
        self.path(name).display().to_string()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bihu"));
        command.args(arguments).args(["--store", &self.store()]).current_dir(self.0.path());
        for name in ["BIHU_STORE", "BIHU_LISTEN", "BIHU_LOG"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("bihu runs")
    }

    /// Runs an import and returns its exit code and report.
    fn import(&self, file: &str, kind: &str, more: &[&str]) -> (i32, Value) {
        self.import_as("wgs84", file, kind, more)
    }

    /// The same for a file declared to be in `datum`.
    pub fn import_as(&self, datum: &str, file: &str, kind: &str, more: &[&str]) -> (i32, Value) {
        let report = self.path("report.json");
        let _ = std::fs::remove_file(&report);
        let shown = report.display().to_string();
        let mut arguments = vec!["import", file, "--kind", kind, "--datum", datum, "--report", &shown];
        arguments.extend(more);
        let output = self.run(&arguments);
        let report = std::fs::read(&report).map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).expect("JSON"));
        (output.status.code().expect("an exit code"), report)
    }
}

impl Desk {
    /// A desk with a store that holds nothing yet.
    fn with_store() -> Self {
        let desk = Self::new();
        assert!(desk.run(&["token", "create", "--role", "reporter"]).status.success());
        desk
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

pub fn counts(report: &Value) -> [u64; 5] {
    ["rows", "new", "changed", "same", "refused"].map(|name| report[name].as_u64().expect("a count"))
}

const TABLE: &str = "编码,名称,经度,纬度,街镇代码,级别,容量,状态\nT-1,测试一,121.20,31.00,310117102,village,100,open\nT-2,测试二,121.21,31.01,310117102,town,,closed\n";

#[test]
fn an_import_is_all_new_and_then_all_the_same() {
    let desk = Desk::new();
    let file = desk.file("shelters.csv", TABLE);
    let (code, first) = desk.import(&file, "shelter", &[]);
    assert_eq!((code, counts(&first)), (0, [2, 2, 0, 0, 0]), "{first}");
    assert_eq!((&first["committed"], &first["revision"], &first["dry_run"]), (&json!(true), &json!(2), &json!(false)));
    let (code, second) = desk.import(&file, "shelter", &[]);
    assert_eq!((code, counts(&second), &second["revision"]), (0, [2, 0, 0, 2, 0], &json!(2)));
    let changed = desk.file("shelters.csv", &TABLE.replace(",100,", ",120,"));
    let (code, third) = desk.import(&changed, "shelter", &[]);
    assert_eq!((code, counts(&third), &third["revision"]), (0, [2, 0, 1, 1, 0], &json!(3)));
}

#[test]
fn the_demonstration_files_read_again_change_nothing() {
    let desk = Desk::new();
    let root = env!("CARGO_MANIFEST_DIR");
    for (name, kind) in [
        ("divisions.geojson", "division"),
        ("shelters.geojson", "shelter"),
        ("warehouses.geojson", "warehouse"),
        ("storage_points.geojson", "storage_point"),
        ("teams.geojson", "team"),
        ("sites.geojson", "site"),
        ("demand.csv", "demand"),
    ] {
        let file = format!("{root}/data/demo/{name}");
        let (code, first) = desk.import(&file, kind, &[]);
        assert_eq!((code, &first["refused"], &first["same"]), (0, &json!(0), &json!(0)), "{name}: {first}");
        let (code, again) = desk.import(&file, kind, &[]);
        assert_eq!((code, &again["same"]), (0, &first["rows"]), "{name}: {again}");
        assert_eq!(again["revision"], first["revision"], "{name}");
    }
}

#[test]
fn a_dry_run_says_all_of_it_and_writes_nothing() {
    let desk = Desk::with_store();
    let file = desk.file("shelters.csv", TABLE);
    let (code, report) = desk.import(&file, "shelter", &["--dry-run"]);
    assert_eq!((code, counts(&report)), (0, [2, 2, 0, 0, 0]));
    assert_eq!(
        (&report["committed"], &report["dry_run"], &report["revision"]),
        (&json!(false), &json!(true), &json!(0))
    );
    let (_, after) = desk.import(&file, "shelter", &[]);
    assert_eq!(after["new"], 2, "nothing was there");
}

#[test]
fn one_bad_row_refuses_the_file_and_names_row_field_and_reason() {
    let desk = Desk::with_store();
    let bad = format!(
        "{TABLE}T-3,测试三,31.0,121.2,310117102,village,50,open\nT-1,测试四,121.2,31.0,,,,\nT-5,测试五,121.2,31.0,,hamlet,-5,ouvert\n"
    );
    let file = desk.file("shelters.csv", &bad);
    for more in [&["--dry-run"][..], &[]] {
        let (code, report) = desk.import(&file, "shelter", more);
        assert_eq!(code, 2);
        let [rows, new, changed, same, refused] = counts(&report);
        assert_eq!((rows, rows), (5, new + changed + same + refused), "{report}");
        assert_eq!((refused, &report["committed"]), (3, &json!(false)));
        let listed = report["refused_rows"].as_array().expect("rows");
        let found =
            |row: u64| listed.iter().find(|r| r["row"] == row).unwrap_or_else(|| panic!("no row {row}: {report}"));
        assert_eq!((&found(4)["field"], &found(4)["reason"]), (&json!("lat"), &json!("swapped")));
        assert_eq!((&found(5)["field"], &found(5)["reason"]), (&json!("code"), &json!("duplicate_code")));
        let fields: Vec<&str> =
            found(6)["violations"].as_array().expect("all").iter().filter_map(|v| v["field"].as_str()).collect();
        for field in ["level", "capacity", "status"] {
            assert!(fields.contains(&field), "{field}: {fields:?}");
        }
    }
    let good = desk.file("shelters.csv", TABLE);
    assert_eq!(desk.import(&good, "shelter", &[]).1["new"], 2, "nothing of the bad file was written");
}

#[test]
fn a_file_that_can_not_be_read_is_exit_2_with_a_word_in_both_languages() {
    let desk = Desk::new();
    let cases = [
        ("empty.csv", ""),
        ("cut.geojson", "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"geom"),
        ("none.csv", "甲,乙\n1,2\n"),
        ("header.csv", "code,name,lon,lat\n"),
        ("hollow.geojson", "{\"type\":\"FeatureCollection\",\"features\":[]}"),
        ("book.xlsx", "PK\u{3}\u{4}rest"),
        ("page.csv", "<html></html>"),
    ];
    for (name, content) in cases {
        let file = desk.file(name, content);
        let output = desk.run(&["import", &file, "--kind", "shelter", "--datum", "wgs84"]);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(" / "), "{name}");
    }
    let missing = desk.run(&["import", "nowhere.csv", "--kind", "shelter", "--datum", "wgs84"]);
    assert_eq!(missing.status.code(), Some(1));
    let wrong_kind = desk.run(&["import", "nowhere.csv", "--kind", "zoo", "--datum", "wgs84"]);
    assert!(!wrong_kind.status.success() && text(&wrong_kind.stderr).contains("storage_point"));
    let wrong_datum = desk.run(&["import", "nowhere.csv", "--kind", "shelter", "--datum", "gps"]);
    assert!(!wrong_datum.status.success() && text(&wrong_datum.stderr).contains("gcj02"));
}

#[test]
fn a_token_is_printed_alone_and_works_until_it_is_revoked() {
    let desk = Desk::new();
    let output = desk.run(&["token", "create", "--role", "admin"]);
    assert!(output.status.success());
    let token = text(&output.stdout);
    assert_eq!(token.lines().count(), 1, "{token:?}");
    assert!(token.trim().starts_with("bihu_") && token.trim().len() > 40);
    let bytes = std::fs::read(desk.path("bihu.db")).expect("the store");
    let holds = |needle: &str| bytes.windows(needle.len()).any(|w| w == needle.as_bytes());
    assert!(!holds(token.trim()) && !holds(&token.trim()[5..]), "only the hash is kept");
    let list = text(&desk.run(&["token", "list"]).stdout);
    assert_eq!(list.lines().count(), 1);
    let id = list.split('\t').next().expect("an id").to_owned();
    assert!(!list.contains(token.trim()));
    assert!(desk.run(&["token", "revoke", &id]).status.success());
    assert!(text(&desk.run(&["token", "list"]).stdout).contains("revoked"));
    assert!(!desk.run(&["token", "revoke", "nobody"]).status.success());
    assert!(!desk.run(&["token", "create", "--role", "public"]).status.success());
}

#[test]
fn nearest_and_coverage_answer_in_json_and_in_words() {
    let desk = Desk::new();
    let file = desk.file("shelters.csv", TABLE);
    assert_eq!(desk.import(&file, "shelter", &[]).0, 0);
    let demand = desk.file("demand.csv", "code,lon,lat,population\nd1,121.2,31.0,40\nd2,121.4,31.2,60\n");
    assert_eq!(desk.import(&demand, "demand", &[]).0, 0);
    let answer = desk.run(&["nearest", "--lon", "121.2", "--lat", "31.0", "--party", "30", "--json", "--explain"]);
    let nearest: Value = serde_json::from_slice(&answer.stdout).expect("JSON alone");
    assert_eq!(nearest["results"][0]["code"], "T-1");
    assert_eq!(nearest["results"][0]["free_places"], 100);
    let words = desk.run(&["nearest", "--lon", "121.2", "--lat", "31.0"]);
    assert!(words.status.success() && text(&words.stdout).contains("测试一"));
    let swapped = desk.run(&["nearest", "--lon", "31.0", "--lat", "121.2"]);
    assert_eq!(swapped.status.code(), Some(1));
    assert!(text(&swapped.stderr).contains("写反"));
    let answer = desk.run(&["coverage", "--standard", "village=1000", "--json"]);
    let coverage: Value = serde_json::from_slice(&answer.stdout).expect("JSON alone");
    assert_eq!(coverage["population"], json!({"total": 100, "covered": 40, "uncovered": 60}));
    let words = desk.run(&["coverage", "--standard", "village=1000"]);
    assert!(words.status.success() && text(&words.stdout).contains("100"));
    assert!(!desk.run(&["coverage", "--standard", "village=0"]).status.success());
    assert!(!desk.run(&["nearest", "--lon", "121.2", "--lat", "31.0", "-k", "101"]).status.success());
}

#[tokio::test]
async fn the_command_line_says_what_http_says() {
    let desk = Desk::new();
    let file = desk.file("shelters.csv", TABLE);
    assert_eq!(desk.import(&file, "shelter", &[]).0, 0);
    let house = House::over_file(desk.path("bihu.db")).await;
    let http = house.get_as_staff("/api/nearest?lon=121.2&lat=31.0&k=5").await.json();
    let cli = desk.run(&["nearest", "--lon", "121.2", "--lat", "31.0", "--json"]);
    let cli: Value = serde_json::from_slice(&cli.stdout).expect("JSON");
    for name in ["revision", "method", "complete", "datum", "origin", "rejected_total", "limits"] {
        assert_eq!(cli[name], http[name], "{name}");
    }
    let ids = |a: &Value| a["results"].as_array().expect("results").iter().map(|r| r["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&cli), ids(&http));
}

/// A server that runs as its own process; it is killed when a test fails.
struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    address: String,
    said: String,
}

impl Server {
    fn start(desk: &Desk, arguments: &[&str]) -> Self {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut child =
            desk.command(&all).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("bihu serve starts");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut said = String::new();
        while !said.contains("listening on http://") {
            assert!(out.read_line(&mut said).expect("a line") > 0, "the server ended: {said}");
        }
        let address = said.split("listening on http://").nth(1).expect("an address").trim().to_owned();
        Self { child, out, address, said }
    }

    fn ask(&self, request: &str) -> TcpStream {
        let mut line = TcpStream::connect(&self.address).expect("a connection");
        line.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        line.write_all(format!("{request} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address).as_bytes()).expect("sent");
        line
    }

    fn status(&self, request: &str) -> String {
        let mut first = String::new();
        BufReader::new(self.ask(request)).read_line(&mut first).expect("an answer");
        first.split_whitespace().nth(1).expect("a status").to_owned()
    }

    fn terminate(&mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        let signalled = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        assert!(signalled.expect("a shell").success());
        while begun.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait().expect("the child") {
                return (status.code(), begun.elapsed());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not stop");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_says_where_it_listens_seeds_an_empty_store_and_stops_with_listeners_on_the_line() {
    let desk = Desk::new();
    let mut server = Server::start(&desk, &[]);
    assert!(server.said.contains("演示数据") && server.said.contains("bihu_"), "{}", server.said);
    let token = server.said.lines().find(|l| l.starts_with("bihu_")).expect("a token alone on its line").to_owned();
    assert_eq!(server.status("GET /readyz"), "200");
    assert_eq!(server.status("GET /"), "200");
    let mut metrics = String::new();
    let mut line = server.ask("GET /metrics");
    let mut chunk = [0u8; 4096];
    while !metrics.contains("bihu_http_requests_total") {
        let read = line.read(&mut chunk).expect("metrics");
        assert!(read > 0, "{metrics}");
        metrics.push_str(&String::from_utf8_lossy(&chunk[..read]));
    }
    let mut listeners: Vec<TcpStream> = (0..3).map(|_| server.ask("GET /api/live")).collect();
    for listener in &mut listeners {
        let read = listener.read(&mut chunk).expect("the beginning of a stream");
        assert!(read > 0);
    }
    let idle = TcpStream::connect(&server.address).expect("a connection that asks nothing");
    let (code, took) = server.terminate();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    drop((listeners, idle));
    let mut rest = String::new();
    server.out.read_to_string(&mut rest).expect("its last words");
    let again = Server::start(&desk, &[]);
    assert!(!again.said.contains("bihu_") && !again.said.contains("演示数据"), "once is enough: {}", again.said);
    let mut line = TcpStream::connect(&again.address).expect("a connection");
    let request =
        format!("GET /api/meta HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    line.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    line.read_to_string(&mut answer).expect("an answer");
    assert!(answer.contains("\"audience\":\"staff\""), "the token that was printed holds after a restart: {answer}");
}

#[test]
fn the_demonstration_has_its_roads_until_anything_real_is_there() {
    let desk = Desk::new();
    let by_road = "GET /api/nearest?lon=121.2284&lat=31.0322&by=foot";
    let mut server = Server::start(&desk, &[]);
    assert!(server.said.contains("演示路网（虚构）"), "{}", server.said);
    assert_eq!(server.status(by_road), "200");
    assert_eq!(server.terminate().0, Some(0));
    let mut bare = Server::start(&desk, &["--no-demo"]);
    assert!(!bare.said.contains("演示路网"), "{}", bare.said);
    assert_eq!(bare.status(by_road), "404");
    assert_eq!(bare.terminate().0, Some(0));
    let again = Server::start(&desk, &[]);
    assert!(again.said.contains("演示路网（虚构）"), "a restart: {}", again.said);
    assert_eq!(desk.import(&desk.file("shelters.csv", TABLE), "shelter", &[]).0, 0);
    let real = Server::start(&desk, &[]);
    assert!(!real.said.contains("演示路网"), "no invented roads under real places: {}", real.said);
}

#[test]
fn no_demo_leaves_an_empty_store_empty() {
    let desk = Desk::new();
    let mut server = Server::start(&desk, &["--no-demo"]);
    assert!(!server.said.contains("演示"));
    let mut line = server.ask("GET /api/layers/shelter");
    let mut answer = vec![0u8; 4096];
    let read = line.read(&mut answer).expect("an answer");
    assert!(String::from_utf8_lossy(&answer[..read]).contains("\"features\":[]"));
    assert_eq!(server.terminate().0, Some(0));
}

#[test]
fn a_running_server_follows_what_the_command_line_imports() {
    let desk = Desk::new();
    let server = Server::start(&desk, &["--no-demo"]);
    let file = desk.file("shelters.csv", TABLE);
    assert_eq!(desk.import(&file, "shelter", &[]).0, 0);
    let begun = Instant::now();
    while server.status("GET /api/resources/shelter-T-1") != "200" {
        assert!(begun.elapsed() < Duration::from_secs(10), "the server does not follow");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_taken_port_is_told_with_the_way_out() {
    let desk = Desk::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = desk.run(&["serve", "--no-demo", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("--listen"));
    let wrong =
        Command::new(env!("CARGO_BIN_EXE_bihu")).args(["serve", "--store", "mysql://x"]).output().expect("bihu runs");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("sqlite:"));
}

#[test]
fn an_export_says_what_it_wrote_and_imports_as_the_same() {
    let desk = Desk::new();
    let teams = concat!(env!("CARGO_MANIFEST_DIR"), "/data/demo/teams.geojson");
    assert_eq!(desk.import(teams, "team", &[]).0, 0);
    for ending in ["xlsx", "csv", "geojson", "shp.zip", "gpkg", "kml", "kmz", "fgb"] {
        let out = desk.path(&format!("队伍.{ending}")).display().to_string();
        let said = desk.run(&["export", "--kind", "team", "--out", &out]);
        assert!(said.status.success(), "{}", text(&said.stderr));
        assert!(text(&said.stdout).contains("25 行 / rows"), "{}", text(&said.stdout));
        let (code, report) = desk.import(&out, "team", &[]);
        assert_eq!((code, &report["same"], &report["committed"]), (0, &json!(25), &json!(true)), "{ending}");
    }
    let out = desk.path("队伍.gcj02.csv").display().to_string();
    let said = desk.run(&["export", "--kind", "team", "--out", &out, "--datum", "gcj02", "--public"]);
    assert!(text(&said.stdout).contains("gcj02"), "{}", text(&said.stdout));
    let csv = text(&std::fs::read(&out).expect("a file"));
    assert!(csv.contains("lon(gcj02)") && !csv.contains("contacts"));
    let refused = desk.run(&["export", "--kind", "team", "--out", &out, "--format", "gpx", "--datum", "bd09"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("wgs84"));
}

#[test]
fn a_workbook_with_broken_references_is_an_error_in_one_sentence() {
    let desk = Desk::new();
    for at in ["ZZZZZZZZZZZZ2", "A99999999999999", "2", "é9"] {
        let sheet = format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>名称</t></is></c></row><row r=\"2\"><c r=\"{at}\"><v>1</v></c></row></sheetData></worksheet>"
        );
        std::fs::write(desk.path("x.xlsx"), crate::exchange_hostile::with_sheet(sheet.as_bytes())).expect("a file");
        let file = desk.path("x.xlsx").display().to_string();
        let said = desk.run(&["import", &file, "--kind", "shelter", "--datum", "wgs84"]);
        let told = text(&said.stderr);
        assert_eq!(said.status.code(), Some(2), "{at}: {told}");
        assert!(!told.contains("panicked") && told.contains("XLSX") && told.lines().count() < 4, "{at}: {told}");
    }
}

#[test]
fn every_layer_of_a_file_can_be_named() {
    let desk = Desk::new();
    let shelters = concat!(env!("CARGO_MANIFEST_DIR"), "/data/demo/shelters.geojson");
    assert_eq!(desk.import(shelters, "shelter", &[]).0, 0);
    let out = desk.path("shelters.shp.zip").display().to_string();
    assert!(desk.run(&["export", "--kind", "shelter", "--out", &out]).status.success());
    let other = Desk::new();
    let rows = |layer: &str| {
        let (code, report) = other.import(&out, "shelter", &["--layer", layer]);
        assert_eq!(code, 0, "{layer}: {report}");
        report["new"].as_u64().expect("a count")
    };
    assert_eq!(rows("shelters_points") + rows("shelters_areas"), 120, "points and areas are layers of their own");
    let (code, _) = other.import(&out, "shelter", &["--layer", "nothing"]);
    assert_eq!(code, 2);
}

#[test]
fn a_template_is_written_without_a_store() {
    let desk = Desk::new();
    let out = desk.path("模板.xlsx").display().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bihu"));
    let said = command.args(["template", "--kind", "shelter", "--out", &out]).output().expect("bihu runs");
    assert!(said.status.success(), "{}", text(&said.stderr));
    let (code, report) = desk.import(&out, "shelter", &[]);
    assert_eq!((code, &report["committed"]), (2, &json!(false)), "nothing is in it yet: {report}");
}

/// Returns the secret of the set-up link in what a program said.
fn link_in(said: &str) -> String {
    let line = said.lines().find(|line| line.contains("/setup#")).unwrap_or_else(|| panic!("no link: {said}"));
    line.split("/setup#").nth(1).expect("a secret").trim().to_owned()
}

impl Server {
    /// Posts JSON; returns the status and the whole answer.
    fn post(&self, path: &str, body: &Value) -> (String, String) {
        let mut line = TcpStream::connect(&self.address).expect("a connection");
        line.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        line.write_all(format!("{head}{body}").as_bytes()).expect("sent");
        let mut answer = String::new();
        line.read_to_string(&mut answer).expect("an answer");
        (answer.split_whitespace().nth(1).expect("a status").to_owned(), answer)
    }
}

#[test]
fn the_first_start_prints_a_set_up_link_and_no_later_one_does_once_there_is_an_account() {
    let desk = Desk::new();
    let mut server = Server::start(&desk, &["--no-demo"]);
    assert!(server.said.contains(&format!("http://{}/setup#", server.address)), "{}", server.said);
    let body = json!({ "secret": link_in(&server.said), "name": "admin", "password": "seven green umbrellas" });
    let (status, answer) = server.post("/api/setup", &body);
    assert_eq!(status, "200", "{answer}");
    assert!(answer.contains("set-cookie: bihu_session=") && answer.contains("SameSite=Strict"), "{answer}");
    assert_eq!(server.post("/api/setup", &body).0, "401");
    server.terminate();
    let mut again = Server::start(&desk, &["--no-demo"]);
    assert!(!again.said.contains("/setup#"), "{}", again.said);
    let fresh = desk.run(&["setup-link", "--address", "https://bihu.test/"]);
    let said = text(&fresh.stdout);
    assert!(said.starts_with("https://bihu.test/setup#"), "{said}");
    let body = json!({ "secret": link_in(&said), "name": "admin", "password": "a red boat at noon" });
    assert_eq!(again.post("/api/setup", &body).0, "200", "who owns the store gets in again");
    again.terminate();
}

#[test]
fn accounts_are_kept_from_the_command_line() {
    let desk = Desk::new();
    let made = desk.run(&["account", "create", "王小明", "--role", "editor", "--scope", "310117102"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(text(&made.stdout).starts_with("http://127.0.0.1:8080/setup#"));
    assert!(!desk.run(&["account", "create", "王小明", "--role", "editor"]).status.success(), "the name is taken");
    assert!(!desk.run(&["account", "create", "a b", "--role", "editor"]).status.success());
    let listed = text(&desk.run(&["account", "list"]).stdout);
    assert_eq!(
        listed.trim_end().split('\t').collect::<Vec<_>>(),
        ["王小明", "editor", "310117102000", "王小明", "-", "invited"]
    );
    let reset = desk.run(&["account", "reset", "王小明"]);
    assert_eq!(link_in(&text(&reset.stdout)).len(), 43);
    assert!(desk.run(&["account", "disable", "王小明"]).status.success());
    assert!(text(&desk.run(&["account", "list"]).stdout).trim_end().ends_with("disabled"));
    assert!(!desk.run(&["account", "disable", "nobody"]).status.success());
}

#[test]
fn who_only_looks_makes_no_store() {
    let desk = Desk::new();
    let file = desk.file("shelters.csv", TABLE);
    for arguments in [
        &["nearest", "--lon", "121.2", "--lat", "31.0"][..],
        &["coverage"],
        &["import", &file, "--kind", "shelter", "--datum", "wgs84", "--dry-run"],
        &["token", "list"],
        &["token", "revoke", "nobody"],
    ] {
        let output = desk.run(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("bihu.db") && said.contains("there is no store at"), "{arguments:?}: {said}");
        assert!(!desk.path("bihu.db").exists(), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_read() {
    let desk = Desk::with_store();
    for (endless, more) in [("/dev/zero", &[][..]), ("/dev/zero", &["--dry-run"]), ("/", &[])] {
        let mut arguments = vec!["import", endless, "--kind", "shelter", "--datum", "wgs84"];
        arguments.extend(more);
        let output = desk.run(&arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("not a regular file"), "{}", text(&output.stderr));
    }
}

#[test]
fn the_report_lists_every_refused_row() {
    let desk = Desk::with_store();
    let rows: String = (0..12_000).map(|i| format!("R-{i},场所{i},500,31\n")).collect();
    let file = desk.file("many.csv", &format!("code,name,lon,lat\n{rows}"));
    let (code, report) = desk.import(&file, "shelter", &["--dry-run"]);
    assert_eq!((code, &report["refused"]), (2, &json!(12_000)));
    assert_eq!(report["refused_rows"].as_array().map(Vec::len), Some(12_000));
}

#[test]
fn a_reader_that_leaves_ends_the_command_quietly() {
    let desk = Desk::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bihu"));
    command.arg("openapi").current_dir(desk.0.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("bihu runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn without_a_command_the_options_are_those_of_serve_and_a_host_name_is_an_address() {
    let desk = Desk::new();
    let mut command = desk.command(&["--listen", "localhost:0", "--no-demo"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("bihu starts");
    let mut out = BufReader::new(child.stdout.take().expect("its output"));
    let mut said = String::new();
    while !said.contains("listening on http://") && out.read_line(&mut said).expect("a line") > 0 {}
    let _ = child.kill();
    let _ = child.wait();
    assert!(said.contains("listening on http://"), "{said}");
    // The environment names a store for every command, and is no option of the top.
    let mut list = Command::new(env!("CARGO_BIN_EXE_bihu"));
    list.args(["token", "list"]).env("BIHU_STORE", desk.store()).env("BIHU_LISTEN", "127.0.0.1:1");
    assert!(list.output().expect("bihu runs").status.success());
}

#[test]
fn a_scope_that_nobody_knows_makes_no_token() {
    let desk = Desk::new();
    let areas = format!("{}/data/demo/divisions.geojson", env!("CARGO_MANIFEST_DIR"));
    assert_eq!(desk.import(&areas, "division", &[]).0, 0);
    let refused = desk.run(&["token", "create", "--role", "editor", "--scope", "999999999999"]);
    assert_eq!((refused.status.code(), text(&refused.stdout)), (Some(1), String::new()));
    assert!(desk.run(&["token", "create", "--role", "editor", "--scope", "310117102"]).status.success());
    assert_eq!(text(&desk.run(&["token", "list"]).stdout).lines().count(), 1);
}

#[test]
fn what_the_public_must_not_be_told_is_marked_on_the_command_line() {
    let desk = Desk::new();
    let rows = "code,name,lon,lat,visibility,level\nP-1,公开场所,121.2,31.0,public,village\nO-1,内部场所,121.2,31.0,operational,village\n";
    assert_eq!(desk.import(&desk.file("two.csv", rows), "shelter", &[]).0, 0);
    let near = desk.run(&["nearest", "--lon", "121.2", "--lat", "31.0"]);
    assert!(text(&near.stdout).contains("内部场所 [内部 / operational]"), "{}", text(&near.stdout));
    assert!(!text(&near.stdout).contains("公开场所 ["));
    for arguments in [&["nearest", "--lon", "121.2", "--lat", "31.0"][..], &["coverage"]] {
        assert!(text(&desk.run(arguments).stderr).contains("1 operational-only resources are included"));
    }
}

#[test]
fn a_network_is_written_over_a_network_and_over_no_other_file() {
    let desk = Desk::new();
    let roads = format!("{}/data/demo/roads.osm.gz", env!("CARGO_MANIFEST_DIR"));
    let build = |from: &str, to: &str| desk.run(&["network", "build", from, "--out", to]);
    let report = desk.file("report.csv", "编号,名称\n1,示例");
    let refused = build(&roads, &report);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("不覆盖") && said.contains("choose another --out"), "{said}");
    assert_eq!(std::fs::read_to_string(&report).expect("a file"), "编号,名称\n1,示例", "it is as it was");
    // The extract itself, named twice by mistake.
    let map = desk.path("map.osm.gz");
    std::fs::copy(&roads, &map).expect("a copy");
    let map = map.display().to_string();
    assert!(!build(&map, &map).status.success());
    assert_eq!(std::fs::read(&map).ok(), std::fs::read(&roads).ok(), "the map is as it was");
    let out = desk.path("roads.bihunet").display().to_string();
    for turn in ["where nothing is", "over a network"] {
        let made = build(&roads, &out);
        assert!(made.status.success(), "{turn}: {}", String::from_utf8_lossy(&made.stderr));
    }
    let empty = desk.file("empty.bihunet", "");
    assert!(build(&roads, &empty).status.success(), "an empty file holds nothing to lose");
}

#[test]
fn a_network_without_islands_says_zero_kilometres_of_them() {
    let desk = Desk::new();
    let map = desk.file(
        "street.osm",
        "<osm version=\"0.6\"><node id=\"1\" lat=\"31.0\" lon=\"121.2\"/><node id=\"2\" lat=\"31.0\" lon=\"121.21\"/>\
         <way id=\"10\"><nd ref=\"1\"/><nd ref=\"2\"/><tag k=\"highway\" v=\"primary\"/></way></osm>",
    );
    let out = desk.path("street.bihunet").display().to_string();
    let made = desk.run(&["network", "build", &map, "--out", &out, "--bounds", "121,30,122,32"]);
    let said = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(said.contains("0 处，0 段，0.0 km") && !said.contains("-0.0"), "{said}");
}
