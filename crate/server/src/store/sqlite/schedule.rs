//! Schedules on SQLite.

use async_trait::async_trait;
use fieldsync_protocol::{Schedule, ScheduleRun};

use super::SqliteStore;
use crate::store::StoreError;
use crate::store::schedule::{
    CreateScheduleParams, CreateScheduleResult, DisableScheduleParams, DueParams, DueSchedule,
    RunScheduleParams, ScheduleRunsParams, ScheduleStore, ToldParams,
};
use crate::store::schedule_sql::{schedule_queries, schedule_store};

/// The statements, for this database.
mod queries {
    use sqlx::SqliteConnection;
    use sqlx::sqlite::SqliteRow;

    super::schedule_queries!(
        SqliteConnection,
        SqliteRow,
        super::super::account::queries,
        super::super::fleet::queries,
        // There is one writer at a time.
        ""
    );
}

schedule_store!(SqliteStore, queries);
