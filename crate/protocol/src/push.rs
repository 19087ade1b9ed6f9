use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::read::Read;
use crate::write::Write;
use crate::{Action, Code, EntityId, FieldError, ItemId, ItemType, Millis, Priority};

/// The body of `POST /api/v1/sync/push`: at most [`MAX_PUSH_ITEMS`](crate::MAX_PUSH_ITEMS) items and
/// [`MAX_PUSH_BYTES`](crate::MAX_PUSH_BYTES) of JSON.
#[derive(Clone, Debug, Write, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushRequest {
    /// The device that sends, as it named itself.
    pub device_id: String,
    /// The items, in the order in which they are to be applied.
    pub items: Vec<PushItem>,
}

/// One item of a push. Sent again under the same id with the same content it changes nothing more.
#[derive(Clone, Debug, Write, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushItem {
    /// The idempotency key.
    pub id: ItemId,
    /// What kind of record it carries.
    pub r#type: ItemType,
    /// What it does to its entity.
    pub action: Action,
    /// The entity it is about; absent where that has the item's own id, which a new one usually takes. A corrected
    /// create keeps the entity's id under an item id of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<EntityId>,
    /// For an update or delete: the version the change was made against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub base_version: Option<u64>,
    /// How urgent it is; the usual where it says nothing.
    #[serde(default, skip_serializing_if = "Priority::is_usual")]
    pub priority: Priority,
    /// When it was entered, by the device's clock; absent where that is the time in its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Millis>,
    /// The whole record, for a create. Kept as the very bytes that were stored on the device, so that what is sent
    /// again is the same to the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub data: Option<Box<RawValue>>,
    /// A JSON merge patch (RFC 7396), for an update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub patch: Option<Box<RawValue>>,
    /// An item that must have taken effect before this one; until then this one is answered `retry` with code
    /// `dependency_missing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<ItemId>,
}

impl PushItem {
    /// The entity it is about.
    pub fn entity(&self) -> EntityId {
        self.entity_id.unwrap_or(self.id)
    }

    /// When it was entered, by the device's clock.
    pub fn entered_at(&self) -> Millis {
        self.created_at.unwrap_or_else(|| self.id.made_at())
    }
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Read, Write)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PushStatus {
    /// It took effect now.
    Applied,
    /// It had taken effect before under this id; this is the receipt of then.
    Replayed,
    /// It clashes with what the server has; `serverItem` is the other side. It took no effect.
    Conflict,
    /// It is not acceptable and took no effect; `code`, `message` and `fields` say why.
    Rejected,
    /// It took no effect now and may be sent again after `retryAfterMs`.
    Retry,
}

/// The receipt, or refusal, of one item.
#[derive(Clone, Debug, PartialEq, Serialize, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemResult {
    /// The item this is about.
    pub id: ItemId,
    /// What became of it.
    pub status: PushStatus,
    /// The entity's version after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub version: Option<u64>,
    /// For a replay: nothing has changed the entity since, so what the item made of it is what the server has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>"))]
    pub latest: bool,
    /// For a conflict: what the server has, a [`ServerItem`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ServerItem>))]
    pub server_item: Option<Value>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Why it was refused, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The fields that were not acceptable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<FieldError>>"))]
    pub fields: Vec<FieldError>,
    /// How long to wait before it is sent again, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<Millis>,
}

impl ItemResult {
    /// A result that says nothing but the status.
    pub fn new(id: ItemId, status: PushStatus) -> ItemResult {
        ItemResult {
            id,
            status,
            version: None,
            latest: false,
            server_item: None,
            code: None,
            message: None,
            fields: Vec::new(),
            retry_after_ms: None,
        }
    }
}

/// The other side of a conflict: the shape of `serverItem`.
#[derive(Clone, Debug, PartialEq, Serialize, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerItem {
    /// The entity that the server has.
    pub entity_id: EntityId,
    /// Its version.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub version: u64,
    /// When it last changed, by the server's clock.
    #[serde(default)]
    pub updated_at: Millis,
    /// The record; absent where it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub data: Option<Value>,
    /// It was deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>"))]
    pub deleted: bool,
}

/// The answer to a push: one result an item, in the order of the request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushResponse {
    /// What became of each item.
    pub results: Vec<ItemResult>,
    /// The user's head after this push; opaque to the device, which hands it back to `GET /api/v1/sync/changes`.
    pub cursor: String,
}
