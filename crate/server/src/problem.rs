//! Errors as RFC 9457 problem documents: every answer from 400 up is one, but for those that hyper gives before there is
//! a request to answer (a head that is malformed or too large: 400, 414, 431).

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use fieldsync_protocol::{Code, FieldError, ItemId, MAX_UPLOAD_BYTES, Problem, PushLimits};
use thiserror::Error;

use crate::files::FileError;
use crate::notice::Full;
use crate::store::StoreError;

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// Seconds after which a request that was not taken is worth sending again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");
/// Until then somebody may have made room.
const ROOM_AFTER: HeaderValue = HeaderValue::from_static("60");

/// Why a request was not done. But for [`Unavailable`](ApiError::Unavailable) and [`TimedOut`](ApiError::TimedOut), it
/// changed nothing.
#[derive(Debug, Error)]
pub enum ApiError {
    /// The request is not of the right shape; the text says where.
    #[error("{0}")]
    BadRequest(String),
    /// Some fields cannot be taken as they are.
    #[error("Some of this cannot be taken as it is.")]
    Invalid(Vec<FieldError>),
    /// No access token, or none that is good.
    #[error("Log in first: there is no valid access token with this request.")]
    Unauthorized,
    /// Not for this caller.
    #[error("{0}")]
    Forbidden(String),
    /// The device has been revoked.
    #[error("This device has been revoked.")]
    Revoked,
    /// No such account, or another password: which of them is not told.
    #[error("The address or the password is wrong.")]
    BadCredentials,
    /// There is an account of this address.
    #[error("There is an account with this address already.")]
    EmailTaken,
    /// The keystore that is carried is later, and ends with this rotation.
    #[error(
        "The server has a keystore that yours does not go on from; it ends with rotation {0}. Take it in first."
    )]
    KeystoreBehind(u64),
    /// The keystore that is carried is of another vault: there is nothing to take in, and the first one stays.
    #[error(
        "The server has the keystore of another vault, which yours does not go on from. It keeps that one."
    )]
    KeystoreForeign,
    /// Asked for by a name that is not this server's.
    #[error("This demo answers to localhost and to addresses such as 127.0.0.1 alone.")]
    Misdirected,
    /// An id stands twice in one push.
    #[error("The id {0} stands twice in this push.")]
    RepeatedId(ItemId),
    /// More items, or more bytes, than a push may have.
    #[error("A push has at most {} items and {} bytes of JSON.", .0.max_items, .0.max_bytes)]
    TooLarge(PushLimits),
    /// A file that is larger than may be.
    #[error("A file has at most {} bytes.", MAX_UPLOAD_BYTES)]
    FileTooLarge,
    /// More bytes than the upload has left.
    #[error("That is more than was declared for this upload.")]
    BeyondLength,
    /// There is nowhere to keep files.
    #[error("This server takes files inline only: it has no directory for them.")]
    NoFiles,
    /// A part of a file that the file does not have.
    #[error("The file has no such part.")]
    NoSuchPart,
    /// A client of another version of tus.
    #[error("Send Tus-Resumable: 1.0.0.")]
    TusVersion,
    /// Other bytes of the upload are next.
    #[error("This upload goes on at byte {0}.")]
    UploadOffset(u64),
    /// Whoever came last writes.
    #[error("Another request has gone on with this upload.")]
    UploadLocked,
    /// Nobody went on with it.
    #[error("This upload was abandoned for too long. Begin it anew.")]
    UploadExpired,
    /// Of a request, or of the whole.
    #[error("What came is not what its checksum says. Nothing of it was taken.")]
    ChecksumMismatch,
    /// No such path.
    #[error("There is nothing at {0}.")]
    NotFound(String),
    /// A cursor that is too old, or another database's.
    #[error("This server can no longer tell what has changed since then. Ask again without a cursor.")]
    CursorExpired,
    /// The path is there, for other methods.
    #[error("{0} is not allowed here.")]
    MethodNotAllowed(Method),
    /// The body is of a type or an encoding that is not read here.
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// More than one address or one person may ask; again after so many seconds.
    #[error("That was too much at once. Come back in {0} s.")]
    TooManyRequests(u64),
    /// Overload, or a database out of reach.
    #[error("The server cannot take this just now. Please try again.")]
    Unavailable,
    /// The disk that the database is on.
    #[error("The server has no room left on its disk. Nothing of this was taken; please try again later.")]
    NoRoom,
    /// The disk that files are on.
    #[error("The server has no room left for files. Please go on with it later.")]
    NoRoomForFiles,
    /// The time limit. What was begun may yet be done; sent again, it is answered as replayed.
    #[error("This took too long. It may or may not have been done; please send it again.")]
    TimedOut,
    /// A fault of the server.
    #[error("The server failed. Nothing was changed; please try again.")]
    Internal,
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            ApiError::BadRequest(_) | ApiError::RepeatedId(_) => StatusCode::BAD_REQUEST,
            ApiError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            ApiError::Unauthorized | ApiError::BadCredentials => StatusCode::UNAUTHORIZED,
            ApiError::Forbidden(_) | ApiError::Revoked => StatusCode::FORBIDDEN,
            ApiError::EmailTaken | ApiError::KeystoreBehind(_) | ApiError::KeystoreForeign => {
                StatusCode::CONFLICT
            }
            ApiError::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            ApiError::TooLarge(_) | ApiError::FileTooLarge | ApiError::BeyondLength => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            ApiError::NoFiles => StatusCode::NOT_IMPLEMENTED,
            ApiError::NoSuchPart => StatusCode::RANGE_NOT_SATISFIABLE,
            ApiError::TusVersion => StatusCode::PRECONDITION_FAILED,
            ApiError::UploadOffset(_) => StatusCode::CONFLICT,
            ApiError::UploadLocked => StatusCode::LOCKED,
            ApiError::UploadExpired => StatusCode::GONE,
            // Of tus; it has no name elsewhere.
            ApiError::ChecksumMismatch => StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST),
            ApiError::NoRoomForFiles => StatusCode::INSUFFICIENT_STORAGE,
            ApiError::NotFound(_) => StatusCode::NOT_FOUND,
            ApiError::CursorExpired => StatusCode::GONE,
            ApiError::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            ApiError::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ApiError::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            ApiError::Unavailable | ApiError::NoRoom | ApiError::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
            ApiError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable code, and the few words that go with it.
    fn code(&self) -> (Code, &'static str) {
        match self {
            ApiError::BadRequest(_) => (Code::BadRequest, "Bad request"),
            ApiError::Invalid(_) => (Code::Invalid, "Invalid"),
            ApiError::Unauthorized => (Code::Unauthorized, "Unauthorized"),
            ApiError::Forbidden(_) => (Code::Forbidden, "Forbidden"),
            ApiError::Revoked => (Code::DeviceRevoked, "Device revoked"),
            ApiError::BadCredentials => (Code::BadCredentials, "Bad credentials"),
            ApiError::EmailTaken => (Code::EmailTaken, "Email taken"),
            ApiError::KeystoreBehind(_) | ApiError::KeystoreForeign => {
                (Code::KeystoreBehind, "Keystore behind")
            }
            ApiError::Misdirected => (Code::BadRequest, "Misdirected request"),
            ApiError::RepeatedId(_) => (Code::RepeatedId, "Repeated id"),
            ApiError::TooLarge(_) | ApiError::FileTooLarge | ApiError::BeyondLength => {
                (Code::TooLarge, "Too large")
            }
            ApiError::NoFiles => (Code::Unsupported, "Unsupported"),
            ApiError::NoSuchPart => (Code::BadRequest, "No such part"),
            ApiError::TusVersion => (Code::BadRequest, "Unknown version of tus"),
            ApiError::UploadOffset(_) => (Code::UploadOffset, "Other offset"),
            ApiError::UploadLocked => (Code::UploadLocked, "Upload locked"),
            ApiError::UploadExpired => (Code::NotFound, "Upload expired"),
            ApiError::ChecksumMismatch => (Code::ChecksumMismatch, "Checksum mismatch"),
            ApiError::NoRoomForFiles => (Code::NoRoom, "No room"),
            ApiError::NotFound(_) => (Code::NotFound, "Not found"),
            ApiError::CursorExpired => (Code::CursorExpired, "Cursor expired"),
            ApiError::MethodNotAllowed(_) => (Code::MethodNotAllowed, "Method not allowed"),
            ApiError::UnsupportedMediaType(_) => (Code::UnsupportedMediaType, "Unsupported media type"),
            ApiError::TooManyRequests(_) => (Code::TooManyRequests, "Too many requests"),
            ApiError::Unavailable | ApiError::NoRoom | ApiError::TimedOut => {
                (Code::Unavailable, "Unavailable")
            }
            ApiError::Internal => (Code::Internal, "Internal error"),
        }
    }

    fn into_response_with(self, status: StatusCode) -> Response {
        let (code, title) = self.code();
        let retry_after = match (&self, code) {
            (ApiError::TooManyRequests(seconds), _) => Some(HeaderValue::from(*seconds)),
            (ApiError::NoRoom | ApiError::NoRoomForFiles, _) => Some(ROOM_AFTER),
            (_, Code::Unavailable) => Some(RETRY_AFTER),
            _ => None,
        };
        let problem = Problem {
            r#type: "about:blank".into(),
            title: title.into(),
            status: status.as_u16(),
            detail: self.to_string(),
            code,
            limits: if let ApiError::TooLarge(limits) = &self { Some(*limits) } else { None },
            fields: if let ApiError::Invalid(fields) = self { fields } else { Vec::new() },
        };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds);
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        self.into_response_with(status)
    }
}

