//! What people do, and what befalls their devices: the steps of the plan.

use fieldsync_core::{ById, Cause, Command, Draft, Entropy, Input, ListQuery, Nothing, Shelf};

use crate::device::{Asked, Doing, Kill, Mine};
use crate::plan::{Entry, Step, What};
use crate::server::Trouble;
use crate::world::{Event, Who, World};

impl World {
    /// A step of the plan.
    pub fn happen(&mut self, place: usize) {
        let Step { device, what, .. } = self.plan.steps[place].clone();
        let now = self.now;
        self.trace.mix(place);
        self.trace.say(now, || format!("STEP d{device} {what:?}"));
        self.stats.step(what.kind());
        let owner = &mut self.devices[device];
        match what {
            What::Weather { weather, percent, span } => owner.weather.push((weather, percent, now + span)),
            What::Offline { span, noticed } => {
                owner.offline = Some((now + span, noticed));
                if noticed {
                    self.at(now + span + 1, Event::Reconnect(device));
                }
            }
            What::Lie { online, span } => {
                owner.lie = Some((now + span, online));
                self.at(now + span + 1, Event::Reconnect(device));
            }
            What::Trouble { status, own_words, retry_after, span } => {
                self.server.trouble.push((now + span, Trouble { status, own_words, retry_after }));
            }
            What::ServerCrash { committed, down } => self.server.crash = Some((committed, down)),
            What::Clock { by } => {
                owner.skew = owner.skew.saturating_add(by);
                self.oracle.clock_set(device);
            }
            What::Storage { fault, percent, span } => owner.storage.push((fault, percent, now + span)),
            What::Kill { victim, done, skip } => owner.kills.push(Kill { victim, done, skip }),
            What::LockLost => owner.lock = None,
            What::Freeze { tab, span } => owner.seats[tab].frozen = now + span,
            What::Sleep { span } => owner.asleep = now + span,
            // A device that sleeps is not used.
            _ if owner.sleeps(now).is_some() => {}
            what => self.user(device, &what),
        }
    }

