//! Batches, each in one read-write transaction: checked, pipelined, all or nothing.

use fieldsync_core::protocol::ItemId;
use fieldsync_core::protocol::write::Write;
use fieldsync_core::{
    Batch, Expect, Expire, Flight, FlightChange, Known, Millis, Preferences, Record, StoreError, Totals,
    WriteError,
};
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{IdbKeyRange, IdbObjectStore};

use super::schema::STORES;
use super::{Asked, Rows, Store, Stored, Stores, all_settled, complete, key, settled, to_js};
use crate::platform;

impl Store {
    /// Writes a batch whose rows are as they are to be stored; where there is no room for it, into what was kept free.
    pub(super) async fn put(&self, batch: &Batch) -> Result<(), WriteError> {
        match self.put_once(batch).await {
            Err(WriteError::Store(StoreError::Full)) if batch.may_use_reserve() => {
                platform::release_reserve().await;
                self.put_once(batch).await // also where somebody else was quicker to give it up
            }
            done => done,
        }
    }

    async fn put_once(&self, batch: &Batch) -> Result<(), WriteError> {
        // Everything is made ready before the transaction opens: it ends as soon as it has nothing to wait for.
        let puts = all_to_js(batch.put.iter().map(|record| record as _).collect())?;
        let receipts = all_to_js(batch.receipts.iter().map(|receipt| receipt as _).collect())?;
        let learned = all_to_js(batch.known.iter().map(|known| known as _).collect())?;
        let session = batch.session.as_ref().map(|it| to_js(it)).transpose()?;
        let checked = batch.checked.as_ref().map(|it| to_js(it)).transpose()?;
        let preferences = batch.preferences.as_ref().map(|it| to_js(it)).transpose()?;
        let figures = batch.metrics.as_ref().map(|it| to_js(it)).transpose()?;
        let unscored = batch.unscored.map(|before| before.as_ref().map(key));
        let transaction = self.connection().await?.begin(&STORES, batch.strict())?;
        let Stores { items, receipts: kept, known, flights, metrics, meta } = &Stores::of(&transaction)?;
        // All questions are asked at once, so that an entry costs one way to the disk and not one for each of them.
        let within = [items, known, flights, meta];
        let asked = batch.expect.iter().map(|expect| ask(expect, within)).collect::<Stored<Vec<_>>>()?;
        let totals = match batch.totals == Totals::default() {
            true => None,
            false => Some(meta.get(&"totals".into())),
        };
        let epoch = match batch.hand_over {
            true => Some(meta.get(&"epoch".into())),
            false => None,
        };
        for (expect, asked) in batch.expect.iter().zip(asked) {
            let answers = all_settled(asked).await?;
            if let Err(error) = check(expect, &batch.remove, &answers) {
                let _ = transaction.abort(); // fails only when it is over already
                return Err(error);
            }
        }
        let totals = match totals {
            Some(asked) => {
                let totals: Totals = Rows::one(settled(asked).await?).first()?.unwrap_or_default();
                Some(totals.plus(batch.totals))
            }
            None => None,
        };
        let next_epoch = match epoch {
            Some(asked) => Some(Rows::one(settled(asked).await?).first()?.unwrap_or(0_u64) + 1),
            None => None,
        };
        if let Some(expire) = &batch.expire {
            forget(kept, "at", expire.receipts).await?;
            forget(metrics, "start", expire.metrics).await?;
        }
        // From here on nothing is awaited but the end. What fails half-way is taken back: left alone, it would commit.
        let put = || -> Stored<()> {
            for id in &batch.remove {
                items.delete(&key(id))?;
            }
            for put in &puts {
                items.put(put)?;
            }
            for receipt in &receipts {
                kept.put(receipt)?;
            }
            if let Some(epoch) = next_epoch {
                meta.put_with_key(&to_js(&epoch)?, &"epoch".into())?;
                kept.clear()?;
                metrics.clear()?;
            }
            if batch.known_anew || batch.hand_over {
                known.clear()?;
            }
            for entity in &learned {
                known.put(entity)?;
            }
            for entity in &batch.forget {
                known.delete(&key(entity))?;
            }
            if let Some(totals) = totals {
                meta.put_with_key(&to_js(&totals)?, &"totals".into())?;
            }
            if let Some(session) = &session {
                meta.put_with_key(session, &"session".into())?;
            }
            if let Some(checked) = &checked {
                meta.put_with_key(checked, &"checked".into())?;
            }
            if let Some(preferences) = &preferences {
                meta.put_with_key(preferences, &"preferences".into())?;
            }
            if batch.erase_metrics {
                metrics.clear()?;
            }
            if let Some(figures) = &figures {
                metrics.put(figures)?;
            }
            match &unscored {
                Some(Some(before)) => {
                    meta.put_with_key(before, &"unscored".into())?;
                }
                Some(None) => {
                    meta.delete(&"unscored".into())?;
                }
                None => {}
            }
            if let Some(change) = &batch.flight {
                fly(flights, change)?;
            }
            Ok(())
        };
        if let Err(error) = put() {
            let _ = transaction.abort(); // fails only when it is over already
            return Err(error.into());
        }
        Ok(complete(&transaction).await?)
    }
}

