//! Jobs in memory.

use async_trait::async_trait;

#[cfg(test)]
use super::Memory;
use super::MemoryStore;
use crate::store::StoreError;
#[cfg(test)]
use crate::store::job::Job;
use crate::store::job::{ClaimParams, DoneParams, Due, JobStore};

#[cfg(test)]
impl Memory {
    /// What is kept of a job.
    pub fn job(&self, name: &str) -> Job {
        self.jobs.get(name).copied().unwrap_or_default()
    }
}

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
