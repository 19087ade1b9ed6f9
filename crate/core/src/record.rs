//! One item as the device stores it, and the receipt that takes its place.

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::{self, Write};
use fieldsync_protocol::{
    Action, Code, EntityId, FieldError, ItemId, ItemType, Millis, NaturalKey, Priority, PushItem, PushStatus,
    Rule, Sorted,
};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::call::{Item, ReceiptView};
use crate::priority;
use crate::upload::{AFTER_TEXT, Upload, UploadProgress};

/// Where an item is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ItemState {
    /// Saved on this device, to be sent.
    Pending,
    /// Sent; the answer is awaited. Never stored: a record is in flight while a live flight names it.
    InFlight,
    /// To be sent again at a later time.
    RetryAt,
    /// Waits for an earlier entry of its lane, or for the one it depends on; never sent before (I5).
    Blocked,
    /// The server has something else; a person must choose.
    Conflict,
    /// The server refuses it; a person must correct or discard it.
    SetAside,
    /// On the server, with a receipt.
    Done,
}

/// What went wrong with an item.
#[derive(Clone, Debug, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Trouble {
    /// The sort of it.
    pub kind: TroubleKind,
    /// The server's stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// In plain words.
    pub message: String,
    /// The fields that were not acceptable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<FieldError>>"))]
    pub fields: Vec<FieldError>,
}

/// The sorts of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum TroubleKind {
    /// The server was not reached.
    Network,
    /// The server failed, or asked to wait.
    Server,
    /// A value is not acceptable.
    Validation,
    /// The server has something else.
    Conflict,
    /// The server refuses this device or person.
    Authorization,
}

/// A turn on an item's way.
#[derive(Clone, Debug, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Moment {
    /// When, by this device's clock.
    pub at: Millis,
    /// What it came to be: `retryAt`, `conflict` or `setAside` by an answer, `pending` by a person who sends it again.
    pub state: ItemState,
    /// What was wrong then, in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// One queued item as it is stored.
#[derive(Clone, Debug, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The primary key; in order of entry.
    pub id: ItemId,
    /// Never `inFlight` or `done`.
    pub state: ItemState,
    /// Where it stands among those of its state: the rank while pending, the due time for a retry, else the time of
    /// entry. (state, order) is an index, so planning reads only what is due.
    pub order: i64,
    /// What kind of record it carries.
    pub r#type: ItemType,
    /// What it does to its entity.
    pub action: Action,
    /// The entity, which is also the lane: order holds within it, never across (I5).
    pub entity_id: EntityId,
    /// The entry whose place in the lane it has taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<ItemId>,
    /// The queued item that must be done before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<ItemId>,
    /// For an update or delete: the version it was made against. While an earlier one of its lane is queued it is not
    /// known yet; the receipt of that one tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_version: Option<u64>,
    /// How urgent the person said it is.
    pub priority: Priority,
    /// How urgent it is by the rules: what the settings' threshold and a poor link look at.
    #[serde(default)]
    pub urgency: Priority,
    /// Its points by the rules; they make its rank.
    #[serde(default)]
    pub score: i32,
    /// When it was entered.
    pub created_at: Millis,
    /// For a reading: an index, by which duplicates are found at entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub natural_key: Option<NaturalKey>,
    /// Bytes of JSON it takes in a push.
    pub size: u32,
    /// How often it was answered without being settled.
    pub attempts: u32,
    /// When it was last answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_attempt: Option<Millis>,
    /// What became of it at each answer and at each of a person's wishes, oldest first, the last [`Record::MOMENTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Moment>,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
    /// For a conflict: what the server has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_item: Option<Value>,
    /// For a new photo or file that is not inline: how far its bytes have come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Upload>,
    /// For an update: the whole record as it will be, where the device knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<String>,
    /// The record of a create, or the merge patch of an update, as JSON text kept to the letter: what is sent again is
    /// the same (I3). Empty for a delete.
    pub body: String,
    /// The payload as the host has sealed it, while it is not opened: then what is sealed is empty here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

impl Record {
    /// So many turns are remembered of an item.
    pub const MOMENTS: usize = 20;

    /// Remembers what it came to be.
    pub(crate) fn note(&mut self, at: Millis, message: Option<String>) {
        let forget = (self.history.len() + 1).saturating_sub(Record::MOMENTS);
        self.history.drain(..forget);
        self.history.push(Moment { at, state: self.state, message });
    }

    /// The item as it goes over the wire. `None` when the stored text is damaged, or sealed (I9).
    pub(crate) fn to_push(&self) -> Option<PushItem> {
        if self.sealed.is_some() {
            return None;
        }
        let text = || read::from_str(&self.body).ok();
        Some(PushItem {
            id: self.id,
            r#type: self.r#type,
            action: self.action,
            // What its id says is not said twice (P4).
            entity_id: (self.entity_id != self.id).then_some(self.entity_id),
            base_version: self.base_version,
            priority: self.priority,
            created_at: (self.created_at != self.id.made_at()).then_some(self.created_at),
            data: if self.action == Action::Create { Some(text()?) } else { None },
            patch: if self.action == Action::Update { Some(text()?) } else { None },
            // What it depends on is done before it is sent; the server need not look.
            depends_on: None,
        })
    }

