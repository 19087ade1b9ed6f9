//! The calls that read the store once and answer: get, list, status.

use fieldsync_protocol::{ConnectionQuality, Connectivity, ItemId, NaturalKey, Period, Rule, Sorted};

use crate::call::{
    Answer, ById, CallCode, CallError, Item, Latest, ListQuery, Listing, OfMeter, Records, RecordsQuery,
    ServerRecord, Shelf, Status, Trial,
};
use crate::carry::Parcel;
use crate::event::{CallId, Effect, StoreError, Token};
use crate::ledger::{self, Flight, Found, Known, Overview, Query};
use crate::link::Link;
use crate::metrics;
use crate::outbox::Desk;
use crate::preferences;
use crate::record::{ItemState, Receipt, Record, shown};
use crate::sealed;
use crate::time::Millis;
use crate::usual::{History, READINGS};
use crate::wake;

/// A list shows this many unless said otherwise, and never more than the second number.
const PAGE: (u32, u32) = (100, 500);

/// A report has the figures of so many drains.
const SESSIONS: u32 = 200;

/// What a call is waiting for.
#[derive(Debug)]
enum Waiting {
    One(ItemId),
    Page(ListQuery),
    Pack,
    /// As it would be with these rules.
    Trial(ListQuery, Vec<Rule>),
    Status,
    Metrics,
    Latest(Option<Period>),
    Records(u32),
}

/// The calls under way.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    waiting: Sorted<Token, (CallId, Waiting)>,
}

impl Answers {
    pub(crate) fn get(&mut self, desk: &mut Desk, call: CallId, ById { id }: ById) {
        self.ask(desk, call, Query::One(id), Waiting::One(id));
    }

    pub(crate) fn list(&mut self, desk: &mut Desk, call: CallId, query: ListQuery) {
        self.page(desk, call, query, Waiting::Page);
    }

    /// A part of the queue as it is stored.
    pub(crate) fn pack(&mut self, desk: &mut Desk, call: CallId, before: Option<ItemId>) {
        let query = Query::Page { shelf: Shelf::Queue, state: None, limit: PAGE.1, before };
        self.ask(desk, call, query, Waiting::Pack);
    }

    /// What rules would do to a page of the queue, which is all they are about.
    pub(crate) fn trial(&mut self, desk: &mut Desk, call: CallId, Trial { rules, page }: Trial) {
        match preferences::acceptable(&rules) {
            Ok(()) => {
                let query = ListQuery { shelf: Shelf::Queue, ..page };
                self.page(desk, call, query, |query| Waiting::Trial(query, rules));
            }
            Err(error) => desk.out.answer(call, Err(error)),
        }
    }

    fn page(
        &mut self,
        desk: &mut Desk,
        call: CallId,
        query: ListQuery,
        waiting: impl FnOnce(ListQuery) -> Waiting,
    ) {
        let limit = query.limit.unwrap_or(PAGE.0);
        if limit == 0 || limit > PAGE.1 {
            let words = format!("A page has 1 to {} items.", PAGE.1);
            return desk.out.answer(call, Err(CallError::new(CallCode::BadRequest, words)));
        }
        let ListQuery { shelf, before, state, .. } = query;
        // Of those that are being sent the store does not know it.
        let state = state.filter(|state| !matches!(state, ItemState::InFlight | ItemState::Done));
        let query = ListQuery { limit: Some(limit), ..query };
        self.ask(desk, call, Query::Page { shelf, state, limit, before }, waiting(query));
    }

    pub(crate) fn status(&mut self, desk: &mut Desk, call: CallId) {
        self.ask(desk, call, Query::Overview, Waiting::Status);
    }

    pub(crate) fn latest(&mut self, desk: &mut Desk, call: CallId, of: &OfMeter) {
        let prefix = NaturalKey::of_meter(&of.property, &of.unit, of.meter.as_deref());
        self.ask(desk, call, Query::Readings(prefix, READINGS), Waiting::Latest(of.period.clone()));
    }

