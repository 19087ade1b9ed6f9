//! Keystores on SQLite.

use async_trait::async_trait;
use fieldsync_protocol::CarriedKeystore;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, query};

use super::SqliteStore;
use super::account::queries::note;
use crate::store::StoreError;
use crate::store::keystore::{KeystoreStore, PutKeystoreParams, PutKeystoreResult};
use crate::store::keystore_sql::keystore_store;
use crate::store::row::{self, stored};

keystore_store!(SqliteStore, SqliteConnection, SqliteRow, note);
