//! The database's stores and indexes, and the steps that bring an older one up to date.

use fieldsync_core::BEGIN;
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{IdbDatabase, IdbIndexParameters, IdbObjectStore, IdbObjectStoreParameters, IdbTransaction};

use crate::json;

/// Queued items, by id. Indexes: `order` [state, order], `state` [state, id], `urgency` [state, urgency, order], `natural` naturalKey, `lane`
/// entityId, `dependency` dependsOn.
pub(super) const ITEMS: &str = "items";
/// Receipts of done items, by id. Index: `at`.
pub(super) const RECEIPTS: &str = "receipts";
/// Entities as the server was last known to have them, by id. Indexes: `natural` naturalKey, `type` [type, entityId].
pub(super) const KNOWN: &str = "known";
/// Pushes under way, by [epoch, number].
pub(super) const FLIGHTS: &str = "flights";
/// The figures of drains, by their number. Index: `start` startTime.
pub(super) const METRICS: &str = "metrics";
/// Single values, by name: totals, session, checked, preferences, unscored, epoch, device.
pub(super) const META: &str = "meta";

/// All of them.
pub(super) const STORES: [&str; 6] = [ITEMS, RECEIPTS, KNOWN, FLIGHTS, METRICS, META];

/// Counted up with every step of [`upgrade`].
pub(super) const VERSION: u32 = 4;

/// Takes a database of version `from` (0 is a new one) to [`VERSION`], step by step. What it holds stays.
pub(super) fn upgrade(
    database: &IdbDatabase,
    transaction: &IdbTransaction,
    from: u32,
) -> Result<(), JsValue> {
    if from < 1 {
        let items = store(database, ITEMS, Some(&"id".into()))?;
        index(&items, "order", &Array::of2(&"state".into(), &"order".into()))?;
        index(&items, "natural", &"naturalKey".into())?;
        store(database, RECEIPTS, Some(&"id".into()))?;
        store(database, FLIGHTS, Some(&Array::of2(&"epoch".into(), &"number".into())))?;
        store(database, META, None)?;
    }
    if from < 2 {
        // Lanes and dependencies.
        let items = transaction.object_store(ITEMS)?;
        index(&items, "lane", &"entityId".into())?;
        index(&items, "dependency", &"dependsOn".into())?;
        store(database, KNOWN, Some(&"entityId".into()))?;
    }
    if from < 3 {
        // Rules make an item's urgency; figures; receipts and figures are kept for a stated time.
        let items = transaction.object_store(ITEMS)?;
        if from == 2 {
            items.delete_index("urgency")?;
        }
        index(&items, "urgency", &Array::of3(&"state".into(), &"urgency".into(), &"order".into()))?;
        // What was known of entities had no type: the server tells it again.
        let known = transaction.object_store(KNOWN)?;
        known.clear()?;
        index(&known, "natural", &"naturalKey".into())?;
        index(&known, "type", &Array::of2(&"type".into(), &"entityId".into()))?;
        index(&transaction.object_store(RECEIPTS)?, "at", &"at".into())?;
        index(&store(database, METRICS, Some(&"sessionId".into()))?, "start", &"startTime".into())?;
        if from > 0 {
            transaction.object_store(META)?.put_with_key(&json::to_js(&BEGIN)?, &"unscored".into())?;
        }
    }
    if from < 4 {
        // Lists of those in one state.
        index(&transaction.object_store(ITEMS)?, "state", &Array::of2(&"state".into(), &"id".into()))?;
    }
    Ok(())
}

fn store(database: &IdbDatabase, name: &str, key: Option<&JsValue>) -> Result<IdbObjectStore, JsValue> {
    let parameters = IdbObjectStoreParameters::new();
    if let Some(key) = key {
        parameters.set_key_path(key);
    }
    database.create_object_store_with_optional_parameters(name, &parameters)
}

fn index(store: &IdbObjectStore, name: &str, key: &JsValue) -> Result<(), JsValue> {
    store
        .create_index_with_str_sequence_and_optional_parameters(name, key, &IdbIndexParameters::new())
        .map(drop)
}
