//! The headers of tus 1.0, read and written. What a client may send is text of any kind, and each is taken only in the one
//! form that tus knows.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fieldsync_protocol::{Millis, is_sha256};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::time::{Duration, UNIX_EPOCH};

use crate::problem::ApiError;

pub const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
pub const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
pub const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// The one version that there is.
pub const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
pub const EXTENSIONS: HeaderValue =
    HeaderValue::from_static("creation,creation-with-upload,expiration,checksum,termination");
pub const ALGORITHMS: HeaderValue = HeaderValue::from_static("sha1,sha256");
/// What comes with the bytes of an upload.
const BYTES: &str = "application/offset+octet-stream";
/// A name, a type and a hash take a tenth of it.
const MAX_METADATA: usize = 4096;

/// Whether the client speaks this version.
pub fn is_of_version(headers: &HeaderMap) -> bool {
    headers.get(TUS_RESUMABLE) == Some(&VERSION)
}

/// Whether the body is bytes of an upload.
pub fn has_bytes(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    content_type.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case(BYTES)
}

/// Refuses a body that is something else.
pub fn require_bytes(headers: &HeaderMap) -> Result<(), ApiError> {
    if has_bytes(headers) {
        return Ok(());
    }
    Err(ApiError::UnsupportedMediaType(format!("Send Content-Type: {BYTES}.")))
}

/// How long an upload that begins will be.
pub fn length(headers: &HeaderMap) -> Result<u64, ApiError> {
    if headers.contains_key(UPLOAD_DEFER_LENGTH) {
        return Err(wrong(
            &UPLOAD_DEFER_LENGTH,
            "is not known here: say how long it will be, in Upload-Length",
        ));
    }
    number(headers, &UPLOAD_LENGTH)
}

/// Where the bytes of a request begin.
pub fn offset(headers: &HeaderMap) -> Result<u64, ApiError> {
    number(headers, &UPLOAD_OFFSET)
}

/// The length of the body, where the client says it.
pub fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The method that a client means whose way knows no other than `POST`.
pub fn overridden(headers: &HeaderMap) -> Option<&str> {
    headers.get(METHOD_OVERRIDE)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, ApiError> {
    let text = one(headers, name)?.ok_or_else(|| wrong(name, "is missing"))?;
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // What a database cannot count to is no length of a file.
    let number = text.parse().ok().filter(|number| is_plain && i64::try_from(*number).is_ok());
    number.ok_or_else(|| wrong(name, "has to be a whole number, from 0 up"))
}

/// A header that stands there at most once.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ApiError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    match (value.to_str(), values.next()) {
        (Ok(text), None) => Ok(Some(text.trim())),
        _ => Err(wrong(name, "has to stand there once, as plain text")),
    }
}

fn wrong(name: &HeaderName, what: &str) -> ApiError {
    ApiError::BadRequest(format!("{name}: {what}."))
}

/// What a client says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// As it was said.
    pub text: String,
    /// The SHA-256 that the whole is to have, in lower-case hexadecimal.
    pub sha256: String,
}

/// Reads `Upload-Metadata`: keys with values in base64, of which only `sha256` means something here.
pub fn metadata(headers: &HeaderMap) -> Result<Metadata, ApiError> {
    let text = one(headers, &UPLOAD_METADATA)?.unwrap_or("");
    if text.len() > MAX_METADATA {
        return Err(wrong(&UPLOAD_METADATA, "is too long"));
    }
    let mut seen: Vec<(&str, Vec<u8>)> = Vec::new();
    for pair in text.split(',').map(str::trim).filter(|_| !text.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value).ok().filter(|_| !key.is_empty());
        let value = value.filter(|_| seen.iter().all(|(other, _)| *other != key));
        let value = value.ok_or_else(|| {
            wrong(&UPLOAD_METADATA, "has to be keys that differ, each with its value in base64")
        })?;
        seen.push((key, value));
    }
    let sha256 = seen.into_iter().find(|(key, _)| *key == "sha256").map(|(_, value)| value);
    let sha256 = sha256.and_then(|value| String::from_utf8(value).ok()).filter(|value| is_sha256(value));
    let sha256 = sha256.ok_or_else(|| {
        wrong(
            &UPLOAD_METADATA,
            "needs sha256, the hash of the whole file in 64 lower-case hexadecimal digits",
        )
    })?;
    Ok(Metadata { text: text.to_owned(), sha256 })
}

/// The hash of a request's body, as it is read.
#[derive(Clone)]
pub struct Checksum {
    state: State,
    expected: Vec<u8>,
}

