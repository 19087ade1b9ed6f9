//! From effect to outcome, as the browser host does it: some at once, the rest after a while, and each of those with a
//! boundary before and after it at which everything can end.

use fieldsync_core::{
    Batch, CallError, Effect, Event as Told, Flight, FlightChange, Found, Input, ItemState, Lock, Query,
    StoreError, Token, Transfer, Uploaded, WriteError,
};

use crate::device::{Kill, WORKER};
use crate::mutants::Mutant;
use crate::oracle::Commit;
use crate::plan::{Storage, Victim};
use crate::trace::{name, short};
use crate::vault::opened;
use crate::world::{Event, Who, World};

impl World {
    /// What the host does with an effect at once: answers, events and the lock's return cannot wait or fail.
    pub fn start(&mut self, who: Who, token: Token, effect: Effect) {
        match effect {
            Effect::Answer(call, result) => self.answer(who, call, *result),
            Effect::Unlock => {
                self.device(who).seats[who.seat].drains = false;
                self.oracle.unlocks(who);
                let device = self.device(who);
                device.seats[who.seat].was_drainer = device.lock == Some(who);
                device.lock = device.lock.filter(|holder| *holder != who);
            }
            Effect::Tell(event) => self.tell(who, *event),
            Effect::DropKeys => self.drop_keys(who),
            Effect::Read(_) | Effect::Write(_) | Effect::Lock => {
                self.device(who).seats[who.seat].drains |= matches!(effect, Effect::Lock);
                if matches!(&effect, Effect::Write(batch) if takes_off(batch).is_some()) {
                    self.oracle.decides(who);
                }
                let slow = self.storage(who.device, |fault| fault == Storage::Slow).is_some();
                let slow = slow || self.dawdles(&effect);
                let wait = if slow { self.rng.between(50, 5_000) } else { self.rng.below(4) };
                let at = self.now + wait;
                let seat = &mut self.device(who).seats[who.seat];
                let at = at.max(seat.store_busy);
                seat.store_busy = at;
                self.at(at, Event::Perform(who, token, Box::new(effect)));
            }
            Effect::BreakOff => {
                for lost in std::mem::take(&mut self.device(who).seats[who.seat].under_way) {
                    self.after(0, 3, Event::Deliver(who, Box::new(lost)));
                }
            }
            effect => {
                self.sends_nothing_locked(who, &effect);
                if matches!(effect, Effect::Push { .. }) {
                    self.oracle.took_off(who, token);
                }
                self.device(who).seats[who.seat].under_way.extend(lost(token, &effect));
                self.after(0, 3, Event::Perform(who, token, Box::new(effect)));
            }
        }
    }

    /// An effect with an outcome is carried out.
    pub fn perform(&mut self, who: Who, token: Token, effect: Effect) {
        if !self.lives(who) {
            return;
        }
        let now = self.now;
        self.trace.mix((who.device, who.seat, token.0));
        self.trace.say(now, || format!("{} does {}", name(who), short(&format!("{effect:?}"))));
        let kill = self.kill_due(who.device);
        if let Some(kill) = kill.filter(|kill| !kill.done) {
            self.strike(who, kill);
            if !self.lives(who) {
                return;
            }
        }
        match effect {
            Effect::Ping { nonce, timeout } => self.ping(who, token, &nonce, timeout),
            Effect::Push { request, bearer, timeout, .. } => self.push(who, token, *request, bearer, timeout),
            Effect::Pull { cursor, bearer, timeout } => self.pull(who, token, cursor, bearer, timeout),
            Effect::Renew { refresh_token, timeout } => self.renew(who, token, &refresh_token, timeout),
            Effect::Ask { method, path, body, bearer, timeout } => {
                self.ask(who, token, (method, path, body), bearer, timeout);
            }
            Effect::Upload { step, bearer, timeout } => self.ferry(who, token, *step, bearer, timeout),
            Effect::Delegate { cause, timeout, power } => {
                self.after(1, 400, Event::Message(who, token, cause, power));
                let silence = CallError::new(fieldsync_core::CallCode::Timeout, "silence");
                let outcome = Box::new(Input::Delegated(token, Err(silence)));
                self.at(now + timeout.0, Event::Deliver(who, outcome));
            }
            Effect::RequestSync { tag } => {
                let granted = self.request_sync(who.device, &tag);
                self.after(0, 20, Event::Deliver(who, Box::new(Input::SyncRequested(token, granted))));
            }
            Effect::Lock => {
                let outcome = self.lock(who);
                self.stored(who, Input::Locked(token, outcome));
            }
            Effect::Read(query) => {
                let outcome = self.read(who, &query);
                self.stored(who, Input::Read(token, outcome));
            }
            Effect::Write(batch) => {
                let outcome = self.write(who, *batch);
                self.stored(who, Input::Written(token, outcome));
            }
            Effect::Answer(..) | Effect::Unlock | Effect::BreakOff | Effect::DropKeys | Effect::Tell(_) => {}
        }
        if let Some(kill) = kill.filter(|kill| kill.done) {
            self.strike(who, kill);
        }
    }

