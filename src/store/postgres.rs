//! The store for several nodes and for people with QGIS: PostgreSQL with PostGIS.
//!
//! Writers queue at the counter row (`FOR UPDATE`), so what a writer checks stays true until it commits. Rows travel as
//! arrays, a thousand at a time, so that a city of shelters is a matter of seconds. Each commit notifies; a follower that
//! loses its connection is told to look, because it may have missed a word. Invariant: columns and `geom` are written in
//! the statement that writes `doc`.

use super::geometry;
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
use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool, PgPoolOptions};
use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout, timeout_at};

/// Channel on which commits are announced; the payload is the revision.
const CHANNEL: &str = "bihu_journal";
/// How long [`Store::wait`] waits at most.
const WAIT: Duration = Duration::from_secs(1);
/// How long a request waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(3);
/// How long a short question may take once it has a connection: a database that falls silent closes none.
const ANSWER: Duration = Duration::from_secs(5);
/// How long reading part of the journal may take.
const PAGE: Duration = Duration::from_secs(30);
/// How long reading all tables may take.
const LOAD: Duration = Duration::from_secs(120);
/// How long a commit may take, waiting for other writers included, and what each change adds to that.
const COMMIT: Duration = Duration::from_secs(45);
const COMMIT_EACH: Duration = Duration::from_millis(5);
/// Proposals in one statement.
const CHUNK: usize = 1000;
/// Connections; one of them listens.
const CONNECTIONS: u32 = 8;

/// A store in a PostgreSQL database.
pub struct PostgresStore {
    pool: PgPool,
    /// The connection that listens; `None` before the first wait and after a cut.
    listener: Mutex<Option<PgListener>>,
}

impl PostgresStore {
    /// Connects, sees to PostGIS, and brings the tables up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let (pool, place) = connect(url).await?;
        check_encoding(&pool).await?;
        see_to_postgis(&pool, &place).await?;
        sqlx::migrate!("migrations/postgres").run(&pool).await?;
        Ok(Self { pool, listener: Mutex::new(None) })
    }

    /// Returns once the counter passes `seen`, or when words may have been missed. May be dropped at any await: the
    /// listener stays in its slot.
    async fn listen(&self, seen: Revision, slot: &mut Option<PgListener>) -> Result<(), StoreError> {
        let listener = match slot {
            Some(listener) => listener,
            None => slot.insert(self.subscribe().await?),
        };
        let heard = self.hear(seen, listener).await;
        if !matches!(heard, Ok(Heard::News)) {
            *slot = None;
        }
        heard.map(|_| ())
    }

    async fn subscribe(&self) -> Result<PgListener, StoreError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(listener)
    }

    async fn hear(&self, seen: Revision, listener: &mut PgListener) -> Result<Heard, StoreError> {
        // Looked at after LISTEN, so that nothing falls between the two.
        if self.revisions().await?.all > seen {
            return Ok(Heard::News);
        }
        while let Some(word) = listener.try_recv().await? {
            if word.payload().parse::<u64>().is_ok_and(|revision| revision > seen.0) {
                return Ok(Heard::News);
            }
        }
        Ok(Heard::Cut)
    }
}

/// What came of listening.
enum Heard {
    /// The journal went beyond what was seen.
    News,
    /// The connection was lost, and perhaps words with it.
    Cut,
}

/// Sees to it that a node which vanishes in the middle of a commit does not hold the counter row, and with it every other
/// node, for the hours that TCP takes to notice.
async fn prepare(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SET idle_in_transaction_session_timeout = '60s'").execute(connection).await?;
    Ok(())
}

/// Gives up on work that takes longer than `limit`. What was given up on in a commit is undone, or, where only its answer
/// was lost, stands in the journal: the same as for a connection that breaks.
async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let silent = || StoreError::Database(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
    timeout(limit, work).await.unwrap_or_else(|_| Err(silent()))
}

async fn check_encoding(pool: &PgPool) -> Result<(), StoreError> {
    let encoding: String = sqlx::query_scalar("SELECT current_setting('server_encoding')").fetch_one(pool).await?;
    if encoding == "UTF8" {
        return Ok(());
    }
    Err(StoreError::Address(format!(
        "数据库编码是 {encoding}，应为 UTF8 / the database is encoded in {encoding}, it must be UTF8: \
         createdb --encoding=UTF8 --template=template0 NAME"
    )))
}

