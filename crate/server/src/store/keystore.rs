//! What a server asks of its store about keystores.

use async_trait::async_trait;
use fieldsync_protocol::{AuditEvent, CarriedKeystore, KeystorePut, Millis};

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
}

impl PutKeystoreParams {
    /// What is to become of it, where this is carried.
    pub(super) fn judged(&self, carried: Option<CarriedKeystore>) -> PutKeystoreResult {
        let KeystorePut { keystore, sequence, after } = &self.given;
        let (revision, last) =
            carried.as_ref().map_or((0, 0), |carried| (carried.revision, carried.sequence));
        match carried {
            Some(carried) if carried.keystore == *keystore => PutKeystoreResult::Same(carried),
            _ if *sequence < last || after.is_some_and(|after| after != revision) => {
                PutKeystoreResult::Behind { sequence: last }
            }
            _ => PutKeystoreResult::Kept(CarriedKeystore {
                keystore: keystore.clone(),
                sequence: *sequence,
                revision: revision + 1,
                updated_at: self.now,
                by_device: self.device_id.clone(),
                rotations: Vec::new(),
            }),
        }
    }

    pub(super) fn noted(&self) -> Noted {
        Noted::done(AuditEvent::KeystorePut, self.device_id.clone())
    }
}

/// What a server asks of its store about keystores. Every operation is whole or has not happened, with its audit row.
#[async_trait]
pub trait KeystoreStore: Send + Sync {
    /// The keystore of a person, its text alone; `None` where there is none.
    async fn keystore(&self, user_id: &str) -> Result<Option<CarriedKeystore>, StoreError>;

    /// Takes one in the place of the one before, unless that is later.
    async fn put_keystore(&self, params: PutKeystoreParams) -> Result<PutKeystoreResult, StoreError>;
}
