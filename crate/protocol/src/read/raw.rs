//! JSON kept as its text. serde_json makes that of a text which it has read itself; here it has been.

use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::value::RawValue;

/// Keeps a text that is one JSON value, with no space around it.
pub(crate) fn keep(text: impl Into<String>) -> Box<RawValue> {
    match Box::<RawValue>::deserialize(Known(text.into())) {
        Ok(raw) => raw,
        Err(Never) => RawValue::NULL.to_owned(),
    }
}

/// A text that is known to be JSON, in the form in which serde_json hands it on.
struct Known(String);

impl<'de> Deserializer<'de> for Known {
    type Error = Never;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_string(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Never> {
        visitor.visit_map(Entry { name, text: Some(self.0) })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// One member of that name.
struct Entry {
    name: &'static str,
    text: Option<String>,
}

impl<'de> MapAccess<'de> for Entry {
    type Error = Never;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Never> {
        seed.deserialize(BorrowedStrDeserializer::new(self.name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Never> {
        seed.deserialize(StringDeserializer::new(self.text.take().unwrap_or_default()))
    }
}

/// What does not happen.
#[derive(Debug)]
struct Never;

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Never {}

impl Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Never {
        Never
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_text() {
        for text in ["null", "1.10", r#"{"a" : [1, "\u00e9"]}"#] {
            assert_eq!(keep(text).get(), text);
        }
    }
}
