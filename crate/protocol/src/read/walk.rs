//! The reader of what serde hands on.

use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IgnoredAny, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Read, Refused, Scalar, Shape};

pub(super) fn value<'de, D: Deserializer<'de>>(from: D, into: &mut dyn Read) -> Result<(), D::Error> {
    let shape = into.shape();
    match shape {
        Shape::Flag => from.deserialize_bool(Into(into)),
        Shape::Number(_) => from.deserialize_u64(Into(into)),
        Shape::Text => from.deserialize_str(Into(into)),
        Shape::Name(names) => from.deserialize_enum("", names, Into(into)),
        Shape::Option => from.deserialize_option(Into(into)),
        Shape::List | Shape::Array(_) => from.deserialize_seq(Into(into)),
        Shape::Object { fields, .. } => from.deserialize_struct("", fields, Into(into)),
        Shape::Raw => {
            let raw = Box::<RawValue>::deserialize(from)?;
            Into(into).set(Scalar::Raw(raw), Unexpected::Other("this"))
        }
        Shape::Value => {
            let value = Value::deserialize(from)?;
            Into(into).set(Scalar::Value(value), Unexpected::Other("this"))
        }
    }
}

/// Where the next value goes.
struct Into<'a>(&'a mut dyn Read);

impl Into<'_> {
    fn set<E: Error>(self, value: Scalar<'_>, given: Unexpected<'_>) -> Result<(), E> {
        self.0.set(value).map_err(|refused| match refused {
            Refused::Type => E::invalid_type(given, &self.0.shape()),
            Refused::Value => E::invalid_value(given, &self.0.shape()),
            Refused::Words(words) => E::custom(words),
        })
    }
}

impl Expected for &Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> DeserializeSeed<'de> for Into<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        value(from, self.0)
    }
}

impl<'de> Visitor<'de> for Into<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Expected::fmt(&self.0.shape(), f)
    }

    fn visit_bool<E: Error>(self, given: bool) -> Result<(), E> {
        self.set(Scalar::Flag(given), Unexpected::Bool(given))
    }

    fn visit_u64<E: Error>(self, given: u64) -> Result<(), E> {
        self.set(Scalar::Unsigned(given), Unexpected::Unsigned(given))
    }

    fn visit_i64<E: Error>(self, given: i64) -> Result<(), E> {
        self.set(Scalar::Signed(given), Unexpected::Signed(given))
    }

    fn visit_f64<E: Error>(self, given: f64) -> Result<(), E> {
        self.set(Scalar::Float(given), Unexpected::Float(given))
    }

    fn visit_str<E: Error>(self, given: &str) -> Result<(), E> {
        self.set(Scalar::Text(given), Unexpected::Str(given))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        match self.0.shape() {
            Shape::Option => {
                self.0.clear();
                Ok(())
            }
            shape => Err(E::invalid_type(Unexpected::Unit, &shape)),
        }
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        match self.0.part(0) {
            Some(part) => value(from, part),
            None => Err(D::Error::invalid_type(Unexpected::Option, &self)),
        }
    }

    fn visit_enum<A: EnumAccess<'de>>(self, from: A) -> Result<(), A::Error> {
        let Shape::Name(names) = self.0.shape() else {
            return Err(A::Error::invalid_type(Unexpected::Enum, &self));
        };
        let (index, variant) = from.variant_seed(OneOf { names, what: "variant" })?;
        variant.unit_variant()?;
        match index {
            Some(index) => self.set(Scalar::Name(index), Unexpected::Enum),
            None => Err(A::Error::invalid_type(Unexpected::Enum, &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<(), A::Error> {
        let most = match self.0.shape() {
            Shape::List => usize::MAX,
            Shape::Array(length) => *length,
            _ => return Err(A::Error::invalid_type(Unexpected::Seq, &self)),
        };
        self.0.clear();
        for index in 0..most {
            match from.next_element_seed(Part { of: &mut *self.0, index })? {
                Some(()) => {}
                None if most == usize::MAX => return Ok(()),
                None => return Err(A::Error::invalid_length(index, &self)),
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<(), A::Error> {
        let Shape::Object { fields, needed } = self.0.shape() else {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        };
        self.0.clear();
        let mut found = 0_u64;
        while let Some(field) = from.next_key_seed(OneOf { names: fields, what: "field" })? {
            let Some(index) = field else {
                from.next_value::<IgnoredAny>()?;
                continue;
            };
            if found & 1 << index != 0 {
                return Err(A::Error::duplicate_field(fields[index]));
            }
            found |= 1 << index;
            from.next_value_seed(Part { of: &mut *self.0, index })?;
        }
        match needed & !found {
            0 => Ok(()),
            missing => Err(A::Error::missing_field(fields[missing.trailing_zeros() as usize])),
        }
    }
}

/// A part of something.
struct Part<'a> {
    of: &'a mut dyn Read,
    index: usize,
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        match self.of.part(self.index) {
            Some(part) => value(from, part),
            None => IgnoredAny::deserialize(from).map(drop),
        }
    }
}

/// The index of a name: of a variant, or of a field, of which those that are not known are passed over.
struct OneOf {
    names: &'static [&'static str],
    what: &'static str,
}

impl<'de> DeserializeSeed<'de> for OneOf {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<usize>, D::Error> {
        from.deserialize_identifier(self)
    }
}

impl Visitor<'_> for OneOf {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} identifier", self.what)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        let index = self.names.iter().position(|known| *known == name);
        match index {
            None if self.what == "variant" => Err(E::unknown_variant(name, self.names)),
            index => Ok(index),
        }
    }
}
