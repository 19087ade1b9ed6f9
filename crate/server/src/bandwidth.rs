//! `GET` and `POST /api/sync/bandwidth/limit`: how many bytes a second a person lets their devices send and take (D5).
//! [`pace`] keeps account of them, and [`paced`] holds what goes too fast.

pub mod pace;
pub mod paced;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use fieldsync_protocol::{BandwidthLimits, Problem, SetBandwidthLimit};

use crate::auth::Caller;
use crate::body::read_json;
use crate::clock::now;
use crate::openapi::{BodyRefused, CallerRefused, Refused};
use crate::problem::ApiError;
use crate::store::Store;
use crate::store::bandwidth::SetBandwidthParams;

/// Gives the limits that the caller has set.
#[utoipa::path(get, path = "/api/sync/bandwidth/limit", tag = "devices", operation_id = "bandwidthLimits",
    responses((status = 200, description = "What is set.", body = BandwidthLimits), CallerRefused, Refused), security(("token" = [])))]
pub async fn limits(
    State(store): State<Arc<dyn Store>>,
    caller: Caller,
) -> Result<Json<BandwidthLimits>, ApiError> {
    Ok(Json(store.bandwidth(&caller.user_id).await?))
}

/// Sets a limit for all of the caller's devices, or for one of them.
#[utoipa::path(post, path = "/api/sync/bandwidth/limit", tag = "devices", operation_id = "setBandwidthLimit", request_body = SetBandwidthLimit,
    responses((status = 200, description = "What is set now.", body = BandwidthLimits), (status = 404, description = "The caller has no such device, or no longer.", body = Problem, content_type = "application/problem+json"), (status = 422, description = "`fields` says what to enter instead.", body = Problem, content_type = "application/problem+json"), CallerRefused, BodyRefused, Refused), security(("token" = [])))]
pub async fn set_limit(
    State(store): State<Arc<dyn Store>>,
    caller: Caller,
    request: Request,
) -> Result<Json<BandwidthLimits>, ApiError> {
    let given: SetBandwidthLimit = read_json(request).await?;
    let faults = given.validate();
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let none = ApiError::NotFound(format!("a device of the id {}", given.device_id.as_deref().unwrap_or("")));
    let params =
        SetBandwidthParams { user_id: caller.user_id, on_device_id: caller.device_id, given, now: now() };
    Ok(Json(store.set_bandwidth(params).await?.ok_or(none)?))
}
