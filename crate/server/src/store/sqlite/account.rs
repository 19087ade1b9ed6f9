//! People, devices and logins on SQLite.

use async_trait::async_trait;
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection};

use super::SqliteStore;
use crate::store::StoreError;
use crate::store::account::{
    AccountStore, AddUserParams, AddUserResult, BeginLoginParams, Device, EndLoginParams, EndLoginResult,
    NoteParams, OverseesParams, RegisterDeviceParams, RegisterDeviceResult, RevokeDeviceParams, RotateParams,
    RotateResult, SeeDeviceParams, SeeDeviceResult, User, UserParams,
};
use crate::store::account_sql::{account_queries, account_store};

/// The statements, for this database.
pub mod queries {
    use sqlx::SqliteConnection;
    use sqlx::sqlite::SqliteRow;

    super::account_queries!(SqliteConnection, SqliteRow);
}

impl SqliteStore {
    pub(super) async fn reader(&self) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        self.readers.acquire().await
    }

    pub(super) async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        super::write(&self.writer, work).await
    }
}

account_store!(SqliteStore, queries);
