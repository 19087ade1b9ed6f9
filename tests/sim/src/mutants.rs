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
    /// A replay's receipt tells nothing of the record.
    ReplayTellsNothing,
    /// What the server asked for is not kept.
    ForgetTheWish,
    /// Totals are not written with what they count.
    ForgetTotals,
    /// Twins are not looked for.
    NoTwinCheck,
    /// A pause is not seen.
    PauseIgnored,
    /// A push takes off though settings have changed since it was decided on.
    SettingsOfBefore,
    /// Nobody looks at the battery.
    BatteryForgotten,
    /// What is below the threshold is sent too.
    ThresholdIgnored,
    /// More are on their way at once than the person wants.
    TooManyAtOnce,
    /// New rules do not change what is queued already.
    OldRules,
    /// A resolution, or a correction, edits the item that was sent.
    ResolutionEdits,
    /// Those that wait are released when what they wait for takes off.
    ReleasedEarly,
    /// A conflict is given up for the server's side, and nobody is asked.
    GivenUpUnasked,
    /// A change's patch is taken for the whole record that the server has.
    PatchIsWhole,
    /// A clash is settled for the side that the person did not want.
    OtherSide,
    /// What the person has decided beforehand of clashes is not seen.
    PolicyForgotten,
    /// Renewed tokens are not kept.
    NewTokensForgotten,
    /// A page of changes is not kept, and its cursor is.
    PageForgotten,
    /// A snapshot is added to what was known before.
    SnapshotAdds,
    /// The server applies a change to whatever it has, and not to the version that it was made against.
    BaseIgnored,
    /// The host says nothing of a locked vault.
    LockIgnored,
    /// Engines are handed sealed rows, and not told that the vault is locked.
    LockUntold,
    /// A device that is revoked keeps its keys.
    KeysKept,
    /// The record of a file is sent before the file.
    RecordBeforeFile,
    /// A file that the server has no more is not uploaded again.
    FileForgotten,
    /// The server takes whichever keystore comes, also one that was made from an older one.
    KeystoreOverwritten,
}

/// A mutant and how it is caught.
#[derive(Clone, Copy, Debug)]
pub struct Caught {
    /// The defect.
    pub mutant: Mutant,
    /// What it breaks.
    pub breaks: Invariant,
    /// A seed that shows it.
    pub seed: u64,
}

const fn caught(mutant: Mutant, breaks: Invariant, seed: u64) -> Caught {
    Caught { mutant, breaks, seed }
}

/// Every mutant, with the first seed from 0 up that catches it (`--find-mutants` looks for them anew). Where the engine
/// decides otherwise one day, a seed takes another course: the test then looks for another one by itself.
pub const ALL: [Caught; 38] = [
    caught(Mutant::DeleteBeforeReceipt, Invariant::I1, 0),
    caught(Mutant::FailureIsSuccess, Invariant::I1, 118),
    caught(Mutant::HalfAWrite, Invariant::I1, 1),
    caught(Mutant::DiscardInFlight, Invariant::I1, 36),
    caught(Mutant::SavedBeforeDurable, Invariant::I2, 0),
    caught(Mutant::OtherContent, Invariant::I3, 0),
    caught(Mutant::ServerForgets, Invariant::I4, 0),
    caught(Mutant::EffectWithoutReceipt, Invariant::I4, 10),
    caught(Mutant::NoLanes, Invariant::I5, 0),
    caught(Mutant::ToldBeforeCommit, Invariant::I6, 0),
    caught(Mutant::NoFence, Invariant::I7, 62),
    caught(Mutant::NoWake, Invariant::I8, 0),
    caught(Mutant::ForgetTheWish, Invariant::Gate, 45),
    caught(Mutant::ForgetTotals, Invariant::Totals, 0),
    caught(Mutant::NoTwinCheck, Invariant::Keys, 4),
    caught(Mutant::PauseIgnored, Invariant::Gate, 6),
    caught(Mutant::SettingsOfBefore, Invariant::Gate, 26),
    caught(Mutant::BatteryForgotten, Invariant::Gate, 149),
    caught(Mutant::ThresholdIgnored, Invariant::Gate, 272),
    caught(Mutant::TooManyAtOnce, Invariant::Gate, 41),
    caught(Mutant::OldRules, Invariant::Gate, 86),
    caught(Mutant::ResolutionEdits, Invariant::I3, 8),
    caught(Mutant::ReleasedEarly, Invariant::I5, 6),
    caught(Mutant::GivenUpUnasked, Invariant::I1, 4),
    caught(Mutant::PatchIsWhole, Invariant::Content, 4),
    caught(Mutant::OtherSide, Invariant::Gate, 217),
    caught(Mutant::PolicyForgotten, Invariant::Gate, 217),
    caught(Mutant::NewTokensForgotten, Invariant::I8, 0),
    caught(Mutant::PageForgotten, Invariant::Content, 0),
    caught(Mutant::SnapshotAdds, Invariant::Content, 304),
    caught(Mutant::BaseIgnored, Invariant::Content, 8),
    caught(Mutant::ReplayTellsNothing, Invariant::Content, 11),
    caught(Mutant::LockIgnored, Invariant::I9, 0),
    caught(Mutant::LockUntold, Invariant::I9, 52),
    caught(Mutant::KeysKept, Invariant::I9, 3),
    caught(Mutant::RecordBeforeFile, Invariant::I5, 0),
    caught(Mutant::FileForgotten, Invariant::I5, 89),
    caught(Mutant::KeystoreOverwritten, Invariant::Rotations, 188),
];
