//! The store in memory: what a batch and a query mean, said as plainly as possible.
//!
//! The tests and the simulator run on it, and the browser's store is held against it by the same
//! [conformance suite](crate::conformance).

use std::collections::BTreeMap;

use fieldsync_protocol::{EntityId, ItemId, Millis, Priority, SessionMetrics};

use crate::call::Shelf;
use crate::checkup::Checked;
use crate::event::{StoreError, WriteError};
use crate::lane;
use crate::ledger::{
    Batch, Expect, Expire, Flight, FlightChange, Found, Known, Lane, Leaving, Overview, Query, Standing,
    Totals, Waiter, Waiting, Window,
};
use crate::preferences::Preferences;
use crate::progress::Session;
use crate::record::{ItemState, Receipt, Record};

/// A device's store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    records: BTreeMap<ItemId, Record>,
    receipts: BTreeMap<ItemId, Receipt>,
    known: BTreeMap<EntityId, Known>,
    flights: BTreeMap<(u64, u64), Flight>,
    metrics: BTreeMap<u64, SessionMetrics>,
    totals: Totals,
    session: Option<Session>,
    checked: Option<Checked>,
    preferences: Preferences,
    unscored: Option<ItemId>,
    epoch: u64,
}

impl Memory {
    /// Counts the epoch up, as granting the lock does.
    pub fn next_epoch(&mut self) -> u64 {
        self.epoch += 1;
        self.epoch
    }

    /// Writes a batch: all of it, or nothing.
    pub fn write(&mut self, batch: Batch) -> Result<(), WriteError> {
        for expect in &batch.expect {
            self.check(expect, &batch.remove)?;
        }
        for id in &batch.remove {
            self.records.remove(id);
        }
        self.records.extend(batch.put.into_iter().map(|record| (record.id, record)));
        self.receipts.extend(batch.receipts.into_iter().map(|receipt| (receipt.id, receipt)));
        if batch.hand_over {
            self.epoch += 1;
            self.receipts.clear();
            self.metrics.clear();
        }
        if batch.known_anew || batch.hand_over {
            self.known.clear();
        }
        self.known.extend(batch.known.into_iter().map(|known| (known.entity_id, known)));
        for entity in &batch.forget {
            self.known.remove(entity);
        }
        self.totals = self.totals.plus(batch.totals);
        match batch.flight {
            Some(FlightChange::Start(flight)) => {
                self.flights.retain(|(epoch, _), _| *epoch >= flight.epoch);
                self.flights.insert((flight.epoch, flight.number), flight);
            }
            Some(FlightChange::End { epoch, number }) => {
                self.flights.remove(&(epoch, number));
            }
            None => {}
        }
        if let Some(checked) = batch.checked {
            self.checked = Some(checked);
        }
        if let Some(session) = batch.session {
            self.session = Some(session);
        }
        if batch.erase_metrics {
            self.metrics.clear();
        }
        if let Some(metrics) = batch.metrics {
            self.metrics.insert(metrics.session_id, metrics);
        }
        if let Some(Expire { receipts, metrics }) = batch.expire {
            let most = Expire::MOST as usize;
            let old = |receipt: &&Receipt| receipt.at < receipts;
            let mut old: Vec<_> = self.receipts.values().filter(old).map(|r| (r.at, r.id)).collect();
            old.sort();
            for (_, id) in old.into_iter().take(most) {
                self.receipts.remove(&id);
            }
            let old = |session: &&SessionMetrics| session.start_time < metrics;
            let mut old: Vec<_> =
                self.metrics.values().filter(old).map(|s| (s.start_time, s.session_id)).collect();
            old.sort();
            for (_, number) in old.into_iter().take(most) {
                self.metrics.remove(&number);
            }
        }
        if let Some(preferences) = batch.preferences {
            self.preferences = preferences;
        }
        if let Some(unscored) = batch.unscored {
            self.unscored = unscored;
        }
        Ok(())
    }

