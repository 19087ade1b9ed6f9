//! The same tests for the page and for the service worker: the same wasm runs in both.

use fieldsync::keyring::Keyring;
use fieldsync::store::Store;
use fieldsync_core::conformance::{self, Subject, id, record};
use fieldsync_core::protocol::Priority;
use fieldsync_core::{Batch, Found, Millis, Query, StoreError, WriteError};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

struct Indexed(Store);

impl Subject for Indexed {
    async fn write(&self, batch: Batch) -> Result<(), WriteError> {
        self.0.write(batch).await
    }

    async fn read(&self, query: Query) -> Result<Found, StoreError> {
        Ok(self.0.read(query).await?)
    }

    async fn next_epoch(&self) -> Result<u64, StoreError> {
        Ok(self.0.next_epoch().await?)
    }
}

/// A database that no other test has: the clock and chance name it.
pub fn fresh() -> String {
    format!("test-{}-{}", js_sys::Date::now(), js_sys::Math::random())
}

#[wasm_bindgen_test]
async fn the_store_conforms() {
    conformance::suite(async || Indexed(Store::open(&fresh(), None).await.expect("opened"))).await;
}

/// A vault that hides nothing, but behaves as one: what is sealed is another text, and opens only for what it is about.
const VAULT: &str = r#"({
    state: () => 'open',
    seal: async (abouts, texts) => texts.map((text, n) => JSON.stringify([abouts[n], btoa(unescape(encodeURIComponent(text)))])),
    open: async (abouts, sealed) => sealed.map((text, n) => {
      const [about, payload] = JSON.parse(text);
      return about === abouts[n] ? decodeURIComponent(escape(atob(payload))) : undefined;
    }),
    blind: async texts => texts.map(text => btoa(unescape(encodeURIComponent(text)))),
    isFresh: () => true,
})"#;

#[wasm_bindgen_test]
async fn the_store_conforms_where_a_vault_seals_it() {
    let vault = || js_sys::eval(VAULT).expect("a vault").unchecked_into::<Keyring>();
    conformance::suite(async || Indexed(Store::open(&fresh(), Some(vault())).await.expect("opened"))).await;
}

#[wasm_bindgen_test]
async fn what_is_written_is_there_for_the_next_to_open() {
    let name = fresh();
    let store = Store::open(&name, None).await.expect("opened");
    let device = store.device_id().await.expect("a name");
    let batch = Batch { put: vec![record(1)], ..Batch::default() };
    store.write(batch).await.expect("written");
    drop(store);
    let store = Store::open(&name, None).await.expect("opened again");
    assert_eq!(store.device_id().await.expect("a name"), device);
    let Ok(Found::Rows { records, .. }) = store.read(Query::One(id(1))).await else { panic!("rows") };
    assert_eq!(records, [record(1)]);
}

/// As the first version made it, with one reading in it.
const FIRST_VERSION: &str = r#"
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => {
      const database = opening.result;
      const items = database.createObjectStore('items', { keyPath: 'id' });
      items.createIndex('order', ['state', 'order']);
      items.createIndex('natural', 'naturalKey');
      database.createObjectStore('receipts', { keyPath: 'id' });
      database.createObjectStore('flights', { keyPath: ['epoch', 'number'] });
      const meta = database.createObjectStore('meta');
      items.put(JSON.parse(item));
      meta.put({ pending: 1, retryAt: 0, conflict: 0, setAside: 0, bytes: 100 }, 'totals');
      meta.put('an old device', 'device');
    };
    return new Promise((resolve, reject) => {
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        opening.result.close();
        resolve();
      };
    });
"#;

#[wasm_bindgen_test]
async fn a_database_of_the_first_version_keeps_what_it_holds() {
    let name = fresh();
    let make = js_sys::Function::new_with_args("name, item", FIRST_VERSION);
    let item = serde_json::to_string(&record(1)).expect("JSON");
    let made = make.call2(&wasm_bindgen::JsValue::NULL, &name.as_str().into(), &item.into()).expect("begun");
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(made)).await.expect("made");
    let store = Store::open(&name, None).await.expect("brought up to date");
    assert_eq!(store.device_id().await.expect("a name"), "an old device");
    let (by, beyond) = (Millis(9), Millis::minutes(60));
    for lowest in [Priority::Low, Priority::Normal] {
        let due = store.read(Query::Due { by, beyond, lowest, limit: 9, except: Vec::new() }).await;
        let Ok(Found::Due(window)) = due else { panic!("a window: {due:?}") };
        assert_eq!((window.due, window.totals.pending), (vec![record(1)], 1));
    }
    let lane = store.read(Query::Lane { entity: id(1), depends_on: None }).await;
    let Ok(Found::Lane(lane)) = lane else { panic!("a lane: {lane:?}") };
    assert_eq!(lane.queued, [record(1)]);
}

#[wasm_bindgen_test]
async fn two_connections_see_the_same() {
    let name = fresh();
    let (one, other) =
        (Store::open(&name, None).await.expect("one"), Store::open(&name, None).await.expect("two"));
    assert_eq!(one.next_epoch().await, Ok(1));
    assert_eq!(other.next_epoch().await, Ok(2), "an epoch is given once");
    let late =
        Batch { expect: vec![fieldsync_core::Expect::Epoch(1)], put: vec![record(1)], ..Batch::default() };
    assert_eq!(one.write(late).await, Err(WriteError::Fenced));
}

#[wasm_bindgen_test]
async fn a_connection_that_the_browser_closed_is_opened_again() {
    let name = fresh();
    let store = Store::open(&name, None).await.expect("opened");
    store.next_epoch().await.expect("an epoch");
    // As when site data is cleared: every connection is told to close.
    let factory: web_sys::IdbFactory =
        js_sys::Reflect::get(&js_sys::global(), &"indexedDB".into()).expect("IndexedDB").into();
    let request = factory.delete_database(&name).expect("asked");
    let gone = js_sys::Promise::new(&mut |resolve, _| request.set_onsuccess(Some(&resolve)));
    wasm_bindgen_futures::JsFuture::from(gone).await.expect("deleted");
    for attempt in 0..3 {
        let outcome = store.write(Batch { put: vec![record(1)], ..Batch::default() }).await;
        if outcome.is_ok() {
            return;
        }
        assert!(attempt < 2, "for good: {outcome:?}");
    }
}
