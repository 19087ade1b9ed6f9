//! Jobs on PostgreSQL.

use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, query};

use super::PostgresStore;
use crate::store::StoreError;
use crate::store::job::{ClaimParams, DoneParams, Due, JobStore};
use crate::store::job_sql::job_store;
use crate::store::row::{self, stored};

job_store!(PostgresStore, PgConnection, PgRow);