    fn check(&self, expect: &Expect, removed: &[ItemId]) -> Result<(), WriteError> {
        match expect {
            Expect::Epoch(epoch) if *epoch != self.epoch => Err(WriteError::Fenced),
            Expect::Still(id, state) => match self.records.get(id) {
                None => Err(WriteError::Gone),
                Some(record) if record.state != *state => Err(WriteError::Changed),
                Some(_) => Ok(()),
            },
            Expect::Queued(ids) if ids.iter().any(|id| !self.records.contains_key(id)) => {
                Err(WriteError::Gone)
            }
            Expect::Preferences(changes) if *changes != self.preferences.changes => Err(WriteError::Changed),
            Expect::NothingQueued if !self.records.is_empty() => Err(WriteError::Changed),
            Expect::Lanes(changes) if *changes != self.totals.lane_changes => Err(WriteError::Changed),
            Expect::LaneFree(entity) => {
                let mut lane = self.lane(*entity);
                if lane.any(|record| !removed.contains(&record.id)) {
                    Err(WriteError::Changed)
                } else {
                    Ok(())
                }
            }
            Expect::NoTwin(key, entity) => {
                let twin = self.records.values().find(|record| {
                    record.natural_key.as_ref() == Some(key)
                        && record.entity_id != *entity
                        && !removed.contains(&record.id)
                });
                if let Some(twin) = twin {
                    return Err(WriteError::Twin(key.clone(), Box::new(twin.clone())));
                }
                let is_theirs =
                    |known: &&Known| known.natural_key.as_ref() == Some(key) && known.entity_id != *entity;
                let known = self.known.values().find(is_theirs);
                known.map_or(Ok(()), |known| Err(WriteError::Known(key.clone(), Box::new(known.clone()))))
            }
            Expect::NotFlying(id, now) => {
                let flying =
                    self.flights.values().any(|flight| flight.is_live(*now) && flight.ids.contains(id));
                if flying { Err(WriteError::Flying) } else { Ok(()) }
            }
            Expect::Epoch(_)
            | Expect::Queued(_)
            | Expect::Lanes(_)
            | Expect::Preferences(_)
            | Expect::NothingQueued => Ok(()),
        }
    }

