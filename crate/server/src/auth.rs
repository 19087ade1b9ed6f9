//! Who is calling. Every handler that touches a user's data takes a [`Caller`] or a [`DeviceCaller`]: here is the one
//! place where access tokens are read, where a person's requests are counted, and where a revoked device is turned away.

mod hmac;
pub mod password;
pub mod secret;
pub mod token;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use fieldsync_protocol::{Millis, Role};

use self::password::Passwords;
use self::secret::Secret;
use self::token::{AccessKey, Claims};
use crate::bandwidth::paced::go_by;
use crate::clock::now;
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::account::{SeeDeviceParams, SeeDeviceResult};

/// Whose the requests without a token are on a demo server.
pub const DEMO_USER: &str = "demo@fieldsync.example";

/// What it takes to know who calls.
#[derive(Clone)]
pub struct Auth {
    /// Signs and reads access tokens.
    pub key: Arc<AccessKey>,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Whether a request without a token is the demo user's.
    demo: bool,
}

impl Auth {
    /// With the server's secret.
    pub fn new(secret: &Secret, demo: bool) -> Auth {
        Auth { key: Arc::new(AccessKey::new(secret)), passwords: Passwords::new(), demo }
    }
}

/// The user on whose behalf a request is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user's id, which leads every key in the store.
    pub user_id: String,
    /// What the user may do.
    pub role: Role,
    /// The device, once the login is on one. It is not revoked.
    pub device_id: Option<String>,
    /// The login.
    pub login_id: Option<String>,
    /// When the access token is no longer good.
    pub expires_at: Option<Millis>,
    /// Nobody said who this is: the demo user, from whatever device.
    pub is_demo: bool,
}

impl Caller {
    fn of(claims: Claims) -> Caller {
        let expires_at = Some(claims.expires_at());
        let Claims { user_id, role, device_id, login_id, .. } = claims;
        Caller { user_id, role, device_id, login_id, expires_at, is_demo: false }
    }

    fn demo() -> Caller {
        Caller {
            user_id: DEMO_USER.to_owned(),
            role: Role::Worker,
            device_id: None,
            login_id: None,
            expires_at: None,
            is_demo: true,
        }
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Caller, ApiError> {
        let Some(given) = parts.headers.get(header::AUTHORIZATION) else {
            if !state.auth.demo {
                return Err(ApiError::Unauthorized);
            }
            let caller = Caller::demo();
            go_by(parts, &caller, state).await;
            return Ok(caller);
        };
        let token = given.to_str().ok().and_then(bearer).ok_or(ApiError::Unauthorized)?;
        let now = now();
        let caller = Caller::of(state.auth.key.read(token, now).ok_or(ApiError::Unauthorized)?);
        state.rates.count_user(&caller.user_id)?;
        if let Some(device_id) = &caller.device_id {
            let params =
                SeeDeviceParams { user_id: caller.user_id.clone(), device_id: device_id.clone(), now };
            match state.store.see_device(params).await? {
                SeeDeviceResult::Registered => {}
                SeeDeviceResult::Revoked => return Err(ApiError::Revoked),
                // The database has been put back to a day before the device came.
                SeeDeviceResult::Unknown => return Err(ApiError::Unauthorized),
            }
        }
        go_by(parts, &caller, state).await;
        Ok(caller)
    }
}

/// A [`Caller`] from a registered device, or the demo user's, whatever their device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCaller(pub Caller);

impl DeviceCaller {
    /// Refuses what a device says in another's name.
    pub fn require_own(&self, device_id: &str) -> Result<(), ApiError> {
        match &self.0.device_id {
            Some(own) if own != device_id => {
                Err(ApiError::Forbidden("This access token is another device's.".into()))
            }
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<AppState> for DeviceCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<DeviceCaller, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.device_id.is_none() && !caller.is_demo {
            return Err(ApiError::Forbidden("Register this device first.".into()));
        }
        Ok(DeviceCaller(caller))
    }
}

/// The token of a header such as `Bearer TOKEN`.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
