//! What the mutants do to a write on its way to the store.

use fieldsync_core::protocol::{ConflictPolicy, Priority, PushStatus};
use fieldsync_core::{
    Batch, Effect, Expect, FlightChange, Found, ItemState, Leaving, Query, Receipt, Record, Stage, Token,
};

use crate::mutants::Mutant;
use crate::world::{Event, Who, World};

impl World {
    /// The batch as it is written: the same, unless a mutant lives. None where it is written later.
    pub fn tampered(&mut self, who: Who, asked: &Batch) -> Option<Batch> {
        let mut batch = asked.clone();
        match self.mutant {
            Some(Mutant::NoFence) => batch.expect.retain(|expect| !matches!(expect, Expect::Epoch(_))),
            Some(Mutant::NoTwinCheck) => batch.expect.retain(|expect| !matches!(expect, Expect::NoTwin(..))),
            Some(Mutant::DiscardInFlight) => {
                batch.expect.retain(|expect| !matches!(expect, Expect::NotFlying(..)));
            }
            Some(Mutant::ForgetTotals) if !batch.receipts.is_empty() => batch.totals = Default::default(),
            Some(Mutant::HalfAWrite) if self.rng.chance(20) => batch.receipts.clear(),
            Some(Mutant::ForgetTheWish) => {
                batch.session.iter_mut().for_each(|session| session.hold = None);
            }
            Some(Mutant::NoLanes) => {
                for record in &mut batch.put {
                    if record.state == ItemState::Blocked {
                        record.state = ItemState::Pending;
                        batch.totals.blocked -= 1;
                        batch.totals.pending += 1;
                    }
                }
            }
            Some(Mutant::ToldBeforeCommit) if !batch.receipts.is_empty() => {
                // It is said to be done, and done a little later.
                let later = Effect::Write(Box::new(Batch { expect: Vec::new(), ..asked.clone() }));
                if self.rng.chance(50) {
                    let token = Token(u64::MAX);
                    self.after(30, 60, Event::Perform(who, token, Box::new(later)));
                    return None;
                }
            }
            Some(Mutant::SettingsOfBefore) if batch.flight.is_some() => {
                batch.expect.retain(|expect| !matches!(expect, Expect::Preferences(_)));
            }
            Some(Mutant::NewTokensForgotten) if is_drains(&batch) => batch.preferences = None,
            Some(Mutant::OldRules) => batch.unscored = None,
            Some(Mutant::ReleasedEarly) => self.released(who.device, &mut batch),
            Some(Mutant::GivenUpUnasked) => given_up(&mut batch),
            Some(Mutant::PageForgotten) if batch.receipts.is_empty() => batch.known.clear(),
            Some(Mutant::FileForgotten) => self.forgotten(who.device, &mut batch),
            Some(Mutant::SnapshotAdds) => batch.known_anew = false,
            Some(Mutant::PatchIsWhole) => {
                let disk = &self.devices[who.device].disk;
                for (known, receipt) in batch.known.iter_mut().zip(&batch.receipts) {
                    known.data = disk.record(receipt.id).map(|record| record.body).unwrap_or_default();
                }
            }
            _ => {}
        }
        Some(batch)
    }

    /// A mutant that is seen only where something is set between a decision and its write takes its time over that.
    pub fn dawdles(&self, effect: &Effect) -> bool {
        let takes_off = |batch: &Batch| matches!(batch.flight, Some(FlightChange::Start(_)));
        self.mutant == Some(Mutant::SettingsOfBefore)
            && matches!(effect, Effect::Write(batch) if takes_off(batch))
    }

    /// Those that wait for what takes off wait no more.
    fn released(&self, device: usize, batch: &mut Batch) {
        let Some(FlightChange::Start(flight)) = &batch.flight else { return };
        let disk = &self.devices[device].disk;
        let sent = flight.ids.iter().filter_map(|id| disk.record(*id));
        let leaving = sent.map(|record| Leaving { id: record.id, entity_id: record.entity_id }).collect();
        let Ok(Found::Waiting(waiting)) = disk.store().read(&Query::Waiting(leaving)) else { return };
        for waiter in waiting.waiters {
            batch.totals.blocked -= 1;
            batch.totals.pending += 1;
            batch.put.push(Record { state: ItemState::Pending, ..waiter.record });
        }
    }

    /// What was whole is whole for ever.
    fn forgotten(&self, device: usize, batch: &mut Batch) {
        for record in &mut batch.put {
            let was = self.devices[device].disk.record(record.id).and_then(|was| was.upload);
            if let Some(was) = was.filter(|was| was.stage == Stage::Whole) {
                record.upload = Some(was);
            }
        }
    }

    /// What is read: the same, unless a mutant lives.
    pub fn misread(&self, found: &mut Found) {
        let preferences = match found {
            Found::Due(window) => {
                self.looks_whole(&mut window.due);
                &mut window.preferences
            }
            Found::Overview(overview) => &mut overview.preferences,
            _ => return,
        };
        match self.mutant {
            Some(Mutant::PauseIgnored) => preferences.paused = false,
            Some(Mutant::PolicyForgotten) => preferences.settings.conflict_policy = ConflictPolicy::Ask,
            Some(Mutant::OtherSide) => {
                let policy = &mut preferences.settings.conflict_policy;
                *policy = match *policy {
                    ConflictPolicy::KeepMine => ConflictPolicy::KeepTheirs,
                    ConflictPolicy::KeepTheirs => ConflictPolicy::KeepMine,
                    policy => policy,
                };
            }
            Some(Mutant::TooManyAtOnce) => preferences.settings.maximum_concurrent_operations = 8,
            Some(Mutant::ThresholdIgnored) => preferences.settings.priority_threshold = Priority::Low,
            _ => {}
        }
    }
}

/// Whether it is a drainer's write, and not a person's.
fn is_drains(batch: &Batch) -> bool {
    batch.expect.iter().any(|expect| matches!(expect, Expect::Epoch(_)))
}

/// What comes into conflict leaves for the server's side at once.
fn given_up(batch: &mut Batch) {
    for record in batch.put.extract_if(.., |record| record.state == ItemState::Conflict) {
        batch.totals.conflict -= 1;
        batch.totals.bytes -= i64::from(record.size);
        batch.remove.push(record.id);
        batch.receipts.push(Receipt {
            id: record.id,
            r#type: record.r#type,
            action: record.action,
            entity_id: record.entity_id,
            priority: record.priority,
            created_at: record.created_at,
            status: PushStatus::Conflict,
            version: None,
            at: record.created_at,
            yielded: true,
            attempts: record.attempts,
            history: record.history,
            body: record.body,
            sealed: None,
        });
    }
}
