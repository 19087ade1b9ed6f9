//! `POST /api/sync/register`, `GET /api/sync/devices`, `POST /api/sync/devices/{id}/revoke`: a person's devices.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use fieldsync_protocol::{Device, DeviceRegistration, Devices, Problem, RegisteredDevice, device_id_fault};

use crate::account::registered;
use crate::auth::Caller;
use crate::auth::token::{ACCESS_LIFE, Claims};
use crate::body::read_json;
use crate::clock::now;
use crate::openapi::{BodyRefused, CallerRefused, Refused};
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::Store;
use crate::store::account::{Device as Kept, RegisterDeviceParams, RevokeDeviceParams};
use crate::store::fleet::RosterMember;

/// Registers the device that a login is on, or names it anew.
///
/// A login is one device's for good, and ends when that is revoked: another device logs in anew.
#[utoipa::path(post, path = "/api/sync/register", tag = "devices", operation_id = "registerDevice", request_body = DeviceRegistration,
    responses((status = 200, description = "The device is registered, and the login is on it.", body = RegisteredDevice), (status = 422, description = "`fields` says what to enter instead.", body = Problem, content_type = "application/problem+json"), CallerRefused, (status = 403, description = "The device has been revoked, there are too many, or the login is another device's or has ended: log in on this one.", body = Problem, content_type = "application/problem+json"), BodyRefused, Refused), security(("token" = [])))]
pub async fn register(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<Json<RegisteredDevice>, ApiError> {
    let given: DeviceRegistration = read_json(request).await?;
    let faults = given.validate();
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let now = now();
    let params = RegisterDeviceParams {
        user_id: caller.user_id.clone(),
        device_id: given.device_id.clone(),
        name: given.name,
        login_id: caller.login_id.clone(),
        now,
    };
    let device = registered(state.store.register_device(params).await?)?;
    state.notices.moved(&caller.user_id);
    let claims =
        Claims::new(caller.user_id, caller.role, Some(given.device_id.clone()), caller.login_id, now);
    Ok(Json(RegisteredDevice {
        device: told(device, Some(&given.device_id)),
        access_token: state.auth.key.sign(&claims)?,
        expires_in: ACCESS_LIFE.0 / 1_000,
    }))
}

/// Lists the caller's devices.
#[utoipa::path(get, path = "/api/sync/devices", tag = "devices", operation_id = "devices",
    responses((status = 200, description = "All of them, revoked ones too.", body = Devices), CallerRefused, Refused), security(("token" = [])))]
pub async fn devices(State(store): State<Arc<dyn Store>>, caller: Caller) -> Result<Json<Devices>, ApiError> {
    let current = caller.device_id.as_deref();
    let member = |member: RosterMember| {
        let mut device = told(member.device, current);
        if let Some(report) = member.report {
            device.reported_at = Some(report.at);
            device.pending = Some(report.pending);
            device.oldest_unsent_at = report.oldest_unsent_at;
            device.storage = report.storage;
            device.storage_usage = report.storage_usage;
            device.storage_quota = report.storage_quota;
            device.last_rotation = report.last_rotation;
        }
        device
    };
    let roster = store.roster(&caller.user_id).await?;
    Ok(Json(Devices { devices: roster.into_iter().map(member).collect() }))
}

/// Revokes one of the caller's devices: from now on it may do nothing, and its logins have ended.
#[utoipa::path(post, path = "/api/sync/devices/{id}/revoke", tag = "devices", operation_id = "revokeDevice", params(("id" = String, Path, description = "As the device names itself.", min_length = 1, max_length = 64)),
    responses((status = 200, description = "The device, which is revoked.", body = Device), (status = 400, description = "The id is not UTF-8.", body = Problem, content_type = "application/problem+json"), (status = 404, description = "The caller has no such device.", body = Problem, content_type = "application/problem+json"), CallerRefused, Refused), security(("token" = [])))]
pub async fn revoke(
    State(state): State<AppState>,
    caller: Caller,
    device_id: Result<Path<String>, PathRejection>,
) -> Result<Json<Device>, ApiError> {
    let Path(device_id) = device_id.map_err(|error| ApiError::BadRequest(error.body_text()))?;
    let no_such_device = || ApiError::NotFound(format!("a device of the id {device_id}"));
    if device_id_fault(&device_id).is_some() {
        return Err(no_such_device());
    }
    let params = RevokeDeviceParams {
        user_id: caller.user_id.clone(),
        device_id: device_id.clone(),
        on_device_id: caller.device_id.clone(),
        now: now(),
    };
    let device = state.store.revoke_device(params).await?.ok_or_else(no_such_device)?;
    state.notices.moved(&caller.user_id);
    Ok(Json(told(device, caller.device_id.as_deref())))
}

fn told(device: Kept, current: Option<&str>) -> Device {
    let Kept { id, name, registered_at, last_seen_at, revoked_at } = device;
    let current = current == Some(id.as_str());
    Device {
        device_id: id,
        name,
        registered_at,
        last_seen_at,
        revoked_at,
        current,
        reported_at: None,
        pending: None,
        oldest_unsent_at: None,
        storage: None,
        storage_usage: None,
        storage_quota: None,
        last_rotation: None,
    }
}
