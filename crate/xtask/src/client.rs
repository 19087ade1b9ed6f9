//! The app's typed calls of the server, `www/lib/server-calls.ts`, from the OpenAPI document. Types that the app has from
//! Rust already are imported, so that none is declared twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

const HEADER: &str = "// Generated from docs/openapi.json by `cargo xtask types`; do not edit.\n";

#[derive(Deserialize)]
struct Document {
    paths: BTreeMap<String, BTreeMap<String, Operation>>,
    components: Components,
}

#[derive(Deserialize)]
struct Components {
    schemas: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    operation_id: String,
    summary: String,
    #[serde(default)]
    parameters: Vec<Parameter>,
    request_body: Option<Content>,
    responses: BTreeMap<String, Content>,
    #[serde(default)]
    security: Vec<Value>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    #[serde(rename = "in")]
    place: String,
    #[serde(default)]
    required: bool,
    schema: Value,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    content: BTreeMap<String, Media>,
}

#[derive(Deserialize)]
struct Media {
    schema: Value,
}

/// The file, from the document and the declarations that there are.
pub fn text(document: &str, declared: &str) -> Result<String> {
    let document: Document =
        serde_json::from_str(document).context("docs/openapi.json is not an OpenAPI document")?;
    let mut types = Types { schemas: &document.components.schemas, named: BTreeSet::new() };
    let mut shapes = String::new();
    let mut ways = String::new();
    for (path, operations) in &document.paths {
        for (method, operation) in operations {
            let Some(answers) = answers(operation, &mut types)? else { continue };
            let name = &operation.operation_id;
            writeln!(shapes, "  /** {} */", operation.summary)?;
            writeln!(shapes, "  {name}: {{ asks: {}; answers: {answers} }};", asks(operation, &mut types)?)?;
            let token = !operation.security.is_empty();
            let method = method.to_uppercase();
            writeln!(ways, "  {name}: {{ method: '{method}', path: '{path}', token: {token} }},")?;
        }
    }
    let is_declared = |name: &str| declared.contains(&format!("export type {name} ="));
    let declarations = types.declarations(&is_declared)?;
    let imported: Vec<&str> =
        types.named.iter().map(String::as_str).filter(|name| is_declared(name)).collect();
    Ok(format!(
        "{HEADER}import type {{ {} }} from './generated';\n{declarations}\n\
         /** What each call of the server takes, and what it answers when all is well. */\n\
         export interface ServerCalls {{\n{shapes}}}\n\n\
         /** How each is called, and whether with an access token. */\n\
         export const calls = {{\n{ways}}} as const;\n",
        imported.join(", ")
    ))
}

/// What the good answers are; `None` of a call that answers something else than JSON, such as a page.
fn answers(operation: &Operation, types: &mut Types<'_>) -> Result<Option<String>> {
    let mut shapes = Vec::new();
    for (_, good) in operation.responses.iter().filter(|(status, _)| status.starts_with('2')) {
        match good.content.get("application/json") {
            Some(json) => shapes.push(types.of(&json.schema)?),
            None if good.content.is_empty() => shapes.push("undefined".into()),
            None => return Ok(None),
        }
    }
    if shapes.is_empty() {
        bail!("{} never answers well", operation.operation_id)
    }
    Ok(Some(shapes.join(" | ")))
}

/// What a call takes: parts of its path, a query, a body.
fn asks(operation: &Operation, types: &mut Types<'_>) -> Result<String> {
    let mut parts = Vec::new();
    for place in ["path", "query"] {
        let mut members = Vec::new();
        let mut all_optional = true;
        for parameter in operation.parameters.iter().filter(|parameter| parameter.place == place) {
            all_optional &= !parameter.required;
            let mark = if parameter.required { "" } else { "?" };
            members.push(format!("{}{mark}: {}", parameter.name, types.of(&parameter.schema)?));
        }
        if !members.is_empty() {
            let mark = if all_optional { "?" } else { "" };
            parts.push(format!("{place}{mark}: {{ {} }}", members.join("; ")));
        }
    }
    if let Some(json) = operation.request_body.as_ref().and_then(|body| body.content.get("application/json"))
    {
        parts.push(format!("body: {}", types.given(&json.schema)?));
    }
    Ok(if parts.is_empty() { "object".into() } else { format!("{{ {} }}", parts.join("; ")) })
}

struct Types<'a> {
    schemas: &'a BTreeMap<String, Value>,
    named: BTreeSet<String>,
}

