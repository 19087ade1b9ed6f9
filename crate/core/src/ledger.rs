//! What the device's store holds, and the atomic writes that change it.
//!
//! The store itself is the host's; this room names its records, so that the browser's store, the tests' and the
//! simulator's keep the same promises.

use fieldsync_protocol::read::Read;
use fieldsync_protocol::write::Write;
use fieldsync_protocol::{EntityId, ItemId, ItemType, Millis, NaturalKey, Priority, SessionMetrics, Sorted};

use crate::call::Shelf;
use crate::checkup::{Checked, Keys};
use crate::preferences::Preferences;
use crate::progress::Session;
use crate::push::PUSH_TIMEOUT;
use crate::record::{ItemState, Receipt, Record};

/// A write takes no longer than this from being decided on to being done, or nearly never.
const MEANWHILE: Millis = Millis::minutes(1);

/// A push that is on its way: an attempt is this one record, not a rewrite of every item in it.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Totals {
    /// To be sent.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub pending: i64,
    /// To be sent again at a later time.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub retry_at: i64,
    /// Waiting for another entry to go first.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub blocked: i64,
    /// Waiting for a person's choice.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub conflict: i64,
    /// Refused, waiting for a person.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub set_aside: i64,
    /// Bytes of JSON of all of them.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub bytes: i64,
    /// How many writes have made an entry wait or wait no more, ever: who releases those that wait for an entry sees by
    /// it that none has come meanwhile.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub lane_changes: i64,
}

impl Totals {
    /// What will be sent by itself, now or later.
    pub fn unsent(&self) -> u64 {
        (self.pending + self.retry_at).max(0).unsigned_abs()
    }

    /// Bytes of what will be sent by itself, where all that is queued is of like size.
    pub(crate) fn unsent_bytes(&self) -> u64 {
        let bytes = self.bytes.max(0).unsigned_abs();
        let (unsent, queued) = (self.unsent(), self.queued().max(1));
        // In two steps: the product itself could be too large, and to divide 128 bits takes a kilobyte.
        (bytes / queued).saturating_mul(unsent) + bytes % queued * unsent / queued
    }

    /// Everything that is not on the server.
    pub fn queued(&self) -> u64 {
        (self.pending + self.retry_at + self.blocked + self.conflict + self.set_aside).max(0).unsigned_abs()
    }

    fn count(&mut self, record: &Record, by: i64) {
        match record.state {
            ItemState::Pending => self.pending += by,
            ItemState::RetryAt => self.retry_at += by,
            ItemState::Blocked => {
                self.blocked += by;
                self.lane_changes = 1;
            }
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
            blocked: self.blocked + change.blocked,
            conflict: self.conflict + change.conflict,
            set_aside: self.set_aside + change.set_aside,
            bytes: self.bytes + change.bytes,
            lane_changes: self.lane_changes + change.lane_changes,
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
    /// Nothing that is queued or known has this natural key, but for what the batch removes and what is of this entity.
    NoTwin(NaturalKey, EntityId),
    /// Nobody has changed the preferences since their count of changes stood here.
    Preferences(u64),
    /// No entry has begun or ceased to wait since `lane_changes` stood here.
    Lanes(i64),
    /// Nothing of this lane is queued, but for those that the batch removes.
    LaneFree(EntityId),
    /// Nothing is queued.
    NothingQueued,
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
    /// Entities as the server has them now.
    pub known: Vec<Known>,
    /// All that was known of entities before is forgotten first: a snapshot begins.
    pub known_anew: bool,
    /// Entities that the server has no more.
    pub forget: Vec<EntityId>,
    /// What this does to the totals.
    pub totals: Totals,
    /// A push that begins or ends.
    pub flight: Option<FlightChange>,
    /// The drain's public state.
    pub session: Option<Session>,
    /// What a check of sync health has found.
    pub checked: Option<Checked>,
    /// The figures of a drain, kept under its number.
    pub metrics: Option<SessionMetrics>,
    /// The figures of all drains are forgotten.
    pub erase_metrics: bool,
    /// What is kept for a stated time and has passed it.
    pub expire: Option<Expire>,
    /// What the person has set.
    pub preferences: Option<Preferences>,
    /// The device passes to somebody else: receipts, figures and what is known are forgotten, and who drains now is fenced.
    pub hand_over: bool,
    /// Which part of the queue has still to be scored by the rules of today: what stands before this id; none of it.
    pub unscored: Option<Option<ItemId>>,
}

/// Receipts and figures up to these times are forgotten, at most [`Expire::MOST`] of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expire {
    /// Receipts that came before this; never what is queued.
    pub receipts: Millis,
    /// Drains that began before this.
    pub metrics: Millis,
}

impl Expire {
    /// So that no write takes long; the next one goes on.
    pub const MOST: u32 = 500;
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

