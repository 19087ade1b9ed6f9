//! Whether a draft is acceptable by itself, and the record that it carries, tidied.

use fieldsync_protocol::read;
use fieldsync_protocol::write;
use fieldsync_protocol::{
    Action, Assessment, EntityId, FieldError, ItemId, ItemType, Media, NaturalKey, Reading, Response,
};

use crate::call::{CallCode, CallError, Draft};
use crate::ledger::Query;
use crate::time::Millis;

/// What a draft comes to before its lane has been looked at.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(super) draft: Draft,
    /// The record of a create, tidied.
    pub(super) body: String,
    pub(super) natural_key: Option<NaturalKey>,
}

impl Checked {
    /// The lane that must be looked at first; none for what begins a lane of its own and depends on nothing.
    pub(crate) fn lane(&self) -> Option<Query> {
        match (self.draft.entity_id, self.draft.depends_on) {
            (None, None) => None,
            // A new entity's lane is empty, whatever its id will be: an id that nobody has stands for it.
            (entity, depends_on) => {
                Some(Query::Lane { entity: entity.unwrap_or(ItemId::new(Millis::ZERO, [0; 10])), depends_on })
            }
        }
    }

    /// The lane of the item whose place it takes.
    pub(crate) fn lane_of(&self, entity: EntityId) -> Query {
        Query::Lane { entity, depends_on: self.draft.depends_on }
    }

    /// The whole reading, where it is one.
    pub(crate) fn reading(&self) -> Option<Reading> {
        let data = self.draft.data.as_ref().filter(|_| self.draft.r#type == ItemType::Reading)?;
        read::from_str::<Reading>(data.get()).ok().map(Reading::tidy)
    }

    /// How the keys begin of the readings that this one is to be compared with, where the person wants to be asked.
    pub(crate) fn asks(&self) -> Option<String> {
        let Reading { property, unit, meter, .. } = self.reading().filter(|_| self.draft.ask)?;
        Some(NaturalKey::of_meter(&property, &unit, meter.as_deref()))
    }

    /// The item that it takes the place of.
    pub(crate) fn replaces(&self) -> Option<ItemId> {
        self.draft.replaces
    }
}

/// Checks a draft as far as it can be checked by itself.
pub(crate) fn check(draft: Draft) -> Result<Checked, CallError> {
    let absent = |what: &str, words: &str| {
        let mut error = CallError::new(CallCode::Invalid, "Some of the entries need a correction.");
        error.fields = vec![FieldError::new(what, words)];
        error
    };
    let (mut body, mut natural_key) = (String::new(), None);
    match draft.action {
        Action::Create => {
            let Some(data) = &draft.data else {
                return Err(absent("data", "The record itself is missing."));
            };
            (body, natural_key) = record_of(draft.r#type, data.get())?;
        }
        Action::Update | Action::Delete if draft.entity_id.is_none() => {
            return Err(absent("entityId", "Say which record is meant."));
        }
        Action::Update if draft.data.is_none() && draft.patch.is_none() => {
            return Err(absent("data", "Say what has changed."));
        }
        Action::Update | Action::Delete => {}
    }
    Ok(Checked { draft, body, natural_key })
}

/// A record of this type as it is stored, or what is wrong with it; with its natural key, where it has one.
pub(crate) fn record_of(r#type: ItemType, data: &str) -> Result<(String, Option<NaturalKey>), CallError> {
    let shape = |error: read::Error| {
        let name = match r#type {
            ItemType::Reading => "a meter reading",
            ItemType::Assessment => "an assessment",
            ItemType::Response => "a response",
            ItemType::Media => "a photo or file",
        };
        CallError::new(CallCode::Invalid, format!("This is not {name}: {error}."))
    };
    let (fields, body, key) = match r#type {
        ItemType::Reading => {
            let reading = read::from_str::<Reading>(data).map_err(shape)?.tidy();
            let body = write::to_string(&reading);
            (reading.validate(), body, Some(reading.natural_key()))
        }
        // Kept as they were given: an organisation's own fields are none of the engine's business.
        ItemType::Assessment => {
            let assessment: Assessment = read::from_str(data).map_err(shape)?;
            (assessment.validate(), data.to_owned(), None)
        }
        ItemType::Response => {
            let response: Response = read::from_str(data).map_err(shape)?;
            (response.validate(), data.to_owned(), None)
        }
        ItemType::Media => {
            let media: Media = read::from_str(data).map_err(shape)?;
            (media.validate(), data.to_owned(), None)
        }
    };
    if fields.is_empty() {
        return Ok((body, key));
    }
    let mut error = CallError::new(CallCode::Invalid, "Some of the entries need a correction.");
    error.fields = fields;
    Err(error)
}
