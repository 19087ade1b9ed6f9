//! What the suite asks of a store, and the rows that it puts there.

use fieldsync_protocol::{
    Action, ItemId, ItemType, Millis, NaturalKey, Number, Period, Priority, PushStatus, Reading,
};

use super::Subject;
use crate::call::Shelf;
use crate::ledger::{Batch, Flight, Found, Overview, Query, Window};
use crate::record::{ItemState, Receipt, Record};

pub(super) async fn due(store: &impl Subject, now: u64, limit: u32) -> Window {
    urgent(store, now, limit, Priority::Low).await
}

pub(super) async fn urgent(store: &impl Subject, now: u64, limit: u32, lowest: Priority) -> Window {
    let Ok(Found::Due(window)) = store
        .read(Query::Due {
            by: Millis(now),
            beyond: Millis(now) + Millis::minutes(60),
            lowest,
            limit,
            except: Vec::new(),
        })
        .await
    else {
        panic!("a window")
    };
    window
}

pub(super) async fn overview(store: &impl Subject) -> Overview {
    let Ok(Found::Overview(overview)) = store.read(Query::Overview).await else { panic!("an overview") };
    overview
}

pub(super) async fn page(
    store: &impl Subject,
    shelf: Shelf,
    limit: u32,
    before: Option<ItemId>,
) -> (Vec<Record>, Vec<Receipt>) {
    let query = Query::Page { shelf, state: None, limit, before };
    let Ok(Found::Rows { records, receipts, .. }) = store.read(query).await else { panic!("rows") };
    (records, receipts)
}

pub(super) async fn in_state(
    store: &impl Subject,
    state: ItemState,
    limit: u32,
    before: Option<ItemId>,
) -> Vec<ItemId> {
    let query = Query::Page { shelf: Shelf::Queue, state: Some(state), limit, before };
    let Ok(Found::Rows { records, .. }) = store.read(query).await else { panic!("rows") };
    ids(&records)
}

pub(super) async fn flights(store: &impl Subject) -> Vec<Flight> {
    let Ok(Found::Rows { flights, .. }) = store.read(Query::One(id(1))).await else { panic!("rows") };
    flights
}

pub(super) fn ids(records: &[Record]) -> Vec<ItemId> {
    records.iter().map(|record| record.id).collect()
}

pub(super) fn added(records: &[Record]) -> Batch {
    let mut batch = Batch::default();
    records.iter().for_each(|record| batch.add(record.clone()));
    batch
}

/// The n-th id, in order.
pub fn id(n: u64) -> ItemId {
    ItemId::new(Millis(n), [0; 10])
}

/// The n-th reading's natural key.
pub fn key(n: u64) -> NaturalKey {
    reading(n).natural_key()
}

/// The n-th reading, each of another unit.
pub fn reading(n: u64) -> Reading {
    Reading {
        property: "P-1".into(),
        unit: format!("U{n}"),
        meter: None,
        period: Period("2026-11".into()),
        value: Number::try_from(n as f64).expect("a number"),
        read_at: Millis(n),
        reader: None,
        note: None,
    }
}

/// The n-th record: pending, 100 bytes.
pub fn record(n: u64) -> Record {
    Record {
        id: id(n),
        state: ItemState::Pending,
        order: i64::try_from(n).unwrap_or(i64::MAX),
        r#type: ItemType::Reading,
        action: Action::Create,
        entity_id: id(n),
        seat: None,
        depends_on: None,
        base_version: None,
        priority: Priority::Normal,
        urgency: Priority::Normal,
        score: 50,
        created_at: Millis(n),
        natural_key: Some(key(n)),
        size: 100,
        attempts: 0,
        last_attempt: None,
        history: Vec::new(),
        trouble: None,
        server_item: None,
        upload: None,
        whole: None,
        body: serde_json::to_string(&reading(n)).unwrap_or_default(),
        sealed: None,
    }
}

pub(super) fn receipt(n: u64) -> Receipt {
    let Record { id, r#type, action, entity_id, priority, created_at, body, .. } = record(n);
    Receipt {
        id,
        r#type,
        action,
        entity_id,
        priority,
        created_at,
        status: PushStatus::Applied,
        version: Some(1),
        at: Millis(7),
        yielded: false,
        attempts: 0,
        history: Vec::new(),
        body,
        sealed: None,
    }
}
