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
use fieldsync_protocol::write::Write;
use std::cell::RefCell;
use std::rc::Rc;

use fieldsync_core::StoreError;
use fieldsync_core::protocol::ItemId;
use js_sys::Array;
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
        if let Some(known) = value(&meta, &"device".into()).await?.first()? {
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
        let epoch = value(&meta, &"epoch".into()).await?.first()?.unwrap_or(0_u64) + 1;
        meta.put_with_key(&to_js(&epoch)?, &"epoch".into()).map_err(failed)?;
        complete(&transaction).await?;
        Ok(epoch)
    }
}

/// What the store gave. What asks for it knows nothing of types: each would make another copy of it.
struct Rows(Vec<JsValue>);

impl Rows {
    /// One, or none where nothing was found.
    fn one(found: JsValue) -> Rows {
        Rows(if found.is_undefined() { Vec::new() } else { vec![found] })
    }

    /// Those of an array.
    fn of(found: &JsValue) -> Rows {
        Rows(Array::from(found).to_vec())
    }

    fn all<T: Read>(&self) -> Stored<Vec<T>> {
        let mut rows = Vec::new();
        self.fill(&mut rows)?;
        Ok(rows)
    }

    fn first<T: Read>(&self) -> Stored<Option<T>> {
        let mut row = None;
        self.fill(&mut row)?;
        Ok(row)
    }

    /// As parts of this, one after the other.
    fn fill(&self, into: &mut dyn Read) -> Stored<()> {
        for (index, row) in self.0.iter().enumerate() {
            let Some(part) = into.part(index) else { break };
            json::fill(part, row).map_err(|error| StoreError::Failed(format!("a damaged row: {error}")))?;
        }
        Ok(())
    }
}

/// What is under a key: one row, or none.
async fn value(store: &IdbObjectStore, key: &JsValue) -> Stored<Rows> {
    Ok(Rows::one(settled(&store.get(key).map_err(failed)?).await?))
}

fn to_js(value: &dyn Write) -> Stored<JsValue> {
    json::to_js(value).map_err(failed)
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
