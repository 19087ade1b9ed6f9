//! The server ends in the midst of its work: killed, and asked to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::mpsc;
use std::{iter, thread};

use serde_json::{Value, json};
use sqlx::Connection;
use tempfile::TempDir;

use crate::support::{
    DEADLINE, Server, assessment, column, delete, export, field, push_body, reading, until, update,
};

const KILLS: usize = 100;
const CLIENTS: usize = 3;

/// One device: what it has sent without hearing an answer, and what it was told is kept.
#[derive(Default)]
struct Device {
    unanswered: Vec<Value>,
    acknowledged: Vec<String>,
}

impl Device {
    /// Pushes until the server is gone, and tells of every answer.
    fn push_until_gone(&mut self, server: &Server, name: &str, answered: &mpsc::Sender<()>) {
        for turn in 0.. {
            if self.unanswered.is_empty() {
                self.unanswered = mixed(&format!("{name}-{turn}"));
            }
            if !self.push(server) {
                return;
            }
            // The test may have heard enough.
            let _ = answered.send(());
        }
    }

    /// Pushes what is unanswered; false where no answer came.
    fn push(&mut self, server: &Server) -> bool {
        let headers = [("content-type", "application/json")];
        let Ok(answer) = server.try_post(&headers, &push_body(&self.unanswered)) else { return false };
        // The head of an answer without its end is no answer.
        let Ok(answer) = serde_json::from_str::<Value>(&answer.text) else { return false };
        let results = answer["results"].as_array().unwrap();
        for (result, item) in iter::zip(results, self.unanswered.drain(..)) {
            assert!(["applied", "replayed"].contains(&result["status"].as_str().unwrap()), "{result}");
            assert_eq!(result["id"], item["id"]);
            self.acknowledged.push(item["id"].as_str().unwrap().to_owned());
        }
        true
    }
}

/// Two records that stay as they are, one that changes and one that goes.
fn mixed(name: &str) -> Vec<Value> {
    let (changed, gone) = (assessment(name), reading(&format!("{name}-gone"), 1.0));
    let (change, end) = (update(&changed, 1, json!({ "population": 41 })), delete(&gone, 1));
    vec![reading(name, 1.0), changed, gone, change, end, assessment(name)]
}

/// What SQLite itself says of a file.
fn integrity(database: &Path) -> String {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap()
    })
}

/// I4, and the durability of what was acknowledged.
#[test]
fn what_was_acknowledged_survives_a_kill_once() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("fieldsync.db");
    let mut devices: Vec<Device> = iter::repeat_with(Device::default).take(CLIENTS).collect();

    for kill in 0..KILLS {
        let server = Server::start_on(&database, &[]);
        let (answered, answers) = mpsc::channel();
        thread::scope(|scope| {
            for (device, state) in devices.iter_mut().enumerate() {
                let (server, answered) = (&server, answered.clone());
                let name = format!("{kill}-{device}");
                scope.spawn(move || state.push_until_gone(server, &name, &answered));
            }
            // At an answer to one device the others are somewhere within theirs.
            for _ in 0..=(kill % 10) {
                answers.recv_timeout(DEADLINE).unwrap();
            }
            server.signal("KILL");
        });
        assert_eq!(integrity(&database), "ok", "after kill {kill}");
        let receipts: BTreeSet<String> =
            column(&export(&database), "receipt", "itemId").into_iter().collect();
        for device in &devices {
            assert!(device.acknowledged.iter().all(|id| receipts.contains(id)), "after kill {kill}");
        }
    }

    let server = Server::start_on(&database, &[]);
    for device in &mut devices {
        assert!(device.push(&server));
    }
    let mut acknowledged: Vec<String> = devices.into_iter().flat_map(|device| device.acknowledged).collect();
    acknowledged.sort_unstable();
    let held = server.export();
    assert_eq!(column(&held, "receipt", "itemId"), acknowledged, "each once, and nothing else");
    // Every item made one change, and no change was made twice.
    let pushes = acknowledged.len() / 6;
    let versions = |kind| {
        let mut counts = BTreeMap::new();
        for line in held.iter().filter(|line| line["kind"] == kind) {
            *counts.entry(line["version"].as_u64().unwrap()).or_insert(0) += 1;
        }
        counts
    };
    assert_eq!(versions("reading"), BTreeMap::from([(1, pushes), (2, pushes)]));
    assert_eq!(versions("assessment"), BTreeMap::from([(1, pushes), (2, pushes)]));
    let body = push_body(&[]);
    let cursor = server.post("application/json", &body).json()["cursor"].as_str().unwrap().to_owned();
    assert!(cursor.ends_with(&format!(".{}", acknowledged.len())), "{cursor}");
    assert_eq!(integrity(&database), "ok");
}

#[test]
fn a_running_request_ends_before_the_server_does() {
    let mut server = Server::start();
    let idle = server.connect().unwrap();
    let body = push_body(&[reading("U1", 12.5)]);
    let mut request = server.begin_push(&body, body.len() / 2);

    server.signal("TERM");
    until("no connection is taken", || server.connect().err());
    request.get_mut().write_all(&body[body.len() / 2..]).unwrap();
    let answer: Vec<String> = request.lines().map(Result::unwrap).collect();
    assert!(answer.iter().any(|line| line.starts_with("HTTP/1.1 200")), "{answer:?}");
    assert!(answer.last().unwrap().contains(r#""status":"applied""#), "{answer:?}");

    assert!(server.ended().success());
    drop(idle);
    let log = server.database.with_extension("db-wal");
    assert!(!log.exists(), "the file is left in one piece");
    assert_eq!(column(&export(&server.database), "reading", "entityId").len(), 1);
}

#[test]
fn a_request_that_does_not_end_does_not_keep_the_server() {
    let mut server = Server::start();
    let body = push_body(&[reading("U1", 12.5)]);
    let request = server.begin_push(&body, 1);
    server.signal("TERM");
    assert!(server.ended().success());
    drop(request);
    assert!(export(&server.database).is_empty());
}

#[test]
fn a_restarted_server_knows_what_it_took() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("fieldsync.db");
    let item = [reading("U1", 12.5)];
    let mut server = Server::start_on(&database, &[]);
    server.push(&item);
    server.signal("TERM");
    assert!(server.ended().success());
    let server = Server::start_on(&database, &[]);
    assert_eq!(field(&server.push(&item), "status"), ["replayed"]);
}
