//! Jobs in memory.

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::StoreError;
use crate::store::job::{ClaimParams, DoneParams, Due, JobStore};

#[async_trait]
impl JobStore for MemoryStore {
    async fn claim(&self, params: ClaimParams) -> Result<Due, StoreError> {
        Ok(self.with(|held| {
            let job = held.jobs.entry(params.name).or_default();
            let due = job.due(params.rhythm, params.now);
            if due == Due::Now {
                job.claimed_at = Some(params.now);
            }
            due
        }))
    }

    async fn done(&self, params: DoneParams) -> Result<(), StoreError> {
        self.with(|held| held.jobs.entry(params.name).or_default().done_at = Some(params.now));
        Ok(())
    }
}
