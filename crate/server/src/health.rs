//! `GET /healthz` and `GET /readyz`: whether to restart this process, and whether to send requests to it.

use std::sync::Arc;

use axum::extract::State;

use crate::problem::ApiError;
use crate::store::Store;

/// The process answers. Nothing else is asked, so that a database that is away does not get it restarted.
pub async fn alive() -> &'static str {
    "ok"
}

/// What is asked now would be done; 503 while the database does not answer or has no connection to spare.
pub async fn ready(State(store): State<Arc<dyn Store>>) -> Result<&'static str, ApiError> {
    store.ready().await.map(|()| "ready").map_err(|error| {
        tracing::warn!("not ready: {error}");
        ApiError::Unavailable
    })
}
