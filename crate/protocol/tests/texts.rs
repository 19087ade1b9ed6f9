//! The reader and the writer of JSON texts against serde_json's: the same values, the same texts, the same refusals.
#![expect(clippy::unwrap_used, reason = "all of this is tests, its helpers too")]

use fieldsync_protocol::{read, write};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

/// Reads a text with both; what ours makes of it, where it is taken.
fn both<T: read::Read + DeserializeOwned>(text: &str, shown: fn(&T) -> String) -> Option<T> {
    let (ours, theirs) = (read::from_str::<T>(text), serde_json::from_str::<T>(text));
    let show = |read: Option<&T>| read.map(shown);
    assert_eq!(show(ours.as_ref().ok()), show(theirs.as_ref().ok()), "{text}: {:?}", theirs.err());
    ours.ok()
}

/// Reads a text as everything that stands for itself.
fn compare(text: &str) -> bool {
    both::<Box<RawValue>>(text, |raw| raw.get().to_owned());
    both::<f64>(text, |number| number.to_bits().to_string());
    both::<u64>(text, u64::to_string);
    both::<i64>(text, i64::to_string);
    both::<u8>(text, u8::to_string);
    both::<bool>(text, bool::to_string);
    both::<String>(text, String::clone);
    both::<Option<Vec<[Value; 2]>>>(text, |list| format!("{list:?}"));
    // Of numbers the last bit too: written, one is read as itself.
    let value = both::<Value>(text, |value| format!("{value:?}"));
    if let Some(value) = &value {
        assert_eq!(write::to_string(value), serde_json::to_string(value).unwrap());
    }
    value.is_some()
}

/// What texts are made of, right and wrong.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"\"",
        "\"a\":",
        "null",
        "true",
        "false",
        "nul",
        " ",
        "\n",
        "\t",
        "\r",
        "\u{b}",
        "0",
        "-",
        "-0",
        "00",
        "1",
        "9",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        ".",
        ".5",
        "e",
        "E+",
        "e-",
        "e5",
        "e308",
        "e309",
        "e-400",
        "e99999999999",
        "1e1",
        "\\",
        "\\n",
        "\\u",
        "\\u00e9",
        "\\ud83d",
        "\\ude00",
        "\\uD83D\\uDE00",
        "\\u12",
        "\\x",
        "\\/",
        "\\\"",
        "é",
        "😀",
        "\u{1}",
        "\u{7f}",
        "\u{2028}",
    ]);
    prop_oneof![4 => fixed.prop_map(str::to_owned), 1 => "[0-9]{1,25}", 1 => "[a-zé\"\\\\/\u{0}-\u{20}]{1,10}"]
}

/// A tree, written in one of many ways.
fn tree() -> impl Strategy<Value = String> {
    let text = any::<Vec<char>>().prop_map(|chars| {
        let escaped = |(at, char): (usize, &char)| match at % 3 {
            0 => char.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")).collect(),
            _ => {
                serde_json::to_string(&char.to_string()).unwrap().trim_matches('"').replace("\\\\", "\\u005c")
            }
        };
        let plain = chars.iter().filter(|char| **char != '"').collect::<Vec<_>>();
        format!("\"{}\"", plain.into_iter().enumerate().map(escaped).collect::<String>())
    });
    let number = prop_oneof![
        any::<f64>()
            .prop_filter("JSON has no infinity", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?",
    ];
    let leaf = prop_oneof![Just("null".to_owned()), Just("true".to_owned()), number, text.clone()];
    let space = prop::sample::select(vec!["", " ", "\n\t", "\r\n"]);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..6), space.clone()).prop_map(|(list, space)| format!(
                "[{space}{}{space}]",
                list.join(&format!("{space},{space}"))
            )),
            (prop::collection::vec((text.clone(), inner), 0..6), space.clone()).prop_map(
                |(members, space)| {
                    let members: Vec<_> =
                        members.iter().map(|(name, value)| format!("{name}{space}:{space}{value}")).collect();
                    format!("{space}{{{space}{}}}{space}", members.join(","))
                }
            ),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn pieces_are_taken_and_refused_alike(pieces in prop::collection::vec(piece(), 0..12)) {
        let text = pieces.concat();
        compare(&text);
        compare(&format!("[{text}]"));
        compare(&format!("\"{text}\""));
        compare(&format!("{{\"a\":{text}}}"));
    }

    #[test]
    fn trees_are_read_alike_whole_and_damaged(text in tree(), at in any::<prop::sample::Index>(), piece in piece()) {
        compare(&text);
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = places[at.index(places.len())];
        compare(&text[..at]);
        compare(&format!("{}{piece}{}", &text[..at], &text[at..]));
    }

    #[test]
    fn numbers_are_read_and_written_to_the_last_bit(bits in any::<u64>(), tenths in any::<i32>()) {
        for number in [f64::from_bits(bits), f64::from_bits(bits >> 12), f64::from(tenths) / 10.0, bits as f64] {
            let text = write::to_string(&number);
            assert_eq!(text, serde_json::to_string(&number).unwrap());
            compare(&text);
        }
        assert_eq!(write::to_string(&bits), bits.to_string());
        assert_eq!(write::to_string(&(bits as i64)), (bits as i64).to_string());
    }
}

