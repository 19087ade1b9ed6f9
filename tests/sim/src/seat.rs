//! A page or the worker of a device, and what it was asked.

use std::collections::BTreeMap;

use fieldsync_core::protocol::{EntityId, ItemId, ItemType};
use fieldsync_core::{Engine, Input, Token};

use crate::plan::At;
use crate::world::Who;

/// An entry that a person knows to be saved.
#[derive(Clone, Copy, Debug)]
pub struct Mine {
    /// The item.
    pub id: ItemId,
    /// What it is about.
    pub entity: EntityId,
    /// What kind of record that is.
    pub r#type: ItemType,
}

/// A page or worker, alive or not.
#[derive(Debug, Default)]
pub struct Seat {
    /// Its engine, while it lives.
    pub engine: Option<Engine>,
    /// Which life this is.
    pub life: u64,
    /// Which timer is armed.
    pub timer: u64,
    /// The calls that wait for an answer.
    pub calls: BTreeMap<u64, Asked>,
    /// Its storage carries out one thing after the other.
    pub store_busy: At,
    /// Outcomes of storage come in order.
    pub store_told: At,
    /// What its requests come to if they are broken off.
    pub under_way: Vec<Input>,
    /// Events of others come in order.
    pub heard: At,
    /// Its timers are late until then.
    pub hidden: At,
    /// Nothing of it runs until then.
    pub frozen: At,
    /// When it was last used.
    pub used: At,
    /// How many writes the store had seen when it last asked what is due.
    pub looked: u64,
    /// Whether it has asked for the lock and not given it back.
    pub drains: bool,
    /// Whether the server has refused the token of a check that it made, which it may renew.
    pub token_refused: bool,
    /// Whether the lock was its own when it gave it back last: how it settled is how the device stands.
    pub was_drainer: bool,
}

/// A call under way.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Since when.
    pub at: At,
    /// What for.
    pub what: Doing,
    /// Whether a person wants it sent now.
    pub manual: bool,
    /// New work, which can always be recorded.
    pub creates: bool,
}

/// What a call is for.
#[derive(Clone, Debug)]
pub enum Doing {
    /// To save an entry, in place of another or not.
    Enter(Option<ItemId>),
    /// To drop one, and to enter it again in this tab.
    Discard(ItemId, Option<usize>),
    /// To choose between the sides of its conflict.
    Resolve(ItemId),
    /// To pack what waits, for this tab of another device.
    Pack(usize, usize),
    /// To take in these.
    TakeIn(Vec<ItemId>),
    /// To look, to wake, to sync: nothing hangs on it.
    Other,
    /// The sync event of this tag.
    Sync(String),
    /// A page has asked the worker.
    ForPage(Who, Token),
}
