//! The derived readers and writers against serde's own: the same values and texts, the same refusals. What is wrong with a
//! value is said in the same words and places; what is wrong with a text, in our own.
#![expect(clippy::unwrap_used, reason = "all of this is tests, its helpers too")]

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::{self, Write};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

fn seven() -> u16 {
    7
}

/// The same types twice, with our derives and with serde's.
macro_rules! types {
    ($read:ident, $write:ident) => {
        #[derive(Debug, $read, $write)]
        #[serde(rename_all = "camelCase")]
        pub struct Whole {
            r#type: Kind,
            is_on: bool,
            tiny: u8,
            small: u16,
            large: u64,
            either: i32,
            widest: i64,
            exact: f64,
            text: String,
            #[serde(rename = "called")]
            named: Wrapped,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            perhaps: Option<Part>,
            maybe: Option<u32>,
            #[serde(default)]
            list: Vec<Part>,
            pair: Option<[f64; 2]>,
            raw: Option<Box<RawValue>>,
            #[serde(default)]
            any: Value,
            #[serde(default = "seven")]
            seven: u16,
            settings: Settings,
        }

        #[derive(Debug, $read, $write)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            One,
            TwoWords,
            #[serde(rename = "3")]
            Three,
        }

        #[derive(Debug, $read, $write)]
        #[serde(rename_all = "kebab-case")]
        pub enum Way {
            There,
            AndBackAgain,
        }

        #[derive(Debug, $read, $write)]
        #[serde(transparent)]
        pub struct Wrapped(String);

        #[derive(Debug, $read, $write)]
        pub struct Part {
            at: u8,
            kinds: Vec<Kind>,
            deeper: Option<Box<RawValue>>,
        }

        #[derive(Debug, $read, $write)]
        #[serde(rename_all = "camelCase", default)]
        pub struct Settings {
            pub how_many: u8,
            pub names: Vec<String>,
            kind: Option<Kind>,
            way: Option<Way>,
        }

        impl Default for Settings {
            fn default() -> Settings {
                Settings { how_many: 3, names: vec!["kept".into()], kind: Some(Kind::TwoWords), way: None }
            }
        }
    };
}

mod ours {
    use super::*;
    types!(Read, Write);
}

mod theirs {
    use super::*;
    types!(Deserialize, Serialize);
}

const SAMPLE: &str = r#"{"type":"two_words","isOn":true,"tiny":255,"small":65535,"large":18446744073709551615,
 "either":-2147483648,"widest":-9223372036854775808,"exact":-1.5e3,"text":"é\n\u00e9","called":"x","maybe":null,
 "perhaps":{"at":1,"kinds":["one","3",{"two_words":null}],"deeper":[1,{"a":"b"}]},"unknown":{"a":[{}]},
 "list":[{"at":0,"kinds":[]},{"kinds":["3"],"at":9}],"pair":[1,-2.5],"raw":{"kept" : 1.10},"any":{"b":[null,1.5]},
 "settings":{"names":["a","b"],"way":"and-back-again","other":1}}"#;

/// What it comes to with both, and through serde with ours: the JSON that is written again, or the refusal.
fn all(text: &str) -> [Result<String, Refusal>; 3] {
    let ours = read::from_str::<ours::Whole>(text);
    let through: Result<ours::Whole, _> = serde_json::from_str(text);
    let theirs: Result<theirs::Whole, _> = serde_json::from_str(text);
    [
        ours.map(|whole| write::to_string(&whole))
            .map_err(|error| Refusal { of_text: false, words: error.to_string() }),
        through.map(|whole| serde_json::to_string(&whole).unwrap()).map_err(Refusal::from),
        theirs.map(|whole| serde_json::to_string(&whole).unwrap()).map_err(Refusal::from),
    ]
}

#[derive(Debug, PartialEq)]
struct Refusal {
    of_text: bool,
    words: String,
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Refusal {
        // A unit is expected where a name has something with it, which is nothing that we write.
        let words = nameless(&error.to_string());
        Refusal { of_text: !error.is_data() || words.contains(", expected unit at"), words }
    }
}

/// What is expected, without the name that the type has in Rust.
fn nameless(words: &str) -> String {
    let Some((given, expected)) = words.split_once(", expected ") else { return words.to_owned() };
    match expected.splitn(3, ' ').collect::<Vec<_>>()[..] {
        ["struct", _, place] => format!("{given}, expected an object {place}"),
        ["enum", _, place] => format!("{given}, expected a name {place}"),
        _ => words.to_owned(),
    }
}

