//! A delete leaves a tombstone, one version up.

use fieldsync_protocol::ItemResult;

use super::Bench;
use super::answer::{unknown_entity, version_conflict};
use crate::examine::Candidate;

impl Bench<'_> {
    pub(super) fn delete(&mut self, candidate: &Candidate, base: u64) -> ItemResult {
        let id = candidate.id;
        let Some(entity) = self.entity(candidate.entity).filter(|entity| entity.r#type == candidate.r#type)
        else {
            return unknown_entity(id);
        };
        let version = entity.version;
        match entity.record {
            // It is gone already, at this version or since: as it was wanted. The tombstone stays as it is, and the
            // item has its receipt. So a delete that comes again after its receipt was pruned troubles nobody.
            None if base <= version => self.settle(candidate, version),
            Some(_) if base == version => self.change(candidate, None),
            _ => version_conflict(id, entity),
        }
    }
}
