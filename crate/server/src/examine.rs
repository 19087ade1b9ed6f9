//! What one pushed item says by itself, before anything the store knows: is it of a kind this server takes, is it
//! acceptable, and what is the hash of its content.

use std::fmt;

use fieldsync_protocol::{
    Action, Code, EntityId, FieldError, ItemId, ItemType, NaturalKey, PushItem, Reading,
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// SHA-256 over what an item means. The same id with another hash is another item, and is refused (I3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentHash(pub [u8; 32]);

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An item ready to be judged.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The item's id.
    pub id: ItemId,
    /// The hash of its content.
    pub hash: ContentHash,
    /// What it would make, or why it cannot.
    pub content: Result<NewEntity, Refusal>,
}

/// The entity that an acceptable item makes.
#[derive(Clone, Debug)]
pub struct NewEntity {
    /// Its id, which is the item's own.
    pub id: EntityId,
    /// What kind of record it is.
    pub r#type: ItemType,
    /// What it is the only one of.
    pub key: NaturalKey,
    /// The record as it was sent: a field that this server does not know is kept, for a later one that does.
    pub data: Value,
}

/// Why an item is not acceptable, whatever else the store holds.
#[derive(Clone, Debug)]
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
}

/// Examines one item.
pub fn examine(item: &PushItem) -> Candidate {
    Candidate { id: item.id, hash: content_hash(item), content: new_entity(item) }
}

fn new_entity(item: &PushItem) -> Result<NewEntity, Refusal> {
    if (item.r#type, item.action) != (ItemType::Reading, Action::Create) {
        let message = "This server takes new meter readings only.".into();
        return Err(Refusal { code: Code::Unsupported, message, fields: Vec::new() });
    }
    if item.entity_id != item.id {
        let message = "A new record takes the id of the item that creates it.";
        return Err(Refusal::invalid(vec![FieldError::new("entityId", message)]));
    }
    let data = item.data.as_ref().and_then(|data| serde_json::from_str::<Value>(data.get()).ok());
    let Some(Value::Object(record)) = data else {
        return Err(Refusal::invalid(vec![FieldError::new("data", "The reading itself is missing.")]));
    };
    let reading = read(record.clone()).map_err(Refusal::invalid)?;
    let faults = reading.validate();
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults));
    }
    let key = reading.natural_key();
    Ok(NewEntity { id: item.entity_id, r#type: item.r#type, key, data: Value::Object(record) })
}

/// Reads a record as a reading, or says of every field of the wrong shape what belongs there.
fn read(record: Map<String, Value>) -> Result<Reading, Vec<FieldError>> {
    let field = |name: &str| record.get(name).filter(|value| !value.is_null());
    let mut faults = Vec::new();
    for name in ["property", "unit", "period"] {
        if !field(name).is_some_and(Value::is_string) {
            faults.push(FieldError::new(name, "This is missing, or not a text."));
        }
    }
    for name in ["meter", "reader", "note"] {
        if !field(name).is_none_or(Value::is_string) {
            faults.push(FieldError::new(name, "This is not a text."));
        }
    }
    if !field("value").is_some_and(Value::is_number) {
        faults.push(FieldError::new("value", "This is missing, or not a number."));
    }
    if !field("readAt").is_some_and(Value::is_u64) {
        faults.push(FieldError::new("readAt", "This is missing, or not a time in milliseconds."));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    // Whatever a later field of `Reading` may ask for beyond the above.
    serde_json::from_value(Value::Object(record))
        .map_err(|error| vec![FieldError::new("data", error.to_string())])
}

/// The hash leaves out what may differ when the same item is sent again: its priority, and the device that sends it.
fn content_hash(item: &PushItem) -> ContentHash {
    let part = |raw: &Option<Box<serde_json::value::RawValue>>| match raw.as_ref().map(|raw| raw.get()) {
        // Text that no JSON reader takes (a number beyond all range, say) is hashed as text: an item with such data is
        // never applied, so it is compared with readable data alone.
        Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        None => Value::Null,
    };
    let content = json!({
        "type": item.r#type,
        "action": item.action,
        "entityId": item.entity_id,
        "baseVersion": item.base_version,
        "createdAt": item.created_at,
        "data": part(&item.data),
        "patch": part(&item.patch),
        "dependsOn": item.depends_on,
    });
    let mut text = String::new();
    write_canonical(&content, &mut text);
    ContentHash(Sha256::digest(text).into())
}

/// JSON without white space and with sorted keys, whatever order the map type of this build keeps.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(values) => {
            out.push('[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_canonical(value, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
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

    fn fields(candidate: Candidate) -> Vec<String> {
        let refusal = candidate.content.unwrap_err();
        assert_eq!(refusal.code, Code::Invalid);
        refusal.fields.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_good_reading_is_accepted_as_it_was_sent() {
        let entity = item(|item| item["data"]["colour"] = json!("red")).content.unwrap();
        assert_eq!(entity.id.to_string(), ID);
        assert_eq!(entity.data["colour"], "red");
        assert_eq!(entity.data["value"], 12.5);
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
        assert_eq!(fields(item(|item| item["entityId"] = json!(OTHER))), ["entityId"]);
    }

    #[test]
    fn an_absent_meter_may_be_written_as_null() {
        let absent = item(|_| ()).content.unwrap();
        let null = item(|item| item["data"]["meter"] = Value::Null).content.unwrap();
        assert_eq!(absent.key, null.key);
    }

    #[test]
    fn other_types_and_actions_are_unsupported() {
        for (name, value) in [("type", "MEDIA"), ("action", "DELETE"), ("action", "UPDATE")] {
            let refusal = item(|item| item[name] = json!(value)).content.unwrap_err();
            assert_eq!(refusal.code, Code::Unsupported, "{value}");
        }
    }

    #[test]
    fn the_hash_tells_contents_apart_and_nothing_else() {
        let hash = item(|_| ()).hash;
        assert_eq!(item(|item| item["priority"] = json!("HIGH")).hash, hash, "priority may change");
        assert_eq!(item(|item| item["unknown"] = json!(1)).hash, hash);
        for change in [
            |item: &mut Value| item["data"]["value"] = json!(12.6),
            |item: &mut Value| item["createdAt"] = json!(6),
            |item: &mut Value| item["action"] = json!("UPDATE"),
            |item: &mut Value| item["baseVersion"] = json!(1),
            |item: &mut Value| item["patch"] = json!({}),
            |item: &mut Value| item["dependsOn"] = json!(OTHER),
        ] {
            assert_ne!(item(change).hash, hash);
        }
    }

    #[test]
    fn the_hash_does_not_see_the_order_of_fields() {
        let hash_of = |data: &str| {
            let item = format!(
                r#"{{"id":"{ID}","type":"READING","action":"CREATE","entityId":"{ID}","createdAt":5,"data":{data}}}"#
            );
            examine(&serde_json::from_str(&item).unwrap()).hash
        };
        assert_eq!(
            hash_of(r#"{"a":[1,{"x":1,"y":2}],"b":"é"}"#),
            hash_of(r#"{ "b":"é", "a":[1, {"y":2,"x":1}]}"#)
        );
    }

    #[test]
    fn the_hash_is_the_same_in_every_version_of_this_server() {
        let known = "791106fe25381005";
        assert_eq!(item(|_| ()).hash.to_string()[..16], *known);
    }
}
