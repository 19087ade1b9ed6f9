//! The results, and their words.

use fieldsync_protocol::{Code, ItemId, ItemResult, PushStatus, ServerItem};

use super::Entity;
use crate::examine::Refusal;

pub fn applied(id: ItemId, version: u64) -> ItemResult {
    ItemResult { version: Some(version), ..ItemResult::new(id, PushStatus::Applied) }
}

/// `entity` is what the item was about, as it is now; none where its tombstone is no longer kept.
pub fn replayed(id: ItemId, version: u64, entity: Option<&Entity>) -> ItemResult {
    let latest = entity.is_some_and(|entity| entity.version == version);
    ItemResult { version: Some(version), latest, ..ItemResult::new(id, PushStatus::Replayed) }
}

pub fn refused(id: ItemId, refusal: Refusal) -> ItemResult {
    ItemResult { fields: refusal.fields, ..said(id, PushStatus::Rejected, refusal.code, &refusal.message) }
}

pub fn id_reused(id: ItemId) -> ItemResult {
    said(id, PushStatus::Rejected, Code::IdReused, "This id was used before with other content.")
}

pub fn unknown_entity(id: ItemId) -> ItemResult {
    said(id, PushStatus::Rejected, Code::UnknownEntity, "There is no such record.")
}

pub fn file_missing(id: ItemId) -> ItemResult {
    let message = "The server does not have this file. Upload it, and send this again.";
    said(id, PushStatus::Rejected, Code::FileMissing, message)
}

pub fn dependency_missing(id: ItemId, message: &str) -> ItemResult {
    said(id, PushStatus::Retry, Code::DependencyMissing, message)
}

pub fn version_conflict(id: ItemId, theirs: &Entity) -> ItemResult {
    conflict(id, Code::VersionConflict, "This record has changed on the server meanwhile.", theirs)
}

pub fn duplicate(id: ItemId, theirs: &Entity) -> ItemResult {
    conflict(id, Code::DuplicateReading, "There is already a reading of this meter for this month.", theirs)
}

fn conflict(id: ItemId, code: Code, message: &str, theirs: &Entity) -> ItemResult {
    let data = theirs.record.as_ref().map(|record| record.value());
    let other = ServerItem {
        entity_id: theirs.id,
        version: theirs.version,
        updated_at: theirs.updated_at,
        deleted: data.is_none(),
        data,
    };
    ItemResult {
        // Plain data: it always becomes a value.
        server_item: serde_json::to_value(other).ok(),
        ..said(id, PushStatus::Conflict, code, message)
    }
}

fn said(id: ItemId, status: PushStatus, code: Code, message: &str) -> ItemResult {
    ItemResult { code: Some(code), message: Some(message.into()), ..ItemResult::new(id, status) }
}
