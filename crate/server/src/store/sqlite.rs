//! The store on one SQLite file: a write-ahead log flushed at every commit, one connection that writes, a few that
//! read beside it.

mod account;
mod bandwidth;
mod fleet;
mod job;
mod keystore;
mod prune;
mod push;
mod read;
mod schedule;
mod task;
#[cfg(test)]
mod tests;
mod turns;
mod upload;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::error::DatabaseError;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteError, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, SqlSafeStr, SqliteConnection};

use self::turns::Turns;
use super::{
    AuditParams, AuditResult, ChangesParams, ChangesResult, ExportResult, PoolState, PruneParams,
    PruneResult, PushParams, PushResult, Store, StoreError, soon,
};
use crate::cursor::Cursor;

/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a push waits for its turn at the one writing connection.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 4;

/// Forward only: a file once in use is never changed, a new one is added.
const MIGRATIONS: [(i64, &str, &str); 13] = [
    (1, "entities and receipts", include_str!("../../migrations/sqlite/0001_entities_and_receipts.sql")),
    (
        2,
        "versions, tombstones and cursors",
        include_str!("../../migrations/sqlite/0002_versions_tombstones_and_cursors.sql"),
    ),
    (3, "accounts", include_str!("../../migrations/sqlite/0003_accounts.sql")),
    (4, "audit of accounts", include_str!("../../migrations/sqlite/0004_audit_of_accounts.sql")),
    (5, "fleet", include_str!("../../migrations/sqlite/0005_fleet.sql")),
    (6, "roster", include_str!("../../migrations/sqlite/0006_roster.sql")),
    (7, "jobs", include_str!("../../migrations/sqlite/0007_jobs.sql")),
    (8, "keystores", include_str!("../../migrations/sqlite/0008_keystores.sql")),
    (9, "uploads", include_str!("../../migrations/sqlite/0009_uploads.sql")),
    (10, "schedules", include_str!("../../migrations/sqlite/0010_schedules.sql")),
    (11, "bandwidth", include_str!("../../migrations/sqlite/0011_bandwidth.sql")),
    (12, "tasks", include_str!("../../migrations/sqlite/0012_tasks.sql")),
    (13, "audit of uploads", include_str!("../../migrations/sqlite/0013_audit_of_uploads.sql")),
];

/// A [`Store`] on one SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    turns: Turns,
    /// The database's mark on its cursors; none where it is only read for an export.
    instance: String,
}

impl SqliteStore {
    /// Opens the file, creates it where it is missing, and brings its tables up to date.
    pub async fn open(file: &Path) -> Result<SqliteStore, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged survives a power cut, not only a crash.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = pool(1).connect_with(options).await?;
        migrator(&MIGRATIONS).run(&writer).await.map_err(|error| StoreError::Failed(error.into()))?;
        let instance = sqlx::query_scalar("SELECT id FROM instance").fetch_one(&writer).await?;
        Ok(SqliteStore { writer, readers: readers(file), turns: Turns::default(), instance })
    }

    /// Opens a file only to export it; a push to it fails. A server may be running on it.
    pub fn open_to_read(file: &Path) -> SqliteStore {
        let readers = readers(file);
        SqliteStore { writer: readers.clone(), readers, turns: Turns::default(), instance: String::new() }
    }

    /// Copies everything, as of one moment, into an empty file, and looks the copy through. Who writes meanwhile is not
    /// held up.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let Some(name) = to.to_str() else {
            return Err(StoreError::Failed("the name of the file is no text".into()));
        };
        sqlx::query("VACUUM INTO ?1").bind(name).execute(&self.readers).await?;
        let copy = readers(to);
        let found: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&copy).await?;
        copy.close().await;
        if found == "ok" { Ok(()) } else { Err(StoreError::Failed(format!("the copy: {found}").into())) }
    }
}

fn migrator(files: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migration = |(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(files.iter().map(migration).collect())
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(TURN_TIMEOUT)
        // A connection to a file does not go stale.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

fn readers(file: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).busy_timeout(BUSY_TIMEOUT);
    pool(READERS).connect_lazy_with(options)
}

#[async_trait]
impl Store for SqliteStore {
    async fn push(&self, params: PushParams) -> Result<PushResult, StoreError> {
        let verdict = self.turns.push(&self.writer, params).await?;
        let cursor = Cursor::at(&self.instance, verdict.head);
        Ok(PushResult { results: verdict.results, head: verdict.head, cursor })
    }

    async fn changes(&self, params: ChangesParams) -> Result<ChangesResult, StoreError> {
        let mut transaction = self.readers.begin().await?;
        Ok(read::changes(&mut transaction, &self.instance, &params).await?)
    }

    async fn audit(&self, params: AuditParams) -> Result<AuditResult, StoreError> {
        Ok(read::audit(&self.readers, &params).await?)
    }

    async fn prune(&self, params: PruneParams) -> Result<PruneResult, StoreError> {
        Ok(prune::prune(&self.writer, &params).await?)
    }

    async fn export(&self) -> Result<ExportResult, StoreError> {
        let mut transaction = self.readers.begin().await?;
        Ok(read::export(&mut transaction).await?)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        soon(async {
            sqlx::query("SELECT 1").execute(&self.readers).await?;
            sqlx::query("SELECT 1").execute(&self.writer).await
        })
        .await
    }

    fn pools(&self) -> Vec<PoolState> {
        vec![PoolState::of("writer", &self.writer), PoolState::of("readers", &self.readers)]
    }

    async fn close(&self) {
        self.readers.close().await;
        // Last, so that the file is left in one piece, with no log beside it.
        self.writer.close().await;
    }
}

/// Does some work on the writing connection. An error anywhere rolls all of it back.
async fn write<T>(
    writer: &SqlitePool,
    work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    let mut connection = writer.acquire().await?;
    let outcome = attempt(&mut connection, work).await;
    if outcome.is_err() {
        // On a full disk SQLite rolls back by itself, and sqlx would hold the transaction for open ever after.
        connection.close_on_drop();
    }
    outcome
}

async fn attempt<T>(
    connection: &mut SqliteConnection,
    work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    // Immediate: what is found within stays true until the commit.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let done = work(&mut transaction).await?;
    transaction.commit().await?;
    Ok(done)
}

fn is_unique_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.is_unique_violation())
}

/// SQLITE_BUSY, SQLITE_LOCKED; or two pushes met in a way that should not be.
pub(super) fn is_worth_trying_again(error: &SqliteError) -> bool {
    error.is_unique_violation() || matches!(primary_code(error), Some(5 | 6))
}

/// SQLITE_FULL.
pub(super) fn is_full(error: &SqliteError) -> bool {
    primary_code(error) == Some(13)
}

/// The low byte of the result code.
fn primary_code(error: &SqliteError) -> Option<u32> {
    Some(error.code()?.parse::<u32>().ok()? & 0xff)
}
