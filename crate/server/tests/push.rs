//! What becomes of pushed items.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::support::{Server, column, field, push_body, reading};

#[test]
fn a_replay_is_answered_as_one_and_changes_nothing() {
    let server = Server::start();
    let items = [reading("U1", 12.5), reading("U2", 7.0)];
    assert_eq!(field(&server.push(&items), "status"), ["applied", "applied"]);
    let held = server.export();
    let again = server.push(&items);
    assert_eq!(field(&again, "status"), ["replayed", "replayed"]);
    assert_eq!(again[0]["version"], 1);
    assert_eq!(server.export(), held);
}

#[test]
fn a_priority_may_change_between_two_sendings() {
    let server = Server::start();
    let mut item = reading("U1", 12.5);
    server.push(&[item.clone()]);
    item["priority"] = json!("HIGH");
    assert_eq!(field(&server.push(&[item]), "status"), ["replayed"]);
}

#[test]
fn what_an_id_says_need_not_be_said_again() {
    let server = Server::start();
    let mut item = reading("U1", 12.5);
    let id = item["id"].as_str().unwrap().replace('-', "");
    let full = item.as_object_mut().unwrap();
    full["createdAt"] = json!(u64::from_str_radix(&id[..12], 16).unwrap());
    let mut short = full.clone();
    assert!(short.remove("entityId").is_some() && short.remove("createdAt").is_some());
    let results = server.push(&[short.into()]);
    assert_eq!((&results[0]["status"], &results[0]["version"]), (&json!("applied"), &json!(1)));
    assert_eq!(column(&server.export(), "reading", "entityId"), [item["id"].as_str().unwrap()]);
    assert_eq!(field(&server.push(&[item]), "status"), ["replayed"], "as an older app says it");
}

#[test]
fn other_content_under_a_used_id_is_refused() {
    let server = Server::start();
    let mut item = reading("U1", 12.5);
    server.push(&[item.clone()]);
    let held = server.export();
    item["data"]["value"] = json!(99.0);
    let results = server.push(&[item]);
    assert_eq!((&results[0]["status"], &results[0]["code"]), (&json!("rejected"), &json!("id_reused")));
    assert_eq!(server.export(), held);
}

#[test]
fn a_conflict_shows_the_other_reading_and_spares_the_rest() {
    let server = Server::start();
    let first = reading("U1", 12.5);
    server.push(std::slice::from_ref(&first));
    let results = server.push(&[reading("U2", 1.0), reading("U1", 13.5), reading("U3", 2.0)]);
    assert_eq!(field(&results, "status"), ["applied", "conflict", "applied"]);
    assert_eq!(results[1]["code"], "duplicate_reading");
    let other = &results[1]["serverItem"];
    assert_eq!(
        (&other["entityId"], &other["version"], &other["data"]),
        (&first["id"], &json!(1), &first["data"])
    );
    assert!(other["updatedAt"].as_u64().unwrap() > 1_763_596_800_000);
    let held = server.export();
    assert_eq!(column(&held, "reading", "entityId").len(), 3);
    assert_eq!(column(&held, "receipt", "itemId").len(), 3);
}

#[test]
fn of_two_clashing_items_of_one_push_the_first_wins() {
    let server = Server::start();
    let items = [reading("U1", 12.5), reading("U1", 13.5)];
    let results = server.push(&items);
    assert_eq!(field(&results, "status"), ["applied", "conflict"]);
    assert_eq!(results[1]["serverItem"]["entityId"], items[0]["id"]);
    assert_eq!(column(&server.export(), "reading", "entityId").len(), 1);
}

#[test]
fn a_refused_item_says_why_and_spares_the_rest() {
    let server = Server::start();
    let mut wrong = reading("U1", -1.0);
    wrong["data"]["period"] = json!("November");
    let mut shapeless = reading("U2", 1.0);
    shapeless["data"] = json!("12.5");
    let mut photo = reading("U3", 1.0);
    photo["type"] = json!("MEDIA");
    photo["data"] = json!({ "mime": "image/jpeg", "sha256": "0".repeat(64), "size": 70_000 });
    let results = server.push(&[wrong, shapeless, photo, reading("U5", 1.0)]);
    assert_eq!(field(&results, "status"), ["rejected", "rejected", "rejected", "applied"]);
    assert_eq!(field(&results, "code"), ["invalid", "invalid", "file_missing", ""]);
    let faults = results[0]["fields"].as_array().unwrap();
    assert_eq!(field(faults, "field"), ["period", "value"]);
    assert_eq!(column(&server.export(), "reading", "entityId").len(), 1);
}

#[test]
fn the_cursor_counts_what_took_effect() {
    let server = Server::start();
    let cursor = |items: &[_]| server.post("application/json", &push_body(items)).json()["cursor"].clone();
    let items = [reading("U1", 1.0), reading("U2", 2.0)];
    let start = cursor(&[]).as_str().unwrap().strip_suffix(".0").unwrap().to_owned();
    assert_eq!(cursor(&items), format!("{start}.2"));
    assert_eq!(cursor(&items), format!("{start}.2"));
    assert_eq!(cursor(&[reading("U1", 3.0)]), format!("{start}.2"));
    assert_eq!(cursor(&[reading("U3", 3.0)]), format!("{start}.3"));
}

#[test]
fn a_gzipped_push_is_read() {
    let server = Server::start();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&push_body(&[reading("U1", 12.5)])).unwrap();
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let answer = server.try_post(&headers, &gzip.finish().unwrap()).unwrap();
    assert_eq!(answer.json()["results"][0]["status"], "applied");
}

#[test]
fn a_number_is_kept_to_its_last_digit() {
    let server = Server::start();
    for (at, value) in [0.1 + 0.2, 123_456_789.123_456_7, 1e11 + 0.000_1].into_iter().enumerate() {
        let item = reading(&format!("U{at}"), value);
        server.push(std::slice::from_ref(&item));
        assert_eq!(server.export()[at]["data"], item["data"]);
    }
}
