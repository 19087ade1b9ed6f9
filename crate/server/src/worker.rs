//! The command that does the daily jobs and nothing else, beside servers or without.

use std::future::Future;
use std::sync::Arc;

use crate::config::Config;
use crate::housekeeping::Chores;
use crate::{ServerError, files, housekeeping, open};

/// Does the daily jobs as they fall due until `stop` is done; or, `once`, at once, and its failure is the answer.
pub async fn work(config: &Config, once: bool, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    let store = open(config).await?;
    let chores = Chores { store: Arc::clone(&store), files: files(config)?, keep_days: config.keep_days };
    let outcome = if once {
        housekeeping::once(&chores).await
    } else {
        housekeeping::work(&chores, stop).await;
        Ok(())
    };
    store.close().await;
    outcome.map_err(|error| ServerError::Store(error, config.database.to_string()))
}
