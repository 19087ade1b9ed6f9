//! Checked at every commit on a device: I1, I5, I7, the server's wishes, totals, natural keys.

use fieldsync_core::protocol::{ItemId, Settings};
use fieldsync_core::{Batch, Expect, Flight, FlightChange, Found, ItemState, Millis, Query, Totals, Why};

use super::{Checked, Invariant, Model, Oracle, must};
use crate::disk::Disk;

/// The longest that a server's wish binds.
const LONGEST_WISH: Millis = Millis::minutes(60);

/// A write that was accepted.
#[derive(Debug)]
pub struct Commit<'a> {
    /// On which device.
    pub device: usize,
    /// What its clock shows.
    pub wall: Millis,
    /// What the engine asked for.
    pub asked: &'a Batch,
    /// What was written: the same, unless a mutant lives.
    pub batch: &'a Batch,
    /// The totals that stand in the store now.
    pub totals: Totals,
}

impl Oracle {
    /// A batch was committed.
    pub fn committed(&mut self, commit: Commit<'_>) -> Checked {
        let Commit { device, wall, asked, batch, totals } = commit;
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
            let id = record.id;
            // Refused by the server, or tried as often as the settings say (nobody changes them here).
            let tried = record.attempts >= Settings::default().max_retry_attempts.into();
            let may = tried || self.refused.contains(&id);
            must(record.state != ItemState::SetAside || may, Invariant::I5, || {
                let times = record.attempts;
                format!(
                    "device {device}: {id} is set aside after {times}, though the server never refused it"
                )
            })?;
            must(record.state != ItemState::Conflict || self.conflicts.contains(&id), Invariant::I5, || {
                format!("device {device}: {id} is in conflict, though the server never said so")
            })?;
        }
        let model = &mut self.devices[device];
        model.apply(batch);
        model.received += batch.receipts.len() as u64;
        model.wishes(device, wall, asked)?;
        model.one_a_key(device, batch)?;
        model.recounted(device, totals)
    }

    /// I1: with a receipt that the server has given, or because its person wants it so and it is not being sent.
    fn may_leave(&self, device: usize, id: ItemId, wall: Millis, batch: &Batch) -> Checked {
        let model = &self.devices[device];
        if batch.receipts.iter().any(|receipt| receipt.id == id) {
            return must(self.applied.contains_key(&id), Invariant::I1, || {
                format!("device {device}: {id} is called done, and the server never had it")
            });
        }
        must(model.leaving.contains_key(&id), Invariant::I1, || {
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
        self.receipts.extend(batch.receipts.iter().map(|receipt| receipt.id));
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
            let longest = wall + LONGEST_WISH + Millis::minutes(20);
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
