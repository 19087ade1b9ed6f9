//! The verdict on a push: a pure function from the items and what the store found about them to what is answered and
//! what is written. It knows no database, so every store gives the same verdicts and a simulator can drive it.
//!
//! This room keeps the order: receipts before everything, then the entity's lane, then the item by itself, then what it
//! depends on. What each action does is in the rooms below. Holds I3 (the same id with other content is refused), I4 (a
//! replay writes nothing) and the server's half of I5 (order holds per entity, and a refused item stops only its own).

mod answer;
mod create;
mod delete;
mod found;
#[cfg(feature = "mutants")]
pub mod mutant;
#[cfg(test)]
mod tests;
mod update;

use std::collections::{BTreeMap, BTreeSet};

use fieldsync_protocol::{
    Action, Code, EntityId, ItemId, ItemResult, ItemType, Millis, NaturalKey, Outcome, PushStatus,
};

use crate::content_hash::ContentHash;
use crate::examine::{Candidate, Checked, Intent};
use crate::record::{NamedFile, Record};

use self::answer::{applied, dependency_missing, id_reused, refused, replayed};

pub use self::found::{Found, Needs, files_at_stake, keys_at_stake};

/// An entity as a store holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Its id.
    pub id: EntityId,
    /// What kind of record it is.
    pub r#type: ItemType,
    /// Its version, from 1; every change counts one up.
    pub version: u64,
    /// The number of the user's change that made this version.
    pub number: u64,
    /// When that was, by the server's clock.
    pub updated_at: Millis,
    /// What it is the only one of among the user's; a tombstone has none.
    pub key: Option<NaturalKey>,
    /// The record; `None` in a tombstone.
    pub record: Option<Record>,
}

/// The receipt of an item that took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The hash of the item's content.
    pub hash: ContentHash,
    /// The entity's version after it.
    pub version: u64,
}

/// What to answer and what to write; all of it is written in one transaction, or none (I4).
#[derive(Clone, Debug)]
pub struct Verdict {
    /// One result an item, in the order of the push.
    pub results: Vec<ItemResult>,
    /// The entities that were made or changed, as they are after the push.
    pub entities: BTreeMap<EntityId, Entity>,
    /// Which file each MEDIA uses that was made or changed, if any.
    pub uses: BTreeMap<EntityId, Option<NamedFile>>,
    /// The receipts of the items that took effect.
    pub receipts: BTreeMap<ItemId, Receipt>,
    /// What is to be remembered of the items that took effect or were refused, in order.
    pub audit: Vec<Audited>,
    /// The number of the user's last change, once the writes are done.
    pub head: u64,
}

impl Verdict {
    /// The files that a record has come to use and that may be photos, by their hashes, each once.
    pub fn new_photos(&self) -> BTreeSet<&String> {
        let used = self.uses.values().flatten().filter(|file| file.is_photo());
        used.map(|file| &file.sha256).collect()
    }

    /// The entities that no longer have the natural key they were found with. Keys may go round among the entities of one
    /// push, so a store whose index looks at each row on its own takes these away before it writes.
    pub fn gives_up_keys(&self, found: &Found) -> Vec<EntityId> {
        let gives_up = |id: &&EntityId| {
            let old = found.entities.get(id).and_then(|old| old.key.as_ref());
            old.is_some() && self.entities.get(id).is_some_and(|new| new.key.as_ref() != old)
        };
        self.entities.keys().filter(gives_up).copied().collect()
    }
}

/// One item that took effect or was refused. Replays and items that are to come again are neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audited {
    /// The item.
    pub item: ItemId,
    /// The entity it is about.
    pub entity: EntityId,
    /// What kind of record that is.
    pub r#type: ItemType,
    /// What it does to it.
    pub action: Action,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused.
    pub code: Option<Code>,
}

/// Judges every item of a push, in order, as of `now` by the server's clock. The ids of `candidates` are distinct, and
/// `found` holds whatever [`Needs`] and [`keys_at_stake`] ask for.
pub fn judge(candidates: &[Candidate], found: &Found, now: Millis) -> Verdict {
    let mut bench = Bench {
        found,
        now,
        head: found.head,
        entities: BTreeMap::new(),
        keys: BTreeMap::new(),
        uses: BTreeMap::new(),
        receipts: BTreeMap::new(),
        stopped: BTreeSet::new(),
    };
    let mut audit = Vec::new();
    let results = candidates.iter().map(|candidate| {
        let result = bench.judge(candidate);
        if let Some(outcome) = Outcome::of(result.status) {
            audit.push(Audited {
                item: candidate.id,
                entity: candidate.entity,
                r#type: candidate.r#type,
                action: candidate.action,
                outcome,
                code: result.code,
            });
        }
        result
    });
    let results = results.collect();
    Verdict {
        results,
        entities: bench.entities,
        uses: bench.uses,
        receipts: bench.receipts,
        audit,
        head: bench.head,
    }
}

