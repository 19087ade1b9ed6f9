//! What a server does, told once more in the plainest way: one item after another, lists walked from end to end,
//! nothing shared with the server but the words of the answer.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

#[derive(Default)]
pub struct Model {
    entities: Vec<Entity>,
    /// By item: its content, and the version that it made.
    receipts: BTreeMap<String, (Value, u64)>,
    pub head: u64,
}

struct Entity {
    id: String,
    r#type: String,
    version: u64,
    number: u64,
    data: Option<Value>,
}

/// Status, code and version.
pub type Answer = (&'static str, Option<&'static str>, Option<u64>);

impl Model {
    pub fn push(&mut self, items: &[Value]) -> Vec<Answer> {
        let mut stopped = Vec::new();
        let mut answers = Vec::new();
        for item in items {
            let answer = self.answer(item, stopped.contains(&item["entityId"]));
            if answer.0 != "applied" && answer.0 != "replayed" {
                stopped.push(item["entityId"].clone());
            }
            answers.push(answer);
        }
        answers
    }

    /// The live entities and tombstones in the order of their last changes: id, version, record.
    pub fn state(&self) -> Vec<(String, u64, Option<Value>)> {
        let mut entities: Vec<&Entity> = self.entities.iter().collect();
        entities.sort_by_key(|entity| entity.number);
        entities.into_iter().map(|it| (it.id.clone(), it.version, it.data.clone())).collect()
    }

    /// The version of an entity, 0 where there is none.
    pub fn version(&self, id: &Value) -> u64 {
        self.entities.iter().find(|entity| *id == entity.id).map_or(0, |entity| entity.version)
    }

    fn answer(&mut self, item: &Value, is_stopped: bool) -> Answer {
        let (id, name) = (item["id"].as_str().unwrap(), item["entityId"].as_str().unwrap());
        if let Some((content, version)) = self.receipts.get(id) {
            return match content == item {
                true => ("replayed", None, Some(*version)),
                false => ("rejected", Some("id_reused"), None),
            };
        }
        if is_stopped {
            return ("retry", Some("dependency_missing"), None);
        }
        let r#type = item["type"].as_str().unwrap();
        if item["action"] == "CREATE" && !is_valid(r#type, &item["data"]) {
            return ("rejected", Some("invalid"), None);
        }
        if let Some(other) = item["dependsOn"].as_str()
            && !self.receipts.contains_key(other)
            && !self.entities.iter().any(|entity| entity.id == other)
        {
            return ("retry", Some("dependency_missing"), None);
        }
        let at = self.entities.iter().position(|entity| entity.id == name);
        let base = item["baseVersion"].as_u64().unwrap_or(0);
        let mut data = None;
        match (item["action"].as_str().unwrap(), at.map(|at| &self.entities[at])) {
            ("CREATE", None) => data = Some(item["data"].clone()),
            ("CREATE", Some(entity)) => {
                if entity.r#type != r#type {
                    return ("rejected", Some("id_reused"), None);
                }
                if entity.data.as_ref() != Some(&item["data"]) {
                    return ("conflict", Some("version_conflict"), None);
                }
                if id == name {
                    return ("replayed", None, Some(entity.version));
                }
                return self.settle(item, entity.version);
            }
            (_, None) => return ("rejected", Some("unknown_entity"), None),
            (_, Some(entity)) if entity.r#type != r#type => {
                return ("rejected", Some("unknown_entity"), None);
            }
            ("DELETE", Some(entity)) if entity.data.is_none() && base <= entity.version => {
                return self.settle(item, entity.version);
            }
            (_, Some(entity)) if entity.version != base => {
                return ("conflict", Some("version_conflict"), None);
            }
            ("UPDATE", Some(entity)) => {
                let mut merged = entity.data.clone().unwrap_or(json!({}));
                merge(&mut merged, &item["patch"]);
                if !is_valid(r#type, &merged) {
                    return ("rejected", Some("invalid"), None);
                }
                data = Some(merged);
            }
            _ => {}
        }
        let meter = |data: &Option<Value>| data.as_ref().map(|data| data["meter"].clone());
        if r#type == "READING"
            && data.is_some()
            && self.entities.iter().any(|it| {
                it.r#type == r#type && it.id != name && it.data.is_some() && meter(&it.data) == meter(&data)
            })
        {
            return ("conflict", Some("duplicate_reading"), None);
        }
        let version = at.map_or(0, |at| self.entities.remove(at).version) + 1;
        self.head += 1;
        self.entities.push(Entity {
            id: name.into(),
            r#type: r#type.into(),
            version,
            number: self.head,
            data,
        });
        self.settle(item, version)
    }

    fn settle(&mut self, item: &Value, version: u64) -> Answer {
        self.receipts.insert(item["id"].as_str().unwrap().into(), (item.clone(), version));
        ("applied", None, Some(version))
    }
}

/// Of the records that the tests make, these are the acceptable ones.
fn is_valid(r#type: &str, data: &Value) -> bool {
    match r#type {
        "READING" => {
            ["property", "unit", "period"].iter().all(|name| data[name].is_string())
                && data["readAt"].is_u64()
                && data["value"].as_f64().is_some_and(|value| value >= 0.0)
        }
        _ => data["site"].is_string() && data["kind"] == "WASH",
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (name, value) in patch {
        match value {
            Value::Null => drop(target.as_object_mut().unwrap().remove(name)),
            value => merge(&mut target[name.as_str()], value),
        }
    }
}
