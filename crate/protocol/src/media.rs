use serde::Serialize;

use crate::read::Read;
use crate::text::{MAX_NOTE, note};
use crate::{EntityId, FieldError};

/// Bytes of text that inline media may take; larger ones are uploaded.
pub const MAX_INLINE_BYTES: usize = 64 * 1024;
/// A media type is at most this many characters.
const MAX_MIME: usize = 127;

/// `data` of a MEDIA: a photo or file, inline where it is small, else by its hash with the bytes uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Media {
    /// The media type, such as `image/jpeg`.
    pub mime: String,
    /// The bytes themselves, as text (base64), at most [`MAX_INLINE_BYTES`] of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// The SHA-256 of the uploaded bytes, in lower-case hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// How many bytes were uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: Option<u64>,
    /// The entity that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<EntityId>,
    /// What it shows, in the person's words, or what the record that it belongs to is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// Whether a text is a SHA-256 in lower-case hexadecimal, of which there is one spelling each.
pub fn is_sha256(text: &str) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 64 && text.bytes().all(hex)
}

impl Media {
    /// What is wrong with it, field by field; empty when it can be accepted.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let well_formed =
            self.mime.split_once('/').is_some_and(|(kind, sort)| !kind.is_empty() && !sort.is_empty());
        if !well_formed
            || self.mime.len() > MAX_MIME
            || !self.mime.bytes().all(|byte| byte.is_ascii_graphic())
        {
            errors.push(FieldError::new("mime", "Enter a media type, such as image/jpeg."));
        }
        match (&self.bytes, &self.sha256) {
            (Some(bytes), None) if bytes.len() > MAX_INLINE_BYTES => {
                errors.push(FieldError::new("bytes", "This is too large to be sent inline; upload it."));
            }
            (Some(_), None) => {}
            (None, Some(sha256)) => {
                if !is_sha256(sha256) {
                    errors.push(FieldError::new("sha256", "Enter 64 hexadecimal digits."));
                }
                if self.size.is_none() {
                    errors.push(FieldError::new("size", "Say how many bytes were uploaded."));
                }
            }
            (None, None) | (Some(_), Some(_)) => {
                errors.push(FieldError::new("bytes", "Give either the bytes or the sha256 of an upload."));
            }
        }
        errors.extend(note("caption", self.caption.as_deref(), MAX_NOTE));
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Vec<String> {
        let media: Media = serde_json::from_str(json).unwrap();
        media.validate().into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn media_is_inline_or_uploaded() {
        assert!(faults(r#"{"mime":"image/jpeg","bytes":"AAAA"}"#).is_empty());
        let uploaded = format!(r#"{{"mime":"image/jpeg","sha256":"{}","size":5}}"#, "0f".repeat(32));
        assert!(faults(&uploaded).is_empty());
        assert_eq!(faults(r#"{"mime":"jpeg","bytes":"A","sha256":"x"}"#), ["mime", "bytes"]);
        assert_eq!(faults(r#"{"mime":"image/jpeg","sha256":"X"}"#), ["sha256", "size"]);
        let large = format!(r#"{{"mime":"image/jpeg","bytes":"{}"}}"#, "A".repeat(MAX_INLINE_BYTES + 1));
        assert_eq!(faults(&large), ["bytes"]);
        let captioned = |length| {
            faults(&format!(r#"{{"mime":"image/jpeg","bytes":"A","caption":"{}"}}"#, "é".repeat(length)))
        };
        assert_eq!((captioned(2_000), captioned(2_001)), (vec![], vec!["caption".to_owned()]));
    }
}
