//! What is erased from a store in one file is erased from the file.
//!
//! SQLite only marks what is deleted as free: the bytes lie on in the pages, and older pages in the log beside the file.
//! Three things together end that: `secure_delete` writes zeros over what goes, a log that is emptied keeps no older page,
//! and a file that was written before it was so is made anew once. Invariant: no contact or photograph that was dropped is
//! in the file or its log after the next [`SqliteErasure::settle`] that nobody stood in the way of.

use super::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool};
use sqlx::{ConnectOptions, Connection};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long readers are waited for; writers wait meanwhile, so it is short, and tried again later.
const PATIENCE: Duration = Duration::from_millis(200);

/// `user_version` of a file in which nothing lies on that was deleted before zeros were written over it.
const CLEAN: i64 = 1;

/// Looks after what was erased from one file.
pub(super) struct SqliteErasure {
    options: SqliteConnectOptions,
    /// Something may lie on in the log.
    pending: AtomicBool,
}

impl SqliteErasure {
    /// Returns what connections to the file are to be opened with, so that zeros are written over what goes.
    pub(super) fn zeroing(options: SqliteConnectOptions) -> SqliteConnectOptions {
        options.pragma("secure_delete", "ON")
    }

    /// Begins to look after a file. What a process before this one left in the log is not known, and emptied too.
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self { options: options.busy_timeout(PATIENCE), pending: AtomicBool::new(true) }
    }

    /// Notes that something went.
    pub(super) fn note(&self) {
        self.pending.store(true, Ordering::Relaxed);
    }

    /// Empties the log if something went since that was last done; `false` when somebody reads what it holds.
    pub(super) async fn settle(&self) -> Result<bool, StoreError> {
        // Whatever goes from now on is for the next time.
        if !self.pending.swap(false, Ordering::Relaxed) {
            return Ok(true);
        }
        let emptied = self.empty_log().await;
        if !matches!(emptied, Ok(true)) {
            self.note();
        }
        emptied
    }

    async fn empty_log(&self) -> Result<bool, StoreError> {
        // A connection of its own, because the others wait longer.
        let mut connection: SqliteConnection = self.options.connect().await?;
        let (busy, _, _): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(busy == 0)
    }
}

/// Makes the file anew if it was written before zeros were written over what goes. It needs room for a second file, and
/// a service that people depend on starts without: then it is tried at the next start.
pub(super) async fn make_anew_once(pool: &SqlitePool) {
    if let Err(error) = make_anew(pool).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "what was erased before may lie on in free parts of the file: make room, and start again"
        );
    }
}

async fn make_anew(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    if version >= CLEAN {
        return Ok(());
    }
    sqlx::query("VACUUM").execute(&mut *connection).await?;
    // A pragma takes no parameter.
    sqlx::query("PRAGMA user_version = 1").execute(&mut *connection).await?;
    Ok(())
}
