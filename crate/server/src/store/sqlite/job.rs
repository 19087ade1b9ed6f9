//! Jobs on SQLite.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, query};

use super::SqliteStore;
use crate::store::StoreError;
use crate::store::job::{ClaimParams, DoneParams, Due, JobStore};
use crate::store::job_sql::job_store;
use crate::store::row::{self, stored};

job_store!(SqliteStore, SqliteConnection, SqliteRow);
