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

/// It asks more often than anybody may.
const UNLIMITED: [(&str, &str); 2] = [("FIELDSYNC_USER_RATE", "0"), ("FIELDSYNC_ADDRESS_RATE", "0")];
/// Its answer does not end, which schemathesis waits for.
const ENDLESS: &str = "events";
/// On a demo, which takes whoever has no token for the demo user, these make no sense.
const ABOUT_TOKENS: &str = "ignored_auth,missing_required_header";

fn look(server: &Server, token: Option<&str>, is_demo: bool, which: &[&str], directory: &Path) {
    let program = std::env::var_os(PROGRAM).expect("`cargo xtask schemathesis` runs this");
    let examples = std::env::var(EXAMPLES).unwrap_or_else(|_| "50".into());
    let mut command = Command::new(program);
    command.args(["run", &format!("{}/api/openapi.json", server.origin), "--checks", "all"]).args([
        "--max-examples",
        &examples,
        "--continue-on-failure",
        "--no-color",
        "--warnings",
        "off",
    ]);
    if let Some(token) = token {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let left_out = if is_demo { format!("{LEFT_OUT},{ABOUT_TOKENS}") } else { LEFT_OUT.to_owned() };
    command.args(["--exclude-checks", &left_out]);
    let output = command.args(which).current_dir(directory).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// An account of its own for each part: one of them has its devices revoked.
fn token(server: &Server, path: &str, name: &str, device: Option<&str>) -> String {
    let mut body = json!({ "email": format!("{name}@fieldsync.example"), "password": "demo-demo-demo" });
    if let Some(device) = device {
        body["deviceId"] = json!(device);
    }
    let answer = server.send(path, None, &body);
    answer.json()["accessToken"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

/// Where everybody needs a token.
fn look_at_all(server: &Server) {
    let register = "/api/v1/auth/register";
    let directory = TempDir::new().unwrap();
    let revoke = "revokeDevice";
    let worker = token(server, register, "worker", Some("phone"));
    // The demo's calls are elsewhere as if they were not: each method of them is 404.
    let all = ["--exclude-operation-id", revoke, "--exclude-operation-id", ENDLESS, "--exclude-tag", "demo"];
    look(server, Some(&worker), false, &all, directory.path());
    // By a login that is on no device, and so cannot end itself.
    let bare = token(server, register, "bare", None);
    for device in ["0", "a", "phone"] {
        token(server, "/api/v1/auth/login", "bare", Some(device));
    }
    look(server, Some(&bare), false, &["--include-operation-id", revoke], directory.path());
    assert_eq!(server.get("/healthz", &[]).status, 200);
}

/// Where a push may name any device, so that its items are judged; and as a supervisor.
fn look_at_demo(server: &Server) {
    let directory = TempDir::new().unwrap();
    for tag in ["demo", "sync"] {
        let these = ["--include-tag", tag, "--exclude-operation-id", ENDLESS];
        look(server, None, true, &these, directory.path());
    }
    let supervisor = token(server, "/api/v1/auth/login", "supervisor", Some("phone"));
    look(server, Some(&supervisor), true, &["--include-tag", "team"], directory.path());
    assert_eq!(server.get("/healthz", &[]).status, 200);
}

#[test]
#[ignore = "takes schemathesis: cargo xtask schemathesis"]
fn the_document_holds_on_sqlite() {
    look_at_all(&Server::start_without_demo_with(&UNLIMITED));
    look_at_demo(&Server::start());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes schemathesis: cargo xtask schemathesis"]
async fn the_document_holds_on_postgresql() {
    let url = crate::postgres::database().await;
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("fieldsync.toml");
    let settings = "secret = \"0123456789abcdef0123456789abcdef\"\nuser_rate = 0\naddress_rate = 0\n";
    fs::write(&file, settings).unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let server = Server::start_at_without_demo(&url, &config);
    tokio::task::block_in_place(|| {
        look_at_all(&server);
        look_at_demo(&Server::start_at(&url, &config));
    });
}
