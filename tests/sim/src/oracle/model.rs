//! What a device's store must hold, reckoned from its commits.

use std::collections::{BTreeMap, BTreeSet};

use fieldsync_core::protocol::{EntityId, ItemId, NaturalKey};
use fieldsync_core::{Flight, ItemState, Millis, Record, Totals};

/// A device.
#[derive(Debug, Default)]
pub struct Model {
    /// What is queued.
    pub(super) records: BTreeMap<ItemId, Row>,
    /// What is done.
    pub(super) receipts: BTreeSet<ItemId>,
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
            || self.receipts.contains(&id)
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
