//! The device's store on IndexedDB: the only room that knows it.
//!
//! A few lines on the browser's own interface: a library would weigh more, cannot ask for strict durability, and awaits
//! every put. A batch is pipelined: its checks are awaited, its puts are not, and what counts is that the transaction
//! completes. Keeps the promises of `fieldsync_core::conformance`.

mod connection;
mod read;
mod schema;
mod seal;
mod write;

use fieldsync_protocol::read::Read;
use fieldsync_protocol::write::Write;
use std::cell::RefCell;
use std::rc::Rc;

use fieldsync_core::protocol::ItemId;
use fieldsync_core::{StoreError, WriteError};
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{IdbObjectStore, IdbRequest, IdbTransaction};

use self::connection::{Connection, all_settled, complete, settled};
use self::schema::{FLIGHTS, ITEMS, KNOWN, META, METRICS, RECEIPTS};
use crate::keyring::Keyring;
use crate::{json, platform};

/// A device's store.
pub struct Store {
    name: String,
    connection: RefCell<Rc<Connection>>,
    keyring: Option<Keyring>,
}

type Stored<T> = Result<T, Fault>;

/// A question, if it could be put.
type Asked = Result<IdbRequest, JsValue>;

/// What the browser has thrown. It goes through the store as it is, and is put into words once, by whoever asked.
#[derive(Debug, PartialEq)]
pub struct Fault(JsValue);

impl From<JsValue> for Fault {
    fn from(thrown: JsValue) -> Self {
        Self(thrown)
    }
}

impl From<Fault> for StoreError {
    fn from(Fault(thrown): Fault) -> Self {
        match platform::name(&thrown).as_str() {
            "QuotaExceededError" => Self::Full,
            _ => Self::Failed(platform::words(&thrown)),
        }
    }
}

impl From<Fault> for WriteError {
    fn from(fault: Fault) -> Self {
        StoreError::from(fault).into()
    }
}

impl Store {
    /// Opens the database, making or upgrading it first. Rows are sealed and opened by the keyring, where there is one.
    pub async fn open(name: &str, keyring: Option<Keyring>) -> Stored<Store> {
        let connection = RefCell::new(Rc::new(Connection::open(name).await?));
        Ok(Store { name: name.to_owned(), connection, keyring })
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
        let meta = transaction.object_store(META)?;
        if let Some(known) = value(&meta, &"device".into()).await?.first()? {
            return Ok(known);
        }
        let fresh = platform::entropy().id(platform::now()).to_string();
        meta.put_with_key(&fresh.as_str().into(), &"device".into())?;
        complete(&transaction).await?;
        Ok(fresh)
    }

    /// Counts the drainers' epoch up. A power cut may take it back, and with it every drainer that knew it.
    pub async fn next_epoch(&self) -> Stored<u64> {
        let transaction = self.connection().await?.begin(&[META], false)?;
        let meta = transaction.object_store(META)?;
        let epoch = value(&meta, &"epoch".into()).await?.first()?.unwrap_or(0_u64) + 1;
        meta.put_with_key(&to_js(&epoch)?, &"epoch".into())?;
        complete(&transaction).await?;
        Ok(epoch)
    }
}

/// The stores, in one transaction.
struct Stores {
    items: IdbObjectStore,
    receipts: IdbObjectStore,
    known: IdbObjectStore,
    flights: IdbObjectStore,
    metrics: IdbObjectStore,
    meta: IdbObjectStore,
}

impl Stores {
    fn of(transaction: &IdbTransaction) -> Stored<Self> {
        let the = |name| transaction.object_store(name);
        Ok(Self {
            items: the(ITEMS)?,
            receipts: the(RECEIPTS)?,
            known: the(KNOWN)?,
            flights: the(FLIGHTS)?,
            metrics: the(METRICS)?,
            meta: the(META)?,
        })
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
            json::fill(part, row).map_err(|error| JsValue::from(format!("a damaged row: {error}")))?;
        }
        Ok(())
    }
}

/// Single values, in the order in which they were asked for.
struct Singles(std::vec::IntoIter<JsValue>);

impl Singles {
    /// Those of these names, asked for all at once.
    async fn of(meta: &IdbObjectStore, names: &[&str]) -> Stored<Singles> {
        let asked = names.iter().map(|name| meta.get(&(*name).into())).collect();
        Ok(Singles(all_settled(asked).await?.into_iter()))
    }

    /// The next, where it is there.
    fn next<T: Read>(&mut self) -> Stored<Option<T>> {
        Rows::one(self.0.next().unwrap_or_default()).first()
    }
}

/// What is under a key: one row, or none.
async fn value(store: &IdbObjectStore, key: &JsValue) -> Stored<Rows> {
    Ok(Rows::one(settled(store.get(key)).await?))
}

fn to_js(value: &dyn Write) -> Stored<JsValue> {
    Ok(json::to_js(value)?)
}

fn key(id: &ItemId) -> JsValue {
    id.to_string().into()
}
