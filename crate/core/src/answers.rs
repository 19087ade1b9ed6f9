//! The calls that read or write the store once and answer: enqueue, get, list, discard, status.

use std::collections::BTreeMap;

use fieldsync_protocol::{Connectivity, ItemId};

use crate::call::{Answer, ById, CallCode, CallError, Draft, Event, Item, ListQuery, Listing, Status};
use crate::enqueue;
use crate::event::{CallId, Effect, Entropy, StoreError, Token, WriteError};
use crate::ledger::{self, Batch, Expect, Flight, Found, Query, Receipt, Record};
use crate::outbox::Desk;
use crate::progress::Session;
use crate::wake;

/// A list shows this many unless said otherwise, and never more than the second number.
const PAGE: (u32, u32) = (100, 500);

/// What a call is waiting for.
#[derive(Debug)]
enum Waiting {
    /// The item that a draft takes the place of.
    Replaced(Record, ItemId),
    Saved(Record),
    One(ItemId),
    Page(u32),
    /// The item that is to be discarded.
    Doomed(ItemId),
    Discarded(Record),
    Status,
}

/// The calls under way.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    waiting: BTreeMap<Token, (CallId, Waiting)>,
}

impl Answers {
    pub(crate) fn enqueue(&mut self, desk: &mut Desk, call: CallId, draft: Draft, entropy: Entropy) {
        let replaces = draft.replaces;
        match (enqueue::stamp(desk.now, draft, entropy), replaces) {
            (Err(error), _) => desk.out.answer(call, Err(error)),
            (Ok(record), Some(old)) => self.ask(desk, call, Query::One(old), Waiting::Replaced(record, old)),
            (Ok(record), None) => self.save(desk, call, record, None),
        }
    }

    pub(crate) fn get(&mut self, desk: &mut Desk, call: CallId, ById { id }: ById) {
        self.ask(desk, call, Query::One(id), Waiting::One(id));
    }

    pub(crate) fn list(&mut self, desk: &mut Desk, call: CallId, query: ListQuery) {
        let limit = query.limit.unwrap_or(PAGE.0);
        if limit == 0 || limit > PAGE.1 {
            let words = format!("A page has 1 to {} items.", PAGE.1);
            return desk.out.answer(call, Err(CallError::new(CallCode::BadRequest, words)));
        }
        self.ask(
            desk,
            call,
            Query::Page { shelf: query.shelf, limit, before: query.before },
            Waiting::Page(limit),
        );
    }

    pub(crate) fn discard(&mut self, desk: &mut Desk, call: CallId, ById { id }: ById) {
        self.ask(desk, call, Query::One(id), Waiting::Doomed(id));
    }

    pub(crate) fn status(&mut self, desk: &mut Desk, call: CallId) {
        self.ask(desk, call, Query::Overview, Waiting::Status);
    }

    pub(crate) fn awaits(&self, token: Token) -> bool {
        self.waiting.contains_key(&token)
    }

