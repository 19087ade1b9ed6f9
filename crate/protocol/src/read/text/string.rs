//! Strings and their escapes.

use std::borrow::Cow;

use super::Text;
use crate::plain;
use crate::read::Error;

impl<'a> Text<'a> {
    /// The string that begins here; copied only where it has escapes.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        self.at += 1;
        let (mut start, mut made) = (self.at, String::new());
        while self.plain()? {
            made.push_str(self.since(start));
            made.push(self.escape()?);
            start = self.at;
        }
        let rest = self.since(start);
        self.at += 1;
        Ok(if made.is_empty() { Cow::Borrowed(rest) } else { Cow::Owned(made + rest) })
    }

    /// Passes over a string, in which any escapes may stand.
    pub(super) fn skip_string(&mut self) -> Result<(), Error> {
        self.at += 1;
        while self.plain()? {
            self.unit()?;
        }
        self.at += 1;
        Ok(())
    }

    /// Goes on to the next escape; `false` at the end of the string.
    fn plain(&mut self) -> Result<bool, Error> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += plain::length(rest);
        match self.byte() {
            b'"' => Ok(false),
            b'\\' => Ok(true),
            _ => Err(self.syntax("control character (\\u0000-\\u001F) found while parsing a string")),
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let mut code = self.unit()?;
        if (0xd800..0xdc00).contains(&code) {
            if self.byte() != b'\\' {
                return Err(self.syntax("unexpected end of hex escape"));
            }
            let low = self.unit()?;
            // Another escape is as wrong here as none.
            code = if (0xdc00..0xe000).contains(&low) {
                0x1_0000 + (((code - 0xd800) << 10) | (low - 0xdc00))
            } else {
                code
            };
        }
        char::from_u32(code).ok_or_else(|| self.fault(format_args!("lone leading surrogate in hex escape")))
    }

    /// What one escape stands for: a character, or one of the two halves of one.
    fn unit(&mut self) -> Result<u32, Error> {
        self.at += 1;
        let unit = match self.byte() {
            plain @ (b'"' | b'\\' | b'/') => plain.into(),
            b'b' => 0x08,
            b't' => 0x09,
            b'n' => 0x0a,
            b'f' => 0x0c,
            b'r' => 0x0d,
            b'u' => {
                let mut unit = 0;
                for _ in 0..4 {
                    self.at += 1;
                    match char::from(self.byte()).to_digit(16) {
                        Some(digit) => unit = unit << 4 | digit,
                        None => return Err(self.syntax("invalid escape")),
                    }
                }
                unit
            }
            _ => return Err(self.syntax("invalid escape")),
        };
        self.at += 1;
        Ok(unit)
    }
}
