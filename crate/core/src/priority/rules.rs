//! Which rules can be kept, and those that every device begins with (B4).

use fieldsync_protocol::{Condition, FieldError, Op, Rule};
use serde_json::Value;

/// At most so many rules.
const MOST_RULES: usize = 50;
/// At most so many conditions in a rule.
const MOST_CONDITIONS: usize = 10;
/// An id is at most this many characters.
const LONGEST_ID: usize = 64;
/// A name is at most this many characters.
const LONGEST_NAME: usize = 100;
/// A JSON pointer is at most this many characters.
const LONGEST_POINTER: usize = 200;
/// The list of an `in` has at most so many values.
const MOST_VALUES: usize = 100;

/// What is wrong with these rules, field by field (`rules/2/conditions/0/value`); empty when they can be kept.
pub(crate) fn check(rules: &[Rule]) -> Vec<FieldError> {
    if rules.len() > MOST_RULES {
        return vec![FieldError::new("rules", "Keep at most 50 rules.")];
    }
    let mut errors = Vec::new();
    let mut demand = |holds: bool, path: String, words: &str| {
        if !holds {
            errors.push(FieldError::new(&path, words));
        }
    };
    for (i, rule) in rules.iter().enumerate() {
        let at = |field: &str| format!("rules/{i}/{field}");
        let length = rule.id.chars().count();
        demand((1..=LONGEST_ID).contains(&length), at("id"), "Enter an id of 1 to 64 characters.");
        let unique = rules[..i].iter().all(|earlier| earlier.id != rule.id);
        demand(unique, at("id"), "Another rule has this id.");
        let named = !rule.name.trim().is_empty() && rule.name.chars().count() <= LONGEST_NAME;
        demand(named, at("name"), "Enter a name of 1 to 100 characters.");
        demand((-100..=100).contains(&rule.points), at("points"), "Enter a number from -100 to 100.");
        let few = rule.conditions.len() <= MOST_CONDITIONS;
        demand(few, at("conditions"), "Keep at most 10 conditions.");
        for (n, Condition { field, op, value }) in rule.conditions.iter().take(MOST_CONDITIONS).enumerate() {
            let at = |part: &str| format!("rules/{i}/conditions/{n}/{part}");
            let words = "Enter type, action, or a JSON pointer such as /population.";
            demand(is_field(field), at("field"), words);
            let (fits, words) = shape(*op, value);
            demand(fits, at("value"), words);
        }
    }
    errors
}

/// Whether a condition can be about this: what an item is, or a place in its record (RFC 6901; not the whole of it).
fn is_field(field: &str) -> bool {
    let escaped = || field.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    matches!(field, "type" | "action")
        || (field.starts_with('/') && field.chars().count() <= LONGEST_POINTER && escaped())
}

/// Whether this is something to compare with in that way, and what would be.
fn shape(op: Op, value: &Value) -> (bool, &'static str) {
    let single = |value: &Value| !value.is_array() && !value.is_object();
    match op {
        Op::Eq | Op::Ne => (single(value), "Enter a text, a number, true, false or null."),
        Op::Gt | Op::Gte | Op::Lt | Op::Lte => {
            (value.is_number() || value.is_string(), "Enter a number or a text.")
        }
        Op::In => {
            let fits = |list: &Vec<Value>| (1..=MOST_VALUES).contains(&list.len()) && list.iter().all(single);
            (value.as_array().is_some_and(fits), "Enter a list of 1 to 100 values.")
        }
        Op::Contains => {
            let fits = value.is_number() || value.as_str().is_some_and(|part| !part.is_empty());
            (fits, "Enter a text or a number.")
        }
        Op::Exists => (value.is_boolean(), "Enter true or false."),
    }
}

