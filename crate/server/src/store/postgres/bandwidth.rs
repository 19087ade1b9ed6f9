//! Limits on PostgreSQL.

use async_trait::async_trait;
use fieldsync_protocol::BandwidthLimits;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, query, query_scalar};

use super::PostgresStore;
use super::account::queries::note;
use crate::store::StoreError;
use crate::store::bandwidth::{BandwidthStore, SetBandwidthParams, limits};
use crate::store::bandwidth_sql::bandwidth_store;
use crate::store::row::{self, stored};

bandwidth_store!(PostgresStore, PgConnection, PgRow, note);
