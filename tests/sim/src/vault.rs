//! The vault of a device (I9): while it is locked its host hands out rows sealed, and nothing may be sent.
//!
//! The disk holds rows as they are, for the oracle to look at; what is simulated of sealing is what an engine meets: it gets
//! sealed rows, and what it puts back unopened is unchanged. That no browser's disk shows them is for the real one to prove.

use fieldsync_core::{Batch, Cause, Effect, Event as Told, Found, Input, Sealable, Transfer, Vault, Why};

use crate::mutants::Mutant;
use crate::oracle::{Invariant, Violation};
use crate::world::{Who, World};

/// The first question of a check.
pub const HEARTBEAT: &str = "/api/v1/sync/heartbeat";

impl World {
    /// The person locks it.
    pub fn lock_vault(&mut self, device: usize) {
        self.devices[device].vault = Vault::Locked;
        self.stats.count("vaults locked", 1);
    }

    /// The person opens it, for which they look at the app.
    pub fn open_vault(&mut self, device: usize) {
        let owner = &mut self.devices[device];
        if owner.vault != Vault::Locked {
            return;
        }
        owner.vault = Vault::Open;
        if !owner.has_tab() {
            self.page(device, 1);
        }
        self.wake_pages(device, Cause::Unlocked);
    }

    /// The keys are taken from the device, as its host is told.
    pub fn drop_keys(&mut self, who: Who) {
        if self.mutant == Some(Mutant::KeysKept) {
            return;
        }
        let device = &mut self.devices[who.device];
        device.dropped_keys = true;
        if device.vault == Vault::Open {
            device.vault = Vault::Locked;
        }
    }

    /// Who says that the device is revoked has taken its keys: they are open only where its person has opened them again.
    pub fn has_dropped_keys(&mut self, who: Who, event: &Told) {
        let revoked = matches!(event, Told::Settled { settled } if settled.hold.as_ref().is_some_and(|hold| hold.why == Why::Revoked));
        let device = &self.devices[who.device];
        if revoked && device.vault == Vault::Open && !device.dropped_keys {
            let words = format!("device {} is revoked, and its keys are still here", who.device);
            self.note(Err(Violation::new(Invariant::I9, words)));
        }
    }

    /// What an engine is told of it.
    pub fn vault(&self, device: usize) -> Vault {
        match self.mutant {
            Some(Mutant::LockIgnored) => Vault::Absent,
            _ => self.devices[device].vault,
        }
    }

    /// What was read, as the host hands it out.
    pub fn sealed(&self, device: usize, found: &mut Found) {
        if self.vault(device) != Vault::Locked {
            return;
        }
        match found {
            Found::Due(window) => window.due.iter_mut().for_each(seal),
            Found::Known(known) => known.iter_mut().for_each(seal),
            Found::Lane(lane) => {
                lane.queued.iter_mut().for_each(seal);
                lane.receipts.iter_mut().for_each(seal);
                lane.known.iter_mut().for_each(seal);
            }
            Found::Waiting(waiting) => waiting.waiters.iter_mut().for_each(|waiter| seal(&mut waiter.record)),
            Found::Rows { records, receipts, .. } => {
                records.iter_mut().for_each(seal);
                receipts.iter_mut().for_each(seal);
            }
            Found::Overview(_) | Found::Standing(_) | Found::Metrics(_) => {}
        }
    }

    /// Nothing is begun while it is locked: no push, no question what is new, no check, which each is by its heartbeat. A check
    /// that had begun ends whole (A4): with the rest of its questions, and with the renewal of a token that was refused to it. A
    /// ping says nothing of anyone.
    pub fn sends_nothing_locked(&mut self, who: Who, effect: &Effect) {
        let owner = &mut self.devices[who.device];
        let seat = &mut owner.seats[who.seat];
        let sent = match effect {
            Effect::Push { .. } => "sends",
            Effect::Upload { .. } => "uploads",
            Effect::Pull { .. } => "asks what is new",
            Effect::Ask { path: HEARTBEAT, .. } => "begins a check",
            Effect::Renew { .. } if !std::mem::take(&mut seat.token_refused) => "renews its token",
            _ => return,
        };
        if owner.vault == Vault::Locked {
            let words = format!("device {} {sent} though its vault is locked", who.device);
            self.note(Err(Violation::new(Invariant::I9, words)));
        }
    }

    /// A check is told that the server knows its token no more.
    pub fn hears_of_its_token(&mut self, who: Who, input: &Input) {
        if matches!(input, Input::Asked(_, Transfer::Answered { status: 401, .. })) && self.lives(who) {
            self.device(who).seats[who.seat].token_refused = true;
        }
    }
}

/// As it is stored: opened, where an engine puts it back as it got it.
pub fn opened(mut batch: Batch) -> Batch {
    batch.put.iter_mut().for_each(open);
    batch.receipts.iter_mut().for_each(open);
    batch.known.iter_mut().for_each(open);
    batch
}

fn seal(row: &mut impl Sealable) {
    let payload = row.take();
    if let Some(natural) = row.natural_key() {
        *natural = None;
    }
    *row.sealed() = Some(payload);
}

fn open(row: &mut impl Sealable) {
    if let Some(payload) = row.sealed().take() {
        row.restore(&payload);
    }
}
