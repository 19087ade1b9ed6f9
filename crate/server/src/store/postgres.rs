//! The store on PostgreSQL: any number of servers side by side. A push holds the lock on its user's head row, so the
//! pushes of one user go one after another, whichever server takes them, and READ COMMITTED is enough: each statement
//! after the lock sees what the push before has committed.

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
mod upload;

use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::SqlSafeStr;
use sqlx::error::DatabaseError;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgPool, PgPoolOptions};

use self::push::push;
use super::{
    AuditParams, AuditResult, ChangesParams, ChangesResult, ExportResult, PoolState, PruneParams,
    PruneResult, PushParams, PushResult, Store, StoreError, soon,
};
use crate::cursor::Cursor;

/// How long a request waits for a connection.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a push is judged anew where another got in between, or the connection broke. After a commit whose answer
/// was lost it is then found to have been done (I4).
const JUDGED_AT_MOST: usize = 3;
/// What a connection begins with. Nothing waits for a lock, works, or sits on a transaction for longer than a request
/// may take.
const SETTINGS: [(&str, &str); 3] =
    [("lock_timeout", "5s"), ("statement_timeout", "25s"), ("idle_in_transaction_session_timeout", "30s")];

/// Forward only: a file once in use is never changed, a new one is added.
const MIGRATIONS: [(i64, &str, &str); 12] = [
    (
        1,
        "entities, receipts and cursors",
        include_str!("../../migrations/postgres/0001_entities_receipts_and_cursors.sql"),
    ),
    (2, "accounts", include_str!("../../migrations/postgres/0002_accounts.sql")),
    (3, "audit of accounts", include_str!("../../migrations/postgres/0003_audit_of_accounts.sql")),
    (4, "fleet", include_str!("../../migrations/postgres/0004_fleet.sql")),
    (5, "roster", include_str!("../../migrations/postgres/0005_roster.sql")),
    (6, "jobs", include_str!("../../migrations/postgres/0006_jobs.sql")),
    (7, "keystores", include_str!("../../migrations/postgres/0007_keystores.sql")),
    (8, "uploads", include_str!("../../migrations/postgres/0008_uploads.sql")),
    (9, "schedules", include_str!("../../migrations/postgres/0009_schedules.sql")),
    (10, "bandwidth", include_str!("../../migrations/postgres/0010_bandwidth.sql")),
    (11, "tasks", include_str!("../../migrations/postgres/0011_tasks.sql")),
    (12, "audit of uploads", include_str!("../../migrations/postgres/0012_audit_of_uploads.sql")),
];

/// A [`Store`] on a PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
    /// The database's mark on its cursors; none where it is only read for an export.
    instance: String,
}

impl PostgresStore {
    /// Connects, by at most so many connections, and brings the tables up to date; of several servers that start at
    /// once, one does.
    pub async fn open(url: &str, connections: u32) -> Result<PostgresStore, StoreError> {
        let pool = pool(url, connections)?;
        let migrations = MIGRATIONS.map(|(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        });
        Migrator::with_migrations(migrations.into())
            .run(&pool)
            .await
            .map_err(|error| StoreError::Failed(error.into()))?;
        let instance = sqlx::query_scalar("SELECT id FROM instance").fetch_one(&pool).await?;
        Ok(PostgresStore { pool, instance })
    }

    /// Connects only to export; servers may be running on it.
    pub fn open_to_read(url: &str) -> Result<PostgresStore, StoreError> {
        Ok(PostgresStore { pool: pool(url, 1)?, instance: String::new() })
    }
}

fn pool(url: &str, connections: u32) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)?.application_name("fieldsync-server").options(SETTINGS);
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(TURN_TIMEOUT);
    Ok(pool.connect_lazy_with(options))
}

#[async_trait]
impl Store for PostgresStore {
    async fn push(&self, params: PushParams) -> Result<PushResult, StoreError> {
        let pool = self.pool.clone();
        // In a task of its own, so that a push runs to its end even where the client goes away.
        let push = tokio::spawn(async move {
            for _ in 1..JUDGED_AT_MOST {
                match push(&pool, &params).await {
                    Err(error) if is_worth_judging_again(&error) => {}
                    outcome => return outcome,
                }
            }
            push(&pool, &params).await
        });
        let verdict = push.await.map_err(|error| StoreError::Failed(error.into()))??;
        let cursor = Cursor::at(&self.instance, verdict.head);
        Ok(PushResult { results: verdict.results, head: verdict.head, cursor })
    }

    async fn changes(&self, params: ChangesParams) -> Result<ChangesResult, StoreError> {
        Ok(read::changes(&self.pool, &self.instance, &params).await?)
    }

    async fn audit(&self, params: AuditParams) -> Result<AuditResult, StoreError> {
        Ok(read::audit(&self.pool, &params).await?)
    }

    async fn prune(&self, params: PruneParams) -> Result<PruneResult, StoreError> {
        Ok(prune::prune(&self.pool, &params).await?)
    }

    async fn export(&self) -> Result<ExportResult, StoreError> {
        Ok(read::export(&self.pool).await?)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        soon(sqlx::query("SELECT 1").execute(&self.pool)).await
    }

    fn pools(&self) -> Vec<PoolState> {
        vec![PoolState::of("postgres", &self.pool)]
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

fn is_worth_judging_again(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => {
            error.is_unique_violation() || matches!(error.code().as_deref(), Some("40001" | "40P01"))
        }
        _ => false,
    }
}

/// Another was in the way, the connection or the server went away, or there is no room: none of it will last. Classes
/// and codes of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn is_worth_trying_again(error: &PgDatabaseError) -> bool {
    let (class, code) = (error.code().get(..2), error.code());
    matches!(class, Some("08" | "40" | "53")) || error.is_unique_violation()
        // lock_not_available, query_canceled, admin_shutdown, crash_shutdown, cannot_connect_now,
        // idle_in_transaction_session_timeout
        || matches!(code, "55P03" | "57014" | "57P01" | "57P02" | "57P03" | "25P03")
}

/// disk_full
pub(super) fn is_full(error: &PgDatabaseError) -> bool {
    error.code() == "53100"
}
