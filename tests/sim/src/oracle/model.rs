//! What a device's store must hold, reckoned from its commits.

use std::collections::{BTreeMap, BTreeSet};

use fieldsync_core::protocol::{EntityId, ItemId, NaturalKey};
use fieldsync_core::{Flight, ItemState, Millis, Preferences, Record, Totals};

use super::gate::Life;

/// A device.
#[derive(Debug, Default)]
pub struct Model {
    /// What is queued.
    pub(super) records: BTreeMap<ItemId, Row>,
    /// The receipts that are kept, and when each came.
    pub(super) receipts: BTreeMap<ItemId, Millis>,
    /// Everything that there ever was a receipt of.
    pub(super) done: BTreeSet<ItemId>,
    /// What was given up for the server's side of a conflict.
    pub(super) yielded: BTreeSet<ItemId>,
    /// What its person has set.
    pub(super) preferences: Preferences,
    /// The fewest attempts that its person ever wanted: an engine may have begun under that.
    pub(super) least_attempts: Option<u16>,
    /// The fewest days that they wanted receipts to be kept.
    pub(super) least_days: Option<u16>,
    /// The longest interval that they wanted before, in minutes.
    pub(super) longest_interval: u16,
    /// The versions that it knows of the server's records.
    pub(super) known: BTreeMap<EntityId, u64>,
    /// What its pages and worker were told.
    pub(super) lives: [Life; 4],
    /// The same when each decided on its last push.
    pub(super) decided: [Life; 4],
    /// A recount.
    pub(super) totals: Totals,
    /// Pushes on their way.
    pub(super) flights: BTreeMap<(u64, u64), Flight>,
    /// What its person was told is saved.
    pub(super) saved: BTreeSet<ItemId>,
    /// What its person was told is dropped or replaced.
    pub(super) dropped: BTreeSet<ItemId>,
    /// What is being dropped or replaced, by so many calls.
    pub(super) leaving: BTreeMap<ItemId, u32>,
    /// What a call that was cut off may have dropped.
    pub(super) maybe: BTreeSet<ItemId>,
    /// Its storage may fail.
    pub(super) unsound: bool,
    /// How often anything was set, when the last push took off.
    pub(super) set_at_start: u64,
    /// The latest drainer's.
    pub(super) epoch: u64,
    /// Receipts committed in this epoch.
    pub(super) received: u64,
    /// The server's wish, by this device's clock.
    pub(super) asked_until: Option<Millis>,
    /// How often the clock was set.
    pub(super) clock_sets: u32,
    /// Commits so far.
    pub(super) writes: u64,
}

/// A queued item.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) state: ItemState,
    pub(super) entity: EntityId,
    pub(super) place: ItemId,
    pub(super) depends_on: Option<ItemId>,
    pub(super) key: Option<NaturalKey>,
    size: u32,
    /// Since which commit it has been ready to be sent.
    pub(super) ready: u64,
    /// It came into conflict in the drain of this epoch, under a policy that has an answer.
    pub(super) decided: Option<u64>,
}

impl Model {
    pub(super) fn put(&mut self, record: &Record) {
        self.remove(record.id);
        let row = Row {
            state: record.state,
            entity: record.entity_id,
            place: record.place(),
            depends_on: record.depends_on,
            key: record.natural_key.clone(),
            size: record.size,
            ready: self.writes,
            decided: None,
        };
        count(&mut self.totals, &row, 1);
        self.records.insert(record.id, row);
    }

    pub(super) fn remove(&mut self, id: ItemId) {
        if let Some(row) = self.records.remove(&id) {
            count(&mut self.totals, &row, -1);
        }
    }

    /// Who stands before it in its lane.
    pub(super) fn before(&self, id: ItemId) -> Vec<ItemId> {
        let Some(row) = self.records.get(&id) else { return Vec::new() };
        let ahead = |other: &Row| other.entity == row.entity && other.place < row.place;
        self.records.iter().filter(|(_, other)| ahead(other)).map(|(id, _)| *id).collect()
    }

    /// Whether it is where its person was told it is.
    pub(super) fn keeps(&self, id: ItemId) -> bool {
        self.records.contains_key(&id)
            || self.done.contains(&id)
            || self.yielded.contains(&id)
            || self.dropped.contains(&id)
            || self.maybe.contains(&id)
    }
}

fn count(totals: &mut Totals, row: &Row, by: i64) {
    match row.state {
        ItemState::Pending => totals.pending += by,
        ItemState::RetryAt => totals.retry_at += by,
        ItemState::Blocked => totals.blocked += by,
        ItemState::Conflict => totals.conflict += by,
        ItemState::SetAside => totals.set_aside += by,
        ItemState::InFlight | ItemState::Done => {}
    }
    totals.bytes += by * i64::from(row.size);
}
