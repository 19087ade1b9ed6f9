//! Routing only: every input goes to its room. The one file that names all of them.

use fieldsync_protocol::{ItemId, Sorted};

use crate::answers::Answers;
use crate::call::{Answer, CallCode, Cause, Command, Event};
use crate::carry::Carrying;
use crate::checkup::Checkup;
use crate::drain::Drain;
use crate::event::{CallId, Effect, Entropy, Input, Token};
use crate::gate::Facts;
use crate::local_api::{self, Route};
use crate::outbox::{Desk, Outbox};
use crate::preferences::{Desired, Preferences};
use crate::probe::Probe;
use crate::saving::{OWN, Saved, Saving};
use crate::schedule::Tempo;
use crate::sealed::{self, Vault};
use crate::time::{Jitter, Millis, Timer, Timers};
use crate::wake::{Role, Waker};

/// What an engine is told once.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it runs.
    pub role: Role,
    /// The name under which this device pushes.
    pub device_id: String,
    /// Real entropy, for jitter and nonces.
    pub seed: u64,
    /// How often sync may be checked.
    pub tempo: Tempo,
}

/// The engine: decides everything, does nothing. A host feeds it inputs, carries out its effects, and calls
/// [`handle`](Engine::handle) with [`Input::Tick`] when [`next_wake`](Engine::next_wake) has come.
#[derive(Debug)]
pub struct Engine {
    desk: Desk,
    answers: Answers,
    saving: Saving,
    carrying: Carrying,
    desired: Desired,
    probe: Probe,
    /// The calls that came as requests.
    requests: Sorted<CallId, Route>,
    /// The calls that nobody waits for: the engine's own, each with the clash that it settles.
    own: Sorted<CallId, ItemId>,
    checkup: Checkup,
    waker: Waker,
    drain: Drain,
}

impl Engine {
    /// An engine with nothing to do.
    pub fn new(config: Config) -> Engine {
        Engine {
            desk: Desk {
                now: Millis::ZERO,
                uptime: Millis::ZERO,
                out: Outbox::default(),
                jitter: Jitter::new(config.seed),
                timers: Timers::default(),
                facts: Facts::default(),
                preferences: Preferences::default(),
                told_power: None,
                device_id: config.device_id,
                settling: 0,
                clashes: Vec::new(),
                settled: None,
                revoked: false,
            },
            answers: Answers::default(),
            saving: Saving::default(),
            carrying: Carrying::default(),
            desired: Desired::default(),
            probe: Probe::default(),
            requests: Sorted::new(),
            own: Sorted::new(),
            checkup: Checkup::new(config.tempo),
            waker: Waker::new(config.role),
            drain: Drain::default(),
        }
    }

