//! The device's store on IndexedDB: the only file that knows it.
//!
//! Rexie keeps the schema and reads. Writes go through a connection of their own, because Rexie cannot ask for strict
//! durability, and because a batch is pipelined: its checks are awaited, its puts are not, and what counts is that the
//! transaction completes. Keeps the promises of `fieldsync_core::conformance`.

use fieldsync_core::protocol::ItemId;
use fieldsync_core::{
    Batch, Expect, Flight, FlightChange, Found, ItemState, Millis, Overview, Query, Record, Session, Shelf,
    StoreError, Totals, Window, WriteError,
};
use js_sys::{Array, JSON, Promise};
use rexie::{Direction, Index, KeyRange, ObjectStore, Rexie, TransactionMode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction};

use crate::host::DRAINER;
use crate::platform;

/// Queued items, by id. Indexes: `order` [state, order], `natural` naturalKey.
const ITEMS: &str = "items";
/// Receipts of done items, by id.
const RECEIPTS: &str = "receipts";
/// Pushes under way, by [epoch, number].
const FLIGHTS: &str = "flights";
/// Single values, by name: totals, session, epoch, device.
const META: &str = "meta";

/// Counted up with every change of the schema. A version that leaves a store out deletes it: every store stays listed.
const VERSION: u32 = 1;

/// A device's store.
pub struct Store {
    reader: Rexie,
    writer: IdbDatabase,
}

type Stored<T> = Result<T, StoreError>;

impl Store {
    /// Opens the database, making or upgrading it first.
    pub async fn open(name: &str) -> Stored<Store> {
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
        let writer: IdbDatabase =
            settled(&factory.open(name).map_err(failed)?.into()).await?.unchecked_into();
        // A newer version of the app may upgrade: this connection must not stand in its way.
        let connection = writer.clone();
        let close = Closure::<dyn FnMut()>::new(move || connection.close()).into_js_value();
        writer.set_onversionchange(Some(close.unchecked_ref()));
        Ok(Store { reader, writer })
    }

    /// The name under which this device pushes: made once.
    pub async fn device_id(&self) -> Stored<String> {
        let transaction = platform::transaction(&self.writer, &[META], true).map_err(failed)?;
        let meta = transaction.object_store(META).map_err(failed)?;
        if let Some(known) = read(&meta, &"device".into()).await? {
            return Ok(known);
        }
        let fresh = ItemId::new(platform::now(), first_ten(platform::entropy().0)).to_string();
        meta.put_with_key(&fresh.as_str().into(), &"device".into()).map_err(failed)?;
        complete(&transaction).await?;
        Ok(fresh)
    }

    /// Counts the drainers' epoch up. A power cut may take it back, and with it every drainer that knew it.
    pub async fn next_epoch(&self) -> Stored<u64> {
        let transaction = platform::transaction(&self.writer, &[META], false).map_err(failed)?;
        let meta = transaction.object_store(META).map_err(failed)?;
        let epoch = read::<u64>(&meta, &"epoch".into()).await?.unwrap_or(0) + 1;
        meta.put_with_key(&to_js(&epoch)?, &"epoch".into()).map_err(failed)?;
        complete(&transaction).await?;
        Ok(epoch)
    }

    /// Writes a batch: all of it, or nothing. `Ok` means complete, and on the disk where the batch is strict.
    pub async fn write(&self, batch: Batch) -> Result<(), WriteError> {
        // Everything is made ready before the transaction opens: it ends as soon as it has nothing to wait for.
        let puts = batch.put.iter().map(to_js).collect::<Stored<Vec<_>>>()?;
        let receipts = batch.receipts.iter().map(to_js).collect::<Stored<Vec<_>>>()?;
        let session = batch.session.as_ref().map(to_js).transpose()?;
        let stores = [ITEMS, RECEIPTS, FLIGHTS, META];
        let transaction = platform::transaction(&self.writer, &stores, batch.strict()).map_err(failed)?;
        let [items, kept, flights, meta] = stores.map(|name| transaction.object_store(name));
        let (items, kept) = (items.map_err(failed)?, kept.map_err(failed)?);
        let (flights, meta) = (flights.map_err(failed)?, meta.map_err(failed)?);
        for expect in &batch.expect {
            if let Err(error) = check(expect, &batch.remove, &items, &flights, &meta).await {
                let _ = transaction.abort(); // fails only when it is over already
                return Err(error);
            }
        }
        let totals = match batch.totals == Totals::default() {
            true => None,
            false => {
                Some(read::<Totals>(&meta, &"totals".into()).await?.unwrap_or_default().plus(batch.totals))
            }
        };
        // From here on nothing is awaited but the end.
        for id in &batch.remove {
            items.delete(&key(id)).map_err(failed)?;
        }
        for put in &puts {
            items.put(put).map_err(failed)?;
        }
        for receipt in &receipts {
            kept.put(receipt).map_err(failed)?;
        }
        if let Some(totals) = totals {
            meta.put_with_key(&to_js(&totals)?, &"totals".into()).map_err(failed)?;
        }
        if let Some(session) = &session {
            meta.put_with_key(session, &"session".into()).map_err(failed)?;
        }
        if let Some(change) = &batch.flight {
            fly(&flights, change)?;
        }
        Ok(complete(&transaction).await?)
    }

