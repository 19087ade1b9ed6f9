//! The server ends in the midst of its work: killed, and asked to.

use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use std::sync::mpsc;
use std::{iter, thread};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{DEADLINE, Server, column, export, field, push_body, reading, until};

const KILLS: usize = 10;
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
                let unit = |at| format!("{name}-{turn}-{at}");
                self.unanswered = (0..5).map(|at| reading(&unit(at), 1.0)).collect();
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
            for _ in 0..=(3 * kill) {
                answers.recv_timeout(DEADLINE).unwrap();
            }
            server.signal("KILL");
        });
        let held = export(&database);
        let entities: BTreeSet<String> = column(&held, "reading", "entityId").into_iter().collect();
        for device in &devices {
            assert!(device.acknowledged.iter().all(|id| entities.contains(id)), "after kill {kill}");
        }
    }

    let server = Server::start_on(&database, &[]);
    for device in &mut devices {
        assert!(device.push(&server));
    }
    let mut acknowledged: Vec<String> = devices.into_iter().flat_map(|device| device.acknowledged).collect();
    acknowledged.sort_unstable();
    let held = server.export();
    assert_eq!(column(&held, "reading", "entityId"), acknowledged, "each once, and nothing else");
    assert_eq!(column(&held, "receipt", "itemId"), acknowledged);
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
