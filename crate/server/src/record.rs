//! Records as this server holds them: JSON text in one spelling, with every number's digits as they were entered.

mod shape;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use fieldsync_protocol::{
    Assessment, FieldError, ItemType, MAX_PUSH_BYTES, Media, NaturalKey, Reading, Response,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;

/// Deeper records than this are nobody's form. A record comes back inside of answers, whose readers have limits too.
const MAX_DEPTH: usize = 32;

/// A JSON object with sorted members and no white space. A field that this server does not know is kept, for a later one
/// that does; a number keeps its digits, however many.
#[derive(Clone, PartialEq, Eq)]
pub struct Record(Arc<str>);

/// A file that a record names by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// How many bytes it has.
    pub size: u64,
    /// Its media type.
    pub mime: String,
}

impl NamedFile {
    /// A small picture can be made of it, if it is what its type says.
    pub fn is_photo(&self) -> bool {
        matches!(&*self.mime, "image/jpeg" | "image/png" | "image/webp")
    }
}

/// The text is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoRecord {
    /// Something else than an object, or text that no JSON reader takes, such as a number beyond all range.
    #[error("The record itself is missing.")]
    NoObject,
    /// Nested deeper than forms are.
    #[error("This is nested too deeply.")]
    TooDeep,
    /// Larger than what one push can carry.
    #[error("This is too large.")]
    TooLarge,
}

impl Record {
    /// Reads an object.
    pub fn read(raw: &RawValue) -> Result<Record, NoRecord> {
        if !raw.get().starts_with('{') {
            return Err(NoRecord::NoObject);
        }
        let mut text = String::with_capacity(raw.get().len());
        write(raw.get(), MAX_DEPTH, &mut text)?;
        Record::within_limit(text)
    }

    /// What a store gives back of [`text`](Record::text).
    pub fn from_stored(text: &str) -> Record {
        Record(text.into())
    }

    /// This record, or where there is none an empty one, with a merge patch (RFC 7396) applied: `null` removes, an
    /// object goes member by member, anything else replaces.
    pub fn patched(record: Option<&Record>, patch: &Record) -> Result<Record, NoRecord> {
        let mut text = String::new();
        merge(record.map(Record::text), &patch.0, &mut text)?;
        Record::within_limit(text)
    }

    fn within_limit(text: String) -> Result<Record, NoRecord> {
        if text.len() > MAX_PUSH_BYTES { Err(NoRecord::TooLarge) } else { Ok(Record(text.into())) }
    }

    /// The JSON text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// As a value; `null` where a store gave back something else than it took.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or(Value::Null)
    }

    /// As raw JSON; `None` where a store gave back something else than it took.
    pub fn raw(&self) -> Option<Box<RawValue>> {
        RawValue::from_string(self.0.as_ref().into()).ok()
    }

    /// What the record is the only one of, where its type has such a key; or what is wrong with it, field by field.
    pub fn check(&self, r#type: ItemType) -> Result<Option<NaturalKey>, Vec<FieldError>> {
        let key = match r#type {
            ItemType::Reading => {
                let reading: Reading = self.read_as(shape::READING)?;
                sound(reading.validate())?;
                Some(reading.natural_key())
            }
            ItemType::Assessment => {
                sound(self.read_as::<Assessment>(shape::ASSESSMENT)?.validate())?;
                None
            }
            ItemType::Response => {
                sound(self.read_as::<Response>(shape::RESPONSE)?.validate())?;
                None
            }
            ItemType::Media => {
                sound(self.read_as::<Media>(shape::MEDIA)?.validate())?;
                None
            }
        };
        Ok(key)
    }

    /// The uploaded file that a MEDIA names; none where its bytes are inline.
    pub fn file(&self) -> Option<NamedFile> {
        let media: Media = serde_json::from_str(&self.0).ok()?;
        Some(NamedFile { sha256: media.sha256?, size: media.size?, mime: media.mime })
    }

    fn read_as<T: DeserializeOwned>(&self, fields: &[shape::Field]) -> Result<T, Vec<FieldError>> {
        serde_json::from_str(&self.0).map_err(|error| {
            let faults = shape::faults(fields, &self.value());
            // Whatever a later field may ask for that the shapes do not know.
            if faults.is_empty() { vec![FieldError::new("data", error.to_string())] } else { faults }
        })
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn sound(faults: Vec<FieldError>) -> Result<(), Vec<FieldError>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

type Members<'a> = BTreeMap<String, &'a RawValue>;

fn read<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, NoRecord> {
    serde_json::from_str(text).map_err(|_| NoRecord::NoObject)
}

/// Writes JSON in the one spelling. `depth` levels may follow.
fn write(text: &str, depth: usize, out: &mut String) -> Result<(), NoRecord> {
    let deeper = || depth.checked_sub(1).ok_or(NoRecord::TooDeep);
    match text.as_bytes().first() {
        Some(b'{') => {
            let depth = deeper()?;
            let members: Members = read(text)?;
            write_members(&members, out, |value, out| write(value.get(), depth, out))
        }
        Some(b'[') => {
            let depth = deeper()?;
            out.push('[');
            for (at, value) in read::<Vec<&RawValue>>(text)?.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(value.get(), depth, out)?;
            }
            out.push(']');
            Ok(())
        }
        Some(b'"') => {
            out.push_str(&Value::String(read(text)?).to_string());
            Ok(())
        }
        _ => {
            read::<Value>(text)?;
            out.push_str(text);
            Ok(())
        }
    }
}

