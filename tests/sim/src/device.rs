//! One device: its store, its pages and worker, the lock between them, and what is wrong with it at the moment.

use std::collections::BTreeMap;

use fieldsync_core::protocol::{EntityId, ItemId, ItemType};
use fieldsync_core::{Config, Engine, Facts, Input, Role, Token};

use crate::browser::Tag;
use crate::disk::Disk;
use crate::plan::{At, Browser, Make, Storage, Victim, Weather};
use crate::world::{Event, Who, World};

/// The worker's place among the seats.
pub const WORKER: usize = 0;

/// A device.
#[derive(Debug)]
pub struct Device {
    /// What it is.
    pub make: Make,
    /// Its store.
    pub disk: Disk,
    /// The worker, then the tabs.
    pub seats: Vec<Seat>,
    /// Who holds the drainer's lock.
    pub lock: Option<Who>,
    /// How far its clock is off.
    pub skew: i64,
    /// What the network does to requests: how, how often, until when.
    pub weather: Vec<(Weather, u8, At)>,
    /// What the storage does.
    pub storage: Vec<(Storage, u8, At)>,
    /// There is no network until then; whether the browser notices.
    pub offline: Option<(At, bool)>,
    /// The browser says this of its network until then.
    pub lie: Option<(At, Option<bool>)>,
    /// It sleeps until then.
    pub asleep: At,
    /// Deaths to come.
    pub kills: Vec<Kill>,
    /// The sync tags that are registered.
    pub tags: BTreeMap<String, Tag>,
    /// Whether the browser runs: without it nothing fires.
    pub runs: bool,
    /// What its person knows to be saved.
    pub mine: Vec<Mine>,
}

/// An entry that a person knows to be saved.
#[derive(Clone, Copy, Debug)]
pub struct Mine {
    /// The item.
    pub id: ItemId,
    /// What it is about.
    pub entity: EntityId,
    /// What kind of record that is.
    pub r#type: ItemType,
}

/// A page or worker, alive or not.
#[derive(Debug, Default)]
pub struct Seat {
    /// Its engine, while it lives.
    pub engine: Option<Engine>,
    /// Which life this is.
    pub life: u64,
    /// Which timer is armed.
    pub timer: u64,
    /// The calls that wait for an answer.
    pub calls: BTreeMap<u64, Asked>,
    /// Its storage carries out one thing after the other.
    pub store_busy: At,
    /// Outcomes of storage come in order.
    pub store_told: At,
    /// Events of others come in order.
    pub heard: At,
    /// Its timers are late until then.
    pub hidden: At,
    /// Nothing of it runs until then.
    pub frozen: At,
    /// When it was last used.
    pub used: At,
    /// How many writes the store had seen when it last asked what is due.
    pub looked: u64,
}

/// A call under way.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Since when.
    pub at: At,
    /// What for.
    pub what: Doing,
}

/// What a call is for.
#[derive(Clone, Debug)]
pub enum Doing {
    /// To save an entry, in place of another or not.
    Enter(Option<ItemId>),
    /// To drop one.
    Discard(ItemId),
    /// To look, to wake, to sync: nothing hangs on it.
    Other,
    /// The sync event of this tag.
    Sync(String),
    /// A page has asked the worker.
    ForPage(Who, Token),
}

/// A death to come.
#[derive(Clone, Copy, Debug)]
pub struct Kill {
    /// Of what.
    pub victim: Victim,
    /// After the effect, before its outcome is told.
    pub done: bool,
    /// At this many effects from now.
    pub skip: u32,
}

impl Device {
    /// A new device with an empty store and no page open.
    pub fn new(make: Make) -> Device {
        Device {
            make,
            disk: Disk::default(),
            seats: (0..4).map(|_| Seat::default()).collect(),
            lock: None,
            skew: make.skew,
            weather: Vec::new(),
            storage: Vec::new(),
            offline: None,
            lie: None,
            asleep: 0,
            kills: Vec::new(),
            tags: BTreeMap::new(),
            runs: false,
            mine: Vec::new(),
        }
    }

    /// Until when it sleeps, if it does.
    pub fn sleeps(&self, now: At) -> Option<At> {
        (self.asleep > now).then_some(self.asleep)
    }

    /// Until when this life of it is stopped, if it is.
    pub fn stopped(&self, who: Who, now: At) -> Option<At> {
        let seat = &self.seats[who.seat];
        (seat.frozen > now && seat.life == who.life).then_some(seat.frozen)
    }

    /// Whether anything can be reached.
    pub fn linked(&self, now: At) -> bool {
        self.offline.is_none_or(|(until, _)| until <= now)
    }