    /// Takes what happened. Effects that follow from it wait in [`poll_effect`](Engine::poll_effect).
    pub fn handle(&mut self, now: Millis, input: Input) {
        self.desk.pass(now);
        let Engine { desk, answers, saving, carrying, desired, probe, own, checkup, waker, drain, .. } = self;
        match input {
            Input::Call { call, command, entropy } => self.call(call, command, entropy),
            Input::Facts(facts) => {
                desk.looked(facts);
                checkup.looked_at_the_world(desk);
            }
            Input::Heard(event) => {
                waker.heard(desk, &event);
                match event {
                    Event::Changed => drain.saved(desk),
                    Event::Settled { .. } => drain.freed(desk),
                    _ => {}
                }
            }
            Input::Tick => self.tick(),
            Input::Read(token, found) if answers.awaits(token) => answers.read(desk, token, found),
            Input::Read(token, found) if probe.awaits(token) => probe.read(desk, token, found),
            Input::Pinged(token, body) if probe.awaits(token) => probe.pinged(desk, token, body.as_deref()),
            Input::Read(token, found) if checkup.awaits(token) => checkup.read(desk, token, found),
            Input::Written(token, outcome) if checkup.awaits(token) => checkup.written(desk, &outcome),
            Input::Asked(token, transfer) if checkup.awaits(token) => {
                if let Some(refused) = checkup.asked(desk, transfer) {
                    drain.renew_first(desk, refused);
                }
            }
            Input::Read(token, found) if waker.awaits(token) => waker.looked(desk, drain, token, found),
            Input::Read(token, found) if drain.awaits(token) => drain.read(desk, found),
            Input::Read(token, found) if saving.awaits(token) => saving.read(desk, token, found),
            Input::Read(token, found) if carrying.awaits(token) => carrying.read(desk, found),
            Input::Written(token, outcome) if carrying.awaits(token) => {
                if carrying.written(desk, outcome) {
                    drain.saved(desk);
                    waker.saved(desk);
                }
            }
            Input::Read(token, found) if desired.awaits(token) => desired.read(desk, token, found),
            Input::Written(token, outcome) if desired.awaits(token) => {
                if desired.written(desk, token, outcome) {
                    drain.saved(desk);
                    waker.wake(desk, drain, None, Cause::Saved);
                }
            }
            Input::Written(token, outcome) if saving.awaits(token) => {
                let call = saving.call(token);
                if saving.written(desk, token, outcome) == Saved::Ready {
                    drain.saved(desk);
                    waker.saved(desk);
                    if call.is_some_and(|call| own.contains_key(&call)) {
                        waker.wake(desk, drain, None, Cause::Saved); // nobody else asks for it to be sent
                    }
                }
            }
            Input::Written(token, outcome) if drain.awaits(token) => drain.written(desk, outcome),
            Input::Locked(token, outcome) if drain.awaits(token) => drain.locked(desk, outcome),
            Input::Pinged(token, body) if drain.awaits(token) => drain.pinged(desk, body.as_deref()),
            Input::Pulled(token, transfer) if drain.awaits(token) => drain.pulled(desk, transfer),
            Input::Renewed(token, transfer) if drain.awaits(token) => drain.renewed(desk, transfer),
            Input::Pushed(token, transfer, sent) if drain.awaits(token) => {
                drain.pushed(desk, token, transfer, sent)
            }
            Input::Uploaded(token, outcome) if drain.awaits(token) => drain.ferried(desk, token, outcome),
            Input::Delegated(token, outcome) => waker.delegated(desk, token, outcome),
            Input::WorkerEnded(token) => waker.worker_ended(desk, drain, token),
            Input::SyncRequested(token, granted) => waker.sync_requested(desk, drain, token, granted),
            // An outcome that nobody waits for any more: its drain is over, and whatever it says is said again.
            Input::Read(..)
            | Input::Written(..)
            | Input::Locked(..)
            | Input::Pinged(..)
            | Input::Pulled(..)
            | Input::Renewed(..)
            | Input::Asked(..)
            | Input::Uploaded(..)
            | Input::Pushed(..) => {}
        }
        if self.desk.facts.vault == Vault::Locked {
            self.drain.forget_window(); // it was read while the vault was open (I9)
        }
        self.settle_clashes();
        if let Some(settled) = self.desk.settled.take() {
            self.waker.settled(&mut self.desk, &settled);
        }
    }

    /// The next thing the host is to do.
    pub fn poll_effect(&mut self) -> Option<(Token, Effect)> {
        let (token, effect) = self.desk.out.pop()?;
        Some(match effect {
            Effect::Answer(call, outcome) if self.own.contains_key(&call) => {
                let clash = self.own.remove(&call);
                let is_locked = self.desk.facts.vault == Vault::Locked;
                if is_locked && matches!(*outcome, Err(error) if error.code == CallCode::Locked) {
                    self.desk.clashes.extend(clash); // it is settled once it can be read
                }
                self.settle_clashes();
                return self.poll_effect();
            }
            Effect::Answer(call, outcome) => {
                let outcome = match self.requests.remove(&call) {
                    Some(route) => Ok(Answer::Http(Box::new(local_api::answered(&route, *outcome)))),
                    None => *outcome,
                };
                (token, Effect::Answer(call, Box::new(outcome)))
            }
            effect => (token, effect),
        })
    }

    /// When [`Input::Tick`] is to come; none while there is nothing to wait for.
    pub fn next_wake(&self) -> Option<Millis> {
        self.desk.timers.next().map(|at| self.desk.wall(at))
    }

