//! The writer of JSON texts: to the letter what serde_json writes.

use std::fmt::Write as _;

use serde_json::{Number, Value};
use uuid::fmt::Hyphenated;

use super::{Write, Written};
use crate::plain;

/// Adds the text of something.
pub(super) fn put(into: &mut String, what: &dyn Write) {
    match what.write() {
        Written::Null => into.push_str("null"),
        Written::Flag(flag) => put_flag(into, flag),
        Written::Unsigned(number) => put_number(into, &number.into()),
        Written::Signed(number) => put_number(into, &number.into()),
        Written::Float(number) => match Number::from_f64(number) {
            Some(number) => put_number(into, &number),
            None => into.push_str("null"),
        },
        Written::Text(text) => put_text(into, text),
        Written::Id(id) => put_text(into, id.hyphenated().encode_lower(&mut [0; Hyphenated::LENGTH])),
        Written::Raw(raw) => into.push_str(raw.get()),
        Written::Value(value) => put_value(into, value),
        Written::As(other) => put(into, other),
        Written::List(length) => {
            let mut next = '[';
            for member in (0..length).filter_map(|index| what.member(index)) {
                into.push(next);
                put(into, member);
                next = ',';
            }
            close(into, next, '[', ']');
        }
        Written::Object(fields) => {
            let mut next = '{';
            for (index, name) in fields.iter().enumerate() {
                if let Some(member) = what.member(index) {
                    into.push(next);
                    put_text(into, name);
                    into.push(':');
                    put(into, member);
                    next = ',';
                }
            }
            close(into, next, '{', '}');
        }
    }
}

fn put_value(into: &mut String, value: &Value) {
    match value {
        Value::Null => into.push_str("null"),
        Value::Bool(flag) => put_flag(into, *flag),
        Value::Number(number) => put_number(into, number),
        Value::String(text) => put_text(into, text),
        Value::Array(list) => {
            let mut next = '[';
            for member in list {
                into.push(next);
                put_value(into, member);
                next = ',';
            }
            close(into, next, '[', ']');
        }
        Value::Object(members) => {
            let mut next = '{';
            for (name, member) in members {
                into.push(next);
                put_text(into, name);
                into.push(':');
                put_value(into, member);
                next = ',';
            }
            close(into, next, '{', '}');
        }
    }
}

/// Closes a list or an object, which an empty one has still to open.
fn close(into: &mut String, next: char, open: char, close: char) {
    if next == open {
        into.push(open);
    }
    into.push(close);
}

fn put_flag(into: &mut String, flag: bool) {
    into.push_str(if flag { "true" } else { "false" });
}

fn put_number(into: &mut String, number: &Number) {
    let _ = write!(into, "{number}"); // a text takes everything
}

fn put_text(into: &mut String, text: &str) {
    into.push('"');
    let mut rest = text;
    // What is not plain is one byte.
    while let Some((before, after)) = rest.split_at_checked(plain::length(rest.as_bytes())) {
        into.push_str(before);
        let Some(byte) = after.bytes().next() else { break };
        put_escaped(into, byte);
        rest = after.get(1..).unwrap_or_default();
    }
    into.push('"');
}

fn put_escaped(into: &mut String, byte: u8) {
    let short = match byte {
        0x08 => 'b',
        b'\t' => 't',
        b'\n' => 'n',
        0x0c => 'f',
        b'\r' => 'r',
        0..=0x1f => {
            into.push_str(if byte < 0x10 { "\\u000" } else { "\\u001" });
            into.push(char::from_digit(u32::from(byte & 0xf), 16).unwrap_or_default());
            return;
        }
        _ => byte.into(),
    };
    into.push('\\');
    into.push(short);
}
