//! Reading JSON by a description of what is read.
//!
//! serde's derive writes a reader for every type: 2 to 8 kB of WebAssembly each. `#[derive(Read)]` writes down what a type
//! is made of, a table of names and places, and one reader walks all of them: a tenth of that. It takes
//! the same attributes, refuses the same, and says the same of it at the same place, with one exception: a list in the
//! place of an object is refused, where serde takes it for the fields in their order.

mod parts;
mod walk;

pub use fieldsync_derive::Read;
use serde::Deserializer;
use serde_json::Value;
use serde_json::value::RawValue;

/// What can be read, in its place: it begins blank, and its parts are read one by one.
pub trait Read {
    /// What stands here before anything is read: the default where something may be absent, else nothing that anybody
    /// sees, for what lacks a part that it needs is refused.
    fn blank() -> Self
    where
        Self: Sized;

    /// What it is read from.
    fn shape(&self) -> &'static Shape;

    /// Makes it blank again.
    fn clear(&mut self) {}

    /// The part of this index: the field of an object, the next of a list, the value of an option.
    fn part(&mut self, _index: usize) -> Option<&mut dyn Read> {
        None
    }

    /// Takes a value that has no parts.
    fn set(&mut self, _value: Scalar<'_>) -> Result<(), Refused> {
        Err(Refused::Type)
    }
}

/// What JSON a type is read from.
#[derive(Debug)]
pub enum Shape {
    /// `true` or `false`.
    Flag,
    /// A number of this type.
    Number(&'static str),
    /// A text.
    Text,
    /// One of these names.
    Name {
        /// The enum.
        title: &'static str,
        /// The names, in the order of its variants.
        names: &'static [&'static str],
    },
    /// `null`, or the part.
    Option,
    /// Any number of parts.
    List,
    /// So many parts.
    Array(usize),
    /// An object. Fields that are not its own are passed over.
    Object {
        /// What it is, in messages.
        title: &'static str,
        /// The fields' names; their indices are those of the parts.
        fields: &'static [&'static str],
        /// A bit for each field that must be there.
        needed: u64,
    },
    /// The text of anything.
    Raw,
    /// Anything.
    Value,
}

/// A value without parts.
#[derive(Debug)]
pub enum Scalar<'a> {
    /// For [`Shape::Flag`].
    Flag(bool),
    /// For [`Shape::Number`]: an integer from 0 up,
    Unsigned(u64),
    /// one below 0,
    Signed(i64),
    /// or any other.
    Float(f64),
    /// For [`Shape::Text`].
    Text(&'a str),
    /// For [`Shape::Name`]: the index of the variant.
    Name(usize),
    /// For [`Shape::Raw`].
    Raw(Box<RawValue>),
    /// For [`Shape::Value`].
    Value(Value),
}

/// Why a value is not taken.
#[derive(Debug)]
pub enum Refused {
    /// It is of another type.
    Type,
    /// It is of the type, and not within its bounds.
    Value,
    /// As these words say.
    Words(String),
}

/// Reads a JSON text.
pub fn from_str<T: Read>(text: &str) -> Result<T, serde_json::Error> {
    let mut read = T::blank();
    fill(&mut read, text)?;
    Ok(read)
}

/// Reads a JSON text into something blank.
pub fn fill(into: &mut dyn Read, text: &str) -> Result<(), serde_json::Error> {
    walk::text(text, into)
}

/// Reads out of anything that serde can read out of.
pub fn deserialize<'de, T: Read, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let mut read = T::blank();
    walk::value(from, &mut read)?;
    Ok(read)
}
