//! `POST /api/v1/sync/push`: takes what a device has queued, each item exactly once.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Request, State};
use fieldsync_protocol::{
    ItemResult, MAX_PUSH_ITEMS, PushLimits, PushRequest, PushResponse, PushStatus, device_id_fault,
};

use crate::auth::DeviceCaller;
use crate::body::read_json;
use crate::clock::now;
use crate::demo;
use crate::examine::examine;
use crate::openapi::{BodyRefused, CallerRefused, Refused};
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::{PushParams, PushResult};

/// Takes a push. It is answered only after the commit; a request that is refused as a whole has written nothing (I4).
#[utoipa::path(post, path = "/api/v1/sync/push", tag = "sync", operation_id = "push", request_body = PushRequest,
    responses((status = 200, description = "What became of each item, in their order: it is on the disk.", body = PushResponse), CallerRefused, BodyRefused, Refused), security(("token" = [])))]
pub async fn push(
    State(state): State<AppState>,
    caller: DeviceCaller,
    request: Request,
) -> Result<Json<PushResponse>, ApiError> {
    let push: PushRequest = read_json(request).await?;
    check(&push)?;
    caller.require_own(&push.device_id)?;
    let now = now();
    let is_demo = caller.0.is_demo;
    let later: Vec<_> =
        push.items.iter().map(|item| if is_demo { demo::later(item, now) } else { None }).collect();
    let items = push.items.iter().zip(&later).filter(|(_, later)| later.is_none());
    let params = PushParams {
        user_id: caller.0.user_id,
        device_id: push.device_id,
        now,
        candidates: items.map(|(item, _)| examine(item)).collect(),
    };
    // In a task of its own: who goes away before the answer has changed something all the same, and others wait for it.
    let result = tokio::spawn(async move { push_and_tell(&state, params).await }).await;
    let result = result.map_err(|error| {
        tracing::error!("a push ended otherwise: {error}");
        ApiError::Internal
    })??;
    let mut judged = result.results.into_iter();
    let results = later.into_iter().filter_map(|later| later.or_else(|| judged.next())).collect();
    Ok(Json(PushResponse { results, cursor: result.cursor.to_string() }))
}

async fn push_and_tell(state: &AppState, params: PushParams) -> Result<PushResult, ApiError> {
    let user_id = params.user_id.clone();
    let result = state.store.push(params).await?;
    state.metrics.pushed(&result.results);
    // A replay too: the server that took it may have died before it could tell.
    let is_kept = |result: &ItemResult| matches!(result.status, PushStatus::Applied | PushStatus::Replayed);
    if result.results.iter().any(is_kept) {
        state.left.notify_one();
        state.notices.moved(&user_id);
    }
    Ok(result)
}

/// What concerns the push as a whole.
fn check(push: &PushRequest) -> Result<(), ApiError> {
    if let Some(fault) = device_id_fault(&push.device_id) {
        return Err(ApiError::BadRequest(format!("{}: {}", fault.field, fault.message)));
    }
    if push.items.len() > MAX_PUSH_ITEMS {
        return Err(ApiError::TooLarge(PushLimits::default()));
    }
    let mut seen = BTreeSet::new();
    match push.items.iter().find(|item| !seen.insert(item.id)) {
        Some(item) => Err(ApiError::RepeatedId(item.id)),
        None => Ok(()),
    }
}
