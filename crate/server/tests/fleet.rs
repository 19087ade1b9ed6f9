//! Heartbeats, wishes and the fleet, over HTTP.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Answer, Server, command, reading};

const PASSWORD: &str = "correct horse";

impl Server {
    /// An account made by the operator, and the access token of its device.
    fn person(&self, name: &str, role: &str, team: &str) -> String {
        let email = format!("{name}@fieldsync.example");
        let database = format!("sqlite://{}", self.database.display());
        let arguments = ["user", "add", &email, "--role", role, "--team", team, "--database", &database];
        let mut add = command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
        add.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        assert!(add.wait().unwrap().success());
        let credentials =
            json!({ "email": email, "password": PASSWORD, "deviceId": format!("{name}-phone") });
        let login = self.send("/api/v1/auth/login", None, &credentials).json();
        login["accessToken"].as_str().unwrap().to_owned()
    }

    pub fn ask(&self, token: &str, path: &str) -> Answer {
        self.get(path, &[("authorization", &format!("Bearer {token}"))])
    }

    fn beat(&self, token: &str, body: Value) -> Value {
        let answer = self.send("/api/v1/sync/heartbeat", Some(token), &body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["wishes"].take()
    }
}

#[test]
fn a_supervisor_sees_and_steers_the_devices_of_the_team() {
    let server = Server::start_without_demo();
    let worker = server.person("worker", "worker", "north");
    let boss = server.person("boss", "supervisor", "north");
    let stranger = server.person("stranger", "supervisor", "south");
    let push = json!({ "deviceId": "worker-phone", "items": [reading("U-secret", 1.0)] });
    server.send("/api/v1/sync/push", Some(&worker), &push);
    let activity = json!({
        "isActive": true, "connectivity": { "isOnline": true, "connectionType": "cellular" },
        "lastError": "Network timeout",
    });
    let beat = json!({
        "deviceId": "worker-phone", "pending": 12, "oldestUnsentAt": 1_763_596_800_000_u64, "storage": "evictable",
        "appVersion": "0.1.0", "activity": activity, "metrics": { "historical": [{ "sessionId": 7 }] },
    });
    assert_eq!(server.beat(&worker, beat)["revision"], 0);

    let fleet = server.ask(&boss, "/api/v1/fleet");
    let devices = fleet.json()["devices"].take();
    assert_eq!(devices.as_array().unwrap().len(), 2, "{}", fleet.text);
    let device = devices.as_array().unwrap().iter().find(|it| it["deviceId"] == "worker-phone").unwrap();
    assert_eq!((&device["pending"], &device["storage"]), (&json!(12), &json!("evictable")));
    assert_eq!(device["email"], "worker@fieldsync.example");
    assert!(!fleet.text.contains("secret"), "nothing of what is on it");
    let first = server.ask(&boss, "/api/v1/fleet?limit=1").json();
    let next = first["next"].as_str().unwrap();
    let second = server.ask(&boss, &format!("/api/v1/fleet?limit=1&after={next}")).json();
    assert_eq!((second["devices"].as_array().unwrap().len(), second.get("next")), (1, None));
    assert_ne!(first["devices"], second["devices"]);
    server.ask(&worker, "/api/v1/fleet").assert_problem(403, "forbidden");
    server.ask(&boss, "/api/v1/fleet?after=x").assert_problem(400, "bad_request");

    let user = device["userId"].as_str().unwrap();
    let about = |call: &str| format!("/api/v1/sync/background/{call}?device=worker-phone&user={user}");
    let status = server.ask(&boss, &about("status")).json();
    assert_eq!((&status["queueSize"], &status["isActive"]), (&json!(12), &json!(true)), "{status}");
    assert_eq!(status["connectivity"]["connectionType"], "cellular");
    let metrics = server.ask(&boss, &about("metrics")).json();
    assert_eq!(metrics["historical"][0]["sessionId"], 7);
    let link = server.ask(&boss, &format!("/api/v1/sync/connectivity-test?device=worker-phone&user={user}"));
    assert_eq!(link.json()["reachable"], true, "{}", link.text);

    assert_eq!(server.send(&about("start"), Some(&boss), &json!({})).status, 202);
    assert_eq!(server.send(&about("pause"), Some(&boss), &json!({})).json()["paused"], true);
    let set = server.put(&about("settings"), &boss, &json!({ "syncIntervalMinutes": 15 }));
    assert_eq!(set.json()["revision"], 3, "{}", set.text);
    let refused = server.put(&about("settings"), &boss, &json!({ "syncIntervalMinutes": 0 }));
    assert_eq!(refused.assert_problem(422, "invalid")["fields"][0]["field"], "syncIntervalMinutes");
    assert_eq!(server.ask(&boss, &about("settings")).json(), json!({ "syncIntervalMinutes": 15 }));

    // The device reads, and says what it has taken.
    let idle = |taken: u64| json!({ "deviceId": "worker-phone", "pending": 0, "wishesTaken": taken });
    let wishes = server.beat(&worker, idle(0));
    assert_eq!((&wishes["startRevision"], &wishes["paused"]), (&json!(1), &json!(true)));
    assert_eq!(wishes["settings"], json!({ "syncIntervalMinutes": 15 }));
    server.beat(&worker, idle(3));
    assert_eq!(server.ask(&boss, &about("status")).json()["wishes"]["takenRevision"], 3);

    // Nobody else learns that there is such a person.
    server.ask(&stranger, &about("status")).assert_problem(404, "not_found");
    server.send(&about("pause"), Some(&stranger), &json!({})).assert_problem(404, "not_found");
    let rows = server.ask(&boss, &format!("/api/v1/audit?user={user}&limit=3")).json()["rows"].take();
    let said: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["event"].as_str().unwrap()).collect();
    assert_eq!(said, ["sync_settings", "sync_pause", "sync_start"]);
    assert_ne!(rows[0]["actorId"], json!(user));
}

#[test]
fn a_person_steers_their_own_devices() {
    let server = Server::start_without_demo();
    let worker = server.person("worker", "worker", "north");
    let own = server.ask(&worker, "/api/v1/sync/background/status").json();
    assert_eq!((own.get("queueSize"), own.get("reportedAt")), (None, None), "unknown: {own}");
    let paused = server.send("/api/v1/sync/background/pause?device=worker-phone", Some(&worker), &json!({}));
    assert_eq!(paused.json()["revision"], 1);
    let none = server.send("/api/v1/sync/background/pause?device=tablet", Some(&worker), &json!({}));
    none.assert_problem(404, "not_found");
    let other = json!({ "deviceId": "tablet", "pending": 0 });
    server.send("/api/v1/sync/heartbeat", Some(&worker), &other).assert_problem(403, "forbidden");
    let odd = json!({ "deviceId": "worker-phone", "pending": 0, "appVersion": "1\n" });
    server.send("/api/v1/sync/heartbeat", Some(&worker), &odd).assert_problem(422, "invalid");
}

#[test]
fn a_devices_heartbeat_registers_it_on_a_demo() {
    let server = Server::start();
    let beat = json!({ "deviceId": "phone", "pending": 4 });
    assert_eq!(server.send("/api/v1/sync/heartbeat", None, &beat).status, 200);
    let credentials = json!({ "email": "supervisor@fieldsync.example", "password": "demo-demo-demo" });
    let login = server.send("/api/v1/auth/login", None, &credentials).json();
    let fleet = server.ask(login["accessToken"].as_str().unwrap(), "/api/v1/fleet").json();
    assert_eq!(
        (&fleet["devices"][0]["deviceId"], &fleet["devices"][0]["pending"]),
        (&json!("phone"), &json!(4))
    );
}
