//! How devices are doing and what is asked of them, on PostgreSQL.

use async_trait::async_trait;
use fieldsync_protocol::Wishes;

use super::PostgresStore;
use crate::store::StoreError;
use crate::store::fleet::{
    DeviceParams, FleetParams, FleetResult, FleetStore, KnownDevice, ReportParams, RosterMember, Standing,
    StandingParams, WishParams,
};
use crate::store::fleet_sql::{fleet_queries, fleet_store};

/// The statements, for this database.
pub mod queries {
    use sqlx::PgConnection;
    use sqlx::postgres::PgRow;

    super::fleet_queries!(PgConnection, PgRow, super::super::account::queries::note);
}

fleet_store!(PostgresStore, queries);
