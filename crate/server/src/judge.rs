//! The verdict on a push: a pure function from the items and what the store found about them to what is answered and
//! what is written. It knows no database, so every store gives the same verdicts and a simulator can drive it.
//!
//! Holds I3 (the same id with other content is refused), I4 (a replay writes nothing) and the server's half of I5 (a
//! refused item stops no other).

use std::collections::BTreeMap;

use fieldsync_protocol::{Code, EntityId, ItemId, ItemResult, ItemType, NaturalKey, PushStatus};
use serde_json::{Value, json};

use crate::examine::{Candidate, ContentHash, NewEntity};

/// What the store holds that bears on a push, read in the transaction that will write the verdict.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The number of the user's last change.
    pub head: u64,
    /// The receipts of those items of the push that took effect before.
    pub receipts: BTreeMap<ItemId, Receipt>,
    /// The entities that have the id of an item of the push.
    pub entities: BTreeMap<EntityId, Entity>,
    /// The entities that have the natural key of an item of the push.
    pub holders: BTreeMap<NaturalKey, Entity>,
}

/// The receipt of an item that took effect.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The hash of the item's content.
    pub hash: ContentHash,
    /// The entity's version after it.
    pub version: u64,
}

/// An entity as the store holds it.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Its id.
    pub id: EntityId,
    /// Its version, from 1.
    pub version: u64,
    /// The record.
    pub data: Value,
}

/// What to answer and what to write; all of it is written in one transaction, or none (I4).
#[derive(Clone, Debug)]
pub struct Verdict {
    /// One result an item, in the order of the push.
    pub results: Vec<ItemResult>,
    /// The entities to make, each with the receipt of the item that makes it.
    pub writes: Vec<Write>,
    /// The number of the user's last change, once the writes are done.
    pub head: u64,
}

/// A new entity and its receipt.
#[derive(Clone, Debug)]
pub struct Write {
    /// The item that makes it.
    pub item: ItemId,
    /// The hash of the item's content.
    pub hash: ContentHash,
    /// The number of this change among the user's.
    pub number: u64,
    /// What kind of record it is.
    pub r#type: ItemType,
    /// What it is the only one of.
    pub key: NaturalKey,
    /// The entity.
    pub entity: Entity,
}

/// Judges every item of a push, in order. The ids of `candidates` are distinct.
pub fn judge(candidates: Vec<Candidate>, found: &Found) -> Verdict {
    let mut bench = Bench { found, head: found.head, writes: Vec::new(), taken: BTreeMap::new() };
    let results = candidates.into_iter().map(|candidate| bench.judge(candidate)).collect();
    Verdict { results, writes: bench.writes, head: bench.head }
}

struct Bench<'a> {
    found: &'a Found,
    head: u64,
    writes: Vec<Write>,
    /// Which of the writes took a key in this very push: of two items with one key, the first wins.
    taken: BTreeMap<NaturalKey, usize>,
}

