//! Who watches: a model of every device and of the server, kept from what was committed and said alone, and the
//! invariants checked against it. It knows nothing of how engines decide.

mod calls;
mod clash;
mod commit;
mod content;
mod end;
mod gate;
mod model;
mod server;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use fieldsync_core::protocol::ItemId;

use crate::plan::At;

pub use self::commit::Commit;
pub use self::content::{Contents, Entity};
pub use self::model::Model;
pub use self::server::replayed;

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// An item leaves the device only with a receipt, or by its person's own discard.
    I1,
    /// Nothing is sent, or called saved, before it is durable.
    I2,
    /// An id has one content.
    I3,
    /// An id takes effect once, and a replay changes nothing.
    I4,
    /// Order holds per entity; only what was refused is set aside.
    I5,
    /// Nothing is told that is not committed.
    I6,
    /// Who is not the latest drainer writes nothing.
    I7,
    /// Every hold ends, every call is answered, everything drains.
    I8,
    /// A locked vault: nothing is sent, and work can still be recorded.
    I9,
    /// What the server asked for is obeyed, and what the person has set.
    Gate,
    /// The server holds what the changes come to, and devices know it right.
    Content,
    /// The totals are a recount of the records.
    Totals,
    /// One reading a natural key, on a device and on the server.
    Keys,
    /// No keys that the server carries are lost again, and a device knows whether it lacks some.
    Rotations,
    /// The engine panicked, or answered that it has a defect.
    Defect,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Invariant; 15] = [
        Invariant::I1,
        Invariant::I2,
        Invariant::I3,
        Invariant::I4,
        Invariant::I5,
        Invariant::I6,
        Invariant::I7,
        Invariant::I8,
        Invariant::I9,
        Invariant::Gate,
        Invariant::Content,
        Invariant::Totals,
        Invariant::Keys,
        Invariant::Rotations,
        Invariant::Defect,
    ];
}

/// Something is wrong.
#[derive(Clone, Debug)]
pub struct Violation {
    /// What did not hold.
    pub invariant: Invariant,
    /// In words.
    pub words: String,
    /// When.
    pub at: At,
}

impl Violation {
    /// A violation; when is added by the world.
    pub fn new(invariant: Invariant, words: impl Into<String>) -> Violation {
        Violation { invariant, words: words.into(), at: 0 }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {} ms: {}", self.invariant, self.at, self.words)
    }
}

/// A check's outcome.
pub type Checked = Result<(), Violation>;

/// An invariant holds, or this is said.
fn must(holds: bool, invariant: Invariant, words: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Violation::new(invariant, words())) }
}

/// Everything that is known.
#[derive(Debug)]
pub struct Oracle {
    devices: Vec<Model>,
    /// What took effect on the server, with the version of then.
    applied: BTreeMap<ItemId, Option<u64>>,
    /// The content that each id was first sent with.
    content: BTreeMap<ItemId, u64>,
    /// What was carried from device to device: what one of them has become of its lane may be other than on the other.
    carried: BTreeSet<ItemId>,
    /// What the server has without a receipt of its own: another device has corrected it, and had that taken first.
    had: BTreeSet<ItemId>,
    /// What the server refused, as an item or as a push.
    refused: BTreeSet<ItemId>,
    /// What the server has something else for.
    conflicts: BTreeSet<ItemId>,
    /// What took effect and was the latest of its record when the server last answered for it.
    latest: BTreeSet<ItemId>,
    /// What every entity must be.
    contents: Contents,
    /// The number of each user's last change.
    heads: BTreeMap<usize, u64>,
    /// Whether all faults are over.
    calm: bool,
    /// Pushes since then.
    calm_pushes: u64,
}

impl Oracle {
    /// Of a world with so many devices.
    pub fn new(devices: usize) -> Oracle {
        Oracle {
            devices: (0..devices).map(|_| Model::default()).collect(),
            applied: BTreeMap::new(),
            content: BTreeMap::new(),
            carried: BTreeSet::new(),
            had: BTreeSet::new(),
            refused: BTreeSet::new(),
            conflicts: BTreeSet::new(),
            latest: BTreeSet::new(),
            contents: Contents::default(),
            heads: BTreeMap::new(),
            calm: false,
            calm_pushes: 0,
        }
    }

    /// These go to another device as a file.
    pub fn carries(&mut self, ids: &[ItemId]) {
        self.carried.extend(ids);
    }

    /// What every entity must be.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Whether nothing is queued any more: all of it is on the server, or was dropped.
    pub fn is_empty(&self) -> bool {
        self.devices.iter().all(|model| model.records.is_empty())
    }

    /// Whether nothing is left to be sent by itself.
    pub fn is_drained(&self) -> bool {
        self.devices.iter().all(|model| model.totals.unsent() == 0)
    }

    /// Whether something waits of which nobody was told: whoever saved it died first, and no page can know of it.
    pub fn has_untold(&self, device: usize) -> bool {
        let model = &self.devices[device];
        model.records.keys().any(|id| !model.saved.contains(id))
    }

    /// How many writes a device's store has seen.
    pub fn writes(&self, device: usize) -> u64 {
        self.devices[device].writes
    }

    /// The lock is granted.
    pub fn granted(&mut self, device: usize, epoch: u64) {
        let model = &mut self.devices[device];
        model.epoch = epoch;
        model.received = 0;
    }

    /// Somebody has set the clock: what was put off by it is not known any more.
    pub fn clock_set(&mut self, device: usize) {
        self.devices[device].asked_until = None;
        self.devices[device].clock_sets += 1;
    }

    /// Its storage begins to fail.
    pub fn unsound(&mut self, device: usize) {
        self.devices[device].unsound = true;
    }

    /// All faults are over.
    pub fn calm(&mut self) {
        self.calm = true;
        self.devices.iter_mut().for_each(|model| model.unsound = false);
    }
}
