//! What a server does by itself, every day at 03:00 by the clocks of a place (D4): the receipts and tombstones of long ago
//! are removed, the logins that have ended, and the files that nobody came back for. Of several servers on one database one
//! does it, and which one is a matter of chance. What was missed while none was there is done once, when one comes.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use fieldsync_protocol::Millis;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::clock::now;
use crate::files::Files;
use crate::place::Place;
use crate::store::job::{Again, ClaimParams, DoneParams, Due, Rhythm};
use crate::store::{PruneParams, Store, StoreError};
use crate::upload::cleanup::clean;

/// The jobs' names in the store. Files have one of their own, because not every process knows where they are.
const PRUNE: &str = "prune";
const FILES: &str = "files";
/// So long after somebody began and never came to the end, that one is taken for dead.
const LEASE: Millis = Millis::minutes(2 * 60);
/// When it is done, by the clocks of the place.
const AT: &str = "03:00";
/// Up to so much later than it is due, so that servers do not ask all at once.
const JITTER: Millis = Millis::minutes(1);
/// It is asked as often as this at least: machines sleep, and their clocks are set.
const SELDOM: Millis = Millis::minutes(60);
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
    /// By whose clocks it is done.
    pub place: Place,
}

impl Chores {
    /// When it was due last, and when it is due next.
    fn rhythm(&self, now: Millis) -> Rhythm {
        let (last, next) = self.place.around(AT, now);
        Rhythm { again: Again::Since { last, next }, lease: LEASE }
    }
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
            Ok(next) => (next - clock()).min(SELDOM),
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
    let claim = |name| {
        let now = clock();
        chores.store.claim(ClaimParams { name, rhythm: chores.rhythm(now), now })
    };
    let mut next = chores.place.around(AT, clock()).1;
    match claim(PRUNE).await? {
        Due::At(time) => next = next.min(time),
        Due::Now => prune(chores, clock).await?,
    }
    if let Some(files) = &chores.files {
        match claim(FILES).await? {
            Due::At(time) => next = next.min(time),
            Due::Now => tidy(chores, files, clock).await?,
        }
    }
    tracing::debug!(next = next.0, "the daily work is done, or somebody is at it");
    Ok(next)
}

/// Removes what is old.
async fn prune(chores: &Chores, clock: &(impl Fn() -> Millis + Sync)) -> Result<(), StoreError> {
    let Chores { store, keep_days, .. } = chores;
    let removed = store.prune(PruneParams { now: clock(), keep_days: *keep_days }).await?;
    store.done(DoneParams { name: PRUNE, now: clock() }).await?;
    tracing::info!(
        receipts = removed.receipts,
        tombstones = removed.tombstones,
        logins = removed.logins,
        "removed what is older than {keep_days} days"
    );
    Ok(())
}

/// Removes the files that nobody came back for.
async fn tidy(
    chores: &Chores,
    files: &Files,
    clock: &(impl Fn() -> Millis + Sync),
) -> Result<(), StoreError> {
    let removed = clean(&*chores.store, files, clock).await?;
    chores.store.done(DoneParams { name: FILES, now: clock() }).await?;
    tracing::info!(
        uploads = removed.uploads,
        files = removed.files,
        "removed abandoned uploads and unused files"
    );
    Ok(())
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
mod tests;
