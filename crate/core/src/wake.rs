//! Who drains when something happens: the worker where there is one, else this page; and what wakes them next.

use fieldsync_protocol::Sorted;

use crate::call::{Answer, CallCode, CallError, Cause, Event, Settled};
use crate::drain::{Drain, refresh};
use crate::event::{CallId, Effect, StoreError, Token};
use crate::gate::{self, Hold, LONGEST_WISH, Why};
use crate::ledger::{Found, Overview, Query};
use crate::outbox::Desk;
use crate::progress::Session;
use crate::push::PUSH_TIMEOUT;
use crate::time::{Millis, Timer};
use crate::waiters::SLICE;
use fieldsync_protocol::Trigger;

/// Where the engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A page: takes entries, asks for sync events, and drains only where there is no worker.
    Page,
    /// The service worker: drains, within the events that the browser gives it.
    Worker,
}

/// A worker that has not settled by then is given up on: its slice, a push begun at the end of it, and time to start.
const DELEGATE_TIMEOUT: Millis = Millis(SLICE.0 + PUSH_TIMEOUT.0 + 10_000);
/// When the worker did not answer.
const ASK_AGAIN: Millis = Millis::seconds(30);

/// A worker that did not answer, or ended, this often in a row is left alone: the page drains itself, under the same lock.
const PATIENCE: u32 = 3;

/// What a wake is waiting for.
#[derive(Debug)]
enum Waiting {
    Look(Option<CallId>, Cause),
    Worker(Option<CallId>, Cause),
    Tag,
}

/// The wakes of this page or worker.
#[derive(Debug)]
pub(crate) struct Waker {
    role: Role,
    waiting: Sorted<Token, Waiting>,
    /// The sync tag asked for last, until its event has fired. A tag that has fired may be in the browser's backoff,
    /// where asking again changes nothing: new work gets a fresh one.
    tag: Option<String>,
    /// How often in a row the worker did not answer, or ended.
    unanswered: u32,
}

impl Waker {
    pub(crate) fn new(role: Role) -> Waker {
        Waker { role, waiting: Sorted::new(), tag: None, unanswered: 0 }
    }

    /// Something happened that may make sending possible.
    pub(crate) fn wake(&mut self, desk: &mut Desk, drain: &mut Drain, call: Option<CallId>, cause: Cause) {
        match self.role {
            Role::Worker => drain.wake(desk, call, cause),
            Role::Page => {
                let token = desk.out.push(Effect::Read(Query::Overview));
                self.waiting.insert(token, Waiting::Look(call, cause));
            }
        }
    }

    /// Something was saved: the browser is asked for a sync event, or, without them, it is sent from here.
    pub(crate) fn saved(&mut self, desk: &mut Desk) {
        if self.role == Role::Page {
            self.request_sync(desk);
        }
    }

    pub(crate) fn awaits(&self, token: Token) -> bool {
        self.waiting.contains_key(&token)
    }

    /// How things stand, for a page that was woken.
    pub(crate) fn looked(
        &mut self,
        desk: &mut Desk,
        drain: &mut Drain,
        token: Token,
        outcome: Result<Found, StoreError>,
    ) {
        let Some(Waiting::Look(call, cause)) = self.waiting.remove(&token) else { return };
        let overview = match outcome {
            Ok(Found::Overview(overview)) => overview,
            Ok(_) => {
                return refuse(desk, call, CallError::new(CallCode::Internal, "An answer of another kind."));
            }
            Err(error) => {
                desk.timers.set(Timer::Retry, desk.uptime + ASK_AGAIN);
                return refuse(desk, call, CallError::new(CallCode::Storage, error.to_string()));
            }
        };
        desk.preferences = overview.preferences.clone();
        let idle = overview.totals.unsent() == 0;
        if idle
            && Trigger::from(cause) == Trigger::Auto
            && !refresh::is_due(desk.now, overview.session.as_ref())
        {
            return settle(desk, call, overview, None);
        }
        if cause == Cause::Start && !idle {
            self.request_sync(desk);
        }
        // What is to be scored anew is, also where nothing can be sent: whoever drains does it first.
        if overview.unscored.is_none()
            && let Err(hold) = gate::check(
                desk.now,
                &desk.facts,
                &overview.preferences,
                overview.session.as_ref(),
                cause.into(),
            )
        {
            if idle {
                return settle(desk, call, overview, None);
            }
            desk.timers.set(Timer::Retry, desk.up(hold.until));
            return settle(desk, call, overview, Some(hold));
        }
        if desk.facts.worker && self.unanswered < PATIENCE {
            let token =
                desk.out.push(Effect::Delegate { cause, power: desk.facts.power, timeout: DELEGATE_TIMEOUT });
            self.waiting.insert(token, Waiting::Worker(call, cause));
        } else {
            drain.wake(desk, call, cause);
        }
    }

