use std::sync::atomic::{AtomicU64, Ordering};

use fieldsync_protocol::ItemId;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::*;
use crate::content_hash::ContentHash;
use crate::examine::examine;
use crate::store::upload::{
    BeginUploadParams, ClaimBlobParams, FinishUploadParams, HoldParams, UploadParams,
};
use crate::store::{JobStore, Memory, MemoryStore, PushParams, UploadStore};

const DAY: Millis = Millis::minutes(24 * 60);
const START: Millis = Millis(1_763_596_800_000);

fn push(store: &MemoryStore, n: u8, at: Millis) {
    let id = ItemId::new(Millis(1), [n; 10]);
    let data = json!({ "kind": "WASH", "site": "Well" });
    let item = json!({
        "id": id, "type": "ASSESSMENT", "action": "CREATE", "entityId": id, "createdAt": 5, "data": data,
    });
    let candidates = vec![examine(&serde_json::from_str(&item.to_string()).unwrap())];
    store.with(|held| {
        held.push(&PushParams { user_id: "a".into(), device_id: "d".into(), now: at, candidates })
    });
}

fn receipts(store: &MemoryStore) -> usize {
    store.with(|held| held.export().receipts.len())
}

fn chores(store: &MemoryStore, files: Option<Files>) -> Chores {
    Chores { store: Arc::new(store.clone()), files, keep_days: 90, place: Place::named("UTC").unwrap() }
}

#[test]
fn chance_adds_up_to_a_minute() {
    assert_eq!(jittered(DAY, 0.0), DAY);
    assert_eq!(jittered(DAY, 0.5), DAY + Millis::seconds(30));
    assert!(jittered(DAY, 1.0 - f64::EPSILON) <= DAY + JITTER);
    for _ in 0..1_000 {
        assert!((0.0..1.0).contains(&random()));
    }
}

