//! What a store has to find before a push can be judged.

use std::collections::{BTreeMap, BTreeSet};

use fieldsync_protocol::{EntityId, ItemId, ItemType, NaturalKey};

use super::{Entity, Receipt};
use crate::examine::{Candidate, Intent};
use crate::record::Record;

/// What the store holds that bears on a push, read in the transaction that will write the verdict.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The number of the user's last change.
    pub head: u64,
    /// Of the receipts that [`Needs`] names, those that there are.
    pub receipts: BTreeMap<ItemId, Receipt>,
    /// Of the entities that [`Needs`] names, those that there are, tombstones included.
    pub entities: BTreeMap<EntityId, Entity>,
    /// The live entities that have one of the [`keys_at_stake`].
    pub holders: BTreeMap<NaturalKey, Entity>,
    /// Of the [`files_at_stake`] those that the person has uploaded or uses, with their sizes. Each stays where it is until
    /// the verdict is written.
    pub files: BTreeMap<String, u64>,
}

/// What a push asks for by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Receipts of these items.
    pub items: BTreeSet<ItemId>,
    /// Entities with these ids.
    pub entities: BTreeSet<EntityId>,
}

impl Needs {
    /// Of the items of a push.
    pub fn of(candidates: &[Candidate]) -> Needs {
        let depends_on = || candidates.iter().filter_map(|candidate| candidate.depends_on);
        Needs {
            items: candidates.iter().map(|candidate| candidate.id).chain(depends_on()).collect(),
            // An entity answers for the item that made it, when its receipt is gone.
            entities: candidates.iter().map(|candidate| candidate.entity).chain(depends_on()).collect(),
        }
    }
}

/// The natural keys that the items of a push may want to take: the store looks for their holders. More than will be
/// taken, never fewer: what only the judge can know is taken to go well.
pub fn keys_at_stake(
    candidates: &[Candidate],
    receipts: &BTreeMap<ItemId, Receipt>,
    entities: &BTreeMap<EntityId, Entity>,
) -> BTreeSet<NaturalKey> {
    let mut keys = BTreeSet::new();
    let mut records: BTreeMap<EntityId, Option<Record>> = BTreeMap::new();
    let readings = candidates.iter().filter(|candidate| candidate.r#type == ItemType::Reading);
    for candidate in readings.filter(|candidate| !receipts.contains_key(&candidate.id)) {
        let id = candidate.entity;
        let held = || entities.get(&id).and_then(|entity| entity.record.clone());
        let record = records.entry(id).or_insert_with(held);
        match &candidate.intent {
            Ok(Intent::Create(new)) => {
                // Over one that is there it cannot go well.
                if record.is_none() {
                    keys.extend(new.key.clone());
                    *record = Some(new.record.clone());
                }
            }
            Ok(Intent::Update { patch, .. }) => {
                if let Ok(patched) = Record::patched(record.as_ref(), patch) {
                    keys.extend(patched.check(candidate.r#type).ok().flatten());
                    *record = Some(patched);
                }
            }
            Ok(Intent::Delete { .. }) => *record = None,
            Err(_) => {}
        }
    }
    keys
}

/// The hashes of the files that the items of a push may come to use, or to use no longer.
pub fn files_at_stake(candidates: &[Candidate], entities: &BTreeMap<EntityId, Entity>) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for candidate in candidates.iter().filter(|candidate| candidate.r#type == ItemType::Media) {
        let held = entities.get(&candidate.entity).and_then(|entity| entity.record.as_ref()?.file());
        files.extend(held.map(|file| file.sha256));
        match &candidate.intent {
            Ok(Intent::Create(new)) => files.extend(new.file.as_ref().map(|file| file.sha256.clone())),
            Ok(Intent::Update { patch, .. }) => {
                files.extend(patch.value()["sha256"].as_str().map(str::to_owned));
            }
            Ok(Intent::Delete { .. }) | Err(_) => {}
        }
    }
    files
}
