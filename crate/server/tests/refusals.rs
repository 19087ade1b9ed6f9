//! Requests that are refused as a whole. Each gets a problem document and leaves nothing behind.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::support::{Server, push_body, reading};

/// A server that holds one reading, and what it exports.
fn server() -> (Server, Vec<Value>) {
    let server = Server::start();
    server.push(&[reading("U0", 1.0)]);
    let held = server.export();
    (server, held)
}

fn with(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut push = json!({ "deviceId": "test", "items": [reading("U1", 1.0), reading("U2", 2.0)] });
    change(&mut push);
    push.to_string().into_bytes()
}

#[test]
fn a_malformed_push_is_refused_and_the_place_named() {
    let (server, held) = server();
    let cases: [(Vec<u8>, &str); 9] = [
        (b"".to_vec(), "The body"),
        (b"not json".to_vec(), "The body"),
        (b"\xff\xfe".to_vec(), "The body"),
        (with(|push| push["items"][1]["id"] = json!("nonsense")), "items[1].id"),
        (with(|push| push["items"][1]["type"] = json!("POEM")), "items[1].type"),
        (with(|push| push["items"][1]["createdAt"] = json!("today")), "items[1].createdAt"),
        (with(|push| push["items"][1] = json!({})), "items[1]"),
        (with(|push| push["deviceId"] = json!("")), "deviceId"),
        (with(|push| push["deviceId"] = json!("a\nb")), "deviceId"),
    ];
    for (body, place) in cases {
        let problem = server.post("application/json", &body).assert_problem(400, "bad_request");
        assert!(problem["detail"].as_str().unwrap().starts_with(place), "{problem}");
    }
    let long = with(|push| push["deviceId"] = json!("é".repeat(65)));
    server.post("application/json", &long).assert_problem(400, "bad_request");
    assert_eq!(server.export(), held);
}

#[test]
fn an_id_that_stands_twice_is_refused() {
    let (server, held) = server();
    let item = reading("U1", 1.0);
    let body = push_body(&[reading("U2", 1.0), item.clone(), item]);
    server.post("application/json", &body).assert_problem(400, "repeated_id");
    assert_eq!(server.export(), held);
}

#[test]
fn a_push_beyond_the_limits_is_refused_with_them() {
    let (server, held) = server();
    let items: Vec<Value> = (0..501).map(|at| reading(&format!("U{at}"), 1.0)).collect();
    let too_many = server.post("application/json", &push_body(&items)).assert_problem(413, "too_large");
    assert_eq!(too_many["limits"], json!({ "maxItems": 500, "maxBytes": 1_048_576 }));

    let mut item = reading("U1", 1.0);
    item["data"]["note"] = json!("n".repeat(4 << 20));
    let too_long = server.post("application/json", &push_body(&[item])).assert_problem(413, "too_large");
    assert_eq!(too_long, too_many);
    assert_eq!(server.export(), held);

    let results = server.push(&items[1..]);
    assert!(results.iter().all(|result| result["status"] == "applied"), "500 items are within the limits");
}

#[test]
fn only_json_is_read() {
    let (server, held) = server();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let answer = server.post(content_type, &push_body(&[reading("U1", 1.0)]));
        answer.assert_problem(415, "unsupported_media_type");
    }
    let headers = [("content-type", "application/json"), ("content-encoding", "br")];
    server.try_post(&headers, b"x").unwrap().assert_problem(415, "unsupported_media_type");
    assert_eq!(server.export(), held);
}

#[test]
fn other_methods_and_paths_are_refused() {
    let server = Server::start();
    let answer = server.get("/api/v1/sync/push", &[]);
    answer.assert_problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
    for path in ["/api", "/api/", "/api/v1/sync/pull", "/nothing"] {
        server.get(path, &[("accept", "text/html")]).assert_problem(404, "not_found");
    }
}

/// DNS rebinding: a page of a domain that resolves to this machine is of one origin with the server.
#[test]
fn a_name_that_anyone_may_own_is_refused() {
    let (_www, server, held) = {
        let www = tempfile::TempDir::new().unwrap();
        std::fs::write(www.path().join("index.html"), "the app").unwrap();
        let server = Server::start_with(&["--www", www.path().to_str().unwrap()]);
        let held = server.export();
        (www, server, held)
    };
    let body = push_body(&[reading("U1", 1.0)]);
    for host in
        ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "a/b"]
    {
        let headers = [("host", host), ("content-type", "application/json")];
        server.try_post(&headers, &body).unwrap().assert_problem(421, "bad_request");
        for path in ["/", "/healthz", "/demo/qr", "/api/ping?nonce=1", "/api/demo/properties", "/nothing"] {
            server.get(path, &[("host", host)]).assert_problem(421, "bad_request");
        }
    }
    let mut nameless = server.connect().unwrap();
    nameless.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    nameless.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 421"), "{answer}");
    assert_eq!(server.export(), held);

    for host in ["localhost", "fieldsync.localhost:8080", "127.0.0.1:8080", "[::1]"] {
        assert_eq!(server.get("/", &[("host", host)]).status, 200, "{host}");
    }
    let headers = [("host", "localhost:8080"), ("content-type", "application/json")];
    assert_eq!(server.try_post(&headers, &body).unwrap().json()["results"][0]["status"], "applied");
}

/// Else the connection is reset under whoever is still sending, who then takes it for a link that broke.
#[test]
fn who_is_refused_by_the_head_alone_may_send_the_rest_and_is_answered() {
    let server = Server::start();
    let mut sender = server.connect().unwrap();
    let length = 300_000;
    let head = "host: evil.example\r\ncontent-type: application/json";
    write!(sender, "POST /api/v1/sync/push HTTP/1.1\r\n{head}\r\ncontent-length: {length}\r\n\r\n").unwrap();
    for piece in vec![b' '; length].chunks(10_000) {
        sender.write_all(piece).unwrap();
    }
    // By the same connection: it was not closed.
    write!(sender, "GET /nothing HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n").unwrap();
    let mut answers = String::new();
    sender.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 421").count(), 2, "{answers}");
}

#[test]
fn a_ping_needs_one_nonce() {
    let server = Server::start();
    let answer = server.get("/api/ping?nonce=a%20b", &[]);
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    assert_eq!(answer.json()["nonce"], "a b");
    assert!(answer.json()["serverTime"].as_u64().unwrap() > 1_763_596_800_000);
    for query in ["", "?nonce=", "?nonce=a&nonce=b", &format!("?nonce={}", "n".repeat(129))] {
        server.get(&format!("/api/ping{query}"), &[]).assert_problem(400, "bad_request");
    }
}

#[test]
fn a_body_that_breaks_off_leaves_nothing() {
    let (server, held) = server();
    let body = push_body(&[reading("U1", 1.0), reading("U2", 2.0)]);
    let mut stream = server.begin_push(&body, body.len() - 1);
    stream.get_mut().shutdown(std::net::Shutdown::Write).unwrap();
    // The server is done with it once it closes the connection, with or without an answer.
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(!answer.contains(" 200 "), "{answer}");
    assert_eq!(server.export(), held);
}

#[tokio::test]
async fn a_busy_database_is_unavailable() {
    let (server, held) = server();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&server.database);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let other = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let body = push_body(&[reading("U1", 1.0)]);
    let answer = server.post("application/json", &body);
    answer.assert_problem(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(server.get("/api/ping?nonce=1", &[]).status, 200, "a ping needs no database");
    assert_eq!(server.export(), held);
    other.rollback().await.unwrap();
    assert_eq!(server.post("application/json", &body).json()["results"][0]["status"], "applied");
}
