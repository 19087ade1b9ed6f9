//! People, devices and logins on PostgreSQL.

use async_trait::async_trait;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres};

use super::PostgresStore;
use crate::store::StoreError;
use crate::store::account::{
    AccountStore, AddUserParams, AddUserResult, BeginLoginParams, Device, EndLoginParams, EndLoginResult,
    NoteParams, OverseesParams, RegisterDeviceParams, RegisterDeviceResult, RevokeDeviceParams, RotateParams,
    RotateResult, SeeDeviceParams, SeeDeviceResult, User, UserParams,
};
use crate::store::account_sql::{account_queries, account_store};

/// The statements, for this database.
pub mod queries {
    use sqlx::PgConnection;
    use sqlx::postgres::PgRow;

    super::account_queries!(PgConnection, PgRow);
}

impl PostgresStore {
    pub(super) async fn reader(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        self.pool.acquire().await
    }

    pub(super) async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let done = work(&mut transaction).await?;
        transaction.commit().await?;
        Ok(done)
    }
}

account_store!(PostgresStore, queries);
