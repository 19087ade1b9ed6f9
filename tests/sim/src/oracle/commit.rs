//! Checked at every commit on a device: I1, I5, I7, the server's wishes, totals, natural keys.

use fieldsync_core::protocol::ItemId;
use fieldsync_core::{
    Batch, Expect, Expire, Flight, FlightChange, Found, ItemState, Millis, Query, Record, Totals, Why,
};

use super::{Checked, Invariant, Model, Oracle, must};
use crate::disk::Disk;
use crate::plan::At;
use crate::world::Who;

/// The longest that a server's wish binds.
const LONGEST_WISH: Millis = Millis::minutes(60);

/// A write that was accepted.
#[derive(Debug)]
pub struct Commit<'a> {
    /// By whom.
    pub who: Who,
    /// Whose device it is.
    pub user: usize,
    /// When.
    pub now: At,
    /// What its clock shows.
    pub wall: Millis,
    /// What the engine asked for.
    pub asked: &'a Batch,
    /// What was written: the same, unless a mutant lives.
    pub batch: &'a Batch,
    /// The totals that stand in the store now.
    pub totals: Totals,
    /// The records of the push that takes off.
    pub sent: &'a [Record],
    /// What leaves, as it was.
    pub left: &'a [Record],
}

impl Oracle {
    /// A batch was committed.
    pub fn committed(&mut self, commit: Commit<'_>) -> Checked {
        let Commit { who, user, now, wall, asked, batch, totals, sent, left } = commit;
        let device = who.device;
        for expect in &asked.expect {
            if let Expect::Epoch(epoch) = expect {
                let latest = self.devices[device].epoch;
                must(*epoch == latest, Invariant::I7, || {
                    format!("device {device}: epoch {epoch} commits while {latest} is the latest")
                })?;
            }
        }
        for id in &batch.remove {
            self.may_leave(device, *id, wall, batch)?;
        }
        for record in &batch.put {
            self.may_stop(device, record, batch)?;
        }
        self.settled(device, left, batch)?;
        self.learned(device, user, batch)?;
        self.knows_its_own(device, left, batch)?;
        let model = &mut self.devices[device];
        if let Some(FlightChange::Start(_)) = &asked.flight {
            model.gate(who, now, sent)?;
        }
        model.apply(batch);
        model.decided_now(batch);
        model.received += batch.receipts.iter().filter(|receipt| !receipt.yielded).count() as u64;
        model.wishes(device, wall, asked)?;
        model.keeps_receipts(device, wall, batch)?;
        model.one_a_key(device, batch)?;
        model.recounted(device, totals)
    }

    /// I5: only what was refused, clashes, was tried as often as the person wants, or built on what was given up stops.
    fn may_stop(&self, device: usize, record: &Record, batch: &Batch) -> Checked {
        let (id, model) = (record.id, &self.devices[device]);
        if model.records.get(&id).is_some_and(|row| row.state == record.state) {
            return Ok(()); // as before
        }
        let most = model.preferences.settings.max_retry_attempts;
        let tried = record.attempts >= most.min(model.least_attempts.unwrap_or(most)).into();
        let given_up = batch.receipts.iter().any(|receipt| receipt.yielded);
        let may = match record.state {
            ItemState::SetAside => tried || given_up || self.refused.contains(&id),
            ItemState::Conflict => self.conflicts.contains(&id),
            _ => true,
        };
        must(may, Invariant::I5, || {
            let (state, times) = (record.state, record.attempts);
            format!("device {device}: {id} becomes {state:?} after {times}, and the server never said so")
        })
    }

    /// I1: with a receipt that the server has given, or because its person wants it so and it is not being sent.
    fn may_leave(&self, device: usize, id: ItemId, wall: Millis, batch: &Batch) -> Checked {
        let model = &self.devices[device];
        let receipt = batch.receipts.iter().find(|receipt| receipt.id == id);
        let beforehand = model.decides() && self.conflicts.contains(&id);
        if receipt.is_some_and(|receipt| receipt.yielded) {
            let chosen = beforehand || model.leaving.contains_key(&id);
            return must(chosen, Invariant::I1, || {
                format!("device {device}: {id} is given up for the server's, and nobody chose so")
            });
        }
        if receipt.is_some() {
            return must(self.applied.contains_key(&id), Invariant::I1, || {
                format!("device {device}: {id} is called done, and the server never had it")
            });
        }
        must(beforehand || model.leaving.contains_key(&id), Invariant::I1, || {
            format!("device {device}: {id} leaves without a receipt, and nobody wanted it to")
        })?;
        // By a clock that nobody has set, a flight is over when it says so.
        let live = |flight: &&Flight| flight.until > wall && flight.ids.contains(&id);
        let sent = model.flights.values().find(live).filter(|_| model.clock_sets == 0);
        must(sent.is_none(), Invariant::I1, || {
            format!("device {device}: {id} leaves unseen while it is being sent: {sent:?}")
        })
    }

