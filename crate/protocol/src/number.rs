use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::read::{self, Read, Refused, Scalar, Shape};
use crate::write::{self, Write};

/// A number with the digits it was entered with: they are passed on as text and never rounded on the way.
#[derive(Clone, Write)]
#[serde(transparent)]
pub struct Number(Box<RawValue>);

impl Number {
    /// Its value, for comparisons: the nearest there is, or the one beside it.
    pub fn to_f64(&self) -> f64 {
        read::from_str(self.0.get()).unwrap_or(f64::NAN)
    }
}

/// `None` for infinities and NaN, which JSON does not know.
impl TryFrom<f64> for Number {
    type Error = read::Error;

    fn try_from(value: f64) -> Result<Number, read::Error> {
        read::from_str(&write::to_string(&value))
    }
}

/// Two numbers are equal when their digits are.
impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.0.get() == other.0.get()
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get())
    }
}

impl Read for Number {
    fn blank() -> Number {
        Number(Read::blank())
    }

    fn shape(&self) -> &'static Shape {
        &Shape::Raw
    }

    fn set(&mut self, value: Scalar<'_>) -> Result<(), Refused> {
        match value {
            Scalar::Raw(raw)
                if raw.get().starts_with(|first: char| first == '-' || first.is_ascii_digit()) =>
            {
                self.0 = raw;
                Ok(())
            }
            _ => Err(Refused::Words("expected a number".to_owned())),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Number, D::Error> {
        read::deserialize(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_back_as_they_went_in() {
        for text in ["0", "29039.97", "9055.385138137417", "-0.10", "1e5", "123456789012345678901234567890"] {
            let number: Number = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&number).unwrap(), text);
            let value = serde_json::from_str::<serde_json::Value>(&format!("[{text}]")).unwrap();
            assert!(serde_json::from_value::<Vec<Number>>(value).is_ok());
        }
    }

    #[test]
    fn nothing_else_is_a_number() {
        for text in ["\"1\"", "null", "[1]", "{}", "true", "NaN", "01", ""] {
            assert!(serde_json::from_str::<Number>(text).is_err(), "{text}");
        }
        assert!(Number::try_from(f64::NAN).is_err());
        assert_eq!(Number::try_from(12.5).unwrap().to_f64(), 12.5);
    }
}
