//! `GET /healthz` and `GET /readyz`: whether to restart this process, and whether to send requests to it.

use std::sync::Arc;

use axum::extract::State;

use crate::openapi::Refused;
use crate::problem::ApiError;
use crate::store::Store;

/// Whether the process answers.
///
/// Nothing else is asked, so that a database that is away does not get it restarted.
#[utoipa::path(get, path = "/healthz", tag = "server", operation_id = "alive",
    responses((status = 200, description = "The process answers.", body = String, content_type = "text/plain; charset=utf-8")))]
pub async fn alive() -> &'static str {
    "ok"
}

/// Whether what is asked now would be done.
///
/// 503 while the database does not answer or has no connection to spare.
#[utoipa::path(get, path = "/readyz", tag = "server", operation_id = "ready",
    responses((status = 200, description = "Requests may be sent.", body = String, content_type = "text/plain; charset=utf-8"), Refused))]
pub async fn ready(State(store): State<Arc<dyn Store>>) -> Result<&'static str, ApiError> {
    store.ready().await.map(|()| "ready").map_err(|error| {
        tracing::warn!("not ready: {error}");
        ApiError::Unavailable
    })
}