/// Returns whether a database holds the tables of a store, without making them.
pub(super) async fn exists(url: &str) -> Result<bool, StoreError> {
    let (pool, _) = connect(url).await?;
    let there = sqlx::query_scalar("SELECT to_regclass('counter') IS NOT NULL").fetch_one(&pool).await?;
    pool.close().await;
    Ok(there)
}

async fn connect(url: &str) -> Result<(PgPool, String), StoreError> {
    let options: PgConnectOptions =
        url.parse().map_err(|e| StoreError::Address(format!("地址无法解析 / not a PostgreSQL address ({e})")))?;
    let place = format!("{}:{}/{}", options.get_host(), options.get_port(), options.get_database().unwrap_or(""));
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .after_connect(|connection, _| Box::pin(prepare(connection)))
        .connect_with(options)
        .await
        .map_err(|e| StoreError::Address(format!("连不上 PostgreSQL / can not reach PostgreSQL at {place} ({e})")))?;
    Ok((pool, place))
}

async fn see_to_postgis(pool: &PgPool, place: &str) -> Result<(), StoreError> {
    if has_postgis(pool).await? {
        return Ok(());
    }
    let made = sqlx::query("CREATE EXTENSION IF NOT EXISTS postgis").execute(pool).await;
    // Another node may have made it in the meantime, which is as good.
    match made {
        Err(e) if !has_postgis(pool).await? => Err(StoreError::Address(format!(
            "数据库 {place} 缺少 PostGIS，请安装（Debian：apt-get install postgis postgresql-postgis）并由超级用户执行 / \
             {place} lacks PostGIS: install it (Debian: apt-get install postgis postgresql-postgis), then as superuser: \
             psql -d DATABASE -c 'CREATE EXTENSION postgis' ({e})"
        ))),
        _ => Ok(()),
    }
}

async fn has_postgis(pool: &PgPool) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis')").fetch_one(pool).await
}

impl PostgresStore {
    async fn read_all(&self, as_of: Option<Revision>) -> Result<Tables, StoreError> {
        let mut tx = self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let (all, public): (i64, i64) = match as_of {
            None => sqlx::query_as("SELECT revision, public_revision FROM counter").fetch_one(&mut *tx).await?,
            Some(revision) => {
                sqlx::query_as(
                    "SELECT $1, coalesce(max(revision), 0) FROM journal WHERE revision <= $1 AND touches_public",
                )
                .bind(rows::stored(revision))
                .fetch_one(&mut *tx)
                .await?
            }
        };
        let revisions = Revisions { all: rows::read(all), public: rows::read(public) };
        let resources = all_rows(&mut tx, Table::Resource, as_of).await?;
        let divisions = all_rows(&mut tx, Table::Division, as_of).await?;
        let demand = all_rows(&mut tx, Table::Demand, as_of).await?;
        let corrections = all_rows(&mut tx, Table::Correction, as_of).await?;
        let closures = all_rows(&mut tx, Table::Closure, as_of).await?;
        tx.commit().await?;
        Ok(Tables { revisions, resources, divisions, demand, corrections, closures })
    }

