//! Why a call fails.

use fieldsync_protocol::read::Read;
use fieldsync_protocol::write::Write;
use fieldsync_protocol::{Code, EntityId, FieldError, ItemId};
use serde_json::Value;
use thiserror::Error;

/// A stable name for why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum CallCode {
    /// The arguments are not of the call's shape.
    BadRequest,
    /// A field's value is not acceptable; `fields` says which and why.
    Invalid,
    /// This version cannot do that.
    Unsupported,
    /// A reading for this property, unit, meter and period waits already; `existing` is it.
    DuplicateReading,
    /// The value is unlike the meter's other readings: is it right? `existing` is the last one; `latest` tells what
    /// was to be expected. Nothing is saved until the person has said so.
    Unusual,
    /// Nothing has changed.
    Unchanged,
    /// What it is about is sealed, and the vault is locked.
    Locked,
    /// Entries of somebody else are still to be sent from this device.
    OtherAccount,
    /// Other entries build on this one.
    HasDependents,
    /// The item is being sent at this moment.
    InFlight,
    /// There is no such item.
    NotFound,
    /// The device has no room left.
    StorageFull,
    /// The device's storage failed.
    Storage,
    /// No answer came in time.
    Timeout,
    /// A defect; please report it.
    Internal,
}

/// Why a call failed, for the page and for the person.
#[derive(Clone, Debug, PartialEq, Read, Write, Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CallError {
    /// The stable name.
    pub code: CallCode,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// A sentence for the person.
    pub message: String,
    /// The item it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<ItemId>,
    /// The fields that were not acceptable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<FieldError>>"))]
    pub fields: Vec<FieldError>,
    /// For `duplicate_reading`: the record on the server that has this key, if it is not an item that waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<EntityId>,
    /// For `duplicate_reading`: the data of the item that waits already, whose id is `itemId`, or of the server's record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub existing: Option<Value>,
}

impl CallError {
    /// An error with a code and a sentence.
    pub fn new(code: CallCode, message: impl Into<String>) -> CallError {
        let retryable = matches!(
            code,
            CallCode::InFlight
                | CallCode::StorageFull
                | CallCode::Storage
                | CallCode::Timeout
                | CallCode::Internal
        );
        CallError {
            code,
            retryable,
            message: message.into(),
            item_id: None,
            entity_id: None,
            fields: Vec::new(),
            existing: None,
        }
    }

    /// The same error, about this item.
    pub fn about(mut self, id: ItemId) -> CallError {
        self.item_id = Some(id);
        self
    }

    /// No item has this id.
    pub fn not_found(id: ItemId) -> CallError {
        CallError::new(CallCode::NotFound, "This item is not on this device any more.").about(id)
    }
}

/// The codes of the wire that a page can also meet at entry.
impl From<Code> for CallCode {
    fn from(code: Code) -> CallCode {
        match code {
            Code::Unsupported => CallCode::Unsupported,
            Code::DuplicateReading => CallCode::DuplicateReading,
            _ => CallCode::Invalid,
        }
    }
}
