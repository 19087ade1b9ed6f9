//! `POST /api/v1/auth/{register,login,refresh,logout}`: accounts, and the tokens that go with every other request.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use fieldsync_protocol::{
    AuditEvent, Code, Credentials, Millis, Problem, RefreshRequest, Role, Tokens, device_id_fault,
};

use crate::auth::secret::new_id;
use crate::auth::token::{ACCESS_LIFE, Claims, REFRESH_LIFE, RefreshToken};
use crate::body::read_json;
use crate::clock::now;
use crate::openapi::{BodyRefused, Refused};
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::account::{
    AddUserParams, AddUserResult, BeginLoginParams, EndLoginParams, MAX_DEVICES, NoteParams,
    RegisterDeviceParams, RegisterDeviceResult, RotateParams, RotateResult, User, UserParams,
};
use crate::store::audit::Noted;

/// Makes an account of a worker without a team, and logs in with it.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "accounts", operation_id = "register", request_body = Credentials,
    responses((status = 201, description = "The account is made, and logged in with.", body = Tokens), (status = 409, description = "There is an account with this address already.", body = Problem, content_type = "application/problem+json"), (status = 422, description = "`fields` says what to enter instead.", body = Problem, content_type = "application/problem+json"), BodyRefused, Refused))]
pub async fn register(
    State(state): State<AppState>,
    request: Request,
) -> Result<(StatusCode, Json<Tokens>), ApiError> {
    let given: Credentials = read_json(request).await?;
    let mut faults = given.validate();
    faults.extend(given.device_id.as_deref().and_then(device_id_fault));
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let now = now();
    let user = User {
        id: new_id()?,
        email: given.address(),
        password_hash: state.auth.passwords.hash(given.password).await?,
        role: Role::Worker,
        team: None,
        created_at: now,
    };
    match state.store.add_user(AddUserParams { user: user.clone() }).await? {
        AddUserResult::Added => {}
        AddUserResult::EmailTaken => return Err(ApiError::EmailTaken),
    }
    let tokens = begin(&state, &user, given.device_id, now).await?;
    Ok((StatusCode::CREATED, Json(tokens)))
}

/// Logs in. An unknown address and a wrong password get the same answer after the same work.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "accounts", operation_id = "login", request_body = Credentials,
    responses((status = 200, description = "Logged in.", body = Tokens), (status = 401, description = "The address or the password is wrong.", body = Problem, content_type = "application/problem+json"), (status = 403, description = "The device has been revoked, or there are too many.", body = Problem, content_type = "application/problem+json"), (status = 422, description = "`fields` says what to enter instead.", body = Problem, content_type = "application/problem+json"), BodyRefused, Refused))]
pub async fn login(State(state): State<AppState>, request: Request) -> Result<Json<Tokens>, ApiError> {
    let given: Credentials = read_json(request).await?;
    if let Some(fault) = given.device_id.as_deref().and_then(device_id_fault) {
        return Err(ApiError::Invalid(vec![fault]));
    }
    let address = given.address();
    // No database keeps such a text; nobody has such an address.
    let user = match address.contains('\0') {
        true => None,
        false => state.store.user(UserParams::Email(address)).await?,
    };
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = state.auth.passwords.check(hash, given.password).await?;
    match user {
        Some(user) if is_right => Ok(Json(begin(&state, &user, given.device_id, now()).await?)),
        Some(user) => {
            let noted = Noted::refused(AuditEvent::Login, given.device_id, Code::BadCredentials);
            state.store.note(NoteParams { user_id: user.id, now: now(), noted }).await?;
            Err(ApiError::BadCredentials)
        }
        None => Err(ApiError::BadCredentials),
    }
}

/// Gives the next tokens for a refresh token.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "accounts", operation_id = "refresh", request_body = RefreshRequest,
    responses((status = 200, description = "The next two tokens; the one that was handed in is spent.", body = Tokens), (status = 401, description = "The token is not good, or was spent before: then its login has ended.", body = Problem, content_type = "application/problem+json"), (status = 403, description = "The device that the login is on has been revoked.", body = Problem, content_type = "application/problem+json"), BodyRefused, Refused))]