fn all_to_js(rows: Vec<&dyn Write>) -> Stored<Vec<JsValue>> {
    rows.into_iter().map(to_js).collect()
}

/// Asks what an expectation is about.
fn ask(expect: &Expect, [items, known, flights, meta]: [&IdbObjectStore; 4]) -> Stored<Vec<Asked>> {
    let natural = |store: &IdbObjectStore, key: &JsValue| store.index("natural")?.get_all_with_key(key);
    Ok(match expect {
        Expect::NothingQueued => vec![items.count()],
        Expect::Epoch(_) => vec![meta.get(&"epoch".into())],
        Expect::Queued(ids) => ids.iter().map(|id| items.get_key(&key(id))).collect(),
        Expect::Still(id, _) => vec![items.get(&key(id))],
        Expect::Preferences(_) => vec![meta.get(&"preferences".into())],
        Expect::Lanes(_) => vec![meta.get(&"totals".into())],
        Expect::LaneFree(entity) => {
            vec![items.index("lane").and_then(|lane| lane.get_all_keys_with_key(&key(entity)))]
        }
        Expect::NoTwin(twin, _) => {
            let twin = to_js(twin)?;
            vec![natural(items, &twin), natural(known, &twin)]
        }
        Expect::NotFlying(..) => vec![flights.get_all()],
    })
}

/// Whether it holds, by the answers to what was asked.
fn check(expect: &Expect, removed: &[ItemId], answers: &[JsValue]) -> Result<(), WriteError> {
    let holds = |holds: bool| if holds { Ok(()) } else { Err(WriteError::Changed) };
    let the = |nth: usize| answers.get(nth).cloned().unwrap_or_default();
    match expect {
        Expect::NothingQueued => holds(the(0).as_f64() == Some(0.0)),
        Expect::Epoch(epoch) => {
            if Rows::one(the(0)).first()? == Some(*epoch) {
                Ok(())
            } else {
                Err(WriteError::Fenced)
            }
        }
        Expect::Queued(_) => {
            if answers.iter().any(JsValue::is_undefined) {
                Err(WriteError::Gone)
            } else {
                Ok(())
            }
        }
        Expect::Still(_, state) => {
            let found: Record = Rows::one(the(0)).first()?.ok_or(WriteError::Gone)?;
            holds(found.state == *state)
        }
        Expect::Preferences(changes) => {
            let found: Preferences = Rows::one(the(0)).first()?.unwrap_or_default();
            holds(found.changes == *changes)
        }
        Expect::Lanes(changes) => {
            let found: Totals = Rows::one(the(0)).first()?.unwrap_or_default();
            holds(found.lane_changes == *changes)
        }
        Expect::LaneFree(_) => {
            let is_removed = |id: &JsValue| removed.iter().any(|removed| key(removed) == *id);
            holds(Array::from(&the(0)).iter().all(|id| is_removed(&id)))
        }
        Expect::NoTwin(natural, entity) => {
            for twin in Rows::of(&the(0)).all::<Record>()? {
                if twin.entity_id != *entity && !removed.contains(&twin.id) {
                    return Err(WriteError::Twin(natural.clone(), Box::new(twin)));
                }
            }
            for theirs in Rows::of(&the(1)).all::<Known>()? {
                if theirs.entity_id != *entity {
                    return Err(WriteError::Known(natural.clone(), Box::new(theirs)));
                }
            }
            Ok(())
        }
        Expect::NotFlying(id, now) => {
            for flight in Rows::of(&the(0)).all::<Flight>()? {
                if flight.is_live(*now) && flight.ids.contains(id) {
                    return Err(WriteError::Flying);
                }
            }
            Ok(())
        }
    }
}

/// Deletes what an index has before this time, the oldest first.
async fn forget(store: &IdbObjectStore, index: &str, before: Millis) -> Stored<()> {
    let old = IdbKeyRange::upper_bound_with_open(&(before.0 as f64).into(), true)?;
    let index = store.index(index)?;
    let found = index.get_all_keys_with_key_and_limit(&old, Expire::MOST);
    for key in Array::from(&settled(found).await?).iter() {
        store.delete(&key)?;
    }
    Ok(())
}

fn fly(flights: &IdbObjectStore, change: &FlightChange) -> Stored<()> {
    let number = |n: u64| JsValue::from_f64(n as f64);
    match change {
        FlightChange::Start(flight) => {
            let earlier = Array::of1(&number(flight.epoch));
            let earlier = IdbKeyRange::upper_bound_with_open(&earlier, true)?;
            flights.delete(&earlier)?;
            flights.put(&to_js(flight)?)?;
        }
        FlightChange::End { epoch, number: n } => {
            flights.delete(&Array::of2(&number(*epoch), &number(*n)))?;
        }
    }
    Ok(())
}
