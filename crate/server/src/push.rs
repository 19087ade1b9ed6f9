//! `POST /api/v1/sync/push`: takes what a device has queued, each item exactly once.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use fieldsync_protocol::{MAX_PUSH_ITEMS, PushLimits, PushRequest, PushResponse, device_id_fault};

use crate::auth::DeviceCaller;
use crate::body::{discard, read_json};
use crate::clock::now;
use crate::examine::examine;
use crate::metrics::Metrics;
use crate::problem::ApiError;
use crate::store::{PushParams, Store};

/// Takes a push. It is answered only after the commit; a request that is refused as a whole has written nothing (I4).
pub async fn push(
    State(store): State<Arc<dyn Store>>,
    State(metrics): State<Arc<Metrics>>,
    caller: Result<DeviceCaller, ApiError>,
    request: Request,
) -> Result<Json<PushResponse>, ApiError> {
    let caller = match caller {
        Ok(caller) => caller,
        Err(refusal) => {
            // Heard out first: who is cut short in the midst of a push takes it for a broken link, and logs in never.
            discard(request).await;
            return Err(refusal);
        }
    };
    let push: PushRequest = read_json(request).await?;
    check(&push)?;
    caller.require_own(&push.device_id)?;
    let params = PushParams {
        user_id: caller.0.user_id,
        device_id: push.device_id,
        now: now(),
        candidates: push.items.iter().map(examine).collect(),
    };
    let result = store.push(params).await?;
    metrics.pushed(&result.results);
    Ok(Json(PushResponse { results: result.results, cursor: result.cursor.to_string() }))
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
