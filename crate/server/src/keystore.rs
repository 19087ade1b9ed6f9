//! `GET` and `PUT /api/v1/keystore`: a person's keys, carried from device to device. What is secret in them is sealed under
//! a passphrase that never comes here; the server sees that the form is right, and whether one goes on from another.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use fieldsync_protocol::{
    CarriedKeystore, FieldError, Keystore, KeystorePut, MAX_KEYSTORE_BYTES, MAX_PUSH_BYTES, Problem,
};

use crate::auth::DeviceCaller;
use crate::body::read_json;
use crate::clock::now;
use crate::openapi::{BodyRefused, CallerRefused, Refused};
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::Store;
use crate::store::keystore::{PutKeystoreParams, PutKeystoreResult};

// A keystore fits into a body, with what JSON makes of its quotes.
const _: () = assert!(MAX_KEYSTORE_BYTES * 2 < MAX_PUSH_BYTES);

/// Gives the keystore.
#[utoipa::path(get, path = "/api/v1/keystore", tag = "devices", operation_id = "keystore",
    responses((status = 200, description = "The caller's keystore, as a device of theirs brought it.", body = CarriedKeystore), (status = 204, description = "No device of the caller's has brought one."), CallerRefused, Refused), security(("token" = [])))]
pub async fn keystore(
    State(store): State<Arc<dyn Store>>,
    DeviceCaller(caller): DeviceCaller,
) -> Result<Response, ApiError> {
    let carried = store.keystore(&caller.user_id).await?;
    Ok(carried
        .map_or_else(|| StatusCode::NO_CONTENT.into_response(), |carried| told(carried).into_response()))
}

/// Takes a keystore in the place of the one before.
///
/// It has to go on from that: be of the same vault, have every rotation that the other has (but for the oldest beyond the
/// 100 that are kept), and no older passphrase.
#[utoipa::path(put, path = "/api/v1/keystore", tag = "devices", operation_id = "putKeystore", request_body = KeystorePut,
    responses((status = 200, description = "What the server carries now.", body = CarriedKeystore), (status = 409, description = "The server has what this one has not: a rotation, a later passphrase, what a quicker device has brought. Take that in first. Or it has the keystore of another vault, which stays.", body = Problem, content_type = "application/problem+json"), (status = 422, description = "`fields` says what is wrong with it.", body = Problem, content_type = "application/problem+json"), CallerRefused, BodyRefused, Refused), security(("token" = [])))]
pub async fn put_keystore(
    State(state): State<AppState>,
    DeviceCaller(caller): DeviceCaller,
    request: Request,
) -> Result<Json<CarriedKeystore>, ApiError> {
    let given: KeystorePut = read_json(request).await?;
    let faults = faults(&given);
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let params =
        PutKeystoreParams { user_id: caller.user_id.clone(), device_id: caller.device_id, given, now: now() };
    match state.store.put_keystore(params).await? {
        PutKeystoreResult::Kept(carried) => {
            state.notices.moved(&caller.user_id);
            Ok(told(carried))
        }
        PutKeystoreResult::Same(carried) => Ok(told(carried)),
        PutKeystoreResult::Behind { sequence } => Err(ApiError::KeystoreBehind(sequence)),
        PutKeystoreResult::Foreign => Err(ApiError::KeystoreForeign),
    }
}

/// With what is in clear of its rotations.
fn told(mut carried: CarriedKeystore) -> Json<CarriedKeystore> {
    carried.rotations =
        Keystore::from_file(&carried.keystore).map(|keystore| keystore.told()).unwrap_or_default();
    Json(carried)
}

fn faults(given: &KeystorePut) -> Vec<FieldError> {
    let rotations = match Keystore::from_file(&given.keystore) {
        Err(error) => return vec![FieldError::new("keystore", format!("{error}."))],
        Ok(keystore) => keystore.told(),
    };
    // Copies of one would push others out of the last that are kept.
    let names: BTreeSet<&str> = rotations.iter().map(|rotation| rotation.id.as_str()).collect();
    if names.len() < rotations.len() {
        return vec![FieldError::new("keystore", "A rotation stands in it twice.")];
    }
    if rotations.iter().map(|rotation| rotation.sequence).max() != Some(given.sequence) {
        return vec![FieldError::new("sequence", "The sequence of the keystore's last rotation.")];
    }
    Vec::new()
}