    fn call(&mut self, call: CallId, command: Command, entropy: Entropy) {
        let Engine { desk, answers, saving, carrying, desired, probe, checkup, waker, drain, .. } = self;
        if desk.facts.vault == Vault::Locked
            && let Err(locked) = sealed::admits(&command)
        {
            return desk.out.answer(call, Err(locked));
        }
        match command {
            Command::Enqueue(draft) => saving.enqueue(desk, call, draft, entropy),
            Command::Get(by_id) => answers.get(desk, call, by_id),
            Command::List(query) => answers.list(desk, call, query),
            Command::Discard(by_id) => saving.discard(desk, call, by_id),
            Command::Resolve(resolve) => saving.resolve(desk, call, resolve, entropy),
            Command::Retry(by_id) => saving.retry(desk, call, by_id),
            Command::Pack(pack) => answers.pack(desk, call, pack.before),
            Command::TakeIn(parcel) => carrying.take_in(desk, call, parcel),
            Command::Status(_) => answers.status(desk, call),
            Command::SyncNow(_) => waker.wake(desk, drain, Some(call), Cause::Manual),
            Command::Settings(_) => desired.show(desk, call),
            Command::SetSettings(change) => desired.change(desk, call, change),
            Command::Account(_) => desired.account(desk, call),
            Command::SignIn(given) => desired.sign_in(desk, call, given),
            Command::SignOut(_) => desired.sign_out(desk, call),
            Command::Rules(_) => desired.rules(desk, call),
            Command::SetRules(rules) => desired.set_rules(desk, call, rules),
            Command::TryRules(trial) => answers.trial(desk, call, trial),
            Command::Latest(of) => answers.latest(desk, call, &of),
            Command::Records(query) => answers.records(desk, call, &query),
            Command::Metrics(_) => answers.metrics(desk, call),
            Command::EraseMetrics(_) => desired.erase_metrics(desk, call),
            Command::TestConnection(_) => probe.begin(desk, call),
            Command::Scheduler(ask) => checkup.ask(desk, call, ask),
            Command::Http(request) => match local_api::route(&request) {
                Ok(route) => self.request(call, route, entropy),
                Err(reply) => desk.out.answer(call, Ok(Answer::Http(Box::new(reply)))),
            },
            Command::Pause(_) => desired.pause(desk, call, true),
            Command::Resume(_) => desired.pause(desk, call, false),
            Command::GiveWay(_) => {
                drain.give_way(desk);
                desk.out.answer(call, Ok(Answer::GiveWay(Box::default())));
            }
            Command::Wake(wake) => {
                if let Some(power) = wake.power {
                    desk.told_power = Some((power, desk.uptime));
                    desk.looked(desk.facts.clone());
                }
                waker.wake(desk, drain, Some(call), wake.cause);
            }
        }
    }

    /// One after the other: side by side each would find its lanes changed by the others, and give up in the end.
    fn settle_clashes(&mut self) {
        if self.desk.facts.vault == Vault::Locked {
            self.desk.settling = self.own.len();
            return;
        }
        while self.own.is_empty()
            && let Some(id) = self.desk.clashes.pop()
        {
            self.by_policy(id);
        }
        self.desk.settling = self.own.len() + self.desk.clashes.len();
    }

    /// A clash is settled as the person has decided beforehand, as if they did it now.
    fn by_policy(&mut self, id: ItemId) {
        let Engine { desk, saving, own, .. } = self;
        if desk.preferences.asks() {
            return;
        }
        own.insert(OWN, id);
        let mut entropy = [0; 16];
        entropy[..8].copy_from_slice(&desk.jitter.next().to_le_bytes());
        entropy[8..].copy_from_slice(&desk.jitter.next().to_le_bytes());
        saving.settle(desk, id, Entropy(entropy));
    }

    /// A request becomes its call; what that answers becomes the reply.
    fn request(&mut self, call: CallId, route: Route, entropy: Entropy) {
        match local_api::command(&route) {
            Ok(command) => {
                if route == Route::Start {
                    self.waker.wake(&mut self.desk, &mut self.drain, None, Cause::Manual);
                }
                self.requests.insert(call, route);
                self.call(call, command, entropy);
            }
            Err(reply) => self.desk.out.answer(call, Ok(Answer::Http(Box::new(reply)))),
        }
    }

    fn tick(&mut self) {
        let Engine { desk, checkup, waker, drain, .. } = self;
        while let Some(timer) = desk.timers.take_due(desk.uptime) {
            match timer {
                Timer::Drain => drain.tick(desk),
                Timer::Retry => waker.wake(desk, drain, None, Cause::Timer),
                Timer::Check => checkup.tick(desk),
            }
        }
    }
}
