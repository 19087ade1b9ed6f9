//! What is done daily, beside answering requests.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::config::Config;
use crate::store::{PruneParams, Store};
use crate::{ServerError, clock, open};

const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Does the daily jobs now, and then, unless it is for `once`, a day later and so on until `stop` is done. A job that
/// fails is logged and comes again with the next day; done once, its failure is the answer.
pub async fn work(config: &Config, once: bool, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    let store = open(config).await?;
    let outcome = if once {
        daily(&*store, config.keep_days).await
    } else {
        until(stop, A_DAY, async || {
            if let Err(error) = daily(&*store, config.keep_days).await {
                tracing::error!("{error}");
            }
        })
        .await;
        Ok(())
    };
    store.close().await;
    outcome.map_err(|error| ServerError::Store(error, config.database.to_string()))
}

/// Everything that is done once a day. Done twice, or by two at once, it changes nothing more.
async fn daily(store: &dyn Store, keep_days: u32) -> Result<(), crate::store::StoreError> {
    let pruned = store.prune(PruneParams { now: clock::now(), keep_days }).await?;
    tracing::info!(
        receipts = pruned.receipts,
        tombstones = pruned.tombstones,
        "removed what is older than {keep_days} days"
    );
    Ok(())
}

/// Works at once and then at every turn. What has begun is ended before it stops.
async fn until(stop: impl Future<Output = ()>, every: Duration, mut work: impl AsyncFnMut()) {
    let mut turn = interval(every);
    // After a suspended night the work is done once, not once a missed turn.
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return,
            _ = turn.tick() => work().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep_until};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_works_at_once_and_then_daily() {
        let began = Instant::now();
        let mut at = Vec::new();
        until(sleep_until(began + A_DAY * 5 / 2), A_DAY, async || at.push(began.elapsed())).await;
        assert_eq!(at, [Duration::ZERO, A_DAY, 2 * A_DAY]);
    }
}
