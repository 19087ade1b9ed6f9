//! From effect to outcome, as the browser host does it: some at once, the rest after a while, and each of those with a
//! boundary before and after it at which everything can end.

use fieldsync_core::{
    Answer, Batch, CallError, CallId, Effect, Event as Told, Expect, Found, Input, Lock, Query, StoreError,
    Token, WriteError,
};

use crate::device::{Doing, Kill, Mine, WORKER};
use crate::mutants::Mutant;
use crate::oracle::Commit;
use crate::plan::{Storage, Victim};
use crate::trace::{name, short};
use crate::world::{Event, Who, World};

impl World {
    /// What the host does with an effect at once: answers, events and the lock's return cannot wait or fail.
    pub fn start(&mut self, who: Who, token: Token, effect: Effect) {
        match effect {
            Effect::Answer(call, result) => self.answer(who, call, *result),
            Effect::Unlock => {
                let device = self.device(who);
                device.lock = device.lock.filter(|holder| *holder != who);
            }
            Effect::Tell(event) => self.tell(who, *event),
            Effect::Read(_) | Effect::Write(_) | Effect::Lock => {
                let slow = self.storage(who.device, |fault| fault == Storage::Slow).is_some();
                let wait = if slow { self.rng.between(50, 5_000) } else { self.rng.below(4) };
                let at = self.now + wait;
                let seat = &mut self.device(who).seats[who.seat];
                let at = at.max(seat.store_busy);
                seat.store_busy = at;
                self.at(at, Event::Perform(who, token, Box::new(effect)));
            }
            effect => self.after(0, 3, Event::Perform(who, token, Box::new(effect))),
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
            Effect::Push { request, timeout, .. } => self.push(who, token, *request, timeout),
            Effect::Pull { cursor, timeout, .. } => self.pull(who, token, cursor, timeout),
            Effect::Delegate { cause, timeout, .. } => {
                self.after(1, 400, Event::Message(who, token, cause));
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
            // Nobody signs in here: the servers ask for no token.
            Effect::Answer(..) | Effect::Unlock | Effect::Tell(_) | Effect::Renew { .. } => {}
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
        Ok(found)
    }

    fn write(&mut self, who: Who, asked: Batch) -> Result<(), WriteError> {
        self.fails(who.device, true)?;
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
                    if record.state == fieldsync_core::ItemState::Blocked {
                        record.state = fieldsync_core::ItemState::Pending;
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
                    return Ok(());
                }
            }
            _ => {}
        }
        let strict = asked.strict() && self.mutant != Some(Mutant::SavedBeforeDurable);
        self.commit(who, &asked, batch, strict)
    }

    /// Writes a batch, and has it checked against what was asked for.
    pub fn commit(&mut self, who: Who, asked: &Batch, batch: Batch, strict: bool) -> Result<(), WriteError> {
        let (now, wall) = (self.now, self.wall(who.device));
        let disk = &mut self.device(who).disk;
        let done = disk.write(now, batch.clone(), strict);
        let totals = disk.overview().totals;
        self.trace.mix((batch.put.len(), batch.remove.len(), batch.receipts.len(), done.is_ok()));
        match &done {
            Ok(()) => {
                let commit = Commit { device: who.device, wall, asked, batch: &batch, totals };
                let checked = self.oracle.committed(commit);
                self.note(checked);
                self.stats.count("items done on devices", batch.receipts.len() as u64);
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
        let looked = self.devices[who.device].seats[who.seat].looked;
        let drains = self.devices[who.device].lock == Some(who);
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

    fn answer(&mut self, who: Who, call: CallId, result: Result<Answer, CallError>) {
        let now = self.now;
        self.trace
            .say(now, || format!("{} answers {}: {}", name(who), call.0, short(&format!("{result:?}"))));
        let Some(asked) = self.device(who).seats[who.seat].calls.remove(&call.0) else { return };
        self.trace.mix((call.0, result.is_ok()));
        if let Err(error) = &result
            && error.code == fieldsync_core::CallCode::Internal
        {
            self.note(Err(crate::oracle::Violation::new(
                crate::oracle::Invariant::Defect,
                format!("a call ends with a defect: {error}"),
            )));
        }
        match (asked.what, result) {
            (Doing::Enter(old), Ok(Answer::Enqueue(item))) => {
                self.stats.count("items saved", 1);
                let device = &mut self.devices[who.device];
                device.mine.push(Mine { id: item.id, entity: item.entity_id, r#type: item.r#type });
                let checked = self.oracle.saved(who.device, item.id, old, &device.disk);
                self.note(checked);
            }
            (Doing::Discard(id), Ok(_)) => self.oracle.discarded(who.device, id),
            (Doing::Enter(Some(id)) | Doing::Discard(id), Err(_)) => {
                let checked = self.oracle.refused(who.device, id);
                self.note(checked);
            }
            (Doing::Sync(tag), result) => {
                let through = matches!(&result, Ok(Answer::Wake(s)) if s.remaining == 0 && s.hold.is_none());
                self.fired(who.device, &tag, through);
            }
            (Doing::ForPage(page, token), result) => {
                let outcome = result.and_then(|answer| match answer {
                    Answer::Wake(settled) => Ok(*settled),
                    _ => Err(CallError::new(fieldsync_core::CallCode::Internal, "another answer")),
                });
                self.after(1, 30, Event::Deliver(page, Box::new(Input::Delegated(token, outcome))));
            }
            (_, Ok(Answer::Status(status))) => {
                let checked = self.oracle.status(who.device, &status);
                self.note(checked);
            }
            _ => {}
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
