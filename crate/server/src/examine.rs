//! What one pushed item says by itself, before anything the store knows: is it acceptable, and what is the hash of its
//! content.

use fieldsync_protocol::{Action, Code, EntityId, FieldError, ItemId, ItemType, NaturalKey, PushItem};
use serde_json::value::RawValue;

use crate::content_hash::ContentHash;
use crate::record::{NamedFile, NoRecord, Record};

/// An item ready to be judged.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The item's id.
    pub id: ItemId,
    /// The entity it is about.
    pub entity: EntityId,
    /// What kind of record that is.
    pub r#type: ItemType,
    /// What it does to it.
    pub action: Action,
    /// The item that must have taken effect before it.
    pub depends_on: Option<ItemId>,
    /// The hash of its content.
    pub hash: ContentHash,
    /// What it would do, or why it cannot.
    pub intent: Result<Intent, Refusal>,
}

/// What an acceptable item would do to its entity.
#[derive(Clone, Debug)]
pub enum Intent {
    /// Make it.
    Create(Checked),
    /// Apply a merge patch to this version of it.
    Update {
        /// The version the change was made against.
        base: u64,
        /// The patch, an object.
        patch: Record,
    },
    /// Remove this version of it.
    Delete {
        /// The version that was seen when it was removed.
        base: u64,
    },
}

/// A record that is acceptable as a whole.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The record.
    pub record: Record,
    /// What it is the only one of, where its type has such a key.
    pub key: Option<NaturalKey>,
    /// The file that has to be there before it.
    pub file: Option<NamedFile>,
}

impl Checked {
    /// Checks a record.
    pub fn new(record: Record, r#type: ItemType) -> Result<Checked, Refusal> {
        let key = record.check(r#type).map_err(Refusal::invalid)?;
        let file = if r#type == ItemType::Media { record.file() } else { None };
        Ok(Checked { record, key, file })
    }
}

/// Why an item is not acceptable, whatever else the store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// A sentence for the person who entered it.
    pub message: String,
    /// The fields at fault.
    pub fields: Vec<FieldError>,
}

impl Refusal {
    fn invalid(fields: Vec<FieldError>) -> Refusal {
        Refusal { code: Code::Invalid, message: "Some fields cannot be accepted.".into(), fields }
    }

    /// One field is at fault.
    pub fn of(field: &str, message: impl Into<String>) -> Refusal {
        Refusal::invalid(vec![FieldError::new(field, message)])
    }
}

/// Examines one item.
pub fn examine(item: &PushItem) -> Candidate {
    Candidate {
        id: item.id,
        entity: item.entity(),
        r#type: item.r#type,
        action: item.action,
        depends_on: item.depends_on,
        hash: ContentHash::of(item),
        intent: intent(item),
    }
}

