//! Entries as they are given, and as they are shown: queued, done, or as the server has them.

use fieldsync_protocol::read::Read;
use fieldsync_protocol::write::Write;
use fieldsync_protocol::{Action, EntityId, ItemId, ItemType, Millis, Period, Priority, PushStatus};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::record::{ItemState, Moment, Trouble};
use crate::upload::UploadProgress;
use crate::usual::Expected;

/// What someone entered, before the engine has stamped and checked it.
#[derive(Clone, Debug, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Draft {
    /// What kind of record it is.
    pub r#type: ItemType,
    /// What it does; a create unless said otherwise.
    #[serde(default = "create")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Action>"))]
    pub action: Action,
    /// How urgent it is.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(as = "Option<Priority>"))]
    pub priority: Priority,
    /// The entity to change or delete; a create makes its own unless one is given.
    #[serde(default)]
    pub entity_id: Option<EntityId>,
    /// The record itself, such as a `Reading`: for an update the whole of it as it is to be, of which only what differs
    /// is sent.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional, type = "unknown"))]
    pub data: Option<Box<RawValue>>,
    /// For an update, instead of `data`: a JSON merge patch (RFC 7396).
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional, type = "unknown"))]
    pub patch: Option<Box<RawValue>>,
    /// The version that the change was made against, where the device does not know it itself.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub base_version: Option<u64>,
    /// An item that must be done before this one.
    #[serde(default)]
    pub depends_on: Option<ItemId>,
    /// Whether a reading that is unlike the meter's others is refused as `unusual`, so that the person can be asked (C7).
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>"))]
    pub ask: bool,
    /// A queued item that this one takes the place of: the person saw both values and chose this one.
    #[serde(default)]
    pub replaces: Option<ItemId>,
}

fn create() -> Action {
    Action::Create
}

/// A queued item, or the receipt of one that is done, as pages show it.
#[derive(Clone, Debug, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Item {
    /// Its id, and the idempotency key it is sent under.
    pub id: ItemId,
    /// What kind of record it carries.
    pub r#type: ItemType,
    /// What it does to its entity.
    pub action: Action,
    /// The entity it is about.
    pub entity_id: EntityId,
    /// How urgent the person said it is.
    pub priority: Priority,
    /// How urgent it is by the rules.
    pub urgency: Priority,
    /// Its points by the rules: more go sooner, and ten seconds of waiting are worth one.
    pub score: i32,
    /// The queued item that must be done before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<ItemId>,
    /// When it was entered, by this device's clock.
    pub created_at: Millis,
    /// The record itself, whole where the device knows it.
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub data: Box<RawValue>,
    /// For an update: what is sent of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "unknown"))]
    pub patch: Option<Box<RawValue>>,
    /// Where it is on its way.
    pub state: ItemState,
    /// How often it was sent without being settled.
    pub retry_count: u32,
    /// When it was last answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_attempt: Option<Millis>,
    /// When it is due again, for `retryAt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Millis>,
    /// What became of it at each answer and at each of a person's wishes, oldest first, the last 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<Moment>>"))]
    pub history: Vec<Moment>,
    /// What went wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Trouble>,
    /// For a conflict: what the server has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub server_item: Option<Value>,
    /// For a photo or file that is uploaded: how far it has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadProgress>,
    /// For `done`: the server's receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptView>,
}

/// The server's word that an item took effect.
#[derive(Clone, Debug, PartialEq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct ReceiptView {
    /// `applied`, or `replayed` when the first receipt was lost on its way; `conflict` where it was given up.
    pub status: PushStatus,
    /// The entity's version after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub version: Option<u64>,
    /// When this device got it.
    pub at: Millis,
    /// It is none: in a conflict the server's side was kept, and this took no effect.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>"))]
    pub yielded: bool,
}

/// Which items a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Shelf {
    /// What is not yet on the server.
    #[default]
    Queue,
    /// What is, with its receipt.
    Done,
}

/// A page of a list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Read)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct ListQuery {
    /// Which items; the queue unless said otherwise.
    #[cfg_attr(feature = "ts", ts(as = "Option<Shelf>"))]
    pub shelf: Shelf,
    /// At most this many, 1 to 500; 100 unless said otherwise.
    pub limit: Option<u32>,
    /// Only items entered before this one: the last id of the page before.
    pub before: Option<ItemId>,
    /// Only items in this state.
    pub state: Option<ItemState>,
}

/// A page of items. One of those in one state may be short, or empty, and yet not the last: some were being sent.
#[derive(Clone, Debug, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Listing {
    /// The items, newest first.
    pub items: Vec<Item>,
    /// Where the next page begins, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<ItemId>,
}

/// A meter: where it is, and which one where a unit has several.
#[derive(Clone, Debug, PartialEq, Eq, Read)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct OfMeter {
    /// The property's code.
    pub property: String,
    /// The unit's.
    pub unit: String,
    /// The meter's, where the unit has several.
    #[serde(default)]
    pub meter: Option<String>,
    /// The month that is to be read; only readings before it are looked at.
    #[serde(default)]
    pub period: Option<Period>,
}

/// A record as the server was last known to have it.
#[derive(Clone, Debug, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ServerRecord {
    /// Its entity.
    pub entity_id: EntityId,
    /// Its version there.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub version: u64,
    /// The record.
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub data: Box<RawValue>,
}

/// The last reading of a meter, and what the next one will be like.
#[derive(Clone, Debug, Write)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Latest {
    /// It; nothing where none is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<ServerRecord>,
    /// For the month that was named: what is to be expected, where enough readings are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
}

/// Which records are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct RecordsQuery {
    /// Of which type.
    pub r#type: ItemType,
    /// At most this many, 1 to 500; 100 unless said otherwise.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only those after this one: the last entity of the page before.
    #[serde(default)]
    pub after: Option<EntityId>,
}

/// A page of records, the oldest first.
#[derive(Clone, Debug, Write)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Records {
    /// The records.
    pub records: Vec<ServerRecord>,
    /// Where the next page begins, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<EntityId>,
}
