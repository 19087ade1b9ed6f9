//! What every device store must do, stamped on each of them: the memory store here, IndexedDB in the web crate.

use fieldsync_protocol::{
    ItemId, ItemType, Millis, NaturalKey, Period, Priority, Reading, SessionMetrics, Settings, Tokens,
};

use crate::call::Shelf;
use crate::checkup::Checked;
use crate::event::{StoreError, WriteError};
use crate::ledger::{Batch, Expect, Expire, Flight, FlightChange, Found, Known, Leaving, Query, Totals};
use crate::login::Login;
use crate::preferences::Preferences;
use crate::progress::Session;
use crate::record::{ItemState, Receipt, Record};
use crate::upload::{Stage, Upload};
use fieldsync_protocol::Progress;

mod asking;

use asking::{added, due, flights, ids, in_state, overview, page, receipt, urgent};
pub use asking::{id, key, reading, record};

/// A store under test; each case gets an empty one.
#[expect(async_fn_in_trait, reason = "called by the suite alone, on one thread")]
pub trait Subject {
    /// Writes a batch.
    async fn write(&self, batch: Batch) -> Result<(), WriteError>;
    /// Answers a query.
    async fn read(&self, query: Query) -> Result<Found, StoreError>;
    /// Counts the epoch up.
    async fn next_epoch(&self) -> Result<u64, StoreError>;
}

/// Runs the whole suite; `empty` makes an empty store. Panics at the first broken promise.
pub async fn suite<S: Subject>(mut empty: impl AsyncFnMut() -> S) {
    due_is_in_order_and_paged(&empty().await).await;
    a_refused_batch_leaves_nothing(&empty().await).await;
    twins_are_found(&empty().await).await;
    flights_come_and_go(&empty().await).await;
    an_old_epoch_is_fenced(&empty().await).await;
    receipts_and_pages(&empty().await).await;
    text_comes_back_to_the_letter(&empty().await).await;
    a_changed_item_is_noticed(&empty().await).await;
    what_a_wrong_clock_wrote_is_due(&empty().await).await;
    a_lane_is_in_order_and_shows_who_waits(&empty().await).await;
    what_is_known_of_an_entity(&empty().await).await;
    what_is_not_urgent_enough_is_passed_over(&empty().await).await;
    preferences_are_kept(&empty().await).await;
    what_the_server_has_is_found_and_forgotten_with_a_snapshot(&empty().await).await;
    what_is_kept_for_a_time_is_forgotten_after_it(&empty().await).await;
    a_device_that_is_handed_over_is_empty(&empty().await).await;
}

async fn a_lane_is_in_order_and_shows_who_waits(store: &impl Subject) {
    let blocked = |n, entity, on: Option<u64>| Record {
        state: ItemState::Blocked,
        entity_id: id(entity),
        depends_on: on.map(id),
        natural_key: None,
        ..record(n)
    };
    // 3 stands before 2, for it has taken the place of an earlier one.
    let third = Record { seat: Some(ItemId::new(Millis(1), [1; 10])), ..blocked(3, 1, None) };
    let batch = [
        record(1),
        blocked(2, 1, None),
        third.clone(),
        blocked(4, 4, Some(1)),
        blocked(5, 1, Some(1)),
        record(6),
    ];
    store.write(added(&batch)).await.expect("written");
    let Ok(Found::Lane(lane)) = store.read(Query::Lane { entity: id(1), depends_on: Some(id(6)) }).await
    else {
        panic!("a lane")
    };
    assert_eq!(ids(&lane.queued), [id(1), id(3), id(2), id(5)]);
    assert!(lane.dependency_queued && lane.receipts.is_empty());
    let of = [(1, 1), (3, 1), (4, 4), (7, 7)].map(|(n, entity)| Leaving { id: id(n), entity_id: id(entity) });
    let Ok(Found::Rows { mut records, receipts, .. }) = store.read(Query::Lanes(of.to_vec())).await else {
        panic!("lanes")
    };
    records.sort_by_key(|record| record.id);
    assert_eq!(ids(&records), [id(1), id(2), id(3), id(4), id(5)]);
    assert!(receipts.is_empty());
    let leaving = vec![Leaving { id: id(1), entity_id: id(1) }];
    let Ok(Found::Waiting(waiting)) = store.read(Query::Waiting(leaving)).await else { panic!("who waits") };
    let mut seen: Vec<_> = waiting
        .waiters
        .iter()
        .map(|waiter| (waiter.record.id, waiter.first, waiter.dependency_queued))
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, [(id(3), true, false), (id(4), true, false), (id(5), false, false)]);
    assert_eq!(waiting.totals.lane_changes, 1);
    let expect = |expect| Batch { expect: vec![expect], ..Batch::default() };
    assert_eq!(store.write(expect(Expect::Lanes(1))).await, Ok(()));
    assert_eq!(store.write(expect(Expect::Lanes(0))).await, Err(WriteError::Changed));
    assert_eq!(store.write(expect(Expect::LaneFree(id(4)))).await, Err(WriteError::Changed));
    assert_eq!(store.write(expect(Expect::LaneFree(id(7)))).await, Ok(()));
    let key = key(6);
    assert_eq!(
        store.write(expect(Expect::NoTwin(key, id(6)))).await,
        Ok(()),
        "of the same entity it is no twin"
    );
}

