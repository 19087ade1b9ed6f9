//! Schedules on PostgreSQL.

use async_trait::async_trait;
use fieldsync_protocol::{Schedule, ScheduleRun};

use super::PostgresStore;
use crate::store::StoreError;
use crate::store::schedule::{
    CreateScheduleParams, CreateScheduleResult, DisableScheduleParams, DueParams, DueSchedule,
    RunScheduleParams, ScheduleRunsParams, ScheduleStore, ToldParams,
};
use crate::store::schedule_sql::{schedule_queries, schedule_store};

/// The statements, for this database.
mod queries {
    use sqlx::PgConnection;
    use sqlx::postgres::PgRow;

    super::schedule_queries!(
        PgConnection,
        PgRow,
        super::super::account::queries,
        super::super::fleet::queries,
        "FOR UPDATE SKIP LOCKED"
    );
}

schedule_store!(PostgresStore, queries);
