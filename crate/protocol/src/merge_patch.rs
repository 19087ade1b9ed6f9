//! JSON merge patches (RFC 7396), made and applied on JSON text: what a patch does not touch stays as it was written,
//! to the last digit.

use crate::{Sorted, read, write};

/// Deeper than any record; JSON text that nests further is not looked into.
const DEEPEST: usize = 64;

/// The patch that makes `new` of `base`, both objects; none where they are the same.
pub fn diff(base: &str, new: &str) -> Option<String> {
    diff_at(base, new, 0)
}

/// `base` with `patch` applied. A patch that is no object takes the place of the whole.
pub fn apply(base: &str, patch: &str) -> String {
    apply_at(base, patch, 0)
}

type Object<'a> = Sorted<String, &'a str>;

fn object(text: &str, depth: usize) -> Option<Object<'_>> {
    let text = text.trim_start();
    (depth < DEEPEST && text.starts_with('{')).then(|| read::members(text).ok()).flatten()
}

fn diff_at(base: &str, new: &str, depth: usize) -> Option<String> {
    if base == new {
        return None;
    }
    let (Some(before), Some(after)) = (object(base, depth), object(new, depth)) else {
        return Some(new.to_owned());
    };
    let mut patch = Members::default();
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        patch.add(name, "null");
    }
    for (name, value) in after.iter() {
        match before.get(name) {
            Some(old) => {
                if let Some(change) = diff_at(old, value, depth + 1) {
                    patch.add(name, &change);
                }
            }
            // A null in a patch removes: it cannot say "there, and null", so such a field is as good as absent.
            None if *value == "null" => {}
            None => patch.add(name, value),
        }
    }
    patch.0.is_some().then(|| patch.finish())
}

fn apply_at(base: &str, patch: &str, depth: usize) -> String {
    let Some(changes) = object(patch, depth) else { return patch.to_owned() };
    let before = object(base, depth).unwrap_or_default();
    let mut result = Members::default();
    for (name, value) in before.iter() {
        match changes.get(name) {
            None => result.add(name, value),
            Some(&"null") => {}
            Some(change) => result.add(name, &apply_at(value, change, depth + 1)),
        }
    }
    for (name, change) in changes.iter().filter(|(name, _)| !before.contains_key(*name)) {
        if *change != "null" {
            // A new object may hold nulls of its own, which mean nothing there.
            result.add(name, &apply_at("{}", change, depth + 1));
        }
    }
    result.finish()
}

/// The text of an object that grows member by member.
#[derive(Default)]
struct Members(Option<String>);

impl Members {
    fn add(&mut self, name: &str, value: &str) {
        let text = match &mut self.0 {
            Some(text) => {
                text.push(',');
                text
            }
            none => none.insert("{".to_owned()),
        };
        text.push_str(&write::to_string(&name));
        text.push(':');
        text.push_str(value);
    }

    fn finish(self) -> String {
        self.0.unwrap_or_else(|| "{".to_owned()) + "}"
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    /// RFC 7396, appendix A.
    #[test]
    fn the_examples_of_the_rfc() {
        for (base, patch, result) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, "null", "null"),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            assert_eq!(value(&apply(base, patch)), value(result), "{base} + {patch}");
        }
    }

    #[test]
    fn a_difference_applied_gives_the_new_record() {
        let base = r#"{"kind":"WASH","site":"A","answers":{"q1":true,"q2":"x","deep":{"a":1}},"gps":[1,2]}"#;
        for new in [
            r#"{"kind":"WASH","site":"B","answers":{"q1":true,"q2":"x","deep":{"a":1}},"gps":[1,2]}"#,
            r#"{"kind":"WASH","site":"A","answers":{"q2":"y","deep":{"a":1,"b":[]}},"gps":[1,3]}"#,
            r#"{"kind":"HEALTH","answers":{}}"#,
            "{}",
        ] {
            let patch = diff(base, new).unwrap();
            assert_eq!(value(&apply(base, &patch)), value(new), "{patch}");
        }
        assert_eq!(diff(base, base), None);
        assert_eq!(
            diff(base, &base.replace("\"A\"", "\"B\"")).unwrap(),
            r#"{"site":"B"}"#,
            "what changed alone"
        );
    }

    #[test]
    fn digits_and_names_are_kept_to_the_letter() {
        let base = r#"{"value":0.1000000000000000055,"\"é\n":1}"#;
        assert_eq!(apply(base, r#"{"x":2.50}"#), r#"{"\"é\n":1,"value":0.1000000000000000055,"x":2.50}"#);
        assert_eq!(diff(base, r#"{"value":0.10,"\"é\n":1}"#).unwrap(), r#"{"value":0.10}"#);
    }

    #[test]
    fn text_that_nests_too_deep_is_replaced_whole() {
        let deep = |n: usize, leaf: &str| "{\"a\":".repeat(n) + leaf + &"}".repeat(n);
        let (base, new) = (deep(100, "1"), deep(100, "2"));
        let patch = diff(&base, &new).unwrap();
        assert_eq!(value(&apply(&base, &patch)), value(&new));
        assert_eq!(json!(1), value("1"));
    }
}