    /// Its place in the lane: its own id, or that of the first entry whose place it has taken.
    pub fn place(&self) -> ItemId {
        self.seat.unwrap_or(self.id)
    }

    /// Its points, urgency and, while it is pending, place in the queue by these rules.
    pub(crate) fn rate(&mut self, rules: &[Rule]) {
        // Of what is sealed the rules see nothing: it keeps the points that it had.
        if self.sealed.is_none() {
            let data = self.whole.as_ref().unwrap_or(&self.body);
            self.score = priority::score(rules, self.r#type, self.action, data, self.priority);
            self.urgency = priority::class(self.score);
        }
        if self.state == ItemState::Pending {
            self.order = self.rank();
        }
    }

    /// Its place among those that are pending: a file that is still to be uploaded comes after all text, also what is
    /// saved later.
    pub(crate) fn rank(&self) -> i64 {
        let after = if self.wants_upload() { AFTER_TEXT } else { 0 };
        priority::rank(self.created_at, self.score).saturating_add(after)
    }

    /// Counts the bytes that it takes in a push.
    pub(crate) fn measure(&mut self) {
        if self.sealed.is_some() {
            return; // as it was measured when it was entered
        }
        let sent = self.to_push().map(|item| write::to_string(&item));
        self.size = sent.map_or(0, |json| u32::try_from(json.len()).unwrap_or(u32::MAX));
    }

    pub(crate) fn to_item(&self, flying: &Sorted<ItemId, ()>) -> Item {
        Item {
            id: self.id,
            r#type: self.r#type,
            action: self.action,
            entity_id: self.entity_id,
            priority: self.priority,
            urgency: self.urgency,
            score: self.score,
            depends_on: self.depends_on,
            created_at: self.created_at,
            data: shown(self.whole.as_ref().unwrap_or(&self.body)),
            patch: (self.action == Action::Update).then(|| shown(&self.body)),
            state: if flying.contains_key(&self.id) { ItemState::InFlight } else { self.state },
            retry_count: self.attempts,
            last_attempt: self.last_attempt,
            due: (self.state == ItemState::RetryAt).then(|| Millis(self.order.max(0).unsigned_abs())),
            history: self.history.clone(),
            error: self.trouble.clone(),
            server_item: self.server_item.clone(),
            upload: self
                .upload
                .as_ref()
                .map(|upload| UploadProgress { sent: upload.sent, size: upload.size }),
            receipt: None,
        }
    }
}

/// What the device keeps of an item that is on the server (N7): what was accepted, when, and under which id.
#[derive(Clone, Debug, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The item's id.
    pub id: ItemId,
    /// What kind of record it carried.
    pub r#type: ItemType,
    /// What it did.
    pub action: Action,
    /// The entity it is about.
    pub entity_id: EntityId,
    /// How urgent it was.
    pub priority: Priority,
    /// When it was entered.
    pub created_at: Millis,
    /// Applied or replayed.
    pub status: PushStatus,
    /// The entity's version after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// When this device got the receipt.
    pub at: Millis,
    /// The server's side of a conflict was kept instead of this: it took no effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub yielded: bool,
    /// How often it was answered before.
    pub attempts: u32,
    /// What became of it at each answer and at each of a person's wishes, oldest first, the last [`Record::MOMENTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Moment>,
    /// What was accepted.
    pub body: String,
    /// The payload as the host has sealed it, while it is not opened: then what is sealed is empty here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

impl Receipt {
    /// In a receipt's place, for an entry that was given up for the server's side of a conflict.
    pub(crate) fn yielded(now: Millis, record: &Record) -> Receipt {
        Receipt {
            id: record.id,
            r#type: record.r#type,
            action: record.action,
            entity_id: record.entity_id,
            priority: record.priority,
            created_at: record.created_at,
            status: PushStatus::Conflict,
            version: None,
            at: now,
            yielded: true,
            attempts: record.attempts,
            history: record.history.clone(),
            body: record.whole.as_ref().unwrap_or(&record.body).clone(),
            sealed: None,
        }
    }

    pub(crate) fn to_item(&self) -> Item {
        Item {
            id: self.id,
            r#type: self.r#type,
            action: self.action,
            entity_id: self.entity_id,
            priority: self.priority,
            urgency: self.priority,
            score: priority::points(self.r#type, self.priority),
            depends_on: None,
            created_at: self.created_at,
            data: shown(&self.body),
            patch: None,
            state: ItemState::Done,
            retry_count: self.attempts,
            last_attempt: Some(self.at),
            due: None,
            history: self.history.clone(),
            error: None,
            server_item: None,
            upload: None,
            receipt: Some(ReceiptView {
                status: self.status,
                version: self.version,
                at: self.at,
                yielded: self.yielded,
            }),
        }
    }
}

/// Stored text as it is shown; what is damaged, or empty, is shown as nothing.
pub(crate) fn shown(body: &str) -> Box<RawValue> {
    read::from_str(body).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_turns_are_remembered() {
        let mut record = crate::conformance::record(1);
        for at in 0..30 {
            record.note(Millis(at), None);
        }
        let (first, last) = (record.history.first(), record.history.last());
        assert_eq!(record.history.len(), Record::MOMENTS);
        assert_eq!(
            (first.map(|turn| turn.at), last.map(|turn| turn.at)),
            (Some(Millis(10)), Some(Millis(29)))
        );
    }
}