    /// Whether it may take the room that is kept free (N4): so that text still fits when photos have filled the rest, and
    /// what was sent can be taken note of. Photos that are added may not, nor what a check has found.
    pub fn may_use_reserve(&self) -> bool {
        let photo = |record: &Record| record.r#type == ItemType::Media;
        let adds_photos = !self.put.is_empty() && self.totals.bytes > 0 && self.put.iter().all(photo);
        self.checked.is_none() && !adds_photos
    }

    /// Whether it must survive a power cut before it is called written. Flights and the drain's state need not: without
    /// them an item is only sent once more, under its id.
    pub fn strict(&self) -> bool {
        !(self.put.is_empty() && self.remove.is_empty() && self.receipts.is_empty())
            || self.preferences.is_some()
            || self.unscored.is_some()
            || self.erase_metrics
    }
}

/// A question to the store. Each is answered from one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// The first `limit` pending items in order of those that are urgent enough, then the first `limit` retries that are due.
    Due {
        /// Retries up to this time are due,
        by: Millis,
        /// and those after this one, later than anything is ever put off: a clock that was wrong wrote them.
        beyond: Millis,
        /// Only these priorities and above.
        lowest: Priority,
        /// At most this many of each.
        limit: u32,
        /// Without these: they are on their way.
        except: Vec<ItemId>,
    },
    /// The totals and the last session.
    Overview,
    /// What a check of sync health wants to know of this device.
    Standing,
    /// What is known of the readings whose natural keys begin like this, the last period first, at most so many.
    Readings(String, u32),
    /// What is known of the entities of a type, the oldest first.
    Known {
        /// The type.
        r#type: ItemType,
        /// At most this many.
        limit: u32,
        /// Only those after this one.
        after: Option<EntityId>,
    },
    /// The figures of the last drains, newest first, at most so many.
    Metrics(u32),
    /// One item.
    One(ItemId),
    /// What is queued of the lanes of these items, and their receipts.
    Lanes(Vec<Leaving>),
    /// The lane of an entity, in order, and what is known of an item that another wants to depend on.
    Lane {
        /// The entity.
        entity: EntityId,
        /// The item.
        depends_on: Option<ItemId>,
    },
    /// Who waits for these to leave the queue.
    Waiting(Vec<Leaving>),
    /// A page of a list, newest first.
    Page {
        /// Queued or done.
        shelf: Shelf,
        /// Only queued ones in this state, as it is stored.
        state: Option<ItemState>,
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
    /// To [`Query::Standing`].
    Standing(Standing),
    /// To [`Query::Readings`] and [`Query::Known`].
    Known(Vec<Known>),
    /// To [`Query::Metrics`].
    Metrics(Vec<SessionMetrics>),
    /// To [`Query::Lane`].
    Lane(Lane),
    /// To [`Query::Waiting`].
    Waiting(Waiting),
    /// To [`Query::One`], [`Query::Lanes`] and [`Query::Page`]; with the flights that are under way.
    Rows {
        /// Queued items.
        records: Vec<Record>,
        /// Done ones.
        receipts: Vec<Receipt>,
        /// What may be in flight.
        flights: Vec<Flight>,
    },
}

/// One that leaves the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The item.
    pub id: ItemId,
    /// Its lane.
    pub entity_id: EntityId,
}

