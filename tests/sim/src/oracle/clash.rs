//! Checked when a clash is settled, as its person chose or has decided beforehand, and when something is learned of the
//! server's records. Which side must win is reckoned here anew.

use fieldsync_core::protocol::{Action, ConflictPolicy, EntityId, ItemId, ItemType};
use fieldsync_core::{Batch, FlightChange, ItemState, Record};
use serde_json::Value;

use super::model::Row;
use super::{Checked, Invariant, Model, Oracle, must};

impl Oracle {
    /// What was in conflict leaves: where nobody has just chosen, for the side that the policy in force names.
    pub(super) fn settled(&mut self, device: usize, left: &[Record], batch: &Batch) -> Checked {
        let model = &mut self.devices[device];
        let policy = model.preferences.settings.conflict_policy;
        for old in left.iter().filter(|old| old.state == ItemState::Conflict) {
            let yielded = batch.receipts.iter().any(|receipt| receipt.id == old.id);
            if policy == ConflictPolicy::Ask {
                continue;
            }
            if !yielded {
                model.dropped.insert(old.id); // another takes its place
            }
            if model.leaving.contains_key(&old.id) {
                continue; // a person may have chosen otherwise
            }
            let theirs = old.server_item.clone().unwrap_or_default();
            let mine = match policy {
                ConflictPolicy::KeepMine => true,
                ConflictPolicy::KeepNewest => theirs["updatedAt"].as_u64() < Some(old.created_at.0),
                ConflictPolicy::KeepTheirs | ConflictPolicy::Ask => false,
            };
            let there = |entity: EntityId| theirs["entityId"] == entity.to_string();
            let is_new =
                |record: &&Record| there(record.entity_id) && !model.records.contains_key(&record.id);
            let right = match batch.put.iter().find(is_new) {
                Some(new) => mine && !yielded && keeps(old, new),
                // What was wanted is there already, or will be by what is queued.
                None if mine => {
                    let queued = model.records.values().any(|row| there(row.entity));
                    yielded && (queued || wanted(old).as_ref() == theirs.get("data"))
                }
                None => yielded,
            };
            must(right, Invariant::Gate, || {
                format!("device {device}: {} is not settled as {policy:?} says: {:?}", old.id, batch.put)
            })?;
        }
        Ok(())
    }

    /// What was decided beforehand is not left to the person: by the time that the drain has settled it is. Unless others
    /// build on it, or stand in its way, here or on the server: there nobody but the person knows what they meant.
    pub(super) fn decided(&self, device: usize) -> Checked {
        let model = &self.devices[device];
        let alone = |(id, row): &(&ItemId, &Row)| {
            let twin = row.key.as_ref().is_some_and(|key| self.contents.has_twin(key, row.entity));
            !twin
                && !model.records.iter().any(|(other, its)| {
                    let close = its.entity == row.entity || (its.key.is_some() && its.key == row.key);
                    other != *id && (close || its.depends_on == Some(**id))
                })
        };
        let ours = |(_, row): &(&ItemId, &Row)| row.decided == Some(model.epoch) && !model.unsound;
        let left = model.records.iter().filter(ours).find(alone);
        must(left.is_none(), Invariant::Gate, || {
            format!("device {device}: a policy has the answer, and {left:?} is left to the person")
        })
    }

    /// Something is learned of the server's records: it is so, and never older than what was known.
    pub(super) fn learned(&mut self, device: usize, user: usize, batch: &Batch) -> Checked {
        let known = &mut self.devices[device].known;
        if batch.known_anew {
            known.clear();
        }
        for learned in &batch.known {
            self.contents.believed(device, user, learned)?;
            let before = known.insert(learned.entity_id, learned.version).unwrap_or(0);
            must(learned.version >= before, Invariant::Content, || {
                let (id, version) = (learned.entity_id, learned.version);
                format!("device {device} knew {id} at {before}, and goes back to {version}")
            })?;
        }
        for id in &batch.forget {
            known.remove(id);
        }
        Ok(())
    }
}

impl Oracle {
    /// Who has the receipt of a record's latest version knows that version: else the next change would be made against an
    /// older one, and clash with its person's own.
    pub(super) fn knows_its_own(&self, device: usize, left: &[Record], batch: &Batch) -> Checked {
        let given =
            batch.receipts.iter().filter(|receipt| !receipt.yielded && self.latest.contains(&receipt.id));
        for receipt in given.filter(|receipt| receipt.r#type != ItemType::Media) {
            let whole = |old: &&Record| old.id == receipt.id && old.whole.is_some();
            let is_there = match receipt.action {
                Action::Create => true,
                Action::Update => left.iter().any(|old| whole(&old)), // else nobody here knows what it comes to
                Action::Delete => false,
            };
            let known = self.devices[device].known.get(&receipt.entity_id).copied();
            let right = match receipt.action {
                Action::Delete => known.is_none(),
                _ => !is_there || known >= receipt.version,
            };
            must(right, Invariant::Content, || {
                let (id, version) = (receipt.id, receipt.version);
                format!(
                    "device {device} has the receipt of {id} for version {version:?}, and knows {known:?}"
                )
            })?;
        }
        Ok(())
    }
}

impl Model {
    /// Whether its person has decided beforehand what becomes of a clash.
    pub(super) fn decides(&self) -> bool {
        self.preferences.settings.conflict_policy != ConflictPolicy::Ask
    }

    /// What comes into conflict with this write has its answer, where nothing was set since it was sent.
    pub(super) fn decided_now(&mut self, batch: &Batch) {
        let set = self.preferences.changes;
        if let Some(FlightChange::Start(_)) = &batch.flight {
            self.set_at_start = set;
        }
        if batch.preferences.is_some() {
            self.records.values_mut().for_each(|row| row.decided = None);
        }
        let decided = (self.decides() && self.set_at_start == set).then_some(self.epoch);
        for record in batch.put.iter().filter(|record| record.state == ItemState::Conflict) {
            if let Some(row) = self.records.get_mut(&record.id) {
                row.decided = decided;
            }
        }
    }
}

/// What the person wanted the whole record to be, where the device knew it.
fn wanted(old: &Record) -> Option<Value> {
    let text = match old.action {
        Action::Create => Some(&old.body),
        Action::Update => old.whole.as_ref(),
        Action::Delete => None,
    };
    text.and_then(|text| serde_json::from_str(text).ok())
}

/// Whether the new one comes to what the old one wanted.
fn keeps(old: &Record, new: &Record) -> bool {
    let whole =
        |record: &Record| record.whole.as_ref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    match (old.action, wanted(old)) {
        (Action::Delete, _) => new.action == Action::Delete,
        (_, Some(wanted)) => old.r#type == ItemType::Media || whole(new) == Some(wanted),
        (_, None) => new.body == old.body,
    }
}
