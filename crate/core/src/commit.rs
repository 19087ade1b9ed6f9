//! Receipts → one atomic batch: done, conflict, sent again later, set aside.

use fieldsync_protocol::{Action, Code, ItemId, ItemResult, ItemType, PushStatus, Rule, Sorted};

use crate::gate::LONGEST_WISH;
use crate::lane::{self, Left};
use crate::ledger::{Batch, Expect, FlightChange, Known, Leaving, Waiter};
use crate::progress::Fate;
use crate::push;
use crate::record::{ItemState, Receipt, Record, Trouble, TroubleKind};
use crate::time::{Backoff, Jitter, Millis};
use crate::upload::{self, Stage, Upload};

/// How long an item waits before it is sent again.
pub(crate) const ITEM_BACKOFF: Backoff = Backoff { first: Millis::seconds(5), most: Millis::minutes(15) };

/// What every item of a flight is settled by.
#[derive(Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) now: Millis,
    /// After so many answers that did not settle an item a person must look at it.
    /// The same by a clock that is about right: receipts are kept for a stated time from then.
    pub(crate) got: Millis,
    pub(crate) most_attempts: u32,
    pub(crate) jitter: &'a mut Jitter,
}

/// What came of a flight: a write, but for those that it releases.
#[derive(Clone, Debug, Default)]
pub(crate) struct Landing {
    pub(crate) batch: Batch,
    pub(crate) fates: Vec<(ItemId, Fate)>,
    /// What leaves the queue with it.
    pub(crate) left: Vec<Left>,
    /// Bytes of the items that were answered, as they took them in the push.
    pub(crate) answered: u64,
    /// Bytes of the records that were accepted, whole.
    pub(crate) data: u64,
    /// Of these, what sending only changed fields saved.
    pub(crate) delta: u64,
    /// Some of it was applied by an earlier push, whose answer never came, and what it has come to is not told.
    pub(crate) replayed: bool,
    /// What went wrong with the last item that was not accepted.
    pub(crate) trouble: Option<String>,
}

/// What the server said of a flight's items, as a write, and what becomes of each.
///
/// An item leaves the queue here only with a receipt (I1), and only while all of them are still queued.
pub(crate) fn judged(
    terms: &mut Terms<'_>,
    flight: (u64, u64),
    sent: &[Record],
    results: &Sorted<ItemId, ItemResult>,
) -> Landing {
    let mut landing = landed(flight, sent);
    landing.answered = push::bytes(sent);
    for record in sent {
        let fate = match results.get(&record.id) {
            Some(result) => settle(terms, record, result, &mut landing),
            None => again(terms, record, None, silence(), &mut landing.batch),
        };
        landing.fates.push((record.id, fate));
    }
    landing
}

/// A single item that the server refused outright, as a write: it is set aside when the fault is its own, and sent
/// again later when it is the server's.
pub(crate) fn refused(
    terms: &mut Terms<'_>,
    flight: (u64, u64),
    record: &Record,
    trouble: Trouble,
) -> Landing {
    let mut landing = landed(flight, std::slice::from_ref(record));
    let fate = if trouble.kind == TroubleKind::Server {
        again(terms, record, None, trouble, &mut landing.batch)
    } else {
        stop(terms.now, record, ItemState::SetAside, trouble, None, &mut landing.batch)
    };
    landing.fates.push((record.id, fate));
    landing
}

/// A flight that came to nothing, as a write: its items stay as they are.
pub(crate) fn nothing((epoch, number): (u64, u64)) -> Landing {
    let flight = Some(FlightChange::End { epoch, number });
    Landing { batch: Batch { flight, ..Batch::default() }, ..Landing::default() }
}

fn landed(flight: (u64, u64), sent: &[Record]) -> Landing {
    let mut landing = nothing(flight);
    landing.batch.expect.push(Expect::Queued(sent.iter().map(|record| record.id).collect()));
    landing
}

impl Landing {
    /// As if no answer had come.
    pub(crate) fn forgotten(self) -> Landing {
        let flight = self.batch.flight;
        Landing { batch: Batch { flight, ..Batch::default() }, ..Landing::default() }
    }

