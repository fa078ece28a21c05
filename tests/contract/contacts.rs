//! A store of before contacts lay outside the journal is brought up to date: the contact is beside the report, and in no line.

use crate::acts::*;
use crate::ground::Ground;
use crate::samples::shelter;
use bihu::domain::*;
use bihu::service::App;
use bihu::service::corrections::{Filter, inbox};
use bihu::store::{EntryQuery, RecordKind};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// The last migration before contacts were taken out.
const BEFORE: i64 = 10;

/// Contacts that stood in the journal are moved out of it, whether their report was answered or not.
pub async fn contacts_are_taken_out_of_the_journal_of_an_older_store(ground: &Ground) {
    old_store(ground).await;
    let store = ground.open().await;
    let entries = store.entries(&EntryQuery::default(), 100).await.expect("a journal");
    let lines = serde_json::to_string(&entries.iter().map(|e| &e.change).collect::<Vec<_>>()).expect("JSON");
    assert!(!lines.contains("138") && entries.len() == 3, "{lines}");
    let kept = store.records(RecordKind::Contact, "", "", 10).await.expect("records");
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].key.as_str(), kept[0].at), (report(true).id.as_str(), noon()));
    let tables = store.load(None).await.expect("tables");
    assert_eq!(tables.corrections.len(), 2);
    let app = App::open(store.clone(), noon).await.expect("an app");
    let chief = Actor { name: "chief".to_owned(), role: Role::Admin, scope: None };
    let mut told = inbox(&app, &chief, &Filter::default(), 10).await.expect("an inbox").reports;
    told.sort_by_key(|told| told.report.value.has_contact);
    assert_eq!(told.iter().map(|t| t.contact.as_deref()).collect::<Vec<_>>(), [None, Some("甲 \"138\"")]);
    assert_eq!(*told[1].report.value, report(true), "nothing else was touched");
    // The journal is guarded as before.
    let spoilt = if ground.url.starts_with("sqlite:") {
        let mut direct = SqliteConnection::connect(&ground.url).await.expect("a connection");
        // They were lost once, when the table was made anew.
        let indexes = "SELECT count(*) FROM sqlite_master WHERE name IN ('journal_head', 'journal_actor')";
        assert_eq!(sqlx::query_scalar::<_, i64>(indexes).fetch_one(&mut direct).await.expect("a count"), 2);
        sqlx::query("UPDATE journal SET actor = 'x'").execute(&mut direct).await.map(|_| ())
    } else {
        let mut direct = PgConnection::connect(&ground.url).await.expect("a connection");
        sqlx::query("UPDATE journal SET actor = 'x'").execute(&mut direct).await.map(|_| ())
    };
    assert!(spoilt.is_err_and(|e| e.to_string().contains("never rewritten")));
}

fn report(has_contact: bool) -> Correction {
    Correction {
        id: CorrectionId::from_bits(u64::from(has_contact) + 1),
        resource: shelter("a").id,
        division: None,
        public: true,
        hidden: false,
        repeats: None,
        fault: Fault::Moved,
        message: "contact \u{1f512}".to_owned(),
        position: LonLat::new(121.123_456_789_012_3, 1e-7).ok(),
        has_contact,
        reported_at: noon(),
        due_at: noon(),
        state: CorrectionState::Open,
        reply: None,
        answered_at: None,
        answered_by: None,
    }
}

