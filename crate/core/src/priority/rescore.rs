//! When a rule changes, what is queued is scored anew: by whoever drains, a page of the queue at a time from the newest
//! down, before anything is sent by it.

use fieldsync_protocol::{ItemId, Millis};

use crate::call::Shelf;
use crate::ledger::{Batch, Expect, Query};
use crate::preferences::Preferences;
use crate::record::Record;

/// Before this id stands everything: as a store's `unscored`, all of the queue has to be scored anew.
pub const BEGIN: ItemId = ItemId::new(Millis((1 << 48) - 1), [0xff; 10]);

/// So many records are looked at in a step.
const PAGE: u32 = 500;

/// The next step's question: what stands before this id.
pub(crate) fn page(before: ItemId) -> Query {
    Query::Page { shelf: Shelf::Queue, state: None, limit: PAGE, before: Some(before) }
}

/// What a step writes: the records whose score is another now, and how far it came. It holds while nobody has changed the
/// rules once more, nor any of these records.
pub(crate) fn batch(preferences: &Preferences, records: &[Record]) -> Batch {
    let more = records.len() == PAGE as usize;
    let before = records.last().map(|record| record.id).filter(|_| more);
    let mut batch = Batch {
        expect: vec![Expect::Preferences(preferences.changes)],
        unscored: Some(before),
        ..Batch::default()
    };
    for record in records {
        let mut after = record.clone();
        after.rate(&preferences.rules);
        if after != *record {
            batch.expect.push(Expect::Still(record.id, record.state));
            batch.change(record, after);
        }
    }
    batch
}

#[cfg(test)]
mod tests {
    use fieldsync_protocol::Priority;

    use super::*;
    use crate::conformance::record;
    use crate::record::ItemState;

    #[test]
    fn only_what_changes_is_written_and_a_full_page_is_followed_by_another() {
        let rules = r#"[{"id":"r","name":"R","on":true,"points":30,
            "conditions":[{"field":"/value","op":"gt","value":100}]}]"#;
        let preferences =
            Preferences { rules: serde_json::from_str(rules).unwrap(), changes: 3, ..Preferences::default() };
        let (mut low, mut high, mut stopped) = (record(1), record(2), record(3));
        high.body = r#"{"value":1000}"#.to_owned();
        stopped.body.clone_from(&high.body);
        stopped.state = ItemState::SetAside;
        low.rate(&[]);
        let batch = batch(&preferences, &[stopped.clone(), high.clone(), low]);
        assert_eq!(batch.put.iter().map(|put| put.id).collect::<Vec<_>>(), [stopped.id, high.id]);
        assert_eq!(
            batch.put[0].order, stopped.order,
            "a place among those that are set aside is its time of entry"
        );
        assert_eq!((batch.put[1].score, batch.put[1].urgency), (80, Priority::High));
        assert!(batch.put[1].order < high.order && batch.put[1].priority == high.priority);
        assert_eq!((batch.unscored, batch.totals.queued()), (Some(None), 0));
        assert_eq!(batch.expect[0], Expect::Preferences(3));
        let page: Vec<_> = (0..500).map(|n| record(1_000 - n)).collect();
        assert_eq!(super::batch(&preferences, &page).unscored, Some(Some(record(501).id)));
    }
}
