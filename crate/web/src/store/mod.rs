//! The device's store on IndexedDB: the only room that knows it.
//!
//! A few lines on the browser's own interface: a library would weigh more, cannot ask for strict durability, and awaits
//! every put. A batch is pipelined: its checks are awaited, its puts are not, and what counts is that the transaction
//! completes. Keeps the promises of `fieldsync_core::conformance`.

mod connection;
mod read;
mod schema;
mod write;

use fieldsync_protocol::read::Read;
use std::cell::RefCell;
use std::rc::Rc;

use fieldsync_core::StoreError;
use fieldsync_core::protocol::ItemId;
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::IdbObjectStore;

use self::connection::{Connection, complete, settled};
use self::schema::META;
use crate::{json, platform};

/// A device's store.
pub struct Store {
    name: String,
    connection: RefCell<Rc<Connection>>,
}

type Stored<T> = Result<T, StoreError>;

impl Store {
    /// Opens the database, making or upgrading it first.
    pub async fn open(name: &str) -> Stored<Store> {
        let connection = RefCell::new(Rc::new(Connection::open(name).await?));
        Ok(Store { name: name.to_owned(), connection })
    }

    async fn connection(&self) -> Stored<Rc<Connection>> {
        let known = self.connection.borrow().clone();
        if !known.lost.get() {
            return Ok(known);
        }
        let fresh = Rc::new(Connection::open(&self.name).await?);
        *self.connection.borrow_mut() = fresh.clone();
        Ok(fresh)
    }

    /// The name under which this device pushes: made once.
    pub async fn device_id(&self) -> Stored<String> {
        let transaction = self.connection().await?.begin(&[META], true)?;
        let meta = transaction.object_store(META).map_err(failed)?;
        if let Some(known) = value(&meta, &"device".into()).await? {
            return Ok(known);
        }
        let fresh = platform::entropy().id(platform::now()).to_string();
        meta.put_with_key(&fresh.as_str().into(), &"device".into()).map_err(failed)?;
        complete(&transaction).await?;
        Ok(fresh)
    }

    /// Counts the drainers' epoch up. A power cut may take it back, and with it every drainer that knew it.
    pub async fn next_epoch(&self) -> Stored<u64> {
        let transaction = self.connection().await?.begin(&[META], false)?;
        let meta = transaction.object_store(META).map_err(failed)?;
        let epoch = value::<u64>(&meta, &"epoch".into()).await?.unwrap_or(0) + 1;
        meta.put_with_key(&to_js(&epoch)?, &"epoch".into()).map_err(failed)?;
        complete(&transaction).await?;
        Ok(epoch)
    }
}

async fn value<T: Read>(store: &IdbObjectStore, key: &JsValue) -> Stored<Option<T>> {
    known_as(settled(&store.get(key).map_err(failed)?).await?)
}

/// What was found, if anything was.
fn known_as<T: Read>(found: JsValue) -> Stored<Option<T>> {
    if found.is_undefined() { Ok(None) } else { from_js(found).map(Some) }
}

fn to_js(value: &impl Serialize) -> Stored<JsValue> {
    json::to_js(value).map_err(failed)
}

fn from_js<T: Read>(value: JsValue) -> Stored<T> {
    json::from_js(&value).map_err(|error| StoreError::Failed(format!("a damaged row: {error}")))
}

fn key(id: &ItemId) -> JsValue {
    id.to_string().into()
}

fn failed(error: JsValue) -> StoreError {
    match platform::name(&error).as_str() {
        "QuotaExceededError" => StoreError::Full,
        _ => StoreError::Failed(platform::words(&error)),
    }
}
