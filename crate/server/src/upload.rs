//! `/api/v1/uploads`: files on their way, by the tus protocol 1.0 (<https://tus.io/protocols/resumable-upload>) with its
//! extensions for creation, creation with upload, expiration, checksums and termination. `docs/uploads.md` says which test
//! shows which of its requirements.

pub mod cleanup;
mod header;
mod place;
mod receive;

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{ALLOW, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use fieldsync_protocol::MAX_UPLOAD_BYTES;
use http_body_util::BodyExt;
use tokio::time::timeout;

pub use self::place::Places;

use self::header::{
    ALGORITHMS, Checksum, EXTENSIONS, TUS_CHECKSUM_ALGORITHM, TUS_EXTENSION, TUS_MAX_SIZE, TUS_RESUMABLE,
    TUS_VERSION, UPLOAD_EXPIRES, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET, VERSION,
};
use self::place::Place;
use self::receive::Receiver;
use crate::auth::DeviceCaller;
use crate::auth::secret::new_id;
use crate::clock::now;
use crate::files::Files;
use crate::openapi::{CallerRefused, Refused, UploadRefused};
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::upload::{
    BeginUploadParams, BeginUploadResult, EndUpload, EndUploadParams, HoldParams, HoldResult, Upload,
    UploadParams,
};

/// Where uploads are.
pub const PATH: &str = "/api/v1/uploads";
/// How long a request may take that brings bytes. A chunk of 5 MB comes in that time at 6 kB/s.
pub const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);
/// How long it is waited for the end of what has nothing left to bring.
const HEARING: Duration = Duration::from_secs(30);
/// Seconds after which one of too many uploads may have ended.
const ROOM_FOR_MORE: u64 = 60;

/// What it takes to take files.
#[derive(Clone, Debug)]
pub struct Uploads {
    /// Where their bytes are kept, if anywhere.
    pub files: Option<Files>,
    /// How many come at once.
    pub places: Places,
}

impl Uploads {
    /// Where their bytes are kept.
    pub fn files(&self) -> Result<&Files, ApiError> {
        self.files.as_ref().ok_or(ApiError::NoFiles)
    }
}

/// Refuses clients of another version, and says in every answer which one this is.
pub async fn tus(request: Request, next: Next) -> Response {
    let is_understood = request.method() == Method::OPTIONS || header::is_of_version(request.headers());
    let mut response =
        if is_understood { next.run(request).await } else { ApiError::TusVersion.into_response() };
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert(TUS_RESUMABLE, VERSION);
    match status {
        StatusCode::PRECONDITION_FAILED => drop(headers.insert(TUS_VERSION, VERSION)),
        StatusCode::PAYLOAD_TOO_LARGE => drop(headers.insert(TUS_MAX_SIZE, MAX_UPLOAD_BYTES.into())),
        _ => {}
    }
    response
}

/// Says what of tus there is here.
#[utoipa::path(options, path = "/api/v1/uploads", tag = "files", operation_id = "uploadOptions",
    responses((status = 204, description = "In `Tus-Version`, `Tus-Extension`, `Tus-Max-Size` and `Tus-Checksum-Algorithm`."), CallerRefused, Refused), security(("token" = [])))]
pub async fn options(_: DeviceCaller) -> impl IntoResponse {
    let headers = [
        (TUS_VERSION, VERSION),
        (TUS_EXTENSION, EXTENSIONS),
        (TUS_MAX_SIZE, MAX_UPLOAD_BYTES.into()),
        (TUS_CHECKSUM_ALGORITHM, ALGORITHMS),
    ];
    (StatusCode::NO_CONTENT, headers)
}

/// Begins an upload.
///
/// `Upload-Metadata` has to have `sha256`: the hash of the whole file, in 64 lower-case hexadecimal digits, which are in
/// base64 as all its values. With `Content-Type: application/offset+octet-stream` the body is the first bytes already.
#[utoipa::path(post, path = "/api/v1/uploads", tag = "files", operation_id = "beginUpload",
    params(("Tus-Resumable" = String, Header, description = "`1.0.0`."), ("Upload-Length" = u64, Header, description = "How many bytes the file has."), ("Upload-Metadata" = String, Header, description = "Keys with values in base64."), ("Upload-Checksum" = Option<String>, Header, description = "`sha1` or `sha256`, and the hash of the body in base64.")),
    request_body(content = inline(String), content_type = "application/offset+octet-stream"),
    responses((status = 201, description = "It has begun, and is at `Location`."), UploadRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn create(
    State(state): State<AppState>,
    caller: Result<DeviceCaller, ApiError>,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let (which, device_id, checksum, place) = begin(&state, caller, &parts.headers).await?;
    if header::has_bytes(&parts.headers) || header::length(&parts.headers)? == 0 {
        let bytes = Bytes { which: which.clone(), offset: 0, body, checksum, _place: place };
        if let Err(refusal) = bring(state.clone(), bytes).await {
            // Nobody was told where it is.
            forget(&state, which, device_id).await?;
            return Err(refusal);
        }
    }
    let location = HeaderValue::from_str(&format!("{PATH}/{}", which.id)).map_err(|_| ApiError::Internal)?;
    let upload = known(&state, which).await?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], told(&upload)).into_response())
}

