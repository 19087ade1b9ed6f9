//! Defects on purpose, at the boundary between engine and world: each breaks one invariant, and the simulator must see
//! that one broken.

use crate::oracle::Invariant;

/// A defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// What has been sent is deleted before its receipt has come.
    DeleteBeforeReceipt,
    /// A gateway's failure counts as success.
    FailureIsSuccess,
    /// A write that removes and keeps receipts is done by halves.
    HalfAWrite,
    /// A discard is not refused while the item is being sent.
    DiscardInFlight,
    /// "Written" is said of strict writes that only the cache has.
    SavedBeforeDurable,
    /// What is sent again is not what was sent first.
    OtherContent,
    /// The server forgets its receipts.
    ServerForgets,
    /// The server crashes between effect and receipt.
    EffectWithoutReceipt,
    /// Those that should wait in their lane do not.
    NoLanes,
    /// "Written" is said before receipts are stored.
    ToldBeforeCommit,
    /// A drainer whose time is over may write.
    NoFence,
    /// No timer is ever armed.
    NoWake,
    /// What the server asked for is not kept.
    ForgetTheWish,
    /// Totals are not written with what they count.
    ForgetTotals,
    /// Twins are not looked for.
    NoTwinCheck,
}

/// A mutant and how it is caught.
#[derive(Clone, Copy, Debug)]
pub struct Caught {
    /// The defect.
    pub mutant: Mutant,
    /// What it breaks.
    pub breaks: Invariant,
    /// The first seed that shows it.
    pub seed: u64,
}

const fn caught(mutant: Mutant, breaks: Invariant, seed: u64) -> Caught {
    Caught { mutant, breaks, seed }
}

/// Every mutant, with the first seed from 0 up that catches it (`--find-mutants` looks for them anew).
pub const ALL: [Caught; 15] = [
    caught(Mutant::DeleteBeforeReceipt, Invariant::I1, 0),
    caught(Mutant::FailureIsSuccess, Invariant::I1, 201),
    caught(Mutant::HalfAWrite, Invariant::I1, 0),
    caught(Mutant::DiscardInFlight, Invariant::I1, 22),
    caught(Mutant::SavedBeforeDurable, Invariant::I2, 0),
    caught(Mutant::OtherContent, Invariant::I3, 22),
    caught(Mutant::ServerForgets, Invariant::I4, 0),
    caught(Mutant::EffectWithoutReceipt, Invariant::I4, 1),
    caught(Mutant::NoLanes, Invariant::I5, 0),
    caught(Mutant::ToldBeforeCommit, Invariant::I6, 0),
    caught(Mutant::NoFence, Invariant::I7, 22),
    caught(Mutant::NoWake, Invariant::I8, 0),
    caught(Mutant::ForgetTheWish, Invariant::Gate, 17),
    caught(Mutant::ForgetTotals, Invariant::Totals, 0),
    caught(Mutant::NoTwinCheck, Invariant::Keys, 0),
];
