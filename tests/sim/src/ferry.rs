//! Steps of uploads on their way: the device reads what goes with them, and the network may do to them what it does to
//! any request.

use fieldsync_core::protocol::{Action, ItemType};
use fieldsync_core::{Input, Millis, Secret, Token, Transfer, UploadStep, Uploaded};

use crate::mutants::Mutant;
use crate::oracle::{Invariant, Violation};
use crate::plan::Weather;
use crate::trace::name;
use crate::world::{Event, Who, World};

/// A step on its way to the server.
#[derive(Debug)]
pub struct Load {
    from: Who,
    token: Token,
    step: UploadStep,
    bearer: Option<Secret>,
    comes_back: bool,
}

fn status(status: u16) -> Uploaded {
    Uploaded { status: Some(status), ..Uploaded::default() }
}

fn outcome(who: Who, token: Token, said: Uploaded) -> Event {
    Event::Deliver(who, Box::new(Input::Uploaded(token, said)))
}

impl World {
    /// A step takes off.
    pub fn ferry(
        &mut self,
        who: Who,
        token: Token,
        step: UploadStep,
        bearer: Option<Secret>,
        timeout: Millis,
    ) {
        let now = self.now;
        if !self.devices[who.device].files.contains(&step.file) {
            self.stats.count("files gone from their devices", 1);
            let gone = Uploaded { gone: true, ..Uploaded::default() };
            return self.after(0, 3, outcome(who, token, gone));
        }
        self.stats.count("steps of uploads", 1);
        self.at(now + timeout.0, outcome(who, token, Uploaded::default()));
        let quick = self.rng.chance(50);
        let broken = |world: &mut World| {
            if quick {
                world.after(5, 5_000, outcome(who, token, Uploaded::default()));
            }
        };
        if !self.devices[who.device].linked(now) {
            return broken(self);
        }
        let weather = self.weather(who.device);
        let body = "<html>Welcome!</html>".to_owned();
        let by_another = |status: u16| Uploaded { status: Some(status), body, ..Uploaded::default() };
        match weather {
            Some(Weather::Drop) => return broken(self),
            Some(Weather::Portal) => return self.after(5, 900, outcome(who, token, by_another(200))),
            Some(Weather::Redirect) => return self.after(5, 900, outcome(who, token, by_another(302))),
            Some(Weather::Gate) => return self.after(5, 900, outcome(who, token, by_another(511))),
            Some(Weather::ProxyBad) => return self.after(5, 900, outcome(who, token, by_another(400))),
            Some(Weather::ProxyFails) => return self.after(5, 900, outcome(who, token, by_another(502))),
            Some(Weather::ProxyLarge) if step.length > 1_000 => {
                return self.after(5, 900, outcome(who, token, by_another(413)));
            }
            _ => {}
        }
        let comes_back = !matches!(weather, Some(Weather::DropAnswer | Weather::Truncate));
        let load = || {
            Event::ArriveFile(Box::new(Load {
                from: who,
                token,
                step: step.clone(),
                bearer: bearer.clone(),
                comes_back,
            }))
        };
        let make = &self.devices[who.device].make;
        let latency = make.latency;
        // A quick link carries a megabyte in a second.
        let carried = step.length * latency.min(900) / 20_000;
        match weather {
            Some(Weather::Delay) => self.after(1_000 + carried, 60_000 + carried, load()),
            Some(Weather::Duplicate) => {
                self.after(carried, latency + carried, load());
                self.after(carried, 40_000 + carried, load());
            }
            _ => self.after(carried, latency + carried, load()),
        }
    }

