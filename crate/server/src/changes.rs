//! `GET /api/v1/sync/changes`: what has changed on the server since a device last asked.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use fieldsync_protocol::{ChangesResponse, MAX_CHANGES, Problem};
use serde::Deserialize;

use crate::auth::{Caller, DeviceCaller};
use crate::openapi::{CallerRefused, Refused};
use crate::problem::ApiError;
use crate::store::schedule::ToldParams;
use crate::store::{ChangesParams, ChangesResult, Store};

/// The query of `changes`.
#[derive(Debug, Deserialize)]
pub struct Asked {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// Answers a page of changes. An expired cursor is 410: the device takes a snapshot by asking without one.
#[utoipa::path(get, path = "/api/v1/sync/changes", tag = "sync", operation_id = "changes", params(("cursor" = Option<String>, Query, description = "What was handed out last; without it everything is told from the beginning."), ("limit" = Option<u32>, Query, description = "At most so many.", minimum = 1, maximum = 500)),
    responses((status = 200, description = "A page of changes.", body = ChangesResponse), (status = 400, description = "The query is not of this shape.", body = Problem, content_type = "application/problem+json"), (status = 410, description = "The cursor is too old, or of another server: ask without one.", body = Problem, content_type = "application/problem+json"), CallerRefused, Refused), security(("token" = [])))]
pub async fn changes(
    State(store): State<Arc<dyn Store>>,
    DeviceCaller(caller): DeviceCaller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<ChangesResponse>, ApiError> {
    let Query(asked) = asked.map_err(|error| ApiError::BadRequest(error.body_text()))?;
    let limit = asked.limit.unwrap_or(MAX_CHANGES);
    if !(1..=MAX_CHANGES).contains(&limit) {
        return Err(ApiError::BadRequest(format!("limit: 1 to {MAX_CHANGES}.")));
    }
    let params = ChangesParams { user_id: caller.user_id.clone(), cursor: asked.cursor, limit };
    match store.changes(params).await? {
        ChangesResult::Page { changes, cursor, has_more } => {
            note_told(&*store, caller, cursor.after).await;
            Ok(Json(ChangesResponse { changes, cursor: cursor.to_string(), has_more }))
        }
        ChangesResult::Expired => Err(ApiError::CursorExpired),
    }
}

/// Keeps how far a device was told, for its schedules. They count by it and no more: without it the answer is as good.
async fn note_told(store: &dyn Store, caller: Caller, number: u64) {
    let Some(device_id) = caller.device_id else { return };
    let params = ToldParams { user_id: caller.user_id, device_id, number };
    if let Err(error) = store.told(params).await {
        tracing::warn!("what a device was told could not be noted: {error}");
    }
}
