//! Requests on their way, and everything that can happen to them there.

use fieldsync_core::protocol::PushRequest;
use fieldsync_core::{Input, Millis, Secret, Token, Transfer};

use crate::mutants::Mutant;
use crate::plan::Weather;
use crate::token::UNKNOWN;
use crate::trace::{name, short};
use crate::world::{BEGAN, Event, Who, World};

/// A request on its way to the server.
#[derive(Debug)]
pub struct Parcel {
    from: Who,
    token: Token,
    request: PushRequest,
    bearer: Option<Secret>,
    fate: Fate,
    /// Whether it arrives for the second time.
    copy: bool,
}

/// What becomes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Comes,
    Breaks,
    Truncated,
}

impl World {
    /// A ping, and what comes of it.
    pub fn ping(&mut self, who: Who, token: Token, nonce: &str, timeout: Millis) {
        let outcome = |body| Box::new(Input::Pinged(token, body));
        let down = !self.devices[who.device].linked(self.now) || self.server.down > self.now;
        let weather = self.weather(who.device);
        let body = match weather {
            _ if down => None,
            None | Some(Weather::Duplicate | Weather::ProxyLarge | Weather::ProxyBad) => {
                Some(format!(r#"{{"nonce":"{nonce}","serverTime":{}}}"#, BEGAN + self.now))
            }
            Some(Weather::Portal) => Some("<html>Welcome! Accept our terms</html>".to_owned()),
            Some(_) => None,
        };
        let latency = self.devices[who.device].make.latency;
        let wait = self.rng.below(2 * latency + 1);
        let wait = if body.is_none() && self.rng.chance(60) { timeout.0 } else { wait };
        let body = body.filter(|_| wait < timeout.0);
        self.at(self.now + wait.min(timeout.0), Event::Deliver(who, outcome(body)));
    }

    /// A push takes off.
    pub fn push(
        &mut self,
        who: Who,
        token: Token,
        request: PushRequest,
        bearer: Option<Secret>,
        timeout: Millis,
    ) {
        let now = self.now;
        self.stats.count("pushes", 1);
        self.stats.count("items pushed", request.items.len() as u64);
        let wall = self.wall(who.device);
        let checked = self.oracle.sent(who.device, wall, &request, &self.devices[who.device].disk);
        self.note(checked);
        self.files_go_first(who, &request);
        let request = self.spoilt(who.device, request);
        if self.mutant == Some(Mutant::DeleteBeforeReceipt) {
            self.delete(who, &request);
        }
        let outcome = |transfer| Event::Deliver(who, Box::new(Input::Pushed(token, transfer, 0)));
        // The device itself gives up then.
        self.at(now + timeout.0, outcome(Transfer::TimedOut));
        let quick = self.rng.chance(50);
        let broken = |world: &mut World| {
            if quick {
                world.after(5, 5_000, outcome(Transfer::Broken));
            }
        };
        if !self.devices[who.device].linked(now) {
            return broken(self);
        }
        let weather = self.weather(who.device);
        let proxy =
            |status: u16, body: &str| Transfer::Answered { status, retry_after: None, body: body.to_owned() };
        let bytes: usize = request.items.len() * 350;
        let latency = self.devices[who.device].make.latency;
        let mut fate = Fate::Comes;
        match weather {
            Some(Weather::Drop) => return broken(self),
            Some(Weather::Portal) => return self.after(5, 900, outcome(proxy(200, "<html>Welcome!</html>"))),
            Some(Weather::Redirect) => return self.after(5, 900, outcome(proxy(302, ""))),
            Some(Weather::Gate) => return self.after(5, 900, outcome(proxy(511, "<html>Sign in</html>"))),
            Some(Weather::ProxyBad) => return self.after(5, 900, outcome(proxy(400, "<html>Bad</html>"))),
            Some(Weather::ProxyFails) => {
                let answer = if self.mutant == Some(Mutant::FailureIsSuccess) {
                    success(&request)
                } else {
                    proxy(502, "<html>Bad gateway</html>")
                };
                return self.after(5, 900, outcome(answer));
            }
            Some(Weather::ProxyLarge) if bytes > 1_000 => {
                return self.after(5, 900, outcome(proxy(413, "<html>Too large</html>")));
            }
            Some(Weather::DropAnswer) => fate = Fate::Breaks,
            Some(Weather::Truncate) => fate = Fate::Truncated,
            _ => {}
        }
        let parcel =
            |copy| Parcel { from: who, token, request: request.clone(), bearer: bearer.clone(), fate, copy };
        match weather {
            Some(Weather::Delay) => self.after(1_000, 60_000, Event::Arrive(Box::new(parcel(false)))),
            Some(Weather::Duplicate) => {
                self.after(1, latency, Event::Arrive(Box::new(parcel(false))));
                self.after(1, 40_000, Event::Arrive(Box::new(parcel(true))));
            }
            _ => self.after(1, latency, Event::Arrive(Box::new(parcel(false)))),
        }
    }

    /// A request reaches the server, whatever has become of who sent it.
    pub fn arrive(&mut self, parcel: Parcel) {
        let Parcel { from, token, request, bearer, fate, copy } = parcel;
        let now = self.now;
        let outcome = |transfer| Event::Deliver(from, Box::new(Input::Pushed(token, transfer, 0)));
        let latency = self.devices[from.device].make.latency;
        if self.server.down > now {
            return self.after(1, latency, outcome(Transfer::Broken));
        }
        let crash = self.server.crash.take();
        if let Some((_, down)) = crash {
            self.stats.count("hit: server crashed", 1);
            self.server.down = now + down;
        }
        if let Some((false, _)) = crash {
            return self.after(1, latency, outcome(Transfer::Broken));
        }
        let answer = match self.server.trouble(now) {
            Some(trouble) => {
                self.stats.count("hit: server refused", 1);
                if trouble.own_words {
                    self.oracle.refused_whole(&request);
                }
                trouble.answer()
            }
            None if self.devices[from.device].revoked => {
                self.oracle.refused_whole(&request);
                self.refusal(from.device).unwrap_or(Transfer::Broken)
            }
            None if !self.honours(from.device, bearer.as_ref()) => {
                self.stats.count("hit: token refused", 1);
                UNKNOWN.answer()
            }
            None => self.judge(from, &request, copy),
        };
        if crash.is_some() {
            if self.mutant == Some(Mutant::EffectWithoutReceipt) {
                self.server.forget();
            }
            return self.after(1, latency, outcome(Transfer::Broken));
        }
        match (fate, answer) {
            (Fate::Comes, answer) => self.after(1, latency, outcome(answer)),
            (Fate::Truncated, Transfer::Answered { status, retry_after, body }) => {
                let keep = self.rng.place(body.len());
                let body = body.chars().take(keep).collect();
                self.after(1, latency, outcome(Transfer::Answered { status, retry_after, body }));
            }
            (Fate::Breaks | Fate::Truncated, _) => {
                if self.rng.chance(50) {
                    self.after(1, 5_000, outcome(Transfer::Broken));
                }
            }
        }
    }

    fn judge(&mut self, from: Who, request: &PushRequest, copy: bool) -> Transfer {
        let now = self.now;
        let user = self.devices[from.device].make.user;
        let before = copy.then(|| digest(&self.server.export()));
        let (response, head) = self.server.push(user, now, request, self.mutant);
        self.trace.say(now, || {
            let results = response.results.iter().map(|r| (r.id.to_string(), r.status, r.code));
            format!("server judges a push of {}: {:?}", name(from), results.collect::<Vec<_>>())
        });
        for result in &response.results {
            self.trace.mix((result.id, result.status as u8));
        }
        let checked = self.oracle.judged(from.device, user, request, &response.results, head);
        self.note(checked);
        let replays = response
            .results
            .iter()
            .filter(|result| result.status == fieldsync_core::protocol::PushStatus::Replayed);
        let replays = replays.count() as u64;
        self.stats.count("replays", replays);
        if let Some(before) = before
            && replays == response.results.len() as u64
        {
            let same = before == digest(&self.server.export());
            self.note(crate::oracle::replayed(same));
        }
        let body = serde_json::to_string(&response).unwrap_or_default();
        let now = self.now;
        self.trace.say(now, || short(&body));
        Transfer::Answered { status: 200, retry_after: None, body }
    }

    /// What the network does to the next request.
    pub fn weather(&mut self, device: usize) -> Option<Weather> {
        let now = self.now;
        let windows: Vec<_> =
            self.devices[device].weather.iter().filter(|(.., until)| *until > now).copied().collect();
        let hit = windows.into_iter().find(|(_, percent, _)| self.rng.chance(u64::from(*percent)))?.0;
        self.stats.hit(hit.name());
        Some(hit)
    }

    /// Mutants: the second time an item is sent, something else is; what takes the place of a sent item goes under its id.
    fn spoilt(&mut self, device: usize, mut request: PushRequest) -> PushRequest {
        if self.mutant == Some(Mutant::ResolutionEdits) {
            for item in &mut request.items {
                let seat = self.devices[device].disk.record(item.id).and_then(|record| record.seat);
                (item.entity_id, item.created_at) = (Some(item.entity()), Some(item.entered_at()));
                item.id = seat.unwrap_or(item.id);
            }
        }
        if self.mutant == Some(Mutant::OtherContent)
            && self.rng.chance(50)
            && let Some(item) = request.items.first_mut()
        {
            item.created_at = Some(item.entered_at() + Millis(1));
        }
        request
    }

    /// A mutant: what has been sent is not kept until its receipt comes.
    fn delete(&mut self, who: Who, request: &PushRequest) {
        let asked = fieldsync_core::Batch {
            remove: request.items.iter().map(|item| item.id).collect(),
            ..Default::default()
        };
        let _ = self.commit(who, &asked, asked.clone(), true); // it expects nothing
    }
}

/// A gateway's word for it that everything was applied.
fn success(request: &PushRequest) -> Transfer {
    let results = request.items.iter().map(|item| {
        let status = fieldsync_core::protocol::PushStatus::Applied;
        let result = fieldsync_core::protocol::ItemResult::new(item.id, status);
        fieldsync_core::protocol::ItemResult { version: Some(1), ..result }
    });
    let response =
        fieldsync_core::protocol::PushResponse { results: results.collect(), cursor: "1".to_owned() };
    let body = serde_json::to_string(&response).unwrap_or_default();
    Transfer::Answered { status: 200, retry_after: None, body }
}

fn digest(held: &fieldsync_server::store::ExportResult) -> u64 {
    crate::trace::hash_of(&format!("{held:?}"))
}
