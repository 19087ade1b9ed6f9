//! Writing JSON by a description of what is written: [`read`](crate::read)'s counterpart, for the same reason.
//!
//! What is written is to the letter what serde's derive writes.

mod text;

pub use fieldsync_derive::Write;
use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::read::keep;

/// What can be written.
pub trait Write {
    /// What it is written as.
    fn write(&self) -> Written<'_>;

    /// The member of this index: of an object, where none is left out, or of a list.
    fn member(&self, _index: usize) -> Option<&dyn Write> {
        None
    }
}

/// What JSON something is written as.
#[derive(Clone, Copy)]
pub enum Written<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// An integer from 0 up.
    Unsigned(u64),
    /// Any integer.
    Signed(i64),
    /// Any number.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// An id.
    Id(Uuid),
    /// So many members.
    List(usize),
    /// An object, by the names of its members.
    Object(&'static [&'static str]),
    /// JSON already.
    Raw(&'a RawValue),
    /// JSON already, as a tree.
    Value(&'a Value),
    /// As this is.
    As(&'a dyn Write),
}

/// The JSON text.
pub fn to_string(what: &dyn Write) -> String {
    let mut into = String::new();
    text::put(&mut into, what);
    into
}

/// The JSON text, to be kept as it is.
pub fn to_raw(what: &dyn Write) -> Box<RawValue> {
    keep(to_string(what))
}

/// Writes into anything that serde can write into.
pub fn serialize<S: Serializer>(what: &dyn Write, into: S) -> Result<S::Ok, S::Error> {
    Out(what).serialize(into)
}

struct Out<'a>(&'a dyn Write);

impl Serialize for Out<'_> {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        match self.0.write() {
            Written::Null => into.serialize_none(),
            Written::Flag(flag) => into.serialize_bool(flag),
            Written::Unsigned(number) => into.serialize_u64(number),
            Written::Signed(number) => into.serialize_i64(number),
            Written::Float(number) => into.serialize_f64(number),
            Written::Text(text) => into.serialize_str(text),
            Written::Id(id) => id.serialize(into),
            Written::Raw(raw) => raw.serialize(into),
            Written::Value(value) => value.serialize(into),
            Written::As(other) => Out(other).serialize(into),
            Written::List(length) => {
                let mut list = into.serialize_seq(Some(length))?;
                for member in (0..length).filter_map(|index| self.0.member(index)) {
                    list.serialize_element(&Out(member))?;
                }
                list.end()
            }
            Written::Object(fields) => {
                let mut object = into.serialize_struct("", fields.len())?;
                for (index, name) in fields.iter().enumerate() {
                    if let Some(member) = self.0.member(index) {
                        object.serialize_field(name, &Out(member))?;
                    }
                }
                object.end()
            }
        }
    }
}

macro_rules! scalars {
    ($($of:ty => $written:ident $(as $wide:ty)?;)*) => { $(
        impl Write for $of {
            fn write(&self) -> Written<'_> {
                Written::$written(*self $(as $wide)?)
            }
        }
    )* };
}

scalars! {
    bool => Flag;
    u8 => Unsigned as u64;
    u16 => Unsigned as u64;
    u32 => Unsigned as u64;
    u64 => Unsigned;
    usize => Unsigned as u64;
    i32 => Signed as i64;
    i64 => Signed;
    f64 => Float;
    &str => Text;
    Uuid => Id;
}

impl Write for String {
    fn write(&self) -> Written<'_> {
        Written::Text(self)
    }
}

impl Write for Box<RawValue> {
    fn write(&self) -> Written<'_> {
        Written::Raw(self)
    }
}

impl Write for Value {
    fn write(&self) -> Written<'_> {
        Written::Value(self)
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self) -> Written<'_> {
        self.as_ref().map_or(Written::Null, |value| Written::As(value))
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self) -> Written<'_> {
        Written::List(self.len())
    }

    fn member(&self, index: usize) -> Option<&dyn Write> {
        self.get(index).map(|member| member as &dyn Write)
    }
}

impl<T: Write, const N: usize> Write for [T; N] {
    fn write(&self) -> Written<'_> {
        Written::List(N)
    }

    fn member(&self, index: usize) -> Option<&dyn Write> {
        self.get(index).map(|member| member as &dyn Write)
    }
}