impl From<Full> for ApiError {
    fn from(_: Full) -> ApiError {
        ApiError::Unavailable
    }
}

impl From<FileError> for ApiError {
    fn from(error: FileError) -> ApiError {
        tracing::error!("{error}");
        match error {
            FileError::Full(_) => ApiError::NoRoomForFiles,
            FileError::Missing(_) | FileError::Failed(_) => ApiError::Internal,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        match error {
            StoreError::Busy(_) => {
                tracing::warn!("{error}");
                ApiError::Unavailable
            }
            StoreError::Full(_) => {
                tracing::error!("{error}");
                ApiError::NoRoom
            }
            StoreError::Failed(_) => {
                tracing::error!("{error}");
                ApiError::Internal
            }
        }
    }
}

/// Makes a problem document of every error that some layer or library answered in its own way.
pub async fn cover(request: Request, next: Next) -> Response {
    /// What such an answer says in its headers is kept.
    const KEPT: [HeaderName; 3] =
        [header::ALLOW, header::CONTENT_RANGE, HeaderName::from_static("tus-resumable")];

    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.headers().get(header::CONTENT_TYPE) == Some(&PROBLEM_JSON) {
        return response;
    }
    let error = match status {
        StatusCode::NOT_FOUND => ApiError::NotFound(path),
        StatusCode::METHOD_NOT_ALLOWED => ApiError::MethodNotAllowed(method),
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(PushLimits::default()),
        status if status.is_client_error() => {
            ApiError::BadRequest(status.canonical_reason().unwrap_or("Bad request").into())
        }
        _ => ApiError::Internal,
    };
    let mut problem = error.into_response_with(status);
    for name in KEPT {
        if let Some(value) = response.headers().get(&name) {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}

#[cfg(test)]
mod tests;
