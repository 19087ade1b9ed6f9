//! A drain, walking through the rooms: lock → load → gate → stability → plan → push → commit → and again, until nothing
//! is due, something holds, or the slice is over.
//!
//! One step is under way at a time, and every step ends with an outcome of the host; beside it up to so many pushes are on
//! their way as the settings allow, and those that come back are committed one after the other. A crash anywhere leaves items pending; the next drain sends them again under their ids and gets their first receipts (I4).

mod aloft;
mod deciding;
mod ending;
mod ferry;
mod landing;
pub(crate) mod refresh;
mod renewing;

use std::mem;

use aloft::{Aloft, Flying};
use deciding::Rest;
use refresh::Refresh;
use renewing::Pass;

use crate::call::{Cause, Event, Settled};
use crate::commit::Landing;
use crate::event::{CallId, Effect, Lock, StoreError, Token, Transfer, WriteError};
use crate::gate::{self, Hold, LONGEST_WISH, Why};
use crate::ledger::{Batch, Expect, Found, Query, Totals};
use crate::link::Link;
use crate::login::Secret;
use crate::metrics::Meter;
use crate::metrics::pace::Pace;
use crate::outbox::Desk;
use crate::priority::rescore;
use crate::progress::{Session, Tally};
use crate::push::{self, PUSH_TIMEOUT, Sizing};
use crate::record::{ItemState, Record};
use crate::sealed::{self, Vault};
use crate::stability::PingWindow;
use crate::time::{Backoff, Millis, Timer};
use crate::upload::Chunks;
use crate::waiters::Waiters;
use fieldsync_protocol::{EntityId, ItemId, ItemType, Priority, Sorted, Trigger};

/// How often the lock is asked for while another drains.
const LOCK_AGAIN: Millis = Millis::seconds(1);
/// A browser may send a sync event before it knows of the network, right after its start, and tells a worker nothing of the
/// network's coming: within such an event it is looked at this often.
const PEEK: Millis = Millis::seconds(2);
/// How long a link or server in trouble is left alone.
const TROUBLE_BACKOFF: Backoff = Backoff { first: Millis::seconds(4), most: Millis::minutes(5) };
/// When the store failed, or the server refuses the device.
const LATER: Millis = Millis::minutes(1);
/// Who gave way sends nothing for so long: by then the new version is there, or was put off.
const AWAY: Millis = Millis::seconds(30);
/// Records in memory at a time.
const WINDOW: u32 = 500;

/// What is under way.
#[derive(Debug, Default)]
#[expect(clippy::large_enum_variant, reason = "there is one of it")]
enum Step {
    #[default]
    Idle,
    /// Asked for the lock.
    Locking,
    /// Another drains; the lock is asked for again by timer, or when the other has settled.
    Elsewhere,
    /// Gave up on the lock; looking how things stand, to say so.
    Looking,
    Loading,
    /// Reading what has still to be scored by the rules of today, then writing it.
    Rescoring,
    /// Files that are to be tried again are put behind all text.
    LiningUp,
    /// That it has begun is written, for pages that are opened meanwhile.
    Announcing,
    Pinging,
    /// Until the next ping of the window.
    BetweenPings,
    /// Asking for a new token, then writing it.
    Renewing,
    /// Asking the server what is new, then writing it.
    Pulling,
    Learning,
    /// Attempts are written before anything is sent (I2).
    Marking(Vec<Record>),
    /// Nothing is to be done until one of the pushes that are on their way comes back.
    Aloft,
    /// Who waits for what leaves.
    Releasing(Landing, Then),
    /// Receipts are written before anything is said of them (I6).
    Committing {
        landing: Landing,
        tally: Tally,
        meter: Meter,
        totals: Totals,
        then: Then,
    },
    /// The hold is written, for pages to show.
    Holding(Hold),
    /// Waiting within the slice, and why.
    Resting(Why),
    Closing(Settled),
}

/// What follows a commit.
#[derive(Debug)]
enum Then {
    GoOn,
    Stop(Hold),
}

