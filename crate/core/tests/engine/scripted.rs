//! A scripted host: the memory store, a fake clock, a network that does as it is told.

use std::collections::{BTreeMap, VecDeque};

use fieldsync_core::memory::Memory;
use fieldsync_core::protocol::{
    Action, Code, EntityId, ItemId, ItemResult, ItemType, NaturalKey, PushRequest, PushResponse, PushStatus,
    Reading,
};
use fieldsync_core::schedule::Tempo;
use fieldsync_core::{
    Answer, Batch, CallError, CallId, Cause, Command, Config, Draft, Effect, Engine, Entropy, Event, Facts,
    Found, Input, Item, ItemState, Keys, ListQuery, Lock, Millis, Nothing, Query, Role, Settled, Shelf,
    Status, StepKind, Token, Transfer, UploadStep, Uploaded, Vault, Wake,
};
use serde_json::json;

/// A server of few words: one receipt an id, one reading a key.
#[derive(Default)]
pub struct Server {
    receipts: BTreeMap<ItemId, String>,
    keys: BTreeMap<NaturalKey, ItemId>,
    versions: BTreeMap<EntityId, u64>,
    /// When it took what it has.
    pub updated_at: Millis,
    /// Refused with this id in them.
    pub bad: Option<ItemId>,
    /// Pushes that arrived.
    pub pushes: Vec<Vec<ItemId>>,
    /// Items that arrived though they had arrived before.
    pub repeats: usize,
    /// Uploads by their paths: the hash, the size, and how much has come.
    pub uploads: BTreeMap<String, (String, u64, u64)>,
    /// How many were begun.
    pub begun: usize,
    /// Files that are there, by their hashes.
    pub files: Vec<String>,
}

impl Server {
    /// What the server says to a step of an upload.
    pub fn upload(&mut self, step: &UploadStep) -> Uploaded {
        let told =
            |status, offset| Uploaded { status: Some(status), offset: Some(offset), ..Uploaded::default() };
        let url = step.url.clone().unwrap_or_default();
        match (step.kind, self.uploads.get_mut(&url)) {
            (StepKind::Create, _) => {
                self.begun += 1;
                let url = format!("/api/v1/uploads/{}", self.begun);
                self.uploads.insert(url.clone(), (step.sha256.clone(), step.size, 0));
                Uploaded { url: Some(url), ..told(201, 0) }
            }
            (_, None) => Uploaded { status: Some(404), ..Uploaded::default() },
            (StepKind::Offset, Some((.., sent))) => told(200, *sent),
            (StepKind::Chunk, Some((_, _, sent))) if *sent != step.from => {
                Uploaded { status: Some(409), ..Uploaded::default() }
            }
            (StepKind::Chunk, Some((hash, size, sent))) => {
                *sent += step.length;
                if *sent == *size {
                    self.files.push(hash.clone());
                }
                told(204, *sent)
            }
        }
    }

