//! What a look at the queue comes to: a hold, pings, the question what is new, or the next push.

use std::mem;

use super::{Drain, LATER, Step, WINDOW};
use crate::event::Effect;
use crate::gate::{self, Hold, LONGEST_WISH, Why};
use crate::ledger::{Batch, Expect, Flight, FlightChange, Window};
use crate::outbox::Desk;
use crate::plan;
use crate::priority::rescore;
use crate::push::PUSH_TIMEOUT;
use crate::record::Record;
use crate::sealed::Vault;
use crate::stability::{Next, PingWindow};
use crate::time::Millis;
use fieldsync_protocol::{Action, ItemId, Priority, Trigger};

/// So long a window is planned from, in uptime: what became due or was entered meanwhile is not passed over for longer.
const WINDOW_LASTS: Millis = Millis::seconds(10);
/// A clash that is being settled is looked after again by then, should nothing be saved for it.
const SETTLING: Millis = Millis::seconds(1);

/// What is left of a window.
#[derive(Debug)]
pub(super) struct Rest {
    due: Vec<Record>,
    next_due: Option<Millis>,
    unscored: Option<ItemId>,
    /// Nothing is due beyond it.
    whole: bool,
    /// As it was read, and nothing of it is on its way yet.
    fresh: bool,
    /// When it has to be read anew, in uptime.
    until: Millis,
}

impl Drain {
    /// The window is here: gate, stability, plan.
    pub(super) fn decide(&mut self, desk: &mut Desk, window: Window) {
        self.totals = window.totals;
        self.last = window.session;
        desk.remember(self.last.as_ref());
        let looked = mem::replace(&mut self.looked, true);
        if let Some(last) = &mut self.last {
            match looked {
                false => {
                    (self.troubles, self.link) = (last.troubles, last.link.clone());
                    (self.refresh.cursor, self.refresh.at) = (last.cursor.clone(), last.refreshed_at);
                }
                true => last.link = self.link.clone(), // as it was measured since
            }
        }
        desk.preferences = window.preferences;
        let whole = window.due.len() < WINDOW as usize;
        self.weigh(
            desk,
            Rest {
                due: window.due,
                next_due: window.next_due,
                unscored: window.unscored,
                whole,
                fresh: true,
                until: desk.uptime + WINDOW_LASTS,
            },
        );
    }

    /// What is left of the window, while only this drain can have changed it. What others set or drop is noticed by the write
    /// that precedes a push.
    pub(super) fn rest_of_window(&mut self, desk: &Desk) -> Option<Rest> {
        let rest = self.rest.take()?;
        let lasts = desk.uptime < rest.until.min(self.waiters.until());
        (lasts && !self.stale && !rest.due.is_empty()).then_some(rest)
    }

    /// Takes out deletions that are left for another drain; whether nothing but new ones of these was found.
    fn spare_deletions(&mut self, due: &mut Vec<Record>) -> bool {
        let Some(spared) = &mut self.spared else { return false };
        let before = spared.len();
        spared.extend(due.extract_if(.., |record| record.action == Action::Delete).map(|record| record.id));
        spared.len() > before && due.is_empty()
    }

    /// What was read is kept no longer.
    pub(crate) fn forget_window(&mut self) {
        self.rest = None;
    }