    /// The browser was killed, and its store is what was durable.
    pub fn restored(&mut self, device: usize, disk: &Disk) -> Checked {
        let (records, receipts) = disk.everything();
        let overview = disk.overview();
        let model = &mut self.devices[device];
        model.records.clear();
        model.totals = Totals::default();
        for record in &records {
            model.put(record);
        }
        model.receipts = receipts.into_iter().collect();
        model.done.extend(model.receipts.keys());
        model.preferences = overview.preferences.clone();
        model.known = disk.known().into_iter().map(|known| (known.entity_id, known.version)).collect();
        model.flights.clear();
        if let Ok(Found::Rows { flights, .. }) =
            disk.store().read(&Query::One(ItemId::new(Millis::ZERO, [0; 10])))
        {
            model.flights = flights.into_iter().map(|f| ((f.epoch, f.number), f)).collect();
        }
        // The server's last wish may be among what was lost.
        let hold = overview.session.and_then(|session| session.hold);
        let asked = hold.filter(|hold| hold.why == Why::ServerAsked).map(|hold| hold.until);
        model.asked_until = model.asked_until.and(asked);
        model.recounted(device, overview.totals)?;
        model.nothing_lost(device)
    }
}

impl Model {
    fn apply(&mut self, batch: &Batch) {
        self.writes += 1;
        for id in &batch.remove {
            self.remove(*id);
        }
        for record in &batch.put {
            self.put(record);
        }
        self.receipts.extend(batch.receipts.iter().map(|receipt| (receipt.id, receipt.at)));
        self.done.extend(batch.receipts.iter().map(|receipt| receipt.id));
        if let Some(expire) = &batch.expire {
            let mut old: Vec<_> = self.receipts.iter().map(|(id, at)| (*at, *id)).collect();
            old.retain(|(at, _)| *at < expire.receipts);
            old.sort();
            for (_, id) in old.iter().take(Expire::MOST as usize) {
                self.receipts.remove(id);
            }
        }
        self.yielded
            .extend(batch.receipts.iter().filter(|receipt| receipt.yielded).map(|receipt| receipt.id));
        if let Some(preferences) = &batch.preferences {
            let was = &self.preferences.settings;
            let least = self.least_attempts.unwrap_or(was.max_retry_attempts);
            self.least_attempts = Some(least.min(was.max_retry_attempts));
            self.least_days =
                Some(self.least_days.map_or(was.receipt_days, |days| days.min(was.receipt_days)));
            self.longest_interval = self.longest_interval.max(was.sync_interval_minutes);
            self.preferences = preferences.clone();
        }
        match &batch.flight {
            Some(FlightChange::Start(flight)) => {
                self.flights.retain(|(epoch, _), _| *epoch >= flight.epoch);
                self.flights.insert((flight.epoch, flight.number), flight.clone());
            }
            Some(FlightChange::End { epoch, number }) => {
                self.flights.remove(&(*epoch, *number));
            }
            None => {}
        }
    }

    /// No push takes off while the server's wish is in force.
    fn wishes(&mut self, device: usize, wall: Millis, asked: &Batch) -> Checked {
        if let (Some(FlightChange::Start(_)), Some(until)) = (&asked.flight, self.asked_until) {
            let in_force = until > wall && until - wall <= LONGEST_WISH;
            must(!in_force, Invariant::Gate, || {
                let left = (until - wall).0;
                format!("device {device}: a push takes off {left} ms before the time the server asked for")
            })?;
        }
        let hold = asked.session.as_ref().and_then(|session| session.hold.as_ref());
        if let Some(hold) = hold {
            let longest = wall + LONGEST_WISH + Millis::minutes(20) + self.interval();
            must(hold.until <= longest && !hold.words.is_empty(), Invariant::I8, || {
                format!("device {device}: a hold without a reason or end: {hold:?} at {wall:?}")
            })
            .or_else(|wrong| if self.clock_sets > 0 { Ok(()) } else { Err(wrong) })?;
            if hold.why == Why::ServerAsked {
                self.asked_until = Some(hold.until);
            }
        }
        Ok(())
    }

    /// Receipts are kept for as long as the person wants, by a clock that nobody has set.
    fn keeps_receipts(&self, device: usize, wall: Millis, batch: &Batch) -> Checked {
        let wanted = self.preferences.settings.receipt_days;
        let days = self.least_days.map_or(wanted, |days| days.min(wanted));
        let kept = Millis::minutes(24 * 60 * u64::from(days));
        let early = batch.expire.filter(|expire| self.clock_sets == 0 && expire.receipts + kept > wall);
        must(early.is_none(), Invariant::I1, || {
            format!("device {device}: receipts of less than {days} days go: {early:?}")
        })
    }

    fn one_a_key(&self, device: usize, batch: &Batch) -> Checked {
        for record in batch.put.iter().filter(|record| record.natural_key.is_some()) {
            let twin = self
                .records
                .iter()
                .find(|(_, other)| other.key == record.natural_key && other.entity != record.entity_id);
            must(twin.is_none(), Invariant::Keys, || {
                format!("device {device}: {} has the natural key of {twin:?}", record.id)
            })?;
        }
        Ok(())
    }

    /// How seldom its person wants it to look by itself.
    pub(super) fn interval(&self) -> Millis {
        let now = self.preferences.settings.sync_interval_minutes;
        Millis::minutes(self.longest_interval.max(now).into())
    }

    pub(super) fn recounted(&self, device: usize, stored: Totals) -> Checked {
        let stored = Totals { lane_changes: 0, ..stored };
        must(stored == self.totals, Invariant::Totals, || {
            format!("device {device}: stored {stored:?}, recounted {:?}", self.totals)
        })
    }

    pub(super) fn nothing_lost(&self, device: usize) -> Checked {
        let lost = self.saved.iter().find(|id| !self.keeps(**id));
        must(lost.is_none(), Invariant::I1, || format!("device {device}: {lost:?} was saved and is lost"))
    }
}
