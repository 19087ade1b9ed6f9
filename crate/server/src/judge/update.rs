//! A merge patch over the version it was made against.

use fieldsync_protocol::ItemResult;

use super::Bench;
use super::answer::{duplicate, file_missing, refused, unknown_entity, version_conflict};
use crate::examine::{Candidate, Checked, Refusal};
use crate::record::Record;

impl Bench<'_> {
    pub(super) fn update(&mut self, candidate: &Candidate, base: u64, patch: &Record) -> ItemResult {
        let id = candidate.id;
        let Some(entity) = self.entity(candidate.entity).filter(|entity| entity.r#type == candidate.r#type)
        else {
            return unknown_entity(id);
        };
        if entity.version != base {
            return version_conflict(id, entity);
        }
        // Of a tombstone nothing is left to patch: whoever saw that it is gone may bring it back as a whole.
        let patched = Record::patched(entity.record.as_ref(), patch)
            .map_err(|error| Refusal::of("patch", error.to_string()))
            .and_then(|record| Checked::new(record, candidate.r#type));
        let patched = match patched {
            Ok(patched) => patched,
            Err(refusal) => return refused(id, refusal),
        };
        if let Some(holder) = self.holder(patched.key.as_ref(), candidate.entity) {
            return duplicate(id, holder);
        }
        if !self.has_file(&patched) {
            return file_missing(id);
        }
        self.change(candidate, Some(patched))
    }
}
