//! Checked whenever something is told: it is committed (I6), and a hold has an end (I8).

use fieldsync_core::protocol::Progress;
use fieldsync_core::{Event, ItemState, Millis, Status};

use super::{Checked, Invariant, Oracle, must};

impl Oracle {
    /// An event for every page; `looked` is the commit that its teller saw last, `drains` whether it has the lock.
    pub fn told(&self, device: usize, wall: Millis, looked: u64, drains: bool, event: &Event) -> Checked {
        let model = &self.devices[device];
        match event {
            Event::Changed | Event::Checked => Ok(()),
            Event::Started { progress } | Event::Progressed { progress } => {
                self.counts(device, progress)?;
                // Who has the lock speaks of its own drain: of receipts of this epoch.
                must(!drains || progress.completed_items <= model.received, Invariant::I6, || {
                    format!("device {device}: {progress:?} told with {} receipts", model.received)
                })
            }
            Event::Settled { settled } => {
                self.counts(device, &settled.progress)?;
                if let Some(hold) = &settled.hold {
                    let longest = wall + Millis::minutes(80) + model.interval();
                    let finite = hold.until <= longest || model.clock_sets > 0;
                    return must(finite && !hold.words.is_empty(), Invariant::I8, || {
                        format!("device {device}: a hold without a reason or end: {hold:?}")
                    });
                }
                if drains {
                    self.decided(device)?;
                }
                let ready = |state| matches!(state, ItemState::Pending | ItemState::RetryAt);
                let forgotten = model.records.iter().find(|(_, row)| ready(row.state) && row.ready < looked);
                must(settled.remaining > 0 || forgotten.is_none(), Invariant::I6, || {
                    format!("device {device}: it is told that all is sent, and {forgotten:?} waits")
                })
            }
        }
    }

    /// The answer to "status".
    pub fn status(&self, device: usize, status: &Status) -> Checked {
        status.current_progress.as_ref().map_or(Ok(()), |progress| self.counts(device, progress))
    }

    fn counts(&self, device: usize, progress: &Progress) -> Checked {
        let done = self.devices[device].done.len() as u64;
        must(progress.completed_items <= done, Invariant::I6, || {
            format!("device {device}: {} told as done, {done} are", progress.completed_items)
        })?;
        let sum = progress.completed_items + progress.failed_items;
        must(sum <= progress.total_items, Invariant::I6, || {
            format!("device {device}: the counts do not add up: {progress:?}")
        })
    }
}
