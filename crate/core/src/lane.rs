//! Lanes and dependencies (I5): who may go, and who is released when another leaves the queue.
//!
//! An entry that must wait is stored as blocked, so that planning reads only what is ready. It has never been sent: what
//! it was made against may still be filled in when it is released.

use fieldsync_protocol::{Action, ItemId, Rule, merge_patch};

use crate::enqueue;
use crate::ledger::{Batch, Lane, Leaving, Waiter};
use crate::record::{ItemState, Record};

/// How an item leaves the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) item: Leaving,
    /// The entity's version after it, where the server took it; else the version it would have been applied to.
    pub(crate) version: Option<u64>,
    /// The record of that version, where the device knows it.
    pub(crate) whole: Option<String>,
}

/// Whether an entry at the end of this lane must wait.
pub(crate) fn must_wait(lane: &Lane) -> bool {
    !lane.queued.is_empty() || lane.dependency_queued
}

/// One that waits, as a store finds it when these leave; none where it stands behind another in one of their lanes and
/// depends on none of them. `lane` is everything queued of its lane.
pub fn waiter(
    record: Record,
    lane: &[Record],
    leaving: &[Leaving],
    dependency_queued: bool,
) -> Option<Waiter> {
    let leaves = |id: ItemId| leaving.iter().any(|left| left.id == id);
    let first = !lane.iter().any(|other| other.place() < record.place() && !leaves(other.id));
    let next = first && leaving.iter().any(|left| left.entity_id == record.entity_id);
    let waits = record.state == ItemState::Blocked && !leaves(record.id);
    (waits && (next || record.depends_on.is_some_and(leaves))).then_some(Waiter {
        record,
        first,
        dependency_queued,
    })
}

/// Whether an entry makes no sense without another that leaves the queue unsent.
pub(crate) fn builds_on(record: &Record, old: &Record) -> bool {
    record.depends_on == Some(old.id) || (record.entity_id == old.entity_id && old.action == Action::Create)
}

/// Puts into the batch what the leaving of these releases, with their points by these rules.
pub(crate) fn release(left: &[Left], waiters: &[Waiter], rules: &[Rule], batch: &mut Batch) {
    for Waiter { record, first, dependency_queued } in waiters {
        let mut after = record.clone();
        if after.depends_on.is_some_and(|on| left.iter().any(|left| left.item.id == on)) {
            after.depends_on = None;
        }
        let before = left.iter().find(|left| left.item.entity_id == after.entity_id);
        if let Some(before) = before.filter(|_| *first) {
            follow(&mut after, before, rules);
        }
        if *first && !dependency_queued {
            after.state = ItemState::Pending;
            after.order = after.rank();
        }
        if after != *record {
            batch.change(record, after);
        }
    }
}

/// A change learns what it is made against from the one before it: only now is that certain.
pub(crate) fn follow(record: &mut Record, before: &Left, rules: &[Rule]) {
    if record.action == Action::Create || record.base_version.is_some() {
        return;
    }
    record.base_version = before.version;
    if record.action == Action::Update {
        record.whole = before.whole.as_ref().map(|whole| merge_patch::apply(whole, &record.body));
        let read = record.whole.as_ref().and_then(|whole| enqueue::record_of(record.r#type, whole).ok());
        // Never another key than it was entered with: nobody has looked for twins of that one.
        let key = read.and_then(|(_, key)| key);
        record.natural_key = record.natural_key.take().filter(|known| key.as_ref() == Some(known));
        record.rate(rules);
    }
}

/// What leaves with these records, for the question who waits for them.
pub(crate) fn leaving<'a>(records: impl Iterator<Item = &'a Record>) -> Vec<Leaving> {
    records.map(|record| Leaving { id: record.id, entity_id: record.entity_id }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{id, record};

    fn left(n: u64, version: u64) -> Left {
        let whole = Some(r#"{"value":1}"#.to_owned());
        Left { item: Leaving { id: id(n), entity_id: id(n) }, version: Some(version), whole }
    }

    fn blocked(n: u64, entity: u64, on: Option<u64>) -> Record {
        let state = ItemState::Blocked;
        Record { state, action: Action::Update, entity_id: id(entity), depends_on: on.map(id), ..record(n) }
    }

    fn released(waiter: Waiter) -> (Batch, Record) {
        let mut batch = Batch::default();
        release(&[left(1, 4)], std::slice::from_ref(&waiter), &[], &mut batch);
        let after = batch.put.first().cloned().unwrap_or(waiter.record);
        (batch, after)
    }

    #[test]
    fn the_next_of_a_lane_goes_and_learns_its_base() {
        let waiter = Waiter { record: blocked(2, 1, None), first: true, dependency_queued: false };
        let (batch, after) = released(waiter);
        assert_eq!((after.state, after.base_version), (ItemState::Pending, Some(4)));
        assert_eq!((batch.totals.blocked, batch.totals.pending, batch.totals.lane_changes), (-1, 1, 1));
    }

    #[test]
    fn who_waits_for_two_things_waits_for_the_second() {
        let record = blocked(2, 1, Some(9));
        let (batch, after) = released(Waiter { record, first: true, dependency_queued: true });
        assert_eq!((after.state, after.base_version), (ItemState::Blocked, Some(4)), "nobody tells it later");
        assert_eq!((batch.totals.blocked, batch.totals.pending), (0, 0));
        let (_, after) =
            released(Waiter { record: blocked(2, 5, Some(1)), first: false, dependency_queued: false });
        assert_eq!((after.state, after.depends_on), (ItemState::Blocked, None), "its dependency is done");
    }

    #[test]
    fn a_dependent_of_another_lane_goes() {
        let record = Record { action: Action::Create, ..blocked(2, 2, Some(1)) };
        let (_, after) = released(Waiter { record, first: true, dependency_queued: false });
        assert_eq!((after.state, after.depends_on, after.base_version), (ItemState::Pending, None, None));
    }
}