    pub fn push(&mut self, request: &PushRequest) -> Transfer {
        self.pushes.push(request.items.iter().map(|item| item.id).collect());
        let results = request
            .items
            .iter()
            .map(|item| {
                let data = item
                    .data
                    .as_ref()
                    .or(item.patch.as_ref())
                    .map_or(String::new(), |data| data.get().to_owned());
                if self.receipts.contains_key(&item.id) {
                    self.repeats += 1;
                    return ItemResult { version: Some(1), ..ItemResult::new(item.id, PushStatus::Replayed) };
                }
                if self.bad == Some(item.id) {
                    return ItemResult {
                        code: Some(Code::Invalid),
                        ..ItemResult::new(item.id, PushStatus::Rejected)
                    };
                }
                let hash = serde_json::from_str::<serde_json::Value>(&data)
                    .ok()
                    .and_then(|data| data["sha256"].as_str().map(str::to_owned));
                if hash.is_some_and(|hash| !self.files.contains(&hash)) {
                    let code = Some(Code::FileMissing);
                    return ItemResult { code, ..ItemResult::new(item.id, PushStatus::Rejected) };
                }
                if (item.r#type, item.action) != (ItemType::Reading, Action::Create) {
                    let version = self.versions.entry(item.entity()).or_default();
                    assert_eq!(item.base_version.unwrap_or(0), *version, "made against what the server has");
                    *version += 1;
                    self.receipts.insert(item.id, data);
                    return ItemResult {
                        version: Some(*version),
                        ..ItemResult::new(item.id, PushStatus::Applied)
                    };
                }
                let key = serde_json::from_str::<Reading>(&data).unwrap().natural_key();
                if let Some(other) = self.keys.get(&key) {
                    let theirs: serde_json::Value = serde_json::from_str(&self.receipts[other]).unwrap();
                    let server_item =
                        Some(json!({ "entityId": other, "version": self.versions[other], "data": theirs,
                            "updatedAt": self.updated_at }));
                    let code = Some(Code::DuplicateReading);
                    return ItemResult {
                        server_item,
                        code,
                        ..ItemResult::new(item.id, PushStatus::Conflict)
                    };
                }
                self.keys.insert(key, item.id);
                self.receipts.insert(item.id, data);
                self.versions.insert(item.entity(), 1);
                ItemResult { version: Some(1), ..ItemResult::new(item.id, PushStatus::Applied) }
            })
            .collect();
        let body = serde_json::to_string(&PushResponse { results, cursor: "1".into() }).unwrap();
        Transfer::Answered { status: 200, retry_after: None, body }
    }

    pub fn holds(&self) -> usize {
        self.receipts.len()
    }
}

/// A page of what is new on the server.
pub fn changes(changes: &[serde_json::Value], cursor: &str, more: bool) -> Transfer {
    let body = json!({"changes": changes, "cursor": cursor, "hasMore": more}).to_string();
    Transfer::Answered { status: 200, retry_after: None, body }
}

/// The server's answer to what it was asked.
pub fn ok(body: &serde_json::Value) -> Transfer {
    Transfer::Answered { status: 200, retry_after: None, body: body.to_string() }
}

pub fn refuse(status: u16) -> Transfer {
    Transfer::Answered { status, retry_after: None, body: "no".into() }
}

/// What happens to a push on its way.
pub type Wire = Box<dyn FnMut(&mut Server, &PushRequest) -> Transfer>;

/// What happens to a step of an upload on its way.
pub type Ferry = Box<dyn FnMut(&mut Server, &UploadStep) -> Uploaded>;

pub struct Host {
    pub engine: Engine,
    pub now: Millis,
    pub store: Memory,
    pub server: Server,
    pub wire: Wire,
    pub ferry: Ferry,
    /// The steps of uploads that were asked for, each with when.
    pub steps: Vec<(Millis, UploadStep)>,
    /// The fate of the pings to come; `true` once it has run out.
    pub pings: VecDeque<bool>,
    pub pinged: Vec<Millis>,
    /// The cursors with which the server was asked what is new.
    pub pulled: Vec<Option<String>>,
    /// What it answers; nothing new once this has run out.
    pub changes: VecDeque<Transfer>,
    /// The tokens that went with the pushes, and the refresh tokens that were handed in.
    pub bearers: Vec<Option<String>>,
    pub renewed: Vec<String>,
    /// The only token with which pushes are taken.
    pub only: Option<String>,
    /// What comes of those; a 401 once this has run out.
    pub renewals: VecDeque<Transfer>,
    /// What else the server was asked: the path, the body and the token.
    pub asked: Vec<(&'static str, Option<String>, Option<String>)>,
    /// What it answers; nothing is there once this has run out.
    pub told_then: VecDeque<Transfer>,
    /// What stands in clear of the vault.
    pub keys: Option<Keys>,
    /// How often the keys were taken from this device.
    pub dropped: u32,
    /// The server's clock, where it is not this device's.
    pub true_time: Option<Millis>,
    pub facts: Facts,
    /// Whether the browser has sync events.
    pub sync_events: bool,
    pub tags: Vec<String>,
    pub locked_elsewhere: bool,
    pub holds_lock: bool,
    /// Whether requests under way were to be ended.
    pub broken_off: bool,
    pub told: Vec<Event>,
    pub batches: Vec<Batch>,
    /// What was asked of the store.
    pub queries: Vec<Query>,
    pub delegated: Vec<Cause>,
    /// Effects of this kind are left undone, as by a host that dies there.
    pub die_at: Option<fn(&Effect) -> bool>,
    pub dead: bool,
    answers: BTreeMap<CallId, Result<Answer, CallError>>,
    calls: u64,
}

impl Host {
    pub fn new(role: Role) -> Host {
        Host {
            engine: engine(role),
            now: Millis(1_760_000_000_000),
            store: Memory::default(),
            server: Server::default(),
            wire: Box::new(|server, request| server.push(request)),
            ferry: Box::new(|server, step| server.upload(step)),
            steps: Vec::new(),
            pings: VecDeque::new(),
            pinged: Vec::new(),
            pulled: Vec::new(),
            changes: VecDeque::new(),
            bearers: Vec::new(),
            renewed: Vec::new(),
            only: None,
            renewals: VecDeque::new(),
            asked: Vec::new(),
            told_then: VecDeque::new(),
            keys: None,
            dropped: 0,
            true_time: None,
            facts: Facts { online: Some(true), ..Facts::default() },
            sync_events: true,
            tags: Vec::new(),
            locked_elsewhere: false,
            holds_lock: false,
            broken_off: false,
            told: Vec::new(),
            batches: Vec::new(),
            queries: Vec::new(),
            delegated: Vec::new(),
            die_at: None,
            dead: false,
            answers: BTreeMap::new(),
            calls: 0,
        }
    }

