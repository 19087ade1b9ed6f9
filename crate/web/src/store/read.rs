//! Queries, each from one read-only transaction.

use fieldsync_core::protocol::ItemId;
use fieldsync_core::{Found, ItemState, Millis, Overview, Query, Record, Session, Shelf, StoreError, Window};
use js_sys::Array;
use rexie::{Direction, KeyRange, TransactionMode};
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::{FLIGHTS, ITEMS, META, RECEIPTS, Store, Stored, from_js, key, rexie, to_js};

impl Store {
    /// Answers a query from one transaction.
    pub async fn read(&self, query: Query) -> Stored<Found> {
        let stores = [ITEMS, RECEIPTS, FLIGHTS, META];
        let connection = self.connection().await?;
        let transaction =
            connection.reader.transaction(&stores, TransactionMode::ReadOnly).map_err(|error| {
                connection.lost.set(true);
                rexie(error)
            })?;
        let [items, receipts, flights, meta] = stores.map(|name| transaction.store(name));
        let (items, receipts) = (items.map_err(rexie)?, receipts.map_err(rexie)?);
        let (flights, meta) = (flights.map_err(rexie)?, meta.map_err(rexie)?);
        Ok(match query {
            Query::Due { by, beyond, limit } => Found::Due(due(&items, &meta, by, beyond, limit).await?),
            Query::Overview => {
                let totals = named(&meta, "totals").await?.unwrap_or_default();
                let session = named::<Session>(&meta, "session").await?;
                Found::Overview(Overview { totals, session, draining: false })
            }
            Query::One(id) => Found::Rows {
                records: one(&items, &id).await?,
                receipts: one(&receipts, &id).await?,
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

async fn due(
    items: &rexie::Store,
    meta: &rexie::Store,
    by: Millis,
    beyond: Millis,
    limit: u32,
) -> Stored<Window> {
    let order = items.index("order").map_err(rexie)?;
    let state = |state: ItemState| to_js(&state);
    let (pending, retry) = (state(ItemState::Pending)?, state(ItemState::RetryAt)?);
    let lowest = JsValue::from_f64(f64::NEG_INFINITY);
    let highest = JsValue::from_f64(f64::INFINITY);
    let at = JsValue::from_f64(by.0 as f64);
    let far = JsValue::from_f64(beyond.0 as f64);
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
    let lost: Vec<Record> =
        all(order.get_all(Some(range(&retry, &far, &highest, true)?), Some(limit)).await)?;
    let room = (limit as usize).saturating_sub(retries.len());
    window.due.extend(retries);
    window.due.extend(lost.into_iter().take(room));
    // Nothing lies between two equal bounds, and IndexedDB refuses to look.
    let later: Vec<Record> = match by < beyond {
        true => all(order.get_all(Some(range(&retry, &at, &far, true)?), Some(1)).await)?,
        false => Vec::new(),
    };
    window.next_due = later.first().map(|record| Millis(record.order.max(0).unsigned_abs()));
    window.totals = named(meta, "totals").await?.unwrap_or_default();
    window.session = named(meta, "session").await?;
    Ok(window)
}

async fn one<T: DeserializeOwned>(store: &rexie::Store, id: &ItemId) -> Stored<Vec<T>> {
    let found = store.get(key(id)).await.map_err(rexie)?;
    found.into_iter().map(from_js).collect()
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

async fn named<T: DeserializeOwned>(meta: &rexie::Store, name: &str) -> Stored<Option<T>> {
    meta.get(name.into()).await.map_err(rexie)?.map(from_js).transpose()
}

fn all<T: DeserializeOwned>(found: rexie::Result<Vec<JsValue>>) -> Stored<Vec<T>> {
    found.map_err(rexie)?.into_iter().map(from_js).collect()
}
