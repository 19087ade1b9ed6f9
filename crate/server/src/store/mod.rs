//! Where a server keeps what it has taken: one operation a method, with one params and one result type each.
//!
//! Every store runs the same [`judge`](crate::judge::judge); a store only finds, and writes what was judged.

pub mod account;
mod account_sql;
pub mod audit;
pub mod bandwidth;
mod bandwidth_sql;
pub mod fleet;
mod fleet_sql;
pub mod job;
mod job_sql;
pub mod keystore;
mod keystore_sql;
mod memory;
mod operation;
mod page;
mod postgres;
mod row;
pub mod schedule;
mod schedule_sql;
mod sqlite;
pub mod task;
mod task_sql;
pub mod upload;
mod upload_sql;

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

pub use self::account::AccountStore;
pub use self::bandwidth::BandwidthStore;
pub use self::fleet::{FleetStore, Standing, StandingParams};
pub use self::job::JobStore;
pub use self::keystore::KeystoreStore;
pub use self::memory::{Memory, MemoryStore};
pub use self::operation::{
    AuditParams, AuditResult, ChangesParams, ChangesResult, ExportResult, ExportedEntity, ExportedReceipt,
    LEAST_KEEP_DAYS, PAGE_BYTES, PruneParams, PruneResult, PushParams, PushResult,
};
pub use self::postgres::PostgresStore;
pub use self::schedule::ScheduleStore;
pub use self::sqlite::SqliteStore;
pub use self::task::TaskStore;
pub use self::upload::UploadStore;

/// What a server asks of its store.
#[async_trait]
pub trait Store:
    AccountStore
    + BandwidthStore
    + FleetStore
    + JobStore
    + KeystoreStore
    + ScheduleStore
    + TaskStore
    + UploadStore
    + Send
    + Sync
    + 'static
{
    /// Judges and writes a push in one transaction, and returns once that is on the disk (I4). A push that has begun
    /// runs to its end even where the caller no longer waits for it.
    async fn push(&self, params: PushParams) -> Result<PushResult, StoreError>;

    /// What has changed since a cursor, or a snapshot.
    async fn changes(&self, params: ChangesParams) -> Result<ChangesResult, StoreError>;

    /// A page of a user's audit rows, the latest first.
    async fn audit(&self, params: AuditParams) -> Result<AuditResult, StoreError>;

    /// Removes the receipts and tombstones of long ago, and the logins that have ended. Cursors from before such a tombstone are no longer honoured.
    async fn prune(&self, params: PruneParams) -> Result<PruneResult, StoreError>;

    /// Everything that is held, for every user, as of one moment.
    async fn export(&self) -> Result<ExportResult, StoreError>;

    /// Whether what is asked now would be done: there is a free connection, and the database answers, within
    /// [`READY_WITHIN`].
    async fn ready(&self) -> Result<(), StoreError>;

    /// Its connections to the database, a line each pool.
    fn pools(&self) -> Vec<PoolState>;

    /// Lets running work end, then closes the store.
    async fn close(&self);
}

/// A store that takes longer than this to say anything is not ready.
pub const READY_WITHIN: Duration = Duration::from_secs(1);

/// How many connections to the database there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    /// What they are for.
    pub name: &'static str,
    /// Those at work.
    pub busy: u32,
    /// Those that wait for work.
    pub idle: u32,
    /// At most so many.
    pub most: u32,
}

impl PoolState {
    fn of<D: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<D>) -> PoolState {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        // Counted at two moments: it may seem that more are idle than there are.
        let busy = pool.size().saturating_sub(idle);
        PoolState { name, busy, idle, most: pool.options().get_max_connections() }
    }
}

/// Gives up where something takes longer than [`READY_WITHIN`].
async fn soon<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<(), StoreError> {
    match tokio::time::timeout(READY_WITHIN, work).await {
        Ok(done) => Ok(done.map(|_| ())?),
        Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
    }
}

/// Why a store did not do what was asked. Nothing was written; only where the connection to a database broke, nobody can
/// know, and whoever sends the same again is answered as is true then (I4).
#[derive(Debug, Error)]
pub enum StoreError {
    /// Too much is waiting, or something else holds the database, or it is out of reach: worth trying again.
    #[error("the database cannot take this now: {0}")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// Its disk is full: worth trying again once somebody has made room.
    #[error("the database has no room: {0}")]
    Full(#[source] Box<dyn Error + Send + Sync>),
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        let is_full = error.as_database_error().is_some_and(|error| {
            error.try_downcast_ref().is_some_and(sqlite::is_full)
                || error.try_downcast_ref().is_some_and(postgres::is_full)
        });
        if is_full {
            return StoreError::Full(error.into());
        }
        let is_worth_trying_again = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            sqlx::Error::Database(error) => {
                error.try_downcast_ref().is_some_and(sqlite::is_worth_trying_again)
                    || error.try_downcast_ref().is_some_and(postgres::is_worth_trying_again)
            }
            // The database went away, or is not there yet.
            sqlx::Error::Io(_) => true,
            _ => false,
        };
        if is_worth_trying_again { StoreError::Busy(error.into()) } else { StoreError::Failed(error.into()) }
    }
}