/// The state in the midst of a push: what was found, and over it what the items so far have done.
struct Bench<'a> {
    found: &'a Found,
    now: Millis,
    head: u64,
    entities: BTreeMap<EntityId, Entity>,
    /// Whose a key is, where this push changed that; `None` where it became free.
    keys: BTreeMap<NaturalKey, Option<EntityId>>,
    uses: BTreeMap<EntityId, Option<NamedFile>>,
    receipts: BTreeMap<ItemId, Receipt>,
    /// The entities of which an item was not applied: nothing that comes after it is (I5).
    stopped: BTreeSet<EntityId>,
}

impl Bench<'_> {
    fn judge(&mut self, candidate: &Candidate) -> ItemResult {
        let result = self.decide(candidate);
        if !matches!(result.status, PushStatus::Applied | PushStatus::Replayed) {
            self.stopped.insert(candidate.entity);
        }
        result
    }

    fn decide(&mut self, candidate: &Candidate) -> ItemResult {
        let id = candidate.id;
        // The receipt comes first: what took effect once is answered the same ever after.
        if let Some(receipt) = self.found.receipts.get(&id) {
            #[cfg(feature = "mutants")]
            if mutant::forgets_receipts() {
                return self.take_again(candidate);
            }
            let is_same = receipt.hash == candidate.hash;
            let entity = self.entity(candidate.entity);
            return if is_same { replayed(id, receipt.version, entity) } else { id_reused(id) };
        }
        if self.stopped.contains(&candidate.entity) {
            return dependency_missing(id, "An earlier change of this record has to be taken first.");
        }
        let intent = match &candidate.intent {
            Ok(intent) => intent,
            Err(refusal) => return refused(id, refusal.clone()),
        };
        if candidate.depends_on.is_some_and(|other| !self.took_effect(other)) {
            return dependency_missing(id, "What this depends on has to be taken first.");
        }
        match intent {
            Intent::Create(new) => self.create(candidate, new),
            Intent::Update { base, patch } => self.update(candidate, *base, patch),
            Intent::Delete { base } => self.delete(candidate, *base),
        }
    }

    /// Whether an item took effect: there is its receipt, or the entity that it made, which outlives the receipt.
    fn took_effect(&self, item: ItemId) -> bool {
        self.found.receipts.contains_key(&item)
            || self.receipts.contains_key(&item)
            || self.entity(item).is_some()
    }

    /// An entity or tombstone, as the items so far have left it.
    fn entity(&self, id: EntityId) -> Option<&Entity> {
        self.entities.get(&id).or_else(|| self.found.entities.get(&id))
    }

    /// Another live entity that has this key.
    fn holder(&self, key: Option<&NaturalKey>, own: EntityId) -> Option<&Entity> {
        let key = key?;
        let holder = match self.keys.get(key) {
            Some(whose) => whose.and_then(|id| self.entity(id)),
            // Found under the key, but as it is now.
            None => self.found.holders.get(key).map(|found| self.entities.get(&found.id).unwrap_or(found)),
        };
        holder.filter(|holder| holder.id != own && holder.key.as_ref() == Some(key))
    }

    /// Whether the file that a record names is one of the person's, or none is named.
    fn has_file(&self, checked: &Checked) -> bool {
        let has = |file: &NamedFile| self.found.files.get(&file.sha256) == Some(&file.size);
        checked.file.as_ref().is_none_or(has)
    }

    /// Makes the next version of the item's entity.
    fn change(&mut self, candidate: &Candidate, content: Option<Checked>) -> ItemResult {
        let id = candidate.entity;
        let (version, old_key) =
            self.entity(id).map_or((0, None), |entity| (entity.version, entity.key.clone()));
        let (record, key, file) =
            content.map_or((None, None, None), |checked| (Some(checked.record), checked.key, checked.file));
        if candidate.r#type == ItemType::Media {
            self.uses.insert(id, file);
        }
        if old_key != key {
            if let Some(free) = old_key {
                self.keys.insert(free, None);
            }
            if let Some(taken) = key.clone() {
                self.keys.insert(taken, Some(id));
            }
        }
        self.head += 1;
        let entity = Entity {
            id,
            r#type: candidate.r#type,
            version: version + 1,
            number: self.head,
            updated_at: self.now,
            key,
            record,
        };
        self.entities.insert(id, entity);
        self.settle(candidate, version + 1)
    }

    /// Gives the item its receipt: the entity is as the item wants it.
    fn settle(&mut self, candidate: &Candidate, version: u64) -> ItemResult {
        self.receipts.insert(candidate.id, Receipt { hash: candidate.hash, version });
        applied(candidate.id, version)
    }
}
