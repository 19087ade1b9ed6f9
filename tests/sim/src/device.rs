//! One device: its store, its pages and worker, the lock between them, and what is wrong with it at the moment.

use std::collections::{BTreeMap, BTreeSet};

use fieldsync_core::protocol::{EntityId, ItemId};
use fieldsync_core::schedule::Tempo;
use fieldsync_core::{Config, Engine, Facts, Input, Millis, Power, Role, Vault};

use crate::browser::Tag;
use crate::disk::Disk;
use crate::keys::Ring;
use crate::mutants::Mutant;
use crate::plan::{At, Browser, Make, Storage, Victim, Weather};
use crate::seat::{Doing, Mine, Seat};
use crate::token::Login;
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
    /// The battery as it is.
    pub power: Power,
    /// Whether the link is slow, and whether the person saves data.
    pub link: (bool, bool),
    /// Whether what is on it can be read.
    pub vault: Vault,
    /// Its keys, where there are vaults.
    pub ring: Option<Ring>,
    /// The server lets it do nothing.
    pub revoked: bool,
    /// Whether one of its engines was told so, and has taken its keys.
    pub dropped_keys: bool,
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
    /// What they have tried to see to, so often.
    pub tried: BTreeMap<ItemId, u32>,
    /// What they could not drop, because others build on it.
    pub stuck: BTreeSet<ItemId>,
    /// The files that it has, by the entities of their records.
    pub files: BTreeSet<EntityId>,
    /// Its login on the server.
    pub login: Login,
    /// When they asked for the last time what is new.
    pub asked_at: Millis,
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
            power: Power { battery_level: Some(80), is_charging: Some(false) },
            link: (false, false),
            vault: Vault::Absent,
            ring: None,
            revoked: false,
            dropped_keys: false,
            asleep: 0,
            kills: Vec::new(),
            tags: BTreeMap::new(),
            runs: false,
            mine: Vec::new(),
            tried: BTreeMap::new(),
            stuck: BTreeSet::new(),
            files: BTreeSet::new(),
            login: Login::default(),
            asked_at: Millis::ZERO,
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

    /// What an engine is told of the world. Workers see no battery, and some browsers tell of nothing.
    pub fn facts(&self, seat: usize, now: At) -> Facts {
        let tells = self.make.browser != Browser::Firefox;
        let sees_battery = tells && self.make.shows_battery && seat != WORKER;
        Facts {
            online: self.online(now),
            worker: seat != WORKER && self.has_worker(),
            slow: tells.then_some(self.link.0),
            save_data: tells.then_some(self.link.1),
            power: if sees_battery { self.power } else { Power::default() },
            ..Facts::default()
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
            let device_id = format!("device-{device}");
            let engine = Engine::new(Config { role, device_id, seed, tempo: Tempo::default() });
            let now = self.now;
            owner.seats[seat] = Seat { engine: Some(engine), life, used: now, ..Seat::default() };
            let who = self.who(device, seat);
            self.oracle.begins(who);
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
                Doing::Enter(Some(old)) | Doing::Discard(old, _) | Doing::Resolve(old) => {
                    self.oracle.cut_off(who.device, old);
                }
                Doing::Enter(None) | Doing::Pack(..) | Doing::TakeIn(_) | Doing::Other => {}
                // The lock that it held is free, which the page is told.
                Doing::ForPage(page, token) => {
                    self.after(1, 1_500, Event::Deliver(page, Box::new(Input::WorkerEnded(token))));
                }
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
        let vault = self.vault(who.device);
        let device = &mut self.devices[who.device];
        let mut facts = Facts { vault, ..device.facts(who.seat, now) };
        self.oracle.told_facts(who, &facts);
        match self.mutant {
            Some(Mutant::BatteryForgotten) => facts.power = Power::default(),
            Some(Mutant::LockUntold) => facts.vault = Vault::Absent,
            _ => {}
        }
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
        if self.mutant == Some(Mutant::NoWake) {
            return;
        }
        let late = self.rng.below(if hidden { 60_000 } else { 4 });
        self.at(now + (at - wall).0 + late, Event::Tick(who, timer));
    }
}
