//! Tasks on PostgreSQL.

use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, query};

use super::PostgresStore;
use crate::store::StoreError;
use crate::store::row::{self, stored};
use crate::store::task::{PutOffTaskParams, THUMBNAIL, TakeTaskParams, Task, TaskStore, Thumbnail};
use crate::store::task_sql::task_store;

task_store!(PostgresStore, PgConnection, PgRow, "FOR UPDATE SKIP LOCKED");
