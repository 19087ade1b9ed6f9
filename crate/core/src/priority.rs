//! How urgent an item is (B4): rules → score → rank and class.

use fieldsync_protocol::read;
use std::cmp::Ordering;

use fieldsync_protocol::{Action, Condition, ItemType, Millis, Op, Priority, Rule};
use serde_json::Value;

mod pointer;
pub(crate) mod rescore;
mod rules;

pub(crate) use rules::{check, defaults};

/// How many milliseconds of waiting one point is worth: 100 points jump a queue of about 17 minutes.
const MILLIS_A_POINT: i64 = 10_000;

/// No rule brings an item further down than this.
const LOWEST_SCORE: i32 = -100;
/// No rule brings an item further up than this.
const HIGHEST_SCORE: i32 = 300;

/// A photo or file has so many points less: text goes before it, and it waits for a good link whatever its priority (B9)
/// unless a rule says otherwise.
const HEAVY: i32 = 80;

/// From here up an item is HIGH: a NORMAL one with a rule of 25 points is.
const HIGH_FROM: i32 = 75;
/// From here up, and below [`HIGH_FROM`], it is NORMAL.
const NORMAL_FROM: i32 = 25;

/// An item's place in the queue; lower goes first.
///
/// Waiting raises every item alike, so `createdAt − score × K` never changes and can be an index key: LOW ages past
/// newer NORMAL without anything being rewritten. It starves under no rules: scores are 400 points apart at most, so
/// the lowest item there can be goes before the highest that is entered 67 minutes after it.
pub(crate) fn rank(created_at: Millis, score: i32) -> i64 {
    let ahead = i64::from(score).saturating_mul(MILLIS_A_POINT);
    i64::try_from(created_at.0).unwrap_or(i64::MAX).saturating_sub(ahead)
}

/// The points of what the person who entered an item said, before any rule.
pub(crate) fn points(r#type: ItemType, priority: Priority) -> i32 {
    let said = match priority {
        Priority::High => 100,
        Priority::Normal => 50,
        Priority::Low => 0,
    };
    if r#type == ItemType::Media { said - HEAVY } else { said }
}

/// An item's score: its base points and those of every rule that is on and holds of it, within bounds.
///
/// `data` is the whole record where the device knows it: of the patch of an update, only what has changed can match.
/// It is read once, and not at all while no rule looks into it.
pub(crate) fn score(rules: &[Rule], r#type: ItemType, action: Action, data: &str, priority: Priority) -> i32 {
    let on = || rules.iter().filter(|rule| rule.on);
    let reads = on().any(|rule| rule.conditions.iter().any(|condition| condition.field.starts_with('/')));
    // Of a damaged record every field is absent.
    let record = if reads { read::from_str(data).unwrap_or(Value::Null) } else { Value::Null };
    let base = points(r#type, priority);
    let (r#type, action) = (Value::from(type_name(r#type)), Value::from(action_name(action)));
    let holds = |Condition { field, op, value }: &Condition| {
        let found = match field.as_str() {
            "type" => Some(&r#type),
            "action" => Some(&action),
            pointer if pointer.starts_with('/') => pointer::at(&record, pointer),
            _ => None,
        };
        compares(*op, found, value)
    };
    let added = on().filter(|rule| rule.conditions.iter().all(holds)).map(|rule| rule.points);
    added.fold(base, i32::saturating_add).clamp(LOWEST_SCORE, HIGHEST_SCORE)
}

/// The priority that a score comes to, as the threshold of the settings sees it.
pub(crate) fn class(score: i32) -> Priority {
    match score {
        HIGH_FROM.. => Priority::High,
        NORMAL_FROM.. => Priority::Normal,
        _ => Priority::Low,
    }
}

/// As it stands in JSON.
fn type_name(r#type: ItemType) -> &'static str {
    match r#type {
        ItemType::Reading => "READING",
        ItemType::Assessment => "ASSESSMENT",
        ItemType::Response => "RESPONSE",
        ItemType::Media => "MEDIA",
    }
}

/// As it stands in JSON.
fn action_name(action: Action) -> &'static str {
    match action {
        Action::Create => "CREATE",
        Action::Update => "UPDATE",
        Action::Delete => "DELETE",
    }
}

/// Whether a condition holds of what was found. Values of different sorts are not the same, and in no order.
fn compares(op: Op, found: Option<&Value>, value: &Value) -> bool {
    let is = |wanted: fn(Ordering) -> bool| found.and_then(|found| order(found, value)).is_some_and(wanted);
    match op {
        Op::Eq => found.is_some_and(|found| same(found, value)),
        Op::Ne => !found.is_some_and(|found| same(found, value)),
        Op::Gt => is(Ordering::is_gt),
        Op::Gte => is(Ordering::is_ge),
        Op::Lt => is(Ordering::is_lt),
        Op::Lte => is(Ordering::is_le),
        Op::In => match (found, value) {
            (Some(found), Value::Array(list)) => list.iter().any(|one| same(found, one)),
            _ => false,
        },
        Op::Contains => match (found, value) {
            (Some(Value::Array(list)), _) => list.iter().any(|one| same(one, value)),
            (Some(Value::String(text)), Value::String(part)) => is_in(&folded(part), &folded(text)),
            _ => false,
        },
        Op::Exists => value.as_bool() == Some(found.is_some_and(|found| !found.is_null())),
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        _ => order(a, b).is_some_and(Ordering::is_eq),
    }
}

/// The order of two numbers, or of two texts (by code points, in which dates and times of one form are in order).
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            // Whole numbers beyond 2^53 are told apart; a number as written is asked for its value, never for its
            // digits: 1, 1.0 and 1e0 are the same.
            if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
                Some(a.cmp(&b))
            } else if let (Some(a), Some(b)) = (a.as_u64(), b.as_u64()) {
                Some(a.cmp(&b))
            } else {
                a.as_f64()?.partial_cmp(&b.as_f64()?)
            }
        }
        (Value::String(a), Value::String(b)) => Some(a.as_str().cmp(b)),
        _ => None,
    }
}