    /// The worker has settled, or has not answered.
    pub(crate) fn delegated(&mut self, desk: &mut Desk, token: Token, outcome: Result<Settled, CallError>) {
        let Some(Waiting::Worker(call, _)) = self.waiting.remove(&token) else { return };
        match outcome {
            Ok(settled) => {
                self.unanswered = 0;
                self.settled(desk, &settled);
                if let Some(call) = call {
                    desk.out.answer(call, Ok(Answer::Wake(Box::new(settled))));
                }
            }
            Err(error) => {
                self.unanswered += 1;
                desk.timers.set(Timer::Retry, desk.uptime + ASK_AGAIN);
                refuse(desk, call, error);
            }
        }
    }

    /// The worker was ended in the midst, as browsers do: it is asked again at once, and left alone where it ends as often as
    /// it may be silent. What it was about still has to be sent.
    pub(crate) fn worker_ended(&mut self, desk: &mut Desk, drain: &mut Drain, token: Token) {
        let Some(Waiting::Worker(call, cause)) = self.waiting.remove(&token) else { return };
        self.unanswered += 1;
        self.wake(desk, drain, call, cause);
    }

    /// The browser will send the sync event, or has none to send.
    pub(crate) fn sync_requested(&mut self, desk: &mut Desk, drain: &mut Drain, token: Token, granted: bool) {
        if self.waiting.remove(&token).is_none() {
            return;
        }
        if granted {
            // A promise only: the browser gives it up after three tries, so this page looks again itself (I8).
            desk.timers.set_no_later(Timer::Retry, desk.uptime + gate::interval(&desk.preferences.settings));
        } else {
            self.tag = None;
            self.wake(desk, drain, None, Cause::Saved);
        }
    }

    /// Another page or the worker told something.
    pub(crate) fn heard(&mut self, desk: &mut Desk, event: &Event) {
        match event {
            Event::Started { .. } => self.tag = None,
            Event::Settled { settled } => {
                self.tag = None;
                self.settled(desk, settled);
            }
            // Whoever saved it sends it, unless it is closed before it comes to that: then this page does (I8).
            Event::Changed if self.role == Role::Page => {
                desk.timers.set_no_later(Timer::Retry, desk.uptime + ASK_AGAIN);
            }
            Event::Changed | Event::Progressed { .. } | Event::Checked => {}
        }
    }

    /// A drain has settled, here or elsewhere: a page wakes again when its hold ends (I8). The worker cannot: between
    /// two events it may be gone, so it holds no timer.
    pub(crate) fn settled(&mut self, desk: &mut Desk, settled: &Settled) {
        if self.role == Role::Worker {
            return;
        }
        // Also with nothing counted: a drain that could not read the store counts nothing. Without a hold, a wake that is
        // still to come stays: it may be for what was saved after that drain looked, and costs one look.
        if let Some(hold) = &settled.hold {
            let wait = (hold.until - desk.now).min(LONGEST_WISH);
            let spread = if wait == Millis::ZERO { wait } else { desk.jitter.around(Millis(400)) };
            desk.timers.set(Timer::Retry, desk.uptime + wait + spread);
        }
    }

    fn request_sync(&mut self, desk: &mut Desk) {
        let now = desk.now;
        let tag = self.tag.get_or_insert_with(|| format!("fieldsync:{}", now.0)).clone();
        let token = desk.out.push(Effect::RequestSync { tag });
        self.waiting.insert(token, Waiting::Tag);
    }
}

/// How the last drain was held.
fn stored(overview: &Overview) -> Option<&Hold> {
    overview.session.as_ref().and_then(|session| session.hold.as_ref())
}

/// Tells whoever called, if anyone did, that it cannot be had.
fn refuse(desk: &mut Desk, call: Option<CallId>, error: CallError) {
    if let Some(call) = call {
        desk.out.answer(call, Err(error));
    }
}

/// Answers without a drain.
fn settle(desk: &mut Desk, call: Option<CallId>, overview: Overview, hold: Option<Hold>) {
    let Some(call) = call else { return };
    let Session { mut progress, .. } = overview.session.unwrap_or_default();
    progress.next_scheduled_sync = hold.as_ref().map(|hold| hold.until);
    let settled = Settled { progress, remaining: overview.totals.unsent(), hold };
    desk.out.answer(call, Ok(Answer::Wake(Box::new(settled))));
}

impl From<Cause> for Trigger {
    fn from(cause: Cause) -> Trigger {
        match cause {
            Cause::Manual | Cause::WithoutDeletions => Trigger::Manual,
            _ => Trigger::Auto,
        }
    }
}

/// Why the queue waits, as far as it is known without asking the network.
pub(crate) fn standing(desk: &Desk, overview: &Overview) -> Option<Hold> {
    if overview.totals.unsent() == 0 {
        return None;
    }
    match gate::check(desk.now, &desk.facts, &overview.preferences, overview.session.as_ref(), Trigger::Auto)
    {
        Err(hold) => Some(hold),
        // A hold of "offline" ended when the network came back.
        Ok(_) => stored(overview).filter(|hold| hold.until > desk.now && hold.why != Why::Offline).cloned(),
    }
}
