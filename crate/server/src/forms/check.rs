//! Whether a form can be served: a phone far away is no place to find out.

use serde_json::Value;
use serde_json::value::RawValue;

/// The form as it was written, or what is wrong with it. `asks` is what every record of this name has.
pub(super) fn form(name: &str, asks: &str, text: String) -> Result<Box<RawValue>, String> {
    let schema: Value = serde_json::from_str(&text).map_err(|error| format!("is no JSON: {error}"))?;
    // Against the rules of JSON Schema, with every reference and every pattern in it.
    jsonschema::draft202012::new(&schema).map_err(|error| {
        let place = error.instance_path().to_string();
        let place = if place.is_empty() { "/".to_owned() } else { place };
        format!("is no JSON Schema: at {place}: {error}")
    })?;
    if schema["type"] != "object" {
        return Err("has to be of the type object".into());
    }
    if !schema["properties"][asks].is_object() {
        return Err(format!("has to ask for {asks:?}, which every record of this kind has"));
    }
    let kind = &schema["properties"]["kind"]["const"];
    if !kind.is_null() && kind != name {
        return Err(format!("is another one's: its \"kind\" is {kind}"));
    }
    RawValue::from_string(text).map_err(|error| format!("is no JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_served_is_said() {
        let check = |text: &str| form("WASH", "site", text.to_owned()).map(|raw| raw.get().to_owned());
        let good = r#"{"type": "object", "properties": {"site": {"type": "string"}}}"#;
        assert_eq!(check(good).unwrap(), good);
        for (text, said) in [
            ("{", "is no JSON: EOF"),
            (r#"{"type": "objekt"}"#, "is no JSON Schema: at /type"),
            (
                r#"{"type": "object", "properties": {"site": {"pattern": "("}}}"#,
                "is no JSON Schema: at /properties/site/pattern",
            ),
            (r##"{"type": "object", "properties": {"site": {"$ref": "#/nowhere"}}}"##, "is no JSON Schema"),
            (
                r#"{"type": "object", "properties": {"site": {"$ref": "https://example.org/a"}}}"#,
                "is no JSON Schema",
            ),
            (r#"{"properties": {"site": {}}}"#, "of the type object"),
            (r#"{"type": "object", "properties": {"place": {}}}"#, "has to ask for \"site\""),
            (r#"{"type": "object", "properties": {"site": {}, "kind": {"const": "FOOD"}}}"#, "\"FOOD\""),
        ] {
            let wrong = check(text).unwrap_err();
            assert!(wrong.contains(said), "{text}: {wrong}");
        }
    }
}
