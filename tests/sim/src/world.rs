//! Virtual time: one queue of events, one thread, and nothing that is not drawn from the seed.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use fieldsync_core::{Cause, Effect, Input, Millis, Power, Token};

use crate::device::Device;
use crate::ferry::Load;
use crate::mutants::Mutant;
use crate::network::Parcel;
use crate::oracle::{Invariant, Oracle, Violation};
use crate::plan::{At, Plan};
use crate::report::Stats;
use crate::rng::Rng;
use crate::server::Server;
use crate::trace::Trace;

/// The wall clock's zero of virtual time.
pub const BEGAN: u64 = 1_795_000_000_000;
/// After faults stop everything must have drained within this: the longest wish of a server that is honoured is an hour,
/// the longest backoff of an item 19 minutes.
pub const BOUND: u64 = 100 * 60_000;
/// How long it is watched once it has drained.
const QUIET: u64 = 16 * 60_000;
/// More steps than any scenario takes: it spins.
const MOST_STEPS: u64 = 2_000_000;

/// One life of a page or worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// The device.
    pub device: usize,
    /// 0 is the worker, then the tabs.
    pub seat: usize,
    /// Counted up by every start and death.
    pub life: u64,
}

/// What is going to happen.
#[derive(Debug)]
pub enum Event {
    /// A step of the plan.
    Step(usize),
    /// An effect is carried out.
    Perform(Who, Token, Box<Effect>),
    /// Its outcome, or an event of another page, arrives.
    Deliver(Who, Box<Input>),
    /// A timer goes off, if it is still the one that is armed.
    Tick(Who, u64),
    /// A request reaches the server.
    Arrive(Box<Parcel>),
    /// A step of an upload reaches the server.
    ArriveFile(Box<Load>),
    /// A page's message reaches the worker.
    Message(Who, Token, Cause, Power),
    /// A page's own occasion to wake.
    Wake(Who, Cause),
    /// The browser fires a tag, if it is still due.
    Fire(usize, String, u64),
    /// The worker is ended, if it is idle.
    Idle(Who),
    /// An event of the worker has lasted too long.
    Overdue(Who, u64),
    /// A new version of the app takes the worker's place.
    Retire(Who),
    /// The network is back, as far as the browser sees.
    Reconnect(usize),
    /// A person opens the vault.
    OpenVault(usize),
    /// All faults are over.
    Calm,
    /// People see to what waits for them.
    Tidy,
    /// Nothing is left to see to: everyone asks once more what is new.
    Refresh,
}

#[derive(Debug)]
struct Entry {
    at: At,
    number: u64,
    event: Event,
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number)) // the earliest first
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

/// Everything there is.
#[derive(Debug)]
pub struct World {
    /// Milliseconds since the run began.
    pub now: At,
    /// What comes from outside.
    pub plan: Plan,
    /// The defect that is built in.
    pub mutant: Option<Mutant>,
    /// Latencies and the like.
    pub rng: Rng,
    /// The devices.
    pub devices: Vec<Device>,
    /// The server.
    pub server: Server,
    /// Who watches.
    pub oracle: Oracle,
    /// What has been counted.
    pub stats: Stats,
    /// What has been written down.
    pub trace: Trace,
    /// Whether all faults are over.
    pub calm: bool,
    /// Whether everything has drained by itself since, and people see to the rest.
    pub tidying: bool,
    /// The calls made so far.
    pub calls: u64,
    queue: BinaryHeap<Entry>,
    number: u64,
    violation: Option<Violation>,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The first thing that was wrong.
    pub violation: Option<Violation>,
    /// The hash of every step.
    pub hash: u64,
    /// What was counted.
    pub stats: Stats,
    /// What was written down, if it was asked for.
    pub text: Vec<String>,
}

/// Runs a plan.
pub fn run(plan: Plan, mutant: Option<Mutant>, traced: bool) -> Outcome {
    let mut world = World::new(plan, mutant, traced);
    world.run();
    let World { violation, trace, mut stats, now, .. } = world;
    stats.virtual_ms = now;
    Outcome { violation, hash: trace.hash(), stats, text: trace.text() }
}

impl World {
    fn new(plan: Plan, mutant: Option<Mutant>, traced: bool) -> World {
        let mut world = World {
            now: 0,
            mutant,
            rng: Rng::new(plan.seed, 2),
            devices: plan.devices.iter().map(|make| Device::new(*make)).collect(),
            server: Server::default(),
            oracle: Oracle::new(plan.devices.len()),
            stats: Stats::default(),
            trace: Trace::new(traced),
            calm: false,
            tidying: false,
            calls: 0,
            queue: BinaryHeap::new(),
            number: 0,
            violation: None,
            plan,
        };
        for place in 0..world.plan.steps.len() {
            world.at(world.plan.steps[place].at, Event::Step(place));
        }
        world.at(world.plan.calm_at, Event::Calm);
        world
    }

