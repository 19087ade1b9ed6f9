//! The memory store keeps the promises of a device's store.

use std::cell::RefCell;

use fieldsync_core::conformance::{Subject, suite};
use fieldsync_core::memory::Memory;
use fieldsync_core::{Batch, Found, Query, StoreError, WriteError};

struct InMemory(RefCell<Memory>);

impl Subject for InMemory {
    async fn write(&self, batch: Batch) -> Result<(), WriteError> {
        self.0.borrow_mut().write(batch)
    }

    async fn read(&self, query: Query) -> Result<Found, StoreError> {
        self.0.borrow().read(&query)
    }

    async fn next_epoch(&self) -> Result<u64, StoreError> {
        Ok(self.0.borrow_mut().next_epoch())
    }
}

#[test]
fn memory_conforms() {
    pollster::block_on(suite(async || InMemory(RefCell::new(Memory::default()))));
}
