//! What every entity must be: the changes that took effect, one on the other. The server must hold it in the end, and a
//! device that believes to know a version of it must be right.

use std::collections::BTreeMap;

use fieldsync_core::Known;
use fieldsync_core::protocol::{Action, EntityId, ItemType, NaturalKey, PushItem, Reading};
use fieldsync_server::store::ExportResult;
use serde_json::{Map, Value};

use super::{Checked, Invariant, must};

/// An entity, version by version.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Its id.
    pub id: EntityId,
    /// What kind of record it is.
    pub r#type: ItemType,
    /// What it was after each change, from version 1; nothing once it was deleted.
    pub versions: Vec<Option<Value>>,
}

/// What each user has.
#[derive(Debug, Default)]
pub struct Contents {
    users: BTreeMap<usize, BTreeMap<EntityId, Entity>>,
}

impl Contents {
    /// One that a person can see, by a number drawn somewhere.
    pub fn pick(&self, user: usize, pick: u32) -> Option<&Entity> {
        let entities = self.users.get(&user)?;
        entities.values().nth(pick as usize % entities.len().max(1))
    }

    /// Which version of an entity is the latest.
    pub fn version(&self, user: usize, entity: EntityId) -> Option<u64> {
        self.users.get(&user)?.get(&entity).map(|entity| entity.versions.len() as u64)
    }

    /// Whether another record on the server has this natural key.
    pub fn has_twin(&self, key: &NaturalKey, of: EntityId) -> bool {
        self.users.values().flat_map(BTreeMap::values).filter(|entity| entity.id != of).any(|entity| {
            let data = entity.versions.last().cloned().flatten();
            let reading = data.and_then(|data| serde_json::from_value::<Reading>(data).ok());
            reading.is_some_and(|reading| reading.natural_key() == *key)
        })
    }

    /// An item took effect, as this version.
    pub fn applied(&mut self, user: usize, item: &PushItem, version: Option<u64>) -> Checked {
        let entities = self.users.entry(user).or_default();
        let entity = entities.entry(item.entity()).or_insert_with(|| Entity {
            id: item.entity(),
            r#type: item.r#type,
            versions: Vec::new(),
        });
        let last = entity.versions.last().cloned().flatten();
        let text = item.data.as_deref().or(item.patch.as_deref()).map_or("null", |raw| raw.get());
        let given: Value = serde_json::from_str(text).unwrap_or_default();
        let next = match item.action {
            Action::Create => Some(given),
            Action::Update => Some(merged(last.clone(), given)),
            Action::Delete => None,
        };
        let known = entity.versions.len() as u64;
        // It wanted what is there already: it has its receipt, and nothing changes.
        if version == Some(known) && next == last {
            return Ok(());
        }
        let made_on = item.base_version.unwrap_or(0);
        must(version == Some(known + 1) && made_on == known, Invariant::Content, || {
            let (id, entity) = (item.id, item.entity());
            format!("{id} makes version {version:?} of {entity} against {made_on}, after {known}")
        })?;
        entity.versions.push(next);
        Ok(())
    }

    /// A device believes this.
    pub fn believed(&self, device: usize, user: usize, known: &Known) -> Checked {
        let entity = self.users.get(&user).and_then(|entities| entities.get(&known.entity_id));
        let place = usize::try_from(known.version).unwrap_or(0).wrapping_sub(1);
        let is = entity.and_then(|entity| entity.versions.get(place)).cloned().flatten();
        let believed = serde_json::from_str::<Value>(&known.data).ok();
        must(is.is_some() && is == believed, Invariant::Content, || {
            let (id, version) = (known.entity_id, known.version);
            let (is, believed) = (is.unwrap_or_default(), believed.unwrap_or_default());
            format!("device {device} believes {id} at {version} to be {believed}, and it is {is}")
        })
    }

    /// Whether a device that has asked what is new knows everything that the server has, and nothing else.
    pub fn knows_all(&self, device: usize, user: usize, known: &[Known]) -> Checked {
        let known: BTreeMap<_, _> = known.iter().map(|known| (known.entity_id, known.version)).collect();
        let entities = self.users.get(&user).into_iter().flat_map(BTreeMap::values);
        let is: BTreeMap<_, _> = entities
            .filter(|entity| {
                entity.r#type != ItemType::Media && entity.versions.last().is_some_and(Option::is_some)
            })
            .map(|entity| (entity.id, entity.versions.len() as u64))
            .collect();
        must(known == is, Invariant::Content, || {
            let other = known.iter().find(|(id, version)| is.get(id) != Some(version));
            let missing = is.iter().find(|(id, _)| !known.contains_key(id));
            format!("device {device} has asked what is new; it knows {other:?}, and not {missing:?}")
        })
    }

    /// The server at the end.
    pub fn held(&self, held: &ExportResult) -> Checked {
        let count: usize = self.users.values().map(BTreeMap::len).sum();
        let mut keys = BTreeMap::new();
        for row in &held.entities {
            let user = row.user.trim_start_matches("user-").parse().unwrap_or(usize::MAX);
            let entity = self.users.get(&user).and_then(|entities| entities.get(&row.entity_id));
            let must_be = entity.map(|entity| (entity.versions.len() as u64, entity.versions.last()));
            let data: Option<Value> =
                row.data.as_ref().and_then(|data| serde_json::from_str(data.get()).ok());
            must(must_be == Some((row.version, Some(&data))), Invariant::Content, || {
                let id = row.entity_id;
                format!("the server holds {id} at {} as {data:?}; it must be {must_be:?}", row.version)
            })?;
            let Some(data) = data.filter(|_| row.kind == "reading") else { continue };
            let key = ["property", "unit", "meter", "period"].map(|part| data[part].to_string());
            let twin = keys.insert((user, key), row.entity_id);
            must(twin.is_none(), Invariant::Keys, || {
                format!("the server holds {} and {twin:?} for one meter and month", row.entity_id)
            })?;
        }
        must(held.entities.len() == count, Invariant::Content, || {
            format!("the server holds {} entities of {count}", held.entities.len())
        })
    }
}

/// RFC 7396, in its own words.
fn merged(target: Option<Value>, patch: Value) -> Value {
    let Value::Object(patch) = patch else { return patch };
    let mut target = match target {
        Some(Value::Object(target)) => target,
        _ => Map::new(),
    };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(&name);
        } else {
            let old = target.remove(&name);
            target.insert(name, merged(old, value));
        }
    }
    Value::Object(target)
}
