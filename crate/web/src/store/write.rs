//! Batches, each in one read-write transaction: checked, pipelined, all or nothing.

use fieldsync_core::protocol::ItemId;
use fieldsync_core::{
    Batch, Expect, Expire, Flight, FlightChange, Known, Millis, Preferences, Record, Totals, WriteError,
};
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{IdbKeyRange, IdbObjectStore};

use super::schema::STORES;
use super::{Store, Stored, complete, failed, from_js, key, settled, to_js, value};

impl Store {
    /// Writes a batch: all of it, or nothing. `Ok` means complete, and on the disk where the batch is strict.
    pub async fn write(&self, batch: Batch) -> Result<(), WriteError> {
        // Everything is made ready before the transaction opens: it ends as soon as it has nothing to wait for.
        let puts = batch.put.iter().map(to_js).collect::<Stored<Vec<_>>>()?;
        let receipts = batch.receipts.iter().map(to_js).collect::<Stored<Vec<_>>>()?;
        let learned = batch.known.iter().map(to_js).collect::<Stored<Vec<_>>>()?;
        let session = batch.session.as_ref().map(to_js).transpose()?;
        let preferences = batch.preferences.as_ref().map(to_js).transpose()?;
        let figures = batch.metrics.as_ref().map(to_js).transpose()?;
        let unscored = batch.unscored.map(|before| before.as_ref().map(key));
        let transaction = self.connection().await?.begin(&STORES, batch.strict())?;
        let [items, kept, known, flights, metrics, meta] = STORES.map(|name| transaction.object_store(name));
        let (items, kept, metrics) =
            (items.map_err(failed)?, kept.map_err(failed)?, metrics.map_err(failed)?);
        let (known, flights) = (known.map_err(failed)?, flights.map_err(failed)?);
        let meta = meta.map_err(failed)?;
        for expect in &batch.expect {
            if let Err(error) = check(expect, &batch.remove, [&items, &known, &flights, &meta]).await {
                let _ = transaction.abort(); // fails only when it is over already
                return Err(error);
            }
        }
        let totals = match batch.totals == Totals::default() {
            true => None,
            false => {
                Some(value::<Totals>(&meta, &"totals".into()).await?.unwrap_or_default().plus(batch.totals))
            }
        };
        let next_epoch = match batch.hand_over {
            true => Some(value::<u64>(&meta, &"epoch".into()).await?.unwrap_or(0) + 1),
            false => None,
        };
        if let Some(expire) = &batch.expire {
            forget(&kept, "at", expire.receipts).await?;
            forget(&metrics, "start", expire.metrics).await?;
        }
        // From here on nothing is awaited but the end. What fails half-way is taken back: left alone, it would commit.
        let put = || -> Stored<()> {
            for id in &batch.remove {
                items.delete(&key(id)).map_err(failed)?;
            }
            for put in &puts {
                items.put(put).map_err(failed)?;
            }
            for receipt in &receipts {
                kept.put(receipt).map_err(failed)?;
            }
            if let Some(epoch) = next_epoch {
                meta.put_with_key(&to_js(&epoch)?, &"epoch".into()).map_err(failed)?;
                kept.clear().map_err(failed)?;
                metrics.clear().map_err(failed)?;
            }
            if batch.known_anew || batch.hand_over {
                known.clear().map_err(failed)?;
            }
            for entity in &learned {
                known.put(entity).map_err(failed)?;
            }
            for entity in &batch.forget {
                known.delete(&key(entity)).map_err(failed)?;
            }
            if let Some(totals) = totals {
                meta.put_with_key(&to_js(&totals)?, &"totals".into()).map_err(failed)?;
            }
            if let Some(session) = &session {
                meta.put_with_key(session, &"session".into()).map_err(failed)?;
            }
            if let Some(preferences) = &preferences {
                meta.put_with_key(preferences, &"preferences".into()).map_err(failed)?;
            }
            if batch.erase_metrics {
                metrics.clear().map_err(failed)?;
            }
            if let Some(figures) = &figures {
                metrics.put(figures).map_err(failed)?;
            }
            match &unscored {
                Some(Some(before)) => {
                    meta.put_with_key(before, &"unscored".into()).map_err(failed)?;
                }
                Some(None) => {
                    meta.delete(&"unscored".into()).map_err(failed)?;
                }
                None => {}
            }
            if let Some(change) = &batch.flight {
                fly(&flights, change)?;
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

async fn check(
    expect: &Expect,
    removed: &[ItemId],
    [items, known, flights, meta]: [&IdbObjectStore; 4],
) -> Result<(), WriteError> {
    match expect {
        Expect::NothingQueued => {
            let queued = settled(&items.count().map_err(failed)?).await?;
            if queued.as_f64() == Some(0.0) { Ok(()) } else { Err(WriteError::Changed) }
        }
        Expect::Epoch(epoch) => {
            let latest = value::<u64>(meta, &"epoch".into()).await?;
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
        Expect::Still(id, state) => {
            let found: Record = value(items, &key(id)).await?.ok_or(WriteError::Gone)?;
            if found.state == *state { Ok(()) } else { Err(WriteError::Changed) }
        }
        Expect::Preferences(changes) => {
            let preferences = value::<Preferences>(meta, &"preferences".into()).await?.unwrap_or_default();
            if preferences.changes == *changes { Ok(()) } else { Err(WriteError::Changed) }
        }
        Expect::Lanes(changes) => {
            let totals = value::<Totals>(meta, &"totals".into()).await?.unwrap_or_default();
            if totals.lane_changes == *changes { Ok(()) } else { Err(WriteError::Changed) }
        }
        Expect::LaneFree(entity) => {
            let index = items.index("lane").map_err(failed)?;
            let found = settled(&index.get_all_keys_with_key(&key(entity)).map_err(failed)?).await?;
            let removed = |id: &JsValue| removed.iter().any(|removed| key(removed) == *id);
            if Array::from(&found).iter().all(|id| removed(&id)) { Ok(()) } else { Err(WriteError::Changed) }
        }
        Expect::NoTwin(natural, entity) => {
            let index = items.index("natural").map_err(failed)?;
            let found = settled(&index.get_all_with_key(&to_js(natural)?).map_err(failed)?).await?;
            for value in Array::from(&found).iter() {
                let twin: Record = from_js(value)?;
                if twin.entity_id != *entity && !removed.contains(&twin.id) {
                    return Err(WriteError::Twin(natural.clone(), Box::new(twin)));
                }
            }
            let index = known.index("natural").map_err(failed)?;
            let found = settled(&index.get_all_with_key(&to_js(natural)?).map_err(failed)?).await?;
            for value in Array::from(&found).iter() {
                let theirs: Known = from_js(value)?;
                if theirs.entity_id != *entity {
                    return Err(WriteError::Known(natural.clone(), Box::new(theirs)));
                }
            }
            Ok(())
        }
        Expect::NotFlying(id, now) => {
            let found = settled(&flights.get_all().map_err(failed)?).await?;
            for value in Array::from(&found).iter() {
                let flight: Flight = from_js(value)?;
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
    let old = IdbKeyRange::upper_bound_with_open(&(before.0 as f64).into(), true).map_err(failed)?;
    let index = store.index(index).map_err(failed)?;
    let found = index.get_all_keys_with_key_and_limit(&old, Expire::MOST).map_err(failed)?;
    for key in Array::from(&settled(&found).await?).iter() {
        store.delete(&key).map_err(failed)?;
    }
    Ok(())
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