    /// Answers a query from one transaction.
    pub async fn read(&self, query: Query) -> Stored<Found> {
        let stores = [ITEMS, RECEIPTS, FLIGHTS, META];
        let transaction = self.reader.transaction(&stores, TransactionMode::ReadOnly).map_err(rexie)?;
        let [items, receipts, flights, meta] = stores.map(|name| transaction.store(name));
        let (items, receipts) = (items.map_err(rexie)?, receipts.map_err(rexie)?);
        let (flights, meta) = (flights.map_err(rexie)?, meta.map_err(rexie)?);
        Ok(match query {
            Query::Due { now, limit } => Found::Due(due(&items, &meta, now, limit).await?),
            Query::Overview => {
                let totals = named(&meta, "totals").await?.unwrap_or_default();
                let session = named::<Session>(&meta, "session").await?;
                // The lock is asked after the store: waiting for it ends the transaction.
                let draining = platform::is_locked(DRAINER).await;
                Found::Overview(Overview { totals, session, draining })
            }
            Query::One(id) => Found::Rows {
                records: items
                    .get(key(&id))
                    .await
                    .map_err(rexie)?
                    .map(from_js)
                    .transpose()?
                    .into_iter()
                    .collect(),
                receipts: receipts
                    .get(key(&id))
                    .await
                    .map_err(rexie)?
                    .map(from_js)
                    .transpose()?
                    .into_iter()
                    .collect(),
                flights: all(flights.get_all(None, None).await)?,
            },
            Query::Page { shelf, limit, before } => {
                let (mut queued, mut done) = (Vec::new(), Vec::new());
                match shelf {
                    Shelf::Queue => queued = newest(&items, limit, before).await?,
                    Shelf::Done => done = newest(&receipts, limit, before).await?,
                }
                Found::Rows {
                    records: queued,
                    receipts: done,
                    flights: all(flights.get_all(None, None).await)?,
                }
            }
        })
    }
}

async fn due(items: &rexie::Store, meta: &rexie::Store, now: Millis, limit: u32) -> Stored<Window> {
    let order = items.index("order").map_err(rexie)?;
    let state = |state: ItemState| to_js(&state);
    let (pending, retry) = (state(ItemState::Pending)?, state(ItemState::RetryAt)?);
    let lowest = JsValue::from_f64(f64::NEG_INFINITY);
    let highest = JsValue::from_f64(f64::INFINITY);
    let at = JsValue::from_f64(now.0 as f64);
    let range = |state: &JsValue, from: &JsValue, to: &JsValue, open| {
        KeyRange::bound(&Array::of2(state, from), &Array::of2(state, to), Some(open), None)
            .map_err(|error| StoreError::Failed(error.to_string()))
    };
    let mut window = Window {
        due: all(order.get_all(Some(range(&pending, &lowest, &highest, false)?), Some(limit)).await)?,
        ..Window::default()
    };
    let retries: Vec<Record> =
        all(order.get_all(Some(range(&retry, &lowest, &at, false)?), Some(limit)).await)?;
    window.due.extend(retries);
    let later: Vec<Record> = all(order.get_all(Some(range(&retry, &at, &highest, true)?), Some(1)).await)?;
    window.next_due = later.first().map(|record| Millis(record.order.max(0).unsigned_abs()));
    window.totals = named(meta, "totals").await?.unwrap_or_default();
    window.session = named(meta, "session").await?;
    Ok(window)
}

async fn newest<T: DeserializeOwned>(
    store: &rexie::Store,
    limit: u32,
    before: Option<ItemId>,
) -> Stored<Vec<T>> {
    let range = before.map(|id| KeyRange::upper_bound(&key(&id), Some(true))).transpose();
    let range = range.map_err(|error| StoreError::Failed(error.to_string()))?;
    let rows = store.scan(range, Some(limit), None, Some(Direction::Prev)).await.map_err(rexie)?;
    rows.into_iter().map(|(_, value)| from_js(value)).collect()
}

