//! How a drain pauses and ends: a hold is waited out or written, and whoever waits is told.

use std::mem;

use super::{Drain, Step, TROUBLE_BACKOFF};
use crate::call::{Event, Settled};
use crate::event::Effect;
use crate::gate::{self, Hold, Why};
use crate::ledger::{Batch, Totals};
use crate::outbox::Desk;
use crate::progress::Session;
use crate::time::{Millis, Timer};

impl Drain {
    /// Waits the hold out where a sync event lives that long, else ends the drain.
    pub(super) fn hold(&mut self, desk: &mut Desk, hold: Hold) {
        if !self.waiters.wait_out(desk.up(hold.until)) || hold.why == Why::Offline {
            return self.close(desk, Some(hold));
        }
        let settled = self.standing(desk, Some(hold.clone()));
        self.waiters.tell_impatient(desk, &settled);
        let session = Some(self.session(desk, Some(&hold)));
        self.write(desk, Step::Holding(hold), Batch { session, ..Batch::default() });
    }

    /// How things stand, for those who wait.
    pub(super) fn standing(&self, desk: &Desk, hold: Option<Hold>) -> Settled {
        let progress = self.session(desk, hold.as_ref()).progress;
        Settled { progress, remaining: self.totals.unsent(), hold }
    }

    /// Ends the drain: writes how, then says so.
    pub(super) fn close(&mut self, desk: &mut Desk, hold: Option<Hold>) {
        let news =
            self.announced || hold.is_some() || self.last.as_ref().is_some_and(|last| last.hold.is_some());
        let mut session = self.session(desk, hold.as_ref());
        session.progress.ended_at = session.progress.ended_at.or(Some(desk.now));
        let settled = Settled { progress: session.progress.clone(), remaining: self.totals.unsent(), hold };
        if !news {
            return self.settle(desk, settled);
        }
        self.write(desk, Step::Closing(settled), Batch { session: Some(session), ..Batch::default() });
    }

    /// This drain's public state; one that announced nothing leaves the progress of the one before.
    pub(super) fn session(&self, desk: &Desk, hold: Option<&Hold>) -> Session {
        let mut progress = match &self.last {
            Some(last) if !self.announced => last.progress.clone(),
            None if !self.announced => self.tally.progress(&Totals::default()),
            _ => self.tally.progress(&self.totals),
        };
        progress.next_scheduled_sync = hold.map(|hold| hold.until.max(desk.now));
        let hold = hold.or_else(|| self.wish(desk)).cloned();
        Session { progress, hold, troubles: self.troubles }
    }

    /// What the server asked for and is still in force: an empty queue does not end it.
    pub(super) fn wish(&self, desk: &Desk) -> Option<&Hold> {
        gate::asked(desk.now, self.last.as_ref().and_then(|last| last.hold.as_ref()))
    }

    /// Ends without a write: the lock was never ours, or is not any more. Others are not told: whoever has the lock tells
    /// them how it goes.
    pub(super) fn finish(&mut self, desk: &mut Desk, hold: Option<Hold>) {
        desk.out.push(Effect::Unlock);
        let settled = self.standing(desk, hold);
        self.end(desk, settled);
    }

    pub(super) fn settle(&mut self, desk: &mut Desk, settled: Settled) {
        desk.out.push(Effect::Unlock); // before others hear that it is free
        desk.out.tell(Event::Settled { settled: settled.clone() });
        self.end(desk, settled);
    }

    pub(super) fn end(&mut self, desk: &mut Desk, settled: Settled) {
        self.step = Step::Idle;
        self.awaits = None;
        desk.timers.stop(Timer::Drain);
        self.waiters.tell_all(desk, &settled);
        desk.settled = Some(settled);
        for (call, cause) in mem::take(&mut self.late) {
            self.wake(desk, call, cause);
        }
    }

    /// One more trouble of link or server: how long it is left alone.
    pub(super) fn trouble(&mut self, desk: &mut Desk) -> Millis {
        self.troubles += 1;
        desk.now + TROUBLE_BACKOFF.after(self.troubles, &mut desk.jitter)
    }
}