/// The drain of this page or worker; at most one runs.
#[derive(Debug, Default)]
pub(crate) struct Drain {
    step: Step,
    awaits: Option<Token>,
    /// Until then nothing is begun here: a new version of the app takes over. In uptime.
    away_until: Millis,
    /// When the rest that is under way ends, in uptime.
    rests_until: Millis,
    epoch: u64,
    /// Pushes of this epoch.
    flights: u64,
    tally: Tally,
    totals: Totals,
    /// How the last drain ended, as stored.
    last: Option<Session>,
    /// That it has begun was written and told.
    announced: bool,
    /// Something may have been saved since the window was asked for.
    stale: bool,
    /// All that was due in the window is on its way.
    swept: bool,
    /// What else is in the window, while pushes of it are on their way.
    rest: Option<Rest>,
    /// Which priorities the window was asked for.
    lowest: Priority,
    /// The deletions that are left for another drain, where this one is to leave them.
    spared: Option<Vec<ItemId>>,
    steady: bool,
    aloft: Aloft,
    /// What ends the drain once everything has come back.
    stop: Option<Hold>,
    pings: PingWindow,
    link: Link,
    refresh: Refresh,
    pass: Pass,
    /// The token that is to be renewed first, if it is still in use.
    renews: Option<Secret>,
    /// The link and the last drain are known from the store.
    looked: bool,
    meter: Meter,
    pace: Pace,
    /// Bytes whose answers are committed.
    settled: u64,
    /// What leads the push that took off last.
    leading: Option<(ItemType, EntityId)>,
    sizing: Sizing,
    chunks: Chunks,
    /// The files of which the server has said in this drain how far they have come.
    sure: Sorted<ItemId, ()>,
    /// Troubles of link or server since the last push that was judged; survives the drain.
    troubles: u32,
    /// Pushes up to this one took off before the last trouble was known: theirs is the same one.
    troubled: u64,
    failures_alone: u32,
    waiters: Waiters,
    /// Who came while the drain was closing: a new one is theirs.
    late: Vec<(Option<CallId>, Cause)>,
}

impl Drain {
    /// Begins a drain, or joins the one that runs. `call` is answered when it has settled.
    pub(crate) fn wake(&mut self, desk: &mut Desk, call: Option<CallId>, cause: Cause) {
        let trigger = Trigger::from(cause);
        match self.step {
            Step::Idle => {
                let (sizing, away_until) = (self.sizing, self.away_until);
                let lowest = Priority::Low;
                let (tally, pace) = (Tally::begin(trigger, desk.now), Pace::begin(desk.uptime));
                let spared = (cause == Cause::WithoutDeletions).then(Vec::new);
                *self = Drain { tally, pace, sizing, lowest, away_until, spared, ..Drain::default() };
                self.waiters.add(desk.uptime, call, cause);
                match desk.uptime < away_until {
                    true => self.begin(desk, Step::Looking, Effect::Read(Query::Overview)),
                    false => self.lock(desk),
                }
            }
            Step::Closing(_) | Step::Looking => self.late.push((call, cause)),
            _ => {
                self.waiters.add(desk.uptime, call, cause);
                self.stale = true;
                if cause != Cause::WithoutDeletions {
                    self.spared = None;
                }
                if self.tally.joined(trigger) {
                    self.meter.taken_over();
                    if self.announced {
                        desk.out.tell(Event::Started { progress: self.progress(desk, &self.totals) });
                    }
                }
                if matches!(self.step, Step::Resting(_)) {
                    self.load(desk); // whoever wakes has a reason to
                }
            }
        }
    }

    /// Begins a drain that renews this token before anything else, whatever holds what is queued. One that runs meets the 401
    /// itself.
    pub(crate) fn renew_first(&mut self, desk: &mut Desk, refused: Secret) {
        if matches!(self.step, Step::Idle) {
            self.wake(desk, None, Cause::Timer);
            self.renews = Some(refused);
        }
    }

    /// Something was saved, here or elsewhere.
    pub(crate) fn saved(&mut self, desk: &mut Desk) {
        self.stale = true;
        match self.step {
            Step::Resting(Why::NotDue) => self.load(desk), // what was saved is due
            Step::Aloft => self.go_on(desk),               // and there may be room for it
            Step::Closing(_) if self.late.is_empty() => self.late.push((None, Cause::Saved)),
            _ => {}
        }
    }