    pub(crate) fn records(&mut self, desk: &mut Desk, call: CallId, query: &RecordsQuery) {
        let limit = query.limit.unwrap_or(PAGE.0).clamp(1, PAGE.1);
        let query = Query::Known { r#type: query.r#type, limit, after: query.after };
        self.ask(desk, call, query, Waiting::Records(limit));
    }

    pub(crate) fn metrics(&mut self, desk: &mut Desk, call: CallId) {
        self.ask(desk, call, Query::Metrics(SESSIONS), Waiting::Metrics);
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
        if sealed::is_sealed(&found) {
            return desk.out.answer(call, Err(sealed::locked()));
        }
        match (waiting, found) {
            (Waiting::Status, Found::Overview(overview)) => {
                desk.out.answer(call, Ok(Answer::Status(Box::new(status(desk, overview)))));
            }
            (Waiting::Latest(period), Found::Known(mut known)) => {
                let mut expected = None;
                if let Some(period) = period {
                    let history = History::before(&period, &known);
                    expected = history.expected(&period);
                    known.retain(|known| history.is_last(known));
                }
                let reading = known.into_iter().next().map(server_record);
                desk.out.answer(call, Ok(Answer::Latest(Box::new(Latest { reading, expected }))));
            }
            (Waiting::Records(limit), Found::Known(known)) => {
                let next = known.last().filter(|_| known.len() == limit as usize).map(|last| last.entity_id);
                let records = known.into_iter().map(server_record).collect();
                desk.out.answer(call, Ok(Answer::Records(Box::new(Records { records, next }))));
            }
            (Waiting::Metrics, Found::Metrics(mut sessions)) => {
                let runs = sessions.first().is_some_and(|session| session.end_time.is_none());
                let current = runs.then(|| sessions.remove(0));
                let report = metrics::report(current, sessions, &desk.preferences.settings);
                desk.out.answer(call, Ok(Answer::Metrics(Box::new(report))));
            }
            (Waiting::Trial(query, rules), Found::Rows { mut records, flights, .. }) => {
                records.iter_mut().for_each(|record| record.rate(&rules));
                let listing = listing(&query, rows(desk, &records, &[], &flights));
                desk.out.answer(call, Ok(Answer::TryRules(Box::new(listing))));
            }
            (Waiting::Page(query), Found::Rows { records, receipts, flights }) => {
                let listing = listing(&query, rows(desk, &records, &receipts, &flights));
                desk.out.answer(call, Ok(Answer::List(Box::new(listing))));
            }
            (Waiting::Pack, Found::Rows { records, .. }) => {
                let full = records.len() == PAGE.1 as usize;
                let next = records.last().filter(|_| full).map(|last| last.id);
                let parcel = Parcel { person: None, records, next };
                desk.out.answer(call, Ok(Answer::Pack(Box::new(parcel))));
            }
            (Waiting::One(id), Found::Rows { records, receipts, flights }) => {
                let item = rows(desk, &records, &receipts, &flights).pop();
                let answer = item.map(|item| Answer::Get(Box::new(item)));
                desk.out.answer(call, answer.ok_or_else(|| CallError::not_found(id)));
            }
            (_, _) => {
                desk.out.answer(call, Err(CallError::new(CallCode::Internal, "An answer of another kind.")))
            }
        }
    }

    fn ask(&mut self, desk: &mut Desk, call: CallId, query: Query, waiting: Waiting) {
        let token = desk.out.push(Effect::Read(query));
        self.waiting.insert(token, (call, waiting));
    }
}

/// What a page of the store comes to in a list that may show only some of it.
fn listing(query: &ListQuery, mut items: Vec<Item>) -> Listing {
    let full = query.limit.is_some_and(|limit| items.len() == limit as usize);
    let next = items.last().filter(|_| full).map(|item| item.id);
    items.retain(|item| query.state.is_none_or(|state| item.state == state));
    Listing { items, next }
}

fn server_record(known: Known) -> ServerRecord {
    let Known { entity_id, version, data, .. } = known;
    ServerRecord { entity_id, version, data: shown(&data) }
}

fn status(desk: &Desk, overview: Overview) -> Status {
    let hold = wake::standing(desk, &overview);
    let session = overview.session.unwrap_or_default();
    let is_active = overview.draining && session.runs();
    let left = session.progress.current_operation.as_ref().filter(|_| is_active);
    let left = left.and_then(|operation| operation.estimated_time_remaining);
    Status {
        is_active,
        hold,
        estimated_completion_time: left.map(|seconds| desk.now + Millis::seconds(seconds)),
        last_error: session.last_error,
        is_paused: overview.preferences.paused,
        vault: desk.facts.vault,
        connectivity: connectivity(desk, &session.link),
        queue_size: overview.totals.queued(),
        totals: overview.totals,
        // One that has begun, or ended, at no time is none.
        current_progress: Some(session.progress).filter(|progress| progress.started_at > Millis::ZERO),
    }
}

/// What the browser says and what was measured.
pub(crate) fn connectivity(desk: &Desk, link: &Link) -> Connectivity {
    Connectivity {
        is_online: desk.facts.online,
        connection_type: desk.facts.connection,
        connection_quality: match desk.facts.online {
            Some(false) => Some(ConnectionQuality::Offline),
            _ => link.quality(desk.now),
        },
        last_connected: link.last_connected,
        network_speed: link.network_speed(desk.now),
        battery_level: desk.facts.power.battery_level,
        is_charging: desk.facts.power.is_charging,
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