    async fn write(&self, batch: &Batch, progress: Progress<'_>) -> Result<Committed, StoreError> {
        let subjects = rows::check(batch)?;
        let mut tx = self.pool.begin().await?;
        let (all, public) =
            sqlx::query_as("SELECT revision, public_revision FROM counter FOR UPDATE").fetch_one(&mut *tx).await?;
        if let Some(receipt) = &batch.receipt {
            refuse_used(&mut tx, receipt).await?;
        }
        let draft = rows::number(batch, subjects, Revisions { all: rows::read(all), public: rows::read(public) });
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
        close_counter(&mut tx, draft.committed.revisions).await?;
        tx.commit().await?;
        progress(draft.subjects.len());
        Ok(draft.committed)
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn load(&self, as_of: Option<Revision>) -> Result<Tables, StoreError> {
        within(LOAD, self.read_all(as_of)).await
    }

    async fn commit(&self, batch: &Batch, progress: Progress<'_>) -> Result<Committed, StoreError> {
        let changes = u32::try_from(batch.proposals.len()).unwrap_or(u32::MAX);
        within(COMMIT + COMMIT_EACH.saturating_mul(changes), self.write(batch, progress)).await
    }

    async fn entries(&self, query: &EntryQuery, limit: usize) -> Result<Vec<Entry>, StoreError> {
        within(PAGE, async {
            let mut select = QueryBuilder::new("SELECT revision, batch, actor, at, reason, change::text FROM journal");
            rows::select_entries(&mut select, query, limit);
            let raw: Vec<rows::RawEntry> = select.build_query_as().fetch_all(&self.pool).await?;
            rows::decode_entries(raw).await
        })
        .await
    }

    async fn revisions(&self) -> Result<Revisions, StoreError> {
        within(ANSWER, async {
            let (all, public) =
                sqlx::query_as("SELECT revision, public_revision FROM counter").fetch_one(&self.pool).await?;
            Ok(Revisions { all: rows::read(all), public: rows::read(public) })
        })
        .await
    }

    async fn wait(&self, seen: Revision) -> Result<(), StoreError> {
        let deadline = Instant::now() + WAIT;
        let Ok(mut slot) = timeout_at(deadline, self.listener.lock()).await else { return Ok(()) };
        timeout_at(deadline, self.listen(seen, &mut slot)).await.unwrap_or(Ok(()))
    }

    async fn receipt(&self, key: &str) -> Result<Option<Receipt>, StoreError> {
        within(ANSWER, async {
            let found: Option<(String, i64, i64)> =
                sqlx::query_as("SELECT fingerprint, first_revision, last_revision FROM receipt WHERE key = $1")
                    .bind(key)
                    .fetch_optional(&self.pool)
                    .await?;
            Ok(found.map(|(fingerprint, first, last)| Receipt {
                fingerprint,
                first: rows::read(first),
                last: rows::read(last),
            }))
        })
        .await
    }

    async fn add_token(&self, token: &TokenRecord) -> Result<(), StoreError> {
        within(ANSWER, async {
            sqlx::query(
                "INSERT INTO token (id, hash, name, role, scope, created_at, expires_at, revoked_at, created_by)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
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
        })
        .await
    }

    async fn find_token(&self, hash: &str) -> Result<Option<TokenRecord>, StoreError> {
        within(ANSWER, async {
            let found: Option<rows::RawToken> = sqlx::query_as(
                "SELECT id, hash, name, role, scope, created_at, expires_at, revoked_at, created_by FROM token WHERE hash = $1",
            )
            .bind(hash)
            .fetch_optional(&self.pool)
            .await?;
            found.map(rows::decode_token).transpose()
        })
        .await
    }

    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        within(ANSWER, async {
            let raw: Vec<rows::RawToken> = sqlx::query_as(
                "SELECT id, hash, name, role, scope, created_at, expires_at, revoked_at, created_by FROM token",
            )
            .fetch_all(&self.pool)
            .await?;
            rows::decode_tokens(raw)
        })
        .await
    }

    async fn revoke_token(&self, id: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        within(ANSWER, async {
            let done = sqlx::query("UPDATE token SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1")
                .bind(id)
                .bind(rows::to_micros(at))
                .execute(&self.pool)
                .await?;
            Ok(done.rows_affected() > 0)
        })
        .await
    }

    async fn put_record(&self, record: &Record, expected: Expected) -> Result<u64, StoreError> {
        let sql = match expected {
            Expected::Any => {
                "INSERT INTO record AS r (kind, key, version, at, doc, blob) VALUES ($1, $2, 1, $3, $4::jsonb, $5)
                 ON CONFLICT (kind, key) DO UPDATE
                 SET version = r.version + 1, at = excluded.at, doc = excluded.doc, blob = excluded.blob
                 WHERE $6::bigint IS NULL RETURNING version"
            }
            Expected::New => {
                "INSERT INTO record (kind, key, version, at, doc, blob) SELECT $1, $2, 1, $3, $4::jsonb, $5
                 WHERE $6::bigint IS NULL ON CONFLICT DO NOTHING RETURNING version"
            }
            Expected::At(_) => {
                "UPDATE record SET version = version + 1, at = $3, doc = $4::jsonb, blob = $5
                 WHERE kind = $1 AND key = $2 AND version = $6::bigint RETURNING version"
            }
        };
        let seen = if let Expected::At(version) = expected { Some(rows::stored(Revision(version))) } else { None };
        let written: Option<i64> = within(ANSWER, async {
            let row = sqlx::query_scalar(sql)
                .bind(record.kind.word())
                .bind(&record.key)
                .bind(rows::to_micros(record.at))
                .bind(&record.doc)
                .bind(record.blob.as_deref())
                .bind(seen);
            Ok(row.fetch_optional(&self.pool).await?)
        })
        .await?;
        match written {
            Some(version) => Ok(rows::read(version).0),
            None => {
                let found = self.record(record.kind, &record.key).await?.map(|r| r.version);
                Err(StoreError::RecordStale { key: record.key.clone(), found })
            }
        }
    }

    async fn record(&self, kind: RecordKind, key: &str) -> Result<Option<Record>, StoreError> {
        within(ANSWER, async {
            let found: Option<rows::RawRecord> =
                sqlx::query_as("SELECT key, version, at, doc::text, blob FROM record WHERE kind = $1 AND key = $2")
                    .bind(kind.word())
                    .bind(key)
                    .fetch_optional(&self.pool)
                    .await?;
            Ok(found.map(|raw| rows::decode_record(kind, raw)))
        })
        .await
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        within(ANSWER, async {
            let raw: Vec<rows::RawRecord> = sqlx::query_as(
                "SELECT key, version, at, doc::text, NULL::bytea FROM record
                 WHERE kind = $1 AND key > $2 AND key >= $3 AND starts_with(key, $3) ORDER BY key LIMIT $4",
            )
            .bind(kind.word())
            .bind(after)
            .bind(prefix)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
            Ok(raw.into_iter().map(|raw| rows::decode_record(kind, raw)).collect())
        })
        .await
    }

    async fn drop_record(&self, kind: RecordKind, key: &str) -> Result<bool, StoreError> {
        within(ANSWER, async {
            let done = sqlx::query("DELETE FROM record WHERE kind = $1 AND key = $2")
                .bind(kind.word())
                .bind(key)
                .execute(&self.pool)
                .await?;
            Ok(done.rows_affected() > 0)
        })
        .await
    }

    async fn settle_erasure(&self) -> Result<bool, StoreError> {
        // Its files are the database's own, which it vacuums by itself.
        Ok(true)
    }

    async fn close(&self) {
        drop(self.listener.lock().await.take());
        self.pool.close().await;
    }
}

/// Reads one table, as it is or as it was right after a revision: then from the last change of each subject up to it.
async fn all_rows<T>(
    connection: &mut PgConnection,
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
                 FROM journal WHERE subject_kind = $1 AND revision <= $2 GROUP BY subject_id
             )
             SELECT last.subject_id, last.revision,
                    coalesce((SELECT max(p.revision) FROM journal AS p
                              WHERE p.subject_kind = $1 AND p.subject_id = last.subject_id
                                AND p.revision > last.died AND p.revision <= $2 AND p.touches_public), 0),
                    (journal.change -> 'after')::text
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
        Table::Correction => "SELECT id, revision, public_revision, doc::text FROM correction ORDER BY id",
        Table::Closure => "SELECT id, revision, public_revision, doc::text FROM closure ORDER BY id",
        Table::Resource => "SELECT id, revision, public_revision, doc::text FROM resource ORDER BY id",
        Table::Division => "SELECT code, revision, public_revision, doc::text FROM division ORDER BY code",
        Table::Demand => "SELECT id, revision, public_revision, doc::text FROM demand ORDER BY id",
    };
    rows::decode(table, sqlx::query_as(sql).fetch_all(connection).await?).await
}

