//! A defect on purpose: a server that does not ask whether it has a receipt of what comes.
//!
//! To switch off the question alone doubles nothing here, because two more rooms would know the item again: a record has the
//! id of the item that made it, and a change names the version it was made against. So this is the server that has none of the
//! three, as one is written that gives out its own ids and takes changes as they come. What is sent again has its effect again: a
//! second record, or another version. The receipt of the first time stays, for the database has one row an item.

use std::sync::atomic::{AtomicBool, Ordering};

use fieldsync_protocol::{EntityId, ItemResult, ItemType};

use super::answer::applied;
use super::{Bench, Entity};
use crate::examine::{Candidate, Checked, Intent};
use crate::record::Record;

static FORGETS: AtomicBool = AtomicBool::new(false);

/// From now on receipts are not looked at.
pub fn forget_receipts() {
    FORGETS.store(true, Ordering::Relaxed);
}

pub(super) fn forgets_receipts() -> bool {
    FORGETS.load(Ordering::Relaxed)
}

impl Bench<'_> {
    /// Has an item take effect that had taken effect before.
    pub(super) fn take_again(&mut self, candidate: &Candidate) -> ItemResult {
        match &candidate.intent {
            Ok(Intent::Create(new)) => self.make_another(candidate, new),
            Ok(Intent::Update { patch, .. }) => self.change_again(candidate, patch),
            Ok(Intent::Delete { .. }) | Err(_) => applied(candidate.id, 1),
        }
    }

    /// A second record of the same content, under an id of its own. It does not count for the key of the first: the database
    /// has one of a key.
    fn make_another(&mut self, candidate: &Candidate, new: &Checked) -> ItemResult {
        self.head += 1;
        // Of no item: those say when they were made, and this one says which change made it.
        let id = EntityId::new(self.now, another(self.head));
        self.entities.insert(id, self.entity_of(id, candidate.r#type, 1, new.record.clone()));
        applied(candidate.id, 1)
    }

    /// The same change over whatever is there, and so another version.
    fn change_again(&mut self, candidate: &Candidate, patch: &Record) -> ItemResult {
        let Some(held) = self.entity(candidate.entity).cloned() else { return applied(candidate.id, 1) };
        let Ok(record) = Record::patched(held.record.as_ref(), patch) else {
            return applied(candidate.id, 1);
        };
        self.head += 1;
        let version = held.version + 1;
        let entity = Entity { key: held.key, ..self.entity_of(held.id, candidate.r#type, version, record) };
        self.entities.insert(held.id, entity);
        applied(candidate.id, version)
    }

    fn entity_of(&self, id: EntityId, r#type: ItemType, version: u64, record: Record) -> Entity {
        let (number, updated_at) = (self.head, self.now);
        Entity { id, r#type, version, number, updated_at, key: None, record: Some(record) }
    }
}

fn another(number: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    bytes
}
