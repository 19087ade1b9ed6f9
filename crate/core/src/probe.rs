//! A look at the link that a person asks for: a few pings, and what they came to. It changes nothing.

use fieldsync_protocol::Sorted;

use crate::answers;
use crate::call::{Answer, CallCode, CallError};
use crate::event::{CallId, Effect, StoreError, Token};
use crate::ledger::{Found, Query};
use crate::link::Link;
use crate::local_api::ConnectivityTest;
use crate::outbox::Desk;
use crate::stability::PingWindow;
use crate::time::Millis;

/// Pings of a look, one after the other.
const PINGS: u32 = 3;

/// A look under way.
#[derive(Debug)]
struct Looking {
    call: CallId,
    /// As the drainer knew it, and as the pings have shown it since.
    link: Link,
    pings: PingWindow,
    sent: u32,
    answered: u32,
    /// The answered ones together.
    took: Millis,
}

/// The looks under way.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    beginning: Sorted<Token, CallId>,
    looking: Sorted<Token, Looking>,
}

impl Probe {
    pub(crate) fn begin(&mut self, desk: &mut Desk, call: CallId) {
        let token = desk.out.push(Effect::Read(Query::Overview));
        self.beginning.insert(token, call);
    }

    pub(crate) fn awaits(&self, token: Token) -> bool {
        self.beginning.contains_key(&token) || self.looking.contains_key(&token)
    }

    /// What is known of the link so far.
    pub(crate) fn read(&mut self, desk: &mut Desk, token: Token, outcome: Result<Found, StoreError>) {
        let Some(call) = self.beginning.remove(&token) else { return };
        match outcome {
            Ok(Found::Overview(overview)) => {
                let link = overview.session.map(|session| session.link).unwrap_or_default();
                let pings = PingWindow::default();
                self.ping(desk, Looking { call, link, pings, sent: 0, answered: 0, took: Millis::ZERO });
            }
            _ => {
                let words = "This device's storage did not answer. Please try again.";
                desk.out.answer(call, Err(CallError::new(CallCode::Storage, words)));
            }
        }
    }

    fn ping(&mut self, desk: &mut Desk, mut looking: Looking) {
        let nonce = looking.pings.ping(desk.uptime, &mut desk.jitter);
        looking.sent += 1;
        let token = desk.out.push(Effect::Ping { nonce, timeout: looking.link.look(desk.now).timeout });
        self.looking.insert(token, looking);
    }

    pub(crate) fn pinged(&mut self, desk: &mut Desk, token: Token, body: Option<&str>) {
        let Some(mut looking) = self.looking.remove(&token) else { return };
        let round_trip = looking.pings.round_trip(desk.uptime);
        looking.pings.answer(desk.uptime, body, looking.link.look(desk.now));
        if looking.pings.was_answered() {
            looking.answered += 1;
            looking.took = looking.took + round_trip;
            looking.link.answered(desk.now, round_trip);
        } else {
            looking.link.missed(desk.now);
        }
        if looking.sent < PINGS {
            return self.ping(desk, looking);
        }
        let Looking { call, link, sent, answered, took, .. } = looking;
        let mean =
            (answered > 0).then(|| u32::try_from(took.0 / u64::from(answered.max(1))).unwrap_or(u32::MAX));
        let test = ConnectivityTest {
            connectivity: answers::connectivity(desk, &link),
            reachable: answered > 0,
            round_trip_ms: mean,
            pings: sent,
            answered,
        };
        desk.out.answer(call, Ok(Answer::TestConnection(Box::new(test))));
    }
}
