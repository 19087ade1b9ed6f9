//! `POST /api/v1/sync/push`: takes what a device has queued, each item exactly once.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use fieldsync_protocol::{MAX_PUSH_ITEMS, PushLimits, PushRequest, PushResponse};

use crate::auth::Caller;
use crate::body::read_json;
use crate::clock::now;
use crate::examine::examine;
use crate::problem::ApiError;
use crate::store::{PushParams, Store};

const MAX_DEVICE_ID: usize = 64;

/// Takes a push. It is answered only after the commit; a request that is refused as a whole has written nothing (I4).
pub async fn push(
    State(store): State<Arc<dyn Store>>,
    caller: Caller,
    request: Request,
) -> Result<Json<PushResponse>, ApiError> {
    let push: PushRequest = read_json(request).await?;
    check(&push)?;
    let params = PushParams {
        user_id: caller.user_id,
        device_id: push.device_id,
        now: now(),
        candidates: push.items.iter().map(examine).collect(),
    };
    let result = store.push(params).await?;
    Ok(Json(PushResponse { results: result.results, cursor: result.cursor.to_string() }))
}

/// What concerns the push as a whole.
fn check(push: &PushRequest) -> Result<(), ApiError> {
    let device = &push.device_id;
    if !(1..=MAX_DEVICE_ID).contains(&device.chars().count()) || device.chars().any(char::is_control) {
        let detail = format!("deviceId: 1 to {MAX_DEVICE_ID} characters, none of them a control character.");
        return Err(ApiError::BadRequest(detail));
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