/// Says how far an upload has come.
#[utoipa::path(head, path = "/api/v1/uploads/{id}", tag = "files", operation_id = "upload",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header, description = "`1.0.0`.")),
    responses((status = 200, description = "So far as `Upload-Offset`, of `Upload-Length`, until `Upload-Expires`."), UploadRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn head(
    State(state): State<AppState>,
    Path(id): Path<String>,
    DeviceCaller(caller): DeviceCaller,
) -> Result<Response, ApiError> {
    let upload = known(&state, UploadParams { user_id: caller.user_id, id }).await?;
    let mut headers = told(&upload);
    headers.insert(UPLOAD_LENGTH, upload.length.into());
    if let Ok(metadata) = HeaderValue::from_str(&upload.metadata) {
        headers.insert(UPLOAD_METADATA, metadata);
    }
    Ok((StatusCode::OK, headers).into_response())
}

/// Takes more of an upload.
///
/// With the last byte the hash of the whole is compared with the one that was declared, and the file is there. Where it is
/// another (460) the upload is gone, because nobody can say which byte was wrong.
#[utoipa::path(patch, path = "/api/v1/uploads/{id}", tag = "files", operation_id = "goOnWithUpload",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header, description = "`1.0.0`."), ("Upload-Offset" = u64, Header, description = "Where these bytes begin: as far as the upload has come."), ("Upload-Checksum" = Option<String>, Header, description = "`sha1` or `sha256`, and the hash of the body in base64.")),
    request_body(content = inline(String), content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "It has come so far as `Upload-Offset`."), UploadRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn patch(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Result<DeviceCaller, ApiError>,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let (which, offset, checksum, place) = go_on(&state, caller, id, &parts.headers).await?;
    let bytes = Bytes { which: which.clone(), offset, body, checksum, _place: place };
    bring(state.clone(), bytes).await?;
    let upload = known(&state, which).await?;
    Ok((StatusCode::NO_CONTENT, told(&upload)).into_response())
}

/// Ends an upload, whole or not.
#[utoipa::path(delete, path = "/api/v1/uploads/{id}", tag = "files", operation_id = "endUpload",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header, description = "`1.0.0`.")),
    responses((status = 204, description = "It is gone, with what had come of it."), UploadRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn end(
    State(state): State<AppState>,
    Path(id): Path<String>,
    DeviceCaller(caller): DeviceCaller,
) -> Result<StatusCode, ApiError> {
    let which = UploadParams { user_id: caller.user_id, id };
    known(&state, which.clone()).await?;
    forget(&state, which, caller.device_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Does as `X-HTTP-Method-Override` says, for clients whose way lets no other method through.
#[utoipa::path(post, path = "/api/v1/uploads/{id}", tag = "files", operation_id = "uploadByOverride",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header, description = "`1.0.0`."), ("X-HTTP-Method-Override" = String, Header, description = "`PATCH`, `HEAD` or `DELETE`; what else it takes is as with these.")),
    request_body(content = inline(String), content_type = "application/offset+octet-stream"),
    responses((status = 200, description = "As `HEAD`."), (status = 204, description = "As `PATCH` or `DELETE`."), (status = 405, description = "There is no such method here.", body = fieldsync_protocol::Problem, content_type = "application/problem+json"), UploadRefused, CallerRefused, Refused), security(("token" = [])))]
pub async fn overridden(
    state: State<AppState>,
    id: Path<String>,
    caller: Result<DeviceCaller, ApiError>,
    request: Request,
) -> Result<Response, ApiError> {
    match header::overridden(request.headers()) {
        Some("PATCH") => patch(state, id, caller, request).await,
        Some("HEAD") => head(state, id, caller?).await,
        Some("DELETE") => end(state, id, caller?).await.map(IntoResponse::into_response),
        _ => {
            let allowed = [(ALLOW, "HEAD,PATCH,DELETE")];
            Ok((allowed, ApiError::MethodNotAllowed(Method::POST)).into_response())
        }
    }
}

/// Bytes that somebody brings, which nobody has read yet.
struct Bytes {
    which: UploadParams,
    offset: u64,
    body: Body,
    checksum: Option<Checksum>,
    /// Kept until they are taken.
    _place: Place,
}

/// What a request that begins an upload says before its body.
async fn begin(
    state: &AppState,
    caller: Result<DeviceCaller, ApiError>,
    headers: &HeaderMap,
) -> Result<(UploadParams, Option<String>, Option<Checksum>, Place), ApiError> {
    let DeviceCaller(caller) = caller?;
    state.uploads.files()?;
    let length = header::length(headers)?;
    if length > MAX_UPLOAD_BYTES {
        return Err(ApiError::FileTooLarge);
    }
    let metadata = header::metadata(headers)?;
    let checksum = Checksum::of(headers)?;
    let brought = header::content_length(headers);
    if brought.is_some_and(|brought| brought > 0) {
        header::require_bytes(headers)?;
    }
    if brought.is_some_and(|brought| brought > length) {
        return Err(ApiError::BeyondLength);
    }
    let place = state.uploads.places.take(&caller.user_id)?;
    let which = UploadParams { user_id: caller.user_id, id: new_id()? };
    let params = BeginUploadParams {
        user_id: which.user_id.clone(),
        device_id: caller.device_id.clone(),
        id: which.id.clone(),
        length,
        sha256: metadata.sha256,
        metadata: metadata.text,
        now: now(),
    };
    match state.store.begin_upload(params).await? {
        BeginUploadResult::Begun(_) => Ok((which, caller.device_id, checksum, place)),
        BeginUploadResult::TooMany => Err(ApiError::TooManyRequests(ROOM_FOR_MORE)),
    }
}

/// What a request that goes on with an upload says before its body.
async fn go_on(
    state: &AppState,
    caller: Result<DeviceCaller, ApiError>,
    id: String,
    headers: &HeaderMap,
) -> Result<(UploadParams, u64, Option<Checksum>, Place), ApiError> {
    let DeviceCaller(caller) = caller?;
    state.uploads.files()?;
    header::require_bytes(headers)?;
    let (offset, checksum) = (header::offset(headers)?, Checksum::of(headers)?);
    let place = state.uploads.places.take(&caller.user_id)?;
    let which = UploadParams { user_id: caller.user_id, id };
    let upload = known(state, which.clone()).await?;
    if upload.received != offset {
        return Err(ApiError::UploadOffset(upload.received));
    }
    let left = upload.length - offset;
    if header::content_length(headers).is_some_and(|brought| brought > left) {
        return Err(ApiError::BeyondLength);
    }
    Ok((which, offset, checksum, place))
}

/// Takes the bytes, and has nobody take what another still brings.
async fn bring(state: AppState, bytes: Bytes) -> Result<(), ApiError> {
    // In a task of its own: what came counts, though whoever brought it is gone.
    let taken = tokio::spawn(async move {
        let Bytes { which, offset, body, checksum, _place } = bytes;
        let holder = new_id()?;
        let params = HoldParams { upload: which.clone(), offset, holder: holder.clone(), now: now() };
        match state.store.hold_upload(params).await? {
            HoldResult::Held(upload) => {
                Receiver { state, which, upload, holder }.receive(body, checksum).await
            }
            HoldResult::Done(_) => refuse_bytes(body).await,
            HoldResult::Elsewhere(upload) => Err(ApiError::UploadOffset(upload.received)),
            HoldResult::Expired => Err(ApiError::UploadExpired),
            HoldResult::Unknown => Err(no_such_upload(&which.id)),
        }
    });
    taken.await.map_err(|error| {
        tracing::error!("an upload ended otherwise: {error}");
        ApiError::Internal
    })?
}

/// Of a whole upload nothing is left to bring.
async fn refuse_bytes(mut body: Body) -> Result<(), ApiError> {
    match timeout(HEARING, body.frame()).await {
        Ok(None) => Ok(()),
        _ => Err(ApiError::BeyondLength),
    }
}

/// Forgets an upload, and removes what had come of it.
async fn forget(state: &AppState, which: UploadParams, device_id: Option<String>) -> Result<(), ApiError> {
    let files = state.uploads.files()?;
    // First the bytes: of what is forgotten nobody removes them.
    files.remove_all_parts(&which.id).await?;
    let why = EndUpload::Asked(device_id);
    state.store.end_upload(EndUploadParams { upload: which.clone(), why, now: now() }).await?;
    // What somebody has brought meanwhile no longer counts.
    files.remove_all_parts(&which.id).await?;
    Ok(())
}

/// An upload that has not expired.
async fn known(state: &AppState, which: UploadParams) -> Result<Upload, ApiError> {
    let id = which.id.clone();
    let upload = state.store.upload(which).await?.ok_or_else(|| no_such_upload(&id))?;
    if upload.expires_at <= now() { Err(ApiError::UploadExpired) } else { Ok(upload) }
}

fn no_such_upload(id: &str) -> ApiError {
    ApiError::NotFound(format!("{PATH}/{id}"))
}

/// What every good answer about an upload says.
fn told(upload: &Upload) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(UPLOAD_OFFSET, HeaderValue::from(upload.received))]);
    headers.extend(header::date(upload.expires_at).map(|date| (UPLOAD_EXPIRES, date)));
    headers
}
