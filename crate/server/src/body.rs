//! Reading a JSON body within limits: one for the bytes on the wire, one for what they unpack to.

use std::io::{ErrorKind, Read};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use fieldsync_protocol::{MAX_PUSH_BYTES, PushLimits};
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use crate::problem::ApiError;

/// How much of a body that is too large is still taken off the wire and thrown away. A client that is not listened to
/// to the end sees a broken connection where it should see the 413, and would try the same again.
const DISCARDED_AT_MOST: usize = 16 * MAX_PUSH_BYTES;

/// Reads a body of `application/json`, which may be gzipped, of at most [`MAX_PUSH_BYTES`].
///
/// A page of another origin cannot send this content type without being asked first, so it cannot push in its
/// visitor's name.
pub async fn read_json<T: DeserializeOwned>(request: Request) -> Result<T, ApiError> {
    let (parts, body) = request.into_parts();
    require_json(&parts.headers)?;
    let is_gzip = is_gzip(&parts.headers)?;
    let bytes = read_within(body, MAX_PUSH_BYTES).await?;
    match is_gzip {
        true => parse(&unpack_within(&bytes, MAX_PUSH_BYTES)?),
        false => parse(&bytes),
    }
}

fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = content_type.split(';').next().unwrap_or("").trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::UnsupportedMediaType("Send Content-Type: application/json.".into()))
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, ApiError> {
    let Some(encoding) = headers.get(header::CONTENT_ENCODING) else { return Ok(false) };
    let is = |name: &str| encoding.as_bytes().eq_ignore_ascii_case(name.as_bytes());
    if is("gzip") || is("identity") {
        return Ok(is("gzip"));
    }
    Err(ApiError::UnsupportedMediaType("The only Content-Encoding read here is gzip.".into()))
}

async fn read_within(mut body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let mut kept = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::BadRequest("The body broke off.".into()))?;
        let Ok(data) = frame.into_data() else { continue };
        seen += data.len();
        if seen <= limit {
            kept.extend_from_slice(&data);
        } else if seen > DISCARDED_AT_MOST {
            break;
        }
    }
    if seen > limit { Err(ApiError::TooLarge(PushLimits::default())) } else { Ok(kept.into()) }
}

/// Unpacks no further than one byte past the limit, whatever the sender packed.
fn unpack_within(bytes: &[u8], limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut unpacked = Vec::new();
    let read = GzDecoder::new(bytes).take(limit as u64 + 1).read_to_end(&mut unpacked);
    match read {
        Ok(length) if length > limit => Err(ApiError::TooLarge(PushLimits::default())),
        Ok(_) => Ok(unpacked),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(ApiError::BadRequest("The gzipped body breaks off.".into()))
        }
        Err(_) => Err(ApiError::BadRequest("The body is not gzip, as its Content-Encoding says.".into())),
    }
}

/// Parses JSON; an error names the place, such as `items[3].id`.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." || path == "?" { "The body".to_owned() } else { path };
        ApiError::BadRequest(format!("{place}: {}.", error.into_inner()))
    })?;
    json.end().map_err(|error| ApiError::BadRequest(format!("The body: {error}.")))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use axum::http::HeaderValue;
    use fieldsync_protocol::PushRequest;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_gzip_bomb_is_too_large() {
        let bomb = gzip(&vec![b' '; 50 * MAX_PUSH_BYTES]);
        assert!(bomb.len() < MAX_PUSH_BYTES);
        assert!(matches!(unpack_within(&bomb, MAX_PUSH_BYTES), Err(ApiError::TooLarge(_))));
        assert_eq!(unpack_within(&gzip(b"12345"), 5).unwrap(), b"12345");
        assert!(matches!(unpack_within(&gzip(b"123456"), 5), Err(ApiError::TooLarge(_))));
        assert!(matches!(unpack_within(b"not gzip", 5), Err(ApiError::BadRequest(_))));
        assert!(matches!(unpack_within(&gzip(b"12345")[..12], 5), Err(ApiError::BadRequest(_))));
    }

    #[test]
    fn an_error_names_its_place() {
        let detail = |json: &str| parse::<PushRequest>(json.as_bytes()).unwrap_err().to_string();
        assert!(detail("{").starts_with("The body: EOF"), "{}", detail("{"));
        assert!(detail("{}").contains("missing field `deviceId`"), "{}", detail("{}"));
        let item = r#"{"deviceId":"d","items":[{"id":"nonsense"}]}"#;
        assert!(detail(item).starts_with("items[0].id: \"nonsense\""), "{}", detail(item));
        let action = r#"{"deviceId":"d","items":[{"action":"FOLD"}]}"#;
        assert!(detail(action).starts_with("items[0].action: unknown variant `FOLD`"), "{}", detail(action));
        assert!(detail(r#"{"deviceId":"d","items":[]} x"#).contains("trailing"));
    }

    #[test]
    fn only_json_and_only_gzip_are_read() {
        let headers = |name, value| HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
        for value in ["application/json", "Application/JSON; charset=utf-8"] {
            assert!(require_json(&headers(header::CONTENT_TYPE, value)).is_ok(), "{value}");
        }
        for value in ["text/plain", "application/jsonp", "application/x-www-form-urlencoded", ""] {
            assert!(require_json(&headers(header::CONTENT_TYPE, value)).is_err(), "{value}");
        }
        assert!(require_json(&HeaderMap::new()).is_err());
        assert!(is_gzip(&headers(header::CONTENT_ENCODING, "gzip")).unwrap());
        assert!(!is_gzip(&headers(header::CONTENT_ENCODING, "identity")).unwrap());
        assert!(is_gzip(&headers(header::CONTENT_ENCODING, "br")).is_err());
    }
}
