//! What the browser itself does: sync events with their attempts and backoff, the worker's life, the return of the
//! network. After the facts measured on Chromium and Firefox.

use fieldsync_core::{Cause, Command, Power, Token, Wake};

use crate::device::WORKER;
use crate::plan::{At, Browser};
use crate::seat::Doing;
use crate::world::{Event, Who, World};

/// An event fails this often, then the tag is gone.
const ATTEMPTS: u32 = 3;
/// After the first attempt, and after the second.
const BACKOFF: [u64; 2] = [5 * 60_000, 15 * 60_000];
/// An idle worker is ended after this long.
const IDLE: u64 = 30_000;
/// A sync event lives no longer.
const SYNC_EVENT: u64 = 180_000;
/// Any other event of a worker in Chromium.
const ANY_EVENT: u64 = 300_000;
/// Any event of a worker in Firefox.
const FIREFOX_EVENT: u64 = 60_000;

/// A registered tag.
#[derive(Clone, Debug, Default)]
pub struct Tag {
    attempts: u32,
    firing: bool,
    /// Registered again while it fired: it fires anew.
    again: bool,
    /// Not before then.
    due: At,
    /// Which event is the one to come.
    number: u64,
}

impl World {
    /// A page registers a tag: whether the browser will fire it.
    pub fn request_sync(&mut self, device: usize, tag: &str) -> bool {
        let now = self.now;
        let owner = &mut self.devices[device];
        if owner.make.browser != Browser::Chromium || !owner.has_tab() {
            return false;
        }
        match owner.tags.get_mut(tag) {
            Some(known) => known.again |= known.firing,
            None => {
                owner.tags.insert(tag.to_owned(), Tag { due: now, ..Tag::default() });
                self.promise(device, tag);
            }
        }
        true
    }

    fn promise(&mut self, device: usize, tag: &str) {
        let wait = self.rng.between(5, 200);
        let Some(known) = self.devices[device].tags.get_mut(tag) else { return };
        known.number += 1;
        let (number, at) = (known.number, known.due + wait);
        self.at(at, Event::Fire(device, tag.to_owned(), number));
    }

    /// A tag's time has come.
    pub fn fire(&mut self, device: usize, tag: &str, number: u64) {
        let now = self.now;
        let owner = &mut self.devices[device];
        // It waits for the network, or for the browser: both look at their tags when they are back.
        if !owner.runs || owner.online(now) == Some(false) {
            return;
        }
        let Some(known) = owner.tags.get_mut(tag) else { return };
        if known.firing || known.number != number || known.due > now {
            return;
        }
        known.firing = true;
        known.attempts += 1;
        self.stats.count("sync events", 1);
        self.trace.say(now, || format!("d{device}: the browser fires {tag}"));
        let wake = Command::Wake(Wake { cause: Cause::Sync, power: None });
        self.event(device, wake, Doing::Sync(tag.to_owned()), SYNC_EVENT);
    }

    /// The event of a tag is over.
    pub fn fired(&mut self, device: usize, tag: &str, through: bool) {
        let now = self.now;
        let tags = &mut self.devices[device].tags;
        let Some(known) = tags.get_mut(tag) else { return };
        known.firing = false;
        if std::mem::take(&mut known.again) {
            known.attempts = 0;
            known.due = now;
        } else if through || known.attempts >= ATTEMPTS {
            tags.remove(tag);
            return;
        } else {
            known.due = now + BACKOFF[known.attempts.min(2) as usize - 1];
        }
        self.promise(device, tag);
    }

    /// The browser is started, or sees its network again: it looks at its tags. Their backoff is not skipped.
    pub fn look_at_tags(&mut self, device: usize) {
        let soon = self.now + self.rng.between(1_500, 3_500);
        let mut due = Vec::new();
        for (tag, known) in &mut self.devices[device].tags {
            if !known.firing {
                known.number += 1;
                due.push((known.due.max(soon), tag.clone(), known.number));
            }
        }
        for (at, tag, number) in due {
            self.at(at, Event::Fire(device, tag, number));
        }
    }

    /// The browser says "online", to every page that is open.
    pub fn reconnect(&mut self, device: usize) {
        let now = self.now;
        if self.devices[device].online(now) == Some(false) {
            return;
        }
        self.look_at_tags(device);
        for seat in 1..self.devices[device].seats.len() {
            let who = self.who(device, seat);
            if self.lives(who) {
                self.after(0, 1_000, Event::Wake(who, Cause::Online));
            }
        }
    }

    /// A page has an occasion to wake.
    pub fn wake(&mut self, who: Who, cause: Cause) {
        self.call(who, Command::Wake(Wake { cause, power: None }), Doing::Other);
    }

    /// A page's message reaches the worker, which is started for it.
    pub fn message(&mut self, from: Who, token: Token, cause: Cause, power: Power) {
        let wake = Command::Wake(Wake { cause, power: Some(power) });
        self.event(from.device, wake, Doing::ForPage(from, token), ANY_EVENT);
    }

    /// A page asks for a check: the worker, where there is one.
    pub fn check_now(&mut self, from: Who, check: Command) {
        match self.devices[from.device].has_worker() {
            true => self.event(from.device, check, Doing::Other, ANY_EVENT),
            false => self.call(from, check, Doing::Other),
        }
    }

    fn event(&mut self, device: usize, command: Command, what: Doing, lasts: u64) {
        let begins = self.devices[device].seats[WORKER].engine.is_none();
        let who = self.open(device, WORKER);
        if begins {
            self.at(self.now + IDLE, Event::Idle(who));
        }
        let lasts = match self.devices[device].make.browser {
            Browser::Firefox => FIREFOX_EVENT,
            Browser::Chromium | Browser::Plain => lasts,
        };
        self.at(self.now + lasts, Event::Overdue(who, self.calls + 1));
        self.call(who, command, what);
    }

    /// Ends a worker that has nothing to do.
    pub fn idle(&mut self, who: Who) {
        if !self.lives(who) {
            return;
        }
        let seat = &self.devices[who.device].seats[who.seat];
        let at = if seat.calls.is_empty() { seat.used } else { self.now } + IDLE;
        if at > self.now {
            return self.at(at, Event::Idle(who));
        }
        self.die(who);
    }

    /// An event of the worker has lasted too long: the worker is ended.
    pub fn overdue(&mut self, who: Who, call: u64) {
        if self.lives(who) && self.devices[who.device].seats[who.seat].calls.contains_key(&call) {
            self.stats.count("workers ended in an event", 1);
            self.die(who);
        }
    }
}