    pub(crate) fn read(&mut self, desk: &mut Desk, token: Token, outcome: Result<Found, StoreError>) {
        let Some((call, waiting)) = self.waiting.remove(&token) else { return };
        let found = match outcome {
            Ok(found) => found,
            Err(error) => {
                let words = format!("This device's storage did not answer ({error}).");
                return desk.out.answer(call, Err(CallError::new(CallCode::Storage, words)));
            }
        };
        match (waiting, found) {
            (Waiting::Status, Found::Overview(overview)) => {
                let status = Status {
                    is_active: overview.draining && overview.session.as_ref().is_some_and(Session::runs),
                    hold: wake::standing(desk, &overview),
                    current_progress: overview.session.map(|session| session.progress),
                    connectivity: Connectivity { is_online: desk.facts.online, ..Connectivity::default() },
                    queue_size: overview.totals.queued(),
                    totals: overview.totals,
                };
                desk.out.answer(call, Ok(Answer::Status(Box::new(status))));
            }
            (Waiting::Page(limit), Found::Rows { records, receipts, flights }) => {
                let items = rows(desk, &records, &receipts, &flights);
                let next = items.last().filter(|_| items.len() == limit as usize).map(|item| item.id);
                desk.out.answer(call, Ok(Answer::List(Box::new(Listing { items, next }))));
            }
            (Waiting::One(id), Found::Rows { records, receipts, flights }) => {
                let item = rows(desk, &records, &receipts, &flights).pop();
                let answer = item.map(|item| Answer::Get(Box::new(item)));
                desk.out.answer(call, answer.ok_or_else(|| CallError::not_found(id)));
            }
            (Waiting::Replaced(record, old), Found::Rows { mut records, .. }) => match records.pop() {
                Some(old) => self.save(desk, call, record, Some(&old)),
                None => desk.out.answer(call, Err(CallError::not_found(old))),
            },
            (Waiting::Doomed(id), Found::Rows { mut records, .. }) => match records.pop() {
                Some(record) => self.remove(desk, call, record),
                None => desk.out.answer(call, Err(CallError::not_found(id))),
            },
            (_, _) => {
                desk.out.answer(call, Err(CallError::new(CallCode::Internal, "An answer of another kind.")))
            }
        }
    }

    /// A write is done, or refused. Whether something was saved, so that it be sent.
    pub(crate) fn written(&mut self, desk: &mut Desk, token: Token, outcome: Result<(), WriteError>) -> bool {
        let Some((call, waiting)) = self.waiting.remove(&token) else { return false };
        match (waiting, outcome) {
            (Waiting::Saved(record), Ok(())) => {
                desk.out.answer(call, Ok(Answer::Enqueue(Box::new(record.to_item(&Default::default())))));
                desk.out.tell(Event::Changed);
                return true;
            }
            (Waiting::Discarded(record), Ok(())) => {
                desk.out.answer(call, Ok(Answer::Discard(Box::new(record.to_item(&Default::default())))));
                desk.out.tell(Event::Changed);
            }
            (Waiting::Discarded(record), Err(WriteError::Flying)) => {
                let words = "This entry is being sent at this moment. Try again in a minute.";
                desk.out.answer(call, Err(CallError::new(CallCode::InFlight, words).about(record.id)));
            }
            // A drain committed something of it between the look and the write: look again.
            (Waiting::Discarded(record), Err(WriteError::Changed)) => {
                self.ask(desk, call, Query::One(record.id), Waiting::Doomed(record.id));
            }
            (Waiting::Discarded(record), Err(WriteError::Gone)) => {
                desk.out.answer(call, Err(CallError::not_found(record.id)));
            }
            (_, Err(error)) => desk.out.answer(call, Err(enqueue::refusal(error))),
            (_, Ok(())) => {}
        }
        false
    }

    fn save(&mut self, desk: &mut Desk, call: CallId, record: Record, replaces: Option<&Record>) {
        let batch = enqueue::batch(desk.now, &record, replaces);
        let token = desk.out.push(Effect::Write(Box::new(batch)));
        self.waiting.insert(token, (call, Waiting::Saved(record)));
    }

    /// The user's own explicit discard (I1).
    fn remove(&mut self, desk: &mut Desk, call: CallId, record: Record) {
        let mut batch = Batch {
            expect: vec![Expect::Still(record.id, record.state), Expect::NotFlying(record.id, desk.now)],
            ..Batch::default()
        };
        batch.remove(&record);
        let token = desk.out.push(Effect::Write(Box::new(batch)));
        self.waiting.insert(token, (call, Waiting::Discarded(record)));
    }

    fn ask(&mut self, desk: &mut Desk, call: CallId, query: Query, waiting: Waiting) {
        let token = desk.out.push(Effect::Read(query));
        self.waiting.insert(token, (call, waiting));
    }
}

fn rows(desk: &Desk, records: &[Record], receipts: &[Receipt], flights: &[Flight]) -> Vec<Item> {
    let flying = ledger::flying(flights, desk.now);
    records
        .iter()
        .map(|record| record.to_item(&flying))
        .chain(receipts.iter().map(Receipt::to_item))
        .collect()
}
