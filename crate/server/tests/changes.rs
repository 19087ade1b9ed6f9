//! Changes over HTTP: their page, their cursor and their size on the wire.

use std::io::{Read, Write};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::support::{Answer, Server, assessment, delete, field, push_body, reading, update};

const PATH: &str = "/api/v1/sync/changes";

fn page(server: &Server, query: &str) -> Value {
    let answer = server.get(&format!("{PATH}{query}"), &[]);
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.text);
    answer.json()
}

fn follow(server: &Server) {
    let made = [reading("U1", 1.0), assessment("Well"), reading("U2", 2.0)];
    let pushed = server.post("application/json", &push_body(&made)).json();
    let snapshot = page(server, "?limit=2");
    assert_eq!((&snapshot["changes"][0]["data"], &snapshot["hasMore"]), (&made[0]["data"], &json!(true)));
    let cursor = |page: &Value| format!("?cursor={}", page["cursor"].as_str().unwrap());
    let rest = page(server, &cursor(&snapshot));
    assert_eq!((rest["changes"].as_array().unwrap().len(), &rest["hasMore"]), (1, &json!(false)));
    assert_eq!(rest["cursor"], pushed["cursor"]);

    server.push(&[update(&made[1], 1, json!({ "site": "Well 3" })), delete(&made[0], 1)]);
    let changes = page(server, &cursor(&rest))["changes"].clone();
    assert_eq!(
        field(changes.as_array().unwrap(), "entityId"),
        [made[1]["id"].clone(), made[0]["id"].clone()]
    );
    assert_eq!(changes[0]["data"], json!({ "kind": "WASH", "site": "Well 3", "population": 40 }));
    assert_eq!((&changes[1]["deleted"], &changes[1]["version"]), (&json!(true), &json!(2)));
}

#[test]
fn a_device_follows_what_changes() {
    follow(&Server::start());
}

#[cfg(unix)]
#[tokio::test]
async fn a_device_follows_what_changes_on_postgresql() {
    let url = crate::postgres::database().await;
    let migrated = crate::support::command(&["migrate", "--database", &url]).status().unwrap();
    assert!(migrated.success());
    let (one, other) = (Server::start_at(&url, &[]), Server::start_at(&url, &[]));
    follow(&one);
    let item = reading("U9", 1.0);
    assert_eq!(field(&one.push(std::slice::from_ref(&item)), "status"), ["applied"]);
    assert_eq!(field(&other.push(&[item]), "status"), ["replayed"], "whichever server takes it");
    assert_eq!(page(&one, ""), page(&other, ""));
    let held = other.export();
    assert_eq!(held.iter().filter(|line| line["kind"] == "receipt").count(), 6);
    assert_eq!(held.iter().filter(|line| line["deleted"] == true).count(), 1);
}

#[test]
fn a_cursor_of_elsewhere_is_gone_and_a_limit_is_held() {
    let server = Server::start();
    server.get(&format!("{PATH}?cursor=v1.0123.7"), &[]).assert_problem(410, "cursor_expired");
    for query in ["?limit=0", "?limit=501", "?limit=x", "?limit=-1"] {
        server.get(&format!("{PATH}{query}"), &[]).assert_problem(400, "bad_request");
    }
    let answer: Answer = server.post("application/json", &push_body(&[]));
    assert!(answer.json()["cursor"].as_str().unwrap().starts_with("v1."));
}

#[test]
fn answers_are_gzipped_for_who_reads_that() {
    let server = Server::start();
    let made: Vec<Value> = (0..50).map(|at| reading(&format!("U{at}"), 1.0)).collect();
    server.push(&made);
    let plain = server.get(PATH, &[("accept-encoding", "identity")]);
    let mut stream = server.connect().unwrap();
    write!(stream, "GET {PATH} HTTP/1.0\r\nhost: localhost\r\naccept-encoding: gzip\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    assert!(head.contains("content-encoding: gzip"), "{head}");
    let mut text = String::new();
    GzDecoder::new(&answer[end..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, plain.text);
    assert!(answer.len() - end < plain.text.len() / 4, "{} of {}", answer.len() - end, plain.text.len());
}
