//! What is wrong with a text, in serde's words where it is one of the values.

use std::fmt;

use super::Text;
use crate::read::{Error, Shape};

impl Text<'_> {
    /// That a value of another type stands here.
    #[cold]
    pub(super) fn other_type(&mut self, shape: &Shape) -> Error {
        let start = self.at;
        if !matches!(self.byte(), b'[' | b'{')
            && let Err(error) = self.skip()
        {
            return error;
        }
        self.odd("type", start, shape)
    }

    /// That what has stood since there is of the wrong type, or out of bounds.
    #[cold]
    pub(super) fn odd(&self, what: &str, start: usize, shape: &Shape) -> Error {
        let given = self.since(start);
        let (kind, quote) = match given.bytes().next() {
            Some(b'n') => ("", ""),
            Some(b't' | b'f') => ("boolean ", "`"),
            Some(b'"') => ("string ", ""),
            Some(_) => ("number ", "`"),
            None if self.byte() == b'[' => ("sequence", ""),
            None => ("map", ""),
        };
        self.fault(format_args!("invalid {what}: {kind}{quote}{given}{quote}, expected {shape}"))
    }

    #[cold]
    pub(super) fn syntax(&mut self, words: &str) -> Error {
        if self.at < self.text.len() {
            self.at += 1;
            self.fault(format_args!("{words}"))
        } else {
            self.fault(format_args!("the text ends too early"))
        }
    }

    /// With the place up to which the text was read.
    #[cold]
    pub(super) fn fault(&self, words: fmt::Arguments<'_>) -> Error {
        let read = &self.text.as_bytes()[..self.at.min(self.text.len())];
        let lines = read.split(|byte| *byte == b'\n');
        let (line, column) = lines.fold((0, 0), |(line, _), this| (line + 1, this.len()));
        Error(format!("{words} at line {line} column {column}").into())
    }
}

/// Names of which one was expected.
pub(super) struct OneOf<'a>(pub(super) &'a [&'static str]);

impl fmt::Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected ")?;
        match self.0 {
            [] => f.write_str("nothing"),
            [one] => write!(f, "`{one}`"),
            [one, other] => write!(f, "`{one}` or `{other}`"),
            [first, others @ ..] => {
                write!(f, "one of `{first}`")?;
                others.iter().try_for_each(|name| write!(f, ", `{name}`"))
            }
        }
    }
}