/// Takes out the rows that this part of the batch replaces, and compares them with what their authors looked at.
async fn take_out(
    connection: &mut PgConnection,
    batch: &Batch,
    draft: &Draft,
    chunk: Range<usize>,
) -> Result<Vec<i64>, StoreError> {
    let mut taken = Taken::default();
    for table in Table::ALL {
        let keys = draft.replaced(batch, chunk.clone(), table);
        let sql = match table {
            Table::Resource => "DELETE FROM resource WHERE id = ANY($1) RETURNING id, revision, public_revision",
            Table::Division => "DELETE FROM division WHERE code = ANY($1) RETURNING code, revision, public_revision",
            Table::Demand => "DELETE FROM demand WHERE id = ANY($1) RETURNING id, revision, public_revision",
            Table::Correction => "DELETE FROM correction WHERE id = ANY($1) RETURNING id, revision, public_revision",
            Table::Closure => "DELETE FROM closure WHERE id = ANY($1) RETURNING id, revision, public_revision",
        };
        if !keys.is_empty() {
            taken.add(table, sqlx::query_as(sql).bind(keys).fetch_all(&mut *connection).await?);
        }
    }
    draft.compare(batch, chunk, &taken)
}

async fn put_chunk(
    connection: &mut PgConnection,
    draft: &Draft,
    chunk: Range<usize>,
    kept: &[i64],
) -> Result<(), StoreError> {
    let lines = chunk.clone().map(|i| draft.line(i, kept[i])).collect::<Result<Vec<_>, _>>()?;
    for table in Table::ALL {
        let mut columns = Columns::default();
        for (i, line) in chunk.clone().zip(&lines).filter(|(_, line)| line.table == table) {
            columns.push(i, line, geometry::ewkb(&draft.committed.entries[i].change)?);
        }
        if !columns.places.is_empty() {
            put_rows(connection, draft, table, &columns).await?;
        }
    }
    put_entries(connection, &draft.committed.entries[chunk.start], &lines).await
}

