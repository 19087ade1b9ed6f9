//! `…/api/v1/sync/background/*` and `…/connectivity-test` for a device of the caller's, or of somebody's whose
//! supervisor the caller is (B8): what the device said last, and what is asked of it. Nothing here reaches into a device:
//! wishes are kept, and it reads them.

#![expect(unused_qualifications, reason = "what utoipa writes for the parameters names its trait in full")]

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use fieldsync_protocol::{
    Connectivity, DeviceStatus, FieldError, MetricsReport, Millis, Problem, Settings, Wishes, device_id_fault,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::audit::overseen;
use crate::auth::Caller;
use crate::body::read_json;
use crate::clock::now;
use crate::openapi::{AboutRefused, BodyRefused, CallerRefused, Refused};
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::account::SEEN_EVERY;
use crate::store::fleet::{DeviceParams, KnownDevice, Wish, WishParams};

/// The device that a request is about, `?device=` and `?user=`: absent, they are the ones that ask.
#[derive(Debug)]
pub struct About {
    caller: Caller,
    user_id: String,
    device_id: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Whose device; absent, the caller's.
    user: Option<String>,
    /// As it names itself; absent, the one that asks.
    device: Option<String>,
}

impl FromRequestParts<AppState> for About {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<About, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let asked = Query::<Asked>::from_request_parts(parts, state).await;
        let Query(asked) = asked.map_err(|error: QueryRejection| ApiError::BadRequest(error.body_text()))?;
        let user_id = overseen(&*state.store, &caller, asked.user).await?;
        let own = caller.device_id.clone().filter(|_| user_id == caller.user_id);
        let device_id = asked.device.or(own);
        let device_id = device_id.ok_or_else(|| ApiError::BadRequest("device: say which.".into()))?;
        if device_id_fault(&device_id).is_some() {
            return Err(no_such_device(&device_id));
        }
        Ok(About { caller, user_id, device_id })
    }
}

impl About {
    async fn known(self, state: &AppState) -> Result<KnownDevice, ApiError> {
        let params = DeviceParams { user_id: self.user_id, device_id: self.device_id.clone() };
        state.store.known_device(params).await?.ok_or_else(|| no_such_device(&self.device_id))
    }

    async fn wish(self, state: &AppState, wish: Wish) -> Result<Json<Wishes>, ApiError> {
        let params = WishParams {
            user_id: self.user_id.clone(),
            device_id: self.device_id.clone(),
            actor_id: self.caller.user_id,
            on_device_id: self.caller.device_id,
            wish,
            now: now(),
        };
        let wishes = state.store.wish(params).await?;
        state.notices.moved(&self.user_id);
        wishes.map(Json).ok_or_else(|| no_such_device(&self.device_id))
    }
}

fn no_such_device(device_id: &str) -> ApiError {
    ApiError::NotFound(format!("a device of the id {device_id}"))
}

