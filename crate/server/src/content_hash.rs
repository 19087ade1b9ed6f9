//! What tells one item from another under the same id (I3).

use std::fmt;

use fieldsync_protocol::PushItem;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// SHA-256 over what an item means. The same id with another hash is another item, and is refused (I3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentHash(pub [u8; 32]);

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl ContentHash {
    /// The hash leaves out what may differ when the same item is sent again: its priority, the device that sends it, and
    /// whether it says what its id says too.
    pub fn of(item: &PushItem) -> ContentHash {
        let content = json!({
            "type": item.r#type,
            "action": item.action,
            "entityId": item.entity(),
            "baseVersion": item.base_version,
            "createdAt": item.entered_at(),
            "data": part(item.data.as_deref()),
            "patch": part(item.patch.as_deref()),
            "dependsOn": item.depends_on,
        });
        let mut text = String::new();
        write_canonical(&content, &mut text);
        ContentHash(Sha256::digest(text).into())
    }
}

/// Text that no JSON reader takes (a number beyond all range, say) is hashed as text: an item with such data is never
/// applied, so it is compared with readable data alone.
fn part(raw: Option<&RawValue>) -> Value {
    raw.map_or(Value::Null, |raw| serde_json::from_str(raw.get()).unwrap_or_else(|_| Value::from(raw.get())))
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

    fn hash(change: impl FnOnce(&mut Value)) -> ContentHash {
        let mut item = json!({
            "id": ID, "type": "READING", "action": "CREATE", "entityId": ID, "createdAt": 5,
            "data": { "property": "P-1", "unit": "U1", "period": "2026-11", "value": 12.5, "readAt": 4 },
        });
        change(&mut item);
        ContentHash::of(&serde_json::from_str(&item.to_string()).unwrap())
    }

    #[test]
    fn the_hash_tells_contents_apart_and_nothing_else() {
        let same = hash(|_| ());
        assert_eq!(hash(|item| item["priority"] = json!("HIGH")), same, "priority may change");
        assert_eq!(hash(|item| item["unknown"] = json!(1)), same);
        for change in [
            |item: &mut Value| item["data"]["value"] = json!(12.6),
            |item: &mut Value| item["createdAt"] = json!(6),
            |item: &mut Value| item["action"] = json!("UPDATE"),
            |item: &mut Value| item["entityId"] = json!(OTHER),
            |item: &mut Value| item["baseVersion"] = json!(1),
            |item: &mut Value| item["patch"] = json!({}),
            |item: &mut Value| item["dependsOn"] = json!(OTHER),
        ] {
            assert_ne!(hash(change), same);
        }
    }

    #[test]
    fn the_hash_is_the_same_whether_an_item_says_what_its_id_says_or_not() {
        let at_its_own_time = |item: &mut Value| item["createdAt"] = json!(1_763_580_837_888_u64);
        let same = hash(at_its_own_time);
        assert_eq!(hash(|item| item["createdAt"] = Value::Null), same);
        assert_eq!(
            hash(|item| {
                at_its_own_time(item);
                item["entityId"] = Value::Null;
            }),
            same
        );
    }

    #[test]
    fn the_hash_does_not_see_the_order_of_fields() {
        let hash_of = |data: &str| {
            let item = format!(
                r#"{{"id":"{ID}","type":"READING","action":"CREATE","entityId":"{ID}","createdAt":5,"data":{data}}}"#
            );
            ContentHash::of(&serde_json::from_str(&item).unwrap())
        };
        assert_eq!(
            hash_of(r#"{"a":[1,{"x":1,"y":2}],"b":"é"}"#),
            hash_of(r#"{ "b":"é", "a":[1, {"y":2,"x":1}]}"#)
        );
    }

    #[test]
    fn the_hash_is_the_same_in_every_version_of_this_server() {
        let known = "791106fe25381005";
        assert_eq!(hash(|_| ()).to_string()[..16], *known);
    }
}
