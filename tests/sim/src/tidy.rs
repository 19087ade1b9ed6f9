//! After the faults: people let sync go on, wait until everything has drained by itself, and then see to what needs them.

use fieldsync_core::{ById, Cause, Choice, Command, ItemState, Millis, Nothing, Power, Record, Vault};
use serde_json::json;

use crate::seat::Doing;
use crate::world::{Event, World};

/// How often they look while everything drains by itself, and when nothing is left to see to.
const WHILE_IT_DRAINS: u64 = 30_000;
/// How often they look while they see to the rest.
const WHILE_TIDYING: u64 = 1_500;

impl World {
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
            let locked = owner.vault == Vault::Locked;
            owner.revoked = false;
            owner.power = Power { battery_level: Some(100), is_charging: Some(true) };
            owner.link = (false, false);
            owner.make.latency = owner.make.latency.min(150);
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
            self.wake_pages(device, Cause::Power);
            if locked {
                self.open_vault(device);
            }
        }
        self.tidy();
    }

    /// Everyone looks at their devices, and does the next thing.
    pub fn tidy(&mut self) {
        for device in 0..self.devices.len() {
            self.relent(device);
            if self.tidying {
                self.see_to(device);
            }
        }
        let busy = self.tidying && !self.oracle.is_empty();
        let next = if busy { WHILE_TIDYING } else { WHILE_IT_DRAINS };
        self.at(self.now + next, Event::Tidy);
    }

    /// A person takes back what holds the queue.
    fn relent(&mut self, device: usize) {
        let preferences = self.devices[device].disk.overview().preferences;
        self.open_vault(device);
        let tab = self.open_tab(device);
        self.sign_in(device, tab);
        if preferences.paused {
            let who = self.page(device, tab);
            self.call(who, Command::Resume(Nothing {}), Doing::Other);
        }
        let held = &preferences.settings;
        let free = held.enabled
            && !held.sync_only_when_charging
            && held.sync_interval_minutes <= 30
            && held.priority_threshold == fieldsync_core::protocol::Priority::Low;
        if !free {
            let change = json!({
                "enabled": true, "syncOnlyWhenCharging": false, "syncIntervalMinutes": 5, "priorityThreshold": "LOW",
            });
            self.change_settings(device, tab, &change);
        }
    }

    /// The next thing that needs a person: a conflict is resolved; what is set aside is tried once more, then dropped.
    fn see_to(&mut self, device: usize) {
        let records = self.devices[device].disk.everything().0;
        let needs = |record: &&Record| matches!(record.state, ItemState::Conflict | ItemState::SetAside);
        let Some(record) = records.iter().find(needs) else { return };
        let (id, tab) = (record.id, self.open_tab(device));
        let tries = self.devices[device].tried.entry(id).or_default();
        *tries += 1;
        let first = *tries == 1;
        let who = self.page(device, tab);
        match record.state {
            ItemState::Conflict => {
                let all = [Choice::Mine, Choice::Merged, Choice::Theirs];
                let choice = if first { *self.rng.pick(&all) } else { Choice::Theirs };
                let pick = self.rng.below(1_000) as u32;
                self.choose_one(device, tab, record.clone(), pick, choice);
            }
            _ if first => self.call(who, Command::Retry(ById { id }), Doing::Other),
            _ => {
                let last =
                    if self.devices[device].stuck.contains(&id) { leaf(&records, record) } else { record };
                self.oracle.leaving(device, last.id);
                self.call(who, Command::Discard(ById { id: last.id }), Doing::Discard(last.id, None));
            }
        }
    }

    /// Everyone presses "sync now", with nothing to be sent: what is new is asked.
    pub fn refresh(&mut self) {
        for device in 0..self.devices.len() {
            self.devices[device].asked_at = self.wall(device);
            let tab = self.open_tab(device);
            let who = self.page(device, tab);
            self.call(who, Command::SyncNow(Nothing {}), Doing::Other);
            self.open_vault(device);
            if self.devices[device].ring.is_some() {
                self.tell_news(device, tab);
            }
        }
    }

    /// Whether who has asked knows what the server has. Where the server has asked for patience nobody asks it.
    pub fn knows_all(&mut self, number: usize) {
        let (now, device) = (self.wall(number), &self.devices[number]);
        let at = device.disk.overview().session.and_then(|session| session.refreshed_at);
        // A clock that was set back leaves a time that is still to come.
        let since = |at: Millis| at >= device.asked_at && at <= now;
        if device.asked_at > Millis::ZERO && at.is_some_and(since) {
            self.stats.count("devices up to date in the end", 1);
            let checked = self.oracle.contents().knows_all(number, device.make.user, &device.disk.known());
            self.note(checked);
        }
    }

    fn open_tab(&self, device: usize) -> usize {
        let seats = &self.devices[device].seats;
        (1..seats.len()).find(|tab| seats[*tab].engine.is_some()).unwrap_or(1)
    }
}

/// The last of those that build on it.
fn leaf<'a>(records: &'a [Record], mut record: &'a Record) -> &'a Record {
    for _ in 0..records.len() {
        let builds = |other: &&Record| {
            let behind = other.entity_id == record.entity_id && other.place() > record.place();
            other.depends_on == Some(record.id) || behind
        };
        match records.iter().find(builds) {
            Some(next) => record = next,
            None => break,
        }
    }
    record
}
