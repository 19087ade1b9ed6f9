//! The command that does the daily jobs and nothing else, beside servers or without.

use std::future::Future;

use crate::config::Config;
use crate::{ServerError, housekeeping, open};

/// Does the daily jobs as they fall due until `stop` is done; or, `once`, at once, and its failure is the answer.
pub async fn work(config: &Config, once: bool, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    let store = open(config).await?;
    let outcome = if once {
        housekeeping::once(&*store, config.keep_days).await
    } else {
        housekeeping::work(&*store, config.keep_days, stop).await;
        Ok(())
    };
    store.close().await;
    outcome.map_err(|error| ServerError::Store(error, config.database.to_string()))
}