    /// An outcome of storage is on its way back, in order.
    fn stored(&mut self, who: Who, outcome: Input) {
        let at = self.now + self.rng.below(4);
        let seat = &mut self.device(who).seats[who.seat];
        let at = at.max(seat.store_told);
        seat.store_told = at;
        self.at(at, Event::Deliver(who, Box::new(outcome)));
    }

    fn lock(&mut self, who: Who) -> Result<Lock, StoreError> {
        if self.devices[who.device].lock.is_some() {
            return Ok(Lock::Busy);
        }
        self.fails(who.device, true)?;
        let now = self.now;
        let device = self.device(who);
        device.lock = Some(who);
        let epoch = device.disk.next_epoch(now);
        self.oracle.granted(who.device, epoch);
        Ok(Lock::Held(epoch))
    }

    fn read(&mut self, who: Who, query: &Query) -> Result<Found, StoreError> {
        self.fails(who.device, false)?;
        let writes = self.oracle.writes(who.device);
        let device = self.device(who);
        if matches!(query, Query::Due { .. }) {
            device.seats[who.seat].looked = writes;
        }
        let draining = device.lock.is_some();
        let mut found = device.disk.store().read(query)?;
        if let Found::Overview(overview) = &mut found {
            overview.draining = draining;
        }
        self.stands(who.device, &mut found);
        self.misread(&mut found);
        self.sealed(who.device, &mut found);
        Ok(found)
    }

    fn write(&mut self, who: Who, asked: Batch) -> Result<(), WriteError> {
        self.fails(who.device, true)?;
        let asked = opened(asked);
        let Some(batch) = self.tampered(who, &asked) else { return Ok(()) };
        let strict = asked.strict() && self.mutant != Some(Mutant::SavedBeforeDurable);
        self.commit(who, &asked, batch, strict)
    }

    /// Writes a batch, and has it checked against what was asked for.
    pub fn commit(&mut self, who: Who, asked: &Batch, batch: Batch, strict: bool) -> Result<(), WriteError> {
        let (now, wall) = (self.now, self.wall(who.device));
        let user = self.devices[who.device].make.user;
        let missing = self.missing(who.device, asked);
        let disk = &mut self.device(who).disk;
        let ids = takes_off(asked).map_or(&[][..], |flight| &flight.ids);
        let sent: Vec<_> = ids.iter().filter_map(|id| disk.record(*id)).collect();
        let left: Vec<_> = batch.remove.iter().filter_map(|id| disk.record(*id)).collect();
        let done = disk.write(now, batch.clone(), strict);
        let totals = disk.overview().totals;

        self.trace.mix((batch.put.len(), batch.remove.len(), batch.receipts.len(), done.is_ok()));
        match &done {
            Ok(()) => {
                let commit =
                    Commit { who, user, now, wall, asked, batch: &batch, totals, sent: &sent, left: &left };
                let checked = self.oracle.committed(commit);
                self.note(checked);
                self.heard_missing(who.device, missing);
                self.stats.count("items done on devices", batch.receipts.len() as u64);
                let put = |state| batch.put.iter().filter(|record| record.state == state).count() as u64;
                self.stats.count("items in conflict", put(ItemState::Conflict));
                self.stats.count("items set aside", put(ItemState::SetAside));
            }
            Err(error) => {
                self.trace.say(now, || format!("{} is refused the write: {error}", name(who)));
                if *error == WriteError::Fenced {
                    self.stats.count("late writers fenced", 1);
                }
            }
        }
        done
    }

