//! Floor 5: memory that survives.
//!
//! One small trait, two databases: SQLite (embedded default, WAL) and PostgreSQL with PostGIS. A commit writes rows and
//! journal entries in one transaction and takes its revisions from a counter row locked in that transaction. The store
//! answers no spatial question and knows no file format. One contract suite runs on both.

pub mod postgres;
pub mod sqlite;

mod erasure;
mod geometry;
mod rows;

use crate::domain::{DivisionCode, Entry, Proposal, Revision, Revisions, Role, Subject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::path::Path;
use std::sync::Arc;

pub use crate::world::{Row, Tables};

/// Changes that become durable together, or not at all.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Name written in the journal.
    pub actor: String,
    /// Time of the commit.
    pub at: DateTime<Utc>,
    /// Why, in the author's words.
    pub reason: Option<String>,
    /// The changes, each with the revision its author looked at. Not empty; each subject at most once.
    pub proposals: Vec<Proposal>,
    /// Kept with the entries, so that a retry gets the first answer.
    pub receipt: Option<ReceiptKey>,
}

/// The client's own name for one request, with a fingerprint of what it asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptKey {
    /// Actor and key together, as one string.
    pub key: String,
    /// SHA-256 of the request (method, path, preconditions, body), hex.
    pub fingerprint: String,
}

/// What is kept of a finished request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Fingerprint of the request that was carried out.
    pub fingerprint: String,
    /// First revision of its batch.
    pub first: Revision,
    /// Last revision of its batch.
    pub last: Revision,
}

/// What a commit made durable.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Counter row after the commit.
    pub revisions: Revisions,
    /// The entries, in order.
    pub entries: Vec<Entry>,
}

/// A bearer token as kept: never the token, only its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Short public id, to list and revoke by.
    pub id: String,
    /// SHA-256 of the token, hex.
    pub hash: String,
    /// Name written in the journal for its bearer.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Division that bounds the role.
    pub scope: Option<DivisionCode>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends; `None` never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Who made it, by the name in the journal; `None` on the command line, and where it was not kept.
    pub created_by: Option<String>,
}

/// Which journal entries to read. All conditions hold together; the default is everything from the first on.
#[derive(Debug, Clone, Default)]
pub struct EntryQuery {
    /// Only entries after this revision.
    pub after: Revision,
    /// Only entries up to and with this revision.
    pub up_to: Option<Revision>,
    /// Only entries about this subject.
    pub subject: Option<Subject>,
    /// Only entries of this batch.
    pub batch: Option<Revision>,
    /// Only the first entry of each batch. Batches follow one another without gaps, so a batch ends where the next begins.
    pub heads: bool,
    /// Only entries of this actor.
    pub actor: Option<String>,
    /// Only entries committed at or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Only entries committed at or before this time.
    pub until: Option<DateTime<Utc>>,
    /// The newest first, instead of the oldest.
    pub newest_first: bool,
}

impl EntryQuery {
    /// Returns the query for everything after a revision.
    pub fn after(revision: Revision) -> Self {
        Self { after: revision, ..Self::default() }
    }
}

/// What a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// Somebody who may sign in.
    Account,
    /// Somebody who is signed in.
    Session,
    /// The secret of the set-up link.
    Setup,
    /// A saved mapping of columns.
    Mapping,
    /// A source that refreshes by itself.
    Feed,
    /// One run of a feed.
    FeedRun,
    /// A fitted local grid.
    Grid,
    /// A photograph.
    Photo,
    /// How to reach whoever sent a report.
    Contact,
    /// A setting of the service.
    Setting,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Account,
        Self::Session,
        Self::Setup,
        Self::Mapping,
        Self::Feed,
        Self::FeedRun,
        Self::Grid,
        Self::Photo,
        Self::Contact,
        Self::Setting,
    ];

    /// Returns the word in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Session => "session",
            Self::Setup => "setup",
            Self::Mapping => "mapping",
            Self::Feed => "feed",
            Self::FeedRun => "feed_run",
            Self::Grid => "grid",
            Self::Photo => "photo",
            Self::Contact => "contact",
            Self::Setting => "setting",
        }
    }
}

/// A small thing that is kept and replaced whole, outside the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is of.
    pub kind: RecordKind,
    /// Its name among its kind, 1–200 characters.
    pub key: String,
    /// Grows by one with every write; 1 when it is new.
    pub version: u64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Its content, JSON.
    pub doc: String,
    /// Bytes that go with it; lists leave them out.
    pub blob: Option<Vec<u8>>,
}

/// Which version of a record its author looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Whatever is there, or nothing.
    Any,
    /// It must not be there.
    New,
    /// It must be there at this version.
    At(u64),
}