    /// The whole write, with those released that waited: only while no entry has begun to wait since they were looked
    /// at, or one could be left waiting for nothing.
    pub(crate) fn releasing(&self, waiters: &[Waiter], rules: &[Rule], lane_changes: i64) -> Batch {
        let mut batch = self.batch.clone();
        if !self.left.is_empty() {
            batch.expect.push(Expect::Lanes(lane_changes));
            lane::release(&self.left, waiters, rules, &mut batch);
        }
        batch
    }
}

fn settle(terms: &mut Terms<'_>, record: &Record, result: &ItemResult, landing: &mut Landing) -> Fate {
    let trouble = |kind, words: &str| Trouble {
        kind,
        code: result.code,
        message: result.message.clone().unwrap_or_else(|| words.to_owned()),
        fields: result.fields.clone(),
    };
    let Landing { batch, trouble: last, .. } = landing;
    let mut noted = |trouble: Trouble| {
        *last = Some(trouble.message.clone());
        trouble
    };
    match result.status {
        PushStatus::Applied | PushStatus::Replayed => done(terms.got, record, result, landing),
        PushStatus::Conflict => {
            let trouble = trouble(TroubleKind::Conflict, "The server has something else.");
            stop(terms.now, record, ItemState::Conflict, noted(trouble), result.server_item.clone(), batch)
        }
        PushStatus::Rejected if result.code == Some(Code::FileMissing) && record.upload.is_some() => {
            let upload = record.upload.as_ref();
            if upload.is_some_and(|upload| upload.stage == Stage::Gone) {
                let lost =
                    Trouble { message: upload::LOST.to_owned(), ..trouble(TroubleKind::Validation, "") };
                return stop(terms.now, record, ItemState::SetAside, noted(lost), None, batch);
            }
            // It was whole, and the server has it no more: once more from the beginning.
            let trouble = noted(trouble(TroubleKind::Server, "The file did not come to the server"));
            let from = batch.put.len();
            let fate = again(terms, record, None, trouble, batch);
            for after in &mut batch.put[from..] {
                after.upload = upload.map(Upload::anew);
            }
            fate
        }
        PushStatus::Rejected => {
            let trouble = trouble(TroubleKind::Validation, "Validation failed");
            stop(terms.now, record, ItemState::SetAside, noted(trouble), None, batch)
        }
        PushStatus::Retry => {
            let kind =
                if result.code == Some(Code::Internal) { "Server error" } else { "The server asked to wait" };
            again(terms, record, result.retry_after_ms, noted(trouble(TroubleKind::Server, kind)), batch)
        }
    }
}

fn done(now: Millis, record: &Record, result: &ItemResult, landing: &mut Landing) -> Fate {
    let Landing { batch, left, data, delta, replayed, .. } = landing;
    let item = Leaving { id: record.id, entity_id: record.entity_id };
    batch.remove(record);
    let full = record.whole.as_ref().unwrap_or(&record.body).len();
    *data += full as u64;
    *delta += full.saturating_sub(record.body.len()) as u64;
    let whole = match record.action {
        Action::Create => Some(&record.body),
        Action::Update => record.whole.as_ref(),
        Action::Delete => None,
    };
    // That was then: others have changed it since, and their change may be known here already.
    let is_past = result.status == PushStatus::Replayed && !result.latest;
    match (whole, result.version) {
        _ if record.r#type == ItemType::Media => {} // large, and never changed
        (Some(data), Some(version)) if !is_past => {
            batch.known.push(Known {
                entity_id: record.entity_id,
                r#type: record.r#type,
                natural_key: record.natural_key.clone(),
                version,
                data: data.clone(),
                sealed: None,
            });
        }
        // What it comes to is not known by this item, but may be by the server's changes.
        _ if is_past || (result.status == PushStatus::Replayed && record.action != Action::Delete) => {
            *replayed = true;
        }
        _ => batch.forget.push(record.entity_id),
    }
    let whole = if record.action == Action::Delete { Some("{}".to_owned()) } else { whole.cloned() };
    left.push(Left { item, version: result.version, whole });
    batch.receipts.push(Receipt {
        id: record.id,
        r#type: record.r#type,
        action: record.action,
        entity_id: record.entity_id,
        priority: record.priority,
        created_at: record.created_at,
        status: result.status,
        version: result.version,
        at: now,
        yielded: false,
        attempts: record.attempts,
        history: record.history.clone(),
        body: record.whole.as_ref().unwrap_or(&record.body).clone(),
        sealed: None,
    });
    Fate::Done
}

