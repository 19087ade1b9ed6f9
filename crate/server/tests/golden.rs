//! The samples in `tests/golden/`: the wire types read and write them, and the server answers as they say.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use fieldsync_protocol::{ChangesResponse, Pong, Problem, PushRequest, PushResponse};
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

/// With what no sample can foretell set to one value: the server's time, and the mark of its database.
fn without_the_servers_own(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for (name, member) in members {
                let known = match name.as_str() {
                    "updatedAt" if member.as_u64().is_some_and(|at| at > 0) => json!("a time"),
                    "cursor" => json!(member.as_str().unwrap().rsplit_once('.').unwrap().1),
                    _ => without_the_servers_own(member.take()),
                };
                *member = known;
            }
        }
        Value::Array(values) => {
            for value in values {
                *value = without_the_servers_own(value.take());
            }
        }
        _ => {}
    }
    value
}

#[test]
fn every_sample_is_read_and_written_unchanged() {
    assert_read_and_written::<PushRequest>("push-request.json");
    assert_read_and_written::<PushResponse>("push-response.json");
    assert_read_and_written::<ChangesResponse>("changes-response.json");
    assert_read_and_written::<PushRequest>("push-request-changes.json");
    assert_read_and_written::<Problem>("problem-cursor-expired.json");
    assert_read_and_written::<Pong>("pong.json");
    assert_read_and_written::<Problem>("problem-too-large.json");
}

#[test]
fn the_server_answers_as_the_samples_say() {
    let server = Server::start();
    let answer = server.post("application/json", sample("push-request.json").as_bytes());
    assert_eq!(
        (answer.status, without_the_servers_own(answer.json())),
        (200, without_the_servers_own(value("push-response.json")))
    );

    let page = server.get("/api/v1/sync/changes?limit=2", &[]);
    let expected = without_the_servers_own(value("changes-response.json"));
    assert_eq!((page.status, without_the_servers_own(page.json())), (200, expected));
    let expired = server.get("/api/v1/sync/changes?cursor=v1.5f2c8a9e01b3d467.1", &[]);
    assert_eq!((expired.status, expired.json()), (410, value("problem-cursor-expired.json")));

    let changed = server.post("application/json", sample("push-request-changes.json").as_bytes()).json();
    for (at, version) in [1, 1, 1, 1, 2, 2].into_iter().enumerate() {
        let result = &changed["results"][at];
        assert_eq!((&result["status"], &result["version"]), (&json!("applied"), &json!(version)), "{result}");
    }

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