async fn what_is_not_urgent_enough_is_passed_over(store: &impl Subject) {
    let of = |n, urgency| Record { urgency, ..record(n) };
    let retry = |n, urgency| Record { state: ItemState::RetryAt, order: 5, ..of(n, urgency) };
    let (high, normal, low) = (Priority::High, Priority::Normal, Priority::Low);
    let batch =
        [of(1, low), of(2, low), of(3, normal), of(4, high), of(5, normal), retry(6, low), retry(7, high)];
    store.write(added(&batch)).await.expect("written");
    assert_eq!(ids(&urgent(store, 9, 2, high).await.due), [id(4), id(7)]);
    assert_eq!(
        ids(&urgent(store, 9, 2, normal).await.due),
        [id(3), id(4), id(7)],
        "in order across priorities"
    );
    assert_eq!(ids(&urgent(store, 9, 9, low).await.due), [1, 2, 3, 4, 5, 6, 7].map(id));
}

async fn preferences_are_kept(store: &impl Subject) {
    let settings = Settings { minimum_battery_level: 35, ..Settings::default() };
    let tokens = Some(Tokens { access_token: "a".into(), refresh_token: "r".into(), expires_in: 9 });
    let login = Some(Login { email: "anna@example.org".into(), tokens });
    let preferences = Preferences { settings, paused: true, rules: Vec::new(), login, changes: 4 };
    assert_eq!(overview(store).await.preferences, Preferences::default());
    store.write(Batch { preferences: Some(preferences.clone()), ..Batch::default() }).await.expect("written");
    assert_eq!(overview(store).await.preferences, preferences);
    assert_eq!(due(store, 0, 1).await.preferences, preferences);
    let since = |changes| Batch {
        expect: vec![Expect::Preferences(changes)],
        unscored: Some(Some(id(7))),
        ..Batch::default()
    };
    assert_eq!(store.write(since(3)).await, Err(WriteError::Changed));
    assert_eq!(overview(store).await.unscored, None);
    store.write(since(4)).await.expect("written");
    assert_eq!((overview(store).await.unscored, due(store, 0, 1).await.unscored), (Some(id(7)), Some(id(7))));
    store.write(Batch { unscored: Some(None), ..Batch::default() }).await.expect("written");
    assert_eq!(overview(store).await.unscored, None, "all is");
}