#[derive(Clone)]
enum State {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// The one that the client says; `None` where it says none.
    pub fn of(headers: &HeaderMap) -> Result<Option<Checksum>, ApiError> {
        let Some(text) = one(headers, &UPLOAD_CHECKSUM)? else { return Ok(None) };
        let (algorithm, value) = text.split_once(' ').unwrap_or((text, ""));
        let (state, length) = match algorithm {
            "sha1" => (State::Sha1(Sha1::new()), 20),
            "sha256" => (State::Sha256(Sha256::new()), 32),
            _ => return Err(wrong(&UPLOAD_CHECKSUM, "is by sha1 or sha256 here")),
        };
        let expected = STANDARD.decode(value).ok().filter(|value| value.len() == length);
        let expected = expected.ok_or_else(|| wrong(&UPLOAD_CHECKSUM, "is no hash in base64"))?;
        Ok(Some(Checksum { state, expected }))
    }

    /// Takes more of the body.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Sha1(hash) => hash.update(bytes),
            State::Sha256(hash) => hash.update(bytes),
        }
    }

    /// Whether the body was what the client says.
    pub fn agrees(self) -> bool {
        match self.state {
            State::Sha1(hash) => hash.finalize().as_slice() == self.expected,
            State::Sha256(hash) => hash.finalize().as_slice() == self.expected,
        }
    }
}

/// A time as headers have it.
pub fn date(at: Millis) -> Option<HeaderValue> {
    // Beyond the year 9999 there is no such date.
    let at = at.0.min(253_402_300_799_000);
    HeaderValue::from_str(&httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(at))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_length_is_a_plain_number() {
        let read = |values: &[&str]| length(&headers(&UPLOAD_LENGTH, values)).ok();
        assert_eq!(read(&["0"]), Some(0));
        assert_eq!(read(&["9223372036854775807"]), Some(9_223_372_036_854_775_807));
        for wrong in
            ["", "-1", "+1", "1.5", "1e3", "0x1", "9223372036854775808", "99999999999999999999", "1,1"]
        {
            assert_eq!(read(&[wrong]), None, "{wrong}");
        }
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["1", "1"]), None);
        assert!(length(&headers(&UPLOAD_DEFER_LENGTH, &["1"])).unwrap_err().to_string().contains("defer"));
    }

    #[test]
    fn metadata_is_keys_with_base64_and_has_the_hash() {
        let read = |text: &str| metadata(&headers(&UPLOAD_METADATA, &[text])).map(|read| read.sha256);
        let encoded = STANDARD.encode(HASH);
        for good in [
            format!("sha256 {encoded}"),
            format!("filename w6kuanBn,sha256 {encoded},flag"),
            format!("flag , sha256 {encoded}"),
        ] {
            assert_eq!(read(&good).unwrap(), HASH, "{good}");
        }
        for wrong in [
            String::new(),
            "filename YQ==".into(),
            format!("sha256 {HASH}"),
            format!("sha256 {}", STANDARD.encode(HASH.to_uppercase())),
            format!("sha256 {encoded},sha256 {encoded}"),
            format!("sha256 {encoded},,"),
            format!("sha256 {encoded},a !"),
            format!("sha256 {encoded},a {}", "YWFh".repeat(MAX_METADATA / 4)),
        ] {
            assert!(matches!(read(&wrong), Err(ApiError::BadRequest(_))), "{wrong}");
        }
    }

    #[test]
    fn a_checksum_is_sha1_or_sha256() {
        let is_right = |text: &str, body: &[u8]| {
            let mut checksum = Checksum::of(&headers(&UPLOAD_CHECKSUM, &[text])).unwrap().unwrap();
            body.chunks(4).for_each(|part| checksum.update(part));
            checksum.agrees()
        };
        let sha1 = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";
        let sha256 = "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=";
        assert!(is_right(sha1, b"hello world") && is_right(sha256, b"hello world"));
        assert!(!is_right(sha1, b"hello") && !is_right(sha256, b""));
        assert!(Checksum::of(&HeaderMap::new()).unwrap().is_none());
        for wrong in ["", "sha1", "sha1 !", "sha1 YQ==", "md5 YQ==", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="] {
            assert!(Checksum::of(&headers(&UPLOAD_CHECKSUM, &[wrong])).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bytes_have_their_type_and_dates_their_form() {
        for good in [BYTES, "Application/Offset+Octet-Stream", "application/offset+octet-stream; x=y"] {
            assert!(has_bytes(&headers(&header::CONTENT_TYPE, &[good])), "{good}");
        }
        assert!(!has_bytes(&headers(&header::CONTENT_TYPE, &["application/octet-stream"])));
        assert!(!has_bytes(&HeaderMap::new()));
        assert_eq!(date(Millis(784_111_777_000)).unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(date(Millis(u64::MAX)).is_some());
    }
}
