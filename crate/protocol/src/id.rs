use std::fmt;

use serde::{Deserialize, Deserializer};
use thiserror::Error;
use uuid::{Builder, Uuid};

use crate::Millis;
use crate::read::{self, Read, Refused, Scalar, Shape};
use crate::write::Write;

/// The id of a queued item and its idempotency key: a UUIDv7 made by the device that took the entry.
///
/// As text it sorts by the time it was made, so a store keyed by it is in order of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Write)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$"))]
pub struct ItemId(Uuid);

/// The text is no UUID of version 7.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not a UUID of version 7")]
pub struct InvalidId(String);

impl ItemId {
    /// Makes an id from the time of entry and 80 bits of the host's entropy (six of them give way to the version and
    /// variant marks).
    pub const fn new(at: Millis, entropy: [u8; 10]) -> ItemId {
        ItemId(Builder::from_unix_timestamp_millis(at.0, &entropy).into_uuid())
    }

    /// When it was made, by the clock of the device that made it.
    pub fn made_at(self) -> Millis {
        let [a, b, c, d, e, f, ..] = *self.0.as_bytes();
        Millis(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
    }

    /// Reads an id from its text form.
    pub fn parse(text: &str) -> Result<ItemId, InvalidId> {
        // One spelling alone is accepted, since the text is a key on both sides: lower case, with its four hyphens.
        let digit = |(at, byte): (usize, u8)| match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => Some(None),
            (8 | 13 | 18 | 23, _) => None,
            (_, b'0'..=b'9') => Some(Some(byte - b'0')),
            (_, b'a'..=b'f') => Some(Some(byte - b'a' + 10)),
            _ => None,
        };
        let mut number = 0_u128;
        let whole = text.len() == 36
            && text.bytes().enumerate().all(|place| match digit(place) {
                Some(Some(digit)) => {
                    number = number << 4 | u128::from(digit);
                    true
                }
                hyphen => hyphen.is_some(),
            });
        match Uuid::from_u128(number) {
            id if whole && id.get_version_num() == 7 => Ok(ItemId(id)),
            _ => Err(InvalidId(text.chars().take(64).collect())),
        }
    }
}

impl From<ItemId> for Uuid {
    fn from(id: ItemId) -> Uuid {
        id.0
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Read for ItemId {
    fn blank() -> ItemId {
        ItemId::new(Millis::ZERO, [0; 10])
    }

    fn shape(&self) -> &'static Shape {
        &Shape::Text
    }

    fn set(&mut self, value: Scalar<'_>) -> Result<(), Refused> {
        let Scalar::Text(text) = value else { return Err(Refused::Type) };
        *self = ItemId::parse(text).map_err(|invalid| Refused::Words(invalid.to_string()))?;
        Ok(())
    }
}

impl<'de> Deserialize<'de> for ItemId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ItemId, D::Error> {
        read::deserialize(from)
    }
}

/// What an item is about: a reading, an assessment, … A new entity takes the id of the item that first creates it.
pub type EntityId = ItemId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_of_entry() {
        let early = ItemId::new(Millis(1_000), [0xff; 10]);
        let late = ItemId::new(Millis(1_001), [0; 10]);
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
        assert_eq!(late.made_at(), Millis(1_001));
    }

    #[test]
    fn one_spelling_is_accepted() {
        let id = ItemId::new(Millis(1_760_000_000_000), [7; 10]);
        assert_eq!(ItemId::parse(&id.to_string()), Ok(id));
        assert!(ItemId::parse(&id.to_string().to_uppercase()).is_err());
        assert!(ItemId::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8").is_err(), "version 1");
        for odd in
            ["nonsense", "", &id.to_string()[1..], &id.to_string().replace('-', "0"), &format!("{id}0")]
        {
            assert!(ItemId::parse(odd).is_err(), "{odd}");
        }
    }
}
