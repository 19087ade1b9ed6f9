//! What types are made of in the end.

use serde_json::Value;
use serde_json::value::RawValue;

use super::{Read, Refused, Scalar, Shape};

impl Read for bool {
    fn blank() -> bool {
        false
    }

    fn shape(&self) -> &'static Shape {
        &Shape::Flag
    }

    fn set(&mut self, value: Scalar<'_>) -> Result<(), Refused> {
        let Scalar::Flag(flag) = value else { return Err(Refused::Type) };
        *self = flag;
        Ok(())
    }
}

macro_rules! integers {
    ($($integer:ident)*) => { $(
        impl Read for $integer {
            fn blank() -> $integer {
                0
            }

            fn shape(&self) -> &'static Shape {
                &Shape::Number(stringify!($integer))
            }

            fn set(&mut self, value: Scalar<'_>) -> Result<(), Refused> {
                *self = match value {
                    Scalar::Unsigned(number) => number.try_into().ok(),
                    Scalar::Signed(number) => number.try_into().ok(),
                    _ => return Err(Refused::Type),
                }
                .ok_or(Refused::Value)?;
                Ok(())
            }
        }
    )* };
}

integers!(u8 u16 u32 u64 usize i32 i64);

impl Read for f64 {
    fn blank() -> f64 {
        0.0
    }

    fn shape(&self) -> &'static Shape {
        &Shape::Number("f64")
    }

    fn set(&mut self, value: Scalar<'_>) -> Result<(), Refused> {
        *self = match value {
            Scalar::Unsigned(number) => number as f64,
            Scalar::Signed(number) => number as f64,
            Scalar::Float(number) => number,
            _ => return Err(Refused::Type),
        };
        Ok(())
    }
}

impl Read for String {
    fn blank() -> String {
        String::new()
    }

    fn shape(&self) -> &'static Shape {
        &Shape::Text
    }

    fn set(&mut self, value: Scalar<'_>) -> Result<(), Refused> {
        let Scalar::Text(text) = value else { return Err(Refused::Type) };
        *self = text.to_owned();
        Ok(())
    }
}

impl Read for Box<RawValue> {
    fn blank() -> Box<RawValue> {
        RawValue::NULL.to_owned()
    }

    fn shape(&self) -> &'static Shape {
        &Shape::Raw
    }

    fn set(&mut self, value: Scalar<'_>) -> Result<(), Refused> {
        let Scalar::Raw(raw) = value else { return Err(Refused::Type) };
        *self = raw;
        Ok(())
    }
}

impl Read for Value {
    fn blank() -> Value {
        Value::Null
    }

    fn shape(&self) -> &'static Shape {
        &Shape::Value
    }

    fn set(&mut self, value: Scalar<'_>) -> Result<(), Refused> {
        let Scalar::Value(value) = value else { return Err(Refused::Type) };
        *self = value;
        Ok(())
    }
}

impl<T: Read> Read for Option<T> {
    fn blank() -> Option<T> {
        None
    }

    fn shape(&self) -> &'static Shape {
        &Shape::Option
    }

    fn clear(&mut self) {
        *self = None;
    }

    fn part(&mut self, _: usize) -> Option<&mut dyn Read> {
        Some(self.insert(T::blank()))
    }
}

impl<T: Read> Read for Vec<T> {
    fn blank() -> Vec<T> {
        Vec::new()
    }

    fn shape(&self) -> &'static Shape {
        &Shape::List
    }

    fn clear(&mut self) {
        Vec::clear(self);
    }

    fn part(&mut self, _: usize) -> Option<&mut dyn Read> {
        self.push(T::blank());
        self.last_mut().map(|last| last as &mut dyn Read)
    }
}

impl<T: Read, const N: usize> Read for [T; N] {
    fn blank() -> [T; N] {
        std::array::from_fn(|_| T::blank())
    }

    fn shape(&self) -> &'static Shape {
        const { &Shape::Array(N) }
    }

    fn part(&mut self, index: usize) -> Option<&mut dyn Read> {
        self.get_mut(index).map(|part| part as &mut dyn Read)
    }
}
