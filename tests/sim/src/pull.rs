//! A device asks what is new; the network may do to it what it does to any request.

use fieldsync_core::protocol::ChangesResponse;
use fieldsync_core::{Input, Millis, Secret, Token, Transfer};

use crate::plan::Weather;
use crate::token::UNKNOWN;
use crate::world::{Event, Who, World};

impl World {
    /// A question for changes, and what comes of it.
    pub fn pull(
        &mut self,
        who: Who,
        token: Token,
        cursor: Option<String>,
        bearer: Option<Secret>,
        timeout: Millis,
    ) {
        self.stats.count("pulls", 1);
        let outcome = |transfer| Event::Deliver(who, Box::new(Input::Pulled(token, transfer)));
        self.at(self.now + timeout.0, outcome(Transfer::TimedOut));
        let latency = self.devices[who.device].make.latency;
        let down = !self.devices[who.device].linked(self.now) || self.server.down > self.now;
        let answer = |status: u16, body: String| Transfer::Answered { status, retry_after: None, body };
        let transfer = match self.weather(who.device) {
            _ if down => Transfer::Broken,
            Some(Weather::Drop | Weather::DropAnswer) => return,
            Some(Weather::Portal) => answer(200, "<html>Welcome!</html>".to_owned()),
            Some(Weather::Redirect) => answer(302, String::new()),
            Some(Weather::Gate) => answer(511, String::new()),
            Some(Weather::ProxyFails) => answer(502, "<html>Bad gateway</html>".to_owned()),
            weather => {
                let body = self.changes_of(who, cursor, bearer.as_ref());
                match (weather, body) {
                    (_, Err(refusal)) => refusal,
                    (Some(Weather::Truncate), Ok(body)) => {
                        let keep = self.rng.place(body.len());
                        answer(200, body.chars().take(keep).collect())
                    }
                    (_, Ok(body)) => answer(200, body),
                }
            }
        };
        self.after(1, 2 * latency, outcome(transfer));
    }

    fn changes_of(
        &mut self,
        who: Who,
        cursor: Option<String>,
        bearer: Option<&Secret>,
    ) -> Result<String, Transfer> {
        if let Some(trouble) = self.server.trouble(self.now) {
            return Err(trouble.answer());
        }
        if let Some(refusal) = self.refusal(who.device) {
            return Err(refusal);
        }
        if !self.honours(who.device, bearer) {
            self.stats.count("hit: token refused", 1);
            return Err(UNKNOWN.answer());
        }
        let user = self.devices[who.device].make.user;
        let Some((changes, cursor, has_more)) = self.server.changes(user, cursor.as_deref()) else {
            self.stats.count("hit: cursor gone", 1);
            return Err(Transfer::Answered { status: 410, retry_after: None, body: String::new() });
        };
        let response = ChangesResponse { changes, cursor, has_more };
        Ok(serde_json::to_string(&response).unwrap_or_default())
    }
}
