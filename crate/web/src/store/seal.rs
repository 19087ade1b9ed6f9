//! Rows are sealed before a transaction opens, and opened after it is over: WebCrypto takes its time, and a transaction ends
//! as soon as it has nothing to wait for. The keys, and what is done with them, are the keyring's.

use fieldsync_core::protocol::read::Read;
use fieldsync_core::protocol::write::Write;
use fieldsync_core::protocol::{NaturalKey, read};
use fieldsync_core::{Batch, Expect, Found, Known, Query, Receipt, Record, Sealable, Vault, WriteError};
use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::IdbKeyRange;

use super::connection::{complete, settled};
use super::schema::{ITEMS, KNOWN, RECEIPTS};
use super::{Store, Stored, to_js};
use crate::json;
use crate::keyring::Keyring;

/// So many rows are sealed anew in one transaction.
const AT_ONCE: u32 = 100;

type Row<'a> = &'a mut dyn Sealable;

/// A row that can be read, written and sealed.
trait Stores: Sealable + Read + Write {}
impl<T: Sealable + Read + Write> Stores for T {}

impl Store {
    /// Answers a query, opening what it finds where the keys are here.
    pub async fn read(&self, mut query: Query) -> Stored<Found> {
        if self.vault() == Vault::Absent {
            return self.look(query).await;
        }
        if let Query::Readings(prefix, _) = &mut query {
            match self.keyring().blind(&[prefix]).await.pop().flatten() {
                Some(hash) => *prefix = NaturalKey::of_hash(&hash),
                None => return Ok(Found::Known(Vec::new())), // nothing is found by what is not here
            }
        }
        let mut found = self.look(query).await?;
        if let Found::Standing(standing) = &mut found {
            standing.keys = self.keyring().keys();
        }
        open(self.keyring(), &mut in_found(&mut found)).await;
        Ok(found)
    }

    /// Writes a batch: all of it, or nothing. `Ok` means complete, and on the disk where the batch is strict.
    pub async fn write(&self, mut batch: Batch) -> Result<(), WriteError> {
        if self.vault() == Vault::Absent {
            return self.put(&batch).await;
        }
        seal(self.keyring(), &mut in_batch(&mut batch)).await?;
        // Without the keys nobody can look for twins here: the server finds them.
        let wanted = batch.expect.iter().filter_map(|expect| match expect {
            Expect::NoTwin(key, _) => Some(key.parts().0),
            _ => None,
        });
        let mut hashes = self.keyring().blind(&wanted.collect::<Vec<_>>()).await.into_iter();
        batch.expect.retain_mut(|expect| match expect {
            Expect::NoTwin(key, _) => match hashes.next().flatten() {
                Some(hash) => {
                    *key = key.blinded(&hash);
                    true
                }
                None => false,
            },
            _ => true,
        });
        let mut done = self.put(&batch).await;
        match &mut done {
            Err(WriteError::Twin(key, twin)) => {
                open(self.keyring(), &mut [&mut **twin]).await;
                named(key, twin.natural_key.as_ref());
            }
            Err(WriteError::Known(key, theirs)) => {
                open(self.keyring(), &mut [&mut **theirs]).await;
                named(key, theirs.natural_key.as_ref());
            }
            _ => {}
        }
        done
    }

    /// Seals under the rotation of today what is not sealed at all, what was sealed without the keys, and what is queued under
    /// an older rotation. It may be ended at any point, and goes on the next time; what is sealed already is passed over.
    /// `false` where something could not be opened.
    pub(crate) async fn seal_anew(&self) -> Stored<bool> {
        let stores = [ITEMS, RECEIPTS, KNOWN];
        let (mut whole, mut kind, mut after) = (true, 0, JsValue::from_str(""));
        while let Some(store) = stores.get(kind) {
            let transaction = self.connection().await?.begin(&[store], false)?;
            let rows = transaction.object_store(store)?;
            let range = IdbKeyRange::lower_bound_with_open(&after, true)?;
            let keys = rows.get_all_keys_with_key_and_limit(&range, AT_ONCE);
            let found = rows.get_all_with_key_and_limit(&range, AT_ONCE);
            let keys = Array::from(&settled(keys).await?);
            let (mut stale, mut before) = (Vec::new(), Vec::new());
            for (key, row) in keys.iter().zip(Array::from(&settled(found).await?).iter()) {
                let (text, mut row) = (json::text(&row).unwrap_or_default(), blank(store));
                whole &= read::fill(&mut *row, &text).is_ok();
                // Receipts and what is known stay under the rotation that they were sealed by: its keys are kept.
                let fresh = |sealed: &String| self.keyring().is_fresh(sealed, kind > 0);
                if !row.sealed().as_ref().is_some_and(fresh) {
                    stale.push(row);
                    before.push((key, text));
                }
            }
            open(self.keyring(), &mut as_rows(&mut stale)).await;
            whole &= stale.iter_mut().all(|row| row.sealed().is_none());
            seal(self.keyring(), &mut as_rows(&mut stale)).await?;
            let transaction = self.connection().await?.begin(&[store], true)?;
            let rows = transaction.object_store(store)?;
            for ((key, before), after) in before.iter().zip(&stale) {
                // Who changed it meanwhile has sealed it too.
                let now = settled(rows.get(key)).await?;
                if json::text(&now).is_some_and(|now| now == *before) {
                    rows.put(&to_js(&**after)?)?;
                }
            }
            complete(&transaction).await?;
            after = keys.get(AT_ONCE - 1);
            if after.is_undefined() {
                (kind, after) = (kind + 1, JsValue::from_str(""));
            }
        }
        Ok(whole)
    }

