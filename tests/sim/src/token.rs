//! Who is signed in: the tokens of each device as the server knows them, how they expire and are renewed, and a person who
//! signs in again.

use fieldsync_core::protocol::Tokens;
use fieldsync_core::{Command, Input, Millis, Nothing, Secret, SignIn, Token, Transfer};

use crate::plan::Weather;
use crate::seat::Doing;
use crate::server::Trouble;
use crate::world::{Event, Who, World};

/// A device's login, as the server knows it. Tokens are numbers, counted up by every pair that is given out.
#[derive(Debug, Default)]
pub struct Login {
    given: u64,
    /// Access tokens from this one up are honoured.
    good: u64,
    /// The refresh token that was handed in last: where its answer was lost it is taken again, and an earlier one never.
    spent: u64,
    ended: bool,
}

/// The server's own 401.
pub const UNKNOWN: Trouble = Trouble { status: 401, own_words: true, retry_after: None };

impl Login {
    /// A person has given address and password.
    fn begin(&mut self) -> Tokens {
        self.spent = self.given; // those of the login before are nothing to this one
        self.good = self.given + 1;
        self.ended = false;
        self.give()
    }

    fn give(&mut self) -> Tokens {
        self.given += 1;
        let token = self.given.to_string();
        Tokens { access_token: token.clone(), refresh_token: token, expires_in: 900 }
    }

    /// Those that are out are old.
    pub fn expire(&mut self) {
        self.good = self.given + 1;
    }

    /// The login is ended from elsewhere: the device is not to send any more until somebody signs in again.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Whether the server takes what comes with this.
    pub fn honours(&self, bearer: Option<&Secret>) -> bool {
        let number = bearer.and_then(|token| token.0.parse::<u64>().ok());
        !self.ended && number.is_some_and(|number| number >= self.good)
    }

    fn renew(&mut self, refresh: &Secret) -> Option<Tokens> {
        let number = refresh.0.parse::<u64>().unwrap_or(0);
        self.ended |= number < self.spent || number > self.given;
        self.spent = self.spent.max(number);
        (!self.ended).then(|| self.give())
    }
}

impl World {
    /// Whether the server takes what a device sends with this.
    pub fn honours(&self, device: usize, bearer: Option<&Secret>) -> bool {
        !self.plan.accounts || self.devices[device].login.honours(bearer)
    }

    /// A device asks for new tokens.
    pub fn renew(&mut self, who: Who, token: Token, refresh: &Secret, timeout: Millis) {
        self.stats.count("renewals of tokens", 1);
        let outcome = |transfer| Event::Deliver(who, Box::new(Input::Renewed(token, transfer)));
        self.at(self.now + timeout.0, outcome(Transfer::TimedOut));
        let latency = self.devices[who.device].make.latency;
        let weather = self.weather(who.device);
        if !self.devices[who.device].linked(self.now) || self.server.down > self.now {
            return self.after(1, 2 * latency, outcome(Transfer::Broken));
        }
        let answer =
            |status, body: &str| Transfer::Answered { status, retry_after: None, body: body.to_owned() };
        let proxy = match weather {
            Some(Weather::Drop) => return,
            Some(Weather::Portal) => Some(answer(200, "<html>Welcome!</html>")),
            Some(Weather::Redirect) => Some(answer(302, "")),
            Some(Weather::Gate) => Some(answer(511, "<html>Sign in</html>")),
            Some(Weather::ProxyBad) => Some(answer(400, "<html>Bad</html>")),
            Some(Weather::ProxyFails) => Some(answer(502, "<html>Bad gateway</html>")),
            _ => None,
        };
        // What refuses the device as such is said of its pushes; whoever renews is not asked for the token of before.
        let trouble = self.server.trouble(self.now).filter(|trouble| !matches!(trouble.status, 401 | 403));
        let transfer = match (proxy, trouble) {
            (Some(transfer), _) => transfer,
            (None, Some(trouble)) => trouble.answer(),
            (None, None) if self.devices[who.device].revoked => {
                self.refusal(who.device).unwrap_or(Transfer::Broken)
            }
            (None, None) => match self.devices[who.device].login.renew(refresh) {
                Some(tokens) => answer(200, &serde_json::to_string(&tokens).unwrap_or_default()),
                None => UNKNOWN.answer(),
            },
        };
        if weather == Some(Weather::DropAnswer) {
            return; // the token is spent, and its answer lost
        }
        self.after(1, 2 * latency, outcome(transfer));
    }

    /// A person signs in, where nobody is signed in and the server can be reached.
    pub fn sign_in(&mut self, device: usize, tab: usize) {
        let login = self.devices[device].disk.overview().preferences.login;
        let reached = self.devices[device].linked(self.now) && self.server.down <= self.now;
        if !self.plan.accounts || !reached || login.is_some_and(|login| login.tokens.is_some()) {
            return;
        }
        let who = self.page(device, tab);
        let email = format!("user-{}@example.org", self.devices[device].make.user);
        let tokens = self.devices[device].login.begin();
        self.stats.count("people signed in", 1);
        self.call(who, Command::SignIn(SignIn { email, tokens }), Doing::Other);
    }

    /// A person signs out.
    pub fn sign_out(&mut self, device: usize, tab: usize) {
        let who = self.page(device, tab);
        self.call(who, Command::SignOut(Nothing {}), Doing::Other);
    }
}
