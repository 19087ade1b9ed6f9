//! Files on SQLite.

use async_trait::async_trait;
use fieldsync_protocol::Millis;

use super::SqliteStore;
use crate::store::StoreError;
use crate::store::upload::{
    AppendParams, BeginUploadParams, BeginUploadResult, ClaimBlobParams, EndUploadParams, FinishUploadParams,
    HoldParams, HoldResult, Part, UnusedBlobsParams, Upload, UploadParams, UploadStore, UsedBlob,
};
use crate::store::upload_sql::{upload_queries, upload_store};

/// The statements, for this database.
mod queries {
    use sqlx::SqliteConnection;
    use sqlx::sqlite::SqliteRow;

    use super::super::account::queries::note;

    super::upload_queries!(SqliteConnection, SqliteRow, note);
}

upload_store!(SqliteStore, queries);