    /// Ends as soon as the step that is under way allows, and waits for no answer of the server: an item whose answer is lost
    /// is asked about again (I3). What remains is for the next drain.
    pub(crate) fn give_way(&mut self, desk: &mut Desk) {
        self.waiters.hurry(desk.uptime);
        self.away_until = desk.uptime + AWAY;
        match self.step {
            Step::Aloft | Step::Pulling | Step::Renewing | Step::Pinging => {
                desk.out.push(Effect::BreakOff);
            }
            Step::Resting(_) | Step::BetweenPings => self.load(desk),
            Step::Elsewhere => self.tick(desk),
            _ => {}
        }
    }

    /// The time for this run is over. It goes on at once, but for one that gave way: whoever woke this worker again would keep
    /// it, and the new version waiting.
    fn slice(&self, desk: &Desk) -> Hold {
        let away = if desk.uptime < self.away_until { self.away_until - desk.uptime } else { Millis::ZERO };
        Hold::new(Why::Slice, desk.now + away)
    }

    /// Another drainer has settled.
    pub(crate) fn freed(&mut self, desk: &mut Desk) {
        if matches!(self.step, Step::Elsewhere) {
            self.lock(desk);
        }
    }

    pub(crate) fn awaits(&self, token: Token) -> bool {
        self.awaits == Some(token) || self.aloft.awaits(token)
    }

    pub(crate) fn tick(&mut self, desk: &mut Desk) {
        match self.step {
            Step::Elsewhere if desk.uptime >= self.waiters.until() => {
                self.begin(desk, Step::Looking, Effect::Read(Query::Overview));
            }
            Step::Elsewhere => self.lock(desk),
            Step::BetweenPings => {
                // A hidden page's timers go off up to a minute late: what it could not use of its slice is not counted.
                self.waiters.forward(desk.uptime - self.rests_until);
                self.ping(desk);
            }
            Step::Resting(Why::Offline)
                if desk.facts.online == Some(false) && desk.uptime < self.waiters.until() =>
            {
                self.rest(desk, Step::Resting(Why::Offline), desk.uptime + PEEK);
            }
            Step::Resting(_) => self.load(desk),
            _ => {}
        }
    }

    pub(crate) fn locked(&mut self, desk: &mut Desk, outcome: Result<Lock, StoreError>) {
        match outcome {
            // Too late to look at anything, and so to write how things stand.
            Ok(Lock::Held(_)) if desk.uptime >= self.waiters.until() => {
                self.finish(desk, Some(self.slice(desk)));
            }
            Ok(Lock::Held(epoch)) => {
                self.epoch = epoch;
                self.meter = Meter::begin(epoch, self.tally.trigger(), desk.now, desk.facts.power);
                self.load(desk);
            }
            Ok(Lock::Busy) => {
                self.rest(desk, Step::Elsewhere, desk.uptime + LOCK_AGAIN);
            }
            Err(_) => self.finish(desk, Some(Hold::new(Why::Storage, desk.now + LATER))),
        }
    }

    pub(crate) fn read(&mut self, desk: &mut Desk, outcome: Result<Found, StoreError>) {
        match (mem::take(&mut self.step), outcome) {
            (Step::Looking, Ok(Found::Overview(overview))) => {
                self.totals = overview.totals;
                self.last = overview.session;
                let elsewhere = Hold::new(Why::Elsewhere, desk.now + LOCK_AGAIN);
                let is_away = desk.uptime < self.away_until;
                self.finish(desk, Some(if is_away { self.slice(desk) } else { elsewhere }));
            }
            (Step::Looking, _) => self.finish(desk, Some(Hold::new(Why::Storage, desk.now + LATER))),
            // Of what is sealed nobody can say what it comes to after this one. The receipts come again (I4).
            (Step::Releasing(landing, then), Ok(found @ Found::Waiting(_))) if sealed::is_sealed(&found) => {
                let hold = Hold::new(Why::Locked, desk.now + LATER);
                let then = if matches!(then, Then::Stop(_)) { then } else { Then::Stop(hold) };
                self.land(desk, landing.forgotten(), then, &[]);
            }
            (Step::Releasing(landing, then), Ok(Found::Waiting(waiting))) => {
                self.totals = waiting.totals;
                self.land(desk, landing, then, &waiting.waiters);
            }
            (Step::Rescoring, Ok(Found::Rows { records, .. })) => {
                let batch = rescore::batch(&desk.preferences, &records);
                self.write(desk, Step::Rescoring, batch);
            }
            (_, Ok(Found::Due(window))) => self.decide(desk, window),
            (_, _) => {
                let hold = Some(Hold::new(Why::Storage, desk.now + LATER));
                if self.last.is_some() {
                    return self.close(desk, hold);
                }
                // How the last drain was held was not seen, and must not be written over: the server's wish binds on.
                let settled = self.standing(desk, hold);
                self.settle(desk, settled);
            }
        }
    }