async fn a_device_that_is_handed_over_is_empty(store: &impl Subject) {
    let epoch = store.next_epoch().await.expect("an epoch");
    let known = Known {
        entity_id: id(1),
        r#type: ItemType::Reading,
        natural_key: None,
        version: 1,
        data: "{}".into(),
        sealed: None,
    };
    let metrics = Some(SessionMetrics { session_id: 1, ..SessionMetrics::default() });
    let kept = Batch { receipts: vec![receipt(1)], known: vec![known], metrics, ..added(&[record(2)]) };
    store.write(kept).await.expect("written");
    let hand_over = Batch { expect: vec![Expect::NothingQueued], hand_over: true, ..Batch::default() };
    assert_eq!(store.write(hand_over.clone()).await, Err(WriteError::Changed), "an entry is there");
    assert_eq!(page(store, Shelf::Done, 9, None).await.1.len(), 1);
    let mut gone = Batch::default();
    gone.remove(&record(2));
    store.write(gone).await.expect("written");
    store.write(hand_over).await.expect("written");
    assert_eq!(page(store, Shelf::Done, 9, None).await.1, []);
    let known = store.read(Query::Known { r#type: ItemType::Reading, limit: 9, after: None }).await;
    assert_eq!(known, Ok(Found::Known(Vec::new())));
    assert_eq!(store.read(Query::Metrics(9)).await, Ok(Found::Metrics(Vec::new())));
    let late = Batch { expect: vec![Expect::Epoch(epoch)], ..Batch::default() };
    assert_eq!(store.write(late).await, Err(WriteError::Fenced), "who drained before writes no more");
}

async fn what_is_kept_for_a_time_is_forgotten_after_it(store: &impl Subject) {
    let figures = |n: u64| SessionMetrics {
        session_id: n,
        start_time: Millis(n * 100),
        end_time: Some(Millis(n * 100 + 7)),
        errors: vec!["no answer".to_owned()],
        ..SessionMetrics::default()
    };
    for n in 1..=4 {
        let receipts = vec![Receipt { at: Millis(n * 10), ..receipt(n) }];
        let metrics = Some(figures(n));
        store.write(Batch { receipts, metrics, ..Batch::default() }).await.expect("written");
    }
    store.write(Batch { metrics: Some(figures(4)), ..Batch::default() }).await.expect("written over");
    let known = async |most| match store.read(Query::Metrics(most)).await {
        Ok(Found::Metrics(figures)) => figures,
        other => panic!("{other:?}"),
    };
    assert_eq!(known(9).await, [4, 3, 2, 1].map(figures));
    assert_eq!(known(2).await, [4, 3].map(figures));
    let expire = Some(Expire { receipts: Millis(30), metrics: Millis(200) });
    let batch = Batch { put: vec![record(1)], expire, ..Batch::default() };
    store.write(batch).await.expect("written");
    assert_eq!(known(9).await, [4, 3, 2].map(figures), "not the one of that very time");
    let receipts = page(store, Shelf::Done, 9, None).await.1;
    assert_eq!(receipts.iter().map(|receipt| receipt.id).collect::<Vec<_>>(), [id(4), id(3)]);
    let records = page(store, Shelf::Queue, 9, None).await.0;
    assert_eq!(records, [record(1)], "what is queued never expires, however old");
    store.write(Batch { erase_metrics: true, ..Batch::default() }).await.expect("written");
    assert_eq!(known(9).await, []);
}

async fn what_is_known_of_an_entity(store: &impl Subject) {
    let data = "{\"value\":0.10}".to_owned();
    let natural_key = Some(key(1));
    let known =
        Known { entity_id: id(1), r#type: ItemType::Reading, natural_key, version: 3, data, sealed: None };
    let batch = Batch { known: vec![known.clone()], receipts: vec![receipt(2)], ..Batch::default() };
    store.write(batch).await.expect("written");
    let query = Query::Lane { entity: id(1), depends_on: Some(id(2)) };
    let Ok(Found::Lane(lane)) = store.read(query.clone()).await else { panic!("a lane") };
    assert_eq!((lane.known, lane.receipts), (Some(known), vec![receipt(2)]));
    store.write(Batch { forget: vec![id(1)], ..Batch::default() }).await.expect("written");
    let Ok(Found::Lane(lane)) = store.read(query).await else { panic!("a lane") };
    assert_eq!((lane.known, lane.dependency_queued), (None, false));
}

async fn what_the_server_has_is_found_and_forgotten_with_a_snapshot(store: &impl Subject) {
    let reading = |n, meter: Option<&str>, period: &str| {
        let reading = Reading { meter: meter.map(Into::into), period: Period(period.into()), ..reading(1) };
        Known {
            entity_id: id(n),
            r#type: ItemType::Reading,
            natural_key: Some(reading.natural_key()),
            version: n,
            data: serde_json::to_string(&reading).unwrap_or_default(),
            sealed: None,
        }
    };
    let site = |n| Known { r#type: ItemType::Assessment, natural_key: None, ..reading(n, None, "") };
    let october = reading(2, None, "2026-10");
    let (november, heat) = (reading(1, None, "2026-11"), reading(3, Some("heat"), "2026-12"));
    let known = vec![november.clone(), october.clone(), heat.clone(), site(5), site(6), site(7)];
    store.write(Batch { known, ..Batch::default() }).await.expect("written");
    let found = async |query| match store.read(query).await {
        Ok(Found::Known(known)) => known,
        other => panic!("{other:?}"),
    };
    let of = |meter| NaturalKey::of_meter("P-1", " U1 ", meter);
    assert_eq!(found(Query::Readings(of(None), 1)).await, std::slice::from_ref(&november));
    assert_eq!(found(Query::Readings(of(None), 9)).await, [november.clone(), october]);
    assert_eq!(found(Query::Readings(of(Some("heat")), 9)).await, [heat]);
    assert_eq!(found(Query::Readings(of(Some("gas")), 9)).await, []);
    let sites = |limit, after: Option<u64>| Query::Known {
        r#type: ItemType::Assessment,
        limit,
        after: after.map(id),
    };
    assert_eq!(found(sites(2, None)).await, [site(5), site(6)]);
    assert_eq!(found(sites(2, Some(6))).await, [site(7)]);
    let new = Record { natural_key: november.natural_key.clone(), ..record(9) };
    let save = |entity| {
        let expect = vec![Expect::NoTwin(new.natural_key.clone().expect("a key"), id(entity))];
        Batch { expect, ..added(std::slice::from_ref(&new)) }
    };
    let refused = store.write(save(9)).await;
    let key = new.natural_key.clone().expect("a key");
    assert_eq!(refused, Err(WriteError::Known(key, Box::new(november))), "the server has one");
    store.write(save(1)).await.expect("a change of that very entity");
    let known = vec![site(8)];
    store.write(Batch { known, known_anew: true, ..Batch::default() }).await.expect("a snapshot");
    assert_eq!(found(sites(9, None)).await, [site(8)]);
    assert_eq!(found(Query::Readings(of(None), 9)).await, []);
}

async fn due_is_in_order_and_paged(store: &impl Subject) {
    let mut batch = Batch::default();
    batch.add(Record { order: 5, ..record(1) });
    batch.add(Record { order: -3, ..record(2) });
    batch.add(Record { order: 5_000_000_000_000, ..record(3) });
    batch.add(Record { state: ItemState::RetryAt, order: 70, ..record(4) });
    batch.add(Record { state: ItemState::RetryAt, order: 60, ..record(5) });
    batch.add(Record { state: ItemState::RetryAt, order: 90, ..record(6) });
    batch.add(Record { state: ItemState::Conflict, order: 0, ..record(7) });
    batch.add(Record { state: ItemState::SetAside, order: 0, ..record(8) });
    store.write(batch).await.expect("written");
    let window = due(store, 70, 10).await;
    assert_eq!(
        ids(&window.due),
        [id(2), id(1), id(3), id(5), id(4)],
        "pending by order, then the retries due"
    );
    assert_eq!(window.next_due, Some(Millis(90)));
    let totals =
        Totals { pending: 3, retry_at: 3, conflict: 1, set_aside: 1, bytes: 800, ..Totals::default() };
    assert_eq!(window.totals, totals);
    assert_eq!(ids(&due(store, 70, 1).await.due), [id(2), id(5)], "at most so many of each");
    let flying = vec![id(2), id(5)];
    let (by, beyond) = (Millis(70), Millis::minutes(61));
    let others = Query::Due { by, beyond, lowest: Priority::Low, limit: 1, except: flying.clone() };
    let Ok(Found::Due(others)) = store.read(others).await else { panic!("a window") };
    let seen = ids(&window.due).into_iter().filter(|id| !flying.contains(id)).collect::<Vec<_>>();
    let [first, .., last] = seen[..] else { panic!("two kinds: {seen:?}") };
    assert_eq!(ids(&others.due), [first, last], "so many of those that are not on their way");
    let window = due(store, 59, 10).await;
    assert_eq!((window.due.len(), window.next_due), (3, Some(Millis(60))));
}

async fn a_refused_batch_leaves_nothing(store: &impl Subject) {
    store.write(added(&[record(1)])).await.expect("written");
    let before = overview(store).await;
    let mut batch = added(&[record(2)]);
    batch.remove(&record(1));
    batch.receipts.push(receipt(1));
    batch.session = Some(Session::default());
    batch.expect = vec![Expect::Queued(vec![id(1)]), Expect::Queued(vec![id(9)])];
    assert_eq!(store.write(batch.clone()).await, Err(WriteError::Gone));
    assert_eq!(overview(store).await, before);
    assert_eq!(ids(&due(store, 0, 10).await.due), [id(1)]);
    assert!(page(store, Shelf::Done, 10, None).await.1.is_empty());
    batch.expect.pop();
    assert_eq!(store.write(batch).await, Ok(()));
    assert_eq!(ids(&due(store, 0, 10).await.due), [id(2)]);
}

async fn twins_are_found(store: &impl Subject) {
    let key = key(1);
    let expect = vec![Expect::NoTwin(key.clone(), id(99))];
    let first = Batch { expect: expect.clone(), ..added(&[record(1)]) };
    assert_eq!(store.write(first).await, Ok(()));
    let twin = Record { natural_key: Some(key.clone()), ..record(2) };
    let second = Batch { expect: expect.clone(), ..added(std::slice::from_ref(&twin)) };
    assert_eq!(store.write(second).await, Err(WriteError::Twin(key, Box::new(record(1)))));
    let mut instead = Batch { expect, ..added(&[twin]) };
    instead.remove(&record(1));
    assert_eq!(store.write(instead).await, Ok(()), "it may take the other's place");
    assert_eq!(overview(store).await.totals.pending, 1);
}

async fn flights_come_and_go(store: &impl Subject) {
    store.write(added(&[record(1)])).await.expect("written");
    let flight = |epoch, number| Flight { epoch, number, ids: vec![id(1)], until: Millis(100) };
    let start = |flight| Batch { flight: Some(FlightChange::Start(flight)), ..Batch::default() };
    let expect = |now| Batch { expect: vec![Expect::NotFlying(id(1), Millis(now))], ..Batch::default() };
    store.write(start(flight(1, 1))).await.expect("written");
    assert_eq!(store.write(expect(99)).await, Err(WriteError::Flying));
    assert_eq!(store.write(expect(100)).await, Ok(()), "its answer cannot come any more");
    store.write(start(flight(1, 2))).await.expect("written");
    store.write(start(flight(2, 1))).await.expect("written");
    assert_eq!(flights(store).await, [flight(2, 1)], "those of earlier epochs are forgotten");
    let end = FlightChange::End { epoch: 2, number: 1 };
    store.write(Batch { flight: Some(end), ..Batch::default() }).await.expect("written");
    assert_eq!(store.write(expect(99)).await, Ok(()));
}

async fn an_old_epoch_is_fenced(store: &impl Subject) {
    let old = store.next_epoch().await.expect("an epoch");
    let fenced = |epoch| Batch { expect: vec![Expect::Epoch(epoch)], ..added(&[record(epoch)]) };
    assert_eq!(store.write(fenced(old)).await, Ok(()));
    let new = store.next_epoch().await.expect("an epoch");
    assert!(new > old);
    assert_eq!(store.write(fenced(old)).await, Err(WriteError::Fenced), "late writers are fenced (I7)");
    assert_eq!(store.write(fenced(new)).await, Ok(()));
}

async fn receipts_and_pages(store: &impl Subject) {
    store.write(added(&[record(1), record(2), record(3)])).await.expect("written");
    let (records, _) = page(store, Shelf::Queue, 2, None).await;
    assert_eq!(ids(&records), [id(3), id(2)], "newest first");
    let (records, _) = page(store, Shelf::Queue, 2, Some(id(2))).await;
    assert_eq!(ids(&records), [id(1)]);
    let aside = |n| Record { state: ItemState::SetAside, ..record(n) };
    store.write(added(&[aside(4), aside(5), aside(6)])).await.expect("written");
    assert_eq!(in_state(store, ItemState::SetAside, 2, None).await, [id(6), id(5)], "newest first");
    assert_eq!(in_state(store, ItemState::SetAside, 2, Some(id(5))).await, [id(4)]);
    assert_eq!(in_state(store, ItemState::Pending, 9, Some(id(6))).await, [id(3), id(2), id(1)]);
    assert_eq!(in_state(store, ItemState::Conflict, 9, None).await, []);
    let mut batch = Batch { receipts: vec![receipt(2)], ..Batch::default() };
    batch.remove(&record(2));
    let progress =
        Progress { total_items: 1, completed_items: 1, ended_at: Some(Millis(8)), ..Progress::default() };
    batch.session = Some(Session { progress, ..Session::default() });
    let report = Some("{}".to_owned());
    batch.checked = Some(Checked { report, last_run: Some(Millis(7)), ..Checked::default() });
    store.write(batch.clone()).await.expect("written");
    assert_eq!(overview(store).await.session, batch.session);
    assert_eq!(overview(store).await.checked, batch.checked);
    assert_eq!(page(store, Shelf::Done, 9, None).await.1, [receipt(2)]);
    let Ok(Found::Rows { records, receipts, .. }) = store.read(Query::One(id(2))).await else {
        panic!("rows")
    };
    assert_eq!((records.len(), receipts), (0, vec![receipt(2)]));
    let of = vec![Leaving { id: id(2), entity_id: id(2) }];
    let Ok(Found::Rows { receipts: of_lane, .. }) = store.read(Query::Lanes(of)).await else {
        panic!("lanes")
    };
    assert_eq!(of_lane.iter().map(|receipt| receipt.id).collect::<Vec<_>>(), [id(2)]);
    let Ok(Found::Rows { records, .. }) = store.read(Query::One(id(1))).await else { panic!("rows") };
    assert_eq!(records, [record(1)]);
}

async fn a_changed_item_is_noticed(store: &impl Subject) {
    store.write(added(&[record(1)])).await.expect("written");
    let expect = |n, state| Batch { expect: vec![Expect::Still(id(n), state)], ..Batch::default() };
    assert_eq!(store.write(expect(1, ItemState::Pending)).await, Ok(()));
    assert_eq!(store.write(expect(1, ItemState::RetryAt)).await, Err(WriteError::Changed));
    assert_eq!(store.write(expect(2, ItemState::Pending)).await, Err(WriteError::Gone));
}

async fn what_a_wrong_clock_wrote_is_due(store: &impl Subject) {
    let now = Millis(1_760_000_000_000);
    let at = |minutes| i64::try_from((now + Millis::minutes(minutes)).0).unwrap_or(0);
    let retry = |n, order| Record { state: ItemState::RetryAt, order, ..record(n) };
    store.write(added(&[retry(1, at(61)), retry(2, at(59))])).await.expect("written");
    let window = due(store, now.0, 10).await;
    assert_eq!((ids(&window.due), window.next_due), (vec![id(1)], Some(now + Millis::minutes(59))));
    let hour = now + Millis::minutes(60);
    let all = Query::Due { by: hour, beyond: hour, lowest: Priority::Low, limit: 10, except: Vec::new() };
    let all = store.read(all).await;
    let Ok(Found::Due(window)) = all else { panic!("as when a person asks: {all:?}") };
    assert_eq!((ids(&window.due), window.next_due), (vec![id(2), id(1)], None));
}

async fn text_comes_back_to_the_letter(store: &impl Subject) {
    let body = "{\"note\":\"\u{0}é\u{202e}<script>\u{1f}𝄞\\\"\",\"value\":0.1000000000000000055}".to_owned();
    let server_item = serde_json::json!({"deep": [{"a": null, "b": 9_007_199_254_740_991_i64}], "t": "x"});
    let record = Record {
        state: ItemState::Conflict,
        order: 1_760_000_000_000,
        body,
        server_item: Some(server_item),
        last_attempt: Some(Millis(1_760_000_000_001)),
        upload: Some(Upload {
            size: 300_000_000,
            sent: 5_000_000,
            url: Some("/api/v1/uploads/a".to_owned()),
            troubles: 2,
            stage: Stage::Wanted,
        }),
        ..record(1)
    };
    store.write(added(std::slice::from_ref(&record))).await.expect("written");
    let Ok(Found::Rows { records, .. }) = store.read(Query::One(id(1))).await else { panic!("rows") };
    assert_eq!(records, [record]);
}