    pub(crate) fn vault(&self) -> Vault {
        self.keyring.as_ref().map_or(Vault::Absent, Keyring::vault)
    }

    /// Takes the keys from this device.
    pub(crate) fn drop_keys(&self) {
        if let Some(keyring) = &self.keyring {
            let _ = keyring.lock(); // how it ends is told by the keyring
        }
    }

    fn keyring(&self) -> &Keyring {
        self.keyring.as_ref().expect("there is a vault")
    }
}

/// The key by its own name, where what has it could be opened.
fn named(key: &mut NaturalKey, opened: Option<&NaturalKey>) {
    if let Some(opened) = opened {
        key.clone_from(opened);
    }
}

/// A row of this store, to be filled.
fn blank(store: &str) -> Box<dyn Stores> {
    match store {
        ITEMS => Box::new(Record::blank()),
        RECEIPTS => Box::new(Receipt::blank()),
        _ => Box::new(Known::blank()),
    }
}

fn as_rows(rows: &mut [Box<dyn Stores>]) -> Vec<Row<'_>> {
    rows.iter_mut().map(|row| &mut **row as Row).collect()
}

fn in_batch(batch: &mut Batch) -> Vec<Row<'_>> {
    let mut rows = each(&mut batch.put);
    rows.append(&mut each(&mut batch.receipts));
    rows.append(&mut each(&mut batch.known));
    rows
}

/// Everything in it that may be sealed.
fn in_found(found: &mut Found) -> Vec<Row<'_>> {
    match found {
        Found::Due(window) => each(&mut window.due),
        Found::Known(known) => each(known),
        Found::Lane(lane) => {
            let mut rows = each(&mut lane.queued);
            rows.append(&mut each(&mut lane.receipts));
            rows.extend(lane.known.iter_mut().map(|known| known as Row));
            rows
        }
        Found::Waiting(waiting) => {
            waiting.waiters.iter_mut().map(|waiter| &mut waiter.record as Row).collect()
        }
        Found::Rows { records, receipts, .. } => {
            let mut rows = each(records);
            rows.append(&mut each(receipts));
            rows
        }
        Found::Overview(_) | Found::Standing(_) | Found::Metrics(_) => Vec::new(),
    }
}

fn each<T: Sealable>(rows: &mut [T]) -> Vec<Row<'_>> {
    rows.iter_mut().map(|row| row as Row).collect()
}

/// Seals them, all at once. What is sealed already stays as it is.
async fn seal(keyring: &Keyring, rows: &mut [Row<'_>]) -> Stored<()> {
    let mut open: Vec<Row> = Vec::new();
    for row in rows {
        if row.sealed().is_none() {
            open.push(&mut **row);
        }
    }
    let keys: Vec<_> = open.iter_mut().map(|row| row.natural_key().and_then(|key| key.take())).collect();
    let (abouts, payloads) = (Array::new(), Array::new());
    for (row, key) in open.iter_mut().zip(&keys) {
        if let Some(natural) = row.natural_key() {
            natural.clone_from(key);
        }
        abouts.push(&row.about().into());
        payloads.push(&row.take().into());
    }
    let heads: Vec<_> = keys.iter().map(|key| key.as_ref().map_or("", |key| key.parts().0)).collect();
    let hashes = keyring.blind(&heads).await;
    let sealed = Array::from(&JsFuture::from(keyring.seal(&abouts, &payloads)).await?);
    for (((row, key), hash), sealed) in open.iter_mut().zip(keys).zip(hashes).zip(sealed.iter()) {
        if let Some(natural) = row.natural_key() {
            *natural = key.and_then(|key| Some(key.blinded(&hash?)));
        }
        *row.sealed() = sealed.as_string();
    }
    Ok(())
}

/// Opens those that can be opened, all at once.
async fn open(keyring: &Keyring, rows: &mut [Row<'_>]) {
    let (abouts, texts) = (Array::new(), Array::new());
    for row in rows.iter_mut() {
        if let Some(sealed) = row.sealed().clone() {
            texts.push(&sealed.into());
            abouts.push(&row.about().into());
        }
    }
    if texts.length() == 0 {
        return;
    }
    let Ok(opened) = JsFuture::from(keyring.open(&abouts, &texts)).await else { return };
    let mut opened = Array::from(&opened).to_vec().into_iter();
    for row in rows.iter_mut().filter_map(|row| row.sealed().is_some().then_some(row)) {
        let payload = opened.next().and_then(|opened| opened.as_string());
        if payload.is_some_and(|payload| row.restore(&payload)) {
            *row.sealed() = None;
        }
    }
}
