//! Keystores on PostgreSQL.

use async_trait::async_trait;
use fieldsync_protocol::CarriedKeystore;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, query};

use super::PostgresStore;
use super::account::queries::note;
use crate::store::StoreError;
use crate::store::keystore::{KeystoreStore, PutKeystoreParams, PutKeystoreResult};
use crate::store::keystore_sql::keystore_store;
use crate::store::row::{self, stored};

keystore_store!(PostgresStore, PgConnection, PgRow, note);