    /// The same device after a crash: what was stored is there, and nothing else.
    pub fn restart(&mut self, role: Role) {
        self.engine = engine(role);
        self.die_at = None;
        self.dead = false;
        self.holds_lock = false;
    }

    pub fn handle(&mut self, input: Input) {
        self.engine.handle(self.now, Input::Facts(self.facts.clone()));
        self.engine.handle(self.now, input);
    }

    pub fn call(&mut self, command: Command) -> CallId {
        self.calls += 1;
        let call = CallId(self.calls);
        let mut entropy = [0; 16];
        entropy[..8].copy_from_slice(&self.calls.to_be_bytes());
        self.handle(Input::Call { call, command, entropy: Entropy(entropy) });
        call
    }

    /// Carries out every effect there is, and no timer.
    pub fn pump(&mut self) {
        while !self.dead {
            let Some((token, effect)) = self.engine.poll_effect() else { return };
            if self.die_at.is_some_and(|at| at(&effect)) {
                self.dead = true;
                return;
            }
            if let Some(input) = self.act(token, effect) {
                self.handle(input);
            }
        }
    }

    /// Works until an effect of this kind, which is carried out; its outcome is kept back and returned.
    pub fn withhold(&mut self, at: fn(&Effect) -> bool) -> Input {
        for _ in 0..10_000 {
            if let Some((token, effect)) = self.engine.poll_effect() {
                let here = at(&effect);
                let input = self.act(token, effect);
                if here {
                    return input.expect("an effect with an outcome");
                }
                input.into_iter().for_each(|input| self.handle(input));
            } else {
                self.now = self.engine.next_wake().expect("it comes to that effect");
                self.handle(Input::Tick);
            }
        }
        panic!("it never comes to that effect");
    }

    /// Works until nothing is left to do but to wait for pushes, and returns those that are on their way.
    pub fn take_off(&mut self) -> VecDeque<(Token, PushRequest)> {
        let mut aloft = VecDeque::new();
        loop {
            match self.engine.poll_effect() {
                Some((token, Effect::Push { request, .. })) => aloft.push_back((token, *request)),
                Some((token, effect)) => {
                    let input = self.act(token, effect);
                    input.into_iter().for_each(|input| self.handle(input));
                }
                None if aloft.is_empty() => {
                    self.now = self.engine.next_wake().expect("something takes off");
                    self.handle(Input::Tick);
                }
                None => return aloft,
            }
        }
    }

    /// The server judges a push that took off, and its answer comes.
    pub fn land(&mut self, (token, request): (Token, PushRequest)) {
        let transfer = (self.wire)(&mut self.server, &request);
        self.handle(Input::Pushed(token, transfer, 0));
    }