impl Types<'_> {
    /// The type of a body. What needs none of its members is given in part.
    fn given(&mut self, schema: &Value) -> Result<String> {
        let name = self.of(schema)?;
        let needs_none = |schema: &Value| schema["type"] == "object" && schema.get("required").is_none();
        let in_part = self.schemas.get(&name).is_some_and(needs_none);
        Ok(if in_part { format!("Partial<{name}>") } else { name })
    }

    /// A schema as a type of TypeScript.
    fn of(&mut self, schema: &Value) -> Result<String> {
        if let Some(name) =
            schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/schemas/"))
        {
            self.named.insert(name.to_owned());
            return Ok(name.to_owned());
        }
        let kind = match &schema["type"] {
            // A text that may be null is left out where there is none.
            Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").unwrap_or(&Value::Null),
            kind => kind,
        };
        Ok(match kind.as_str() {
            Some("string") => "string".into(),
            Some("integer" | "number") => "number".into(),
            Some("boolean") => "boolean".into(),
            Some("object") => "Record<string, unknown>".into(),
            Some("array") => format!("{}[]", self.of(&schema["items"])?),
            _ => bail!("there is no type here for the schema {schema}"),
        })
    }

    /// Those that the app does not have from Rust, and those that they name.
    fn declarations(&mut self, is_declared: &dyn Fn(&str) -> bool) -> Result<String> {
        let mut done = BTreeMap::new();
        while let Some(name) =
            self.named.iter().find(|name| !is_declared(name) && !done.contains_key(*name)).cloned()
        {
            let Some(schema) = self.schemas.get(&name) else { bail!("there is no schema {name}") };
            let needed: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let mut text = String::new();
            let describe =
                |text: &mut String, indent: &str, schema: &Value| match schema["description"].as_str() {
                    Some(words) => writeln!(text, "{indent}/** {words} */"),
                    None => Ok(()),
                };
            describe(&mut text, "", schema)?;
            writeln!(text, "export interface {name} {{")?;
            for (field, of) in schema["properties"].as_object().into_iter().flatten() {
                describe(&mut text, "  ", of)?;
                let mark = if needed.contains(&field.as_str()) { "" } else { "?" };
                writeln!(text, "  {field}{mark}: {};", self.of(of)?)?;
            }
            text.push_str("}\n");
            done.insert(name, text);
        }
        Ok(done.into_values().map(|text| format!("\n{text}")).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_becomes_a_type_and_a_way() {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let json = |schema: Value| json!({ "application/json": { "schema": schema } });
        let document = json!({
            "paths": {
                "/things/{id}": { "post": {
                    "operationId": "change", "summary": "Changes a thing.", "security": [{ "token": [] }],
                    "parameters": [
                        { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                        { "name": "limit", "in": "query", "schema": { "type": ["integer", "null"] } },
                    ],
                    "requestBody": { "content": json(reference("Own")) },
                    "responses": { "200": { "content": json(reference("Own")) }, "404": {} },
                } },
                "/page": { "get": {
                    "operationId": "page", "summary": "A page.",
                    "responses": { "200": { "content": { "text/html": { "schema": { "type": "string" } } } } },
                } },
                "/loose": { "put": {
                    "operationId": "loosen", "summary": "Loosens.",
                    "requestBody": { "content": json(reference("Loose")) },
                    "responses": { "200": { "content": json(json!({ "type": "object" })) } },
                } },
                "/perhaps": { "get": {
                    "operationId": "perhaps", "summary": "Perhaps there is one.",
                    "responses": { "200": { "content": json(reference("Own")) }, "204": {} },
                } },
                "/gone": { "get": { "operationId": "gone", "summary": "Goes.", "responses": { "204": {} } } },
            },
            "components": { "schemas": {
                "Loose": { "type": "object", "properties": { "a": { "type": "boolean" } } },
                "Own": {
                    "type": "object", "description": "One's own.", "required": ["parts"],
                    "properties": {
                        "parts": { "type": "array", "items": reference("Known") },
                        "note": { "type": ["string", "null"], "description": "Perhaps." },
                    },
                },
            } },
        });
        let text = text(&document.to_string(), "export type Known = string;").unwrap();
        let expected = "\
import type { Known } from './generated';

export interface Loose {
  a?: boolean;
}

/** One's own. */
export interface Own {
  /** Perhaps. */
  note?: string;
  parts: Known[];
}

/** What each call of the server takes, and what it answers when all is well. */
export interface ServerCalls {
  /** Goes. */
  gone: { asks: object; answers: undefined };
  /** Loosens. */
  loosen: { asks: { body: Partial<Loose> }; answers: Record<string, unknown> };
  /** Perhaps there is one. */
  perhaps: { asks: object; answers: Own | undefined };
  /** Changes a thing. */
  change: { asks: { path: { id: string }; query?: { limit?: number }; body: Own }; answers: Own };
}

/** How each is called, and whether with an access token. */
export const calls = {
  gone: { method: 'GET', path: '/gone', token: false },
  loosen: { method: 'PUT', path: '/loose', token: false },
  perhaps: { method: 'GET', path: '/perhaps', token: false },
  change: { method: 'POST', path: '/things/{id}', token: true },
} as const;
";
        assert_eq!(text.strip_prefix(HEADER).unwrap(), expected);
    }
}