impl Bench<'_> {
    fn judge(&mut self, candidate: Candidate) -> ItemResult {
        let Candidate { id, hash, content } = candidate;
        // The receipt comes first: what took effect once is answered the same ever after.
        if let Some(receipt) = self.found.receipts.get(&id) {
            return if receipt.hash == hash { replayed(id, receipt.version) } else { id_reused(id) };
        }
        let new = match content {
            Ok(new) => new,
            Err(refusal) => {
                return ItemResult {
                    code: Some(refusal.code),
                    message: Some(refusal.message),
                    fields: refusal.fields,
                    ..ItemResult::new(id, PushStatus::Rejected)
                };
            }
        };
        // An entity whose receipt is no longer kept still answers for the item that made it.
        if let Some(entity) = self.found.entities.get(&new.id) {
            return if entity.data == new.data { replayed(id, entity.version) } else { id_reused(id) };
        }
        if let Some(holder) = self.holder(&new.key) {
            return duplicate(id, holder);
        }
        self.apply(id, hash, new)
    }

    fn holder(&self, key: &NaturalKey) -> Option<&Entity> {
        let in_this_push = || self.taken.get(key).map(|&at| &self.writes[at].entity);
        self.found.holders.get(key).or_else(in_this_push)
    }

    fn apply(&mut self, item: ItemId, hash: ContentHash, new: NewEntity) -> ItemResult {
        let NewEntity { id, r#type, key, data } = new;
        self.head += 1;
        self.taken.insert(key.clone(), self.writes.len());
        let entity = Entity { id, version: 1, data };
        self.writes.push(Write { item, hash, number: self.head, r#type, key, entity });
        ItemResult { version: Some(1), ..ItemResult::new(item, PushStatus::Applied) }
    }
}

fn replayed(id: ItemId, version: u64) -> ItemResult {
    ItemResult { version: Some(version), ..ItemResult::new(id, PushStatus::Replayed) }
}

fn id_reused(id: ItemId) -> ItemResult {
    ItemResult {
        code: Some(Code::IdReused),
        message: Some("This id was used before with other content.".into()),
        ..ItemResult::new(id, PushStatus::Rejected)
    }
}

fn duplicate(id: ItemId, holder: &Entity) -> ItemResult {
    ItemResult {
        code: Some(Code::DuplicateReading),
        message: Some("There is already a reading of this meter for this month.".into()),
        server_item: Some(json!({ "entityId": holder.id, "version": holder.version, "data": holder.data })),
        ..ItemResult::new(id, PushStatus::Conflict)
    }
}

#[cfg(test)]
mod tests {
    use fieldsync_protocol::Millis;

    use super::*;
    use crate::examine::examine;

    fn id(n: u8) -> ItemId {
        ItemId::new(Millis(1_000), [n; 10])
    }

    fn candidate(n: u8, meter: &str, value: f64) -> Candidate {
        let item = json!({
            "id": id(n), "type": "READING", "action": "CREATE", "entityId": id(n), "createdAt": 5,
            "data": {
                "property": "P-1", "unit": "U1", "meter": meter, "period": "2026-11", "value": value, "readAt": 4
            },
        });
        examine(&serde_json::from_str(&item.to_string()).unwrap())
    }

    /// What a store would find afterwards, had it written the verdict.
    fn written(verdict: &Verdict) -> Found {
        let mut found = Found { head: verdict.head, ..Found::default() };
        for write in &verdict.writes {
            found.receipts.insert(write.item, Receipt { hash: write.hash, version: write.entity.version });
            found.entities.insert(write.entity.id, write.entity.clone());
            found.holders.insert(write.key.clone(), write.entity.clone());
        }
        found
    }

    fn statuses(verdict: &Verdict) -> Vec<PushStatus> {
        verdict.results.iter().map(|result| result.status).collect()
    }

    #[test]
    fn new_readings_are_applied_in_order() {
        let verdict = judge(vec![candidate(1, "a", 1.0), candidate(2, "b", 2.0)], &Found::default());
        assert_eq!(statuses(&verdict), [PushStatus::Applied; 2]);
        assert_eq!(verdict.results[0].version, Some(1));
        assert_eq!(verdict.writes.iter().map(|write| write.number).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(verdict.head, 2);
    }

    /// I4.
    #[test]
    fn a_replay_gives_the_receipt_and_writes_nothing() {
        let push = vec![candidate(1, "a", 1.0), candidate(2, "b", 2.0)];
        let found = written(&judge(push.clone(), &Found::default()));
        let again = judge(push, &found);
        assert_eq!(statuses(&again), [PushStatus::Replayed; 2]);
        assert_eq!(again.results[0].version, Some(1));
        assert!(again.writes.is_empty());
        assert_eq!(again.head, found.head);
    }

    /// I3.
    #[test]
    fn the_same_id_with_other_content_is_refused() {
        let found = written(&judge(vec![candidate(1, "a", 1.0)], &Found::default()));
        let other = judge(vec![candidate(1, "a", 9.0)], &found);
        assert_eq!(statuses(&other), [PushStatus::Rejected]);
        assert_eq!(other.results[0].code, Some(Code::IdReused));
        assert!(other.writes.is_empty());
    }

    #[test]
    fn an_item_is_known_by_its_entity_when_its_receipt_is_gone() {
        let mut found = written(&judge(vec![candidate(1, "a", 1.0)], &Found::default()));
        found.receipts.clear();
        assert_eq!(statuses(&judge(vec![candidate(1, "a", 1.0)], &found)), [PushStatus::Replayed]);
        let other = judge(vec![candidate(1, "a", 9.0)], &found);
        assert_eq!(other.results[0].code, Some(Code::IdReused));
    }

    /// I5.
    #[test]
    fn a_conflict_shows_the_other_side_and_stops_nothing_else() {
        let found = written(&judge(vec![candidate(1, "a", 1.0)], &Found::default()));
        let verdict = judge(vec![candidate(2, "a", 2.0), candidate(3, "b", 3.0)], &found);
        assert_eq!(statuses(&verdict), [PushStatus::Conflict, PushStatus::Applied]);
        let conflict = &verdict.results[0];
        assert_eq!(conflict.code, Some(Code::DuplicateReading));
        let other = conflict.server_item.as_ref().unwrap();
        assert_eq!(other["entityId"], json!(id(1)));
        assert_eq!(other["version"], 1);
        assert_eq!(other["data"]["value"], 1.0);
        assert_eq!(verdict.writes.len(), 1);
    }

    #[test]
    fn of_two_items_with_one_key_the_first_wins() {
        let push = vec![candidate(1, "a", 1.0), candidate(2, "a", 2.0)];
        let verdict = judge(push.clone(), &Found::default());
        assert_eq!(statuses(&verdict), [PushStatus::Applied, PushStatus::Conflict]);
        assert_eq!(verdict.results[1].server_item.as_ref().unwrap()["entityId"], json!(id(1)));
        let again = judge(push, &written(&verdict));
        assert_eq!(statuses(&again), [PushStatus::Replayed, PushStatus::Conflict]);
    }

    /// I5.
    #[test]
    fn a_refused_item_stops_nothing_else() {
        let verdict = judge(vec![candidate(1, "a", -1.0), candidate(2, "b", 2.0)], &Found::default());
        assert_eq!(statuses(&verdict), [PushStatus::Rejected, PushStatus::Applied]);
        assert_eq!(verdict.results[0].code, Some(Code::Invalid));
        assert_eq!(verdict.results[0].fields[0].field, "value");
        assert_eq!(verdict.head, 1);
    }

    #[test]
    fn a_refused_item_may_be_judged_again() {
        let refused = judge(vec![candidate(1, "a", -1.0)], &Found::default());
        let corrected = judge(vec![candidate(1, "a", 1.0)], &written(&refused));
        assert_eq!(statuses(&corrected), [PushStatus::Applied]);
    }
}
