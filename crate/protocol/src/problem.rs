use crate::PushLimits;
use crate::read::Read;
use crate::write::Write;

/// A stable name for what went wrong; the same on the wire, in the ledger and at the JavaScript boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Read, Write)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Code {
    /// The request is not JSON of the right shape.
    BadRequest,
    /// A field's value is not acceptable; `fields` says which and why.
    Invalid,
    /// This type of item, or this action on it, is not supported by this server.
    Unsupported,
    /// There is already a reading for this property, unit, meter and period.
    DuplicateReading,
    /// The id was used before with other content.
    IdReused,
    /// The record has changed on the server since the version that the change was made against.
    VersionConflict,
    /// There is no such record to change or delete.
    UnknownEntity,
    /// The item that must come first has not taken effect.
    DependencyMissing,
    /// The file that the record names has not been uploaded by this person, or is no longer kept: upload it, and send the
    /// item again.
    FileMissing,
    /// Other bytes of the upload are next than these.
    UploadOffset,
    /// Another request has gone on with the upload.
    UploadLocked,
    /// What came is not what its checksum says.
    ChecksumMismatch,
    /// The cursor is too old, or of another server: take a snapshot.
    CursorExpired,
    /// No valid access token came with the request.
    Unauthorized,
    /// The caller may not do that.
    Forbidden,
    /// The device has been revoked: it may do nothing, for good.
    DeviceRevoked,
    /// The address or the password is wrong.
    BadCredentials,
    /// There is an account with this address already.
    EmailTaken,
    /// The server has a later keystore than this one: take it in first.
    KeystoreBehind,
    /// The request is larger than the limits.
    TooLarge,
    /// The same id stands twice in one push.
    RepeatedId,
    /// There is nothing here.
    NotFound,
    /// The method is not allowed here.
    MethodNotAllowed,
    /// The content type is not `application/json`.
    UnsupportedMediaType,
    /// Too many requests; come back after `Retry-After`.
    TooManyRequests,
    /// The server has no room left for files; come back after `Retry-After`.
    NoRoom,
    /// The server cannot answer just now; come back after `Retry-After`.
    Unavailable,
    /// The server failed; the request changed nothing and may be sent again.
    Internal,
}

impl Code {
    /// The name as it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::BadRequest => "bad_request",
            Code::Invalid => "invalid",
            Code::Unsupported => "unsupported",
            Code::DuplicateReading => "duplicate_reading",
            Code::IdReused => "id_reused",
            Code::VersionConflict => "version_conflict",
            Code::UnknownEntity => "unknown_entity",
            Code::DependencyMissing => "dependency_missing",
            Code::FileMissing => "file_missing",
            Code::UploadOffset => "upload_offset",
            Code::UploadLocked => "upload_locked",
            Code::ChecksumMismatch => "checksum_mismatch",
            Code::CursorExpired => "cursor_expired",
            Code::Unauthorized => "unauthorized",
            Code::Forbidden => "forbidden",
            Code::DeviceRevoked => "device_revoked",
            Code::BadCredentials => "bad_credentials",
            Code::EmailTaken => "email_taken",
            Code::KeystoreBehind => "keystore_behind",
            Code::TooLarge => "too_large",
            Code::RepeatedId => "repeated_id",
            Code::NotFound => "not_found",
            Code::MethodNotAllowed => "method_not_allowed",
            Code::UnsupportedMediaType => "unsupported_media_type",
            Code::TooManyRequests => "too_many_requests",
            Code::NoRoom => "no_room",
            Code::Unavailable => "unavailable",
            Code::Internal => "internal",
        }
    }
}

/// What is wrong with one field, for the person who filled it in.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's JSON name, such as `period`.
    pub field: String,
    /// A sentence that says what to enter instead.
    pub message: String,
}

impl FieldError {
    /// A message for a field.
    pub fn new(field: &str, message: impl Into<String>) -> FieldError {
        FieldError { field: field.to_owned(), message: message.into() }
    }
}

/// An error answer: an RFC 9457 problem document (`application/problem+json`) with a stable `code`.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Always `about:blank`: the `code` tells problems apart.
    pub r#type: String,
    /// A few words, the same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A sentence about this very case.
    pub detail: String,
    /// The stable code.
    pub code: Code,
    /// The limits that were exceeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<PushLimits>,
    /// The fields that were not acceptable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<FieldError>>"))]
    pub fields: Vec<FieldError>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_spelled_as_it_is_serialized() {
        for code in [
            Code::BadRequest,
            Code::Invalid,
            Code::Unsupported,
            Code::DuplicateReading,
            Code::IdReused,
            Code::VersionConflict,
            Code::UnknownEntity,
            Code::DependencyMissing,
            Code::FileMissing,
            Code::UploadOffset,
            Code::UploadLocked,
            Code::ChecksumMismatch,
            Code::CursorExpired,
            Code::Unauthorized,
            Code::Forbidden,
            Code::DeviceRevoked,
            Code::BadCredentials,
            Code::EmailTaken,
            Code::KeystoreBehind,
            Code::TooLarge,
            Code::RepeatedId,
            Code::NotFound,
            Code::MethodNotAllowed,
            Code::UnsupportedMediaType,
            Code::TooManyRequests,
            Code::NoRoom,
            Code::Unavailable,
            Code::Internal,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        assert!(serde_json::from_str::<Code>("\"made_up\"").is_err(), "unknown values are refused");
    }
}