    fn tell(&mut self, who: Who, event: Told) {
        let now = self.now;
        self.trace.say(now, || format!("{} tells {}", name(who), short(&format!("{event:?}"))));
        self.has_dropped_keys(who, &event);
        let device = &self.devices[who.device];
        let drains = match &event {
            Told::Settled { .. } => device.seats[who.seat].was_drainer,
            _ => device.lock == Some(who),
        };
        let looked = device.seats[who.seat].looked;
        let checked = self.oracle.told(who.device, self.wall(who.device), looked, drains, &event);
        self.note(checked);
        for seat in 0..self.devices[who.device].seats.len() {
            let other = self.who(who.device, seat);
            if other != who && self.lives(other) {
                let at = now + self.rng.below(40);
                let heard = &mut self.device(other).seats[seat].heard;
                let at = at.max(*heard);
                *heard = at;
                self.at(at, Event::Deliver(other, Box::new(Input::Heard(event.clone()))));
            }
        }
    }

    /// A fault of the storage that strikes now.
    fn storage(&mut self, device: usize, kind: impl Fn(Storage) -> bool) -> Option<Storage> {
        let now = self.now;
        let found = self.devices[device]
            .storage
            .iter()
            .find(|(fault, _, until)| *until > now && kind(*fault))
            .map(|(fault, percent, _)| (*fault, *percent));
        let (fault, percent) = found?;
        let strikes = self.rng.chance(u64::from(percent));
        if strikes {
            let name = match fault {
                Storage::Fails => "hit: storage failed",
                Storage::Full => "hit: storage full",
                Storage::Slow => "hit: storage slow",
            };
            self.stats.count(name, 1);
        }
        strikes.then_some(fault)
    }

    fn fails(&mut self, device: usize, writes: bool) -> Result<(), StoreError> {
        match self.storage(device, |fault| fault == Storage::Fails || (writes && fault == Storage::Full)) {
            Some(Storage::Full) => Err(StoreError::Full),
            Some(_) => Err(StoreError::Failed("the disk".to_owned())),
            None => Ok(()),
        }
    }

    fn kill_due(&mut self, device: usize) -> Option<Kill> {
        let kills = &mut self.devices[device].kills;
        let due = kills.iter().position(|kill| kill.skip == 0);
        kills.iter_mut().for_each(|kill| kill.skip = kill.skip.saturating_sub(1));
        due.map(|place| kills.remove(place))
    }

    fn strike(&mut self, who: Who, kill: Kill) {
        let when = if kill.done { "hit: killed after an effect" } else { "hit: killed before an effect" };
        self.stats.count(when, 1);
        match kill.victim {
            Victim::Actor => self.die(who),
            Victim::Worker => self.die(self.who(who.device, WORKER)),
            Victim::Browser => self.kill_browser(who.device),
        }
    }
}

/// The push that takes off with a write.
fn takes_off(batch: &Batch) -> Option<&Flight> {
    match &batch.flight {
        Some(FlightChange::Start(flight)) => Some(flight),
        Some(FlightChange::End { .. }) | None => None,
    }
}

/// What a request comes to whose answer is lost.
fn lost(token: Token, effect: &Effect) -> Option<Input> {
    match effect {
        Effect::Ping { .. } => Some(Input::Pinged(token, None)),
        Effect::Push { .. } => Some(Input::Pushed(token, Transfer::Broken, 0)),
        Effect::Pull { .. } => Some(Input::Pulled(token, Transfer::Broken)),
        Effect::Renew { .. } => Some(Input::Renewed(token, Transfer::Broken)),
        Effect::Ask { .. } => Some(Input::Asked(token, Transfer::Broken)),
        Effect::Upload { .. } => Some(Input::Uploaded(token, Uploaded::default())),
        _ => None,
    }
}
