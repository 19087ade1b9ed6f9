//! How devices are doing and what is asked of them, on SQLite.

use async_trait::async_trait;
use fieldsync_protocol::Wishes;

use super::SqliteStore;
use crate::store::StoreError;
use crate::store::fleet::{
    DeviceParams, FleetParams, FleetResult, FleetStore, KnownDevice, ReportParams, RosterMember, Standing,
    StandingParams, WishParams,
};
use crate::store::fleet_sql::{fleet_queries, fleet_store};

/// The statements, for this database.
pub mod queries {
    use sqlx::SqliteConnection;
    use sqlx::sqlite::SqliteRow;

    super::fleet_queries!(SqliteConnection, SqliteRow, super::super::account::queries::note);
}

fleet_store!(SqliteStore, queries);
