//! Files on PostgreSQL.

use async_trait::async_trait;
use fieldsync_protocol::Millis;

use super::PostgresStore;
use crate::store::StoreError;
use crate::store::upload::{
    AppendParams, BeginUploadParams, BeginUploadResult, ClaimBlobParams, EndUploadParams, FinishUploadParams,
    HoldParams, HoldResult, Part, UnusedBlobsParams, Upload, UploadParams, UploadStore, UsedBlob,
};
use crate::store::upload_sql::{upload_queries, upload_store};

/// The statements, for this database.
mod queries {
    use sqlx::PgConnection;
    use sqlx::postgres::PgRow;

    use super::super::account::queries::note;

    super::upload_queries!(PgConnection, PgRow, note);
}

upload_store!(PostgresStore, queries);
