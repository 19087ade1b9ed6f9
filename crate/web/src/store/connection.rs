//! The connection to the database, and what a request or a transaction comes to.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbOpenDbRequest, IdbRequestReadyState, IdbTransaction, IdbTransactionMode,
    IdbVersionChangeEvent,
};

use super::schema::{self, STORES, VERSION};
use super::{Asked, Fault, Stored};
use crate::platform;

/// An open database.
pub(super) struct Connection {
    database: IdbDatabase,
    /// The browser has closed it (site data cleared, a newer version, its storage process gone): the next use opens anew.
    pub(super) lost: Rc<Cell<bool>>,
}

impl Connection {
    pub(super) async fn open(name: &str) -> Stored<Connection> {
        let factory = platform::databases().ok_or_else(|| JsValue::from("no IndexedDB here"))?;
        let opening: IdbOpenDbRequest = factory.open_with_u32(name, VERSION)?;
        let failure = Rc::new(RefCell::new(None));
        let (request, reason) = (opening.clone(), failure.clone());
        let upgrade = Closure::once_into_js(move |event: IdbVersionChangeEvent| {
            let (Ok(database), Some(transaction)) = (request.result(), request.transaction()) else { return };
            let from = event.old_version() as u32; // our versions are small
            if let Err(error) = schema::upgrade(database.unchecked_ref(), &transaction, from) {
                *reason.borrow_mut() = Some(error);
                let _ = transaction.abort(); // then the request fails, and the old database stays as it was
            }
        });
        opening.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
        let opened = settled(Ok(opening.into())).await;
        if let Some(error) = failure.borrow_mut().take() {
            return Err(error.into());
        }
        let database: IdbDatabase = opened?.unchecked_into();
        let lost = Rc::new(Cell::new(false));
        // A newer version of the app may upgrade: this connection must not stand in its way.
        let (connection, gone) = (database.clone(), lost.clone());
        let close = Closure::<dyn FnMut()>::new(move || {
            connection.close();
            gone.set(true);
        })
        .into_js_value();
        database.set_onversionchange(Some(close.unchecked_ref()));
        database.set_onclose(Some(close.unchecked_ref()));
        Ok(Connection { database, lost })
    }

    /// A transaction that writes.
    pub(super) fn begin(&self, stores: &[&str], strict: bool) -> Stored<IdbTransaction> {
        self.noticed(platform::transaction(&self.database, stores, strict))
    }

    /// A transaction over everything that only reads.
    pub(super) fn look(&self) -> Stored<IdbTransaction> {
        let stores: js_sys::Array = STORES.iter().map(|name| JsValue::from_str(name)).collect();
        self.noticed(
            self.database.transaction_with_str_sequence_and_mode(&stores, IdbTransactionMode::Readonly),
        )
    }

    fn noticed(&self, begun: Result<IdbTransaction, JsValue>) -> Stored<IdbTransaction> {
        begun.map_err(|error| {
            self.lost.set(true);
            Fault(error)
        })
    }
}

/// The result of a request, if it could be made.
pub(super) async fn settled(request: Asked) -> Stored<JsValue> {
    let request = request?;
    if request.ready_state() == IdbRequestReadyState::Done {
        return Ok(request.result()?); // it will not tell again
    }
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(request.result()?),
        Err(_) => Err(Fault(request.error().ok().flatten().map(JsValue::from).unwrap_or_default())),
    }
}

/// The results of requests that were made all at once, in their order. They are answered in that order too: with the last of
/// them all are there.
pub(super) async fn all_settled(asked: Vec<Asked>) -> Stored<Vec<JsValue>> {
    if let Some(Ok(last)) = asked.last() {
        let _ = settled(Ok(last.clone())).await; // one before it may say why not
    }
    let mut found = Vec::new();
    for request in asked {
        found.push(settled(request).await?);
    }
    Ok(found)
}

/// The end of a transaction: `Ok` only when it is complete. It is told that nothing more comes, so the browser need not ask
/// after each answer whether there is more.
pub(super) async fn complete(transaction: &IdbTransaction) -> Stored<()> {
    #[expect(deprecated, reason = "web-sys says that Safari lacks it, which has it from 15 on")]
    let _ = transaction.commit(); // where it fails or is missing the end comes by itself
    let promise = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(()),
        Err(_) => Err(Fault(transaction.error().map(JsValue::from).unwrap_or_default())),
    }
}
