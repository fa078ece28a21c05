//! Ground to test on: a fresh, empty store of either make, gone when the test ends.
//!
//! PostgreSQL is not optional: without it the test fails and says how to run it. A skipped contract is a red build.

use bihu::store::{self, Store};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// An address at which stores can be opened, as often as one likes: each opening stands for another process.
pub struct Ground {
    /// Address for `store::open`.
    pub url: String,
    hold: Hold,
}

enum Hold {
    Folder { _until_dropped: TempDir },
    Database { server: String, name: String },
    Parents,
}

/// Names the ground of the parent, in a child that is to write on it.
const PARENT: &str = "BIHU_TEST_GROUND";

impl Ground {
    /// Returns a file in a folder of its own.
    pub async fn sqlite() -> Self {
        if let Ok(url) = std::env::var(PARENT) {
            return Self { url, hold: Hold::Parents };
        }
        let folder = TempDir::new().expect("a temporary folder");
        Self {
            url: format!("sqlite:{}", folder.path().join("store.db").display()),
            hold: Hold::Folder { _until_dropped: folder },
        }
    }

    /// Returns an empty database of its own on the server that `BIHU_TEST_POSTGRES` names.
    pub async fn postgres() -> Self {
        if let Ok(url) = std::env::var(PARENT) {
            return Self { url, hold: Hold::Parents };
        }
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("BIHU_TEST_POSTGRES").unwrap_or_else(|_| {
            panic!("BIHU_TEST_POSTGRES is not set: start the tests with tests/run, which brings its own PostGIS")
        });
        let name = format!("bihu_contract_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let made = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        administer(&server, made).await.expect("a database of its own");
        Self { url: beside(&server, &name), hold: Hold::Database { server, name } }
    }

    /// Opens the store.
    pub async fn open(&self) -> Arc<dyn Store> {
        store::open(&self.url).await.expect("the store opens")
    }

    /// Returns whether this process was started by a test, to write on that test's ground.
    pub fn is_parents(&self) -> bool {
        matches!(self.hold, Hold::Parents)
    }

    /// Starts this program again with one promise of the same store, on the same ground.
    pub fn start_child(&self, promise: &str) -> Child {
        let store = if self.url.starts_with("sqlite:") { "sqlite" } else { "postgres" };
        Command::new(std::env::current_exe().expect("the program knows itself"))
            .args(["--exact", &format!("{store}::{promise}"), "--nocapture"])
            .env(PARENT, &self.url)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child starts")
    }

    /// Ends every connection to the database, as a restart of the server would.
    pub async fn cut(&self) {
        let Hold::Database { server, name } = &self.hold else { panic!("only a server can be cut off") };
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        administer(server, cut).await.expect("connections end");
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let Hold::Database { server, name } = &self.hold else { return };
        let (server, drop) = (server.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        // A runtime of its own, because the test's may be the one that is unwinding.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(administer(&server, drop))
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("database {name} is left behind");
        }
    }
}

async fn administer(server: &str, sql: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(server).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}

/// Returns `server` with its database replaced.
fn beside(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').map_or((server, None), |(a, q)| (a, Some(q)));
    let host = address.find("://").map_or(0, |i| i + 3);
    let end = address[host..].find('/').map_or(address.len(), |i| host + i);
    let query = query.map(|q| format!("?{q}")).unwrap_or_default();
    format!("{}/{name}{query}", &address[..end])
}