fn write_members<T>(
    members: &BTreeMap<String, T>,
    out: &mut String,
    mut write: impl FnMut(&T, &mut String) -> Result<(), NoRecord>,
) -> Result<(), NoRecord> {
    out.push('{');
    for (at, (name, value)) in members.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&Value::from(name.as_str()).to_string());
        out.push(':');
        write(value, out)?;
    }
    out.push('}');
    Ok(())
}

/// RFC 7396, on texts of the one spelling: they are as deep as they were, and so is what comes of them.
fn merge(target: Option<&str>, patch: &str, out: &mut String) -> Result<(), NoRecord> {
    if !patch.starts_with('{') {
        out.push_str(patch);
        return Ok(());
    }
    let patch: Members = read(patch)?;
    let target: Members = match target {
        Some(object) if object.starts_with('{') => read(object)?,
        _ => Members::new(),
    };
    let mut merged: BTreeMap<String, (Option<&RawValue>, Option<&RawValue>)> =
        target.into_iter().map(|(name, value)| (name, (Some(value), None))).collect();
    for (name, value) in patch {
        if value.get() == "null" {
            merged.remove(&name);
        } else {
            merged.entry(name).or_default().1 = Some(value);
        }
    }
    write_members(&merged, out, |(old, new), out| match new {
        Some(patch) => merge(old.map(RawValue::get), patch.get(), out),
        None => {
            out.push_str(old.map_or("null", RawValue::get));
            Ok(())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Result<Record, NoRecord> {
        Record::read(&RawValue::from_string(text.into()).unwrap())
    }

    fn patched(target: &str, patch: &str) -> String {
        Record::patched(Some(&record(target).unwrap()), &record(patch).unwrap()).unwrap().text().to_owned()
    }

    #[test]
    fn there_is_one_spelling_and_every_digit_is_kept() {
        let text = record(
            "{ \"b\": [1.10, 123456789012345678901234567890 ],\n \"a\" : \"\\u0041\\n\", \"a\":\"A\" }",
        );
        assert_eq!(text.unwrap().text(), r#"{"a":"A","b":[1.10,123456789012345678901234567890]}"#);
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for text in ["[]", "1", "null", "\"{}\"", r#"{"a":1e999}"#, r#"{"a":"\ud800"}"#] {
            assert_eq!(record(text), Err(NoRecord::NoObject), "{text}");
        }
        let nested =
            |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(record(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(record(&nested(MAX_DEPTH + 1)), Err(NoRecord::TooDeep));
        assert_eq!(record(&nested(50_000)), Err(NoRecord::TooDeep));
    }

    #[test]
    fn a_record_does_not_grow_without_end() {
        let half = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_PUSH_BYTES / 2));
        let other = half.replacen('a', "b", 1);
        let (half, other) = (record(&half).unwrap(), record(&other).unwrap());
        assert_eq!(Record::patched(Some(&half), &other), Err(NoRecord::TooLarge));
    }

    /// The examples of RFC 7396, appendix A, whose target and patch are objects.
    #[test]
    fn merge_patch_does_as_its_definition_says() {
        for (target, patch, result) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, r#"{}"#),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"a":1,"e":null}"#),
            (r#"{}"#, r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
            (r#"{"a":"foo"}"#, r#"{"a":{"b":[null]}}"#, r#"{"a":{"b":[null]}}"#),
        ] {
            assert_eq!(patched(target, patch), result, "{target} {patch}");
        }
        assert_eq!(
            Record::patched(None, &record(r#"{"a":1,"b":null}"#).unwrap()).unwrap().text(),
            r#"{"a":1}"#
        );
    }

    #[test]
    fn every_field_of_the_wrong_shape_is_named() {
        let faults = |r#type, text: &str| {
            let faults = record(text).unwrap().check(r#type).unwrap_err();
            faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
        };
        assert_eq!(
            faults(ItemType::Assessment, r#"{"kind":"WEATHER","gps":[1],"population":-1}"#),
            ["kind", "site", "population", "gps"]
        );
        assert_eq!(faults(ItemType::Assessment, r#"{"kind":"WASH","site":"x","answers":[]}"#), ["answers"]);
        assert_eq!(faults(ItemType::Response, r#"{"plan":7}"#), ["assessmentId", "kind", "plan", "status"]);
        assert_eq!(
            faults(ItemType::Media, r#"{"bytes":7,"size":"1","of":"x"}"#),
            ["mime", "bytes", "size", "of"]
        );
        assert_eq!(faults(ItemType::Media, r#"{"mime":"image/jpeg"}"#), ["bytes"]);
    }
}
