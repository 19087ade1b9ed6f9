//! Who did what, over HTTP.

use serde_json::{Value, json};

use crate::support::{Answer, Server, reading};

const PASSWORD: &str = "correct horse";

impl Server {
    fn audit(&self, token: &str, query: &str) -> Answer {
        self.get(&format!("/api/v1/audit{query}"), &[("authorization", &format!("Bearer {token}"))])
    }
}

fn events(page: &Value) -> Vec<String> {
    let rows = page["rows"].as_array().unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.iter().map(|row| format!("{} {}", text(row, "event"), text(row, "outcome"))).collect()
}

#[test]
fn a_person_sees_what_was_done_in_their_name() {
    let server = Server::start_without_demo();
    let credentials = json!({ "email": "a@fieldsync.example", "password": PASSWORD, "deviceId": "phone" });
    let made = server.send("/api/v1/auth/register", None, &credentials).json();
    let wrong = json!({ "email": "a@fieldsync.example", "password": "wrong horse" });
    server.send("/api/v1/auth/login", None, &wrong).assert_problem(401, "bad_credentials");
    let token = made["accessToken"].as_str().unwrap();
    let items = [reading("U1", 1.0), reading("U1", 2.0)];
    let push = json!({ "deviceId": "phone", "items": items });
    for _ in 0..2 {
        assert_eq!(server.send("/api/v1/sync/push", Some(token), &push).status, 200);
    }
    server.send("/api/v1/auth/logout", None, &json!({ "refreshToken": made["refreshToken"] }));

    let all = server.audit(token, "");
    let expected = [
        "logout done",
        // Sent again, it clashes again.
        "item conflict",
        "item conflict",
        "item applied",
        "login refused",
        "login done",
        "device_register done",
        "register done",
    ];
    assert_eq!(events(&all.json()), expected, "{}", all.text);
    for secret in [PASSWORD, "wrong horse", token, made["refreshToken"].as_str().unwrap()] {
        assert!(!all.text.contains(secret));
    }
    let item = &all.json()["rows"][3];
    assert_eq!((&item["itemId"], &item["type"]), (&items[0]["id"], &json!("READING")));
    assert_eq!((&item["deviceId"], &item["action"]), (&json!("phone"), &json!("CREATE")));
    assert!(item.get("data").is_none(), "nothing of the record");

    // By pages.
    let (mut seen, mut query) = (Vec::new(), "?limit=3".to_owned());
    loop {
        let page = server.audit(token, &query).json();
        seen.extend(events(&page));
        let Some(next) = page["next"].as_u64() else { break };
        query = format!("?limit=3&before={next}");
    }
    assert_eq!(seen, expected);
    for query in ["?limit=0", "?limit=501", "?before=x"] {
        server.audit(token, query).assert_problem(400, "bad_request");
    }
    server.audit(token, "?user=nobody").assert_problem(404, "not_found");
    server.audit(token, "?user=a%00b").assert_problem(404, "not_found");
}