pub(crate) fn stop(
    now: Millis,
    record: &Record,
    state: ItemState,
    trouble: Trouble,
    server_item: Option<serde_json::Value>,
    batch: &mut Batch,
) -> Fate {
    let order = i64::try_from(record.created_at.0).unwrap_or(i64::MAX);
    let mut after = Record { state, order, server_item, ..answered(now, record) };
    after.note(now, Some(trouble.message.clone()));
    after.trouble = Some(trouble);
    batch.change(record, after);
    Fate::Stopped
}

fn again(
    terms: &mut Terms<'_>,
    record: &Record,
    at_least: Option<Millis>,
    trouble: Trouble,
    batch: &mut Batch,
) -> Fate {
    let mut after = answered(terms.now, record);
    if after.attempts >= terms.most_attempts {
        return stop(terms.now, record, ItemState::SetAside, trouble, None, batch); // never dropped
    }
    let wish = at_least.unwrap_or_default().min(LONGEST_WISH);
    let wait = ITEM_BACKOFF.after(after.attempts, terms.jitter).max(wish);
    let order = i64::try_from((terms.now + wait).0).unwrap_or(i64::MAX);
    (after.state, after.order) = (ItemState::RetryAt, order);
    after.note(terms.now, Some(trouble.message.clone()));
    after.trouble = Some(trouble);
    batch.change(record, after);
    Fate::Again
}

fn answered(now: Millis, record: &Record) -> Record {
    Record { attempts: record.attempts + 1, last_attempt: Some(now), ..record.clone() }
}