/// The most there is to decide: what lies in the middle between two numbers, to its last digit, and beside it.
#[test]
fn what_lies_between_two_numbers_is_read_as_the_nearer() {
    let mut patterns = vec![0, 1, 2, 0xf_ffff_ffff_ffff, 1 << 52, (1 << 52) + 1, 0x7fef_ffff_ffff_ffff];
    patterns.extend(
        (0..500_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 2).filter(|bits| bits >> 52 < 0x7fe),
    );
    for bits in patterns {
        // Twice the number, and so the middle above it, is a number with one bit more: as a whole or a fraction, exactly.
        let (low, high) = (f64::from_bits(bits), f64::from_bits(bits + 1));
        let between = middle(low, high);
        for text in [between.clone(), format!("{between}1"), just_below(&between)] {
            let (read, nearest) = (read::from_str::<f64>(&text), text.parse::<f64>().unwrap());
            if nearest.is_finite() {
                assert_eq!(read.unwrap().to_bits(), nearest.to_bits(), "{text}");
            } else {
                assert!(read.is_err(), "{text}");
            }
            compare(&text);
        }
    }
}

/// The middle between two numbers that follow each other, with all its digits and a point.
fn middle(low: f64, high: f64) -> String {
    // Exactly: std writes as many digits as it is asked for, and a number here has at most 1,074 after the point.
    let (low, high) = (format!("{low:.1074}"), format!("{high:.1074}"));
    let digits = |text: &str| {
        text.bytes().rev().filter(|byte| *byte != b'.').map(|byte| byte - b'0').collect::<Vec<_>>()
    };
    let (low, high) = (digits(&low), digits(&high));
    let (mut sum, mut carried) = (Vec::new(), 0);
    for (place, digit) in high.iter().enumerate() {
        let here = low.get(place).copied().unwrap_or(0) + digit + carried;
        sum.push(here % 10);
        carried = here / 10;
    }
    sum.push(carried);
    let (mut half, mut rest) = (String::new(), 0);
    for (place, digit) in sum.iter().enumerate().rev() {
        let here = rest * 10 + digit;
        half.push(char::from(b'0' + here / 2));
        rest = here % 2;
        if place == 1_074 {
            half.push('.');
        }
    }
    half.push(if rest == 1 { '5' } else { '0' });
    let whole = half.trim_start_matches('0');
    if whole.starts_with('.') { format!("0{whole}") } else { whole.to_owned() }
}

/// A little less: its last digit that is not zero is one less, and nines follow.
fn just_below(text: &str) -> String {
    let last = text.rfind(|digit: char| ('1'..='9').contains(&digit)).unwrap();
    let less = char::from(text.as_bytes()[last] - 1);
    let rest: String = text[last + 1..].replace('0', "9");
    format!("{}{less}{rest}9", &text[..last])
}

#[test]
fn what_stands_in_each_other_has_an_end() {
    let nested =
        |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    for depth in [1, 126, 127, 128, 129] {
        assert_eq!(compare(&nested("[", "]", depth)), depth <= 127);
        assert_eq!(compare(&nested("{\"a\":", "}", depth)), depth <= 127);
    }
    // What is kept as text, or passed over, takes no stack.
    let deep = nested("[", "]", 100_000);
    assert!(read::from_str::<Box<RawValue>>(&deep).is_ok());
    assert!(read::from_str::<fieldsync_protocol::Settings>(&format!("{{\"unknown\":{deep}}}")).is_ok());
}

#[test]
fn every_byte_of_a_string_is_written_alike() {
    let all: String = (0..0x2100).filter_map(char::from_u32).collect();
    assert_eq!(write::to_string(&all), serde_json::to_string(&all).unwrap());
    compare(&write::to_string(&all));
}

/// serde_json takes an object with this name for the text that it holds.
#[test]
fn a_name_is_a_name() {
    let text = r#"{"$serde_json::private::RawValue":"1"}"#;
    assert_eq!(write::to_string(&read::from_str::<Value>(text).unwrap()), text);
}
