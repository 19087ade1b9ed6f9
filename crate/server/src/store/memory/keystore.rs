//! Keystores in memory.

use async_trait::async_trait;
use fieldsync_protocol::CarriedKeystore;

use super::{Memory, MemoryStore};
use crate::store::StoreError;
use crate::store::keystore::{KeystoreStore, PutKeystoreParams, PutKeystoreResult};

impl Memory {
    fn put_keystore(&mut self, params: &PutKeystoreParams) -> PutKeystoreResult {
        let result = params.judged(self.keystores.get(&params.user_id).cloned());
        if let PutKeystoreResult::Kept(kept) = &result {
            self.keystores.insert(params.user_id.clone(), kept.clone());
            self.note(&params.user_id, params.now, Some(params.noted()));
        }
        result
    }
}

#[async_trait]
impl KeystoreStore for MemoryStore {
    async fn keystore(&self, user_id: &str) -> Result<Option<CarriedKeystore>, StoreError> {
        Ok(self.with(|held| held.keystores.get(user_id).cloned()))
    }

    async fn put_keystore(&self, params: PutKeystoreParams) -> Result<PutKeystoreResult, StoreError> {
        Ok(self.with(|held| held.put_keystore(&params)))
    }
}