    /// Gate, stability, plan.
    pub(super) fn weigh(&mut self, desk: &mut Desk, window: Rest) {
        let is_locked = desk.facts.vault == Vault::Locked;
        if let Some(before) = window.unscored.filter(|_| !is_locked) {
            if !self.aloft.is_empty() {
                return self.await_landing(desk); // what lands is written as it took off
            }
            return self.begin(desk, Step::Rescoring, Effect::Read(rescore::page(before)));
        }
        let last = self.last.as_ref();
        let go = gate::check(desk.now, &desk.facts, &desk.preferences, last, self.tally.trigger());
        let patience = matches!(&go, Err(hold) if hold.why == Why::ServerAsked);
        if let Some(refused) = self.renews.take().filter(|_| !patience)
            && desk.preferences.bearer().as_ref() == Some(&refused)
        {
            self.pass.refused(Some(refused));
            return self.renew(desk);
        }
        if let Ok(go) = go
            && go.lowest != self.lowest
        {
            self.lowest = go.lowest;
            return self.load(desk);
        }
        let Rest { whole, fresh, .. } = window;
        let (mut due, put_off) = self.tally.unless_failed(desk.now, window.due);
        if self.spare_deletions(&mut due) {
            return self.load(desk); // there may be others beyond them
        }
        let mut withheld = false; // what cannot be read is not sent (I9)
        due.retain(|record| {
            let is_here = !self.aloft.has(record.id);
            withheld |= is_here && record.sealed.is_some();
            is_here && record.sealed.is_none()
        });
        // Text goes before files, and what has come meanwhile before the next chunk of one.
        let files: Vec<_> = due.extract_if(.., |record| record.wants_upload()).collect();
        let idle = due.is_empty() && files.is_empty();
        if due.is_empty() && (self.stale || !fresh) {
            return self.load(desk);
        }
        let void = self.pass.is_void(desk.preferences.bearer().as_ref());
        let waits = idle || go.is_err() || !self.steady || void || self.is_full(desk);
        if !self.aloft.is_empty() && waits {
            return self.await_landing(desk);
        }
        if idle && desk.settling > 0 {
            return self.rest(desk, Step::Resting(Why::NotDue), desk.uptime + SETTLING);
        }
        if idle && withheld {
            // Where nothing else holds, the vault was opened since the window was read.
            let hold = go.err().unwrap_or_else(|| Hold::new(Why::Locked, desk.now + LATER));
            return self.hold(desk, hold);
        }
        // Never beside a push: its answer would be news of then, and the changes have gone past it.
        let refresh = go.is_ok() && self.aloft.is_empty() && self.wants_refresh(desk, idle);
        if idle && !refresh {
            return match (put_off.or(window.next_due), go) {
                (Some(due), _) => self.hold(desk, Hold::new(Why::NotDue, due)),
                // So do deletions.
                (None, Ok(_)) if self.spared.as_ref().is_some_and(|left| !left.is_empty()) => {
                    let until = desk.now + gate::interval(&desk.preferences.settings);
                    self.hold(desk, Hold::new(Why::NotDue, until));
                }
                // Less urgent ones remain.
                (None, Ok(go)) if self.lowest < Priority::Low && self.totals.unsent() > 0 => {
                    self.hold(desk, go.rest(desk.now, &desk.preferences.settings));
                }
                (None, _) => self.close(desk, None),
            };
        }
        if let Err(hold) = go {
            return self.hold(desk, hold);
        }
        if void {
            return self.renew(desk);
        }
        if refresh && idle {
            return self.pull(desk); // one small request, for which the link need not be steady
        }
        // The first step of an upload is a small request, which begins it or asks how far it has come: a look at the link by itself.
        let ready = self.steady || (due.is_empty() && self.link.is_warm(desk.now));
        if !ready || !self.announced || refresh {
            self.rest = Some(Rest { due, ..window });
            return self.prepare(desk, ready);
        }
        if due.is_empty() {
            return self.go_on_with(desk, files);
        }
        let found = due.len();
        let (sent, rest) = plan::batch(due, self.sizing.caps(self.link.cap(desk.now)));
        if !fresh && !whole && rest.is_empty() {
            return self.load(desk); // there may be more that goes with these
        }
        self.swept = whole && sent.len() == found;
        self.rest = Some(Rest { due: rest, whole, fresh: false, ..window });
        self.flights += 1;
        self.tally.attempted(desk.now);
        self.leading = sent.first().map(|record| (record.r#type, record.entity_id));
        let ids: Vec<_> = sent.iter().map(|record| record.id).collect();
        let (epoch, number, until) = (self.epoch, self.flights, desk.now + PUSH_TIMEOUT);
        let flight = Flight { epoch, number, ids: ids.clone(), until };
        let batch = Batch {
            // A pause that was answered holds from then on: nothing takes off by what was set before.
            expect: vec![Expect::Queued(ids), Expect::Preferences(desk.preferences.changes)],
            flight: Some(FlightChange::Start(flight)),
            session: Some(self.session(desk, None)),
            ..Batch::default()
        };
        self.write(desk, Step::Marking(sent), batch);
    }

    /// What precedes the first push: that it has begun is written, the link is looked at, the server is asked what is new.
    fn prepare(&mut self, desk: &mut Desk, ready: bool) {
        if !self.announced {
            self.announced = true;
            let session = Some(self.session(desk, None));
            return self.write(desk, Step::Announcing, Batch { session, ..Batch::default() });
        }
        if ready { self.pull(desk) } else { self.ping(desk) }
    }

    pub(crate) fn pinged(&mut self, desk: &mut Desk, body: Option<&str>) {
        let round_trip = self.pings.round_trip(desk.uptime);
        self.meter.request(0, body.map_or(0, str::len) as u64);
        let look = self.link.look(desk.now);
        let next = self.pings.answer(desk.uptime, body, look);
        if self.pings.was_answered() {
            self.link.answered(desk.now, round_trip);
        } else {
            self.link.missed(desk.now);
        }
        match next {
            Next::Steady => {
                self.steady = true;
                self.go_on(desk);
            }
            Next::PingAt(at) => self.rest(desk, Step::BetweenPings, at),
            Next::GiveUp => {
                self.pings = PingWindow::default();
                let until = self.trouble(desk);
                let why = if desk.facts.online == Some(false) { Why::Offline } else { Why::Unsteady };
                self.hold(desk, Hold::new(why, until));
            }
        }
    }

    /// How far ahead of its time an item is taken up: a person's press overrides what was put off.
    pub(super) fn reach(&self) -> Millis {
        match self.tally.trigger() {
            Trigger::Manual => LONGEST_WISH,
            Trigger::Auto => Millis::ZERO,
        }
    }

    pub(super) fn ping(&mut self, desk: &mut Desk) {
        if desk.uptime >= self.waiters.until() {
            return self.close(desk, Some(self.slice(desk)));
        }
        self.tell_late(desk);
        let nonce = self.pings.ping(desk.uptime, &mut desk.jitter);
        let timeout = self.link.look(desk.now).timeout;
        self.begin(desk, Step::Pinging, Effect::Ping { nonce, timeout });
    }
}
