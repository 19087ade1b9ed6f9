//! The command that does what is to be done now and then and nothing else, beside servers or without.

use std::future::Future;

use tokio::sync::watch;

use crate::config::Config;
use crate::schedule::due;
use crate::{ServerError, chores, files, housekeeping, notifier, open};

/// Does the daily jobs and runs the schedules as they fall due until `stop` is done; or, `once`, at once, and its failure
/// is the answer.
pub async fn work(config: &Config, once: bool, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    let store = open(config).await?;
    let notices = notifier(config)?;
    let chores = chores(config, &store, files(config)?);
    let outcome = if once {
        match housekeeping::once(&chores).await {
            Ok(()) => due::once(&*store, &*notices).await,
            failed => failed,
        }
    } else {
        let (running, stopped) = watch::channel(());
        let stop = async {
            stop.await;
            drop(running);
        };
        let (keeping, looking) = (until(stopped.clone()), until(stopped));
        let keep = housekeeping::work(&chores, keeping);
        tokio::join!(stop, keep, due::work(&*store, &*notices, looking));
        Ok(())
    };
    notices.close();
    store.close().await;
    outcome.map_err(|error| ServerError::Store(error, config.database.to_string()))
}

/// Done once the other end is gone.
async fn until(mut stopped: watch::Receiver<()>) {
    while stopped.changed().await.is_ok() {}
}