async fn check(
    expect: &Expect,
    removed: &[ItemId],
    items: &IdbObjectStore,
    flights: &IdbObjectStore,
    meta: &IdbObjectStore,
) -> Result<(), WriteError> {
    match expect {
        Expect::Epoch(epoch) => {
            let latest = read::<u64>(meta, &"epoch".into()).await?;
            if latest == Some(*epoch) { Ok(()) } else { Err(WriteError::Fenced) }
        }
        Expect::Queued(ids) => {
            // Asked all at once, awaited one after the other.
            let asked =
                ids.iter().map(|id| items.get_key(&key(id)).map_err(failed)).collect::<Stored<Vec<_>>>()?;
            for request in asked {
                if settled(&request).await?.is_undefined() {
                    return Err(WriteError::Gone);
                }
            }
            Ok(())
        }
        Expect::NoTwin(natural) => {
            let index = items.index("natural").map_err(failed)?;
            let found = settled(&index.get_all_with_key(&to_js(natural)?).map_err(failed)?).await?;
            for value in Array::from(&found).iter() {
                let twin: Record = from_js(value)?;
                if !removed.contains(&twin.id) {
                    return Err(WriteError::Twin(natural.clone(), Box::new(twin)));
                }
            }
            Ok(())
        }
        Expect::NotFlying(id, now) => {
            let found = settled(&flights.get_all().map_err(failed)?).await?;
            for value in Array::from(&found).iter() {
                let flight: Flight = from_js(value)?;
                if flight.until > *now && flight.ids.contains(id) {
                    return Err(WriteError::Flying);
                }
            }
            Ok(())
        }
    }
}

fn fly(flights: &IdbObjectStore, change: &FlightChange) -> Stored<()> {
    let number = |n: u64| JsValue::from_f64(n as f64);
    match change {
        FlightChange::Start(flight) => {
            let earlier = Array::of1(&number(flight.epoch));
            let earlier = IdbKeyRange::upper_bound_with_open(&earlier, true).map_err(failed)?;
            flights.delete(&earlier).map_err(failed)?;
            flights.put(&to_js(flight)?).map_err(failed)?;
        }
        FlightChange::End { epoch, number: n } => {
            flights.delete(&Array::of2(&number(*epoch), &number(*n))).map_err(failed)?;
        }
    }
    Ok(())
}

async fn named<T: DeserializeOwned>(meta: &rexie::Store, name: &str) -> Stored<Option<T>> {
    meta.get(name.into()).await.map_err(rexie)?.map(from_js).transpose()
}

async fn read<T: DeserializeOwned>(store: &IdbObjectStore, key: &JsValue) -> Stored<Option<T>> {
    let value = settled(&store.get(key).map_err(failed)?).await?;
    if value.is_undefined() { Ok(None) } else { from_js(value).map(Some) }
}

fn all<T: DeserializeOwned>(found: rexie::Result<Vec<JsValue>>) -> Stored<Vec<T>> {
    found.map_err(rexie)?.into_iter().map(from_js).collect()
}

/// The result of a request.
async fn settled(request: &IdbRequest) -> Stored<JsValue> {
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
async fn complete(transaction: &IdbTransaction) -> Stored<()> {
    let promise = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(()),
        Err(_) => Err(failed(transaction.error().map(JsValue::from).unwrap_or_default())),
    }
}

fn to_js(value: &impl Serialize) -> Stored<JsValue> {
    let json = serde_json::to_string(value).map_err(|error| StoreError::Failed(error.to_string()))?;
    JSON::parse(&json).map_err(failed)
}

fn from_js<T: DeserializeOwned>(value: JsValue) -> Stored<T> {
    let json = JSON::stringify(&value).map_err(failed)?.as_string().unwrap_or_default();
    serde_json::from_str(&json).map_err(|error| StoreError::Failed(format!("a damaged row: {error}")))
}

fn key(id: &ItemId) -> JsValue {
    id.to_string().into()
}

fn first_ten(entropy: [u8; 16]) -> [u8; 10] {
    let mut ten = [0; 10];
    ten.copy_from_slice(&entropy[..10]);
    ten
}

fn failed(error: JsValue) -> StoreError {
    match platform::name(&error).as_str() {
        "QuotaExceededError" => StoreError::Full,
        _ => StoreError::Failed(platform::words(&error)),
    }
}

fn rexie(error: rexie::Error) -> StoreError {
    let words = error.to_string();
    if words.contains("QuotaExceededError") { StoreError::Full } else { StoreError::Failed(words) }
}
