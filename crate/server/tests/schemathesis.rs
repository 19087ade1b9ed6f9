//! The OpenAPI document against a server that runs: schemathesis makes requests of every kind that the document allows,
//! and many that it does not, and looks at each answer. `cargo xtask schemathesis` installs it and runs this.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::support::Server;

/// Where the program is, and how many requests it makes up for each call.
const PROGRAM: &str = "FIELDSYNC_SCHEMATHESIS";
const EXAMPLES: &str = "FIELDSYNC_SCHEMATHESIS_EXAMPLES";
/// Two of its checks do not fit: what is unknown in a body is ignored on purpose, and a password that is too short is
/// refused though it is a text.
const LEFT_OUT: &str = "positive_data_acceptance,negative_data_rejection";

fn look(server: &Server, token: &str, which: &[&str], directory: &Path) {
    let program = std::env::var_os(PROGRAM).expect("`cargo xtask schemathesis` runs this");
    let examples = std::env::var(EXAMPLES).unwrap_or_else(|_| "50".into());
    let output = Command::new(program)
        .args(["run", &format!("{}/api/openapi.json", server.origin), "--checks", "all"])
        .args(["--exclude-checks", LEFT_OUT, "--max-examples", &examples, "--continue-on-failure"])
        .args(["--header", &format!("Authorization: Bearer {token}"), "--no-color", "--warnings", "off"])
        .args(which)
        .current_dir(directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// An account of its own for each part: one of them has its devices revoked.
fn token(server: &Server, name: &str, device: Option<&str>) -> String {
    let mut body = json!({ "email": format!("{name}@fieldsync.example"), "password": "correct horse" });
    if let Some(device) = device {
        body["deviceId"] = json!(device);
    }
    let answer = server.send("/api/v1/auth/register", None, &body);
    answer.json()["accessToken"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

fn look_at_all(server: &Server) {
    let directory = TempDir::new().unwrap();
    let revoke = "revokeDevice";
    let worker = token(server, "worker", Some("phone"));
    // The demo's calls are elsewhere as if they were not: each method of them is 404.
    let all = ["--exclude-operation-id", revoke, "--exclude-tag", "demo"];
    look(server, &worker, &all, directory.path());
    // By a login that is on no device, and so cannot end itself.
    let bare = token(server, "bare", None);
    for device in ["0", "a", "phone"] {
        server.send("/api/sync/register", Some(&bare), &json!({ "deviceId": device }));
    }
    look(server, &bare, &["--include-operation-id", revoke], directory.path());
    assert_eq!(server.get("/healthz", &[]).status, 200);
}

#[test]
#[ignore = "takes schemathesis: cargo xtask schemathesis"]
fn the_document_holds_on_sqlite() {
    look_at_all(&Server::start_without_demo());
    let demo = Server::start();
    let directory = TempDir::new().unwrap();
    look(&demo, &token(&demo, "worker", Some("phone")), &["--include-tag", "demo"], directory.path());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes schemathesis: cargo xtask schemathesis"]
async fn the_document_holds_on_postgresql() {
    let url = crate::postgres::database().await;
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("fieldsync.toml");
    fs::write(&file, "secret = \"0123456789abcdef0123456789abcdef\"\n").unwrap();
    let server = Server::start_at_without_demo(&url, &["--config", file.to_str().unwrap()]);
    tokio::task::block_in_place(|| look_at_all(&server));
}
