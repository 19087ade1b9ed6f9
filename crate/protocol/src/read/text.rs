//! The reader of JSON texts. It takes and refuses what serde_json does, and reads the same out of it, numbers to the last
//! bit; in WebAssembly it is a quarter of its size.

mod fault;
mod float;
mod number;
mod string;

use std::borrow::Cow;

use fault::OneOf;
use serde_json::{Map, Number, Value};

use super::{Error, Read, Refused, Scalar, Shape, raw};
use crate::Sorted;

/// Lists and objects may stand in each other so often. What is passed over or kept as text may go deeper.
const DEEPEST: usize = 127;

/// A text, and how far it has been read.
pub(super) struct Text<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

/// Reads a whole text.
pub(super) fn whole(text: &str, into: &mut dyn Read) -> Result<(), Error> {
    let mut from = Text { text, at: 0, depth: 0 };
    from.value(into)?;
    from.end()
}

/// The members of an object, each as its text; of a name that comes twice the last counts.
pub(super) fn members(text: &str) -> Result<Sorted<String, &str>, Error> {
    let mut from = Text { text, at: 0, depth: 0 };
    let mut members = Sorted::new();
    if from.peek() != b'{' {
        return Err(from.syntax("expected value"));
    }
    from.at += 1;
    while from.next(b'{', members.is_empty())? {
        let name = from.name()?.into_owned();
        members.insert(name, from.raw()?);
    }
    from.end()?;
    Ok(members)
}

impl<'a> Text<'a> {
    fn value(&mut self, into: &mut dyn Read) -> Result<(), Error> {
        let shape = into.shape();
        let first = self.peek();
        let start = self.at;
        let value = match (shape, first) {
            (Shape::Raw, _) => Scalar::Raw(raw::keep(self.raw()?)),
            (Shape::Value, _) => Scalar::Value(self.any()?),
            (Shape::Option, b'n') => {
                self.word("null")?;
                into.clear();
                return Ok(());
            }
            (Shape::Option, _) => {
                return match into.part(0) {
                    Some(part) => self.value(part),
                    None => Err(self.other_type(shape)),
                };
            }
            (Shape::Flag, b't') => {
                self.word("true")?;
                Scalar::Flag(true)
            }
            (Shape::Flag, b'f') => {
                self.word("false")?;
                Scalar::Flag(false)
            }
            (Shape::Number(_), b'-' | b'0'..=b'9') => self.number()?,
            (Shape::Text, b'"') => {
                let text = self.string()?;
                return self.set(into, Scalar::Text(&text), start);
            }
            (Shape::Name(names), b'"') => Scalar::Name(self.one_of(names)?),
            (Shape::Name(names), b'{') => Scalar::Name(self.named(names)?),
            (Shape::List | Shape::Array(_), b'[') => return self.deeper(|text| text.list(into, shape)),
            (Shape::Object { fields, needed }, b'{') => {
                return self.deeper(|text| text.object(into, fields, *needed));
            }
            _ => return Err(self.other_type(shape)),
        };
        self.set(into, value, start)
    }

    fn set(&mut self, into: &mut dyn Read, value: Scalar<'_>, start: usize) -> Result<(), Error> {
        into.set(value).map_err(|refused| match refused {
            Refused::Type => self.odd("type", start, into.shape()),
            Refused::Value => self.odd("value", start, into.shape()),
            Refused::Words(words) => self.fault(format_args!("{words}")),
        })
    }

    fn list(&mut self, into: &mut dyn Read, shape: &Shape) -> Result<(), Error> {
        into.clear();
        let most = if let Shape::Array(length) = shape { *length } else { usize::MAX };
        let mut count = 0;
        while self.next(b'[', count == 0)? {
            if count == most {
                return Err(self.syntax("trailing characters"));
            }
            self.part(into, count)?;
            count += 1;
        }
        if most != usize::MAX && count < most {
            return Err(self.fault(format_args!("invalid length {count}, expected {shape}")));
        }
        Ok(())
    }

