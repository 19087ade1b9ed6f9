//! Checked when all faults are long over: everything has drained (I8), nothing is lost (I1), and both sides agree.

use std::collections::BTreeSet;

use fieldsync_core::ItemState;
use fieldsync_server::store::ExportResult;

use super::{Checked, Invariant, Oracle, must};
use crate::disk::Disk;

impl Oracle {
    /// A device at the end.
    pub fn finish(&self, device: usize, disk: &Disk) -> Checked {
        let model = &self.devices[device];
        model.nothing_lost(device)?;
        must(model.totals.unsent() == 0, Invariant::I8, || {
            let hold = disk.overview().session.and_then(|session| session.hold);
            format!("device {device}: it does not drain: {:?}, {hold:?}", model.totals)
        })?;
        let left = model.records.iter().next();
        must(left.is_none(), Invariant::I8, || {
            format!("device {device}: people have seen to everything, and {left:?} is still queued")
        })?;
        let (records, receipts) = disk.everything();
        let stored: BTreeSet<_> = records.iter().map(|record| record.id).collect();
        let same =
            stored == model.records.keys().copied().collect() && receipts.len() == model.receipts.len();
        must(same, Invariant::I1, || format!("device {device}: the store is not what was committed"))?;
        let lie = model.done.difference(&model.yielded).find(|id| !self.applied.contains_key(id));
        must(lie.is_none(), Invariant::I6, || format!("device {device}: {lie:?} is done here and not there"))
    }

    /// The server at the end.
    pub fn finish_server(&self, held: &ExportResult) -> Checked {
        let effects = self.applied.len() - self.had.len();
        must(held.receipts.len() == effects, Invariant::I4, || {
            format!("the server keeps {} receipts of {effects} effects", held.receipts.len())
        })?;
        self.contents.held(held)
    }

    /// A device that has drained and whose people have seen to nothing yet: nobody waits for nothing.
    pub fn drained(&self) -> Checked {
        for (device, model) in self.devices.iter().enumerate() {
            for (id, row) in model.records.iter().filter(|(_, row)| row.state == ItemState::Blocked) {
                let on = row.depends_on.is_some_and(|on| model.records.contains_key(&on));
                must(on || !model.before(*id).is_empty(), Invariant::I8, || {
                    format!("device {device}: {id} waits for nothing")
                })?;
            }
        }
        Ok(())
    }
}