/// Makes a store as it was, with two reports, one of which tells a contact in its row and in both its lines.
async fn old_store(ground: &Ground) {
    let told = |report: &Correction| {
        let mut doc = serde_json::to_value(report).expect("JSON");
        let members = doc.as_object_mut().expect("an object");
        if members.remove("has_contact").is_some() {
            members.insert("contact".to_owned(), "甲 \"138\"".into());
        }
        doc
    };
    let (without, with) = (told(&report(false)), told(&report(true)));
    let at = noon().to_rfc3339();
    let line = |revision: u64, id: &CorrectionId, before: &Value, after: &Value| {
        let change = json!({"subject": "correction", "before": before, "after": after});
        format!(
            "INSERT INTO journal (revision, batch, actor, at, subject_kind, subject_id, touches_public, remains, change)
             VALUES ({revision}, {revision}, '', '{at}', 'correction', '{id}', TRUE, TRUE, '{change}')"
        )
    };
    let row = |revision: u64, id: &CorrectionId, doc: &Value| {
        format!(
            "INSERT INTO correction (id, revision, public_revision, doc) VALUES ('{id}', {revision}, {revision}, '{doc}')"
        )
    };
    let (one, two) = (report(false).id, report(true).id);
    let statements = [
        line(1, &one, &Value::Null, &without),
        line(2, &two, &Value::Null, &with),
        line(3, &two, &with, &with),
        row(1, &one, &without),
        row(3, &two, &with),
        "UPDATE counter SET revision = 3, public_revision = 3".to_owned(),
    ];
    if ground.url.starts_with("sqlite:") {
        let url = format!("{}?mode=rwc", ground.url);
        let mut direct = SqliteConnection::connect(&url).await.expect("a connection");
        sqlx::migrate!("migrations/sqlite").run_to(BEFORE, &mut direct).await.expect("an older store");
        for statement in statements {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut direct).await.expect("a row");
        }
        direct.close().await.expect("closed");
    } else {
        let mut direct = PgConnection::connect(&ground.url).await.expect("a connection");
        sqlx::query("CREATE EXTENSION postgis").execute(&mut direct).await.expect("PostGIS");
        sqlx::migrate!("migrations/postgres").run_to(BEFORE, &mut direct).await.expect("an older store");
        for statement in statements {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut direct).await.expect("a row");
        }
    }
}

/// What was said to be the contact, as it lies in a file.
const SAID: &[u8] = b"\\\"138\\\"";

/// Returns whether a contact lies in the store's file, or in its log.
fn lies_in_the_file(ground: &Ground) -> bool {
    let path = ground.url.strip_prefix("sqlite:").expect("a file");
    let read = |end: &str| std::fs::read(format!("{path}{end}")).unwrap_or_default();
    ["", "-wal"].iter().any(|end| read(end).windows(SAID.len()).any(|bytes| bytes == SAID))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_that_is_erased_is_no_longer_in_the_file_nor_in_its_log() {
    let ground = Ground::sqlite().await;
    old_store(&ground).await;
    assert!(lies_in_the_file(&ground), "the test would see it");
    let store = ground.open().await;
    let id = report(true).id;
    assert!(store.record(RecordKind::Contact, id.as_str()).await.expect("a record").is_some());
    assert!(store.drop_record(RecordKind::Contact, id.as_str()).await.expect("dropped"));
    assert!(store.settle_erasure().await.expect("settled"));
    assert!(!lies_in_the_file(&ground));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_in_the_way_of_an_erasure_is_not_waited_for_and_it_is_done_afterwards() {
    let ground = Ground::sqlite().await;
    old_store(&ground).await;
    let store = ground.open().await;
    let mut reader = SqliteConnection::connect(&ground.url).await.expect("a connection");
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM record").execute(&mut reader).await.expect("a look");
    assert!(store.drop_record(RecordKind::Contact, report(true).id.as_str()).await.expect("dropped"));
    let asked = std::time::Instant::now();
    assert!(!store.settle_erasure().await.expect("an answer"), "the reader looks at what was");
    assert!(asked.elapsed().as_secs() < 5);
    // Others write meanwhile.
    commit_all(&*store, vec![create(shelter("a"))]).await;
    sqlx::raw_sql("COMMIT").execute(&mut reader).await.expect("an end");
    assert!(store.settle_erasure().await.expect("an answer"));
    assert!(!lies_in_the_file(&ground));
}