    /// A step reaches the server.
    pub fn arrive_file(&mut self, load: Load) {
        let Load { from, token, step, bearer, comes_back } = load;
        let (now, latency) = (self.now, self.devices[from.device].make.latency);
        let lost = || outcome(from, token, Uploaded::default());
        if self.server.down > now {
            return self.after(1, latency, lost());
        }
        let crash = self.server.crash.take();
        if let Some((_, down)) = crash {
            self.stats.count("hit: server crashed", 1);
            self.server.down = now + down;
        }
        if let Some((false, _)) = crash {
            return self.after(1, latency, lost());
        }
        let said = if let Some(trouble) = self.server.trouble(now) {
            self.stats.count("hit: server refused", 1);
            // What it refuses in its own words it may refuse for good.
            if trouble.own_words {
                self.oracle.refuses_file(from.device, step.file);
            }
            let retry_after = trouble.retry_after.map(Millis);
            Uploaded { retry_after, body: trouble.body(), ..status(trouble.status) }
        } else if let Some(Transfer::Answered { body, .. }) = self.refusal(from.device) {
            Uploaded { body, ..status(403) }
        } else if !self.honours(from.device, bearer.as_ref()) {
            self.stats.count("hit: token refused", 1);
            status(401)
        } else {
            self.take_file(from, &step)
        };
        if crash.is_some() || !comes_back {
            return self.after(1, latency, lost());
        }
        self.after(1, latency, outcome(from, token, said));
    }

    fn take_file(&mut self, from: Who, step: &UploadStep) -> Uploaded {
        let (now, user) = (self.now, self.devices[from.device].make.user);
        let (said, wrong) = self.server.upload(user, now, step);
        self.trace.mix((step.file, step.from, step.length, said.status));
        self.trace.say(now, || format!("server takes a step of {}: {step:?}: {said:?}", name(from)));
        if said.offset == Some(step.size) {
            self.stats.count("files uploaded", 1);
        }
        if let Some(words) = wrong {
            self.note(Err(Violation::new(Invariant::Content, words)));
        }
        said
    }

    /// I5: what depends on its file goes after it. Not of a device that has the file no more: the server may have it.
    pub fn files_go_first(&mut self, who: Who, request: &fieldsync_core::protocol::PushRequest) {
        let owner = &self.devices[who.device];
        for item in request
            .items
            .iter()
            .filter(|item| (item.r#type, item.action) == (ItemType::Media, Action::Create))
        {
            let hash = item.data.as_ref().and_then(|data| hash_of(data.get()));
            let early = owner.files.contains(&item.entity())
                && hash.is_some_and(|hash| !self.server.uploads.whole.contains(&(owner.make.user, hash)));
            if early {
                let words = format!("device {}: {} is sent before its file", who.device, item.id);
                return self.note(Err(Violation::new(Invariant::I5, words)));
            }
        }
    }

    /// The files of which a write says that the server has them no more. What a device without the file was told says nothing of
    /// what another has uploaded since.
    pub fn missing(&self, device: usize, batch: &fieldsync_core::Batch) -> Vec<String> {
        let owner = &self.devices[device];
        let is_heard = |record: &&fieldsync_core::Record| {
            let code = record.trouble.as_ref().and_then(|trouble| trouble.code);
            let was = owner.disk.record(record.id);
            owner.files.contains(&record.entity_id)
                && code == Some(fieldsync_core::protocol::Code::FileMissing)
                && was.is_none_or(|was| was.attempts < record.attempts)
        };
        batch.put.iter().filter(is_heard).filter_map(|record| hash_of(&record.body)).collect()
    }

    /// The device has committed that: such a file is not to be sent of as if it were there.
    pub fn heard_missing(&mut self, device: usize, files: Vec<String>) {
        let user = self.devices[device].make.user;
        for hash in files {
            self.stats.count("files that were missing", 1);
            self.server.uploads.whole.remove(&(user, hash));
        }
    }

    /// A mutant: files that have to be uploaded look as if they were.
    pub fn looks_whole(&self, records: &mut [fieldsync_core::Record]) {
        if self.mutant == Some(Mutant::RecordBeforeFile) {
            records.iter_mut().for_each(|record| record.upload = None);
        }
    }
}

fn hash_of(data: &str) -> Option<String> {
    let data: serde_json::Value = serde_json::from_str(data).ok()?;
    data["sha256"].as_str().map(str::to_owned)
}
