//! A page of changes, cut in the same way by every store.

use fieldsync_protocol::Change;

use super::operation::{ChangesResult, PAGE_BYTES};
use crate::cursor::Cursor;
use crate::judge::Entity;

/// Where a question begins; `None` where its cursor is not honoured.
pub fn begin(cursor: Option<&str>, instance: &str, head: u64, pruned: u64) -> Option<Cursor> {
    match cursor {
        None => Some(Cursor::snapshot(instance, head)),
        Some(text) => Cursor::parse(text, instance).filter(|cursor| cursor.is_honoured(head, pruned)),
    }
}

/// Makes the answer. `rows` are the live entities that changed after the cursor, and the tombstones from after
/// `whole_at`, by number, of one moment with `head`; there is one more than fits, where there is more.
pub fn page(mut cursor: Cursor, head: u64, rows: Vec<Entity>, limit: u32) -> ChangesResult {
    let mut changes = Vec::new();
    let mut bytes = 0;
    let mut rows = rows.into_iter().peekable();
    while let Some(row) = rows.next_if(|_| changes.len() < limit as usize && bytes < PAGE_BYTES) {
        bytes += row.record.as_ref().map_or(0, |record| record.text().len() as u64);
        cursor.advance(row.number);
        changes.push(change_of(&row));
    }
    let has_more = rows.peek().is_some();
    if !has_more {
        cursor.advance(head);
    }
    ChangesResult::Page { changes, cursor, has_more }
}

fn change_of(entity: &Entity) -> Change {
    Change {
        r#type: entity.r#type,
        entity_id: entity.id,
        version: entity.version,
        updated_at: entity.updated_at,
        data: entity.record.as_ref().and_then(|record| record.raw()),
        deleted: entity.record.is_none(),
    }
}
