//! Queries, each from one read-only transaction.

use fieldsync_core::protocol::{ItemId, Priority, Sorted};
use fieldsync_core::{
    Found, ItemState, Known, Lane, Leaving, Millis, Overview, Query, Record, Session, Shelf, Waiter, Waiting,
    Window, lane,
};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbCursorDirection, IdbCursorWithValue, IdbIndex, IdbKeyRange, IdbObjectStore, IdbRequest};

use super::schema::STORES;
use super::{Rows, Store, Stored, failed, key, settled, to_js, value};

impl Store {
    /// Answers a query from one transaction.
    pub async fn read(&self, query: Query) -> Stored<Found> {
        let transaction = self.connection().await?.look()?;
        let [items, receipts, known, flights, metrics, meta] =
            STORES.map(|name| transaction.object_store(name));
        let (items, receipts, known) =
            (items.map_err(failed)?, receipts.map_err(failed)?, known.map_err(failed)?);
        let (flights, metrics, meta) =
            (flights.map_err(failed)?, metrics.map_err(failed)?, meta.map_err(failed)?);
        Ok(match query {
            Query::Due { by, beyond, lowest, limit } => {
                Found::Due(due(&items, &meta, (by, beyond), lowest, limit).await?)
            }
            Query::Overview => {
                let totals = value(&meta, &"totals".into()).await?.first()?.unwrap_or_default();
                let session = value(&meta, &"session".into()).await?.first::<Session>()?;
                let preferences = value(&meta, &"preferences".into()).await?.first()?.unwrap_or_default();
                let unscored = value(&meta, &"unscored".into()).await?.first()?;
                Found::Overview(Overview { totals, session, preferences, unscored, draining: false })
            }
            Query::Readings(prefix, most) => Found::Known(readings(&known, &prefix, most).await?),
            Query::Known { r#type, limit, after } => {
                let r#type = to_js(&r#type)?;
                let from = Array::of2(&r#type, &after.as_ref().map_or_else(|| "".into(), key));
                let range =
                    IdbKeyRange::bound_with_lower_open(&from, &Array::of2(&r#type, &"~".into()), true);
                let index = known.index("type").map_err(failed)?;
                let found = index
                    .get_all_with_key_and_limit(&range.map_err(failed)?.into(), limit)
                    .map_err(failed)?;
                Found::Known(Rows::of(&settled(&found).await?).all()?)
            }
            Query::Metrics(most) => Found::Metrics(newest(&metrics, most, None).await?.all()?),
            Query::One(id) => Found::Rows {
                records: value(&items, &key(&id)).await?.all()?,
                receipts: value(&receipts, &key(&id)).await?.all()?,
                flights: Rows::of(&settled(&flights.get_all().map_err(failed)?).await?).all()?,
            },
            Query::Lane { entity, depends_on } => {
                let queued = indexed(&items, "lane", &entity).await?.all()?;
                let mut lane = Lane { queued: in_order(queued, Record::place), ..Lane::default() };
                lane.known = value(&known, &key(&entity)).await?.first()?;
                if let Some(on) = depends_on {
                    lane.receipts = value(&receipts, &key(&on)).await?.all()?;
                    lane.dependency_queued = is_queued(&items, &on).await?;
                }
                Found::Lane(lane)
            }
            Query::Waiting(leaving) => {
                let totals = value(&meta, &"totals".into()).await?.first()?.unwrap_or_default();
                Found::Waiting(Waiting { waiters: waiters(&items, &leaving).await?, totals })
            }
            Query::Page { shelf, state, limit, before } => {
                let (mut queued, mut done) = (Vec::new(), Vec::new());
                match (shelf, state) {
                    (Shelf::Queue, Some(state)) => {
                        queued = newest_in(&items, state, limit, before).await?.all()?
                    }
                    (Shelf::Queue, None) => queued = newest(&items, limit, before).await?.all()?,
                    (Shelf::Done, _) => done = newest(&receipts, limit, before).await?.all()?,
                }
                Found::Rows {
                    records: queued,
                    receipts: done,
                    flights: Rows::of(&settled(&flights.get_all().map_err(failed)?).await?).all()?,
                }
            }
        })
    }
}

/// The readings whose natural keys begin like this, the last period first.
async fn readings(known: &IdbObjectStore, prefix: &str, most: u32) -> Stored<Vec<Known>> {
    let range = IdbKeyRange::bound(&prefix.into(), &format!("{prefix}~").into()).map_err(failed)?;
    let index = known.index("natural").map_err(failed)?;
    let request =
        index.open_cursor_with_range_and_direction(&range, IdbCursorDirection::Prev).map_err(failed)?;
    walked(&request, most).await?.all()
}

/// Who waits for these to leave. An entry's lane is short, and few entries wait.
async fn waiters(items: &IdbObjectStore, leaving: &[Leaving]) -> Stored<Vec<Waiter>> {
    let mut waiters = Sorted::new();
    for left in leaving {
        let behind: Vec<Record> = indexed(items, "lane", &left.entity_id).await?.all()?;
        let dependents: Vec<Record> = indexed(items, "dependency", &left.id).await?.all()?;
        for record in behind.into_iter().chain(dependents) {
            if record.state != ItemState::Blocked || waiters.contains_key(&record.id) {
                continue;
            }
            let lane: Vec<Record> = indexed(items, "lane", &record.entity_id).await?.all()?;
            let (id, on) = (record.id, record.depends_on);
            let dependency_queued = match on.filter(|on| leaving.iter().all(|left| left.id != *on)) {
                Some(on) => is_queued(items, &on).await?,
                None => false,
            };
            if let Some(waiter) = lane::waiter(record, &lane, leaving, dependency_queued) {
                waiters.insert(id, waiter);
            }
        }
    }
    Ok(waiters.into_values().collect())
}

async fn indexed(store: &IdbObjectStore, index: &str, id: &ItemId) -> Stored<Rows> {
    let index = store.index(index).map_err(failed)?;
    Ok(Rows::of(&settled(&index.get_all_with_key(&key(id)).map_err(failed)?).await?))
}

async fn is_queued(items: &IdbObjectStore, id: &ItemId) -> Stored<bool> {
    Ok(!settled(&items.get_key(&key(id)).map_err(failed)?).await?.is_undefined())
}

/// Part of the queue in an order that is an index: all of a state, or of a state and an urgency.
struct Scope {
    index: IdbIndex,
    prefix: Vec<JsValue>,
}

impl Scope {
    /// Those of this state that are urgent enough.
    fn of(items: &IdbObjectStore, state: ItemState, lowest: Priority) -> Stored<Vec<Scope>> {
        let scope =
            |index, prefix: Vec<JsValue>| Ok(Scope { index: items.index(index).map_err(failed)?, prefix });
        if lowest == Priority::Low {
            return Ok(vec![scope("order", vec![to_js(&state)?])?]);
        }
        [Priority::High, Priority::Normal]
            .into_iter()
            .filter(|priority| *priority <= lowest)
            .map(|priority| scope("urgency", vec![to_js(&state)?, to_js(&priority)?]))
            .collect()
    }

    /// The first of it in order from one bound, which may be left out, to the other.
    fn ask(&self, from: f64, to: f64, open: bool, limit: u32) -> Stored<IdbRequest> {
        let bound = |order: f64| self.prefix.iter().cloned().chain([order.into()]).collect::<Array>();
        let range = IdbKeyRange::bound_with_lower_open(&bound(from), &bound(to), open).map_err(failed)?;
        self.index.get_all_with_key_and_limit(&range, limit).map_err(failed)
    }
}

/// The first of several scopes together.
async fn merged(asked: Vec<IdbRequest>, limit: u32) -> Stored<Vec<Record>> {
    let mut found: Vec<Record> = Vec::new();
    for request in asked {
        found.extend(Rows::of(&settled(&request).await?).all::<Record>()?);
    }
    found = in_order(found, |record| (record.order, record.id));
    found.truncate(limit as usize);
    Ok(found)
}

/// Sorted by an unlike key each; what the index gave is in order already, or nearly so.
fn in_order<K: Ord>(records: Vec<Record>, key: impl Fn(&Record) -> K) -> Vec<Record> {
    records
        .into_iter()
        .map(|record| (key(&record), record))
        .collect::<Sorted<K, Record>>()
        .into_values()
        .collect()
}

async fn due(
    items: &IdbObjectStore,
    meta: &IdbObjectStore,
    (by, beyond): (Millis, Millis),
    lowest: Priority,
    limit: u32,
) -> Stored<Window> {
    let (by, beyond) = (by.0 as f64, beyond.0 as f64);
    let pending = Scope::of(items, ItemState::Pending, lowest)?;
    let retries = Scope::of(items, ItemState::RetryAt, lowest)?;
    let ask = |scopes: &[Scope], from, to, open, limit| {
        scopes.iter().map(|scope| scope.ask(from, to, open, limit)).collect::<Stored<Vec<_>>>()
    };
    // Asked all at once, awaited one after the other.
    let first = ask(&pending, f64::NEG_INFINITY, f64::INFINITY, false, limit)?;
    let tried = ask(&retries, f64::NEG_INFINITY, by, false, limit)?;
    let lost = ask(&retries, beyond, f64::INFINITY, true, limit)?;
    // Nothing lies between two equal bounds, and IndexedDB refuses to look.
    let later = if by < beyond { ask(&retries, by, beyond, true, 1)? } else { Vec::new() };
    let mut window = Window { due: merged(first, limit).await?, ..Window::default() };
    let tried = merged(tried, limit).await?;
    let room = limit - u32::try_from(tried.len()).unwrap_or(limit);
    window.due.extend(tried);
    window.due.extend(merged(lost, room).await?);
    let later = merged(later, 1).await?;
    window.next_due = later.first().map(|record| Millis(record.order.max(0).unsigned_abs()));
    window.totals = value(meta, &"totals".into()).await?.first()?.unwrap_or_default();
    window.session = value(meta, &"session".into()).await?.first()?;
    window.preferences = value(meta, &"preferences".into()).await?.first()?.unwrap_or_default();
    window.unscored = value(meta, &"unscored".into()).await?.first()?;
    Ok(window)
}

async fn newest(store: &IdbObjectStore, limit: u32, before: Option<ItemId>) -> Stored<Rows> {
    let range = match before {
        Some(id) => IdbKeyRange::upper_bound_with_open(&key(&id), true).map_err(failed)?.into(),
        None => JsValue::UNDEFINED,
    };
    let request =
        store.open_cursor_with_range_and_direction(&range, IdbCursorDirection::Prev).map_err(failed)?;
    walked(&request, limit).await
}

/// The same of those in one state.
async fn newest_in(
    items: &IdbObjectStore,
    state: ItemState,
    limit: u32,
    before: Option<ItemId>,
) -> Stored<Rows> {
    let state = to_js(&state)?;
    let to = Array::of2(&state, &before.as_ref().map_or_else(|| "~".into(), key));
    let range = IdbKeyRange::bound_with_lower_open_and_upper_open(&Array::of1(&state), &to, false, true)
        .map_err(failed)?;
    let index = items.index("state").map_err(failed)?;
    let request =
        index.open_cursor_with_range_and_direction(&range, IdbCursorDirection::Prev).map_err(failed)?;
    walked(&request, limit).await
}

/// What a cursor comes to, at most so many.
async fn walked(request: &IdbRequest, limit: u32) -> Stored<Rows> {
    let mut found = Vec::new();
    while found.len() < limit as usize {
        let Ok(cursor) = settled(request).await?.dyn_into::<IdbCursorWithValue>() else { break };
        found.push(cursor.value().map_err(failed)?);
        cursor.continue_().map_err(failed)?;
    }
    Ok(Rows(found))
}
