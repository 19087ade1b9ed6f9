//! Tasks on SQLite.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, query};

use super::SqliteStore;
use crate::store::StoreError;
use crate::store::row::{self, stored};
use crate::store::task::{PutOffTaskParams, THUMBNAIL, TakeTaskParams, Task, TaskStore, Thumbnail};
use crate::store::task_sql::task_store;

task_store!(SqliteStore, SqliteConnection, SqliteRow, "");