/// Values are shown as they stand in the text, and numbers are all of one kind.
fn without_value(words: &str) -> String {
    let Some((given, expected)) = words.split_once(", expected ") else { return words.to_owned() };
    let kind = given.split(['`', '"']).next().unwrap().trim_end();
    let kind = kind.replace("integer", "number").replace("floating point", "number");
    format!("{kind}, expected {expected}")
}

/// Compares all that a text comes to. `None` where a list stands in the place of an object: that is where we differ on
/// purpose.
fn compared(text: &str) -> Option<Result<String, Refusal>> {
    let [ours, through, theirs] = all(text);
    let is_list_for_object =
        |refusal: &Refusal| refusal.words.starts_with("invalid type: sequence, expected an object");
    if ours.as_ref().is_err_and(is_list_for_object) {
        return None;
    }
    assert_eq!(through, theirs, "{text}");
    match (&ours, &theirs) {
        (Err(ours), Err(theirs)) if !theirs.of_text => {
            assert_eq!(without_value(&ours.words), without_value(&theirs.words), "{text}");
        }
        (Err(_), Err(_)) => {}
        _ => assert_eq!(ours, theirs, "{text}"),
    }
    Some(ours)
}

#[test]
fn what_is_read_is_the_same() {
    let [ours, ..] = all(SAMPLE);
    assert!(ours.is_ok(), "{ours:?}");
    compared(SAMPLE);
    let settings = |text: &str| read::from_str::<ours::Settings>(text).unwrap();
    assert_eq!((settings("{}").how_many, settings("{}").names.len()), (3, 1), "the type's own default");
    assert!(settings(r#"{"names":[]}"#).names.is_empty(), "what is read takes the default's place");
}

#[test]
fn what_is_damaged_is_refused_alike() {
    let pieces = [
        "", "{", "}", "[", "]", "\"", ",", ":", "0", "-", "1.5", "1e999", "true", "null", "\\", " ", "\"a\":",
    ];
    let (mut refused, mut taken) = (0, 0);
    for at in (0..SAMPLE.len()).filter(|at| SAMPLE.is_char_boundary(*at)) {
        let (before, after) = SAMPLE.split_at(at);
        let next = after.chars().next().map_or(0, char::len_utf8);
        let damaged = pieces.iter().flat_map(|piece| {
            [format!("{before}{piece}{after}"), format!("{before}{piece}{}", &after[next..])]
        });
        for text in damaged.chain([before.to_owned()]) {
            let Some(ours) = compared(&text) else { continue };
            *(if ours.is_ok() { &mut taken } else { &mut refused }) += 1;
        }
    }
    assert!(refused > 10_000 && taken > 1_000, "{refused} refused, {taken} taken");
}

#[test]
fn values_of_another_kind_are_refused_in_the_same_words() {
    let values = [
        "null",
        "true",
        "0",
        "256",
        "65536",
        "-1",
        "4294967296",
        "18446744073709551616",
        "1.5",
        "\"\"",
        "\"one\"",
        "\"TwoWords\"",
        "[]",
        "[1]",
        "[1,2]",
        "[1,2,3]",
        "[\"a\"]",
        "[null]",
        "{}",
        "{\"a\":1}",
        "{\"one\":null}",
        "{\"one\":1}",
        "{\"at\":1}",
        "{\"at\":1,\"kinds\":[],\"at\":2}",
        "{\"kinds\":[\"four\"],\"at\":1}",
    ];
    let sample: serde_json::Map<String, Value> = serde_json::from_str(SAMPLE).unwrap();
    for name in sample.keys() {
        let without = |value: Option<&str>| {
            let others = sample.iter().filter(|(other, _)| *other != name);
            let members = others.map(|(name, value)| format!("{name:?}:{value}"));
            let odd = value.map(|value| format!("{name:?}: {value}"));
            format!("{{{}}}", members.chain(odd).collect::<Vec<_>>().join(","))
        };
        for text in values.iter().map(|value| without(Some(value))).chain([without(None)]) {
            compared(&text);
        }
    }
}

#[test]
fn a_list_is_no_object() {
    let words = read::from_str::<ours::Part>("[1,[],null]").unwrap_err().to_string();
    assert_eq!(words, "invalid type: sequence, expected an object at line 1 column 0");
}

#[test]
fn values_are_read_like_texts() {
    let value: Value = serde_json::from_str(SAMPLE).unwrap();
    let ours = ours::Whole::deserialize(&value).map(|whole| serde_json::to_value(whole).unwrap());
    let theirs = theirs::Whole::deserialize(&value).map(|whole| serde_json::to_value(whole).unwrap());
    assert_eq!(ours.unwrap(), theirs.unwrap());
}
