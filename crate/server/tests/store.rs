//! The stores, by one suite for all of them.

/// Stamps tests on every store.
macro_rules! on_every_store {
    ($($test:ident)*) => {
        mod memory { $(#[tokio::test] async fn $test() { super::$test(super::Fixture::memory().await).await })* }
        mod sqlite { $(#[tokio::test] async fn $test() { super::$test(super::Fixture::sqlite().await).await })* }
        #[cfg(unix)]
        mod postgres { $(#[tokio::test] async fn $test() { super::$test(super::Fixture::postgres().await).await })* }
    };
}

mod accounts;
mod audit;
mod bandwidth;
mod conformance;
mod fleet;
mod interleaved;
mod jobs;
mod keystores;
mod keystores_in_turn;
mod model;
mod schedules;
mod tasks;
mod uploads;

use std::sync::Arc;

use fieldsync_protocol::{ItemId, ItemResult, Millis, PushStatus};
use fieldsync_server::examine::{Candidate, examine};
use fieldsync_server::store::{
    ChangesParams, ChangesResult, Memory, MemoryStore, PushParams, SqliteStore, Store,
};
use serde_json::{Value, json};
use tempfile::TempDir;

#[cfg(unix)]
use crate::postgres;

pub const USER: &str = "a@fieldsync.example";
pub const NOW: Millis = Millis(1_763_596_800_000);

/// An empty store, and the directory that it is in.
pub struct Fixture {
    pub store: Arc<dyn Store>,
    _directory: Option<TempDir>,
}

impl Fixture {
    pub async fn memory() -> Fixture {
        Fixture { store: Arc::new(MemoryStore::new(Memory::new("memory"))), _directory: None }
    }

    pub async fn sqlite() -> Fixture {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(&directory.path().join("test.db")).await.unwrap();
        Fixture { store: Arc::new(store), _directory: Some(directory) }
    }

    #[cfg(unix)]
    pub async fn postgres() -> Fixture {
        let store =
            fieldsync_server::store::PostgresStore::open(&postgres::database().await, 16).await.unwrap();
        Fixture { store: Arc::new(store), _directory: None }
    }

    /// Pushes items of one user at a time.
    pub async fn push_at(&self, user: &str, now: Millis, items: &[Candidate]) -> Vec<ItemResult> {
        self.store.push(params(user, now, items)).await.unwrap().results
    }

    pub async fn push(&self, items: &[Candidate]) -> Vec<ItemResult> {
        self.push_at(USER, NOW, items).await
    }

    /// A page of changes, and the cursor after it; `None` where the cursor has expired.
    pub async fn page(&self, cursor: Option<&str>, limit: u32) -> Option<Page> {
        self.page_of(USER, cursor, limit).await
    }

    pub async fn page_of(&self, user: &str, cursor: Option<&str>, limit: u32) -> Option<Page> {
        let params = ChangesParams { user_id: user.into(), cursor: cursor.map(Into::into), limit };
        match self.store.changes(params).await.unwrap() {
            ChangesResult::Expired => None,
            ChangesResult::Page { changes, cursor, has_more } => Some(Page {
                changes: changes.iter().map(|change| serde_json::to_value(change).unwrap()).collect(),
                cursor: cursor.to_string(),
                has_more,
            }),
        }
    }

    /// Everything that is held, as an export has it.
    pub async fn held(&self) -> Value {
        let held = self.store.export().await.unwrap();
        json!({ "entities": held.entities, "receipts": held.receipts })
    }
}

pub struct Page {
    pub changes: Vec<Value>,
    pub cursor: String,
    pub has_more: bool,
}

impl Page {
    /// The entities, by their numbers, and their versions; a tombstone's is negative.
    pub fn versions(&self) -> Vec<(u8, i64)> {
        let version = |change: &Value| {
            let version = change["version"].as_i64().unwrap();
            if change["deleted"] == true { -version } else { version }
        };
        self.changes.iter().map(|change| (number(&change["entityId"]), version(change))).collect()
    }
}

pub fn params(user: &str, now: Millis, items: &[Candidate]) -> PushParams {
    PushParams { user_id: user.into(), device_id: "tablet".into(), now, candidates: items.to_vec() }
}

pub fn id(n: u8) -> ItemId {
    ItemId::new(Millis(1_000), [n; 10])
}

/// The number that an id was made of.
fn number(id: &Value) -> u8 {
    u8::from_str_radix(&id.as_str().unwrap()[34..], 16).unwrap()
}

pub fn item(n: u8, action: &str, rest: Value) -> Candidate {
    let mut item =
        json!({ "id": id(n), "type": "READING", "action": action, "entityId": id(n), "createdAt": 5 });
    item.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    examine(&serde_json::from_str(&item.to_string()).unwrap())
}

pub fn data(meter: &str, value: f64) -> Value {
    json!({ "property": "P-1", "unit": "U1", "meter": meter, "period": "2026-11", "value": value, "readAt": 4 })
}

pub fn create(n: u8, meter: &str) -> Candidate {
    item(n, "CREATE", json!({ "data": data(meter, 1.0) }))
}

/// Item `n` patches the entity that item `of` made.
pub fn update(n: u8, of: u8, base: u64, patch: Value) -> Candidate {
    item(n, "UPDATE", json!({ "entityId": id(of), "baseVersion": base, "patch": patch }))
}

pub fn delete(n: u8, of: u8, base: u64) -> Candidate {
    item(n, "DELETE", json!({ "entityId": id(of), "baseVersion": base }))
}

pub fn statuses(results: &[ItemResult]) -> Vec<PushStatus> {
    results.iter().map(|result| result.status).collect()
}