#[tokio::test(start_paused = true)]
async fn of_several_servers_one_does_it_every_day() {
    let store = MemoryStore::new(Memory::new("ab"));
    for n in 0..4 {
        push(&store, n, START + Millis(DAY.0 * u64::from(n)));
    }
    let began = Instant::now();
    let clock = move || START + Millis(began.elapsed().as_millis() as u64);
    let turns = Arc::new(AtomicU64::new(0));
    let servers: Vec<_> = [0.1, 0.5, 0.9]
        .map(|chance| {
            let turns = Arc::clone(&turns);
            let chance = move || {
                turns.fetch_add(1, Ordering::Relaxed);
                chance
            };
            let chores = chores(&store, None);
            tokio::spawn(async move {
                keep(&chores, Millis::ZERO, clock, chance, pending()).await;
            })
        })
        .into();
    let until = async |day: u64| sleep(Duration::from_millis(DAY.0 * day) - began.elapsed()).await;
    until(90).await;
    assert_eq!(receipts(&store), 4);
    for day in 91..=94 {
        // At the latest a day and the jitter after it is old enough.
        until(day + 1).await;
        let left = 4 - (day + 1 - 91).min(4) as usize;
        assert!(receipts(&store) <= left + 1, "day {day}");
    }
    until(100).await;
    assert_eq!(receipts(&store), 0);
    let turns = turns.load(Ordering::Relaxed);
    assert!(turns < 3 * 25 * 110, "they ask about once an hour each, and not all the time: {turns}");
    servers.iter().for_each(JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn it_is_done_now_where_somebody_says_so_and_stops_where_it_is_told_to() {
    let store = MemoryStore::new(Memory::new("ab"));
    push(&store, 1, Millis(1));
    work(&chores(&store, None), std::future::ready(())).await;
    assert_eq!(receipts(&store), 1, "told to stop before it began");
    let chores = chores(&store, None);
    store.claim(ClaimParams { name: PRUNE, rhythm: chores.rhythm(now()), now: now() }).await.unwrap();
    once(&chores).await.unwrap();
    assert_eq!(receipts(&store), 0);
}

fn which(id: &str) -> UploadParams {
    UploadParams { user_id: "a".into(), id: id.into() }
}

/// An upload of one byte that has come so far as to be held; its hash is of this digit.
async fn begin_upload(store: &MemoryStore, files: &Files, id: &str, digit: &str) {
    let params = BeginUploadParams {
        user_id: "a".into(),
        device_id: None,
        id: id.into(),
        length: 1,
        sha256: digit.repeat(64),
        metadata: String::new(),
        now: START,
    };
    store.begin_upload(params).await.unwrap();
    let hold = HoldParams { upload: which(id), offset: 0, holder: "h".into(), now: START };
    store.hold_upload(hold).await.unwrap();
    files.put_part(id, "part", "x".into()).await.unwrap();
}

/// A whole one, and a record that uses it where it has an id.
async fn whole(
    store: &MemoryStore,
    files: &Files,
    id: &str,
    bytes: &'static str,
    item: Option<ItemId>,
) -> String {
    let sha256 = ContentHash(Sha256::digest(bytes).into()).to_string();
    let params = BeginUploadParams {
        user_id: "a".into(),
        device_id: None,
        id: id.into(),
        length: bytes.len() as u64,
        sha256: sha256.clone(),
        metadata: String::new(),
        now: START,
    };
    store.begin_upload(params).await.unwrap();
    let hold = HoldParams { upload: which(id), offset: 0, holder: "h".into(), now: START };
    store.hold_upload(hold).await.unwrap();
    let claim = ClaimBlobParams { sha256: sha256.clone(), size: bytes.len() as u64, now: START };
    assert!(store.claim_blob(claim).await.unwrap());
    files.put_part(id, "part", bytes.into()).await.unwrap();
    assert!(files.assemble(id, &["part".into()], &sha256).await.unwrap());
    let finish = FinishUploadParams { upload: which(id), holder: "h".into(), now: START };
    assert!(store.finish_upload(finish).await.unwrap());
    files.remove_all_parts(id).await.unwrap();
    if let Some(item) = item {
        let data = json!({ "mime": "text/plain", "sha256": sha256, "size": bytes.len() });
        media(store, START, json!({ "id": item, "action": "CREATE", "entityId": item, "data": data }));
    }
    sha256
}

fn media(store: &MemoryStore, at: Millis, rest: serde_json::Value) {
    let mut item = json!({ "type": "MEDIA", "createdAt": 5 });
    item.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let candidates = vec![examine(&serde_json::from_str(&item.to_string()).unwrap())];
    let params = PushParams { user_id: "a".into(), device_id: "d".into(), now: at, candidates };
    let result = store.with(|held| held.push(&params));
    assert_eq!(result.results[0].status, fieldsync_protocol::PushStatus::Applied);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_came_back_for_goes_and_what_is_used_stays() {
    let (store, files) = (MemoryStore::new(Memory::new("ab")), Files::in_memory());
    begin_upload(&store, &files, "abandoned", "0").await;
    let record = ItemId::new(Millis(1), [9; 10]);
    let used = whole(&store, &files, "used", "a", Some(record)).await;
    let unused = whole(&store, &files, "unused", "b", None).await;
    let began = Instant::now();
    let clock = move || START + Millis(began.elapsed().as_millis() as u64);
    let servers = [0.1, 0.5, 0.9].map(|chance| {
        let chores = chores(&store, Some(files.clone()));
        tokio::spawn(async move { keep(&chores, Millis::ZERO, clock, move || chance, pending()).await })
    });
    let until = async |day: u64| sleep(Duration::from_millis(DAY.0 * day) - began.elapsed()).await;
    let is_kept = async |sha256: &str| files.read(sha256, 0..1).await.is_ok();
    let has_part = async || files.assemble("abandoned", &["part".into()], &"0".repeat(64)).await.is_ok();
    assert!(is_kept(&used).await && is_kept(&unused).await);
    until(3).await;
    assert!(is_kept(&used).await && !is_kept(&unused).await);
    assert_eq!(store.upload(which("unused")).await.unwrap(), None);
    until(6).await;
    assert!(has_part().await, "it may still go on");
    until(9).await;
    assert!(!has_part().await);
    assert_eq!(store.upload(which("abandoned")).await.unwrap(), None);
    until(60).await;
    assert!(is_kept(&used).await, "as long as the record is there");
    let id = ItemId::new(Millis(1), [10; 10]);
    media(&store, clock(), json!({ "id": id, "action": "DELETE", "entityId": record, "baseVersion": 1 }));
    until(63).await;
    assert!(!is_kept(&used).await);
    servers.iter().for_each(JoinHandle::abort);
}

/// A clock of a place, from a moment on, as fast as tokio's.
fn clock_from(start: &str) -> impl Fn() -> Millis + Clone + Send + Sync + 'static {
    let (start, began) = (instant(start), Instant::now());
    move || start + Millis(began.elapsed().as_millis() as u64)
}

fn instant(text: &str) -> Millis {
    Millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond() as u64)
}

/// When jobs were done: a store that is asked now and then says when that was last.
async fn runs_until(store: &MemoryStore, clock: impl Fn() -> Millis, end: &str) -> Vec<String> {
    let mut runs: Vec<Millis> = Vec::new();
    while clock() < instant(end) {
        sleep(Duration::from_secs(30)).await;
        let done = store.with(|held| held.job(PRUNE).done_at);
        if let Some(done) = done
            && runs.last() != Some(&done)
        {
            runs.push(done);
        }
    }
    // To the minute: servers ask up to one later.
    let minute = |at: &Millis| jiff::Timestamp::from_millisecond((at.0 / 60_000 * 60_000) as i64).unwrap();
    runs.iter().map(|at| minute(at).to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn of_three_servers_one_does_it_at_three_by_the_clocks_of_the_place() {
    // In Berlin the clocks are put forward on the 29th, from two to three, and in New York on the 8th.
    for (place, start, end, runs) in [
        (
            "UTC",
            "2026-03-01T02:00:00Z",
            "2026-03-04T02:00:00Z",
            vec![
                "2026-03-01T02:00:00Z",
                "2026-03-01T03:00:00Z",
                "2026-03-02T03:00:00Z",
                "2026-03-03T03:00:00Z",
            ],
        ),
        (
            "Europe/Berlin",
            "2026-03-28T01:50:00Z",
            "2026-03-30T12:00:00Z",
            vec![
                "2026-03-28T01:50:00Z",
                "2026-03-28T02:00:00Z",
                "2026-03-29T01:00:00Z",
                "2026-03-30T01:00:00Z",
            ],
        ),
        (
            "Europe/Berlin",
            "2026-10-24T00:30:00Z",
            "2026-10-26T12:00:00Z",
            vec![
                "2026-10-24T00:30:00Z",
                "2026-10-24T01:00:00Z",
                "2026-10-25T02:00:00Z",
                "2026-10-26T02:00:00Z",
            ],
        ),
    ] {
        let store = MemoryStore::new(Memory::new("ab"));
        let clock = clock_from(start);
        let servers = [0.1, 0.5, 0.9].map(|chance| {
            let chores = Chores { place: Place::named(place).unwrap(), ..chores(&store, None) };
            let clock = clock.clone();
            tokio::spawn(async move { keep(&chores, Millis::ZERO, clock, move || chance, pending()).await })
        });
        assert_eq!(runs_until(&store, &clock, end).await, runs, "{place}");
        servers.iter().for_each(JoinHandle::abort);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_for_days_is_done_once() {
    let store = MemoryStore::new(Memory::new("ab"));
    let done = |at: &str| DoneParams { name: PRUNE, now: instant(at) };
    store.done(done("2026-03-01T03:00:00Z")).await.unwrap();
    let clock = clock_from("2026-03-05T17:00:00Z");
    let chores = chores(&store, None);
    let keeper = {
        let clock = clock.clone();
        tokio::spawn(async move { keep(&chores, Millis::ZERO, clock, || 0.0, pending()).await })
    };
    let runs = runs_until(&store, &clock, "2026-03-06T12:00:00Z").await;
    assert_eq!(runs, ["2026-03-05T17:00:00Z", "2026-03-06T03:00:00Z"]);
    keeper.abort();
}