/// The rules of a device on which nobody has changed them (B4). A thousand people are a village or a camp: fewer are
/// one street's matter, and the threshold is the person's to change.
pub(crate) fn defaults() -> Vec<Rule> {
    let rule = |id: &str, name: &str, points: i32, field: &str, op: Op, value: Value| Rule {
        id: id.to_owned(),
        name: name.to_owned(),
        on: true,
        conditions: vec![
            Condition { field: "type".to_owned(), op: Op::Eq, value: "ASSESSMENT".into() },
            Condition { field: field.to_owned(), op, value },
        ],
        points,
    };
    vec![
        rule("health-emergency", "Health Emergency Priority", 25, "/kind", Op::Eq, "HEALTH".into()),
        rule("high-population", "High Population Impact", 20, "/population", Op::Gte, 1_000.into()),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(id: &str, conditions: Value) -> Rule {
        let rule = json!({"id": id, "name": "Name", "on": true, "conditions": conditions, "points": 5});
        serde_json::from_value(rule).unwrap()
    }

    fn faults(rules: &[Rule]) -> Vec<String> {
        check(rules).into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn the_defaults_can_be_kept_and_are_those_of_b4() {
        let defaults = defaults();
        assert!(check(&defaults).is_empty());
        let told: Vec<_> = defaults.iter().map(|rule| (rule.name.as_str(), rule.points, rule.on)).collect();
        assert_eq!(told, [("Health Emergency Priority", 25, true), ("High Population Impact", 20, true)]);
    }

    #[test]
    fn every_fault_is_named_by_its_place() {
        let good = rule("a", json!([{"field": "/a~1b/0", "op": "lt", "value": "2026"}]));
        let twin = Rule { name: " ".into(), points: 101, ..good.clone() };
        let conditions = json!([
            {"field": "kind", "op": "eq", "value": []},
            {"field": "", "op": "gt", "value": true},
            {"field": "/a~2", "op": "in", "value": "HEALTH"},
            {"field": "/a~", "op": "in", "value": []},
            {"field": "type", "op": "in", "value": [[1]]},
            {"field": "action", "op": "exists", "value": 1},
            {"field": "/a", "op": "contains", "value": ""},
            {"field": "/a", "op": "contains", "value": null},
            {"field": format!("/{}", "a".repeat(200)), "op": "ne", "value": null},
        ]);
        let odd = Rule { id: "i".repeat(65), ..rule("", conditions) };
        let unnamed = Rule { id: String::new(), name: "n".repeat(101), points: -101, ..good.clone() };
        let expected = [
            "rules/1/id",
            "rules/1/name",
            "rules/1/points",
            "rules/2/id",
            "rules/2/conditions/0/field",
            "rules/2/conditions/0/value",
            "rules/2/conditions/1/field",
            "rules/2/conditions/1/value",
            "rules/2/conditions/2/field",
            "rules/2/conditions/2/value",
            "rules/2/conditions/3/field",
            "rules/2/conditions/3/value",
            "rules/2/conditions/4/value",
            "rules/2/conditions/5/value",
            "rules/2/conditions/6/value",
            "rules/2/conditions/7/value",
            "rules/2/conditions/8/field",
            "rules/3/id",
            "rules/3/name",
            "rules/3/points",
        ];
        assert_eq!(faults(&[good, twin, odd, unnamed]), expected);
    }

    #[test]
    fn there_is_an_end_to_rules_and_conditions() {
        let some =
            |count: usize| -> Vec<Rule> { (0..count).map(|n| rule(&n.to_string(), json!([]))).collect() };
        assert!(faults(&some(50)).is_empty());
        assert_eq!(faults(&some(51)), ["rules"]);
        let conditions =
            |count: usize| json!(vec![json!({"field": "/a", "op": "exists", "value": true}); count]);
        assert!(faults(&[rule("a", conditions(10))]).is_empty());
        assert_eq!(faults(&[rule("a", conditions(11))]), ["rules/0/conditions"]);
        let list = |count: usize| json!([{"field": "/a", "op": "in", "value": vec![1; count]}]);
        assert!(faults(&[rule("a", list(100))]).is_empty());
        assert_eq!(faults(&[rule("a", list(101))]), ["rules/0/conditions/0/value"]);
    }
}
