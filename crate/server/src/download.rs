//! `GET /api/v1/files/{sha256}` and `…/thumbnail`: an uploaded file, and the small picture of a photo, for whoever has a
//! record that uses it. Whatever is in it, a browser saves it and runs nothing of it.

mod range;

use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fieldsync_protocol::{Problem, is_sha256};

use self::range::Asked;
use crate::auth::DeviceCaller;
use crate::openapi::{CallerRefused, Refused};
use crate::problem::ApiError;
use crate::state::AppState;

/// Nothing of it is run, and it may ask for nothing.
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
const BYTES: HeaderValue = HeaderValue::from_static("bytes");

/// Gives the small picture of a photo.
///
/// It is made soon after the record that uses the photo was taken; until then, and where none can be made, there is none.
#[utoipa::path(get, path = "/api/v1/files/{sha256}/thumbnail", tag = "files", operation_id = "thumbnail",
    params(("sha256" = String, Path, description = "The SHA-256 of the photo, in lower-case hexadecimal.")),
    responses((status = 200, description = "A JPEG, of at most 320 pixels a side.", body = inline(String), content_type = "image/jpeg"), (status = 404, description = "The caller has no record of such a file, or there is no small picture of it, yet or ever.", body = Problem, content_type = "application/problem+json"), CallerRefused, Refused), security(("token" = [])))]
pub async fn thumbnail(
    State(state): State<AppState>,
    Path(sha256): Path<String>,
    DeviceCaller(caller): DeviceCaller,
) -> Result<Response, ApiError> {
    let unknown =
        || ApiError::NotFound("this address, or there is no small picture of a file of yours".into());
    let files = state.uploads.files()?;
    if !is_sha256(&sha256) {
        return Err(unknown());
    }
    let used = state.store.used_blob(&caller.user_id, &sha256).await?;
    used.filter(|used| used.has_thumbnail).ok_or_else(unknown)?;
    let told = [(CONTENT_TYPE, HeaderValue::from_static("image/jpeg")), (CONTENT_SECURITY_POLICY, SANDBOX)];
    Ok((told, files.thumbnail(&sha256).await?).into_response())
}

/// Gives a file, or the part of it that is asked for.
#[utoipa::path(get, path = "/api/v1/files/{sha256}", tag = "files", operation_id = "file",
    params(("sha256" = String, Path, description = "The SHA-256 of the file, in lower-case hexadecimal."), ("Range" = Option<String>, Header, description = "Such as `bytes=0-1023`; of several ranges, the whole file is given.")),
    responses((status = 200, description = "The file, of the media type that the record says.", body = inline(String), content_type = "application/octet-stream"), (status = 206, description = "The part that was asked for; which one is in `Content-Range`.", body = inline(String), content_type = "application/octet-stream"), (status = 304, description = "It is the one of `If-None-Match`."), (status = 404, description = "The caller has no record of such a file.", body = Problem, content_type = "application/problem+json"), (status = 416, description = "The file has no such part; how long it is stands in `Content-Range`.", body = Problem, content_type = "application/problem+json"), CallerRefused, Refused), security(("token" = [])))]
pub async fn file(
    State(state): State<AppState>,
    Path(sha256): Path<String>,
    DeviceCaller(caller): DeviceCaller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let unknown = || ApiError::NotFound("this address, or it is no file of yours".into());
    let files = state.uploads.files()?;
    if !is_sha256(&sha256) {
        return Err(unknown());
    }
    let used = state.store.used_blob(&caller.user_id, &sha256).await?.ok_or_else(unknown)?;
    let tag = HeaderValue::from_str(&format!("\"{sha256}\"")).map_err(|_| ApiError::Internal)?;
    let is_same = |name: HeaderName| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let mut tags =
            values.flat_map(|value| value.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
        tags.any(|given| given == "*" || given.as_bytes() == tag.as_bytes())
    };
    if is_same(IF_NONE_MATCH) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    let is_wanted = !headers.contains_key(IF_RANGE) || is_same(IF_RANGE);
    let asked = headers.get(RANGE).filter(|_| is_wanted).and_then(|value| value.to_str().ok());
    let (status, range) = match asked.map_or(Asked::Whole, |asked| range::asked(asked, used.size)) {
        Asked::Whole => (StatusCode::OK, 0..used.size),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Beyond => {
            let length = [(CONTENT_RANGE, format!("bytes */{}", used.size))];
            return Ok((length, ApiError::NoSuchPart).into_response());
        }
    };
    let mime = HeaderValue::from_str(&used.mime);
    let mut told = HeaderMap::from_iter([
        (CONTENT_TYPE, mime.unwrap_or(HeaderValue::from_static("application/octet-stream"))),
        (CONTENT_LENGTH, HeaderValue::from(range.end - range.start)),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (CONTENT_SECURITY_POLICY, SANDBOX),
        (ACCEPT_RANGES, BYTES),
        (ETAG, tag),
    ]);
    if status == StatusCode::PARTIAL_CONTENT {
        let part = format!("bytes {}-{}/{}", range.start, range.end - 1, used.size);
        told.extend(HeaderValue::from_str(&part).map(|part| (CONTENT_RANGE, part)));
    }
    Ok((status, told, files.read(&sha256, range).await?).into_response())
}
