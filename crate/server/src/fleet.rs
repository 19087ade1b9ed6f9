//! `GET /api/v1/fleet`: the devices of a supervisor's team, which of them have unsent work, how much and how old.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use fieldsync_protocol::{FleetPage, MAX_FLEET_DEVICES, Problem, Role};
use serde::Deserialize;

use crate::auth::Caller;
use crate::openapi::{CallerRefused, Refused};
use crate::problem::ApiError;
use crate::store::Store;
use crate::store::fleet::FleetParams;

/// The query of `fleet`.
#[derive(Debug, Deserialize)]
pub struct Asked {
    after: Option<String>,
    limit: Option<u32>,
}

/// Answers a page of devices. Never of what is on them.
#[utoipa::path(get, path = "/api/v1/fleet", tag = "team", operation_id = "fleet", params(("after" = Option<String>, Query, description = "`next` of the page before."), ("limit" = Option<u32>, Query, description = "At most so many.", minimum = 1, maximum = 500)),
    responses((status = 200, description = "A page of devices.", body = FleetPage), (status = 400, description = "The query is not of this shape.", body = Problem, content_type = "application/problem+json"), CallerRefused, Refused), security(("token" = [])))]
pub async fn fleet(
    State(store): State<Arc<dyn Store>>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<FleetPage>, ApiError> {
    if caller.role != Role::Supervisor {
        return Err(ApiError::Forbidden("Only a supervisor sees the devices of a team.".into()));
    }
    let Query(asked) = asked.map_err(|error| ApiError::BadRequest(error.body_text()))?;
    let limit = asked.limit.unwrap_or(MAX_FLEET_DEVICES);
    if !(1..=MAX_FLEET_DEVICES).contains(&limit) {
        return Err(ApiError::BadRequest(format!("limit: 1 to {MAX_FLEET_DEVICES}.")));
    }
    let after = match asked.after {
        Some(text) => {
            Some(place(&text).ok_or_else(|| ApiError::BadRequest("after: `next` of a page.".into()))?)
        }
        None => None,
    };
    let page = store.fleet(FleetParams { supervisor_id: caller.user_id, after, limit }).await?;
    let next = page.devices.last().filter(|_| page.has_more);
    let next = next.map(|device| format!("{}/{}", device.user_id, device.device_id));
    Ok(Json(FleetPage { devices: page.devices, next }))
}

/// The person and the device that a page ended with. Ids of people have no slash; a device may name itself with some.
fn place(text: &str) -> Option<(String, String)> {
    let (user_id, device_id) = text.split_once('/').filter(|_| !text.contains('\0'))?;
    Some((user_id.to_owned(), device_id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back() {
        assert_eq!(place("u/a/b"), Some(("u".into(), "a/b".into())));
        assert_eq!(place("u"), None);
        assert_eq!(place("u/\0"), None);
    }
}
