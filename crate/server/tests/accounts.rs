//! Accounts, tokens and devices, over HTTP.

use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::support::{Answer, Server, column, command, push_body, reading};

const PASSWORD: &str = "correct horse";

fn credentials(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

fn on_device(email: &str, device: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "deviceId": device })
}

/// One of the tokens of an answer.
fn token(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

fn access(answer: &Answer) -> String {
    token(answer, "accessToken")
}

impl Server {
    fn register(&self, body: &Value) -> Answer {
        self.send("/api/v1/auth/register", None, body)
    }

    fn login(&self, body: &Value) -> Answer {
        self.send("/api/v1/auth/login", None, body)
    }

    fn refresh(&self, token: &str) -> Answer {
        self.send("/api/v1/auth/refresh", None, &json!({ "refreshToken": token }))
    }

    /// Pushes one reading from a device.
    fn push_from(&self, token: Option<&str>, device: &str, unit: &str) -> Answer {
        let body = json!({ "deviceId": device, "items": [reading(unit, 1.0)] });
        self.send("/api/v1/sync/push", token, &body)
    }

    /// Registers a device that the login of a token is on.
    fn put_on(&self, token: &str, device: &str) -> Answer {
        self.send("/api/sync/register", Some(token), &json!({ "deviceId": device }))
    }

    fn changes_for(&self, token: &str) -> Answer {
        self.get("/api/v1/sync/changes", &[("authorization", &format!("Bearer {token}"))])
    }

    fn devices(&self, token: &str) -> Value {
        self.get("/api/sync/devices", &[("authorization", &format!("Bearer {token}"))]).json()["devices"]
            .take()
    }
}

#[test]
fn a_person_registers_logs_in_and_pushes() {
    let server = Server::start_without_demo();
    let made = server.register(&credentials(" Ada@Fieldsync.Example ", PASSWORD));
    assert_eq!((made.status, &made.json()["expiresIn"]), (201, &json!(900)), "{}", made.text);
    let login = server.login(&on_device("ada@fieldsync.example", "phone"));
    assert_eq!(login.status, 200, "{}", login.text);
    let pushed = server.push_from(Some(&access(&login)), "phone", "U1");
    assert_eq!(pushed.json()["results"][0]["status"], "applied", "{}", pushed.text);
    let changes = server.changes_for(&access(&login)).json();
    assert_eq!(changes["changes"].as_array().unwrap().len(), 1);
}

#[test]
fn nothing_is_synced_without_a_token_of_a_registered_device() {
    let server = Server::start_without_demo();
    server.push_from(None, "phone", "U1").assert_problem(401, "unauthorized");
    let unknown = server.push_from(Some("nonsense"), "phone", "U1");
    unknown.assert_problem(401, "unauthorized");
    assert_eq!(unknown.header("www-authenticate"), "Bearer");
    server.get("/api/v1/sync/changes", &[]).assert_problem(401, "unauthorized");
    let basic = [("authorization", "Basic YTpi")];
    server.get("/api/v1/sync/changes", &basic).assert_problem(401, "unauthorized");

    let bare = access(&server.register(&credentials("a@fieldsync.example", PASSWORD)));
    server.push_from(Some(&bare), "phone", "U1").assert_problem(403, "forbidden");
    server.changes_for(&bare).assert_problem(403, "forbidden");
    let registered =
        server.send("/api/sync/register", Some(&bare), &json!({ "device_id": "phone", "name": "P" }));
    assert_eq!(registered.json()["device"]["name"], "P", "{}", registered.text);
    let token = access(&registered);
    assert_eq!(server.push_from(Some(&token), "phone", "U1").status, 200);
    server.push_from(Some(&token), "tablet", "U2").assert_problem(403, "forbidden");
    assert_eq!(server.export().len(), 2, "one reading and its receipt");
}

#[test]
fn a_large_push_without_a_token_hears_why() {
    let server = Server::start_without_demo();
    let mut item = reading("U1", 1.0);
    item["data"]["note"] = json!("n".repeat(1 << 20));
    server.post("application/json", &push_body(&[item])).assert_problem(401, "unauthorized");
}

#[test]
fn people_see_what_is_their_own() {
    let server = Server::start_without_demo();
    let [a, b] = ["a@fieldsync.example", "b@fieldsync.example"]
        .map(|email| access(&server.register(&on_device(email, "phone"))));
    assert_eq!(server.push_from(Some(&a), "phone", "U1").json()["results"][0]["status"], "applied");
    assert!(server.changes_for(&b).json()["changes"].as_array().unwrap().is_empty());
    assert_eq!(server.push_from(Some(&b), "phone", "U1").json()["results"][0]["status"], "applied");
    let users = column(&server.export(), "reading", "user");
    assert_eq!(users.len(), 2);
    assert_ne!(users[0], users[1]);
    // Each revokes their own phone, and nobody else's.
    let gone = server.send("/api/sync/devices/phone/revoke", Some(&a), &json!({}));
    assert_eq!(gone.status, 200, "{}", gone.text);
    assert_eq!(server.changes_for(&b).status, 200);
}

#[test]
fn an_unknown_address_and_a_wrong_password_are_answered_alike() {
    let server = Server::start_without_demo();
    server.register(&credentials("a@fieldsync.example", PASSWORD));
    let wrong = server.login(&credentials("a@fieldsync.example", "wrong horse"));
    let unknown = server.login(&credentials("b@fieldsync.example", "wrong horse"));
    assert_eq!(wrong.assert_problem(401, "bad_credentials"), unknown.assert_problem(401, "bad_credentials"));
    let odd = server.login(&credentials("a\u{0}@fieldsync.example", PASSWORD));
    odd.assert_problem(401, "bad_credentials");
}

#[test]
fn a_bad_address_or_password_is_named() {
    let server = Server::start_without_demo();
    let problem = server.register(&credentials("nobody", "short")).assert_problem(422, "invalid");
    let fields: Vec<_> = problem["fields"].as_array().unwrap().iter().map(|fault| &fault["field"]).collect();
    assert_eq!(fields, ["email", "password"]);
    let mut body = on_device("a@fieldsync.example", "a\nb");
    server.register(&body).assert_problem(422, "invalid");
    server.login(&body).assert_problem(422, "invalid");
    body["deviceId"] = json!("phone");
    assert_eq!(server.register(&body).status, 201);
    server.register(&body).assert_problem(409, "email_taken");
}

#[test]
fn refresh_tokens_rotate_and_a_stolen_one_ends_the_login() {
    let server = Server::start_without_demo();
    let first = token(&server.register(&on_device("a@fieldsync.example", "phone")), "refreshToken");
    let lost = token(&server.refresh(&first), "refreshToken");
    let second = server.refresh(&first);
    assert_eq!(server.push_from(Some(&access(&second)), "phone", "U1").status, 200, "still on its device");
    let second = token(&second, "refreshToken");
    let third = token(&server.refresh(&second), "refreshToken");
    server.refresh(&lost).assert_problem(401, "unauthorized");
    server.refresh(&third).assert_problem(401, "unauthorized");
    server.refresh("nonsense").assert_problem(401, "unauthorized");
}

#[test]
fn who_logs_out_is_out() {
    let server = Server::start_without_demo();
    let refresh = token(&server.register(&credentials("a@fieldsync.example", PASSWORD)), "refreshToken");
    for given in [refresh.as_str(), refresh.as_str(), "nonsense"] {
        let answer = server.send("/api/v1/auth/logout", None, &json!({ "refresh_token": given }));
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    server.refresh(&refresh).assert_problem(401, "unauthorized");
}

#[test]
fn a_revoked_device_may_do_nothing() {
    let server = Server::start_without_demo();
    let phone = server.register(&on_device("a@fieldsync.example", "my phone"));
    let tablet = access(&server.login(&on_device("a@fieldsync.example", "tablet")));
    let listed = server.devices(&tablet);
    let known: Vec<_> =
        listed.as_array().unwrap().iter().map(|it| (&it["deviceId"], &it["current"])).collect();
    assert_eq!(known, [(&json!("my phone"), &json!(false)), (&json!("tablet"), &json!(true))]);

    let revoked = server.send("/api/sync/devices/my%20phone/revoke", Some(&tablet), &json!({}));
    assert!(revoked.json()["revokedAt"].is_u64(), "{}", revoked.text);
    server.push_from(Some(&access(&phone)), "my phone", "U1").assert_problem(403, "device_revoked");
    server.changes_for(&access(&phone)).assert_problem(403, "device_revoked");
    for _ in 0..2 {
        server.refresh(&token(&phone, "refreshToken")).assert_problem(403, "device_revoked");
    }
    server.login(&on_device("a@fieldsync.example", "my phone")).assert_problem(403, "device_revoked");
    assert_eq!(server.push_from(Some(&tablet), "tablet", "U1").status, 200);
    for unknown in ["boat", "%00", "%ff"] {
        let path = format!("/api/sync/devices/{unknown}/revoke");
        let status = server.send(&path, Some(&tablet), &json!({})).status;
        assert!([400, 404].contains(&status), "{unknown}: {status}");
    }
}

/// Otherwise a stolen phone would go on under another name.
#[test]
fn a_login_stays_on_its_device_and_ends_with_it() {
    let server = Server::start_without_demo();
    let phone = server.register(&on_device("a@fieldsync.example", "phone"));
    let tablet = access(&server.login(&on_device("a@fieldsync.example", "tablet")));
    let moved = server.put_on(&access(&phone), "other").assert_problem(403, "forbidden");
    assert!(moved["detail"].as_str().unwrap().contains("another device"), "{moved}");
    assert_eq!(server.devices(&tablet).as_array().unwrap().len(), 2, "nothing is registered");
    let again = server.put_on(&access(&phone), "phone");
    assert_eq!(server.push_from(Some(&access(&again)), "phone", "U1").status, 200, "{}", again.text);

    server.send("/api/sync/devices/phone/revoke", Some(&tablet), &json!({}));
    server.put_on(&access(&again), "other").assert_problem(403, "device_revoked");
    server.refresh(&token(&phone, "refreshToken")).assert_problem(403, "device_revoked");
}

#[test]
fn an_access_token_from_before_its_login_had_a_device_or_ended_registers_no_other() {
    let server = Server::start_without_demo();
    let bare = server.register(&credentials("a@fieldsync.example", PASSWORD));
    let phone = server.put_on(&access(&bare), "phone");
    assert_eq!(server.put_on(&access(&bare), "phone").status, 200, "sent again");
    server.put_on(&access(&bare), "other").assert_problem(403, "forbidden");
    let body = json!({ "refreshToken": token(&bare, "refreshToken") });
    assert_eq!(server.send("/api/v1/auth/logout", None, &body).status, 204);
    for device in ["phone", "other"] {
        server.put_on(&access(&phone), device).assert_problem(403, "forbidden");
    }
    assert_eq!(server.devices(&access(&phone)).as_array().unwrap().len(), 1);
}

#[test]
fn the_demo_takes_both_its_accounts_and_no_token_at_all() {
    let server = Server::start();
    assert_eq!(server.push_from(None, "any", "U1").status, 200);
    let [worker, supervisor] = ["demo", "supervisor"].map(|name| {
        let body = json!({
            "email": format!("{name}@fieldsync.example"), "password": "demo-demo-demo", "deviceId": "phone",
        });
        access(&server.login(&body))
    });
    assert_eq!(server.changes_for(&worker).json()["changes"].as_array().unwrap().len(), 1);
    assert!(server.changes_for(&supervisor).json()["changes"].as_array().unwrap().is_empty());
    server.push_from(Some("nonsense"), "any", "U1").assert_problem(401, "unauthorized");
}

fn user_add(server: &Server, arguments: &[&str], password: &str) -> Output {
    let url = format!("sqlite://{}", server.database.display());
    let mut child = command(&["user", "add", "--database", &url])
        .args(arguments)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn an_account_is_made_from_the_command_line() {
    let server = Server::start_without_demo();
    let supervisor = ["a@fieldsync.example", "--role", "supervisor", "--team", "north"];
    let added = user_add(&server, &supervisor, "correct horse\r\nmore");
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    assert_eq!(server.login(&credentials("a@fieldsync.example", PASSWORD)).status, 200);
    for (arguments, password, said) in [
        (&supervisor[..], "correct horse", "already"),
        (&["b@fieldsync.example", "--role", "worker"], "short", "10 to 256 characters"),
        (&["nobody", "--role", "worker"], "correct horse", "name@example.org"),
        (&["b@fieldsync.example", "--role", "king"], "correct horse", "supervisor"),
    ] {
        let refused = user_add(&server, arguments, password);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && error.contains(said), "{error}");
    }
}
