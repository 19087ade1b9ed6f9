//! What a server asks of its store about keystores.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use fieldsync_protocol::{
    AuditEvent, CarriedKeystore, Keystore, KeystorePut, MAX_ROTATIONS, Millis, Rotation,
};

use super::StoreError;
use super::audit::Noted;

/// A keystore that a device brings.
#[derive(Clone, Debug)]
pub struct PutKeystoreParams {
    /// Whose.
    pub user_id: String,
    /// Who brings it.
    pub device_id: Option<String>,
    /// What it brings, sound.
    pub given: KeystorePut,
    /// The server's clock.
    pub now: Millis,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutKeystoreResult {
    /// It is carried from now on.
    Kept(CarriedKeystore),
    /// It was carried already.
    Same(CarriedKeystore),
    /// It would take something back.
    Behind {
        /// The last rotation of the one that is carried.
        sequence: u64,
    },
    /// It is of another vault than the one that is carried, which stays.
    Foreign,
}

impl PutKeystoreParams {
    /// What is to become of it, where this is carried. That it has to go on from that holds also where it does not say which
    /// one it was made from: a rotation that only the server has yet would be lost to the person's other devices.
    pub(super) fn judged(&self, carried: Option<CarriedKeystore>) -> PutKeystoreResult {
        let KeystorePut { keystore, sequence, after } = &self.given;
        let (revision, last) =
            carried.as_ref().map_or((0, 0), |carried| (carried.revision, carried.sequence));
        let standing = match carried {
            None => Standing::GoesOn,
            Some(carried) if carried.keystore == *keystore => return PutKeystoreResult::Same(carried),
            Some(carried) => standing(keystore, &carried.keystore),
        };
        match standing {
            Standing::Foreign => PutKeystoreResult::Foreign,
            Standing::GoesOn if after.is_none_or(|after| after == revision) => {
                PutKeystoreResult::Kept(CarriedKeystore {
                    keystore: keystore.clone(),
                    sequence: *sequence,
                    revision: revision + 1,
                    updated_at: self.now,
                    by_device: self.device_id.clone(),
                    rotations: Vec::new(),
                })
            }
            Standing::GoesOn | Standing::TakesBack => PutKeystoreResult::Behind { sequence: last },
        }
    }

    pub(super) fn noted(&self) -> Noted {
        Noted::done(AuditEvent::KeystorePut, self.device_id.clone())
    }
}

/// How a keystore stands to the one that is carried.
enum Standing {
    /// It has all that the other has.
    GoesOn,
    /// With the other something would be lost.
    TakesBack,
    /// They are of two vaults: whichever stays, nothing of it is in the other.
    Foreign,
}

/// Compares two keystores by their texts, as far as they are in clear.
fn standing(given: &str, carried: &str) -> Standing {
    // A newer server may have taken what this one cannot read: nobody here can say what would be lost with it.
    let (Ok(given), Ok(carried)) = (Keystore::from_file(given), Keystore::from_file(carried)) else {
        return Standing::TakesBack;
    };
    if given.vault != carried.vault {
        return Standing::Foreign;
    }
    // Whatever its rotations: a device that lacks the later passphrase takes that in before it brings anything.
    if given.lock < carried.lock || !has_rotations_of(&given, &carried) {
        Standing::TakesBack
    } else {
        Standing::GoesOn
    }
}

/// Whether every rotation of the other that is among the last that both have is in it, and says the same in clear. As
/// where devices merge (`merge` in fieldsync-core), no more than [`MAX_ROTATIONS`] of both stay, and the oldest go.
fn has_rotations_of(given: &Keystore, carried: &Keystore) -> bool {
    let (given, carried) = (by_age(given), by_age(carried));
    let both: BTreeSet<_> = given.keys().chain(carried.keys()).collect();
    let too_old = both.len().saturating_sub(MAX_ROTATIONS);
    both.into_iter().skip(too_old).all(|place| match (given.get(place), carried.get(place)) {
        (_, None) => true,
        // What is signed is in the name; the signature itself is not.
        (Some(given), Some(carried)) => given.signature == carried.signature,
        (None, Some(_)) => false,
    })
}

/// By their sequences, then by their names.
fn by_age(keystore: &Keystore) -> BTreeMap<(u64, String), &Rotation> {
    let of = |rotation: &Rotation| (rotation.sequence, rotation.id(&keystore.vault));
    keystore.rotations.iter().map(|rotation| (of(rotation), rotation)).collect()
}

/// What a server asks of its store about keystores. Every operation is whole or has not happened, with its audit row.
#[async_trait]
pub trait KeystoreStore: Send + Sync {
    /// The keystore of a person, its text alone; `None` where there is none.
    async fn keystore(&self, user_id: &str) -> Result<Option<CarriedKeystore>, StoreError>;

    /// Takes one in the place of the one before, where it goes on from that.
    async fn put_keystore(&self, params: PutKeystoreParams) -> Result<PutKeystoreResult, StoreError>;
}
