//! Rules that the texts of every kind of record share.

use crate::FieldError;

/// A code (property, unit, meter, reader, site) is at most this many characters.
pub(crate) const MAX_CODE: usize = 64;
/// A note is at most this many characters.
pub(crate) const MAX_NOTE: usize = 2_000;

/// What is wrong with a code or name that people tell apart by looking at it.
pub(crate) fn code(field: &str, text: &str, most: usize) -> Option<FieldError> {
    if text.trim() != text || text.is_empty() {
        Some(FieldError::new(field, "Enter a code, with no spaces around it."))
    } else if text.chars().count() > most {
        Some(FieldError::new(field, format!("Use at most {most} characters.")))
    } else if text.chars().any(|c| c.is_control() || is_unseen(c)) {
        Some(FieldError::new(field, "Use letters, digits and signs only."))
    } else {
        None
    }
}

/// What is wrong with free text.
pub(crate) fn note(field: &str, text: Option<&str>, most: usize) -> Option<FieldError> {
    text.filter(|text| text.chars().count() > most)
        .map(|_| FieldError::new(field, format!("Use at most {most} characters.")))
}

/// A character of format: soft hyphen, zero width, direction of writing, byte order mark. Two codes that look the same
/// would be two natural keys.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}
