//! Checked when a person is answered: I1 and I2.

use fieldsync_core::protocol::ItemId;

use super::{Checked, Invariant, Oracle, must};
use crate::disk::Disk;

impl Oracle {
    /// A person wants this one to leave.
    pub fn leaving(&mut self, device: usize, id: ItemId) {
        *self.devices[device].leaving.entry(id).or_default() += 1;
    }

    /// They were told that it is saved, in place of an old one perhaps.
    pub fn saved(&mut self, device: usize, id: ItemId, old: Option<ItemId>, disk: &Disk) -> Checked {
        if let Some(old) = old {
            self.discarded(device, old);
        }
        let model = &mut self.devices[device];
        model.saved.insert(id);
        // Another tab may have dropped it, or a drain sent it, before the answer came.
        let (record, done) = disk.durable(id);
        let here = record.is_some()
            || done
            || model.done.contains(&id)
            || model.dropped.contains(&id)
            || model.leaving.contains_key(&id);
        must(here, Invariant::I2, || format!("device {device}: {id} is called saved, and is not durable"))
    }

    /// They were told that it is gone.
    pub fn discarded(&mut self, device: usize, id: ItemId) {
        self.devices[device].dropped.insert(id);
        self.no_longer_leaving(device, id);
    }

    /// They were told that it was given up for the server's side.
    pub fn given_up(&mut self, device: usize, id: ItemId) -> Checked {
        self.no_longer_leaving(device, id);
        let done = self.devices[device].yielded.contains(&id);
        must(done, Invariant::I6, || format!("device {device}: {id} is called given up, and is not"))
    }

    /// They were told that it stays.
    pub fn refused(&mut self, device: usize, id: ItemId) -> Checked {
        self.no_longer_leaving(device, id);
        let model = &self.devices[device];
        let here = !model.saved.contains(&id) || model.keeps(id) || model.leaving.contains_key(&id);
        must(here, Invariant::I1, || format!("device {device}: {id} is said to stay, and is gone"))
    }

    /// Whoever was asked died: it may have left, or not.
    pub fn cut_off(&mut self, device: usize, id: ItemId) {
        self.no_longer_leaving(device, id);
        let model = &mut self.devices[device];
        if !model.records.contains_key(&id) {
            model.maybe.insert(id);
        }
    }

    fn no_longer_leaving(&mut self, device: usize, id: ItemId) {
        let leaving = &mut self.devices[device].leaving;
        if let Some(count) = leaving.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                leaving.remove(&id);
            }
        }
    }
}
