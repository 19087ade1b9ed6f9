//! What the device's store holds, and the atomic writes that change it.
//!
//! The store itself is the host's; this room names its records, so that the browser's store, the tests' and the
//! simulator's keep the same promises.

use std::collections::BTreeSet;

use fieldsync_protocol::{
    Action, Code, EntityId, FieldError, ItemId, ItemType, Millis, NaturalKey, Priority, PushItem, PushStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::call::{Item, ReceiptView, Shelf};
use crate::progress::Session;
use crate::push::PUSH_TIMEOUT;

/// Where an item is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ItemState {
    /// Saved on this device, to be sent.
    Pending,
    /// Sent; the answer is awaited. Never stored: a record is in flight while a live flight names it.
    InFlight,
    /// To be sent again at a later time.
    RetryAt,
    /// The server has something else; a person must choose.
    Conflict,
    /// The server refuses it; a person must correct or discard it.
    SetAside,
    /// On the server, with a receipt.
    Done,
}

/// What went wrong with an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// One queued item as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// How urgent it is.
    pub priority: Priority,
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
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
    /// For a conflict: what the server has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_item: Option<Value>,
    /// `data` as JSON text, kept to the letter: what is sent again is the same (I3).
    pub body: String,
}

impl Record {
    /// The item as it goes over the wire. `None` when the stored text is damaged.
    pub(crate) fn to_push(&self) -> Option<PushItem> {
        Some(PushItem {
            id: self.id,
            r#type: self.r#type,
            action: self.action,
            entity_id: self.entity_id,
            base_version: None,
            priority: self.priority,
            created_at: self.created_at,
            data: Some(RawValue::from_string(self.body.clone()).ok()?),
            patch: None,
            depends_on: None,
        })
    }

    pub(crate) fn to_item(&self, flying: &BTreeSet<ItemId>) -> Item {
        Item {
            id: self.id,
            r#type: self.r#type,
            action: self.action,
            entity_id: self.entity_id,
            priority: self.priority,
            created_at: self.created_at,
            data: shown(&self.body),
            state: if flying.contains(&self.id) { ItemState::InFlight } else { self.state },
            retry_count: self.attempts,
            last_attempt: self.last_attempt,
            due: (self.state == ItemState::RetryAt).then(|| Millis(self.order.max(0).unsigned_abs())),
            error: self.trouble.clone(),
            server_item: self.server_item.clone(),
            receipt: None,
        }
    }
}

/// What the device keeps of an item that is on the server (N7): what was accepted, when, and under which id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// How often it was answered before.
    pub attempts: u32,
    /// What was accepted.
    pub body: String,
}

impl Receipt {
    pub(crate) fn to_item(&self) -> Item {
        Item {
            id: self.id,
            r#type: self.r#type,
            action: self.action,
            entity_id: self.entity_id,
            priority: self.priority,
            created_at: self.created_at,
            data: shown(&self.body),
            state: ItemState::Done,
            retry_count: self.attempts,
            last_attempt: Some(self.at),
            due: None,
            error: None,
            server_item: None,
            receipt: Some(ReceiptView { status: self.status, version: self.version, at: self.at }),
        }
    }
}

/// A push that is on its way: an attempt is this one record, not a rewrite of every item in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flight {
    /// Whose it is.
    pub epoch: u64,
    /// The drainer's count of pushes, from 1.
    pub number: u64,
    /// What is in it.
    pub ids: Vec<ItemId>,
    /// By then its answer has come, or never will.
    pub until: Millis,
}

/// How many items are in each state, and their bytes; stored, and changed in the same transaction as what it counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Totals {
    /// To be sent.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub pending: i64,
    /// To be sent again at a later time.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub retry_at: i64,
    /// Waiting for a person's choice.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub conflict: i64,
    /// Refused, waiting for a person.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub set_aside: i64,
    /// Bytes of JSON of all of them.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub bytes: i64,
}

impl Totals {
    /// What will be sent by itself, now or later.
    pub fn unsent(&self) -> u64 {
        (self.pending + self.retry_at).max(0).unsigned_abs()
    }

    /// Everything that is not on the server.
    pub fn queued(&self) -> u64 {
        (self.pending + self.retry_at + self.conflict + self.set_aside).max(0).unsigned_abs()
    }

    fn count(&mut self, record: &Record, by: i64) {
        match record.state {
            ItemState::Pending => self.pending += by,
            ItemState::RetryAt => self.retry_at += by,
            ItemState::Conflict => self.conflict += by,
            ItemState::SetAside => self.set_aside += by,
            ItemState::InFlight | ItemState::Done => debug_assert!(false, "never stored"),
        }
        self.bytes += by * i64::from(record.size);
    }

