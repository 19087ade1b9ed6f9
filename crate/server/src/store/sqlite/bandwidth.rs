//! Limits on SQLite.

use async_trait::async_trait;
use fieldsync_protocol::BandwidthLimits;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, query, query_scalar};

use super::SqliteStore;
use super::account::queries::note;
use crate::store::StoreError;
use crate::store::bandwidth::{BandwidthStore, SetBandwidthParams, limits};
use crate::store::bandwidth_sql::bandwidth_store;
use crate::store::row::{self, stored};

bandwidth_store!(SqliteStore, SqliteConnection, SqliteRow, note);
