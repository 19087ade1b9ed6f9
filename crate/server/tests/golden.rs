//! The samples in `tests/golden/`: the wire types read and write them, and the server answers as they say.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use fieldsync_protocol::{Pong, Problem, PushRequest, PushResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{Server, reading};

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(name);
    fs::read_to_string(path).unwrap()
}

fn value(name: &str) -> Value {
    serde_json::from_str(&sample(name)).unwrap()
}

fn assert_read_and_written<T: Debug + Serialize + DeserializeOwned>(name: &str) {
    let read: T = serde_json::from_str(&sample(name)).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), value(name), "{name}: {read:?}");
}

#[test]
fn every_sample_is_read_and_written_unchanged() {
    assert_read_and_written::<PushRequest>("push-request.json");
    assert_read_and_written::<PushResponse>("push-response.json");
    assert_read_and_written::<Pong>("pong.json");
    assert_read_and_written::<Problem>("problem-too-large.json");
}

#[test]
fn the_server_answers_as_the_samples_say() {
    let server = Server::start();
    let answer = server.post("application/json", sample("push-request.json").as_bytes());
    assert_eq!((answer.status, answer.json()), (200, value("push-response.json")));

    let too_many: Vec<Value> = (0..501).map(|at| reading(&format!("U{at}"), 1.0)).collect();
    let body = json!({ "deviceId": "d", "items": too_many }).to_string();
    let answer = server.post("application/json", body.as_bytes());
    assert_eq!((answer.status, answer.json()), (413, value("problem-too-large.json")));

    let mut pong = server.get("/api/ping?nonce=8f14e45f", &[]).json();
    let sample = value("pong.json");
    assert!(pong["serverTime"].is_u64());
    pong["serverTime"] = sample["serverTime"].clone();
    assert_eq!(pong, sample);
}
