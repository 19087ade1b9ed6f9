//! A device's store with its durability: what a strict write has made durable stays; what came after it may be lost
//! when the browser is killed, the latest first, and every write as a whole.

use fieldsync_core::memory::Memory;
use fieldsync_core::protocol::{ItemId, ItemType};
use fieldsync_core::{Batch, Found, Known, Millis, Overview, Query, Record, Shelf, WriteError};

use crate::plan::At;
use crate::rng::Rng;

/// What is not forced is on the disk after this long all the same.
const FLUSHED: u64 = 10_000;

/// A device's store.
#[derive(Debug, Default)]
pub struct Disk {
    live: Memory,
    durable: Memory,
    /// What is between the two, oldest first.
    relaxed: Vec<(At, Relaxed)>,
}

#[derive(Debug)]
enum Relaxed {
    Batch(Box<Batch>),
    Epoch,
}

impl Disk {
    /// Writes a batch; a strict one makes everything before it durable too.
    pub fn write(&mut self, at: At, batch: Batch, strict: bool) -> Result<(), WriteError> {
        self.live.write(batch.clone())?;
        self.relaxed.push((at, Relaxed::Batch(Box::new(batch))));
        if strict {
            self.flush(self.relaxed.len());
        }
        Ok(())
    }

    /// Counts the epoch up.
    pub fn next_epoch(&mut self, at: At) -> u64 {
        self.relaxed.push((at, Relaxed::Epoch));
        self.live.next_epoch()
    }

    /// The browser is killed: says how many writes were lost.
    pub fn cut(&mut self, at: At, rng: &mut Rng) -> usize {
        let sure = self.relaxed.iter().take_while(|(written, _)| written + FLUSHED <= at).count();
        let kept = sure + rng.place(self.relaxed.len() - sure + 1);
        let lost = self.relaxed.len() - kept;
        self.flush(kept);
        self.relaxed.clear();
        self.live = self.durable.clone();
        lost
    }

    fn flush(&mut self, count: usize) {
        for (_, write) in self.relaxed.drain(..count) {
            match write {
                Relaxed::Batch(batch) => {
                    let again = self.durable.write(*batch);
                    debug_assert_eq!(again, Ok(()), "it was accepted from the same state");
                }
                Relaxed::Epoch => {
                    self.durable.next_epoch();
                }
            }
        }
    }

    /// What a page or worker reads.
    pub fn store(&self) -> &Memory {
        &self.live
    }

    /// The record as it would be after a power cut.
    pub fn durable(&self, id: ItemId) -> (Option<Record>, bool) {
        match self.durable.read(&Query::One(id)) {
            Ok(Found::Rows { mut records, receipts, .. }) => (records.pop(), !receipts.is_empty()),
            _ => (None, false),
        }
    }

    /// The record as it is.
    pub fn record(&self, id: ItemId) -> Option<Record> {
        match self.live.read(&Query::One(id)) {
            Ok(Found::Rows { mut records, .. }) => records.pop(),
            _ => None,
        }
    }

    /// How it stands.
    pub fn overview(&self) -> Overview {
        match self.live.read(&Query::Overview) {
            Ok(Found::Overview(overview)) => overview,
            _ => Overview::default(),
        }
    }

    /// What it knows of the server's records.
    pub fn known(&self) -> Vec<Known> {
        let of = |r#type| match self.live.read(&Query::Known { r#type, limit: u32::MAX, after: None }) {
            Ok(Found::Known(known)) => known,
            _ => Vec::new(),
        };
        [ItemType::Reading, ItemType::Assessment, ItemType::Response, ItemType::Media]
            .into_iter()
            .flat_map(of)
            .collect()
    }

    /// Everything that is queued, and the receipts by id and time.
    pub fn everything(&self) -> (Vec<Record>, Vec<(ItemId, Millis)>) {
        let page = |shelf| match self.live.read(&Query::Page {
            shelf,
            state: None,
            limit: u32::MAX,
            before: None,
        }) {
            Ok(Found::Rows { records, receipts, .. }) => (records, receipts),
            _ => Default::default(),
        };
        let receipts = page(Shelf::Done).1.iter().map(|receipt| (receipt.id, receipt.at)).collect();
        (page(Shelf::Queue).0, receipts)
    }
}