    fn user(&mut self, device: usize, what: &What) {
        let now = self.now;
        match *what {
            What::Enter { tab, entry, priority, on } => {
                let on = on.and_then(|pick| self.mine(device, pick)).map(|mine| mine.id);
                let (r#type, data) = match entry {
                    Entry::Reading { unit, value } => ("READING", reading(unit, value)),
                    Entry::Assessment => {
                        ("ASSESSMENT", format!(r#"{{"kind":"WASH","site":"Well {}"}}"#, self.rng.below(50)))
                    }
                    Entry::Refused => {
                        let hash = "0f".repeat(32);
                        ("MEDIA", format!(r#"{{"mime":"image/jpeg","sha256":"{hash}","size":5}}"#))
                    }
                };
                let priority = ["HIGH", "NORMAL", "LOW"][usize::from(priority % 3)];
                let on = on.map(|id| format!(r#","dependsOn":"{id}""#)).unwrap_or_default();
                let text = format!(r#"{{"type":"{type}","priority":"{priority}","data":{data}{on}}}"#);
                self.enter(device, tab, &text, None);
            }
            What::Change { tab, pick } => {
                let Some(mine) = self.mine(device, pick) else { return };
                let (kind, id) = (kind(mine), mine.entity);
                let patch = format!(r#"{{"note":"look {}"}}"#, self.rng.below(1_000));
                let text =
                    format!(r#"{{"type":"{kind}","action":"UPDATE","entityId":"{id}","patch":{patch}}}"#);
                self.enter(device, tab, &text, None);
            }
            What::Delete { tab, pick } => {
                let Some(mine) = self.mine(device, pick) else { return };
                let (kind, id) = (kind(mine), mine.entity);
                let text = format!(r#"{{"type":"{kind}","action":"DELETE","entityId":"{id}"}}"#);
                self.enter(device, tab, &text, None);
            }
            What::Replace { tab, pick } => {
                // A person corrects what they see in the queue.
                let Some(mine) = self.mine(device, pick) else { return };
                let Some(old) = self.devices[device].disk.record(mine.id) else { return };
                if kind(mine) != "READING" || old.action != fieldsync_core::protocol::Action::Create {
                    return;
                }
                let data = old.body.replace(r#""value":"#, r#""value":1"#);
                let id = mine.id;
                let text = format!(r#"{{"type":"READING","data":{data},"replaces":"{id}"}}"#);
                self.enter(device, tab, &text, Some(mine));
            }
            What::Discard { tab, pick } => {
                let Some(mine) = self.mine(device, pick) else { return };
                let who = self.page(device, tab);
                self.oracle.leaving(device, mine.id);
                self.call(who, Command::Discard(ById { id: mine.id }), Doing::Discard(mine.id));
            }
            What::Retry { tab, pick } => {
                let Some(mine) = self.mine(device, pick) else { return };
                let who = self.page(device, tab);
                self.call(who, Command::Retry(ById { id: mine.id }), Doing::Other);
            }
            What::Look { tab, pick } => {
                let who = self.page(device, tab);
                self.call(who, Command::Status(Nothing {}), Doing::Other);
                let shelf = if pick % 2 == 0 { Shelf::Queue } else { Shelf::Done };
                self.call(who, Command::List(ListQuery { shelf, ..ListQuery::default() }), Doing::Other);
                if let Some(mine) = self.mine(device, pick) {
                    self.call(who, Command::Get(ById { id: mine.id }), Doing::Other);
                }
            }
            What::SyncNow { tab } => {
                let who = self.page(device, tab);
                self.call(who, Command::SyncNow(Nothing {}), Doing::Other);
            }
            What::Visible { tab } => {
                let who = self.page(device, tab);
                self.wake(who, Cause::Visible);
            }
            What::Open { tab } => {
                self.page(device, tab);
            }
            What::Close { tab } => self.die(self.who(device, tab)),
            What::Hide { tab, span } => {
                let who = self.page(device, tab);
                self.device(who).seats[tab].hidden = now + span;
            }
            _ => {}
        }
    }

    /// The tab, opened first if it is not.
    pub fn page(&mut self, device: usize, tab: usize) -> Who {
        let opens = self.devices[device].seats[tab].engine.is_none();
        let who = self.open(device, tab);
        if opens {
            if !std::mem::replace(&mut self.devices[device].runs, true) {
                self.look_at_tags(device);
            }
            self.wake(who, Cause::Start);
        }
        who
    }

    /// One that this person knows of.
    fn mine(&self, device: usize, pick: u32) -> Option<Mine> {
        let mine = &self.devices[device].mine;
        (!mine.is_empty()).then(|| mine[pick as usize % mine.len()])
    }

    fn enter(&mut self, device: usize, tab: usize, text: &str, replaces: Option<Mine>) {
        let draft = match serde_json::from_str::<Draft>(text) {
            Ok(draft) => draft,
            Err(error) => unreachable!("a draft that is none: {error}: {text}"),
        };
        let who = self.page(device, tab);
        if let Some(old) = replaces {
            self.oracle.leaving(device, old.id);
        }
        self.stats.count("items entered", 1);
        self.call(who, Command::Enqueue(draft), Doing::Enter(replaces.map(|old| old.id)));
    }

    /// Calls an engine.
    pub fn call(&mut self, who: Who, command: Command, what: Doing) {
        if !self.lives(who) {
            return;
        }
        self.calls += 1;
        let (at, call) = (self.now, self.calls);
        let mut entropy = [0; 16];
        entropy[..8].copy_from_slice(&self.rng.draw().to_be_bytes());
        entropy[8..].copy_from_slice(&self.rng.draw().to_be_bytes());
        self.device(who).seats[who.seat].calls.insert(call, Asked { at, what });
        let call = fieldsync_core::CallId(call);
        self.feed(who, Input::Call { call, command, entropy: Entropy(entropy) });
    }

    /// All faults are over, and everyone has the app open.
    pub fn calm(&mut self) {
        self.calm = true;
        self.oracle.calm();
        self.server.trouble.clear();
        self.server.crash = None;
        self.server.down = 0;
        for device in 0..self.devices.len() {
            let owner = &mut self.devices[device];
            owner.asleep = 0;
            owner.seats.iter_mut().for_each(|seat| seat.frozen = 0);
            owner.weather.clear();
            owner.storage.clear();
            owner.kills.clear();
            let cut = owner.offline.take().is_some() | owner.lie.take().is_some();
            if !owner.has_tab() {
                self.page(device, 1);
            } else if cut {
                self.reconnect(device);
            } else if self.oracle.has_untold(device) {
                // A page that nobody told of it looks when it is looked at.
                let open = (1..owner.seats.len()).find(|tab| owner.seats[*tab].engine.is_some());
                self.wake(self.who(device, open.unwrap_or(1)), Cause::Visible);
            }
        }
    }
}

fn kind(mine: Mine) -> &'static str {
    match mine.r#type {
        fieldsync_core::protocol::ItemType::Reading => "READING",
        fieldsync_core::protocol::ItemType::Assessment => "ASSESSMENT",
        fieldsync_core::protocol::ItemType::Response => "RESPONSE",
        fieldsync_core::protocol::ItemType::Media => "MEDIA",
    }
}

fn reading(unit: u32, value: u32) -> String {
    format!(
        r#"{{"property":"P-1","unit":"U{unit}","period":"2026-11","value":{value},"readAt":1795000000000}}"#
    )
}