/// Rows of one table, turned on their side for UNNEST.
#[derive(Default)]
struct Columns<'a> {
    /// Place of each row in the batch.
    places: Vec<usize>,
    keys: Vec<&'a str>,
    revisions: Vec<i64>,
    publics: Vec<i64>,
    docs: Vec<&'a str>,
    shapes: Vec<Option<Vec<u8>>>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, place: usize, line: &'a Line<'_>, shape: Option<Vec<u8>>) {
        let Some(doc) = &line.doc else { return };
        self.places.push(place);
        self.keys.push(line.key);
        self.revisions.push(line.revision);
        self.publics.push(line.public_revision);
        self.docs.push(doc);
        self.shapes.push(shape);
    }
}

async fn put_rows(
    connection: &mut PgConnection,
    draft: &Draft,
    table: Table,
    columns: &Columns<'_>,
) -> Result<(), StoreError> {
    let sql = match table {
        Table::Resource => {
            "INSERT INTO resource (id, revision, public_revision, doc, geom)
             SELECT k, r, p, d::jsonb, ST_GeomFromEWKB(g)
             FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[]) AS t (k, r, p, d, g)
             ON CONFLICT DO NOTHING"
        }
        Table::Division => {
            "INSERT INTO division (code, revision, public_revision, doc, geom)
             SELECT k, r, p, d::jsonb, ST_GeomFromEWKB(g)
             FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[]) AS t (k, r, p, d, g)
             ON CONFLICT DO NOTHING"
        }
        // A report and a closure have no shape here; the parameter is named, so that all statements take the same five.
        Table::Correction => {
            "INSERT INTO correction (id, revision, public_revision, doc)
             SELECT k, r, p, d::jsonb
             FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[]) AS t (k, r, p, d, g)
             ON CONFLICT DO NOTHING"
        }
        Table::Closure => {
            "INSERT INTO closure (id, revision, public_revision, doc)
             SELECT k, r, p, d::jsonb
             FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[]) AS t (k, r, p, d, g)
             ON CONFLICT DO NOTHING"
        }
        Table::Demand => {
            "INSERT INTO demand (id, revision, public_revision, doc, geom)
             SELECT k, r, p, d::jsonb, ST_GeomFromEWKB(g)
             FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[]) AS t (k, r, p, d, g)
             ON CONFLICT DO NOTHING"
        }
    };
    let written = sqlx::query(sql)
        .bind(&columns.keys)
        .bind(&columns.revisions)
        .bind(&columns.publics)
        .bind(&columns.docs)
        .bind(&columns.shapes)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if written == columns.keys.len() as u64 { Ok(()) } else { Err(conflict(connection, draft, table, columns).await?) }
}