pub async fn refresh(State(state): State<AppState>, request: Request) -> Result<Json<Tokens>, ApiError> {
    let given: RefreshRequest = read_json(request).await?;
    let spent = RefreshToken::read(&given.refresh_token).ok_or(ApiError::Unauthorized)?;
    let now = now();
    let fresh = RefreshToken::new(&spent.user_id, &spent.login_id)?;
    let params = RotateParams {
        user_id: spent.user_id.clone(),
        login_id: spent.login_id.clone(),
        spent: spent.hash(),
        fresh: fresh.hash(),
        now,
        expires_at: now + REFRESH_LIFE,
    };
    let device_id = match state.store.rotate(params).await? {
        RotateResult::Rotated { device_id } => device_id,
        RotateResult::Revoked { .. } => return Err(ApiError::Revoked),
        RotateResult::Unknown => return Err(ApiError::Unauthorized),
        RotateResult::Reused => {
            tracing::warn!(user = spent.user_id, "a refresh token was used twice; its login has ended");
            return Err(ApiError::Unauthorized);
        }
    };
    // As the account is now: a role may have changed since.
    let user = state.store.user(UserParams::Id(spent.user_id)).await?.ok_or(ApiError::Unauthorized)?;
    let claims = Claims::new(user.id, user.role, device_id, Some(spent.login_id), now);
    tokens(&state, &claims, fresh).map(Json)
}

/// Ends the login of a refresh token. Where it has ended already, or never was, that is as good.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "accounts", operation_id = "logout", request_body = RefreshRequest,
    responses((status = 204, description = "There is no such login any more."), BodyRefused, Refused))]
pub async fn logout(State(state): State<AppState>, request: Request) -> Result<StatusCode, ApiError> {
    let given: RefreshRequest = read_json(request).await?;
    if let Some(RefreshToken { user_id, login_id, .. }) = RefreshToken::read(&given.refresh_token) {
        state.store.end_login(EndLoginParams { user_id, login_id, now: now() }).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Begins a login, on a device where that is said.
async fn begin(
    state: &AppState,
    user: &User,
    device_id: Option<String>,
    now: Millis,
) -> Result<Tokens, ApiError> {
    if let Some(device_id) = &device_id {
        let params = RegisterDeviceParams {
            user_id: user.id.clone(),
            device_id: device_id.clone(),
            name: None,
            login_id: None,
            now,
        };
        registered(state.store.register_device(params).await?)?;
        state.notices.moved(&user.id);
    }
    let login_id = new_id()?;
    let token = RefreshToken::new(&user.id, &login_id)?;
    let params = BeginLoginParams {
        user_id: user.id.clone(),
        login_id: login_id.clone(),
        device_id: device_id.clone(),
        token: token.hash(),
        now,
        expires_at: now + REFRESH_LIFE,
    };
    state.store.begin_login(params).await?;
    let claims = Claims::new(user.id.clone(), user.role, device_id, Some(login_id), now);
    tokens(state, &claims, token)
}

fn tokens(state: &AppState, claims: &Claims, refresh: RefreshToken) -> Result<Tokens, ApiError> {
    Ok(Tokens {
        access_token: state.auth.key.sign(claims)?,
        refresh_token: refresh.into_text(),
        expires_in: ACCESS_LIFE.0 / 1_000,
    })
}

/// The device, or why it was not registered.
pub fn registered(result: RegisterDeviceResult) -> Result<crate::store::account::Device, ApiError> {
    match result {
        RegisterDeviceResult::Registered(device) => Ok(device),
        RegisterDeviceResult::Revoked => Err(ApiError::Revoked),
        RegisterDeviceResult::TooMany => {
            Err(ApiError::Forbidden(format!("There are {MAX_DEVICES} devices already. Revoke one first.")))
        }
        RegisterDeviceResult::LoginElsewhere => Err(ApiError::Forbidden(
            "This login is another device's, or has ended. Log in on this device first.".into(),
        )),
    }
}