/// A lane as it is queued.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lane {
    /// Its queued items, by their places.
    pub queued: Vec<Record>,
    /// The receipt of the item depended on, where it is done.
    pub receipts: Vec<Receipt>,
    /// The entity as the server was last known to have it.
    pub known: Option<Known>,
    /// Whether the item depended on is queued.
    pub dependency_queued: bool,
}

/// An entity as the server was last known to have it.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// The entity.
    pub entity_id: EntityId,
    /// What kind of record it is.
    pub r#type: ItemType,
    /// For a reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub natural_key: Option<NaturalKey>,
    /// Its version.
    pub version: u64,
    /// The record, as JSON text.
    pub data: String,
    /// The payload as the host has sealed it, while it is not opened: then what is sealed is empty here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

/// Those that wait for something to leave the queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waiting {
    /// The next of each lane, and all that depend on one of the leaving.
    pub waiters: Vec<Waiter>,
    /// The totals at that moment.
    pub totals: Totals,
}

/// One that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiter {
    /// The item.
    pub record: Record,
    /// The leaving aside, no queued item stands before it in its lane.
    pub first: bool,
    /// The leaving aside, what it depends on is queued.
    pub dependency_queued: bool,
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
    /// What the person has set.
    pub preferences: Preferences,
    /// What stands before this id has still to be scored by the rules of today.
    pub unscored: Option<ItemId>,
}

/// What the store can say at a glance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// The totals.
    pub totals: Totals,
    /// The drain that runs or ran last.
    pub session: Option<Session>,
    /// What the person has set.
    pub preferences: Preferences,
    /// What stands before this id has still to be scored by the rules of today.
    pub unscored: Option<ItemId>,
    /// What the checks of sync health have found.
    pub checked: Option<Checked>,
    /// Whether some page or worker holds the drainer's lock at this moment: the host adds it, the store cannot know.
    pub draining: bool,
}

/// How this device stands, for a check of sync health.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// The oldest that is queued.
    pub oldest: Option<ItemId>,
    /// What stands in clear of its vault: the host adds it, where there is one.
    pub keys: Option<Keys>,
}

impl Flight {
    /// Whether its answer may still come. One that ends later than any flight lasts was stored by a clock gone wrong;
    /// but `now` is when a write was decided on, and the flight may have begun between that and the write.
    pub fn is_live(&self, now: Millis) -> bool {
        self.until > now && self.until - now <= PUSH_TIMEOUT + MEANWHILE
    }
}

/// The ids in flights that are live at `now`.
pub(crate) fn flying(flights: &[Flight], now: Millis) -> Sorted<ItemId, ()> {
    flights
        .iter()
        .filter(|flight| flight.is_live(now))
        .flat_map(|flight| flight.ids.iter().map(|id| (*id, ())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::record;

    #[test]
    fn the_room_that_is_kept_free_is_for_text_and_for_what_was_sent() {
        let batch = |change: &dyn Fn(&mut Batch)| {
            let mut batch = Batch::default();
            change(&mut batch);
            batch.may_use_reserve()
        };
        let photo = |n| Record { r#type: ItemType::Media, size: 9, ..record(n) };
        let text = |n| Record { size: 9, ..record(n) };
        assert!(batch(&|batch| batch.add(text(1))));
        assert!(!batch(&|batch| batch.add(photo(1))));
        assert!(batch(&|batch| {
            batch.add(photo(1));
            batch.add(text(2));
        }));
        // A photo that is tried again, or leaves, takes no more room than it had.
        assert!(batch(&|batch| batch.change(&photo(1), photo(1))));
        assert!(batch(&|batch| batch.remove(&photo(1))));
        assert!(!batch(&|batch| batch.checked = Some(Checked::default())));
    }
}
