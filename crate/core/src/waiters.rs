//! Who waits for a drain to settle, and how long each of them does.

use std::mem;

use crate::call::{Answer, Cause, Settled};
use crate::event::CallId;
use crate::outbox::Desk;
use crate::time::Millis;

/// How long one run lasts. Firefox ends a worker after a minute whatever it does, Chromium an idle one after half.
pub(crate) const SLICE: Millis = Millis::seconds(20);
/// A sync event lives three minutes, and a push may take half of one; with every page closed nothing else will come for
/// a while, so it is used well, and a hold that ends within it is waited out.
const SYNC_SLICE: Millis = Millis::seconds(140);

/// A sync event waits to the end of the drain; anyone else is told how things stand when their own slice is over, or
/// when there is a hold.
#[derive(Clone, Copy, Debug)]
struct Waiter {
    call: CallId,
    until: Millis,
    patient: bool,
}

/// Those who wait, and until when the drain may go on for them. Times are uptimes.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    waiting: Vec<Waiter>,
    until: Millis,
    patient: bool,
}

impl Waiters {
    /// One more; without a call there is nobody to tell, but time to work.
    pub(crate) fn add(&mut self, uptime: Millis, call: Option<CallId>, cause: Cause) {
        let patient = cause == Cause::Sync;
        let until = uptime + if patient { SYNC_SLICE } else { SLICE };
        self.waiting.extend(call.map(|call| Waiter { call, until, patient }));
        self.until = self.until.max(until);
        self.patient |= patient;
    }

    /// So much time could not be used.
    pub(crate) fn forward(&mut self, by: Millis) {
        self.until = self.until + by;
        self.waiting.iter_mut().for_each(|waiter| waiter.until = waiter.until + by);
    }

    /// The slice ends now.
    pub(crate) fn hurry(&mut self, uptime: Millis) {
        self.until = uptime;
    }

    /// The end of the slice.
    pub(crate) fn until(&self) -> Millis {
        self.until
    }

    /// Whether a hold that ends at this time is waited out: where a sync event lives that long.
    pub(crate) fn wait_out(&self, hold_until: Millis) -> bool {
        self.patient && hold_until < self.until
    }

    /// Whether someone's own slice is over.
    pub(crate) fn any_late(&self, uptime: Millis) -> bool {
        self.waiting.iter().any(|waiter| waiter.until <= uptime)
    }

    /// Tells those whose own slice is over.
    pub(crate) fn tell_late(&mut self, desk: &mut Desk, settled: &Settled) {
        let uptime = desk.uptime;
        self.tell(desk, settled, |waiter| waiter.until <= uptime);
    }

    /// Tells all but the sync events.
    pub(crate) fn tell_impatient(&mut self, desk: &mut Desk, settled: &Settled) {
        self.tell(desk, settled, |waiter| !waiter.patient);
    }

    /// Tells everyone: the drain has settled.
    pub(crate) fn tell_all(&mut self, desk: &mut Desk, settled: &Settled) {
        self.tell(desk, settled, |_| true);
    }

    fn tell(&mut self, desk: &mut Desk, settled: &Settled, whom: impl FnMut(&Waiter) -> bool) {
        let (told, waiting) = mem::take(&mut self.waiting).into_iter().partition(whom);
        self.waiting = waiting;
        let told: Vec<Waiter> = told;
        for waiter in told {
            desk.out.answer(waiter.call, Ok(Answer::Wake(Box::new(settled.clone()))));
        }
    }
}
