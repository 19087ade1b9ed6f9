//! Queries, each from one read-only transaction.

use fieldsync_core::protocol::{ItemId, Priority, Sorted};
use fieldsync_core::{
    Found, ItemState, Known, Lane, Leaving, Millis, Overview, Query, Record, Shelf, Standing, Waiter,
    Waiting, Window, lane,
};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbCursorDirection, IdbCursorWithValue, IdbIndex, IdbKeyRange, IdbObjectStore, IdbRequest};

use super::{Asked, Rows, Singles, Store, Stored, Stores, all_settled, key, settled, to_js, value};

impl Store {
    /// Answers a query from one transaction, with rows as they are stored.
    pub(super) async fn look(&self, query: Query) -> Stored<Found> {
        let transaction = self.connection().await?.look()?;
        let Stores { items, receipts, known, flights, metrics, meta } = &Stores::of(&transaction)?;
        Ok(match query {
            Query::Due { by, beyond, lowest, limit, except } => {
                Found::Due(due(items, meta, (by, beyond), lowest, limit, &except).await?)
            }
            Query::Overview => {
                let names = ["totals", "session", "preferences", "unscored", "checked"];
                let mut singles = Singles::of(meta, &names).await?;
                Found::Overview(Overview {
                    totals: singles.next()?.unwrap_or_default(),
                    session: singles.next()?,
                    preferences: singles.next()?.unwrap_or_default(),
                    unscored: singles.next()?,
                    checked: singles.next()?,
                    draining: false,
                })
            }
            Query::Standing => {
                let first = items.get_all_keys_with_key_and_limit(&JsValue::UNDEFINED, 1);
                let first = Array::from(&settled(first).await?).get(0).as_string();
                let oldest = first.and_then(|id| ItemId::parse(&id).ok());
                Found::Standing(Standing { oldest, keys: None })
            }
            Query::Readings(prefix, most) => Found::Known(readings(known, &prefix, most).await?),
            Query::Known { r#type, limit, after } => {
                let r#type = to_js(&r#type)?;
                let from = Array::of2(&r#type, &after.as_ref().map_or_else(|| "".into(), key));
                let range =
                    IdbKeyRange::bound_with_lower_open(&from, &Array::of2(&r#type, &"~".into()), true);
                let index = known.index("type")?;
                let found = index.get_all_with_key_and_limit(&range?.into(), limit);
                Found::Known(Rows::of(&settled(found).await?).all()?)
            }
            Query::Metrics(most) => Found::Metrics(newest(metrics, most, None).await?.all()?),
            Query::One(id) => Found::Rows {
                records: value(items, &key(&id)).await?.all()?,
                receipts: value(receipts, &key(&id)).await?.all()?,
                flights: all(flights).await?.all()?,
            },
            Query::Lanes(of) => {
                let (mut queued, mut done) = (Sorted::new(), Vec::new());
                for of in of {
                    for record in indexed(items, "lane", &of.entity_id).await?.all::<Record>()? {
                        queued.insert(record.id, record);
                    }
                    done.append(&mut value(receipts, &key(&of.id)).await?.all()?);
                }
                Found::Rows { records: queued.into_values().collect(), receipts: done, flights: Vec::new() }
            }
            Query::Lane { entity, depends_on } => {
                let queued = indexed(items, "lane", &entity).await?.all()?;
                let mut lane = Lane { queued: in_order(queued, Record::place), ..Lane::default() };
                lane.known = value(known, &key(&entity)).await?.first()?;
                if let Some(on) = depends_on {
                    lane.receipts = value(receipts, &key(&on)).await?.all()?;
                    lane.dependency_queued = is_queued(items, &on).await?;
                }
                Found::Lane(lane)
            }
            Query::Waiting(leaving) => {
                let totals = Singles::of(meta, &["totals"]).await?.next()?.unwrap_or_default();
                Found::Waiting(Waiting { waiters: waiters(items, &leaving).await?, totals })
            }
            Query::Page { shelf, state, limit, before } => {
                let (mut queued, mut done) = (Vec::new(), Vec::new());
                match (shelf, state) {
                    (Shelf::Queue, Some(state)) => {
                        queued = newest_in(items, state, limit, before).await?.all()?
                    }
                    (Shelf::Queue, None) => queued = newest(items, limit, before).await?.all()?,
                    (Shelf::Done, _) => done = newest(receipts, limit, before).await?.all()?,
                }
                Found::Rows { records: queued, receipts: done, flights: all(flights).await?.all()? }
            }
        })
    }
}

/// The readings whose natural keys begin like this, the last period first.
async fn readings(known: &IdbObjectStore, prefix: &str, most: u32) -> Stored<Vec<Known>> {
    let range = IdbKeyRange::bound(&prefix.into(), &format!("{prefix}~").into())?;
    let index = known.index("natural")?;
    let request = index.open_cursor_with_range_and_direction(&range, IdbCursorDirection::Prev)?;
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
    let index = store.index(index)?;
    Ok(Rows::of(&settled(index.get_all_with_key(&key(id))).await?))
}

async fn all(store: &IdbObjectStore) -> Stored<Rows> {
    Ok(Rows::of(&settled(store.get_all()).await?))
}

async fn is_queued(items: &IdbObjectStore, id: &ItemId) -> Stored<bool> {
    Ok(!settled(items.get_key(&key(id))).await?.is_undefined())
}

/// Part of the queue in an order that is an index: all of a state, or of a state and an urgency.
struct Scope {
    index: IdbIndex,
    prefix: Vec<JsValue>,
}

impl Scope {
    /// Those of this state that are urgent enough.
    fn of(items: &IdbObjectStore, state: ItemState, lowest: Priority) -> Stored<Vec<Scope>> {
        let scope = |index, prefix: Vec<JsValue>| Ok(Scope { index: items.index(index)?, prefix });
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
    fn ask(&self, from: f64, to: f64, open: bool, limit: u32) -> Asked {
        let bound = |order: f64| self.prefix.iter().cloned().chain([order.into()]).collect::<Array>();
        let range = IdbKeyRange::bound_with_lower_open(&bound(from), &bound(to), open)?;
        self.index.get_all_with_key_and_limit(&range, limit)
    }
}

/// The first of several scopes together.
async fn merged(asked: Vec<Asked>, limit: u32, except: &[ItemId]) -> Stored<Vec<Record>> {
    let mut found: Vec<Record> = Vec::new();
    for rows in all_settled(asked).await? {
        found.extend(Rows::of(&rows).all::<Record>()?);
    }
    found.retain(|record| !except.contains(&record.id));
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
    except: &[ItemId],
) -> Stored<Window> {
    let most = limit + u32::try_from(except.len()).unwrap_or_default();
    let (by, beyond) = (by.0 as f64, beyond.0 as f64);
    let pending = Scope::of(items, ItemState::Pending, lowest)?;
    let retries = Scope::of(items, ItemState::RetryAt, lowest)?;
    let ask = |scopes: &[Scope], from, to, open, limit| {
        scopes.iter().map(|scope| scope.ask(from, to, open, limit)).collect::<Vec<_>>()
    };
    // Asked all at once, awaited one after the other.
    let first = ask(&pending, f64::NEG_INFINITY, f64::INFINITY, false, most);
    let tried = ask(&retries, f64::NEG_INFINITY, by, false, most);
    let lost = ask(&retries, beyond, f64::INFINITY, true, most);
    // Nothing lies between two equal bounds, and IndexedDB refuses to look.
    let later = if by < beyond { ask(&retries, by, beyond, true, 1) } else { Vec::new() };
    let mut window = Window { due: merged(first, limit, except).await?, ..Window::default() };
    let tried = merged(tried, limit, except).await?;
    let room = limit - u32::try_from(tried.len()).unwrap_or(limit);
    window.due.extend(tried);
    window.due.extend(merged(lost, room, except).await?);
    let later = merged(later, 1, except).await?;
    window.next_due = later.first().map(|record| Millis(record.order.max(0).unsigned_abs()));
    let mut singles = Singles::of(meta, &["totals", "session", "preferences", "unscored"]).await?;
    window.totals = singles.next()?.unwrap_or_default();
    window.session = singles.next()?;
    window.preferences = singles.next()?.unwrap_or_default();
    window.unscored = singles.next()?;
    Ok(window)
}

async fn newest(store: &IdbObjectStore, limit: u32, before: Option<ItemId>) -> Stored<Rows> {
    let range = match before {
        Some(id) => IdbKeyRange::upper_bound_with_open(&key(&id), true)?.into(),
        None => JsValue::UNDEFINED,
    };
    let request = store.open_cursor_with_range_and_direction(&range, IdbCursorDirection::Prev)?;
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
    let range = IdbKeyRange::bound_with_lower_open_and_upper_open(&Array::of1(&state), &to, false, true)?;
    let index = items.index("state")?;
    let request = index.open_cursor_with_range_and_direction(&range, IdbCursorDirection::Prev)?;
    walked(&request, limit).await
}

/// What a cursor comes to, at most so many.
async fn walked(request: &IdbRequest, limit: u32) -> Stored<Rows> {
    let mut found = Vec::new();
    while found.len() < limit as usize {
        let Ok(cursor) = settled(Ok(request.clone())).await?.dyn_into::<IdbCursorWithValue>() else { break };
        found.push(cursor.value()?);
        cursor.continue_()?;
    }
    Ok(Rows(found))
}
