use serde::Serialize;
use serde_json::value::RawValue;

use crate::read::Read;
use crate::{EntityId, ItemType, Millis};

/// At most this many changes in one answer.
pub const MAX_CHANGES: u32 = 500;

/// An entity as it is now, in the order in which a user's entities last changed.
#[derive(Clone, Debug, Serialize, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// What kind of record it is.
    pub r#type: ItemType,
    /// The entity.
    pub entity_id: EntityId,
    /// Its version, from 1; every change of it counts one up.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub version: u64,
    /// When it last changed, by the server's clock.
    pub updated_at: Millis,
    /// The whole record; absent where it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub data: Option<Box<RawValue>>,
    /// It was deleted: a tombstone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>"))]
    pub deleted: bool,
}

/// The answer to `GET /api/v1/sync/changes?cursor&limit`. Without a cursor it begins with everything there is (a
/// snapshot, without tombstones); a cursor that the server no longer honours is answered 410 `cursor_expired`.
#[derive(Clone, Debug, Serialize, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangesResponse {
    /// What has changed since the cursor, oldest change first.
    pub changes: Vec<Change>,
    /// Where the next question begins; opaque.
    pub cursor: String,
    /// Whether there is more at once.
    pub has_more: bool,
}
