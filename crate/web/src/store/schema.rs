//! The database's stores and indexes, and the steps that bring an older one up to date.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{IdbDatabase, IdbIndexParameters, IdbObjectStore, IdbObjectStoreParameters, IdbTransaction};

/// Queued items, by id. Indexes: `order` [state, order], `urgency` [state, priority, order], `natural` naturalKey, `lane`
/// entityId, `dependency` dependsOn.
pub(super) const ITEMS: &str = "items";
/// Receipts of done items, by id.
pub(super) const RECEIPTS: &str = "receipts";
/// Entities as the server was last known to have them, by id.
pub(super) const KNOWN: &str = "known";
/// Pushes under way, by [epoch, number].
pub(super) const FLIGHTS: &str = "flights";
/// Single values, by name: totals, session, epoch, device.
pub(super) const META: &str = "meta";

/// All of them.
pub(super) const STORES: [&str; 5] = [ITEMS, RECEIPTS, KNOWN, FLIGHTS, META];

/// Counted up with every step of [`upgrade`].
pub(super) const VERSION: u32 = 2;

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
        index(&items, "urgency", &Array::of3(&"state".into(), &"priority".into(), &"order".into()))?;
        store(database, KNOWN, Some(&"entityId".into()))?;
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