/// Finds the first row that was not written, and says why.
async fn conflict(
    connection: &mut PgConnection,
    draft: &Draft,
    table: Table,
    columns: &Columns<'_>,
) -> Result<StoreError, StoreError> {
    let sql = match table {
        Table::Resource => "SELECT id, revision FROM resource WHERE id = ANY($1)",
        Table::Division => "SELECT code, revision FROM division WHERE code = ANY($1)",
        Table::Demand => "SELECT id, revision FROM demand WHERE id = ANY($1)",
        Table::Correction => "SELECT id, revision FROM correction WHERE id = ANY($1)",
        Table::Closure => "SELECT id, revision FROM closure WHERE id = ANY($1)",
    };
    let there: Vec<(String, i64)> = sqlx::query_as(sql).bind(&columns.keys).fetch_all(connection).await?;
    let there: HashMap<String, i64> = there.into_iter().collect();
    let rows = columns.places.iter().zip(&columns.keys).zip(&columns.revisions);
    for ((place, key), revision) in rows {
        let found = there.get(*key);
        if found != Some(revision) {
            return Ok(draft.not_written(*place, found.copied().map(rows::read)));
        }
    }
    Err(StoreError::Corrupt { what: table.word().to_owned(), why: "rows were written twice".to_owned() })
}

/// Writes the journal lines of one chunk; all of a batch share batch number, actor, time and reason.
async fn put_entries(connection: &mut PgConnection, head: &Entry, lines: &[Line<'_>]) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO journal (revision, batch, actor, at, reason, subject_kind, subject_id, touches_public, remains,
                              change)
         SELECT r, $1, $2, $3, $4, k, s, p, l, c::json
         FROM unnest($5::bigint[], $6::text[], $7::text[], $8::boolean[], $9::boolean[], $10::text[])
              AS t (r, k, s, p, l, c)",
    )
    .bind(rows::stored(head.batch))
    .bind(&head.actor)
    .bind(head.at)
    .bind(head.reason.as_deref())
    .bind(lines.iter().map(|l| l.revision).collect::<Vec<_>>())
    .bind(lines.iter().map(|l| l.table.word()).collect::<Vec<_>>())
    .bind(lines.iter().map(|l| l.key).collect::<Vec<_>>())
    .bind(lines.iter().map(|l| l.touches_public).collect::<Vec<_>>())
    .bind(lines.iter().map(|l| l.doc.is_some()).collect::<Vec<_>>())
    .bind(lines.iter().map(|l| l.change.as_str()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

async fn refuse_used(connection: &mut PgConnection, receipt: &ReceiptKey) -> Result<(), StoreError> {
    let used: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM receipt WHERE key = $1)")
        .bind(&receipt.key)
        .fetch_one(connection)
        .await?;
    if used { Err(StoreError::ReceiptTaken { key: receipt.key.clone() }) } else { Ok(()) }
}

async fn put_receipt(connection: &mut PgConnection, receipt: &ReceiptKey, draft: &Draft) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO receipt (key, fingerprint, first_revision, last_revision, at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&receipt.key)
    .bind(&receipt.fingerprint)
    .bind(rows::stored(draft.start.next()))
    .bind(rows::stored(draft.committed.revisions.all))
    .bind(draft.at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the counter and announces it; the word goes out when the transaction commits.
async fn close_counter(connection: &mut PgConnection, revisions: Revisions) -> Result<(), StoreError> {
    sqlx::query("UPDATE counter SET revision = $1, public_revision = $2")
        .bind(rows::stored(revisions.all))
        .bind(rows::stored(revisions.public))
        .execute(&mut *connection)
        .await?;
    sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(revisions.all.to_string()).execute(connection).await?;
    Ok(())
}