    fn object(&mut self, into: &mut dyn Read, fields: &[&'static str], needed: u64) -> Result<(), Error> {
        into.clear();
        let (mut found, mut first) = (0_u64, true);
        while self.next(b'{', first)? {
            first = false;
            let name = self.string()?;
            let index = fields.iter().position(|field| *field == name);
            let bit = index.map_or(0, |index| 1 << index);
            if found & bit != 0 {
                return Err(self.fault(format_args!("duplicate field `{name}`")));
            }
            found |= bit;
            self.colon()?;
            match index {
                Some(index) => self.part(into, index)?,
                None => self.skip()?,
            }
        }
        let missing = (needed & !found).trailing_zeros() as usize;
        match fields.get(missing) {
            Some(field) => Err(self.fault(format_args!("missing field `{field}`"))),
            None => Ok(()),
        }
    }

    fn part(&mut self, of: &mut dyn Read, index: usize) -> Result<(), Error> {
        match of.part(index) {
            Some(part) => self.value(part),
            None => self.skip(),
        }
    }

    fn one_of(&mut self, names: &[&'static str]) -> Result<usize, Error> {
        let name = self.string()?;
        names.iter().position(|known| *known == name).ok_or_else(|| {
            let known = OneOf(names);
            self.fault(format_args!("unknown variant `{name}`, {known}"))
        })
    }

    /// A name as serde writes enums of other kinds: `{"name":null}`.
    fn named(&mut self, names: &[&'static str]) -> Result<usize, Error> {
        self.deeper(|text| {
            if !text.next(b'{', true)? {
                return Err(text.syntax("expected value"));
            }
            let index = text.one_of(names)?;
            text.colon()?;
            text.word("null")?;
            text.close(b'}')?;
            Ok(index)
        })
    }

    /// Anything, as a tree.
    fn any(&mut self) -> Result<Value, Error> {
        Ok(match self.peek() {
            b'n' => {
                self.word("null")?;
                Value::Null
            }
            b't' => {
                self.word("true")?;
                Value::Bool(true)
            }
            b'f' => {
                self.word("false")?;
                Value::Bool(false)
            }
            b'"' => Value::String(self.string()?.into_owned()),
            b'-' | b'0'..=b'9' => match self.number()? {
                Scalar::Unsigned(number) => Value::Number(number.into()),
                Scalar::Signed(number) => Value::Number(number.into()),
                Scalar::Float(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
                _ => Value::Null,
            },
            b'[' => self.deeper(|text| {
                let mut list = Vec::new();
                while text.next(b'[', list.is_empty())? {
                    list.push(text.any()?);
                }
                Ok(Value::Array(list))
            })?,
            b'{' => self.deeper(|text| {
                let mut members = Map::new();
                while text.next(b'{', members.is_empty())? {
                    let name = text.name()?.into_owned();
                    members.insert(name, text.any()?);
                }
                Ok(Value::Object(members))
            })?,
            _ => return Err(self.syntax("expected value")),
        })
    }

    /// Anything, as its text.
    fn raw(&mut self) -> Result<&'a str, Error> {
        self.peek();
        let start = self.at;
        self.skip()?;
        Ok(self.since(start))
    }

    /// Passes over anything.
    fn skip(&mut self) -> Result<(), Error> {
        // What is open around it: the stack is not ours to fill.
        let mut open = Vec::new();
        loop {
            let mut first = false;
            match self.peek() {
                b'n' => self.word("null")?,
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                b'"' => self.skip_string()?,
                b'-' | b'0'..=b'9' => self.skip_number()?,
                bracket @ (b'[' | b'{') => {
                    self.at += 1;
                    open.push(bracket);
                    first = true;
                }
                _ => return Err(self.syntax("expected value")),
            }
            loop {
                let Some(&bracket) = open.last() else { return Ok(()) };
                if self.next(bracket, first)? {
                    if bracket == b'{' {
                        self.skip_string()?;
                        self.colon()?;
                    }
                    break;
                }
                open.pop();
                first = false;
            }
        }
    }

    /// Whether a list or an object goes on, and stands at its next member; else it is passed.
    fn next(&mut self, open: u8, is_first: bool) -> Result<bool, Error> {
        let close = open + 2; // so it is in ASCII
        let mut byte = self.peek();
        if byte == close {
            self.at += 1;
            return Ok(false);
        }
        if !is_first {
            if byte != b',' {
                let words = if open == b'[' { "expected `,` or `]`" } else { "expected `,` or `}`" };
                return Err(self.syntax(words));
            }
            self.at += 1;
            byte = self.peek();
            if byte == close {
                return Err(self.syntax("trailing comma"));
            }
        }
        if open == b'{' && byte != b'"' {
            return Err(self.syntax("key must be a string"));
        }
        Ok(true)
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == DEEPEST {
            return Err(self.syntax("recursion limit exceeded"));
        }
        self.at += 1;
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    /// A name and its colon.
    fn name(&mut self) -> Result<Cow<'a, str>, Error> {
        let name = self.string()?;
        self.colon()?;
        Ok(name)
    }

    fn colon(&mut self) -> Result<(), Error> {
        self.close(b':')
    }

    fn close(&mut self, with: u8) -> Result<(), Error> {
        if self.peek() != with {
            return Err(self.syntax(if with == b':' { "expected `:`" } else { "expected value" }));
        }
        self.at += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        self.peek();
        if self.at < self.text.len() { Err(self.syntax("trailing characters")) } else { Ok(()) }
    }

    fn word(&mut self, word: &str) -> Result<(), Error> {
        self.peek();
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(self.syntax("expected ident"));
        }
        self.at += word.len();
        Ok(())
    }

    /// The byte that is next; 0 at the end, where nothing else says that.
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> u8 {
        loop {
            match self.byte() {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return byte,
            }
        }
    }

    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }
}
