//! `GET /api/v1/forms`: what an assessment of each kind asks for, and a response, as JSON Schemas. Devices keep them for
//! times without a network. An organisation has its own in a directory; what it leaves out is as it is built in here.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use thiserror::Error;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::openapi::{CallerRefused, Refused};

mod check;

/// A form is at most so many bytes: a phone keeps all of them.
const MOST_BYTES: u64 = 128 << 10;

/// The forms by their names, with what each asks for in any case and the text of the built-in one.
const BUILT_IN: [(&str, &str, &str); 7] = [
    ("FOOD", "site", include_str!("../forms/food.json")),
    ("HEALTH", "site", include_str!("../forms/health.json")),
    ("POPULATION", "site", include_str!("../forms/population.json")),
    ("RESPONSE", "plan", include_str!("../forms/response.json")),
    ("SECURITY", "site", include_str!("../forms/security.json")),
    ("SHELTER", "site", include_str!("../forms/shelter.json")),
    ("WASH", "site", include_str!("../forms/wash.json")),
];

/// The forms, ready to be sent.
#[derive(Clone, Debug)]
pub struct Forms {
    /// The whole answer.
    body: Arc<str>,
    /// Of the answer, in quotes.
    etag: Arc<str>,
}

/// Why a directory's forms cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the form {file} {wrong}")]
pub struct FormError {
    file: PathBuf,
    wrong: String,
}

/// The forms as they are sent: each to the letter as it was written, for its fields stand in that order.
#[derive(Serialize, ToSchema)]
pub struct FormsAnswer<'a> {
    /// Changes with the forms; in quotes it is the `ETag`.
    version: String,
    /// A JSON Schema (2020-12) by the kind of assessment, and one for `RESPONSE`.
    #[schema(value_type = Object)]
    forms: ByName<'a>,
}

struct ByName<'a>(&'a [(&'static str, Box<RawValue>)]);

impl Serialize for ByName<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, form)| (name, form)))
    }
}

impl Forms {
    /// Those of the directory, where there is one, and for the rest the built-in ones. All of them are checked.
    pub fn read(directory: Option<&Path>) -> Result<Forms, FormError> {
        if let Some(directory) = directory {
            no_others(directory)?;
        }
        let mut all = Vec::new();
        for (name, asks, built_in) in BUILT_IN {
            let file = PathBuf::from(file_of(name));
            let (file, text) = match directory.map(|directory| directory.join(&file)) {
                Some(own) if own.exists() => {
                    let text = read(&own).map_err(|error| wrong(&own, format!("cannot be read: {error}")))?;
                    (own, text)
                }
                _ => (file, built_in.to_owned()),
            };
            all.push((name, check::form(name, asks, text).map_err(|fault| wrong(&file, fault))?));
        }
        Ok(Forms::of(&all))
    }

    fn of(all: &[(&'static str, Box<RawValue>)]) -> Forms {
        let mut hash = Sha256::new();
        for (name, form) in all {
            hash.update(name);
            hash.update([0]);
            hash.update(form.get());
            hash.update([0]);
        }
        let version: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let etag = format!("\"{version}\"");
        let answer = FormsAnswer { version, forms: ByName(all) };
        // Checked text under plain names is always JSON.
        let body = serde_json::to_string(&answer).unwrap_or_default();
        Forms { body: body.into(), etag: etag.into() }
    }

    /// Whether somebody who names these has the latest. A proxy that packs an answer makes its tag a weak one.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut tags = given.flat_map(|text| text.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == &*self.etag)
    }
}

/// The name of a form's file.
fn file_of(name: &str) -> String {
    format!("{}.json", name.to_lowercase())
}

/// A file under another name is most likely a misspelt one, and its form would be missed in the field.
fn no_others(directory: &Path) -> Result<(), FormError> {
    let failed = |error: io::Error| wrong(directory, format!("cannot be looked for: {error}"));
    for entry in fs::read_dir(directory).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let is_form = name.to_lowercase().ends_with(".json");
        if is_form && !BUILT_IN.iter().any(|(known, ..)| file_of(known) == *name) {
            let known = BUILT_IN.map(|(known, ..)| file_of(known)).join(", ");
            return Err(wrong(&file, format!("is none that is known; these are: {known}")));
        }
    }
    Ok(())
}

fn read(file: &Path) -> io::Result<String> {
    if fs::metadata(file)?.len() > MOST_BYTES {
        return Err(io::Error::other(format!("it has more than {MOST_BYTES} bytes")));
    }
    fs::read_to_string(file)
}

fn wrong(file: &Path, wrong: impl fmt::Display) -> FormError {
    FormError { file: file.to_owned(), wrong: wrong.to_string() }
}

/// The forms. Who has them already says so with `If-None-Match`.
#[utoipa::path(get, path = "/api/v1/forms", tag = "sync", operation_id = "forms", params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the forms that are there already.")),
    responses((status = 200, description = "All of them.", body = FormsAnswer<'_>, headers(("ETag" = String, description = "Changes with the forms."))), (status = 304, description = "Nothing has changed."), CallerRefused, Refused), security(("token" = [])))]
pub async fn forms(State(forms): State<Forms>, _caller: Caller, headers: HeaderMap) -> Response {
    let etag = (header::ETAG, forms.etag.to_string());
    if forms.is_known(&headers) {
        return (StatusCode::NOT_MODIFIED, [etag]).into_response();
    }
    ([(header::CONTENT_TYPE, "application/json".to_owned()), etag], forms.body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_built_in_forms_keep_the_order_of_their_fields() {
        let forms = Forms::read(None).unwrap();
        let answer: Value = serde_json::from_str(&forms.body).unwrap();
        assert_eq!(format!("\"{}\"", answer["version"].as_str().unwrap()), *forms.etag);
        let names: Vec<&String> = answer["forms"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["FOOD", "HEALTH", "POPULATION", "RESPONSE", "SECURITY", "SHELTER", "WASH"]);
        let at = |name: &str| forms.body.find(&format!("\"{name}\": {{")).unwrap();
        assert!(at("site") < at("gps") && at("gps") < at("answers"));
    }

    #[test]
    fn a_tag_is_known_in_all_its_forms() {
        let forms = Forms::read(None).unwrap();
        let known = |text: String| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, text.parse().unwrap());
            forms.is_known(&headers)
        };
        let etag = &forms.etag;
        for text in [format!("{etag}"), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
            assert!(known(text.clone()), "{text}");
        }
        assert!(!known("\"other\"".into()) && !known(etag.trim_matches('"').into()));
        assert!(!forms.is_known(&HeaderMap::new()));
    }
}
