//! Unsent work goes from one device of a person to another, as a file.

use fieldsync_core::{Command, Pack, Parcel};

use crate::seat::Doing;
use crate::world::World;

impl World {
    /// A person packs what waits on this device, for another of theirs.
    pub fn carry(&mut self, device: usize, tab: usize, pick: u32) {
        let user = self.devices[device].make.user;
        let others: Vec<_> = (0..self.devices.len())
            .filter(|other| *other != device && self.devices[*other].make.user == user)
            .collect();
        let Some(to) = others.get(pick as usize % others.len().max(1)).copied() else { return };
        let who = self.page(device, tab);
        self.call(who, Command::Pack(Pack::default()), Doing::Pack(to, tab));
    }

    /// They take it in there.
    pub fn take_in(&mut self, from: usize, device: usize, tab: usize, mut parcel: Parcel) {
        let overview = self.devices[from].disk.overview();
        parcel.person = overview.preferences.login.map(|login| login.email);
        parcel.records.sort_by_key(|record| (record.place(), record.id));
        let ids: Vec<_> = parcel.records.iter().map(|record| record.id).collect();
        self.oracle.carries(&ids);
        let who = self.page(device, tab);
        self.call(who, Command::TakeIn(parcel), Doing::TakeIn(ids));
    }
}
