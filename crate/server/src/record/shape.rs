//! What belongs into the fields of each type of record, to say of every field at fault what it lacks.

use fieldsync_protocol::{AssessmentKind, EntityId, FieldError, ResponseStatus};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One field of a record.
pub struct Field {
    name: &'static str,
    is_needed: bool,
    fits: fn(&Value) -> bool,
    /// What it is, after "This is not".
    words: &'static str,
}

const fn needed(name: &'static str, fits: fn(&Value) -> bool, words: &'static str) -> Field {
    Field { name, is_needed: true, fits, words }
}

const fn optional(name: &'static str, fits: fn(&Value) -> bool, words: &'static str) -> Field {
    Field { name, is_needed: false, fits, words }
}

const TEXT: &str = "a text";
const KIND: &str = "one of HEALTH, WASH, SHELTER, FOOD, SECURITY, POPULATION";

/// Of a READING.
pub const READING: &[Field] = &[
    needed("property", Value::is_string, TEXT),
    needed("unit", Value::is_string, TEXT),
    needed("period", Value::is_string, TEXT),
    optional("meter", Value::is_string, TEXT),
    optional("reader", Value::is_string, TEXT),
    optional("note", Value::is_string, TEXT),
    needed("value", Value::is_number, "a number"),
    needed("readAt", Value::is_u64, "a time in milliseconds"),
];

/// Of an ASSESSMENT.
pub const ASSESSMENT: &[Field] = &[
    needed("kind", fits::<AssessmentKind>, KIND),
    needed("site", Value::is_string, TEXT),
    optional("population", Value::is_u64, "a whole number from 0 up"),
    optional("gps", fits::<[f64; 2]>, "a latitude and a longitude"),
    optional("note", Value::is_string, TEXT),
];

/// Of a RESPONSE.
pub const RESPONSE: &[Field] = &[
    needed("assessmentId", fits::<EntityId>, "the id of an assessment"),
    needed("kind", fits::<AssessmentKind>, KIND),
    needed("plan", Value::is_string, TEXT),
    needed("status", fits::<ResponseStatus>, "one of PLANNED, ACTIVE, DONE, CANCELLED"),
];

/// Of a MEDIA.
pub const MEDIA: &[Field] = &[
    needed("mime", Value::is_string, TEXT),
    optional("bytes", Value::is_string, TEXT),
    optional("sha256", Value::is_string, TEXT),
    optional("size", Value::is_u64, "a number of bytes"),
    optional("of", fits::<EntityId>, "the id of a record"),
];

fn fits<T: DeserializeOwned>(value: &Value) -> bool {
    T::deserialize(value).is_ok()
}

/// Every field of a record that is missing or of the wrong shape. `null` is the same as absent.
pub fn faults(fields: &[Field], record: &Value) -> Vec<FieldError> {
    let fault = |field: &Field| {
        let value = record.get(field.name).filter(|value| !value.is_null());
        let is_fine = value.map_or(!field.is_needed, field.fits);
        let lacks = if field.is_needed { "missing, or not" } else { "not" };
        (!is_fine).then(|| FieldError::new(field.name, format!("This is {lacks} {}.", field.words)))
    };
    fields.iter().filter_map(fault).collect()
}