fn intent(item: &PushItem) -> Result<Intent, Refusal> {
    if item.depends_on == Some(item.id) {
        return Err(Refusal::of("dependsOn", "An item cannot wait for itself."));
    }
    match item.action {
        Action::Create => {
            let record = record("data", item.data.as_deref())?;
            Checked::new(record, item.r#type).map(Intent::Create)
        }
        Action::Update => {
            Ok(Intent::Update { base: base(item)?, patch: record("patch", item.patch.as_deref())? })
        }
        Action::Delete => Ok(Intent::Delete { base: base(item)? }),
    }
}

fn record(field: &str, raw: Option<&RawValue>) -> Result<Record, Refusal> {
    raw.ok_or(NoRecord::NoObject)
        .and_then(Record::read)
        .map_err(|error| Refusal::of(field, error.to_string()))
}

fn base(item: &PushItem) -> Result<u64, Refusal> {
    let words = "Say which version the change was made against, from 1 up.";
    item.base_version.filter(|version| *version > 0).ok_or_else(|| Refusal::of("baseVersion", words))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ID: &str = "019a9d9c-0000-7000-8000-000000000001";
    const OTHER: &str = "019a9d9c-0000-7000-8000-000000000002";

    fn item(change: impl FnOnce(&mut Value)) -> Candidate {
        let mut item = json!({
            "id": ID, "type": "READING", "action": "CREATE", "entityId": ID, "createdAt": 5,
            "data": { "property": "P-1", "unit": "U1", "period": "2026-11", "value": 12.5, "readAt": 4 },
        });
        change(&mut item);
        examine(&serde_json::from_str(&item.to_string()).unwrap())
    }

    fn created(candidate: Candidate) -> Checked {
        match candidate.intent.unwrap() {
            Intent::Create(checked) => checked,
            other => panic!("{other:?}"),
        }
    }

    fn fields(candidate: Candidate) -> Vec<String> {
        let refusal = candidate.intent.unwrap_err();
        assert_eq!(refusal.code, Code::Invalid);
        refusal.fields.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_good_reading_is_accepted_as_it_was_sent() {
        let made = created(item(|item| item["data"]["colour"] = json!("red")));
        assert_eq!(made.record.value()["colour"], "red");
        assert_eq!(made.record.value()["value"], 12.5);
        assert!(made.key.is_some());
        assert_eq!(item(|item| item["entityId"] = json!(OTHER)).entity.to_string(), OTHER);
    }

    #[test]
    fn every_field_of_the_wrong_shape_is_named() {
        assert_eq!(
            fields(item(|item| item["data"] = json!({}))),
            ["property", "unit", "period", "value", "readAt"]
        );
        assert_eq!(fields(item(|item| item["data"]["value"] = json!("12"))), ["value"]);
        assert_eq!(fields(item(|item| item["data"]["readAt"] = json!(-1))), ["readAt"]);
        assert_eq!(fields(item(|item| item["data"]["meter"] = json!(7))), ["meter"]);
        assert_eq!(fields(item(|item| item["data"]["period"] = json!("2026-13"))), ["period"]);
        assert_eq!(fields(item(|item| item["data"] = json!([]))), ["data"]);
        assert_eq!(fields(item(|item| item["data"] = Value::Null)), ["data"]);
        assert_eq!(fields(item(|item| item["dependsOn"] = json!(ID))), ["dependsOn"]);
    }

    #[test]
    fn an_absent_meter_may_be_written_as_null() {
        let absent = created(item(|_| ()));
        let null = created(item(|item| item["data"]["meter"] = Value::Null));
        assert_eq!(absent.key, null.key);
    }

    #[test]
    fn a_change_names_its_version_and_a_patch_is_an_object() {
        let update = |base: Value, patch: Value| {
            item(|item| {
                item["action"] = json!("UPDATE");
                item["baseVersion"] = base;
                item["patch"] = patch;
            })
        };
        let good = update(json!(3), json!({ "note": null })).intent;
        assert!(matches!(good, Ok(Intent::Update { base: 3, patch }) if patch.text() == r#"{"note":null}"#));
        for base in [Value::Null, json!(0)] {
            assert_eq!(fields(update(base, json!({}))), ["baseVersion"]);
        }
        for patch in [Value::Null, json!([]), json!("x")] {
            assert_eq!(fields(update(json!(1), patch)), ["patch"]);
        }
        assert_eq!(fields(item(|item| item["action"] = json!("DELETE"))), ["baseVersion"]);
        let delete = |item: &mut Value| (item["action"], item["baseVersion"]) = (json!("DELETE"), json!(2));
        assert!(matches!(item(delete).intent, Ok(Intent::Delete { base: 2 })));
    }

    #[test]
    fn media_comes_inline_or_names_its_file() {
        let media = |data: Value| item(|item| (item["type"], item["data"]) = (json!("MEDIA"), data));
        let inline = created(media(json!({ "mime": "image/jpeg", "bytes": "AAAA", "of": OTHER })));
        assert_eq!((inline.key, inline.file), (None, None));
        let sha256 = "0f".repeat(32);
        let uploaded = created(media(json!({ "mime": "image/jpeg", "sha256": sha256, "size": 5 })));
        assert_eq!(uploaded.file, Some(NamedFile { sha256, size: 5, mime: "image/jpeg".into() }));
        assert_eq!(
            fields(media(json!({ "mime": "image/jpeg", "sha256": "0F".repeat(32), "size": 5 }))),
            ["sha256"]
        );
        let reading = item(|item| item["data"]["sha256"] = json!("0f".repeat(32)));
        assert_eq!(created(reading).file, None, "a field that nobody knows");
    }
}