    /// Answers a query.
    pub fn read(&self, query: &Query) -> Result<Found, StoreError> {
        Ok(match query {
            Query::Due { by, beyond, lowest, limit, except } => {
                Found::Due(self.due(*by, *beyond, *lowest, *limit as usize, except))
            }
            Query::Overview => Found::Overview(Overview {
                totals: self.totals,
                session: self.session.clone(),
                checked: self.checked.clone(),
                preferences: self.preferences.clone(),
                unscored: self.unscored,
                draining: false,
            }),
            Query::Standing => {
                Found::Standing(Standing { oldest: self.records.keys().next().copied(), keys: None })
            }
            Query::Readings(prefix, most) => {
                let key = |known: &Known| known.natural_key.as_ref().map(ToString::to_string);
                let begins = |known: &&Known| key(known).is_some_and(|key| key.starts_with(prefix));
                let mut found: Vec<_> = self.known.values().filter(begins).cloned().collect();
                found.sort_by_key(|known| std::cmp::Reverse(key(known)));
                found.truncate(*most as usize);
                Found::Known(found)
            }
            Query::Known { r#type, limit, after } => {
                let wanted = |known: &&Known| {
                    known.r#type == *r#type && after.is_none_or(|after| known.entity_id > after)
                };
                let found = self.known.values().filter(wanted).take(*limit as usize);
                Found::Known(found.cloned().collect())
            }
            Query::Metrics(most) => {
                Found::Metrics(self.metrics.values().rev().take(*most as usize).cloned().collect())
            }
            Query::One(id) => Found::Rows {
                records: self.records.get(id).cloned().into_iter().collect(),
                receipts: self.receipts.get(id).cloned().into_iter().collect(),
                flights: self.flights.values().cloned().collect(),
            },
            Query::Lanes(of) => {
                let lanes: BTreeMap<EntityId, ()> = of.iter().map(|of| (of.entity_id, ())).collect();
                let queued = self.records.values().filter(|record| lanes.contains_key(&record.entity_id));
                Found::Rows {
                    records: queued.cloned().collect(),
                    receipts: of.iter().filter_map(|of| self.receipts.get(&of.id)).cloned().collect(),
                    flights: Vec::new(),
                }
            }
            Query::Lane { entity, depends_on } => {
                let mut queued: Vec<_> = self.lane(*entity).cloned().collect();
                queued.sort_by_key(Record::place);
                Found::Lane(Lane {
                    queued,
                    receipts: depends_on.and_then(|id| self.receipts.get(&id)).cloned().into_iter().collect(),
                    known: self.known.get(entity).cloned(),
                    dependency_queued: depends_on.is_some_and(|id| self.records.contains_key(&id)),
                })
            }
            Query::Waiting(leaving) => {
                Found::Waiting(Waiting { waiters: self.waiters(leaving), totals: self.totals })
            }
            Query::Page { shelf, state, limit, before } => {
                let limit = *limit as usize;
                let shown = |id: &ItemId| before.is_none_or(|before| *id < before);
                let (mut records, mut receipts) = (Vec::new(), Vec::new());
                match shelf {
                    Shelf::Queue => {
                        records = self
                            .records
                            .values()
                            .rev()
                            .filter(|r| shown(&r.id) && state.is_none_or(|state| r.state == state))
                            .take(limit)
                            .cloned()
                            .collect();
                    }
                    Shelf::Done => {
                        receipts = self
                            .receipts
                            .values()
                            .rev()
                            .filter(|r| shown(&r.id))
                            .take(limit)
                            .cloned()
                            .collect();
                    }
                }
                Found::Rows { records, receipts, flights: self.flights.values().cloned().collect() }
            }
        })
    }

    fn lane(&self, entity: EntityId) -> impl Iterator<Item = &Record> {
        self.records.values().filter(move |record| record.entity_id == entity)
    }

    fn waiters(&self, leaving: &[Leaving]) -> Vec<Waiter> {
        let waiter = |record: &Record| {
            let lane: Vec<_> = self.lane(record.entity_id).cloned().collect();
            let on = record.depends_on.filter(|on| leaving.iter().all(|left| left.id != *on));
            let dependency_queued = on.is_some_and(|on| self.records.contains_key(&on));
            lane::waiter(record.clone(), &lane, leaving, dependency_queued)
        };
        self.records.values().filter_map(waiter).collect()
    }

    fn due(&self, by: Millis, beyond: Millis, lowest: Priority, limit: usize, except: &[ItemId]) -> Window {
        let in_order = |state| {
            let mut records: Vec<_> = self
                .records
                .values()
                .filter(|record| record.state == state && record.urgency <= lowest)
                .filter(|record| !except.contains(&record.id))
                .cloned()
                .collect();
            records.sort_by_key(|record| (record.order, record.id));
            records
        };
        let [by, beyond] = [by, beyond].map(|at| i64::try_from(at.0).unwrap_or(i64::MAX));
        let (retries, later): (Vec<_>, Vec<_>) = in_order(ItemState::RetryAt)
            .into_iter()
            .partition(|record| record.order <= by || record.order > beyond);
        let pending = in_order(ItemState::Pending).into_iter().take(limit);
        Window {
            due: pending.chain(retries.into_iter().take(limit)).collect(),
            next_due: later.first().map(|record| Millis(record.order.max(0).unsigned_abs())),
            totals: self.totals,
            session: self.session.clone(),
            preferences: self.preferences.clone(),
            unscored: self.unscored,
        }
    }
}
