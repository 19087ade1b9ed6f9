//! Every five minutes the schedules that are due are run, by one of the servers (D3). What was missed while none was
//! there runs once. A schedule that fails is logged and left for the next time; the others go on.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use fieldsync_protocol::{Millis, RunOutcome, ScheduleRun};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::clock::now;
use crate::housekeeping::random;
use crate::notice::Notifier;
use crate::place::Plan;
use crate::store::job::{Again, ClaimParams, DoneParams, Due, Rhythm};
use crate::store::schedule::{DueParams, DueSchedule, RunScheduleParams};
use crate::store::{ScheduleStore, Store, StoreError};

/// The job's name in the store.
const CHECK: &str = "schedules";
const EVERY: Millis = Millis::minutes(5);
const RHYTHM: Rhythm = Rhythm { again: Again::After(EVERY), lease: Millis::minutes(10) };
/// From a server's start to its first look, and up to as much again by chance: whoever restarts many servers has other
/// worries.
const FIRST: Millis = Millis::seconds(30);
/// When it is asked again where the store could not answer.
const BREATH: Millis = Millis::minutes(1);
/// So many are looked at together.
const PAGE: u32 = 100;
/// Where the store cannot take so many one after another it is not the schedules: the rest waits for the next time.
const GIVEN_UP_AFTER: u32 = 10;
/// When one is tried again of which nobody knows when it is due.
const DAY: Millis = Millis::minutes(24 * 60);

/// Begins beside everything else that a server does, until it is told to stop.
pub fn begin(store: Arc<dyn Store>, notices: Arc<dyn Notifier>) -> DueChecks {
    // Lossless: far below 2^53.
    let first = FIRST + Millis((FIRST.0 as f64 * random()) as u64);
    DueChecks(tokio::spawn(async move { keep(&*store, &*notices, first, now, pending()).await }))
}

/// The task. Dropped, it stops.
pub struct DueChecks(JoinHandle<()>);

impl Drop for DueChecks {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sees to it until `stop` is done, with nothing else to do. What has begun is ended before it stops.
pub async fn work(store: &dyn Store, notices: &dyn Notifier, stop: impl Future<Output = ()>) {
    keep(store, notices, Millis::ZERO, now, stop).await;
}

/// Does it now, whoever did it last.
pub async fn once(store: &dyn Store, notices: &dyn Notifier) -> Result<(), StoreError> {
    check(store, notices, now()).await
}

/// Asks first after so long, and then whenever it may be due. Of several servers that ask at the same moment the store takes one.
async fn keep(
    store: &dyn Store,
    notices: &dyn Notifier,
    first: Millis,
    clock: impl Fn() -> Millis,
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
        wait = match turn(store, notices, &clock).await {
            Ok(next) => next - clock(),
            Err(error) => {
                tracing::error!("the schedules could not be looked at: {error}");
                BREATH
            }
        };
    }
}

/// Does it where it is due, and says when to ask again.
async fn turn(
    store: &dyn Store,
    notices: &dyn Notifier,
    clock: &impl Fn() -> Millis,
) -> Result<Millis, StoreError> {
    match store.claim(ClaimParams { name: CHECK, rhythm: RHYTHM, now: clock() }).await? {
        Due::At(time) => Ok(time),
        Due::Now => {
            check(store, notices, clock()).await?;
            let done = clock();
            store.done(DoneParams { name: CHECK, now: done }).await?;
            Ok(done + EVERY)
        }
    }
}

/// Runs what is due, page by page.
async fn check(store: &dyn ScheduleStore, notices: &dyn Notifier, now: Millis) -> Result<(), StoreError> {
    let (mut after, mut failures) = (None, 0);
    loop {
        let due = store.due_schedules(DueParams { now, after, limit: PAGE }).await?;
        for schedule in &due {
            match run(store, schedule, now).await {
                Ok(Some(run)) => {
                    failures = 0;
                    tell(schedule, &run, notices);
                }
                // Another server was quicker, or it has just been disabled.
                Ok(None) => failures = 0,
                Err(error) => {
                    tracing::error!(schedule = schedule.schedule_id, "a schedule could not be run: {error}");
                    failures += u32::from(!matches!(error, StoreError::Failed(_)));
                    if failures >= GIVEN_UP_AFTER {
                        return Err(error);
                    }
                }
            }
        }
        if due.len() < PAGE as usize {
            return Ok(());
        }
        after = due.into_iter().next_back();
    }
}

async fn run(
    store: &dyn ScheduleStore,
    schedule: &DueSchedule,
    now: Millis,
) -> Result<Option<ScheduleRun>, StoreError> {
    let plan = schedule.draft.as_ref().and_then(Plan::of);
    let params = RunScheduleParams {
        user_id: schedule.user_id.clone(),
        schedule_id: schedule.schedule_id.clone(),
        due_at: schedule.due_at,
        // After now: of the runs that were missed this is all.
        next_run_at: plan.as_ref().map_or(now + DAY, |plan| plan.next_run_after(now)),
        has_failed: plan.is_none(),
        now,
    };
    store.run_schedule(params).await
}

fn tell(schedule: &DueSchedule, run: &ScheduleRun, notices: &dyn Notifier) {
    let DueSchedule { schedule_id: id, due_at, .. } = schedule;
    if run.outcome == RunOutcome::Failed {
        tracing::error!(schedule = id, "this server does not know what a schedule goes by; again in a day");
        return;
    }
    // Whoever listens on that device hears that it is asked to sync.
    notices.moved(&schedule.user_id);
    tracing::debug!(schedule = id, due_at = due_at.0, changes = run.changes_detected, "a schedule ran");
}

#[cfg(test)]
mod tests;
