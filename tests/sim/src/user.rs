//! What people do, and what befalls their devices: the steps of the plan.

use fieldsync_core::protocol::Action;
use fieldsync_core::{ById, Cause, Command, Draft, Entropy, Input, Nothing, Vault};

use crate::device::Kill;
use crate::keys::Ring;
use crate::person::kind;
use crate::plan::{Step, What};
use crate::seat::{Asked, Doing, Mine};
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
            What::Lock { span } => {
                self.lock_vault(device);
                self.at(now + span, Event::OpenVault(device));
            }
            What::Revoke => self.revoke(device),
            What::Lie { online, span } => {
                owner.lie = Some((now + span, online));
                self.at(now + span + 1, Event::Reconnect(device));
            }
            What::Trouble { status, own_words, retry_after, span } => {
                self.server.trouble.push((now + span, Trouble { status, own_words, retry_after }));
            }
            What::TokensExpire => owner.login.expire(),
            What::LoginEnded => owner.login.end(),
            What::CursorsGone => self.server.restored += 1,
            What::ServerCrash { committed, down } => self.server.crash = Some((committed, down)),
            What::Clock { by } => {
                owner.skew = owner.skew.saturating_add(by);
                self.oracle.clock_set(device);
            }
            What::Storage { fault, percent, span } => {
                owner.storage.push((fault, percent, now + span));
                self.oracle.unsound(device);
            }
            What::Kill { victim, done, skip } => owner.kills.push(Kill { victim, done, skip }),
            What::LockLost => owner.lock = None,
            What::Freeze { tab, span } => owner.seats[tab].frozen = now + span,
            What::Sleep { span } => owner.asleep = now + span,
            What::Battery { level, charging } => self.plugged(device, level, charging),
            What::Link { slow, save_data } => {
                owner.link = (slow, save_data);
                self.wake_pages(device, Cause::Power);
            }
            // A device that sleeps is not used.
            _ if owner.sleeps(now).is_some() => {}
            what => self.user(device, &what),
        }
    }

    fn user(&mut self, device: usize, what: &What) {
        let now = self.now;
        match *what {
            What::Attach { tab, file, on } => self.attach(device, tab, file, on),
            What::UploadsGone { files } => self.server.forget_uploads(now, files),
            What::FileGone { pick } => {
                let files = &mut self.devices[device].files;
                let gone = files.iter().nth(pick as usize % files.len().max(1)).copied();
                files.retain(|file| Some(*file) != gone);
            }
            What::Enter { tab, entry, priority, on } => {
                let text = self.entered(device, entry, priority, on);
                self.enter(device, tab, &text, None);
            }
            What::Change { tab, pick, on } => {
                let Some(mine) = self.mine(device, pick) else { return };
                let (kind, id) = (kind(mine.r#type), mine.entity);
                let patch = format!(r#"{{"note":"look {}"}}"#, self.rng.below(1_000));
                let on = on.and_then(|pick| self.mine(device, pick)).filter(|on| on.entity != id);
                let on = on.map(|on| format!(r#","dependsOn":"{}""#, on.id)).unwrap_or_default();
                let text =
                    format!(r#"{{"type":"{kind}","action":"UPDATE","entityId":"{id}","patch":{patch}{on}}}"#);
                self.enter(device, tab, &text, None);
            }
            What::Delete { tab, pick } => {
                let Some(mine) = self.mine(device, pick) else { return };
                let (kind, id) = (kind(mine.r#type), mine.entity);
                let text = format!(r#"{{"type":"{kind}","action":"DELETE","entityId":"{id}"}}"#);
                self.enter(device, tab, &text, None);
            }
            What::Replace { tab, pick } => self.replace(device, tab, pick),
            What::Edit { tab, pick, unit } => self.edit(device, tab, pick, unit),
            What::Shared { tab, pick, stale, touch } => self.share(device, tab, pick, stale, touch),
            What::Resolve { tab, pick, choice } => self.choose(device, tab, pick, choice),
            What::Carry { tab, pick } => self.carry(device, tab, pick),
            What::Set { tab, setting } => self.set(device, tab, setting),
            What::Rules { tab, rules } => self.keep_rules(device, tab, rules),
            What::Pause { tab } => {
                let who = self.page(device, tab);
                self.call(who, Command::Pause(Nothing {}), Doing::Other);
            }
            What::Resume { tab } => {
                let who = self.page(device, tab);
                self.call(who, Command::Resume(Nothing {}), Doing::Other);
            }
            What::Vault { tab } => {
                let owner = &mut self.devices[device];
                owner.ring = Some(Ring::first());
                if owner.vault == Vault::Absent {
                    owner.vault = Vault::Open;
                }
                self.tell_news(device, tab);
            }
            What::MakeKeys { tab, passphrase } => self.make_keys(device, tab, passphrase),
            What::TakeKeys { tab } => self.take_keys(device, tab),
            What::SignIn { tab } => self.sign_in(device, tab),
            What::SignOut { tab } => self.sign_out(device, tab),
            What::Update { after } => self.update(device, after),
            What::Discard { tab, pick, undo } => {
                let Some(mine) = self.mine(device, pick) else { return };
                let who = self.page(device, tab);
                self.oracle.leaving(device, mine.id);
                self.call(
                    who,
                    Command::Discard(ById { id: mine.id }),
                    Doing::Discard(mine.id, undo.then_some(tab)),
                );
            }
            What::Retry { tab, pick } => {
                let aside = self.queued(device, pick, fieldsync_core::ItemState::SetAside);
                let id = aside.map(|record| record.id).or(self.mine(device, pick).map(|mine| mine.id));
                let Some(id) = id else { return };
                let who = self.page(device, tab);
                self.call(who, Command::Retry(ById { id }), Doing::Other);
            }
            What::Look { tab, pick } => self.look(device, tab, pick),
            What::SyncNow { tab } => {
                let who = self.page(device, tab);
                match self.rng.chance(25) {
                    true => self.wake(who, Cause::WithoutDeletions),
                    false => self.call(who, Command::SyncNow(Nothing {}), Doing::Other),
                }
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
    pub fn mine(&self, device: usize, pick: u32) -> Option<Mine> {
        let mine = &self.devices[device].mine;
        (!mine.is_empty()).then(|| mine[pick as usize % mine.len()])
    }

    /// A draft is saved.
    pub fn enter(&mut self, device: usize, tab: usize, text: &str, replaces: Option<Mine>) {
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
        let creates =
            matches!(&command, Command::Enqueue(Draft { action: Action::Create, replaces: None, .. }));
        let manual = match &command {
            Command::SyncNow(_) => true,
            Command::Wake(wake) => {
                if let Some(power) = wake.power {
                    self.oracle.told_power(who, power, at);
                }
                matches!(wake.cause, Cause::Manual | Cause::WithoutDeletions)
            }
            _ => false,
        };
        if manual {
            self.oracle.asked(who);
        }
        self.device(who).seats[who.seat].calls.insert(call, Asked { at, what, manual, creates });
        let call = fieldsync_core::CallId(call);
        self.feed(who, Input::Call { call, command, entropy: Entropy(entropy) });
    }
}
