//! What is known of a running server from without: its log, its figures, and whether it is ready.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::thread;

use serde_json::{Value, json};
use sqlx::Connection;
use tempfile::TempDir;
use ureq::Agent;

use crate::support::{Server, command, push_body, reading, until};

/// A server whose log is read.
struct Logged {
    child: Child,
    log: BufReader<std::process::ChildStderr>,
    origin: String,
    _directory: TempDir,
}

impl Logged {
    fn start(arguments: &[&str]) -> Logged {
        let directory = TempDir::new().unwrap();
        let url = format!("sqlite://{}", directory.path().join("fieldsync.db").display());
        let mut child = command(&["serve", "--listen", "127.0.0.1:0", "--database", &url])
            .args(["--metrics-listen", "127.0.0.1:0", "--log", "debug", "--log-format", "json"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let origin = line.trim().strip_prefix("fieldsync is at ").unwrap().to_owned();
        Logged { child, log, origin, _directory: directory }
    }

    /// Reads the log up to a line.
    fn line(&mut self, is: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut line = String::new();
            assert_ne!(self.log.read_line(&mut line).unwrap(), 0, "the log ended");
            let line: Value = serde_json::from_str(&line).unwrap();
            if is(&line) {
                return line;
            }
        }
    }

    /// Ends it, and gives the rest of its log.
    fn end(mut self) -> String {
        self.child.kill().unwrap();
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        self.child.wait().unwrap();
        rest
    }
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

#[test]
fn a_request_is_found_in_the_log_by_its_id_and_no_secret_with_it() {
    let server = Logged::start(&[]);
    let (agent, origin) = (agent(), server.origin.clone());
    let post = |path: &str, id: &str, token: &str, body: Value| {
        let mut answer = agent
            .post(format!("{origin}{path}"))
            .header("content-type", "application/json")
            .header("x-request-id", id)
            .header("authorization", format!("Bearer {token}"))
            .send(body.to_string())
            .unwrap();
        assert_eq!(answer.headers()["x-request-id"], id);
        serde_json::from_str::<Value>(&answer.body_mut().read_to_string().unwrap()).unwrap()
    };
    let who =
        json!({ "email": "a@fieldsync.example", "password": "a very good secret", "deviceId": "phone" });
    let tokens = post("/api/v1/auth/register", "request-1", "none", who.clone());
    let access = tokens["accessToken"].as_str().unwrap();
    let mut item = reading("U1", 1.0);
    item["data"]["note"] = json!("nobody's business");
    post("/api/v1/sync/push", "request-2", access, json!({ "deviceId": "phone", "items": [item] }));
    let refresh = json!({ "refreshToken": tokens["refreshToken"] });
    for (id, body) in [("request-3", &refresh), ("request-4", &refresh), ("request-5", &refresh)] {
        post("/api/v1/auth/refresh", id, "none", body.clone());
    }
    post("/api/v1/auth/login", "request-6", access, json!({ "email": 1, "password": "a very good secret" }));
    let asked = agent.get(format!("{origin}/api/ping?nonce=nobody")).call().unwrap();
    let own = asked.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(own.len(), 32);

    let log = server.end();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (id, method, route, status) in [
        ("request-1", "POST", "/api/v1/auth/register", 201),
        ("request-2", "POST", "/api/v1/sync/push", 200),
        ("request-6", "POST", "/api/v1/auth/login", 400),
        (own.as_str(), "GET", "/api/ping", 200),
    ] {
        let line =
            lines.iter().find(|line| line["span"]["id"] == id && line["message"] == "answered").unwrap();
        assert_eq!((&line["span"]["method"], &line["span"]["route"]), (&json!(method), &json!(route)));
        assert_eq!(line["status"], json!(status));
    }
    let secrets = [access, tokens["refreshToken"].as_str().unwrap(), "a very good secret", "nobody"];
    for secret in secrets {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[test]
fn the_figures_are_told_apart_from_what_the_world_reaches() {
    let mut server = Logged::start(&["--demo"]);
    let metrics =
        server.line(|line| line["message"].as_str().is_some_and(|text| text.starts_with("metrics")));
    let metrics = metrics["message"].as_str().unwrap().strip_prefix("metrics are at ").unwrap().to_owned();
    let agent = agent();
    let body = push_body(&[reading("U1", 1.0), reading("U2", 2.0)]);
    for _ in 0..2 {
        let path = format!("{}/api/v1/sync/push", server.origin);
        agent.post(path).header("content-type", "application/json").send(&*body).unwrap();
    }
    for path in ["/a", "/b", "/api/ping?nonce=1"] {
        agent.get(format!("{}{path}", server.origin)).call().unwrap();
    }
    let mut answer = agent.get(&metrics).call().unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = answer.body_mut().read_to_string().unwrap();
    for line in [
        r#"fieldsync_http_requests_total{method="POST",route="/api/v1/sync/push",status="200"} 2"#,
        r#"fieldsync_http_requests_total{method="GET",route="other",status="404"} 2"#,
        r#"fieldsync_push_items_total{outcome="applied"} 2"#,
        r#"fieldsync_push_items_total{outcome="replayed"} 2"#,
        r#"fieldsync_database_connections_most{pool="writer"} 1"#,
        "fieldsync_http_requests_running 0",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}\n{text}");
    }
    let outside = agent.get(format!("{}/metrics", server.origin)).call().unwrap();
    assert_eq!(outside.status(), 404);
    server.end();
}

/// While a push holds the last connection to the database, the server is alive and not ready.
fn is_not_ready_while_busy(server: &Server, free: impl FnOnce()) {
    assert_eq!((server.get("/readyz", &[]).status, server.get("/healthz", &[]).status), (200, 200));
    thread::scope(|scope| {
        let push = scope.spawn(|| server.post("application/json", &push_body(&[reading("U1", 1.0)])).status);
        let refused = until("the server is not ready", || {
            let answer = server.get("/readyz", &[]);
            (answer.status != 200).then_some(answer)
        });
        refused.assert_problem(503, "unavailable");
        assert_eq!(server.get("/healthz", &[]).status, 200);
        free();
        // Whether it was in time or not.
        assert!([200, 503].contains(&push.join().unwrap()));
    });
    until("the server is ready again", || (server.get("/readyz", &[]).status == 200).then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_not_ready_while_its_writer_is_busy() {
    let server = Server::start();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&server.database);
    let mut other = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let now = tokio::runtime::Handle::current();
    let free =
        || now.block_on(async { sqlx::raw_sql("ROLLBACK").execute(&mut other).await.map(drop).unwrap() });
    tokio::task::block_in_place(|| is_not_ready_while_busy(&server, free));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_not_ready_while_postgresql_has_no_connection_for_it_or_is_away() {
    let url = crate::postgres::database().await;
    let migrated = command(&["migrate", "--database", &url]).status().unwrap();
    assert!(migrated.success());
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("fieldsync.toml");
    std::fs::write(&file, "database_connections = 1").unwrap();
    let server = Server::start_at(&url, &["--config", file.to_str().unwrap()]);
    let mut other = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE head").execute(&mut other).await.unwrap();
    let now = tokio::runtime::Handle::current();
    let free =
        || now.block_on(async { sqlx::raw_sql("ROLLBACK").execute(&mut other).await.map(drop).unwrap() });
    tokio::task::block_in_place(|| is_not_ready_while_busy(&server, free));

    let name = url.split(['/', '?']).nth(3).unwrap();
    let mut admin = sqlx::PgConnection::connect(&url.replace(name, "postgres")).await.unwrap();
    let away = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(away)).execute(&mut admin).await.unwrap();
    tokio::task::block_in_place(|| {
        until("the server is not ready", || (server.get("/readyz", &[]).status != 200).then_some(()));
        assert_eq!(server.get("/healthz", &[]).status, 200);
    });
}
