//! The forms: for who is signed in, only when they have changed, from the organisation's own directory where there is one.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Server, command};

const PATH: &str = "/api/v1/forms";

/// A day in the field, as it was recorded.
const FIELD: &str = include_str!("../../../tests/data/field-items.json");

#[test]
fn who_has_the_forms_already_is_told_so() {
    let server = Server::start();
    let first = server.get(PATH, &[]);
    assert_eq!((first.status, first.header("content-type")), (200, "application/json"));
    let etag = first.header("etag").to_owned();
    let version = first.json()["version"].as_str().unwrap().to_owned();
    assert_eq!(etag, format!("\"{version}\""));
    for known in [&etag, &format!("W/{etag}"), &format!("\"older\", {etag}")] {
        let again = server.get(PATH, &[("if-none-match", known)]);
        assert_eq!((again.status, &*again.text, again.header("etag")), (304, "", &*etag), "{known}");
    }
    assert_eq!(server.get(PATH, &[("if-none-match", "\"older\"")]).status, 200);
    // Built in, they are the same after a restart and on every server.
    assert_eq!(Server::start().get(PATH, &[("if-none-match", &etag)]).status, 304);
}

#[test]
fn nobody_gets_them_who_is_not_signed_in() {
    let server = Server::start_without_demo();
    server.get(PATH, &[]).assert_problem(401, "unauthorized");
    server.get(PATH, &[("if-none-match", "*")]).assert_problem(401, "unauthorized");
}

#[test]
fn an_organisation_has_its_own_forms_and_the_rest_as_built_in() {
    let own = TempDir::new().unwrap();
    let wash = json!({
        "title": "Wells", "type": "object", "required": ["site"],
        "properties": { "site": { "type": "string", "title": "Well" } },
    });
    fs::write(own.path().join("wash.json"), wash.to_string()).unwrap();
    fs::write(own.path().join("README.txt"), "ours").unwrap();
    let built_in = Server::start().get(PATH, &[]);
    let server = Server::start_with(&["--forms", own.path().to_str().unwrap()]);
    let answer = server.get(PATH, &[("if-none-match", built_in.header("etag"))]);
    assert_eq!(answer.status, 200, "it has changed");
    assert_eq!(answer.json()["forms"]["WASH"], wash);
    assert_eq!(answer.json()["forms"]["HEALTH"], built_in.json()["forms"]["HEALTH"]);
}

/// What is said of a directory that cannot be served.
fn refused(directory: &Path) -> String {
    let home = TempDir::new().unwrap();
    let forms = directory.to_str().unwrap();
    let arguments = ["serve", "--demo", "--listen", "127.0.0.1:0", "--forms", forms];
    let output = command(&arguments).current_dir(home.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(home.path().read_dir().unwrap().count(), 0, "nothing was made");
    let said = String::from_utf8(output.stderr).unwrap();
    let shown = command(&["config", "--demo", "--forms", forms]).output().unwrap();
    assert_eq!(shown.status.code(), Some(2), "`config` says so too");
    said
}

#[test]
fn a_directory_with_something_wrong_in_it_is_refused_at_the_start() {
    let own = TempDir::new().unwrap();
    let file = own.path().join("wash.json");
    for (text, said) in [
        ("{ \"type\": \"object\",\n }", "wash.json is no JSON: trailing comma at line 2"),
        ("{ \"type\": 5 }", "wash.json is no JSON Schema: at /type"),
        ("{ \"type\": \"object\", \"properties\": {} }", "wash.json has to ask for \"site\""),
    ] {
        fs::write(&file, text).unwrap();
        let refusal = refused(own.path());
        assert!(refusal.contains(said), "{refusal}");
    }
    fs::write(&file, " ".repeat(200_000)).unwrap();
    assert!(refused(own.path()).contains("more than 131072 bytes"));
    fs::rename(&file, own.path().join("wasch.json")).unwrap();
    let misspelt = refused(own.path());
    assert!(
        misspelt.contains("wasch.json is none that is known") && misspelt.contains("wash.json"),
        "{misspelt}"
    );
    assert!(refused(Path::new("no/such")).contains("no/such"));
}

#[test]
fn what_was_recorded_in_the_field_fits_the_forms() {
    let forms = Server::start().get(PATH, &[]).json();
    let items: Vec<Value> = serde_json::from_str(FIELD).unwrap();
    let assessments: Vec<&Value> = items.iter().filter(|item| item["type"] == "ASSESSMENT").collect();
    assert!(assessments.len() > 300);
    for item in assessments {
        let data = &item["data"];
        let form = jsonschema::draft202012::new(&forms["forms"][data["kind"].as_str().unwrap()]).unwrap();
        let faults: Vec<String> = form.iter_errors(data).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", item["id"]);
        let mut nowhere = data.clone();
        nowhere["site"] = json!("");
        assert!(!form.is_valid(&nowhere), "the form is really asked");
    }
}
