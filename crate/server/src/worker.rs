//! The command that does what is to be done now and then and nothing else, beside servers or without.

use std::future::Future;

use tokio::sync::{Notify, watch};

use crate::config::Config;
use crate::schedule::due;
use crate::{ServerError, chores, files, housekeeping, notifier, open, thumbnail};

/// Does the daily jobs and runs the schedules as they fall due until `stop` is done; or, `once`, at once, and its failure
/// is the answer.
pub async fn work(config: &Config, once: bool, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    let store = open(config).await?;
    let notices = notifier(config)?;
    let chores = chores(config, &store, files(config)?);
    let outcome = if once {
        let outcome = match housekeeping::once(&chores).await {
            Ok(()) => due::once(&*store, &*notices).await,
            failed => failed,
        };
        match (outcome, &chores.files) {
            (Ok(()), Some(files)) => thumbnail::once(&*store, files).await,
            (outcome, _) => outcome,
        }
    } else {
        let (running, stopped) = watch::channel(());
        let stop = async {
            stop.await;
            drop(running);
        };
        let (keeping, looking) = (until(stopped.clone()), until(stopped.clone()));
        let left = Notify::new();
        let making = async {
            if let Some(files) = &chores.files {
                thumbnail::keep(&*store, files, &left, until(stopped)).await;
            }
        };
        let keep = housekeeping::work(&chores, keeping);
        tokio::join!(stop, keep, due::work(&*store, &*notices, looking), making);
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
