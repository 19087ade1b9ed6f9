//! What comes of a push: its outcome is sorted, those are found who wait for what leaves, and all of it is committed.

use super::aloft::{Flying, Landed};
use super::{Drain, LATER, Step, Then};
use crate::commit::{self, Landing, Terms};
use crate::event::{Effect, Token, Transfer};
use crate::gate::{Hold, LONGEST_WISH, Why};
use crate::ledger::{Batch, Query, Waiter};
use crate::outbox::Desk;
use crate::progress::{Fate, Session};
use crate::push::{self, Outcome};
use crate::record::{ItemState, TroubleKind};
use crate::sealed::Vault;
use crate::stability::PingWindow;
use crate::time::Millis;

/// After this many items in a row that the server failed on, each alone, the trouble is the server's and not theirs.
const FAILURES_ALONE: u32 = 3;
fn terms<'a>(desk: &'a mut Desk, pings: &PingWindow) -> Terms<'a> {
    let most_attempts = desk.preferences.settings.max_retry_attempts.into();
    let got = pings.right_time(desk.now).unwrap_or(desk.now);
    Terms { now: desk.now, got, most_attempts, jitter: &mut desk.jitter }
}

impl Drain {
    /// Whether as many are on their way as the settings allow.
    pub(super) fn is_full(&self, desk: &Desk) -> bool {
        self.aloft.count() >= usize::from(desk.preferences.settings.maximum_concurrent_operations)
    }

    /// A push has come back. Where another step is under way it is looked at after that one.
    pub(crate) fn pushed(&mut self, desk: &mut Desk, token: Token, transfer: Transfer, wire: u64) {
        self.aloft.land(desk.uptime, token, transfer, wire);
        if matches!(self.step, Step::Aloft) {
            self.go_on(desk);
        }
    }

    pub(super) fn landed(&mut self, desk: &mut Desk, landed: Landed) {
        let Landed { flying: Flying { number, sent, plain, bearer, at: took_off, .. }, transfer, wire, at } =
            landed;
        self.swept = false;
        let received = if let Transfer::Answered { body, .. } = &transfer { body.len() as u64 } else { 0 };
        self.meter.powered(desk.facts.power.is_charging);
        self.meter.request(wire, received);
        self.meter.pushed(plain, wire);
        let flight = (self.epoch, number);
        let landed = commit::nothing(flight);
        let outcome = push::classify(transfer);
        if !matches!(outcome, Outcome::Judged(_)) {
            self.rest = None; // what was sent goes first again
        }
        let (then, landing) = match outcome {
            Outcome::Judged(results) => {
                self.link.carried(desk.now, wire, at - took_off);
                self.pass.taken();
                self.troubles = 0;
                self.failures_alone = 0;
                self.sizing.grow();
                (Then::GoOn, commit::judged(&mut terms(desk, &self.pings), flight, &sent, &results))
            }
            Outcome::Unauthorized => {
                self.pass.refused(bearer);
                (Then::GoOn, landed)
            }
            Outcome::Unknown => {
                self.link.missed(desk.now);
                self.meter.error("The connection broke off before the server's answer came.");
                self.steady = false;
                self.pings = PingWindow::default();
                self.sizing.shrink(sent.len()); // a slow link may carry less in the time there is
                let until = self.trouble_of(desk, number);
                let then =
                    if self.troubles > 1 { Then::Stop(Hold::new(Why::Unsteady, until)) } else { Then::GoOn };
                (then, landed)
            }
            Outcome::Refused(trouble) => {
                self.meter.error(&trouble.message);
                self.sizing.shrink(sent.len());
                match sent.as_slice() {
                    [alone] => {
                        let server = trouble.kind == TroubleKind::Server;
                        self.failures_alone = if server { self.failures_alone + 1 } else { 0 };
                        let then = if self.failures_alone >= FAILURES_ALONE {
                            Then::Stop(Hold::new(Why::ServerTrouble, self.trouble_of(desk, number)))
                        } else {
                            Then::GoOn
                        };
                        (then, commit::refused(&mut terms(desk, &self.pings), flight, alone, trouble))
                    }
                    _ => (Then::GoOn, landed),
                }
            }
            Outcome::Hold { why, at_least } => (self.refused_for_now(desk, number, why, at_least), landed),
        };
        // A clash that the policy is to settle has to be read for it: its answer comes again once that is possible (I4).
        let clashes = landing.batch.put.iter().any(|record| record.state == ItemState::Conflict);
        if clashes && desk.facts.vault == Vault::Locked && !desk.preferences.asks() {
            let hold = Hold::new(Why::Locked, desk.now + LATER);
            return self.land(desk, landing.forgotten(), Then::Stop(hold), &[]);
        }
        if landing.left.is_empty() || self.totals.blocked == 0 {
            self.land(desk, landing, then, &[]);
        } else {
            self.release(desk, landing, then);
        }
    }

    /// The server lets nothing more be sent for now.
    pub(super) fn refused_for_now(
        &mut self,
        desk: &mut Desk,
        number: u64,
        why: Why,
        at_least: Option<Millis>,
    ) -> Then {
        self.meter.error(why.words());
        if why == Why::Revoked {
            desk.revoke();
        }
        let wait = match why {
            Why::NotAllowed | Why::Revoked => desk.now + LATER,
            _ => self.trouble_of(desk, number),
        };
        let wish = at_least.map_or(Millis::ZERO, |wish| desk.now + wish.min(LONGEST_WISH));
        Then::Stop(Hold::new(why, wait.max(wish)))
    }

    /// A trouble that this push has met: what took off before the last one was known has met the same.
    pub(super) fn trouble_of(&mut self, desk: &mut Desk, number: u64) -> Millis {
        if number <= self.troubled {
            self.troubles = self.troubles.saturating_sub(1);
        }
        self.troubled = self.flights;
        self.trouble(desk)
    }

    /// Looks who waits for what leaves the queue.
    pub(super) fn release(&mut self, desk: &mut Desk, landing: Landing, then: Then) {
        let query = Query::Waiting(landing.left.iter().map(|left| left.item).collect());
        self.begin(desk, Step::Releasing(landing, then), Effect::Read(query));
    }

    /// Writes what came of a flight, and releases those that waited for it.
    pub(super) fn land(&mut self, desk: &mut Desk, landing: Landing, then: Then, waiters: &[Waiter]) {
        let batch = landing.releasing(waiters, &desk.preferences.rules, self.totals.lane_changes);
        let tally = self.tally.after(&landing.fates);
        let totals = self.totals.plus(batch.totals);
        let mut meter = self.meter.clone();
        let done = landing.fates.iter().filter(|(_, fate)| *fate == Fate::Done).count() as u64;
        meter.settled(done, landing.fates.len() as u64 - done, landing.data);
        meter.delta_saved(landing.delta);
        landing.trouble.iter().for_each(|words| meter.error(words));
        let progress = self.progress_of(desk, &tally, &totals);
        let session = Session { progress, hold: None, ..self.session(desk, None) };
        let metrics = desk.preferences.settings.metrics.then(|| meter.session());
        let batch = Batch { session: Some(session), metrics, ..batch };
        self.write(desk, Step::Committing { landing, tally, meter, totals, then }, batch);
    }
}