    /// Carries out every effect and lets every timer go off, until nothing is left to do before `end`.
    pub fn run_until(&mut self, end: Millis) {
        for _ in 0..100_000 {
            self.pump();
            match self.engine.next_wake() {
                Some(at) if at <= end && !self.dead => {
                    self.now = self.now.max(at);
                    self.handle(Input::Tick);
                }
                _ => {
                    self.now = self.now.max(end);
                    return;
                }
            }
        }
        panic!("the engine does not come to rest");
    }

    pub fn run_for(&mut self, span: Millis) {
        self.run_until(self.now + span);
    }

    pub fn act(&mut self, token: Token, effect: Effect) -> Option<Input> {
        Some(match effect {
            Effect::Answer(call, result) => {
                assert!(self.answers.insert(call, *result).is_none(), "a call is answered once");
                return None;
            }
            Effect::Lock if self.locked_elsewhere => Input::Locked(token, Ok(Lock::Busy)),
            Effect::Lock => {
                assert!(!self.holds_lock, "it holds the lock already");
                self.holds_lock = true;
                Input::Locked(token, Ok(Lock::Held(self.store.next_epoch())))
            }
            Effect::Unlock => {
                self.holds_lock = false;
                return None;
            }
            Effect::BreakOff => {
                self.broken_off = true;
                return None;
            }
            Effect::DropKeys => {
                self.dropped += 1;
                if self.facts.vault == Vault::Open {
                    self.facts.vault = Vault::Locked;
                }
                return None;
            }
            Effect::Read(query) => {
                self.queries.push(query.clone());
                let mut found = self.store.read(&query);
                if let Ok(Found::Overview(overview)) = &mut found {
                    overview.draining = self.holds_lock || self.locked_elsewhere;
                }
                if let Ok(Found::Standing(standing)) = &mut found {
                    standing.keys = self.keys.clone();
                }
                Input::Read(token, found)
            }
            Effect::Write(batch) => {
                self.batches.push((*batch).clone());
                Input::Written(token, self.store.write(*batch))
            }
            Effect::Ping { nonce, .. } => {
                self.pinged.push(self.now);
                let body = self.pings.pop_front().unwrap_or(true);
                Input::Pinged(
                    token,
                    body.then(|| {
                        json!({"nonce": nonce, "serverTime": self.true_time.unwrap_or(self.now)}).to_string()
                    }),
                )
            }
            Effect::Push { request, bearer, .. } => {
                let bearer = bearer.map(|bearer| bearer.0);
                let may = self.only.is_none() || self.only == bearer;
                self.bearers.push(bearer);
                if !may {
                    return Some(Input::Pushed(token, refuse(401), 1));
                }
                let sent = serde_json::to_string(&request).unwrap().len() as u64;
                Input::Pushed(token, (self.wire)(&mut self.server, &request), sent)
            }
            Effect::Pull { cursor, .. } => {
                self.pulled.push(cursor);
                let answer = self.changes.pop_front();
                Input::Pulled(token, answer.unwrap_or_else(|| changes(&[], "1", false)))
            }
            Effect::Renew { refresh_token, .. } => {
                self.renewed.push(refresh_token.0);
                Input::Renewed(token, self.renewals.pop_front().unwrap_or_else(|| refuse(401)))
            }
            Effect::Ask { path, body, bearer, .. } => {
                self.asked.push((path, body, bearer.map(|bearer| bearer.0)));
                Input::Asked(token, self.told_then.pop_front().unwrap_or_else(|| refuse(404)))
            }
            Effect::Upload { step, bearer, .. } => {
                self.steps.push((self.now, (*step).clone()));
                let may = self.only.is_none() || self.only == bearer.map(|bearer| bearer.0);
                Input::Uploaded(
                    token,
                    match may {
                        true => (self.ferry)(&mut self.server, &step),
                        false => Uploaded { status: Some(401), ..Uploaded::default() },
                    },
                )
            }
            Effect::Delegate { cause, .. } => {
                self.delegated.push(cause);
                let settled = Settled { progress: Default::default(), remaining: 0, hold: None };
                Input::Delegated(token, Ok(settled))
            }
            Effect::RequestSync { tag } => {
                self.tags.push(tag);
                Input::SyncRequested(token, self.sync_events)
            }
            Effect::Tell(event) => {
                self.told.push(*event);
                return None;
            }
        })
    }

