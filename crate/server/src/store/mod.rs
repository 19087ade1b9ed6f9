//! Where a server keeps what it has taken: one operation a method, with one params and one result type each.
//!
//! Every store runs the same [`judge`](crate::judge::judge); a store only finds, and writes what was judged.

mod sqlite;

use std::error::Error;

use async_trait::async_trait;
use fieldsync_protocol::{ItemResult, Millis};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::examine::Candidate;

pub use sqlite::SqliteStore;

/// What a server asks of its store.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Judges and writes a push in one transaction, and returns once that is on the disk (I4). A push that has begun
    /// runs to its end even where the caller no longer waits for it.
    async fn push(&self, params: PushParams) -> Result<PushResult, StoreError>;

    /// Everything that is held, for every user, as of one moment.
    async fn export(&self) -> Result<ExportResult, StoreError>;

    /// Lets running work end, then closes the store.
    async fn close(&self);
}

/// A push, examined.
#[derive(Clone, Debug)]
pub struct PushParams {
    /// Whose it is.
    pub user_id: String,
    /// The device that sent it, as it named itself.
    pub device_id: String,
    /// When it was received, by the server's clock.
    pub now: Millis,
    /// Its items, in order, their ids distinct.
    pub candidates: Vec<Candidate>,
}

/// What became of a push.
#[derive(Clone, Debug)]
pub struct PushResult {
    /// One result an item, in order.
    pub results: Vec<ItemResult>,
    /// The number of the user's last change.
    pub head: u64,
}

/// What a store holds.
#[derive(Clone, Debug)]
pub struct ExportResult {
    /// By user and entity.
    pub entities: Vec<ExportedEntity>,
    /// By user and item.
    pub receipts: Vec<ExportedReceipt>,
}

/// One entity, as a line of an export.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedEntity {
    /// The type in lower case, such as `reading`.
    pub kind: String,
    /// Whose it is.
    pub user: String,
    /// Its id.
    pub entity_id: String,
    /// Its version, from 1.
    pub version: i64,
    /// The record.
    pub data: Value,
}

/// One receipt, as a line of an export.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedReceipt {
    /// `receipt`.
    pub kind: &'static str,
    /// Whose it is.
    pub user: String,
    /// The item it was given for.
    pub item_id: String,
    /// `applied`: no other item has a receipt.
    pub status: &'static str,
    /// When it was given, in epoch milliseconds.
    pub at: i64,
    /// The device that sent the item.
    pub device: String,
}

/// Why a store did not do what was asked. Nothing was written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Too much is waiting, or something else holds the database, or the disk is full: worth trying again.
    #[error("the database cannot take this now: {0}")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}
