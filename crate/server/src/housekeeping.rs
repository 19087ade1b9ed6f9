//! What a server does by itself, once a day: the receipts and tombstones of long ago are removed, and the logins that
//! have ended. Of several servers on one database one does it, and which one is a matter of chance.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use fieldsync_protocol::Millis;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::clock::now;
use crate::store::job::{ClaimParams, DoneParams, Due, Rhythm};
use crate::store::{PruneParams, Store, StoreError};

/// The job's name in the store.
const PRUNE: &str = "prune";
const RHYTHM: Rhythm = Rhythm { every: Millis::minutes(24 * 60), lease: Millis::minutes(2 * 60) };
/// Up to so much later than it is due, so that servers do not ask all at once.
const JITTER: Millis = Millis::minutes(30);
/// When it is asked again where the store could not answer.
const BREATH: Millis = Millis::minutes(10);

/// Begins beside everything else that a server does, until it is told to stop. What is older than so many days goes.
pub fn begin(store: Arc<dyn Store>, keep_days: u32) -> Housekeeping {
    // Not while it starts: whoever restarts many servers has other worries.
    let first = jittered(Millis::ZERO, random());
    Housekeeping(tokio::spawn(async move { keep(&*store, keep_days, first, now, random, pending()).await }))
}

/// The task. Dropped, it stops.
pub struct Housekeeping(JoinHandle<()>);

impl Drop for Housekeeping {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sees to it until `stop` is done, with nothing else to do. What has begun is ended before it stops.
pub async fn work(store: &dyn Store, keep_days: u32, stop: impl Future<Output = ()>) {
    keep(store, keep_days, Millis::ZERO, now, random, stop).await;
}

/// Does it now, due or not.
pub async fn once(store: &dyn Store, keep_days: u32) -> Result<(), StoreError> {
    prune(store, keep_days, &now).await?;
    Ok(())
}

/// Asks first after so long, and then whenever it may be due. `chance` gives numbers from 0 up to 1.
async fn keep(
    store: &dyn Store,
    keep_days: u32,
    first: Millis,
    clock: impl Fn() -> Millis,
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
        let next = match turn(store, keep_days, &clock).await {
            Ok(next) => next - clock(),
            Err(error) => {
                tracing::error!("what is old could not be removed: {error}");
                BREATH
            }
        };
        wait = jittered(next, chance());
    }
}

/// Does it where it is due, and says when to ask again.
async fn turn(store: &dyn Store, keep_days: u32, clock: &impl Fn() -> Millis) -> Result<Millis, StoreError> {
    match store.claim(ClaimParams { name: PRUNE, rhythm: RHYTHM, now: clock() }).await? {
        Due::At(time) => Ok(time),
        Due::Now => Ok(prune(store, keep_days, clock).await? + RHYTHM.every),
    }
}

/// Does it, and says when it was done.
async fn prune(store: &dyn Store, keep_days: u32, clock: &impl Fn() -> Millis) -> Result<Millis, StoreError> {
    let removed = store.prune(PruneParams { now: clock(), keep_days }).await?;
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
    use tokio::time::Instant;

    use super::*;
    use crate::examine::examine;
    use crate::store::{JobStore, Memory, MemoryStore, PushParams};

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
                let store = store.clone();
                tokio::spawn(async move {
                    keep(&store, 90, Millis::ZERO, clock, chance, pending()).await;
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
        work(&store, 90, std::future::ready(())).await;
        assert_eq!(receipts(&store), 1, "told to stop before it began");
        store.claim(ClaimParams { name: PRUNE, rhythm: RHYTHM, now: now() }).await.unwrap();
        once(&store, 90).await.unwrap();
        assert_eq!(receipts(&store), 0);
    }
}
