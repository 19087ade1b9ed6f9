//! How a drain pauses and ends: a hold is waited out or written, and whoever waits is told.

use std::mem;

use fieldsync_protocol::{CurrentOperation, Progress, Settings};

use super::{Drain, Step, TROUBLE_BACKOFF};
use crate::call::{Event, Settled};
use crate::event::Effect;
use crate::gate::{self, Hold, Why};
use crate::ledger::{Batch, Expire, Totals};
use crate::outbox::Desk;
use crate::progress::{Session, Tally};
use crate::time::{Millis, Timer};

/// How often what is kept for a stated time is gone through.
const DAY: Millis = Millis::minutes(24 * 60);

impl Drain {
    /// Waits the hold out where a sync event lives that long, else ends the drain.
    pub(super) fn hold(&mut self, desk: &mut Desk, hold: Hold) {
        if hold.why == Why::Revoked {
            desk.revoke();
        }
        if !self.waiters.wait_out(desk.up(hold.until)) {
            return self.close(desk, Some(hold));
        }
        let settled = self.standing(desk, Some(hold.clone()));
        self.waiters.tell_impatient(desk, &settled);
        let session = self.session(desk, Some(&hold));
        if let Some(last) = &mut self.last {
            last.hold = session.hold.clone(); // whatever this drain writes before it has looked again
        }
        let batch = Batch { session: Some(session), ..Batch::default() };
        self.write(desk, Step::Holding(hold), batch);
    }

    /// How things stand, for those who wait.
    pub(super) fn standing(&self, desk: &Desk, hold: Option<Hold>) -> Settled {
        let progress = self.session(desk, hold.as_ref()).progress;
        Settled { progress, remaining: self.totals.unsent(), hold }
    }

    /// Ends the drain: writes how, then says so.
    pub(super) fn close(&mut self, desk: &mut Desk, hold: Option<Hold>) {
        let news = self.announced
            || self.refresh.through
            || hold.is_some()
            || self.last.as_ref().is_some_and(|last| last.hold.is_some());
        let mut session = self.session(desk, hold.as_ref());
        session.progress.ended_at = session.progress.ended_at.or(Some(desk.now));
        if self.flights > 0 {
            session.progress.average_sync_duration = Some(self.average(desk));
        }
        let settled = Settled { progress: session.progress.clone(), remaining: self.totals.unsent(), hold };
        if !news {
            return self.settle(desk, settled);
        }
        let Settings { metrics, metrics_days, receipt_days, .. } = desk.preferences.settings;
        self.meter.end(desk.now, desk.facts.power, self.link.quality(desk.now));
        let figures = (metrics && self.announced).then(|| self.meter.session());
        // By a clock that is a year ahead everything would be old.
        let tidied = !self.pings.agrees(desk.now)
            || session.tidied_at.is_some_and(|at| at <= desk.now && desk.now - at < DAY);
        let ago = |days: u16| desk.now - Millis(DAY.0 * u64::from(days));
        let expire = (!tidied).then(|| Expire { receipts: ago(receipt_days), metrics: ago(metrics_days) });
        session.tidied_at = if tidied { session.tidied_at } else { Some(desk.now) };
        let batch = Batch { session: Some(session), metrics: figures, expire, ..Batch::default() };
        self.write(desk, Step::Closing(settled), batch);
    }

    /// How long a drain takes, the last ones counting most.
    fn average(&self, desk: &Desk) -> Millis {
        let took = desk.uptime - self.pace.began();
        let known = self.last.as_ref().and_then(|last| last.progress.average_sync_duration);
        known.map_or(took, |known| Millis((known.0 * 4 + took.0) / 5))
    }

    /// This drain's public state; one that announced nothing leaves the progress of the one before.
    pub(super) fn session(&self, desk: &Desk, hold: Option<&Hold>) -> Session {
        let mut progress = match &self.last {
            Some(last) if !self.announced => last.progress.clone(),
            None if !self.announced => self.tally.progress(&Totals::default()),
            _ => self.progress(desk, &self.totals),
        };
        progress.next_scheduled_sync = hold.map(|hold| hold.until.max(desk.now));
        // The server's wish is written over by another wish of it, and by nothing else.
        let hold = match hold {
            Some(hold) if hold.why == Why::ServerAsked => Some(hold),
            hold => self.wish(desk).or(hold),
        };
        let hold = hold.cloned();
        let last = self.last.as_ref();
        let before = last.filter(|_| !self.announced).and_then(|last| last.last_error.clone());
        Session {
            progress,
            hold,
            troubles: self.troubles,
            link: self.link.clone(),
            last_error: self.meter.last_error().or(before),
            cursor: self.refresh.cursor.clone(),
            refreshed_at: self.refresh.at,
            tidied_at: last.and_then(|last| last.tidied_at),
            revoked: desk.revoked,
        }
    }

    /// Where this drain stands.
    pub(super) fn progress(&self, desk: &Desk, totals: &Totals) -> Progress {
        self.progress_of(desk, &self.tally, totals)
    }

    pub(super) fn progress_of(&self, desk: &Desk, tally: &Tally, totals: &Totals) -> Progress {
        let mut progress = tally.progress(totals);
        progress.average_sync_duration =
            self.last.as_ref().and_then(|last| last.progress.average_sync_duration);
        let left = totals.unsent_bytes();
        progress.current_operation = self.leading.map(|(r#type, entity_id)| CurrentOperation {
            r#type,
            entity_id,
            progress: u8::try_from(self.settled * 100 / (self.settled + left).max(1)).unwrap_or(100),
            estimated_time_remaining: self.pace.remaining_seconds(desk.uptime, left),
        });
        progress
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
