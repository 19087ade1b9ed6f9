//! A new entity. It usually takes the id of the item that makes it; a corrected create keeps the entity's id under an
//! item id of its own.

use fieldsync_protocol::ItemResult;

use super::Bench;
use super::answer::{duplicate, file_missing, id_reused, replayed, version_conflict};
use crate::examine::{Candidate, Checked};

impl Bench<'_> {
    pub(super) fn create(&mut self, candidate: &Candidate, new: &Checked) -> ItemResult {
        let id = candidate.id;
        if let Some(entity) = self.entity(candidate.entity) {
            if entity.r#type != candidate.r#type {
                return id_reused(id);
            }
            // Numbers may have been spelled in another way when this was stored.
            let is_same = entity.record.as_ref().is_some_and(|record| record.value() == new.record.value());
            let version = entity.version;
            return match is_same {
                // An entity whose receipt is no longer kept still answers for the item that made it.
                true if candidate.id == candidate.entity => replayed(id, version, Some(entity)),
                // Another item wanted the very same: nothing is left to do, and no one to ask.
                true => self.settle(candidate, version),
                // A tombstone too: a create that comes late must not undo a delete.
                false => version_conflict(id, entity),
            };
        }
        if let Some(holder) = self.holder(new.key.as_ref(), candidate.entity) {
            return duplicate(id, holder);
        }
        if !self.has_file(new) {
            return file_missing(id);
        }
        self.change(candidate, Some(new.clone()))
    }
}