/// Whether a text has this part: the standard library's search is made for longer texts than a rule's, and larger.
fn is_in(part: &str, text: &str) -> bool {
    part.is_empty() || text.as_bytes().windows(part.len()).any(|here| here == part.as_bytes())
}

/// Text with letter case aside, in the Latin, Greek and Cyrillic of most keyboards: the tables for every script would
/// take more of the wasm than this whole room.
fn folded(text: &str) -> String {
    let fold = |letter: char| match letter {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ρ' | 'Σ'..='Ϋ' | 'А'..='Я' => {
            char::from_u32(u32::from(letter) + 32).unwrap_or(letter)
        }
        'Ѐ'..='Џ' => char::from_u32(u32::from(letter) + 80).unwrap_or(letter),
        _ => letter,
    };
    text.chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::time::Jitter;

    fn rule(points: i32, conditions: Value) -> Rule {
        let rule = json!({"id": "r", "name": "R", "on": true, "conditions": conditions, "points": points});
        serde_json::from_value(rule).unwrap()
    }

    /// Whether this one condition holds of a record.
    fn holds(field: &str, op: &str, value: Value, data: &str) -> bool {
        let rules = [rule(1, json!([{"field": field, "op": op, "value": value}]))];
        score(&rules, ItemType::Assessment, Action::Create, data, Priority::Low) == 1
    }

    #[test]
    fn urgent_goes_first_and_low_ages() {
        let at = |minutes: u64, priority| {
            rank(Millis::minutes(10_000 + minutes), points(ItemType::Reading, priority))
        };
        assert!(at(5, Priority::High) < at(0, Priority::Normal));
        assert!(at(5, Priority::Normal) < at(0, Priority::Low));
        assert!(at(0, Priority::Low) < at(9, Priority::Normal), "after nine minutes");
        assert!(at(0, Priority::Normal) < at(1, Priority::Normal), "first come, first served");
    }

    #[test]
    fn the_lowest_is_not_starved_by_the_highest() {
        let begin = Millis::minutes(10_000);
        let lowest = rank(begin, LOWEST_SCORE);
        assert!(rank(begin + Millis::minutes(66), HIGHEST_SCORE) < lowest);
        assert!(lowest < rank(begin + Millis::minutes(67), HIGHEST_SCORE));
        assert_eq!(rank(Millis(u64::MAX), LOWEST_SCORE), i64::MAX, "saturates");
        assert!(rank(Millis::ZERO, i32::MAX) < rank(Millis::ZERO, i32::MIN));
    }

    #[test]
    fn the_rules_of_b4_move_an_item_up_a_class() {
        assert!(check(&defaults()).is_empty());
        let of = |r#type, data, priority| score(&defaults(), r#type, Action::Create, data, priority);
        let data = r#"{"kind":"HEALTH","site":"Well 3","population":2577}"#;
        assert_eq!(of(ItemType::Assessment, data, Priority::Normal), 95);
        assert_eq!(of(ItemType::Reading, data, Priority::Normal), 50, "of assessments only");
        assert_eq!(of(ItemType::Assessment, r#"{"kind":"FOOD","population":999}"#, Priority::High), 100);
        assert_eq!(of(ItemType::Assessment, r#"{"kind":"FOOD","population":1000}"#, Priority::Low), 20);
        assert_eq!(class(50 + 25), Priority::High);
        assert_eq!((class(74), class(25)), (Priority::Normal, Priority::Normal));
        assert_eq!((class(24), class(LOWEST_SCORE)), (Priority::Low, Priority::Low));
        for priority in [Priority::High, Priority::Normal, Priority::Low] {
            assert_eq!(
                class(points(ItemType::Reading, priority)),
                priority,
                "without rules it is what the person said"
            );
        }
    }

    #[test]
    fn rules_that_are_off_or_half_true_do_not_count() {
        let yes = json!({"field": "action", "op": "eq", "value": "CREATE"});
        let no = json!({"field": "type", "op": "in", "value": ["MEDIA", "READING"]});
        let rules = [
            rule(3, json!([yes])),
            rule(5, json!([yes, no])),
            Rule { on: false, ..rule(7, json!([yes])) },
            rule(-11, json!([])),
        ];
        assert_eq!(score(&rules, ItemType::Assessment, Action::Create, "{}", Priority::Low), -8);
        assert_eq!(score(&rules, ItemType::Media, Action::Create, "{}", Priority::High), 17);
        assert_eq!(score(&rules, ItemType::Media, Action::Delete, "", Priority::High), 9);
        assert_eq!(class(score(&[], ItemType::Media, Action::Create, "", Priority::High)), Priority::Low);
    }

    #[test]
    fn numbers_compare_as_numbers_however_they_are_written() {
        for (data, op, value) in [
            ("1000", "gte", json!(1000)),
            ("1000.0", "eq", json!(1000)),
            ("1e3", "lte", json!(1000)),
            ("9", "lt", json!(10)),
            ("-1", "lt", json!(u64::MAX)),
            ("18446744073709551615", "gt", json!(18_446_744_073_709_551_614_u64)),
            ("9007199254740993", "gt", json!(9_007_199_254_740_992_i64)),
            ("123456789012345678901234567890", "gt", json!(1)),
            ("0.5", "in", json!([1, "0.5", 0.5])),
            ("[2, 1.0]", "contains", json!(1)),
        ] {
            let record = format!(r#"{{"n":{data}}}"#);
            assert!(holds("/n", op, value.clone(), &record), "{data} {op} {value}");
        }
        assert!(!holds("/n", "ne", json!(1), r#"{"n":1.0}"#));
    }

    #[test]
    fn texts_compare_as_texts() {
        let data = r#"{"at":"2026-11-21","note":"Überflutete STRASSE, Вода","tags":["a","B"],"deep":[{"a/b":{"m~n":7}}]}"#;
        assert!(holds("/at", "gt", json!("2026-11-03"), data));
        assert!(holds("/at", "lt", json!("3"), data), "never as numbers");
        assert!(holds("/note", "contains", json!("überFLUTETE strasse"), data));
        assert!(holds("/note", "contains", json!("вода"), data));
        assert!(holds("/tags", "contains", json!("a"), data));
        assert!(!holds("/tags", "contains", json!("b"), data), "a value of a list is the same or not");
        assert!(holds("/deep/0/a~1b/m~0n", "eq", json!(7), data));
        assert!(!holds("/deep/00/a~1b/m~0n", "exists", json!(true), data));
        assert!(holds("type", "contains", json!("assess"), data));
    }

    #[test]
    fn what_is_of_another_sort_absent_or_damaged_is_not_the_same() {
        for data in
            [r#"{"n":"1000"}"#, r#"{"n":true}"#, r#"{"n":[1000]}"#, "{}", "", "<html>", r#"{"n":1000"#]
        {
            for op in ["eq", "gt", "gte", "lt", "lte"] {
                assert!(!holds("/n", op, json!(1000), data), "{op} {data}");
            }
            assert!(holds("/n", "ne", json!(1000), data), "{data}");
            assert!(!holds("/n", "in", json!([1000, 1]), data), "{data}");
            assert!(!holds("/m", "exists", json!(true), data), "{data}");
            assert!(holds("/m", "exists", json!(false), data), "{data}");
        }
        assert!(holds("/n", "eq", json!(null), r#"{"n":null}"#));
        assert!(holds("/n", "exists", json!(false), r#"{"n":null}"#), "null is as good as absent");
        assert!(holds("/n", "exists", json!(true), r#"{"n":false}"#));
        assert!(holds("/n", "eq", json!(false), r#"{"n":false}"#));
        assert!(!holds("kind", "eq", json!("HEALTH"), r#"{"kind":"HEALTH"}"#), "not a field");
    }

    /// The laws that hold of every comparison and every score, tried at random.
    #[test]
    fn comparisons_and_scores_keep_their_laws() {
        let mut dice = Jitter::new(7);
        let mut roll = |sides: u64| dice.next() % sides;
        let mut values: Vec<Value> = [u64::MAX, 1 << 63, 1 << 53, (1 << 53) + 1].map(Value::from).to_vec();
        values.extend([
            json!(null),
            json!(true),
            json!(""),
            json!("é"),
            json!([1]),
            json!(i64::MIN),
            json!(0.5),
        ]);
        values.extend((0..20).map(|_| Value::from(roll(1 << 20) as f64 / 16.0 - 30_000.0)));
        values.extend((0..20).map(|_| Value::from(format!("{:x}", roll(1 << 12)))));
        for a in &values {
            for b in &values {
                let is = |op| compares(op, Some(a), b);
                assert_eq!(is(Op::Ne), !is(Op::Eq), "{a} {b}");
                assert_eq!(is(Op::Gt), compares(Op::Lt, Some(b), a), "{a} {b}");
                let sorts = usize::from(is(Op::Gt)) + usize::from(is(Op::Lt)) + usize::from(is(Op::Eq));
                assert!(sorts <= 1, "{a} {b}");
                assert_eq!(is(Op::Gte) && is(Op::Lte), is(Op::Eq) && (a.is_number() || a.is_string()));
                assert!(!is(Op::Gt) || is(Op::Gte), "{a} {b}");
                assert_eq!(compares(Op::In, Some(a), &json!([b])), is(Op::Eq));
            }
        }
        for _ in 0..500 {
            let count = roll(9);
            let rules: Vec<Rule> = (0..count)
                .map(|_| {
                    let least = roll(40);
                    let condition = json!([{"field": "/n", "op": "gte", "value": least}]);
                    Rule { on: roll(4) > 0, ..rule(roll(201) as i32 - 100, condition) }
                })
                .collect();
            let n = roll(40);
            let data = format!(r#"{{"n":{n}}}"#);
            let expected: i32 = rules
                .iter()
                .filter(|rule| rule.on && rule.conditions[0].value.as_u64() <= Some(n))
                .map(|rule| rule.points)
                .sum();
            let got = score(&rules, ItemType::Reading, Action::Update, &data, Priority::Normal);
            assert_eq!(got, (50 + expected).clamp(-100, 300));
        }
        let wild = [rule(i32::MAX, json!([])), rule(i32::MAX, json!([]))];
        assert_eq!(score(&wild, ItemType::Reading, Action::Create, "", Priority::High), HIGHEST_SCORE);
    }
}