    fn run(&mut self) {
        let mut end = self.plan.calm_at + BOUND;
        let mut quiet_until = None;
        while let Some(Entry { at, event, .. }) = self.queue.pop() {
            self.now = at;
            if at > end || quiet_until.is_some_and(|until| at > until) {
                break;
            }
            self.stats.steps += 1;
            if self.stats.steps > MOST_STEPS {
                self.note(Err(Violation::new(Invariant::I8, "it spins: too many steps")));
            }
            self.step(event);
            if self.violation.is_some() {
                return;
            }
            if !self.calm {
                continue;
            }
            // First everything drains by itself, then people see to what was refused, and all of it is gone.
            if !self.tidying && self.oracle.is_drained() {
                let checked = self.oracle.drained();
                self.note(checked);
                self.stats.drained_after = self.now - self.plan.calm_at;
                end = self.now + BOUND;
                self.tidying = true;
                self.tidy();
            }
            // What was being saved all the time may come late.
            let quiet = self.tidying && self.oracle.is_empty();
            if quiet && quiet_until.is_none() {
                self.at(self.now + QUIET / 2, Event::Refresh);
            }
            quiet_until = quiet.then(|| quiet_until.unwrap_or(self.now + QUIET));
        }
        self.finish();
    }

    fn finish(&mut self) {
        for number in 0..self.devices.len() {
            let checked = self.oracle.finish(number, &self.devices[number].disk);
            self.note(checked);
            self.knows_all(number);
            self.in_step(number);
            // What was asked long ago and never answered, by a page that is still there.
            let left = self.now.saturating_sub(10 * 60_000);
            let waits = |seat: &&crate::seat::Seat| seat.calls.values().any(|asked| asked.at < left);
            if let Some(seat) = self.devices[number].seats.iter().find(waits) {
                let words = format!("device {number}: a call is never answered: {:?}", seat.calls);
                self.note(Err(Violation::new(Invariant::I8, words)));
            }
        }
        let exported = self.server.export();
        let checked = self.oracle.finish_server(&exported);
        self.note(checked);
    }

    fn step(&mut self, event: Event) {
        if let Some(until) = self.stopped(&event) {
            return self.at(until, event);
        }
        self.trace.mix(self.now);
        self.trace.mix(self.rng.state());
        match event {
            Event::Step(place) => self.happen(place),
            Event::Perform(who, token, effect) => self.perform(who, token, *effect),
            Event::Deliver(who, input) => {
                self.trace.deliver(self.now, who, &input);
                self.hears_of_its_token(who, &input);
                if let Input::Pushed(token, ..) = &*input
                    && self.lives(who)
                {
                    self.oracle.came_back(who, *token);
                }
                self.feed(who, *input);
            }
            Event::Tick(who, number) => {
                if self.device(who).seats[who.seat].timer == number {
                    self.feed(who, Input::Tick);
                }
            }
            Event::Arrive(parcel) => self.arrive(*parcel),
            Event::ArriveFile(load) => self.arrive_file(*load),
            Event::Message(from, token, cause, power) => self.message(from, token, cause, power),
            Event::Wake(who, cause) => self.wake(who, cause),
            Event::Fire(device, tag, number) => self.fire(device, &tag, number),
            Event::Idle(who) => self.idle(who),
            Event::Overdue(who, call) => self.overdue(who, call),
            Event::Reconnect(device) => self.reconnect(device),
            Event::OpenVault(device) => self.open_vault(device),
            Event::Retire(who) => self.die(who),
            Event::Calm => self.calm(),
            Event::Tidy => self.tidy(),
            Event::Refresh => self.refresh(),
        }
    }

    /// Until when nothing of what this is about runs.
    fn stopped(&self, event: &Event) -> Option<At> {
        match event {
            Event::Perform(who, ..)
            | Event::Deliver(who, _)
            | Event::Tick(who, _)
            | Event::Wake(who, _)
            | Event::Idle(who)
            | Event::Overdue(who, _) => {
                let device = &self.devices[who.device];
                device.sleeps(self.now).or_else(|| device.stopped(*who, self.now))
            }
            Event::Message(Who { device, .. }, ..)
            | Event::Fire(device, ..)
            | Event::Reconnect(device)
            | Event::OpenVault(device) => self.devices[*device].sleeps(self.now),
            Event::Step(_)
            | Event::Arrive(_)
            | Event::ArriveFile(_)
            | Event::Retire(_)
            | Event::Calm
            | Event::Tidy
            | Event::Refresh => None,
        }
    }

    /// Something is going to happen then.
    pub fn at(&mut self, at: At, event: Event) {
        self.number += 1;
        self.queue.push(Entry { at: at.max(self.now), number: self.number, event });
    }

    /// Something is going to happen after a span from this range.
    pub fn after(&mut self, least: u64, most: u64, event: Event) {
        let wait = self.rng.between(least, most);
        self.at(self.now + wait, event);
    }

    /// The device of a page or worker.
    pub fn device(&mut self, who: Who) -> &mut Device {
        &mut self.devices[who.device]
    }

    /// What a device's clock shows.
    pub fn wall(&self, device: usize) -> Millis {
        Millis((BEGAN + self.now).saturating_add_signed(self.devices[device].skew))
    }

    /// Keeps the first thing that is wrong.
    pub fn note(&mut self, checked: Result<(), Violation>) {
        if let (Err(violation), None) = (checked, &self.violation) {
            let now = self.now;
            self.trace.say(now, || format!("VIOLATION {violation}"));
            self.violation = Some(Violation { at: now, ..violation });
        }
    }
}
