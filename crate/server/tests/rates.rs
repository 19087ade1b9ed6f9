//! Too many requests, over HTTP.

use serde_json::json;

use crate::support::{Answer, Server, push_body, reading};

/// Asks until it is refused; how often it was not.
fn taken(mut ask: impl FnMut() -> Answer) -> (usize, Answer) {
    for count in 0..1_000 {
        let answer = ask();
        if answer.status == 429 {
            return (count, answer);
        }
    }
    panic!("never refused");
}

fn assert_refused(answer: &Answer) {
    let problem = answer.assert_problem(429, "too_many_requests");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(problem["detail"].as_str().unwrap().contains(&format!("{wait} s")), "{problem}");
}

#[test]
fn one_person_is_counted_whatever_the_address() {
    let server =
        Server::start_without_demo_with(&[("FIELDSYNC_USER_RATE", "1"), ("FIELDSYNC_ADDRESS_RATE", "0")]);
    let [ada, bob] = ["ada", "bob"].map(|name| server.sign_up(name, "phone"));
    // One less or more where a second goes by meanwhile.
    let (count, refused) = taken(|| server.ask(&ada, "/api/v1/sync/changes"));
    assert!((30..60).contains(&count), "{count}");
    assert_refused(&refused);
    assert_eq!(server.ask(&bob, "/api/v1/sync/changes").status, 200, "another is not held");

    // A large push is heard out, so that its device hears why.
    let mut item = reading("U1", 1.0);
    item["data"]["note"] = json!("n".repeat(1 << 20));
    let bearer = format!("Bearer {ada}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let (_, refused) = taken(|| server.try_post(&headers, &push_body(std::slice::from_ref(&item))).unwrap());
    assert_refused(&refused);
}

#[test]
fn one_address_is_counted_whoever_asks() {
    let server =
        Server::start_without_demo_with(&[("FIELDSYNC_USER_RATE", "0"), ("FIELDSYNC_ADDRESS_RATE", "2")]);
    let (count, refused) = taken(|| server.get("/api/ping?nonce=1", &[]));
    assert!((60..120).contains(&count), "{count}");
    assert_refused(&refused);
    assert_eq!(server.get("/healthz", &[]).status, 200, "whoever watches the server sees it");
    // Nobody can say to come from elsewhere.
    let elsewhere = [("x-forwarded-for", "10.0.0.1")];
    taken(|| server.get("/api/ping?nonce=1", &elsewhere));
}

#[test]
fn behind_a_proxy_addresses_are_as_it_says() {
    let server = Server::start_without_demo_with(&[
        ("FIELDSYNC_ADDRESS_RATE", "1"),
        ("FIELDSYNC_BEHIND_PROXY", "true"),
    ]);
    let from = |address: &str| server.get("/api/ping?nonce=1", &[("x-forwarded-for", address)]);
    let (_, refused) = taken(|| from("1.1.1.1, 10.0.0.1"));
    assert_refused(&refused);
    assert_eq!(from("10.0.0.1, 10.0.0.2").status, 200);
}

#[test]
fn passwords_are_not_guessed_by_the_hundred() {
    let server = Server::start_without_demo();
    let guess = json!({ "email": "ada@fieldsync.example", "password": "wrong horse" });
    let (count, refused) = taken(|| server.send("/api/v1/auth/login", None, &guess));
    assert!((30..200).contains(&count), "{count}");
    assert_refused(&refused);
    assert_eq!(server.get("/api/ping?nonce=1", &[]).status, 200);
}
