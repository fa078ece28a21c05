//! The embedded store: one SQLite file in WAL mode, safe for several processes on one machine.
//!
//! A writer takes SQLite's write lock before it reads the counter (`BEGIN IMMEDIATE`), so two processes can not take the
//! same number. Readers never wait for a writer. There is no NOTIFY: a follower looks at the counter five times a second.
//! Invariant: an acknowledged commit is on the disk (`synchronous = FULL`).

use super::erasure::{SqliteErasure, make_anew_once};
use super::rows::{self, Draft, Line, Table, Taken};
use super::{
    Batch, Committed, EntryQuery, Expected, Progress, Receipt, ReceiptKey, Record, RecordKind, Row, Store, StoreError,
    Tables, TokenRecord,
};
use crate::domain::{DivisionCode, Entry, Revision, Revisions};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use sqlx::QueryBuilder;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::types::Json;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a writer waits for another process's import to finish.
const BUSY: Duration = Duration::from_secs(30);
/// How long a follower sleeps between two looks at the counter.
const LOOK: Duration = Duration::from_millis(200);
/// How long [`Store::wait`] waits at most.
const WAIT: Duration = Duration::from_secs(1);
/// Proposals in one statement; nine values each stay far below SQLite's 32 766.
const CHUNK: usize = 500;
/// Connections: one writes, the others read.
const CONNECTIONS: u32 = 4;
/// Attempts to open; two processes that make the same new file get in each other's way once.
const ATTEMPTS: u32 = 5;

/// A store in one file.
pub struct SqliteStore {
    pool: SqlitePool,
    /// Writers of this process queue here, in order, rather than poll for SQLite's lock.
    turn: Mutex<()>,
    erasure: SqliteErasure,
}

impl SqliteStore {
    /// Opens the file, makes it when it is not there, and brings its tables up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        check_folder(path)?;
        let options = SqliteErasure::zeroing(SqliteConnectOptions::new())
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let mut attempt = 1;
        loop {
            match Self::connect(path, options.clone()).await {
                Ok(store) => return Ok(store),
                Err(e) if attempt == ATTEMPTS || matches!(e, StoreError::Address(_)) => return Err(e),
                Err(_) => tokio::time::sleep(LOOK * attempt).await,
            }
            attempt += 1;
        }
    }

    async fn connect(path: &Path, options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options.clone()).await;
        let pool = pool.map_err(|e| can_not_open(path, e))?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await?;
        make_anew_once(&pool).await;
        Ok(Self { pool, turn: Mutex::new(()), erasure: SqliteErasure::new(options) })
    }

    async fn write(&self, batch: &Batch, progress: Progress<'_>) -> Result<Committed, StoreError> {
        let subjects = rows::check(batch)?;
        let _turn = self.turn.lock().await;
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(receipt) = &batch.receipt {
            refuse_used(&mut tx, receipt).await?;
        }
        let draft = rows::number(batch, subjects, Self::counter(&mut tx).await?);
        let mut kept = Vec::with_capacity(draft.subjects.len());
        for chunk in rows::chunks(draft.subjects.len(), CHUNK) {
            kept.extend(take_out(&mut tx, batch, &draft, chunk).await?);
        }
        for chunk in rows::chunks(draft.subjects.len(), CHUNK) {
            let end = chunk.end;
            put_chunk(&mut tx, &draft, chunk, &kept).await?;
            if end < kept.len() {
                progress(end);
            }
        }
        if let Some(receipt) = &batch.receipt {
            put_receipt(&mut tx, receipt, &draft).await?;
        }
        sqlx::query("UPDATE counter SET revision = ?, public_revision = ?")
            .bind(rows::stored(draft.committed.revisions.all))
            .bind(rows::stored(draft.committed.revisions.public))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        progress(draft.subjects.len());
        Ok(draft.committed)
    }

    async fn counter(connection: &mut SqliteConnection) -> Result<Revisions, sqlx::Error> {
        let (all, public) =
            sqlx::query_as("SELECT revision, public_revision FROM counter").fetch_one(connection).await?;
        Ok(Revisions { all: rows::read(all), public: rows::read(public) })
    }
}

