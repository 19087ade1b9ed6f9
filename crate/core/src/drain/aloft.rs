//! The pushes and the steps of uploads that are on their way, and those that have come back while another step was under way.

use std::collections::VecDeque;

use fieldsync_protocol::{ItemId, Millis};

use crate::event::{Token, Transfer};
use crate::login::Secret;
use crate::record::Record;
use crate::upload::{UploadStep, Uploaded};

/// A push on its way.
#[derive(Debug)]
pub(super) struct Flying {
    pub(super) token: Token,
    /// This drain's count of pushes.
    pub(super) number: u64,
    pub(super) sent: Vec<Record>,
    /// Bytes of JSON.
    pub(super) plain: u64,
    /// The token that went with it.
    pub(super) bearer: Option<Secret>,
    /// When it took off, in uptime.
    pub(super) at: Millis,
}

/// How a push came back.
#[derive(Debug)]
pub(super) struct Landed {
    pub(super) flying: Flying,
    pub(super) transfer: Transfer,
    /// Bytes that its body took on the wire.
    pub(super) wire: u64,
    /// When, in uptime.
    pub(super) at: Millis,
}

/// A step of a file's upload on its way.
#[derive(Debug)]
pub(super) struct Ferry {
    pub(super) token: Token,
    /// This drain's count of pushes and steps.
    pub(super) number: u64,
    /// Whose file it is, as it was read.
    pub(super) record: Record,
    pub(super) step: UploadStep,
    /// The token that went with it.
    pub(super) bearer: Option<Secret>,
    /// When it took off, in uptime.
    pub(super) at: Millis,
}

/// Them all.
#[derive(Debug, Default)]
pub(super) struct Aloft {
    flying: Vec<Flying>,
    landed: VecDeque<Landed>,
    ferries: Vec<Ferry>,
    /// Those that have come back, with what came of each and when, in uptime.
    ferried: VecDeque<(Ferry, Uploaded, Millis)>,
}

impl Aloft {
    pub(super) fn take_off(&mut self, flying: Flying) {
        self.flying.push(flying);
    }

    pub(super) fn awaits(&self, token: Token) -> bool {
        self.flying.iter().any(|flying| flying.token == token)
            || self.ferries.iter().any(|ferry| ferry.token == token)
    }

    pub(super) fn put_out(&mut self, ferry: Ferry) {
        self.ferries.push(ferry);
    }

    /// A step has come back.
    pub(super) fn put_in(&mut self, at: Millis, token: Token, outcome: Uploaded) {
        if let Some(place) = self.ferries.iter().position(|ferry| ferry.token == token) {
            self.ferried.push_back((self.ferries.remove(place), outcome, at));
        }
    }

    /// The next step that has come back and is not yet looked at.
    pub(super) fn next_ferried(&mut self) -> Option<(Ferry, Uploaded, Millis)> {
        self.ferried.pop_front()
    }

    fn files(&self) -> impl Iterator<Item = &Ferry> {
        self.ferries.iter().chain(self.ferried.iter().map(|(ferry, ..)| ferry))
    }

    /// One has come back.
    pub(super) fn land(&mut self, at: Millis, token: Token, transfer: Transfer, wire: u64) {
        if let Some(place) = self.flying.iter().position(|flying| flying.token == token) {
            let flying = self.flying.remove(place);
            self.landed.push_back(Landed { flying, transfer, wire, at });
        }
    }

    /// The next that has come back and is not yet looked at.
    pub(super) fn next_landed(&mut self) -> Option<Landed> {
        self.landed.pop_front()
    }

    /// Whether one has come back that is not yet looked at.
    pub(super) fn has_landed(&self) -> bool {
        !self.landed.is_empty() || !self.ferried.is_empty()
    }

    fn all(&self) -> impl Iterator<Item = &Flying> {
        self.flying.iter().chain(self.landed.iter().map(|landed| &landed.flying))
    }

    /// Whether none is on its way, nor waits to be looked at.
    pub(super) fn is_empty(&self) -> bool {
        self.all().next().is_none() && self.files().next().is_none()
    }

    /// How many are on their way.
    pub(super) fn count(&self) -> usize {
        self.all().count() + self.files().count()
    }

    /// The items that are in them.
    pub(super) fn ids(&self) -> Vec<ItemId> {
        let pushed = self.all().flat_map(|flying| flying.sent.iter().map(|record| record.id));
        pushed.chain(self.files().map(|ferry| ferry.record.id)).collect()
    }

    /// Whether this item is in one of them.
    pub(super) fn has(&self, id: ItemId) -> bool {
        self.all().any(|flying| flying.sent.iter().any(|record| record.id == id))
            || self.files().any(|ferry| ferry.record.id == id)
    }
}