    /// What the browser says of its network.
    pub fn online(&self, now: At) -> Option<bool> {
        match (self.lie, self.offline) {
            (Some((until, lie)), _) if until > now => lie,
            (_, Some((until, true))) if until > now => Some(false),
            _ => Some(true),
        }
    }

    /// Whether a page has a worker to ask.
    pub fn has_worker(&self) -> bool {
        self.make.browser != Browser::Plain
    }

    /// Whether a tab is open.
    pub fn has_tab(&self) -> bool {
        self.seats[1..].iter().any(|seat| seat.engine.is_some())
    }
}

impl World {
    /// The life that sits there now.
    pub fn who(&self, device: usize, seat: usize) -> Who {
        Who { device, seat, life: self.devices[device].seats[seat].life }
    }

    /// Whether this very life is going on.
    pub fn lives(&self, who: Who) -> bool {
        let seat = &self.devices[who.device].seats[who.seat];
        seat.engine.is_some() && seat.life == who.life
    }

    /// A page is opened or the worker started, where it does not live.
    pub fn open(&mut self, device: usize, seat: usize) -> Who {
        let seed = self.rng.draw();
        let owner = &mut self.devices[device];
        if owner.seats[seat].engine.is_none() {
            let role = if seat == WORKER { Role::Worker } else { Role::Page };
            let life = owner.seats[seat].life + 1;
            let engine = Engine::new(Config { role, device_id: format!("device-{device}"), seed });
            let now = self.now;
            owner.seats[seat] = Seat { engine: Some(engine), life, used: now, ..Seat::default() };
            let who = self.who(device, seat);
            self.trace.say(now, || format!("{} begins", crate::trace::name(who)));
        }
        self.who(device, seat)
    }

    /// A page is closed, or it or the worker dies: its calls are never answered, its lock is free.
    pub fn die(&mut self, who: Who) {
        if !self.lives(who) {
            return;
        }
        let now = self.now;
        self.trace.say(now, || format!("{} ends", crate::trace::name(who)));
        let device = &mut self.devices[who.device];
        let life = who.life + 1;
        let calls = std::mem::take(&mut device.seats[who.seat].calls);
        device.seats[who.seat] = Seat { life, ..Seat::default() };
        device.lock = device.lock.filter(|holder| *holder != who);
        for asked in calls.into_values() {
            match asked.what {
                Doing::Sync(tag) => self.fired(who.device, &tag, false),
                Doing::Enter(Some(old)) | Doing::Discard(old) => self.oracle.cut_off(who.device, old),
                Doing::Enter(None) | Doing::Other | Doing::ForPage(..) => {}
            }
        }
    }

    /// The whole browser is killed.
    pub fn kill_browser(&mut self, device: usize) {
        for seat in 0..self.devices[device].seats.len() {
            self.die(self.who(device, seat));
        }
        let lost = self.devices[device].disk.cut(self.now, &mut self.rng);
        self.devices[device].runs = false;
        self.stats.count("relaxed writes lost", lost as u64);
        let (now, checked) = (self.now, self.oracle.restored(device, &self.devices[device].disk));
        self.trace.say(now, || format!("d{device}: the browser is killed, {lost} relaxed writes are lost"));
        self.note(checked);
    }

    /// Hands an input to an engine, starts what it wants done, and arms its timer.
    pub fn feed(&mut self, who: Who, input: Input) {
        if !self.lives(who) {
            return;
        }
        let (now, wall) = (self.now, self.wall(who.device));
        let device = &mut self.devices[who.device];
        let worker = who.seat != WORKER && device.has_worker();
        let facts = Facts { online: device.online(now), worker, ..Facts::default() };
        let seat = &mut device.seats[who.seat];
        seat.used = now;
        if let Some(engine) = &mut seat.engine {
            engine.handle(wall, Input::Facts(facts));
            engine.handle(wall, input);
        }
        while let Some((token, effect)) =
            self.devices[who.device].seats[who.seat].engine.as_mut().and_then(Engine::poll_effect)
        {
            self.start(who, token, effect);
            if !self.lives(who) {
                return;
            }
        }
        self.arm(who);
    }

    fn arm(&mut self, who: Who) {
        let (now, wall) = (self.now, self.wall(who.device));
        let seat = &mut self.devices[who.device].seats[who.seat];
        seat.timer += 1;
        let (timer, hidden) = (seat.timer, seat.hidden > now);
        let Some(at) = seat.engine.as_ref().and_then(Engine::next_wake) else { return };
        if self.mutant == Some(crate::mutants::Mutant::NoWake) {
            return;
        }
        let late = self.rng.below(if hidden { 60_000 } else { 4 });
        self.at(now + (at - wall).0 + late, Event::Tick(who, timer));
    }
}