/// What a device said last, and what is asked of it.
#[utoipa::path(get, path = "/api/v1/sync/background/status", tag = "team", operation_id = "deviceStatus", params(Asked),
    responses((status = 200, description = "As it said last.", body = DeviceStatus), AboutRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn status(State(state): State<AppState>, about: About) -> Result<Json<DeviceStatus>, ApiError> {
    let KnownDevice { device, report, wishes } = about.known(&state).await?;
    let (queue_size, reported_at) =
        (report.as_ref().map(|report| report.pending), report.as_ref().map(|report| report.at));
    let activity = report.and_then(|report| report.activity).unwrap_or_default();
    Ok(Json(DeviceStatus { activity, queue_size, reported_at, last_seen_at: device.last_seen_at, wishes }))
}

/// The figures that a device told last; none where it tells none.
#[utoipa::path(get, path = "/api/v1/sync/background/metrics", tag = "team", operation_id = "deviceMetrics", params(Asked),
    responses((status = 200, description = "As it told them last.", body = MetricsReport), AboutRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn metrics(State(state): State<AppState>, about: About) -> Result<Json<MetricsReport>, ApiError> {
    let report = about.known(&state).await?.report;
    Ok(Json(report.and_then(|report| report.metrics).unwrap_or_default()))
}

/// The settings that a device is asked to change.
#[utoipa::path(get, path = "/api/v1/sync/background/settings", tag = "team", operation_id = "wishedSettings", params(Asked),
    responses((status = 200, description = "Those that are to change.", body = Object), AboutRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn settings(
    State(state): State<AppState>,
    about: About,
) -> Result<Json<Map<String, Value>>, ApiError> {
    Ok(Json(about.known(&state).await?.wishes.settings.unwrap_or_default()))
}

/// Asks a device to change settings; those that are not named stay.
#[utoipa::path(put, path = "/api/v1/sync/background/settings", tag = "team", operation_id = "wishSettings", request_body = Settings, params(Asked),
    responses((status = 200, description = "All that is asked of it now.", body = Wishes), (status = 422, description = "`fields` says what to enter instead.", body = Problem, content_type = "application/problem+json"), AboutRefused, CallerRefused, BodyRefused, Refused), security(("token" = [])))]
pub async fn set_settings(
    State(state): State<AppState>,
    about: About,
    request: Request,
) -> Result<Json<Wishes>, ApiError> {
    let change = sound(read_json(request).await?).map_err(ApiError::Invalid)?;
    about.wish(&state, Wish::Settings(change)).await
}

/// Asks a device to send what it has.
#[utoipa::path(post, path = "/api/v1/sync/background/start", tag = "team", operation_id = "wishStart", params(Asked),
    responses((status = 202, description = "All that is asked of it now.", body = Wishes), AboutRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn start(
    State(state): State<AppState>,
    about: About,
) -> Result<(StatusCode, Json<Wishes>), ApiError> {
    Ok((StatusCode::ACCEPTED, about.wish(&state, Wish::Start).await?))
}

/// Asks a device to send nothing for now.
#[utoipa::path(post, path = "/api/v1/sync/background/pause", tag = "team", operation_id = "wishPause", params(Asked),
    responses((status = 200, description = "All that is asked of it now.", body = Wishes), AboutRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn pause(State(state): State<AppState>, about: About) -> Result<Json<Wishes>, ApiError> {
    about.wish(&state, Wish::Pause).await
}

/// Asks a device to send again.
#[utoipa::path(post, path = "/api/v1/sync/background/resume", tag = "team", operation_id = "wishResume", params(Asked),
    responses((status = 200, description = "All that is asked of it now.", body = Wishes), AboutRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn resume(State(state): State<AppState>, about: About) -> Result<Json<Wishes>, ApiError> {
    about.wish(&state, Wish::Resume).await
}

/// What the server knows of the link to a device.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// As the device said last.
    connectivity: Connectivity,
    /// Whether it was heard of just now.
    reachable: bool,
    /// Nobody but the device can send pings.
    pings: u32,
    answered: u32,
    last_seen_at: Millis,
}

/// What is known of the link to a device, from when it was last heard of.
#[utoipa::path(get, path = "/api/v1/sync/connectivity-test", tag = "team", operation_id = "deviceLink", params(Asked),
    responses((status = 200, description = "As far as it is known.", body = Link), AboutRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn connectivity_test(State(state): State<AppState>, about: About) -> Result<Json<Link>, ApiError> {
    let KnownDevice { device, report, .. } = about.known(&state).await?;
    let activity = report.and_then(|report| report.activity).unwrap_or_default();
    Ok(Json(Link {
        connectivity: activity.connectivity,
        // It is written down once a minute.
        reachable: device.last_seen_at + SEEN_EVERY + SEEN_EVERY > now(),
        pings: 0,
        answered: 0,
        last_seen_at: device.last_seen_at,
    }))
}

/// The settings of a change that there are, each a value that it may have; or what is wrong with them.
fn sound(change: Map<String, Value>) -> Result<Map<String, Value>, Vec<FieldError>> {
    let known = json!(Settings::default());
    let change: Map<_, _> = change.into_iter().filter(|(name, _)| known.get(name).is_some()).collect();
    let faults: Vec<FieldError> = change
        .iter()
        .flat_map(|(name, value)| match serde_json::from_value::<Settings>(json!({ name.as_str(): value })) {
            Ok(settings) => settings.validate(),
            Err(_) => vec![FieldError::new(name, "This is no value that it can have.")],
        })
        .collect();
    if faults.is_empty() { Ok(change) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound_or_not(change: Value) -> Result<Value, Vec<String>> {
        let faults = |faults: Vec<FieldError>| faults.into_iter().map(|fault| fault.field).collect();
        sound(change.as_object().unwrap().clone()).map(Value::from).map_err(faults)
    }

    #[test]
    fn of_a_change_the_known_settings_are_kept() {
        let change = json!({ "enabled": false, "syncIntervalMinutes": 15, "colour": "red" });
        assert_eq!(sound_or_not(change), Ok(json!({ "enabled": false, "syncIntervalMinutes": 15 })));
        assert_eq!(sound_or_not(json!({})), Ok(json!({})));
        let odd = json!({ "enabled": "no", "syncIntervalMinutes": 0, "priorityThreshold": "HIGH" });
        assert_eq!(sound_or_not(odd), Err(vec!["enabled".into(), "syncIntervalMinutes".into()]));
    }
}