/// What can go wrong with a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody changed the subject since the author looked; nothing was written.
    #[error("{subject:?} is at revision {found:?}, not {expected:?}")]
    Stale {
        /// What the change was about.
        subject: Subject,
        /// Revision the author had looked at.
        expected: Option<Revision>,
        /// Revision that is there now; `None` when the thing is not there.
        found: Option<Revision>,
    },
    /// Another resource of the same kind has the same code; nothing was written.
    #[error("code `{code}` is taken")]
    CodeTaken {
        /// The code.
        code: String,
    },
    /// The idempotency key has been used, for another request or by a racing twin of this one ([`Store::receipt`] tells
    /// which: a twin has the same fingerprint, and its answer is this one's too); nothing was written.
    #[error("idempotency key `{key}` has been used")]
    ReceiptTaken {
        /// The key.
        key: String,
    },
    /// The record is not at the version that its author looked at; nothing was written.
    #[error("record `{key}` is at version {found:?}")]
    RecordStale {
        /// Its key.
        key: String,
        /// Version that is there now; `None` when it is not there.
        found: Option<u64>,
    },
    /// The batch breaks a promise of its own (no change, a subject twice, a number that is not finite …): a fault of the
    /// caller, not of its user; nothing was written.
    #[error("the store refuses {what}: {why}")]
    Refused {
        /// What it is about.
        what: String,
        /// Reason.
        why: String,
    },
    /// The address of the store can not be used.
    #[error("can not open the store: {0}")]
    Address(String),
    /// What is in the tables can not be read back.
    #[error("the store holds a record that can not be read ({what}): {why}")]
    Corrupt {
        /// Table and key.
        what: String,
        /// Reason.
        why: String,
    },
    /// A migration failed.
    #[error("migration failed: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database did not do what it was asked.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The disk does not take what is to be written; nothing was written.
    #[error("磁盘写不进去：已满、只读或损坏 / the disk does not take it: full, read-only or broken")]
    Disk(#[source] sqlx::Error),
}

/// Called with the number of proposals written so far, for progress bars.
pub type Progress<'a> = &'a (dyn Fn(usize) + Send + Sync);

/// Memory that survives. Both implementations keep the same promises; `tests/contract` holds them to it.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads all tables in one transaction: as they are, or as they were right after a revision.
    async fn load(&self, as_of: Option<Revision>) -> Result<Tables, StoreError>;

    /// Makes a batch durable: checks every `expected`, takes consecutive revisions from the locked counter, writes rows,
    /// entries and receipt in one transaction. On any error nothing was written.
    async fn commit(&self, batch: &Batch, progress: Progress<'_>) -> Result<Committed, StoreError>;

    /// Returns entries in order, at most `limit`.
    async fn entries(&self, query: &EntryQuery, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// Returns the counter row.
    async fn revisions(&self) -> Result<Revisions, StoreError>;

    /// Waits until the journal may have gone beyond `seen`, or about a second; woken by NOTIFY where there is one.
    async fn wait(&self, seen: Revision) -> Result<(), StoreError>;

    /// Returns the receipt kept under `key`.
    async fn receipt(&self, key: &str) -> Result<Option<Receipt>, StoreError>;

    /// Keeps a token.
    async fn add_token(&self, token: &TokenRecord) -> Result<(), StoreError>;

    /// Finds a token by its hash, revoked and expired ones too.
    async fn find_token(&self, hash: &str) -> Result<Option<TokenRecord>, StoreError>;

    /// Lists all tokens, oldest first.
    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError>;

    /// Takes a token back; `false` when there is none of that id.
    async fn revoke_token(&self, id: &str, at: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Writes a record whole, if it is at the version expected; returns its new version. `record.version` is not read.
    async fn put_record(&self, record: &Record, expected: Expected) -> Result<u64, StoreError>;

    /// Returns a record.
    async fn record(&self, kind: RecordKind, key: &str) -> Result<Option<Record>, StoreError>;

    /// Lists records whose key begins with `prefix`, after `after`, in order of key, at most `limit`, without blobs.
    async fn records(
        &self,
        kind: RecordKind,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError>;

    /// Removes a record; `false` when it was not there.
    async fn drop_record(&self, kind: RecordKind, key: &str) -> Result<bool, StoreError>;

    /// Sees to it that nothing of what was removed lies on in files that the store itself keeps; `false` when somebody
    /// was in the way, and it is to be asked again.
    async fn settle_erasure(&self) -> Result<bool, StoreError>;

    /// Closes the connections.
    async fn close(&self);
}

/// Forms of address that [`open`] takes.
const FORMS: &str = "sqlite:PATH, postgres://USER@HOST/DATABASE, postgresql://USER@HOST/DATABASE";

/// Opens the store at `url` and brings its tables up to date.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    if let Some(path) = sqlite_path(url) {
        return Ok(Arc::new(sqlite::SqliteStore::open(path).await?));
    }
    if is_postgres(url) {
        return Ok(Arc::new(postgres::PostgresStore::open(url).await?));
    }
    Err(unknown_form())
}

/// Returns whether there is a store at an address, without making one.
pub async fn exists(url: &str) -> Result<bool, StoreError> {
    if let Some(path) = sqlite_path(url) {
        return Ok(std::fs::metadata(path).is_ok_and(|file| file.len() > 0));
    }
    if is_postgres(url) { postgres::exists(url).await } else { Err(unknown_form()) }
}

fn sqlite_path(url: &str) -> Option<&Path> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    (!path.is_empty() && path != ":memory:").then(|| Path::new(path))
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// The address may carry a password: it is not repeated.
fn unknown_form() -> StoreError {
    StoreError::Address(format!("存储地址应为 / the address must be one of: {FORMS}"))
}
