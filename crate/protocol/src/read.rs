//! Reading JSON by a description of what is read.
//!
//! serde's derive writes a reader for every type: 2 to 8 kB of WebAssembly each. `#[derive(Read)]` writes down what a type
//! is made of, a table of names and places, and one reader walks all of them: a tenth of that. It takes
//! the same attributes and refuses the same, with one exception: a list in the place of an object is refused, where serde
//! takes it for the fields in their order.
//!
//! Texts have a reader of our own (`text`), because serde_json's is four times as large. What stands in a type that serde's
//! derives read is read through serde (`walk`).

mod parts;
mod raw;
mod text;
mod walk;

use std::fmt;

pub use fieldsync_derive::Read;
pub(crate) use raw::keep;
use serde::Deserializer;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::Sorted;

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
    /// One of these names, in the order of its variants.
    Name(&'static [&'static str]),
    /// `null`, or the part.
    Option,
    /// Any number of parts.
    List,
    /// So many parts.
    Array(usize),
    /// An object. Fields that are not its own are passed over.
    Object {
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

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Flag => f.write_str("a boolean"),
            Shape::Number(name) => f.write_str(name),
            Shape::Text => f.write_str("a string"),
            Shape::Name(_) => f.write_str("a name"),
            Shape::Option => f.write_str("option"),
            Shape::List => f.write_str("a sequence"),
            Shape::Array(length) => write!(f, "an array of length {length}"),
            Shape::Object { .. } => f.write_str("an object"),
            Shape::Raw | Shape::Value => f.write_str("any valid JSON value"),
        }
    }
}

/// Why a text cannot be read, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Error(Box<str>);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// Reads a JSON text.
pub fn from_str<T: Read>(text: &str) -> Result<T, Error> {
    let mut read = T::blank();
    fill(&mut read, text)?;
    Ok(read)
}

/// Reads a JSON text into something blank.
pub fn fill(into: &mut dyn Read, text: &str) -> Result<(), Error> {
    text::whole(text, into)
}

/// The members of a JSON object, each as its text; of a name that comes twice the last counts.
pub(crate) fn members(text: &str) -> Result<Sorted<String, &str>, Error> {
    text::members(text)
}

/// Reads out of anything that serde can read out of.
pub fn deserialize<'de, T: Read, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let mut read = T::blank();
    walk::value(from, &mut read)?;
    Ok(read)
}