    pub(crate) fn written(&mut self, desk: &mut Desk, outcome: Result<(), WriteError>) {
        let step = mem::take(&mut self.step);
        if outcome.is_err() {
            self.rest = None; // something else has written
        }
        if matches!(outcome, Err(WriteError::Fenced)) {
            return self.finish(desk, Some(Hold::new(Why::Elsewhere, desk.now + LOCK_AGAIN)));
        }
        match (step, outcome) {
            (Step::Closing(settled), _) => self.settle(desk, settled),
            (Step::Announcing, Ok(())) => {
                desk.out.tell(Event::Started { progress: self.progress(desk, &self.totals) });
                self.go_on(desk);
            }
            (Step::Renewing, Ok(())) => self.load(desk),
            (Step::Learning, Ok(())) => {
                desk.out.tell(Event::Changed); // pages show what is known
                self.load(desk);
            }
            (Step::Holding(hold), _) => {
                desk.out.tell(Event::Changed); // pages show the hold
                let until = match hold.why {
                    Why::Offline => desk.uptime + PEEK,
                    _ => desk.up(hold.until),
                };
                self.rest(desk, Step::Resting(hold.why), until);
            }
            // Locked since the window was read (I9), or asked to give way: as if it had taken off and never come back.
            (Step::Marking(sent), Ok(()))
                if desk.facts.vault == Vault::Locked || desk.uptime < self.away_until =>
            {
                let token = desk.out.push(Effect::Tell(Box::new(Event::Changed)));
                let (plain, number) = (push::bytes(&sent), self.flights);
                self.aloft.take_off(Flying { token, number, sent, plain, bearer: None, at: desk.uptime });
                self.aloft.land(desk.uptime, token, Transfer::Broken, 0);
                self.go_on(desk);
            }
            (Step::Marking(sent), Ok(())) => {
                desk.out.tell(Event::Progressed { progress: self.progress(desk, &self.totals) }); // it is being sent
                let request = Box::new(push::request(&desk.device_id, &sent));
                let plain = push::bytes(&sent);
                let gzip = plain >= push::GZIP_PAYS;
                let bearer = desk.preferences.bearer();
                let push = Effect::Push { request, gzip, bearer: bearer.clone(), timeout: PUSH_TIMEOUT };
                let token = desk.out.push(push);
                let number = self.flights;
                self.aloft.take_off(Flying { token, number, sent, plain, bearer, at: desk.uptime });
                self.go_on(desk);
            }
            // An entry has begun to wait meanwhile: it may wait for one of these.
            (Step::Committing { landing, then, .. }, Err(WriteError::Changed))
                if !landing.left.is_empty() =>
            {
                self.release(desk, landing, then);
            }
            (Step::Committing { landing, tally, meter, totals, then }, Ok(())) => {
                self.stale |= !landing.left.is_empty() && self.totals.blocked > totals.blocked;
                (self.tally, self.meter, self.totals) = (tally, meter, totals);
                if landing.replayed {
                    // What became of it since is asked before the drain ends.
                    self.refresh = Refresh { cursor: self.refresh.cursor.take(), ..Refresh::default() };
                }
                let clashed = landing.batch.put.iter().filter(|record| record.state == ItemState::Conflict);
                desk.clashes.extend(clashed.map(|record| record.id));
                self.pace.committed(desk.uptime, landing.answered);
                self.settled += landing.answered;
                if self.aloft.is_empty() {
                    self.leading = None;
                }
                desk.out.tell(Event::Progressed { progress: self.progress(desk, &self.totals) });
                if let Then::Stop(hold) = then {
                    self.stop = Some(gate::longer(self.stop.take(), hold));
                }
                self.go_on(desk);
            }
            (step, Err(WriteError::Store(_))) => {
                if matches!(step, Step::Learning) {
                    // As it is stored: a cursor is never ahead of what is known by it.
                    let last = self.last.as_ref();
                    self.refresh.cursor = last.and_then(|last| last.cursor.clone());
                    self.refresh.at = last.and_then(|last| last.refreshed_at);
                }
                self.close(desk, Some(Hold::new(Why::Storage, desk.now + LATER)))
            }
            // An item was discarded or something set meanwhile: what is left is looked at afresh.
            (_, _) => self.go_on(desk),
        }
    }

