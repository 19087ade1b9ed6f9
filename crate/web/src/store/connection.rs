//! Connections to the database, and what a request or a transaction comes to.

use std::cell::Cell;
use std::rc::Rc;

use fieldsync_core::StoreError;
use js_sys::Promise;
use rexie::{Index, ObjectStore, Rexie};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbOpenDbRequest, IdbRequest, IdbRequestReadyState, IdbTransaction};

use super::{FLIGHTS, ITEMS, META, RECEIPTS, Stored, VERSION, failed, rexie};
use crate::platform;

/// Rexie's connection, and one of our own for writes.
pub(super) struct Connection {
    pub(super) reader: Rexie,
    writer: IdbDatabase,
    /// The browser has closed it (site data cleared, a newer version, its storage process gone): the next use opens anew.
    pub(super) lost: Rc<Cell<bool>>,
}

impl Connection {
    pub(super) async fn open(name: &str) -> Stored<Connection> {
        let order = Index::new_array("order", ["state", "order"]);
        let natural = Index::new("natural", "naturalKey");
        let reader = Rexie::builder(name)
            .version(VERSION)
            .add_object_store(ObjectStore::new(ITEMS).key_path("id").add_index(order).add_index(natural))
            .add_object_store(ObjectStore::new(RECEIPTS).key_path("id"))
            .add_object_store(ObjectStore::new(FLIGHTS).key_path_array(["epoch", "number"]))
            .add_object_store(ObjectStore::new(META))
            .build()
            .await
            .map_err(rexie)?;
        let factory = platform::databases().ok_or_else(|| StoreError::Failed("no IndexedDB here".into()))?;
        let opening: IdbRequest = factory.open_with_u32(name, VERSION).map_err(failed)?.into();
        // Deleted since Rexie made it: without its stores it is of no use, and must not stay.
        let request = opening.clone();
        let refuse = Closure::once_into_js(move || {
            let _ = request.transaction().map(|upgrade| upgrade.abort()); // then the request fails
        });
        opening.unchecked_ref::<IdbOpenDbRequest>().set_onupgradeneeded(Some(refuse.unchecked_ref()));
        let writer: IdbDatabase = settled(&opening).await?.unchecked_into();
        let lost = Rc::new(Cell::new(false));
        // A newer version of the app may upgrade: this connection must not stand in its way.
        let (connection, gone) = (writer.clone(), lost.clone());
        let close = Closure::<dyn FnMut()>::new(move || {
            connection.close();
            gone.set(true);
        })
        .into_js_value();
        writer.set_onversionchange(Some(close.unchecked_ref()));
        writer.set_onclose(Some(close.unchecked_ref()));
        Ok(Connection { reader, writer, lost })
    }

    pub(super) fn begin(&self, stores: &[&str], strict: bool) -> Stored<IdbTransaction> {
        platform::transaction(&self.writer, stores, strict).map_err(|error| {
            self.lost.set(true);
            failed(error)
        })
    }
}

/// The result of a request.
pub(super) async fn settled(request: &IdbRequest) -> Stored<JsValue> {
    if request.ready_state() == IdbRequestReadyState::Done {
        return request.result().map_err(failed); // it will not tell again
    }
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => request.result().map_err(failed),
        Err(_) => Err(failed(request.error().ok().flatten().map(JsValue::from).unwrap_or_default())),
    }
}

/// The end of a transaction: `Ok` only when it is complete.
pub(super) async fn complete(transaction: &IdbTransaction) -> Stored<()> {
    let promise = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(()),
        Err(_) => Err(failed(transaction.error().map(JsValue::from).unwrap_or_default())),
    }
}