    pub fn answer(&mut self, call: CallId) -> Option<Result<Answer, CallError>> {
        self.answers.remove(&call)
    }

    pub fn enqueue(&mut self, draft: Draft) -> Result<Item, CallError> {
        let call = self.call(Command::Enqueue(draft));
        self.pump();
        match self.answer(call).expect("answered") {
            Ok(Answer::Enqueue(item)) => Ok(*item),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        }
    }

    pub fn enqueue_readings(&mut self, units: std::ops::Range<u64>) -> Vec<ItemId> {
        units.map(|unit| self.enqueue(draft(unit, 1.0)).expect("saved").id).collect()
    }

    pub fn ask(&mut self, name: &str, args: serde_json::Value) -> Result<serde_json::Value, CallError> {
        let call = self.call(Command::parse(name, &args.to_string())?);
        self.pump();
        self.answer(call).expect("answered").map(|answer| serde_json::to_value(answer).unwrap())
    }

    /// The same call in another window of this device.
    pub fn ask_elsewhere(&mut self, name: &str, args: serde_json::Value) {
        let here = std::mem::replace(&mut self.engine, engine(Role::Page));
        let busy = std::mem::replace(&mut self.locked_elsewhere, true); // it is closed before it could drain
        self.ask(name, args).unwrap();
        self.locked_elsewhere = busy;
        self.engine = here;
    }

    /// As on another device of the same person: it does not know what the server has.
    pub fn know_nothing(&mut self) {
        let batch = Batch { known_anew: true, ..Batch::default() };
        self.store.write(batch).unwrap();
    }

    pub fn retry(&mut self, id: ItemId) -> Result<Answer, CallError> {
        let call = self.call(Command::Retry(fieldsync_core::ById { id }));
        self.pump();
        self.answer(call).expect("answered")
    }

    pub fn discard(&mut self, id: ItemId) -> Result<Answer, CallError> {
        let call = self.call(Command::Discard(fieldsync_core::ById { id }));
        self.pump();
        self.answer(call).expect("answered")
    }

    /// Wakes it, and lets it work for at most four minutes.
    pub fn drain(&mut self, cause: Cause) -> Settled {
        let call = self.wake(cause);
        let end = self.now + Millis::minutes(4);
        loop {
            self.pump();
            match self.answer(call) {
                Some(Ok(Answer::Wake(settled))) => return *settled,
                Some(other) => panic!("{other:?}"),
                None => {}
            }
            let at = self.engine.next_wake().filter(|at| *at <= end).expect("it settles");
            self.now = self.now.max(at);
            self.handle(Input::Tick);
        }
    }

    pub fn wake(&mut self, cause: Cause) -> CallId {
        self.call(if cause == Cause::Manual {
            Command::SyncNow(Nothing {})
        } else {
            Command::Wake(Wake { cause, power: None })
        })
    }

    pub fn status(&mut self) -> Status {
        let call = self.call(Command::Status(Nothing {}));
        self.pump();
        match self.answer(call) {
            Some(Ok(Answer::Status(status))) => *status,
            other => panic!("{other:?}"),
        }
    }

    pub fn list(&mut self, shelf: Shelf) -> Vec<Item> {
        let call = self.call(Command::List(ListQuery { shelf, limit: Some(500), ..ListQuery::default() }));
        self.pump();
        match self.answer(call) {
            Some(Ok(Answer::List(listing))) => listing.items,
            other => panic!("{other:?}"),
        }
    }

    pub fn states(&mut self) -> Vec<ItemState> {
        self.list(Shelf::Queue).into_iter().map(|item| item.state).collect()
    }
}

fn engine(role: Role) -> Engine {
    Engine::new(Config { role, device_id: "device-1".into(), seed: 42, tempo: Tempo::default() })
}

/// The draft of a reading of this unit.
pub fn draft(unit: u64, value: f64) -> Draft {
    let data = json!({"property": "P-1", "unit": format!("U{unit}"), "period": "2026-11", "value": value, "readAt": 1});
    serde_json::from_str(&json!({"type": ItemType::Reading, "data": data}).to_string()).unwrap()
}
