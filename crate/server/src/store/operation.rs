//! The params and the result of every operation.

use fieldsync_protocol::{AuditRow, Change, EntityId, ItemId, ItemResult, Millis};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cursor::Cursor;
use crate::examine::Candidate;
use crate::judge::Entity;

/// Receipts and tombstones are kept at least this long.
pub const LEAST_KEEP_DAYS: u32 = 90;
/// A page of changes ends early once its records are this many bytes; one record is told in any case.
pub const PAGE_BYTES: u64 = 2 << 20;

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
    /// The same as a device is told it.
    pub cursor: Cursor,
}

/// A question for changes.
#[derive(Clone, Debug)]
pub struct ChangesParams {
    /// Whose.
    pub user_id: String,
    /// What the device was handed last; `None` begins a snapshot.
    pub cursor: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// Its answer.
#[derive(Clone, Debug)]
pub enum ChangesResult {
    /// The changes.
    Page {
        /// The oldest change first. An entity that changed several times stands once, at its last change.
        changes: Vec<Change>,
        /// Where the next question begins.
        cursor: Cursor,
        /// Whether there is more at once.
        has_more: bool,
    },
    /// The cursor is another database's, or from before a tombstone that is gone: a snapshot has to be taken.
    Expired,
}

/// A question for audit rows.
#[derive(Clone, Debug)]
pub struct AuditParams {
    /// Whose.
    pub user_id: String,
    /// Only rows with a smaller number: the last of the page before.
    pub before: Option<u64>,
    /// At most so many, and at most [`MAX_AUDIT_ROWS`](fieldsync_protocol::MAX_AUDIT_ROWS).
    pub limit: u32,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditResult {
    /// The latest first.
    pub rows: Vec<AuditRow>,
    /// Whether there are earlier ones.
    pub has_more: bool,
}

/// What is to be removed.
#[derive(Clone, Copy, Debug)]
pub struct PruneParams {
    /// The server's clock.
    pub now: Millis,
    /// What is older than so many days; fewer than [`LEAST_KEEP_DAYS`] are taken for as many.
    pub keep_days: u32,
}

impl PruneParams {
    /// What came before this is removed.
    pub fn before(&self) -> Millis {
        let days = self.keep_days.max(LEAST_KEEP_DAYS);
        self.now - Millis::minutes(u64::from(days) * 24 * 60)
    }
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PruneResult {
    /// So many receipts.
    pub receipts: u64,
    /// So many tombstones.
    pub tombstones: u64,
    /// So many logins that had ended.
    pub logins: u64,
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
    pub entity_id: EntityId,
    /// Its version, from 1.
    pub version: u64,
    /// The number of the user's change that made this version.
    pub change: u64,
    /// When that was, in epoch milliseconds.
    pub updated_at: Millis,
    /// The record; absent in a tombstone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
    /// Whether it is a tombstone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl ExportedEntity {
    /// The line of an entity.
    pub(super) fn of(user: String, entity: &Entity) -> ExportedEntity {
        ExportedEntity {
            kind: format!("{:?}", entity.r#type).to_lowercase(),
            user,
            entity_id: entity.id,
            version: entity.version,
            change: entity.number,
            updated_at: entity.updated_at,
            data: entity.record.as_ref().and_then(|record| record.raw()),
            deleted: entity.record.is_none(),
        }
    }
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
    pub item_id: ItemId,
    /// `applied`: no other item has a receipt.
    pub status: &'static str,
    /// The entity's version after the item.
    pub version: u64,
    /// When it was given, in epoch milliseconds.
    pub at: Millis,
    /// The device that sent the item.
    pub device: String,
}

impl ExportedReceipt {
    /// The line of a receipt.
    pub(super) fn of(
        user: String,
        item_id: ItemId,
        version: u64,
        at: Millis,
        device: String,
    ) -> ExportedReceipt {
        ExportedReceipt { kind: "receipt", user, item_id, status: "applied", version, at, device }
    }
}
