//! A server that knows the token no more: it is renewed once, and what waited is sent with the new one (B11).

use fieldsync_protocol::Tokens;

use super::{Drain, Step};
use crate::event::{Effect, Transfer};
use crate::gate::{self, Hold, LONGEST_WISH, Why};
use crate::ledger::{Batch, Expect};
use crate::login::{RENEW_TIMEOUT, Renewal, Secret};
use crate::outbox::Desk;
use crate::stability::PingWindow;
use crate::time::Millis;

/// How this drain gets on with its token.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// The one that the server refused, where it did; it may have been none.
    refused: Option<Option<Secret>>,
    /// It was renewed, and nothing was accepted since.
    renewed: bool,
}

impl Pass {
    /// The server has refused what went with this token.
    pub(super) fn refused(&mut self, bearer: Option<Secret>) {
        self.refused = Some(bearer);
    }

    /// The server has taken the token.
    pub(super) fn taken(&mut self) {
        self.renewed = false;
    }

    /// Whether nothing more can go with this one.
    pub(super) fn is_void(&self, bearer: Option<&Secret>) -> bool {
        self.refused.as_ref().is_some_and(|refused| refused.as_ref() == bearer)
    }
}

impl Drain {
    /// The token in use was refused: another is asked for, if that has not been done in vain already.
    pub(super) fn renew(&mut self, desk: &mut Desk) {
        match desk.preferences.refresh_token().filter(|_| !self.pass.renewed) {
            Some(refresh_token) => {
                self.begin(desk, Step::Renewing, Effect::Renew { refresh_token, timeout: RENEW_TIMEOUT });
            }
            None => {
                let until = desk.now + gate::interval(&desk.preferences.settings);
                self.hold(desk, Hold::new(Why::SignedOut, until));
            }
        }
    }

    /// The server's answer.
    pub(crate) fn renewed(&mut self, desk: &mut Desk, transfer: Transfer) {
        let received = if let Transfer::Answered { body, .. } = &transfer { body.len() as u64 } else { 0 };
        self.meter.request(0, received);
        match Renewal::from(transfer) {
            Renewal::Renewed(tokens) => {
                self.pass.renewed = true;
                self.keep(desk, Some(tokens));
            }
            Renewal::Ended => self.keep(desk, None), // the gate says what follows
            Renewal::Revoked => self.hold(desk, Hold::new(Why::Revoked, desk.now + super::LATER)),
            Renewal::Asked(at_least) => {
                let wish = at_least.map_or(Millis::ZERO, |wish| desk.now + wish.min(LONGEST_WISH));
                let until = self.trouble(desk).max(wish);
                self.hold(desk, Hold::new(Why::ServerAsked, until));
            }
            Renewal::Failed => {
                (self.steady, self.pings) = (false, PingWindow::default());
                let until = self.trouble(desk);
                self.hold(desk, Hold::new(Why::Unsteady, until));
            }
        }
    }

    /// Keeps the tokens, unless somebody has signed in or out meanwhile: then theirs count.
    fn keep(&mut self, desk: &mut Desk, tokens: Option<Tokens>) {
        let mut preferences = desk.preferences.clone();
        if let Some(login) = &mut preferences.login {
            login.tokens = tokens;
        }
        let expect = vec![Expect::Preferences(preferences.changes)];
        preferences.changes += 1;
        let batch = Batch { expect, preferences: Some(preferences), ..Batch::default() };
        self.write(desk, Step::Renewing, batch);
    }
}
