//! Small pictures of photos. A push that takes a photo leaves a task in its transaction, and one server after another takes
//! one and makes the picture ([`make`]), one at a time, so that what it takes of memory is bounded. One that cannot be made
//! is marked so and not tried again.

mod make;

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use fieldsync_protocol::Millis;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use self::make::Unreadable;
use crate::clock::now;
use crate::files::{FileError, Files};
use crate::store::task::{PutOffTaskParams, THUMBNAIL, TakeTaskParams, Task, Thumbnail};
use crate::store::{Store, StoreError};

/// Nobody takes so long over one.
const LEASE: Millis = Millis::minutes(10);
/// It is looked at so often, whether somebody says that there is one or not: another server may have left it.
const SELDOM: Duration = Duration::from_secs(60);
/// After so many times it is given up: whoever took it died of it, or its file cannot be had.
const ATTEMPTS: u64 = 8;
/// No photo is larger, in bytes.
const MOST_BYTES: u64 = 32 << 20;

/// Begins beside everything else that a server does, until it is told to stop.
pub fn begin(store: Arc<dyn Store>, files: Files, left: Arc<Notify>) -> Thumbnails {
    Thumbnails(tokio::spawn(async move { keep(&*store, &files, &left, pending()).await }))
}

/// The task. Dropped, it stops.
pub struct Thumbnails(JoinHandle<()>);

impl Drop for Thumbnails {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Makes what there is to be made until `stop` is done. What has begun is ended before it stops.
pub async fn keep(store: &dyn Store, files: &Files, left: &Notify, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    loop {
        if let Err(error) = once(store, files).await {
            tracing::error!("small pictures could not be looked for: {error}");
        }
        tokio::select! {
            biased;
            () = &mut stop => return,
            () = left.notified() => {}
            () = sleep(SELDOM) => {}
        }
    }
}

/// Makes those that are due.
pub async fn once(store: &dyn Store, files: &Files) -> Result<(), StoreError> {
    while let Some(task) =
        store.take_task(TakeTaskParams { kind: THUMBNAIL, now: now(), lease: LEASE }).await?
    {
        see_to(store, files, task).await?;
    }
    Ok(())
}

async fn see_to(store: &dyn Store, files: &Files, task: Task) -> Result<(), StoreError> {
    let Task { subject: sha256, attempts } = task;
    let thumbnail = if attempts > ATTEMPTS {
        Thumbnail::Unreadable
    } else {
        match made(files, &sha256).await {
            Ok(thumbnail) => thumbnail,
            Err(error) => {
                tracing::warn!("a small picture could not be made: {error}");
                let due_at = now() + Millis::minutes(1 << attempts.min(8));
                let params = PutOffTaskParams { kind: THUMBNAIL, subject: sha256, due_at };
                return store.put_off_task(params).await;
            }
        }
    };
    let is_of_use = store.end_thumbnail(&sha256, thumbnail).await?;
    if !is_of_use && let Err(error) = files.remove_thumbnail(&sha256).await {
        tracing::warn!("the small picture of a file that is gone could not be removed: {error}");
    }
    Ok(())
}

/// Makes one and keeps it.
async fn made(files: &Files, sha256: &str) -> Result<Thumbnail, FileError> {
    let Some(photo) = files.whole(sha256, MOST_BYTES).await? else { return Ok(Thumbnail::Unreadable) };
    // Whoever panics over a picture will do it again.
    let small = spawn_blocking(move || make::small(&photo)).await.unwrap_or(Err(Unreadable));
    let Ok(small) = small else { return Ok(Thumbnail::Unreadable) };
    files.put_thumbnail(sha256, small.into()).await?;
    Ok(Thumbnail::Made)
}