    /// The next step: what has come back, then what else may be sent.
    fn go_on(&mut self, desk: &mut Desk) {
        let enough = self.is_full(desk) || (self.swept && !self.stale);
        let stops = self.stop.is_some() || desk.uptime >= self.waiters.until();
        if self.aloft.has_landed() || (!self.aloft.is_empty() && (stops || enough)) {
            return self.await_landing(desk);
        }
        match (self.stop.take(), self.rest_of_window(desk)) {
            (Some(hold), _) => self.hold(desk, hold),
            (None, Some(rest)) => self.weigh(desk, rest),
            (None, None) => self.load(desk),
        }
    }

    /// One that has come back is looked at; else there is nothing to do until one does.
    fn await_landing(&mut self, desk: &mut Desk) {
        self.awaits = None;
        if let Some(landed) = self.aloft.next_landed() {
            self.landed(desk, landed);
        } else if let Some((ferry, outcome, at)) = self.aloft.next_ferried() {
            self.put_in(desk, ferry, outcome, at);
        } else {
            self.step = Step::Aloft;
        }
    }

    fn lock(&mut self, desk: &mut Desk) {
        desk.timers.stop(Timer::Drain);
        self.begin(desk, Step::Locking, Effect::Lock);
    }

    fn load(&mut self, desk: &mut Desk) {
        desk.timers.stop(Timer::Drain);
        if desk.uptime >= self.waiters.until() {
            // What a clash is settled with is to be sent too.
            let settled = desk.settling == 0 && desk.clashes.is_empty();
            let through = self.announced && !self.stale && settled && self.totals.unsent() == 0;
            return self.close(desk, (!through).then(|| self.slice(desk)));
        }
        self.tell_late(desk);
        (self.stale, self.swept, self.rest) = (false, false, None);
        self.begin(
            desk,
            Step::Loading,
            Effect::Read(Query::Due {
                by: desk.now + self.reach(),
                beyond: desk.now + LONGEST_WISH,
                lowest: self.lowest,
                limit: WINDOW,
                except: [self.aloft.ids(), self.spared.clone().unwrap_or_default()].concat(),
            }),
        );
    }

    /// Tells those whose own slice is over.
    fn tell_late(&mut self, desk: &mut Desk) {
        if self.waiters.any_late(desk.uptime) {
            let settled = self.standing(desk, Some(self.slice(desk)));
            self.waiters.tell_late(desk, &settled);
        }
    }

    fn rest(&mut self, desk: &mut Desk, step: Step, until: Millis) {
        self.step = step;
        self.awaits = None;
        self.rests_until = until;
        desk.timers.set(Timer::Drain, until);
    }

    /// Every write of a drain holds only while this drainer is the latest (I7).
    fn write(&mut self, desk: &mut Desk, step: Step, mut batch: Batch) {
        batch.expect.insert(0, Expect::Epoch(self.epoch));
        self.begin(desk, step, Effect::Write(Box::new(batch)));
    }

    fn begin(&mut self, desk: &mut Desk, step: Step, effect: Effect) {
        self.step = step;
        self.awaits = Some(desk.out.push(effect));
    }
}
