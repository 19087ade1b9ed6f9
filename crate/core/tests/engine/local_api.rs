//! The interface that the device answers itself (B8), online or not.

use crate::scripted::Host;
use fieldsync_core::{Cause, Command, Effect, Facts, Input, Millis, Role, StoreError};
use serde_json::{Value, json};

/// Status and body of the answer to a request.
fn ask(host: &mut Host, method: &str, path: &str, body: Option<&str>) -> (u64, Value) {
    let request = json!({"method": method, "path": format!("/api/v1/sync/{path}"), "body": body});
    let reply = host.ask("http", request).expect("a reply, whatever comes");
    let is_problem = reply["problem"].as_bool().expect("told");
    let status = reply["status"].as_u64().expect("a status");
    assert_eq!(is_problem, status >= 400);
    assert!(!is_problem || reply["body"]["status"] == status, "a problem document says its status");
    (status, reply["body"].clone())
}

fn offline() -> Host {
    let mut host = Host::new(Role::Worker);
    host.facts = Facts { online: Some(false), ..Facts::default() };
    host.pings.extend([false; 40]);
    host
}

#[test]
fn status_and_figures_are_there_without_a_network() {
    let mut host = offline();
    host.enqueue_readings(0..2);
    let (status, body) = ask(&mut host, "GET", "background/status", None);
    assert_eq!((status, &body["isActive"], &body["queueSize"]), (200, &json!(false), &json!(2)));
    assert_eq!(body["connectivity"]["connectionQuality"], "offline");
    assert_eq!(body["hold"]["why"], "offline");
    let (status, body) = ask(&mut host, "GET", "background/metrics", None);
    assert_eq!((status, &body["historical"]), (200, &json!([])));
    assert!(body["averagePerformance"]["successRate"].is_number());
}

#[test]
fn a_start_is_accepted_and_drains() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..2);
    let (status, body) = ask(&mut host, "POST", "background/start", None);
    assert_eq!((status, &body["queueSize"]), (202, &json!(2)));
    host.run_for(Millis::seconds(10));
    assert_eq!(host.server.holds(), 2);
    let (_, body) = ask(&mut host, "GET", "background/status", None);
    assert_eq!((&body["queueSize"], &body["currentProgress"]["trigger"]), (&json!(0), &json!("manual")));
}

#[test]
fn settings_are_read_and_some_of_them_written() {
    let mut host = offline();
    let change = Some(r#"{"minimumBatteryLevel":35,"priorityThreshold":"HIGH"}"#);
    let (status, body) = ask(&mut host, "PUT", "background/settings", change);
    assert_eq!(
        (status, &body["minimumBatteryLevel"], &body["maxRetryAttempts"]),
        (200, &json!(35), &json!(5))
    );
    let (_, read) = ask(&mut host, "GET", "background/settings", None);
    assert_eq!(read, body);
}

#[test]
fn a_pause_holds_until_it_is_resumed() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    assert_eq!(ask(&mut host, "POST", "background/pause", None).0, 200);
    assert_eq!(host.drain(Cause::Sync).remaining, 1);
    assert_eq!(ask(&mut host, "GET", "background/status", None).1["isPaused"], true);
    assert_eq!(ask(&mut host, "POST", "background/resume", None).0, 200);
    host.run_for(Millis::seconds(10));
    assert_eq!(host.server.holds(), 1);
}

#[test]
fn a_look_at_the_link_says_what_came_back() {
    let mut host = Host::new(Role::Worker);
    host.pings.extend([true, false, true]);
    let (status, body) = ask(&mut host, "GET", "connectivity-test", None);
    assert_eq!(
        (status, &body["pings"], &body["answered"], &body["reachable"]),
        (200, &json!(3), &json!(2), &json!(true))
    );
    assert_eq!(body["connectivity"]["connectionQuality"], "excellent");
    let (status, body) = ask(&mut offline(), "GET", "connectivity-test", None);
    assert_eq!((status, &body["reachable"], &body["roundTripMs"]), (200, &json!(false), &Value::Null));
    assert!(host.server.pushes.is_empty() && !host.holds_lock, "nothing is sent");
}

#[test]
fn bad_input_gets_a_problem_document_and_changes_nothing() {
    let mut host = offline();
    for (method, path, body, status, code) in [
        ("GET", "background/nothing", None, 404, "not_found"),
        ("DELETE", "background/settings", None, 405, "method_not_allowed"),
        ("PUT", "background/settings", None, 400, "bad_request"),
        ("PUT", "background/settings", Some("<html>"), 400, "bad_request"),
        ("PUT", "background/settings", Some("[]"), 400, "bad_request"),
        ("PUT", "background/settings", Some(r#"{"enabled":"yes"}"#), 400, "bad_request"),
        ("PUT", "background/settings", Some(r#"{"receiptDays":0,"metricsDays":9999}"#), 422, "invalid"),
    ] {
        let (got, problem) = ask(&mut host, method, path, body);
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{method} {path} {body:?}");
        assert!(problem["detail"].as_str().is_some_and(|words| words.ends_with('.')));
    }
    let (_, settings) = ask(&mut host, "GET", "background/settings", None);
    assert_eq!(settings["receiptDays"], 90);
    let wrong = Some(r#"{"receiptDays":0}"#);
    let (_, problem) = ask(&mut host, "PUT", "background/settings", wrong);
    assert_eq!(problem["fields"][0]["field"], "receiptDays");
    let (status, problem) = {
        host.call(
            Command::parse("http", r#"{"method":"GET","path":"/api/v1/sync/background/status"}"#)
                .expect("a call"),
        );
        let (token, _) = host.engine.poll_effect().expect("a look");
        host.handle(Input::Read(token, Err(StoreError::Failed("disk".into()))));
        match host.engine.poll_effect() {
            Some((_, Effect::Answer(_, answer))) => {
                let reply = serde_json::to_value(answer.expect("a reply")).expect("JSON");
                (reply["status"].clone(), reply["body"]["code"].clone())
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((status, problem), (json!(503), json!("unavailable")));
}