fn silence() -> Trouble {
    Trouble {
        kind: TroubleKind::Server,
        code: None,
        message: "The server said nothing about this entry.".to_owned(),
        fields: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{id, record};

    const NOW: Millis = Millis(1_000_000);

    fn terms(jitter: &mut Jitter) -> Terms<'_> {
        Terms { now: NOW, got: NOW, most_attempts: 5, jitter }
    }

    #[test]
    fn after_so_many_answers_a_person_must_look_at_it() {
        let result = ItemResult::new(id(1), PushStatus::Retry);
        let results = Sorted::from_iter([(id(1), result)]);
        for (attempts, state) in [(3, ItemState::RetryAt), (4, ItemState::SetAside)] {
            let record = Record { attempts, ..record(1) };
            let landing = judged(&mut terms(&mut Jitter::new(1)), (1, 1), &[record], &results);
            assert_eq!(landing.batch.put[0].state, state);
            assert!(landing.batch.remove.is_empty(), "never dropped");
        }
    }

    fn judge(results: Vec<ItemResult>) -> (Batch, Vec<(ItemId, Fate)>) {
        let results = results.into_iter().map(|result| (result.id, result)).collect();
        let landing = judged(&mut terms(&mut Jitter::new(1)), (4, 1), &[record(1), record(2)], &results);
        (landing.batch, landing.fates)
    }

    #[test]
    fn a_receipt_moves_an_item_out_of_the_queue_and_its_content_with_it() {
        let applied = ItemResult { version: Some(1), ..ItemResult::new(id(1), PushStatus::Applied) };
        let (batch, fates) = judge(vec![applied, ItemResult::new(id(2), PushStatus::Applied)]);
        assert_eq!(batch.remove, [id(1), id(2)]);
        assert_eq!(batch.receipts.iter().map(|receipt| receipt.id).collect::<Vec<_>>(), [id(1), id(2)]);
        assert_eq!(batch.receipts[0].body, record(1).body);
        assert_eq!(batch.totals.pending, -2);
        assert!(batch.put.is_empty());
        assert_eq!(
            batch.known,
            [Known {
                entity_id: id(1),
                r#type: ItemType::Reading,
                natural_key: record(1).natural_key,
                version: 1,
                data: record(1).body,
                sealed: None,
            }]
        );
        assert_eq!(batch.forget, [id(2)], "a version that was not told is not guessed");
        assert_eq!(fates, [(id(1), Fate::Done), (id(2), Fate::Done)]);
        assert_eq!(batch.expect, [Expect::Queued(vec![id(1), id(2)])]);
        assert!(batch.strict());
    }

    #[test]
    fn a_replay_is_a_receipt_and_no_news_of_the_record() {
        let replayed = ItemResult { version: Some(1), ..ItemResult::new(id(1), PushStatus::Replayed) };
        let results = Sorted::from_iter([(id(1), replayed)]);
        let landing = judged(&mut terms(&mut Jitter::new(1)), (1, 1), &[record(1)], &results);
        assert_eq!((landing.batch.remove.as_slice(), landing.batch.receipts.len()), ([id(1)].as_slice(), 1));
        assert!(landing.replayed && landing.batch.known.is_empty() && landing.batch.forget.is_empty());
    }

    #[test]
    fn a_replay_of_what_nobody_has_changed_since_is_known_at_once() {
        let replayed =
            ItemResult { version: Some(1), latest: true, ..ItemResult::new(id(1), PushStatus::Replayed) };
        let results = Sorted::from_iter([(id(1), replayed)]);
        let landing = judged(&mut terms(&mut Jitter::new(1)), (1, 1), &[record(1)], &results);
        let known: Vec<_> =
            landing.batch.known.iter().map(|known| (known.entity_id, known.version)).collect();
        assert_eq!(known, [(id(1), 1)], "else the next change is refused, or made against an older version");
        assert!(!landing.replayed);

        // One that was carried here, of a record that this device knew nothing of when it was entered.
        let carried = Record { action: Action::Update, whole: None, ..record(1) };
        let landing = judged(&mut terms(&mut Jitter::new(1)), (1, 1), &[carried], &results);
        assert!(
            landing.replayed && landing.batch.forget.is_empty(),
            "the server's changes may have told it since"
        );
    }

    #[test]
    fn without_a_receipt_nothing_leaves() {
        for status in [PushStatus::Conflict, PushStatus::Rejected, PushStatus::Retry] {
            let (batch, _) = judge(vec![ItemResult::new(id(1), status)]);
            assert!(batch.remove.is_empty() && batch.receipts.is_empty(), "{status:?}");
            assert_eq!(batch.put.len(), 2, "the other, of which nothing was said, waits for another try");
            assert_eq!(batch.totals.queued(), 0, "counted as before");
        }
    }

    #[test]
    fn a_conflict_keeps_both_sides() {
        let theirs = serde_json::json!({"data": {"value": 3}});
        let result =
            ItemResult { server_item: Some(theirs.clone()), ..ItemResult::new(id(1), PushStatus::Conflict) };
        let (batch, fates) = judge(vec![result]);
        let kept = &batch.put[0];
        assert_eq!(
            (kept.state, &kept.body, &kept.server_item),
            (ItemState::Conflict, &record(1).body, &Some(theirs))
        );
        assert_eq!((batch.totals.conflict, batch.totals.retry_at, batch.totals.pending), (1, 1, -2));
        assert_eq!(fates[0].1, Fate::Stopped);
    }

    #[test]
    fn a_retry_waits_as_long_as_the_server_asks() {
        let wait = Millis::minutes(40);
        let result = ItemResult { retry_after_ms: Some(wait), ..ItemResult::new(id(1), PushStatus::Retry) };
        let (batch, fates) = judge(vec![result]);
        assert_eq!(batch.put[0].order, (NOW + wait).0 as i64);
        assert_eq!((batch.put[0].attempts, batch.put[0].last_attempt), (1, Some(NOW)));
        assert_eq!(fates[0].1, Fate::Again);
    }

    #[test]
    fn an_item_that_fails_alone_is_set_aside_or_tried_again_by_whose_fault_it_is() {
        for (kind, state) in
            [(TroubleKind::Validation, ItemState::SetAside), (TroubleKind::Server, ItemState::RetryAt)]
        {
            let trouble = Trouble { kind, code: None, message: "no".into(), fields: Vec::new() };
            let batch = refused(&mut terms(&mut Jitter::new(1)), (1, 1), &record(1), trouble).batch;
            assert_eq!(batch.put[0].state, state);
            assert!(batch.remove.is_empty());
        }
    }
}
