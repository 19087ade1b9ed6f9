//! What a server does by itself, once a day: the receipts and tombstones of long ago are removed, the logins that have
//! ended, and the files that nobody came back for. Of several servers on one database one does it, and which one is a matter of chance.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use fieldsync_protocol::Millis;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::clock::now;
use crate::files::Files;
use crate::store::job::{ClaimParams, DoneParams, Due, Rhythm};
use crate::store::{PruneParams, Store, StoreError};
use crate::upload::cleanup::clean;

/// The jobs' names in the store. Files have one of their own, because not every process knows where they are.
const PRUNE: &str = "prune";
const FILES: &str = "files";
const RHYTHM: Rhythm = Rhythm { every: Millis::minutes(24 * 60), lease: Millis::minutes(2 * 60) };
/// Up to so much later than it is due, so that servers do not ask all at once.
const JITTER: Millis = Millis::minutes(30);
/// When it is asked again where the store could not answer.
const BREATH: Millis = Millis::minutes(10);

/// What it takes.
#[derive(Clone)]
pub struct Chores {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where files are kept, if anywhere.
    pub files: Option<Files>,
    /// What is older than so many days goes.
    pub keep_days: u32,
}

/// Begins beside everything else that a server does, until it is told to stop.
pub fn begin(chores: Chores) -> Housekeeping {
    // Not while it starts: whoever restarts many servers has other worries.
    let first = jittered(Millis::ZERO, random());
    Housekeeping(tokio::spawn(async move { keep(&chores, first, now, random, pending()).await }))
}

/// The task. Dropped, it stops.
pub struct Housekeeping(JoinHandle<()>);

impl Drop for Housekeeping {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sees to it until `stop` is done, with nothing else to do. What has begun is ended before it stops.
pub async fn work(chores: &Chores, stop: impl Future<Output = ()>) {
    keep(chores, Millis::ZERO, now, random, stop).await;
}

/// Does it now, due or not.
pub async fn once(chores: &Chores) -> Result<(), StoreError> {
    prune(chores, &now).await?;
    if let Some(files) = &chores.files {
        tidy(chores, files, &now).await?;
    }
    Ok(())
}

/// Asks first after so long, and then whenever it may be due. `chance` gives numbers from 0 up to 1.
async fn keep(
    chores: &Chores,
    first: Millis,
    clock: impl Fn() -> Millis + Sync,
    chance: impl Fn() -> f64,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let mut wait = first;
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return,
            () = sleep(Duration::from_millis(wait.0)) => {}
        }
        let next = match turn(chores, &clock).await {
            Ok(next) => next - clock(),
            Err(error) => {
                tracing::error!("what is old could not be removed: {error}");
                BREATH
            }
        };
        wait = jittered(next, chance());
    }
}

/// Does what is due, and says when to ask again.
async fn turn(chores: &Chores, clock: &(impl Fn() -> Millis + Sync)) -> Result<Millis, StoreError> {
    let claim = |name| chores.store.claim(ClaimParams { name, rhythm: RHYTHM, now: clock() });
    let next = match claim(PRUNE).await? {
        Due::At(time) => time,
        Due::Now => prune(chores, clock).await? + RHYTHM.every,
    };
    let Some(files) = &chores.files else { return Ok(next) };
    let tidied = match claim(FILES).await? {
        Due::At(time) => time,
        Due::Now => tidy(chores, files, clock).await? + RHYTHM.every,
    };
    Ok(next.min(tidied))
}

/// Removes what is old, and says when it was done.
async fn prune(chores: &Chores, clock: &(impl Fn() -> Millis + Sync)) -> Result<Millis, StoreError> {
    let Chores { store, keep_days, .. } = chores;
    let removed = store.prune(PruneParams { now: clock(), keep_days: *keep_days }).await?;
    let done = clock();
    store.done(DoneParams { name: PRUNE, now: done }).await?;
    tracing::info!(
        receipts = removed.receipts,
        tombstones = removed.tombstones,
        logins = removed.logins,
        "removed what is older than {keep_days} days"
    );
    Ok(done)
}

/// Removes the files that nobody came back for, and says when it was done.
async fn tidy(
    chores: &Chores,
    files: &Files,
    clock: &(impl Fn() -> Millis + Sync),
) -> Result<Millis, StoreError> {
    let removed = clean(&*chores.store, files, clock).await?;
    let done = clock();
    chores.store.done(DoneParams { name: FILES, now: done }).await?;
    tracing::info!(
        uploads = removed.uploads,
        files = removed.files,
        "removed abandoned uploads and unused files"
    );
    Ok(done)
}

/// So long, and a while longer by chance.
fn jittered(wait: Millis, chance: f64) -> Millis {
    // Lossless: the jitter is far below 2^53, and chance below 1.
    wait + Millis((JITTER.0 as f64 * chance) as u64)
}

/// A number from 0 up to 1.
pub fn random() -> f64 {
    let mut bytes = [0; 4];
    // Without chance there is no jitter, and the store still lets one of them do it.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
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
        Chores { store: Arc::new(store.clone()), files, keep_days: 90 }
    }

    #[test]
    fn chance_adds_up_to_half_an_hour() {
        assert_eq!(jittered(DAY, 0.0), DAY);
        assert_eq!(jittered(DAY, 0.5), DAY + Millis::minutes(15));
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
        assert!(turns < 3 * 110, "they ask once a day each, and not all the time: {turns}");
        servers.iter().for_each(JoinHandle::abort);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_done_now_where_somebody_says_so_and_stops_where_it_is_told_to() {
        let store = MemoryStore::new(Memory::new("ab"));
        push(&store, 1, Millis(1));
        work(&chores(&store, None), std::future::ready(())).await;
        assert_eq!(receipts(&store), 1, "told to stop before it began");
        store.claim(ClaimParams { name: PRUNE, rhythm: RHYTHM, now: now() }).await.unwrap();
        once(&chores(&store, None)).await.unwrap();
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
}