fn check_folder(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    let shown = folder.display();
    Err(StoreError::Address(format!("文件夹 {shown} 不存在，请先建立 / folder {shown} does not exist: make it first")))
}

/// Returns SQLite's primary result code, the low byte of the extended one.
fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?.parse::<u32>().ok()?;
    Some(code & 0xff)
}

/// Tells apart the failures that somebody with a broom can mend: FULL 13, IOERR 10, READONLY 8.
fn full_disk(error: StoreError) -> StoreError {
    match error {
        StoreError::Database(error) if matches!(primary_code(&error), Some(13 | 10 | 8)) => StoreError::Disk(error),
        other => other,
    }
}

fn can_not_open(path: &Path, error: sqlx::Error) -> StoreError {
    let shown = path.display();
    // CANTOPEN 14, READONLY 8, PERM 3, NOTADB 26.
    match primary_code(&error) {
        Some(14 | 8 | 3) => StoreError::Address(format!(
            "不能写入 {shown}，请检查权限 / {shown} can not be written, check permissions ({error})"
        )),
        Some(26) => StoreError::Address(format!("{shown} 不是 SQLite 数据库 / {shown} is not a SQLite database")),
        _ => StoreError::Database(error),
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn load(&self, as_of: Option<Revision>) -> Result<Tables, StoreError> {
        let mut tx = self.pool.begin().await?;
        let revisions = match as_of {
            None => Self::counter(&mut tx).await?,
            Some(revision) => revisions_at(&mut tx, revision).await?,
        };
        let resources = all_rows(&mut tx, Table::Resource, as_of).await?;
        let divisions = all_rows(&mut tx, Table::Division, as_of).await?;
        let demand = all_rows(&mut tx, Table::Demand, as_of).await?;
        let corrections = all_rows(&mut tx, Table::Correction, as_of).await?;
        let closures = all_rows(&mut tx, Table::Closure, as_of).await?;
        tx.commit().await?;
        Ok(Tables { revisions, resources, divisions, demand, corrections, closures })
    }

    async fn commit(&self, batch: &Batch, progress: Progress<'_>) -> Result<Committed, StoreError> {
        self.write(batch, progress).await.map_err(full_disk)
    }

    async fn entries(&self, query: &EntryQuery, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let mut select = QueryBuilder::new("SELECT revision, batch, actor, at, reason, change FROM journal");
        rows::select_entries(&mut select, query, limit);
        let raw: Vec<rows::RawEntry> = select.build_query_as().fetch_all(&self.pool).await?;
        rows::decode_entries(raw).await
    }

    async fn revisions(&self) -> Result<Revisions, StoreError> {
        let mut connection = self.pool.acquire().await?;
        Ok(Self::counter(&mut connection).await?)
    }

    async fn wait(&self, seen: Revision) -> Result<(), StoreError> {
        let deadline = Instant::now() + WAIT;
        while self.revisions().await?.all <= seen && Instant::now() < deadline {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    async fn receipt(&self, key: &str) -> Result<Option<Receipt>, StoreError> {
        let found: Option<(String, i64, i64)> =
            sqlx::query_as("SELECT fingerprint, first_revision, last_revision FROM receipt WHERE key = ?")
                .bind(key)
                .fetch_optional(&self.pool)
                .await?;
        Ok(found.map(|(fingerprint, first, last)| Receipt {
            fingerprint,
            first: rows::read(first),
            last: rows::read(last),
        }))
    }

    async fn add_token(&self, token: &TokenRecord) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO token (id, hash, name, role, scope, created_at, expires_at, revoked_at, created_by)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&token.id)
        .bind(&token.hash)
        .bind(&token.name)
        .bind(token.role.word())
        .bind(token.scope.as_ref().map(DivisionCode::as_str))
        .bind(rows::to_micros(token.created_at))
        .bind(token.expires_at.map(rows::to_micros))
        .bind(token.revoked_at.map(rows::to_micros))
        .bind(&token.created_by)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn find_token(&self, hash: &str) -> Result<Option<TokenRecord>, StoreError> {
        let found: Option<rows::RawToken> = sqlx::query_as(
            "SELECT id, hash, name, role, scope, created_at, expires_at, revoked_at, created_by FROM token WHERE hash = ?",
        )
        .bind(hash)
        .fetch_optional(&self.pool)
        .await?;
        found.map(rows::decode_token).transpose()
    }

    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        let raw: Vec<rows::RawToken> = sqlx::query_as(
            "SELECT id, hash, name, role, scope, created_at, expires_at, revoked_at, created_by FROM token",
        )
        .fetch_all(&self.pool)
        .await?;
        rows::decode_tokens(raw)
    }

    async fn revoke_token(&self, id: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE token SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?")
            .bind(rows::to_micros(at))
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn put_record(&self, record: &Record, expected: Expected) -> Result<u64, StoreError> {
        let written: Option<i64> = match expected {
            Expected::Any => {
                sqlx::query_scalar(
                    "INSERT INTO record (kind, key, version, at, doc, blob) VALUES (?, ?, 1, ?, ?, ?)
                     ON CONFLICT (kind, key) DO UPDATE
                     SET version = version + 1, at = excluded.at, doc = excluded.doc, blob = excluded.blob
                     RETURNING version",
                )
                .bind(record.kind.word())
                .bind(&record.key)
                .bind(rows::to_micros(record.at))
                .bind(&record.doc)
                .bind(record.blob.as_deref())
                .fetch_optional(&self.pool)
                .await
            }
            Expected::New => {
                sqlx::query_scalar(
                    "INSERT INTO record (kind, key, version, at, doc, blob) VALUES (?, ?, 1, ?, ?, ?)
                     ON CONFLICT DO NOTHING RETURNING version",
                )
                .bind(record.kind.word())
                .bind(&record.key)
                .bind(rows::to_micros(record.at))
                .bind(&record.doc)
                .bind(record.blob.as_deref())
                .fetch_optional(&self.pool)
                .await
            }
            Expected::At(version) => {
                sqlx::query_scalar(
                    "UPDATE record SET version = version + 1, at = ?, doc = ?, blob = ?
                     WHERE kind = ? AND key = ? AND version = ? RETURNING version",
                )
                .bind(rows::to_micros(record.at))
                .bind(&record.doc)
                .bind(record.blob.as_deref())
                .bind(record.kind.word())
                .bind(&record.key)
                .bind(rows::stored(Revision(version)))
                .fetch_optional(&self.pool)
                .await
            }
        }
        .map_err(|error| full_disk(error.into()))?;
        match written {
            Some(version) => Ok(rows::read(version).0),
            None => {
                let found = self.record(record.kind, &record.key).await?.map(|r| r.version);
                Err(StoreError::RecordStale { key: record.key.clone(), found })
            }
        }
    }

    async fn record(&self, kind: RecordKind, key: &str) -> Result<Option<Record>, StoreError> {
        let found: Option<rows::RawRecord> =
            sqlx::query_as("SELECT key, version, at, doc, blob FROM record WHERE kind = ? AND key = ?")
                .bind(kind.word())
                .bind(key)
                .fetch_optional(&self.pool)
                .await?;
        Ok(found.map(|raw| rows::decode_record(kind, raw)))
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let raw: Vec<rows::RawRecord> = sqlx::query_as(
            "SELECT key, version, at, doc, NULL FROM record
             WHERE kind = ?1 AND key > ?2 AND key >= ?3 AND substr(key, 1, length(?3)) = ?3 ORDER BY key LIMIT ?4",
        )
        .bind(kind.word())
        .bind(after)
        .bind(prefix)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        Ok(raw.into_iter().map(|raw| rows::decode_record(kind, raw)).collect())
    }

    async fn drop_record(&self, kind: RecordKind, key: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM record WHERE kind = ? AND key = ?")
            .bind(kind.word())
            .bind(key)
            .execute(&self.pool)
            .await?;
        self.erasure.note();
        Ok(done.rows_affected() > 0)
    }

    async fn settle_erasure(&self) -> Result<bool, StoreError> {
        self.erasure.settle().await
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Returns the counter as it stood right after a revision.
async fn revisions_at(connection: &mut SqliteConnection, revision: Revision) -> Result<Revisions, StoreError> {
    let public: Option<i64> =
        sqlx::query_scalar("SELECT max(revision) FROM journal WHERE revision <= ? AND touches_public")
            .bind(rows::stored(revision))
            .fetch_one(connection)
            .await?;
    Ok(Revisions { all: revision, public: rows::read(public.unwrap_or(0)) })
}

/// Reads one table, as it is or as it was right after a revision: then from the last change of each subject up to it.
async fn all_rows<T>(
    connection: &mut SqliteConnection,
    table: Table,
    as_of: Option<Revision>,
) -> Result<Vec<Row<T>>, StoreError>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    if let Some(revision) = as_of {
        let raw = sqlx::query_as(
            "WITH last AS (
                 SELECT subject_id, max(revision) AS revision, max(CASE WHEN remains THEN 0 ELSE revision END) AS died
                 FROM journal WHERE subject_kind = ?1 AND revision <= ?2 GROUP BY subject_id
             )
             SELECT last.subject_id, last.revision,
                    coalesce((SELECT max(p.revision) FROM journal AS p
                              WHERE p.subject_kind = ?1 AND p.subject_id = last.subject_id
                                AND p.revision > last.died AND p.revision <= ?2 AND p.touches_public), 0),
                    journal.change -> '$.after'
             FROM last JOIN journal ON journal.revision = last.revision
             WHERE journal.remains ORDER BY last.subject_id",
        )
        .bind(table.word())
        .bind(rows::stored(revision))
        .fetch_all(connection)
        .await?;
        return rows::decode(table, raw).await;
    }
    let sql = match table {
        Table::Correction => "SELECT id, revision, public_revision, doc FROM correction ORDER BY id",
        Table::Closure => "SELECT id, revision, public_revision, doc FROM closure ORDER BY id",
        Table::Resource => "SELECT id, revision, public_revision, doc FROM resource ORDER BY id",
        Table::Division => "SELECT code, revision, public_revision, doc FROM division ORDER BY code",
        Table::Demand => "SELECT id, revision, public_revision, doc FROM demand ORDER BY id",
    };
    rows::decode(table, sqlx::query_as(sql).fetch_all(connection).await?).await
}

/// Takes out the rows that this part of the batch replaces, and compares them with what their authors looked at.
async fn take_out(
    connection: &mut SqliteConnection,
    batch: &Batch,
    draft: &Draft,
    chunk: Range<usize>,
) -> Result<Vec<i64>, StoreError> {
    let mut taken = Taken::default();
    for table in Table::ALL {
        let keys = draft.replaced(batch, chunk.clone(), table);
        let sql = match table {
            Table::Resource => {
                "DELETE FROM resource WHERE id IN (SELECT value FROM json_each(?))
                 RETURNING id, revision, public_revision"
            }
            Table::Division => {
                "DELETE FROM division WHERE code IN (SELECT value FROM json_each(?))
                 RETURNING code, revision, public_revision"
            }
            Table::Demand => {
                "DELETE FROM demand WHERE id IN (SELECT value FROM json_each(?))
                 RETURNING id, revision, public_revision"
            }
            Table::Correction => {
                "DELETE FROM correction WHERE id IN (SELECT value FROM json_each(?))
                 RETURNING id, revision, public_revision"
            }
            Table::Closure => {
                "DELETE FROM closure WHERE id IN (SELECT value FROM json_each(?))
                 RETURNING id, revision, public_revision"
            }
        };
        if !keys.is_empty() {
            taken.add(table, sqlx::query_as(sql).bind(Json(keys)).fetch_all(&mut *connection).await?);
        }
    }
    draft.compare(batch, chunk, &taken)
}

async fn put_chunk(
    connection: &mut SqliteConnection,
    draft: &Draft,
    chunk: Range<usize>,
    kept: &[i64],
) -> Result<(), StoreError> {
    let lines = chunk.clone().map(|i| draft.line(i, kept[i])).collect::<Result<Vec<_>, _>>()?;
    for table in Table::ALL {
        let rows: Vec<_> = chunk.clone().zip(&lines).filter(|(_, l)| l.table == table && l.doc.is_some()).collect();
        if !rows.is_empty() {
            put_rows(connection, draft, table, &rows).await?;
        }
    }
    put_entries(connection, &draft.committed.entries[chunk.start], &lines).await
}

/// Writes rows of one table; the number is each row's place in the batch.
async fn put_rows(
    connection: &mut SqliteConnection,
    draft: &Draft,
    table: Table,
    rows: &[(usize, &Line<'_>)],
) -> Result<(), StoreError> {
    let mut insert = QueryBuilder::new(match table {
        Table::Resource => "INSERT INTO resource (id, revision, public_revision, doc) ",
        Table::Division => "INSERT INTO division (code, revision, public_revision, doc) ",
        Table::Demand => "INSERT INTO demand (id, revision, public_revision, doc) ",
        Table::Correction => "INSERT INTO correction (id, revision, public_revision, doc) ",
        Table::Closure => "INSERT INTO closure (id, revision, public_revision, doc) ",
    });
    insert.push_values(rows, |mut row, (_, line)| {
        row.push_bind(line.key).push_bind(line.revision).push_bind(line.public_revision);
        row.push_bind(line.doc.as_deref());
    });
    insert.push(" ON CONFLICT DO NOTHING");
    let written = insert.build().execute(&mut *connection).await?.rows_affected();
    if written == rows.len() as u64 {
        return Ok(());
    }
    for (place, line) in rows {
        let found = row_revision(connection, table, line.key).await?;
        if found != Some(rows::read(line.revision)) {
            return Err(draft.not_written(*place, found));
        }
    }
    Err(StoreError::Corrupt { what: table.word().to_owned(), why: "rows were written twice".to_owned() })
}

async fn row_revision(
    connection: &mut SqliteConnection,
    table: Table,
    key: &str,
) -> Result<Option<Revision>, StoreError> {
    let sql = match table {
        Table::Resource => "SELECT revision FROM resource WHERE id = ?",
        Table::Division => "SELECT revision FROM division WHERE code = ?",
        Table::Demand => "SELECT revision FROM demand WHERE id = ?",
        Table::Correction => "SELECT revision FROM correction WHERE id = ?",
        Table::Closure => "SELECT revision FROM closure WHERE id = ?",
    };
    let found: Option<i64> = sqlx::query_scalar(sql).bind(key).fetch_optional(connection).await?;
    Ok(found.map(rows::read))
}

/// Writes the journal lines of one chunk; all of a batch share batch number, actor, time and reason.
async fn put_entries(connection: &mut SqliteConnection, head: &Entry, lines: &[Line<'_>]) -> Result<(), StoreError> {
    let mut insert = QueryBuilder::new(
        "INSERT INTO journal (revision, batch, actor, at, reason, subject_kind, subject_id, touches_public, remains,
         change) ",
    );
    insert.push_values(lines, |mut row, line| {
        row.push_bind(line.revision).push_bind(rows::stored(head.batch)).push_bind(head.actor.as_str());
        row.push_bind(head.at).push_bind(head.reason.as_deref()).push_bind(line.table.word());
        row.push_bind(line.key).push_bind(line.touches_public).push_bind(line.doc.is_some());
        row.push_bind(line.change.as_str());
    });
    insert.build().execute(connection).await?;
    Ok(())
}

async fn refuse_used(connection: &mut SqliteConnection, receipt: &ReceiptKey) -> Result<(), StoreError> {
    let used: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM receipt WHERE key = ?").bind(&receipt.key).fetch_optional(connection).await?;
    if used.is_some() { Err(StoreError::ReceiptTaken { key: receipt.key.clone() }) } else { Ok(()) }
}

async fn put_receipt(connection: &mut SqliteConnection, receipt: &ReceiptKey, draft: &Draft) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO receipt (key, fingerprint, first_revision, last_revision, at) VALUES (?, ?, ?, ?, ?)")
        .bind(&receipt.key)
        .bind(&receipt.fingerprint)
        .bind(rows::stored(draft.start.next()))
        .bind(rows::stored(draft.committed.revisions.all))
        .bind(draft.at)
        .execute(connection)
        .await?;
    Ok(())
}