    /// These totals after `change`.
    pub fn plus(self, change: Totals) -> Totals {
        Totals {
            pending: self.pending + change.pending,
            retry_at: self.retry_at + change.retry_at,
            conflict: self.conflict + change.conflict,
            set_aside: self.set_aside + change.set_aside,
            bytes: self.bytes + change.bytes,
        }
    }
}

/// What must hold when a batch is written; if one does not, nothing of it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// This drainer is still the latest one (I7).
    Epoch(u64),
    /// These items are still queued.
    Queued(Vec<ItemId>),
    /// This item is queued in this state still: the totals that the batch carries were reckoned from it.
    Still(ItemId, ItemState),
    /// No queued item has this natural key, but for those that the batch removes.
    NoTwin(NaturalKey),
    /// This item is in no flight that is live at this time.
    NotFlying(ItemId, Millis),
}

/// A change of flights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlightChange {
    /// One takes off. Flights of earlier epochs are forgotten: their items are still queued.
    Start(Flight),
    /// One has landed.
    End {
        /// Whose it was.
        epoch: u64,
        /// Its number.
        number: u64,
    },
}

/// One atomic write. All of it is stored, or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Checked first, in the same transaction.
    pub expect: Vec<Expect>,
    /// New or changed records.
    pub put: Vec<Record>,
    /// Records that leave the queue.
    pub remove: Vec<ItemId>,
    /// Receipts to keep.
    pub receipts: Vec<Receipt>,
    /// What this does to the totals.
    pub totals: Totals,
    /// A push that begins or ends.
    pub flight: Option<FlightChange>,
    /// The drain's public state.
    pub session: Option<Session>,
}

impl Batch {
    /// Adds a new record.
    pub(crate) fn add(&mut self, record: Record) {
        self.totals.count(&record, 1);
        self.put.push(record);
    }

    /// Puts `after` in the place of `before`.
    pub(crate) fn change(&mut self, before: &Record, after: Record) {
        self.totals.count(before, -1);
        self.add(after);
    }

    /// Takes a record out of the queue.
    pub(crate) fn remove(&mut self, record: &Record) {
        self.totals.count(record, -1);
        self.remove.push(record.id);
    }

    /// Whether it must survive a power cut before it is called written. Flights and the drain's state need not: without
    /// them an item is only sent once more, under its id.
    pub fn strict(&self) -> bool {
        !(self.put.is_empty() && self.remove.is_empty() && self.receipts.is_empty())
    }
}

/// A question to the store. Each is answered from one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// The first `limit` pending items in order, then the first `limit` retries that are due.
    Due {
        /// Retries up to this time are due,
        by: Millis,
        /// and those after this one, later than anything is ever put off: a clock that was wrong wrote them.
        beyond: Millis,
        /// At most this many of each.
        limit: u32,
    },
    /// The totals and the last session.
    Overview,
    /// One item.
    One(ItemId),
    /// A page of a list, newest first.
    Page {
        /// Queued or done.
        shelf: Shelf,
        /// At most this many.
        limit: u32,
        /// Only those entered before this one.
        before: Option<ItemId>,
    },
}

/// The store's answer to a [`Query`].
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// To [`Query::Due`].
    Due(Window),
    /// To [`Query::Overview`].
    Overview(Overview),
    /// To [`Query::One`] and [`Query::Page`]; with the flights that are under way.
    Rows {
        /// Queued items.
        records: Vec<Record>,
        /// Done ones.
        receipts: Vec<Receipt>,
        /// What may be in flight.
        flights: Vec<Flight>,
    },
}

/// The bounded part of the queue that is in memory while draining.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// What is due, pending before retries.
    pub due: Vec<Record>,
    /// When the first retry that is not yet due will be.
    pub next_due: Option<Millis>,
    /// The totals at that moment.
    pub totals: Totals,
    /// How the last drain ended.
    pub session: Option<Session>,
}

/// What the store can say at a glance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// The totals.
    pub totals: Totals,
    /// The drain that runs or ran last.
    pub session: Option<Session>,
    /// Whether some page or worker holds the drainer's lock at this moment: the host adds it, the store cannot know.
    pub draining: bool,
}

/// Stored text as it is shown; what is damaged is shown as nothing.
fn shown(body: &str) -> Box<RawValue> {
    RawValue::from_string(body.to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

impl Flight {
    /// Whether its answer may still come. One that ends later than any flight lasts was stored by a clock gone wrong.
    pub fn is_live(&self, now: Millis) -> bool {
        self.until > now && self.until - now <= PUSH_TIMEOUT
    }
}

/// The ids in flights that are live at `now`.
pub(crate) fn flying(flights: &[Flight], now: Millis) -> BTreeSet<ItemId> {
    flights
        .iter()
        .filter(|flight| flight.is_live(now))
        .flat_map(|flight| flight.ids.iter().copied())
        .collect()
}
